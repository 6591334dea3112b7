/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/base.h"

size_t text_width(const char *text)
{
    size_t width = 0;
    for (; *text != 0; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80; /* not the following bytes of a character */
    return width;
}

struct table table_new(size_t columns, const char *const *headers)
{
    struct table table = {.columns = columns};
    char **cells = lc_calloc(columns, sizeof *cells);
    for (size_t i = 0; i < columns; i++)
        cells[i] = lc_strdup(headers[i]);
    table_add(&table, cells);
    free(cells);
    return table;
}

void table_add(struct table *table, char *const *cells)
{
    if (table->rows == table->capacity) {
        table->capacity = table->capacity > 0 ? 2 * table->capacity : 16;
        table->cells = lc_realloc(table->cells, table->capacity * table->columns, sizeof *table->cells);
    }
    for (size_t i = 0; i < table->columns; i++)
        table->cells[table->rows * table->columns + i] = cells[i];
    table->rows++;
}

/* Spaces are held back until something follows them: no line ends with some. */
static void put(FILE *out, const char *text, int *spaces)
{
    for (const char *c = text; *c != 0; c++) {
        if (*c == ' ') {
            ++*spaces;
            continue;
        }
        fprintf(out, "%*s%c", *spaces, "", *c);
        *spaces = 0;
    }
}

void table_print(const struct table *table, FILE *out, const char *indent)
{
    enum { BETWEEN = 2 };
    size_t *widths = lc_calloc(table->columns, sizeof *widths);
    for (size_t i = 0; i < table->rows * table->columns; i++)
        if (text_width(table->cells[i]) > widths[i % table->columns])
            widths[i % table->columns] = text_width(table->cells[i]);
    for (size_t r = 0; r < table->rows; r++) {
        int spaces = 0;
        put(out, indent, &spaces);
        for (size_t c = 0; c < table->columns; c++) {
            const char *cell = table->cells[r * table->columns + c];
            const int pad = (int)(widths[c] - text_width(cell));
            const bool left = c == 0 || (c + 1 == table->columns && table->ends_with_words);
            spaces += (c == 0 ? 0 : BETWEEN) + (left ? 0 : pad);
            put(out, cell, &spaces);
            spaces += left ? pad : 0;
        }
        fputc('\n', out);
    }
    free(widths);
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->rows * table->columns; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (struct table){0};
}

struct time_scale time_scale_of(double largest)
{
    static const struct time_scale scales[] = {{"d", 86400}, {"h", 3600},  {"min", 60},
                                               {"s", 1},     {"ms", 1e-3}, {"µs", 1e-6}};
    static const double least[] = {2 * 86400, 2 * 3600, 600, 1, 1e-3, 0};
    size_t i = 0;
    while (largest < least[i] || (isnan(largest) && i < 3))
        i++;
    return scales[i];
}

#define EXACT   1e-9 /* half-width, relative, that is nothing but rounding */
#define ROUNDED 5e-4 /* 0.9996 has become 1.00 when three digits of it are shown */

/* Decimals that leave three digits that mean something. */
static int decimals_of(double value)
{
    const double size = fabs(value) * (1 + ROUNDED);
    if (!(size > 0) || size >= 100)
        return 0;
    return size >= 0.1 ? (size >= 10 ? 1 : size >= 1 ? 2 : 3) : 2 - (int)floor(log10(size));
}

/* Decimals of a mean and its half-width: as many as the half-width has that mean something (two digits when it begins
 * with 1), but no more than five digits of the mean. */
static int decimals_of_estimate(double mean, double half)
{
    if (!(half > 0))
        return decimals_of(mean);
    const int size = (int)floor(log10(half));
    const int wanted = (half < 2 * pow(10, size) ? 1 : 0) - size;
    const int most = mean != 0 ? 4 - (int)floor(log10(fabs(mean))) : wanted;
    const int decimals = wanted < most ? wanted : most;
    return decimals > 0 ? decimals : 0;
}

/* What the last digit of an estimate counts, where a half-width of several digits leaves no decimals: two of its digits
 * mean something. */
static double step_of(double half)
{
    return half >= 99.5 && isfinite(half) ? pow(10, floor(log10(half * 1.005)) - 1) : 1;
}

static double in_steps(double value, double step)
{
    return step > 1 && isfinite(value) ? round(value / step) * step : value;
}

/* A percentage has a decimal, unless its half-width has two digits before the point. */
static int decimals_of_percent(double mean, double half)
{
    const int decimals = decimals_of_estimate(mean, half);
    return decimals > 0 || half >= 9.95 ? decimals : 1;
}

/* A half-width that vanishes at so many decimals is given by its size alone. */
static char *half_text(double half, int decimals)
{
    return half > 0 && half < 0.5 * pow(10, -decimals) ? lc_format("%.1g", half) : lc_format("%.*f", decimals, half);
}

char *number_text(double value)
{
    if (isnan(value))
        return lc_strdup("–");
    if (isinf(value))
        return lc_strdup("∞");
    if (value == 0)
        return lc_strdup("0");
    if (fabs(value) < 1e-6)
        return lc_format("%.3g", value);
    return lc_format("%.*f", decimals_of(value), value);
}

char *amount_text(double value)
{
    if (value > 0 && value < 0.001)
        return lc_strdup("<0.001");
    return value > 0 && value < 1 ? lc_format("%.3f", value) : number_text(value);
}

char *missed_precision(double widest, double asked)
{
    const double aim = asked / (1 + asked); /* of the value that was found, which may be too small by that much */
    if (isnan(widest))
        return lc_strdup("too few runs for an interval");
    if (widest <= aim)
        return lc_format("± %.3g %%, but of too few or too short runs to be trusted", 100 * widest);
    char *is = NULL, *right = NULL;
    for (int digits = 3; digits <= 17 && (is == NULL || strcmp(is, right) == 0); digits++) {
        free(is);
        free(right);
        is = lc_format("%.*g", digits, 100 * widest);
        right = lc_format("%.*g", digits, 100 * aim);
    }
    char *text = lc_format("± %s %% instead of ± %s %% (%.3g %% of the true value)", is, right, 100 * asked);
    free(is);
    free(right);
    return text;
}

char *time_text(double seconds)
{
    if (seconds == 0)
        return lc_strdup("0");
    const struct time_scale scale = time_scale_of(fabs(seconds) * (1 + ROUNDED));
    char *number = number_text(seconds / scale.seconds);
    char *text = lc_format("%s %s", number, scale.unit);
    free(number);
    return text;
}

char *quantity_text(const char *unit, double value)
{
    if (strcmp(unit, "s") == 0)
        return time_text(value);
    char *number = number_text(value);
    const bool rate = strcmp(unit, "1/s") == 0;
    if (!rate && strcmp(unit, "B") != 0)
        return number;
    char *text = lc_format(rate ? "%s/s" : "%s B", number);
    free(number);
    return text;
}

char *time_with_error(double mean, double error)
{
    if (mean == 0 || isnan(mean))
        return time_text(mean);
    const struct time_scale scale = time_scale_of(fabs(mean) * (1 + ROUNDED));
    const double value = mean / scale.seconds, half = error / scale.seconds;
    const int decimals = decimals_of_estimate(value, half), three = decimals_of(value);
    const int shown = half > 0 && decimals > three ? three + 1 : three;
    char *known = isnan(error) ? lc_strdup("?") : half_text(half, shown);
    char *text = lc_format("%.*f ± %s %s", shown, value, known, scale.unit);
    free(known);
    return text;
}

char *percent_text(double part)
{
    if (isnan(part))
        return lc_strdup("–");
    return lc_format("%.1f %%", 100 * part);
}

static double half_of(const struct lc_estimate *value, double confidence)
{
    const double half = confidence > 0.95 ? value->ci99 : value->ci95;
    return half < EXACT * fabs(value->mean) ? 0 : half;
}

/* "[77.7, 87.2]", open to the right where it has no end. */
static char *interval_text(double low, double high, int decimals)
{
    if (isinf(high))
        return lc_format("[%.*f, ∞)", decimals, low);
    return lc_format("[%.*f, %.*f]", decimals, low, decimals, high);
}

/* In steps, and without a sign where nothing is left of the value. */
static double shown(double value, double step, int decimals)
{
    return fabs(value) < 0.5 * pow(10, -decimals) ? 0 : in_steps(value, step);
}

static char *interval_with(double mean, double low, double high, const char *unit, double half, int decimals)
{
    const double step = step_of(half);
    char *interval = interval_text(shown(low, step, decimals), shown(high, step, decimals), decimals);
    char *text = lc_format("%.*f%s %s", decimals, shown(mean, step, decimals), unit, interval);
    free(interval);
    return text;
}

/* Decimals of an estimate with such a half-width (0: it is not known) in that unit. */
static int decimals_in(double mean, double half, const char *unit)
{
    return strcmp(unit, " %") == 0 ? decimals_of_percent(mean, half) : decimals_of_estimate(mean, half);
}

static double half_between(double mean, double low, double high)
{
    return isfinite(high) ? (high - low) / 2 : mean - low;
}

char *interval_estimate(double mean, double low, double high, double scale, const char *unit)
{
    const double half = half_between(mean, low, high) / scale;
    return interval_with(mean / scale, low / scale, high / scale, unit, half, decimals_in(mean / scale, half, unit));
}

char *difference_estimate(double mean, double low, double high, const struct lc_estimate *of, double scale,
                          const char *unit)
{
    const double value = of->mean / scale, half = half_between(mean, low, high) / scale;
    const int known = decimals_in(value, isfinite(of->ci95) ? of->ci95 / scale : 0, unit);
    const int three = strcmp(unit, " %") == 0 ? 1 : decimals_of(value);
    const int most = known > three ? known : three, wanted = decimals_in(mean / scale, half, unit);
    const int decimals = wanted < most ? wanted : most;
    if (fmax(fabs(low), fabs(high)) / scale < 0.5 * pow(10, -decimals))
        return NULL;
    return interval_with(mean / scale, low / scale, high / scale, unit, half, decimals);
}

/* The same for an estimate of a learned model; NULL: it is none, or the interval is not known. */
static char *learned_text(const struct lc_estimate *value, double scale, const char *unit, double confidence)
{
    double low, high;
    lc_estimate_interval(value, confidence, &low, &high);
    return value->learned && !isnan(low) && high - low > EXACT * fabs(value->mean)
               ? interval_estimate(value->mean, low, high, scale, unit)
               : NULL;
}

char *percent_estimate(const struct lc_estimate *part, double confidence)
{
    char *learned = learned_text(part, 0.01, " %", confidence);
    if (learned != NULL)
        return learned;
    const double half = half_of(part, confidence);
    if (isnan(part->mean) || isnan(half))
        return percent_text(part->mean);
    const int decimals = decimals_of_percent(100 * part->mean, 100 * half);
    const double step = step_of(100 * half);
    char *interval = half_text(in_steps(100 * half, step), decimals);
    char *text = lc_format("%.*f ± %s %%", decimals, in_steps(100 * part->mean, step), interval);
    free(interval);
    return text;
}

char *estimate_text(const struct lc_estimate *value, double scale, double confidence)
{
    char *learned = learned_text(value, scale, "", confidence);
    if (learned != NULL)
        return learned;
    const double mean = value->mean / scale, half = half_of(value, confidence) / scale;
    if (isnan(mean) || isnan(half) || isinf(mean))
        return number_text(mean);
    const int decimals = decimals_of_estimate(mean, half);
    const double step = step_of(half);
    char *interval = half_text(in_steps(half, step), decimals);
    char *text = lc_format("%.*f ± %s", decimals, in_steps(mean, step), interval);
    free(interval);
    return text;
}

char *time_estimate(const struct lc_estimate *seconds, double confidence)
{
    const struct time_scale scale = time_scale_of(fabs(seconds->mean));
    char *number = estimate_text(seconds, scale.seconds, confidence);
    char *text = lc_format("%s %s", number, scale.unit);
    free(number);
    return text;
}
