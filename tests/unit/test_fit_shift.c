/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Families above a minimum: found where there is one, left alone where there is none, and never unbounded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mle/estimate.h"

enum { N = 2000, MANY = 20000 };

static double x[MANY];

static void draw(const struct lc_dist *d, size_t n, uint64_t seed)
{
    struct lc_random r;
    lc_random_init(&r, seed, 0, d->family->name, "shift");
    for (size_t i = 0; i < n; i++)
        x[i] = lc_dist_sample(d, &r);
}

static struct lc_dist above(const char *family, double shift, double p1, double p2)
{
    return lc_dist_make(lc_family_find(family), shift, (const double[]){p1, p2}, strcmp(family, "exponential") ? 2 : 1);
}

static struct lc_choice choose(size_t n)
{
    struct lc_choice choice;
    lc_choose(&(struct lc_sample){.low = x, .count = n}, NULL, &choice);
    for (size_t i = 0; i < choice.count; i++) {
        const struct lc_fit *fit = &choice.fits[i];
        assert_true(isfinite(fit->log_likelihood) || strcmp(fit->dist.family->name, "empirical") == 0);
        for (size_t k = 0; k < n && fit->dist.shift > 0; k++)
            assert_true(fit->dist.shift < x[k] || fit->note != NULL); /* a quantised clock may round down to it */
    }
    return choice;
}

static const struct lc_fit *best(const struct lc_choice *choice)
{
    return &choice->fits[choice->best];
}

/* The candidate of that family with a shift; NULL when there is none. */
static const struct lc_fit *shifted(const struct lc_choice *choice, const char *family)
{
    for (size_t i = 0; i < choice->count; i++)
        if (choice->fits[i].dist.shift > 0 && strcmp(choice->fits[i].dist.family->name, family) == 0)
            return &choice->fits[i];
    return NULL;
}

static void minima_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *family;
        double shift, p1, p2, slack;
    } truths[] = {{"exponential", 5, 2, 0, 0.01},  {"gamma", 2.1, 2, 0.5, 0.05},   {"weibull", 30, 1.6, 4, 0.3},
                  {"lognormal", 10, 0, 0.7, 0.15}, {"log_logistic", 8, 3, 2, 0.3}, {"inverse_gaussian", 4, 1, 1, 0.1},
                  {"erlang", 7, 3, 3, 0.3}};
    for (size_t t = 0; t < sizeof truths / sizeof *truths; t++)
        for (int many = 0; many < 2; many++) {
            const size_t n = many ? MANY : N;
            struct lc_dist d = above(truths[t].family, truths[t].shift, truths[t].p1, truths[t].p2);
            draw(&d, n, 10 + t);
            double truth = 0;
            for (size_t k = 0; k < n; k++)
                truth += lc_dist_log_density(&d, x[k]);
            struct lc_choice choice = choose(n);
            const struct lc_fit *fit = shifted(&choice, truths[t].family);
            if (fit == NULL || fabs(fit->dist.shift - d.shift) > truths[t].slack ||
                !(fit->log_likelihood > truth - 1) || best(&choice)->dist.shift == 0)
                fail_msg("%s + %g, n = %zu: %g found, log-likelihood %g, of the truth %g, chosen: %s", d.family->name,
                         d.shift, n, fit == NULL ? 0 : fit->dist.shift, fit == NULL ? 0 : fit->log_likelihood, truth,
                         choice.reason);
            assert_true(fit->free_parameters == d.count + 1);
            lc_choice_free(&choice);
            lc_dist_free(&d);
        }
}

/* Mixtures and chains above a minimum are searched on rough estimates; what comes out is at least as likely as the
 * truth, with the shift as a parameter. The normal distribution is truncated at the shift. */
