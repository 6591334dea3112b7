/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "loadcast/format.h"
#include "loadcast/predict.h"
#include "plot.h"
#include "report.h"
#include "table.h"
#include "verdict_render.h"

enum { WIDTH = 800, HEIGHT = 460, LINES = 8, ROWS = 20 };

static const struct lc_point *base_point(const struct lc_verdict *verdict, size_t index)
{
    for (size_t i = 0; i < verdict->point_count; i++)
        if (verdict->points[i].change == NULL && index-- == 0)
            return &verdict->points[i];
    return NULL;
}

/* That do not depend on how long they were watched. */
static bool has_figures(const struct lc_point *p)
{
    return p->result != NULL && lc_point_is_steady(p);
}

/* Whether all levels are factors of one load, which is what limits are told in. */
static bool on_one_axis(const struct lc_verdict *verdict)
{
    for (size_t i = 0; base_point(verdict, i) != NULL; i++)
        if (isnan(base_point(verdict, i)->load->factor))
            return false;
    return true;
}

static double place(const struct lc_verdict *verdict, size_t index)
{
    return on_one_axis(verdict) ? base_point(verdict, index)->load->factor : (double)index + 1;
}

/* Where the axis of loads ends, and names of the levels where they are no factors. */
static void put_load_axis(FILE *script, const struct lc_verdict *verdict)
{
    const struct lc_limits *limits = &verdict->limits[0];
    double last = 0;
    size_t count = 0;
    for (; base_point(verdict, count) != NULL; count++)
        last = fmax(last, place(verdict, count));
    if (!on_one_axis(verdict)) {
        fprintf(script, "set xrange [0.5:%zu.5]\nset xlabel 'load'\nset xtics (", count);
        for (size_t i = 0; i < count; i++) {
            fputs(i > 0 ? ", " : "", script);
            plot_tic(script, base_point(verdict, i)->label, i + 1);
        }
        fputs(")\n", script);
        return;
    }
    if (limits->count > 0 && limits->items[0].factor < 3 * last)
        last = fmax(last, limits->items[0].factor);
    fprintf(script, "set xrange [0:%.6g]\nset xlabel 'load (× what the scenario states)'\n", 1.1 * last);
}

/* From where on a component is saturated, and what the traces leave open of it. */
static void put_limit(FILE *script, const struct lc_verdict *verdict)
{
    const struct lc_limits *limits = &verdict->limits[0];
    if (limits->count == 0 || !on_one_axis(verdict))
        return;
    const struct lc_limit *first = &limits->items[0];
    char *name = verdict_component(first->component.name, first->component.processor);
    char *factor = number_text(first->factor), *text = lc_format("%s saturates at × %s", name, factor);
    if (first->low < first->high)
        fprintf(script,
                "set object rectangle from %.6g, graph 0 to %.6g, graph 1 behind fillcolor '#cc3333' "
                "fillstyle transparent solid 0.12 noborder\n",
                first->low, first->high);
    fprintf(script, "set arrow from %.6g, graph 0 to %.6g, graph 1 nohead linecolor '#cc3333'\nset label ",
            first->factor, first->factor);
    plot_string(script, text);
    fprintf(script, " at %.6g, graph 1.03 center textcolor '#cc3333'\n", first->factor);
    free(text);
    free(factor);
    free(name);
}

/* A place, a mean and its interval; nothing for a level without a steady state. */
static void put_estimate(FILE *script, const struct lc_verdict *verdict, double x, const struct lc_estimate *e,
                         double scale)
{
    double low, high;
    lc_estimate_interval(e, verdict->scenario->simulation.confidence, &low, &high);
    if (isnan(e->mean))
        return;
    fprintf(script, "%.6g %.6g %.6g %.6g\n", x, e->mean * scale, (isfinite(low) ? low : e->mean) * scale,
            (isfinite(high) ? high : e->mean) * scale);
}

/* Named in the key: a label in the picture would lie on what is drawn there. */
static void put_goal_line(FILE *script, const char *text, double value, size_t colour)
{
    fprintf(script, ", %.6g with lines dashtype 3 linetype %zu title ", value, colour);
    plot_string(script, text);
}

