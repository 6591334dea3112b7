/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of this folder share. The way of the data:
 *
 *   collect.c    trees → visits: what every operation did, per class of requests
 *   shard_write.c, shard_read.c  what was collected → a file, and back
 *   sample.c     which visits are kept when there are many
 *   order.c      everything in an order that does not depend on that of the input
 *   match.c      which class a tree belongs to
 *   sampling.c   what the traces say about how they were chosen among all requests
 *   starts.c     how many requests began, by second and by hour of the day
 *   stretches.c  when traces were recorded, without the pauses between
 *   rates.c      where the rate of requests changes
 *   recorded.c   how much was recorded at a time, and how long it took
 *   timeline.c   a visit → steps: calls one after the other, calls at the same time, calls that nobody waits for
 *   align.c      what one visit's times leave open, the others tell
 *   pattern.c    steps → patterns with their segments; rare ones merged
 *   release.c    which release a tree is of; times of other releases that tests do not tell apart
 *   partition.c  which classes an operation treats alike
 *   draw.c       samples → what their means and shares would be, had other traces been recorded
 *   shape.c      the same for the shapes of their distributions
 *   fitting.c    samples → distributions whose mean is the samples' mean
 *   forward.c    requests passed on
 *   waiting.c    waiting taken out of visits that were recorded under load
 *   full.c       calls that found every thread of a service busy, and waited before its span
 *   load.c       how loaded the system was where no limit tells it
 *   turns.c      who of several that came together was served first
 *   utilization.c  self times divided between processor and delay, by measured utilization
 *   timeouts.c   calls that were given up after one time → policies
 *   graph.c      patterns → activities and precedences
 *   presence.c   how many there were at a time, in bounded memory
 *   concurrency.c  requests and connections at a time
 *   last.c       calls that the last of several requests makes
 *   facts.c      what else the traces tell
 *   assume.c     what the traces do not tell
 *   finish.c     the whole
 *
 * Times are in seconds, as doubles, relative to the start of the visit; absolute ones stay int64_t nanoseconds.
 */
#ifndef LCI_NETWORK_LEARNER_H
#define LCI_NETWORK_LEARNER_H

#include "loadcast/learn.h"
#include "presence.h"

#include <jansson.h>

#define LCI_NO_OPERATION UINT32_MAX
#define LCI_NANOSECOND   1e-9 /* s */

/* One call of a visit. */
struct lci_call {
    uint32_t operation;
    bool forget;    /* nobody waits for it */
    bool paired;    /* caller and callee both have a span, and the caller waited: `outside` is known */
    bool failed;    /* the answer was an error */
    bool refused;   /* it failed and never reached the callee; found when all is known (refused.c) */
    bool forwarded; /* the callee answers the visit's caller; `forget` holds as well */
    bool full; /* every thread of the callee's service was busy when it was sent: `outside` holds waiting (full.c) */
    bool hit, miss; /* what a cache said of itself; neither: nothing */
    double sent, answered;
    double outside; /* client duration − server duration: wire time, less what the callee does after its reply */
};

/* One execution of an operation. */
struct lci_visit {
    uint64_t trace; /* lci_trace_hash */
    int64_t start;
    double duration;
    uint32_t first_call; /* into the variant's calls, sorted by (sent, operation) */
    uint32_t call_count;
    lc_symbol instance;
    bool fit;  /* the duration may be used */
    bool root; /* of its tree */
    bool error;
};

/* What an operation did for the requests of one class. */
struct lci_variant {
    uint64_t seen;  /* visits, kept or not; the other numbers are of all as well */
    uint64_t last;  /* visits of traces with larger hashes are left out; UINT64_MAX: all are kept */
    size_t trim_at; /* visits from which on it is worth while to leave some out again */
    struct lci_visit *visits;
    size_t visit_count, visit_capacity;
    struct lci_call *calls;
    size_t call_count, call_capacity;
    uint64_t sync_calls, forget_calls, roots; /* how it was reached */
    uint64_t lost_roots;                      /* further requests, whose traces lost spans: no visits */
    uint64_t queue_delay;                     /* ns; sum over `queue_delays` jobs, from dispatch to start */
    uint64_t queue_delays;
    uint64_t batches, messages; /* jobs that took several messages at once, and how many these were */
};

