/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *trend_name(const struct trends *trends, const struct trend *trend, size_t point)
{
    const struct history_run *run = &trends->runs->items[trend->series->points[point].run];
    return trends->by_run ? run->run : run->release;
}

double trend_place(const struct trends *trends, const struct trend *trend, size_t point)
{
    const size_t run = trend->series->points[point].run;
    return (double)(trends->by_run ? run : trends->runs->items[run].release_at);
}

/* ---- changes ----------------------------------------------------------------------------------------------------- */

static size_t end_of(const struct trend *t, size_t change)
{
    return change + 1 < t->change_count ? t->changes[change + 1].level.at : t->series->count;
}

/* A change that the next one takes back, of one release. */
static bool is_only(const struct trends *all, const struct trend *t, size_t i)
{
    if (i + 1 >= t->change_count)
        return false;
    const struct lci_level_change *up = &t->changes[i].level, *back = &t->changes[i + 1].level;
    return fabs(back->after - up->before) < fabs(up->after - up->before) / 2 &&
           trend_place(all, t, up->at) == trend_place(all, t, end_of(t, i) - 1);
}

static void find_changes(const struct trends *all, struct trend *t, const struct trend_options *options,
                         const double *values)
{
    const size_t n = t->series->count;
    struct lci_change_options o = options->changes;
    struct lci_level_change *found = lc_calloc(n + 1, sizeof *found);
    bool *border = lc_calloc(n + 1, sizeof *border);
    for (size_t i = 0; i < n; i++)
        border[i] = i == 0 || trend_place(all, t, i) != trend_place(all, t, i - 1);
    o.border = all->by_run ? NULL : border;
    t->change_count = lci_changes(values, n, &o, found);
    t->changes = lc_calloc(t->change_count + 1, sizeof *t->changes);
    for (size_t i = 0; i < t->change_count; i++)
        t->changes[i].level = found[i];
    for (size_t i = 0; i < t->change_count; i++)
        t->changes[i].only = is_only(all, t, i);
    free(border);
    free(found);
}

/* ---- how it goes on ---------------------------------------------------------------------------------------------- */

static void find_slope(const struct trends *all, struct trend *t, double *values)
{
    const size_t n = t->series->count;
    double *drawn = lc_calloc(n + 1, sizeof *drawn), *places = lc_calloc(n + 1, sizeof *places);
    t->since = t->change_count > 0 ? t->changes[t->change_count - 1].level.at : 0;
    lci_draw_in(values + t->since, n - t->since, drawn);
    size_t distinct = 0;
    for (size_t i = t->since; i < n; i++) {
        places[i - t->since] = trend_place(all, t, i);
        distinct += i == t->since || places[i - t->since] != places[i - t->since - 1];
    }
    t->slope = lci_slope_of(places, drawn, distinct < 3 ? 0 : n - t->since); /* two are a step, not a slope */
    free(places);
    free(drawn);
}

/* Loads rise to a limit; capacities fall to the load that is expected. */
static void project(const struct trends *all, struct trend *t, const struct trend_options *options)
{
    const bool capacity = strcmp(t->series->name, "capacity") == 0;
    const double last = trend_place(all, t, t->series->count - 1);
    t->has_limit = capacity || strcmp(t->series->name, "load") == 0;
    t->limit = capacity ? 1 : options->limit;
    const bool towards = capacity ? t->slope.high < 0 : t->slope.low > 0;
    const double now = lci_slope_at(&t->slope, last);
    t->passes = t->has_limit && towards && (capacity ? now > t->limit : now < t->limit) &&
                lci_slope_crosses(&t->slope, t->limit, last, &t->ahead);
    t->ahead.at -= last;
    t->ahead.low -= last;
    t->ahead.high -= last;
}

struct trends trends_of(const struct history_runs *runs, const struct history_table *table,
                        const struct trend_options *options)
{
    struct trends all = {.runs = runs, .by_run = runs->releases < 2};
    all.items = lc_calloc(table->count + 1, sizeof *all.items);
    for (size_t i = 0; i < table->count; i++) {
        struct trend *t = &all.items[all.count++];
        t->series = &table->items[i];
        double *values = lc_calloc(t->series->count + 1, sizeof *values);
        for (size_t k = 0; k < t->series->count; k++)
            values[k] = t->series->points[k].value;
        find_changes(&all, t, options, values);
        find_slope(&all, t, values);
        project(&all, t, options);
        free(values);
    }
    return all;
}

void trends_free(struct trends *trends)
{
    for (size_t i = 0; i < trends->count; i++)
        free(trends->items[i].changes);
    free(trends->items);
    *trends = (struct trends){0};
}

/* ---- derived ----------------------------------------------------------------------------------------------------- */

static bool is_of(const struct history_series *s, const struct history_series *like, const char *name)
{
    return s->activity == like->activity && s->service == like->service && s->operation == like->operation &&
           s->subject == like->subject && strcmp(s->name, name) == 0;
}

/* 1 − part / whole, of runs that have both. */
static struct history_series share(const struct history_series *part, const struct history_series *whole)
{
    struct history_series s = *whole;
    s.name = "blocked_share";
    s.unit = "1";
    s.points = NULL;
    s.count = s.room = 0;
    for (size_t i = 0, k = 0; i < whole->count; i++) {
        while (k < part->count && part->points[k].run < whole->points[i].run)
            k++;
        if (k < part->count && part->points[k].run == whole->points[i].run && whole->points[i].value > 0) {
            LC_GROW(s.points, s.count, s.room);
            s.points[s.count++] =
                (struct history_point){whole->points[i].run, 1 - part->points[k].value / whole->points[i].value};
        }
    }
    return s;
}

static int by_key(const void *a, const void *b)
{
    const struct history_series *x = a, *y = b;
    const char *const xs[] = {x->activity, x->service, x->operation, x->name, x->subject};
    const char *const ys[] = {y->activity, y->service, y->operation, y->name, y->subject};
    int order = 0;
    for (size_t i = 0; i < sizeof xs / sizeof *xs && order == 0; i++)
        order = strcmp(xs[i], ys[i]);
    return order;
}

void trend_derive(struct history_table *table)
{
    const size_t count = table->count;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table->items[i].name, "total_process_time") != 0)
            continue;
        for (size_t k = 0; k < count; k++) {
            if (!is_of(&table->items[k], &table->items[i], "non_blocked_process_time"))
                continue;
            const struct history_series s = share(&table->items[k], &table->items[i]);
            if (s.count == 0)
                continue;
            LC_GROW(table->items, table->count, table->room);
            table->items[table->count++] = s;
        }
    }
    if (table->count > count)
        qsort(table->items, table->count, sizeof *table->items, by_key);
}