/* ---- load of components ------------------------------------------------------------------------------------------ */

static const struct lc_estimate *load_at(const struct lc_point *p, const struct lc_component *c)
{
    return c->processor ? &p->result->processors[c->index].load : &p->result->tasks[c->index].load;
}

static void put_component(FILE *script, const struct lc_verdict *verdict, size_t index)
{
    const struct lc_limit *limit = &verdict->limits[0].items[index];
    fprintf(script, "$load%zu << END\n", index);
    for (size_t i = 0; base_point(verdict, i) != NULL; i++)
        if (has_figures(base_point(verdict, i)))
            put_estimate(script, verdict, place(verdict, i), load_at(base_point(verdict, i), &limit->component), 100);
    fputs("END\n", script);
}

static int draw_load(const struct lc_verdict *verdict, struct plot_page *page, struct lc_diag *diag)
{
    const struct lc_limits *limits = &verdict->limits[0];
    const size_t count = limits->count < LINES ? limits->count : LINES;
    FILE *script = count > 0 ? plot_begin(WIDTH, HEIGHT, diag) : NULL;
    if (script == NULL)
        return count > 0 ? -1 : 0;
    put_load_axis(script, verdict);
    put_limit(script, verdict);
    fputs("set title 'Load of the components'\nset ylabel 'load (%)'\nset yrange [0:105]\nset key outside bottom "
          "center horizontal reverse Left samplen 2\n",
          script);
    for (size_t i = 0; i < count; i++)
        put_component(script, verdict, i);
    for (size_t i = 0; i < count; i++) {
        char *name = verdict_component(limits->items[i].component.name, limits->items[i].component.processor);
        fprintf(script, "%s$load%zu using 1:2:3:4 with yerrorlines linetype %zu title ", i == 0 ? "plot " : ", ", i,
                i + 1);
        plot_string(script, name);
        free(name);
    }
    for (size_t g = 0; g < verdict->scenario->goal_count; g++) {
        const struct lc_goal *goal = &verdict->scenario->goals[g];
        char *text = verdict_goal(goal);
        if (goal->kind == LC_GOAL_LOAD)
            put_goal_line(script, text, 100 * goal->limit, 8);
        free(text);
    }
    fputc('\n', script);
    return plot_within(script, page, diag);
}

/* ---- response times ---------------------------------------------------------------------------------------------- */

static const struct lc_workload_result *find_workload(const struct lc_point *p, const char *name)
{
    for (size_t i = 0; has_figures(p) && i < p->result->workload_count; i++)
        if (strcmp(lc_source_name(p->model, &p->result->workloads[i]), name) == 0)
            return &p->result->workloads[i];
    return NULL;
}

/* The workloads' names, from the first level that was simulated. */
static const struct lc_point *first_simulated(const struct lc_verdict *verdict)
{
    for (size_t i = 0; base_point(verdict, i) != NULL; i++)
        if (has_figures(base_point(verdict, i)))
            return base_point(verdict, i);
    return NULL;
}

static double slowest(const struct lc_verdict *verdict)
{
    double most = 0;
    for (size_t i = 0; base_point(verdict, i) != NULL; i++) {
        const struct lc_point *p = base_point(verdict, i);
        for (size_t w = 0; has_figures(p) && w < p->result->workload_count; w++)
            most = fmax(most, p->result->workloads[w].response_time.mean * verdict->time_unit);
    }
    return most;
}

static void put_workload(FILE *script, const struct lc_verdict *verdict, size_t index, const char *name, double scale)
{
    for (int p95 = 0; p95 < 2; p95++) {
        fprintf(script, "$%s%zu << END\n", p95 ? "tail" : "mean", index);
        for (size_t i = 0; base_point(verdict, i) != NULL; i++) {
            const struct lc_workload_result *w = find_workload(base_point(verdict, i), name);
            if (w != NULL && (!p95 || w->percentiles.known))
                put_estimate(script, verdict, place(verdict, i), p95 ? &w->percentiles.value[2] : &w->response_time,
                             scale);
        }
        fputs("END\n", script);
    }
}

