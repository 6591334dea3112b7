/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "questions.h"

/* ---- what the flow allows ---------------------------------------------------------------------------------------- */

static double load_of(const struct lc_flow *flow, const struct run_component *c)
{
    return c->processor ? flow->processor_load[c->index] : flow->task_load[c->index];
}

/* The strictest limit of a component's load in the search's goals; 1 is where queues grow. */
static double limit_of(const struct run *run, const struct run_search *s, const struct run_component *c)
{
    double limit = 1;
    for (size_t g = 0; g < run->scenario->goal_count; g++) {
        const struct lc_goal *goal = &run->scenario->goals[g];
        if (goal->kind == LC_GOAL_LOAD && (s->goal == NULL || s->goal == goal) &&
            (goal->component == NULL || strcmp(goal->component, c->name) == 0))
            limit = fmin(limit, goal->limit);
    }
    return limit;
}

static int flow_at(const struct run *run, const struct run_search *s, double factor, struct lc_model **model,
                   struct lc_flow *flow, struct lc_diag *diag)
{
    struct lc_load_point load = {.factor = s->workload == LC_NONE ? factor : NAN};
    if (s->workload != LC_NONE) {
        load.levels = lc_calloc(run->scenario->workload_count, sizeof *load.levels);
        for (size_t w = 0; w < run->scenario->workload_count; w++) {
            const struct lc_workload *workload = &run->scenario->workloads[w];
            load.levels[w] =
                (workload->closed ? (double)workload->users : workload->rate) * ((int)w == s->workload ? factor : 1);
        }
    }
    *model = run_model(run, &load, s->change, diag);
    free(load.levels);
    return *model != NULL ? lc_flow_solve(*model, flow, diag) : -1;
}

/* Whether the component is as busy at the factor as the line says: where requests are dropped it is not. */
static bool reaches(const struct run *run, const struct run_search *s, const struct run_component *c, double factor,
                    double limit)
{
    struct lc_diag own = {0};
    struct lc_model *model;
    struct lc_flow flow = {0};
    const bool any = flow_at(run, s, factor, &model, &flow, &own) == 0 && load_of(&flow, c) >= limit * (1 - 1e-6);
    lc_flow_free(&flow);
    lc_model_free(model);
    lc_diag_free(&own);
    return any;
}

/* Loads of open sources are straight lines over their factor. */
double run_flow_bound(const struct run *run, const struct run_search *s, struct run_component *first,
                      struct lc_diag *diag)
{
    struct lc_model *models[2] = {NULL, NULL};
    struct lc_flow flows[2] = {{0}, {0}};
    double bound = INFINITY;
    if (flow_at(run, s, 1, &models[0], &flows[0], diag) == 0 && flow_at(run, s, 2, &models[1], &flows[1], diag) == 0) {
        size_t count;
        struct run_component *components = run_components(models[0], &count);
        for (size_t i = 0; i < count; i++) {
            const struct run_component *c = &components[i];
            const double limit = limit_of(run, s, c), slope = load_of(&flows[1], c) - load_of(&flows[0], c);
            const double factor = 1 + (limit - load_of(&flows[0], c)) / slope;
            if (c->limited && slope > 1e-12 && factor < bound && (factor <= 0 || reaches(run, s, c, factor, limit))) {
                bound = fmax(factor, 0);
                *first = *c;
            }
        }
        free(components);
        /* Elements of changes are added at the end: those of the base keep their places. */
        const size_t known = first->processor ? run->base->processor_count : run->base->task_count;
        const bool named = isfinite(bound) && (size_t)first->index < known;
        first->name = !named             ? NULL
                      : first->processor ? run->base->processors[first->index].name
                                         : run->base->tasks[first->index].name;
    }
    for (int i = 0; i < 2; i++) {
        lc_flow_free(&flows[i]);
        lc_model_free(models[i]);
    }
    return bound;
}

/* ---- capacities -------------------------------------------------------------------------------------------------- */

/* The loads that were simulated anyway tell where to begin. */
static void use_points(const struct run *run, struct run_search *s)
{
    for (size_t i = 0; i < run->point_count && s->workload == LC_NONE; i++) {
        const struct run_point *p = &run->points[i];
        if (p->change != s->change || p->load->levels != NULL)
            continue;
        const enum lc_judgement j = run_search_judge(s, p);
        if (j == LC_GOAL_MET && p->load->factor < s->misses)
            s->keeps = fmax(s->keeps, p->load->factor);
        else if (j == LC_GOAL_MISSED && p->load->factor > s->keeps)
            s->misses = fmin(s->misses, p->load->factor);
    }
}

static double growing_rate(const struct run *run, int workload)
{
    double rate = 0;
    for (size_t w = 0; w < run->scenario->workload_count; w++)
        if (!run->scenario->workloads[w].closed && (workload == LC_NONE || workload == (int)w))
            rate += run->scenario->workloads[w].rate * run->requests[w];
    return rate;
}

int run_find_capacities(const struct run *run, struct run_questions *q, double deadline, struct lc_diag *diag)
{
    const struct lc_scenario *s = run->scenario;
    size_t left = 0;
    for (size_t c = 0; c <= s->what_if_count; c++)
        left += c == 0 || !s->what_ifs[c - 1].swept ? s->capacity.count : 0;
    q->capacities = lc_calloc(left, sizeof *q->capacities);
    for (size_t c = 0; c <= s->what_if_count; c++) {
        if (c > 0 && s->what_ifs[c - 1].swept)
            continue;
        for (size_t i = 0; i < s->capacity.count; i++) {
            struct run_capacity *capacity = &q->capacities[q->capacity_count++];
            const double now = cli_seconds();
            capacity->search = (struct run_search){.change = c > 0 ? &s->what_ifs[c - 1] : NULL,
                                                   .workload = s->capacity.of[i],
                                                   .within = s->capacity.within,
                                                   .deadline = now + (deadline - now) / (double)left--};
            capacity->rate = growing_rate(run, s->capacity.of[i]);
            capacity->search.misses = run_flow_bound(run, &capacity->search, &capacity->bound, diag);
            capacity->forbidden = capacity->search.misses;
            use_points(run, &capacity->search);
            if (run_search(run, &capacity->search, diag) != 0)
                return -1;
        }
    }
    return 0;
}

bool run_searches(const struct run *run)
{
    return run->scenario->capacity.count > 0 || run->scenario->growth.given;
}

int run_answer(struct run *run, double deadline, struct lc_diag *diag)
{
    struct run_questions *q = run->questions = lc_calloc(1, sizeof *q);
    const double now = cli_seconds();
    const double first = run->scenario->growth.given ? now + (deadline - now) / 2 : deadline;
    if (run->scenario->capacity.count > 0 && run_find_capacities(run, q, first, diag) != 0)
        return -1;
    return run->scenario->growth.given ? run_find_crossings(run, q, deadline, diag) : 0;
}

void run_questions_free(struct run_questions *q)
{
    if (q == NULL)
        return;
    for (size_t i = 0; i < q->capacity_count; i++)
        run_trial_free(q->capacities[i].search.miss);
    free(q->capacities);
    free(q->crossings);
    free(q);
}
