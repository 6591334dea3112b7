/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"

#include <math.h>

#include "model/random/variates.h"

#define LOG_SQRT_2PI 0.91893853320467274178

/* Truncated at 0: X given X ≥ 0. mean and sd are those of the untruncated normal; a mean far below 0 is legal (the
 * limit is an exponential), so everything goes by logarithms of tail probabilities. */

static double log_survival(const double *p, double x)
{
    if (p[0] >= 0)
        return lci_log_normal_cdf((p[0] - x) / p[1]) - lci_log_normal_cdf(p[0] / p[1]);
    /* The ratio of two small tails by their hazards, whose exponents cancel exactly. */
    const double start = -p[0] / p[1], h = x / p[1];
    return -h * (start + h / 2) + log(lci_normal_hazard(start) / lci_normal_hazard(start + h));
}

static bool valid(const double *p, size_t n)
{
    (void)n;
    return lci_all_positive(p + 1, 1) && isfinite(p[0]) && p[0] > -1e3 * p[1];
}

static double log_density(const double *p, size_t n, double x)
{
    (void)n;
    if (x < 0)
        return -INFINITY;
    const double z = (x - p[0]) / p[1];
    return -z * z / 2 - log(p[1]) - LOG_SQRT_2PI - lci_log_normal_cdf(p[0] / p[1]);
}

static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    return x <= 0 ? 0 : -expm1(log_survival(p, x));
}

static double survival(const double *p, size_t n, double x)
{
    (void)n;
    return x <= 0 ? 1 : exp(log_survival(p, x));
}

static double quantile(const double *p, size_t n, double u)
{
    return lci_quantile_search(&lci_family_normal, p, n, u);
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    const double alpha = p[0] / p[1];
    const double hazard = exp(-alpha * alpha / 2 - LOG_SQRT_2PI - lci_log_normal_cdf(alpha));
    *mean = p[0] + p[1] * hazard;
    *variance = fmax(p[1] * p[1] * (1 - alpha * hazard - hazard * hazard), 0);
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    const double start = -p[0] / p[1];
    double z;
    if (start <= 0.5) {
        do
            z = lci_ziggurat_normal(r);
        while (z < start);
    } else {
        /* Robert 1995: the tail by rejection from an exponential of the best rate. */
        const double rate = (start + sqrt(start * start + 4)) / 2;
        do
            z = start + lci_ziggurat_exponential(r) / rate;
        while (2 * lci_ziggurat_exponential(r) < (z - rate) * (z - rate));
    }
    return fmax(p[0] + p[1] * z, 0);
}

static void scale(double *p, size_t n, double factor)
{
    (void)n;
    p[0] *= factor;
    p[1] *= factor;
}

const struct lc_family lci_family_normal = {
    .name = "normal",
    .parameter_names = (const char *const[]){"mean", "sd", NULL},
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
    .range = "sd > 0",
};
