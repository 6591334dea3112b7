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
    if (x < 0)
        return -INFINITY;
    const double log_y = log(x / p[1]);
    return log(p[0] / p[1]) + (p[0] == 1 ? 0 : (p[0] - 1) * log_y) - exp(p[0] * log_y);
}

static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    return x <= 0 ? 0 : -expm1(-pow(x / p[1], p[0]));
}

static double survival(const double *p, size_t n, double x)
{
    (void)n;
    return x <= 0 ? 1 : exp(-pow(x / p[1], p[0]));
}

static double quantile(const double *p, size_t n, double u)
{
    (void)n;
    return p[1] * pow(-log1p(-u), 1 / p[0]);
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    const double first = exp(lci_log_gamma(1 + 1 / p[0])), second = exp(lci_log_gamma(1 + 2 / p[0]));
    *mean = p[1] * first;
    *variance = p[1] * p[1] * fmax(second - first * first, 0);
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    return p[1] * pow(lci_ziggurat_exponential(r), 1 / p[0]);
}

static void scale(double *p, size_t n, double factor)
{
    (void)n;
    p[1] *= factor;
}

const struct lc_family lci_family_weibull = {
    .name = "weibull",
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
