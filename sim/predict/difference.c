/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What-ifs against their base. Both were simulated in replications of the same numbers, on the same random numbers: the
 * differences of the pairs vary less than either (Law, Simulation Modeling and Analysis, 11.2). D̄ ± t·S/√R over R
 * pairs; what the number of traces leaves open in the difference is added in squares. All differences at one load are
 * read together, so their intervals are widened after Bonferroni: one is significant when it is even so. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "predict.h"

enum { LEAST_PAIRS = 10 };
#define ROUNDING 1e-9 /* relative: sums of the same times, in another order */

/* A point's result with another one's length, where the point's own differs too much for pairs. */
struct side {
    const struct lc_point *point;
    const struct lc_result *result;
    struct lc_result *own; /* made for this comparison; NULL: none */
};

static bool comparable(const struct lc_point *p)
{
    return p->change != NULL && !p->change->swept && p->base != NULL && p->result != NULL && p->base->result != NULL &&
           lc_point_is_steady(p) && lc_point_is_steady(p->base);
}

static void simulate_like(const struct lc_verdict *verdict, struct side *side, const struct lc_result *other,
                          double deadline)
{
    struct lc_sim_options options = verdict->scenario->simulation;
    options.replications = other->samples.replications;
    options.first_replication = other->first_replication;
    options.warmup = fmax(other->warmup, side->result->warmup);
    options.run_time = other->simulated_time;
    options.jobs = verdict->work->threads;
    options.spare = verdict->work->spare;
    options.samples = true;
    options.max_time_s = deadline - lci_seconds();
    if (options.max_time_s <= 0)
        return;
    struct lc_diag own = {0};
    side->own = lc_simulate(side->point->model, &options, &own);
    lc_diag_free(&own);
    if (side->own != NULL && side->own->samples.replications >= LEAST_PAIRS)
        side->result = side->own;
}

/* The shorter one is simulated again, as long as the other one. */
static void align(const struct lc_verdict *verdict, struct side *base, struct side *change, double deadline)
{
    const struct lc_result *a = base->result, *b = change->result;
    if (lcp_decides(verdict) == LC_METHOD_ANALYTIC)
        return;
    const double ratio = a->simulated_time / b->simulated_time;
    if (a->first_replication == b->first_replication && ratio >= 0.5 && ratio <= 2)
        return;
    if (ratio < 1)
        simulate_like(verdict, base, b, deadline);
    else
        simulate_like(verdict, change, a, deadline);
}

/* ---- one difference ---------------------------------------------------------------------------------------------- */

static const struct lc_estimate *estimate_of(const struct lc_result *r, enum lc_compared quantity,
                                             const struct lc_component *component, size_t workload)
{
    enum { P95 = 2 }; /* of lc_percentiles */
    switch (quantity) {
    case LC_COMPARED_LOAD:
        return component->processor ? &r->processors[component->index].load : &r->tasks[component->index].load;
    case LC_COMPARED_THROUGHPUT: return &r->workloads[workload].throughput;
    case LC_COMPARED_MEAN: return &r->workloads[workload].response_time;
    default: return &r->workloads[workload].percentiles.value[P95];
    }
}

/* Index among the samples; false: it was not measured. */
static bool find_measure(const struct lc_result *r, const struct lc_estimate *estimate, size_t *measure)
{
    for (size_t i = 0; i < r->samples.count; i++)
        if (r->samples.of[i] == estimate) {
            *measure = i;
            return true;
        }
    return false;
}

/* Mean, standard error and number of the differences of pairs. */
static size_t pair_up(const struct lc_result *a, size_t in_a, const struct lc_result *b, size_t in_b, double *mean,
                      double *error)
{
    const uint64_t first = a->first_replication > b->first_replication ? a->first_replication : b->first_replication;
    double squares = 0;
    size_t count = 0;
    *mean = 0;
    for (uint64_t n = first;
         n < a->first_replication + a->samples.replications && n < b->first_replication + b->samples.replications;
         n++) {
        const double before = a->samples.values[(n - a->first_replication) * a->samples.count + in_a];
        const double after = b->samples.values[(n - b->first_replication) * b->samples.count + in_b];
        const bool same = fabs(after - before) <= ROUNDING * fabs(before);
        const double difference = same ? 0 : after - before;
        if (isnan(difference))
            continue;
        const double step = difference - *mean;
        *mean += step / (double)++count;
        squares += step * (difference - *mean);
    }
    *error = count > 1 ? sqrt(squares / (double)(count - 1) / (double)count) : NAN;
    return count;
}

static double two_sided(double confidence, size_t pairs)
{
    return gsl_cdf_tdist_Pinv(0.5 + confidence / 2, (double)pairs - 1);
}

