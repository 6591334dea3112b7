/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the number of traces leaves open of a load that was searched for. In each of the bootstrap replicates goals are
 * first missed at another load.
 *
 * Where the traffic equations tell that load, they tell it exactly in every replicate. Goals that need a simulation are
 * looked at once in each of some replicates, at the load that is as far from saturation in it as the load that was
 * found is in the model itself: near saturation nearly all of the difference between two replicates is that of their
 * distance to it. What is left is the ratio of the goal's values there, on the same random numbers; it becomes a ratio
 * of loads by the slope of the value over the load, logarithm over logarithm, which the model itself shows a little
 * below and above. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "predict.h"

#include "base/sort.h"

enum {
    NUMBERS = 11, /* replications of the model itself at the load that was found; replicates use one of them, or two
                     neighbours, in turn */
    SLOPES = 10,  /* below, and above it */
    SHORTER = 10, /* than those of the search */
};
#define TAIL     0.025
#define WIDE     0.1  /* the logarithm of the step by which slopes are found, at the most */
#define FLAT     0.02 /* a slope that tells no load */
#define HELD     1.02 /* times the load of the traffic equations: threads that wait for others */
#define NARROWER 0.005

enum series { OWN, BELOW, ABOVE, DRAWN };

struct looks {
    const struct lc_search *search;
    const struct lc_point *at; /* the point at the highest load that keeps the goals */
    double factor, step;       /* that load; logarithm */
    double deadline;
    size_t goals, replicates;
    double *factors;           /* [replicate] at which it is looked at */
    double *values[DRAWN + 1]; /* [replication][goal]; of replicates each first one, then second ones */
    size_t counts[DRAWN + 1];  /* of replications */
    double *slope;             /* [goal]; NaN: the goal tells no load */
    double weight;             /* of one look in the progress bar */
};

static double by_step(const struct looks *l, enum series series)
{
    return l->factor * exp(series == BELOW ? -l->step : series == ABOVE ? l->step : 0);
}

/* One short replication; the values of the goals, NaN where there was no time. */
static void look(const struct lc_verdict *verdict, const struct looks *l, double factor, int replicate, size_t number,
                 double *values)
{
    struct lc_trial *trial = lcp_search_trial(verdict, l->search, factor);
    struct lc_point *p = &trial->point;
    struct lc_diag own = {0};
    struct lc_sim_options options = verdict->scenario->simulation;
    options.replications = options.jobs = 1;
    options.first_replication = l->at->result->first_replication + number;
    options.warmup = l->at->result->warmup;
    options.run_time = fmax(l->at->result->simulated_time / SHORTER, 2 * l->at->result->warmup);
    options.unsteady = true;
    options.max_time_s = l->deadline - lci_seconds();
    p->model = options.max_time_s > 0 ? lcp_model(verdict, p->load, p->change, &own) : NULL;
    if (p->model != NULL) {
        struct lc_model *shaped = lcp_shaped_model(verdict, p->model, replicate);
        lc_model_free(p->model);
        p->model = shaped;
    }
    p->result = p->model != NULL ? lcp_answer(lcp_decides(verdict), p->model, &options, &own) : NULL;
    if (p->result != NULL)
        lcp_judge(verdict, p);
    for (size_t g = 0; g < l->goals; g++)
        values[g] = p->goal_count == l->goals ? p->goals[g].value.mean : NAN;
    lc_diag_free(&own);
    lcp_trial_free(trial);
}

/* Which of the replications of the model itself has the random numbers of a replicate's. */
static size_t number_of(const struct looks *l, size_t look)
{
    return (look % l->replicates + look / l->replicates) % NUMBERS;
}

static void look_at_one(struct lc_verdict *verdict, size_t index, void *context)
{
    const struct looks *l = context;
    enum series series = OWN;
    size_t i = index;
    for (; i >= l->counts[series]; series++)
        i -= l->counts[series];
    struct lcp_part part = {.bar = &verdict->work->bar, .weight = l->weight};
    const size_t replicate = i % l->replicates;
    if (series == DRAWN)
        look(verdict, l, l->factors[replicate], (int)replicate, number_of(l, i), l->values[series] + i * l->goals);
    else
        look(verdict, l, by_step(l, series), LC_NONE, i, l->values[series] + i * l->goals);
    lcp_show(&part, 1, 0);
}

