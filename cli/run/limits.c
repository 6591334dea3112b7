/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What saturates, and in which order: the factor of the load at which each component is full although nothing below it
 * keeps it waiting. A component that is full earlier than that is so because one below it is, and is not the limit. */
#include <math.h>
#include <stdlib.h>

#include "run.h"

/* The highest level of the scenario, when none is told as a factor. */
static const struct lc_load_point *highest(const struct run *run)
{
    const struct lc_load_point *best = NULL;
    double most = -1;
    for (size_t i = 0; i < run->scenario->point_count; i++) {
        const struct lc_load_point *p = &run->scenario->points[i];
        double sum = 0;
        for (size_t w = 0; p->levels != NULL && w < run->scenario->workload_count; w++)
            sum += p->levels[w];
        if (p->levels == NULL)
            return NULL;
        if (sum > most) {
            most = sum;
            best = p;
        }
    }
    return best;
}

static double open_rate(const struct run *run, const struct lc_load_point *load, const struct lc_what_if *change)
{
    double sum = 0;
    for (size_t w = 0; w < run->scenario->workload_count; w++)
        if (!run->scenario->workloads[w].closed)
            sum += run_mean_level(run, load, change, w) * run->requests[w];
    return sum;
}

static int by_factor(const void *a, const void *b)
{
    const struct run_limit *x = a, *y = b;
    if (x->first != y->first)
        return x->first ? -1 : 1;
    if (x->factor != y->factor)
        return x->factor < y->factor ? -1 : 1;
    if (x->component.processor != y->component.processor)
        return x->component.processor ? -1 : 1;
    return (x->component.index > y->component.index) - (x->component.index < y->component.index);
}

static void collect(const struct lc_model *model, const struct lc_flow *flow, struct run_limits *limits)
{
    size_t count;
    struct run_component *components = run_components(model, &count);
    limits->items = lc_calloc(count, sizeof *limits->items);
    for (size_t i = 0; i < count; i++) {
        const struct run_component *c = &components[i];
        const double load = c->processor ? flow->processor_load[c->index] : flow->task_load[c->index];
        const bool limits_all = c->processor ? flow->processor == c->index : flow->task == c->index;
        /* Of several that are full at the same load the solver names the deepest. */
        if (load > 0)
            limits->items[limits->count++] =
                (struct run_limit){*c, RUN_TRICKLE / load, limits_all, NAN, NAN, NAN, NULL};
    }
    if (limits->count > 1)
        qsort(limits->items, limits->count, sizeof *limits->items, by_factor);
    free(components);
}

static int find_limits(struct run *run, const struct lc_load_point *load, struct run_limits *limits,
                       struct lc_diag *diag)
{
    struct lc_flow flow = {0};
    struct lc_model *model = run_trickle(run, load, limits->change, diag);
    const int status = model != NULL ? lc_flow_solve(model, &flow, diag) : -1;
    if (status == 0)
        collect(model, &flow, limits);
    lc_flow_free(&flow);
    limits->model = model; /* the components' names are its */
    limits->rate = open_rate(run, load, limits->change);
    if (status == 0)
        run_find_uncertainty(run, limits);
    return status;
}

int run_find_limits(struct run *run, struct lc_diag *diag)
{
    const struct lc_scenario *s = run->scenario;
    const struct lc_load_point one = {.factor = 1}, *level = highest(run);
    const struct lc_load_point *load = level != NULL ? level : &one;
    run->reference = level != NULL ? level->name : NULL;
    run->limits = lc_calloc(1 + s->what_if_count, sizeof *run->limits);
    for (size_t i = 0; i <= s->what_if_count; i++) {
        run->limits[i].change = i > 0 ? &s->what_ifs[i - 1] : NULL;
        if (find_limits(run, load, &run->limits[i], diag) != 0)
            return -1;
    }
    return 0;
}
