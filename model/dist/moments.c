/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"

#include <math.h>

/* What an LQN file says of a demand, as the family that LQSIM draws it from: constant for cv2 = 0, gamma below 1,
 * exponential at 1, hyperexponential of two branches with balanced means above. */
struct stand_in {
    const struct lc_family *family;
    size_t count;
    double p[4];
};

static struct stand_in stand_in(const double *p)
{
    const double mean = p[0], c = p[1];
    if (mean == 0 || c == 0)
        return (struct stand_in){&lci_family_deterministic, 1, {mean}};
    if (c < 1)
        return (struct stand_in){&lci_family_gamma, 2, {1 / c, mean * c}};
    if (c == 1)
        return (struct stand_in){&lci_family_exponential, 1, {mean}};
    /* ½(1 − √((c−1)/(c+1))) without the cancellation for great c. */
    const double p1 = 1 / ((c + 1) * (1 + sqrt((c - 1) / (c + 1))));
    return (struct stand_in){&lci_family_hyperexponential, 4, {p1, mean / (2 * p1), 1 - p1, mean / (2 * (1 - p1))}};
}

static bool valid(const double *p, size_t n)
{
    (void)n;
    return p[0] >= 0 && p[1] >= 0 && isfinite(p[0]) && isfinite(p[1]);
}

static double log_density(const double *p, size_t n, double x)
{
    (void)n;
    const struct stand_in s = stand_in(p);
    return s.family->log_density(s.p, s.count, x);
}

static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    const struct stand_in s = stand_in(p);
    return s.family->cdf(s.p, s.count, x);
}

static double survival(const double *p, size_t n, double x)
{
    (void)n;
    const struct stand_in s = stand_in(p);
    return s.family->survival(s.p, s.count, x);
}

static double quantile(const double *p, size_t n, double u)
{
    (void)n;
    const struct stand_in s = stand_in(p);
    return s.family->quantile(s.p, s.count, u);
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    *mean = p[0];
    *variance = p[0] * p[0] * p[1];
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    const struct stand_in s = stand_in(p);
    return s.family->sample(s.p, s.count, r);
}

static void scale(double *p, size_t n, double factor)
{
    (void)n;
    p[0] *= factor;
}

const struct lc_family lci_family_moments = {
    .name = "moments",
    .parameter_names = (const char *const[]){"mean", "cv2", NULL},
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
    .range = "mean ≥ 0, cv2 ≥ 0",
};
