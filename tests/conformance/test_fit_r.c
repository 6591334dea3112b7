/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Maximum likelihood fits against those of R (fitdistrplus, actuar), and moments against NIST's certified values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/fit.h"
#include "mle/data.h"

static size_t read_numbers(const char *name, double *x, size_t limit)
{
    char path[512];
    snprintf(path, sizeof path, TEST_DATA "/fit/%s.txt", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t n = 0;
    while (n < limit && fscanf(file, "%lf", &x[n]) == 1)
        n++;
    fclose(file);
    return n;
}

/* The value of `name` in "shape=… rate=…", NaN when it is not there. */
static double parameter(const char *text, const char *name)
{
    char key[64];
    snprintf(key, sizeof key, "%s=", name);
    const char *found = strstr(text, key);
    return found == NULL ? NAN : strtod(found + strlen(key), NULL);
}

static void near(double value, double expected, double relative, const char *what, const char *line)
{
    if (!(fabs(value - expected) <= relative * fabs(expected)))
        fail_msg("%s is %.12g, expected %.12g in: %s", what, value, expected, line);
}

/* Our parameters from R's. */
static void check_parameters(const struct lc_dist *d, const char *text, const char *line)
{
    const double *p = d->parameters;
    const char *family = d->family->name;
    const double tolerance = 2e-3; /* R's optimisers stop early */
    if (strcmp(family, "exponential") == 0)
        near(p[0], 1 / parameter(text, "rate"), 1e-6, "mean", line);
    else if (strcmp(family, "gamma") == 0) {
        near(p[0], parameter(text, "shape"), tolerance, "shape", line);
        near(p[1], 1 / parameter(text, "rate"), tolerance, "scale", line);
    } else if (strcmp(family, "lognormal") == 0) {
        near(p[0], parameter(text, "meanlog"), 1e-8, "mu", line);
        near(p[1], parameter(text, "sdlog"), 1e-8, "sigma", line);
    } else if (strcmp(family, "inverse_gaussian") == 0) {
        near(p[0], parameter(text, "mean"), tolerance, "mean", line);
        near(p[1], parameter(text, "shape"), tolerance, "shape", line);
    } else if (strcmp(family, "weibull") == 0 || strcmp(family, "log_logistic") == 0) {
        near(p[0], parameter(text, "shape"), tolerance, "shape", line);
        near(p[1], parameter(text, "scale"), tolerance, "scale", line);
    }
}

/* R's normal is not truncated at 0, ours is: the statistics agree where nothing is cut off. */
static bool same_distribution(const struct lc_fit *fit)
{
    return strcmp(fit->dist.family->name, "normal") != 0 || fit->dist.parameters[0] > 8 * fit->dist.parameters[1];
}

static void check_row(const char *line)
{
    static double x[2000];
    char dataset[64], family[64], parameters[128], ks[32], ad[32], cvm[32];
    size_t n;
    double log_likelihood, aic, bic;
    assert_int_equal(sscanf(line, "%63[^,],%zu,%63[^,],%127[^,],%lf,%lf,%lf,%31[^,],%31[^,],%31[^,\n]", dataset, &n,
                            family, parameters, &log_likelihood, &aic, &bic, ks, ad, cvm),
                     10);
    assert_int_equal(read_numbers(dataset, x, 2000), n);
    struct lc_fit fit;
    assert_non_null(lc_family_find(family));
    assert_int_equal(lc_fit_family(lc_family_find(family), &(struct lc_sample){.low = x, .count = n}, &fit), 0);
    if (!(fit.log_likelihood >= log_likelihood - 1e-6 * fabs(log_likelihood)))
        fail_msg("log-likelihood %.10f is below: %s", fit.log_likelihood, line);
    check_parameters(&fit.dist, parameters, line);
    const double k = (double)fit.free_parameters;
    near(fit.aic, 2 * k - 2 * fit.log_likelihood, 1e-14, "AIC", line);
    near(fit.bic - fit.aic, bic - aic, 1e-6, "penalty", line);
    if (same_distribution(&fit)) {
        /* Nowhere much better than R: the same density is meant. A Lomax that tends to an exponential gains most. */
        assert_true(fit.log_likelihood <= log_likelihood + 2e-4 * fabs(log_likelihood));
        const double loose = strcmp(family, "lomax") == 0 ? 0.05 : 0.01;
        near(fit.ks, strtod(ks, NULL), loose, "KS", line);
        near(fit.cvm, strtod(cvm, NULL), loose, "CvM", line);
        if (strcmp(ad, "Inf") != 0)
            near(fit.ad, strtod(ad, NULL), loose, "AD", line);
    }
    lc_fit_free(&fit);
}

static void fits_are_at_least_as_likely_as_those_of_r(void **state)
{
    (void)state;
    FILE *file = fopen(TEST_DATA "/fit/expected.csv", "r");
    assert_non_null(file);
    char line[512];
    int rows = 0;
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file) != NULL) {
        check_row(line);
        rows++;
    }
    fclose(file);
    assert_int_equal(rows, 60);
}

static void the_true_family_is_chosen(void **state)
{
    (void)state;
    static const char *const sets[][2] = {
        {"exponential_500", "exponential"}, {"gamma_800", "gamma"},  {"lognormal_1000", "lognormal"},
        {"weibull_600", "weibull"},         {"lomax_1500", "lomax"}, {"invgauss_700", "inverse_gaussian"},
        {"loglogistic_600", "log_logistic"}};
    static double x[2000];
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        const size_t n = read_numbers(sets[i][0], x, 2000);
        struct lc_choice choice;
        lc_choose(&(struct lc_sample){.low = x, .count = n}, NULL, &choice);
        assert_false(choice.empirical || choice.few);
        assert_string_equal(choice.fits[choice.best].dist.family->name, sets[i][1]);
        lc_choice_free(&choice);
    }
}

/* NIST's Statistical Reference Datasets, univariate: mean, standard deviation (n − 1) and lag-1 autocorrelation. */
static void moments_are_those_of_nist(void **state)
{
    (void)state;
    static double x[1001];
    static const struct {
        double middle, low, high, mean, sd, lag1;
        size_t n;
    } sets[] = {
        {10000002, 10000001, 10000003, 10000002, 1, -0.5, 3},
        {1.2, 1.1, 1.3, 1.2, 0.1, -0.999, 1001},
        {1000000.2, 1000000.1, 1000000.3, 1000000.2, 0.1, -0.999, 1001},
        {10000000.2, 10000000.1, 10000000.3, 10000000.2, 0.1, -0.999, 1001},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        x[0] = sets[i].n == 3 ? sets[i].low : sets[i].middle;
        for (size_t k = 1; k < sets[i].n; k++)
            x[k] = k % 2 == 1 ? sets[i].low : sets[i].high;
        if (sets[i].n == 3) {
            x[1] = sets[i].high;
            x[2] = sets[i].middle;
        }
        double mean, variance;
        lci_moments(x, NULL, sets[i].n, &mean, &variance);
        const double n = (double)sets[i].n, sd = sqrt(variance * n / (n - 1));
        near(mean, sets[i].mean, 1e-15, "mean", "NumAcc");
        /* The values as doubles are off by up to 1e-9 of the deviation in the last set. */
        near(sd, sets[i].sd, 2e-8, "sd", "NumAcc");
        near(lci_lag1(x, sets[i].n), sets[i].lag1, 2e-8, "autocorrelation", "NumAcc");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_are_at_least_as_likely_as_those_of_r),
        cmocka_unit_test(the_true_family_is_chosen),
        cmocka_unit_test(moments_are_those_of_nist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
