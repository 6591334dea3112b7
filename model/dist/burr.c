/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"

#include <math.h>

#include "model/random/variates.h"

static double power(const double *p, double x)
{
    return p[0] * log(x / p[2]);
}

/* E(X^k) of scale 1: shape2 B(shape2 − k/shape1, 1 + k/shape1). */
static double raw_moment(const double *p, double k)
{
    if (!(p[0] * p[1] > k))
        return INFINITY;
    const double a = p[1] - k / p[0], b = 1 + k / p[0];
    return exp(log(p[1]) + lci_log_gamma(a) + lci_log_gamma(b) - lci_log_gamma(a + b));
}

static bool valid(const double *p, size_t n)
{
    return lci_all_positive(p, n);
}

static double log_density(const double *p, size_t n, double x)
{
    (void)n;
    if (x < 0)
        return -INFINITY;
    if (x == 0)
        return p[0] > 1 ? -INFINITY : p[0] < 1 ? INFINITY : log(p[1] / p[2]);
    const double t = power(p, x);
    return log(p[0] * p[1]) + t - log(x) - (p[1] + 1) * lci_log1p_exp(t);
}

static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    return x <= 0 ? 0 : -expm1(-p[1] * lci_log1p_exp(power(p, x)));
}

static double survival(const double *p, size_t n, double x)
{
    (void)n;
    return x <= 0 ? 1 : exp(-p[1] * lci_log1p_exp(power(p, x)));
}

static double quantile(const double *p, size_t n, double u)
{
    (void)n;
    return p[2] * pow(expm1(-log1p(-u) / p[1]), 1 / p[0]);
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    const double first = raw_moment(p, 1), second = raw_moment(p, 2);
    *mean = p[2] * first;
    *variance = isinf(second) ? INFINITY : p[2] * p[2] * fmax(second - first * first, 0);
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    return p[2] * pow(expm1(lci_ziggurat_exponential(r) / p[1]), 1 / p[0]);
}

static void scale(double *p, size_t n, double factor)
{
    (void)n;
    p[2] *= factor;
}

const struct lc_family lci_family_burr = {
    .name = "burr",
    .parameter_names = (const char *const[]){"shape1", "shape2", "scale", NULL},
    .minimum_count = 3,
    .fixed = true,
    .valid = valid,
    .log_density = log_density,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .moments = moments,
    .sample = sample,
    .scale = scale,
    .range = "shape1 > 0, shape2 > 0, scale > 0",
};
