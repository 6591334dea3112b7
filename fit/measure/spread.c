/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spread.h"

#include "base/sort.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>

/* The middle of the fullest bin; of width 0: of the longest run of equal values. */
static double mode_of(const double *x, size_t n, double width)
{
    double best = x[0];
    size_t most = 0;
    for (size_t i = 0, end; i < n; i = end) {
        const double bin = width > 0 ? floor((x[i] - x[0]) / width) : 0;
        for (end = i + 1; end < n && (width > 0 ? floor((x[end] - x[0]) / width) == bin : x[end] == x[i]);)
            end++;
        if (end - i > most) {
            most = end - i;
            best = width > 0 ? x[0] + (bin + 0.5) * width : x[i];
        }
    }
    return best;
}

struct lci_spread lci_spread_of(double *values, size_t count, bool whole)
{
    if (count == 0)
        return (struct lci_spread){NAN, NAN, NAN, NAN};
    lci_sort_doubles(values, count);
    double sum = 0; /* in the order of size: it does not depend on which trace came first */
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    const double quartiles = gsl_stats_quantile_from_sorted_data(values, 1, count, 0.75) -
                             gsl_stats_quantile_from_sorted_data(values, 1, count, 0.25);
    return (struct lci_spread){
        .mean = sum / (double)count,
        .median = gsl_stats_quantile_from_sorted_data(values, 1, count, 0.5),
        .mode = mode_of(values, count, whole ? 0 : 2 * quartiles / cbrt((double)count)),
        .p95 = gsl_stats_quantile_from_sorted_data(values, 1, count, 0.95),
    };
}
