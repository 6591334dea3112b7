/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slope.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

struct lci_slope lci_slope_of(const double *places, const double *values, size_t count)
{
    struct lci_slope s = {.slope = NAN, .low = NAN, .high = NAN, .n = (double)count};
    double products = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        s.middle += places[i] / s.n;
        s.mean += values[i] / s.n;
    }
    for (size_t i = 0; i < count; i++) {
        const double x = places[i] - s.middle, y = values[i] - s.mean;
        s.spread += x * x;
        products += x * y;
    }
    if (count < 3 || !(s.spread > 0))
        return s;
    s.slope = products / s.spread;
    for (size_t i = 0; i < count; i++) {
        const double rest = values[i] - s.mean - s.slope * (places[i] - s.middle);
        squares += rest * rest;
    }
    s.variance = squares / (s.n - 2);
    s.t = gsl_cdf_tdist_Pinv(0.975, s.n - 2);
    const double half = s.t * sqrt(s.variance / s.spread);
    s.low = s.slope - half;
    s.high = s.slope + half;
    return s;
}

double lci_slope_at(const struct lci_slope *s, double place)
{
    return s->mean + (isnan(s->slope) ? 0 : s->slope) * (place - s->middle);
}

bool lci_slope_crosses(const struct lci_slope *s, double limit, double place, struct lci_crossing *crossing)
{
    const double gap = limit - lci_slope_at(s, place);
    if (isnan(s->slope) || s->slope == 0 || gap == 0 || (gap > 0) != (s->slope > 0))
        return false;
    /* The places u from the middle at which the line is not significantly off the limit: a u² + 2 b u + c ≤ 0. */
    const double g = s->t * s->t * s->variance, height = s->mean - limit;
    const double a = s->slope * s->slope - g / s->spread, b = s->slope * height, c = height * height - g / s->n;
    crossing->at = s->middle - height / s->slope;
    const double root = b * b - a * c;
    const double one = (-b - sqrt(fmax(root, 0))) / a, other = (-b + sqrt(fmax(root, 0))) / a;
    if (a > 0) {
        crossing->low = s->middle + fmin(one, other);
        crossing->high = s->middle + fmax(one, other);
    } else { /* all but what lies between the roots, or everything */
        crossing->low = root > 0 ? s->middle + fmax(one, other) : place;
        crossing->high = INFINITY;
        if (crossing->low > crossing->at)
            crossing->low = place;
    }
    crossing->low = fmax(crossing->low, place);
    return true;
}
