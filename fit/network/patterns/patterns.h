/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Learning, second stage: visits → patterns. Which classes an operation treats alike, the steps of its visits, the
 * patterns of these steps with the samples of their times, and network latency.
 */
#ifndef LCI_NETWORK_PATTERNS_H
#define LCI_NETWORK_PATTERNS_H

#include "network/visits/visits.h"

/* ---- samples.c, call_patterns.c ---------------------------------------------------------------------------------- */

enum lci_step_kind {
    LCI_STEP_CALLS, /* calls that overlap; one call: the caller just waits */
    LCI_STEP_SENDS, /* calls that nobody waits for */
    LCI_STEP_RUN,   /* any number of calls one after the other, whatever their order */
};

#define LCI_STEP_TOKEN UINT32_C(0x80000000) /* of a step, with its kind; those of operations have not this bit */
struct lci_tokens {
    uint32_t *items;
    size_t count, capacity;
};

struct lci_traces { /* one per visit */
    uint32_t *items;
    size_t count, capacity;
};

struct lci_samples {
    double *values;   /* signed, because clocks are coarse */
    uint32_t *traces; /* the lower half of the trace's hash */
    size_t count, capacity;
    double sum;
    size_t others; /* of `count`, those of other releases */
    double others_sum;
    double size_correlation; /* with the size of the request (dependence.c); 0: none */
};
void lci_samples_add(struct lci_samples *samples, double value, uint32_t trace);
void lci_samples_free(struct lci_samples *samples);

struct lci_counts { /* numbers of calls per operation of one step, and in how many visits */
    uint32_t *numbers;
    uint64_t visits;
    struct lci_traces traces;
};

struct lci_pattern_call {
    uint32_t operation;
    struct lci_samples offset;
};

struct lci_pattern_step {
    enum lci_step_kind kind;
    struct lci_pattern_call *calls; /* groups: one per call; sends and runs: one per operation */
    size_t call_count;
    struct lci_counts *counts; /* sends and runs; sorted by numbers */
    size_t count_count, count_capacity;
    struct lci_samples inner; /* runs */
    struct lci_samples took;  /* from its begin to its end, of the timed visits */
};

struct lci_pattern {
    struct lci_tokens signature;
    uint64_t visits;          /* that are counted here, merged ones included */
    uint64_t own;             /* that had exactly this pattern */
    uint64_t timed;           /* of `own`, those whose durations may be used */
    struct lci_traces traces; /* of `visits` */
    struct lci_pattern_step *steps;
    size_t step_count;
    struct lci_samples *segments; /* step_count + 1 */
    double self;                  /* sum over the timed visits of their self time, merged ones included */
    uint64_t self_visits;
};

struct lci_pooling { /* how times of other releases compare with those of the release that is learned */
    size_t comparisons, alike;
    double least; /* probability among those that are alike */
    size_t most;  /* samples of one time */
    bool *used;   /* per other release; NULL: no comparison */
};

struct lci_patterns {
    struct lci_pattern *items; /* most frequent first */
    size_t count, capacity;
    uint64_t seen; /* visits, kept or not */
    uint64_t visits, merged_visits;
    size_t merged_kinds;
    bool runs; /* single calls were gathered to runs, because their numbers vary */
    struct lci_pooling pooling;
};

void lci_patterns_free(struct lci_patterns *patterns);
void lci_traces_add(struct lci_traces *traces, uint32_t trace);

/* ---- release_pooling.c ------------------------------------------------------------------------------------------- */

#define LCI_RELEASES_APART 0.01 /* below this, a test tells two releases apart */
/* Adds one to the sum. */
void lci_pooling_add(const struct lci_visits *visits, struct lci_pooling *sum, const struct lci_pooling *one);

/* ---- partition.c ------------------------------------------------------------------------------------------------- */

/* The same for samples that stay in their order; those that were pooled from other releases do not count. */
double lci_samples_alike(const struct lci_samples *a, const struct lci_samples *b);
struct lci_clusters { /* which classes of requests an operation treats alike */
    size_t *of;       /* per class: its cluster; SIZE_MAX: no visits */
    size_t count;
};
/* Of every operation; the array and what it points to are the caller's. */
struct lci_clusters *lci_partition(const struct lci_visits *visits);

/* ---- latency.c --------------------------------------------------------------------------------------------------- */

/* Client duration − server duration, per caller's cluster and called operation. */
struct lci_latency {
    uint32_t caller, callee;
    size_t caller_cluster, callee_cluster;
    double rounding; /* s: by less than this may a sample be wrong because of the clocks' units */
    struct lci_samples samples;
    struct lci_samples
        hops[LCI_HOPS]; /* parts of it that are known of (nearly) all calls, and taken out of `samples` */
    double hop_means[LCI_HOPS];
    double mean; /* of the time between caller and callee: after the callee's second phase was taken out, ≥ 0 */
};
struct lci_latencies {
    struct lci_latency *items; /* caller by caller */
    size_t count, capacity;
    uint32_t *by_callee; /* their indices, by callee, caller and the caller's cluster */
    struct lci_pooling pooling;
};
void lci_latencies_free(struct lci_latencies *latencies);
struct lci_latency *lci_latency_find(const struct lci_latencies *latencies, uint32_t caller, size_t cluster,
                                     uint32_t callee);
