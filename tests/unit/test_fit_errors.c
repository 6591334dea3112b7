/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What fits say of the uncertainty of their parameters, against repeated samples: intervals must hold the truth as
 * often as they claim (test_fit_intervals.c: that of means and quantiles, and other ways to it). All seeds are fixed;
 * bounds are those a right program would miss once in ten thousand times.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/fit.h"

enum { MOST = 2000 };

static void draw(const struct lc_dist *d, double *x, size_t n, uint64_t seed)
{
    struct lc_random r;
    lc_random_init(&r, seed, 0, d->family->name, "errors");
    for (size_t i = 0; i < n; i++)
        x[i] = lc_dist_sample(d, &r);
}

struct coverage {
    int fits, within_half[12], within_most[12]; /* of the parameters: |error| ≤ 0.674 and 1.960 standard errors */
};

static void count(struct coverage *coverage, const struct lc_dist *truth, const struct lc_fit *fit)
{
    if (fit->dist.count != truth->count || fit->standard_errors == NULL)
        return; /* another number of components, or phases */
    coverage->fits++;
    for (size_t i = 0; i < truth->count; i++) {
        const double z = fabs(fit->dist.parameters[i] - truth->parameters[i]) / fit->standard_errors[i];
        coverage->within_half[i] += z <= 0.674490;
        coverage->within_most[i] += z <= 1.959964;
    }
}

/* Half of the errors are below 0.674 standard errors, 95 % below 1.96; estimates from finite samples are a little less
 * normal than that, for which the second bound leaves 1.5 %. 3.7: one in ten thousand of a normal distribution. */
static void expect_nominal(const struct coverage *coverage, const struct lc_dist *truth, const struct lc_fit *last)
{
    const double n = coverage->fits, half = n / 2, slack = 3.7 * sqrt(n) / 2;
    const double least = 0.935 * n - 3.7 * sqrt(n * 0.935 * 0.065);
    for (size_t i = 0; i < truth->count; i++) {
        if (isnan(last->standard_errors[i]))
            continue;
        if (fabs(coverage->within_half[i] - half) > slack || coverage->within_most[i] < least)
            fail_msg("%s, parameter %zu: of %d samples %d lie within 0.67 standard errors, %d within 1.96",
                     truth->family->name, i, coverage->fits, coverage->within_half[i], coverage->within_most[i]);
    }
}

static void check_coverage(struct lc_dist truth, size_t n, int repeats)
{
    static double x[MOST];
    struct coverage coverage = {0};
    struct lc_fit fit = {0};
    for (int k = 0; k < repeats; k++) {
        lc_fit_free(&fit);
        draw(&truth, x, n, 7000 + (uint64_t)k);
        assert_int_equal(lc_fit_family(truth.family, &(struct lc_sample){.low = x, .count = n}, &fit), 0);
        count(&coverage, &truth, &fit);
    }
    if (coverage.fits < repeats * 8 / 10)
        fail_msg("%s: standard errors for %d of %d samples only", truth.family->name, coverage.fits, repeats);
    expect_nominal(&coverage, &truth, &fit);
    lc_fit_free(&fit);
    lc_dist_free(&truth);
}

static void standard_errors_cover_the_truth(void **state)
{
    (void)state;
    check_coverage(lc_dist_exponential(3), 400, 300);
    check_coverage(lc_dist_named("erlang", 2, 3.0, 2.0), 400, 300);
    check_coverage(lc_dist_named("gamma", 2, 2.5, 4.0), 400, 300);
    check_coverage(lc_dist_named("lognormal", 2, -1.0, 0.7), 400, 300);
    check_coverage(lc_dist_named("normal", 2, 10.0, 2.0), 400, 300);
    check_coverage(lc_dist_named("weibull", 2, 1.7, 3.0), 400, 300);
    check_coverage(lc_dist_named("log_logistic", 2, 4.0, 3.0), 400, 300);
    check_coverage(lc_dist_named("inverse_gaussian", 2, 3.0, 5.0), 400, 300);
    check_coverage(lc_dist_named("pareto", 2, 2.5, 3.0), 400, 300);
    check_coverage(lc_dist_named("lomax", 2, 3.0, 4.0), 2000, 150);
    check_coverage(lc_dist_named("burr", 3, 2.0, 1.5, 5.0), 2000, 40);
}

static void standard_errors_of_mixtures_cover_the_truth(void **state)
{
    (void)state;
    check_coverage(lc_dist_named("lognormal_mixture", 6, 0.7, 0.0, 0.3, 0.3, 2.5, 0.4), 500, 24);
    check_coverage(lc_dist_named("gamma_mixture", 6, 0.6, 4.0, 0.3, 0.4, 20.0, 0.8), 500, 24);
    check_coverage(lc_dist_named("hyperexponential", 4, 0.7, 1.0, 0.3, 20.0), 500, 24);
    check_coverage(lc_dist_named("hyper_erlang", 6, 0.75, 6.0, 1.0, 0.25, 2.0, 30.0), 500, 24);
}

/* The phases of a chain: the last rate and the chance of coming to it are well known when it is slow. */
static void standard_errors_of_chains(void **state)
{
    (void)state;
    check_coverage(lc_dist_named("coxian", 3, 4.0, 0.3, 0.1), 400, 15);
}

/* Σ r_k²/(n − k) over five lags of a short series, in exact fractions, and the closed form of chi-squared with five
 * degrees of freedom. */
static void ljung_box_is_the_textbook_one(void **state)
{
    (void)state;
    double x[25];
    for (int i = 0; i < 25; i++)
        x[i] = (7 * i * i + 3 * i) % 11;
    struct lc_choice choice;
    lc_choose(&(struct lc_sample){.low = x, .count = 25}, NULL, &choice);
    assert_int_equal(choice.ljung_box_lags, 5);
    assert_true(fabs(choice.ljung_box - 28.529860727329485) < 1e-9);
    const double q = choice.ljung_box;
    assert_true(fabs(choice.ljung_box_p - (erfc(sqrt(q / 2)) + sqrt(2 * q / M_PI) * exp(-q / 2) * (1 + q / 3))) <
                1e-12);
    lc_choice_free(&choice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standard_errors_cover_the_truth),
        cmocka_unit_test(standard_errors_of_mixtures_cover_the_truth),
        cmocka_unit_test(standard_errors_of_chains),
        cmocka_unit_test(ljung_box_is_the_textbook_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
