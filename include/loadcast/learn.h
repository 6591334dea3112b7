/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Learning a layered queueing network from interaction trees: operations become entries, their patterns of calls become
 * branches of activity graphs, self-time segments get fitted distributions, calls become synchronous, concurrent or
 * asynchronous, servers without spans become tasks of their own. Rules: docs/learning.md.
 */
#ifndef LOADCAST_LEARN_H
#define LOADCAST_LEARN_H

#include "assumed.h"
#include "evidence.h"
#include "fit.h"
#include "lqn.h"
#include "measured.h"
#include "tree.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A kind of requests that is told apart: roots of `task`/`entry` (both may be NULL: any) whose attributes match, or
 * that belong to a test activity. Where the operations below behave differently for different classes, they are split.
 */
struct lc_request_class {
    const char *name;                          /* of the workload */
    const char *task, *operation;              /* root node; NULL: any */
    const char *const *keys, *const *patterns; /* attribute = wildcard (fnmatch), all must hold on the root span */
    size_t condition_count;
    const char *activity; /* NULL: none */
    bool starts;          /* the times of its requests are wanted: lc_learned.class_starts */
};

struct lc_activity_run { /* from activities.json or CSV: what a test did and when */
    char *activity, *release, *run;
    int64_t start, end; /* ns */
};
struct lc_activity_runs {
    struct lc_activity_run *runs;
    size_t count;
};
int lc_activities_read(const char *file, struct lc_activity_runs *runs, struct lc_diag *diag);
void lc_activities_free(struct lc_activity_runs *runs);

#define LC_QUANTILES 20

struct lc_parameter { /* where a number of the model comes from */
    char *path;       /* of the model's element (edit.h) */
    struct lc_choice choice;
    uint64_t n;
    double mean, standard_error;
    double
        shape_unit; /* s: of the clock, if the times are shorter and nothing shows how they vary: exponential; or 0 */
    double quantiles[LC_QUANTILES]; /* of the samples, at (i + 1/2) / LC_QUANTILES; all 0 where there are none */
    char *method;                   /* "maximum likelihood", "constant", … */
};

struct lc_pattern_summary { /* one way in which an entry's visits went */
    uint64_t visits;        /* rare patterns that were merged into it included */
    double share;
    double self; /* mean self time */
    char *calls; /* for people: "postgres/SELECT, profile/GET | photo/GET, send stats/POST"; "" when there are none */
};

struct lc_entry_summary {                /* what an entry was made from */
    int entry;                           /* of the model */
    uint64_t visits, fitted;             /* all, and those that the rest comes from */
    double self;                         /* mean self time over all visits */
    struct lc_pattern_summary *patterns; /* most frequent first */
    size_t pattern_count;
};

struct lc_latency_summary { /* time between a caller and a callee that keeps the caller's thread and no processor */
    int caller, callee;     /* entries */
    uint64_t n;
    double mean;
    char *text; /* the fitted distribution */
};

struct lc_network_summary { /* the same between two components, over all their operations */
    int caller, callee;     /* tasks */
    const char *from, *to; /* points of observation, where the network was looked at: "client NIC" …; NULL: all of it */
    uint64_t n;
    double mean, standard_error;
    char *text;
};

struct lc_fact {      /* what the traces tell beside the model's numbers */
    const char *kind; /* static: "arrivals", "retries", "cache hits", … */
    char *subject, *value, *evidence;
};

#define LC_HOURS 24

struct lc_arrivals { /* of requests that begin with an operation, by hour of the day (UTC) */
    char *operation; /* service/operation */
    uint64_t requests[LC_HOURS];
    double seconds[LC_HOURS]; /* of each hour that were recorded */
    double rates[LC_HOURS];   /* per second, of all requests also where traces are a sample; NaN: not known */
    double p;                 /* of hours that differ so much by chance: χ² */
    char *pattern;            /* as `arrivals:` of a workload reads it; NULL: the hours that are known have a gap */
};

