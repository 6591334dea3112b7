/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"

#include "model/random/variates.h"
#include <math.h>

/* A mean of 0 is legal (an entry without demand): the constant 0. */

static bool valid(const double *p, size_t n)
{
    (void)n;
    return p[0] >= 0;
}

static double log_density(const double *p, size_t n, double x)
{
    (void)n;
    if (p[0] == 0)
        return x == 0 ? 0 : -INFINITY;
    return x < 0 ? -INFINITY : -x / p[0] - log(p[0]);
}

static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    if (p[0] == 0)
        return x >= 0;
    return x <= 0 ? 0 : -expm1(-x / p[0]);
}

static double survival(const double *p, size_t n, double x)
{
    (void)n;
    if (p[0] == 0)
        return x < 0;
    return x <= 0 ? 1 : exp(-x / p[0]);
}

static double quantile(const double *p, size_t n, double u)
{
    (void)n;
    return p[0] == 0 ? 0 : -p[0] * log1p(-u);
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    *mean = p[0];
    *variance = p[0] * p[0];
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    return p[0] * lci_ziggurat_exponential(r);
}

static void scale(double *p, size_t n, double factor)
{
    (void)n;
    p[0] *= factor;
}

const struct lc_family lci_family_exponential = {
    .name = "exponential",
    .parameter_names = (const char *const[]){"mean", NULL},
    .minimum_count = 1,
    .fixed = true,
    .valid = valid,
    .log_density = log_density,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .moments = moments,
    .sample = sample,
    .scale = scale,
    .range = "mean ≥ 0",
};
