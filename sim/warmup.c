/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "warmup.h"

#include <math.h>

#define BATCH 5

/* MSER(d) = Σ_{j ≥ d} (Z_j − mean of these)² / (k − d)² over the k batch means Z, by one pass from the back (Welford's
 * running mean and sum of squares). */
size_t lci_mser5(const double *values, size_t count, bool *at_bound)
{
    const size_t batches = count / BATCH, bound = batches / 2;
    double mean = 0, squares = 0, best = INFINITY;
    size_t cut = 0;
    for (size_t j = batches; j-- > 0;) {
        double z = 0;
        for (size_t i = 0; i < BATCH; i++)
            z += values[j * BATCH + i] / BATCH;
        const double n = (double)(batches - j), difference = z - mean;
        mean += difference / n;
        squares += difference * (z - mean);
        if (j <= bound && squares / (n * n) <= best) {
            best = squares / (n * n);
            cut = j;
        }
    }
    *at_bound = bound > 0 && cut == bound;
    return cut * BATCH;
}
