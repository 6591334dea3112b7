/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which classes of requests an operation treats alike. Classes begin in one cluster with the first one that two tests
 * do not tell apart: χ² on the patterns with their numbers of calls, and Kolmogorov–Smirnov on the self time, where the
 * difference is worth it. Then
 * operations are split further until all classes of a cluster also meet the same clusters of whatever is called:
 * an entry of the model calls one entry, not one per class.
 */
#include "network/patterns/timeline.h"

#include "base/ascending.h"
#include "base/sort.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIGNIFICANT 0.005 /* below this, a test tells two classes apart */
#define NOTICEABLE  0.01  /* of a request's time: a smaller difference of self times splits nothing */
#define EXPECTED    5.0   /* cells of the χ² test that expect fewer are put together */

/* Q(λ) = 2 Σ (−1)^(j−1) exp(−2 j² λ²), with Stephens' correction for finite samples. */
static double ks_two_sample(double *a, size_t n, double *b, size_t m)
{
    if (n == 0 || m == 0)
        return 1;
    lci_sort_doubles(a, n);
    lci_sort_doubles(b, m);
    double largest = 0;
    for (size_t i = 0, j = 0; i < n && j < m;) {
        const double x = fmin(a[i], b[j]);
        while (i < n && a[i] <= x)
            i++;
        while (j < m && b[j] <= x)
            j++;
        largest = fmax(largest, fabs((double)i / (double)n - (double)j / (double)m));
    }
    const double root = sqrt((double)n * (double)m / ((double)n + (double)m));
    const double lambda = (root + 0.12 + 0.11 / root) * largest;
    if (lambda < 0.2)
        return 1;
    double sum = 0;
    for (int j = 1; j <= 100; j++)
        sum += (j % 2 == 1 ? 2 : -2) * exp(-2.0 * j * j * lambda * lambda);
    return fmin(1, fmax(0, sum));
}

static double *own_values(const struct lci_samples *samples, size_t count)
{
    double *values = lc_alloc(count * sizeof *values);
    if (count > 0)
        memcpy(values, samples->values, count * sizeof *values);
    return values;
}

double lci_samples_alike(const struct lci_samples *a, const struct lci_samples *b)
{
    const size_t n = a->count - a->others, m = b->count - b->others;
    double *x = own_values(a, n), *y = own_values(b, m);
    const double probability = ks_two_sample(x, n, y, m);
    free(x);
    free(y);
    return probability;
}

/* ---- what is compared -------------------------------------------------------------------------------------------- */

struct behaviour {
    double *self;
    uint64_t *patterns; /* hash of the pattern with its numbers, one per visit */
    size_t count, self_count, capacity, self_capacity;
};

static uint64_t mix(uint64_t h, uint64_t value)
{
    h = (h ^ value) * UINT64_C(0x100000001B3);
    return h ^ h >> 29;
}

static uint64_t pattern_hash(const struct lci_timeline *timeline)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);
    for (size_t s = 0; s < timeline->step_count; s++) {
        h = mix(h, UINT64_C(1) << 40 | (uint64_t)timeline->steps[s].kind);
        for (size_t i = 0; i < timeline->steps[s].count; i++)
            h = mix(h, timeline->calls[timeline->steps[s].first + i].operation);
    }
    return h;
}

static void observe(const struct lci_variant *variant, const struct lci_readings *readings, struct behaviour *behaviour)
{
    struct lci_timeline timeline = {0};
    for (size_t v = 0; v < variant->visit_count; v++) {
        lci_timeline_make(variant, &variant->visits[v], readings, false, &timeline);
        LC_GROW(behaviour->patterns, behaviour->count, behaviour->capacity);
        behaviour->patterns[behaviour->count++] = pattern_hash(&timeline);
        if (!variant->visits[v].fit)
            continue;
        double self = 0;
        for (size_t s = 0; s <= timeline.step_count; s++)
            self += timeline.segments[s];
        LC_GROW(behaviour->self, behaviour->self_count, behaviour->self_capacity);
        behaviour->self[behaviour->self_count++] = self;
    }
    lci_timeline_free(&timeline);
    lci_sort_uint64(behaviour->patterns, behaviour->count);
}

static void behaviour_free(struct behaviour *behaviour)
{
    free(behaviour->self);
    free(behaviour->patterns);
    *behaviour = (struct behaviour){0};
}

/* χ² of homogeneity of two lists of categories, sorted. */
static double same_patterns(const struct behaviour *a, const struct behaviour *b)
{
    const double n = (double)a->count, m = (double)b->count, all = n + m;
    double chi = 0, rest_a = 0, rest_b = 0;
    int cells = 0;
    for (size_t i = 0, j = 0; i < a->count || j < b->count;) {
        const uint64_t category =
            j >= b->count || (i < a->count && a->patterns[i] <= b->patterns[j]) ? a->patterns[i] : b->patterns[j];
        double x = 0, y = 0;
        for (; i < a->count && a->patterns[i] == category; i++)
            x++;
        for (; j < b->count && b->patterns[j] == category; j++)
            y++;
        if ((x + y) * fmin(n, m) / all < EXPECTED) {
            rest_a += x;
            rest_b += y;
            continue;
        }
        cells++;
        chi +=
            pow(x - (x + y) * n / all, 2) / ((x + y) * n / all) + pow(y - (x + y) * m / all, 2) / ((x + y) * m / all);
    }
    if (rest_a + rest_b > 0) {
        const double rest = rest_a + rest_b;
        cells++;
        chi += pow(rest_a - rest * n / all, 2) / (rest * n / all) + pow(rest_b - rest * m / all, 2) / (rest * m / all);
    }
    return cells < 2 ? 1 : gsl_cdf_chisq_Q(chi, cells - 1);
}

