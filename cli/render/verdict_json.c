/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "beside.h"
#include "curve_goals_render.h"
#include "json.h"
#include "model/unstated.h"
#include "questions_render.h"
#include "recorded_render.h"
#include "sim/scenario/growth.h"
#include "verdict_render.h"

static json_t *estimate(const struct lc_estimate *e)
{
    if (!isfinite(e->mean))
        return json_null();
    json_t *o = json_pack("{s:o, s:o}", "mean", cli_json_number(e->mean), "ci95", cli_json_number(e->ci95));
    if (e->learned) {
        json_object_set_new(o, "interval95", json_pack("[o, o]", cli_json_number(e->low), cli_json_number(e->high)));
        json_object_set_new(o, "simulation_ci95", cli_json_number(e->simulation_ci95));
    }
    return o;
}

static json_t *sensitivity_json(const struct lc_verdict *verdict, const struct lc_sensitivity *s)
{
    json_t *parts = json_array();
    for (size_t i = 0; i < s->count; i++) {
        const struct lc_sensitivity_part *part = &s->parts[i];
        const struct verdict_number n = verdict_number(verdict, part->most);
        json_array_append_new(
            parts,
            json_pack("{s:o, s:f, s:s, s:I, s:o, s:o}", "operation",
                      part->entry != LC_NONE ? json_string(verdict_operation(verdict, part->entry)) : json_null(),
                      "share", part->share, "number", part->most->path, "samples", (json_int_t)n.samples, "mean",
                      cli_json_number(n.mean), "standard_error", cli_json_number(n.standard_error)));
    }
    const bool one = s->workload != LC_NONE;
    return json_pack("{s:o, s:o, s:o}", "parts", parts, "workload",
                     one ? json_string(verdict->scenario->workloads[s->workload].name) : json_null(), "more_requests",
                     cli_json_number(ceil(s->requests)));
}

/* Also by the key's name up to version 0.1, for one version. */
static void set_sensitivity(json_t *object, const struct lc_verdict *verdict, const struct lc_sensitivity *s)
{
    json_t *sensitivity = sensitivity_json(verdict, s);
    json_object_set(object, "doubt", sensitivity);
    json_object_set_new(object, "sensitivity", sensitivity);
}

const char *verdict_goal_kind(const struct lc_goal *goal)
{
    static const char *const kinds[] = {"load", "response_time", "throughput", "error_rate"};
    return goal->completion ? "completion_time" : kinds[goal->kind];
}

json_t *verdict_percentile(const struct lc_goal *goal)
{
    const double percentile = goal->percentile;
    return percentile == 0                   ? json_null()
           : percentile == floor(percentile) ? json_integer((json_int_t)percentile)
                                             : json_real(percentile);
}

json_t *verdict_goal_json(const struct lc_verdict *verdict, const struct lc_goal_result *g)
{
    json_t *o = json_pack("{s:s, s:f}", "goal", verdict_goal_kind(g->goal), "limit", g->goal->limit);
    if (g->component != NULL) {
        json_object_set_new(o, "component", json_string(g->component));
        json_object_set_new(o, "kind", json_string(g->processor ? "processor" : "task"));
    } else {
        json_object_set_new(o, "workload", json_string(g->goal->workload));
    }
    if (g->goal->kind == LC_GOAL_RESPONSE)
        json_object_set_new(o, "percentile", verdict_percentile(g->goal));
    const bool curves = verdict->scenario->curves.duration > 0;
    const bool slower = curves && g->goal->kind == LC_GOAL_RESPONSE && g->goal->percentile > 0;
    json_object_set_new(o, slower ? "slower" : "value", estimate(&g->value));
    json_object_set_new(o, "met",
                        g->judgement == LC_GOAL_UNDECIDED ? json_null() : json_boolean(g->judgement == LC_GOAL_MET));
    if (curves) {
        const struct lc_goal_course *c = &g->course;
        json_object_set_new(o, "at", cli_json_number(c->worst));
        json_object_set_new(o, "from", cli_json_number(c->from));
        json_object_set_new(o, "until", cli_json_number(c->until));
        json_object_set_new(o, "beyond", cli_json_number(c->beyond));
        json_object_set_new(o, "bins_judged", json_integer((json_int_t)c->judged));
        json_object_set_new(o, "bins_told", json_integer((json_int_t)c->judged));
        json_object_set_new(o, "bins_open", json_integer((json_int_t)c->open));
    }
    if (g->judgement == LC_GOAL_UNDECIDED && g->traces > 0)
        json_object_set_new(o, "traces_needed", cli_json_number(ceil(g->traces * (double)verdict->evidence.traces)));
    if (g->sensitivity != NULL)
        set_sensitivity(o, verdict, g->sensitivity);
    return o;
}

