/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/fit.h"
#include "model/dist/dist.h"
#include "model/random/generator.h"
#include "model/random/variates.h"

enum { N = 3000 };

static const struct {
    const char *family;
    size_t n;
    double p[6];
} members[] = {
    {"exponential", 1, {3}},         {"gamma", 2, {0.4, 4}},          {"gamma", 2, {7.7, 0.5}},
    {"erlang", 2, {3, 2}},           {"lognormal", 2, {-3, 0.4}},     {"lognormal", 2, {2, 1.5}},
    {"normal", 2, {100, 8}},         {"normal", 2, {1, 2}},           {"weibull", 2, {0.6, 3}},
    {"weibull", 2, {4, 0.01}},       {"log_logistic", 2, {5, 3}},     {"log_logistic", 2, {1.5, 200}},
    {"inverse_gaussian", 2, {3, 5}}, {"inverse_gaussian", 2, {2, 1}}, {"lomax", 2, {2.5, 9}},
    {"pareto", 2, {2.5, 3}},         {"burr", 3, {2, 1.5, 5}},
};
enum { MEMBERS = sizeof members / sizeof *members };

static struct lc_dist member(size_t i)
{
    return lc_dist_make(lc_family_find(members[i].family), 0, members[i].p, members[i].n);
}

static void draw(const struct lc_dist *d, double *x, size_t n, uint64_t seed)
{
    struct lc_random r;
    lc_random_init(&r, seed, 0, d->family->name, "test");
    for (size_t i = 0; i < n; i++)
        x[i] = lc_dist_sample(d, &r);
}

/* Every parameter that has a standard error lies within 4 of them. */
static void expect_recovered(const struct lc_dist *truth, const struct lc_sample *sample, const char *how)
{
    struct lc_fit fit;
    if (lc_fit_family(truth->family, sample, &fit) != 0)
        fail_msg("%s %s: %s", truth->family->name, how, fit.note);
    if (fit.standard_errors == NULL)
        fail_msg("%s %s: no standard errors", truth->family->name, how);
    for (size_t i = 0; i < truth->count && fit.standard_errors != NULL; i++) {
        const double error = fit.standard_errors[i];
        if (!isnan(error) && !(fabs(fit.dist.parameters[i] - truth->parameters[i]) <= 4 * error))
            fail_msg("%s %s: parameter %zu is %g ± %g, true is %g", truth->family->name, how, i, fit.dist.parameters[i],
                     error, truth->parameters[i]);
    }
    lc_fit_free(&fit);
}

static void parameters_are_recovered(void **state)
{
    (void)state;
    static double x[N];
    for (size_t i = 0; i < MEMBERS; i++) {
        struct lc_dist d = member(i);
        draw(&d, x, N, i);
        expect_recovered(&d, &(struct lc_sample){.low = x, .count = N}, "exact");
        lc_dist_free(&d);
    }
}

/* The likelihood of values that are cut off at c: (b − c)/(b − a) to the power of their number r, and (b − a)^−m of the
 * m others, whose top is at b − a = (c − a)(m + r)/m; the other way round below. */
static void ends_of_censored_uniform_samples(void **state)
{
    (void)state;
    enum { COUNT = 500 };
    static double x[COUNT], low[COUNT], high[COUNT];
    struct lc_dist d = lc_dist_make(lc_family_find("uniform"), 0, (const double[]){5, 20}, 2);
    draw(&d, x, COUNT, 17);
    for (int right = 0; right < 2; right++) {
        const double c = right ? 15 : 8;
        double least = INFINITY, greatest = 0, whole = 0;
        for (size_t i = 0; i < COUNT; i++) {
            const bool cut = right ? x[i] > c : x[i] < c;
            low[i] = !cut ? x[i] : right ? c : 0;
            high[i] = !cut ? x[i] : right ? INFINITY : c;
            least = fmin(least, x[i]);
            greatest = fmax(greatest, x[i]);
            whole += !cut;
        }
        struct lc_fit fit;
        const struct lc_sample sample = {.low = low, .high = high, .count = COUNT};
        assert_int_equal(lc_fit_family(d.family, &sample, &fit), 0);
        const double *p = fit.dist.parameters;
        assert_true(fabs(p[0] - (right ? least : greatest - (greatest - c) * COUNT / whole)) < 1e-4);
        assert_true(fabs(p[1] - (right ? least + (c - least) * COUNT / whole : greatest)) < 1e-4);
        lc_fit_free(&fit);
    }
    lc_dist_free(&d);
}

