/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mixture.h"
#include "model/random/generator.h"

#include <math.h>

bool lci_mixture_valid(const struct lc_family *component, const double *p, size_t n)
{
    const size_t width = 1 + component->minimum_count;
    if (n == 0 || n % width != 0)
        return false;
    double sum = 0;
    for (size_t i = 0; i < n; i += width) {
        sum += p[i];
        if (!(p[i] >= 0) || !component->valid(p + i + 1, width - 1))
            return false;
    }
    return fabs(sum - 1) <= 1e-9;
}

double lci_mixture_log_density(const struct lc_family *component, const double *p, size_t n, double x)
{
    const size_t width = 1 + component->minimum_count;
    double greatest = -INFINITY, sum = 0; /* log of the sum = greatest + log(sum) */
    for (size_t i = 0; i < n; i += width) {
        if (p[i] == 0)
            continue;
        const double term = log(p[i]) + component->log_density(p + i + 1, width - 1, x);
        if (term == -INFINITY)
            continue;
        if (term == INFINITY)
            return INFINITY;
        if (term > greatest) {
            sum = sum * exp(greatest - term) + 1;
            greatest = term;
        } else {
            sum += exp(term - greatest);
        }
    }
    return sum == 0 ? -INFINITY : greatest + log(sum);
}

static double mixed(double of(const double *, size_t, double), size_t width, const double *p, size_t n, double x)
{
    double sum = 0;
    for (size_t i = 0; i < n; i += width)
        sum += p[i] * of(p + i + 1, width - 1, x);
    return fmin(sum, 1);
}

double lci_mixture_cdf(const struct lc_family *component, const double *p, size_t n, double x)
{
    return mixed(component->cdf, 1 + component->minimum_count, p, n, x);
}

double lci_mixture_survival(const struct lc_family *component, const double *p, size_t n, double x)
{
    return mixed(component->survival, 1 + component->minimum_count, p, n, x);
}

void lci_mixture_moments(const struct lc_family *component, const double *p, size_t n, double *mean, double *variance)
{
    const size_t width = 1 + component->minimum_count;
    *mean = *variance = 0;
    for (size_t i = 0; i < n; i += width) {
        double m, v;
        component->moments(p + i + 1, width - 1, &m, &v);
        *mean += p[i] * m;
    }
    for (size_t i = 0; i < n; i += width) {
        double m, v;
        component->moments(p + i + 1, width - 1, &m, &v);
        *variance += p[i] * (v + (m - *mean) * (m - *mean));
    }
}

double lci_mixture_sample(const struct lc_family *component, const double *p, size_t n, struct lc_random *r)
{
    const size_t width = 1 + component->minimum_count;
    double u = lci_random_uniform(r);
    size_t i = 0;
    while (i + width < n && u >= p[i]) {
        u -= p[i];
        i += width;
    }
    return component->sample(p + i + 1, width - 1, r);
}

void lci_mixture_scale(const struct lc_family *component, double *p, size_t n, double factor)
{
    const size_t width = 1 + component->minimum_count;
    for (size_t i = 0; i < n; i += width)
        component->scale(p + i + 1, width - 1, factor);
}
