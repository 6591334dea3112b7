/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How often each entry could be run at the most if nobody ever waited. */
#include "loadcast/flow.h"
#include "loadcast/result.h"

#include <math.h>

/* Part of the source's cycles that run this entry. */
static double share(const struct lc_model *m, const struct lc_task *t, const struct lc_entry *e)
{
    double sum = 0;
    for (size_t i = 0; i < t->entry_count; i++)
        sum += m->entries[t->entries[i]].probability;
    return sum > 0 ? e->probability / sum : 1.0 / (double)t->entry_count;
}

void lc_result_bounds(struct lc_result *result)
{
    const struct lc_model *m = result->model;
    struct lc_diag diag = {0};
    struct lc_flow flow = {0};
    if (lc_flow_solve(m, &flow, &diag) == 0) {
        for (size_t i = 0; i < m->entry_count; i++) {
            const double bound = lc_task_threads(&m->tasks[m->entries[i].task]) / flow.entry_total[i];
            if (isfinite(bound) && bound > 0)
                result->entries[i].throughput_bound = bound;
        }
        for (size_t b = 0; b < flow.bound_count; b++) {
            const struct lc_task *t = &m->tasks[flow.bounds[b].source];
            const double cycles = flow.bounds[b].throughput;
            for (size_t i = 0; i < t->entry_count && isfinite(cycles); i++)
                result->entries[t->entries[i]].throughput_bound = cycles * share(m, t, &m->entries[t->entries[i]]);
        }
        lc_flow_free(&flow);
    }
    lc_diag_free(&diag);
}
