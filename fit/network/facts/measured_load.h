/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was recorded in each bin of load, as a model predicts it.
 */
#ifndef LCI_NETWORK_MEASURED_LOAD_H
#define LCI_NETWORK_MEASURED_LOAD_H

#include "network/visits/visits.h"

/* A level for each bin, quietest first; nothing when no classes of requests are asked for. For lc_measured_free(). */
struct lc_measured lci_measure_load(const struct lci_visits *visits, const struct lc_load_bins *bins);

/* Standard error of the ratio of all sums to all counts, from batches that are independent of each other, at the mean
 * of the inputs: what a line through the batches' errors over their inputs leaves. */
double lci_batch_error(const double *sums, const double *counts, const double *inputs, size_t batches);
/* Standard error of the mean of the values at the inputs' mean: of what a line through them leaves. */
double lci_batch_residual(const double *values, const double *inputs, size_t batches);

#endif