static json_t *overload_json(const struct lc_point *p)
{
    if (!p->overloaded)
        return json_null();
    const struct lc_overload *seen = p->result != NULL && !p->refuses ? &p->result->overload : NULL;
    return json_pack("{s:s, s:s, s:o, s:o, s:s?, s:s?}", "component", p->limit.name, "kind",
                     p->limit.processor ? "processor" : "task", "load", cli_json_number(p->traffic.load),
                     "limit_factor", cli_json_number(p->traffic.limit_factor), "queue",
                     seen != NULL ? p->model->tasks[seen->queue].name : NULL, "because",
                     seen != NULL ? seen->why : NULL);
}

static json_t *point_json(const struct lc_verdict *verdict, const struct lc_point *p)
{
    json_t *goals = json_array();
    for (size_t i = 0; i < p->goal_count; i++)
        json_array_append_new(goals, verdict_goal_json(verdict, &p->goals[i]));
    json_t *o = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "label", p->label, "factor",
                          cli_json_number(p->load->factor), "change",
                          p->change != NULL ? json_string(p->change->name) : json_null(), "overload", overload_json(p),
                          "overloaded_replicates", cli_json_number(p->overload_share),
                          "overloaded_draws" /* its name up to version 0.1 */, cli_json_number(p->overload_share),
                          "result", p->result != NULL ? lc_result_json(p->result) : json_null(), "goals", goals);
    set_beside(o, verdict, p);
    if (p->load->dated) {
        char date[32];
        json_object_set_new(o, "date", json_string(lci_date_text(p->load->day, date)));
    }
    if (verdict->scenario->price_count > 0)
        json_object_set_new(o, "cost", cost_json(verdict, p));
    return o;
}

/* Services without a limit: busy threads at the reference load, and the factor at which each would be full with so many
 * threads. */
static json_t *unlimited_json(const struct lc_limits *limits)
{
    static const char *const names[] = {"1", "2", "4", "8"};
    json_t *list = json_array();
    for (size_t i = 0; i < limits->unlimited_count; i++) {
        const struct lc_unlimited *u = &limits->unlimited[i];
        json_t *full = json_object();
        for (int k = 0; k < 4; k++)
            json_object_set_new(full, names[k], cli_json_number((1 << k) * u->replicas / u->busy));
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:b, s:o}", "component", u->name, "busy",
                                              cli_json_number(u->busy), "replicas", cli_json_number(u->replicas),
                                              "stated", u->stated, "full_with_threads", full));
    }
    return list;
}

/* What saturates first, and in which order the next ones follow; null when nothing that is used has a limit. */
static json_t *saturation_json(const struct lc_verdict *verdict, const struct lc_limits *limits)
{
    if (limits->count == 0)
        return json_null();
    json_t *next = json_array(), *all = json_array();
    for (size_t i = 0; i < limits->count; i++) {
        const struct lc_limit *l = &limits->items[i];
        if (i > 0)
            json_array_append_new(next, json_string(l->component.name));
        json_t *limit = json_pack("{s:s, s:s, s:o, s:o}", "component", l->component.name, "kind",
                                  l->component.processor ? "processor" : "task", "factor", cli_json_number(l->factor),
                                  "ci95", cli_json_number(l->factor * l->uncertainty));
        if (!isnan(l->low))
            json_object_set_new(limit, "interval95",
                                json_pack("[o, o]", cli_json_number(l->low), cli_json_number(l->high)));
        json_array_append_new(all, limit);
    }
    const double rate = limits->items[0].factor * limits->rate;
    json_t *o = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "component", limits->items[0].component.name, "factor",
                          cli_json_number(limits->items[0].factor), "of", cli_json_text(verdict->reference), "rate",
                          limits->rate > 0 ? cli_json_number(rate) : json_null(), "next", next, "limits", all);
    if (limits->sensitivity != NULL)
        set_sensitivity(o, verdict, limits->sensitivity);
    return o;
}

