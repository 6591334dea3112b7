/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"

#include <math.h>

#include "model/random/variates.h"

#define LOG_SQRT_2PI 0.91893853320467274178

static bool valid(const double *p, size_t n)
{
    (void)n;
    return lci_all_positive(p + 1, 1) && isfinite(p[0]);
}

static double log_density(const double *p, size_t n, double x)
{
    (void)n;
    if (x <= 0)
        return -INFINITY;
    const double log_x = log(x), z = (log_x - p[0]) / p[1];
    return -z * z / 2 - log(p[1]) - log_x - LOG_SQRT_2PI;
}

static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    return x <= 0 ? 0 : lci_normal_cdf((log(x) - p[0]) / p[1]);
}

static double survival(const double *p, size_t n, double x)
{
    (void)n;
    return x <= 0 ? 1 : lci_normal_cdf((p[0] - log(x)) / p[1]);
}

static double quantile(const double *p, size_t n, double u)
{
    (void)n;
    return u <= 0 ? 0 : u >= 1 ? INFINITY : exp(p[0] + p[1] * lci_normal_quantile(u));
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    *mean = exp(p[0] + p[1] * p[1] / 2);
    *variance = *mean * *mean * expm1(p[1] * p[1]);
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    return exp(p[0] + p[1] * lci_ziggurat_normal(r));
}

static void scale(double *p, size_t n, double factor)
{
    (void)n;
    p[0] += log(factor);
}

const struct lc_family lci_family_lognormal = {
    .name = "lognormal",
    .parameter_names = (const char *const[]){"mu", "sigma", NULL},
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
    .range = "sigma > 0",
};
