/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apart.h"
#include "endings.h"
#include "model/elastic.h"
#include "model/traffic.h"

bool lcp_find_component(const struct lc_model *model, const struct lc_component *wanted, struct lc_component *found)
{
    size_t count;
    struct lc_component *components = lc_components(model, &count);
    bool any = false;
    for (size_t i = 0; i < count && !any; i++) {
        any = components[i].processor == wanted->processor && strcmp(components[i].name, wanted->name) == 0;
        *found = components[i];
    }
    free(components);
    return any;
}

struct lc_component *lc_components(const struct lc_model *model, size_t *count)
{
    struct lc_component *components = lc_calloc(model->task_count + model->processor_count, sizeof *components);
    *count = 0;
    for (size_t t = 0; t < model->task_count; t++)
        if (model->tasks[t].service && !lc_is_source(&model->tasks[t]))
            components[(*count)++] = (struct lc_component){
                .name = model->tasks[t].name, .limited = isfinite(lci_task_threads(&model->tasks[t])), .index = (int)t};
    for (size_t p = 0; p < model->processor_count; p++) {
        bool serves = false; /* customers' own processors are nobody's concern */
        for (size_t t = 0; t < model->task_count; t++)
            serves |= model->tasks[t].processor == (int)p && !lc_is_source(&model->tasks[t]);
        if (serves && isfinite(lci_processor_servers(&model->processors[p])))
            components[(*count)++] = (struct lc_component){
                .name = model->processors[p].name, .processor = true, .limited = true, .index = (int)p};
    }
    return components;
}

struct lc_goal_result *lcp_add_goal(struct lc_point *point, const struct lc_goal *goal)
{
    LC_GROW(point->goals, point->goal_count, point->goal_capacity);
    struct lc_goal_result *g = &point->goals[point->goal_count++];
    *g = (struct lc_goal_result){.goal = goal, .value = {NAN, NAN, NAN}, .judgement = LC_GOAL_UNDECIDED};
    return g;
}

/* How many times as many traces it takes until an interval that reaches so far ends before the limit: its sides shrink
 * as 1/√n. */
static double more_traces(double mean, double below, double above, double limit)
{
    const double side = limit < mean ? below : above, room = fabs(limit - mean);
    return room > 0 && isfinite(side) ? (side / room) * (side / room) : INFINITY;
}

/* The same where some replicates are overloaded, so that the interval has no end: until the load stays where a figure
 * that grows no faster than 1 / (1 - load) keeps the limit. */
static double more_until_steady(const struct lc_point *point, double mean, double limit)
{
    const double load = point->traffic.load, highest = 1 - (1 - load) * mean / limit;
    return point->load_high > 0 && mean > 0 ? more_traces(load, 0, point->load_high - load, highest) : INFINITY;
}

/* Whether the interval would hold the limit even if the simulation had no error of its own. */
static void blame_traces(const struct lc_point *point, struct lc_goal_result *g)
{
    const struct lc_estimate *v = &g->value;
    if (g->judgement != LC_GOAL_UNDECIDED || !v->learned || isnan(v->low))
        return;
    const double simulated = v->simulation_ci95 * v->simulation_ci95;
    const double below = sqrt(fmax((v->mean - v->low) * (v->mean - v->low) - simulated, 0));
    const double above = sqrt(fmax((v->high - v->mean) * (v->high - v->mean) - simulated, 0));
    const double limit = g->goal->limit;
    const double times = isfinite(above) || limit < v->mean ? more_traces(v->mean, below, above, limit)
                                                            : fmax(1, more_until_steady(point, v->mean, limit));
    g->traces = times >= 1 ? times : 0;
}

/* Without a steady state only the traffic equations are known. What a processor is offered is the most that it can get;
 * what a thread is held without any queueing is the least. */
static void judge_traffic(const struct lc_point *point, const struct lc_component *c, size_t number,
                          struct lc_goal_result *g)
{
    const double load = c->processor ? point->traffic.processor_load[c->index] : point->traffic.task_load[c->index];
    const double low = point->traffic_low != NULL ? point->traffic_low[number] : load;
    const double high = point->traffic_high != NULL ? point->traffic_high[number] : load;
    g->value.mean = fmin(load, 1);
    if (low > g->goal->limit)
        g->judgement = LC_GOAL_MISSED;
    else if (c->processor && high <= g->goal->limit)
        g->judgement = LC_GOAL_MET;
    else if (point->traffic_low != NULL && high > g->goal->limit)
        g->traces = more_traces(load, load - low, high - load, g->goal->limit);
}

