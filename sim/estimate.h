/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Means over replications and their Student intervals.
 */
#ifndef LCI_ESTIMATE_H
#define LCI_ESTIMATE_H

#include "loadcast/result.h"

/* Mean and spread of a value over replications (Welford 1962). */
struct lci_moments {
    double count, mean, squares; /* squares: sum of squared differences from the mean */
};

void lci_moments_add(struct lci_moments *m, double value);
/* Half-width of the interval at `confidence`; NaN for fewer than two values. */
double lci_half_width(const struct lci_moments *m, double confidence);
struct lc_estimate lci_estimate(const struct lci_moments *m);

#endif
