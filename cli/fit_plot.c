/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit_plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/format.h"

enum { SIDE = 300, LEFT = 60, TOP = 40, CELL_WIDTH = 400, CELL_HEIGHT = 400, POINTS = 400 };

/* One of the four pictures: its place and how data become pixels. */
struct panel {
    FILE *out;
    double left, top; /* of the frame */
    double x0, x1, y0, y1;
};

struct sorted {
    double *x, *c; /* values in order and the weight up to each, as a part of all */
    size_t n;
};

struct value {
    double x, weight;
};

static int by_value(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    return (x->x > y->x) - (x->x < y->x);
}

static struct sorted sort(const struct lc_sample *sample)
{
    struct value *values = lc_alloc(sample->count * sizeof *values);
    struct sorted sorted = {lc_alloc(sample->count * sizeof(double)), lc_alloc(sample->count * sizeof(double)),
                            sample->count};
    double total = 0, sum = 0;
    for (size_t i = 0; i < sample->count; i++) {
        const double low = sample->low[i], high = sample->high == NULL ? low : sample->high[i];
        values[i] =
            (struct value){isinf(high) ? low : low + (high - low) / 2, sample->weight == NULL ? 1 : sample->weight[i]};
        total += values[i].weight;
    }
    qsort(values, sample->count, sizeof *values, by_value);
    for (size_t i = 0; i < sample->count; i++) {
        sorted.x[i] = values[i].x;
        sorted.c[i] = (sum += values[i].weight) / total;
    }
    free(values);
    return sorted;
}

/* ---- SVG --------------------------------------------------------------------------------------------------------- */

static double pixel_x(const struct panel *p, double x)
{
    return p->left + (x - p->x0) / (p->x1 - p->x0) * SIDE;
}

static double pixel_y(const struct panel *p, double y)
{
    return p->top + SIDE - fmin(fmax((y - p->y0) / (p->y1 - p->y0), 0), 1) * SIDE;
}

/* 1, 2 or 5 times a power of ten: about five of them in the range. */
#define MOST_TICKS 8

static double tick_step(double range)
{
    const double power = pow(10, floor(log10(range / 5))), ratio = range / 5 / power;
    return power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
}