/* Cut off above, the minimum is the least value and the shape m / Σ log(min(x, c)/minimum). Cut off below, the maximum
 * is likelier than the truth. */
static void minimum_of_censored_pareto_samples(void **state)
{
    (void)state;
    enum { COUNT = 500 };
    static double x[COUNT], low[COUNT], high[COUNT];
    struct lc_dist d = lc_dist_make(lc_family_find("pareto"), 0, (const double[]){2.5, 3}, 2);
    draw(&d, x, COUNT, 18);
    double least = INFINITY, sum = 0, whole = 0, truth = 0;
    for (size_t i = 0; i < COUNT; i++)
        least = fmin(least, x[i]);
    for (size_t i = 0; i < COUNT; i++) {
        low[i] = fmin(x[i], 6);
        high[i] = x[i] > 6 ? INFINITY : x[i];
        sum += log(low[i] / least);
        whole += x[i] <= 6;
    }
    struct lc_fit fit;
    const struct lc_sample sample = {.low = low, .high = high, .count = COUNT};
    assert_int_equal(lc_fit_family(d.family, &sample, &fit), 0);
    assert_true(fabs(fit.dist.parameters[1] / least - 1) < 1e-9);
    assert_true(fabs(fit.dist.parameters[0] * sum / whole - 1) < 1e-4);
    lc_fit_free(&fit);
    for (size_t i = 0; i < COUNT; i++) {
        low[i] = x[i] < 4 ? 0 : x[i];
        high[i] = fmax(x[i], 4);
        truth += x[i] < 4 ? log(lc_dist_cdf(&d, 4)) : lc_dist_log_density(&d, x[i]);
    }
    assert_int_equal(lc_fit_family(d.family, &sample, &fit), 0);
    assert_true(fit.log_likelihood > truth && fit.log_likelihood < truth + 10);
    assert_true(fabs(fit.dist.parameters[0] - 2.5) < 0.5 && fabs(fit.dist.parameters[1] - 3) < 0.3);
    lc_fit_free(&fit);
    lc_dist_free(&d);
}

/* A clock with about 10 steps between the quartiles: fitted as if exact, gamma 0.4 and the like would be far off, and
 * zeros would be impossible. */
static void quantised_samples(void **state)
{
    (void)state;
    static double x[N];
    for (size_t i = 0; i < MEMBERS; i++) {
        struct lc_dist d = member(i);
        const double unit = (lc_dist_quantile(&d, 0.75) - lc_dist_quantile(&d, 0.25)) / 10;
        lci_dist_scale(&d, 1 / unit);
        draw(&d, x, N, 300 + i);
        for (size_t k = 0; k < N; k++)
            x[k] = nearbyint(x[k]);
        /* Rounding moves the least value by up to half a unit; the shape takes that over. */
        if (strcmp(members[i].family, "pareto") != 0)
            expect_recovered(&d, &(struct lc_sample){.low = x, .count = N}, "quantised");
        lc_dist_free(&d);
    }
}

/* The standard errors are the spread of the estimates over repeated samples. */
static void standard_errors_are_the_spread(void **state)
{
    (void)state;
    enum { REPEATS = 400, SIZE = 200 };
    static const size_t which[] = {0, 2, 4, 6, 8, 10, 12};
    static double x[SIZE], high[SIZE];
    for (int censored = 0; censored < 2; censored++)
        for (size_t w = 0; w < (censored ? 2 : sizeof which / sizeof *which); w++) {
            struct lc_dist d = member(which[w]);
            double sum = 0, squares = 0, errors = 0;
            const int repeats = censored ? REPEATS / 4 : REPEATS;
            for (int k = 0; k < repeats; k++) {
                draw(&d, x, SIZE, 1000 + (uint64_t)k);
                for (size_t i = 0; i < SIZE; i++)
                    high[i] = x[i] > lc_dist_mean(&d) ? INFINITY : x[i];
                for (size_t i = 0; censored && i < SIZE; i++)
                    x[i] = fmin(x[i], lc_dist_mean(&d));
                struct lc_fit fit;
                const struct lc_sample sample = {.low = x, .high = censored ? high : NULL, .count = SIZE};
                assert_int_equal(lc_fit_family(d.family, &sample, &fit), 0);
                sum += fit.dist.parameters[0];
                squares += fit.dist.parameters[0] * fit.dist.parameters[0];
                errors += fit.standard_errors[0];
                lc_fit_free(&fit);
            }
            const double spread = sqrt(squares / repeats - sum / repeats * (sum / repeats));
            /* The spread itself is known to 1/√(2 repeats). */
            if (fabs(errors / repeats / spread - 1) > 4 / sqrt(2 * repeats))
                fail_msg("%s: mean standard error %g, spread %g", d.family->name, errors / repeats, spread);
            lc_dist_free(&d);
        }
}

