/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "questions.h"

static double growing_rate(const struct run *run, const struct lc_what_if *change, int workload)
{
    const struct lc_load_point one = {.factor = 1};
    double rate = 0;
    for (size_t w = 0; w < run->scenario->workload_count; w++)
        if (!run->scenario->workloads[w].closed && (workload == LC_NONE || workload == (int)w))
            rate += run_mean_level(run, &one, change, w) * run->requests[w];
    return rate;
}

static size_t count_capacities(const struct lc_scenario *s)
{
    size_t count = 0;
    for (size_t c = 0; c <= s->what_if_count; c++)
        count += c == 0 || !s->what_ifs[c - 1].swept ? s->capacity.count : 0;
    return count;
}

/* What the flow says: an upper bound, and the order of the limits. */
static int find_order(const struct run *run, struct run_capacity *c, struct lc_diag *diag)
{
    struct run_bounds bounds;
    const int status = run_find_bounds(run, &c->search, false, &bounds, diag);
    c->forbidden = bounds.count > 0 ? bounds.items[0].factor : INFINITY;
    run_bounds_free(&bounds);
    return status == 0 ? run_find_bounds(run, &c->search, true, &c->order, diag) : -1;
}

static int find_capacity(struct run *run, struct run_capacity *c, double deadline, struct lc_diag *diag)
{
    const double draws = run_search_draws_weight(run);
    struct run_part part = {.bar = run->bar, .weight = RUN_SEARCH_WEIGHT};
    c->rate = growing_rate(run, c->search.change, c->search.workload);
    if (find_order(run, c, diag) != 0)
        return -1;
    c->search.part = &part;
    c->search.misses = c->forbidden;
    c->search.deadline = deadline;
    c->search.events = run_search_events(run);
    run_search_points(run, &c->search);
    const int status = run_search(run, &c->search, diag);
    c->search.part = NULL;
    run_show(&part, 1, 0);
    if (status == 0 && draws > 0)
        run_search_draws(run, &c->search, deadline);
    return status;
}

int run_find_capacities(struct run *run, struct run_questions *q, double deadline, struct lc_diag *diag)
{
    const struct lc_scenario *s = run->scenario;
    q->capacities = lc_calloc(count_capacities(s), sizeof *q->capacities);
    for (size_t c = 0; c <= s->what_if_count; c++) {
        if (c > 0 && s->what_ifs[c - 1].swept)
            continue;
        for (size_t i = 0; i < s->capacity.count; i++) {
            struct run_capacity *capacity = &q->capacities[q->capacity_count++];
            capacity->search = (struct run_search){.change = c > 0 ? &s->what_ifs[c - 1] : NULL,
                                                   .workload = s->capacity.of[i],
                                                   .within = s->capacity.within,
                                                   .low = NAN,
                                                   .high = NAN};
            if (find_capacity(run, capacity, deadline, diag) != 0)
                return -1;
        }
    }
    return 0;
}

static double count_searches(const struct lc_scenario *s)
{
    size_t changes = 1;
    for (size_t c = 0; c < s->what_if_count; c++)
        changes += !s->what_ifs[c].swept;
    return (double)(count_capacities(s) + (s->growth.given ? changes * s->goal_count : 0));
}

double run_search_weight(const struct run *run)
{
    return (RUN_SEARCH_WEIGHT + run_search_draws_weight(run)) * count_searches(run->scenario);
}

double run_search_events(const struct run *run)
{
    const double loads = 10; /* that a search tries, most of them with less */
    return run_work(run, RUN_SEARCHED / loads / fmax(1, count_searches(run->scenario)));
}

int run_answer(struct run *run, double deadline, struct lc_diag *diag)
{
    struct run_questions *q = run->questions = lc_calloc(1, sizeof *q);
    if (run->scenario->capacity.count > 0 && run_find_capacities(run, q, deadline, diag) != 0)
        return -1;
    return run->scenario->growth.given ? run_find_crossings(run, q, deadline, diag) : 0;
}

void run_questions_free(struct run_questions *q)
{
    if (q == NULL)
        return;
    for (size_t i = 0; i < q->capacity_count; i++) {
        run_search_free(&q->capacities[i].search);
        run_bounds_free(&q->capacities[i].order);
    }
    free(q->capacities);
    free(q->crossings);
    free(q);
}
