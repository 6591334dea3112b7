/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the traffic equations alone say of a load that grows: loads of components are straight lines over its factor. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "predict.h"

#define FLAT 1e-12 /* a slope that is none */

static double load_of(const struct lc_traffic *traffic, const struct lc_component *c)
{
    return c->processor ? traffic->processor_load[c->index] : traffic->task_load[c->index];
}

/* The strictest limit of a component's load in the search's goals; 1 is where queues grow. */
static double limit_of(const struct lc_verdict *verdict, const struct lc_search *s, const struct lc_component *c)
{
    double limit = 1;
    for (size_t g = 0; g < verdict->scenario->goal_count; g++) {
        const struct lc_goal *goal = &verdict->scenario->goals[g];
        if (goal->kind == LC_GOAL_LOAD && (s->goal == NULL || s->goal == goal) &&
            (goal->component == NULL || strcmp(goal->component, c->name) == 0))
            limit = fmin(limit, goal->limit);
    }
    return limit;
}

static struct lc_model *model_at(const struct lc_verdict *verdict, const struct lc_search *s, double factor,
                                 bool trickle, struct lc_diag *diag)
{
    const struct lc_load_point load = lcp_search_load(s, factor);
    struct lc_model *model =
        trickle ? lcp_trickle(verdict, &load, s->change, diag) : lcp_model(verdict, &load, s->change, diag);
    return model;
}

/* Whether the component is as busy at the factor as the line says: where requests are dropped it is not. */
static bool reaches(const struct lc_verdict *verdict, const struct lc_search *s, const struct lc_bound *b)
{
    struct lc_diag own = {0};
    struct lc_traffic traffic = {0};
    struct lc_model *model = model_at(verdict, s, b->factor, false, &own);
    const bool any = model != NULL && lc_traffic_solve(model, &traffic, &own) == 0 &&
                     load_of(&traffic, &b->component) >= b->limit * (1 - 1e-6);
    lc_traffic_free(&traffic);
    lc_model_free(model);
    lc_diag_free(&own);
    return any;
}

static double factor_at(double at_one, double slope, double limit)
{
    return slope > FLAT ? fmax(1 + (limit - at_one) / slope, 0) : INFINITY;
}

static int by_factor(const void *a, const void *b)
{
    const struct lc_bound *x = a, *y = b;
    if (fabs(x->factor - y->factor) > 1e-9 * fabs(y->factor))
        return x->factor < y->factor ? -1 : 1;
    if (x->component.processor != y->component.processor)
        return x->component.processor ? -1 : 1;
    return (x->component.index > y->component.index) - (x->component.index < y->component.index);
}

int lcp_find_bounds(const struct lc_verdict *verdict, const struct lc_search *s, bool trickle, struct lc_bounds *bounds,
                    struct lc_diag *diag)
{
    struct lc_traffic traffic[2] = {{0}, {0}};
    const double scale = trickle ? LCP_TRICKLE : 1;
    int status = 0;
    *bounds = (struct lc_bounds){0};
    for (int i = 0; i < 2 && status == 0; i++) {
        bounds->models[i] = model_at(verdict, s, 1 + i, trickle, diag);
        status = bounds->models[i] != NULL ? lc_traffic_solve(bounds->models[i], &traffic[i], diag) : -1;
    }
    size_t count = 0;
    struct lc_component *components = status == 0 ? lc_components(bounds->models[0], &count) : NULL;
    bounds->items = lc_calloc(count, sizeof *bounds->items);
    for (size_t i = 0; i < count; i++) {
        const struct lc_component *c = &components[i];
        struct lc_bound *b = &bounds->items[bounds->count];
        *b = (struct lc_bound){
            .component = *c, .limit = limit_of(verdict, s, c), .at_one = load_of(&traffic[0], c) / scale};
        b->slope = load_of(&traffic[1], c) / scale - b->at_one;
        b->factor = factor_at(b->at_one, b->slope, b->limit);
        if (c->limited && isfinite(b->factor) && (trickle || b->factor <= 0 || reaches(verdict, s, b)))
            bounds->count++;
    }
    if (bounds->count > 1)
        qsort(bounds->items, bounds->count, sizeof *bounds->items, by_factor);
    free(components);
    lc_traffic_free(&traffic[0]);
    lc_traffic_free(&traffic[1]);
    return status;
}

double lcp_first_full(const struct lc_bounds *bounds)
{
    double full = INFINITY;
    for (size_t i = 0; i < bounds->count; i++)
        full = fmin(full, factor_at(bounds->items[i].at_one, bounds->items[i].slope, 1));
    return full;
}

/* ---- in the bootstrap replicates
 * -------------------------------------------------------------------------------------- */

struct replicates {
    const struct lc_bounds *bounds;
    double *limit, *full;
};

static void solve_replicate(struct lc_verdict *verdict, size_t replicate, void *context)
{
    const struct replicates *replicates = context;
    struct lc_traffic traffic[2] = {{0}, {0}};
    struct lc_diag own = {0};
    bool solved = true;
    for (int i = 0; i < 2; i++) {
        struct lc_model *model = lcp_replicate_model(verdict, replicates->bounds->models[i], replicate);
        solved = solved && lc_traffic_solve(model, &traffic[i], &own) == 0;
        lc_model_free(model);
    }
    replicates->limit[replicate] = replicates->full[replicate] = solved ? INFINITY : NAN;
    for (size_t i = 0; i < replicates->bounds->count && solved; i++) {
        const struct lc_bound *b = &replicates->bounds->items[i];
        const double at_one = load_of(&traffic[0], &b->component), slope = load_of(&traffic[1], &b->component) - at_one;
        replicates->limit[replicate] = fmin(replicates->limit[replicate], factor_at(at_one, slope, b->limit));
        replicates->full[replicate] = fmin(replicates->full[replicate], factor_at(at_one, slope, 1));
    }
    lc_traffic_free(&traffic[0]);
    lc_traffic_free(&traffic[1]);
    lc_diag_free(&own);
}

void lcp_bounds_of_replicates(struct lc_verdict *verdict, const struct lc_bounds *bounds, size_t count, double *limit,
                              double *full)
{
    struct replicates replicates = {bounds, limit, full};
    lcp_parallel(verdict, count, solve_replicate, &replicates);
}

void lcp_bounds_free(struct lc_bounds *bounds)
{
    lc_model_free(bounds->models[0]);
    lc_model_free(bounds->models[1]);
    free(bounds->items);
}
