/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backtest_render.h"
#include "table.h"

static bool is_time(const struct lc_measured_cell *cell)
{
    return cell->measure == LC_MEASURED_RESPONSE || cell->measure == LC_MEASURED_CALL;
}

static char *what_text(const struct lc_measured_cell *cell)
{
    const char *subject = *cell->subject != 0 ? cell->subject : "all requests";
    if (cell->measure == LC_MEASURED_CALL)
        return lc_format("%s → %s", cell->caller, cell->subject);
    if (cell->measure == LC_MEASURED_RESPONSE && cell->percentile > 0)
        return lc_format("%s p%d", subject, cell->percentile);
    return lc_format("%s %s", subject,
                     cell->measure == LC_MEASURED_RESPONSE     ? "mean"
                     : cell->measure == LC_MEASURED_PRESENT    ? "requests there"
                     : cell->measure == LC_MEASURED_THROUGHPUT ? "requests/s"
                                                               : "utilization");
}

static char *value_text(double value, double low, double high, bool time)
{
    const struct time_scale scale = time_scale_of(time && isfinite(value) ? value : 1);
    char *unit = time ? lc_format(" %s", scale.unit) : lc_strdup("");
    char *text = isinf(value)  ? lc_strdup("overloaded")
                 : low == high ? (time ? time_text(value) : number_text(value))
                               : interval_estimate(value, low, high, time ? scale.seconds : 1, unit);
    free(unit);
    return text;
}

static void add_row(struct table *table, const struct lc_backtest_cell *c)
{
    const struct lc_measured_cell *m = c->measured;
    char *cells[] = {
        what_text(m),
        value_text(c->predicted, c->low, c->high, is_time(m)),
        value_text(m->value, c->recorded_low, c->recorded_high, is_time(m)),
        isinf(c->predicted) ? lc_strdup("–") : lc_format("%+.1f %%", 100 * c->difference),
        lc_strdup(c->broken   ? "no, and beyond the tolerance"
                  : c->inside ? "yes"
                              : "no"),
    };
    table_add(table, cells);
}

static char *level_text(const struct lc_backtest_level *level)
{
    const struct lc_measured_level *m = level->measured;
    char *times = level->factor > 0 && isfinite(level->factor) ? lc_format(", × %.3g", level->factor) : lc_strdup("");
    char *found = !level->simulated ? lc_strdup("not simulated")
                                    : lc_format("%zu of %zu inside%s", level->inside, level->compared,
                                                level->broken > 0 ? "; does not hold" : "");
    char *text = lc_format("%s%s%s%s: %s", m->name, times, m->one_by_one ? ", one request at a time" : "",
                           m->learned ? ", learned from it" : "", found);
    free(found);
    free(times);
    return text;
}

static void print_level(const struct lc_backtest_level *level, bool verbose, FILE *out)
{
    static const char *const headers[] = {"", "predicted", "recorded", "apart", "inside"};
    char *title = level_text(level);
    struct table table = table_new(5, headers);
    table.ends_with_words = true;
    size_t left_out = 0;
    fprintf(out, "\n%s\n", title);
    for (size_t i = 0; i < level->measured->count; i++) {
        const struct lc_backtest_cell *c = &level->cells[i];
        if (!c->compared)
            continue;
        if (verbose || c->measured->measure == LC_MEASURED_RESPONSE || !c->inside)
            add_row(&table, c);
        else
            left_out++;
    }
    if (level->compared > 0)
        table_print(&table, out, "  ");
    if (left_out > 0)
        fprintf(out, "  … and %zu of calls and components that are inside (--verbose shows them)\n", left_out);
    table_free(&table);
    free(title);
}

void backtest_text(const struct backtest_page *page, FILE *out)
{
    const struct lc_backtest *b = page->backtest;
    char *sentence = lc_backtest_sentence(b);
    fprintf(out, "%s\n%s\n", sentence, page->title);
    if (page->stopped_by != NULL)
        fprintf(out, "Partial: stopped by %s; this is what was known then.\n", page->stopped_by);
    for (size_t i = 0; i < b->count; i++)
        print_level(&b->levels[i], page->verbose, out);
    if (b->compared > 0)
        fprintf(out,
                "\n%zu of %zu figures at loads that were not learned from are inside the 95 %% interval of their "
                "difference (%.1f %%);\na load does not hold where one is off by more than %.3g %%, and by more than "
                "chance explains for all figures together.\n",
                b->inside, b->compared, 100 * (double)b->inside / (double)b->compared, 100 * b->tolerance);
    free(sentence);
}
