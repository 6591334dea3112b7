/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The same requests in two nights. What a request costs depends on what it asks for; a test that asks for the same in
 * the same order each night shows it twice, and the differences of the pairs scatter less than the requests do.
 */
#ifndef LCI_FIT_PAIRS_H
#define LCI_FIT_PAIRS_H

#include "measures.h"

struct lci_pairs {
    double variance;       /* of the difference of the two means, s² */
    double ratio_variance; /* of their ratio */
    double freedom;        /* degrees of it */
};
/* True, and fills `pairs`, when both rows have the values of as many traces, at least 20, and what traces cost beyond
 * the mean is correlated between the sides at 0.0005, one-sided: then they are pairs. Choosing so leaves the level of
 * the test as it is: of normal values the correlation is independent of the difference of the means. Means are ratios
 * of sums over traces, whose variance is that of their residuals (Cochran, Sampling Techniques, 1977, §6.3). */
bool lci_are_pairs(const struct lci_measure_row *a, const struct lci_measure_row *b, struct lci_pairs *pairs);

#endif
