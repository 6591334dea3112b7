/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Two independent estimates: their difference has the sum of their variances. One without an interval counts as exact;
 * of two of them nothing is known. */
static bool is_significant(const struct lc_estimate *a, const struct lc_estimate *b)
{
    if (!isfinite(a->ci95) && !isfinite(b->ci95))
        return false;
    const double ha = isfinite(a->ci95) ? a->ci95 : 0, hb = isfinite(b->ci95) ? b->ci95 : 0;
    return fabs(b->mean - a->mean) > hypot(ha, hb);
}

static double relative_difference(double a, double b)
{
    return a == b ? 0 : a == 0 ? copysign(INFINITY, b) : (b - a) / fabs(a);
}

static struct statistic *statistic_of(struct comparison *c, const struct lci_figure *f)
{
    for (size_t i = 0; i < c->statistic_count; i++)
        if (c->statistics[i].kind == f->kind && strcmp(c->statistics[i].metric, f->metric) == 0)
            return &c->statistics[i];
    LC_GROW(c->statistics, c->statistic_count, c->statistic_capacity);
    c->statistics[c->statistic_count] = (struct statistic){.kind = f->kind, .metric = f->metric};
    return &c->statistics[c->statistic_count++];
}

static void add_pair(struct comparison *c, const struct lci_figure *a, const struct lci_figure *b)
{
    const struct compared pair = {a, b, relative_difference(a->value.mean, b->value.mean),
                                  is_significant(&a->value, &b->value)};
    LC_GROW(c->figures, c->figure_count, c->figure_capacity);
    c->figures[c->figure_count++] = pair;
    struct statistic *s = statistic_of(c, a);
    s->significant += pair.significant;
    if (!isfinite(pair.relative))
        return;
    s->count++;
    s->sum += pair.relative * pair.relative;
    s->rms = sqrt(s->sum / (double)s->count);
    s->largest = fmax(s->largest, fabs(pair.relative));
}

/* Has the other result any figure of this element? It may tell other metrics of it. */
static bool is_known(const struct lci_figures *other, const struct lci_figure *f, const struct lci_figures *own)
{
    for (size_t i = 0; i < own->count; i++) {
        const struct lci_figure *g = &own->items[i];
        if (g->kind == f->kind && strcmp(g->name, f->name) == 0 &&
            lci_figures_find(other, g->kind, g->name, g->metric) != NULL)
            return true;
    }
    return false;
}

static bool has_kind(const struct lci_figures *figures, enum lci_figure_kind kind)
{
    for (size_t i = 0; i < figures->count; i++)
        if (figures->items[i].kind == kind)
            return true;
    return false;
}

/* The figures of an element stand together: it is new where the name changes. Formats do not tell of every kind. */
static void find_lonely(struct comparison *c, const struct lci_figures *own, const struct lci_figures *other, bool in_a)
{
    const char *name = "";
    int kind = -1;
    for (size_t i = 0; i < own->count; i++) {
        const struct lci_figure *f = &own->items[i];
        if ((int)f->kind == kind && strcmp(f->name, name) == 0)
            continue;
        kind = (int)f->kind;
        name = f->name;
        if (lci_figures_find(other, f->kind, f->name, f->metric) != NULL || is_known(other, f, own) ||
            !has_kind(other, f->kind))
            continue;
        LC_GROW(c->lonely, c->lonely_count, c->lonely_capacity);
        c->lonely[c->lonely_count++] = (struct lonely){f, in_a};
    }
}

void compare_figures(const struct lci_figures *a, const struct lci_figures *b, struct comparison *comparison)
{
    *comparison = (struct comparison){.threshold = NAN};
    for (int kind = 0; kind < LCI_FIGURE_KINDS; kind++)
        for (size_t i = 0; i < a->count; i++) {
            const struct lci_figure *f = &a->items[i], *g;
            if ((int)f->kind == kind && (g = lci_figures_find(b, f->kind, f->name, f->metric)) != NULL)
                add_pair(comparison, f, g);
        }
    find_lonely(comparison, a, b, true);
    find_lonely(comparison, b, a, false);
}

void comparison_free(struct comparison *comparison)
{
    free(comparison->figures);
    free(comparison->statistics);
    free(comparison->lonely);
    *comparison = (struct comparison){0};
}

bool comparison_exceeds(const struct comparison *comparison)
{
    const double threshold = comparison->threshold;
    if (isnan(threshold))
        return false;
    for (size_t i = 0; i < comparison->statistic_count; i++)
        if (comparison->statistics[i].rms > threshold)
            return true;
    for (size_t i = 0; i < comparison->figure_count; i++)
        if (comparison->figures[i].significant && fabs(comparison->figures[i].relative) > threshold)
            return true;
    return comparison->lonely_count > 0;
}
