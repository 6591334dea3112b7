/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit_plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "loadcast/format.h"
#include "render/html.h"
#include "render/plot.h"

enum { WIDTH = 800, HEIGHT = 800, POINTS = 400, BARS = 30 };
enum { TITLE = 100 }; /* characters for which the width has room */

struct sorted {
    double *x, *c; /* values in order and the probability up to each; what is cut off is none of them */
    size_t n;
};

struct value {
    double x, weight;
    bool cut_off;
};

static int by_value(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    return x->x != y->x ? (x->x > y->x) - (x->x < y->x) : x->cut_off - y->cut_off;
}

/* Kaplan and Meier's estimate: what is cut off leaves those that were still to be seen. Where all is, as it stands. */
static struct sorted sort(const struct lc_sample *sample)
{
    struct value *values = lc_alloc(sample->count * sizeof *values);
    struct sorted sorted = {lc_alloc(sample->count * sizeof(double)), lc_alloc(sample->count * sizeof(double)), 0};
    double left = 0, survival = 1;
    bool any = false;
    for (size_t i = 0; i < sample->count; i++) {
        const double low = sample->low[i], high = sample->high == NULL ? low : sample->high[i];
        const bool cut_off = isinf(high);
        values[i] = (struct value){cut_off ? low : low + (high - low) / 2,
                                   sample->weight == NULL ? 1 : sample->weight[i], cut_off};
        left += values[i].weight;
        any = any || !cut_off;
    }
    qsort(values, sample->count, sizeof *values, by_value);
    for (size_t i = 0; i < sample->count; i++) {
        const double before = left;
        left = i + 1 < sample->count ? left - values[i].weight : 0;
        if (values[i].cut_off && any)
            continue;
        survival *= fmax(left, 0) / before;
        sorted.x[sorted.n] = values[i].x;
        sorted.c[sorted.n++] = 1 - survival;
    }
    free(values);
    return sorted;
}

