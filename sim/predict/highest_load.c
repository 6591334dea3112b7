/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "predict.h"

static double growing_rate(const struct lc_verdict *verdict, const struct lc_what_if *change, int workload)
{
    const struct lc_load_point one = {.factor = 1};
    double rate = 0;
    for (size_t w = 0; w < verdict->scenario->workload_count; w++)
        if (!verdict->scenario->workloads[w].closed && (workload == LC_NONE || workload == (int)w))
            rate += lc_mean_level(verdict, &one, change, w) * verdict->requests[w];
    return rate;
}

static size_t count_capacities(const struct lc_scenario *s)
{
    size_t count = 0;
    for (size_t c = 0; c <= s->what_if_count; c++)
        count += c == 0 || !s->what_ifs[c - 1].swept ? s->capacity.count : 0;
    return count;
}

/* What the traffic equations say: an upper bound, and the order of the limits. */
static int find_order(const struct lc_verdict *verdict, struct lc_highest_load *c, struct lc_diag *diag)
{
    struct lc_bounds bounds;
    const int status = lcp_find_bounds(verdict, &c->search, false, &bounds, diag);
    c->forbidden = bounds.count > 0 ? bounds.items[0].factor : INFINITY;
    lcp_bounds_free(&bounds);
    return status == 0 ? lcp_find_bounds(verdict, &c->search, true, &c->order, diag) : -1;
}

/* The same search by the solver alone. */
static int solve_beside(const struct lc_verdict *verdict, struct lc_highest_load *c, struct lc_diag *diag)
{
    struct lc_search beside = {.change = c->search.change,
                               .workload = c->search.workload,
                               .solved = true,
                               .within = c->search.within,
                               .deadline = c->search.deadline,
                               .misses = c->forbidden};
    const int status = lcp_search(verdict, &beside, diag);
    c->analytic_keeps = beside.keeps;
    c->analytic_misses = beside.misses;
    lcp_search_free(&beside);
    return status;
}

static int find_capacity(struct lc_verdict *verdict, struct lc_highest_load *c, double deadline, struct lc_diag *diag)
{
    const double replicates = lcp_search_replicates_weight(verdict);
    struct lcp_part part = {.bar = &verdict->work->bar, .weight = LCP_SEARCH_WEIGHT};
    c->rate = growing_rate(verdict, c->search.change, c->search.workload);
    if (find_order(verdict, c, diag) != 0)
        return -1;
    c->search.part = &part;
    c->search.misses = c->forbidden;
    c->search.deadline = deadline;
    c->search.events = lcp_search_events(verdict);
    lcp_search_points(verdict, &c->search);
    const int status = lcp_search(verdict, &c->search, diag);
    c->search.part = NULL;
    lcp_show(&part, 1, 0);
    if (status == 0 && replicates > 0)
        lcp_search_replicates(verdict, &c->search, deadline);
    return status == 0 && verdict->method == LC_METHOD_BOTH ? solve_beside(verdict, c, diag) : status;
}

int lcp_find_capacities(struct lc_verdict *verdict, double deadline, struct lc_diag *diag)
{
    const struct lc_scenario *s = verdict->scenario;
    verdict->capacities = lc_calloc(count_capacities(s), sizeof *verdict->capacities);
    for (size_t c = 0; c <= s->what_if_count; c++) {
        if (c > 0 && s->what_ifs[c - 1].swept)
            continue;
        for (size_t i = 0; i < s->capacity.count; i++) {
            struct lc_highest_load *capacity = &verdict->capacities[verdict->capacity_count++];
            capacity->analytic_keeps = capacity->analytic_misses = NAN;
            capacity->search = (struct lc_search){.change = c > 0 ? &s->what_ifs[c - 1] : NULL,
                                                  .workload = s->capacity.of[i],
                                                  .within = s->capacity.within,
                                                  .low = NAN,
                                                  .high = NAN};
            if (find_capacity(verdict, capacity, deadline, diag) != 0)
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

double lcp_search_weight(const struct lc_verdict *verdict)
{
    return (LCP_SEARCH_WEIGHT + lcp_search_replicates_weight(verdict)) * count_searches(verdict->scenario);
}

double lcp_search_events(const struct lc_verdict *verdict)
{
    const double loads = 10; /* that a search tries, most of them with less */
    return lcp_events(verdict, LCP_SEARCHED / loads / fmax(1, count_searches(verdict->scenario)));
}
