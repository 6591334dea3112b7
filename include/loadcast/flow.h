/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The deterministic flow through a model: what can be said about load before anything is simulated. Visits by solving
 * the traffic along calls, forwards and activity graphs; demands; the utilization law per processor; for tasks the time
 * a thread is held at the least (own demand, delays and nested calls without any queueing: a lower bound on a thread's
 * holding time, hence an upper bound on what the task can sustain). Bounds for closed classes: Denning & Buzen 1978, X
 * ≤ min(1/Dmax, N/(D+Z)).
 */
#ifndef LOADCAST_FLOW_H
#define LOADCAST_FLOW_H

#include "lqn.h"

struct lc_flow {
    /* Per element, for the open sources of the model at their rates (closed sources contribute nothing here): */
    double *entry_rate;            /* invocations per time unit */
    double *processor_utilization; /* busy servers */
    double *task_utilization;      /* busy threads, at the least */
    /* For one invocation, without queueing: */
    double *entry_phase1, *entry_total; /* time until the reply, until the end of all phases */
    /* The component with the highest load (utilization / servers): */
    int processor, task; /* one is LC_NONE; both when nothing is limited */
    double load;         /* ≥ 1: no steady state */
    double limit_factor; /* 1 / load: every open rate may grow by this factor */
};

/* 0, or −1 with an error (a cycle of calls). Free with lc_flow_free(). */
int lc_flow_solve(const struct lc_model *model, struct lc_flow *flow, struct lc_diag *diag);
void lc_flow_free(struct lc_flow *flow);

#endif
