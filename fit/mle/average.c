/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What families that the data do not tell apart say together, on the logarithmic scale. The ends of the interval leave
 * out as much in the mean over the families as an end of 95 % does (model-averaged tail areas: Turek & Fletcher,
 * Computational Statistics and Data Analysis 56, 2012). Either side of a family's error is as wide as its own interval
 * says: profiles of few values of a long tail reach much further up than down. */
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "estimate.h"

#define TAIL   0.025
#define NORMAL 1.9599639845400545

/* The probability that the logarithm is at most x. */
static double below(const struct lci_said *said, size_t count, double x)
{
    double sum = 0, weights = 0;
    for (size_t i = 0; i < count; i++) {
        const struct lci_said *s = &said[i];
        const double from = x - log(s->value), end = log(s->value / s->low), other = log(s->high / s->value);
        const double side = NORMAL / (from < 0 ? end : other); /* 0 where it is open */
        sum += s->weight * (from == 0 ? 0.5 : gsl_cdf_ugaussian_P(from * side));
        weights += s->weight;
    }
    return sum / weights;
}

/* Between two logarithms; infinite where not so much lies below the greater one. */
static double end_at(const struct lci_said *said, size_t count, double part, double low, double high)
{
    if (below(said, count, high) < part)
        return INFINITY;
    for (int i = 0; i < 60; i++) {
        const double middle = (low + high) / 2;
        *(below(said, count, middle) < part ? &low : &high) = middle;
    }
    return exp((low + high) / 2);
}

void lci_average(const struct lci_said *said, size_t count, double *value, double *low, double *high)
{
    double sum = 0, weights = 0, least = INFINITY, greatest = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        const struct lci_said *s = &said[i];
        const double middle = log(s->value), end = isinf(s->high) ? middle : log(s->high);
        sum += s->weight * middle;
        weights += s->weight;
        least = fmin(least, 4 * log(s->low) - 3 * middle); /* no family leaves that much out there */
        greatest = fmax(greatest, 4 * end - 3 * middle);
    }
    *value = exp(sum / weights);
    *low = end_at(said, count, TAIL, least, greatest);
    *high = end_at(said, count, 1 - TAIL, least, greatest);
}
