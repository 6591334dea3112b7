/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which visits are kept: of each operation, class and release those of the traces with the smallest hashes, so that the
 * rest of the learner needs bounded memory (bottom-k sampling; Cohen and Kaplan, "Summarizing data using bottom-k
 * sketches", PODC 2007). What is kept depends on the set of traces alone: neither on their order nor on how they were
 * divided among summaries. All visits of a trace are kept or none, so that a sample of visits is a sample of traces.
 */
#include "network/visits/collect.h"

#include <stdlib.h>
#include <string.h>

#define SLACK 4 /* a quarter more is kept for a while, so that there is seldom something to do */

/* The value that has `rank` smaller or equal ones before it in order; moves the others about (Hoare's selection). */
static uint64_t select_rank(uint64_t *values, size_t count, size_t rank)
{
    size_t low = 0, high = count - 1;
    while (low < high) {
        const uint64_t pivot = values[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i >= j)
                break;
            const uint64_t swapped = values[i];
            values[i++] = values[j];
            values[j--] = swapped;
        }
        if (rank <= j)
            high = j;
        else
            low = j + 1;
    }
    return values[low];
}

/* Keeps the visits of traces up to `last`. */
static void leave_out(struct lci_variant *variant, uint64_t last)
{
    size_t visits = 0, calls = 0;
    for (size_t v = 0; v < variant->visit_count; v++) {
        struct lci_visit visit = variant->visits[v];
        if (visit.trace > last)
            continue;
        if (visit.call_count > 0)
            memmove(variant->calls + calls, variant->calls + visit.first_call,
                    visit.call_count * sizeof *variant->calls);
        visit.first_call = (uint32_t)calls;
        calls += visit.call_count;
        variant->visits[visits++] = visit;
    }
    variant->visit_count = visits;
    variant->call_count = calls;
    variant->last = last;
}

void lci_variant_bound(struct lci_variant *variant, size_t most)
{
    if (variant->visit_count <= most)
        return;
    uint64_t *traces = lc_alloc(variant->visit_count * sizeof *traces);
    for (size_t v = 0; v < variant->visit_count; v++)
        traces[v] = variant->visits[v].trace;
    const uint64_t last = select_rank(traces, variant->visit_count, most - 1);
    free(traces);
    leave_out(variant, last);
}

void lci_variant_trim(struct lci_variant *variant, size_t most)
{
    if (variant->visit_count <= most || variant->visit_count - most <= most / SLACK ||
        variant->visit_count < variant->trim_at)
        return;
    lci_variant_bound(variant, most);
    variant->trim_at = variant->visit_count + variant->visit_count / SLACK; /* one trace may hold more than `most` */
}

uint64_t lci_common_traces(const struct lci_variant *variants, const bool *member, size_t class_count)
{
    uint64_t last = UINT64_MAX;
    for (size_t c = 0; c < class_count; c++)
        if (member[c] && variants[c].last < last)
            last = variants[c].last;
    return last;
}

/* Has the service a pool of connections to this one? */
static bool is_target(const struct lc_capacity *capacity, const char *task)
{
    for (size_t i = 0; i < capacity->pool_count; i++)
        if (strcmp(capacity->pools[i].target, task) == 0)
            return true;
    return false;
}

/* Waiting is found from all arrivals and departures of a service. */
static bool keeps_all(const struct lci_visits *visits, lc_symbol task)
{
    for (size_t i = 0; visits->options.load != LC_LOAD_LOW && i < visits->options.capacity_count; i++)
        if (strcmp(visits->options.capacities[i].task, lci_text(visits, task)) == 0 ||
            is_target(&visits->options.capacities[i], lci_text(visits, task)))
            return true;
    return false;
}

size_t lci_most_kept(const struct lci_visits *visits, lc_symbol task)
{
    return keeps_all(visits, task) ? SIZE_MAX : visits->options.kept > 0 ? visits->options.kept : LC_LEARN_KEPT;
}

/* Finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
uint64_t lci_mix(uint64_t h)
{
    h = (h ^ h >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    h = (h ^ h >> 27) * UINT64_C(0x94D049BB133111EB);
    return h ^ h >> 31;
}

uint64_t lci_trace_hash(uint64_t high, uint64_t low)
{
    return lci_mix(lci_mix(high + UINT64_C(0x9E3779B97F4A7C15)) ^ low);
}
