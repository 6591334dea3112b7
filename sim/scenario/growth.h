/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Calendar, trends and growth: what the fields of a scenario's growth come to. */
#ifndef LCI_SIM_SCENARIO_GROWTH_H
#define LCI_SIM_SCENARIO_GROWTH_H

#include "loadcast/growth.h"

/* "2026-12-01" or "2026-12" (its first day) at the start of `text`; `end` is set behind it. False: it is no date. */
bool lci_date_parse(const char *text, double *day, const char **end);
/* "2026-12-01" of the day that holds `day`; buffer holds 32 characters. Returns buffer. */
char *lci_date_text(double day, char *buffer);
/* The day `count` periods later. Months and years keep the day of the month, or end with the month where it is shorter:
 * 31 January and a month is 28 or 29 February. A part of a period is that part of its days. */
double lci_date_add(double day, double count, enum lc_period period);
/* How many periods lie between: the inverse of lci_date_add(). */
double lci_date_periods(double from, double to, enum lc_period period);
/* "day", "week", "month", "year", with an s or without; −1: none of them. `length` characters are looked at. */
int lci_period_find(const char *name, size_t length);
/* Akaike's criterion with Hurvich & Tsai's correction, of the rates themselves for both shapes; infinite below five
 * points, where there is none. */
double lci_trend_fit(const double *days, const double *rates, size_t n, enum lc_shape shape, struct lc_trend *trend);
/* The load on a day, as a factor of the load at the start. */
double lci_growth_factor(const struct lc_growth *growth, double day);
/* The day on which the load has grown (or shrunk) to the factor; infinite: it never does. */
double lci_growth_day(const struct lc_growth *growth, double factor);
/* A growth that the history would allow as well: intercept and slope drawn from Student's distribution about the fit,
 * with n − 2 degrees of freedom. Without a history the growth itself. */
struct lc_growth lci_growth_replicate(const struct lc_growth *growth, struct lc_random *random);

#endif
