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

/* "2026-12-01" or "2026-12" (its first day) at the start of `text`; `end` is set behind it. False: it is no date. */
bool lc_date_parse(const char *text, double *day, const char **end);
/* "2026-12-01" of the day that holds `day`; buffer holds 32 characters. Returns buffer. */
char *lc_date_text(double day, char *buffer);
/* The day `count` periods later. Months and years keep the day of the month, or end with the month where it is shorter:
 * 31 January and a month is 28 or 29 February. A part of a period is that part of its days. */
double lc_date_add(double day, double count, enum lc_period period);
/* How many periods lie between: the inverse of lc_date_add(). */
double lc_date_periods(double from, double to, enum lc_period period);
/* "day", "week", "month", "year", with an s or without; −1: none of them. `length` characters are looked at. */
int lc_period_find(const char *name, size_t length);

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
/* Akaike's criterion with Hurvich & Tsai's correction, of the rates themselves for both shapes; infinite below five
 * points, where there is none. */
double lc_trend_fit(const double *days, const double *rates, size_t n, enum lc_shape shape, struct lc_trend *trend);

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

/* The load on a day, as a factor of the load at the start. */
double lc_growth_factor(const struct lc_growth *growth, double day);
/* The day on which the load has grown (or shrunk) to the factor; infinite: it never does. */
double lc_growth_day(const struct lc_growth *growth, double factor);
/* A growth that the history would allow as well: intercept and slope drawn from Student's distribution about the fit,
 * with n − 2 degrees of freedom. Without a history the growth itself. */
struct lc_growth lc_growth_draw(const struct lc_growth *growth, struct lc_random *random);

#ifdef __cplusplus
}
#endif

#endif
