/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Means over replications and their Student intervals.
 */
#ifndef LCI_ESTIMATE_H
#define LCI_ESTIMATE_H

#include "loadcast/result.h"

/* Mean, spread and skewness of a value over replications (Welford 1962; Pébay 2008). */
struct lci_moments {
    double count, mean, squares, cubes; /* sums of squared and cubed differences from the mean */
};

void lci_moments_add(struct lci_moments *m, double value);
/* Half-width of Student's interval for `count` values in units of their standard error. */
double lci_student(double count, double confidence);
/* Half-width of the interval at `confidence`; NaN for fewer than two values. Queues and waiting times are skewed to the
 * right: means that are low by chance come with small spreads, and Student's interval then ends too early above the
 * mean. Its longer side after Hall's transformation, which removes skewness (Journal of the Royal Statistical Society B
 * 54, 1992), is taken for both. */
double lci_half_width(const struct lci_moments *m, double confidence);
struct lc_estimate lci_estimate(const struct lci_moments *m);

#endif
