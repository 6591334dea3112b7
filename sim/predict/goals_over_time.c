/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Goals over time. A goal is met when the 95 % interval keeps the limit in every bin: that all hold needs no correction
 * (an intersection-union test, Berger 1982). It is missed when some bin is beyond the limit although its interval is
 * widened for the number of bins (Bonferroni). Percentiles are judged by the part of the requests that is slower than
 * the limit; parts need so many requests, too, that they could be told apart if the requests were independent. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "predict.h"

#define RISK 0.025 /* on either side */

enum in_bin { SILENT, KEPT, OPEN, BROKEN }; /* of one bin; silent: too little was seen to tell */

/* What is judged, and by which curves. */
struct course {
    const struct lc_transient *t;
    const struct lc_curve *curve;
    const struct lc_curve *served, *failed; /* of the workload; NULL: a component, or requests cannot fail */
    double limit;                           /* of the curve's values × scale */
    double scale;
    bool at_least, part; /* part: of the requests */
};

static const char *source_of(const struct lc_transient *t, const struct lc_curve *c)
{
    return c->task != LC_NONE ? t->model->tasks[c->task].name : t->model->entries[c->entry].name;
}

static const struct lc_curve *find(const struct lc_transient *t, const char *workload, enum lci_quantity quantity,
                                   double limit)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct lc_curve *c = &t->curves[i];
        if (c->workload && c->quantity == quantity && c->limit == limit && strcmp(source_of(t, c), workload) == 0)
            return c;
    }
    return NULL;
}

static struct lc_estimate value_at(const struct course *c, size_t bin)
{
    double scale = c->scale;
    if (c->at_least && c->failed != NULL && !isnan(c->failed->mean[bin]))
        scale *= 1 - c->failed->mean[bin]; /* a throughput goal counts those that succeed */
    return (struct lc_estimate){c->curve->mean[bin] * scale, c->curve->ci95[bin] * scale, NAN};
}

static bool beyond(const struct course *c, double value)
{
    return c->at_least ? value < c->limit : value > c->limit;
}

static enum in_bin judge_bin(const struct course *c, size_t bin)
{
    const struct lc_estimate v = value_at(c, bin);
    const double n = c->t->replications - 1, risk = RISK / (double)c->t->bins;
    if (isnan(v.mean))
        return SILENT;
    const bool out = beyond(c, v.mean);
    if (isnan(v.ci95)) /* a single run saw something */
        return out ? OPEN : SILENT;
    const double wide = v.ci95 * gsl_cdf_tdist_Qinv(risk, n) / gsl_cdf_tdist_Qinv(RISK, n);
    bool kept = !beyond(c, c->at_least ? v.mean - v.ci95 : v.mean + v.ci95);
    bool broken = beyond(c, c->at_least ? v.mean + wide : v.mean - wide);
    if (c->part) {
        const double requests = round(c->served->mean[bin] * c->t->step * c->t->replications);
        const double those = round(v.mean * requests);
        if (!out && !(pow(1 - c->limit, requests) < RISK) && c->limit < 1)
            return SILENT; /* not even none of them would tell */
        kept &= c->limit >= 1 || gsl_cdf_binomial_P((unsigned)those, c->limit, (unsigned)requests) < RISK;
        broken &= those > 0 && gsl_cdf_binomial_Q((unsigned)those - 1, c->limit, (unsigned)requests) < risk;
    }
    return kept ? KEPT : broken ? BROKEN : OPEN;
}

/* The stretch around a bin that is beyond the limit by its mean. */
static void find_stretch(const struct lc_verdict *verdict, const struct course *c, size_t bin,
                         struct lc_goal_course *to)
{
    const double step = c->t->step * verdict->time_unit;
    size_t first = bin, end = bin + 1;
    while (first > 0 && beyond(c, value_at(c, first - 1).mean))
        first--;
    while (end < c->t->bins && beyond(c, value_at(c, end).mean))
        end++;
    to->from = (double)first * step;
    to->until = (double)end * step;
    to->to_end = end == c->t->bins;
}

static void judge(const struct lc_verdict *verdict, const struct course *c, struct lc_goal_result *g)
{
    struct lc_goal_course *to = &g->course;
    const double step = c->t->step * verdict->time_unit;
    size_t kept = 0;
    for (size_t bin = 0; bin < c->t->bins; bin++) {
        const enum in_bin said = judge_bin(c, bin);
        const struct lc_estimate value = value_at(c, bin);
        to->beyond += beyond(c, value.mean) ? step : 0;
        if (said == SILENT)
            continue;
        to->judged++;
        to->open += said == OPEN;
        kept += said == KEPT;
        if (isnan(g->value.mean) || (c->at_least ? value.mean < g->value.mean : value.mean > g->value.mean)) {
            g->value = value;
            to->worst = (double)bin * step;
        }
        if (said == BROKEN && isnan(to->from))
            find_stretch(verdict, c, bin, to);
    }
    g->judgement = !isnan(to->from)                       ? LC_GOAL_MISSED
                   : to->judged > 0 && kept == to->judged ? LC_GOAL_MET
                                                          : LC_GOAL_UNDECIDED;
}

