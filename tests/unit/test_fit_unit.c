/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The unit that quantised samples were read in: found by the majority of values, stated, or none.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "loadcast/fit.h"

enum { N = 5000 };

/* N gamma variates of mean 30 rounded to multiples of `unit`; 0: as they are. */
static void draw(double *x, double unit, uint64_t seed)
{
    struct lc_random r;
    struct lc_dist d = lc_dist_named("gamma", 2, 3.0, 10.0);
    lc_random_init(&r, seed, 0, "unit", "sample");
    for (size_t i = 0; i < N; i++) {
        x[i] = lc_dist_sample(&d, &r);
        x[i] = unit > 0 ? unit * nearbyint(x[i] / unit) : x[i];
    }
    lc_dist_free(&d);
}

static struct lc_choice choose(const double *x, double unit)
{
    static const char *const families[] = {"gamma", NULL};
    struct lc_choice choice;
    lc_choose(&(struct lc_sample){.low = x, .count = N},
              &(struct lc_choice_options){.families = families, .unit = unit}, &choice);
    return choice;
}

static void expect_unit(const double *x, double unit, double odd)
{
    struct lc_choice choice = choose(x, LC_UNIT_FOUND);
    assert_true(fabs(choice.unit - unit) <= 1e-9 * unit);
    assert_true(fabs(choice.odd - odd) <= 1e-12);
    assert_true(fabs(choice.fits[choice.best].dist.parameters[0] - 3) <= 0.25); /* 4 standard errors */
    lc_choice_free(&choice);
}

static void units_are_found(void **state)
{
    (void)state;
    static const double units[] = {0.02, 0.25, 1, 4, 15.625, 1e-6, 7};
    static double x[N];
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            draw(x, units[i], seed);
            /* Steps of a millionth part of the values hardly ever coincide: these are as good as continuous. */
            expect_unit(x, units[i] < 1e-3 ? 0 : units[i], 0);
        }
    draw(x, 0, 1);
    expect_unit(x, 0, 0);
}

/* One of all values, and two of five, that another instrument read neither hide the unit nor make a finer one. */
static void the_majority_decides(void **state)
{
    (void)state;
    static double x[N], fine[N];
    draw(x, 1, 4);
    x[N / 2] += 0.123;
    expect_unit(x, 1, 1.0 / N);
    x[N / 2] = 30.0005;
    expect_unit(x, 1, 1.0 / N);
    draw(x, 1, 5);
    draw(fine, 0, 6);
    size_t odd = 0;
    for (size_t i = 0; i < 2 * N / 5; i++)
        x[i] = fine[i];
    expect_unit(x, 1, 0.4);
    for (size_t i = 0; i < 4 * N / 5; i++) { /* mostly tenths now: a tenth of these are whole by chance */
        x[i] = nearbyint(10 * fine[i]) / 10;
        odd += x[i] != nearbyint(x[i]);
    }
    assert_true((double)odd > 0.6 * N);
    expect_unit(x, 0.1, 0);
}

/* Many even numbers among whole ones are no unit of 2. */
static void multiples_by_chance_are_no_unit(void **state)
{
    (void)state;
    static double x[N];
    draw(x, 1, 7);
    for (size_t i = 0; i < N / 4; i++)
        x[i] = 2 * nearbyint(x[i] / 2);
    expect_unit(x, 1, 0);
}

static void units_can_be_stated(void **state)
{
    (void)state;
    static double x[N];
    draw(x, 1, 8);
    struct lc_choice none = choose(x, LC_UNIT_NONE), stated = choose(x, 0.5);
    assert_true(none.unit == 0 && none.odd == 0);
    assert_true(stated.unit == 0.5 && stated.odd == 0);
    lc_choice_free(&none);
    lc_choice_free(&stated);
}

/* Far above their unit readings are as good as points: a fit of them is that of the values before they were rounded,
 * within a small part of its standard error. */
static void fine_units_change_nothing(void **state)
{
    (void)state;
    static const char *const families[] = {"gamma",        "lognormal",        "weibull", "normal", "erlang",
                                           "log_logistic", "inverse_gaussian", "lomax",   "burr",   "gamma_mixture"};
    static double exact[N], read[N];
    draw(exact, 0, 9);
    draw(read, 0.02, 9);
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        struct lc_fit a, b;
        const struct lc_family *family = lc_family_find(families[i]);
        assert_int_equal(lc_fit_family(family, &(struct lc_sample){.low = exact, .count = N}, &a), 0);
        assert_int_equal(lc_fit_family(family, &(struct lc_sample){.low = read, .count = N}, &b), 0);
        for (int k = 0; k < LC_CHARACTERISTICS; k++) {
            const double error = a.characteristic_errors[k];
            if (!isfinite(error) || a.note != NULL)
                continue; /* no maximum: the end of the search */
            if (!(fabs(a.characteristics[k] - b.characteristics[k]) < 0.05 * error) ||
                !(fabs(b.characteristic_errors[k] / error - 1) < 0.05))
                fail_msg("%s: %s %g ± %g, read off a scale %g ± %g", families[i],
                         lc_characteristic_name((enum lc_characteristic)k), a.characteristics[k], error,
                         b.characteristics[k], b.characteristic_errors[k]);
        }
        lc_fit_free(&a);
        lc_fit_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_are_found),
        cmocka_unit_test(the_majority_decides),
        cmocka_unit_test(multiples_by_chance_are_no_unit),
        cmocka_unit_test(units_can_be_stated),
        cmocka_unit_test(fine_units_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
