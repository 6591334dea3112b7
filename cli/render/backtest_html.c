/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The curves of a backtest: what was measured and what was predicted, over the load. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backtest_render.h"
#include "base/output.h"
#include "html.h"
#include "loadcast/format.h"
#include "plot.h"

enum { WIDTH = 800, HEIGHT = 360, MOST_PLOTS = 24 };

static bool same_cell(const struct lc_measured_cell *a, const struct lc_measured_cell *b)
{
    return a->measure == b->measure && a->percentile == b->percentile && strcmp(a->subject, b->subject) == 0 &&
           (a->caller == NULL ? b->caller == NULL : b->caller != NULL && strcmp(a->caller, b->caller) == 0);
}

static const struct lc_backtest_cell *find(const struct lc_backtest_level *level, const struct lc_measured_cell *cell)
{
    for (size_t i = 0; i < level->measured->count; i++)
        if (level->cells[i].compared && same_cell(level->cells[i].measured, cell))
            return &level->cells[i];
    return NULL;
}

static double place_of(const struct lc_backtest *b, size_t level)
{
    const double rate = b->levels[level].measured->rate;
    return rate > 0 ? rate : (double)level + 1;
}

/* Only what more than one load tells is a curve. */
static bool is_curve(const struct lc_backtest *b, const struct lc_measured_cell *cell)
{
    size_t count = 0;
    for (size_t i = 0; i < b->count; i++) {
        const struct lc_backtest_cell *c = find(&b->levels[i], cell);
        count += c != NULL && isfinite(c->predicted);
    }
    return count > 1;
}

static double shown(double value, double instead)
{
    return isfinite(value) ? value : instead;
}

static int draw(const struct lc_backtest *b, const struct lc_measured_cell *cell, struct plot_page *page,
                struct lc_diag *diag)
{
    const bool time = cell->measure == LC_MEASURED_RESPONSE || cell->measure == LC_MEASURED_CALL;
    const double unit = time ? 1e3 : 1;
    FILE *script = plot_begin(WIDTH, HEIGHT, diag);
    if (script == NULL)
        return -1;
    char *title = cell->caller != NULL   ? lc_format("%s → %s", cell->caller, cell->subject)
                  : cell->percentile > 0 ? lc_format("%s, p%d", cell->subject, cell->percentile)
                                         : lc_format("%s", cell->subject);
    fputs("$measured << EOD\n", script);
    for (size_t i = 0; i < b->count; i++) {
        const struct lc_backtest_cell *c = find(&b->levels[i], cell);
        if (c != NULL)
            fprintf(script, "%.9g %.9g %.9g %.9g\n", place_of(b, i), unit * c->measured->value, unit * c->recorded_low,
                    unit * shown(c->recorded_high, c->measured->value));
    }
    fputs("EOD\n$predicted << EOD\n", script);
    for (size_t i = 0; i < b->count; i++) {
        const struct lc_backtest_cell *c = find(&b->levels[i], cell);
        if (c != NULL && isfinite(c->predicted))
            fprintf(script, "%.9g %.9g %.9g %.9g\n", place_of(b, i), unit * c->predicted, unit * c->low,
                    unit * shown(c->high, c->predicted));
    }
    fputs("EOD\nset title ", script);
    plot_string(script, title);
    fprintf(script, "\nset xlabel 'requests a second'\nset ylabel '%s'\nset yrange [0:*]\nset key left top\n",
            time                                      ? "ms"
            : cell->measure == LC_MEASURED_PRESENT    ? "requests there"
            : cell->measure == LC_MEASURED_THROUGHPUT ? "requests a second"
                                                      : "utilization");
    fputs("plot $predicted using 1:3:4 with filledcurves fillstyle transparent solid 0.2 noborder title '', "
          "$predicted using 1:2 with linespoints title 'predicted', "
          "$measured using 1:2:3:4 with yerrorbars pointtype 7 title 'recorded'\n",
          script);
    free(title);
    return plot_within(script, page, diag);
}

/* Each quantity once, at the level where it is first told. */
static int draw_all(const struct lc_backtest *b, struct plot_page *page, struct lc_diag *diag)
{
    for (size_t l = 0; l < b->count; l++)
        for (size_t i = 0; i < b->levels[l].measured->count; i++) {
            const struct lc_backtest_cell *c = &b->levels[l].cells[i];
            bool first = c->compared && c->measured->measure != LC_MEASURED_THROUGHPUT && page->pictures < MOST_PLOTS;
            for (size_t k = 0; k < l && first; k++)
                first = find(&b->levels[k], c->measured) == NULL;
            if (first && is_curve(b, c->measured) && draw(b, c->measured, page, diag) != 0)
                return -1;
        }
    return 0;
}

int backtest_html(const struct backtest_page *page, const char *file, struct lc_diag *diag)
{
    struct lci_output *output = lci_output_open(file, diag);
    if (output == NULL)
        return -1;
    FILE *out = lci_output_stream(output);
    char *sentence = lc_backtest_sentence(page->backtest), *text = NULL;
    size_t size;
    html_begin(out, page->title);
    fputs("<p>", out);
    html_text(out, sentence);
    fputs("</p>\n", out);
    const int status = draw_all(page->backtest, &(struct plot_page){out, 0}, diag);
    FILE *memory = open_memstream(&text, &size);
    if (memory != NULL) {
        const struct backtest_page all = {.backtest = page->backtest, .title = page->title, .verbose = true};
        backtest_text(&all, memory);
        fclose(memory);
        fputs("<pre>", out);
        html_text(out, text);
        fputs("</pre>\n", out);
    }
    html_end(out);
    free(text);
    free(sentence);
    if (status == 0)
        return lci_output_close(output, diag);
    lci_output_abandon(output);
    return -1;
}
