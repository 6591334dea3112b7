/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Changes, slopes and crossings of series: closed forms, definitions, and series whose steps are known. */
#include <math.h>
#include <stdlib.h>

#include "fit/series/changes.h"
#include "fit/series/slope.h"
#include "support/stepped.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void close_to(double found, double expected, double within)
{
    if (!(fabs(found - expected) <= within))
        fail_msg("expected %.12g, found %.12g", expected, found);
}

/* ---- the search -------------------------------------------------------------------------------------------------- */

static double distances(const double *x, size_t a, size_t b, size_t c, size_t d)
{
    double sum = 0;
    for (size_t i = a; i < b; i++)
        for (size_t k = c; k < d; k++)
            sum += fabs(x[i] - x[k]);
    return sum;
}

/* Q as Matteson and James define it: n m / (n + m) times the energy distance of X = [0, at) and Y = [at, end). */
static double by_definition(const double *x, size_t at, size_t end)
{
    const double n = (double)at, m = (double)(end - at);
    const double energy = 2 / (n * m) * distances(x, 0, at, at, end) -
                          (n > 1 ? distances(x, 0, at, 0, at) / (n * (n - 1)) : 0) -
                          (m > 1 ? distances(x, at, end, at, end) / (m * (m - 1)) : 0);
    return n * m / (n + m) * energy;
}

static void the_split_is_the_best_of_all(void **state)
{
    (void)state;
    for (size_t seed = 0; seed < 40; seed++) {
        double x[30], best = -INFINITY;
        size_t at = 0;
        const size_t count = 2 + seed % 29;
        struct lci_change_options o = lci_change_defaults;
        o.least = 1 + seed % 3;
        stepped_noise(seed, x, count);
        for (size_t k = o.least; k < count; k++)
            for (size_t end = k + o.least; end <= count; end++)
                if (by_definition(x, k, end) > best) {
                    best = by_definition(x, k, end);
                    at = k;
                }
        const struct lci_energy split = lci_energy_split(x, count, &o, 0);
        assert_int_equal(split.at, at);
        if (at > 0)
            close_to(split.q, best, 1e-9);
    }
}

static size_t find(const double *x, size_t count, const struct lci_change_options *o, struct lci_level_change *changes)
{
    return lci_changes(x, count, o != NULL ? o : &lci_change_defaults, changes);
}

static void steps_without_noise(void **state)
{
    (void)state;
    const double x[] = {249, 249, 249, 116, 116, 116, 116, 295, 295};
    struct lci_level_change changes[COUNT(x)];
    assert_int_equal(find(x, COUNT(x), NULL, changes), 2);
    assert_int_equal(changes[0].at, 3);
    assert_int_equal(changes[1].at, 7);
    close_to(changes[0].before, 249, 1e-12);
    close_to(changes[0].after, 116, 1e-12);
    close_to(changes[1].after, 295, 1e-12);
    assert_true(changes[0].p == 0 && changes[1].p == 0);
    struct lci_change_options o = lci_change_defaults;
    const double end[] = {1, 1, 1, 1, 5, 5};
    assert_int_equal(find(end, COUNT(end), &o, changes), 1);
    o.least = 3;
    assert_int_equal(find(end, COUNT(end), &o, changes), 0);
    o = lci_change_defaults;
    o.magnitude = 0.5;
    assert_int_equal(find(x, COUNT(x), &o, changes), 2); /* 249 to 116 is −53 % */
    o.magnitude = 2;
    assert_int_equal(find(x, COUNT(x), &o, changes), 0);
    const double same[] = {5, 5, 5, 5, 5, 5};
    assert_int_equal(find(same, COUNT(same), NULL, changes), 0);
    assert_int_equal(find(x, 1, NULL, changes), 0);
    assert_int_equal(find(x, 0, NULL, changes), 0);
}

/* t = −2.19089 with 6 degrees of freedom. */
static void the_test_is_students(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, 3, 4, 5, 6};
    struct lci_level_change changes[COUNT(x)];
    struct lci_change_options o = {.window = 50, .least = 4, .level = 0.0711, .published = true};
    assert_int_equal(find(x, COUNT(x), &o, changes), 1);
    close_to(changes[0].p, 0.0709879, 1e-6);
    o.level = 0.0709;
    assert_int_equal(find(x, COUNT(x), &o, changes), 0);
}

static void changes_begin_at_borders(void **state)
{
    (void)state;
    const double x[] = {10, 11, 10, 11, 10, 11, 10, 11, 20, 21, 20, 21, 20, 21, 20, 21, 20, 21};
    const bool border[COUNT(x)] = {[0] = true, [3] = true, [7] = true, [12] = true};
    struct lci_level_change changes[COUNT(x)];
    struct lci_change_options o = lci_change_defaults;
    o.level = 0.05;
    assert_int_equal(find(x, COUNT(x), &o, changes), 1);
    assert_int_equal(changes[0].at, 8);
    o.border = border;
    assert_int_equal(find(x, COUNT(x), &o, changes), 1);
    assert_int_equal(changes[0].at, 7);
}

/* Up, and down again six values later; whatever the unit and level. */
static void two_that_are_near(void **state)
{
    (void)state;
    double x[80], scaled[80];
    struct lci_level_change changes[80], others[80];
    stepped_noise(7, x, 80);
    for (size_t i = 40; i < 46; i++)
        x[i] += 6;
    for (size_t i = 0; i < 80; i++)
        scaled[i] = -3e6 * x[i] + 1e9;
    assert_int_equal(find(x, 80, NULL, changes), 2);
    assert_int_equal(changes[0].at, 40);
    assert_int_equal(changes[1].at, 46);
    assert_int_equal(find(scaled, 80, NULL, others), 2);
    assert_int_equal(others[0].at, 40);
    assert_int_equal(others[1].at, 46);
}

