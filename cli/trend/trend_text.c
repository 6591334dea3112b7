/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Trends for people: a line a series with a sparkline, then what changed and what lies ahead. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "render/paragraph.h"
#include "render/table.h"
#include "trend.h"

enum { CELLS = 40 }; /* of a sparkline, at the most */

static bool is_share(const struct history_series *s)
{
    return strcmp(s->name, "load") == 0 || strcmp(s->name, "blocked_share") == 0;
}

static char *value_text(const struct history_series *s, double value)
{
    if (is_share(s))
        return percent_text(value);
    if (strcmp(s->name, "capacity") == 0) {
        char *number = number_text(value), *text = lc_format("× %s", number);
        free(number);
        return text;
    }
    return quantity_text(s->unit, value);
}

/* "db_reads", "queue_dispatches of mail", "load of worker at ×2" */
static char *title(const struct history_series *s)
{
    struct lci_buffer text = {0};
    lci_buffer_add(&text, "%s", s->name);
    const bool load = strcmp(s->name, "load") == 0;
    if (*s->service != 0 || *s->operation != 0)
        lci_buffer_add(&text, " of %s%s%s", s->service, *s->operation != 0 ? "/" : "", s->operation);
    if (*s->subject != 0)
        lci_buffer_add(&text, load ? " at %s" : " (%s)", s->subject);
    return lci_buffer_take(&text);
}

/* Means of the releases, those next to each other together where there are many. Missing ones are blank. */
static char *sparkline(const struct trends *all, const struct trend *t)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const size_t places = all->by_run ? all->runs->count : all->runs->releases;
    const size_t cells = places < CELLS ? places : CELLS;
    double sums[CELLS] = {0}, low = INFINITY, high = -INFINITY;
    size_t counts[CELLS] = {0};
    for (size_t i = 0; i < t->series->count; i++) {
        const size_t at = (size_t)trend_place(all, t, i) * cells / places;
        sums[at] += t->series->points[i].value;
        counts[at]++;
    }
    for (size_t c = 0; c < cells; c++)
        if (counts[c] > 0) {
            sums[c] /= (double)counts[c];
            low = fmin(low, sums[c]);
            high = fmax(high, sums[c]);
        }
    struct lci_buffer text = {0};
    for (size_t c = 0; c < cells; c++) {
        const double part = high > low ? (sums[c] - low) / (high - low) : 0.5;
        lci_buffer_add(&text, "%s", counts[c] == 0 ? " " : blocks[(size_t)fmin(floor(8 * part), 7)]);
    }
    return lci_buffer_take(&text);
}

/* "+12 % [9, 15]" of the last value of the line; "" where chance explains it. */
static char *slope_text(const struct trends *all, const struct trend *t)
{
    const struct lci_slope *s = &t->slope;
    const double now = lci_slope_at(s, trend_place(all, t, t->series->count - 1));
    if (isnan(s->slope) || !(s->low > 0 || s->high < 0) || !(now > 0))
        return lc_strdup(isnan(s->slope) ? "–" : "level");
    const double part = 100 / now;
    const int decimals = fabs(s->slope * part) < 10 ? 1 : 0;
    return lc_format("%+.*f %% [%+.*f, %+.*f]", decimals, s->slope * part, decimals, s->low * part, decimals,
                     s->high * part);
}

static char *of_activity(const struct history_series *s)
{
    char *name = title(s);
    char *text = *s->activity != 0 ? lc_format("%s: %s", s->activity, name) : lc_strdup(name);
    free(name);
    return text;
}

/* The mean of the runs of the release that a point is of. */
static double release_mean(const struct trends *all, const struct trend *t, size_t point)
{
    const double place = trend_place(all, t, point);
    double sum = 0, n = 0;
    for (size_t i = 0; i < t->series->count; i++)
        if (trend_place(all, t, i) == place) {
            sum += t->series->points[i].value;
            n++;
        }
    return sum / n;
}

static void print_table(const struct trends *all, FILE *out)
{
    const char *const headers[] = {"", "trend", "first", "last", all->by_run ? "a run" : "a release"};
    struct table table = table_new(5, headers);
    for (const struct trend *t = all->items; (size_t)(t - all->items) < all->count; t++) {
        const struct history_series *s = t->series;
        char *cells[] = {of_activity(s), sparkline(all, t), value_text(s, release_mean(all, t, 0)),
                         value_text(s, release_mean(all, t, s->count - 1)), slope_text(all, t)};
        table_add(&table, cells);
    }
    table_print(&table, out, "");
    table_free(&table);
}

