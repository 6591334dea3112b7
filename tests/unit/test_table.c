/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers beside their intervals: a table shows no digit that the interval does not support. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../cli/render/table.h"

/* What the last digit of a number that is written so counts, without the zeros at the end of an integer. */
static double last_digit(const char *number, size_t length)
{
    const char *point = memchr(number, '.', length);
    if (point != NULL)
        return pow(10, -(double)(number + length - point - 1));
    double counts = 1;
    for (size_t i = length; i-- > 1 && number[i] == '0';)
        counts *= 10;
    return counts;
}

static char *shown(double mean, double half, bool percent)
{
    const struct lc_estimate value = {.mean = mean, .ci95 = half, .ci99 = half};
    return percent ? percent_estimate(&value, 0.95) : estimate_text(&value, 1, 0.95);
}

/* The last digit counts at least a hundredth of the half-width (two digits of it mean something), rounding moves the
 * mean by no more than a part of the half-width, and the half-width is told to within a half of itself. */
static void supports(double mean, double half, bool percent)
{
    char *text = shown(mean, half, percent);
    const double scale = percent ? 100 : 1, told_mean = strtod(text, NULL);
    const char *sign = strstr(text, " ± ");
    if (sign == NULL) {
        fail_msg("%g ± %g is shown as '%s'", mean, half, text);
        return;
    }
    char *end;
    const double told = strtod(sign + strlen(" ± "), &end), counts = last_digit(text, (size_t)(sign - text));
    const char *exponent = strpbrk(sign, "eE");
    if (!(fabs(told - scale * half) <= 0.5 * scale * half) ||
        (exponent != NULL && exponent < end && counts < told / 20))
        fail_msg("%g ± %g is shown as '%s'", mean, half, text);
    if (counts < scale * half / 101 || fabs(told_mean - scale * mean) > 0.5 * fmax(counts, scale * half / 9) * 1.0001)
        fail_msg("%.17g ± %g is shown as '%s', whose last digit counts %g", mean, half, text, counts);
    free(text);
}

static void no_digit_beyond_the_interval(void **state)
{
    (void)state;
    static const double means[] = {1, 9.9996, 9.5, 0.99951, 123456.789, 99999.5, 0.000123456, 7, 50, 3.14159e6, 0.1};
    static const double parts[] = {1e-3, 0.00996, 0.00995, 0.0199999, 0.02, 0.0995, 0.1, 0.195, 0.2, 0.5, 0.999, 1.5};
    for (size_t i = 0; i < sizeof means / sizeof *means; i++)
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
            supports(means[i], means[i] * parts[k], false);
            if (means[i] <= 1 && means[i] > 0.01)
                supports(means[i], means[i] * parts[k], true);
        }
}

/* Worked out by hand. */
static void numbers_as_people_read_them(void **state)
{
    (void)state;
    static const struct {
        double mean, half;
        bool percent;
        const char *text;
    } cases[] = {
        {123456.789, 1234, false, "123500 ± 1200"},
        {3312, 1718, false, "3300 ± 1700"},
        {12.3456, 0.789, false, "12.3 ± 0.8"},
        {12.3456, 0.1234, false, "12.35 ± 0.12"},
        {0.453, 0.123, true, "45 ± 12 %"},
        {0.453, 0.072, true, "45.3 ± 7.2 %"},
        {1.5, 1.2, true, "150 ± 120 %"},
        {0.0123456, 0.00023, true, "1.23 ± 0.02 %"},
        {100, 99, false, "100 ± 99"},
        {100, 99.6, false, "100 ± 100"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = shown(cases[i].mean, cases[i].half, cases[i].percent);
        assert_string_equal(text, cases[i].text);
        free(text);
    }
    char *text = interval_estimate(1234, 800, 2345, 1, " ms");
    assert_string_equal(text, "1230 ms [800, 2350]"); /* 2345 / 10 is rounded away from 0 */
    free(text);
    text = interval_estimate(0.5, 0.2, 0.8, 0.01, " %");
    assert_string_equal(text, "50 % [20, 80]");
    free(text);
    text = interval_estimate(0.5, 0.47, 0.53, 0.01, " %");
    assert_string_equal(text, "50.0 % [47.0, 53.0]");
    free(text);
}

/* Differences have no digit that the value has not; where nothing is left in them, there is none. */
static void differences_as_people_read_them(void **state)
{
    (void)state;
    static const struct {
        double value, half, mean, low, high;
        const char *text; /* NULL: none */
    } cases[] = {
        {4.96, 0.03, 0, -5e-6, 0, NULL},
        {4.96, 0.03, 0.0012, -0.0049, 0.0049, NULL},
        {9.95, 0.05, -0.001, -0.011, 0.009, "0.00 [-0.01, 0.01]"},
        {249, 60, -118, -214, -57, "-118 [-214, -57]"},
        {249, 60, 0.3, 0.2, 0.4, NULL},
        {40.052, 0.012, 0.013, 0.005, 0.021, "0.013 [0.005, 0.021]"}, /* known more closely than to three digits */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct lc_estimate of = {.mean = cases[i].value, .ci95 = cases[i].half};
        char *text = difference_estimate(cases[i].mean, cases[i].low, cases[i].high, &of, 1, "");
        if (cases[i].text == NULL)
            assert_null(text);
        else
            assert_string_equal(text, cases[i].text);
        free(text);
    }
}

static void a_missed_precision_is_told_from_the_asked_one(void **state)
{
    (void)state;
    const struct {
        double widest, asked;
        const char *text;
    } cases[] = {
        {0.02, 0.01, "± 2 % instead of ± 0.99 % (1 % of the true value)"},
        {0.00995, 0.01, "± 0.995 % instead of ± 0.99 % (1 % of the true value)"},
        {0.0099012, 0.01, "± 0.99012 % instead of ± 0.9901 % (1 % of the true value)"},
        {0.049, 0.05, "± 4.9 % instead of ± 4.76 % (5 % of the true value)"},
        {0.009, 0.01, "± 0.9 %, but of too few or too short runs to be trusted"},
        {NAN, 0.01, "too few runs for an interval"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = missed_precision(cases[i].widest, cases[i].asked);
        assert_string_equal(text, cases[i].text);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_digit_beyond_the_interval),
        cmocka_unit_test(numbers_as_people_read_them),
        cmocka_unit_test(a_missed_precision_is_told_from_the_asked_one),
        cmocka_unit_test(differences_as_people_read_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
