/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Distributions of times (non-negative). A distribution is a family, its parameters and an optional shift (a minimum
 * that is added to every variate). Every family implements one interface (struct lc_family), lives in one file of
 * model/dist/ and stands in one line of the table there.
 *
 * Families and parameters (in this order; times in the caller's unit):
 *   deterministic   value
 *   uniform         minimum, maximum
 *   exponential     mean
 *   erlang          shape (integer), mean
 *   gamma           shape, scale
 *   lognormal       mu, sigma                     (of the logarithm)
 *   normal          mean, sd                      (of the untruncated normal; truncated at 0)
 *   weibull         shape, scale
 *   log_logistic    shape, scale
 *   inverse_gaussian mean, shape
 *   pareto          shape, minimum
 *   lomax           shape, scale
 *   burr            shape1, shape2, scale         (Burr XII: S(x) = (1 + (x/scale)^shape1)^-shape2)
 *   hyperexponential  p1, mean1, p2, mean2, …     (probabilities sum to 1)
 *   hyper_erlang    p1, shape1, mean1, …
 *   coxian          rate1, q1, rate2, q2, …, raten (q: probability to go on to the next phase)
 *   phase_type      n, alpha[n], T[n*n]           (initial probabilities, sub-generator by rows)
 *   lognormal_mixture p1, mu1, sigma1, …
 *   gamma_mixture   p1, shape1, scale1, …
 *   moments         mean, cv2                     (what LQN files say: cv2 0 constant, below 1 gamma, 1 exponential,
 *                                                  above 1 hyperexponential with balanced means)
 *   empirical       x1 ≤ x2 ≤ … ≤ xn              (sorted sample; quantile interpolates linearly)
 */
#ifndef LOADCAST_DIST_H
#define LOADCAST_DIST_H

#include "base.h"
#include "random.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lc_family;

struct lc_dist {
    const struct lc_family *family; /* NULL: no distribution (absent) */
    double shift;                   /* added to every variate, ≥ 0 */
    size_t count;                   /* how many parameters */
    double *parameters;             /* owned */
    bool assumed;                   /* exponential only because nothing but its mean was stated */
    /* Of a demand or think time of a phase or activity: correlation, between -1 and 1, of its normal score with the
     * size of the request that it is part of, a normal variate that all times of one request share (a Gaussian copula:
     * the distribution of the time stays what it is). 0: it does not depend on other times. */
    double size_correlation;
};

struct lc_family {
    const char *name;
    const char *const *parameter_names; /* ends with NULL; for families of varying size the names of one component */
    size_t minimum_count;               /* parameters of a fixed family, or of the smallest member */
    bool fixed;                         /* count == minimum_count always */
    /* All work on the distribution without its shift. x, mean and variance in the caller's unit. */
    bool (*valid)(const double *p, size_t n);
    double (*log_density)(const double *p, size_t n, double x); /* −∞ outside the support; atoms: log of the mass */
    double (*cdf)(const double *p, size_t n, double x);         /* P(X ≤ x) */
    double (*survival)(const double *p, size_t n, double x);    /* P(X > x), accurate in the tail */
    double (*quantile)(const double *p, size_t n, double u);    /* 0 ≤ u ≤ 1 */
    void (*moments)(const double *p, size_t n, double *mean, double *variance); /* may be infinite */
    double (*sample)(const double *p, size_t n, struct lc_random *r);
    /* Multiplies the variate by `factor` > 0 by changing the parameters (every family here is closed under scaling). */
    void (*scale)(double *p, size_t n, double factor);
    const char *range; /* what valid() asks for, in words: "shape > 0, scale > 0" */
};

/* NULL when there is no such family. Names as above; '-' and ' ' are taken for '_'. */
const struct lc_family *lc_family_find(const char *name);

/* Copies the parameters. The result is freed with lc_dist_free(). */
struct lc_dist lc_dist_make(const struct lc_family *family, double shift, const double *parameters, size_t count);
struct lc_dist lc_dist_named(const char *family, size_t count, ...); /* family must exist; `count` doubles follow */
struct lc_dist lc_dist_exponential(double mean);
struct lc_dist lc_dist_deterministic(double value);
void lc_dist_free(struct lc_dist *d);

/* With the shift. */
double lc_dist_mean(const struct lc_dist *d);
double lc_dist_variance(const struct lc_dist *d);
double lc_dist_cv2(const struct lc_dist *d); /* variance / mean², 0 when the mean is 0 */
double lc_dist_log_density(const struct lc_dist *d, double x);
double lc_dist_cdf(const struct lc_dist *d, double x);
double lc_dist_survival(const struct lc_dist *d, double x);
double lc_dist_quantile(const struct lc_dist *d, double u);
double lc_dist_sample(const struct lc_dist *d, struct lc_random *r);
/* "gamma(shape 2.1, scale 38.2 ms)": for people; unit may be "". Owned by the caller. */
char *lc_dist_text(const struct lc_dist *d, const char *unit);

#ifdef __cplusplus
}
#endif

#endif
