/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sketch.h"

#include <math.h>
#include <stdbool.h>

/* Most of a sketch is empty: it is gone through in blocks, which a compiler turns into a few wide loads each. */
#define BLOCK 64u

static bool is_empty(const uint64_t *block)
{
    uint64_t any = 0;
    for (size_t i = 0; i < BLOCK; i++)
        any |= block[i];
    return any == 0;
}

void lci_sketch_merge(const uint64_t *from, uint64_t *to)
{
    for (size_t b = 0; b < LCI_SKETCH_BINS; b += BLOCK)
        if (!is_empty(from + b))
            for (size_t i = b; i < b + BLOCK; i++)
                to[i] += from[i];
}

void lci_sketch_clear(uint64_t *bins, size_t count)
{
    for (size_t b = 0; b < count * LCI_SKETCH_BINS; b += BLOCK)
        if (!is_empty(bins + b))
            memset(bins + b, 0, BLOCK * sizeof *bins);
}

static double edge(int64_t origin, size_t bin)
{
    const int64_t bits = (origin + (int64_t)bin) << (52 - LCI_SKETCH_BITS);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void lci_sketch_quantiles(const uint64_t *bins, int64_t origin, const double *probabilities, size_t count,
                          double *quantiles)
{
    uint64_t total = 0, below = 0;
    for (size_t i = 0; i < LCI_SKETCH_BINS; i++)
        total += bins[i];
    size_t bin = 0;
    for (size_t k = 0; k < count; k++) {
        quantiles[k] = NAN;
        if (total == 0)
            continue;
        const double wanted = probabilities[k] * (double)total;
        while (bin < LCI_SKETCH_BINS - 1 && (double)(below + bins[bin]) < wanted)
            below += bins[bin++];
        if (bin == 0) { /* smaller than can be told apart: zero, for all that matters */
            quantiles[k] = 0;
            continue;
        }
        const double part = bins[bin] > 0 ? (wanted - (double)below) / (double)bins[bin] : 0;
        const double low = edge(origin, bin), high = edge(origin, bin + 1);
        quantiles[k] = low + (part < 0 ? 0 : part > 1 ? 1 : part) * (high - low);
    }
}

double lci_sketch_above(const uint64_t *bins, int64_t origin, double value, double *all)
{
    double above = 0;
    *all = 0;
    for (size_t i = 0; i < LCI_SKETCH_BINS; i++) {
        if (bins[i] == 0)
            continue;
        const double low = i > 0 ? edge(origin, i) : 0, high = edge(origin, i + 1), count = (double)bins[i];
        *all += count;
        above += low >= value ? count : high > value ? count * (high - value) / (high - low) : 0;
    }
    return above;
}
