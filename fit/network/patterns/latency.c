/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The time between a caller and a callee that both have spans: client duration minus server duration, which needs no
 * common clock. It keeps the caller's thread and nobody's processor.
 *
 * Where the server's span is longer than the client's on the average, the server went on after its answer: a second
 * phase of at least the difference. That much of it is taken out of the last self time before the reply, and the
 * callers' blocked time comes out: exactly where there is one caller, within chance where there are several.
 */
#include "network/patterns/timeline.h"

#include <math.h>
#include <stdlib.h>

#define THE_LEARNED SIZE_MAX /* in place of the number of another release */

/* ---- by callee --------------------------------------------------------------------------------------------------- */

static int compare(const struct lci_latency *x, const struct lci_latency *y)
{
    if (x->callee != y->callee)
        return x->callee < y->callee ? -1 : 1;
    if (x->caller != y->caller)
        return x->caller < y->caller ? -1 : 1;
    return (x->caller_cluster > y->caller_cluster) - (x->caller_cluster < y->caller_cluster);
}

static int by_callee(const void *a, const void *b, void *latencies)
{
    const struct lci_latency *items = ((const struct lci_latencies *)latencies)->items;
    return compare(&items[*(const uint32_t *)a], &items[*(const uint32_t *)b]);
}

static void sort_by_callee(struct lci_latencies *latencies)
{
    latencies->by_callee = lc_alloc((latencies->count + 1) * sizeof *latencies->by_callee);
    for (size_t i = 0; i < latencies->count; i++)
        latencies->by_callee[i] = (uint32_t)i;
    if (latencies->count > 1)
        qsort_r(latencies->by_callee, latencies->count, sizeof *latencies->by_callee, by_callee, latencies);
}