static void minima_of_mixtures_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *family;
        double shift, p[8];
        size_t count;
        double slack;
    } truths[] = {{"normal", 5, {-1, 2}, 2, 0.02},
                  {"lognormal_mixture", 3, {0.7, 0, 0.3, 0.3, 2.5, 0.4}, 6, 0.45},
                  {"gamma_mixture", 10, {0.6, 2, 1, 0.4, 20, 0.8}, 6, 0.1},
                  {"hyper_erlang", 10, {0.75, 2, 1, 0.25, 6, 30}, 6, 0.1},
                  {"coxian", 5, {2, 0.6, 0.5}, 3, 0.02},
                  {"phase_type", 5, {2, 0.5, 0.5, -2, 1, 0.1, -0.3}, 7, 0.02}};
    for (size_t t = 0; t < sizeof truths / sizeof *truths; t++) {
        struct lc_dist d =
            lc_dist_make(lc_family_find(truths[t].family), truths[t].shift, truths[t].p, truths[t].count);
        draw(&d, N, 20 + t);
        struct lci_data data;
        lci_data_init(&data, &(struct lc_sample){.low = x, .count = N});
        struct lc_fit fit;
        assert_int_equal(lci_fit_shifted(d.family, &data, &fit), 0);
        const double truth = lci_log_likelihood(&data, &d);
        if (fabs(fit.dist.shift - d.shift) > truths[t].slack || !(fit.log_likelihood > truth - 1))
            fail_msg("%s + %g: %g found, log-likelihood %g, of the truth %g", d.family->name, d.shift, fit.dist.shift,
                     fit.log_likelihood, truth);
        lc_fit_free(&fit);
        lci_data_free(&data);
        lc_dist_free(&d);
    }
}

/* Where nearly all values lie right above the minimum, the shift comes as near to the least value as they do to each
 * other: held back by the mean over n, as an exponential's, it would cost a hundred of the likelihood. */
static void minima_below_steep_origins(void **state)
{
    (void)state;
    enum { FEW = 400 };
    struct lc_dist truths[] = {lc_dist_named("coxian", 3, 40.0, 0.3, 0.1),
                               lc_dist_named("hyperexponential", 4, 0.7, 0.05, 0.3, 10.0),
                               lc_dist_named("hyper_erlang", 6, 0.75, 1.0, 0.1, 0.25, 7.0, 30.0)};
    for (size_t t = 0; t < sizeof truths / sizeof *truths; t++) {
        truths[t].shift = 5;
        draw(&truths[t], FEW, 30 + t);
        struct lci_data data;
        lci_data_init(&data, &(struct lc_sample){.low = x, .count = FEW});
        struct lc_fit fit;
        assert_int_equal(lci_fit_shifted(truths[t].family, &data, &fit), 0);
        const double truth = lci_log_likelihood(&data, &truths[t]);
        if (!(fit.log_likelihood > truth - 1) || fabs(fit.dist.shift - 5) > 0.003)
            fail_msg("%s: shift %g, log-likelihood %g, of the truth %g", fit.dist.family->name, fit.dist.shift,
                     fit.log_likelihood, truth);
        lc_fit_free(&fit);
        lci_data_free(&data);
        lc_dist_free(&truths[t]);
    }
}

/* The same samples on a clock of whole units: about a hundred steps. */
static void minima_are_found_through_a_clock(void **state)
{
    (void)state;
    struct lc_dist d = above("gamma", 20, 2, 6);
    draw(&d, N, 1);
    for (size_t i = 0; i < N; i++)
        x[i] = nearbyint(x[i]);
    struct lc_choice choice = choose(N);
    assert_true(best(&choice)->dist.shift > 18.5 && best(&choice)->dist.shift < 21);
    lc_choice_free(&choice);
    lc_dist_free(&d);
}

/* Distributions that begin at 0, or well above it by their shape alone, hardly ever gain clearly by a shift. */
static void no_minimum_is_invented(void **state)
{
    (void)state;
    static const struct {
        const char *family;
        double p1, p2;
    } truths[] = {{"exponential", 3, 0}, {"gamma", 4, 1}, {"lognormal", 0, 1}, {"weibull", 2, 5}};
    int chosen = 0;
    for (size_t t = 0; t < sizeof truths / sizeof *truths; t++)
        for (uint64_t k = 0; k < 25; k++) {
            struct lc_dist d = above(truths[t].family, 0, truths[t].p1, truths[t].p2);
            draw(&d, 300, 100 + k);
            struct lc_choice choice = choose(300);
            chosen += best(&choice)->dist.shift > 0;
            lc_choice_free(&choice);
            lc_dist_free(&d);
        }
    assert_true(chosen <= 3);
}