/* Whether the traffic equations give the loads of processors exactly: every request comes, once, and is served. */
static bool is_exact(const struct lc_model *m)
{
    for (size_t i = 0; i < m->task_count; i++) {
        const struct lc_task *t = &m->tasks[i];
        if ((lc_is_source(t) && t->scheduling != LC_OPEN) || t->queue_length > 0 || t->policy_count > 0 ||
            t->decision_count > 0 || lci_elastic_changes(&t->elastic))
            return false;
    }
    return true;
}

/* What the traffic equations decide needs no simulation: the load of a processor, and that of threads from below. They
 * do not know the sampling error of the traces. */
static void judge_exactly(const struct lc_verdict *verdict, const struct lc_point *point, const struct lc_component *c,
                          struct lc_goal_result *g)
{
    if (g->judgement != LC_GOAL_UNDECIDED || point->overloaded || lcp_simulated_replicates(verdict) > 0 ||
        !is_exact(point->model))
        return;
    const double load = c->processor ? point->traffic.processor_load[c->index] : point->traffic.task_load[c->index];
    if (load <= g->goal->limit && !c->processor)
        return;
    g->judgement = load <= g->goal->limit ? LC_GOAL_MET : LC_GOAL_MISSED;
    if (isnan(g->value.mean))
        g->value = (struct lc_estimate){.mean = load};
}

static void judge_load(const struct lc_verdict *verdict, struct lc_point *point, const struct lc_goal *goal,
                       const struct lc_component *components, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct lc_component *c = &components[i];
        if (!c->limited || (goal->component != NULL && strcmp(goal->component, c->name) != 0))
            continue;
        struct lc_goal_result *g = lcp_add_goal(point, goal);
        g->component = lc_strdup(c->name);
        g->processor = c->processor;
        if (point->result == NULL) {
            if (point->overloaded)
                judge_traffic(point, c, i, g);
            judge_exactly(verdict, point, c, g);
            continue;
        }
        g->value = c->processor ? point->result->processors[c->index].load : point->result->tasks[c->index].load;
        g->judgement = lc_goal_judge(goal, &g->value, verdict->scenario->simulation.confidence);
        judge_exactly(verdict, point, c, g);
        blame_traces(point, g);
    }
}

struct lc_estimate lcp_times(struct lc_estimate e, double factor)
{
    return (struct lc_estimate){e.mean * factor, e.ci95 * factor, e.ci99 * factor,           e.learned,
                                e.low * factor,  e.high * factor, e.simulation_ci95 * factor};
}

const struct lc_estimate *lcp_figure_of(const struct lc_result *result, const struct lc_workload_result *r,
                                        const struct lc_goal *goal)
{
    if (goal->kind != LC_GOAL_RESPONSE)
        return goal->kind == LC_GOAL_ERRORS ? &r->failed : &r->throughput;
    const bool completion = goal->completion && lci_model_goes_on(result->model);
    const struct lc_percentiles *percentiles = completion ? &r->completion_percentiles : &r->percentiles;
    if (goal->percentile > 0)
        return lc_percentile(result, percentiles, goal->percentile);
    return completion ? &r->completion_time : &r->response_time;
}

struct lc_estimate lcp_goal_value(const struct lc_verdict *verdict, const struct lc_point *point,
                                  const struct lc_result *result, const struct lc_goal *goal)
{
    const struct lc_estimate none = {NAN, NAN, NAN};
    for (size_t i = 0; i < result->workload_count; i++) {
        const struct lc_workload_result *r = &result->workloads[i];
        if (strcmp(lc_source_name(point->model, r), goal->workload) != 0)
            continue;
        if (goal->kind == LC_GOAL_THROUGHPUT) {
            double requests = 1; /* of one arrival: the goal counts arrivals */
            for (size_t w = 0; w < verdict->scenario->workload_count; w++)
                if (strcmp(verdict->scenario->workloads[w].name, goal->workload) == 0)
                    requests = verdict->requests[w];
            const double answered = isnan(r->failed.mean) ? 1 : 1 - r->failed.mean;
            return lcp_times(r->throughput, answered / (verdict->time_unit * requests));
        }
        if (goal->kind == LC_GOAL_ERRORS)
            return isnan(r->failed.mean) ? (struct lc_estimate){0, 0, 0} : r->failed;
        const struct lc_estimate *time = lcp_figure_of(result, r, goal);
        return time != NULL ? lcp_times(*time, verdict->time_unit) : none;
    }
    return none;
}

