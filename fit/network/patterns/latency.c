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

static int compare(const struct lci_wire *x, const struct lci_wire *y)
{
    if (x->callee != y->callee)
        return x->callee < y->callee ? -1 : 1;
    if (x->caller != y->caller)
        return x->caller < y->caller ? -1 : 1;
    return (x->caller_cluster > y->caller_cluster) - (x->caller_cluster < y->caller_cluster);
}

static int by_callee(const void *a, const void *b, void *wires)
{
    const struct lci_wire *items = ((const struct lci_wires *)wires)->items;
    return compare(&items[*(const uint32_t *)a], &items[*(const uint32_t *)b]);
}

static void sort_wires(struct lci_wires *wires)
{
    wires->by_callee = lc_alloc((wires->count + 1) * sizeof *wires->by_callee);
    for (size_t i = 0; i < wires->count; i++)
        wires->by_callee[i] = (uint32_t)i;
    if (wires->count > 1)
        qsort_r(wires->by_callee, wires->count, sizeof *wires->by_callee, by_callee, wires);
}

/* The first place among those by callee whose wire is not before this one. */
static size_t place_of(const struct lci_wires *wires, const struct lci_wire *wire)
{
    size_t low = 0, high = wires->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare(&wires->items[wires->by_callee[middle]], wire) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The wire of the callee at `place` among those by callee; NULL behind the last. */
static struct lci_wire *wire_at(const struct lci_wires *wires, uint32_t callee, size_t place)
{
    struct lci_wire *wire = place < wires->count ? &wires->items[wires->by_callee[place]] : NULL;
    return wire != NULL && wire->callee == callee ? wire : NULL;
}

static size_t first_of(const struct lci_wires *wires, uint32_t callee)
{
    return place_of(wires, &(struct lci_wire){.callee = callee});
}

struct lci_wire *lci_wire_find(const struct lci_wires *wires, uint32_t caller, size_t cluster, uint32_t callee)
{
    const struct lci_wire key = {.caller = caller, .caller_cluster = cluster, .callee = callee};
    struct lci_wire *wire = wire_at(wires, callee, place_of(wires, &key));
    return wire != NULL && compare(wire, &key) == 0 ? wire : NULL;
}

/* ---- gathering --------------------------------------------------------------------------------------------------- */

/* Adds the caller's calls, of the visits of the classes of one cluster. `place`: per operation the wire to it, if it is
 * one of those from `first` on. */
static void gather_cluster(const struct lci_behaviour *behaviour, uint32_t caller, size_t cluster,
                           const struct lci_variant *variants, struct lci_wires *wires, size_t *place)
{
    const struct lci_visits *visits = &behaviour->visits;
    const size_t *clusters = behaviour->clusters[caller].of, first = wires->count;
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
                if (*at < first || *at >= wires->count || wires->items[*at].callee != call->operation) {
                    LC_GROW(wires->items, wires->count, wires->capacity);
                    wires->items[wires->count] = (struct lci_wire){
                        .caller = caller,
                        .caller_cluster = cluster,
                        .callee = call->operation,
                        .callee_cluster = lci_callee_cluster(behaviour, caller, cluster, call->operation),
                        .rounding = lci_clock_unit(visits, caller) + lci_clock_unit(visits, call->operation),
                    };
                    *at = wires->count++;
                }
                lci_samples_add(&wires->items[*at].samples, call->outside, (uint32_t)visit->trace);
            }
        }
    free(member);
}

