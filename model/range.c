/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How far one replication may be from the mean of all. */
#include "loadcast/result.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#define LEAST 40 /* replications: fewer do not tell what one of forty exceeds */

void lc_result_range(const struct lc_result *result, const struct lc_estimate *estimate, double *low, double *high)
{
    const struct lc_samples *samples = &result->samples;
    size_t measure = 0, known = 0;
    *low = *high = NAN;
    while (measure < samples->count && samples->of[measure] != estimate)
        measure++;
    if (measure == samples->count || samples->replications < LEAST)
        return;
    double *values = lc_alloc(samples->replications * sizeof *values);
    for (size_t i = 0; i < samples->replications; i++)
        if (!isnan(samples->values[i * samples->count + measure]))
            values[known++] = samples->values[i * samples->count + measure];
    if (known >= LEAST) {
        gsl_sort(values, 1, known);
        *low = gsl_stats_quantile_from_sorted_data(values, 1, known, 0.025);
        *high = gsl_stats_quantile_from_sorted_data(values, 1, known, 0.975);
    }
    free(values);
}
