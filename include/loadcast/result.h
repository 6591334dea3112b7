/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The result of a simulation or of the solver: one record per element of the model, in the model's order. Definitions
 * are those of docs/results.md: utilization is the mean number of busy servers or threads (a thread blocked on a call
 * is busy), load is utilization / (multiplicity × replicas), waiting time is the time a message waits in the called
 * task's queue.
 */
#ifndef LOADCAST_RESULT_H
#define LOADCAST_RESULT_H

#include "lqn.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A mean with the half-widths of its 95 % and 99 % intervals; NaN half-widths where there is one sample, NaN mean where
 * there is nothing to tell. */
struct lc_estimate {
    double mean, ci95, ci99;
    /* True: the model was learned from samples, and what their number leaves open counts too. ci95 and ci99 are then
     * the longer side of an interval that holds both kinds of error, infinite where it is open to one side. */
    bool learned;
    double low, high;       /* that interval at 95 %; NaN: not known */
    double simulation_ci95; /* half-width of the simulation's own error */
};

/* The interval at a confidence of 95 or 99 %, of both kinds of error where there are both. */
void lc_estimate_interval(const struct lc_estimate *estimate, double confidence, double *low, double *high);

#define LC_PERCENTILES      4 /* 50, 90, 95, 99: of every result */
#define LC_MOST_PERCENTILES 8 /* with those that were asked for */
/* Which percentiles, in percent, below 100; the first four are those of every result. */
struct lc_percentile_list {
    unsigned count;
    double percent[LC_MOST_PERCENTILES];
};

struct lc_percentiles {
    struct lc_estimate value[LC_MOST_PERCENTILES]; /* [k]: of percentile_list.percent[k] of the result */
    bool known;
};

/* Adds a percentile that is not in the list yet. False: the list is full. */
bool lc_percentile_add(struct lc_percentile_list *list, double percent);

struct lc_histogram_result {
    struct lc_estimate
        *bins; /* underflow, bins…, overflow: bins + 2 of them; NULL: no histogram. Fractions of samples. */
};

struct lc_processor_result {
    struct lc_estimate utilization, load, queue_length; /* queue_length: waiting, not in service */
};

struct lc_task_result {
    struct lc_estimate throughput, utilization, load;
    struct lc_estimate phase_utilization[LC_PHASES];
    struct lc_estimate processor_utilization;
    struct lc_estimate queue_length, waiting_time; /* of messages in the task's queue, all entries */
    struct lc_estimate dropped;                    /* fraction of arriving messages */
    /* Requests to entries with a decision; NaN without one: attempts that were not answered in time, requests that were
     * given up (fractions), and how often one was sent anew (mean). */
    struct lc_estimate timed_out, given_up, retries;
    /* Replicas that come and go; NaN elsewhere: how many there are (starting, serving, down or at their end), how many
     * of them serve, and how many are started per time unit. */
    struct lc_estimate replicas, serving, starts;
    bool saturated; /* its queue grows without bound, or it is always full */
    /* semaphores and locks; NaN elsewhere. [0] semaphore or reader, [1] writer */
    struct lc_estimate lock_waiting[2], lock_waiting_variance[2], lock_holding[2], lock_holding_variance[2];
    struct lc_estimate lock_utilization[2];
};

struct lc_activity_result { /* a phase or an activity */
    struct lc_estimate service_time, service_time_variance;
    struct lc_estimate utilization, throughput;
    struct lc_estimate processor_waiting, processor_utilization;
    struct lc_estimate exceeded; /* P(service time > max_service_time) */
    struct lc_histogram_result histogram;
    struct lc_estimate *calls;         /* waiting time per call, in the order of its calls */
    struct lc_estimate *call_variance; /* of the waiting time */
    struct lc_estimate *call_loss;     /* fraction lost */
};

struct lc_entry_result {
    struct lc_estimate throughput, utilization, processor_utilization;
    struct lc_estimate service_time; /* all phases */
    struct lc_estimate cv2;          /* of the service time */
    /* Where requests go on after their answer (lc_workload_result.completion_time), NaN elsewhere: from the beginning
     * of the request that led here to the end of the service. */
    struct lc_estimate cumulated_runtime;
    double throughput_bound;                     /* see lc_result_bounds() */
    struct lc_activity_result phases[LC_PHASES]; /* activity entries: phase 1 start → reply, 2 the rest */
    struct lc_percentiles percentiles;           /* of phase 1: from when a thread takes the message to the reply */
    struct lc_estimate open_response_time;       /* open arrivals: arrival → end of phase 1 */
    struct lc_percentiles open_percentiles;
    struct lc_estimate open_loss;
    struct lc_estimate *forwards, *forward_variance; /* waiting time per forwarding */
};

struct lc_join_result { /* and-joins, in the order tasks → precedences */
    int task, precedence;
    struct lc_estimate delay, variance;
};

/* What a workload's means lie between whatever the queues do; NaN: no bound is known. */
struct lc_workload_bounds {
    double throughput_low, throughput_high;
    double response_low, response_high;
};

