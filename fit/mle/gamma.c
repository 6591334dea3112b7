/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gamma and Erlang. With s = log(mean) − mean(log x), the shape k solves log k − ψ(k) = s and the scale is mean / k.
 */
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <string.h>

#include "problem.h"

double lci_gamma_shape(double s)
{
    double k = (3 - s + sqrt((s - 3) * (s - 3) + 24 * s)) / (12 * s); /* within 1.5 % (Minka 2002) */
    for (int i = 0; i < 50; i++) {
        /* Newton on 1/k, which is nearly linear. For great k, log k − ψ(k) = 1/(2k) + 1/(12k²) − 1/(120k⁴) + …, where
         * the difference of the functions has no digits left. */
        const double gap = k > 1e3 ? 0.5 / k + 1 / (12 * k * k) - 1 / (120 * k * k * k * k) : log(k) - gsl_sf_psi(k);
        const double slope = k > 1e3 ? -0.5 / (k * k) - 1 / (6 * k * k * k) : 1 / k - gsl_sf_psi_1(k);
        const double inverse = 1 / k + (gap - s) / (k * k * slope);
        const double next = inverse > 0 ? 1 / inverse : k / 2;
        const double change = fabs(next - k);
        k = next;
        if (change <= 1e-14 * k)
            break;
    }
    return k;
}

/* log(mean) − mean(log x) ≥ 0; by −log1p of the relative deviations where the difference would cancel. */
static double log_gap(struct lci_data *data)
{
    lci_data_logs(data);
    const double gap = log(data->mean) - data->mean_log;
    if (gap > 1e-6)
        return gap;
    double sum = 0;
    for (size_t i = 0; i < data->n; i++) {
        const double d = (data->x[i] - data->mean) / data->mean;
        sum += lci_weight(data, i) * (d - log1p(d));
    }
    return sum / data->total;
}

const char *lci_gamma_exact(struct lci_data *data, double *p, const char **note)
{
    (void)note;
    const double gap = log_gap(data);
    if (!(gap > 1e-14) || !isfinite(gap))
        return "the values are too near to each other";
    p[0] = lci_gamma_shape(gap);
    p[1] = data->mean / p[0];
    return NULL;
}

static double log_likelihood(struct lci_data *data, const double *p)
{
    int sign;
    return data->total * ((p[0] - 1) * data->mean_log - data->mean / p[1] - p[0] * log(p[1]) - lgamma_r(p[0], &sign));
}

static double erlang_log_likelihood(struct lci_data *data, const double *p)
{
    return log_likelihood(data, (const double[]){p[0], p[1] / p[0]});
}

/* The likelihood is concave in the shape, so the best whole number is next to the best real one. */
static const char *erlang_exact(struct lci_data *data, double *p, const char **note)
{
    const char *failure = lci_gamma_exact(data, p, note);
    if (failure != NULL)
        return failure;
    if (p[0] > 1e8)
        return "the values are too near to each other";
    const double low[] = {fmax(floor(p[0]), 1), data->mean}, high[] = {low[0] + 1, data->mean};
    p[0] = erlang_log_likelihood(data, high) > erlang_log_likelihood(data, low) ? high[0] : low[0];
    p[1] = data->mean;
    *note = "the shape is a whole number; it has no standard error";
    return NULL;
}

const struct lci_estimator lci_estimator_gamma = {
    .family = "gamma",
    .variation = "ll",
    .origin = LCI_RISING,
    .stride = 2,
    .exact = lci_gamma_exact,
    .log_likelihood = log_likelihood,
};

/* Erlang's shape from that of the best gamma upwards and downwards while it gains. */
static const char *erlang_intervals(struct lci_problem *problem, double *best)
{
    double *p = problem->dist.parameters, kept[2];
    const char *failure = lci_climb(problem, best);
    memcpy(kept, p, sizeof kept);
    for (int direction = -1; direction <= 1; direction += 2) {
        for (int tries = 0; tries < 1000; tries++) {
            double here = -INFINITY;
            p[0] = kept[0] + direction;
            p[1] = kept[1];
            if (!(p[0] >= 1) || lci_climb(problem, &here) != NULL || !(here > *best))
                break;
            failure = NULL;
            *best = here;
            memcpy(kept, p, sizeof kept);
        }
    }
    memcpy(p, kept, sizeof kept);
    return failure;
}

static struct lc_dist erlang_as_gamma(const struct lc_dist *dist)
{
    const double *p = dist->parameters;
    return lc_dist_make(lc_family_find("gamma"), dist->shift, (const double[]){p[0], p[1] / p[0]}, 2);
}

const struct lci_estimator lci_estimator_erlang = {
    .family = "erlang",
    .variation = "fl",
    .origin = LCI_RISING,
    .exact = erlang_exact,
    .log_likelihood = erlang_log_likelihood,
    .intervals = erlang_intervals,
    .continuous = erlang_as_gamma,
};
