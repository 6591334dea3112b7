/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figures.h"
#include "json.h"
#include "result_parts.h"
#include "verdict_render.h"

/* That do not depend on how long they were watched. */
static bool has_figures(const struct lc_point *p)
{
    return p->result != NULL && lc_point_is_steady(p);
}

static json_t *estimate(const struct lc_verdict *verdict, const struct lc_estimate *e, double scale)
{
    double low, high;
    if (!isfinite(e->mean))
        return json_null();
    lc_estimate_interval(e, verdict->scenario->simulation.confidence, &low, &high);
    return json_pack("[o, o, o]", cli_json_number(e->mean * scale), cli_json_number(low * scale),
                     cli_json_number(high * scale));
}

static json_t *name_of(const struct lc_component *c)
{
    char *name = verdict_component(c->name, c->processor);
    json_t *text = cli_json_text(name);
    free(name);
    return text;
}

/* ---- components -------------------------------------------------------------------------------------------------- */

static json_t *components_json(const struct lc_limits *limits)
{
    json_t *list = json_array();
    for (size_t i = 0; i < limits->count; i++) {
        const struct lc_limit *l = &limits->items[i];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "name", name_of(&l->component), "saturates",
                                              cli_json_number(l->factor), "low", cli_json_number(l->low), "high",
                                              cli_json_number(l->high)));
    }
    return list;
}

/* In the order of `components`: load, requests served, waiting time. */
static json_t *component_at(const struct lc_verdict *verdict, const struct lc_point *p, const struct lc_component *c)
{
    const double unit = verdict->time_unit;
    if (c->processor)
        return json_pack("{s:o}", "load", estimate(verdict, &p->result->processors[c->index].load, 1));
    const struct lc_task_result *t = &p->result->tasks[c->index];
    return json_pack("{s:o, s:o, s:o}", "load", estimate(verdict, &t->load, 1), "served",
                     estimate(verdict, &t->throughput, 1 / unit), "wait", estimate(verdict, &t->waiting_time, unit));
}

/* ---- levels ------------------------------------------------------------------------------------------------------ */

static void put_percentiles(json_t *o, const struct lc_verdict *verdict, const struct lc_point *p,
                            const struct lc_percentiles *percentiles)
{
    for (unsigned k = 0; percentiles->known && k < p->result->percentile_list.count; k++) {
        char name[32];
        snprintf(name, sizeof name, "p%g", p->result->percentile_list.percent[k]);
        json_object_set_new(o, name, estimate(verdict, &percentiles->value[k], verdict->time_unit));
    }
}

/* What stands beside the response times of a workload: when all that it set going has ended. */
static char *completion_name(const char *workload)
{
    return lc_format("%s, completion time", workload);
}

static bool has_completion_goal(const struct lc_verdict *verdict, const char *workload)
{
    for (size_t g = 0; g < verdict->scenario->goal_count; g++) {
        const struct lc_goal *goal = &verdict->scenario->goals[g];
        if (goal->completion && strcmp(goal->workload, workload) == 0)
            return true;
    }
    return false;
}

static void add_workload(json_t *list, const struct lc_verdict *verdict, const struct lc_point *p,
                         const struct lc_workload_result *w)
{
    const double unit = verdict->time_unit;
    const char *name = lc_source_name(p->model, w);
    json_t *o =
        json_pack("{s:o, s:o, s:o}", "name", cli_json_text(name), "served", estimate(verdict, &w->throughput, 1 / unit),
                  "mean", estimate(verdict, &w->response_time, unit));
    put_percentiles(o, verdict, p, &w->percentiles);
    json_array_append_new(list, o);
    if (isnan(w->completion_time.mean) || !(completes_later(w) || has_completion_goal(verdict, name)))
        return;
    char *completed = completion_name(name);
    o = json_pack("{s:o, s:o, s:o}", "name", cli_json_text(completed), "served",
                  estimate(verdict, &w->throughput, 1 / unit), "mean", estimate(verdict, &w->completion_time, unit));
    put_percentiles(o, verdict, p, &w->completion_percentiles);
    json_array_append_new(list, o);
    free(completed);
}