static struct lc_goal_result *add(struct lc_point *point, const struct lc_goal *goal)
{
    struct lc_goal_result *g = lcp_add_goal(point, goal);
    g->course = (struct lc_goal_course){.worst = NAN, .from = NAN, .until = NAN};
    return g;
}

static void judge_loads(const struct lc_verdict *verdict, struct lc_point *p, const struct lc_goal *goal)
{
    size_t count;
    struct lc_component *components = lc_components(p->model, &count);
    for (size_t i = 0; i < count; i++) {
        const struct lc_component *of = &components[i];
        if (!of->limited || (goal->component != NULL && strcmp(goal->component, of->name) != 0))
            continue;
        struct lc_goal_result *g = add(p, goal);
        g->component = lc_strdup(of->name);
        g->processor = of->processor;
        for (size_t k = 0; k < p->curves->count; k++) {
            const struct lc_curve *curve = &p->curves->curves[k];
            if (curve->quantity != LC_CURVE_LOAD || of->index != (of->processor ? curve->processor : curve->task))
                continue;
            /* No load is above 1, whatever the interval says. */
            const double limit = goal->limit < 1 ? goal->limit : INFINITY;
            judge(verdict, &(struct course){.t = p->curves, .curve = curve, .limit = limit, .scale = 1}, g);
        }
    }
    free(components);
}

static void judge_workload(const struct lc_verdict *verdict, struct lc_point *p, const struct lc_goal *goal)
{
    const struct lc_transient *t = p->curves;
    struct course c = {.t = t,
                       .served = find(t, goal->workload, LC_CURVE_THROUGHPUT, 0),
                       .failed = find(t, goal->workload, LC_CURVE_FAILED, 0),
                       .limit = goal->limit,
                       .scale = 1};
    struct lc_goal_result *g = add(p, goal);
    switch (goal->kind) {
    case LC_GOAL_THROUGHPUT:
        c.curve = c.served;
        c.at_least = true;
        c.scale = 1 / verdict->time_unit;
        for (size_t w = 0; w < verdict->scenario->workload_count; w++)
            if (strcmp(verdict->scenario->workloads[w].name, goal->workload) == 0)
                c.scale /= verdict->requests[w];
        break;
    case LC_GOAL_ERRORS:
        c.curve = c.failed;
        c.part = true;
        break;
    default:
        c.part = goal->percentile > 0;
        c.curve = find(t, goal->workload, c.part ? LC_CURVE_SLOWER : LC_CURVE_RESPONSE,
                       c.part ? goal->limit / verdict->time_unit : 0);
        c.limit = c.part ? 1 - goal->percentile / 100.0 : goal->limit;
        c.scale = c.part ? 1 : verdict->time_unit;
    }
    if (c.curve != NULL) {
        judge(verdict, &c, g);
    } else if (goal->kind == LC_GOAL_ERRORS) { /* nothing can fail */
        g->judgement = LC_GOAL_MET;
        g->value = (struct lc_estimate){0, 0, 0};
        g->course.judged = t->bins;
        g->course.worst = 0;
    }
}

void lcp_judge_curves(const struct lc_verdict *verdict, struct lc_point *point)
{
    lcp_free_goals(point);
    for (size_t i = 0; i < verdict->scenario->goal_count; i++) {
        const struct lc_goal *goal = &verdict->scenario->goals[i];
        if (goal->kind == LC_GOAL_LOAD)
            judge_loads(verdict, point, goal);
        else
            judge_workload(verdict, point, goal);
    }
}

struct lc_slower *lcp_slower(const struct lc_verdict *verdict, size_t *count)
{
    struct lc_slower *slower = lc_calloc(verdict->scenario->goal_count + 1, sizeof *slower);
    *count = 0;
    for (size_t i = 0; i < verdict->scenario->goal_count; i++) {
        const struct lc_goal *goal = &verdict->scenario->goals[i];
        if (goal->kind == LC_GOAL_RESPONSE && goal->percentile > 0)
            slower[(*count)++] = (struct lc_slower){goal->workload, goal->limit / verdict->time_unit};
    }
    return slower;
}