/* A source of load: a ref task, an open task, or the open arrivals of an entry. */
struct lc_workload_result {
    int task, entry; /* the one it is; the other LC_NONE */
    struct lc_estimate throughput,
        response_time; /* response: one cycle without think time / arrival → end of phase 1 */
    struct lc_percentiles percentiles;
    /* Until all that a request set going has ended: calls that nobody waited for, work after the answer, and what these
     * set going in turn; of a session without the pauses. NaN and not known where answers end requests. */
    struct lc_estimate completion_time;
    struct lc_percentiles completion_percentiles;
    struct lc_estimate failed; /* the part of its requests that were answered with an error; NaN where none can be */
    struct lc_workload_bounds bounds;
};

/* What policies did with the calls from one task to another, docs/policies.md. Parts of the requests: failed, hits; per
 * request: retries; parts of the attempts: timed_out, errors, short_circuited, full, limited, shed; per attempt:
 * copies. */
struct lc_policy_result {
    int from, to;                /* tasks */
    struct lc_estimate requests; /* per time unit */
    struct lc_estimate failed, hits, retries;
    struct lc_estimate timed_out, errors, short_circuited, full, limited, shed, copies;
    struct lc_estimate open; /* the part of the time that the breaker does not let everything pass */
};

struct lc_bottleneck {
    int processor, task; /* one of them; the other LC_NONE */
    struct lc_estimate load;
    char *reason;
};

/* A queue that grows without end: there is no steady state, and what depends on the queue tells how long it was
 * watched. */
struct lc_overload {
    int queue;           /* the task in front of which it stands; LC_NONE: none grows, and the rest is void */
    int processor, task; /* what is full: that task or its processor, or what its requests wait for further down; the
                            other LC_NONE */
    char *why;           /* "retries multiply the requests of 'web' to 'photo' by 2.3"; NULL: they have no part in it */
};

/* What each replication measured, in the order of their numbers: for differences of pairs. */
struct lc_samples {
    struct lc_estimate **of; /* per measure the estimate of the result that its values went into; NULL: none */
    size_t count;
    double *values; /* [replication][measure]; NaN where nothing was seen */
    uint32_t replications;
};

struct lc_result {
    const struct lc_model *model; /* borrowed; must outlive the result */
    uint64_t seed;
    uint64_t first_replication;
    uint32_t replications;
    struct lc_percentile_list percentile_list;
    struct lc_samples samples;     /* empty unless they were asked for */
    double simulated_time, warmup; /* model time per replication */
    uint64_t events, completions;  /* completions: services completed at processors */
    double elapsed_s;
    bool converged;
    int drifts;   /* a task whose requests still become significantly more, or fewer: not converged; LC_NONE */
    bool partial; /* somebody asked for the end (lc_sim_options.stop): what was known then */
    struct lc_overload overload;
    bool ended;                  /* not converged, because a queue grows significantly: more time would not help */
    double precision;            /* reached: the largest relative half-width of what is watched */
    double percentile_precision; /* the same of percentiles, which may be twice as wide */
    const char *solver;          /* "simulation" or "analytic" */
    unsigned iterations;         /* of the analytic solution; 0: simulated */
    double residual;             /* its last relative change */
    struct lc_processor_result *processors;
    struct lc_task_result *tasks;
    struct lc_entry_result *entries;
    struct lc_activity_result **activities; /* [task][activity] */
    struct lc_join_result *joins;
    size_t join_count;
    struct lc_workload_result *workloads;
    size_t workload_count;
    struct lc_policy_result *policies; /* one for each pair of tasks with policies */
    size_t policy_count;
    struct lc_bottleneck *bottlenecks; /* highest load first */
    size_t bottleneck_count;
};

/* A result for `model` with every estimate NaN. */
struct lc_result *lc_result_new(const struct lc_model *model);
void lc_result_free(struct lc_result *result);
/* The estimate of a percentile, such as 99.9; `of` is one of the result's. NULL: it is not known. */
const struct lc_estimate *lc_percentile(const struct lc_result *result, const struct lc_percentiles *of,
                                        double percent);
/* Fills the bounds of throughput: of an entry of a ref task, the cycles of all customers with it when nobody else is
 * there (asymptotic, traffic.h); of other entries with a limited number of threads, threads / shortest mean time of all
 * phases. NaN where there is no limit. Also the asymptotic bounds of workloads (Denning & Buzen 1978). */
void lc_result_bounds(struct lc_result *result);

/* Between what 95 % of single replications lie: how far one measurement that is as long as they are may be from the
 * mean. `estimate` is one of the result's. NaN without samples of at least 40 replications. */
void lc_result_range(const struct lc_result *result, const struct lc_estimate *estimate, double *low, double *high);

/* "loadcast.result/1" of the contract, as a value of jansson, json_t *; a new reference. */
struct json_t;
struct json_t *lc_result_json(const struct lc_result *result);

#ifdef __cplusplus
}
#endif

#endif