struct lc_entry_work { /* processor work of an entry, as of a service below; it goes before the service's */
    char *entry;       /* "GET /photos", with or without "SERVICE/" before it */
    double cpu_share, cpu;
};

struct lc_pool { /* connections to a service or a server, of each instance */
    char *target;
    uint32_t connections;
};

struct lc_capacity { /* what a service can do at a time, per replica: needed to take waiting out of loaded samples */
    const char *task;
    uint32_t replicas; /* 0: not known */
    uint32_t threads;  /* `concurrency`; 0: not known, or without limit */
    double cores;      /* 0: not known, or without limit */
    double cpu_share;  /* of the service's own time that is processor work; 0: not stated, and all of it is */
    double cpu;        /* s of processor work of a visit, where the share is not stated; 0: neither is this */
    struct lc_entry_work *entries;
    size_t entry_count;
    bool unlimited; /* `concurrency` is stated to have no limit */
    bool locks;     /* requests hold locks within their handlers, and wait for them there */
    struct lc_pool *pools;
    size_t pool_count;
};

#define LC_LEARN_KEPT 16384

struct lc_utilization_window { /* how busy the processor of a component was for a while */
    char *component;
    int64_t start, end; /* ns since 1970 */
    double value;       /* part of all its cores, or busy cores */
    const char *file;   /* one of the files */
    int line;
    bool service; /* the component is meant to be one; other tools name processes and hosts too that are none */
};
struct lc_host_cores { /* what a file says of the cores of a component's hosts */
    char *component;
    double cores; /* of each */
    const char *file;
    int line;
};
struct lc_utilization {
    char **files; /* that were read; ends with NULL */
    size_t file_count, file_capacity;
    bool cores;                            /* values are busy cores */
    struct lc_utilization_window *windows; /* by component, then time */
    size_t count, capacity;
    struct lc_host_cores *hosts;
    size_t host_count, host_capacity;
};
/* Reads one or several files with commas between them, each as FILE or SERVICE=FILE, which says whose all of it is:
 * - CSV with the header time,component,utilization (0…1 or per cent of all cores of all replicas) or
 *   time,component,cores (mean number of busy ones). A row's time is the start of its window, which lasts until the
 *   next row of the component;
 * - range answers of Prometheus, CSV of node_exporter's counters, texts of sar and pidstat, JvmProfile of rosebery.
 * 0, or −1 with errors appended. */
int lc_utilization_read(const char *files, struct lc_utilization *utilization, struct lc_diag *diag);
void lc_utilization_free(struct lc_utilization *utilization);
/* Adds what a load test measured: a CSV with the columns load (a factor), rate (requests/s) or time, component or
 * workload, and some of utilization, throughput, response, p50, p90, p95, p99 (in s, in ms as `response_ms`, or with
 * units); range answers of Prometheus; summaries of k6, wrk and JMeter. A workload "" stands for all requests. Levels
 * of which only a time is known are for lci_measured_settle(). 0, or −1 with errors appended. */
int lc_measured_read(const char *file, struct lc_measured *measured, struct lc_diag *diag);

struct lc_entrance { /* an operation with which requests begin, other than a timer's */
    char *service, *operation;
    uint64_t requests;
    struct lc_recorded_class *recorded; /* in each of the recordings */
};
struct lc_seen_pool {       /* how many requests a service, or connections to an external server, held at a time */
    char *service, *server; /* server NULL: requests */
    long most;              /* at one instance */
    bool limit;             /* it looks like a limit */
};

struct lc_interval {
    int64_t begin, end; /* ns since 1970: from begin until before end */
};

