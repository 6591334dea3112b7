/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the curves of single runs to means and bands. What is a ratio in each run (the response times of the requests
 * that ended in a bin) is the ratio of the sums over all runs, with the interval of a ratio estimator (Cochran 1977,
 * 6.4): runs with few requests count for little.
 */
#include "base/sort.h"
#include "estimate.h"
#include "transient.h"

#include <math.h>
#include <stdlib.h>

#define OUTSIDE 0.05 /* of the runs on either side of the range */

/* Quantile of sorted values, linear between them. */
static double quantile(const double *sorted, size_t count, double u)
{
    const double place = u * (double)(count - 1);
    const size_t below = (size_t)place;
    if (below + 1 >= count)
        return sorted[count - 1];
    return sorted[below] + (place - (double)below) * (sorted[below + 1] - sorted[below]);
}

static void summarise(const struct lci_curves *c, struct lc_curve *curve, size_t index, size_t bin, double *values)
{
    double sum = 0, weight = 0;
    size_t count = 0;
    for (unsigned run = 0; run < c->runs; run++) {
        const size_t at = lci_curve_at(c, run, index, bin);
        if (isnan(c->values[at]))
            continue;
        sum += (double)c->values[at] * (double)c->weights[at];
        weight += (double)c->weights[at];
        values[count++] = (double)c->values[at];
    }
    const bool percentile = curve->quantity == LC_CURVE_RESPONSE_P95;
    if (count == 0) {
        curve->mean[bin] = curve->ci95[bin] = curve->low[bin] = curve->high[bin] = NAN;
        return;
    }
    const double mean = sum / weight;
    struct lci_moments moments = {0}; /* of what each run adds to the error of the mean */
    for (unsigned run = 0; run < c->runs; run++) {
        const size_t at = lci_curve_at(c, run, index, bin);
        if (!isnan(c->values[at]))
            lci_moments_add(&moments, ((double)c->values[at] - mean) * (double)c->weights[at] * (double)count / weight);
    }
    if (!percentile)
        curve->mean[bin] = mean;
    curve->ci95[bin] = lci_half_width(&moments, 0.95);
    lci_sort_doubles(values, count);
    curve->low[bin] = c->runs > 1 ? quantile(values, count, OUTSIDE) : NAN; /* a single run has no band */
    curve->high[bin] = c->runs > 1 ? quantile(values, count, 1 - OUTSIDE) : NAN;
}

void lci_curves_summarise(const struct lci_curves *curves, struct lc_transient *to)
{
    double *values = lc_calloc(curves->runs, sizeof *values);
    for (size_t i = 0; i < to->count; i++)
        for (size_t bin = 0; bin < to->bins; bin++)
            summarise(curves, &to->curves[i], i, bin, values);
    free(values);
}
