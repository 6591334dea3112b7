/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a series goes on: its slope by least squares with Student's interval, and where that line crosses a limit, with
 * Fieller's interval. Both are exact for normal noise and any number of values, which ranks (Theil–Sen) are not; lone
 * outliers are drawn in before (lci_draw_in()). */
#ifndef LCI_SERIES_SLOPE_H
#define LCI_SERIES_SLOPE_H

#include <stdbool.h>
#include <stddef.h>

struct lci_slope {
    double slope, low, high; /* for each 1 of the places, with the 95 % interval; NaN: fewer than three values or than
                                two places; the interval is as wide as chance allows */
    double middle, mean;     /* the line goes through (middle, mean) */
    double n, spread;        /* values; squared distances of the places from the middle */
    double variance, t;      /* of the values about the line; Student's quantile */
};

/* The line through values at places. */
struct lci_slope lci_slope_of(const double *places, const double *values, size_t count);
/* The value of the line. */
double lci_slope_at(const struct lci_slope *slope, double place);

struct lci_crossing {
    double at, low, high; /* places; 95 %; high is infinite where the slope may be none */
};
/* Where the line reaches a limit that lies ahead of `place`. False: it does not go there, or nothing is known of the
 * slope. `low` is `place` at least. */
bool lci_slope_crosses(const struct lci_slope *slope, double limit, double place, struct lci_crossing *crossing);

#endif
