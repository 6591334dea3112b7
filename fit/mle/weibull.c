/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Weibull: the shape k solves Σ x^k log x / Σ x^k − 1/k = mean(log x); the scale is mean(x^k)^(1/k).
 */
#include <math.h>

#include "estimate.h"

/* Σ w y^k log^j y for j = 0, 1, 2 with y = x / maximum, which cannot overflow. */
static void power_sums(const struct lci_data *data, double k, double *sums)
{
    const double top = log(data->maximum);
    double s0 = 0, s1 = 0, s2 = 0;
    for (size_t i = 0; i < data->n; i++) {
        const double y = data->logs[i] - top, term = lci_weight(data, i) * exp(k * y);
        s0 += term;
        s1 += term * y;
        s2 += term * y * y;
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
}

/* Newton from `k`; the left side rises in k, so the bracket closes. */
static double solve(struct lci_data *data, double k)
{
    const double top = log(data->maximum);
    double low = 0, high = INFINITY, sums[3];
    lci_data_logs(data);
    for (int i = 0; i < 100; i++) {
        power_sums(data, k, sums);
        const double mean = sums[1] / sums[0], excess = mean - 1 / k - (data->mean_log - top);
        if (excess > 0)
            high = k;
        else
            low = k;
        double next = k - excess / (sums[2] / sums[0] - mean * mean + 1 / (k * k));
        if (!(next > low && next < high))
            next = isinf(high) ? 2 * k : (low + high) / 2;
        const double change = fabs(next - k);
        k = next;
        if (change <= 1e-10 * k) /* quadratic: the error left is the square of this */
            break;
    }
    return k;
}

static const char *weibull_exact(struct lci_data *data, double *p, const char **note)
{
    (void)note;
    struct lci_data thin;
    lci_data_logs(data);
    if (!(data->variance_log > 0) || data->variance_log < 1e-20)
        return "the values are too near to each other";
    double k = M_PI / sqrt(6 * data->variance_log), sums[3]; /* by the variance of the Gumbel distribution */
    if (lci_data_thin(&thin, data)) {
        k = solve(&thin, k);
        lci_data_free(&thin);
    }
    p[0] = solve(data, k);
    power_sums(data, p[0], sums);
    p[1] = data->maximum * pow(sums[0] / data->total, 1 / p[0]);
    return NULL;
}

static double weibull_log_likelihood(struct lci_data *data, const double *p)
{
    const double log_scale = log(p[1]);
    double sum = 0;
    for (size_t i = 0; i < data->n; i++)
        sum += lci_weight(data, i) * exp(p[0] * (data->logs[i] - log_scale));
    return data->total * (log(p[0]) - p[0] * log_scale + (p[0] - 1) * data->mean_log) - sum;
}

const struct lci_estimator lci_estimator_weibull = {
    .family = "weibull",
    .variation = "ll",
    .origin = LCI_RISING,
    .stride = 2,
    .exact = weibull_exact,
    .log_likelihood = weibull_log_likelihood,
    .sums = true,
};