static void frame(const struct panel *p, const char *title, const char *x_label, const char *y_label)
{
    fprintf(p->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" class=\"frame\"/>\n", p->left, p->top, SIDE,
            SIDE);
    fprintf(p->out, "<text x=\"%.1f\" y=\"%.1f\" class=\"title\">%s</text>\n", p->left + SIDE / 2.0, p->top - 12,
            title);
    fprintf(p->out, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", p->left + SIDE / 2.0, p->top + SIDE + 36, x_label);
    fprintf(p->out, "<text transform=\"translate(%.1f %.1f) rotate(-90)\">%s</text>\n", p->left - 44,
            p->top + SIDE / 2.0, y_label);
    const double step = tick_step(p->x1 - p->x0), step_y = tick_step(p->y1 - p->y0);
    for (int i = 0; i <= MOST_TICKS; i++) {
        const double x = (ceil(p->x0 / step) + i) * step, y = (ceil(p->y0 / step_y) + i) * step_y;
        if (x <= p->x1 + step / 1e6)
            fprintf(p->out, "<path d=\"M%.1f %.1fv5\"/><text x=\"%.1f\" y=\"%.1f\">%.4g</text>\n", pixel_x(p, x),
                    p->top + SIDE, pixel_x(p, x), p->top + SIDE + 18, fabs(x) < step / 1e6 ? 0 : x);
        if (y <= p->y1 + step_y / 1e6)
            fprintf(p->out, "<path d=\"M%.1f %.1fh-5\"/><text x=\"%.1f\" y=\"%.1f\" class=\"y\">%.3g</text>\n", p->left,
                    pixel_y(p, y), p->left - 7, pixel_y(p, y) + 4, fabs(y) < step_y / 1e6 ? 0 : y);
    }
}

/* A curve through POINTS places of the x axis; gaps where it is not finite. */
static void curve(const struct panel *p, const struct lc_dist *d, double (*f)(const struct lc_dist *, double))
{
    bool drawing = false;
    fputs("<path class=\"fit\" d=\"", p->out);
    for (int i = 0; i <= POINTS; i++) {
        const double x = p->x0 + (p->x1 - p->x0) * i / POINTS, y = f(d, x);
        if (isfinite(y))
            fprintf(p->out, "%c%.1f %.1f", drawing ? 'L' : 'M', pixel_x(p, x), pixel_y(p, y));
        drawing = isfinite(y);
    }
    fputs("\"/>\n", p->out);
}

static double density(const struct lc_dist *d, double x)
{
    return exp(lc_dist_log_density(d, x));
}

static void dot(const struct panel *p, double x, double y)
{
    if (isfinite(x) && isfinite(y) && x <= p->x1 && y <= p->y1)
        fprintf(p->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"1.6\"/>\n", pixel_x(p, x), pixel_y(p, y));
}

/* What the colours mean, in the corner of a picture that its curve leaves free: the sample's mark is a bar or a line.
 */
static void legend(const struct panel *p, double y, bool bars)
{
    const double x = p->left + SIDE - 84;
    if (bars)
        fprintf(p->out, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"18\" height=\"10\"/>", x, y - 5);
    else
        fprintf(p->out, "<path class=\"sample\" d=\"M%.1f %.1fh18\"/>", x, y);
    fprintf(p->out, "<text class=\"key\" x=\"%.1f\" y=\"%.1f\">sample</text>\n", x + 24, y + 4);
    fprintf(p->out, "<path class=\"fit\" d=\"M%.1f %.1fh18\"/>", x, y + 16);
    fprintf(p->out, "<text class=\"key\" x=\"%.1f\" y=\"%.1f\">fit</text>\n", x + 24, y + 20);
}

/* ---- the pictures ------------------------------------------------------------------------------------------------ */

/* The least index whose part of the weight reaches u. */
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

/* Weight of the values below x, as a part. */
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

static void draw_density(struct panel p, const struct sorted *s, const struct lc_dist *d)
{
    enum { BARS = 30 };
    double height[BARS], top = 0;
    const double width = (p.x1 - p.x0) / BARS;
    for (int i = 0; i < BARS; i++) {
        const double from = p.x0 + width * i;
        height[i] = (part_below(s, from + width) - part_below(s, from)) / width;
        top = fmax(top, height[i]);
    }
    p.y0 = 0;
    p.y1 = top > 0 ? 1.25 * top : 1;
    for (int i = 0; i < BARS; i++)
        fprintf(p.out, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
                pixel_x(&p, p.x0 + width * i), pixel_y(&p, height[i]), (double)SIDE / BARS,
                p.top + SIDE - pixel_y(&p, height[i]));
    if (strcmp(d->family->name, "empirical") != 0 && strcmp(d->family->name, "deterministic") != 0)
        curve(&p, d, density);
    legend(&p, p.top + 18, true);
    frame(&p, "Density", "value (unit of the sample)", "density (per unit)");
}

static void draw_distribution(struct panel p, const struct sorted *s, const struct lc_dist *d)
{
    p.y0 = 0;
    p.y1 = 1;
    fputs("<path class=\"sample\" d=\"", p.out);
    fprintf(p.out, "M%.1f %.1f", pixel_x(&p, p.x0), pixel_y(&p, part_below(s, p.x0)));
    for (int i = 1; i <= POINTS; i++) {
        const double x = p.x0 + (p.x1 - p.x0) * i / POINTS;
        fprintf(p.out, "H%.1fV%.1f", pixel_x(&p, x), pixel_y(&p, part_below(s, x)));
    }
    fputs("\"/>\n", p.out);
    curve(&p, d, lc_dist_cdf);
    legend(&p, p.top + SIDE - 34, false);
    frame(&p, "Distribution function", "value (unit of the sample)", "probability");
}

/* Both comparisons at evenly spaced probabilities, at most POINTS of them; the diagonal is agreement. */
static void draw_comparison(struct panel p, const struct sorted *s, const struct lc_dist *d, bool quantiles)
{
    const size_t count = s->n < POINTS ? s->n : POINTS;
    if (!quantiles) {
        p.x0 = 0;
        p.x1 = 1;
    }
    p.y0 = p.x0;
    p.y1 = p.x1;
    fprintf(p.out, "<path class=\"fit\" d=\"M%.1f %.1fl%d -%d\"/>\n", p.left, p.top + SIDE, SIDE, SIDE);
    for (size_t i = 0; i < count; i++) {
        const double u = ((double)i + 0.5) / (double)count, x = s->x[at_part(s, u)];
        if (quantiles)
            dot(&p, lc_dist_quantile(d, u), x);
        else
            dot(&p, lc_dist_cdf(d, x), u);
    }
    frame(&p, quantiles ? "Q-Q" : "P-P", quantiles ? "quantile of the fit" : "probability of the fit",
          quantiles ? "quantile of the sample" : "probability in the sample");
}

static void draw(FILE *out, const struct sorted *s, const struct lc_fit *fit)
{
    char *text = lc_dist_text(&fit->dist, "");
    fprintf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n"
        "<style>text{font:12px sans-serif;text-anchor:middle;fill:#222}.title{font-weight:bold}.y{text-anchor:end}"
        ".key{text-anchor:start}path{fill:none;stroke:#444}.frame{fill:none;stroke:#444}.bar{fill:#bcd;stroke:#fff}"
        ".fit{stroke:#c33;stroke-width:1.5}.sample{stroke:#36a;stroke-width:1.5}circle{fill:#36a}.paper{fill:#fff}"
        "@media(prefers-color-scheme:dark){text{fill:#ddd}path,.frame{stroke:#aaa}.paper{fill:#1b1d20}"
        ".bar{fill:#41566e;stroke:#1b1d20}.fit{stroke:#ff7b6b}.sample{stroke:#7db4f5}circle{fill:#7db4f5}}</style>\n"
        "<rect width=\"100%%\" height=\"100%%\" class=\"paper\"/>\n<text x=\"%d\" y=\"18\" class=\"title\">%s, n = %zu"
        "</text>\n",
        2 * CELL_WIDTH, 2 * CELL_HEIGHT + 30, 2 * CELL_WIDTH, 2 * CELL_HEIGHT + 30, CELL_WIDTH, text, s->n);
    free(text);
    /* The axis of values ends where 99.5 % of them do, or a long tail would hide the rest. */
    const double last = s->x[at_part(s, 0.995)], first = s->x[0] > 0.5 * last ? s->x[0] : 0;
    struct panel p = {out, LEFT, TOP + 30, first, last > first ? last : first + fmax(first, 1), 0, 1};
    if (last > first && first > 0)
        p.x0 = fmax(first - 0.05 * (last - first), 0);
    draw_density(p, s, &fit->dist);
    p.left += CELL_WIDTH;
    draw_distribution(p, s, &fit->dist);
    p.top += CELL_HEIGHT;
    draw_comparison(p, s, &fit->dist, false);
    p.left -= CELL_WIDTH;
    draw_comparison(p, s, &fit->dist, true);
    fputs("</svg>\n", out);
}

int fit_plot(const struct lc_sample *sample, const struct lc_fit *fit, const char *file, struct lc_diag *diag)
{
    struct lc_output *output = lc_output_open(file, diag);
    if (output == NULL)
        return -1;
    FILE *out = lc_output_stream(output);
    struct sorted sorted = sort(sample);
    const size_t length = strlen(file);
    const bool page = length > 5 && strcmp(file + length - 5, ".html") == 0;
    if (page)
        fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Fit</title><meta "
              "name=\"color-scheme\" content=\"light dark\">"
              "<style>body{margin:0}svg{max-width:100%;height:auto}@media(prefers-color-scheme:dark){body{background:#"
              "1b1d20}}"
              "</style></head><body>\n",
              out);
    draw(out, &sorted, fit);
    if (page)
        fputs("</body></html>\n", out);
    free(sorted.x);
    free(sorted.c);
    return lc_output_close(output, diag);
}
