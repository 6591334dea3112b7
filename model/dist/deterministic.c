/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"

#include <math.h>

static bool valid(const double *p, size_t n)
{
    (void)n;
    return p[0] >= 0;
}
static double log_density(const double *p, size_t n, double x)
{
    (void)n;
    return x == p[0] ? 0 : -INFINITY;
}
static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    return x >= p[0];
}
static double survival(const double *p, size_t n, double x)
{
    (void)n;
    return x < p[0];
}
static double quantile(const double *p, size_t n, double u)
{
    (void)n;
    (void)u;
    return p[0];
}
static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    *mean = p[0];
    *variance = 0;
}
static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    (void)r;
    return p[0];
}
static void scale(double *p, size_t n, double factor)
{
    (void)n;
    p[0] *= factor;
}

const struct lc_family lci_family_deterministic = {
    .name = "deterministic",
    .parameter_names = (const char *const[]){"value", NULL},
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
    .range = "value ≥ 0",
};