const struct lc_estimate *lcp_goal_figure(const struct lc_point *point, const struct lc_goal_result *g)
{
    const struct lc_result *r = point->result;
    size_t count;
    struct lc_component *components = lc_components(point->model, &count);
    const struct lc_estimate *figure = NULL;
    for (size_t i = 0; i < count && g->component != NULL; i++)
        if (components[i].processor == g->processor && strcmp(components[i].name, g->component) == 0)
            figure = g->processor ? &r->processors[components[i].index].load : &r->tasks[components[i].index].load;
    free(components);
    for (size_t i = 0; i < r->workload_count && g->component == NULL; i++)
        if (strcmp(lc_source_name(point->model, &r->workloads[i]), g->goal->workload) == 0)
            figure = lcp_figure_of(r, &r->workloads[i], g->goal);
    return figure;
}

bool lcp_best_tells(const struct lc_verdict *verdict, const struct lc_point *point, const struct lc_result *best)
{
    for (size_t i = 0; i < verdict->scenario->goal_count; i++) {
        const struct lc_goal *goal = &verdict->scenario->goals[i];
        if (goal->kind == LC_GOAL_LOAD)
            continue; /* the traffic equations tell it */
        const struct lc_estimate value = lcp_goal_value(verdict, point, best, goal);
        if (lc_goal_judge(goal, &value, verdict->scenario->simulation.confidence) == LC_GOAL_UNDECIDED)
            return false;
    }
    return true;
}

/* How many times as many traces tell that the load is too much. */
static double overload_decided(const struct lc_point *point)
{
    size_t count;
    struct lc_component *components = lc_components(point->model, &count);
    double times = INFINITY;
    for (size_t i = 0; i < count && point->traffic_low != NULL; i++)
        if (components[i].processor == point->limit.processor && components[i].index == point->limit.index)
            times = more_traces(point->traffic.load, point->traffic.load - point->traffic_low[i], INFINITY, 1);
    free(components);
    return times;
}

/* Queues grow without end, and with them the response times: what asks for an end of the queue is missed, unless
 * some replicates have no such queue and the goal holds in the best of them. */
static void judge_overloaded(const struct lc_verdict *verdict, const struct lc_point *point, struct lc_goal_result *g)
{
    g->judgement = LC_GOAL_MISSED;
    if (!point->unsure)
        return;
    const struct lc_estimate best = point->best != NULL ? lcp_goal_value(verdict, point, point->best, g->goal)
                                                        : (struct lc_estimate){NAN, NAN, NAN};
    if (lc_goal_judge(g->goal, &best, verdict->scenario->simulation.confidence) == LC_GOAL_MISSED)
        return;
    g->judgement = LC_GOAL_UNDECIDED;
    g->traces = overload_decided(point);
}

void lcp_free_goals(struct lc_point *point)
{
    for (size_t i = 0; i < point->goal_count; i++) {
        free(point->goals[i].component);
        lcp_sensitivity_free(point->goals[i].sensitivity);
    }
    free(point->goals);
    point->goals = NULL;
    point->goal_count = point->goal_capacity = 0;
}

void lcp_judge_value(const struct lc_verdict *verdict, const struct lc_point *point, struct lc_goal_result *g,
                     struct lc_estimate value)
{
    g->value = value;
    g->judgement = lc_goal_judge(g->goal, &g->value, verdict->scenario->simulation.confidence);
    g->traces = 0;
    blame_traces(point, g);
}

