/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers, quantities and names as people write them. */
#include "base/quantity.h"
#include "loadcast/assumed.h"
#include "loadcast/base.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_TEXT 32 /* what the caller's buffer holds */

char *lci_number_text(double value, char *buffer)
{
    if (!isfinite(value)) {
        snprintf(buffer, NUMBER_TEXT, "%s", isnan(value) ? ".nan" : value > 0 ? ".inf" : "-.inf");
        return buffer;
    }
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(buffer, NUMBER_TEXT, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value)
            break;
    }
    return buffer;
}

/* Damerau–Levenshtein distance (adjacent transpositions count one) of two short words, case ignored. */
static size_t distance(const char *a, const char *b)
{
    enum { LONGEST = 63 };
    size_t row[3][LONGEST + 1];
    const size_t n = strlen(a), m = strlen(b);
    if (n > LONGEST || m > LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= m; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            const int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
            size_t best = before[j - 1] + (x != y);
            if (before[j] + 1 < best)
                best = before[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) && y == tolower((unsigned char)a[i - 2]) &&
                earlier[j - 2] + 1 < best)
                best = earlier[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[n % 3][m];
}

const char *lci_nearest(const char *name, const char *const *known)
{
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    for (; *known != NULL; known++) {
        const size_t d = distance(name, *known);
        const size_t length = strlen(name) > strlen(*known) ? strlen(name) : strlen(*known);
        if (d < best && d <= (length + 2) / 3) {
            best = d;
            nearest = *known;
        }
    }
    return nearest;
}

#define DAY 86400.0

static const struct {
    const char *name;
    double seconds;
} time_units[] = {
    {"ns", 1e-9},
    {"us", 1e-6},
    {"µs", 1e-6},
    {"μs", 1e-6},
    {"ms", 1e-3},
    {"s", 1},
    {"sec", 1},
    {"second", 1},
    {"seconds", 1},
    {"min", 60},
    {"minute", 60},
    {"minutes", 60},
    {"h", 3600},
    {"hour", 3600},
    {"hours", 3600},
    {"d", DAY},
    {"day", DAY},
    {"days", DAY},
    {"week", 7 * DAY},
    {"weeks", 7 * DAY},
    {"month", 30.4375 * DAY},
    {"months", 30.4375 * DAY},
    {"year", 365.25 * DAY},
    {"years", 365.25 * DAY},
};

/* Seconds of a unit, 0 if there is no such unit. */
static double unit_seconds(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof time_units / sizeof *time_units; i++)
        if (strlen(time_units[i].name) == length && strncmp(time_units[i].name, name, length) == 0)
            return time_units[i].seconds;
    return 0;
}

static const char *skip_blanks(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

/* A unit of time after `text`, which must end there. 0 if that is not so. */
static double last_unit(const char *text)
{
    text = skip_blanks(text);
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    return unit_seconds(text, length);
}

/* The value of the unit part of a quantity, as a factor; NaN if it is none of this dimension. */
static double unit_factor(const char *unit, enum lc_dimension dimension)
{
    double seconds;
    switch (dimension) {
    case LC_NUMBER: return *unit == 0 ? 1 : NAN;
    case LC_TIME: seconds = last_unit(unit); return seconds > 0 ? seconds : NAN;
    case LC_RATE:
        if (*unit != '/')
            return NAN;
        seconds = last_unit(unit + 1);
        return seconds > 0 ? 1 / seconds : NAN;
    case LC_FRACTION: return *unit == 0 ? 1 : *unit == '%' && *skip_blanks(unit + 1) == 0 ? 0.01 : NAN;
    case LC_GROWTH: {
        const double part = *unit == '%' ? 0.01 : 1;
        unit = skip_blanks(unit + (*unit == '%'));
        if (*unit != '/')
            return NAN;
        seconds = last_unit(unit + 1);
        return seconds > 0 ? part / seconds : NAN;
    }
    }
    return NAN;
}

#define MOST 1e100 /* quantities beyond are slips, and overflow in what is computed of them */

bool lci_is_beyond_limit(const char *text)
{
    const char *start = skip_blanks(text);
    return strspn(start, "+-.0123456789") > 0 && fabs(strtod(start, NULL)) > MOST;
}

int lci_named_quantity(const char *name, const char *text, enum lc_dimension dimension, double *value,
                       struct lc_diag *diag, const struct lc_place *place)
{
    static const char *const expected[] = {
        [LC_NUMBER] = "a number",
        [LC_TIME] = "a time with its unit, such as '20 ms' or '5 s'",
        [LC_RATE] = "a rate with its unit, such as '12/s'",
        [LC_FRACTION] = "a fraction, such as '80 %' or 0.8",
        [LC_GROWTH] = "a growth, such as '10 % / month'",
    };
    char *end;
    const char *start = skip_blanks(text);
    /* strtod would also take hexadecimal numbers, "infinity" and "nan". */
    const bool digits =
        strspn(start, "+-.0123456789") > 0 && strncmp(start, "0x", 2) != 0 && strncmp(start, "0X", 2) != 0;
    const double number = digits ? strtod(start, &end) : NAN;
    const double factor = digits && end != start && isfinite(number) ? unit_factor(skip_blanks(end), dimension) : NAN;
    if (fabs(number * factor) <= MOST) { /* nor NaN */
        *value = number * factor;
        return 0;
    }
    const char *beyond = lci_is_beyond_limit(text) ? ", beyond the limit of 1e100" : "";
    if (name != NULL)
        lc_error(diag, LC_INPUT, place, "%s is '%s'%s; expected %s", name, text, beyond, expected[dimension]);
    else
        lc_error(diag, LC_INPUT, place, "expected %s, found '%s'%s", expected[dimension], text, beyond);
    return -1;
}

int lci_quantity(const char *text, enum lc_dimension dimension, double *value, struct lc_diag *diag,
                 const struct lc_place *place)
{
    return lci_named_quantity(NULL, text, dimension, value, diag, place);
}

bool lc_assumed_load_of(const char *name, enum lc_assumed_load *load)
{
    static const char *const names[] = {"auto", "low", "measured"};
    for (int i = 0; i < 3; i++)
        if (strcmp(name, names[i]) == 0) {
            *load = (enum lc_assumed_load)i;
            return true;
        }
    return false;
}