static int draw_responses(const struct lc_verdict *verdict, struct plot_page *page, struct lc_diag *diag)
{
    const struct lc_point *first = first_simulated(verdict);
    const size_t all = first != NULL ? first->result->workload_count : 0, count = all < LINES ? all : LINES;
    FILE *script = count > 0 ? plot_begin(WIDTH, HEIGHT, diag) : NULL;
    if (script == NULL)
        return count > 0 ? -1 : 0;
    const struct time_scale time = time_scale_of(slowest(verdict));
    put_load_axis(script, verdict);
    put_limit(script, verdict);
    fprintf(script,
            "set title 'Response times: mean, and p95 dashed'\nset ylabel '%s'\nset yrange [0:*]\nset key outside "
            "bottom center horizontal reverse Left samplen 2\n",
            time.unit);
    for (size_t i = 0; i < count; i++)
        put_workload(script, verdict, i, lc_source_name(first->model, &first->result->workloads[i]),
                     verdict->time_unit / time.seconds);
    for (size_t i = 0; i < count; i++) {
        fprintf(script, "%s$mean%zu using 1:2:3:4 with yerrorlines linetype %zu title ", i == 0 ? "plot " : ", ", i,
                i + 1);
        plot_string(script, lc_source_name(first->model, &first->result->workloads[i]));
        fprintf(script, ", $tail%zu using 1:2:3:4 with yerrorlines linetype %zu dashtype 2 notitle", i, i + 1);
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = lc_source_name(first->model, &first->result->workloads[i]);
        for (size_t g = 0; g < verdict->scenario->goal_count; g++) {
            const struct lc_goal *goal = &verdict->scenario->goals[g];
            char *text = verdict_goal(goal);
            if (goal->kind == LC_GOAL_RESPONSE && strcmp(goal->workload, name) == 0)
                put_goal_line(script, text, goal->limit / time.seconds, i + 1);
            free(text);
        }
    }
    fputc('\n', script);
    return plot_within(script, page, diag);
}

/* ---- what changes allow ------------------------------------------------------------------------------------------ */

/* Rows of a picture of intervals: place, low, high; names go to the axis. */
struct rows {
    FILE *script;
    char *names[ROWS];
    size_t count;
};

static void put_rows(struct rows *rows)
{
    fprintf(rows->script, "END\nset yrange [%zu.6:-0.6] reverse\nset ytics (", rows->count - 1);
    for (size_t i = 0; i < rows->count; i++) {
        fputs(i > 0 ? ", " : "", rows->script);
        plot_tic(rows->script, rows->names[i], i);
        free(rows->names[i]);
    }
    fputs(")\nset grid noytics\n", rows->script);
}

static bool is_swept(const struct lc_verdict *verdict, size_t limits)
{
    return limits > 0 && verdict->scenario->what_ifs[limits - 1].swept;
}

static int draw_changes(const struct lc_verdict *verdict, struct plot_page *page, struct lc_diag *diag)
{
    struct rows rows = {0};
    for (size_t i = 0; i <= verdict->scenario->what_if_count; i++)
        rows.count += !is_swept(verdict, i) && verdict->limits[i].count > 0;
    if (rows.count < 2)
        return 0;
    rows.count = rows.count < ROWS ? rows.count : ROWS;
    rows.script = plot_begin(WIDTH, (int)(110 + 28 * rows.count), diag);
    if (rows.script == NULL)
        return -1;
    rows.count = 0;
    fputs("$rows << END\n", rows.script);
    for (size_t i = 0; i <= verdict->scenario->what_if_count && rows.count < ROWS; i++) {
        const struct lc_limits *limits = &verdict->limits[i];
        if (is_swept(verdict, i) || limits->count == 0)
            continue;
        const struct lc_limit *first = &limits->items[0];
        const bool open = first->low < first->high;
        fprintf(rows.script, "%zu %.6g %.6g %.6g\n", rows.count, first->factor, open ? first->low : first->factor,
                open ? first->high : first->factor);
        char *name = verdict_component(first->component.name, first->component.processor);
        rows.names[rows.count++] =
            lc_format("%s: %s", i == 0 ? "as it is" : verdict->scenario->what_ifs[i - 1].name, name);
        free(name);
    }
    put_rows(&rows);
    fputs("set title 'Which component saturates first, and at which load'\nset xrange [0:*]\n"
          "set xlabel 'load (× what the scenario states)'\n"
          "plot $rows using (0):1:(0):2:($1-0.3):($1+0.3) with boxxyerror linecolor '#bbccdd', "
          "'' using 2:1:3:4 with xerrorbars linetype 1 linewidth 2\n",
          rows.script);
    return plot_within(rows.script, page, diag);
}

