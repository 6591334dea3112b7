/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/growth.h"
#include "sim/scenario/growth.h"

/* Years begin with March here, so that the leap day is the last one of a year (Richards 2013). */
static int64_t days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    const int64_t era = (year >= 0 ? year : year - 399) / 400, in_era = year - era * 400;
    const int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

struct date {
    int64_t year;
    int month, day;
};

static struct date date_of(int64_t days)
{
    days += 719468;
    const int64_t era = (days >= 0 ? days : days - 146096) / 146097, in_era = days - era * 146097;
    const int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    const int64_t in_year = in_era - (365 * year + year / 4 - year / 100), month = (5 * in_year + 2) / 153;
    const int shown = (int)(month < 10 ? month + 3 : month - 9);
    return (struct date){year + era * 400 + (shown <= 2), shown, (int)(in_year - (153 * month + 2) / 5 + 1)};
}

static int days_in(int64_t year, int month)
{
    return (int)(days_of(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) - days_of(year, month, 1));
}

/* `count` digits. */
static bool digits(const char **text, int count, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (!isdigit((unsigned char)**text))
            return false;
        *value = 10 * *value + (**text - '0');
    }
    return true;
}

bool lci_date_parse(const char *text, double *day, const char **end)
{
    int year, month, of_month = 1;
    if (!digits(&text, 4, &year) || *text++ != '-' || !digits(&text, 2, &month) || month < 1 || month > 12)
        return false;
    if (*text == '-' && (text++, !digits(&text, 2, &of_month) || of_month < 1 || of_month > days_in(year, month)))
        return false;
    *day = (double)days_of(year, month, of_month);
    *end = text;
    return true;
}

char *lci_date_text(double day, char *buffer)
{
    const struct date d = date_of((int64_t)floor(day));
    snprintf(buffer, 32, "%04lld-%02d-%02d", (long long)d.year, d.month, d.day);
    return buffer;
}

/* A whole number of months later, at the same time of the day. */
static double add_months(double day, int64_t months)
{
    const double midnight = floor(day);
    struct date d = date_of((int64_t)midnight);
    const int64_t total = d.year * 12 + d.month - 1 + months;
    d.year = (total >= 0 ? total : total - 11) / 12;
    d.month = (int)(total - d.year * 12) + 1;
    const int last = days_in(d.year, d.month);
    return (double)days_of(d.year, d.month, d.day < last ? d.day : last) + (day - midnight);
}

double lci_date_add(double day, double count, enum lc_period period)
{
    if (period <= LC_WEEK)
        return day + count * (period == LC_WEEK ? 7 : 1);
    const int64_t each = period == LC_YEAR ? 12 : 1, whole = (int64_t)floor(count);
    const double from = add_months(day, whole * each), part = count - (double)whole;
    return part > 0 ? from + part * (add_months(day, (whole + 1) * each) - from) : from;
}

double lci_date_periods(double from, double to, enum lc_period period)
{
    if (period <= LC_WEEK)
        return (to - from) / (period == LC_WEEK ? 7 : 1);
    const double length = period == LC_YEAR ? 365.2425 : 30.436875;
    double whole = floor((to - from) / length) - 1;
    while (lci_date_add(from, whole + 1, period) <= to)
        whole++;
    const double before = lci_date_add(from, whole, period), after = lci_date_add(from, whole + 1, period);
    return whole + (to - before) / (after - before);
}

int lci_period_find(const char *name, size_t length)
{
    static const char *const words[] = {"day", "week", "month", "year"};
    for (int i = 0; i < 4; i++)
        if (length >= strlen(words[i]) && strncmp(name, words[i], strlen(words[i])) == 0 &&
            (length == strlen(words[i]) || (length == strlen(words[i]) + 1 && name[length - 1] == 's')))
            return i;
    return -1;
}