static void a_drift_is_no_change(void **state)
{
    (void)state;
    double x[120];
    struct lci_level_change changes[120];
    struct lci_change_options published = lci_change_defaults;
    published.published = true;
    stepped_noise(3, x, 120);
    for (size_t i = 0; i < 120; i++)
        x[i] += 0.05 * (double)i;
    assert_int_equal(find(x, 120, NULL, changes), 0);
    assert_true(find(x, 120, &published, changes) > 0);
    for (size_t i = 60; i < 120; i++)
        x[i] += 4;
    assert_int_equal(find(x, 120, NULL, changes), 1);
    assert_in_range(changes[0].at, 59, 61);
}

static void lone_values_are_drawn_in(void **state)
{
    (void)state;
    double x[] = {1, 2, 1, 2, 90, 2, 1, 2, 1, 2, 90, 91, 90, 91, 90, 91}, drawn[COUNT(x)];
    lci_draw_in(x, COUNT(x), drawn);
    for (size_t i = 0; i < COUNT(x); i++)
        if (i == 4)
            assert_true(drawn[i] > 2 && drawn[i] < 10);
        else
            close_to(drawn[i], x[i], 0);
}

/* Better than the published method on both counts: 500 series of steps of 0.5 to 3 standard deviations. */
static void steps_that_are_known(void **state)
{
    (void)state;
    struct score here = {0}, there = {0};
    struct lci_change_options published = lci_change_defaults;
    published.published = true;
    published.least = 1;
    for (size_t i = 0; i < 500; i++) {
        const struct stepped s = stepped_series(i);
        score_changes(&s, &lci_change_defaults, &here);
        score_changes(&s, &published, &there);
    }
    print_message("precision %.3f, recall %.3f; published %.3f, %.3f\n", precision(&here), recall(&here),
                  precision(&there), recall(&there));
    assert_true(precision(&here) > 0.84 && precision(&here) > precision(&there) + 0.05);
    assert_true(recall(&here) > 0.62 && recall(&here) > recall(&there) + 0.03);
}

/* ---- slopes ------------------------------------------------------------------------------------------------------ */

/* Anscombe's first data set; values as R's lm() and confint() give them. */
static void a_line(void **state)
{
    (void)state;
    const double x[] = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
    const double y[] = {8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68};
    const struct lci_slope s = lci_slope_of(x, y, COUNT(x));
    close_to(s.slope, 0.5000909, 1e-6);
    close_to(s.low, 0.2333701, 1e-6);
    close_to(s.high, 0.7668117, 1e-6);
    close_to(lci_slope_at(&s, 0), 3.0000909, 1e-6);
    assert_true(isnan(lci_slope_of(x, y, 2).slope));
    const double one[] = {3, 3, 3, 3};
    assert_true(isnan(lci_slope_of(one, y, 4).slope));
}

/* The ends are where the line is as far from the limit as chance allows there. */
static void a_crossing(void **state)
{
    (void)state;
    const double x[] = {0, 0, 1, 1, 2, 2, 3, 3}, y[] = {40, 42, 46, 45, 50, 53, 55, 56};
    const struct lci_slope s = lci_slope_of(x, y, COUNT(x));
    struct lci_crossing c;
    assert_true(lci_slope_crosses(&s, 80, 3, &c));
    close_to(lci_slope_at(&s, c.at), 80, 1e-9);
    const double ends[] = {c.low, c.high};
    for (int i = 0; i < 2; i++) {
        const double u = ends[i] - s.middle;
        close_to(fabs(lci_slope_at(&s, ends[i]) - 80), s.t * sqrt(s.variance * (1 / s.n + u * u / s.spread)), 1e-9);
    }
    assert_true(c.low < c.at && c.at < c.high);
    assert_false(lci_slope_crosses(&s, 30, 3, &c)); /* behind */
    const double exact[] = {1, 1, 3, 3, 5, 5, 7, 7};
    const struct lci_slope e = lci_slope_of(x, exact, COUNT(x));
    assert_true(lci_slope_crosses(&e, 11, 3, &c));
    close_to(c.at, 5, 1e-12);
    close_to(c.low, 5, 1e-6);
    close_to(c.high, 5, 1e-6);
}

/* Of 2000 noisy lines; the interval has no end where the slope may be none. */
static void crossings_hold_the_truth(void **state)
{
    (void)state;
    enum { LINES = 2000, RELEASES = 8 };
    size_t known = 0, held = 0;
    for (size_t seed = 0; seed < LINES; seed++) {
        double x[RELEASES], y[RELEASES];
        struct lci_crossing c;
        stepped_noise(seed, y, RELEASES);
        for (size_t i = 0; i < RELEASES; i++) {
            x[i] = (double)i;
            y[i] += 1.5 * x[i];
        }
        const struct lci_slope s = lci_slope_of(x, y, RELEASES);
        if (!lci_slope_crosses(&s, 20 + 1.5 * 12, RELEASES - 1, &c))
            continue;
        known++;
        held += c.low <= 12 && 12 <= c.high;
    }
    assert_true((double)known > 0.99 * LINES);
    close_to((double)held / (double)known, 0.95, 0.015);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_split_is_the_best_of_all),
        cmocka_unit_test(steps_without_noise),
        cmocka_unit_test(the_test_is_students),
        cmocka_unit_test(changes_begin_at_borders),
        cmocka_unit_test(two_that_are_near),
        cmocka_unit_test(a_drift_is_no_change),
        cmocka_unit_test(lone_values_are_drawn_in),
        cmocka_unit_test(steps_that_are_known),
        cmocka_unit_test(a_line),
        cmocka_unit_test(a_crossing),
        cmocka_unit_test(crossings_hold_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
