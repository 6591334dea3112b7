/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a visit becomes steps, and steps become patterns.
 */
#ifndef LCI_NETWORK_TIMELINE_H
#define LCI_NETWORK_TIMELINE_H

#include "network/patterns/patterns.h"

/* ---- timeline.c -------------------------------------------------------------------------------------------------- */

struct lci_step {
    enum lci_step_kind kind;
    size_t first, count; /* into the timeline's calls */
    double begin, end;   /* equal for sends */
    double inner;        /* runs: self time between the calls */
};

struct lci_timeline {
    struct lci_step *steps;
    size_t step_count, step_capacity;
    struct lci_call *calls; /* in canonical order within a step: by operation, then time */
    size_t call_count, call_capacity;
    double *segments; /* step_count + 1 self times; signed, because clocks are coarse; sum + blocked = duration */
    size_t segment_capacity;
};

/* How often a call of `b` followed one of `a`, and how often they overlapped by more than the clock's resolution. */
struct lci_overlap {
    uint32_t a, b; /* a: LCI_NO_OPERATION when b is the first call */
    uint64_t count, overlapping;
};
struct lci_overlaps {
    struct lci_overlap *pairs;
    size_t count, capacity;
    struct lci_table table; /* by a and b */
    double tolerance;       /* s */
};

void lci_overlaps_gather(const struct lci_visits *visits, const struct lci_operation *operation,
                         struct lci_overlaps *overlaps);
void lci_overlaps_free(struct lci_overlaps *overlaps);

struct lci_alignment { /* visits with the same calls, and how these are read */
    struct lci_alike *items;
    size_t count, capacity;
    struct lci_table table; /* by key */
};
/* How the visits of an operation are read. */
struct lci_readings {
    struct lci_overlaps overlaps;
    struct lci_alignment alignment;
    bool doubtful;              /* some visits with the same calls look different */
    struct lci_tokens repeated; /* operations that some visit calls very often one after the other */
    bool long_;                 /* some visit has very many steps all the same */
};

/* The steps of one visit at first sight; no segments. */
void lci_timeline_read(const struct lci_variant *variant, const struct lci_visit *visit,
                       const struct lci_overlaps *overlaps, struct lci_timeline *timeline);
/* Notes what of the visit is too long to be a step a call. */
void lci_note_length(struct lci_readings *readings, const struct lci_timeline *timeline);
/* With `runs`, single calls one after the other become one step; else those of operations that are repeated do. */
void lci_timeline_make(const struct lci_variant *variant, const struct lci_visit *visit,
                       const struct lci_readings *readings, bool runs, struct lci_timeline *timeline);
void lci_timeline_free(struct lci_timeline *timeline);

/* ---- align.c ----------------------------------------------------------------------------------------------------- */

void lci_token_add(struct lci_tokens *tokens, uint32_t token);
bool lci_tokens_equal(const struct lci_tokens *a, const struct lci_tokens *b);
uint32_t lci_tokens_hash(const struct lci_tokens *tokens);
/* The timeline's signature: its steps, and the operations that each calls. */
void lci_timeline_sign(const struct lci_timeline *timeline, struct lci_tokens *tokens);

void lci_readings_make(const struct lci_visits *visits, const struct lci_operation *operation,
                       struct lci_readings *readings);
void lci_readings_free(struct lci_readings *readings);
/* Steps at first sight become those that explain more visits, if the visit's times allow these. */
void lci_align(const struct lci_readings *readings, const struct lci_variant *variant, const struct lci_visit *visit,
               struct lci_timeline *timeline);

/* ---- call_patterns.c --------------------------------------------------------------------------------------------- */

/* The patterns of an operation over the classes that `member` names; the rare ones are merged with the nearest. */
void lci_patterns_gather(const struct lci_visits *visits, const struct lci_operation *operation, const bool *member,
                         const struct lci_readings *readings, struct lci_patterns *patterns);
/* What is seen of `variants` (one per class), nothing merged; `patterns->runs` is set, the rest empty. */
void lci_patterns_see(const struct lci_variant *variants, const bool *member, size_t class_count,
                      const struct lci_readings *readings, struct lci_patterns *patterns);

/* ---- release_pooling.c ------------------------------------------------------------------------------------------- */

/* Adds to the patterns' segments the times of other releases where the same pattern has them and a test does not tell
 * them apart. */
void lci_pool_patterns(const struct lci_visits *visits, const struct lci_operation *operation, const bool *member,
                       const struct lci_readings *readings, struct lci_patterns *patterns);
/* The same for one time, release `release`. */
void lci_pool_samples(const struct lci_visits *visits, size_t release, struct lci_samples *own,
                      const struct lci_samples *other, struct lci_pooling *pooling);

/* ---- latency.c --------------------------------------------------------------------------------------------------- */

/* Of a behaviour whose visits and clusters are known. */
void lci_latencies_gather(const struct lci_behaviour *behaviour, struct lci_latencies *latencies);

#endif
