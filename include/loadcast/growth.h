/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Growth of load over the calendar: a day has a factor of the load at the start, and a factor has a day. Days are
 * counted from 1970-01-01 in the Gregorian calendar, with parts for what lies between two midnights.
 */
#ifndef LOADCAST_GROWTH_H
#define LOADCAST_GROWTH_H

#include "random.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- calendar ---------------------------------------------------------------------------------------------------- */

enum lc_period { LC_DAY, LC_WEEK, LC_MONTH, LC_YEAR };
struct lc_duration { /* "2 weeks" */
    double count;
    enum lc_period period;
};

/* ---- trends ------------------------------------------------------------------------------------------------------ */

enum lc_shape { LC_EXPONENTIAL, LC_LINEAR };

/* A line through a history of rates, or of their logarithms, by least squares. Centred at the mean day, where intercept
 * and slope are independent. */
struct lc_trend {
    size_t n; /* 0: there is no history */
    enum lc_shape shape;
    double centre, intercept, slope; /* per day */
    double intercept_variance, slope_variance;
    double deviation; /* of what is left over; of logarithms for an exponential trend */
};

/* ---- growth ------------------------------------------------------------------------------------------------------ */

struct lc_growth {
    bool given;
    enum lc_shape shape;
    double amount; /* part of the load (exponential) or of the load at the start (linear) that is added per period */
    enum lc_period period;
    struct lc_trend trend;    /* instead of those where n > 0 */
    double start, end;        /* days */
    struct lc_duration every; /* between the points that are looked at */
};

#ifdef __cplusplus
}
#endif

#endif
