/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Traces of several releases. What one release does is learned of its own traces; how long it takes may be told by
 * others as well: where a pattern of calls is the same in another release, and a Kolmogorov–Smirnov test does not tell
 * the times at one of its places apart, those of both are taken. Each release is compared with the learned one alone,
 * so that the result does not depend on their order.
 */
#include "network/patterns/timeline.h"

#include <math.h>
#include <stdlib.h>

void lci_pool_samples(const struct lci_visits *visits, size_t release, struct lci_samples *own,
                      const struct lci_samples *other, struct lci_pooling *pooling)
{
    if (own->count - own->others == 0 || other->count == 0)
        return;
    if (pooling->used == NULL) {
        pooling->used = lc_calloc(visits->release_count, sizeof *pooling->used);
        pooling->least = 1;
    }
    pooling->comparisons++;
    const double probability = lci_samples_alike(own, other);
    if (probability < LCI_RELEASES_APART)
        return;
    pooling->alike++;
    pooling->least = fmin(pooling->least, probability);
    pooling->used[release] = true;
    for (size_t i = 0; i < other->count; i++)
        lci_samples_add(own, other->values[i], other->traces[i]);
    own->others += other->count;
    own->others_sum += other->sum;
    pooling->most = own->count > pooling->most ? own->count : pooling->most;
}

static struct lci_pattern *same_pattern(const struct lci_patterns *patterns, const struct lci_pattern *pattern)
{
    for (size_t i = 0; i < patterns->count; i++)
        if (lci_tokens_equal(&patterns->items[i].signature, &pattern->signature))
            return &patterns->items[i];
    return NULL;
}

void lci_pool_patterns(const struct lci_visits *visits, const struct lci_operation *operation, const bool *member,
                       const struct lci_readings *readings, struct lci_patterns *patterns)
{
    for (size_t r = 0; r < operation->elsewhere_count; r++) {
        struct lci_patterns others = {.runs = patterns->runs};
        if (operation->elsewhere[r] == NULL)
            continue;
        lci_patterns_see(operation->elsewhere[r], member, visits->class_count, readings, &others);
        for (size_t i = 0; i < patterns->count; i++) {
            struct lci_pattern *own = &patterns->items[i];
            const struct lci_pattern *other = same_pattern(&others, own);
            for (size_t s = 0; other != NULL && s <= own->step_count; s++)
                lci_pool_samples(visits, r, &own->segments[s], &other->segments[s], &patterns->pooling);
        }
        lci_patterns_free(&others);
    }
}

void lci_pooling_add(const struct lci_visits *visits, struct lci_pooling *sum, const struct lci_pooling *one)
{
    if (one->comparisons == 0)
        return;
    if (sum->used == NULL)
        sum->used = lc_calloc(visits->release_count, sizeof *sum->used);
    sum->least = sum->comparisons > 0 ? fmin(sum->least, one->least) : one->least;
    sum->comparisons += one->comparisons;
    sum->alike += one->alike;
    sum->most = one->most > sum->most ? one->most : sum->most;
    for (size_t r = 0; r < visits->release_count; r++)
        sum->used[r] |= one->used[r];
}
