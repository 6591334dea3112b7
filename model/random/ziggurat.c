/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ziggurat.h"
#include "model/random/generator.h"

#include <math.h>
#include <stdbool.h>

#include "model/random/variates.h"

/* The height of a point drawn uniformly in layer i, whose upper edge is that of layer i + 1. */
static double height(struct lc_random *r, const double *heights, unsigned i)
{
    const double upper = i == 255 ? 1 : heights[i + 1];
    return heights[i] + lci_random_uniform(r) * (upper - heights[i]);
}

double lci_ziggurat_exponential_rest(struct lc_random *r, uint64_t bits)
{
    double shift = 0;
    while (true) {
        const unsigned i = bits & 255;
        const double x = (double)(bits >> 11) * lci_ziggurat_exponential_layers[i].width;
        if ((bits >> 11) < lci_ziggurat_exponential_layers[i].inside)
            return shift + x;
        if (i == 0) /* The tail of an exponential is an exponential again. */
            shift += lci_ziggurat_exponential_tail;
        else if (height(r, lci_ziggurat_exponential_heights, i) < exp(-x))
            return shift + x;
        bits = lci_random_bits(r);
    }
}

/* Marsaglia 1964: a normal variate beyond the tail's start. */
static double normal_tail(struct lc_random *r)
{
    const double start = lci_ziggurat_normal_tail;
    while (true) {
        const double x = lci_ziggurat_exponential(r) / start;
        if (2 * lci_ziggurat_exponential(r) > x * x)
            return start + x;
    }
}

double lci_ziggurat_normal_rest(struct lc_random *r, uint64_t bits)
{
    while (true) {
        const unsigned i = bits & 255;
        const double x = (double)(bits >> 11) * lci_ziggurat_normal_layers[i].width;
        if ((bits >> 11) < lci_ziggurat_normal_layers[i].inside)
            return bits & 256 ? -x : x;
        if (i == 0) {
            const double tail = normal_tail(r);
            return bits & 256 ? -tail : tail;
        }
        if (height(r, lci_ziggurat_normal_heights, i) < exp(-x * x / 2))
            return bits & 256 ? -x : x;
        bits = lci_random_bits(r);
    }
}

double lci_random_exponential(struct lc_random *r)
{
    return lci_ziggurat_exponential(r);
}

double lci_random_normal(struct lc_random *r)
{
    return lci_ziggurat_normal(r);
}
