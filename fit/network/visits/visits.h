/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Learning, first stage: interaction trees → visits. What every operation did, per class of requests, and what was
 * counted beside. This is what the later stages read; collect.h is how it is made.
 *
 * Times are in seconds, as doubles, relative to the start of the visit; absolute ones stay int64_t nanoseconds.
 */
#ifndef LCI_NETWORK_VISITS_H
#define LCI_NETWORK_VISITS_H

#include "base/table.h"
#include "loadcast/learn.h"
#include "network/visits/presence.h"

#define LCI_NO_OPERATION UINT32_MAX
#define LCI_NANOSECOND   1e-9 /* s */
#define LCI_MOST_NESTED  64   /* how many callers up recursion is looked for: chains of 100,000 spans stay linear */

/* Parts of the time between client and server that points of observation tell apart from the network between: from the
 * client's process to its network interface, and from the server's interface to its process, where requests queue. */
enum lci_hop { LCI_HOP_CLIENT, LCI_HOP_SERVER, LCI_HOPS };

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
    double hops[LCI_HOPS]; /* parts of `outside` where the network was observed; NaN: not known */
    double outside; /* client duration − server duration: network latency, less what the callee does after its reply */
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
    uint64_t delay_squares;             /* (0.1 ms)², their sum */
    uint64_t delay_least, delay_most;   /* ns; 0 without delays */
    uint64_t cpu, cpu_self, cpu_visits; /* ns that threads kept cores, ns of self time, visits of which it is known */
    uint64_t batches, messages;         /* jobs that took several messages at once, and how many these were */
};

/* NULL where the visit calls nobody. */
static inline struct lci_call *lci_calls_of(const struct lci_variant *variant, const struct lci_visit *visit)
{
    return visit->call_count > 0 ? variant->calls + visit->first_call : NULL;
}

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
    uint64_t *hours;                /* roots by hour of the day, LC_HOURS of them; NULL: no roots */
    struct lci_window *windows;     /* utilization.c */
    size_t first_window, window_count;
    bool windows_known;
};

#define LCI_POWERS 10

enum lci_said_kind { LCI_SAID_LIMIT, LCI_SAID_REQUEST, LCI_SAID_HOST, LCI_SAID_REPLICAS, LCI_SAID_POD };
struct lci_said_name { /* of an attribute: cores that are granted, promised, there; replicas; a replica's name */
    const char *name;
    enum lci_said_kind kind;
};
extern const struct lci_said_name lci_said_names[]; /* ends with NULL */
struct lci_said_value {
    lc_symbol value;
    unsigned name; /* in lci_said_names */
    uint64_t count;
};

struct lci_task { /* facts about a service, whatever the operation */
    lc_symbol name;
    uint64_t round[LCI_POWERS]; /* [k]: starts of its spans that are multiples of 10ᵏ ns */
    bool external, consumer;
    lc_symbol *instances;
    size_t instance_count, instance_capacity;
    struct lci_said_value *said; /* of its deployment, in any order until lci_order */
    size_t said_count, said_capacity;
    struct lci_presence starts; /* of requests that begin here, by second: counts, not changes */
    /* Once everything is in order (lci_order): its operations, and what its instances held, from … until before … */
    uint32_t first_operation, end_operation;
    uint32_t first_held, end_held;
};

struct lci_held { /* how many requests of a service, or connections of it to an external server, an instance held */
    lc_symbol task, instance, server; /* server 0: requests */
    struct lci_presence presence;
};

struct lci_hour {        /* in which some trace began */
    int64_t number;      /* since 1970 */
    int64_t first, last; /* ns: beginnings of traces in it */
};