/* "+58 %", "-0.4 %" */
static char *relative_text(double part)
{
    return lc_format("%+.*f %%", fabs(part) < 0.1 ? 1 : 0, 100 * part);
}

static void print_change(const struct trends *all, const struct trend *t, size_t i, FILE *out)
{
    const struct lci_level_change *c = &t->changes[i].level;
    char *name = of_activity(t->series), *before = value_text(t->series, c->before);
    char *after = value_text(t->series, c->after);
    const char *at = trend_name(all, t, c->at);
    if (t->changes[i].only) {
        char *then = value_text(t->series, t->changes[i + 1].level.after);
        paragraph(out, 0, 4, "  %s was %s at %s alone: %s before, %s after\n", name, after, at, before, then);
        free(then);
    } else if (c->before != 0 && !is_share(t->series)) {
        char *part = relative_text((c->after - c->before) / fabs(c->before));
        paragraph(out, 0, 4, "  %s %s from %s to %s (%s) at %s\n", name, c->after < c->before ? "fell" : "rose", before,
                  after, part, at);
        free(part);
    } else {
        paragraph(out, 0, 4, "  %s %s from %s to %s at %s\n", name, c->after < c->before ? "fell" : "rose", before,
                  after, at);
    }
    free(after);
    free(before);
    free(name);
}

static void print_changes(const struct trends *all, FILE *out)
{
    size_t count = 0;
    for (const struct trend *t = all->items; (size_t)(t - all->items) < all->count; t++)
        for (size_t i = 0; i < t->change_count; i++) {
            if (i > 0 && t->changes[i - 1].only)
                continue; /* told with the one before */
            fputs(count++ == 0 ? "\nChanges\n" : "", out);
            print_change(all, t, i, out);
        }
    if (count == 0)
        fputs("\nNo level changed.\n", out);
}

/* The first release that is not before it; a crossing at a release is that one's. */
static double release_after(double at)
{
    return fmax(ceil(at - 1e-6), 1);
}

/* "4 releases [3, 7]" */
static char *ahead_text(const struct trends *all, const struct lci_crossing *c)
{
    const double at = release_after(c->at);
    char *high = isfinite(c->high) ? lc_format("%.0f]", release_after(c->high)) : lc_strdup("∞)");
    char *text = lc_format("%.0f %s%s [%.0f, %s", at, all->by_run ? "run" : "release", at == 1 ? "" : "s",
                           release_after(c->low), high);
    free(high);
    return text;
}

static void print_ahead(const struct trends *all, FILE *out)
{
    bool any = false;
    for (const struct trend *t = all->items; (size_t)(t - all->items) < all->count; t++) {
        if (!t->passes)
            continue;
        fputs(any ? "" : "\nAhead, at this rate\n", out);
        any = true;
        char *slope = slope_text(all, t), *when = ahead_text(all, &t->ahead), *limit = value_text(t->series, t->limit);
        char *name = title(t->series);
        if (strcmp(t->series->name, "load") == 0)
            paragraph(out, 0, 4, "  %s passes %s at load %s in %s (%s a %s since %s)\n", t->series->service, limit,
                      t->series->subject, when, slope, all->by_run ? "run" : "release", trend_name(all, t, t->since));
        else
            paragraph(out, 0, 4, "  %s falls to %s in %s (%s a %s since %s)\n", name, limit, when, slope,
                      all->by_run ? "run" : "release", trend_name(all, t, t->since));
        free(name);
        free(limit);
        free(when);
        free(slope);
    }
}

void trend_text(const struct trends *all, FILE *out)
{
    const struct history_run *first = &all->runs->items[0], *last = &all->runs->items[all->runs->count - 1];
    fprintf(out, "%zu runs of %zu releases, %s to %s\n\n", all->runs->count, all->runs->releases,
            all->by_run ? first->run : first->release, all->by_run ? last->run : last->release);
    print_table(all, out);
    print_changes(all, out);
    print_ahead(all, out);
}
