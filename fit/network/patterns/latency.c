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

static struct lci_wire *wire_of(const struct lci_visits *visits, struct lci_wires *wires, uint32_t caller,
                                size_t cluster, uint32_t callee)
{
    struct lci_wire *known = lci_wire_find(wires, caller, cluster, callee);
    if (known != NULL)
        return known;
    LC_GROW(wires->items, wires->count, wires->capacity);
    wires->items[wires->count] = (struct lci_wire){
        .caller = caller,
        .caller_cluster = cluster,
        .callee = callee,
        .rounding = lci_clock_unit(visits, caller) + lci_clock_unit(visits, callee),
    };
    return &wires->items[wires->count++];
}

struct lci_wire *lci_wire_find(const struct lci_wires *wires, uint32_t caller, size_t cluster, uint32_t callee)
{
    for (size_t i = 0; i < wires->count; i++)
        if (wires->items[i].caller == caller && wires->items[i].caller_cluster == cluster &&
            wires->items[i].callee == callee)
            return &wires->items[i];
    return NULL;
}

/* `variants`: the caller's, one per class, of one release. */
static void gather(const struct lci_behaviour *behaviour, uint32_t caller, const struct lci_variant *variants,
                   struct lci_wires *wires)
{
    const struct lci_visits *visits = &behaviour->visits;
    const size_t *cluster = behaviour->clusters[caller].of;
    bool *member = lc_alloc(visits->class_count * sizeof *member);
    for (size_t c = 0; c < visits->class_count; c++) {
        const struct lci_variant *variant = &variants[c];
        if (cluster[c] == SIZE_MAX)
            continue; /* in another release only */
        for (size_t k = 0; k < visits->class_count; k++)
            member[k] = cluster[k] == cluster[c];
        const uint64_t last = lci_common_traces(variants, member, visits->class_count);
        for (size_t v = 0; v < variant->visit_count; v++)
            for (uint32_t i = 0; variant->visits[v].trace <= last && i < variant->visits[v].call_count; i++) {
                const struct lci_call *call = &variant->calls[variant->visits[v].first_call + i];
                if (call->forget || !call->paired || call->full)
                    continue;
                struct lci_wire *wire = wire_of(visits, wires, caller, cluster[c], call->operation);
                wire->callee_cluster = lci_callee_cluster(behaviour, caller, cluster[c], call->operation);
                lci_samples_add(&wire->samples, call->outside, (uint32_t)variant->visits[v].trace);
            }
    }
    free(member);
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
    const struct lci_wire *found = NULL;
    for (size_t i = 0; i < wires->count; i++) {
        const struct lci_wire *wire = &wires->items[i];
        if (wire->callee != callee || wire->callee_cluster != cluster)
            continue;
        const double mean = mean_of(&wire->samples);
        if (mean + errors_needed(wire) * error_of(&wire->samples) < 0 &&
            (found == NULL || mean < mean_of(&found->samples)))
            found = wire;
    }
    return found;
}

/* All callers that are like that one count: the extreme of several estimates would be too large. */
double lci_second_phase(const struct lci_wires *wires, uint32_t callee, size_t cluster)
{
    const struct lci_wire *first = shortest(wires, callee, cluster);
    if (first == NULL)
        return 0;
    double sum = 0, count = 0;
    for (size_t i = 0; i < wires->count; i++) {
        const struct lci_wire *wire = &wires->items[i];
        if (wire->callee != callee || wire->callee_cluster != cluster || !alike(wire, first))
            continue;
        sum += wire->samples.sum;
        count += (double)wire->samples.count;
    }
    return fmax(0, -sum / count);
}

static void pool(const struct lci_behaviour *behaviour, size_t release, struct lci_wires *wires)
{
    const struct lci_visits *visits = &behaviour->visits;
    struct lci_wires others = {0};
    for (uint32_t o = 0; o < visits->operation_count; o++)
        if (release < visits->operations[o].elsewhere_count && visits->operations[o].elsewhere[release] != NULL)
            gather(behaviour, o, visits->operations[o].elsewhere[release], &others);
    for (size_t i = 0; i < others.count; i++) {
        const struct lci_wire *other = &others.items[i];
        struct lci_wire *own = lci_wire_find(wires, other->caller, other->caller_cluster, other->callee);
        if (own != NULL)
            lci_pool_samples(visits, release, &own->samples, &other->samples, &wires->pooling);
    }
    lci_wires_free(&others);
}

void lci_wires_gather(const struct lci_behaviour *behaviour, struct lci_wires *wires)
{
    const struct lci_visits *visits = &behaviour->visits;
    *wires = (struct lci_wires){0};
    for (uint32_t o = 0; o < visits->operation_count; o++)
        gather(behaviour, o, visits->operations[o].variants, wires);
    for (size_t r = 0; r < visits->release_count; r++)
        pool(behaviour, r, wires);
    for (size_t i = 0; i < wires->count; i++) {
        struct lci_wire *wire = &wires->items[i];
        const struct lci_wire *first = shortest(wires, wire->callee, wire->callee_cluster);
        const double after = lci_second_phase(wires, wire->callee, wire->callee_cluster);
        wire->mean = first != NULL && alike(wire, first) ? 0 : fmax(0, mean_of(&wire->samples) + after);
    }
}

void lci_wires_free(struct lci_wires *wires)
{
    for (size_t i = 0; i < wires->count; i++) {
        lci_samples_free(&wires->items[i].samples);
    }
    free(wires->items);
    free(wires->pooling.used);
    *wires = (struct lci_wires){0};
}