struct lci_window { /* what an operation did in a window of known utilization */
    uint64_t visits;
    int64_t self; /* ns */
};

struct lci_operation {
    lc_symbol task, entry;
    lc_symbol caller; /* service that calls an external server: what is seen of it is the caller's span. Else 0. */
    unsigned level;   /* how many ancestors were the same operation: recursion is unrolled */
    unsigned inside;  /* how many calls up it is the same service without interruption: work within a process */
    bool external, consumer;
    uint8_t class_;   /* enum lc_class */
    bool around;      /* a request that holds no thread but in its slots, which are operations of their own */
    bool internal;    /* its spans are neither a server's nor a consumer's: a root of this kind may be a timer's work */
    size_t most_kept; /* lci_most_kept */
    struct lci_variant *variants;   /* one per class, the last for requests of no class */
    struct lci_variant **elsewhere; /* the same per other release; NULL: no visits */
    size_t elsewhere_count;         /* may be less than there are releases */
    size_t *cluster;                /* per class: which entry serves it; SIZE_MAX: no visits */
    size_t cluster_count;
    int *entry_of;              /* per cluster: entry of the model that answers, LC_NONE */
    int *async_entry_of;        /* per cluster: the one that does not */
    uint64_t *hours;            /* roots by hour of the day, LC_HOURS of them; NULL: no roots */
    struct lci_window *windows; /* utilization.c */
    size_t first_window, window_count;
    bool windows_known;
};

struct lci_task { /* facts about a service, whatever the operation */
    lc_symbol name;
    int64_t resolution; /* of the start times, ns */
    bool external, consumer;
    lc_symbol *instances;
    size_t instance_count, instance_capacity;
    struct lci_presence starts; /* of requests that begin here, by second: counts, not changes */
    int task;                   /* of the model, LC_NONE */
};

struct lci_held { /* how many requests of a service, or connections of it to an external server, an instance held */
    lc_symbol task, instance, server; /* server 0: requests */
    struct lci_presence presence;
};

struct lci_hour {        /* in which some trace began */
    int64_t number;      /* since 1970 */
    int64_t first, last; /* ns: beginnings of traces in it */
};

struct lci_policy { /* of a sampler that saw whole traces */
    lc_symbol name;
    uint64_t traces;
};

struct lci_release { /* that trees named, other than the one to learn */
    char *name;
    lc_symbol service; /* of the roots, when no release is asked for; else 0 */
    uint64_t trees;
};

struct lc_learner {
    struct lc_learn_options options;
    const struct lc_symbols *symbols;
    size_t class_count; /* of the options, and one for everything else */
    struct lci_operation *operations;
    size_t operation_count, operation_capacity;
    uint32_t *table; /* open addressing over operations, index + 1 */
    size_t table_size;
    struct lci_task *tasks;
    size_t task_count, task_capacity;
    struct lci_held *held;
    size_t held_count, held_capacity;
    uint32_t *held_table; /* open addressing over `held`, index + 1 */
    size_t held_size;
    uint64_t *class_traces;
    struct lc_starts *class_starts; /* of every trace: 8 bytes each. Summaries of parts do not hold them */
    uint64_t *run_traces;           /* per run of the activities */
    uint64_t trees;
    struct lci_release *releases;
    size_t release_count, release_capacity;
    int64_t first_end, last_end;             /* of visits, ns; with utilizations only */
    struct lc_decisions *decisions;          /* of the extraction, or of those of the parts; NULL: not known */
    bool refused;                            /* some failed calls never reached a service that writes spans */
    uint64_t sampled_traces, limited_traces; /* whose roots say so */
    uint64_t sampled_weight;                 /* 1 / probability of these, in units of 1 / LCI_WEIGHT_UNIT */
    uint64_t forced_traces;                  /* whose roots say that somebody asked for them */
    struct lci_policy *policies;
    size_t policy_count, policy_capacity;
    struct lci_hour *hours; /* by number */
    size_t hour_count, hour_capacity;
    double load;               /* of the busiest service whose capacity is known, of all requests; waiting.c */
    uint64_t left_out;         /* trees that name no release, or that are of another one and cannot be used */
    uint32_t *node_operations; /* scratch of lc_learner_add */
    size_t node_capacity;
};

