/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The kinds of servers that traces are pulled from: one file each and a line of the table in sources.c.
 */
#ifndef CLI_PULL_SOURCES_H
#define CLI_PULL_SOURCES_H

#include "elements.h"
#include "http.h"
#include "pulled.h"

#include <jansson.h>

/* One source that is being pulled. */
struct pull {
    const char *shown; /* "jaeger:http://host:16686" */
    char *base;        /* URL without a slash at its end */
    const char *const *services;
    size_t service_count;
    int64_t from, until; /* the window, ns since 1970 */
    unsigned most;       /* traces */
    struct pull_http *http;
    struct pulled pulled;
    void (*progress)(void *context, uint64_t bytes);
    void *context;
    struct lc_diag *diag;
    bool full;        /* there were more than `most` traces */
    uint64_t largest; /* elements of an answer, since it was set to 0 */
    uint64_t cap;     /* of the server, however many it is asked for; 0: none is known */
    uint64_t trusted; /* as many elements were a whole answer */
    void *state;      /* the source's own */
};

struct pull_source {
    const char *name;
    int (*pull)(struct pull *pull); /* 0, or −1 with an error appended */
};
extern const struct pull_source *const pull_sources[]; /* ends with NULL */
extern const struct pull_source pull_jaeger, pull_tempo, pull_zipkin, pull_elasticsearch, pull_deepflow;

/* ---- windows ----------------------------------------------------------------------------------------------------- */

struct pull_window {
    int64_t from, until; /* both belong to it; in the source's unit */
};
/* Asks for a window, whose answer is cut off at `limit` traces. 1: it was, or may have been, and nothing of it is kept;
 * 0: done; −1 with an error appended. `last`: the window cannot be halved, so what comes is kept, and 1 says that there
 * is more. */
typedef int (*pull_ask)(struct pull *pull, const struct pull_window *window, unsigned limit, bool last);
/* The same of the traces that a service takes part in; pull_each_service() asks so for each of the pull's. */
typedef int (*pull_ask_service)(struct pull *pull, const char *service, const struct pull_window *window,
                                unsigned limit, bool last);
int pull_each_service(struct pull *pull, pull_ask_service ask, const struct pull_window *window, unsigned limit,
                      bool last);
/* The whole window of the pull, the newest part first, halved where an answer is cut off; `unit` in ns. */
int pull_windows(struct pull *pull, int64_t unit, unsigned limit, pull_ask ask);
/* Whether an answer of this many elements may be a part of what there is. */
bool pull_is_cut(struct pull *pull, uint64_t elements, unsigned limit);

/* ---- answers ----------------------------------------------------------------------------------------------------- */

/* An answer whose elements are traces, or parts of them, that go to the file. Paths in the grammar: wanted[0] is a
 * trace's id, the first of an element; NULL there: there is none, and every element is new. */
struct pull_traces {
    const struct pull_grammar *grammar;
    bool parts;  /* elements are parts of traces that are counted elsewhere */
    bool rows;   /* elements are items of one array: commas stand between them */
    bool spread; /* elements are spans of a resource: each names its trace, and a trace has several */
    bool binary; /* the answer may be protobuf, which is one element */
    int (*value)(void *context, size_t wanted, const char *text, size_t length,
                 bool quoted); /* of others; may be NULL */
    void *context;
    /* Filled in. */
    uint64_t elements; /* of the answer, kept or not; when `spread` its traces */
    /* While it is read. */
    struct pull *pull;
    struct pull_elements *reader;
    uint64_t before; /* traces pulled before the answer */
    bool was_full, has_id, keep, disk;
    enum { PULL_NOTHING_YET, PULL_JSON, PULL_PROTOBUF } form;
};
/* PULL_FAILED with an error appended, as pull_http_ask() otherwise. What came from it is undone unless it is PULL_DONE.
 */
enum pull_answer pull_traces_ask(struct pull_traces *traces, struct pull *pull, const char *url, const char *body,
                                 const char *content_type);
/* Takes back what came from an answer that is PULL_DONE, to ask for it in smaller parts. */
void pull_traces_undo(struct pull_traces *traces);
/* A small answer as a document; NULL with an error appended. `missing`: set when the status is 404, which then is no
 * error; NULL: it is one. */
json_t *pull_document(struct pull *pull, const char *url, const char *body, const char *expected, bool *missing);
/* Of a document that is not what it should be: one error, −1. */
int pull_unexpected(struct pull *pull, const char *url, const char *found, const char *expected);
/* The services of an array of texts, for a pull that names none, or to hold those that it names against. Owned by the
 * caller; NULL with an error appended. */
const char **pull_services(struct pull *pull, const json_t *names, size_t *count);

#endif
