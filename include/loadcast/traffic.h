/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The traffic equations of a model: what can be said about load before anything is simulated. Visits by solving
 * the traffic along calls, forwards and activity graphs; demands; the utilization law per processor; for tasks the time
 * a thread is held at the least (own demand, delays and nested calls without any queueing: a lower bound on a thread's
 * holding time, hence an upper bound on what the task can sustain). Bounds for closed classes: Denning & Buzen 1978, X
 * ≤ min(1/Dmax, N/(D+Z)).
 */
#ifndef LOADCAST_TRAFFIC_H
#define LOADCAST_TRAFFIC_H

#include "lqn.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The highest throughput of one closed source (ref task), all others silent, the open sources at their rates. */
struct lc_traffic_bound {
    int source;          /* the ref task */
    double throughput;   /* cycles per time unit of all its customers together */
    double cycle;        /* one cycle at the least, think time included */
    int processor, task; /* what limits it; both LC_NONE: the customers themselves */
};

struct lc_traffic {
    /* Per element, for the open sources of the model at their rates (closed sources contribute nothing here): */
    double *entry_rate;            /* invocations per time unit, of all replicas together */
    double *processor_utilization; /* busy servers */
    double *task_utilization;      /* busy threads, at the least */
    double *processor_load;        /* utilization / servers; 0 where there is no limit */
    double *token_load; /* per task: requests / tokens of the fullest rate limit at which they wait; 0: none */
    double *task_load;  /* utilization / threads, or that, whichever is higher */
    /* For one invocation, without queueing: */
    double *entry_phase1, *entry_total; /* time until the reply, until the end of all phases */
    /* The component with the highest load (utilization / servers); of equal ones the deepest, because the threads above
     * it are held by waiting for it: */
    int processor, task; /* one is LC_NONE; both when nothing is limited */
    double load;         /* ≥ 1: no steady state */
    double limit_factor; /* 1 / load: every open rate may grow by this factor; infinite when nothing is limited */
    struct lc_traffic_bound *bounds; /* one per closed source */
    size_t bound_count;
};

/* 0, or −1 with an error (a cycle of calls). Free with lc_traffic_free(). Tasks that drop what finds their queue full
 * are no limit for what they may drop, and pass on no more than they can serve. */
int lc_traffic_solve(const struct lc_model *model, struct lc_traffic *traffic, struct lc_diag *diag);
void lc_traffic_free(struct lc_traffic *traffic);

#ifdef __cplusplus
}
#endif

#endif
