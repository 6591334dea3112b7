/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sketch.h"

#include <math.h>
#include <stdlib.h>

#include "loadcast/base.h"

void lci_sketch_widen(struct lci_sketch *sketch, size_t bin, uint64_t count)
{
    const size_t block = bin - bin % LCI_SKETCH_BLOCK, before = sketch->count;
    const size_t first = before == 0 || block < sketch->first ? block : sketch->first;
    const size_t end =
        before == 0 || block >= sketch->first + before ? block + LCI_SKETCH_BLOCK : sketch->first + before;
    if (end - first > sketch->room) {
        while (end - first > sketch->room)
            sketch->room = sketch->room > 0 ? 2 * sketch->room : 4 * LCI_SKETCH_BLOCK;
        sketch->bins = lc_realloc(sketch->bins, sketch->room, sizeof *sketch->bins);
    }
    const size_t ahead = before > 0 ? sketch->first - first : 0;
    memmove(sketch->bins + ahead, sketch->bins, before * sizeof *sketch->bins);
    memset(sketch->bins, 0, ahead * sizeof *sketch->bins);
    memset(sketch->bins + ahead + before, 0, (end - first - ahead - before) * sizeof *sketch->bins);
    sketch->first = (uint32_t)first;
    sketch->count = end - first;
    sketch->bins[bin - first] += count;
}

void lci_sketch_merge(const struct lci_sketch *from, struct lci_sketch *to)
{
    if (from->count == 0)
        return;
    lci_sketch_count(to, from->first, 0);
    lci_sketch_count(to, from->first + from->count - 1, 0);
    uint64_t *sums = to->bins + (from->first - to->first);
    for (size_t i = 0; i < from->count; i++)
        sums[i] += from->bins[i];
}

void lci_sketch_clear(struct lci_sketch *sketch)
{
    sketch->count = 0;
}

void lci_sketches_free(struct lci_sketch *sketches, size_t count)
{
    for (size_t i = 0; sketches != NULL && i < count; i++)
        free(sketches[i].bins);
    free(sketches);
}

static double edge(int64_t origin, size_t bin)
{
    const int64_t bits = (origin + (int64_t)bin) << (52 - LCI_SKETCH_BITS);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint64_t lci_sketch_total(const struct lci_sketch *sketch)
{
    uint64_t total = 0;
    for (size_t i = 0; i < sketch->count; i++)
        total += sketch->bins[i];
    return total;
}

/* Where a quantile lies: the bin, its count, and the sum of those before it. */
struct place {
    size_t bin;
    uint64_t count, below;
};

/* Goes on to the first bin up to which at least `wanted` values lie. */
static void go_on(const struct lci_sketch *sketch, double wanted, struct place *at)
{
    for (; at->bin < LCI_SKETCH_BINS - 1; at->bin++) {
        const size_t block = at->bin / LCI_SKETCH_BLOCK;
        const uint64_t *counts = lci_sketch_block(sketch, block);
        if (counts == NULL && block + 1 < LCI_SKETCH_BLOCKS) {
            at->bin = (block + 1) * LCI_SKETCH_BLOCK - 1;
            continue;
        }
        at->count = counts != NULL ? counts[at->bin % LCI_SKETCH_BLOCK] : 0;
        if (!((double)(at->below + at->count) < wanted))
            return;
        at->below += at->count;
    }
    const uint64_t *last = lci_sketch_block(sketch, LCI_SKETCH_BLOCKS - 1);
    at->count = last != NULL ? last[LCI_SKETCH_BLOCK - 1] : 0;
}

void lci_sketch_quantiles(const struct lci_sketch *sketch, int64_t origin, const double *probabilities, size_t count,
                          double *quantiles)
{
    const uint64_t total = lci_sketch_total(sketch);
    struct place at = {0};
    for (size_t k = 0; k < count; k++) {
        quantiles[k] = NAN;
        if (total == 0)
            continue;
        const double wanted = probabilities[k] * (double)total;
        go_on(sketch, wanted, &at);
        if (at.bin == 0) { /* smaller than can be told apart: zero, for all that matters */
            quantiles[k] = 0;
            continue;
        }
        const double part = at.count > 0 ? (wanted - (double)at.below) / (double)at.count : 0;
        const double low = edge(origin, at.bin), high = edge(origin, at.bin + 1);
        quantiles[k] = low + (part < 0 ? 0 : part > 1 ? 1 : part) * (high - low);
    }
}

double lci_sketch_above(const struct lci_sketch *sketch, int64_t origin, double value, double *all)
{
    double above = 0;
    *all = 0;
    for (size_t i = 0; i < LCI_SKETCH_BINS; i++) {
        const uint64_t *counts = lci_sketch_block(sketch, i / LCI_SKETCH_BLOCK);
        if (counts == NULL || counts[i % LCI_SKETCH_BLOCK] == 0)
            continue;
        const double low = i > 0 ? edge(origin, i) : 0, high = edge(origin, i + 1),
                     count = (double)counts[i % LCI_SKETCH_BLOCK];
        *all += count;
        above += low >= value ? count : high > value ? count * (high - value) / (high - low) : 0;
    }
    return above;
}
