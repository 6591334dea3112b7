/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/growth.h"
#include "model/random/generator.h"
#include "sim/scenario/growth.h"

#include <math.h>

double lci_trend_fit(const double *days, const double *rates, size_t n, enum lc_shape shape, struct lc_trend *trend)
{
    const double count = (double)n;
    double day = 0, mean = 0, squares = 0, products = 0, rest = 0, size = 0, logarithms = 0;
    for (size_t i = 0; i < n; i++) {
        day += days[i] / count;
        mean += (shape == LC_EXPONENTIAL ? log(rates[i]) : rates[i]) / count;
    }
    for (size_t i = 0; i < n; i++) {
        const double y = (shape == LC_EXPONENTIAL ? log(rates[i]) : rates[i]) - mean, x = days[i] - day;
        squares += x * x;
        products += x * y;
    }
    const double slope = products / squares;
    for (size_t i = 0; i < n; i++) {
        const double y = shape == LC_EXPONENTIAL ? log(rates[i]) : rates[i];
        const double left = y - mean - slope * (days[i] - day);
        rest += left * left;
        size += y * y;
        logarithms += shape == LC_EXPONENTIAL ? y : 0; /* from the density of logarithms to that of rates */
    }
    const double variance = rest / (count - 2);
    *trend = (struct lc_trend){n, shape, day, mean, slope, variance / count, variance / squares, sqrt(variance)};
    if (n < 5)
        return INFINITY;
    const double k = 3; /* intercept, slope, variance; rounding is no misfit */
    return count * log(fmax(rest, 1e-26 * size) / count) + 2 * logarithms + 2 * k + 2 * k * (k + 1) / (count - k - 1);
}

double lci_growth_factor(const struct lc_growth *growth, double day)
{
    const struct lc_trend *t = &growth->trend;
    if (t->n > 0 && t->shape == LC_EXPONENTIAL)
        return exp(t->slope * (day - growth->start));
    if (t->n > 0)
        return (t->intercept + t->slope * (day - t->centre)) / (t->intercept + t->slope * (growth->start - t->centre));
    const double periods = lci_date_periods(growth->start, day, growth->period);
    return growth->shape == LC_EXPONENTIAL ? pow(1 + growth->amount, periods) : 1 + growth->amount * periods;
}

double lci_growth_day(const struct lc_growth *growth, double factor)
{
    const struct lc_trend *t = &growth->trend;
    double periods;
    if (t->n > 0 && t->shape == LC_EXPONENTIAL)
        periods = log(factor) / t->slope;
    else if (t->n > 0)
        periods = (factor - 1) * (t->intercept + t->slope * (growth->start - t->centre)) / t->slope;
    else if (growth->shape == LC_EXPONENTIAL)
        periods = log(factor) / log1p(growth->amount);
    else
        periods = (factor - 1) / growth->amount;
    const enum lc_period period = t->n > 0 ? LC_DAY : growth->period;
    /* Farther than a thousand years is never: no calendar is right for that. */
    const double limit = 1000 * (period == LC_DAY ? 365.0 : period == LC_WEEK ? 52.0 : period == LC_MONTH ? 12.0 : 1.0);
    return fabs(periods) < limit ? lci_date_add(growth->start, periods, period) : INFINITY;
}

struct lc_growth lci_growth_replicate(const struct lc_growth *growth, struct lc_random *random)
{
    struct lc_growth drawn = *growth;
    struct lc_trend *t = &drawn.trend;
    if (t->n == 0)
        return drawn;
    double squares = 0;
    for (size_t i = 2; i < t->n; i++) {
        const double z = lci_random_normal(random);
        squares += z * z;
    }
    const double wider = sqrt((double)(t->n - 2) / squares);
    t->intercept += wider * sqrt(t->intercept_variance) * lci_random_normal(random);
    t->slope += wider * sqrt(t->slope_variance) * lci_random_normal(random);
    return drawn;
}