struct lc_load_window { /* a part of the recorded time with one load */
    struct lc_interval time;
    uint64_t requests; /* that entered the system in it, and were kept */
    double rate;       /* requests a second that entered, also where traces are a sample */
    double load;       /* requests that would be under way, on the average, if each took the median time of its kind */
    bool one_by_one;   /* no request met another one: `load` is 0, whatever the rate */
    size_t bin;
};
struct lc_load_bin { /* the windows of about one load together */
    double seconds, rate, load;
    uint64_t requests;
    bool one_by_one;
};
struct lc_load_bins { /* the recorded time by load: recordings at one rate are a window each, others are cut */
    struct lc_load_window *windows; /* in time order */
    size_t window_count;
    struct lc_load_bin *bins; /* the quietest first */
    size_t count;
    size_t quiet; /* the first so many are quiet, and hold enough requests of each kind to learn from. All of them:
                     there is nothing busier to compare with */
};

struct lc_cache; /* what was learned before: below */

struct lc_learn_options {
    const struct lc_request_class *classes;
    size_t class_count;
    const struct lc_activity_runs *activities; /* NULL: none */
    const char *release; /* the one to learn; others give times where tests do not tell them apart. NULL: all are one */
    enum lc_assumed_load load; /* LC_LOAD_MEASURED: an error when no capacity is known */
    const struct lc_capacity *capacities;
    size_t capacity_count;
    const struct lc_tree_slot *slots; /* those of the extraction, for summaries: parts must have the same */
    size_t slot_count;
    size_t kept; /* visits of an operation (per class and release) that are kept, about; 0: LC_LEARN_KEPT */
    const struct lc_utilization *utilization; /* divides self times between processor and delay; NULL: unknown */
    size_t replicates;                        /* of every learned number; 0: none */
    size_t shapes; /* in how many of them distributions vary too, not just their means; at most `replicates` */
    double unit;   /* s: that times were rounded to, LC_UNIT_FOUND: found from starts and times, LC_UNIT_NONE */
    double rare;   /* patterns rarer than this are merged with the nearest; 0.01 */
    const char *const
        *keep;              /* the reader's option of that name; it names every attribute of the classes; may be NULL */
    bool exact_evidence;    /* a summary will be written, with the evidence as one reading gives it: parts of the traces
                               know less of clocks, which shows in it even where they decide alike */
    struct lc_cache *cache; /* of fits; NULL: none. It outlives what is learned */
    const struct lc_interval *within; /* learn only from traces whose roots begin in one of these, which are apart and
                                         in time order; NULL: from all. What extraction decides it decides by all */
    size_t within_count;
};
/* The names of all attributes that the classes ask for, for lc_reader_options.keep and lc_learn_options.keep. Ends with
 * NULL; the array is the caller's, the names are borrowed. */
const char **lc_learn_keep(const struct lc_request_class *classes, size_t count);

struct lc_learner;
struct lc_learner *lc_learner_new(const struct lc_learn_options *options, const struct lc_symbols *symbols);
int lc_learner_add(struct lc_learner *learner, const struct lc_tree *tree);
/* lc_trees_read() with the learner to take the trees. */
int lc_learner_add_traces(struct lc_learner *learner, const char *const *inputs, size_t count,
                          const struct lc_tree_options *options, struct lc_symbols *symbols,
                          struct lc_extraction *extraction, struct lc_diag *diag);

/* For clusters: what was collected from a part of the traces, in a file of bounded size (gzip if its name ends in
 * ".gz"), and the sum of such files. Parts hold whole traces. The model is that of all traces in one pass, bit for bit,
 * in whatever order the files are read. What extraction decides over all traces (lc_decisions) it decides in each part
 * for itself: summaries hold the evidence, and lc_learner_finish() refuses parts that were decided otherwise than all
 * of them together would be. Then parts are extracted anew with the decisions of all, lc_decisions_read() of the sum.
 * lc_learner_note() takes the decisions from the extraction before lc_learner_write(). Reading adds to what is there;
 * options that shape what is collected must be the same. −1 with errors appended; then the learner is of no use any
 * more. */
