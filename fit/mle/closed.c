/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Families whose maximum is known in closed form, exponential, lognormal, inverse Gaussian, uniform and Pareto.
 */
#include <math.h>
#include <string.h>

#include "support.h"

#define LOG_SQRT_2PI 0.91893853320467274178

static const char *uniform_exact(struct lci_data *data, double *p, const char **note)
{
    p[0] = data->minimum;
    p[1] = data->maximum;
    *note = "the ends are the least and the greatest value; they have no standard errors";
    return NULL;
}

static double uniform_log_likelihood(struct lci_data *data, const double *p)
{
    return -data->total * log(p[1] - p[0]);
}

static const char *exponential_exact(struct lci_data *data, double *p, const char **note)
{
    (void)note;
    p[0] = data->mean;
    return NULL;
}

static double exponential_log_likelihood(struct lci_data *data, const double *p)
{
    return -data->total * (log(p[0]) + data->mean / p[0]);
}

static const char *lognormal_exact(struct lci_data *data, double *p, const char **note)
{
    (void)note;
    lci_data_logs(data);
    p[0] = data->mean_log;
    p[1] = sqrt(data->variance_log);
    return p[1] > 0 ? NULL : "the logarithms of all values are equal";
}

static double lognormal_log_likelihood(struct lci_data *data, const double *p)
{
    const double d = data->mean_log - p[0];
    return -data->total *
           (data->mean_log + log(p[1]) + LOG_SQRT_2PI + (data->variance_log + d * d) / (2 * p[1] * p[1]));
}

/* mean(1/x) − 1/mean, as a sum of squares. */
static double inverse_excess(const struct lci_data *data)
{
    double sum = 0;
    for (size_t i = 0; i < data->n; i++) {
        const double d = data->x[i] - data->mean;
        sum += lci_weight(data, i) * d * d / data->x[i];
    }
    return sum / data->total / (data->mean * data->mean);
}

static const char *inverse_gaussian_exact(struct lci_data *data, double *p, const char **note)
{
    (void)note;
    const double excess = inverse_excess(data);
    p[0] = data->mean;
    p[1] = 1 / excess;
    return excess > 0 && isfinite(excess) ? NULL : "the values are too near to each other or to 0";
}

static double inverse_gaussian_log_likelihood(struct lci_data *data, const double *p)
{
    lci_data_logs(data);
    const double d = p[0] - data->mean;
    /* mean((x − m)² / (m² x)) around the sample's own mean. */
    const double squares = inverse_excess(data) + d * d / (data->mean * p[0] * p[0]);
    return data->total * (0.5 * log(p[1]) - LOG_SQRT_2PI - 1.5 * data->mean_log - p[1] * squares / 2);
}

static const char *pareto_exact(struct lci_data *data, double *p, const char **note)
{
    lci_data_logs(data);
    p[1] = data->minimum;
    p[0] = 1 / (data->mean_log - log(data->minimum));
    *note = "the minimum is the least value; it has no standard error";
    return isfinite(p[0]) ? NULL : "the values are too near to each other";
}

static double pareto_log_likelihood(struct lci_data *data, const double *p)
{
    return data->total * (log(p[0]) + p[0] * log(p[1]) - (p[0] + 1) * data->mean_log);
}

const struct lci_estimator lci_estimator_uniform = {
    .family = "uniform",
    .variation = "ff",
    .ends = 2,
    .exact = uniform_exact,
    .log_likelihood = uniform_log_likelihood,
    .intervals = lci_uniform_support,
};

const struct lci_estimator lci_estimator_exponential = {
    .family = "exponential",
    .variation = "l",
    .origin = LCI_FALLING,
    .exact = exponential_exact,
    .log_likelihood = exponential_log_likelihood,
};

const struct lci_estimator lci_estimator_lognormal = {
    .family = "lognormal",
    .variation = "il",
    .origin = LCI_RISING,
    .exact = lognormal_exact,
    .log_likelihood = lognormal_log_likelihood,
};

const struct lci_estimator lci_estimator_inverse_gaussian = {
    .family = "inverse_gaussian",
    .variation = "ll",
    .origin = LCI_RISING,
    .exact = inverse_gaussian_exact,
    .log_likelihood = inverse_gaussian_log_likelihood,
    .sums = true,
};

const struct lci_estimator lci_estimator_pareto = {
    .family = "pareto",
    .variation = "lf",
    .ends = 1,
    .exact = pareto_exact,
    .log_likelihood = pareto_log_likelihood,
    .intervals = lci_pareto_support,
};
