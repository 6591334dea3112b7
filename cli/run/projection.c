/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When growth passes each limit. Where nothing waits on the way, the load at which a component is full is known from
 * the flow; everything else is searched for between two points that were simulated. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "questions.h"

#define NORMAL_95 1.96

static double flow_load(const struct run_point *p, const struct run_component *c)
{
    return c->processor ? p->flow.processor_load[c->index] : p->flow.task_load[c->index];
}

static double simulated_load(const struct run_point *p, const struct run_component *c)
{
    return c->processor ? p->result->processors[c->index].load.mean : p->result->tasks[c->index].load.mean;
}

/* ---- the interval of a date -------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The day with 95 % of what the samples of the times, the bracket and the history's trend leave open. A trend that goes
 * down never passes the limit. */
static void find_day(const struct run *run, struct run_crossing *crossing, double uncertainty)
{
    enum { DRAWS = 4000 };
    const struct lc_growth *g = &run->scenario->growth;
    struct lc_random random;
    double days[DRAWS];
    lc_random_init(&random, run->scenario->simulation.seed, 0,
                   crossing->component.name != NULL ? crossing->component.name : "", "growth");
    crossing->day = lc_growth_day(g, (crossing->keeps + crossing->misses) / 2);
    for (int i = 0; i < DRAWS; i++) {
        const double within = lc_random_uniform(&random), normal = lc_random_normal(&random);
        const double factor = (crossing->keeps + within * (crossing->misses - crossing->keeps)) *
                              (!isfinite(uncertainty) ? 1 : exp(uncertainty / NORMAL_95 * normal));
        const struct lc_growth drawn = lc_growth_draw(g, &random);
        days[i] = lc_growth_day(&drawn, factor);
        if (days[i] < g->start && factor > 1)
            days[i] = INFINITY;
    }
    qsort(days, DRAWS, sizeof *days, by_value);
    crossing->early = days[DRAWS / 40];
    crossing->late = days[DRAWS - 1 - DRAWS / 40];
    if (crossing->day < g->start && (crossing->keeps + crossing->misses) / 2 > 1)
        crossing->day = INFINITY;
}

static void add(struct run_questions *q, struct run_crossing crossing)
{
    LC_GROW(q->crossings, q->crossing_count, q->crossing_capacity);
    q->crossings[q->crossing_count++] = crossing;
}

/* ---- simulated goals --------------------------------------------------------------------------------------------- */

/* The points of growth between which the goal is first missed. */
static void bracket(const struct run *run, struct run_search *s, const struct run_point **kept)
{
    *kept = NULL;
    for (size_t i = 0; i < run->point_count; i++) {
        const struct run_point *p = &run->points[i];
        if (p->change != s->change || p->load->levels != NULL)
            continue;
        const enum lc_judgement j = run_search_judge(s, p);
        if (j == LC_GOAL_MISSED)
            s->misses = fmin(s->misses, p->load->factor);
    }
    for (size_t i = 0; i < run->point_count; i++) {
        const struct run_point *p = &run->points[i];
        if (p->change == s->change && p->load->levels == NULL && p->load->factor < s->misses &&
            p->load->factor > s->keeps && run_search_judge(s, p) == LC_GOAL_MET) {
            s->keeps = p->load->factor;
            *kept = p;
        }
    }
}

/* A quarter of a step of growth, in which the date is told. */
static double width(const struct run *run)
{
    const struct lc_growth *g = &run->scenario->growth;
    const double last = lc_growth_factor(g, g->end);
    const double before = lc_growth_factor(g, lc_date_add(g->end, -g->every.count, g->every.period));
    return fmin(fmax(fabs(last / before - 1) / 4, 0.002), 0.05);
}

static int search(const struct run *run, struct run_search *s, double uncertainty, struct run_crossing crossing,
                  struct run_questions *q, struct lc_diag *diag)
{
    s->within = width(run);
    /* What the first point misses was missed before the growth began. */
    const int status = s->keeps > 0 ? run_search(run, s, diag) : 0;
    run_trial_free(s->miss);
    crossing.keeps = s->keeps;
    crossing.misses = s->misses;
    crossing.simulated = true;
    if (status == 0 && isfinite(s->misses)) {
        if (s->keeps > 0)
            find_day(run, &crossing, uncertainty);
        else
            crossing.day = crossing.early = crossing.late = run->scenario->growth.start;
        add(q, crossing);
    }
    return status;
}