static void weights_count_as_repetitions(void **state)
{
    (void)state;
    static double x[600], twice[1200], weight[600];
    for (size_t i = 0; i < MEMBERS; i++) {
        struct lc_dist d = member(i);
        draw(&d, x, 600, 5);
        size_t n = 0;
        for (size_t k = 0; k < 600; k++) {
            weight[k] = (double)(k % 4 % 3); /* 0, 1, 2, 0 */
            for (size_t copies = 0; copies < k % 4 % 3; copies++)
                twice[n++] = x[k];
        }
        /* Weight 0 must not even move the least and the greatest value. */
        x[0] = 1e-3 * x[1];
        struct lc_fit a, b;
        assert_int_equal(lc_fit_family(d.family, &(struct lc_sample){.low = x, .weight = weight, .count = 600}, &a), 0);
        assert_int_equal(lc_fit_family(d.family, &(struct lc_sample){.low = twice, .count = n}, &b), 0);
        assert_true(fabs(a.log_likelihood - b.log_likelihood) < 1e-7 * fabs(b.log_likelihood));
        for (size_t k = 0; k < d.count; k++)
            assert_true(fabs(a.dist.parameters[k] - b.dist.parameters[k]) < 1e-3 * fabs(b.dist.parameters[k]));
        assert_true(fabs(a.bic - b.bic) < 1e-6 * fabs(b.bic));
        assert_true(fabs(a.ks - b.ks) < 1e-4 && fabs(a.cvm - b.cvm) < 1e-2 * b.cvm);
        assert_true(fabs(a.ad - b.ad) < 1e-2 * b.ad || (isinf(a.ad) && isinf(b.ad)));
        lc_fit_free(&a);
        lc_fit_free(&b);
        lc_dist_free(&d);
    }
}

/* Exact values given as intervals of no width, and as very narrow ones, give the same as plain ones. */
static void the_general_way_agrees_with_the_closed_forms(void **state)
{
    (void)state;
    enum { SIZE = 300 };
    static double x[SIZE + 1], high[SIZE + 1], weight[SIZE + 1];
    for (size_t i = 0; i < MEMBERS; i++) {
        if (strcmp(members[i].family, "pareto") == 0) /* a censored value at 0 leaves no least one */
            continue;
        struct lc_dist d = member(i);
        draw(&d, x, SIZE, 17);
        for (size_t k = 0; k < SIZE; k++) {
            weight[k] = 1;
            high[k] = x[k];
        }
        /* One more that says nothing, to take the general way. */
        x[SIZE] = 0;
        high[SIZE] = INFINITY;
        weight[SIZE] = 1e-9;
        struct lc_fit plain, general;
        assert_int_equal(lc_fit_family(d.family, &(struct lc_sample){.low = x, .count = SIZE}, &plain), 0);
        assert_int_equal(lc_fit_family(d.family, &(struct lc_sample){x, high, weight, SIZE + 1}, &general), 0);
        assert_true(fabs(plain.log_likelihood - general.log_likelihood) < 1e-6 * fabs(plain.log_likelihood));
        for (size_t k = 0; k < d.count; k++)
            if (!(fabs(plain.dist.parameters[k] - general.dist.parameters[k]) < 1e-2 * fabs(plain.dist.parameters[k])))
                fail_msg("%s: parameter %zu is %g in closed form, %g", d.family->name, k, plain.dist.parameters[k],
                         general.dist.parameters[k]);
        lc_fit_free(&plain);
        lc_fit_free(&general);
        lc_dist_free(&d);
    }
}

