/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"
#include "model/random/generator.h"

#include <math.h>

static bool valid(const double *p, size_t n)
{
    (void)n;
    return p[0] >= 0 && p[0] < p[1];
}

static double log_density(const double *p, size_t n, double x)
{
    (void)n;
    return x < p[0] || x > p[1] ? -INFINITY : -log(p[1] - p[0]);
}

static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    return x <= p[0] ? 0 : x >= p[1] ? 1 : (x - p[0]) / (p[1] - p[0]);
}

static double survival(const double *p, size_t n, double x)
{
    (void)n;
    return x <= p[0] ? 1 : x >= p[1] ? 0 : (p[1] - x) / (p[1] - p[0]);
}

static double quantile(const double *p, size_t n, double u)
{
    (void)n;
    return p[0] + u * (p[1] - p[0]);
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    *mean = (p[0] + p[1]) / 2;
    *variance = (p[1] - p[0]) * (p[1] - p[0]) / 12;
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    return p[0] + (p[1] - p[0]) * lci_random_uniform(r);
}

static void scale(double *p, size_t n, double factor)
{
    (void)n;
    p[0] *= factor;
    p[1] *= factor;
}

const struct lc_family lci_family_uniform = {
    .name = "uniform",
    .parameter_names = (const char *const[]){"minimum", "maximum", NULL},
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
    .range = "0 ≤ minimum < maximum",
};
