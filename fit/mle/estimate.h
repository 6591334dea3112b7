/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the estimators of the families share. An estimator of a family of fixed size finds the maximum for exact data;
 * censored data go one way for all of them: numerical maximisation from that start. Families of varying size (mixtures,
 * phase-type) have an estimator for everything.
 */
#ifndef MLE_ESTIMATE_H
#define MLE_ESTIMATE_H

#include "data.h"

enum { LCI_PARAMETERS_MAXIMUM = 24 }; /* of a family that is varied freely; eight components of three at the most */

/* When the choice tries a family, unless all are asked for. */
enum lci_stage {
    LCI_SIMPLE,    /* always */
    LCI_SCATTERED, /* next, with shifts */
    LCI_MIXTURE,   /* next, with shifts at last */
    LCI_DEAR       /* only when all are asked for */
};

/* How densities behave at their origin, which decides what shift is the most likely one (shift.c). */
enum lci_value_origin {
    LCI_FIXED,   /* no shift: the family has a minimum of its own */
    LCI_FALLING, /* densities nowhere rise: the likelihood rises with the shift, so the greatest one is best */
    LCI_RISING,
    LCI_RISING_DEARLY /* an iteration with several starts: fewer shifts are tried, on rough estimates */
};

struct lci_problem; /* problem.h */

/* All that is known of fitting a family; lci_estimator_NAME in NAME.c. */
struct lci_estimator {
    const char *family;
    /* One letter a parameter, how it is varied: 'l' by its logarithm, 'i' itself, 'f' not at all; 'o' a probability by
     * its odds, 'p' one of several that sum to 1. Families of varying size: the letters of one component, none where
     * different parameters give the same distribution. */
    const char *variation;
    enum lci_stage stage;
    size_t ends; /* parameters that are ends of the support: the least or greatest value */
    enum lci_value_origin origin;
    /* Parameters shape, shape + stride, … that must be at least 1 for the density to be bounded at its origin; stride
     * 0: it always is. */
    size_t shape, stride;
    /* The maximum for exact data, not all equal, > 0. Returns NULL, or why there is none. */
    const char *(*exact)(struct lci_data *data, double *p, const char **note);
    /* Of exact data, quickly; NULL: by summing log densities. */
    double (*log_likelihood)(struct lci_data *data, const double *p);
    bool sums; /* log_likelihood looks at all values */
    /* For intervals, from the maximum of their middles in problem->dist to the maximum; NULL: lci_climb(). Returns
     * NULL, or why there is none. */
    const char *(*intervals)(struct lci_problem *problem, double *best);
    /* Where a parameter is a whole number: the same distribution in a family in which it is not, whose errors allow for
     * its being estimated. Owned by the caller. NULL: no parameter is. */
    struct lc_dist (*continuous)(const struct lc_dist *dist);
    /* For families of varying size, instead of the above: makes dist (left empty on failure). */
    const char *(*whole)(struct lci_data *data, struct lc_dist *dist, size_t *free_parameters);
};
/* NULL when the family cannot be estimated. */
const struct lci_estimator *lci_estimator_find(const char *family);
/* All of them, in the order in which they are tried; ends with NULL. */
const struct lci_estimator *const *lci_estimators(void);

#define FAMILY(name)
#define FITTED(name) extern const struct lci_estimator lci_estimator_##name;
#include "loadcast/families.def"

/* By the densities (exact) or probabilities (intervals) of the rows; −∞ is possible. */
double lci_log_likelihood(const struct lci_data *data, const struct lc_dist *dist);
/* That of one row, without its weight. */
double lci_row_log_likelihood(const struct lci_data *data, const struct lc_dist *dist, size_t row);

/* Greatest value of f near theta[0 … n−1] by the simplex method (Nelder & Mead 1965, restarted), first steps `step`. */
double lci_maximise(double (*f)(const double *theta, void *context), void *context, double *theta, const double *step,
                    size_t n);
/* The covariances of theta (n × n) from the second differences of the log-likelihood f at its maximum; false when these
 * are not negative definite. n is at most LCI_PARAMETERS_MAXIMUM. */
bool lci_covariance(double (*f)(const double *theta, void *context), void *context, const double *theta, size_t n,
                    double *covariance);

/* lc_fit_family() on prepared data, in two parts: the maximum with its likelihood; standard errors and goodness. */
int lci_fit(const struct lc_family *family, struct lci_data *data, struct lc_fit *fit);
void lci_fit_statistics(struct lci_data *data, struct lc_fit *fit);
/* AIC, AICc and BIC from the likelihood of n values and the number of parameters. */
void lci_criteria(struct lc_fit *fit, double n);

/* Like lci_fit(), with the most likely shift; −1 when that is 0, or when there is none (see shift.c). */
int lci_fit_shifted(const struct lc_family *family, struct lci_data *data, struct lc_fit *fit);
/* Mean, deviation, median, 95th and 99th percentile, in the order of enum lc_characteristic. */
void lci_characteristics(const struct lc_dist *dist, double *values);
/* From the observed information, for the shift as it is: of the parameters — standard_errors stays NULL where it is
 * singular — and of the characteristics. */
void lci_standard_errors(struct lci_data *data, struct lc_fit *fit);
/* The characteristics of an empirical distribution and their errors: moments of the sample, and quantiles a binomial
 * deviation to both sides. */
void lci_empirical_errors(struct lci_data *data, struct lc_fit *fit);
/* 95 % profile-likelihood intervals (interval_low, interval_high) of families of one or two parameters. */
void lci_profile_intervals(struct lci_data *data, struct lc_fit *fit);
/* Fills characteristic_low and characteristic_high of a fit that has standard errors. */
void lci_characteristic_intervals(struct lci_data *data, struct lc_fit *fit);
/* A number > 0 as one of several families tells it, with a 95 % interval that may be open above (infinite). */
struct lci_said {
    double value, low, high, weight;
};
/* What they say together, and its 95 % interval: infinite `high` where it is open above. */
void lci_average(const struct lci_said *said, size_t count, double *value, double *low, double *high);
/* p values of ks, ad and cvm, and bootstrap_errors, from `samples` samples of the fit that are fitted anew. */
void lci_bootstrap(struct lc_fit *fit, const struct lci_data *data, int samples, uint64_t seed);

/* Whether a family fits well enough to be chosen (docs/fitting.md). */
bool lci_fits(const struct lc_choice *choice, const struct lc_fit *fit);

/* Solves digamma: the gamma shape k with log k − ψ(k) = s, s > 0. */
double lci_gamma_shape(double s);

/* The maximum and the likelihood of exact data that several families build on. */
const char *lci_gamma_exact(struct lci_data *data, double *p, const char **note);
const char *lci_log_logistic_exact(struct lci_data *data, double *p, const char **note);

#endif