static struct lc_choice choose(const double *x, size_t n, bool exhaustive)
{
    struct lc_choice choice;
    lc_choose(&(struct lc_sample){.low = x, .count = n}, &(struct lc_choice_options){.exhaustive = exhaustive},
              &choice);
    assert_non_null(choice.reason);
    assert_true(choice.best < choice.count);
    return choice;
}

static const char *best_family(const struct lc_choice *choice)
{
    return choice->fits[choice->best].dist.family->name;
}

static void bimodal_samples_become_mixtures(void **state)
{
    (void)state;
    static double x[N];
    /* A cache: 80 % hits of about 1 ms, 20 % misses of about 40 ms. */
    struct lc_dist d = lc_dist_named("lognormal_mixture", 6, 0.8, 0.0, 0.25, 0.2, 3.7, 0.3);
    draw(&d, x, N, 1);
    struct lc_choice choice = choose(x, N, false);
    assert_string_equal(best_family(&choice), "lognormal_mixture");
    assert_non_null(choice.fits[choice.best].standard_errors);
    const double *p = choice.fits[choice.best].dist.parameters;
    assert_int_equal(choice.fits[choice.best].dist.count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_true(fabs(p[i] - d.parameters[i]) < 0.06);
    lc_choice_free(&choice);
    /* Without the mixtures, no family fits and the sample itself is kept, by name and with its mean. */
    static const char *const simple[] = {"exponential", "gamma", "lognormal", "weibull", "lomax", NULL};
    lc_choose(&(struct lc_sample){.low = x, .count = N}, &(struct lc_choice_options){.families = simple}, &choice);
    assert_true(choice.empirical);
    assert_string_equal(best_family(&choice), "empirical");
    assert_non_null(strstr(choice.reason, "no family fits: empirical kept"));
    double sum = 0;
    for (size_t i = 0; i < N; i++)
        sum += x[i];
    assert_true(fabs(lc_dist_mean(&choice.fits[choice.best].dist) - sum / N) < 1e-12 * sum / N);
    assert_int_equal(lci_dist_check(&choice.fits[choice.best].dist, NULL, NULL), 0);
    lc_choice_free(&choice);
    lc_dist_free(&d);
}

static bool is_mixture(const struct lc_choice *choice)
{
    return strstr(best_family(choice), "mixture") != NULL || strncmp(best_family(choice), "hyper", 5) == 0;
}

/* A hundred lookups in a cache: 70 % hits of 6 ms, 30 % misses of 60 ms; and a hundred exponential times, which at the
 * 1 % points of the tests look like a mixture in about 2 of 200 samples (7 are 3.5 standard deviations more). */
static void few_values_tell_two_modes_from_one(void **state)
{
    (void)state;
    enum { FEW = 100, TIMES = 200 };
    double x[FEW];
    struct lc_dist two = lc_dist_named("gamma_mixture", 6, 0.7, 8.0, 0.00075, 0.3, 5.0, 0.012);
    struct lc_dist one = lc_dist_exponential(0.02);
    int found = 0, alarms = 0;
    for (unsigned i = 0; i < TIMES; i++) {
        draw(&one, x, FEW, 100 + i);
        struct lc_choice choice = choose(x, FEW, false);
        alarms += is_mixture(&choice);
        lc_choice_free(&choice);
        if (i % 5 != 0)
            continue;
        draw(&two, x, FEW, 1000 + i);
        choice = choose(x, FEW, false);
        found += is_mixture(&choice);
        lc_choice_free(&choice);
    }
    assert_in_range(alarms, 0, 7);
    assert_in_range(found, TIMES / 5 * 9 / 10, TIMES / 5); /* a power of 90 % */
    lc_dist_free(&one);
    lc_dist_free(&two);
}

static void phase_mixtures_are_recovered(void **state)
{
    (void)state;
    static double x[4 * N];
    struct lc_dist h = lc_dist_named("hyperexponential", 4, 0.7, 1.0, 0.3, 12.0);
    draw(&h, x, 4 * N, 2);
    struct lc_fit fit;
    assert_int_equal(lc_fit_family(h.family, &(struct lc_sample){.low = x, .count = 4 * N}, &fit), 0);
    assert_int_equal(fit.free_parameters, 3);
    for (size_t i = 0; i < 4; i++)
        assert_true(fabs(fit.dist.parameters[i] - h.parameters[i]) < 0.06 * fabs(h.parameters[i]));
    lc_fit_free(&fit);
    lc_dist_free(&h);
    h = lc_dist_named("hyper_erlang", 6, 0.25, 2.0, 3.0, 0.75, 6.0, 20.0);
    draw(&h, x, 4 * N, 3);
    const struct lc_sample sample = {.low = x, .count = 4 * N};
    assert_int_equal(lc_fit_family(h.family, &sample, &fit), 0);
    double truth = 0;
    for (size_t i = 0; i < 4 * N; i++)
        truth += lc_dist_log_density(&h, x[i]);
    assert_true(fit.log_likelihood > truth - 1e-4 * fabs(truth)); /* grouping may cost a trifle */
    assert_true(fit.dist.parameters[1] == 2 && fit.dist.parameters[4] == 6);
    lc_fit_free(&fit);
    lc_dist_free(&h);
}

/* The likelihood of the fit against that of the truth, and the mean, which EM reproduces. */
static void phase_type_chains_are_recovered(void **state)
{
    (void)state;
    static double x[N];
    struct lc_dist truths[] = {
        lc_dist_named("coxian", 3, 4.0, 0.3, 0.25),
        lc_dist_named("phase_type", 7, 2.0, 0.5, 0.5, -3.0, 2.5, 0.5, -1.0),
        lc_dist_named("erlang", 2, 3.0, 5.0),
    };
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        draw(&truths[i], x, N, 40 + i);
        double truth = 0, sum = 0;
        for (size_t k = 0; k < N; k++) {
            truth += lc_dist_log_density(&truths[i], x[k]);
            sum += x[k];
        }
        for (int full = 0; full < 2; full++) {
            struct lc_fit fit;
            const struct lc_family *family = lc_family_find(full ? "phase_type" : "coxian");
            assert_int_equal(lc_fit_family(family, &(struct lc_sample){.low = x, .count = N}, &fit), 0);
            if (!(fit.log_likelihood > truth - 2.5))
                fail_msg("%s of %s: log-likelihood %g, of the truth %g", family->name, truths[i].family->name,
                         fit.log_likelihood, truth);
            assert_true(fabs(lc_dist_mean(&fit.dist) / (sum / N) - 1) < 5e-3);
            assert_int_equal(lci_dist_check(&fit.dist, NULL, NULL), 0);
            lc_fit_free(&fit);
        }
        lc_dist_free(&truths[i]);
    }
}