void lc_learner_note(struct lc_learner *learner, struct lc_extraction *extraction);
/* Those noted; of summaries that were read: of all of them together, after lc_learner_finish(). NULL: not known. */
const struct lc_decisions *lc_learner_decisions(const struct lc_learner *learner);
/* From a summary, NULL with errors appended. */
struct lc_decisions *lc_decisions_read(const char *file, struct lc_symbols *symbols, struct lc_diag *diag);
int lc_learner_write(struct lc_learner *learner, const char *file, struct lc_diag *diag);
int lc_learner_read(struct lc_learner *learner, struct lc_symbols *symbols, const char *file, struct lc_diag *diag);

struct lc_learned {
    struct lc_model *model; /* without sources of load; owned */
    size_t class_count;
    int *class_entry;    /* per request class: the entry that serves it in `model`, LC_NONE: no trace matches */
    double *class_calls; /* per class: requests per run of the activity (1 unless it names an activity) */
    uint64_t *class_traces;
    struct lc_starts *class_starts; /* of the classes that ask for them, in time order */
    struct lc_assumption *assumptions;
    size_t assumption_count, assumption_capacity;
    struct lc_parameter *parameters;
    size_t parameter_count, parameter_capacity;
    struct lc_replicated *replicated;
    size_t replicated_count, replicated_capacity;
    size_t replicates, shapes;
    struct lc_cache *cache;           /* the options' */
    double unit;                      /* the options' */
    struct lc_entry_summary *entries; /* in the model's order */
    size_t entry_count, entry_capacity;
    struct lc_latency_summary *latencies;
    size_t latency_count, latency_capacity;
    struct lc_network_summary *networks;
    size_t network_count, network_capacity;
    struct lc_fact *facts;
    size_t fact_count, fact_capacity;
    struct lc_arrivals *arrivals; /* of recordings that show the time of day */
    size_t arrival_count, arrival_capacity;
    struct lc_recording *recordings; /* in time order */
    size_t recording_count;
    struct lc_load_bins bins;
    struct lc_measured measured; /* in each of the bins; of lc_learner_tell() alone */
    struct lc_entrance *entrances;
    size_t entrance_count;
    struct lc_seen_pool *pools;
    size_t pool_count, pool_capacity;
    char **operations; /* [entry of the model] "service/operation" of the traces that it stands for */
    size_t operation_count;
    char **services; /* of the traces, whether the model has them or not; ends with NULL */
    char **roots;    /* names of the entries that were roots, for messages; ends with NULL */
};
/* Times of the model are in seconds. −1 with errors appended when nothing can be learned. */
int lc_learner_finish(struct lc_learner *learner, struct lc_learned *learned, struct lc_diag *diag);
/* The first part of that alone, without a model: facts, arrivals, recordings and bins of load. The learner cannot be
 * finished after it. */
int lc_learner_tell(struct lc_learner *learner, struct lc_learned *learned, struct lc_diag *diag);
void lc_learner_free(struct lc_learner *learner);

/* A folder in which what was read and fitted is kept for the next time; it is made if it is not there. NULL with an
 * error appended. What is in it is used for the same traces (by content), the same options and the same version only;
 * what is damaged is made anew, with a note. Processes may share it. */
struct lc_cache *lc_cache_new(const char *folder, struct lc_diag *diag);
void lc_cache_free(struct lc_cache *cache);
/* A learner that holds the traces: read (lc_trees_read(), lc_learner_note()), or what the cache (NULL: none) has of
 * them; messages and `extraction->reading` are the same, the rest of the extraction is empty when it was not read
 * (lc_decisions_list() fills the lists). NULL with errors appended. */
struct lc_learner *lc_learner_collect(struct lc_cache *cache, const char *const *inputs, size_t count,
                                      const struct lc_tree_options *options,
                                      const struct lc_learn_options *learn_options, struct lc_symbols *symbols,
                                      struct lc_extraction *extraction, struct lc_diag *diag);
/* Keeps what is new since: after lc_learner_finish(). That nothing can be written is a warning. NULL: does nothing. */
void lc_cache_write(struct lc_cache *cache, struct lc_diag *diag);
void lc_learned_free(struct lc_learned *learned);

#ifdef __cplusplus
}
#endif

#endif
