/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the recorder knows of the threads of an engine: shared by recorder.c and attempts.c.
 */
#ifndef LCI_RECORDER_H
#define LCI_RECORDER_H

#include "record.h"

struct slot {
    /* job: the request that is served, or the message on its way. A request with attempts: what its messages carry. */
    struct lci_trace *trace; /* NULL: not recorded */
    uint64_t span, parent;
    uint32_t host; /* in whose name calls are made */
    bool source;   /* its calls begin traces of their own */
    bool root;     /* comes from a source */
    bool silent;   /* a helper that has no span */
    bool failed;   /* its answer is an error */
    bool attempts; /* no message itself, but a request with attempts */
    /* thread of control: the call at hand */
    uint32_t made;         /* thread that an asynchronous call made, as far as can be told; attempt: its message */
    uint64_t client;       /* span of a synchronous call; 0: none */
    uint32_t client_entry; /* called */
    double client_sent;
    bool client_failed;
    double given_up; /* helper: when its caller went on without it; infinite: it has not */
};

struct lci_recorder {
    const struct lci_program *program;
    struct lc_record_options options;
    struct lci_writer *writer;
    struct slot *slots;
    uint32_t slot_count;
    struct lci_trace *free_trace;
    struct lci_trace *made; /* all that were ever made, complete or not */
    struct lc_random ids, sampling;
    uint64_t seed;
    uint32_t *hosts;   /* of each instance at present */
    uint32_t *started; /* of each task: hosts so far */
    int64_t *offsets;  /* ns, of each host's clock */
    size_t host_count, host_capacity;
    double unit;             /* ns of the model's unit of time */
    double from;             /* requests before belong to the warm-up */
    double tokens, refilled; /* of the limited rate; when there were so many */
    uint64_t begun, complete, spans;
};

struct slot *lci_slot_of(struct lci_recorder *r, uint32_t thread);
uint64_t lci_record_id(struct lci_recorder *r);
/* A span of kind and of the ids, host and entry that `span` tells, from `start` to `end` in the model's time. */
void lci_add_span(struct lci_recorder *r, struct lci_trace *trace, struct lci_span span, double start, double end);
/* A request is not under way any more; the last one completes the trace. */
void lci_close_request(struct lci_recorder *r, struct lci_trace *trace);
/* Another replica of a task: a host of its own. */
void lci_add_host(struct lci_recorder *r, uint32_t instance);

static inline bool lci_is_helper(const struct lci_program *p, uint32_t entry)
{
    return !p->model->tasks[p->tasks[p->entries[entry].task].model].service;
}

#endif
