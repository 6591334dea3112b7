/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"
#include "model/random/generator.h"

#include <math.h>

#include "model/random/variates.h"

/* log of exp(2 shape / mean) Φ(−√(shape/x)(x/mean + 1)), which stays finite where the factors do not. */
static double log_second(const double *p, double x)
{
    return 2 * p[1] / p[0] + lci_log_normal_cdf(-sqrt(p[1] / x) * (x / p[0] + 1));
}

static bool valid(const double *p, size_t n)
{
    return lci_all_positive(p, n);
}

static double log_density(const double *p, size_t n, double x)
{
    (void)n;
    if (x <= 0)
        return -INFINITY;
    const double d = (x - p[0]) / p[0];
    return 0.5 * log(p[1] / (2 * M_PI)) - 1.5 * log(x) - p[1] * d * d / (2 * x);
}

static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    if (x <= 0)
        return 0;
    return isinf(x) ? 1 : fmin(lci_normal_cdf(sqrt(p[1] / x) * (x / p[0] - 1)) + exp(log_second(p, x)), 1);
}

static double survival(const double *p, size_t n, double x)
{
    (void)n;
    if (x <= 0)
        return 1;
    if (isinf(x))
        return 0;
    const double first = lci_log_normal_cdf(-sqrt(p[1] / x) * (x / p[0] - 1));
    return fmax(exp(first) * -expm1(log_second(p, x) - first), 0);
}

static double quantile(const double *p, size_t n, double u)
{
    return lci_quantile_search(&lci_family_inverse_gaussian, p, n, u);
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    *mean = p[0];
    *variance = p[0] * p[0] * p[0] / p[1];
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    /* Michael, Schucany & Haas 1976; the smaller root written so that it does not cancel. */
    const double z = lci_ziggurat_normal(r), y = p[0] * z * z / (2 * p[1]);
    const double x = p[0] / (1 + y + sqrt(y * (y + 2)));
    return lci_random_uniform(r) * (p[0] + x) <= p[0] ? x : p[0] * p[0] / x;
}

static void scale(double *p, size_t n, double factor)
{
    (void)n;
    p[0] *= factor;
    p[1] *= factor;
}

const struct lc_family lci_family_inverse_gaussian = {
    .name = "inverse_gaussian",
    .parameter_names = (const char *const[]){"mean", "shape", NULL},
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
    .range = "mean > 0, shape > 0",
};
