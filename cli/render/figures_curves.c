/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "curves_render.h"
#include "figures.h"
#include "json.h"

enum { MOST = 6 }; /* lines in a picture */

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

/* What the values are multiplied by to be in seconds or per second, and how the axis shows them. */
static double scale_of(enum lci_quantity quantity, double unit, const char **shown)
{
    switch (quantity) {
    case LC_CURVE_LOAD:
    case LC_CURVE_SLOWER:
    case LC_CURVE_FAILED: *shown = "part"; return 1;
    case LC_CURVE_ARRIVALS:
    case LC_CURVE_SERVED:
    case LC_CURVE_THROUGHPUT: *shown = "rate"; return 1 / unit;
    case LC_CURVE_RESPONSE:
    case LC_CURVE_RESPONSE_P95: *shown = "time"; return unit;
    default: *shown = "number"; return 1;
    }
}

/* [time, mean, its 95 % interval, between which 90 % of the runs lie] for each bin. */
static json_t *line_json(const struct lc_transient *t, const struct lc_curve *c, const char *name, double scale,
                         double unit)
{
    json_t *bins = json_array();
    for (size_t i = 0; i < t->bins; i++) {
        const double values[] = {
            ((double)i + 0.5) * t->step * unit, c->mean[i] * scale, (c->mean[i] - c->ci95[i]) * scale,
            (c->mean[i] + c->ci95[i]) * scale,  c->low[i] * scale,  c->high[i] * scale};
        json_array_append_new(bins, cli_json_numbers(values, sizeof values / sizeof *values));
    }
    return json_pack("{s:o, s:o}", "name", cli_json_text(name), "bins", bins);
}

static bool is_seen(const struct lc_transient *t, const struct lc_curve *c)
{
    for (size_t i = 0; i < t->bins; i++)
        if (c->mean[i] > 0)
            return true;
    return false;
}

/* The same curve of all points at this load; NULL where nothing happened in it. */
static json_t *curve_json(const struct lc_verdict *verdict, const struct lc_point *base, const struct lc_curve *curve)
{
    const char *shown;
    const double scale = scale_of(curve->quantity, verdict->time_unit, &shown);
    char *title = curves_title(base->curves, curve);
    json_t *lines = json_array();
    bool seen = false;
    for (size_t i = 0; i < verdict->point_count && json_array_size(lines) < MOST; i++) {
        const struct lc_point *p = &verdict->points[i];
        const struct lc_curve *same = p->load == base->load && p->curves != NULL ? same_curve(p->curves, title) : NULL;
        if (same == NULL)
            continue;
        seen = seen || is_seen(p->curves, same);
        json_array_append_new(lines, line_json(p->curves, same, p->change != NULL ? p->change->name : "as it is", scale,
                                               verdict->time_unit));
    }
    json_t *o = json_pack("{s:o, s:s, s:o}", "title", cli_json_text(title), "shown", shown, "lines", lines);
    free(title);
    if (!seen) {
        json_decref(o);
        return NULL;
    }
    return o;
}

void figures_add_curves(const struct lc_verdict *verdict, json_t *document)
{
    json_t *list = json_array();
    for (size_t i = 0; i < verdict->point_count; i++) {
        const struct lc_point *p = &verdict->points[i];
        if (p->change != NULL || p->curves == NULL)
            continue;
        size_t count, left;
        const struct lc_curve **shown = curves_shown(p->curves, false, &count, &left);
        json_t *curves = json_array();
        for (size_t c = 0; c < count; c++) {
            json_t *curve = curve_json(verdict, p, shown[c]);
            if (curve != NULL)
                json_array_append_new(curves, curve);
        }
        free(shown);
        json_array_append_new(list, json_pack("{s:o, s:o}", "load", cli_json_text(p->label), "curves", curves));
    }
    json_object_set_new(document, "curves", list);
}
