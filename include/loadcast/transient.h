/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Curves over time: what a model does while its load changes, from many independent runs. Each run begins with empty
 * queues at time 0; with a warm-up it begins that much earlier, under the load of time 0, so that time 0 finds it busy.
 * Overload is allowed: queues then grow as long as it lasts.
 *
 * Time is cut into bins of equal length. Loads, queues and numbers are means over a bin; throughput counts the requests
 * that ended in it, and response times are those of these requests. A bin in which none ended has no response time.
 */
#ifndef LOADCAST_TRANSIENT_H
#define LOADCAST_TRANSIENT_H

#include "lqn.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lc_slower {        /* a question: which part of a workload's requests is slower than that? */
    const char *workload; /* the name of its source task or entry */
    double time;          /* model time */
};

struct lc_transient_options {
    double duration, step; /* model time; step: length of a bin, adjusted so that bins fill the duration */
    double warmup;         /* model time before 0; 0: none */
    unsigned replications; /* 100; a single one has no band */
    uint64_t seed;
    const struct lc_slower *slower; /* gives LC_CURVE_SLOWER */
    size_t slower_count;
    const bool *counted; /* [task]: gives LC_CURVE_SERVED and LC_CURVE_THREADS of those; NULL: of none */
    unsigned jobs;       /* threads; 0: one per core */
    double max_time_s;   /* wall clock; 0: no limit. Fewer runs are then reported, see `unfinished`. */
    double max_queue;    /* requests that may wait for a task: curves end before. 0: what memory holds, and a million
                            besides the customers where neither load nor replicas change */
    const lc_flag *stop; /* not 0: end now, with what is known; a signal may set it. NULL: nobody asks */
    void (*progress)(void *context, double done, double precision); /* as in sim.h; may be NULL */
    void *context;
};
struct lc_transient_options lc_transient_defaults(void);

enum lci_quantity {
    LC_CURVE_LOAD,         /* of a processor or task with a limit: the part that is busy, 0 to 1 */
    LC_CURVE_BUSY,         /* of one without: the number that is busy; of users: those who wait for an answer */
    LC_CURVE_QUEUE,        /* requests that wait for a thread of a task */
    LC_CURVE_REPLICAS,     /* of a task whose replicas come and go: those that there are */
    LC_CURVE_ARRIVALS,     /* of an open task, per unit of time */
    LC_CURVE_THROUGHPUT,   /* of a workload, per unit of time */
    LC_CURVE_RESPONSE,     /* of a workload: mean */
    LC_CURVE_RESPONSE_P95, /* of all runs together */
    LC_CURVE_FAILED,       /* of a workload, where requests can fail: the part of those that ended, 0 to 1 */
    LC_CURVE_SLOWER,       /* of a workload: the part of those that ended with a response time above `limit` */
    LC_CURVE_SERVED,       /* of a task that is counted: requests served per unit of time */
    LC_CURVE_THREADS,      /* of one: the number of its threads that are busy */
};
/* "load busy queue_length replicas arrivals throughput response_time response_time_p95 failed slower served threads" */
const char *lc_quantity_name(enum lci_quantity quantity);

struct lc_curve {
    enum lci_quantity quantity;
    /* Of the model; one is given, the others are LC_NONE. Workloads: a source task, an entry with open arrivals, or a
     * step of a session. */
    int processor, task, entry;
    bool workload;
    double limit;       /* slower: than this; else 0 */
    double *mean;       /* [bin]; NaN where nothing was seen */
    double *ci95;       /* half-width of the mean's 95 % interval */
    double *low, *high; /* between which 90 % of single runs lie */
};

enum lc_disturbed_by {
    LC_DISTURBED_BY_LOAD,
    LC_DISTURBED_BY_OUTAGE,
    LC_DISTURBED_BY_SLOW_DOWN,
    LC_DISTURBED_BY_SEVERAL
};

/* After the load of a workload has risen above that of the beginning and come back, or replicas have failed or slowed
 * down at a given time: is everything as it was before? Of several disturbances, from the first to the last. */
struct lc_recovery {
    bool judged;       /* there was such a disturbance, and enough time before and after it */
    double begin, end; /* of the disturbance */
    enum lc_disturbed_by by;
    int disturbed; /* the task that failed or slowed down; LC_NONE: load, or several */
    bool recovered;
    double time;  /* recovered: after `end`, until all curves of response times and queues stay in the band of before */
    int task;     /* what was back last, or is not: the queue of this task … */
    int workload; /* … or the response times of this curve; the other is LC_NONE */
    double share; /* of the runs that were back at the end */
};

struct lc_full {        /* why curves end early: more requests were in the model than are kept (max_queue) */
    int task;           /* the one with the longest queue; LC_NONE: they do not end early */
    double waiting, at; /* so many requests in it, at that time */
};

struct lc_transient {
    const struct lc_model *model; /* borrowed */
    size_t bins;
    double step;
    struct lc_curve *curves;
    size_t count;
    unsigned replications;
    bool complete;   /* all replications that were asked for, to the end */
    bool partial;    /* somebody asked for the end */
    bool unfinished; /* no replication came to the end: one of them until then, in fewer bins, without intervals */
    struct lc_full full;
    uint64_t seed, events;
    double warmup, elapsed_s;
    struct lc_recovery recovery;
};

/* NULL with an error when the model cannot be simulated, or when it was to end before one bin was complete. The result
 * depends on the model, the options and the seed only. */
struct lc_transient *lc_simulate_transient(const struct lc_model *model, const struct lc_transient_options *options,
                                           struct lc_diag *diag);
void lc_transient_free(struct lc_transient *transient);

#ifdef __cplusplus
}
#endif

#endif
