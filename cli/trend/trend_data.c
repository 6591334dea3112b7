/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Trends for programs. */
#include <math.h>

#include "base/csv.h"
#include "base/text.h"
#include "render/json.h"
#include "trend.h"

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static json_t *points_json(const struct trends *all, const struct trend *t)
{
    json_t *list = json_array();
    for (size_t i = 0; i < t->series->count; i++) {
        const struct history_run *run = &all->runs->items[t->series->points[i].run];
        json_array_append_new(list, json_pack("{s:s, s:s, s:f}", "release", run->release, "run", run->run, "value",
                                              t->series->points[i].value));
    }
    return list;
}

static json_t *changes_json(const struct trends *all, const struct trend *t)
{
    json_t *list = json_array();
    for (size_t i = 0; i < t->change_count; i++) {
        const struct lci_level_change *c = &t->changes[i].level;
        const struct history_run *run = &all->runs->items[t->series->points[c->at].run];
        json_array_append_new(list, json_pack("{s:s, s:s, s:f, s:f, s:f, s:b}", "release", run->release, "run",
                                              run->run, "before", c->before, "after", c->after, "p", c->p,
                                              "this_release_only", t->changes[i].only));
    }
    return list;
}

static json_t *slope_json(const struct trends *all, const struct trend *t)
{
    if (isnan(t->slope.slope))
        return json_null();
    return json_pack("{s:s, s:f, s:[f, f], s:f}", "since", trend_name(all, t, t->since), "slope", t->slope.slope,
                     "interval95", t->slope.low, t->slope.high, "last",
                     lci_slope_at(&t->slope, trend_place(all, t, t->series->count - 1)));
}

static json_t *ahead_json(const struct trend *t)
{
    if (!t->has_limit)
        return json_null();
    if (!t->passes)
        return json_pack("{s:f, s:n, s:n}", "limit", t->limit, "in", "interval95");
    return json_pack("{s:f, s:f, s:[f, o]}", "limit", t->limit, "in", t->ahead.at, "interval95", t->ahead.low,
                     cli_json_number(t->ahead.high));
}

json_t *trend_document(const struct trends *all)
{
    json_t *list = json_array();
    for (const struct trend *t = all->items; (size_t)(t - all->items) < all->count; t++) {
        const struct history_series *s = t->series;
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "activity", s->activity,
                                        "service", s->service, "operation", s->operation, "measure", s->name, "subject",
                                        s->subject, "unit", s->unit, "points", points_json(all, t), "changes",
                                        changes_json(all, t), "slope", slope_json(all, t), "limit", ahead_json(t)));
    }
    return json_pack("{s:s, s:s, s:o}", "schema", "loadcast.trend/1", "per", all->by_run ? "run" : "release", "series",
                     list);
}

int trend_json(const struct trends *all, FILE *out, struct lc_diag *diag)
{
    return cli_json_print(trend_document(all), CLI_JSON_ALL, out, diag);
}

/* ---- CSV --------------------------------------------------------------------------------------------------------- */

static void number_cell(FILE *out, double value)
{
    char text[32];
    fprintf(out, ",%s", isfinite(value) ? lci_number_text(value, text) : "");
}

static void csv_row(const struct trends *all, const struct trend *t, size_t i, FILE *out)
{
    const struct history_series *s = t->series;
    const struct history_run *run = &all->runs->items[s->points[i].run];
    const char *const texts[] = {run->release, run->run, s->activity, s->service,
                                 s->operation, s->name,  s->subject,  s->unit};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        fputs(k > 0 ? "," : "", out);
        lci_csv_cell(out, texts[k]);
    }
    const struct lci_level_change *change = NULL;
    for (size_t k = 0; k < t->change_count; k++)
        if (t->changes[k].level.at == i)
            change = &t->changes[k].level;
    number_cell(out, s->points[i].value);
    number_cell(out, change != NULL ? change->before : NAN);
    number_cell(out, change != NULL ? change->after : NAN);
    number_cell(out, change != NULL ? change->p : NAN);
    fputc('\n', out);
}

void trend_csv(const struct trends *all, FILE *out)
{
    fputs("release,run,activity,service,operation,measure,subject,unit,value,before,after,p\n", out);
    for (const struct trend *t = all->items; (size_t)(t - all->items) < all->count; t++)
        for (size_t i = 0; i < t->series->count; i++)
            csv_row(all, t, i, out);
}