/* A goal that only a simulation can tell. What is not missed within the horizon is not looked for behind it. */
static int cross_workload(const struct run *run, const struct run_limits *limits, const struct lc_goal *goal,
                          double deadline, struct run_questions *q, struct lc_diag *diag)
{
    struct run_search s = {
        .change = limits->change, .workload = LC_NONE, .goal = goal, .misses = INFINITY, .deadline = deadline};
    struct run_crossing crossing = {.change = limits->change, .goal = goal};
    const struct run_point *kept;
    bracket(run, &s, &kept);
    if (isinf(s.misses)) {
        crossing.keeps = s.keeps;
        crossing.misses = crossing.day = crossing.early = crossing.late = INFINITY;
        crossing.simulated = true;
        add(q, crossing);
        return 0;
    }
    /* Times that are longer by a part reach the limit at a load that is lower by it, as the first component does. */
    return search(run, &s, limits->count > 0 ? limits->items[0].uncertainty : NAN, crossing, q, diag);
}

/* ---- components -------------------------------------------------------------------------------------------------- */

/* The limit of a component, by the goal for its load or, without one, all of it. */
static int cross_component(const struct run *run, const struct run_limits *limits, const struct run_limit *item,
                           const struct lc_goal *goal, double deadline, struct run_questions *q, struct lc_diag *diag)
{
    const double factor = item->factor * (goal != NULL ? goal->limit : 1);
    struct run_crossing crossing = {
        .change = limits->change, .goal = goal, .component = item->component, .keeps = factor, .misses = factor};
    struct run_search s = {.change = limits->change,
                           .workload = LC_NONE,
                           .goal = goal,
                           .component = item->component.name,
                           .processor = item->component.processor,
                           .misses = INFINITY,
                           .deadline = deadline};
    const struct run_point *kept = NULL;
    if (goal != NULL)
        bracket(run, &s, &kept);
    /* Threads that wait for others are busier than the flow tells, and pass the limit earlier. */
    const bool waits = kept != NULL && kept->result != NULL &&
                       simulated_load(kept, &item->component) > 1.01 * flow_load(kept, &item->component);
    if (s.misses < factor && (waits || kept == NULL))
        return search(run, &s, item->uncertainty, crossing, q, diag);
    if (waits && limits->items[0].factor < factor) { /* when the first one is full, those who wait for it are as well */
        crossing.keeps = s.keeps;
        crossing.misses = limits->items[0].factor;
        crossing.simulated = true;
    }
    find_day(run, &crossing, item->uncertainty);
    add(q, crossing);
    return 0;
}

static int by_day(const void *a, const void *b)
{
    const struct run_crossing *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->misses > y->misses) - (x->misses < y->misses);
}

static int cross_all(const struct run *run, const struct run_limits *limits, double deadline, struct run_questions *q,
                     struct lc_diag *diag)
{
    const struct lc_scenario *s = run->scenario;
    const size_t first = q->crossing_count;
    int status = 0;
    for (size_t i = 0; i < limits->count && status == 0; i++) {
        const struct run_limit *item = &limits->items[i];
        for (size_t g = 0; g < s->goal_count && status == 0; g++)
            if (s->goals[g].kind == LC_GOAL_LOAD &&
                (s->goals[g].component == NULL || strcmp(s->goals[g].component, item->component.name) == 0))
                status = cross_component(run, limits, item, &s->goals[g], deadline, q, diag);
        if (status == 0)
            status = cross_component(run, limits, item, NULL, deadline, q, diag);
    }
    for (size_t g = 0; g < s->goal_count && status == 0; g++)
        if (s->goals[g].kind != LC_GOAL_LOAD)
            status = cross_workload(run, limits, &s->goals[g], deadline, q, diag);
    if (q->crossing_count - first > 1)
        qsort(q->crossings + first, q->crossing_count - first, sizeof *q->crossings, by_day);
    return status;
}

int run_find_crossings(const struct run *run, struct run_questions *q, double deadline, struct lc_diag *diag)
{
    const struct lc_scenario *s = run->scenario;
    size_t left = 1;
    for (size_t i = 0; i < s->what_if_count; i++)
        left += !s->what_ifs[i].swept;
    for (size_t i = 0; i <= s->what_if_count; i++) {
        const double now = cli_seconds();
        if (i > 0 && s->what_ifs[i - 1].swept)
            continue;
        if (cross_all(run, &run->limits[i], now + (deadline - now) / (double)left--, q, diag) != 0)
            return -1;
    }
    return 0;
}