/* The first place among those by callee whose latency is not before this one. */
static size_t place_of(const struct lci_latencies *latencies, const struct lci_latency *latency)
{
    size_t low = 0, high = latencies->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare(&latencies->items[latencies->by_callee[middle]], latency) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The latency of the callee at `place` among those by callee; NULL behind the last. */
static struct lci_latency *latency_at(const struct lci_latencies *latencies, uint32_t callee, size_t place)
{
    struct lci_latency *latency = place < latencies->count ? &latencies->items[latencies->by_callee[place]] : NULL;
    return latency != NULL && latency->callee == callee ? latency : NULL;
}

static size_t first_of(const struct lci_latencies *latencies, uint32_t callee)
{
    return place_of(latencies, &(struct lci_latency){.callee = callee});
}

struct lci_latency *lci_latency_find(const struct lci_latencies *latencies, uint32_t caller, size_t cluster,
                                     uint32_t callee)
{
    const struct lci_latency key = {.caller = caller, .caller_cluster = cluster, .callee = callee};
    struct lci_latency *latency = latency_at(latencies, callee, place_of(latencies, &key));
    return latency != NULL && compare(latency, &key) == 0 ? latency : NULL;
}

/* ---- gathering --------------------------------------------------------------------------------------------------- */

/* Adds the caller's calls, of the visits of the classes of one cluster. `place`: per operation the latency to it, if it
 * is one of those from `first` on. */
static void gather_cluster(const struct lci_behaviour *behaviour, uint32_t caller, size_t cluster,
                           const struct lci_variant *variants, struct lci_latencies *latencies, size_t *place)
{
    const struct lci_visits *visits = &behaviour->visits;
    const size_t *clusters = behaviour->clusters[caller].of, first = latencies->count;
    bool *member = lc_alloc(visits->class_count * sizeof *member);
    for (size_t c = 0; c < visits->class_count; c++)
        member[c] = clusters[c] == cluster;
    const uint64_t last = lci_common_traces(variants, member, visits->class_count);
    for (size_t c = 0; c < visits->class_count; c++)
        for (size_t v = 0; member[c] && v < variants[c].visit_count; v++) {
            const struct lci_visit *visit = &variants[c].visits[v];
            for (uint32_t i = 0; visit->trace <= last && i < visit->call_count; i++) {
                const struct lci_call *call = &variants[c].calls[visit->first_call + i];
                if (call->forget || !call->paired || call->full)
                    continue;
                size_t *at = &place[call->operation];
                if (*at < first || *at >= latencies->count || latencies->items[*at].callee != call->operation) {
                    LC_GROW(latencies->items, latencies->count, latencies->capacity);
                    latencies->items[latencies->count] = (struct lci_latency){
                        .caller = caller,
                        .caller_cluster = cluster,
                        .callee = call->operation,
                        .callee_cluster = lci_callee_cluster(behaviour, caller, cluster, call->operation),
                        .rounding = lci_clock_unit(visits, caller) + lci_clock_unit(visits, call->operation),
                    };
                    *at = latencies->count++;
                }
                lci_samples_add(&latencies->items[*at].samples, call->outside, (uint32_t)visit->trace);
                for (int h = 0; h < LCI_HOPS; h++)
                    lci_samples_add(&latencies->items[*at].hops[h], call->hops[h], (uint32_t)visit->trace);
            }
        }
    free(member);
}

/* Of one release. Clusters in the order of their first classes; classes without one are in another release only. */
static void gather(const struct lci_behaviour *behaviour, size_t release, struct lci_latencies *latencies)
{
    const struct lci_visits *visits = &behaviour->visits;
    size_t *place = lc_calloc(visits->operation_count + 1, sizeof *place);
    for (uint32_t o = 0; o < visits->operation_count; o++) {
        const struct lci_operation *operation = &visits->operations[o];
        const struct lci_variant *variants = release == THE_LEARNED                 ? operation->variants
                                             : release < operation->elsewhere_count ? operation->elsewhere[release]
                                                                                    : NULL;
        for (size_t k = 0; variants != NULL && k < behaviour->clusters[o].count; k++)
            gather_cluster(behaviour, o, k, variants, latencies, place);
    }
    free(place);
    sort_by_callee(latencies);
}

static double mean_of(const struct lci_samples *samples)
{
    return samples->count == 0 ? 0 : samples->sum / (double)samples->count;
}

/* Standard error of the mean; infinite for a single sample. */
static double error_of(const struct lci_samples *samples)
{
    if (samples->count < 2)
        return INFINITY;
    const double mean = mean_of(samples);
    double squares = 0;
    for (size_t i = 0; i < samples->count; i++)
        squares += (samples->values[i] - mean) * (samples->values[i] - mean);
    return sqrt(squares / (double)(samples->count - 1) / (double)samples->count);
}

/* The callers' times differ by no more than chance explains; the one compared with is the extreme of several. */
static bool alike(const struct lci_latency *a, const struct lci_latency *b)
{
    return fabs(mean_of(&a->samples) - mean_of(&b->samples)) <= 4 * hypot(error_of(&a->samples), error_of(&b->samples));
}

/* How many standard errors tell a mean below 0 from chance. There are many calls to be wrong about; and where there is
 * no network, the clocks' rounding alone makes half of the means negative. */
static double errors_needed(const struct lci_latency *latency)
{
    for (size_t i = 0; i < latency->samples.count; i++)
        if (latency->samples.values[i] < -latency->rounding)
            return 3;
    return 5;
}

/* The caller whose answers come longest before the server's end, beyond doubt; NULL if there is none. */
static const struct lci_latency *shortest(const struct lci_latencies *latencies, uint32_t callee, size_t cluster)
{
    const struct lci_latency *found = NULL, *latency;
    for (size_t i = first_of(latencies, callee); (latency = latency_at(latencies, callee, i)) != NULL; i++) {
        if (latency->callee_cluster != cluster)
            continue;
        const double mean = mean_of(&latency->samples);
        if (mean + errors_needed(latency) * error_of(&latency->samples) < 0 &&
            (found == NULL || mean < mean_of(&found->samples)))
            found = latency;
    }
    return found;
}

/* How long the callee goes on at the least, `first` being its caller of the shortest(). All callers that are like that
 * one count: the extreme of several estimates would be too large. */
static double second_phase(const struct lci_latencies *latencies, const struct lci_latency *first)
{
    double sum = 0, count = 0;
    const struct lci_latency *latency;
    for (size_t i = first_of(latencies, first->callee); (latency = latency_at(latencies, first->callee, i)) != NULL;
         i++) {
        if (latency->callee_cluster != first->callee_cluster || !alike(latency, first))
            continue;
        sum += latency->samples.sum;
        count += (double)latency->samples.count;
    }
    return fmax(0, -sum / count);
}

double lci_second_phase(const struct lci_latencies *latencies, uint32_t callee, size_t cluster)
{
    const struct lci_latency *first = shortest(latencies, callee, cluster);
    return first != NULL ? second_phase(latencies, first) : 0;
}

/* Of all callers of one cluster of the callee; `place`: of the first of its latencies. */
static void set_means(const struct lci_latencies *latencies, size_t place, uint32_t callee, size_t cluster)
{
    const struct lci_latency *first = shortest(latencies, callee, cluster);
    const double after = first != NULL ? second_phase(latencies, first) : 0;
    struct lci_latency *latency;
    for (; (latency = latency_at(latencies, callee, place)) != NULL; place++)
        if (latency->callee_cluster == cluster)
            latency->mean = first != NULL && alike(latency, first) ? 0 : fmax(0, mean_of(&latency->samples) + after);
}

static void pool(const struct lci_behaviour *behaviour, size_t release, struct lci_latencies *latencies)
{
    struct lci_latencies others = {0};
    gather(behaviour, release, &others);
    for (size_t i = 0; i < others.count; i++) {
        const struct lci_latency *other = &others.items[i];
        struct lci_latency *own = lci_latency_find(latencies, other->caller, other->caller_cluster, other->callee);
        if (own != NULL)
            lci_pool_samples(&behaviour->visits, release, &own->samples, &other->samples, &latencies->pooling);
    }
    lci_latencies_free(&others);
}

/* ---- hops -------------------------------------------------------------------------------------------------------- */

#define NEARLY_ALL 0.9 /* of the calls must tell a hop; the others then count for the whole only */

/* Keeps of the samples those of calls that tell all hops that are known: of the hops themselves, and what lies between
 * them. */
static void divide(struct lci_latency *latency, const bool *known)
{
    struct lci_samples between = {0}, hops[LCI_HOPS] = {{0}};
    for (size_t i = 0; i < latency->samples.count; i++) {
        double rest = latency->samples.values[i];
        for (int h = 0; h < LCI_HOPS; h++)
            rest -= known[h] ? latency->hops[h].values[i] : 0;
        if (isnan(rest))
            continue;
        lci_samples_add(&between, rest, latency->samples.traces[i]);
        for (int h = 0; h < LCI_HOPS; h++)
            if (known[h])
                lci_samples_add(&hops[h], latency->hops[h].values[i], latency->samples.traces[i]);
    }
    lci_samples_free(&latency->samples);
    latency->samples = between;
    for (int h = 0; h < LCI_HOPS; h++) {
        lci_samples_free(&latency->hops[h]);
        latency->hops[h] = hops[h];
        latency->hop_means[h] = mean_of(&hops[h]);
        latency->mean -= latency->hop_means[h];
    }
    latency->mean = fmax(0, latency->mean);
}

/* Takes the hops out of the whole where they are known. */
static void settle_hops(struct lci_latency *latency)
{
    bool known[LCI_HOPS] = {false}, any = false;
    for (int h = 0; h < LCI_HOPS; h++) {
        const struct lci_samples *hop = &latency->hops[h];
        size_t told = 0, looked = 0; /* not NaN; and some time */
        for (size_t i = 0; i < hop->count; i++) {
            looked += hop->values[i] >= 0;
            told += hop->values[i] > 0;
        }
        /* Samples of other releases know nothing of hops. */
        known[h] = latency->mean > 0 && hop->count == latency->samples.count && told > 0 &&
                   (double)looked >= NEARLY_ALL * (double)hop->count;
        any |= known[h];
    }
    if (any)
        divide(latency, known);
    for (int h = 0; h < LCI_HOPS; h++)
        if (!known[h])
            lci_samples_free(&latency->hops[h]);
}

void lci_latencies_gather(const struct lci_behaviour *behaviour, struct lci_latencies *latencies)
{
    *latencies = (struct lci_latencies){0};
    gather(behaviour, THE_LEARNED, latencies);
    for (size_t r = 0; r < behaviour->visits.release_count; r++)
        pool(behaviour, r, latencies);
    for (size_t first = 0, next; first < latencies->count; first = next) {
        const uint32_t callee = latencies->items[latencies->by_callee[first]].callee;
        for (next = first; latency_at(latencies, callee, next) != NULL; next++)
            ;
        for (size_t k = 0; k < behaviour->clusters[callee].count; k++)
            set_means(latencies, first, callee, k);
    }
    for (size_t i = 0; i < latencies->count; i++)
        settle_hops(&latencies->items[i]);
}

void lci_latencies_free(struct lci_latencies *latencies)
{
    for (size_t i = 0; i < latencies->count; i++) {
        lci_samples_free(&latencies->items[i].samples);
        for (int h = 0; h < LCI_HOPS; h++)
            lci_samples_free(&latencies->items[i].hops[h]);
    }
    free(latencies->items);
    free(latencies->by_callee);
    free(latencies->pooling.used);
    *latencies = (struct lci_latencies){0};
}
