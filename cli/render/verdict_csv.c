/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The verdict as CSV, one figure a row, for spreadsheets and scripts. Times are in seconds, rates per second, loads
 * parts of 1; what is not known is empty. */
#include <math.h>
#include <stdlib.h>

#include "verdict_render.h"

#include "base/csv.h"
#include "model/networks.h"

struct row {
    const char *kind, *change, *load; /* "" where it has none */
    double factor;
    const char *name, *quantity;
    double value, low, high, limit;
    const char *met;
};

static void put_number(FILE *out, double value)
{
    fputc(',', out);
    if (isfinite(value))
        fprintf(out, "%.12g", value);
}

static void put_row(FILE *out, const struct row *row)
{
    lci_csv_cell(out, row->kind);
    fputc(',', out);
    lci_csv_cell(out, row->change);
    fputc(',', out);
    lci_csv_cell(out, row->load);
    put_number(out, row->factor);
    fputc(',', out);
    lci_csv_cell(out, row->name);
    fprintf(out, ",%s", row->quantity);
    put_number(out, row->value);
    put_number(out, row->low);
    put_number(out, row->high);
    put_number(out, row->limit);
    fprintf(out, ",%s\n", row->met);
}

/* Where the model was learned its interval holds what the number of traces leaves open as well. */
static void put_estimate(FILE *out, struct row row, const struct lc_estimate *e, double unit)
{
    row.value = e->mean * unit;
    row.low = (e->learned ? e->low : e->mean - e->ci95) * unit;
    row.high = (e->learned ? e->high : e->mean + e->ci95) * unit;
    put_row(out, &row);
}

static void put_limits(FILE *out, const struct lc_limits *limits)
{
    for (size_t i = 0; i < limits->count; i++) {
        const struct lc_limit *l = &limits->items[i];
        put_row(out, &(struct row){"saturation", limits->change != NULL ? limits->change->name : "", "", NAN,
                                   l->component.name, l->component.processor ? "processor full at" : "full at",
                                   l->factor, l->low, l->high, NAN, ""});
    }
}

static void put_goals(FILE *out, const struct lc_point *p, struct row row)
{
    static const char *const met[] = {
        [LC_GOAL_MISSED] = "missed", [LC_GOAL_MET] = "met", [LC_GOAL_UNDECIDED] = "undecided"};
    row.kind = "goal";
    for (size_t i = 0; i < p->goal_count; i++) {
        const struct lc_goal_result *g = &p->goals[i];
        char quantity[48];
        snprintf(quantity, sizeof quantity, "%sp%g", g->goal->completion ? "completion " : "", g->goal->percentile);
        row.name = g->component != NULL ? g->component : g->goal->workload;
        row.quantity = g->goal->percentile > 0 ? quantity : verdict_goal_kind(g->goal);
        row.limit = g->goal->limit;
        row.met = met[g->judgement];
        put_estimate(out, row, &g->value, 1);
    }
}

/* Times on the way between services. */
static void put_networks(FILE *out, const struct lc_verdict *verdict, const struct lc_point *p, struct row row)
{
    size_t count = 0;
    struct lci_network *networks = p->result != NULL ? lci_networks(p->result, &count) : NULL;
    row.kind = "network";
    row.value = row.low = row.high = NAN;
    for (size_t i = 0; i < count; i++) {
        const struct lci_network *n = &networks[i];
        const struct {
            const char *name;
            double value;
        } figures[] = {{"calls", n->rate / verdict->time_unit},
                       {"mean", n->mean * verdict->time_unit},
                       {"p95", n->p95 * verdict->time_unit},
                       {"share of the response", n->share}};
        char *name = lci_network_name(p->model, n);
        row.name = name;
        for (size_t k = 0; k < sizeof figures / sizeof *figures; k++) {
            row.quantity = figures[k].name;
            row.value = figures[k].value;
            put_row(out, &row);
        }
        free(name);
    }
    free(networks);
}

static void put_point(FILE *out, const struct lc_verdict *verdict, const struct lc_point *p)
{
    struct row row = {"component",
                      p->change != NULL ? p->change->name : "",
                      p->load->name,
                      p->load->factor,
                      "",
                      "load",
                      NAN,
                      NAN,
                      NAN,
                      NAN,
                      ""};
    char percentile[32]; /* rows name it */
    size_t count;
    struct lc_component *components = lc_components(p->model, &count);
    for (size_t i = 0; i < count && p->result != NULL; i++) {
        row.name = components[i].name;
        row.quantity = components[i].processor ? "processor load" : "load";
        if (components[i].limited)
            put_estimate(out, row,
                         components[i].processor ? &p->result->processors[components[i].index].load
                                                 : &p->result->tasks[components[i].index].load,
                         1);
    }
    free(components);
    row.kind = "workload";
    for (size_t i = 0; p->result != NULL && i < p->result->workload_count; i++) {
        const struct lc_workload_result *w = &p->result->workloads[i];
        row.name = lc_source_name(p->model, w);
        row.quantity = "throughput";
        put_estimate(out, row, &w->throughput, 1 / verdict->time_unit);
        row.quantity = "mean";
        put_estimate(out, row, &w->response_time, verdict->time_unit);
        if (!isnan(w->completion_time.mean)) {
            row.quantity = "completion mean";
            put_estimate(out, row, &w->completion_time, verdict->time_unit);
        }
        for (unsigned k = 0; k < p->result->percentile_list.count && w->percentiles.known; k++) {
            snprintf(percentile, sizeof percentile, "p%g", p->result->percentile_list.percent[k]);
            row.quantity = percentile;
            put_estimate(out, row, &w->percentiles.value[k], verdict->time_unit);
        }
        for (unsigned k = 0; k < p->result->percentile_list.count && w->completion_percentiles.known; k++) {
            snprintf(percentile, sizeof percentile, "completion p%g", p->result->percentile_list.percent[k]);
            row.quantity = percentile;
            put_estimate(out, row, &w->completion_percentiles.value[k], verdict->time_unit);
        }
    }
    put_networks(out, verdict, p, row);
    put_goals(out, p, row);
}

int verdict_csv(const struct page *page, struct lc_diag *diag)
{
    const struct lc_verdict *verdict = page->verdict;
    (void)diag;
    fputs("kind,change,load,factor,name,quantity,value,low,high,limit,met\n", page->out);
    if (page->stopped_by != NULL)
        put_row(page->out, &(struct row){"run", "", "", NAN, page->stopped_by, "partial", 1, NAN, NAN, NAN, ""});
    for (size_t i = 0; verdict->limits != NULL && i <= verdict->scenario->what_if_count; i++)
        put_limits(page->out, &verdict->limits[i]);
    for (size_t i = 0; i < verdict->point_count; i++)
        put_point(page->out, verdict, &verdict->points[i]);
    return 0;
}