/* How many requests are under way that count for a throughput or load, in the mean, and `*each`: what one of them is
 * of it, times a time unit. NaN: the measure is neither. */
static double under_way(const struct lc_result *r, size_t measure, double *each)
{
    const struct lc_estimate *of = r->samples.of[measure];
    double present = 0, served = 0;
    *each = 1;
    for (size_t w = 0; w < r->workload_count; w++) {
        const double rate = r->workloads[w].throughput.mean, here = rate * r->workloads[w].response_time.mean;
        if (of == &r->workloads[w].throughput)
            return here;
        present += here;
        served += rate;
    }
    *each = of->mean / served;
    for (size_t p = 0; p < r->model->processor_count; p++)
        if (of == &r->processors[p].load)
            return present;
    for (size_t t = 0; t < r->model->task_count; t++)
        if (of == &r->tasks[t].load)
            return present;
    return NAN;
}

/* Throughputs and loads of the same replications, of the same arrivals, differ by who is still under way at their ends,
 * and often by nobody: their spread tells too little, and no interval is narrower than a request in a replication. And
 * both begin with nobody, but do not end so: the mean is off by up to what the numbers under way differ by. */
static double half_width(const struct side *base, size_t in_base, const struct side *change, size_t in_change,
                         double sampled)
{
    double one, other;
    const double before = under_way(base->result, in_base, &one), after = under_way(change->result, in_change, &other);
    const double each = fmax(one, other) / fmin(base->result->simulated_time, change->result->simulated_time);
    return isnan(before) || isnan(after) || !isfinite(each) ? sampled
                                                            : fmax(sampled, each) + fabs(after - before) * each;
}

/* The difference of the same measure in two results, in a unit, with both kinds of error. False: there are too few
 * pairs. */
static bool differ(const struct lc_verdict *verdict, const struct side *base, size_t in_base, const struct side *change,
                   size_t in_change, double unit, struct lc_estimate *d, size_t *pairs)
{
    double mean, error, below = 0, above = 0; /* the sides that come of the traces are for 95 % */
    *d = (struct lc_estimate){NAN, NAN, NAN};
    *pairs = pair_up(base->result, in_base, change->result, in_change, &mean, &error);
    if (*pairs < 2)
        return false;
    d->mean = mean * unit;
    d->simulation_ci95 = half_width(base, in_base, change, in_change, two_sided(0.95, *pairs) * error) * unit;
    d->ci95 = d->simulation_ci95;
    d->ci99 = half_width(base, in_base, change, in_change, two_sided(0.99, *pairs) * error) * unit;
    d->learned = lcp_difference_half_widths(verdict, base->point, in_base, change->point, in_change, &below, &above);
    d->low = d->mean - hypot(below * unit, d->simulation_ci95);
    d->high = d->mean + hypot(above * unit, d->simulation_ci95);
    if (d->learned)
        d->ci95 = fmax(d->mean - d->low, d->high - d->mean);
    return true;
}

static void compare(struct lc_verdict *verdict, const struct side *base, const struct side *change, const char *name,
                    struct lc_comparison like, const struct lc_estimate *before, const struct lc_estimate *after,
                    double unit)
{
    size_t in_base, in_change;
    if (!find_measure(base->result, before, &in_base) || !find_measure(change->result, after, &in_change) ||
        !differ(verdict, base, in_base, change, in_change, unit, &like.difference, &like.pairs))
        return;
    like.before = lcp_times(*before, unit);
    LC_GROW(verdict->comparisons, verdict->comparison_count, verdict->comparison_capacity);
    like.name = lc_strdup(name);
    verdict->comparisons[verdict->comparison_count++] = like;
}

void lcp_widen(const struct lc_estimate *d, size_t pairs, size_t family, double *low, double *high)
{
    const double confidence = 1 - 0.05 / (double)family;
    const double simulation = two_sided(confidence, pairs) / two_sided(0.95, pairs) * d->simulation_ci95;
    const double stretch = gsl_cdf_ugaussian_Pinv(0.5 + confidence / 2) / gsl_cdf_ugaussian_Pinv(0.975);
    const double own = d->simulation_ci95 * d->simulation_ci95;
    const double below = sqrt(fmax((d->mean - d->low) * (d->mean - d->low) - own, 0)) * stretch;
    const double above = sqrt(fmax((d->high - d->mean) * (d->high - d->mean) - own, 0)) * stretch;
    *low = d->mean - hypot(below, simulation);
    *high = d->mean + hypot(above, simulation);
}

static void widen(const struct lc_verdict *verdict, struct lc_comparison *c)
{
    size_t family = 0;
    for (size_t i = 0; i < verdict->comparison_count; i++)
        family += verdict->comparisons[i].point->load == c->point->load;
    lcp_widen(&c->difference, c->pairs, family, &c->low, &c->high);
    c->significant = c->low > 0 || c->high < 0;
}

