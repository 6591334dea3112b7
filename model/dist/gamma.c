/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"

#include <math.h>

static bool valid(const double *p, size_t n)
{
    return lci_all_positive(p, n);
}

static double log_density(const double *p, size_t n, double x)
{
    (void)n;
    if (x < 0)
        return -INFINITY;
    const double y = x / p[1];
    return (p[0] == 1 ? 0 : (p[0] - 1) * log(y)) - y - log(p[1]) - lci_log_gamma(p[0]);
}

static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    return lci_gamma_p(p[0], x / p[1]);
}

static double survival(const double *p, size_t n, double x)
{
    (void)n;
    return lci_gamma_q(p[0], x / p[1]);
}

static double quantile(const double *p, size_t n, double u)
{
    return lci_quantile_search(&lci_family_gamma, p, n, u);
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    *mean = p[0] * p[1];
    *variance = p[0] * p[1] * p[1];
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    return p[1] * lci_gamma_sample(p[0], r);
}

static void scale(double *p, size_t n, double factor)
{
    (void)n;
    p[1] *= factor;
}

const struct lc_family lci_family_gamma = {
    .name = "gamma",
    .parameter_names = (const char *const[]){"shape", "scale", NULL},
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
    .range = "shape > 0, scale > 0",
};
