/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sketch.h"

#include <math.h>
#include <stdlib.h>

#include "loadcast/base.h"

void lci_sketch_open(struct lci_sketch *sketch, size_t block)
{
    if (sketch->blocks == sketch->room) {
        sketch->room = sketch->room > 0 ? (uint16_t)(2 * sketch->room) : 4;
        sketch->bins = lc_realloc(sketch->bins, sketch->room * LCI_SKETCH_BLOCK, sizeof *sketch->bins);
    }
    memset(sketch->bins + sketch->blocks * LCI_SKETCH_BLOCK, 0, LCI_SKETCH_BLOCK * sizeof *sketch->bins);
    sketch->end[block] = (uint16_t)(++sketch->blocks * LCI_SKETCH_BLOCK);
}

void lci_sketch_merge(const struct lci_sketch *from, struct lci_sketch *to)
{
    for (size_t b = 0; from->blocks > 0 && b < LCI_SKETCH_BLOCKS; b++) {
        const uint64_t *counts = lci_sketch_block(from, b);
        if (counts == NULL)
            continue;
        if (to->end[b] == 0)
            lci_sketch_open(to, b);
        uint64_t *sums = to->bins + to->end[b] - LCI_SKETCH_BLOCK;
        for (size_t i = 0; i < LCI_SKETCH_BLOCK; i++)
            sums[i] += counts[i];
    }
}

void lci_sketch_clear(struct lci_sketch *sketch)
{
    sketch->blocks = 0;
    memset(sketch->end, 0, sizeof sketch->end);
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
    for (size_t i = 0; i < sketch->blocks * (size_t)LCI_SKETCH_BLOCK; i++)
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
