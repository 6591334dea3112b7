/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Activity graphs as the solver sees them: threads, phases, and the moments of the time that a run takes.
 */
#ifndef LCS_SOLVE_GRAPH_H
#define LCS_SOLVE_GRAPH_H

#include "layers.h"

struct lcs_graph_plan {
    const struct lc_model *model;
    int entry;
    int count; /* activities, each before what follows it */
    int *order;
    int *from;    /* per activity of the task: the precedence that it ends in, LC_NONE */
    int *join_of; /* per precedence that forks: the and-join of its branches, LC_NONE */
    int *thread;  /* per activity: 0, or the number of its branch */
    int *phase;   /* per activity: 1 until the reply, 2 behind it */
    int branches;
    /* The last answer, and the times that it is for: */
    struct lcs_moments2 *times, reply, total;
};

/* NULL with an error: branches that join in a way that has no analytic treatment. */
struct lcs_graph_plan *lcs_graph_plan_new(const struct lc_model *model, int entry, struct lc_diag *diag);
void lcs_graph_plan_free(struct lcs_graph_plan *plan);

/* When activity a takes time[a]: until the reply, until the end; per join (precedence index) the time from its fork,
 * NaN elsewhere. `joins` may be NULL. */
void lcs_graph_plan_times(struct lcs_graph_plan *plan, const struct lcs_moments2 *time, struct lcs_moments2 *reply,
                          struct lcs_moments2 *total, struct lcs_moments2 *joins);

#endif