/* ---- collect.c --------------------------------------------------------------------------------------------------- */

const char *lci_text(const struct lc_learner *learner, lc_symbol symbol);
const struct lci_task *lci_task_find(const struct lc_learner *learner, lc_symbol name);
/* The operation with this task, entry, caller and levels; added when new. */
uint32_t lci_operation_of(struct lc_learner *learner, const struct lci_operation *key);
struct lci_task *lci_task_add(struct lc_learner *learner, lc_symbol name);
void lci_note_instance(struct lci_task *task, lc_symbol instance);
/* One per class; added when new. `release`: LCI_THIS_RELEASE, or another one. */
struct lci_variant *lci_variants_of(const struct lc_learner *learner, struct lci_operation *operation, size_t release);
/* Forgets what the operation did in other releases. */
void lci_free_elsewhere(const struct lc_learner *learner, struct lci_operation *operation);
/* Makes the table of operations anew. */
void lci_table_fill(struct lc_learner *learner);

/* ---- sample.c ---------------------------------------------------------------------------------------------------- */

/* How many visits of the service's operations are kept, but for those of one trace. */
size_t lci_most_kept(const struct lc_learner *learner, lc_symbol task);
/* Leaves out the visits of the traces with the largest hashes. */
void lci_variant_bound(struct lci_variant *variant, size_t most);
/* The same when there is much to leave out. */
void lci_variant_trim(struct lci_variant *variant, size_t most);
/* Up to which hash the traces of all these classes were kept: within it, classes are represented as they occurred. */
uint64_t lci_common_traces(const struct lci_variant *variants, const bool *member, size_t class_count);

/* ---- order.c ----------------------------------------------------------------------------------------------------- */

void lci_calls_sort(struct lci_call *calls, size_t count);
void lci_order(struct lc_learner *learner);

/* ---- match.c ----------------------------------------------------------------------------------------------------- */

/* The class of a tree, options.class_count when none matches; with `count`, counts it for its run. */
size_t lci_match(struct lc_learner *learner, const struct lc_tree *tree, bool count);

/* What caches say of an answer: whether they had it. */
#define LCI_CACHE_HIT "cache.hit"
/* The span's attribute of that name, 0: it has none. */
lc_symbol lci_span_symbol(const struct lc_learner *learner, const struct lc_tree *tree, const struct lc_span *span,
                          const char *name);
/* The root span's attribute of that name, 0 or NULL when it has none. */
lc_symbol lci_root_symbol(const struct lc_learner *learner, const struct lc_tree *tree, const char *name);
const char *lci_root_attribute(const struct lc_learner *learner, const struct lc_tree *tree, const char *name);

/* ---- sampling.c -------------------------------------------------------------------------------------------------- */

#define LCI_WEIGHT_UNIT 1024
extern const char *const lci_sampling_keys[]; /* attributes of roots that say something; ends with NULL */
/* Counts what the root says: probability (Jaeger's sampler.param), a limited rate, a policy that saw the whole trace.
 */
void lci_count_sampling(struct lc_learner *learner, const struct lc_tree *tree, size_t class_);
struct lci_policy *lci_policy_of(struct lc_learner *learner, lc_symbol name);
/* The part of all requests that was traced; 1 when nothing else is known. */
double lci_sampled(const struct lc_learner *learner);
void lci_tell_sampling(const struct lc_learner *learner, struct lc_learned *learned);
/* Of traces that do not stand for all requests. */
void lci_warn_of_sampling(const struct lc_learner *learner, struct lc_diag *diag);

/* ---- starts.c ---------------------------------------------------------------------------------------------------- */

void lci_starts_add(struct lc_learner *learner, const struct lc_tree *tree);
/* What parts have counted, as a value of a summary; reading is false when it is wrong. `operations`: of the file → of
 * the learner. */
json_t *lci_starts_json(const struct lc_learner *learner);
bool lci_starts_read(struct lc_learner *learner, struct lc_symbols *symbols, const uint32_t *operations,
                     size_t operation_count, json_t *starts);
void lci_tell_starts(const struct lc_learner *learner, struct lc_learned *learned);
void lci_starts_free(struct lc_learner *learner);

/* ---- stretches.c ------------------------------------------------------------------------------------------------- */

