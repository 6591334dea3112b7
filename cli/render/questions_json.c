/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "json.h"
#include "loadcast/predict.h"
#include "model/attribution.h"
#include "questions_render.h"
#include "sim/scenario/growth.h"
#include "verdict_render.h"

/* ---- attribution ------------------------------------------------------------------------------------------------- */

static json_t *uses_json(const struct lci_load_uses *uses, const char *key)
{
    json_t *list = json_array();
    for (size_t i = 0; i < uses->count; i++)
        json_array_append_new(list, json_pack("{s:s, s:f}", key, uses->items[i].name, "share", uses->items[i].share));
    return list;
}

static json_t *attribution_json(const struct lc_verdict *verdict)
{
    const struct lc_limits *limits = &verdict->limits[0];
    json_t *list = json_array();
    for (size_t i = 0; i < limits->count; i++) {
        const struct lc_component *c = &limits->items[i].component;
        struct lci_attribution a;
        struct lc_diag own = {0};
        if (lci_attribute_uses(limits->model, c->processor ? c->index : LC_NONE, c->processor ? LC_NONE : c->index, &a,
                               &own) == 0)
            json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:o, s:f}", "component", c->name, "kind",
                                                  c->processor ? "processor" : "task", "workloads",
                                                  uses_json(&a.sources, "workload"), "entries",
                                                  uses_json(&a.entries, "entry"), "paths", uses_json(&a.paths, "path"),
                                                  "other_paths", a.rest));
        lci_attribution_free(&a);
        lc_diag_free(&own);
    }
    return list;
}

/* ---- capacity ---------------------------------------------------------------------------------------------------- */

static json_t *missed_json(const struct lc_trial *miss)
{
    json_t *list = json_array();
    for (size_t g = 0; miss != NULL && g < miss->point.goal_count; g++) {
        const struct lc_goal_result *goal = &miss->point.goals[g];
        const struct lc_search one = {.goal = goal->goal, .component = goal->component, .processor = goal->processor};
        if (lc_search_judge(&one, &miss->point) != LC_GOAL_MISSED)
            continue;
        char *text = verdict_goal(goal->goal);
        json_array_append_new(list,
                              json_pack("{s:s, s:o, s:o}", "goal", text, "component", cli_json_text(goal->component),
                                        "value", cli_json_number(goal->value.mean)));
        free(text);
    }
    return list;
}

/* The component that the traffic equations alone forbid more of, where that is what ends the search. */
static json_t *at_limit_json(const struct lc_highest_load *c)
{
    const bool by_flow = c->search.misses == c->forbidden && c->order.count > 0;
    return by_flow ? json_string(c->order.items[0].component.name) : json_null();
}

static json_t *order_json(const struct lc_bounds *order)
{
    json_t *list = json_array();
    for (size_t i = 0; i < order->count; i++) {
        const struct lc_bound *b = &order->items[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:f, s:f}", "component", b->component.name, "kind",
                                              b->component.processor ? "processor" : "task", "limit", b->limit,
                                              "factor", b->factor));
    }
    return list;
}

/* [low, high], or null where it is not known. */
static json_t *interval_json(double low, double high)
{
    return isnan(low) ? json_null() : json_pack("[f, f]", low, high);
}

static json_t *capacities_json(const struct lc_verdict *verdict)
{
    json_t *list = json_array();
    for (size_t i = 0; i < verdict->capacity_count; i++) {
        const struct lc_search *s = &verdict->capacities[i].search;
        const double rate = verdict->capacities[i].rate;
        json_t *o = json_pack(
            "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:i, s:i, s:o, s:o, s:o, s:o}", "of",
            s->workload == LC_NONE ? "mix" : verdict->scenario->workloads[s->workload].name, "change",
            s->change != NULL ? json_string(s->change->name) : json_null(), "keeps",
            s->keeps > 0 ? cli_json_number(s->keeps) : json_null(), "misses", cli_json_number(s->misses), "rate",
            rate > 0 && s->keeps > 0 ? cli_json_number(rate * s->keeps) : json_null(), "misses_rate",
            rate > 0 ? cli_json_number(rate * s->misses) : json_null(), "interval95", interval_json(s->low, s->high),
            "decided", s->decided, "loads_simulated", (int)s->simulated, "loads_solved", (int)s->screened, "missed",
            missed_json(s->miss), "overloaded",
            s->miss != NULL && s->miss->point.overloaded ? json_string(s->miss->point.limit.name) : json_null(),
            "at_limit", at_limit_json(&verdict->capacities[i]), "order", order_json(&verdict->capacities[i].order));
        if (verdict->method == LC_METHOD_BOTH)
            json_object_set_new(o, "analytic",
                                json_pack("{s:o, s:o}", "keeps", cli_json_number(verdict->capacities[i].analytic_keeps),
                                          "misses", cli_json_number(verdict->capacities[i].analytic_misses)));
        json_array_append_new(list, o);
    }
    return list;
}

/* ---- growth ------------------------------------------------------------------------------------------------------ */

