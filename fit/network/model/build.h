/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Learning, third stage: patterns → the layered queueing network with its distributions, their bootstrap replicates,
 * and what is assumed.
 */
#ifndef LCI_NETWORK_BUILD_H
#define LCI_NETWORK_BUILD_H

#include "network/facts/facts.h"
#include "network/patterns/patterns.h"

/* ---- network.c --------------------------------------------------------------------------------------------------- */

/* What a time would have been; all NULL when no replicates are wanted, or where there are no samples. */
struct lci_time_replicates {
    double *ratios;         /* of its mean */
    double *table, *powers; /* as those of lc_replicated; NULL: it does not vary, or is always the same */
    double cv2;             /* of the fitted distribution */
};
void lci_time_replicates_free(struct lci_time_replicates *time);

struct lci_entries { /* of the model, per cluster of an operation; LC_NONE: there is none */
    int *answering;  /* its caller waits */
    int *silent;     /* nobody waits */
};

struct lci_fitted_latency {
    const struct lci_latency *of;
    struct lc_dist dist; /* family NULL: no call of the model has needed it */
    struct lci_time_replicates replicates;
    struct lc_dist hops[LCI_HOPS]; /* the same of the parts that are known by themselves */
    struct lci_time_replicates hop_replicates[LCI_HOPS];
};

struct lci_learned_gather; /* gathers.c */

struct lci_builder {
    const struct lci_behaviour *behaviour;
    const struct lci_visits *visits; /* the behaviour's */
    struct lc_learned *learned;
    struct lci_entries *entries;          /* per operation */
    int *tasks;                           /* of the model, per service of the visits; LC_NONE */
    struct lci_fitted_latency *latencies; /* per latency of the behaviour */
    struct lc_symbols *taken;             /* names of activities, with their tasks */
    struct lci_learned_gather *gathers;
    size_t gather_count;
};
/* The third stage: the model and all that is learned with it. −1 with errors appended. */
int lci_network_build(const struct lci_behaviour *behaviour, struct lc_learned *learned, struct lc_diag *diag);
int lci_add_task(struct lc_model *model, const char *name, int processor);
int lci_add_processor(struct lc_model *model, const char *name);

/* ---- entry_names.c ----------------------------------------------------------------------------------------------- */

/* The service's; a helper's for what it calls within itself: no task may wait for itself; and a helper's for what it
 * does around its slots, without a thread. The names are the caller's. */
char *lci_task_name(const struct lci_visits *visits, const struct lci_operation *operation);
char *lci_entry_name(const struct lci_behaviour *behaviour, const struct lci_unit *unit);
/* As a person knows it: helpers are not told apart. */
char *lci_spoken_name(const struct lci_behaviour *behaviour, const struct lci_unit *unit);

/* ---- replicates.c ------------------------------------------------------------------------------------------------ */

/* How often each group of samples counts in a replicate: group[i] is that of sample i. */
void lci_replicate_weights(const struct lci_samples *samples, const uint16_t *group, size_t groups, size_t replicate,
                           double *weights);
/* Per replicate the ratio to the shares of lists of visits of what the replicate makes of them: the replicates of the
 * first, then those of the second, … In each replicate the shares sum to 1. */
double *lci_replicate_shares(const struct lc_learned *learned, const struct lci_traces *const *lists, size_t count);
/* The same for the mean of a number that is numbers[i] in the visits of list i. */
double *lci_replicate_numbers(const struct lc_learned *learned, const struct lci_traces *const *lists,
                              const double *numbers, size_t count, double mean);
/* Adds replicates to what was learned: takes the path, copies the ratios (NULL: nothing is added). */
void lci_replicated_add(struct lc_learned *learned, char *path, const double *ratios);

/* Per replicate the ratio to `mean` of what the samples' mean makes of it; NULL when no replicates are wanted. */
double *lci_replicate_ratios(const struct lc_learned *learned, const struct lci_samples *samples, double mean,
                             const struct lci_time_replicates *time); /* table and cv2 are known */