struct lci_stretch {    /* of time in which requests were recorded without a pause and at one rate */
    int64_t begin, end; /* ns: its first and its last request began */
    size_t requests;    /* that were kept */
};
/* All of them, in time order; the caller frees the array. */
struct lci_stretch *lci_stretches_of(const struct lc_learner *learner, size_t *count);
double lci_stretch_seconds(const struct lci_stretch *stretch);

/* ---- rates.c ----------------------------------------------------------------------------------------------------- */

/* The request, of those that began at these times (ns, sorted), with which another rate begins; 0: there is one rate.
 */
size_t lci_rate_change(const int64_t *starts, size_t count);

/* ---- recorded.c -------------------------------------------------------------------------------------------------- */

/* Of the visits as they were recorded, before any waiting is taken out. */
void lci_tell_recordings(const struct lc_learner *learner, const struct lci_stretch *stretches, size_t count,
                         struct lc_learned *learned);
void lci_recordings_free(struct lc_learned *learned);

/* ---- finish.c ---------------------------------------------------------------------------------------------------- */

/* Whether requests of the class begin with the operation, other than a timer's. */
bool lci_is_root(const struct lc_learner *learner, uint32_t operation, size_t class_);

/* ---- timeline.c -------------------------------------------------------------------------------------------------- */

enum lci_step_kind {
    LCI_STEP_CALLS, /* calls that overlap; one call: the caller just waits */
    LCI_STEP_SENDS, /* calls that nobody waits for */
    LCI_STEP_RUN,   /* any number of calls one after the other, whatever their order */
};

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
    struct lci_overlap *pairs; /* open addressing; count 0: free */
    size_t count, size;
    double tolerance; /* s */
};

void lci_overlaps_gather(const struct lc_learner *learner, const struct lci_operation *operation,
                         struct lci_overlaps *overlaps);
void lci_overlaps_free(struct lci_overlaps *overlaps);

#define LCI_STEP_TOKEN UINT32_C(0x80000000) /* of a step, with its kind; those of operations have not this bit */
struct lci_tokens {
    uint32_t *items;
    size_t count, capacity;
};