/* The least index whose probability reaches u; the last where none does. */
static size_t at_part(const struct sorted *s, double u)
{
    size_t low = 0, high = s->n - 1;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (s->c[middle] < u)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The probability of values below x. */
static double part_below(const struct sorted *s, double x)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (s->x[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? 0 : s->c[low - 1];
}

/* ---- data of the pictures, a block each ----------------------------------------------------------------------------
 */

/* The axis of values. */
struct range {
    double from, to;
};

/* It ends just behind where 99.5 % of them do, or a long tail would hide the rest; the last of them is still seen. */
static struct range range_of(const struct sorted *s)
{
    const double last = s->x[at_part(s, 0.995)], first = s->x[0] > 0.5 * last ? s->x[0] : 0;
    struct range range = {first, last > first ? last + 0.05 * (last - first) : first + fmax(first, 1)};
    if (last > first && first > 0)
        range.from = fmax(first - 0.05 * (last - first), 0);
    return range;
}

static double density(const struct lc_dist *d, double x)
{
    return exp(lc_dist_log_density(d, x));
}

/* Returns the highest bar. */
static double put_bars(FILE *script, const struct sorted *s, struct range range)
{
    const double width = (range.to - range.from) / BARS;
    double top = 0;
    fputs("$bars << END\n", script);
    for (int i = 0; i < BARS; i++) {
        const double from = range.from + width * i;
        const double height = (part_below(s, from + width) - part_below(s, from)) / width;
        fprintf(script, "%.9g %.9g %.9g\n", from + width / 2, height, width);
        top = fmax(top, height);
    }
    fputs("END\n", script);
    return top;
}

/* The fit at POINTS places: value, density, probability; then the sample's probability. A gap where it is not finite.
 */
static void put_curves(FILE *script, const struct sorted *s, const struct lc_dist *d, struct range range)
{
    const bool dense = strcmp(d->family->name, "empirical") != 0 && strcmp(d->family->name, "deterministic") != 0;
    fputs("$curves << END\n", script);
    for (int i = 0; i <= POINTS; i++) {
        const double x = range.from + (range.to - range.from) * i / POINTS, y = dense ? density(d, x) : INFINITY;
        fprintf(script, "%.9g ", x);
        fprintf(script, isfinite(y) ? "%.9g" : "?", y);
        fprintf(script, " %.9g %.9g\n", lc_dist_cdf(d, x), part_below(s, x));
    }
    fputs("END\n", script);
}

/* At evenly spaced probabilities, at most POINTS of them: quantile of the fit and of the sample, probability of the fit
 * and in the sample. Returns the lowest quantile of the fit. */
static double put_points(FILE *script, const struct sorted *s, const struct lc_dist *d)
{
    const size_t count = s->n < POINTS ? s->n : POINTS;
    double lowest = INFINITY;
    fputs("$points << END\n", script);
    for (size_t i = 0; i < count; i++) {
        const double u = ((double)i + 0.5) / (double)count, x = s->x[at_part(s, u)], q = lc_dist_quantile(d, u);
        if (u > s->c[s->n - 1]) /* beyond all that is not cut off */
            break;
        fprintf(script, isfinite(q) ? "%.9g" : "?", q);
        fprintf(script, " %.9g %.9g %.9g\n", x, lc_dist_cdf(d, x), u);
        if (isfinite(q))
            lowest = fmin(lowest, q);
    }
    fputs("END\n", script);
    return lowest;
}

/* ---- the pictures ------------------------------------------------------------------------------------------------ */

static void put_script(FILE *script, const struct sorted *s, const struct lc_fit *fit, size_t n)
{
    const struct range range = range_of(s);
    char *text = lc_dist_text(&fit->dist, ""), *name = lc_fit_name(fit, "");
    char *title = lc_format("%s, n = %zu", strlen(text) <= TITLE ? text : name, n);
    const double top = put_bars(script, s, range);
    put_curves(script, s, &fit->dist, range);
    const double lowest = put_points(script, s, &fit->dist);
    fputs("set datafile missing '?'\nset multiplot layout 2,2 title ", script);
    plot_string(script, title);
    fprintf(script,
            "\nset key\nset xrange [%.9g:%.9g]\n"
            "set title 'Density'\nset xlabel 'value (unit of the sample)'\nset ylabel 'density (per unit)'\n"
            "set yrange [0:%.9g]\n"
            "plot $bars using 1:2:3 with boxes linecolor '#bbccdd' title 'sample', "
            "$curves using 1:2 linetype 2 title 'fit'\n"
            "set title 'Distribution function'\nset ylabel 'probability'\nset yrange [0:1]\nset key bottom\n"
            "plot $curves using 1:4 with steps linetype 1 title 'sample', '' using 1:3 linetype 2 title 'fit'\n"
            "set title 'Q-Q'\nset xlabel 'quantile of the fit'\nset ylabel 'quantile of the sample'\n"
            "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\nunset key\n"
            "plot x linetype 2, $points using 1:2 with points linetype 1\n"
            "set title 'P-P'\nset xlabel 'probability of the fit'\nset ylabel 'probability in the sample'\n"
            "set xrange [0:1]\nset yrange [0:1]\n"
            "plot x linetype 2, $points using 3:4 with points linetype 1\nunset multiplot\n",
            range.from, range.to, top > 0 ? 1.25 * top : 1, fmin(range.from, lowest), range.to, range.from, range.to);
    free(title);
    free(name);
    free(text);
}

int fit_plot(const struct lc_sample *sample, const struct lc_fit *fit, const char *file, struct lc_diag *diag)
{
    FILE *script = plot_begin(WIDTH, HEIGHT, diag);
    struct lci_output *output = script != NULL ? lci_output_open(file, diag) : NULL;
    if (output == NULL) {
        if (script != NULL)
            fclose(script);
        return -1;
    }
    FILE *out = lci_output_stream(output);
    struct sorted sorted = sort(sample);
    put_script(script, &sorted, fit, sample->count);
    free(sorted.x);
    free(sorted.c);
    const size_t length = strlen(file);
    const bool page = length > 5 && strcmp(file + length - 5, ".html") == 0;
    if (page)
        html_begin(out, "Fit");
    struct plot_page within = {.out = out};
    const int status = page ? plot_within(script, &within, diag) : plot_alone(script, out, diag);
    if (page)
        html_end(out);
    if (status == 0)
        return lci_output_close(output, diag);
    lci_output_abandon(output);
    return -1;
}