/* The same with the shape, which is copied as well. */
void lci_replicated_add_time(struct lc_learned *learned, char *path, const struct lci_time_replicates *time);
/* Gives another number of the model, whose path is taken, the replicates of one that has some. */
void lci_replicated_copy(struct lc_learned *learned, const char *from, char *path);

/* ---- replicate_shapes.c ------------------------------------------------------------------------------------------ */

/* LC_SHAPE values in place of a distribution (learn.h), and their skewness. */
double *lci_make_table(const struct lc_dist *dist);
double lci_table_skewness(const double *table);
/* The powers of the table in the replicates. `fitted`, with replicates->table and cv2, is the distribution of the
 * samples, `choice` how it was chosen. NULL where nothing is known of the spread: all samples come from one trace. */
double *lci_replicate_powers(const struct lc_learned *learned, const struct lci_samples *samples,
                             const struct lc_dist *fitted, const struct lc_choice *choice,
                             const struct lci_time_replicates *replicates);

/* ---- short_times.c ----------------------------------------------------------------------------------------------- */

/* The unit of a service's clock (s), and what whole visits of one entry tell of self times that are shorter. */
struct lci_clock {
    double unit;
    bool known;        /* else `why` not */
    bool apart;        /* cv2 is not that of an exponential, by two standard errors */
    double cv2, error; /* squared coefficient of variation, and its standard error */
    bool fractions;    /* some of these times are no multiples of the unit: they were not read in it */
    const char *why;
};
struct lci_clock lci_see_clock(const struct lci_patterns *patterns, double unit);
/* The clock of a time between caller and callee that is shorter than its unit and was read in it; else unit 0. */
struct lci_clock lci_latency_clock(const struct lci_visits *visits, uint32_t caller, uint32_t callee,
                                   const struct lci_samples *samples, double mean);

/* ---- fitting.c, origins.c ---------------------------------------------------------------------------------------- */

/* Comments of the model's elements that tell where their numbers come from: of all parameters, and of one branch. */
void lci_tell_origins(struct lc_learned *learned);
void lci_tell_share(struct lc_activity *activity, uint64_t count, uint64_t of);

/* A distribution for the samples, with exactly this mean; family NULL when the mean is not positive. Each sample may be
 * wrong by the clock's unit in either direction; NULL: by nothing. Says in `learned` where the numbers of the model's
 * element `path` come from. `replicates`, for lci_time_replicates_free(), may be NULL. */
struct lc_dist lci_fit_time(struct lc_learned *learned, const char *path, const struct lci_samples *samples,
                            double mean, const struct lci_clock *clock, struct lci_time_replicates *replicates);
/* A number that is a relative frequency. */
void lci_note_share(struct lc_learned *learned, const char *path, uint64_t count, uint64_t of);

/* ---- class_entries.c --------------------------------------------------------------------------------------------- */

/* Which entry serves the class, in class_entry and its neighbours of what is learned. */
void lci_serve_class(const struct lci_builder *builder, size_t class_);

/* ---- gathers.c --------------------------------------------------------------------------------------------------- */

/* Calls that the last of several requests of a trace makes: those that the model can have, and a word on the others. */
void lci_gathers_find(struct lci_builder *builder);
void lci_gathers_free(struct lci_builder *builder);
struct lci_gathered {  /* of an operation whose requests are gathered */
    uint32_t requests; /* of a trace; 0: they are not */
    bool *last;        /* per pattern: the last request's */
    /* Where the others call nobody, the work up to where it is seen which one is the last: of all requests, and
     * patterns without it. Else `patterns` has no items. */
    struct lci_samples begin;
    double begin_mean;
    struct lci_patterns patterns;
};
struct lci_gathered lci_gathered_of(const struct lci_builder *builder, uint32_t operation,
                                    const struct lci_patterns *patterns);
void lci_gathered_free(struct lci_gathered *gathered);

