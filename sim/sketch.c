/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sketch.h"

#include <math.h>

void lci_sketch_merge(const struct lci_sketch *from, struct lci_sketch *to)
{
    for (size_t b = 0; b < LCI_SKETCH_BLOCKS; b++)
        if (lci_sketch_uses(from, b))
            for (size_t i = b * LCI_SKETCH_BLOCK; i < (b + 1) * LCI_SKETCH_BLOCK; i++)
                to->bins[i] += from->bins[i];
    for (size_t i = 0; i < LCI_SKETCH_BLOCKS / 64; i++)
        to->used[i] |= from->used[i];
}

void lci_sketch_clear(struct lci_sketch *sketch)
{
    for (size_t b = 0; b < LCI_SKETCH_BLOCKS; b++)
        if (lci_sketch_uses(sketch, b))
            memset(sketch->bins + b * LCI_SKETCH_BLOCK, 0, LCI_SKETCH_BLOCK * sizeof *sketch->bins);
    memset(sketch->used, 0, sizeof sketch->used);
}

static double edge(int64_t origin, size_t bin)
{
    const int64_t bits = (origin + (int64_t)bin) << (52 - LCI_SKETCH_BITS);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t total_of(const struct lci_sketch *sketch)
{
    uint64_t total = 0;
    for (size_t b = 0; b < LCI_SKETCH_BLOCKS; b++)
        if (lci_sketch_uses(sketch, b))
            for (size_t i = b * LCI_SKETCH_BLOCK; i < (b + 1) * LCI_SKETCH_BLOCK; i++)
                total += sketch->bins[i];
    return total;
}

void lci_sketch_quantiles(const struct lci_sketch *sketch, int64_t origin, const double *probabilities, size_t count,
                          double *quantiles)
{
    const uint64_t *bins = sketch->bins, total = total_of(sketch);
    uint64_t below = 0;
    size_t bin = 0;
    for (size_t k = 0; k < count; k++) {
        quantiles[k] = NAN;
        if (total == 0)
            continue;
        const double wanted = probabilities[k] * (double)total;
        while (bin < LCI_SKETCH_BINS - 1) {
            const size_t block = bin / LCI_SKETCH_BLOCK;
            if (!lci_sketch_uses(sketch, block) && (double)below < wanted && block + 1 < LCI_SKETCH_BLOCKS) {
                bin = (block + 1) * LCI_SKETCH_BLOCK;
                continue;
            }
            if (!((double)(below + bins[bin]) < wanted))
                break;
            below += bins[bin++];
        }
        if (bin == 0) { /* smaller than can be told apart: zero, for all that matters */
            quantiles[k] = 0;
            continue;
        }
        const double part = bins[bin] > 0 ? (wanted - (double)below) / (double)bins[bin] : 0;
        const double low = edge(origin, bin), high = edge(origin, bin + 1);
        quantiles[k] = low + (part < 0 ? 0 : part > 1 ? 1 : part) * (high - low);
    }
}

double lci_sketch_above(const struct lci_sketch *sketch, int64_t origin, double value, double *all)
{
    double above = 0;
    *all = 0;
    for (size_t i = 0; i < LCI_SKETCH_BINS; i++) {
        if (!lci_sketch_uses(sketch, i / LCI_SKETCH_BLOCK) || sketch->bins[i] == 0)
            continue;
        const double low = i > 0 ? edge(origin, i) : 0, high = edge(origin, i + 1), count = (double)sketch->bins[i];
        *all += count;
        above += low >= value ? count : high > value ? count * (high - value) / (high - low) : 0;
    }
    return above;
}