/* Gamma and Weibull shapes below 1 have densities without bound at their origin: their shifted likelihood has no
 * maximum, and a shift onto the least value must not win by that. */
static void unbounded_likelihoods_are_left_out(void **state)
{
    (void)state;
    struct lc_dist d = above("gamma", 5, 0.4, 4);
    draw(&d, N, 2);
    struct lc_choice choice = choose(N);
    for (size_t i = 0; i < choice.count; i++) {
        const char *name = choice.fits[i].dist.family->name;
        if (choice.fits[i].dist.shift > 0 && (strcmp(name, "gamma") == 0 || strcmp(name, "weibull") == 0))
            assert_true(choice.fits[i].dist.parameters[0] >= 1);
    }
    lc_choice_free(&choice);
    lc_dist_free(&d);
}

static void names_tell_the_shift(void **state)
{
    (void)state;
    struct lc_fit fit = {.dist = above("gamma", 2.1, 2, 0.5)};
    char *name = lc_fit_name(&fit, "ms");
    assert_string_equal(name, "gamma + 2.1 ms");
    free(name);
    fit.dist.shift = 0;
    name = lc_fit_name(&fit, "ms");
    assert_string_equal(name, "gamma");
    free(name);
    lc_fit_free(&fit);
}

/* A shift is fitted again in every sample of the bootstrap. */
static void shifted_fits_have_p_values(void **state)
{
    (void)state;
    struct lc_dist d = above("gamma", 5, 2, 1);
    draw(&d, 200, 3);
    struct lc_choice choice;
    lc_choose(&(struct lc_sample){.low = x, .count = 200}, &(struct lc_choice_options){.bootstrap = 39, .seed = 1},
              &choice);
    const struct lc_fit *right = shifted(&choice, "gamma"), *wrong = shifted(&choice, "exponential");
    assert_non_null(right);
    assert_non_null(wrong);
    assert_true(right->p_value > 0.05 && right->p_ad > 0.05);
    assert_true(wrong->p_value < 0.03 && wrong->p_cvm < 0.03);
    lc_choice_free(&choice);
    lc_dist_free(&d);
}

/* Components up to four, as many as there are. */
static void the_number_of_components_is_found(void **state)
{
    (void)state;
    struct lc_dist three = lc_dist_named("lognormal_mixture", 9, 0.4, 0.0, 0.2, 0.3, 2.0, 0.2, 0.3, 4.0, 0.2),
                   four = lc_dist_named("lognormal_mixture", 12, 0.3, 0.0, 0.2, 0.3, 1.5, 0.2, 0.2, 3.0, 0.2, 0.2, 4.5,
                                        0.2);
    const struct lc_dist *truths[] = {&three, &four};
    for (int t = 0; t < 2; t++) {
        draw(truths[t], N, 4);
        struct lc_choice choice = choose(N);
        assert_string_equal(best(&choice)->dist.family->name, "lognormal_mixture");
        assert_int_equal(best(&choice)->dist.count, truths[t]->count);
        for (size_t i = 0; i < truths[t]->count; i++)
            assert_true(fabs(best(&choice)->dist.parameters[i] - truths[t]->parameters[i]) < 0.06);
        lc_choice_free(&choice);
    }
    lc_dist_free(&three);
    lc_dist_free(&four);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minima_are_found),
        cmocka_unit_test(minima_of_mixtures_are_found),
        cmocka_unit_test(minima_below_steep_origins),
        cmocka_unit_test(minima_are_found_through_a_clock),
        cmocka_unit_test(no_minimum_is_invented),
        cmocka_unit_test(unbounded_likelihoods_are_left_out),
        cmocka_unit_test(names_tell_the_shift),
        cmocka_unit_test(shifted_fits_have_p_values),
        cmocka_unit_test(the_number_of_components_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