/* ---- growth ------------------------------------------------------------------------------------------------------ */

static char *crossing_name(const struct lc_crossing *c)
{
    char *what = c->goal != NULL && c->component.name == NULL
                     ? verdict_goal(c->goal)
                     : verdict_component(c->component.name, c->component.processor);
    char *name = c->component.name == NULL ? lc_strdup(what)
                 : c->goal == NULL         ? lc_format("%s is full", what)
                                           : lc_format("%s ≤ %.0f %%", what, 100 * c->goal->limit);
    free(what);
    return name;
}

/* Goals and limits that are reached within twice the horizon, without changes. */
static bool is_drawn(const struct lc_verdict *verdict, const struct lc_crossing *c)
{
    const struct lc_growth *growth = &verdict->scenario->growth;
    return c->change == NULL && isfinite(c->day) && isfinite(c->early) &&
           c->day < growth->start + 2 * (growth->end - growth->start);
}

static int draw_growth(const struct lc_verdict *verdict, struct plot_page *page, struct lc_diag *diag)
{
    struct rows rows = {0};
    for (size_t i = 0; i < verdict->crossing_count && rows.count < ROWS; i++)
        rows.count += is_drawn(verdict, &verdict->crossings[i]);
    if (rows.count == 0)
        return 0;
    rows.script = plot_begin(WIDTH, (int)(110 + 28 * rows.count), diag);
    if (rows.script == NULL)
        return -1;
    const struct lc_growth *growth = &verdict->scenario->growth;
    const double end = growth->start + 2 * (growth->end - growth->start);
    rows.count = 0;
    fputs("$rows << END\n", rows.script);
    for (size_t i = 0; i < verdict->crossing_count && rows.count < ROWS; i++) {
        const struct lc_crossing *c = &verdict->crossings[i];
        if (!is_drawn(verdict, c))
            continue;
        fprintf(rows.script, "%zu %.0f %.0f %.0f\n", rows.count, 86400 * c->day, 86400 * c->early,
                86400 * fmin(c->late, end));
        rows.names[rows.count++] = crossing_name(c);
    }
    put_rows(&rows);
    fprintf(rows.script,
            "set title 'When limits are passed'\nset format x '%%Y-%%m-%%d' timedate\n"
            "set xtics rotate by -30\nset xrange [%.0f:%.0f]\n"
            "plot $rows using 2:1:3:4 with xerrorbars linetype 1 linewidth 2 pointsize 0.7\n",
            86400 * growth->start, 86400 * end);
    return plot_within(rows.script, page, diag);
}

int report_loads(const struct lc_verdict *verdict, FILE *out, struct lc_diag *diag)
{
    struct plot_page page = {.out = out};
    if (draw_load(verdict, &page, diag) != 0 || draw_responses(verdict, &page, diag) != 0 ||
        draw_changes(verdict, &page, diag) != 0 || draw_growth(verdict, &page, diag) != 0)
        return -1;
    fputs("<p><small>Bars: intervals. A load at which a component is saturated has no steady state, and no "
          "point.</small></p>\n"
          "<h2>In numbers</h2>\n",
          out);
    return 0;
}