/* Wasserstein's distance of two sorted samples: the mean difference of their quantiles. */
static double distance(const double *a, size_t n, const double *b, size_t m)
{
    double sum = 0, done = 0;
    assert(lci_ascending(a, n) && lci_ascending(b, m));
    for (size_t i = 0, j = 0; i < n && j < m;) {
        const double next_a = (double)(i + 1) / (double)n, next_b = (double)(j + 1) / (double)m;
        const double next = fmin(next_a, next_b);
        sum += (next - done) * fabs(a[i] - b[j]);
        done = next;
        i += next_a <= next;
        j += next_b <= next;
    }
    return sum;
}

/* `request`: how long a request of either class takes. */
static bool alike(struct behaviour *a, struct behaviour *b, double request)
{
    if (same_patterns(a, b) < SIGNIFICANT)
        return false;
    return ks_two_sample(a->self, a->self_count, b->self, b->self_count) >= SIGNIFICANT ||
           distance(a->self, a->self_count, b->self, b->self_count) < NOTICEABLE * request;
}

/* The mean time that a request of the class takes, from the roots of its traces; 0 if it has none. */
static double request_time(const struct lci_visits *visits, size_t class_)
{
    double sum = 0, count = 0;
    for (size_t o = 0; o < visits->operation_count; o++) {
        const struct lci_variant *variant = &visits->operations[o].variants[class_];
        if (variant->roots != variant->seen) /* called by others as well: cannot tell which are roots */
            continue;
        for (size_t v = 0; v < variant->visit_count; v++)
            sum += variant->visits[v].duration;
        count += (double)variant->visit_count;
    }
    return count > 0 ? sum / count : 0;
}

/* ---- clusters ---------------------------------------------------------------------------------------------------- */

static struct lci_clusters first_clusters(const struct lci_visits *visits, const double *request,
                                          const struct lci_operation *operation)
{
    struct lci_clusters clusters = {.of = lc_calloc(visits->class_count, sizeof *clusters.of)};
    struct lci_readings readings;
    lci_readings_make(visits, operation, &readings);
    struct behaviour *seen = lc_calloc(visits->class_count, sizeof *seen);
    size_t *first = lc_calloc(visits->class_count, sizeof *first); /* class that opened the cluster */
    for (size_t c = 0; c < visits->class_count; c++) {
        clusters.of[c] = SIZE_MAX;
        if (operation->variants[c].visit_count == 0)
            continue;
        observe(&operation->variants[c], &readings, &seen[c]);
        size_t k = 0;
        while (k < clusters.count && !alike(&seen[first[k]], &seen[c], fmin(request[first[k]], request[c])))
            k++;
        if (k == clusters.count)
            first[clusters.count++] = c;
        clusters.of[c] = k;
    }
    for (size_t c = 0; c < visits->class_count; c++)
        behaviour_free(&seen[c]);
    free(seen);
    free(first);
    lci_readings_free(&readings);
    return clusters;
}

/* Whether two classes may share an entry of the operation, judged by what it calls. */
static bool callees_agree(const struct lci_clusters *clusters, const bool *called, size_t operation_count, size_t c,
                          size_t d)
{
    for (size_t o = 0; o < operation_count; o++) {
        const size_t *of = clusters[o].of;
        if (called[o] && of[c] != SIZE_MAX && of[d] != SIZE_MAX && of[c] != of[d])
            return false;
    }
    return true;
}

static void find_called(const struct lci_visits *visits, const struct lci_operation *operation, bool *called)
{
    memset(called, 0, visits->operation_count * sizeof *called);
    for (size_t c = 0; c < visits->class_count; c++)
        for (size_t i = 0; i < operation->variants[c].call_count; i++)
            called[operation->variants[c].calls[i].operation] = true;
}

static bool refine(const struct lci_visits *visits, struct lci_clusters *clusters, size_t operation, const bool *called)
{
    struct lci_clusters *own = &clusters[operation];
    size_t *refined = lc_alloc(visits->class_count * sizeof *refined);
    size_t *first = lc_alloc(visits->class_count * sizeof *first);
    size_t count = 0;
    for (size_t c = 0; c < visits->class_count; c++) {
        refined[c] = SIZE_MAX;
        if (own->of[c] == SIZE_MAX)
            continue;
        size_t k = 0;
        while (k < count && !(own->of[first[k]] == own->of[c] &&
                              callees_agree(clusters, called, visits->operation_count, first[k], c)))
            k++;
        if (k == count)
            first[count++] = c;
        refined[c] = k;
    }
    const bool changed = count != own->count;
    memcpy(own->of, refined, visits->class_count * sizeof *refined);
    own->count = count;
    free(refined);
    free(first);
    return changed;
}

struct lci_clusters *lci_partition(const struct lci_visits *visits)
{
    struct lci_clusters *clusters = lc_calloc(visits->operation_count + 1, sizeof *clusters);
    double *request = lc_calloc(visits->class_count, sizeof *request);
    for (size_t c = 0; c < visits->class_count; c++)
        request[c] = request_time(visits, c);
    for (size_t o = 0; o < visits->operation_count; o++)
        clusters[o] = first_clusters(visits, request, &visits->operations[o]);
    free(request);
    bool *called = lc_calloc(visits->operation_count, sizeof *called);
    for (bool changed = visits->class_count > 1; changed;) {
        changed = false;
        for (size_t o = 0; o < visits->operation_count; o++) {
            if (clusters[o].count == 0)
                continue;
            find_called(visits, &visits->operations[o], called);
            changed |= refine(visits, clusters, o, called);
        }
    }
    free(called);
    return clusters;
}
