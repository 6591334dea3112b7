/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Families whose maximum is known in closed form, and the table of all estimators.
 */
#include <math.h>
#include <string.h>

#include "estimate.h"

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

static const struct lci_estimator estimators[] = {
    {"uniform", "ff", uniform_exact, uniform_log_likelihood, NULL},
    {"exponential", "l", exponential_exact, exponential_log_likelihood, NULL},
    {"erlang", "fl", lci_erlang_exact, lci_erlang_log_likelihood, NULL},
    {"gamma", "ll", lci_gamma_exact, lci_gamma_log_likelihood, NULL},
    {"lognormal", "il", lognormal_exact, lognormal_log_likelihood, NULL},
    {"normal", "il", lci_normal_exact, lci_normal_log_likelihood, NULL},
    {"weibull", "ll", lci_weibull_exact, lci_weibull_log_likelihood, NULL},
    {"log_logistic", "ll", lci_log_logistic_exact, lci_log_logistic_log_likelihood, NULL},
    {"inverse_gaussian", "ll", inverse_gaussian_exact, inverse_gaussian_log_likelihood, NULL},
    {"pareto", "lf", pareto_exact, pareto_log_likelihood, NULL},
    {"lomax", "ll", lci_lomax_exact, lci_lomax_log_likelihood, NULL},
    {"burr", "lll", lci_burr_exact, lci_burr_log_likelihood, NULL},
    {"hyperexponential", "pl", NULL, NULL, lci_hyperexponential_whole},
    {"hyper_erlang", "pfl", NULL, NULL, lci_hyper_erlang_whole},
    {"coxian", "lo", NULL, NULL, lci_coxian_whole},
    {"phase_type", "", NULL, NULL, lci_phase_type_whole},
    {"lognormal_mixture", "pil", NULL, NULL, lci_lognormal_mixture_whole},
    {"gamma_mixture", "pll", NULL, NULL, lci_gamma_mixture_whole},
};

const struct lci_estimator *lci_estimator_find(const char *family)
{
    for (size_t i = 0; i < sizeof estimators / sizeof *estimators; i++)
        if (strcmp(estimators[i].family, family) == 0)
            return &estimators[i];
    return NULL;
}
