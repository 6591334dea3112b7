/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Recording: the engine runs a recorded program (LCI_RECORD), the recorder makes spans of what it reports, the writer
 * makes text of traces that are complete.
 */
#ifndef LCI_RECORD_H
#define LCI_RECORD_H

#include "engine.h"
#include "loadcast/record.h"

enum lci_span_kind { LCI_SPAN_SERVER, LCI_SPAN_CLIENT, LCI_SPAN_PRODUCER, LCI_SPAN_CONSUMER };

struct lci_span {
    uint64_t id, parent; /* parent 0: none */
    int64_t start, end;  /* ns since the epoch, by the clock of the instance */
    uint32_t host;       /* whose span it is: lci_writer_host() */
    uint32_t entry;      /* called */
    enum lci_span_kind kind;
    bool failed;
    enum { LCI_NO_CACHE, LCI_CACHE_MISS, LCI_CACHE_HIT } cache; /* asked in place of the entry */
};

/* A trace in the making; complete when no request of it is under way. */
struct lci_trace {
    uint64_t high, low;
    struct lci_span *spans; /* in the order of their ends */
    size_t count, capacity;
    const char *policy;            /* why it was kept, when that was decided at its end; else NULL */
    uint64_t open;                 /* requests that are served, and messages that nobody waits for */
    struct lci_trace *next;        /* in the list of free records */
    struct lci_trace *made_before; /* in the list of all */
};

struct lci_writer;
struct lci_writer *lci_writer_new(const struct lci_program *program, const struct lc_record_options *options,
                                  const char *file, struct lc_diag *diag); /* NULL: an error was appended */
/* Another instance of a service, the `number`th one from 1; returns what spans call it, counted from 0. */
uint32_t lci_writer_host(struct lci_writer *writer, const char *service, uint32_t number);
void lci_writer_trace(struct lci_writer *writer, const struct lci_trace *trace);
/* Ends the file and frees the writer; −1 and an error if it could not be written. */
int lci_writer_close(struct lci_writer *writer, struct lc_diag *diag);
void lci_writer_abandon(struct lci_writer *writer);

struct lci_recorder;
struct lci_recorder *lci_recorder_new(const struct lci_program *program, const struct lc_sim_options *simulation,
                                      const struct lc_record_options *options, struct lci_writer *writer);
void lci_recorder_free(struct lci_recorder *recorder);
/* Traces that began, those that are complete, and spans of these. */
void lci_recorder_counts(const struct lci_recorder *recorder, uint64_t *begun, uint64_t *complete, uint64_t *spans);

#endif
