/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How well a fit knows what it says of a distribution, by the delta method, by profile likelihoods and by the
 * bootstrap, against closed forms, repeated samples and each other. All seeds are fixed; bounds are those a right
 * program would miss once in ten thousand times.
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
#include "mle/estimate.h"

static void draw(const struct lc_dist *d, double *x, size_t n, uint64_t seed)
{
    struct lc_random r;
    lc_random_init(&r, seed, 0, d->family->name, "errors");
    for (size_t i = 0; i < n; i++)
        x[i] = lc_dist_sample(d, &r);
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
    enum { N = 400, SAMPLES = 120 };
    static double x[N];
    static const char *const names[] = {"lognormal_mixture", NULL};
    struct lc_dist d = lc_dist_named("lognormal_mixture", 6, 0.7, 0.0, 0.3, 0.3, 2.5, 0.4);
    struct lc_choice choice;
    draw(&d, x, N, 3);
    const struct lc_choice_options options = {
        .families = names, .exhaustive = true, .bootstrap = SAMPLES, .seed = 1, .intervals = true};
    lc_choose(&(struct lc_sample){.low = x, .count = N}, &options, &choice);
    const struct lc_fit *fit = &choice.fits[choice.best];
    assert_string_equal(fit->dist.family->name, "lognormal_mixture");
    assert_non_null(fit->bootstrap_errors);
    for (size_t i = 0; i < fit->dist.count; i++) /* the spread of 120 is known to 6.5 %, 4 times that */
        if (fabs(fit->bootstrap_errors[i] / fit->standard_errors[i] - 1) > 0.26)
            fail_msg("parameter %zu: %g by the bootstrap, %g by the information", i, fit->bootstrap_errors[i],
                     fit->standard_errors[i]);
    for (int i = 0; i < LC_CHARACTERISTICS; i++)
        if (fabs(fit->characteristic_bootstrap[i] / fit->characteristic_errors[i] - 1) > 0.26)
            fail_msg("%s: %g by the bootstrap, %g by the delta method",
                     lc_characteristic_name((enum lc_characteristic)i), fit->characteristic_bootstrap[i],
                     fit->characteristic_errors[i]);
    lc_choice_free(&choice);
    lc_dist_free(&d);
}

static void expect_average(const struct lci_said *said, size_t count, double expected_low, double expected_high)
{
    double value, low, high;
    lci_average(said, count, &value, &low, &high);
    if (!(fabs(low / expected_low - 1) < 1e-9) || !(high == expected_high || fabs(high / expected_high - 1) < 1e-9))
        fail_msg("[%.12g, %.12g] instead of [%.12g, %.12g]", low, high, expected_low, expected_high);
}

/* One family's interval is its own, on both sides. Of two that are worlds apart each end leaves out 5 % of one of them,
 * Φ(−1.6449). A family of a tenth of the weight that is open above leaves the average open, one of a twentieth less. */
static void averages_leave_out_as_much_as_an_end(void **state)
{
    (void)state;
    const double z = 1.9599639845400545, far = exp(100);
    const struct lci_said one = {2, 1.5, 7, 3}, same[] = {one, one};
    expect_average(same, 1, 1.5, 7);
    expect_average(same, 2, 1.5, 7);
    const struct lci_said apart[] = {{1, exp(-z), exp(z), 1}, {far, far * exp(-2 * z), far * exp(3 * z), 1}};
    expect_average(apart, 2, exp(-1.6448536269514722), far * exp(3 * 1.6448536269514722));
    const struct lci_said open[] = {{2, 1.5, 7, 9}, {2, 1.5, INFINITY, 1}};
    expect_average(open, 2, 1.5, INFINITY);
    const struct lci_said nearly[] = {{2, 1.5, 7, 97}, {2, 1.5, INFINITY, 3}};
    double value, low, high;
    lci_average(nearly, 2, &value, &low, &high);
    assert_true(high > 7 && isfinite(high) && fabs(value - 2) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characteristics_have_the_errors_of_closed_forms),
        cmocka_unit_test(characteristics_of_phase_types_cover_the_truth),
        cmocka_unit_test(profile_intervals_are_likelihood_ratios),
        cmocka_unit_test(profile_intervals_cover_the_truth),
        cmocka_unit_test(bootstrap_errors_agree),
        cmocka_unit_test(averages_leave_out_as_much_as_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
