/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How much came of each class of requests in each stretch of the recording, and how long it took: what a model has to
 * predict at that load.
 */
#include "network/facts/facts.h"

#include "base/sort.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#define BATCHES                                                                                                        \
    20 /* of successive requests, whose means tell the error of the mean though requests depend on each other */
#define LEAST_BATCH 5
#define LEAST_GAPS  30 /* requests, to tell how their times vary */
#define ONE_BY_ONE                                                                                                     \
    30 /* requests, none of which met another one: somebody sends one when he has the answer to the last */

struct request {
    int64_t begin;
    double duration, weight; /* s; how many requests it stands for */
};

struct requests {
    struct request *items;
    size_t count, capacity;
};

double lci_requests_each(const struct lci_visits *visits, const struct lci_variant *variant)
{
    const double lost = variant->roots > 0 ? (double)variant->lost_roots / (double)variant->roots : 0;
    return (double)variant->seen / (double)variant->visit_count * (1 + lost) / lci_sampled(visits);
}

static int by_begin(const void *a, const void *b)
{
    const struct request *x = a, *y = b;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

static void add_requests(const struct lci_visits *visits, uint32_t operation, size_t class_, struct requests *requests)
{
    const struct lci_variant *variant = &visits->operations[operation].variants[class_];
    if (!lci_is_root(visits, operation, class_) || variant->visit_count == 0)
        return;
    const double weight = lci_requests_each(visits, variant);
    for (size_t v = 0; v < variant->visit_count; v++) {
        const struct lci_visit *visit = &variant->visits[v];
        if (!visit->root)
            continue;
        LC_GROW(requests->items, requests->count, requests->capacity);
        requests->items[requests->count++] = (struct request){visit->start, visit->duration, weight};
    }
}

static void sort_requests(struct requests *requests)
{
    if (requests->count > 1)
        qsort(requests->items, requests->count, sizeof *requests->items, by_begin);
}

static struct requests requests_of_class(const struct lci_visits *visits, size_t class_)
{
    struct requests requests = {0};
    for (uint32_t o = 0; o < visits->operation_count; o++)
        add_requests(visits, o, class_, &requests);
    sort_requests(&requests);
    return requests;
}

static struct requests requests_of_operation(const struct lci_visits *visits, uint32_t operation)
{
    struct requests requests = {0};
    for (size_t c = 0; c < visits->class_count; c++)
        add_requests(visits, operation, c, &requests);
    sort_requests(&requests);
    return requests;
}

/* Standard error of the mean of n successive values, from means of batches. */
static double error_of(const struct request *r, size_t n, double mean)
{
    const size_t batches = n / LEAST_BATCH < BATCHES ? n / LEAST_BATCH : BATCHES;
    double squares = 0;
    if (batches < 2)
        return NAN;
    for (size_t b = 0; b < batches; b++) {
        const size_t from = b * n / batches, to = (b + 1) * n / batches;
        double sum = 0;
        for (size_t i = from; i < to; i++)
            sum += r[i].duration;
        squares += pow(sum / (double)(to - from) - mean, 2);
    }
    return sqrt(squares / (double)(batches - 1) / (double)batches);
}

/* Of the times between n successive requests. */
static double gap_variation(const struct request *r, size_t n)
{
    double squares = 0;
    if (n < LEAST_GAPS || r[n - 1].begin == r[0].begin)
        return NAN;
    const double mean = (double)(r[n - 1].begin - r[0].begin) / (double)(n - 1);
    for (size_t i = 1; i < n; i++)
        squares += pow((double)(r[i].begin - r[i - 1].begin) / mean - 1, 2);
    return squares / (double)(n - 2);
}

static struct lc_recorded_class tell(const struct request *r, size_t n, double seconds)
{
    struct lc_recorded_class told = {
        .requests = n, .mean = NAN, .standard_error = NAN, .p95 = NAN, .gap_cv2 = gap_variation(r, n)};
    double *sorted = lc_alloc((n + 1) * sizeof *sorted), sum = 0, weight = 0;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = r[i].duration;
        sum += r[i].duration;
        weight += r[i].weight;
    }
    told.rate = seconds > 0 ? weight / seconds : 0;
    if (n > 0) {
        lci_sort_doubles(sorted, n);
        told.mean = sum / (double)n;
        told.standard_error = error_of(r, n, told.mean);
        told.p95 = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.95);
        told.quantiles = lc_alloc(LC_RECORDED_QUANTILES * sizeof *told.quantiles);
        for (size_t i = 0; i < LC_RECORDED_QUANTILES; i++)
            told.quantiles[i] = sorted[(size_t)(((double)i + 0.5) / LC_RECORDED_QUANTILES * (double)n)];
    }
    free(sorted);
    return told;
}

