/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether the figures of a result can be. */
#include "solution.h"

#include <math.h>

#define ROUNDING 1e-6 /* a load may be above 1 by so much */

static bool is_negative_or_none(double figure)
{
    return !(figure >= 0);
}

static bool is_too_full(double load)
{
    return isfinite(load) && load > 1 + ROUNDING;
}

/* The first processor or task that would be busy for longer than there is time; NULL: none. */
static const char *too_full(const struct lc_result *r, double *load)
{
    const struct lc_model *m = r->model;
    for (size_t p = 0; p < m->processor_count; p++)
        if (m->processors[p].scheduling != LC_INF && is_too_full(*load = r->processors[p].load.mean))
            return m->processors[p].name;
    for (size_t t = 0; t < m->task_count; t++)
        if (is_too_full(*load = r->tasks[t].load.mean))
            return m->tasks[t].name;
    return NULL;
}

/* The first task or source of load of which a figure is negative or no number; NULL: none. */
static const char *without_number(const struct lc_result *r)
{
    const struct lc_model *m = r->model;
    for (size_t t = 0; t < m->task_count; t++)
        if (is_negative_or_none(r->tasks[t].throughput.mean) ||
            (!lc_is_source(&m->tasks[t]) && is_negative_or_none(r->tasks[t].queue_length.mean)))
            return m->tasks[t].name;
    for (size_t e = 0; e < m->entry_count; e++)
        if (is_negative_or_none(r->entries[e].service_time.mean))
            return m->entries[e].name;
    for (size_t w = 0; w < r->workload_count; w++)
        if (r->workloads[w].throughput.mean > 0 && is_negative_or_none(r->workloads[w].response_time.mean))
            return m->tasks[r->workloads[w].task].name;
    return NULL;
}

bool lcs_is_sound(const struct lc_result *r, struct lc_diag *diag)
{
    const struct lc_place place = {r->model->source, 0, 0, -1};
    double load;
    const char *name = too_full(r, &load);
    if (name != NULL)
        lc_error(
            diag, LC_UNDECIDED, &place,
            "no solution was found: after %u iterations '%s' would be busy %.5g %% of the time; simulate the model "
            "instead",
            r->iterations, name, 100 * load);
    else if ((name = without_number(r)) != NULL)
        lc_error(diag, LC_UNDECIDED, &place,
                 "no solution was found: after %u iterations a figure of '%s' is no number; simulate the model instead",
                 r->iterations, name);
    return name == NULL;
}