static json_t *changes_json(const struct lc_verdict *verdict)
{
    json_t *changes = json_array();
    for (size_t i = 0; i < verdict->scenario->what_if_count; i++)
        json_array_append_new(changes, json_pack("{s:s, s:o}", "change", verdict->scenario->what_ifs[i].name,
                                                 "saturation", saturation_json(verdict, &verdict->limits[1 + i])));
    return changes;
}

static json_t *comparison_json(const struct lc_comparison *c)
{
    static const char *const quantities[LC_COMPARED_COUNT] = {"load", "throughput", "response_time", "p95"};
    json_t *o = json_pack("{s:s, s:s, s:o, s:s, s:s}", "change", c->point->change->name, "label", c->point->load->name,
                          "factor", cli_json_number(c->point->load->factor), "quantity", quantities[c->quantity],
                          c->quantity == LC_COMPARED_LOAD ? "component" : "workload", c->name);
    if (c->quantity == LC_COMPARED_LOAD)
        json_object_set_new(o, "kind", json_string(c->processor ? "processor" : "task"));
    json_object_set_new(o, "difference", estimate(&c->difference));
    json_object_set_new(o, "simultaneous95", json_pack("[o, o]", cli_json_number(c->low), cli_json_number(c->high)));
    json_object_set_new(o, "significant", json_boolean(c->significant));
    return o;
}

static json_t *comparisons_json(const struct lc_verdict *verdict)
{
    json_t *list = json_array();
    for (size_t i = 0; i < verdict->comparison_count; i++)
        json_array_append_new(list, comparison_json(&verdict->comparisons[i]));
    return list;
}

json_t *verdict_assumptions_json(const struct lc_verdict *verdict)
{
    json_t *list = json_array();
    for (size_t i = 0; i < verdict->evidence.assumption_count; i++) {
        const struct lc_assumption *a = &verdict->evidence.assumptions[i];
        if (verdict_assumed(verdict, a))
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s*}", "what", a->what, "value", a->value,
                                                  "evidence", a->evidence, "key", a->key, "no_key", a->no_key));
    }
    char *demands = lci_unstated_demands(verdict->base);
    if (demands != NULL)
        json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:s}", "what", "distribution of demands", "value",
                                              "exponential", "evidence", cli_json_text(demands), "key", "demand"));
    free(demands);
    return list;
}

json_t *verdict_reading_json(const struct lc_reading *r)
{
    if (r == NULL)
        return json_null();
    json_t *repairs = json_object();
    for (int i = 0; i < LC_REPAIR_KINDS; i++)
        if (r->repairs.count[i] > 0)
            json_object_set_new(repairs, lc_repair_name((enum lc_repair)i),
                                json_integer((json_int_t)r->repairs.count[i]));
    return json_pack("{s:I, s:I, s:I, s:o}", "files", (json_int_t)r->files, "traces", (json_int_t)r->traces, "spans",
                     (json_int_t)r->spans, "repairs", repairs);
}

int verdict_json(const struct page *page, struct lc_diag *diag)
{
    const struct lc_verdict *verdict = page->verdict;
    if (verdict->scenario->curves.duration > 0)
        return curves_verdict_json(page, diag);
    json_t *points = json_array();
    for (size_t i = 0; i < verdict->point_count; i++)
        json_array_append_new(points, point_json(verdict, &verdict->points[i]));
    json_t *root = json_pack("{s:s, s:o, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:f}", "schema", "loadcast.verdict/1",
                             "summary", verdict_summary_json(verdict, page->gates), "scenario", verdict->scenario->name,
                             "status", (int)verdict->status, "points", points, "saturation",
                             saturation_json(verdict, &verdict->limits[0]), "changes", changes_json(verdict),
                             "comparisons", comparisons_json(verdict), "assumptions", verdict_assumptions_json(verdict),
                             "read", verdict_reading_json(page->reading), "elapsed_s", page->seconds);
    if (verdict->learned)
        json_object_set_new(root, "recorded", recorded_json(verdict));
    if (verdict->limits[0].count == 0)
        json_object_set_new(root, "unlimited", unlimited_json(&verdict->limits[0]));
    json_object_set_new(root, "method", json_string(verdict_method(verdict)));
    json_object_set_new(root, "partial", json_boolean(page->stopped_by != NULL));
    json_object_set_new(root, "out_of_time", json_boolean(verdict->out_of_time));
    questions_json(verdict, root);
    return cli_json_print(root, CLI_JSON_SIMULATED, page->out, diag);
}
