/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"
#include "model/random/generator.h"

#include <math.h>

/* S(x) = 1 / (1 + (x/scale)^shape): the logarithm is logistic. */

static double logit(const double *p, double x)
{
    return p[0] * log(x / p[1]);
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
        return p[0] > 1 ? -INFINITY : p[0] < 1 ? INFINITY : -log(p[1]);
    const double t = logit(p, x);
    return log(p[0]) + t - log(x) - 2 * lci_log1p_exp(t);
}

static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    return x <= 0 ? 0 : 1 / (1 + exp(-logit(p, x)));
}

static double survival(const double *p, size_t n, double x)
{
    (void)n;
    return x <= 0 ? 1 : 1 / (1 + exp(logit(p, x)));
}

static double quantile(const double *p, size_t n, double u)
{
    (void)n;
    return p[1] * pow(u / (1 - u), 1 / p[0]);
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    const double b = M_PI / p[0];
    *mean = p[0] > 1 ? p[1] * b / sin(b) : INFINITY;
    *variance = p[0] > 2 ? p[1] * p[1] * 2 * b / sin(2 * b) - *mean * *mean : INFINITY;
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    const double u = lci_random_positive(r);
    return p[1] * pow((1 - u) / u, 1 / p[0]);
}

static void scale(double *p, size_t n, double factor)
{
    (void)n;
    p[1] *= factor;
}

const struct lc_family lci_family_log_logistic = {
    .name = "log_logistic",
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
