/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Samples made from samples: counted from another origin, or binned.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"

void lci_data_shifted(struct lci_data *shifted, const struct lci_data *data, double shift)
{
    double *x = lc_alloc(data->n * sizeof *x), *high = data->high != NULL ? lc_alloc(data->n * sizeof *high) : NULL;
    for (size_t i = 0; i < data->n; i++) {
        x[i] = data->x[i] - shift;
        if (high != NULL)
            high[i] = data->high[i] - shift;
    }
    *shifted = (struct lci_data){.n = data->n,
                                 .x = x,
                                 .high = high,
                                 .weight = data->weight,
                                 .total = data->total,
                                 .unit = data->unit,
                                 .grain = data->grain,
                                 .minimum = data->minimum - shift,
                                 .maximum = data->maximum - shift,
                                 .mean = data->mean - shift,
                                 .variance = data->variance,
                                 .own_x = x,
                                 .own_high = high};
}

bool lci_data_binned(struct lci_data *binned, struct lci_data *data, size_t bins)
{
    if (data->high != NULL || data->n < 4 * bins || !(data->minimum > 0))
        return false;
    lci_data_logs(data);
    const double low = log(data->minimum), step = (log(data->maximum) - low) / (double)bins;
    if (!(step > 0))
        return false;
    double *x = lc_calloc(bins, sizeof *x), *logs = lc_calloc(bins, sizeof *logs);
    double *weight = lc_calloc(bins, sizeof *weight);
    for (size_t i = 0; i < data->n; i++) {
        const double w = lci_weight(data, i);
        size_t bin = (size_t)fmax((data->logs[i] - low) / step, 0);
        bin = bin < bins ? bin : bins - 1;
        weight[bin] += w;
        x[bin] += w * data->x[i];
        logs[bin] += w * (data->logs[i] - low); /* from a point nearby, for the digits */
    }
    size_t n = 0;
    for (size_t bin = 0; bin < bins; bin++) {
        if (!(weight[bin] > 0))
            continue;
        x[n] = x[bin] / weight[bin];
        logs[n] = low + logs[bin] / weight[bin];
        weight[n++] = weight[bin];
    }
    *binned = (struct lci_data){.n = n,
                                .x = x,
                                .weight = weight,
                                .total = data->total,
                                .minimum = data->minimum,
                                .grain = data->grain,
                                .maximum = data->maximum,
                                .mean = data->mean,
                                .variance = data->variance,
                                .logs = logs,
                                .mean_log = data->mean_log,
                                .variance_log = data->variance_log,
                                .own_x = x,
                                .own_weight = weight};
    return true;
}