void lcp_judge(const struct lc_verdict *verdict, struct lc_point *point)
{
    size_t count;
    struct lc_component *components = lc_components(point->model, &count);
    lcp_free_goals(point);
    for (size_t i = 0; i < verdict->scenario->goal_count; i++) {
        const struct lc_goal *goal = &verdict->scenario->goals[i];
        if (goal->kind == LC_GOAL_LOAD) {
            judge_load(verdict, point, goal, components, count);
            continue;
        }
        struct lc_goal_result *g = lcp_add_goal(point, goal);
        if (!lc_point_is_steady(point)) {
            judge_overloaded(verdict, point, g);
        } else if (point->result != NULL) {
            lcp_judge_value(verdict, point, g, lcp_goal_value(verdict, point, point->result, goal));
        }
    }
    free(components);
}

/* Whether a goal is decided by ten half-widths: chance changes nothing. */
static bool goal_is_clear(const struct lc_verdict *verdict, const struct lc_point *p, const struct lc_goal_result *g)
{
    const double half_widths = 10;
    double low, high;
    if (!lc_point_is_steady(p) && g->judgement == LC_GOAL_MISSED && isnan(g->value.mean))
        return true; /* by the traffic equations: there is no value */
    lc_estimate_interval(&g->value, verdict->scenario->simulation.confidence, &low, &high);
    const double wide = fmax(high - g->value.mean, g->value.mean - low);
    return fabs(g->value.mean - g->goal->limit) >= half_widths * wide;
}

bool lcp_is_clear(const struct lc_verdict *verdict, const struct lc_point *p)
{
    for (size_t i = 0; i < p->goal_count; i++)
        if (!goal_is_clear(verdict, p, &p->goals[i]))
            return false;
    return p->goal_count > 0;
}

void lcp_take_back(struct lc_verdict *verdict)
{
    for (size_t i = 0; i < verdict->point_count; i++) {
        struct lc_point *p = &verdict->points[i];
        for (size_t k = 0; p->result != NULL && !p->result->converged && k < p->goal_count; k++)
            if (!goal_is_clear(verdict, p, &p->goals[k]))
                p->goals[k].judgement = LC_GOAL_UNDECIDED;
    }
}

/* Whether there are goals and all are decided: no more precision is needed then. */
static bool is_decided(const struct lc_point *p)
{
    for (size_t g = 0; g < p->goal_count; g++)
        if (p->goals[g].judgement == LC_GOAL_UNDECIDED)
            return false;
    return p->goal_count > 0;
}

/* What the clock cut short may be decided otherwise on another day, unless all of it is clear. */
static bool is_cut_short(const struct lc_verdict *verdict)
{
    bool clear = verdict->capacity_count == 0 && verdict->crossing_count == 0;
    for (size_t i = 0; i < verdict->point_count; i++)
        clear &= lcp_is_clear(verdict, &verdict->points[i]);
    return verdict->out_of_time && !clear;
}

/* Missed whatever more time would say: a load that cannot be carried, or a goal that is missed by far. */
static bool is_missed_clearly(const struct lc_verdict *verdict)
{
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_point *p = &verdict->points[i];
        if (p->overloaded && !p->unsure)
            return true;
        for (size_t g = 0; g < p->goal_count; g++)
            if (p->goals[g].judgement == LC_GOAL_MISSED && goal_is_clear(verdict, p, &p->goals[g]))
                return true;
    }
    return false;
}

enum lc_status lcp_status(const struct lc_verdict *verdict)
{
    if (is_missed_clearly(verdict))
        return LC_MISSED;
    if (is_cut_short(verdict))
        return LC_UNDECIDED;
    bool undecided = verdict->lacks_limits;
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_point *p = &verdict->points[i];
        undecided |= p->unsure || ((p->result == NULL || !p->result->converged) && !is_decided(p));
        for (size_t g = 0; g < p->goal_count; g++) {
            if (p->goals[g].judgement == LC_GOAL_MISSED)
                return LC_MISSED;
            undecided |= p->goals[g].judgement == LC_GOAL_UNDECIDED && (p->change == NULL || !p->change->swept);
        }
    }
    for (size_t i = 0; i < verdict->capacity_count; i++)
        undecided |= !verdict->capacities[i].search.decided;
    return undecided ? LC_UNDECIDED : LC_OK;
}
