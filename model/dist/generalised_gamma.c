/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Generalised gamma (Stacy 1962): (X / scale)^power has a gamma distribution of that shape and scale 1. Power 1 is
 * gamma, shape 1 Weibull; with a growing shape and a falling power it tends to the lognormal distribution.
 */
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
    const double steep = p[0] * p[1] - 1, log_x = log(x / p[2]);
    return log(p[1] / p[2]) - lci_log_gamma(p[0]) + (steep == 0 ? 0 : steep * log_x) - exp(p[1] * log_x);
}

static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    return x <= 0 ? 0 : lci_gamma_p(p[0], pow(x / p[2], p[1]));
}

static double survival(const double *p, size_t n, double x)
{
    (void)n;
    return x <= 0 ? 1 : lci_gamma_q(p[0], pow(x / p[2], p[1]));
}

static double quantile(const double *p, size_t n, double u)
{
    (void)n;
    return p[2] * pow(lci_family_gamma.quantile((const double[]){p[0], 1}, 2, u), 1 / p[1]);
}

/* E(X^r) = scale^r Γ(shape + r/power) / Γ(shape). */
static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    const double first = exp(lci_log_gamma(p[0] + 1 / p[1]) - lci_log_gamma(p[0]));
    const double log_ratio = lci_log_gamma(p[0] + 2 / p[1]) + lci_log_gamma(p[0]) - 2 * lci_log_gamma(p[0] + 1 / p[1]);
    *mean = p[2] * first;
    *variance = *mean * *mean * expm1(log_ratio);
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    return p[2] * pow(lci_gamma_sample(p[0], r), 1 / p[1]);
}

static void scale(double *p, size_t n, double factor)
{
    (void)n;
    p[2] *= factor;
}

const struct lc_family lci_family_generalised_gamma = {
    .name = "generalised_gamma",
    .parameter_names = (const char *const[]){"shape", "power", "scale", NULL},
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
    .range = "shape > 0, power > 0, scale > 0",
};