static void censored_mixtures(void **state)
{
    (void)state;
    static double x[N], high[N];
    struct lc_dist h = lc_dist_named("hyperexponential", 4, 0.7, 1.0, 0.3, 12.0);
    draw(&h, x, N, 4);
    for (size_t i = 0; i < N; i++) {
        high[i] = x[i] > 15 ? INFINITY : x[i];
        x[i] = fmin(x[i], 15);
    }
    struct lc_fit fit;
    assert_int_equal(lc_fit_family(h.family, &(struct lc_sample){.low = x, .high = high, .count = N}, &fit), 0);
    assert_true(fabs(lc_dist_mean(&fit.dist) / lc_dist_mean(&h) - 1) < 0.1); /* cut at 15 without regard: 24 % less */
    lc_fit_free(&fit);
    lc_dist_free(&h);
}

static void equal_values_are_deterministic(void **state)
{
    (void)state;
    const double x[] = {3, 3, 3, 3, 3};
    struct lc_choice choice = choose(x, 5, true);
    assert_string_equal(best_family(&choice), "deterministic");
    assert_true(choice.fits[choice.best].dist.parameters[0] == 3);
    assert_true(choice.few);
    lc_choice_free(&choice);
    /* Intervals with a common point may all hold one value. */
    const double low[] = {2.5, 2.9, 2}, high[] = {3.5, 3.2, 4};
    struct lc_fit fit;
    assert_int_equal(
        lc_fit_family(lc_family_find("deterministic"), &(struct lc_sample){.low = low, .high = high, .count = 3}, &fit),
        0);
    assert_true(fit.dist.parameters[0] >= 2.9 && fit.dist.parameters[0] <= 3.2);
    lc_fit_free(&fit);
    const double zeros[] = {0, 0, 0};
    choice = choose(zeros, 3, true);
    assert_string_equal(best_family(&choice), "deterministic");
    lc_choice_free(&choice);
    const double one[] = {7};
    choice = choose(one, 1, true);
    assert_string_equal(best_family(&choice), "deterministic");
    lc_choice_free(&choice);
    const double two[] = {7, 8};
    choice = choose(two, 2, true);
    assert_string_not_equal(best_family(&choice), "deterministic");
    lc_choice_free(&choice);
}

