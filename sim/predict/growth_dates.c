/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When growth passes each limit. Where nothing waits on the way, the load at which a component is full is known from
 * the traffic equations; everything else is searched for between two points that were simulated. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/random/generator.h"
#include "predict.h"
#include "sim/scenario/growth.h"

#include "base/sort.h"

static double traffic_load(const struct lc_point *p, const struct lc_component *c)
{
    return c->processor ? p->traffic.processor_load[c->index] : p->traffic.task_load[c->index];
}

static double simulated_load(const struct lc_point *p, const struct lc_component *c)
{
    return c->processor ? p->result->processors[c->index].load.mean : p->result->tasks[c->index].load.mean;
}

/* ---- the interval of a date -------------------------------------------------------------------------------------- */

/* The day with 95 % of what the traces, the bracket and the history's trend leave open. `ratios` are the load in each
 * of the bootstrap replicates over the load itself; NULL: the model was given. A trend that goes down never passes the
 * limit. */
static void find_day(const struct lc_verdict *verdict, struct lc_crossing *crossing, const double *ratios, size_t count)
{
    enum { DRAWS = 4000 };
    const struct lc_growth *g = &verdict->scenario->growth;
    struct lc_random random;
    double days[DRAWS];
    lc_random_init(&random, verdict->scenario->simulation.seed, 0,
                   crossing->component.name != NULL ? crossing->component.name : "", "growth");
    crossing->day = lci_growth_day(g, (crossing->keeps + crossing->misses) / 2);
    for (int i = 0; i < DRAWS; i++) {
        const double within = lci_random_uniform(&random), any = lci_random_uniform(&random);
        const double factor = (crossing->keeps + within * (crossing->misses - crossing->keeps)) *
                              (ratios != NULL ? ratios[(size_t)(any * (double)count)] : 1);
        const struct lc_growth drawn = lci_growth_replicate(g, &random);
        days[i] = lci_growth_day(&drawn, factor);
        if (days[i] < g->start && factor > 1)
            days[i] = INFINITY;
    }
    lci_sort_doubles(days, DRAWS);
    crossing->early = days[DRAWS / 40];
    crossing->late = days[DRAWS - 1 - DRAWS / 40];
    if (crossing->day < g->start && (crossing->keeps + crossing->misses) / 2 > 1)
        crossing->day = INFINITY;
}

static void add(struct lc_verdict *verdict, struct lc_crossing crossing)
{
    LC_GROW(verdict->crossings, verdict->crossing_count, verdict->crossing_capacity);
    verdict->crossings[verdict->crossing_count++] = crossing;
}

/* ---- simulated goals --------------------------------------------------------------------------------------------- */

/* A quarter of a step of growth, in which the date is stated. */
static double width(const struct lc_verdict *verdict)
{
    const struct lc_growth *g = &verdict->scenario->growth;
    const double last = lci_growth_factor(g, g->end);
    const double before = lci_growth_factor(g, lci_date_add(g->end, -g->every.count, g->every.period));
    return fmin(fmax(fabs(last / before - 1) / 4, 0.002), 0.05);
}

/* A search in the share of the progress bar that is its own. */
static int search(struct lc_verdict *verdict, struct lc_search *s, struct lc_crossing crossing, struct lc_diag *diag)
{
    int status = 0;
    s->within = width(verdict);
    s->events = lcp_search_events(verdict);
    s->part->weight = fmax(0, s->part->weight - lcp_search_replicates_weight(verdict));
    if (s->keeps > 0) { /* what the first point misses was missed before the growth began */
        status = lcp_search(verdict, s, diag);
        if (status == 0)
            lcp_search_replicates(verdict, s, s->deadline);
    }
    crossing.keeps = s->keeps;
    crossing.misses = s->misses;
    crossing.simulated = true;
    if (status == 0 && isfinite(s->misses)) {
        if (s->keeps > 0)
            find_day(verdict, &crossing, s->ratios, s->ratio_count);
        else
            crossing.day = crossing.early = crossing.late = verdict->scenario->growth.start;
        add(verdict, crossing);
    }
    lcp_search_free(s);
    return status;
}

/* A goal that only a simulation can tell. What is not missed within the horizon is not looked for behind it. */
static int cross_workload(struct lc_verdict *verdict, const struct lc_limits *limits, const struct lc_goal *goal,
                          struct lcp_part *part, double deadline, struct lc_diag *diag)
{
    struct lc_search s = {.change = limits->change,
                          .workload = LC_NONE,
                          .goal = goal,
                          .misses = INFINITY,
                          .deadline = deadline,
                          .part = part};
    struct lc_crossing crossing = {.change = limits->change, .goal = goal};
    lcp_search_points(verdict, &s);
    if (isfinite(s.misses))
        return search(verdict, &s, crossing, diag);
    crossing.keeps = s.keeps;
    crossing.misses = crossing.day = crossing.early = crossing.late = INFINITY;
    crossing.simulated = true;
    add(verdict, crossing);
    return 0;
}

