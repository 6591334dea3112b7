/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What fits say of their own uncertainty, against repeated samples: intervals must hold the truth as often as they
 * claim. All seeds are fixed; bounds are those a right program would miss once in ten thousand times.
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

static void expect_error(const struct lc_fit *fit, enum lc_characteristic which, double expected, double relative)
{
    const double error = fit->characteristic_errors[which];
    if (!(fabs(error / expected - 1) <= relative))
        fail_msg("%s, %s: ± %g, expected %g", fit->dist.family->name, lc_characteristic_name(which), error, expected);
}

/* Closed forms: the mean of a gamma sample has the fitted deviation by the root of n, all of an exponential is
 * proportional to its mean, a lognormal median to e^mu. A phase-type, hyperexponential or Lomax distribution fitted to
 * an exponential sample has a singular information, but says the same. */
static void characteristics_have_the_errors_of_closed_forms(void **state)
{
    (void)state;
    enum { N = 400 };
    static double x[N];
    static const char *const singular[] = {"lomax", "hyperexponential", "phase_type", "coxian"};
    struct lc_dist exponential = lc_dist_exponential(3);
    const double root = sqrt(N);
    struct lc_fit fit;
    draw(&exponential, x, N, 2);
    const struct lc_sample sample = {.low = x, .count = N};
    assert_int_equal(lc_fit_family(lc_family_find("exponential"), &sample, &fit), 0);
    const double m = fit.dist.parameters[0];
    assert_true(fabs(fit.characteristics[LC_P95] - m * log(20)) < 1e-9 * m);
    for (int i = 0; i < LC_CHARACTERISTICS; i++)
        expect_error(&fit, (enum lc_characteristic)i, fit.characteristics[i] / root, 0.001);
    lc_fit_free(&fit);
    assert_int_equal(lc_fit_family(lc_family_find("gamma"), &sample, &fit), 0);
    expect_error(&fit, LC_MEAN, fit.characteristics[LC_SD] / root, 0.001);
    lc_fit_free(&fit);
    assert_int_equal(lc_fit_family(lc_family_find("lognormal"), &sample, &fit), 0);
    expect_error(&fit, LC_MEDIAN, fit.characteristics[LC_MEDIAN] * fit.dist.parameters[1] / root, 0.001);
    lc_fit_free(&fit);
    for (size_t k = 0; k < sizeof singular / sizeof *singular; k++) {
        assert_int_equal(lc_fit_family(lc_family_find(singular[k]), &sample, &fit), 0);
        expect_error(&fit, LC_MEAN, m / root, 0.1);
        lc_fit_free(&fit);
    }
    lc_dist_free(&exponential);
}

/* Parameters of general phase-type distributions are not unique, so they have no errors; what the distribution says
 * has: they are the spread over repeated samples, and hold the truth. */
static void characteristics_of_phase_types_cover_the_truth(void **state)
{
    (void)state;
    enum { N = 300, REPEATS = 30 };
    static double x[N];
    struct lc_dist d = lc_dist_named("phase_type", 7, 2.0, 0.3, 0.7, -2.0, 1.0, 0.1, -0.3);
    double sum[LC_CHARACTERISTICS] = {0}, squares[LC_CHARACTERISTICS] = {0}, errors[LC_CHARACTERISTICS] = {0};
    int within[LC_CHARACTERISTICS] = {0};
    for (int k = 0; k < REPEATS; k++) {
        struct lc_fit fit;
        draw(&d, x, N, 6000 + (uint64_t)k);
        assert_int_equal(lc_fit_family(d.family, &(struct lc_sample){.low = x, .count = N}, &fit), 0);
        assert_null(fit.standard_errors);
        for (int i = 0; i < LC_CHARACTERISTICS; i++) {
            const double truth = i == LC_MEAN ? lc_dist_mean(&d)
                                 : i == LC_SD ? sqrt(lc_dist_variance(&d))
                                              : lc_dist_quantile(&d, i == LC_MEDIAN ? 0.5
                                                                     : i == LC_P95  ? 0.95
                                                                                    : 0.99);
            const double off = fit.characteristics[i] - truth, error = fit.characteristic_errors[i];
            sum[i] += off;
            squares[i] += off * off;
            errors[i] += error;
            within[i] += fabs(off) <= 1.96 * error;
        }
        lc_fit_free(&fit);
    }
    for (int i = 0; i < LC_CHARACTERISTICS; i++) { /* a deviation from 30 is known to 13 %: 3.7 times that */
        const double spread = sqrt((squares[i] - sum[i] * sum[i] / REPEATS) / (REPEATS - 1));
        if (fabs(errors[i] / REPEATS / spread - 1) > 0.48 || within[i] < 23)
            fail_msg("%s: errors of %g, spread %g, %d of %d hold the truth",
                     lc_characteristic_name((enum lc_characteristic)i), errors[i] / REPEATS, spread, within[i],
                     REPEATS);
    }
    lc_dist_free(&d);
}