struct lci_alignment { /* visits with the same calls, and how these are read */
    struct lci_alike *items;
    size_t count, capacity;
    size_t *slots; /* open addressing: index + 1 */
    size_t size;
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
/* Whether single calls of the operation one after the other are one step in every visit. */
bool lci_is_repeated(const struct lci_readings *readings, uint32_t operation);
/* Notes what of the visit is too long to be a step a call. */
void lci_note_length(struct lci_readings *readings, const struct lci_timeline *timeline);
/* With `runs`, single calls one after the other become one step; else those of operations that are repeated do. */
void lci_timeline_make(const struct lci_variant *variant, const struct lci_visit *visit,
                       const struct lci_readings *readings, bool runs, struct lci_timeline *timeline);
void lci_timeline_free(struct lci_timeline *timeline);

/* ---- align.c ----------------------------------------------------------------------------------------------------- */

void lci_token_add(struct lci_tokens *tokens, uint32_t token);
bool lci_tokens_equal(const struct lci_tokens *a, const struct lci_tokens *b);
size_t lci_tokens_hash(const struct lci_tokens *tokens);
/* The timeline's signature: its steps, and the operations that each calls. */
void lci_timeline_sign(const struct lci_timeline *timeline, struct lci_tokens *tokens);

void lci_readings_make(const struct lc_learner *learner, const struct lci_operation *operation,
                       struct lci_readings *readings);
void lci_readings_free(struct lci_readings *readings);
/* Steps at first sight become those that explain more visits, if the visit's times allow these. */
void lci_align(const struct lci_readings *readings, const struct lci_variant *variant, const struct lci_visit *visit,
               struct lci_timeline *timeline);

/* ---- pattern.c --------------------------------------------------------------------------------------------------- */

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
    double length;            /* sum over the timed visits */
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

/* The patterns of an operation over the classes that `member` names; the rare ones are merged with the nearest. */
void lci_patterns_gather(const struct lc_learner *learner, const struct lci_operation *operation, const bool *member,
                         const struct lci_readings *readings, struct lci_patterns *patterns);
void lci_patterns_free(struct lci_patterns *patterns);
/* What is seen of `variants` (one per class), nothing merged; `patterns->runs` is set, the rest empty. */
void lci_patterns_see(const struct lci_variant *variants, const bool *member, size_t class_count,
                      const struct lci_readings *readings, struct lci_patterns *patterns);

/* ---- release.c --------------------------------------------------------------------------------------------------- */

#define LCI_THIS_RELEASE SIZE_MAX
#define LCI_LEFT_OUT     (SIZE_MAX - 1)
/* Its number; added when new. */
size_t lci_release_find(struct lc_learner *learner, const char *name, lc_symbol service);

/* The index of the tree's release among `releases`, or one of the above. */
size_t lci_release_of(struct lc_learner *learner, const struct lc_tree *tree);
/* −1 with an error when no tree is of the release that is asked for; else says what was done with the others. */
int lci_releases_check(const struct lc_learner *learner, struct lc_diag *diag);
/* Adds to the patterns' segments the times of other releases where the same pattern has them and a test does not tell
 * them apart. */
void lci_pool_patterns(const struct lc_learner *learner, const struct lci_operation *operation, const bool *member,
                       const struct lci_readings *readings, struct lci_patterns *patterns);
/* The same for one time, release `release`. */
void lci_pool_samples(const struct lc_learner *learner, size_t release, struct lci_samples *own,
                      const struct lci_samples *other, struct lci_pooling *pooling);
/* Adds one to the sum. */
void lci_pooling_add(const struct lc_learner *learner, struct lci_pooling *sum, const struct lci_pooling *one);
/* Of all places together: which times come from where, the numbers of samples of the parameters tell. */
void lci_assume_pooling(const struct lc_learner *learner, struct lc_learned *learned,
                        const struct lci_pooling *pooling);

/* ---- partition.c ------------------------------------------------------------------------------------------------- */

/* Two-sample Kolmogorov–Smirnov test: the probability of a distance as large, if both come from one distribution. The
 * arrays are sorted by the call. */
double lci_ks_two_sample(double *a, size_t n, double *b, size_t m);
/* The same for samples that stay in their order; those that were pooled from other releases do not count. */
double lci_samples_alike(const struct lci_samples *a, const struct lci_samples *b);
/* Sets cluster and cluster_count of every operation. */
void lci_partition(struct lc_learner *learner);

/* ---- draw.c ------------------------------------------------------------------------------------------------------ */

uint64_t lci_trace_hash(uint64_t high, uint64_t low);
void lci_traces_add(struct lci_traces *traces, uint32_t trace);
/* How often each group of samples counts in a draw: group[i] is that of sample i. */
void lci_draw_weights(const struct lci_samples *samples, const uint16_t *group, size_t groups, size_t draw,
                      double *weights);
/* Per draw the ratio to the shares of lists of visits of what the draw makes of them: the draws of the first, then
 * those of the second, … In each draw the shares sum to 1. */
double *lci_draw_shares(const struct lc_learned *learned, const struct lci_traces *const *lists, size_t count);
/* The same for the mean of a number that is numbers[i] in the visits of list i. */
double *lci_draw_numbers(const struct lc_learned *learned, const struct lci_traces *const *lists, const double *numbers,
                         size_t count, double mean);
/* Adds draws to what was learned: takes the path, copies the ratios (NULL: nothing is added). */
void lci_drawn_add(struct lc_learned *learned, char *path, const double *ratios);

/* What a time would have been; all NULL when no draws are wanted, or where there are no samples. */
struct lci_drawn_time {
    double *ratios;         /* of its mean */
    double *table, *powers; /* as those of lc_drawn; NULL: it does not vary, or is always the same */
    double cv2;             /* of the fitted distribution */
};
/* Per draw the ratio to `mean` of what the samples' mean makes of it; NULL when no draws are wanted. */
double *lci_draw_ratios(const struct lc_learned *learned, const struct lci_samples *samples, double mean,
                        const struct lci_drawn_time *time); /* table and cv2 are known */
/* The same with the shape, which is copied as well. */
void lci_drawn_add_time(struct lc_learned *learned, char *path, const struct lci_drawn_time *time);
/* Gives another number of the model, whose path is taken, the draws of one that has some. */
void lci_drawn_copy(struct lc_learned *learned, const char *from, char *path);
void lci_drawn_time_free(struct lci_drawn_time *time);

/* ---- shape.c ----------------------------------------------------------------------------------------------------- */

/* LC_SHAPE values in place of a distribution (learn.h), and their skewness. */
double *lci_make_table(const struct lc_dist *dist);
double lci_table_skewness(const double *table);
/* The powers of the table in the draws. `fitted`, with drawn->table and cv2, is the distribution of the samples,
 * `choice` how it was chosen. NULL where nothing is known of the spread: all samples come from one trace. */
double *lci_draw_powers(const struct lc_learned *learned, const struct lci_samples *samples,
                        const struct lc_dist *fitted, const struct lc_choice *choice,
                        const struct lci_drawn_time *drawn);

/* ---- fitting.c --------------------------------------------------------------------------------------------------- */

/* Comments of the model's elements that tell where their numbers come from: of all parameters, and of one branch. */
void lci_tell_origins(struct lc_learned *learned);
void lci_tell_share(struct lc_activity *activity, uint64_t count, uint64_t of);

/* A distribution for the samples, with exactly this mean; family NULL when the mean is not positive. Each sample may be
 * wrong by `error` in either direction, because of the clock. Says in `learned` where the numbers of the model's
 * element `path` come from. `drawn`, for lci_drawn_time_free(), may be NULL. */
struct lc_dist lci_fit_time(struct lc_learned *learned, const char *path, const struct lci_samples *samples,
                            double mean, double error, struct lci_drawn_time *drawn);
/* Whether a distribution that was fitted to values of this mean describes them: its own mean is not far from it, and
 * its variance is finite. */
bool lci_describes(const struct lc_dist *dist, double mean);
/* A number that is a relative frequency. */
void lci_note_share(struct lc_learned *learned, const char *path, uint64_t count, uint64_t of);

/* ---- wire.c ------------------------------------------------------------------------------------------------------ */

/* Client duration − server duration, per caller's cluster and called operation. */
struct lci_wire {
    uint32_t caller, callee;
    size_t caller_cluster, callee_cluster;
    double rounding; /* s: by less than this may a sample be wrong because of the clocks' units */
    struct lci_samples samples;
    double mean; /* of the time between caller and callee: after the callee's second phase was taken out, ≥ 0 */
    double fitted_mean;
    struct lc_dist dist; /* family NULL until fitted */
    struct lci_drawn_time drawn;
};
struct lci_wires {
    struct lci_wire *items;
    size_t count, capacity;
    struct lci_pooling pooling;
};
void lci_wires_gather(const struct lc_learner *learner, struct lci_wires *wires);
void lci_wires_free(struct lci_wires *wires);
struct lci_wire *lci_wire_find(const struct lci_wires *wires, uint32_t caller, size_t cluster, uint32_t callee);
/* How long the callee goes on after its reply, at the least: what the client's spans are shorter than the server's. */
double lci_second_phase(const struct lci_wires *wires, uint32_t callee, size_t cluster);

/* ---- graph.c ----------------------------------------------------------------------------------------------------- */

struct lci_builder {
    const struct lc_learner *learner;
    struct lc_learned *learned;
    struct lci_wires wires;
    struct lc_symbols *taken; /* names of activities, with their tasks */
};
/* The cluster of `operation` that requests of the caller's cluster meet. */
size_t lci_callee_cluster(const struct lc_learner *learner, const struct lci_operation *caller, size_t cluster,
                          const struct lci_operation *callee);

/* ---- forward.c --------------------------------------------------------------------------------------------------- */

/* The entry passes on the requests that the visits passed on, with the share of the visits as probability. */
void lci_forwards_add(const struct lci_builder *builder, uint32_t operation, size_t cluster, int entry);
/* The child that answers for the node, NULL: none. Of several that may, the one that ends last: there is one answer. */
const struct lc_tree_node *lci_passed_on_to(const struct lc_tree *tree, const struct lc_tree_node *node);
/* For how long after the node's end its caller waited for the answer of those that it passed the request on to: ns. */
int64_t lci_forwarded_time(const struct lc_tree *tree, const struct lc_tree_node *node);

/* ---- graph.c ----------------------------------------------------------------------------------------------------- */

/* Fills entry `entry` with the operation's patterns. `replies`: it has callers that wait. */
void lci_graph_build(struct lci_builder *builder, uint32_t operation, size_t cluster, int entry, bool replies,
                     const struct lci_patterns *patterns);

/* ---- assume.c ---------------------------------------------------------------------------------------------------- */

void lci_assume(struct lc_learned *learned, char *what, char *value, char *evidence, char *key); /* takes the texts */
void lci_assume_services(const struct lc_learner *learner, struct lc_learned *learned);
void lci_assume_few_samples(struct lc_learned *learned);
void lci_assume_sample(struct lc_learned *learned); /* after the entries were summarised */

/* ---- timeouts.c -------------------------------------------------------------------------------------------------- */

/* Policies of the model, for calls that were given up after one and the same time. */
void lci_learn_timeouts(const struct lc_learner *learner, struct lc_learned *learned);

/* ---- concurrency.c ----------------------------------------------------------------------------------------------- */

/* Notes that the node holds a thread of its service, or a connection of its caller. */
void lci_held_add(struct lc_learner *learner, const struct lc_tree *tree, const struct lc_tree_node *node);
struct lci_held *lci_held_of(struct lc_learner *learner, lc_symbol task, lc_symbol instance, lc_symbol server);
struct lci_peak {                   /* the most at a time at one instance */
    long most;                      /* 0: there was nothing */
    double at_most, one_less, busy; /* s, or instants, with so many; with any */
    size_t reached;                 /* how often there came to be so many */
    size_t instants;                /* that were looked at; 0: all times */
    double apart;                   /* s between two of them */
};
/* Requests of a service (`server` 0), or connections from it to an external server. */
struct lci_peak lci_peak_of(const struct lc_learner *learner, lc_symbol task, lc_symbol server);
/* The same of those that came in a stretch of time; NULL: whenever. */
struct lci_peak lci_peak_within(const struct lc_learner *learner, lc_symbol task, lc_symbol server,
                                const struct lci_stretch *stretch);
/* Whether the most looks like a limit: reached many times, and held for longer than one less, which is rarer without
 * a limit, at two loads at the least. A single load does not tell a limit from its own highest peak. */
bool lci_peak_is_limit(const struct lc_learner *learner, lc_symbol task, lc_symbol server,
                       const struct lci_stretch *stretches, size_t count);
struct lci_alive {      /* instances of a service between their first and last request */
    size_t least, most; /* at a time, but for a twentieth of the time; most is 1 at the least */
    double share;       /* of the time with `most` or more */
};
struct lci_alive lci_alive_of(const struct lc_learner *learner, lc_symbol task);
/* The most calls that one visit waited for at a time. */
long lci_width_of(const struct lci_visit *visit, const struct lci_call *calls);

/* ---- last.c ------------------------------------------------------------------------------------------------------ */

struct lci_join_found { /* the last of several requests of a trace makes a call */
    uint32_t *callers;  /* operations, any of which may be the last */
    double *shares;     /* of their visits that call */
    size_t caller_count;
    uint32_t *callees; /* that the last one calls */
    size_t callee_count;
    uint64_t traces, by_last; /* with several of these requests; in which the last one, and no other, called */
    size_t fewest, most;      /* requests of a trace */
};
/* All of them; owned by the caller, as what lci_join_free frees. */
struct lci_join_found *lci_joins_of(const struct lc_learner *learner, size_t *count);
void lci_join_free(struct lci_join_found *join);

/* ---- facts.c ----------------------------------------------------------------------------------------------------- */

void lci_say(struct lc_learned *learned, const char *kind, char *subject, char *value, char *evidence); /* takes them */
/* Marks calls that never reached the operation they asked for; and, when facts were told, leaves them out. */
void lci_mark_refused(struct lc_learner *learner);
void lci_drop_refused(struct lc_learner *learner);
void lci_tell_facts(const struct lc_learner *learner, const struct lci_stretch *stretches, size_t stretch_count,
                    struct lc_learned *learned);
void lci_facts_free(struct lc_learned *learned);

/* ---- summary.c --------------------------------------------------------------------------------------------------- */

void lci_summarise_entry(const struct lci_builder *builder, int entry, const struct lci_patterns *patterns);
void lci_summarise_wires(const struct lci_builder *builder);
void lci_summaries_free(struct lc_learned *learned);

#endif
