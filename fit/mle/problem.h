/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The likelihood as a function of free numbers: logarithms of what is positive, log odds of probabilities.
 */
#ifndef MLE_PROBLEM_H
#define MLE_PROBLEM_H

#include "estimate.h"

struct lci_problem {
    const struct lci_estimator *estimator;
    struct lci_data *data;
    struct lc_dist dist;  /* without shift; holds the parameters that do not vary */
    const double *center; /* parameters that vary by factors stay within e^±14 of these; NULL: anywhere */
};

/* How parameter i varies: a letter of the estimator's `variation`. */
char lci_variation(const struct lci_estimator *estimator, size_t i);
/* Whether parameter i has a number of its own in theta: the last of several probabilities follows from the others. */
bool lci_varies(const struct lci_problem *problem, size_t i);
/* Fills theta from problem->dist and returns how many numbers vary. */
size_t lci_problem_theta(const struct lci_problem *problem, double *theta);
/* Sets problem->dist to what theta stands for. */
void lci_problem_set(struct lci_problem *problem, const double *theta);
/* By the family's closed form where the data are exact, or as good as that (split.c). */
double lci_quick_likelihood(const struct lci_estimator *e, struct lci_data *data, const struct lc_dist *dist);
/* The log-likelihood at theta, −∞ out of range; `context` is the problem, whose dist is set. */
double lci_problem_value(const double *theta, void *context);

/* From the parameters in problem->dist to the maximum over those that vary, whose likelihood is stored. NULL, or why
 * there is none. */
const char *lci_climb(struct lci_problem *problem, double *best);

/* Fills the characteristics' errors from the covariances of theta; NULL: these are not known, the information is
 * singular. problem->dist is the maximum, and is changed. */
void lci_characteristic_errors(struct lci_problem *problem, const double *covariance, struct lc_fit *fit);

#endif
