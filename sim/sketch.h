/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Distributions of times in bounded memory: bins of a width in proportion to the value (128 to a factor of two), so
 * that quantiles have a relative error of 0.4 % at the most, less by interpolation. Sketches of replications are merged
 * by adding. A bin's number is read off the bits of the value; the range of 64 doublings starts 2^-24 below the scale.
 */
#ifndef LCI_SKETCH_H
#define LCI_SKETCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LCI_SKETCH_BITS 7
#define LCI_SKETCH_BINS (64u << LCI_SKETCH_BITS)

/* What the number of a value's bin is counted from. */
static inline int64_t lci_sketch_origin(double scale)
{
    const double lowest = scale * 0x1p-24;
    int64_t bits;
    memcpy(&bits, &lowest, sizeof bits);
    return bits >> (52 - LCI_SKETCH_BITS);
}

static inline void lci_sketch_add(uint64_t *bins, int64_t origin, double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const int64_t bin = (bits >> (52 - LCI_SKETCH_BITS)) - origin;
    if (__builtin_expect((uint64_t)bin < LCI_SKETCH_BINS, 1))
        bins[bin]++;
    else
        bins[bin < 0 ? 0 : LCI_SKETCH_BINS - 1]++;
}

/* Adds the counts of `from` to `to`. Pages of `to` to which nothing is added are not touched. */
void lci_sketch_merge(const uint64_t *from, uint64_t *to);
void lci_sketch_clear(uint64_t *bins, size_t count);
/* Quantiles at rising probabilities; NaN when nothing was recorded. */
void lci_sketch_quantiles(const uint64_t *bins, int64_t origin, const double *probabilities, size_t count,
                          double *quantiles);
/* How many values lie above one, evenly spread within its bin; `all`: how many there are. */
double lci_sketch_above(const uint64_t *bins, int64_t origin, double value, double *all);

#endif
