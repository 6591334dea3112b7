/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Generalised gamma: for given shape k and power c the best scale has scale^c = mean(x^c) / k; the other two by the
 * simplex method on their logarithms, on bins of log x where there are many values.
 */
#include <math.h>

#include "problem.h"

/* Beyond these the family is a lognormal or a Pareto distribution as near as makes no difference. */
#define GREATEST_SHAPE 6 /* logarithms */
#define GREATEST_POWER 4

/* log mean(x^c), around the greatest value so that nothing overflows. */
static double log_mean_power(const struct lci_data *data, double power)
{
    const double top = log(data->maximum);
    double sum = 0;
    for (size_t i = 0; i < data->n; i++)
        sum += lci_weight(data, i) * exp(power * (data->logs[i] - top));
    return power * top + log(sum / data->total);
}

/* A value's log-likelihood on the average; `powers` is log mean(x^c). */
static double likelihood(const struct lci_data *data, double shape, double power, double log_scale, double powers)
{
    int sign;
    return log(power) - lgamma_r(shape, &sign) + shape * power * (data->mean_log - log_scale) - data->mean_log -
           exp(powers - power * log_scale);
}

static double profile(const double *theta, void *context)
{
    const struct lci_data *data = context;
    if (fabs(theta[0]) > GREATEST_SHAPE || fabs(theta[1]) > GREATEST_POWER)
        return -INFINITY;
    const double shape = exp(theta[0]), power = exp(theta[1]), powers = log_mean_power(data, power);
    return data->total * likelihood(data, shape, power, (powers - theta[0]) / power, powers);
}

static const char *exact(struct lci_data *data, double *p, const char **note)
{
    enum { BINS = 8192 };
    const char *failure = lci_gamma_exact(data, p, note); /* power 1 */
    if (failure != NULL)
        return failure;
    double theta[] = {fmin(fmax(log(p[0]), 1 - GREATEST_SHAPE), GREATEST_SHAPE - 1), 0};
    const double step[] = {0.3, 0.3};
    struct lci_data bins;
    const bool binned = lci_data_binned(&bins, data, BINS);
    lci_maximise(profile, binned ? &bins : data, theta, step, 2);
    if (binned)
        lci_data_free(&bins);
    p[0] = exp(theta[0]);
    p[1] = exp(theta[1]);
    p[2] = exp((log_mean_power(data, p[1]) - theta[0]) / p[1]);
    if (fabs(theta[0]) > GREATEST_SHAPE - 0.1 || fabs(theta[1]) > GREATEST_POWER - 0.1)
        *note = "no maximum: the likelihood rises towards a lognormal or Pareto distribution";
    return NULL;
}

static double log_likelihood(struct lci_data *data, const double *p)
{
    lci_data_logs(data);
    return data->total * likelihood(data, p[0], p[1], log(p[2]), log_mean_power(data, p[1]));
}

const struct lci_estimator lci_estimator_generalised_gamma = {
    .family = "generalised_gamma",
    .variation = "lll",
    .stage = LCI_MIXTURE,
    .exact = exact,
    .log_likelihood = log_likelihood,
    .sums = true,
};