static void zeros_are_legal(void **state)
{
    (void)state;
    static double x[N];
    struct lc_dist d = lc_dist_exponential(3);
    draw(&d, x, N, 6);
    for (size_t i = 0; i < N; i++)
        x[i] = x[i] < 0.05 ? 0 : x[i]; /* the clock misses the shortest */
    for (const struct lc_family *const *f = lci_families(); *f != NULL; f++) {
        struct lc_fit fit;
        if (lc_fit_family(*f, &(struct lc_sample){.low = x, .count = N}, &fit) == 0) {
            assert_true(isfinite(fit.log_likelihood) || strcmp((*f)->name, "empirical") == 0);
            if (strcmp((*f)->name, "exponential") == 0)
                assert_true(fabs(fit.dist.parameters[0] - 3) < 4 * fit.standard_errors[0]);
        } else {
            assert_non_null(fit.note);
        }
        lc_fit_free(&fit);
    }
    lc_dist_free(&d);
}

/* Differences of two readings of a clock: their mean is that of the times, however coarse the clock. Times of 0.15 to 2
 * units, of which at most eight different readings are left, keep it; no component stands for one reading alone. */
static void coarse_clocks_keep_the_mean(void **state)
{
    (void)state;
    static double x[N];
    static const double means[] = {0.15, 0.4, 0.8, 2};
    struct lc_random r;
    for (size_t m = 0; m < sizeof means / sizeof *means; m++) {
        struct lc_dist d = lc_dist_named("gamma", 2, 2.0, means[m] / 2);
        double sum = 0;
        lc_random_init(&r, m, 0, "coarse", "test");
        for (size_t i = 0; i < N; i++) {
            const double start = 100 * lci_random_uniform(&r);
            x[i] = floor(start + lc_dist_sample(&d, &r)) - floor(start);
            sum += x[i];
        }
        struct lc_choice choice = choose(x, N, false);
        const struct lc_dist *found = &choice.fits[choice.best].dist;
        assert_true(fabs(lc_dist_mean(found) - sum / N) < 0.06 * sum / N);
        assert_true(sqrt(lc_dist_variance(found)) > 0.25);
        lc_choice_free(&choice);
        lc_dist_free(&d);
    }
    /* A tenth of the calls go far: a mixture, each of whose components is wider than the clock can tell. */
    lc_random_init(&r, 1, 0, "coarse", "test");
    for (size_t i = 0; i < N; i++) {
        const double start = 100 * lci_random_uniform(&r);
        const double far = lci_random_uniform(&r) < 0.1 ? 20 * lci_ziggurat_exponential(&r) : 0;
        x[i] = floor(start + 0.4 * lci_random_uniform(&r) + far) - floor(start);
    }
    struct lc_fit fit;
    const struct lc_sample sample = {.low = x, .count = N};
    assert_int_equal(lc_fit_family(lc_family_find("lognormal_mixture"), &sample, &fit), 0);
    for (size_t i = 0; i < fit.dist.count; i += 3)
        assert_true(exp(fit.dist.parameters[i + 1]) >= 0.25 - 1e-9 && fit.dist.parameters[i + 2] > 0.0124);
    lc_fit_free(&fit);
    assert_int_equal(lc_fit_family(lc_family_find("hyper_erlang"), &sample, &fit), 0);
    for (size_t i = 0; i < fit.dist.count; i += 3)
        assert_true(fit.dist.parameters[i] * N >= 0.5 && fit.dist.parameters[i + 2] >= 0.25 - 1e-9);
    lc_fit_free(&fit);
}

static void what_cannot_be_fitted_says_so(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4.5};
    struct lc_fit fit;
    assert_int_equal(lc_fit_family(lc_family_find("moments"), &(struct lc_sample){.low = x, .count = 4}, &fit), -1);
    assert_null(fit.dist.family);
    assert_non_null(fit.note);
    lc_fit_free(&fit);
    const double high[] = {INFINITY, INFINITY, INFINITY, INFINITY};
    assert_int_equal(
        lc_fit_family(lc_family_find("gamma"), &(struct lc_sample){.low = x, .high = high, .count = 4}, &fit), -1);
    assert_non_null(fit.note);
    lc_fit_free(&fit);
    struct lc_choice choice;
    lc_choose(&(struct lc_sample){.low = x, .high = high, .count = 4}, NULL, &choice);
    assert_true(choice.empirical);
    assert_string_equal(best_family(&choice), "empirical");
    lc_choice_free(&choice);
}

