/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "loadcast/growth.h"
#include "model/random/generator.h"
#include "sim/scenario/growth.h"

static void near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.17g instead of %.17g", value, expected);
}

static double date(const char *text)
{
    double day = NAN;
    const char *end = text;
    assert_true(lci_date_parse(text, &day, &end));
    assert_int_equal(*end, 0);
    return day;
}

static void the_calendar_is_gregorian(void **state)
{
    (void)state;
    char text[32];
    assert_true(date("1970-01-01") == 0);
    assert_true(date("2000-03-01") == 11017); /* date -u -d 2000-03-01 +%s / 86400 */
    assert_true(date("2026-12") == date("2026-12-01"));
    assert_true(date("2100-03-01") - date("2100-02-28") == 1); /* no leap year */
    assert_true(date("2000-03-01") - date("2000-02-28") == 2); /* one */
    for (double day = date("1896-01-01"); day < date("2105-01-01"); day++)
        assert_true(date(lci_date_text(day, text)) == day);
    double day;
    const char *end;
    static const char *const wrong[] = {"2026-13-01", "2026-02-29", "2026-1-1", "26-01-01", "", "2026", "2026-04-31"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(lci_date_parse(wrong[i], &day, &end));
}

static void months_keep_their_day(void **state)
{
    (void)state;
    assert_true(lci_date_add(date("2026-12-01"), 1, LC_MONTH) == date("2027-01-01"));
    assert_true(lci_date_add(date("2028-01-31"), 1, LC_MONTH) == date("2028-02-29"));
    assert_true(lci_date_add(date("2027-01-31"), 1, LC_MONTH) == date("2027-02-28"));
    assert_true(lci_date_add(date("2027-01-31"), 2, LC_MONTH) == date("2027-03-31"));
    assert_true(lci_date_add(date("2028-02-29"), 1, LC_YEAR) == date("2029-02-28"));
    assert_true(lci_date_add(date("2028-02-29"), 4, LC_YEAR) == date("2032-02-29"));
    assert_true(lci_date_add(date("2027-03-01"), -13, LC_MONTH) == date("2026-02-01"));
    assert_true(lci_date_add(date("2026-12-28"), 2, LC_WEEK) == date("2027-01-11"));
    assert_true(lci_date_add(date("2027-02-01"), 0.5, LC_MONTH) == date("2027-02-15"));
    for (int period = LC_DAY; period <= LC_YEAR; period++)
        for (double count = -20; count < 40; count += 0.37) {
            const double from = date("2026-11-17");
            near(lci_date_periods(from, lci_date_add(from, count, (enum lc_period)period), (enum lc_period)period),
                 count, 1e-9);
        }
    assert_int_equal(lci_period_find("months", 6), LC_MONTH);
    assert_int_equal(lci_period_find("week", 4), LC_WEEK);
    assert_int_equal(lci_period_find("weekly", 6), -1);
}

/* ln(1.6) / ln(1.1) = 4.93 months take a load of 0.5 to 0.8. */
static void growth_in_closed_form(void **state)
{
    (void)state;
    struct lc_growth g = {.given = true, .amount = 0.1, .period = LC_MONTH, .start = date("2026-12-01")};
    near(lci_growth_factor(&g, date("2027-12-01")), pow(1.1, 12), 1e-12);
    near(lci_date_periods(g.start, lci_growth_day(&g, 1.6), LC_MONTH), log(1.6) / log(1.1), 1e-9);
    near(lci_growth_day(&g, 1.6), date("2027-04-01") + 30 * (log(1.6) / log(1.1) - 4), 1e-9);
    g.shape = LC_LINEAR;
    near(lci_growth_factor(&g, date("2027-12-01")), 2.2, 1e-12);
    near(lci_growth_day(&g, 1.6), date("2027-06-01"), 1e-6);
    g.amount = 0;
    assert_true(isinf(lci_growth_day(&g, 1.6)));
}

/* Least squares of y and of log(y) over days, the formulas written out for centred days. */
static void trends_are_least_squares(void **state)
{
    (void)state;
    const double y[] = {12.1, 12.9, 14.2, 15.1, 15.8, 17.2, 18.9, 20.1, 21.2, 23.4};
    double days[10], sxy = 0, sxx = 0, mean = 0;
    for (int i = 0; i < 10; i++) {
        days[i] = 20000 + 30 * i;
        mean += y[i] / 10;
    }
    for (int i = 0; i < 10; i++) {
        sxy += 30 * (i - 4.5) * (y[i] - mean);
        sxx += 900 * (i - 4.5) * (i - 4.5);
    }
    struct lc_trend linear, exponential;
    const double of_linear = lci_trend_fit(days, y, 10, LC_LINEAR, &linear);
    const double of_exponential = lci_trend_fit(days, y, 10, LC_EXPONENTIAL, &exponential);
    near(linear.centre, 20135, 1e-9);
    near(linear.intercept, mean, 1e-12);
    near(linear.slope, sxy / sxx, 1e-12);
    assert_true(of_exponential < of_linear); /* it bends upwards */
    near(30 * exponential.slope, log(23.4 / 12.1) / 9, 0.003);
    near(linear.slope_variance * sxx, linear.deviation * linear.deviation, 1e-12);
    near(linear.intercept_variance * 10, linear.deviation * linear.deviation, 1e-12);
}

static void exact_histories_are_found_again(void **state)
{
    (void)state;
    double days[12], straight[12], bent[12];
    struct lc_trend t;
    for (int i = 0; i < 12; i++) {
        days[i] = 20000 + 7 * i;
        straight[i] = 50 + 2.5 * i;
        bent[i] = 50 * pow(1.04, i);
    }
    assert_true(lci_trend_fit(days, straight, 12, LC_LINEAR, &t) <
                lci_trend_fit(days, straight, 12, LC_EXPONENTIAL, &t));
    assert_true(lci_trend_fit(days, bent, 12, LC_EXPONENTIAL, &t) < lci_trend_fit(days, bent, 12, LC_LINEAR, &t));
    lci_trend_fit(days, bent, 12, LC_EXPONENTIAL, &t);
    struct lc_growth g = {.given = true, .trend = t, .start = days[11]};
    near(lci_growth_factor(&g, days[11] + 70), pow(1.04, 10), 1e-9);
    near(lci_growth_day(&g, 2), days[11] + 7 * log(2) / log(1.04), 1e-6);
    lci_trend_fit(days, straight, 12, LC_LINEAR, &g.trend);
    near(lci_growth_factor(&g, days[11] + 70), (77.5 + 25) / 77.5, 1e-12);
    near(lci_growth_day(&g, 2), days[11] + 7 * 77.5 / 2.5, 1e-6);
}

/* Intervals of the day on which a factor is passed hold the true one as often as they say: 400 histories of 20 noisy
 * months, 95 % intervals of 400 replicates. 0.95 ± 4 standard deviations of a proportion: 0.906 to 0.994. */
static void draws_cover_the_truth(void **state)
{
    (void)state;
    enum { HISTORIES = 400, DRAWS = 400, MONTHS = 20 };
    struct lc_random random;
    lc_random_init(&random, 1, 0, "test", "growth");
    const double slope = log(1.05) / 30;
    int covered = 0;
    for (int h = 0; h < HISTORIES; h++) {
        double days[MONTHS], rates[MONTHS];
        for (int i = 0; i < MONTHS; i++) {
            days[i] = 30 * i;
            rates[i] = exp(slope * days[i] + 0.1 * lci_random_normal(&random));
        }
        struct lc_growth g = {.given = true, .start = days[MONTHS - 1]};
        lci_trend_fit(days, rates, MONTHS, LC_EXPONENTIAL, &g.trend);
        const double truth = g.start + log(2) / slope;
        int later = 0;
        for (int i = 0; i < DRAWS; i++) {
            const struct lc_growth drawn = lci_growth_replicate(&g, &random);
            const double day = lci_growth_day(&drawn, 2);
            later += day > truth || day < g.start;
        }
        covered += later >= DRAWS / 40 && later <= DRAWS - DRAWS / 40;
    }
    const double part = (double)covered / HISTORIES;
    if (part < 0.906 || part > 0.994)
        fail_msg("%g of the intervals hold the true day", part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_calendar_is_gregorian),       cmocka_unit_test(months_keep_their_day),
        cmocka_unit_test(growth_in_closed_form),           cmocka_unit_test(trends_are_least_squares),
        cmocka_unit_test(exact_histories_are_found_again), cmocka_unit_test(draws_cover_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
