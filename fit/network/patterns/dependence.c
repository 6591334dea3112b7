/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How times of one request depend on each other: requests that are slow in one place are slow in others (more data,
 * cold caches). A Gaussian copula with one factor, the size of the request: the normal score of a time is r Z + √(1 −
 * r²) ε, Z the same for all times of a trace. A time takes part when its scores correlate with another's of the same
 * traces (rank correlation with normal scores, one-sided, 1 % for all pairs together); the r are the most likely ones
 * (expectation–maximisation over Z, for whichever times a trace has), and kept when BIC gains by them.
 */
#include "base/sort.h"
#include "network/patterns/patterns.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_TIMES = 200,      /* those that vary most; the others hardly change a response */
    MOST_SCORES = 1 << 18, /* of all times; traces beyond, by their hash, are left out */
    LEAST_TRACES = 30,     /* in which both times of a pair were seen */
    MOST_ROUNDS = 300
};
#define LEVEL   0.01 /* of the test, for all pairs together */
#define CLEARLY 3    /* standard errors by which a correlation is above 0 */
#define MOST    0.98 /* correlation: with more, two times would be one */
#define SETTLED 1e-4

struct time {
    struct lci_samples *samples;
    uint32_t operation;
    double weight; /* sum of squares about the mean */
    bool part;
    double r;
};

struct times {
    struct time *items;
    size_t count, capacity;
};

struct score {
    uint32_t trace, time;
    double z;
};

/* Scores of all times, by trace, and of each trace by time. */
struct scores {
    struct score *items;
    size_t count;
};

/* ---- times ------------------------------------------------------------------------------------------------------- */

static void add_time(struct times *times, struct lci_samples *samples, uint32_t operation, double unit)
{
    if (samples->count < LEAST_TRACES || !(samples->sum > unit * (double)samples->count))
        return; /* few, or shorter than the clock's unit: what varies is how it was read */
    const double mean = samples->sum / (double)samples->count;
    double squares = 0;
    for (size_t i = 0; i < samples->count; i++)
        squares += (samples->values[i] - mean) * (samples->values[i] - mean);
    if (!(squares > 0))
        return;
    LC_GROW(times->items, times->count, times->capacity);
    times->items[times->count++] = (struct time){samples, operation, squares, false, 0};
}

static int by_weight(const void *a, const void *b)
{
    const struct time *x = a, *y = b;
    return (x->weight < y->weight) - (x->weight > y->weight);
}

static struct times times_of(const struct lci_behaviour *behaviour)
{
    struct times times = {0};
    for (size_t i = 0; i < behaviour->unit_count; i++) {
        const struct lci_unit *unit = &behaviour->units[i];
        const double tick = lci_clock_unit(&behaviour->visits, unit->operation);
        for (size_t p = 0; p < unit->patterns.count; p++) {
            struct lci_pattern *pattern = &unit->patterns.items[p];
            for (size_t s = 0; pattern->segments != NULL && s <= pattern->step_count; s++)
                add_time(&times, &pattern->segments[s], unit->operation, tick);
            for (size_t s = 0; s < pattern->step_count; s++)
                add_time(&times, &pattern->steps[s].inner, unit->operation, tick);
        }
    }
    for (size_t i = 0; i < behaviour->latencies.count; i++) {
        struct lci_latency *latency = &behaviour->latencies.items[i];
        const double tick = fmax(lci_clock_unit(&behaviour->visits, latency->caller),
                                 lci_clock_unit(&behaviour->visits, latency->callee));
        add_time(&times, &latency->samples, latency->caller, tick);
    }
    if (times.count > 1)
        qsort(times.items, times.count, sizeof *times.items, by_weight);
    times.count = times.count < MOST_TIMES ? times.count : MOST_TIMES;
    return times;
}

/* ---- scores ------------------------------------------------------------------------------------------------------ */

/* Blom's approximation of the expected order statistics of normal variates is one line and off by less than 0.01. */
static double score_of(double rank, size_t n)
{
    return gsl_cdf_ugaussian_Pinv((rank - 0.375) / ((double)n + 0.25));
}

static int by_value(const void *a, const void *b, void *values)
{
    const double x = ((const double *)values)[*(const uint32_t *)a], y = ((const double *)values)[*(const uint32_t *)b];
    return (x > y) - (x < y);
}

/* Equal values have the score of their middle rank. */
static void score_time(const struct lci_samples *samples, uint32_t time, struct scores *scores, uint32_t last)
{
    const size_t n = samples->count;
    uint32_t *order = lc_alloc(n * sizeof *order);
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, n, sizeof *order, by_value, samples->values);
    for (size_t first = 0, next; first < n; first = next) {
        for (next = first + 1; next < n && !(samples->values[order[next]] > samples->values[order[first]]);)
            next++;
        const double z = score_of((double)(first + 1 + next) / 2, n);
        for (size_t i = first; i < next; i++)
            if (samples->traces[order[i]] <= last)
                scores->items[scores->count++] = (struct score){samples->traces[order[i]], time, z};
    }
    free(order);
}

