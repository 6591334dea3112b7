/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Aligned tables of text, and numbers as people read them. */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "loadcast/result.h"

/* A table owns its cells. Columns are as wide as their widest cell, in characters; the first is aligned left, and the
 * last where it holds words; the others right. */
struct table {
    size_t columns, rows, capacity;
    char **cells; /* rows × columns, the header first */
    bool ends_with_words;
};
struct table table_new(size_t columns, const char *const *headers);
/* Takes over `columns` allocated texts. */
void table_add(struct table *table, char *const *cells);
void table_print(const struct table *table, FILE *out, const char *indent);
void table_free(struct table *table);

size_t text_width(const char *text); /* characters of a UTF-8 text */

/* The unit in which times up to `largest` seconds are told: its name, and how many seconds it has. */
struct time_scale {
    const char *unit;
    double seconds;
};
struct time_scale time_scale_of(double largest);

/* "12.3", with three digits that mean something; "–" for NaN. Allocated. */
char *number_text(double value);
/* The same for queues and waits, where a thousandth is nothing: three decimals at the most. */
char *amount_text(double value);
char *time_text(double seconds); /* "12.3 ms"; "0" */
/* A measured value in its unit: "s", "B" (bytes), or "1" for numbers of things. */
char *quantity_text(const char *unit, double value);
/* "12.3 ± 0.4 ms"; "?" for an error that is not known. */
char *time_with_error(double mean, double error);
char *percent_text(double part); /* "86.6 %" */
/* What lacks of a precision that was not reached: "± 4.9 % instead of ± 4.76 % (5 % of the true value)". The widest
 * half-width and what was asked as parts. */
char *missed_precision(double widest, double asked);
/* "231 ms [204, 262]" with the unit's text " ms", "231 [204, ∞)"; `scale` divides. */
char *interval_estimate(double mean, double low, double high, double scale, const char *unit);
/* The same of a difference to a value, in no more digits than the value has (three, or what its half-width leaves);
 * NULL: in them there is none. */
char *difference_estimate(double mean, double low, double high, const struct lc_estimate *of, double scale,
                          const char *unit);
/* "86.6 ± 0.5 %", of a learned model "86.6 % [82.1, 90.2]": the interval decides how many decimals are shown. */
char *percent_estimate(const struct lc_estimate *part, double confidence);
/* "231 ± 12", of a learned model "231 [204, 262]"; `scale` divides. */
char *estimate_text(const struct lc_estimate *value, double scale, double confidence);
char *time_estimate(const struct lc_estimate *seconds, double confidence); /* with its unit */

#endif
