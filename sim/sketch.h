/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Distributions of times in bounded memory: bins of a width in proportion to the value (128 to a factor of two), so
 * that quantiles have a relative error of 0.4 % at the most, less by interpolation. Sketches of replications are merged
 * by adding. A bin's number is read off the bits of the value; the range of 64 doublings starts 2^-24 below the scale.
 *
 * Most of a sketch is empty. Only the bins from the first block that holds something to the last one have memory, so
 * that a sketch costs as much as it spreads, and to count a value takes a single look at where it lies.
 */
#ifndef LCI_SKETCH_H
#define LCI_SKETCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LCI_SKETCH_BITS   7
#define LCI_SKETCH_BINS   (64u << LCI_SKETCH_BITS)
#define LCI_SKETCH_BLOCK  64 /* bins */
#define LCI_SKETCH_BLOCKS (LCI_SKETCH_BINS / LCI_SKETCH_BLOCK)

struct lci_sketch { /* nothing but zeros: empty */
    uint64_t *bins; /* `count` of them, from the bin `first` on; both are whole blocks */
    uint64_t count;
    uint32_t first, room; /* room: bins that there is memory for */
    uint64_t padding;     /* to 32 bytes: found by a shift */
};

/* What the number of a value's bin is counted from. */
static inline int64_t lci_sketch_origin(double scale)
{
    const double lowest = scale * 0x1p-24;
    int64_t bits;
    memcpy(&bits, &lowest, sizeof bits);
    return bits >> (52 - LCI_SKETCH_BITS);
}

/* Counts in a bin outside of those that have memory, which it gets. */
void lci_sketch_widen(struct lci_sketch *sketch, size_t bin, uint64_t count);

static inline void lci_sketch_count(struct lci_sketch *sketch, size_t bin, uint64_t count)
{
    if (__builtin_expect(bin - sketch->first < sketch->count, 1))
        sketch->bins[bin - sketch->first] += count;
    else
        lci_sketch_widen(sketch, bin, count);
}

static inline void lci_sketch_add(struct lci_sketch *sketch, int64_t origin, double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const int64_t bin = (bits >> (52 - LCI_SKETCH_BITS)) - origin;
    if (__builtin_expect((uint64_t)bin - sketch->first < sketch->count, 1))
        sketch->bins[(uint64_t)bin - sketch->first]++;
    else
        lci_sketch_count(sketch, bin < 0 ? 0 : bin < LCI_SKETCH_BINS ? (size_t)bin : LCI_SKETCH_BINS - 1, 1);
}

/* The counts of a block; NULL: it holds nothing. */
static inline const uint64_t *lci_sketch_block(const struct lci_sketch *sketch, size_t block)
{
    const size_t at = block * LCI_SKETCH_BLOCK - sketch->first;
    return at < sketch->count ? sketch->bins + at : NULL;
}

/* Adds the counts of `from` to `to`. */
void lci_sketch_merge(const struct lci_sketch *from, struct lci_sketch *to);
/* Empties it, and keeps its memory. */
void lci_sketch_clear(struct lci_sketch *sketch);
/* Releases the memory of `count` sketches, and themselves. */
void lci_sketches_free(struct lci_sketch *sketches, size_t count);
/* Quantiles at rising probabilities; NaN when nothing was recorded. */
void lci_sketch_quantiles(const struct lci_sketch *sketch, int64_t origin, const double *probabilities, size_t count,
                          double *quantiles);
/* How many values it holds. */
uint64_t lci_sketch_total(const struct lci_sketch *sketch);
/* How many values lie above one, evenly spread within its bin; `all`: how many there are. */
double lci_sketch_above(const struct lci_sketch *sketch, int64_t origin, double value, double *all);

#endif