/* ---- all differences --------------------------------------------------------------------------------------------- */

static void compare_load(struct lc_verdict *verdict, const struct side *base, const struct side *change,
                         const struct lc_component *component)
{
    struct lc_component before, after;
    if (!lcp_find_component(base->point->model, component, &before) || !before.limited ||
        !lcp_find_component(change->point->model, component, &after) || !after.limited)
        return;
    struct lc_comparison like = {
        .point = change->point, .quantity = LC_COMPARED_LOAD, .processor = component->processor};
    compare(verdict, base, change, component->name, like, estimate_of(base->result, LC_COMPARED_LOAD, &before, 0),
            estimate_of(change->result, LC_COMPARED_LOAD, &after, 0), 1);
}

/* Workloads, and what limits the base and the changed system. */
static void compare_point(struct lc_verdict *verdict, const struct side *base, const struct side *change)
{
    const struct lc_point *p = change->point;
    for (size_t w = 0; w < base->result->workload_count && w < change->result->workload_count; w++) {
        const char *name = lc_source_name(p->model, &change->result->workloads[w]);
        if (strcmp(name, lc_source_name(p->base->model, &base->result->workloads[w])) != 0)
            continue;
        for (enum lc_compared q = LC_COMPARED_THROUGHPUT; q < LC_COMPARED_COUNT; q++)
            compare(verdict, base, change, name, (struct lc_comparison){.point = p, .quantity = q},
                    estimate_of(base->result, q, NULL, w), estimate_of(change->result, q, NULL, w),
                    q == LC_COMPARED_THROUGHPUT ? 1 / verdict->time_unit : verdict->time_unit);
    }
    const struct lc_limits *without = &verdict->limits[0], *with = without;
    for (size_t i = 0; i < verdict->scenario->what_if_count; i++)
        if (verdict->limits[1 + i].change == p->change)
            with = &verdict->limits[1 + i];
    if (without->count > 0)
        compare_load(verdict, base, change, &without->items[0].component);
    if (with->count > 0 &&
        (without->count == 0 || strcmp(with->items[0].component.name, without->items[0].component.name) != 0))
        compare_load(verdict, base, change, &with->items[0].component);
}

struct pairs {
    struct side (*sides)[2];
    double deadline;
};

static void align_pair(struct lc_verdict *verdict, size_t index, void *context)
{
    struct pairs *pairs = context;
    align(verdict, &pairs->sides[index][0], &pairs->sides[index][1], pairs->deadline);
}

static void free_pairs(struct pairs *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        lc_result_free(pairs->sides[i][0].own);
        lc_result_free(pairs->sides[i][1].own);
    }
    free(pairs->sides);
}

static void add_pair(struct pairs *pairs, size_t *count, const struct lc_point *p)
{
    pairs->sides[*count][0] = (struct side){p->base, p->base->result, NULL};
    pairs->sides[(*count)++][1] = (struct side){p, p->result, NULL};
}

void lcp_compare(struct lc_verdict *verdict, double deadline)
{
    struct pairs pairs = {.deadline = deadline};
    size_t count = 0;
    pairs.sides = lc_calloc(verdict->point_count, sizeof *pairs.sides);
    for (size_t i = 0; i < verdict->point_count; i++)
        if (comparable(&verdict->points[i]))
            add_pair(&pairs, &count, &verdict->points[i]);
    lcp_parallel(verdict, count, align_pair, &pairs);
    for (size_t i = 0; i < count; i++)
        compare_point(verdict, &pairs.sides[i][0], &pairs.sides[i][1]);
    for (size_t i = 0; i < verdict->comparison_count; i++)
        widen(verdict, &verdict->comparisons[i]);
    free_pairs(&pairs, count);
}

void lcp_find_differences(struct lc_verdict *verdict, struct lcp_difference *items, size_t items_count, double deadline)
{
    struct pairs pairs = {.deadline = deadline};
    size_t count = 0;
    pairs.sides = lc_calloc(items_count, sizeof *pairs.sides);
    for (size_t i = 0; i < items_count; i++)
        add_pair(&pairs, &count, items[i].point);
    lcp_parallel(verdict, count, align_pair, &pairs);
    for (size_t i = 0; i < items_count; i++) {
        struct lcp_difference *d = &items[i];
        size_t in_base,
            in_change; /* of what was simulated first; a result as long as its partner has the same places */
        d->difference = (struct lc_estimate){NAN, NAN, NAN};
        if (find_measure(d->point->base->result, d->before, &in_base) &&
            find_measure(d->point->result, d->after, &in_change))
            differ(verdict, &pairs.sides[i][0], in_base, &pairs.sides[i][1], in_change, d->unit, &d->difference,
                   &d->pairs);
    }
    free_pairs(&pairs, count);
}
