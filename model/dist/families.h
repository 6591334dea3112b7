/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The families (one file each, listed in families.def) and the mathematics that several of them share.
 */
#ifndef FAMILIES_H
#define FAMILIES_H

#include "loadcast/dist.h"

#define FAMILY(name) extern const struct lc_family lci_family_##name;
#include "loadcast/families.def"

/* The x with cdf(x) = u by Newton steps kept inside a bracket; for continuous families on (0, ∞). */
double lci_quantile_search(const struct lc_family *family, const double *p, size_t n, double u);

/* True when all of p[0 … n−1] are finite and above 0. */
bool lci_all_positive(const double *p, size_t n);

/* Regularised incomplete gamma functions P(shape, x) and Q = 1 − P, x ≥ 0. */
double lci_gamma_p(double shape, double x);
double lci_gamma_q(double shape, double x);
/* log Γ(x) without the C library's global sign. */
double lci_log_gamma(double x);
/* A gamma variate of scale 1 (Marsaglia & Tsang 2000). */
double lci_gamma_sample(double shape, struct lc_random *r);

/* Distribution function of the standard normal, and its logarithm, accurate in the left tail. */
double lci_normal_cdf(double z);
double lci_log_normal_cdf(double z);
double lci_normal_quantile(double u);
/* φ(z) / (1 − Φ(z)). */
double lci_normal_hazard(double z);

/* log(1 + exp(t)) without overflow. */
double lci_log1p_exp(double t);

#endif
