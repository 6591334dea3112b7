/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"

#include <math.h>

#include "model/random/variates.h"

static bool valid(const double *p, size_t n)
{
    return lci_all_positive(p, n);
}

static double log_density(const double *p, size_t n, double x)
{
    (void)n;
    return x < p[1] ? -INFINITY : log(p[0] / p[1]) - (p[0] + 1) * log(x / p[1]);
}

static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    return x <= p[1] ? 0 : -expm1(-p[0] * log(x / p[1]));
}

static double survival(const double *p, size_t n, double x)
{
    (void)n;
    return x <= p[1] ? 1 : exp(-p[0] * log(x / p[1]));
}

static double quantile(const double *p, size_t n, double u)
{
    (void)n;
    return p[1] * exp(-log1p(-u) / p[0]);
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    const double a = p[0];
    *mean = a > 1 ? p[1] * a / (a - 1) : INFINITY;
    *variance = a > 2 ? p[1] * p[1] * a / ((a - 1) * (a - 1) * (a - 2)) : INFINITY;
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    return p[1] * exp(lci_ziggurat_exponential(r) / p[0]);
}

static void scale(double *p, size_t n, double factor)
{
    (void)n;
    p[1] *= factor;
}

const struct lc_family lci_family_pareto = {
    .name = "pareto",
    .parameter_names = (const char *const[]){"shape", "minimum", NULL},
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
    .range = "shape > 0, minimum > 0",
};