/* The likelihood ratio of an exponential sample is known: 2 n (log(θ/m) + m/θ − 1) is 3.8415 at the ends. */
static void profile_intervals_are_likelihood_ratios(void **state)
{
    (void)state;
    static double x[20];
    struct lc_dist d = lc_dist_exponential(3);
    struct lc_fit fit;
    draw(&d, x, 20, 1);
    assert_int_equal(lc_fit_family(d.family, &(struct lc_sample){.low = x, .count = 20}, &fit), 0);
    const double m = fit.dist.parameters[0], ends[] = {fit.interval_low[0], fit.interval_high[0]};
    assert_true(ends[0] < m && m < ends[1]);
    assert_true(ends[1] - m > 1.2 * (m - ends[0])); /* not a symmetrical one */
    for (int i = 0; i < 2; i++)
        assert_true(fabs(40 * (log(ends[i] / m) + m / ends[i] - 1) - 3.8414588) < 1e-3);
    lc_fit_free(&fit);
    /* With the others, which are many, there are none. */
    static double many[50];
    draw(&d, many, 50, 1);
    assert_int_equal(lc_fit_family(d.family, &(struct lc_sample){.low = many, .count = 50}, &fit), 0);
    assert_null(fit.interval_low);
    lc_fit_free(&fit);
    lc_dist_free(&d);
}

static void profile_intervals_cover_the_truth(void **state)
{
    (void)state;
    enum { N = 25, REPEATS = 80 };
    static const struct {
        const char *family;
        double p[2];
    } truths[] = {{"gamma", {2.5, 4}}, {"weibull", {1.7, 3}}, {"lognormal", {1, 0.7}}, {"inverse_gaussian", {3, 5}}};
    double x[N];
    int missed = 0;
    for (size_t t = 0; t < sizeof truths / sizeof *truths; t++) {
        struct lc_dist d = lc_dist_make(lc_family_find(truths[t].family), 0, truths[t].p, 2);
        int within[2] = {0};
        for (int k = 0; k < REPEATS; k++) {
            struct lc_fit fit;
            draw(&d, x, N, 9000 + (uint64_t)k);
            assert_int_equal(lc_fit_family(d.family, &(struct lc_sample){.low = x, .count = N}, &fit), 0);
            assert_non_null(fit.interval_low);
            for (int i = 0; i < 2; i++)
                within[i] += fit.interval_low[i] <= d.parameters[i] && d.parameters[i] <= fit.interval_high[i];
            lc_fit_free(&fit);
        }
        /* The likelihood ratio is chi-squared to order 1/n: 93 % are allowed for, 3.7 standard deviations below it. */
        for (int i = 0; i < 2; i++)
            if (within[i] < 0.93 * REPEATS - 3.7 * sqrt(REPEATS * 0.93 * 0.07))
                fail_msg("%s, parameter %d: %d of %d intervals hold it", truths[t].family, i, within[i], REPEATS);
        missed += 2 * REPEATS - within[0] - within[1];
        lc_dist_free(&d);
    }
    assert_true(missed > 0); /* none of 4 · REPEATS samples: 0.95^320 */
}

/* Bootstrap and information agree where both hold. */
static void bootstrap_errors_agree(void **state)
{
    (void)state;
    enum { N = 400, SAMPLES = 200 };
    static double x[N];
    static const char *const names[] = {"gamma", "lognormal", "lognormal_mixture", NULL};
    struct lc_dist d = lc_dist_named("lognormal_mixture", 6, 0.7, 0.0, 0.3, 0.3, 2.5, 0.4);
    struct lc_choice choice;
    draw(&d, x, N, 3);
    const struct lc_choice_options options = {
        .families = names, .exhaustive = true, .bootstrap = SAMPLES, .seed = 1, .intervals = true};
    lc_choose(&(struct lc_sample){.low = x, .count = N}, &options, &choice);
    const struct lc_fit *fit = &choice.fits[choice.best];
    assert_string_equal(fit->dist.family->name, "lognormal_mixture");
    assert_non_null(fit->bootstrap_errors);
    for (size_t i = 0; i < fit->dist.count; i++) /* the spread of 200 is known to 5 %, 4 times of that, and bias */
        if (fabs(fit->bootstrap_errors[i] / fit->standard_errors[i] - 1) > 0.25)
            fail_msg("parameter %zu: %g by the bootstrap, %g by the information", i, fit->bootstrap_errors[i],
                     fit->standard_errors[i]);
    for (int i = 0; i < LC_CHARACTERISTICS; i++)
        if (fabs(fit->characteristic_bootstrap[i] / fit->characteristic_errors[i] - 1) > 0.25)
            fail_msg("%s: %g by the bootstrap, %g by the delta method",
                     lc_characteristic_name((enum lc_characteristic)i), fit->characteristic_bootstrap[i],
                     fit->characteristic_errors[i]);
    lc_choice_free(&choice);
    lc_dist_free(&d);
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
        cmocka_unit_test(characteristics_have_the_errors_of_closed_forms),
        cmocka_unit_test(characteristics_of_phase_types_cover_the_truth),
        cmocka_unit_test(profile_intervals_are_likelihood_ratios),
        cmocka_unit_test(profile_intervals_cover_the_truth),
        cmocka_unit_test(bootstrap_errors_agree),
        cmocka_unit_test(ljung_box_is_the_textbook_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
