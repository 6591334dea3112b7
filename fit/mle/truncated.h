/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is known of a value when it lies in an interval: the probability of that, and the means, given that, which the
 * components of mixtures are estimated from. Closed forms, accurate in tails and for intervals of any width.
 */
#ifndef MLE_TRUNCATED_H
#define MLE_TRUNCATED_H

struct lci_truncated {
    double log_mass; /* log P(low < X ≤ high) */
    double x, log_x, log2_x;
};

/* low < high, which may be infinite. Fills log_mass, log_x and log2_x. */
void lci_truncated_lognormal(double mu, double sigma, double low, double high, struct lci_truncated *t);
/* Fills log_mass and x. */
void lci_truncated_erlang(double shape, double scale, double low, double high, struct lci_truncated *t);
/* Fills log_mass, x and log_x. */
void lci_truncated_gamma(double shape, double scale, double low, double high, struct lci_truncated *t);

#endif
