/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Estimators of demand at a resource whose utilization is known, or whose requests' arrivals and departures are. What
 * needs arrivals and departures only, one sample a request, is in waiting.h. Times in any unit.
 */
#ifndef LCI_NETWORK_DEMAND_ESTIMATORS_H
#define LCI_NETWORK_DEMAND_ESTIMATORS_H

#include <stdbool.h>
#include <stddef.h>

/* Extended regression for processor sharing (Perez, Casale and Pacheco-Sanchez, "Estimating computational requirements
 * in multi-threaded applications", IEEE TSE 2015): the slope through the origin of response times over the requests
 * that each arrival finds, itself included, per server. Where there are fewer requests than servers nobody is slowed
 * down: such arrivals count 1, which keeps the slope right at low load. Empty jobs are ignored; NaN without any. */
double lci_regressed_demand(const double *begin, const double *end, size_t count, double servers);

/* Non-negative least squares, min |a x − b| with x ≥ 0 (Lawson and Hanson, Solving Least Squares Problems, 1974,
 * chapter 23). `a` has rows × columns, row by row. `free_` tells which x are not held at 0. Returns |a x − b|². */
double lci_nnls(const double *a, const double *b, size_t rows, size_t columns, double *x, bool *free_);

struct lci_regression {
    double *demand, *standard_error; /* per class; error NaN for a demand that is held at 0. Owned. */
    double background;               /* busy servers without any request */
    double condition;                /* of the throughputs: large when classes always come in the same proportion */
    double explained;                /* R² */
};
/* Utilization-law regression: min Σ_w (busy_w − U0 − Σ_r X_wr D_r)² over D, U0 ≥ 0 (Rolia and Vetland 1995; Pacifici et
 * al. 2008). `throughput` has windows × classes. False with fewer windows than unknowns, or when the throughputs cannot
 * tell the classes apart; then nothing is to be freed. */
bool lci_utilization_regression(const double *busy, const double *throughput, size_t windows, size_t classes,
                                struct lci_regression *regression);
void lci_regression_free(struct lci_regression *regression);

/* Service-demand law over several classes: D_r = busy / X_r · R_r X_r / Σ_s R_s X_s, so that busy servers are divided
 * like the time that requests spend. `residence` and `demand` per class; classes without throughput get 0. */
void lci_demand_law(double busy, const double *throughput, const double *residence, size_t classes, double *demand);

#endif