static json_t *level_json(const struct lc_verdict *verdict, const struct lc_point *p)
{
    const struct lc_limits *limits = &verdict->limits[0];
    json_t *components = json_array(), *workloads = json_array();
    for (size_t i = 0; has_figures(p) && i < limits->count; i++)
        json_array_append_new(components, component_at(verdict, p, &limits->items[i].component));
    for (size_t i = 0; has_figures(p) && i < p->result->workload_count; i++)
        add_workload(workloads, verdict, p, &p->result->workloads[i]);
    return json_pack("{s:o, s:o, s:b, s:o, s:o}", "label", cli_json_text(p->label), "factor",
                     cli_json_number(p->load->factor), "overloaded", (int)p->overloaded, "components", components,
                     "workloads", workloads);
}

/* ---- goals, changes, dates --------------------------------------------------------------------------------------- */

static json_t *goals_json(const struct lc_verdict *verdict)
{
    json_t *list = json_array();
    for (size_t g = 0; g < verdict->scenario->goal_count; g++) {
        const struct lc_goal *goal = &verdict->scenario->goals[g];
        char *text = verdict_goal(goal), *completed = goal->completion ? completion_name(goal->workload) : NULL;
        json_t *o = json_pack("{s:o, s:s, s:o, s:o, s:o}", "text", cli_json_text(text), "kind",
                              goal->completion ? "response_time" : verdict_goal_kind(goal), "component",
                              cli_json_text(goal->component), "workload",
                              cli_json_text(completed != NULL ? completed : goal->workload), "limit",
                              cli_json_number(goal->limit));
        if (goal->kind == LC_GOAL_RESPONSE)
            json_object_set_new(o, "percentile", verdict_percentile(goal));
        json_array_append_new(list, o);
        free(text);
        free(completed);
    }
    return list;
}

/* What saturates first as it is, and under each change; points of a sweep have tables of their own. */
static json_t *changes_json(const struct lc_verdict *verdict)
{
    json_t *list = json_array();
    for (size_t i = 0; i <= verdict->scenario->what_if_count; i++) {
        const struct lc_limits *limits = &verdict->limits[i];
        if (limits->count == 0 || (i > 0 && verdict->scenario->what_ifs[i - 1].swept))
            continue;
        const struct lc_limit *first = &limits->items[0];
        json_array_append_new(
            list, json_pack("{s:o, s:o, s:o, s:o, s:o}", "name",
                            cli_json_text(i == 0 ? "as it is" : verdict->scenario->what_ifs[i - 1].name), "component",
                            name_of(&first->component), "factor", cli_json_number(first->factor), "low",
                            cli_json_number(first->low), "high", cli_json_number(first->high)));
    }
    return list;
}

static char *crossing_name(const struct lc_crossing *c)
{
    char *what = c->component.name == NULL ? verdict_goal(c->goal)
                                           : verdict_component(c->component.name, c->component.processor);
    char *name = c->component.name == NULL ? lc_strdup(what)
                 : c->goal == NULL         ? lc_format("%s saturates", what)
                                           : lc_format("%s ≤ %.0f %%", what, 100 * c->goal->limit);
    free(what);
    return name;
}

/* Goals and limits that growth reaches; days since 1970, "late" null where it may be never. */
static json_t *dates_json(const struct lc_verdict *verdict)
{
    json_t *list = json_array();
    for (size_t i = 0; i < verdict->crossing_count; i++) {
        const struct lc_crossing *c = &verdict->crossings[i];
        if (c->change != NULL || !isfinite(c->day))
            continue;
        char *name = crossing_name(c);
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "what", cli_json_text(name), "day",
                                              cli_json_number(c->day), "early", cli_json_number(c->early), "late",
                                              cli_json_number(c->late)));
        free(name);
    }
    return list;
}

void figures_add_levels(const struct lc_verdict *verdict, json_t *document)
{
    json_t *levels = json_array();
    for (size_t i = 0; i < verdict->point_count; i++)
        if (verdict->points[i].change == NULL)
            json_array_append_new(levels, level_json(verdict, &verdict->points[i]));
    json_object_set_new(document, "levels", levels);
    json_object_set_new(document, "rate", cli_json_number(verdict->limits[0].rate));
    json_object_set_new(document, "components", components_json(&verdict->limits[0]));
    json_object_set_new(document, "goals", goals_json(verdict));
    json_object_set_new(document, "changes", changes_json(verdict));
    if (verdict->crossing_count > 0)
        json_object_set_new(document, "dates",
                            json_pack("{s:o, s:o, s:o}", "start", cli_json_number(verdict->scenario->growth.start),
                                      "end", cli_json_number(verdict->scenario->growth.end), "crossings",
                                      dates_json(verdict)));
}
