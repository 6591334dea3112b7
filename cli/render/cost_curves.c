/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What it costs over time. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "json.h"
#include "loadcast/predict.h"
#include "questions_render.h"
#include "table.h"

/* A row: what it costs an hour at the beginning, at the most and at the end, and all of it. */
static void add_row(const struct lc_point *p, const char *name, const double *rates, double total, struct table *table)
{
    const size_t bins = p->curves->bins;
    double most = rates[0];
    for (size_t bin = 1; bin < bins; bin++)
        most = fmax(most, rates[bin]);
    char *cells[] = {lc_strdup(name), number_text(rates[0]), number_text(most), number_text(rates[bins - 1]),
                     lc_format("%.4g", total)};
    table_add(table, cells);
}

void print_cost_curves(const struct lc_verdict *verdict, const struct lc_point *p, FILE *out)
{
    const struct lc_scenario *s = verdict->scenario;
    if (s->price_count == 0)
        return;
    char *length = time_text((double)p->curves->bins * p->curves->step * verdict->time_unit);
    char *whole = lc_format("in all %s", length);
    const char *const headers[] = {"cost", "an hour, first", "most", "last", whole};
    struct table table = table_new(5, headers);
    double *rates = lc_calloc(p->curves->bins, sizeof *rates), *sums = lc_calloc(p->curves->bins, sizeof *sums);
    double total = 0;
    for (size_t i = 0; i < s->price_count; i++) {
        const struct lc_cost parts = lc_cost_curve(verdict, p, i, rates);
        const double cost = parts.replicas + parts.invocations + parts.memory;
        add_row(p, s->prices[i].component, rates, cost, &table);
        for (size_t bin = 0; bin < p->curves->bins; bin++)
            sums[bin] += rates[bin];
        total += cost;
    }
    if (s->price_count > 1)
        add_row(p, "together", sums, total, &table);
    fputc('\n', out);
    table_print(&table, out, "  ");
    table_free(&table);
    free(rates);
    free(sums);
    free(whole);
    free(length);
}

void *cost_curves_json(const struct lc_verdict *verdict, const struct lc_point *p)
{
    const struct lc_scenario *s = verdict->scenario;
    const size_t bins = p->curves->bins;
    if (s->price_count == 0)
        return json_null();
    json_t *list = json_array();
    double *rates = lc_calloc(bins, sizeof *rates), *sums = lc_calloc(bins, sizeof *sums), total = 0;
    for (size_t i = 0; i < s->price_count; i++) {
        const struct lc_cost parts = lc_cost_curve(verdict, p, i, rates);
        const double cost = parts.replicas + parts.invocations + parts.memory;
        json_array_append_new(list,
                              json_pack("{s:s, s:f, s:f, s:f, s:f, s:o}", "component", s->prices[i].component, "total",
                                        cost, "replicas", parts.replicas, "invocations", parts.invocations, "memory",
                                        parts.memory, "per_hour", cli_json_numbers(rates, bins)));
        for (size_t bin = 0; bin < bins; bin++)
            sums[bin] += rates[bin];
        total += cost;
    }
    json_t *cost =
        json_pack("{s:f, s:o, s:o}", "total", total, "per_hour", cli_json_numbers(sums, bins), "components", list);
    free(rates);
    free(sums);
    return cost;
}