static int by_trace(const void *a, const void *b)
{
    const struct score *x = a, *y = b;
    if (x->trace != y->trace)
        return x->trace < y->trace ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->z > y->z) - (x->z < y->z);
}

static struct scores scores_of(const struct times *times)
{
    size_t all = 0;
    for (size_t i = 0; i < times->count; i++)
        all += times->items[i].samples->count;
    const uint32_t last = all <= MOST_SCORES ? UINT32_MAX : (uint32_t)((double)UINT32_MAX * MOST_SCORES / (double)all);
    struct scores scores = {.items = lc_alloc((all + 1) * sizeof *scores.items)};
    for (size_t i = 0; i < times->count; i++)
        score_time(times->items[i].samples, (uint32_t)i, &scores, last);
    if (scores.count > 1)
        qsort(scores.items, scores.count, sizeof *scores.items, by_trace);
    return scores;
}

static size_t end_of_trace(const struct scores *scores, size_t first)
{
    size_t next = first + 1;
    while (next < scores->count && scores->items[next].trace == scores->items[first].trace)
        next++;
    return next;
}

/* ---- the test ---------------------------------------------------------------------------------------------------- */

struct pair {
    double sum, variance; /* of products of mean scores in a trace; what it would be if they were independent */
    size_t traces;
};

struct mean { /* of the scores of one time in a trace */
    uint32_t time;
    double n, sum, squares;
};

static size_t means_of_trace(const struct scores *scores, size_t first, size_t next, struct mean *means)
{
    size_t count = 0;
    for (size_t i = first; i < next; i++) {
        const struct score *s = &scores->items[i];
        if (count == 0 || means[count - 1].time != s->time)
            means[count++] = (struct mean){.time = s->time};
        means[count - 1].n++;
        means[count - 1].sum += s->z;
        means[count - 1].squares += s->z * s->z;
    }
    return count;
}

static void add_pair(struct pair *pair, double product, double variance)
{
    pair->sum += product;
    pair->variance += variance;
    pair->traces++;
}

/* Of every two times, and of one time that a trace has several of. */
static struct pair *pairs_of(const struct scores *scores, size_t times)
{
    struct pair *pairs = lc_calloc(times * times + 1, sizeof *pairs);
    struct mean *means = lc_alloc((times + 1) * sizeof *means);
    for (size_t first = 0, next; first < scores->count; first = next) {
        next = end_of_trace(scores, first);
        const size_t count = means_of_trace(scores, first, next, means);
        for (size_t i = 0; i < count; i++) {
            const struct mean *a = &means[i];
            if (a->n > 1)
                add_pair(&pairs[a->time * times + a->time], (a->sum * a->sum - a->squares) / (a->n * (a->n - 1)),
                         2 / (a->n * (a->n - 1)));
            for (size_t k = i + 1; k < count; k++) {
                const struct mean *b = &means[k];
                add_pair(&pairs[a->time * times + b->time], a->sum / a->n * b->sum / b->n, 1 / (a->n * b->n));
            }
        }
    }
    free(means);
    return pairs;
}

/* Marks the times that take part; returns how many. */
static size_t test_pairs(struct times *times, const struct scores *scores)
{
    const size_t n = times->count;
    struct pair *pairs = pairs_of(scores, n);
    size_t tests = 0, found = 0;
    for (size_t i = 0; i < n * n; i++)
        tests += pairs[i].traces >= LEAST_TRACES;
    const double least = tests > 0 ? gsl_cdf_ugaussian_Qinv(LEVEL / (double)tests) : 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = i; k < n; k++) {
            const struct pair *pair = &pairs[i * n + k];
            if (pair->traces >= LEAST_TRACES && pair->sum > least * sqrt(pair->variance))
                times->items[i].part = times->items[k].part = true;
        }
    for (size_t i = 0; i < n; i++)
        found += times->items[i].part;
    free(pairs);
    return found;
}

/* ---- the most likely correlations -------------------------------------------------------------------------------- */

struct moments { /* over the scores z of a time, with what is expected of the sizes Z of their traces */
    double n, zz, zZ, ZZ;
};

/* One round's expectations with the correlations as they are. Returns the log-likelihood above that of independence. */
static double expect_sizes(const struct times *times, const struct scores *scores, struct moments *moments)
{
    double likelihood = 0;
    memset(moments, 0, times->count * sizeof *moments);
    for (size_t first = 0, next; first < scores->count; first = next) {
        next = end_of_trace(scores, first);
        double precision = 1, pull = 0;
        for (size_t i = first; i < next; i++) {
            const struct score *s = &scores->items[i];
            const double r = times->items[s->time].r, rest = 1 - r * r;
            precision += r * r / rest;
            pull += r * s->z / rest;
            likelihood -= 0.5 * (log(rest) + s->z * s->z * r * r / rest);
        }
        const double size = pull / precision, square = 1 / precision + size * size;
        likelihood += 0.5 * (pull * size - log(precision));
        for (size_t i = first; i < next; i++) {
            const struct score *s = &scores->items[i];
            struct moments *m = &moments[s->time];
            m->n++;
            m->zz += s->z * s->z;
            m->zZ += s->z * size;
            m->ZZ += square;
        }
    }
    return likelihood;
}

