/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How certain the limits are when the times come from samples: each learned mean is moved by its standard error, and
 * what that does to the load of each component is added up in squares (the delta method; the means of different
 * segments are taken for independent). Probabilities of patterns are taken as they are. */
#include <math.h>
#include <stdlib.h>

#include "loadcast/edit.h"
#include "run.h"

#define NORMAL_95 1.96

static double load_of(const struct lc_flow *flow, const struct run_component *c)
{
    return c->processor ? flow->processor_load[c->index] : flow->task_load[c->index];
}

/* Adds the squared relative changes of all loads when one parameter is a standard error larger. */
static void add_changes(const struct lc_model *model, const struct lc_parameter *parameter,
                        const struct run_limits *limits, double *variances)
{
    struct lc_model *moved = lc_model_copy(model);
    struct lc_diag own = {0};
    struct lc_flow flow = {0};
    double value = 0;
    /* A what-if may have removed or replaced the element: then its samples do not matter. */
    if (lc_edit_get(moved, parameter->path, &value, &own, NULL) == 0 &&
        lc_edit_number(moved, parameter->path, value * (1 + parameter->standard_error / parameter->mean), &own, NULL) ==
            0 &&
        lc_flow_solve(moved, &flow, &own) == 0)
        for (size_t i = 0; i < limits->count; i++) {
            const struct run_limit *l = &limits->items[i];
            const double change = load_of(&flow, &l->component) * l->factor - 1;
            variances[i] += change * change;
        }
    lc_flow_free(&flow);
    lc_diag_free(&own);
    lc_model_free(moved);
}

void run_find_uncertainty(const struct run *run, struct run_limits *limits)
{
    double *variances = lc_calloc(limits->count, sizeof *variances);
    for (size_t i = 0; i < run->learned.parameter_count; i++) {
        const struct lc_parameter *parameter = &run->learned.parameters[i];
        if (parameter->mean > 0 && parameter->standard_error > 0)
            add_changes(limits->model, parameter, limits, variances);
    }
    for (size_t i = 0; i < limits->count; i++)
        limits->items[i].uncertainty = run->learned_model ? NORMAL_95 * sqrt(variances[i]) : NAN;
    free(variances);
}