/* Of one release. Clusters in the order of their first classes; classes without one are in another release only. */
static void gather(const struct lci_behaviour *behaviour, size_t release, struct lci_wires *wires)
{
    const struct lci_visits *visits = &behaviour->visits;
    size_t *place = lc_calloc(visits->operation_count + 1, sizeof *place);
    for (uint32_t o = 0; o < visits->operation_count; o++) {
        const struct lci_operation *operation = &visits->operations[o];
        const struct lci_variant *variants = release == THE_LEARNED                 ? operation->variants
                                             : release < operation->elsewhere_count ? operation->elsewhere[release]
                                                                                    : NULL;
        for (size_t k = 0; variants != NULL && k < behaviour->clusters[o].count; k++)
            gather_cluster(behaviour, o, k, variants, wires, place);
    }
    free(place);
    sort_wires(wires);
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
static bool alike(const struct lci_wire *a, const struct lci_wire *b)
{
    return fabs(mean_of(&a->samples) - mean_of(&b->samples)) <= 4 * hypot(error_of(&a->samples), error_of(&b->samples));
}

/* How many standard errors tell a mean below 0 from chance. There are many calls to be wrong about; and where there is
 * no network, the clocks' rounding alone makes half of the means negative. */
static double errors_needed(const struct lci_wire *wire)
{
    for (size_t i = 0; i < wire->samples.count; i++)
        if (wire->samples.values[i] < -wire->rounding)
            return 3;
    return 5;
}

/* The caller whose answers come longest before the server's end, beyond doubt; NULL if there is none. */
static const struct lci_wire *shortest(const struct lci_wires *wires, uint32_t callee, size_t cluster)
{
    const struct lci_wire *found = NULL, *wire;
    for (size_t i = first_of(wires, callee); (wire = wire_at(wires, callee, i)) != NULL; i++) {
        if (wire->callee_cluster != cluster)
            continue;
        const double mean = mean_of(&wire->samples);
        if (mean + errors_needed(wire) * error_of(&wire->samples) < 0 &&
            (found == NULL || mean < mean_of(&found->samples)))
            found = wire;
    }
    return found;
}

/* How long the callee goes on at the least, `first` being its caller of the shortest(). All callers that are like that
 * one count: the extreme of several estimates would be too large. */
static double second_phase(const struct lci_wires *wires, const struct lci_wire *first)
{
    double sum = 0, count = 0;
    const struct lci_wire *wire;
    for (size_t i = first_of(wires, first->callee); (wire = wire_at(wires, first->callee, i)) != NULL; i++) {
        if (wire->callee_cluster != first->callee_cluster || !alike(wire, first))
            continue;
        sum += wire->samples.sum;
        count += (double)wire->samples.count;
    }
    return fmax(0, -sum / count);
}

double lci_second_phase(const struct lci_wires *wires, uint32_t callee, size_t cluster)
{
    const struct lci_wire *first = shortest(wires, callee, cluster);
    return first != NULL ? second_phase(wires, first) : 0;
}

/* Of all callers of one cluster of the callee; `place`: of the first of its wires. */
static void set_means(const struct lci_wires *wires, size_t place, uint32_t callee, size_t cluster)
{
    const struct lci_wire *first = shortest(wires, callee, cluster);
    const double after = first != NULL ? second_phase(wires, first) : 0;
    struct lci_wire *wire;
    for (; (wire = wire_at(wires, callee, place)) != NULL; place++)
        if (wire->callee_cluster == cluster)
            wire->mean = first != NULL && alike(wire, first) ? 0 : fmax(0, mean_of(&wire->samples) + after);
}

static void pool(const struct lci_behaviour *behaviour, size_t release, struct lci_wires *wires)
{
    struct lci_wires others = {0};
    gather(behaviour, release, &others);
    for (size_t i = 0; i < others.count; i++) {
        const struct lci_wire *other = &others.items[i];
        struct lci_wire *own = lci_wire_find(wires, other->caller, other->caller_cluster, other->callee);
        if (own != NULL)
            lci_pool_samples(&behaviour->visits, release, &own->samples, &other->samples, &wires->pooling);
    }
    lci_wires_free(&others);
}

void lci_wires_gather(const struct lci_behaviour *behaviour, struct lci_wires *wires)
{
    *wires = (struct lci_wires){0};
    gather(behaviour, THE_LEARNED, wires);
    for (size_t r = 0; r < behaviour->visits.release_count; r++)
        pool(behaviour, r, wires);
    for (size_t first = 0, next; first < wires->count; first = next) {
        const uint32_t callee = wires->items[wires->by_callee[first]].callee;
        for (next = first; wire_at(wires, callee, next) != NULL; next++)
            ;
        for (size_t k = 0; k < behaviour->clusters[callee].count; k++)
            set_means(wires, first, callee, k);
    }
}

void lci_wires_free(struct lci_wires *wires)
{
    for (size_t i = 0; i < wires->count; i++) {
        lci_samples_free(&wires->items[i].samples);
    }
    free(wires->items);
    free(wires->by_callee);
    free(wires->pooling.used);
    *wires = (struct lci_wires){0};
}
