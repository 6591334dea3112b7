/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Distributions of times in bounded memory: bins of a width in proportion to the value (128 to a factor of two), so
 * that quantiles have a relative error of 0.4 % at the most, less by interpolation. Sketches of replications are merged
 * by adding. A bin's number is read off the bits of the value; the range of 64 doublings starts 2^-24 below the scale.
 *
 * Most of a sketch is empty. Only blocks of bins that hold something have memory, so that a sketch costs as much as it
 * spreads.
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

struct lci_sketch {                  /* nothing but zeros: empty */
    uint64_t *bins;                  /* [block][bin], blocks in the order of their first values */
    uint16_t blocks, room;           /* in use; allocated */
    uint16_t end[LCI_SKETCH_BLOCKS]; /* of each block in `bins`: the index behind it; 0: it holds nothing */
};

/* What the number of a value's bin is counted from. */
static inline int64_t lci_sketch_origin(double scale)
{
    const double lowest = scale * 0x1p-24;
    int64_t bits;
    memcpy(&bits, &lowest, sizeof bits);
    return bits >> (52 - LCI_SKETCH_BITS);
}

/* Gives an empty block its place. */
void lci_sketch_open(struct lci_sketch *sketch, size_t block);

static inline void lci_sketch_count(struct lci_sketch *sketch, size_t bin, uint64_t count)
{
    const size_t block = bin / LCI_SKETCH_BLOCK;
    if (__builtin_expect(sketch->end[block] == 0, 0))
        lci_sketch_open(sketch, block);
    (sketch->bins + sketch->end[block])[(int64_t)(bin % LCI_SKETCH_BLOCK) - LCI_SKETCH_BLOCK] += count;
}

static inline void lci_sketch_add(struct lci_sketch *sketch, int64_t origin, double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const int64_t bin = (bits >> (52 - LCI_SKETCH_BITS)) - origin;
    if (__builtin_expect((uint64_t)bin < LCI_SKETCH_BINS, 1))
        lci_sketch_count(sketch, (size_t)bin, 1);
    else
        lci_sketch_count(sketch, bin < 0 ? 0 : LCI_SKETCH_BINS - 1, 1);
}

/* The counts of a block; NULL: it holds nothing. */
static inline const uint64_t *lci_sketch_block(const struct lci_sketch *sketch, size_t block)
{
    return sketch->end[block] > 0 ? sketch->bins + sketch->end[block] - LCI_SKETCH_BLOCK : NULL;
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
