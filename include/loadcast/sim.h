/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Discrete-event simulation of one model: replications in waves over threads, warm-up guessed by the solver or
 * found by MSER-5 and deleted, sequential stop on relative precision. The result depends on the model, the options and
 * the seed only: not on the number of threads, nor on the order of elements in the file.
 */
#ifndef LOADCAST_SIM_H
#define LOADCAST_SIM_H

#include "result.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A count of threads that nobody uses at the moment, shared by work that goes on at the same time. Safe to call from
 * any thread. */
struct lc_spare;

struct lc_sim_options {
    double precision; /* relative half-width at `confidence` for every throughput, utilization and service time; 0.01 */
    /* The precision is asked only of the throughput and response time of each workload and, absolutely, of the loads:
     * what nobody asked about does not set the length. False: of every row. */
    bool answers;
    /* The result has these percentiles beside those of every result; with `answers` the precision is also asked of
     * them, of each workload: they may be twice as wide as the rest. */
    struct lc_percentile_list percentiles;
    double max_events;     /* after which the precision is given up; 0: 2e9, some minutes */
    double confidence;     /* of the stopping rule; 0.95 */
    uint64_t seed;         /* 1 */
    unsigned jobs;         /* threads; 0: one per core */
    unsigned replications; /* 0: as many as the precision needs, at least 10; otherwise exactly that many */
    double run_time;       /* model time of a replication without warm-up; 0: chosen */
    double warmup;         /* model time that is deleted; negative: chosen */
    double max_time_s;     /* wall clock; 0: no limit. The result then says converged = false. */
    double max_queue;      /* requests that may wait for a task; more are an error. 0: what memory holds */
    const lc_flag *stop;   /* not 0: end now, with what is known (partial); a signal may set it. NULL: nobody asks */
    /* Number of the first replication, which keys its random streams; 0: the one after the pilots. Two models whose
     * replications have the same numbers see the same random numbers. */
    uint64_t first_replication;
    double least_warmup, least_run_time; /* of what is chosen; a run time up to twice as long is taken for the same */
    bool samples;                        /* the result keeps what each replication measured */
    bool unsteady;          /* go on without a steady state: what grows depends on the run time and the warm-up */
    struct lc_spare *spare; /* threads that may be used besides the calling one, at most jobs − 1; shared by
                               experiments that run at the same time; borrowed. NULL: jobs − 1 */
    /* Both are called between waves from the calling thread and may be NULL: the one with the part done (0…1) and the
     * precision reached, the other with the estimates so far; it ends the simulation by returning true. */
    void (*progress)(void *context, double done, double precision);
    bool (*enough)(void *context, const struct lc_result *result);
    void *context;
};
struct lc_sim_options lc_sim_defaults(void);

/* NULL with an error when the model has no steady state (message names the resource and its limit) or cannot be
 * simulated. */
struct lc_result *lc_simulate(const struct lc_model *model, const struct lc_sim_options *options, struct lc_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