/* Where n r (1 − r²) + Σ zZ (1 + r²) = r (Σ ZZ + Σ zz): the likelihood's derivative is 0. It is positive at −1 and
 * negative at 1. */
static double best_correlation(const struct moments *m)
{
    double low = -MOST, high = MOST;
    for (int i = 0; i < 40; i++) {
        const double r = (low + high) / 2;
        *(m->n * r * (1 - r * r) + m->zZ * (1 + r * r) > r * (m->ZZ + m->zz) ? &low : &high) = r;
    }
    return (low + high) / 2;
}

static double climb(struct times *times, const struct scores *scores, struct moments *moments)
{
    double likelihood = 0;
    for (int round = 0; round < MOST_ROUNDS; round++) {
        double moved = 0;
        likelihood = expect_sizes(times, scores, moments);
        for (size_t i = 0; i < times->count; i++) {
            struct time *time = &times->items[i];
            if (!time->part)
                continue;
            const double r = best_correlation(&moments[i]);
            moved = fmax(moved, fabs(r - time->r));
            time->r = r;
        }
        if (moved < SETTLED)
            break;
    }
    return likelihood;
}

/* Scores of other times, and those alone in their trace, say nothing of sizes. */
static void keep_parts(const struct times *times, struct scores *scores)
{
    size_t kept = 0, parts = 0;
    for (size_t i = 0; i < scores->count; i++)
        if (times->items[scores->items[i].time].part)
            scores->items[parts++] = scores->items[i];
    scores->count = parts;
    for (size_t first = 0, next; first < parts; first = next) {
        next = end_of_trace(scores, first);
        for (size_t i = first; i < next && next - first > 1; i++)
            scores->items[kept++] = scores->items[i];
    }
    scores->count = kept;
}

static size_t traces_of(const struct scores *scores)
{
    size_t traces = 0;
    for (size_t first = 0; first < scores->count; first = end_of_trace(scores, first))
        traces++;
    return traces;
}

/* Leaves out times whose correlation is not clearly above 0, until all are. Returns how many are left. */
static size_t fit_correlations(struct times *times, struct scores *scores, double *likelihood)
{
    struct moments *moments = lc_alloc((times->count + 1) * sizeof *moments);
    size_t left, before;
    do {
        before = left = 0;
        keep_parts(times, scores);
        for (size_t i = 0; i < times->count; i++)
            times->items[i].r = times->items[i].part ? 0.5 : 0;
        *likelihood = climb(times, scores, moments);
        for (size_t i = 0; i < times->count; i++) {
            struct time *time = &times->items[i];
            before += time->part;
            time->part = time->part && time->r * sqrt(moments[i].n) > CLEARLY;
            left += time->part;
        }
    } while (left > 0 && left < before);
    free(moments);
    return left;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static void keep(const struct times *times, struct lci_dependence *found)
{
    double sum = 0, squares = 0;
    found->operations = lc_alloc(times->count * sizeof *found->operations);
    for (size_t i = 0; i < times->count; i++) {
        const struct time *time = &times->items[i];
        if (!time->part)
            continue;
        time->samples->size_correlation = time->r;
        found->operations[found->times++] = time->operation;
        sum += time->r;
        squares += time->r * time->r;
    }
    const double n = (double)found->times;
    found->correlation = n > 1 ? (sum * sum - squares) / (n * (n - 1)) : squares;
}

void lci_dependence_find(struct lci_behaviour *behaviour)
{
    struct lci_dependence *found = &behaviour->dependence;
    struct times times = times_of(behaviour);
    struct scores scores = scores_of(&times);
    double likelihood = 0;
    if (test_pairs(&times, &scores) > 0 && fit_correlations(&times, &scores, &likelihood) > 0) {
        size_t parameters = 0;
        for (size_t i = 0; i < times.count; i++)
            parameters += times.items[i].part;
        found->traces = traces_of(&scores);
        found->bic = (double)parameters * log((double)found->traces) - 2 * likelihood;
        if (found->bic < 0)
            keep(&times, found);
    }
    free(times.items);
    free(scores.items);
}

/* P(both scores above the 90 % point) / 0.1 of two scores that correlate so, by the trapezoidal rule over the size. */
double lci_dependence_together(double correlation)
{
    enum { STEPS = 400 };
    const double edge = gsl_cdf_ugaussian_Pinv(0.9), r = sqrt(correlation), width = 16.0 / STEPS;
    double sum = 0;
    for (int i = 0; i <= STEPS; i++) {
        const double size = i * width - 8, above = gsl_cdf_ugaussian_Q((edge - r * size) / sqrt(1 - correlation));
        sum += width * exp(-size * size / 2) / sqrt(2 * M_PI) * above * above;
    }
    return sum / 0.1;
}
