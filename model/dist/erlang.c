/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"

#include <math.h>

#include "model/random/variates.h"

static double log_factor(double shape)
{
    return shape * log(shape) - lci_log_gamma(shape);
}

static bool valid(const double *p, size_t n)
{
    return p[0] >= 1 && p[0] == floor(p[0]) && p[0] < 1e9 && lci_all_positive(p, n);
}

static double log_density(const double *p, size_t n, double x)
{
    (void)n;
    if (x < 0)
        return -INFINITY;
    const double y = x / p[1];
    return log_factor(p[0]) - log(p[1]) + (p[0] == 1 ? 0 : (p[0] - 1) * log(y)) - p[0] * y;
}

static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    return lci_gamma_p(p[0], p[0] * x / p[1]);
}

static double survival(const double *p, size_t n, double x)
{
    (void)n;
    return lci_gamma_q(p[0], p[0] * x / p[1]);
}

static double quantile(const double *p, size_t n, double u)
{
    return lci_quantile_search(&lci_family_erlang, p, n, u);
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    *mean = p[1];
    *variance = p[1] * p[1] / p[0];
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    if (p[0] > 3) /* A sum of exponentials costs more from here on. */
        return p[1] / p[0] * lci_gamma_sample(p[0], r);
    double sum = 0;
    for (int i = 0; i < p[0]; i++)
        sum += lci_ziggurat_exponential(r);
    return p[1] / p[0] * sum;
}

static void scale(double *p, size_t n, double factor)
{
    (void)n;
    p[1] *= factor;
}

const struct lc_family lci_family_erlang = {
    .name = "erlang",
    .parameter_names = (const char *const[]){"shape", "mean", NULL},
    .minimum_count = 2,
    .fixed = true,
    .valid = valid,
    .log_density = log_density,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .moments = moments,
    .sample = sample,
    .scale = scale,
    .range = "shape a whole number ≥ 1, mean > 0",
};