/* Samples from the edge of what a double can hold: every one ends with a choice that is a valid distribution. */
static void absurd_samples(void **state)
{
    (void)state;
    static const double samples[][6] = {{1e-300, 2e-300, 5e-300, 1e-300, 7e-300, 4e-300},
                                        {1e300, 1.5e300, 2e300, 1e308, 1e300, 3e300},
                                        {0, 1e308, 1e-308, 1, 1, 1},
                                        {5e-324, 1, 5e-324, 1, 2, 3},
                                        {1e6, 1e6 + 1e-9, 1e6, 1e6, 1e6, 1e6},
                                        {0, 0, 0, 0, 0, 1},
                                        {1, 1, 1, 1, 1, 1e-9},
                                        {1e-200, 1e200, 1e-100, 1e100, 1, 2}};
    const double weight[] = {1e-9, 1e9, 1, 1e9, 1e-9, 1};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        for (int weighted = 0; weighted < 2; weighted++) {
            struct lc_choice choice;
            lc_choose(&(struct lc_sample){.low = samples[i], .weight = weighted ? weight : NULL, .count = 6},
                      &(struct lc_choice_options){.exhaustive = true}, &choice);
            assert_true(choice.best < choice.count);
            assert_non_null(choice.reason);
            if (lci_dist_check(&choice.fits[choice.best].dist, NULL, NULL) != 0)
                fail_msg("sample %zu: %s is no valid choice", i, best_family(&choice));
            lc_choice_free(&choice);
        }
}

static void bootstrap_tells_right_from_wrong(void **state)
{
    (void)state;
    static double x[300];
    struct lc_dist d = lc_dist_named("gamma", 2, 4.0, 1.0);
    draw(&d, x, 300, 8);
    static const char *const names[] = {"exponential", "gamma", NULL};
    struct lc_choice choice;
    lc_choose(&(struct lc_sample){.low = x, .count = 300},
              &(struct lc_choice_options){.families = names, .bootstrap = 99, .seed = 1}, &choice);
    assert_int_equal(choice.count, 2);
    assert_string_equal(best_family(&choice), "gamma");
    assert_true(choice.fits[0].p_value > 0.05 && choice.fits[0].p_ad > 0.05 && choice.fits[0].p_cvm > 0.05);
    assert_true(choice.fits[1].p_value <= 0.011 && choice.fits[1].p_ad <= 0.011 && choice.fits[1].p_cvm <= 0.011);
    lc_choice_free(&choice);
    lc_dist_free(&d);
}

/* Of 200 true samples about 95 % keep their p value above 5 %: the estimated parameter is allowed for. Against the
 * tables for known parameters all but a few would. */
static void p_values_are_uniform(void **state)
{
    (void)state;
    enum { REPEATS = 200 };
    static double x[50];
    static const char *const names[] = {"exponential", NULL};
    struct lc_dist d = lc_dist_exponential(2);
    int below = 0, below_ad = 0, below_cvm = 0, below_ljung_box = 0;
    for (int k = 0; k < REPEATS; k++) {
        draw(&d, x, 50, 500 + (uint64_t)k);
        struct lc_choice choice;
        lc_choose(&(struct lc_sample){.low = x, .count = 50},
                  &(struct lc_choice_options){.families = names, .bootstrap = 39, .seed = (uint64_t)k}, &choice);
        below += choice.fits[0].p_value <= 0.25;
        below_ad += choice.fits[0].p_ad <= 0.25;
        below_cvm += choice.fits[0].p_cvm <= 0.25;
        below_ljung_box += choice.ljung_box_p <= 0.25;
        lc_choice_free(&choice);
    }
    /* 4 standard deviations */
    assert_true(abs(below - REPEATS / 4) < 25);
    assert_true(abs(below_ad - REPEATS / 4) < 25);
    assert_true(abs(below_cvm - REPEATS / 4) < 25);
    assert_true(abs(below_ljung_box - REPEATS / 4) < 25);
    lc_dist_free(&d);
}