/* ---- forwarding.c ------------------------------------------------------------------------------------------------ */

/* The entry passes on the requests that the visits passed on, with the share of the visits as probability. */
void lci_forwards_add(const struct lci_builder *builder, uint32_t operation, size_t cluster, int entry);

/* ---- entry_graph.c ----------------------------------------------------------------------------------------------- */

/* Fills entry `entry` with the operation's patterns. `replies`: it has callers that wait. */
void lci_graph_build(struct lci_builder *builder, uint32_t operation, size_t cluster, int entry, bool replies,
                     const struct lci_patterns *patterns);

/* ---- assumptions.c ----------------------------------------------------------------------------------------------- */

void lci_assume_services(const struct lci_builder *builder);
/* Of a service with several instances. */
void lci_assume_replicas(const struct lci_visits *visits, const struct lci_task *task, const char *name,
                         struct lc_learned *learned);
void lci_assume_few_samples(struct lc_learned *learned);
void lci_assume_short_times(struct lc_learned *learned);
void lci_assume_sample(struct lc_learned *learned); /* after the entries were summarised */
/* Of all places together: which times come from where, the numbers of samples of the parameters tell. */
void lci_assume_pooling(const struct lci_visits *visits, struct lc_learned *learned, const struct lci_pooling *pooling);

/* ---- timeouts.c -------------------------------------------------------------------------------------------------- */

/* Policies of the model, for calls that were given up after one and the same time. */
void lci_learn_timeouts(const struct lci_builder *builder);

/* ---- waiting_assumed.c ------------------------------------------------------------------------------------------- */

/* How much waiting was taken out, or that it was not, as assumptions. */
void lci_tell_waiting(const struct lci_behaviour *behaviour, struct lc_learned *learned);

/* ---- evidence.c -------------------------------------------------------------------------------------------------- */

void lci_summarise_entry(const struct lci_builder *builder, int entry, const struct lci_patterns *patterns);
void lci_summarise_latencies(const struct lci_builder *builder);
void lci_summaries_free(struct lc_learned *learned);

/* ---- work_split.c ------------------------------------------------------------------------------------------------ */

struct lci_work_split {    /* what becomes of the self time of an operation */
    double share;          /* processor time / self time */
    double relative_error; /* of the share */
    const char *method;
};
/* Divides it between the processor and a delay that keeps the thread only. */
void lci_split_work(const struct lci_builder *builder, uint32_t operation, const struct lci_work_split *split);

/* ---- cpu_time.c -------------------------------------------------------------------------------------------------- */

/* Whether spans of the operation told for how long their threads kept a core. */
bool lci_cpu_time_known(const struct lci_operation *operation, size_t class_count);
/* Divides self times by that. */
void lci_cpu_time_apply(const struct lci_builder *builder);

/* ---- batch.c ----------------------------------------------------------------------------------------------------- */

/* Whether jobs of the operation wait for the end of a window of so many s, not in a queue. */
bool lci_is_batch(const struct lci_operation *operation, size_t class_count, double *window);
/* Puts a delay before them. */
void lci_batches_apply(const struct lci_builder *builder);

/* ---- deployment_said.c ------------------------------------------------------------------------------------------- */

/* Cores and replicas that attributes of resources and figures of processors tell, as assumptions with their sources;
 * warn where sources contradict each other. The one before lci_assume_services, the other after it. */
void lci_cores_said(const struct lci_builder *builder, struct lc_diag *diag);
void lci_replicas_said(const struct lci_builder *builder, struct lc_diag *diag);
/* The same of all services where no model is made. */
void lci_tell_deployment(const struct lci_visits *visits, struct lc_learned *learned, struct lc_diag *diag);

/* ---- utilization_split.c ----------------------------------------------------------------------------------------- */

/* The same by the utilization of services, where that is known and threads tell nothing. */
int lci_utilization_apply(const struct lci_builder *builder, struct lc_diag *diag);

#endif
