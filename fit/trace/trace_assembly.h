/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gathers the spans of each trace from batches, whatever the order in which they come, and hands on whole traces.
 */
#ifndef LCI_TRACE_ASSEMBLE_H
#define LCI_TRACE_ASSEMBLE_H

#include "base/table.h"
#include "pool.h"
#include "reader.h"

/* A trace that may still grow. Arrays as in lc_trace, with alternatives; all of them are the pool's. */
struct lci_open {
    struct lci_pool *pool;
    struct lci_open *earlier, *later; /* by first appearance */
    size_t place;                     /* among the open ones */
    uint64_t high, low;
    uint64_t sequence; /* of first appearance */
    int64_t newest;    /* latest end of its spans */
    size_t bytes;      /* that it takes */
    bool complete, zipkin, pipeline, late, incomplete;
    struct lc_span *spans;
    size_t span_count, span_capacity;
    struct lc_attribute *attributes;
    size_t attribute_count, attribute_capacity;
    struct lc_event *events;
    size_t event_count, event_capacity;
    struct lc_link *links;
    size_t link_count, link_capacity;
    struct lci_alternative *alternatives;
    size_t alternative_count, alternative_capacity;
};

#define LCI_TRACE_MEMORY ((size_t)96 << 20) /* unless stated */
struct lci_assembler *lci_assembler_new(size_t memory, lc_trace_sink sink, void *context, lc_symbol unknown_service,
                                        struct lc_reading *reading);
void lci_assembler_free(struct lci_assembler *assembler);
struct lci_flow_store;
/* Where spans go that are rows of DeepFlow; NULL: they are left out. Borrowed. */
void lci_assembler_set_store(struct lci_assembler *assembler, struct lci_flow_store *store);
/* Takes the spans of the batch. Returns false when the sink wants no more. */
bool lci_assemble(struct lci_assembler *assembler, const struct lci_batch *batch);
/* Notes that the source did not give all spans of a trace, some of which it gave already. */
void lci_mark_incomplete(struct lci_assembler *assembler, const struct lci_trace_id *id);
/* Hands on all traces that are still open, by first appearance. */
bool lci_assemble_rest(struct lci_assembler *assembler);
bool lci_assembler_stopped(const struct lci_assembler *assembler);

/* In how many traces one step of a pipeline began before the next, by more than the clock's unit. */
struct lci_step_order {
    lc_symbol before, after;
    uint64_t traces;
};
struct lci_step_orders {
    struct lci_step_order *items;
    size_t count, capacity;
};
/* Counts those of a trace: of every one that is there, before the first of them is normalised. */
void lci_note_orders(struct lci_step_orders *orders, const struct lci_open *open);

/* Working memory of lci_normalise, kept between traces. */
struct lci_scratch {
    struct lci_step_orders orders; /* of pipelines */
    struct lci_table table;        /* by span id */
    uint32_t *parents;             /* index of the parent, UINT32_MAX: none */
    uint8_t *marks;
    size_t capacity;
};
void lci_scratch_free(struct lci_scratch *scratch);

/* Makes the spans of an open trace what lc_trace promises; every repair is counted. */
void lci_normalise(struct lci_open *open, lc_symbol unknown_service, struct lci_scratch *scratch,
                   struct lc_repairs *repairs);

#endif