/* Half of the values may be cut off at 1, the others at a time of their own. p values of true samples stay uniform;
 * of lognormal samples the exponential distribution is mostly rejected. Intervals have none. */
static void censored_samples_have_p_values(void **state)
{
    (void)state;
    enum { REPEATS = 100, SIZE = 60 };
    static double x[SIZE], high[SIZE];
    static const char *const names[] = {"exponential", NULL};
    const struct lc_choice_options options = {.families = names, .bootstrap = 19, .seed = 1};
    struct lc_dist truths[] = {lc_dist_exponential(1), lc_dist_named("lognormal", 2, 0.0, 0.4)};
    int below[2] = {0}, below_cvm[2] = {0};
    struct lc_random r;
    lc_random_init(&r, 1, 0, "cuts", "test");
    for (int t = 0; t < 2; t++)
        for (int k = 0; k < REPEATS; k++) {
            draw(&truths[t], x, SIZE, 800 + (uint64_t)k);
            for (size_t i = 0; i < SIZE; i++) {
                const double cut = i % 2 == 0 ? 1 : 4 * lci_random_uniform(&r);
                high[i] = x[i] > cut ? INFINITY : x[i];
                x[i] = fmin(x[i], cut);
            }
            struct lc_choice choice;
            lc_choose(&(struct lc_sample){.low = x, .high = high, .count = SIZE}, &options, &choice);
            below[t] += choice.fits[0].p_value <= 0.25;
            below_cvm[t] += choice.fits[0].p_cvm <= 0.25;
            lc_choice_free(&choice);
        }
    assert_true(abs(below[0] - REPEATS / 4) < 18 && abs(below_cvm[0] - REPEATS / 4) < 18); /* 4 deviations */
    assert_true(below[1] > REPEATS * 9 / 10 && below_cvm[1] > REPEATS * 9 / 10);
    const double low[] = {1, 2, 2.5, 4}, ends[] = {1.5, 3, 2.5, 5};
    struct lc_choice choice;
    lc_choose(&(struct lc_sample){.low = low, .high = ends, .count = 4}, &options, &choice);
    assert_true(isnan(choice.fits[0].p_value));
    lc_choice_free(&choice);
    lc_dist_free(&truths[0]);
    lc_dist_free(&truths[1]);
}

static void dependence_shows(void **state)
{
    (void)state;
    static double x[1000];
    struct lc_dist d = lc_dist_exponential(1);
    draw(&d, x, 1000, 9);
    struct lc_choice choice = choose(x, 1000, false);
    assert_true(fabs(choice.lag1) < 4 / sqrt(1000));
    assert_true(choice.ljung_box_lags == 10 && choice.ljung_box_p > 1e-3);
    lc_choice_free(&choice);
    for (size_t i = 1; i < 1000; i++)
        x[i] = 0.7 * x[i - 1] + 0.3 * x[i];
    choice = choose(x, 1000, false);
    assert_true(fabs(choice.lag1 - 0.7) < 0.1);
    assert_true(choice.ljung_box_p < 1e-6);
    lc_choice_free(&choice);
    lc_dist_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_recovered),
        cmocka_unit_test(ends_of_censored_uniform_samples),
        cmocka_unit_test(minimum_of_censored_pareto_samples),
        cmocka_unit_test(quantised_samples),
        cmocka_unit_test(standard_errors_are_the_spread),
        cmocka_unit_test(weights_count_as_repetitions),
        cmocka_unit_test(the_general_way_agrees_with_the_closed_forms),
        cmocka_unit_test(bimodal_samples_become_mixtures),
        cmocka_unit_test(few_values_tell_two_modes_from_one),
        cmocka_unit_test(phase_mixtures_are_recovered),
        cmocka_unit_test(phase_type_chains_are_recovered),
        cmocka_unit_test(censored_mixtures),
        cmocka_unit_test(equal_values_are_deterministic),
        cmocka_unit_test(zeros_are_legal),
        cmocka_unit_test(coarse_clocks_keep_the_mean),
        cmocka_unit_test(what_cannot_be_fitted_says_so),
        cmocka_unit_test(absurd_samples),
        cmocka_unit_test(bootstrap_tells_right_from_wrong),
        cmocka_unit_test(p_values_are_uniform),
        cmocka_unit_test(censored_samples_have_p_values),
        cmocka_unit_test(dependence_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