static json_t *date(double day)
{
    char text[32];
    return isfinite(day) ? json_string(lci_date_text(day, text)) : json_null();
}

static json_t *trend_json(const struct lc_growth *g)
{
    const struct lc_trend *t = &g->trend;
    if (t->n == 0)
        return json_null();
    return json_pack("{s:s, s:i, s:o, s:f, s:f, s:f, s:f, s:f}", "shape",
                     t->shape == LC_LINEAR ? "linear" : "exponential", "n", (int)t->n, "centre", date(t->centre),
                     "intercept", t->intercept, "slope_per_day", t->slope, "intercept_error",
                     sqrt(t->intercept_variance), "slope_error", sqrt(t->slope_variance), "deviation", t->deviation);
}

static json_t *growth_json(const struct lc_verdict *verdict)
{
    const struct lc_growth *g = &verdict->scenario->growth;
    json_t *list = json_array();
    for (size_t i = 0; i < verdict->crossing_count; i++) {
        const struct lc_crossing *c = &verdict->crossings[i];
        json_t *o =
            json_pack("{s:o, s:o, s:o}", "change", c->change != NULL ? json_string(c->change->name) : json_null(),
                      "goal", c->goal != NULL ? json_string(verdict_goal_kind(c->goal)) : json_null(), "limit",
                      c->goal != NULL ? json_real(c->goal->limit) : json_real(1));
        if (c->component.name != NULL) {
            json_object_set_new(o, "component", json_string(c->component.name));
            json_object_set_new(o, "kind", json_string(c->component.processor ? "processor" : "task"));
        } else if (c->goal != NULL) {
            json_object_set_new(o, "workload", json_string(c->goal->workload));
            if (c->goal->kind == LC_GOAL_RESPONSE)
                json_object_set_new(o, "percentile", verdict_percentile(c->goal));
        }
        json_object_set_new(o, "by",
                            json_string(!c->simulated                           ? "traffic_equations"
                                        : verdict->method == LC_METHOD_ANALYTIC ? "analytic"
                                                                                : "simulation"));
        json_object_set_new(o, "keeps", cli_json_number(c->keeps));
        json_object_set_new(o, "misses", cli_json_number(c->misses));
        json_object_set_new(o, "date", date(c->day));
        json_object_set_new(o, "earliest", date(c->early));
        json_object_set_new(o, "latest", date(c->late));
        json_array_append_new(list, o);
    }
    return json_pack("{s:o, s:o, s:f, s:o, s:o}", "start", date(g->start), "end", date(g->end), "factor",
                     lci_growth_factor(g, g->end), "trend", trend_json(g), "first_missed", list);
}

/* ---- sweep ------------------------------------------------------------------------------------------------------- */

static json_t *sweep_json(const struct lc_verdict *verdict)
{
    const struct lc_scenario *s = verdict->scenario;
    json_t *axes = json_array(), *changes = json_array();
    for (size_t a = 0; a < s->axis_count; a++) {
        json_t *values = json_array();
        for (size_t i = 0; i < s->axes[a].count; i++)
            json_array_append_new(values, json_string(s->axes[a].values[i]));
        json_array_append_new(axes, json_pack("{s:s, s:o}", "path", s->axes[a].path, "values", values));
    }
    for (size_t w = 0; w < s->what_if_count; w++) {
        if (!s->what_ifs[w].swept)
            continue;
        json_t *values = json_object();
        for (size_t a = 0; a < s->axis_count; a++)
            json_object_set_new(values, s->axes[a].path, json_string(s->what_ifs[w].edits[a].value));
        json_array_append_new(changes, json_pack("{s:s, s:o}", "change", s->what_ifs[w].name, "values", values));
    }
    return json_pack("{s:o, s:o}", "axes", axes, "combinations", changes);
}

/* ---- cost -------------------------------------------------------------------------------------------------------- */

void *cost_json(const struct lc_verdict *verdict, const struct lc_point *point)
{
    const struct lc_scenario *s = verdict->scenario;
    if (s->price_count == 0)
        return json_null();
    json_t *list = json_array();
    for (size_t i = 0; i < s->price_count; i++) {
        const struct lc_cost c = lc_cost_of(verdict, point, i);
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o}", "component", s->prices[i].component, "replicas",
                                              cli_json_number(c.replicas), "invocations",
                                              cli_json_number(c.invocations), "memory", cli_json_number(c.memory)));
    }
    return json_pack("{s:o, s:o}", "total", cli_json_number(lc_cost_total(verdict, point)), "components", list);
}

void questions_json(const struct lc_verdict *verdict, void *document)
{
    const struct lc_scenario *s = verdict->scenario;
    json_object_set_new(document, "attribution", attribution_json(verdict));
    if (s->capacity.count > 0)
        json_object_set_new(document, "capacity", capacities_json(verdict));
    if (s->growth.given)
        json_object_set_new(document, "growth", growth_json(verdict));
    if (s->axis_count > 0)
        json_object_set_new(document, "sweep", sweep_json(verdict));
}
