/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Burr XII: for given shape1 and scale the best shape2 is 1 / mean(log(1 + (x/scale)^shape1)); the other two by the
 * simplex method on their logarithms. Of many values the mean of log(1 + …) is that of 8192 bins of log x: with h the
 * width of a bin it is off by at most shape1² h² / 96, some 1e-7, far below what the values themselves can tell; shape2
 * and the likelihood are computed from all values.
 */
#include <math.h>

#include "problem.h"

static double log_power_mean(const struct lci_data *data, double shape, double log_scale)
{
    double sum = 0;
    for (size_t i = 0; i < data->n; i++) {
        const double t = shape * (data->logs[i] - log_scale);
        sum += lci_weight(data, i) * (fmax(t, 0) + log1p(exp(-fabs(t))));
    }
    return sum / data->total;
}

static double likelihood(const struct lci_data *data, double shape1, double shape2, double log_scale, double mean)
{
    return data->total *
           (log(shape1 * shape2) + (shape1 - 1) * data->mean_log - shape1 * log_scale - (shape2 + 1) * mean);
}

static double profile(const double *theta, void *context)
{
    const struct lci_data *data = context;
    /* Towards the ends the family becomes a Weibull or a Pareto distribution and the scale runs away. */
    if (fabs(theta[0]) > 6 || fabs(theta[1] - data->mean_log) > 12)
        return -INFINITY;
    const double shape1 = exp(theta[0]), mean = log_power_mean(data, shape1, theta[1]);
    return likelihood(data, shape1, 1 / mean, theta[1], mean);
}

static const char *burr_exact(struct lci_data *data, double *p, const char **note)
{
    enum { BINS = 8192 };
    double theta[2];
    const double step[] = {0.3, 0.3};
    struct lci_data bins;
    const char *failure = lci_log_logistic_exact(data, p, note); /* the Burr distribution with shape2 = 1 */
    if (failure != NULL)
        return failure;
    theta[0] = fmin(log(p[0]), 5);
    theta[1] = log(p[1]);
    const bool binned = lci_data_binned(&bins, data, BINS);
    lci_maximise(profile, binned ? &bins : data, theta, step, 2);
    if (binned)
        lci_data_free(&bins);
    p[0] = exp(theta[0]);
    p[2] = exp(theta[1]);
    p[1] = 1 / log_power_mean(data, p[0], theta[1]);
    if (fabs(theta[1] - data->mean_log) > 11.9)
        *note = "no maximum: the likelihood rises towards a Weibull or Pareto distribution";
    return NULL;
}

static double burr_log_likelihood(struct lci_data *data, const double *p)
{
    const double log_scale = log(p[2]);
    return likelihood(data, p[0], p[1], log_scale, log_power_mean(data, p[0], log_scale));
}

/* The likelihood has a ridge towards the Weibull distribution; a start that takes cut off values for whole ones lies on
 * it. */
static const char *burr_intervals(struct lci_problem *problem, double *best)
{
    double *p = problem->dist.parameters;
    struct lc_fit fit;
    if (lci_fit(lc_family_find("log_logistic"), problem->data, &fit) == 0) {
        p[0] = fit.dist.parameters[0];
        p[1] = 1;
        p[2] = fit.dist.parameters[1];
    }
    lc_fit_free(&fit);
    return lci_climb(problem, best);
}

const struct lci_estimator lci_estimator_burr = {
    .family = "burr",
    .variation = "lll",
    .stage = LCI_DEAR,
    .origin = LCI_RISING,
    .stride = 3,
    .exact = burr_exact,
    .log_likelihood = burr_log_likelihood,
    .sums = true,
    .intervals = burr_intervals,
};