/* Whether the requests of all classes came one by one. */
static bool one_by_one(const struct requests *requests, size_t classes, const struct lci_stretch *stretch)
{
    struct requests all = {0};
    for (size_t c = 0; c < classes; c++)
        for (size_t i = 0; i < requests[c].count; i++)
            if (requests[c].items[i].begin >= stretch->begin && requests[c].items[i].begin <= stretch->end) {
                LC_GROW(all.items, all.count, all.capacity);
                all.items[all.count++] = requests[c].items[i];
            }
    if (all.count > 1)
        qsort(all.items, all.count, sizeof *all.items, by_begin);
    bool alone = all.count >= ONE_BY_ONE;
    for (size_t i = 1; i < all.count && alone; i++)
        alone = all.items[i].begin >= all.items[i - 1].begin + llround(all.items[i - 1].duration * 1e9);
    free(all.items);
    return alone;
}

/* Of the requests, those that began in each of the recordings. */
static void tell_each(const struct requests *requests, const struct lci_stretch *stretches, size_t count,
                      struct lc_recorded_class *const *told)
{
    for (size_t s = 0, from = 0, to; s < count; s++, from = to) {
        while (from < requests->count && requests->items[from].begin < stretches[s].begin)
            from++;
        for (to = from; to < requests->count && requests->items[to].begin <= stretches[s].end; to++)
            ;
        *told[s] = tell(to > from ? requests->items + from : NULL, to - from, lci_stretch_seconds(&stretches[s]));
    }
}

static void tell_entrances(const struct lci_visits *visits, const struct lci_stretch *stretches, size_t count,
                           struct lc_learned *learned)
{
    struct lc_recorded_class **told = lc_calloc(count + 1, sizeof(struct lc_recorded_class *));
    learned->entrances = lc_calloc(visits->operation_count + 1, sizeof *learned->entrances);
    for (uint32_t o = 0; o < visits->operation_count; o++) {
        struct requests requests = requests_of_operation(visits, o);
        if (requests.count > 0) {
            const struct lci_operation *operation = &visits->operations[o];
            const char *service = lci_text(visits, operation->task), *name = lci_text(visits, operation->entry);
            struct lc_entrance *entrance = &learned->entrances[learned->entrance_count++];
            *entrance = (struct lc_entrance){.service = lc_strdup(*service ? service : "unknown"),
                                             .operation = lc_strdup(*name ? name : "unknown"),
                                             .requests = requests.count,
                                             .recorded = lc_calloc(count + 1, sizeof *entrance->recorded)};
            for (size_t s = 0; s < count; s++)
                told[s] = &entrance->recorded[s];
            tell_each(&requests, stretches, count, told);
        }
        free(requests.items);
    }
    free(told);
}

void lci_tell_recordings(const struct lci_visits *visits, const struct lci_stretch *stretches, size_t count,
                         struct lc_learned *learned)
{
    const size_t classes = visits->options.class_count, all = visits->class_count;
    struct requests *requests = lc_calloc(all, sizeof *requests);
    struct lc_recorded_class **told = lc_calloc(count + 1, sizeof(struct lc_recorded_class *));
    for (size_t c = 0; c < all; c++)
        requests[c] = requests_of_class(visits, c);
    learned->recordings = lc_calloc(count + 1, sizeof *learned->recordings);
    learned->recording_count = count;
    learned->class_count = classes;
    for (size_t s = 0; s < count; s++)
        learned->recordings[s] =
            (struct lc_recording){.begin = stretches[s].begin,
                                  .end = stretches[s].end,
                                  .one_by_one = one_by_one(requests, classes > 0 ? classes : all, &stretches[s]),
                                  .classes = lc_calloc(classes + 1, sizeof *learned->recordings->classes)};
    for (size_t c = 0; c < classes; c++) {
        for (size_t s = 0; s < count; s++)
            told[s] = &learned->recordings[s].classes[c];
        tell_each(&requests[c], stretches, count, told);
    }
    tell_entrances(visits, stretches, count, learned);
    for (size_t c = 0; c < all; c++)
        free(requests[c].items);
    free(requests);
    free(told);
}

void lci_recordings_free(struct lc_learned *learned)
{
    for (size_t s = 0; s < learned->recording_count; s++) {
        for (size_t c = 0; c < learned->class_count; c++)
            free(learned->recordings[s].classes[c].quantiles);
        free(learned->recordings[s].classes);
    }
    for (size_t i = 0; i < learned->entrance_count; i++) {
        for (size_t s = 0; s < learned->recording_count; s++)
            free(learned->entrances[i].recorded[s].quantiles);
        free(learned->entrances[i].service);
        free(learned->entrances[i].operation);
        free(learned->entrances[i].recorded);
    }
    free(learned->entrances);
    free(learned->recordings);
}