/* How long the callee goes on after its reply, at the least: what the client's spans are shorter than the server's. */
double lci_second_phase(const struct lci_latencies *latencies, uint32_t callee, size_t cluster);

/* ---- waiting.c --------------------------------------------------------------------------------------------------- */

#define LCI_LOADED 0.01 /* part of the times that is waiting, from which traces were taken under load */

struct lci_before {     /* what calls of a service waited before its spans */
    double waited;      /* s, on the average of all calls; NaN: it cannot be told */
    double response;    /* s, of the calls, on the average */
    size_t calls, full; /* that have spans on both sides; those that found every thread busy */
};
struct lci_waited { /* sums over the visits of a service, in which waiting for its threads, or cores, was taken out */
    double before, after, unhindered;
    double regressed; /* cores: by regression over what each piece of work found */
    double servers;   /* threads or cores of all instances */
    double share;     /* cores: of the time after, that is processor work */
    size_t visits, waited, contradictions;
};
struct lci_alone { /* visits of a service with locks, and those that found nobody there */
    size_t visits, alone;
    double all, own; /* s: own time on the average, of all and of those */
};
struct lci_service_waiting {
    const struct lc_capacity *capacity;
    struct lci_before before;
    struct lci_waited threads, cores; /* visits 0: not stated */
    struct lci_alone locks;
};
struct lci_pool_waiting {
    const char *owner, *target;
    struct lci_waited waited;
};
struct lci_waiting {
    struct lci_service_waiting
        *services; /* whose limits are stated, and whose visits are known, in the options' order */
    size_t count, capacity;
    struct lci_pool_waiting *pools;
    size_t pool_count, pool_capacity;
    size_t limited;   /* services whose limits are stated */
    double recorded;  /* s; 0: nobody knows for how long was recorded */
    double load;      /* of the busiest service whose limits are stated, of all requests */
    size_t contended; /* services without a stated limit where requests waited all the same */
    lc_symbol where;  /* the first of them */
};
/* Part of the times that was waiting: before the spans, and within them. */
double lci_part_before(const struct lci_before *before);
double lci_part_waited(const struct lci_waited *waited);
/* Part of the limit that was kept busy; NaN: nobody knows for how long was recorded. */
double lci_kept_busy(const struct lci_waited *waited, double seconds);

/* ---- behaviour.c ------------------------------------------------------------------------------------------------- */

struct lci_unit { /* an operation for the requests of one cluster: what becomes an entry */
    uint32_t operation;
    size_t cluster;
    size_t next;            /* unit of the operation; SIZE_MAX: this is the last */
    bool root, sync, async; /* how it is reached */
    struct lci_patterns patterns;
};

/* ---- dependence.c ------------------------------------------------------------------------------------------------ */

struct lci_dependence {   /* of times of one request on each other: on its size */
    size_t times;         /* that depend on it; 0: none */
    uint32_t *operations; /* of these; latencies: the caller */
    size_t traces;        /* that have two of them */
    double bic;           /* less than that of independence */
    double correlation;   /* of the normal scores of two of these times, on the average */
};
/* The part of requests in the slowest tenth of one time that are so in another, of this correlation. */
double lci_dependence_together(double correlation);

struct lci_behaviour { /* what operations do: the second stage's value */
    const struct lci_visits *recorded;
    struct lci_visits visits;      /* as they were served: without refused calls, and without waiting */
    struct lci_clusters *clusters; /* per operation */
    struct lci_unit *units;        /* in the order in which requests meet them */
    size_t unit_count, unit_capacity;
    size_t *first_unit; /* per operation; SIZE_MAX: no request reaches it */
    struct lci_latencies latencies;
    struct lci_waiting waiting;
    struct lci_dependence dependence;
};
/* Of the times of the behaviour, in their samples and as a whole. */
void lci_dependence_find(struct lci_behaviour *behaviour);
/* From visits that are finished, which are not changed and must live as long. −1 with an error appended when waiting is
 * to be taken out and no limit is known; lci_behaviour_free() in any case. */
int lci_behaviour_make(const struct lci_visits *visits, struct lci_behaviour *behaviour, struct lc_diag *diag);
void lci_behaviour_free(struct lci_behaviour *behaviour);
/* The cluster of the called operation that requests of the caller's cluster meet. */
size_t lci_callee_cluster(const struct lci_behaviour *behaviour, uint32_t caller, size_t cluster, uint32_t callee);

#endif
