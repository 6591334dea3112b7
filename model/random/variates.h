/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The common path of the ziggurat variates (Marsaglia & Tsang 2000, 256 layers) inline, for hot loops. One 64-bit draw
 * in about 98.9 % of the cases: the low 8 bits choose the layer, bit 8 the sign, the high 53 bits the place in the
 * layer. These bits do not overlap (Doornik 2005 shows the harm when they do).
 */
#ifndef LCI_MODEL_RANDOM_VARIATES_H
#define LCI_MODEL_RANDOM_VARIATES_H

#include "loadcast/random.h"
#include "model/random/generator.h"

struct lci_ziggurat_layer {
    uint64_t inside; /* a 53-bit draw below this lies under the curve for certain */
    double width;    /* of the layer, divided by 2^53 */
};
extern const struct lci_ziggurat_layer lci_ziggurat_exponential_layers[256], lci_ziggurat_normal_layers[256];

/* The rare cases: `bits` is the draw that the common path could not use. */
double lci_ziggurat_exponential_rest(struct lc_random *r, uint64_t bits);
double lci_ziggurat_normal_rest(struct lc_random *r, uint64_t bits);

/* The same numbers as lci_random_exponential(). */
static inline double lci_ziggurat_exponential(struct lc_random *r)
{
    const uint64_t bits = lci_random_bits(r);
    const struct lci_ziggurat_layer *layer = &lci_ziggurat_exponential_layers[bits & 255];
    if (__builtin_expect((bits >> 11) < layer->inside, 1))
        return (double)(int64_t)(bits >> 11) * layer->width;
    return lci_ziggurat_exponential_rest(r, bits);
}

/* The same numbers as lci_random_normal(). */
static inline double lci_ziggurat_normal(struct lc_random *r)
{
    const uint64_t bits = lci_random_bits(r);
    const struct lci_ziggurat_layer *layer = &lci_ziggurat_normal_layers[bits & 255];
    if (__builtin_expect((bits >> 11) < layer->inside, 1)) {
        const double x = (double)(int64_t)(bits >> 11) * layer->width;
        return bits & 256 ? -x : x;
    }
    return lci_ziggurat_normal_rest(r, bits);
}

#endif
