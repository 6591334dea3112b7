/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "times.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NANO INT64_C(1000000000)

/* Nanoseconds of a fraction's digits; moves the text behind them. */
static int64_t fraction(const char **text)
{
    int64_t value = 0, unit = NANO / 10;
    for (; **text >= '0' && **text <= '9'; (*text)++, unit /= 10)
        value += (**text - '0') * unit;
    return value;
}

/* 2026-11-22T01:59:07.468Z, with any zone; until 2261, the last whole year that int64_t nanoseconds hold. */
static bool iso_time(const char *text, int64_t *ns)
{
    struct tm tm = {0};
    int used = 0;
    if (sscanf(text, "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
               &tm.tm_sec, &used) != 6 ||
        used == 0)
        return false;
    if (tm.tm_year < 1970 || tm.tm_year > 2261 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon--;
    const char *rest = text + used;
    int64_t part = 0;
    if (*rest == '.') {
        rest++;
        part = fraction(&rest);
    }
    int hours = 0, minutes = 0, length = 0, sign = 0;
    if (*rest == 'Z' && rest[1] == 0)
        sign = 1;
    else if ((*rest == '+' || *rest == '-') && sscanf(rest + 1, "%2d:%2d%n", &hours, &minutes, &length) == 2 &&
             rest[1 + length] == 0)
        sign = *rest == '+' ? 1 : -1;
    if (sign == 0)
        return false;
    *ns = ((int64_t)timegm(&tm) - sign * (hours * 3600 + minutes * 60)) * NANO + part;
    return true;
}

/* A number since 1970; its size tells the unit. Whole and broken part apart, because a double holds no nanoseconds. */
static bool epoch_time(const char *text, int64_t *ns)
{
    if (*text < '0' || *text > '9')
        return false;
    char *rest;
    errno = 0;
    const long long whole = strtoll(text, &rest, 10);
    const int64_t unit = whole >= 100000000000000000 ? 1
                         : whole >= 100000000000000  ? 1000
                         : whole >= 100000000000     ? 1000000
                                                     : NANO;
    double part = 0;
    if (*rest == '.' || *rest == 'e' || *rest == 'E') {
        const double value = strtod(text, &rest);
        part = value - (double)whole;
    }
    if (errno != 0 || *rest != 0 || whole > INT64_MAX / unit || !(fabs(part) <= 1))
        return false;
    *ns = whole * unit + (int64_t)llround(part * (double)unit);
    return true;
}

bool lci_time_read(const char *text, int64_t *ns)
{
    return epoch_time(text, ns) || iso_time(text, ns);
}
