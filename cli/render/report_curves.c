/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "curves_render.h"
#include "html.h"
#include "plot.h"
#include "report.h"
#include "table.h"

enum { WIDTH = 560, HEIGHT = 300, MOST = 6 /* lines in a picture */ };

/* A line of a picture: the curve under the load itself or under a change. */
struct line {
    const struct lc_transient *t;
    const struct lc_curve *curve;
    const char *name;
};

/* What values are divided by, and what the axis says then. */
struct axis {
    double scale;
    char *label;
};

static const struct lc_curve *same_curve(const struct lc_transient *t, const char *title)
{
    const struct lc_curve *found = NULL;
    for (size_t i = 0; i < t->count && found == NULL; i++) {
        char *other = curves_title(t, &t->curves[i]);
        if (strcmp(other, title) == 0)
            found = &t->curves[i];
        free(other);
    }
    return found;
}

/* The same curve of all points at this load; returns their number. */
static size_t find_lines(const struct lc_verdict *verdict, const struct lc_point *base, const char *title,
                         struct line *lines)
{
    size_t count = 0;
    for (size_t i = 0; i < verdict->point_count && count < MOST; i++) {
        const struct lc_point *p = &verdict->points[i];
        const struct lc_curve *curve = p->load == base->load ? same_curve(p->curves, title) : NULL;
        if (curve != NULL)
            lines[count++] = (struct line){p->curves, curve, p->change != NULL ? p->change->name : "as it is"};
    }
    return count;
}

static double highest(const struct line *lines, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t bin = 0; bin < lines[i].t->bins; bin++)
            most = fmax(most, lines[i].curve->mean[bin]);
    return most;
}

static struct axis axis_of(const struct line *lines, size_t count, double unit)
{
    struct time_scale time;
    switch (lines[0].curve->quantity) {
    case LC_CURVE_LOAD:
    case LC_CURVE_FAILED: return (struct axis){0.01, lc_strdup("%")};
    case LC_CURVE_ARRIVALS:
    case LC_CURVE_THROUGHPUT: return (struct axis){unit, lc_strdup("requests/s")};
    case LC_CURVE_RESPONSE:
    case LC_CURVE_RESPONSE_P95:
        time = time_scale_of(highest(lines, count) * unit);
        return (struct axis){time.seconds / unit, lc_strdup(time.unit)};
    default: return (struct axis){1, lc_strdup("")};
    }
}

static void put_value(FILE *script, double value)
{
    fprintf(script, isfinite(value) ? " %.6g" : " ?", value);
}

/* Time, mean, its interval, between which most runs lie. */
static void put_line(FILE *script, size_t index, const struct line *line, double time_scale, double scale)
{
    const struct lc_curve *c = line->curve;
    fprintf(script, "$line%zu << END\n", index);
    for (size_t bin = 0; bin < line->t->bins; bin++) {
        fprintf(script, "%.6g", ((double)bin + 0.5) * line->t->step / time_scale);
        put_value(script, c->mean[bin] / scale);
        put_value(script, (c->mean[bin] - c->ci95[bin]) / scale);
        put_value(script, (c->mean[bin] + c->ci95[bin]) / scale);
        put_value(script, c->low[bin] / scale);
        put_value(script, c->high[bin] / scale);
        fputc('\n', script);
    }
    fputs("END\n", script);
}

/* Bands: where 90 % of the runs lie for a line alone, and of each mean its 95 % interval. */
static int draw(const struct lc_verdict *verdict, const char *title, const struct line *lines, size_t count,
                struct plot_page *page, struct lc_diag *diag)
{
    FILE *script = plot_begin(WIDTH, HEIGHT, diag);
    if (script == NULL)
        return -1;
    const struct lc_transient *t = lines[0].t;
    const struct time_scale time = time_scale_of((double)t->bins * t->step * verdict->time_unit);
    const struct axis axis = axis_of(lines, count, verdict->time_unit);
    char *heading = *axis.label != 0 ? lc_format("%s (%s)", title, axis.label) : lc_strdup(title);
    fputs("set datafile missing '?'\nset title ", script);
    plot_string(script, heading);
    fprintf(script,
            "\nset xlabel 'time (%s)'\nset yrange [0:*<%s]\nset offsets 0,0,graph 0.05,0\nset xrange [0:%.6g]\n",
            time.unit, lines[0].curve->quantity == LC_CURVE_LOAD ? "105" : "1e300",
            (double)t->bins * t->step * verdict->time_unit / time.seconds);
    for (size_t i = 0; i < count; i++)
        put_line(script, i, &lines[i], time.seconds / verdict->time_unit, axis.scale);
    fputs(count > 1 ? "set key top right\nplot " : "plot ", script);
    if (count == 1)
        fputs("$line0 using 1:5:6 with filledcurves linetype 1 fillstyle transparent solid 0.12, ", script);
    for (size_t i = 0; i < count; i++) {
        fprintf(script,
                "%s$line%zu using 1:3:4 with filledcurves linetype %zu fillstyle transparent solid 0.25 notitle, "
                "'' using 1:2 linetype %zu title ",
                i > 0 ? ", " : "", i, i + 1, i + 1);
        plot_string(script, lines[i].name);
    }
    fputc('\n', script);
    free(heading);
    free(axis.label);
    return plot_within(script, page, diag);
}

static int draw_load(const struct lc_verdict *verdict, const struct lc_point *base, struct plot_page *page,
                     struct lc_diag *diag)
{
    size_t count, left;
    const struct lc_curve **shown = curves_shown(base->curves, false, &count, &left);
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        struct line lines[MOST];
        char *title = curves_title(base->curves, shown[i]);
        const size_t found = find_lines(verdict, base, title, lines);
        if (found > 0 && highest(lines, found) > 0)
            status = draw(verdict, title, lines, found, page, diag);
        free(title);
    }
    free(shown);
    return status;
}

int report_curves(const struct lc_verdict *verdict, FILE *out, struct lc_diag *diag)
{
    struct plot_page page = {.out = out};
    for (size_t i = 0; i < verdict->point_count; i++) {
        if (verdict->points[i].change != NULL)
            continue;
        char *title = lc_format("Load %s", verdict->points[i].label);
        fputs("<h2>", out);
        html_text(out, title);
        fputs("</h2>\n<div class=pair>\n", out);
        free(title);
        if (draw_load(verdict, &verdict->points[i], &page, diag) != 0)
            return -1;
        fputs("</div>\n", out);
    }
    fputs("<p><small>Lines: means of all runs. Dark bands: their 95 % intervals. Light bands, where there is one line: "
          "90 % of "
          "single runs.</small></p>\n<h2>In numbers</h2>\n",
          out);
    return 0;
}