struct lci_deep { /* calls that lie within each other further than recursion is unrolled */
    lc_symbol task, entry;
    uint64_t trace_high, trace_low; /* where they were seen first */
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

struct lci_visits {
    struct lc_learn_options options;
    const struct lc_symbols *symbols;
    size_t class_count; /* of the options, and one for everything else */
    struct lci_operation *operations;
    size_t operation_count, operation_capacity;
    struct lci_table table; /* of operations */
    struct lci_task *tasks;
    size_t task_count, task_capacity;
    uint32_t *task_of; /* by the symbol of its name: index + 1; 0: no task */
    size_t task_of_size;
    struct lci_held *held;
    size_t held_count, held_capacity;
    struct lci_table held_table;
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
    struct lci_deep *deep;     /* NULL: none */
    struct lci_deep *far;      /* a trace whose calls lie deeper than recursion is looked for; NULL: none */
    struct lc_interval *files; /* times that the files cover together, apart and in order: files.c */
    size_t file_count, file_capacity;
    uint64_t left_out; /* trees that name no release, or that are of another one and cannot be used */
};

/* ---- collect.c --------------------------------------------------------------------------------------------------- */

const char *lci_text(const struct lci_visits *visits, lc_symbol symbol);
const struct lci_task *lci_task_find(const struct lci_visits *visits, lc_symbol name);
/* s: the unit of the clock that the operation's times were read from. */
double lci_clock_unit(const struct lci_visits *visits, uint32_t operation);
/* Of a service's start times, in ns: the greatest power of 10 of which nine tenths of them are multiples, 1 s at the
 * most. Single ones that another clock wrote do not count. */
int64_t lci_resolution(const struct lci_task *task);

/* ---- order.c ----------------------------------------------------------------------------------------------------- */

/* Operations of one service and one name: they follow each other when everything is in order. */
bool lci_same_entry(const struct lci_operation *a, const struct lci_operation *b);

/* ---- sample.c ---------------------------------------------------------------------------------------------------- */

/* Up to which hash the traces of all these classes were kept: within it, classes are represented as they occurred. */
uint64_t lci_common_traces(const struct lci_variant *variants, const bool *member, size_t class_count);
/* Finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
uint64_t lci_mix(uint64_t h);
uint64_t lci_trace_hash(uint64_t high, uint64_t low);

/* ---- match.c ----------------------------------------------------------------------------------------------------- */

/* What caches say of an answer: whether they had it. */
#define LCI_CACHE_HIT "cache.hit"

/* ---- sampling.c -------------------------------------------------------------------------------------------------- */

/* The part of all requests that was traced; 1 when nothing else is known. */
double lci_sampled(const struct lci_visits *visits);

/* ---- starts.c ---------------------------------------------------------------------------------------------------- */

/* 0 … LC_HOURS - 1 of an hour since 1970. */
static inline size_t lci_hour_of_day(int64_t hour)
{
    return (size_t)((hour % LC_HOURS + LC_HOURS) % LC_HOURS);
}

/* ---- windows.c --------------------------------------------------------------------------------------------------- */

/* The windows of a component: `*first` and their number. */
size_t lci_windows_of(const struct lc_utilization *u, const char *component, size_t *first);

/* ---- stretches.c ------------------------------------------------------------------------------------------------- */

struct lci_stretch {    /* of time in which requests were recorded without a pause and at one rate */
    int64_t begin, end; /* ns: its first and its last request began */
    size_t requests;    /* that were kept */
};
/* All of them, in time order; the caller frees the array. */
struct lci_stretch *lci_stretches_of(const struct lci_visits *visits, size_t *count);
double lci_stretch_seconds(const struct lci_stretch *stretch);

/* ---- rates.c ----------------------------------------------------------------------------------------------------- */

/* The request, of those that began at these times (ns, sorted), with which another rate begins; 0: there is one rate.
 */
size_t lci_rate_change(const int64_t *starts, size_t count);
/* Whether requests that began at these times came at other rates, where a change was to be expected between the two. */
bool lci_rates_differ(const int64_t *before, size_t before_count, const int64_t *after, size_t after_count);

/* ---- files.c ----------------------------------------------------------------------------------------------------- */

/* The last of `visits->files` that begins until then; 0 also when none does. */
size_t lci_file_at(const struct lci_visits *visits, int64_t time);

/* ---- roots.c ----------------------------------------------------------------------------------------------------- */

/* Whether requests of the class begin with the operation, other than a timer's. */
bool lci_is_root(const struct lci_visits *visits, uint32_t operation, size_t class_);

/* ---- concurrency.c ----------------------------------------------------------------------------------------------- */

struct lci_peak {                   /* the most at a time at one instance */
    long most;                      /* 0: there was nothing */
    double at_most, one_less, busy; /* s, or instants, with so many; with any */
    size_t reached;                 /* how often there came to be so many */
    size_t instants;                /* that were looked at; 0: all times */
    double apart;                   /* s between two of them */
};
struct lci_use { /* of a thread or a connection of an instance */
    lc_symbol server, instance;
    int64_t visit, begin, end; /* ns; when the visit began that used it */
};
struct lci_uses {           /* of a service's threads, or of its connections to an external server */
    lc_symbol task, server; /* server 0: threads */
    struct lci_use *items;  /* freed by the caller */
    size_t count;
    bool all; /* they are all there were; else instants are looked at */
};
struct lci_uses lci_threads_used(const struct lci_visits *visits, const struct lci_task *task);
/* For each external server of the service: one array, which ends with one of server 0; the first owns all items. */
struct lci_uses *lci_connections_used(const struct lci_visits *visits, const struct lci_task *task);
/* Of those whose visits began in a stretch of time; NULL: whenever. */
struct lci_peak lci_peak_within(const struct lci_visits *visits, const struct lci_uses *uses,
                                const struct lci_stretch *stretch);
/* Of a service's threads, whenever. */
struct lci_peak lci_peak_of(const struct lci_visits *visits, const struct lci_task *task);
/* Whether the most looks like a limit: reached many times, and held for longer than one less, which is rarer without
 * a limit, at two loads at the least. A single load does not tell a limit from its own highest peak. */
bool lci_peak_is_limit(const struct lci_visits *visits, const struct lci_uses *uses,
                       const struct lci_stretch *stretches, size_t count);
struct lci_alive {      /* instances of a service between their first and last request */
    size_t least, most; /* at a time, but for a twentieth of the time; most is 1 at the least */
    double share;       /* of the time with `most` or more */
};
struct lci_alive lci_alive_of(const struct lci_visits *visits, const struct lci_task *task);
/* The most calls that one visit waited for at a time. */
long lci_width_of(const struct lci_visit *visit, const struct lci_call *calls);

#endif
