/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"
#include "model/random/generator.h"

#include <math.h>

/* The sample itself: cdf is its step function, variates are drawn from its values, so that mean and variance are those
 * of the sample; only quantile() interpolates (type 7 of Hyndman & Fan 1996). */

/* How many values are ≤ x, or < x when `strict`. */
static size_t rank(const double *p, size_t n, double x, bool strict)
{
    size_t low = 0, high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strict ? p[middle] < x : p[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool valid(const double *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(p[i] >= (i == 0 ? 0 : p[i - 1])) || !isfinite(p[i]))
            return false;
    return n > 0;
}

static double log_density(const double *p, size_t n, double x)
{
    const size_t equal = rank(p, n, x, false) - rank(p, n, x, true);
    return log((double)equal / (double)n);
}

static double cdf(const double *p, size_t n, double x)
{
    return (double)rank(p, n, x, false) / (double)n;
}

static double survival(const double *p, size_t n, double x)
{
    return (double)(n - rank(p, n, x, false)) / (double)n;
}

static double quantile(const double *p, size_t n, double u)
{
    const double place = u <= 0 ? 0 : u >= 1 ? (double)(n - 1) : u * (double)(n - 1);
    const size_t i = (size_t)place;
    return i + 1 >= n ? p[n - 1] : p[i] + (place - (double)i) * (p[i + 1] - p[i]);
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += p[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (p[i] - *mean) * (p[i] - *mean);
    *variance = squares / (double)n;
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    return p[lci_random_below(r, n)];
}

static void scale(double *p, size_t n, double factor)
{
    for (size_t i = 0; i < n; i++)
        p[i] *= factor;
}

const struct lc_family lci_family_empirical = {
    .name = "empirical",
    .parameter_names = (const char *const[]){"x", NULL},
    .minimum_count = 1,
    .fixed = false,
    .valid = valid,
    .log_density = log_density,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .moments = moments,
    .sample = sample,
    .scale = scale,
    .range = "sorted values ≥ 0, at least one",
};
