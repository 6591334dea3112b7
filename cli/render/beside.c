/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The figures of a simulated point, and the same by the solver; those that lie beyond the simulation's 95 % interval
 * are marked. */
#include "beside.h"

#include <math.h>
#include <stdlib.h>

#include "json.h"
#include "table.h"
#include "verdict_render.h"

enum { FAILED = LC_COMPARED_COUNT, QUANTITIES }; /* beside what is compared between changes */

struct pair {
    const char *name;
    bool processor;
    unsigned quantity; /* enum lc_compared, or FAILED */
    const struct lc_estimate *simulated, *analytic;
    double unit; /* that both are multiplied by */
};

struct pairs {
    struct pair *items;
    size_t count, capacity;
};

static void add(struct pairs *pairs, struct pair pair)
{
    if (isnan(pair.simulated->mean) || isnan(pair.analytic->mean))
        return;
    LC_GROW(pairs->items, pairs->count, pairs->capacity);
    pairs->items[pairs->count++] = pair;
}

static struct pairs pairs_of(const struct lc_verdict *verdict, const struct lc_point *p)
{
    enum { P95 = 2 }; /* of lc_percentiles */
    const struct lc_result *s = p->result, *a = p->analytic;
    const double unit = verdict->time_unit;
    struct pairs pairs = {0};
    for (size_t i = 0; i < s->workload_count; i++) {
        const struct lc_workload_result *x = &s->workloads[i], *y = &a->workloads[i];
        const char *name = lc_source_name(p->model, x);
        add(&pairs, (struct pair){name, false, LC_COMPARED_THROUGHPUT, &x->throughput, &y->throughput, 1 / unit});
        add(&pairs, (struct pair){name, false, LC_COMPARED_MEAN, &x->response_time, &y->response_time, unit});
        if (x->percentiles.known && y->percentiles.known)
            add(&pairs, (struct pair){name, false, LC_COMPARED_P95, &x->percentiles.value[P95],
                                      &y->percentiles.value[P95], unit});
        if (x->failed.mean > 0 || y->failed.mean > 0)
            add(&pairs, (struct pair){name, false, FAILED, &x->failed, &y->failed, 1});
    }
    size_t count;
    struct lc_component *components = lc_components(p->model, &count);
    for (size_t i = 0; i < count; i++) {
        const struct lc_component *c = &components[i];
        if (c->limited)
            add(&pairs, (struct pair){c->name, c->processor, LC_COMPARED_LOAD,
                                      c->processor ? &s->processors[c->index].load : &s->tasks[c->index].load,
                                      c->processor ? &a->processors[c->index].load : &a->tasks[c->index].load, 1});
    }
    free(components);
    return pairs;
}

static bool is_beyond(const struct pair *p)
{
    double low, high;
    lc_estimate_interval(p->simulated, 0.95, &low, &high);
    return p->analytic->mean < low || p->analytic->mean > high;
}

/* Whether there is something to compare: a steady state by both. */
static bool is_comparable(const struct lc_point *p)
{
    return p->analytic != NULL && p->result != NULL && lc_point_is_steady(p) && !p->analytic->ended;
}

/* ---- for people -------------------------------------------------------------------------------------------------- */

static void add_row(struct table *table, const struct pair *p, double confidence)
{
    static const char *const quantities[QUANTITIES] = {"load", "served/s", "mean", "p95", "failed"};
    const bool is_part = p->quantity == LC_COMPARED_LOAD || p->quantity == FAILED;
    const bool is_time = p->quantity == LC_COMPARED_MEAN || p->quantity == LC_COMPARED_P95;
    struct lc_estimate in_unit = *p->simulated;
    in_unit.mean *= p->unit;
    in_unit.ci95 *= p->unit;
    in_unit.ci99 *= p->unit;
    in_unit.low *= p->unit;
    in_unit.high *= p->unit;
    const double solved = p->analytic->mean * p->unit;
    char *name = verdict_component(p->name, p->processor);
    char *cells[] = {
        lc_format("%s %s", name, quantities[p->quantity]),
        is_time   ? time_estimate(&in_unit, confidence)
        : is_part ? percent_estimate(&in_unit, confidence)
                  : estimate_text(&in_unit, 1, confidence),
        is_time   ? time_text(solved)
        : is_part ? percent_text(solved)
                  : number_text(solved),
        in_unit.mean > 0 ? lc_format("%+.1f %%", 100 * (solved / in_unit.mean - 1)) : lc_strdup("–"),
        lc_strdup(is_beyond(p) ? "*" : ""),
    };
    free(name);
    table_add(table, cells);
}

void print_beside(const struct page *page, const struct lc_point *p)
{
    if (p->analytic == NULL)
        return;
    if (!is_comparable(p)) {
        if (p->analytic->ended && p->result != NULL && lc_point_is_steady(p))
            fputs("\n  By the solver this load exceeds the capacity; the simulation decides.\n", page->out);
        return;
    }
    const char *const headers[] = {"side by side", "simulated", "solved", "differs", ""};
    struct table table = table_new(5, headers);
    struct pairs pairs = pairs_of(page->verdict, p);
    bool any = false;
    for (size_t i = 0; i < pairs.count; i++) {
        add_row(&table, &pairs.items[i], page->verdict->scenario->simulation.confidence);
        any |= is_beyond(&pairs.items[i]);
    }
    fputc('\n', page->out);
    table_print(&table, page->out, "  ");
    if (any)
        fputs("  (*: by more than the 95 % interval of the simulation, which decides)\n", page->out);
    if (!p->analytic->converged)
        fprintf(page->out, "  (the solver did not converge: its last relative change is %.3g)\n",
                p->analytic->residual);
    table_free(&table);
    free(pairs.items);
}

/* ---- for programs ------------------------------------------------------------------------------------------------ */

static json_t *pair_json(const struct pair *p)
{
    static const char *const quantities[QUANTITIES] = {"load", "throughput", "response_time", "p95", "failed"};
    json_t *o = json_pack("{s:s, s:s}", "quantity", quantities[p->quantity],
                          p->quantity == LC_COMPARED_LOAD ? "component" : "workload", p->name);
    if (p->quantity == LC_COMPARED_LOAD)
        json_object_set_new(o, "kind", json_string(p->processor ? "processor" : "task"));
    json_object_set_new(o, "simulated",
                        json_pack("{s:o, s:o}", "mean", cli_json_number(p->simulated->mean * p->unit), "ci95",
                                  cli_json_number(p->simulated->ci95 * p->unit)));
    json_object_set_new(o, "analytic", cli_json_number(p->analytic->mean * p->unit));
    json_object_set_new(o, "beyond_interval", json_boolean(is_beyond(p)));
    return o;
}

void set_beside(json_t *object, const struct lc_verdict *verdict, const struct lc_point *p)
{
    if (p->analytic == NULL)
        return;
    json_t *list = json_array();
    struct pairs pairs = {0};
    if (is_comparable(p))
        pairs = pairs_of(verdict, p);
    for (size_t i = 0; i < pairs.count; i++)
        json_array_append_new(list, pair_json(&pairs.items[i]));
    free(pairs.items);
    json_object_set_new(object, "analytic", lc_result_json(p->analytic));
    json_object_set_new(object, "side_by_side", list);
}