/* ---- goals ------------------------------------------------------------------------------------------------------- */

static const struct lc_bound *bound_of(const struct lc_bounds *bounds, const struct lc_goal_result *g)
{
    for (size_t i = 0; i < bounds->count; i++)
        if (bounds->items[i].component.processor == g->processor &&
            strcmp(bounds->items[i].component.name, g->component) == 0)
            return &bounds->items[i];
    return NULL;
}

/* Whether the traffic equations alone do not tell the load at which the goal is missed. */
static bool needs_simulation(const struct lc_search *s, const struct lc_bounds *bounds, const struct lc_goal_result *g,
                             double factor)
{
    if (!lcp_search_asks(s, g))
        return false;
    if (g->goal->kind != LC_GOAL_LOAD)
        return true;
    const struct lc_bound *b = bound_of(bounds, g);
    return !g->processor && b != NULL && g->value.mean > HELD * (b->at_one + (factor - 1) * b->slope);
}

static void find_slopes(const struct lc_bounds *bounds, struct looks *l)
{
    for (size_t g = 0; g < l->goals; g++) {
        double below = 0, above = 0;
        for (size_t i = 0; i < SLOPES; i++) {
            const double low = l->values[BELOW][i * l->goals + g], high = l->values[ABOVE][i * l->goals + g];
            if (isnan(low) || isnan(high))
                continue;
            below += low;
            above += high;
        }
        const double slope = log(above / below) / (2 * l->step);
        const bool falls = l->at->goals[g].goal->kind == LC_GOAL_THROUGHPUT;
        const bool asked = needs_simulation(l->search, bounds, &l->at->goals[g], l->factor);
        l->slope[g] = asked && isfinite(slope) && (falls ? slope < -FLAT : slope > FLAT) ? slope : NAN;
    }
}

/* Logarithm of the load at which the first goal is missed by the slopes, if its value is `ratio` [goal] (NULL: 1) times
 * the one that was found. NaN where a value is missing; infinite: no goal tells one. */
static double first_missed(const struct looks *l, double factor, const double *values, const double *own)
{
    double first = INFINITY;
    for (size_t g = 0; g < l->goals; g++) {
        const struct lc_goal_result *goal = &l->at->goals[g];
        if (isnan(l->slope[g]))
            continue;
        const double ratio = values != NULL ? values[g] / own[g] : 1;
        if (!(ratio > 0) || !(goal->value.mean > 0))
            return NAN;
        first = fmin(first, log(factor) + log(goal->goal->limit / (goal->value.mean * ratio)) / l->slope[g]);
    }
    return first;
}

/* ---- replicates
 * ------------------------------------------------------------------------------------------------------- */

/* Ratios from changes of logarithms, and the interval of both kinds of error. */
static void keep_ratios(struct lc_search *s, double *logarithms, size_t count, double found)
{
    if (count < LCP_ENOUGH || !isfinite(found)) {
        free(logarithms);
        return;
    }
    lci_sort_doubles(logarithms, count);
    const double low = lcp_quantile(logarithms, count, TAIL), high = lcp_quantile(logarithms, count, 1 - TAIL);
    const double centre = log(fmin(fmax(exp(found), s->keeps), s->misses));
    s->low = exp(centre - hypot(centre - log(s->keeps), fmax(0, -low)));
    s->high = exp(centre + hypot(log(s->misses) - centre, fmax(0, high)));
    for (size_t i = 0; i < count; i++)
        logarithms[i] = exp(logarithms[i]);
    s->ratios = logarithms;
    s->ratio_count = count;
}

/* Goals that the traffic equations alone decide: exactly, in all replicates. */
static void use_traffic(struct lc_verdict *verdict, struct lc_search *s, const struct lc_bounds *bounds)
{
    const size_t replicates = verdict->evidence.replicates;
    double *limit = lc_calloc(replicates, sizeof *limit), *full = lc_calloc(replicates, sizeof *full);
    const double found = bounds->count > 0 ? log(bounds->items[0].factor) : INFINITY;
    size_t count = 0;
    lcp_bounds_of_replicates(verdict, bounds, replicates, limit, full);
    for (size_t b = 0; b < replicates; b++)
        if (isfinite(limit[b]))
            limit[count++] = log(limit[b]) - found;
    free(full);
    keep_ratios(s, limit, count, found);
}