/* ---- components -------------------------------------------------------------------------------------------------- */

/* The limit of a component, by the goal for its load or, without one, all of it. */
static int cross_component(struct lc_verdict *verdict, const struct lc_limits *limits, const struct lc_limit *item,
                           const struct lc_goal *goal, struct lcp_part *part, double deadline, struct lc_diag *diag)
{
    const double factor = item->factor * (goal != NULL ? goal->limit : 1);
    struct lc_crossing crossing = {
        .change = limits->change, .goal = goal, .component = item->component, .keeps = factor, .misses = factor};
    struct lc_search s = {.change = limits->change,
                          .workload = LC_NONE,
                          .goal = goal,
                          .component = item->component.name,
                          .processor = item->component.processor,
                          .misses = INFINITY,
                          .deadline = deadline,
                          .part = part};
    if (goal != NULL)
        lcp_search_points(verdict, &s);
    /* Threads that wait for others are busier than the traffic equations tell, and pass the limit earlier. */
    const bool waits = s.kept != NULL && s.kept->result != NULL &&
                       simulated_load(s.kept, &item->component) > 1.01 * traffic_load(s.kept, &item->component);
    if (s.misses < factor && (waits || s.kept == NULL))
        return search(verdict, &s, crossing, diag);
    if (waits && limits->items[0].factor < factor) { /* when the first one is full, those who wait for it are as well */
        crossing.keeps = s.keeps;
        crossing.misses = limits->items[0].factor;
        crossing.simulated = true;
    }
    find_day(verdict, &crossing, item->ratios, verdict->evidence.replicates);
    add(verdict, crossing);
    return 0;
}

static int by_day(const void *a, const void *b)
{
    const struct lc_crossing *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->misses > y->misses) - (x->misses < y->misses);
}

/* One goal of one component or workload, with its share of the bar. */
struct step {
    const struct lc_limit *item; /* NULL: a workload's */
    const struct lc_goal *goal;  /* NULL: all of the component */
};

static struct step *list_steps(const struct lc_verdict *verdict, const struct lc_limits *limits, size_t *count)
{
    const struct lc_scenario *s = verdict->scenario;
    struct step *steps = lc_calloc((limits->count + 1) * (s->goal_count + 1), sizeof *steps);
    *count = 0;
    for (size_t i = 0; i < limits->count; i++) {
        const struct lc_limit *item = &limits->items[i];
        for (size_t g = 0; g < s->goal_count; g++)
            if (s->goals[g].kind == LC_GOAL_LOAD &&
                (s->goals[g].component == NULL || strcmp(s->goals[g].component, item->component.name) == 0))
                steps[(*count)++] = (struct step){item, &s->goals[g]};
        steps[(*count)++] = (struct step){item, NULL};
    }
    for (size_t g = 0; g < s->goal_count; g++)
        if (s->goals[g].kind != LC_GOAL_LOAD)
            steps[(*count)++] = (struct step){NULL, &s->goals[g]};
    return steps;
}

/* Of the progress bar: components are mostly told by the traffic equations. */
static double share_of(const struct step *step)
{
    return step->item != NULL ? 1 : 20;
}

static int cross_all(struct lc_verdict *verdict, const struct lc_limits *limits, double deadline, struct lc_diag *diag)
{
    const size_t first = verdict->crossing_count;
    int status = 0;
    size_t count;
    struct step *steps = list_steps(verdict, limits, &count);
    const double weight =
        (LCP_SEARCH_WEIGHT + lcp_search_replicates_weight(verdict)) * (double)verdict->scenario->goal_count;
    double shares = 0;
    for (size_t i = 0; i < count; i++)
        shares += share_of(&steps[i]);
    for (size_t i = 0; i < count && status == 0; i++) {
        const struct step *step = &steps[i];
        struct lcp_part part = {.bar = &verdict->work->bar, .weight = weight * share_of(step) / shares};
        status = step->item != NULL ? cross_component(verdict, limits, step->item, step->goal, &part, deadline, diag)
                                    : cross_workload(verdict, limits, step->goal, &part, deadline, diag);
        lcp_show(&part, 1, 0);
    }
    free(steps);
    if (verdict->crossing_count - first > 1)
        qsort(verdict->crossings + first, verdict->crossing_count - first, sizeof *verdict->crossings, by_day);
    return status;
}

int lcp_find_crossings(struct lc_verdict *verdict, double deadline, struct lc_diag *diag)
{
    const struct lc_scenario *s = verdict->scenario;
    for (size_t i = 0; s->growth.given && i <= s->what_if_count; i++) {
        if (i > 0 && s->what_ifs[i - 1].swept)
            continue;
        if (cross_all(verdict, &verdict->limits[i], deadline, diag) != 0)
            return -1;
    }
    return 0;
}