static struct looks new_looks(const struct lc_verdict *verdict, const struct lc_search *s,
                              const struct lc_bounds *bounds, double deadline)
{
    const double full = lcp_first_full(bounds);
    struct looks l = {.search = s, .at = s->kept, .factor = s->keeps, .deadline = deadline};
    l.goals = s->kept->goal_count;
    l.replicates = lcp_simulated_replicates(verdict);
    l.step = fmax(fmin(log(full / s->keeps) / 2, WIDE), NARROWER);
    l.counts[OWN] = NUMBERS;
    l.counts[BELOW] = l.counts[ABOVE] = SLOPES;
    l.counts[DRAWN] = l.replicates + (l.replicates < LCP_TWICE ? l.replicates : LCP_TWICE);
    l.factors = lc_calloc(l.replicates, sizeof *l.factors);
    l.slope = lc_calloc(l.goals, sizeof *l.slope);
    for (int i = 0; i <= DRAWN; i++)
        l.values[i] = lc_calloc(l.counts[i] * l.goals, sizeof(double));
    l.weight = lcp_search_replicates_weight(verdict) / (double)(NUMBERS + 2 * SLOPES + l.counts[DRAWN]);
    return l;
}

static void free_looks(struct looks *l)
{
    for (int i = 0; i <= DRAWN; i++)
        free(l->values[i]);
    free(l->factors);
    free(l->slope);
}

static void use_simulation(struct lc_verdict *verdict, struct lc_search *s, const struct lc_bounds *bounds,
                           double deadline)
{
    struct looks l = new_looks(verdict, s, bounds, deadline);
    const double own_full = lcp_first_full(bounds);
    double *limit = lc_calloc(l.replicates, sizeof *limit), *full = lc_calloc(l.replicates, sizeof *full);
    double *changes = lc_calloc(l.replicates * LCP_EACH, sizeof *changes),
           *means = lc_calloc(l.replicates, sizeof *means);
    lcp_bounds_of_replicates(verdict, bounds, l.replicates, limit, full);
    for (size_t b = 0; b < l.replicates; b++)
        l.factors[b] = l.factor * (isfinite(own_full) ? full[b] / own_full : 1);
    lcp_parallel(verdict, l.counts[OWN] + l.counts[BELOW] + l.counts[ABOVE] + l.counts[DRAWN], look_at_one, &l);
    find_slopes(bounds, &l);
    const double traffic = bounds->count > 0 ? log(bounds->items[0].factor) : INFINITY;
    const double found = fmin(traffic, first_missed(&l, l.factor, NULL, NULL));
    for (size_t i = 0; i < l.replicates * LCP_EACH; i++)
        changes[i] = NAN;
    for (size_t i = 0; i < l.counts[DRAWN]; i++) {
        const size_t b = i % l.replicates;
        const double first =
            first_missed(&l, l.factors[b], l.values[DRAWN] + i * l.goals, l.values[OWN] + number_of(&l, i) * l.goals);
        changes[b * LCP_EACH + i / l.replicates] = isnan(first) ? NAN : fmin(first, log(limit[b])) - found;
    }
    keep_ratios(s, means, lcp_replicate_means(changes, l.replicates, means), found);
    free(limit);
    free(full);
    free(changes);
    free_looks(&l);
}

double lcp_search_replicates_weight(const struct lc_verdict *verdict)
{
    return lcp_simulated_replicates(verdict) > 0 ? 1 : 0;
}

void lcp_search_replicates(struct lc_verdict *verdict, struct lc_search *s, double deadline)
{
    struct lcp_part part = {.bar = &verdict->work->bar, .weight = lcp_search_replicates_weight(verdict)};
    struct lc_bounds bounds = {0};
    struct lc_diag own = {0};
    bool simulated = false;
    if (part.weight > 0 && s->keeps > 0 && isfinite(s->misses) &&
        lcp_find_bounds(verdict, s, false, &bounds, &own) == 0) {
        for (size_t i = 0; s->kept != NULL && i < s->kept->goal_count; i++)
            simulated |= needs_simulation(s, &bounds, &s->kept->goals[i], s->keeps);
        if (simulated)
            use_simulation(verdict, s, &bounds, deadline);
        else
            use_traffic(verdict, s, &bounds);
    }
    if (!simulated)
        lcp_show(&part, 1, 0);
    lcp_bounds_free(&bounds);
    lc_diag_free(&own);
}
