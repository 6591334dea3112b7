/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/dist.h"
#include "model/dist/dist.h"

/* Members of every continuous family, awkward ones among them. */
static const struct {
    const char *family;
    size_t n;
    double p[16];
} members[] = {
    {"uniform", 2, {2, 5}},
    {"exponential", 1, {3}},
    {"erlang", 2, {2, 7}},
    {"erlang", 2, {40, 0.001}},
    {"gamma", 2, {0.3, 4}},
    {"gamma", 2, {7.7, 0.5}},
    {"gamma", 2, {900, 2}},
    {"lognormal", 2, {-3, 0.4}},
    {"lognormal", 2, {2, 1.5}},
    {"normal", 2, {100, 8}},
    {"normal", 2, {1, 2}},
    {"normal", 2, {-4, 1}},
    {"weibull", 2, {0.6, 3}},
    {"weibull", 2, {4, 0.01}},
    {"log_logistic", 2, {5, 3}},
    {"log_logistic", 2, {2.5, 0.2}},
    {"inverse_gaussian", 2, {3, 0.5}},
    {"inverse_gaussian", 2, {0.02, 40}},
    {"pareto", 2, {4.5, 2}},
    {"lomax", 2, {4.2, 9}},
    {"burr", 3, {2, 3, 5}},
    {"burr", 3, {0.9, 7, 1}},
    {"generalised_gamma", 3, {0.7, 1.8, 3}},
    {"generalised_gamma", 3, {6, 0.6, 0.05}},
    {"hyperexponential", 4, {0.1, 20, 0.9, 1}},
    {"hyper_erlang", 6, {0.25, 1, 3, 0.75, 12, 20}},
    {"coxian", 1, {0.5}},
    {"coxian", 5, {3, 0.7, 2, 0.25, 0.125}},
    {"phase_type", 13, {3, 0.5, 0.5, 0, -2, 1, 0.5, 0.1, -1, 0.4, 0, 3, -5}},
    {"lognormal_mixture", 6, {0.6, 0, 0.3, 0.4, 3, 0.2}},
    {"gamma_mixture", 6, {0.6, 2, 0.3, 0.4, 30, 0.5}},
    {"moments", 2, {4, 0.25}},
    {"moments", 2, {4, 1}},
    {"moments", 2, {4, 9}},
};
enum { MEMBERS = sizeof members / sizeof *members };

static struct lc_dist member(size_t i, double shift)
{
    const struct lc_family *family = lc_family_find(members[i].family);
    assert_non_null(family);
    return lc_dist_make(family, shift, members[i].p, members[i].n);
}

static void near(double a, double b, double relative, const char *what, const char *family)
{
    if (!(fabs(a - b) <= relative * fmax(fabs(b), 1e-300)))
        fail_msg("%s: %s is %.17g, expected %.17g", family, what, a, b);
}

/* E(g(X)) by integrating over u = F(x) would use quantile(); over log x it uses the density only. */
struct integrand {
    const struct lc_dist *d;
    int power;
};

static double weighted_density(double log_x, void *parameters)
{
    const struct integrand *g = parameters;
    const double x = exp(log_x);
    return exp(lc_dist_log_density(g->d, x) + (g->power + 1) * log_x);
}

static double integrate(const struct lc_dist *d, int power, double from, double to)
{
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(2000);
    struct integrand g = {d, power};
    const gsl_function f = {weighted_density, &g};
    double sum = 0, error;
    /* In slices of equal probability, so that no narrow peak is missed. */
    double low = from;
    for (int i = 1; i <= 16; i++) {
        const double high = i == 16 ? to : fmin(fmax(lc_dist_quantile(d, i / 16.0), from), to);
        double part = 0;
        if (high > low)
            gsl_integration_qag(&f, log(low), log(high), 0, 1e-9, 2000, GSL_INTEG_GAUSS31, work, &part, &error);
        sum += part;
        low = fmax(high, low);
    }
    gsl_integration_workspace_free(work);
    return sum;
}

static void density_integrates_to_the_distribution_function(void **state)
{
    (void)state;
    for (size_t i = 0; i < MEMBERS; i++) {
        struct lc_dist d = member(i, 0);
        for (int k = 1; k < 20; k += 3) {
            const double u = k / 20.0, x = lc_dist_quantile(&d, u), y = lc_dist_quantile(&d, 0.97);
            near(lc_dist_cdf(&d, x), u, 1e-12, "cdf(quantile(u))", members[i].family);
            near(lc_dist_survival(&d, x), 1 - u, 1e-12, "survival", members[i].family);
            near(integrate(&d, 0, x, y), 0.97 - u, 1e-7, "integral", members[i].family);
        }
        assert_true(lc_dist_cdf(&d, -1) == 0 && lc_dist_survival(&d, -1) == 1);
        assert_true(lc_dist_log_density(&d, -1) == -INFINITY);
        lc_dist_free(&d);
    }
}

static void moments_match_integration(void **state)
{
    (void)state;
    for (size_t i = 0; i < MEMBERS; i++) {
        struct lc_dist d = member(i, 0);
        const double mean = lc_dist_mean(&d), variance = lc_dist_variance(&d);
        const double low = fmax(lc_dist_quantile(&d, 1e-12), 1e-60), high = lc_dist_quantile(&d, 1 - 1e-15);
        /* What lies beyond `high` counts for the heavy tails; the second moment of shape 2.5 is out of reach. */
        const bool heavy = strcmp(members[i].family, "log_logistic") == 0 || strcmp(members[i].family, "pareto") == 0 ||
                           strcmp(members[i].family, "lomax") == 0 || strcmp(members[i].family, "burr") == 0;
        near(integrate(&d, 1, low, high), mean, heavy ? 1e-5 : 1e-7, "mean", members[i].family);
        if (!heavy || lc_dist_survival(&d, 1e4 * mean) < 1e-12)
            near(integrate(&d, 2, low, high) - mean * mean, variance, heavy ? 2e-3 : 1e-6, "variance",
                 members[i].family);
        lc_dist_free(&d);
    }
}

static void tails_keep_their_digits(void **state)
{
    (void)state;
    struct lc_dist d = lc_dist_named("inverse_gaussian", 2, 1.0, 2.0);
    /* S ≈ density · x² / (λ/2 (x²−1)/…): compare with a difference of far points by integration instead. */
    near(lc_dist_survival(&d, 30) - lc_dist_survival(&d, 40), integrate(&d, 0, 30, 40), 1e-8, "tail",
         "inverse_gaussian");
    lc_dist_free(&d);
    d = lc_dist_named("normal", 2, -40.0, 1.0);
    near(lc_dist_mean(&d), 0.024968847, 1e-6, "mean", "normal far below 0");
    near(lc_dist_cdf(&d, 1e-9), 40.02496884 * 1e-9, 1e-6, "cdf", "normal far below 0");
    lc_dist_free(&d);
    d = lc_dist_named("hyper_erlang", 3, 1.0, 3.0, 1.0);
    near(lc_dist_survival(&d, 30), gsl_cdf_gamma_Q(30, 3, 1.0 / 3), 1e-12, "survival", "hyper_erlang");
    lc_dist_free(&d);
}

/* Against GSL's own distributions. */
static void agrees_with_gsl(void **state)
{
    (void)state;
    struct lc_dist gamma = lc_dist_named("gamma", 2, 2.5, 3.0), lognormal = lc_dist_named("lognormal", 2, 1.0, 0.7);
    struct lc_dist weibull = lc_dist_named("weibull", 2, 1.7, 4.0), pareto = lc_dist_named("pareto", 2, 3.0, 2.0);
    for (double x = 0.25; x < 40; x *= 1.5) {
        near(exp(lc_dist_log_density(&gamma, x)), gsl_ran_gamma_pdf(x, 2.5, 3), 1e-13, "density", "gamma");
        near(lc_dist_cdf(&gamma, x), gsl_cdf_gamma_P(x, 2.5, 3), 1e-12, "cdf", "gamma");
        near(exp(lc_dist_log_density(&lognormal, x)), gsl_ran_lognormal_pdf(x, 1, 0.7), 1e-13, "density", "lognormal");
        near(lc_dist_cdf(&lognormal, x), gsl_cdf_lognormal_P(x, 1, 0.7), 1e-12, "cdf", "lognormal");
        near(exp(lc_dist_log_density(&weibull, x)), gsl_ran_weibull_pdf(x, 4, 1.7), 1e-12, "density", "weibull");
        near(lc_dist_survival(&weibull, x), gsl_cdf_weibull_Q(x, 4, 1.7), 1e-12, "survival", "weibull");
        if (x > 2)
            near(lc_dist_survival(&pareto, x), gsl_cdf_pareto_Q(x, 3, 2), 1e-12, "survival", "pareto");
    }
    lc_dist_free(&gamma);
    lc_dist_free(&lognormal);
    lc_dist_free(&weibull);
    lc_dist_free(&pareto);
}

/* The same distribution written in two families has the same functions. */
static void families_that_coincide(void **state)
{
    (void)state;
    struct lc_dist pairs[][2] = {
        {lc_dist_named("erlang", 2, 4.0, 2.0), lc_dist_named("gamma", 2, 4.0, 0.5)},
        {lc_dist_named("erlang", 2, 1.0, 2.0), lc_dist_exponential(2)},
        {lc_dist_named("weibull", 2, 1.0, 2.0), lc_dist_exponential(2)},
        {lc_dist_named("burr", 3, 1.0, 3.0, 2.0), lc_dist_named("lomax", 2, 3.0, 2.0)},
        {lc_dist_named("generalised_gamma", 3, 2.5, 1.0, 2.0), lc_dist_named("gamma", 2, 2.5, 2.0)},
        {lc_dist_named("generalised_gamma", 3, 1.0, 1.7, 2.0), lc_dist_named("weibull", 2, 1.7, 2.0)},
        {lc_dist_named("burr", 3, 2.5, 1.0, 2.0), lc_dist_named("log_logistic", 2, 2.5, 2.0)},
        {lc_dist_named("coxian", 3, 2.0, 1.0, 2.0), lc_dist_named("erlang", 2, 2.0, 1.0)},
        {lc_dist_named("phase_type", 7, 2.0, 0.3, 0.7, -0.5, 0.0, 0.0, -4.0),
         lc_dist_named("hyperexponential", 4, 0.3, 2.0, 0.7, 0.25)},
        {lc_dist_named("phase_type", 7, 2.0, 1.0, 0.0, -1000.0, 1000.0, 0.0, -1000.0),
         lc_dist_named("erlang", 2, 2.0, 0.002)},
        {lci_dist_moments(4, 0.25), lc_dist_named("gamma", 2, 4.0, 1.0)},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct lc_dist *a = &pairs[i][0], *b = &pairs[i][1];
        near(lc_dist_mean(a), lc_dist_mean(b), 1e-12, "mean", a->family->name);
        near(lc_dist_variance(a), lc_dist_variance(b), 1e-12, "variance", a->family->name);
        for (double x = 0.001; x < 30; x *= 2) {
            near(lc_dist_cdf(a, x), lc_dist_cdf(b, x), 1e-10, "cdf", a->family->name);
            if (lc_dist_survival(b, x) > 1e-200) {
                near(lc_dist_survival(a, x), lc_dist_survival(b, x), 1e-8, "survival", a->family->name);
                near(lc_dist_log_density(a, x), lc_dist_log_density(b, x), 1e-8, "log density", a->family->name);
            }
        }
        lc_dist_free(a);
        lc_dist_free(b);
    }
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov–Smirnov of 20,000 variates: √n D stays below 1.95 with probability 0.999 for each of them. */
static void variates_follow_the_distribution_function(void **state)
{
    (void)state;
    enum { N = 20000 };
    static double x[N];
    for (size_t i = 0; i < MEMBERS; i++) {
        struct lc_dist d = member(i, 0);
        struct lc_random r;
        lc_random_init(&r, 11, i, members[i].family, "test");
        for (int k = 0; k < N; k++)
            x[k] = lc_dist_sample(&d, &r);
        qsort(x, N, sizeof *x, by_value);
        double distance = 0;
        for (int k = 0; k < N; k++) {
            const double u = lc_dist_cdf(&d, x[k]);
            distance = fmax(distance, fmax((k + 1.0) / N - u, u - (double)k / N));
        }
        if (sqrt(N) * distance > 2.2)
            fail_msg("%s: member %zu: KS distance %g", members[i].family, i, distance);
        lc_dist_free(&d);
    }
}

static void scaling_and_shifting(void **state)
{
    (void)state;
    for (size_t i = 0; i < MEMBERS; i++) {
        struct lc_dist d = member(i, 0), s = member(i, 0.5);
        near(lc_dist_mean(&s), lc_dist_mean(&d) + 0.5, 1e-14, "shifted mean", members[i].family);
        near(lc_dist_variance(&s), lc_dist_variance(&d), 1e-14, "shifted variance", members[i].family);
        lci_dist_scale(&s, 3);
        near(s.shift, 1.5, 0, "scaled shift", members[i].family);
        near(lc_dist_mean(&s), 3 * (lc_dist_mean(&d) + 0.5), 1e-12, "scaled mean", members[i].family);
        near(lc_dist_variance(&s), 9 * lc_dist_variance(&d), 1e-11, "scaled variance", members[i].family);
        for (int k = 1; k < 10; k++) {
            const double x = lc_dist_quantile(&d, k / 10.0), y = 3 * x + 1.5;
            near(lc_dist_quantile(&s, k / 10.0), y, 1e-12, "scaled quantile", members[i].family);
            assert_true(fabs(lc_dist_cdf(&s, y) - lc_dist_cdf(&d, x)) < 1e-9);
            assert_true(fabs(lc_dist_survival(&s, y) - lc_dist_survival(&d, x)) < 1e-9);
            assert_true(fabs(lc_dist_log_density(&s, y) + log(3) - lc_dist_log_density(&d, x)) < 1e-7);
        }
        lc_dist_free(&d);
        lc_dist_free(&s);
    }
}

static void atoms(void **state)
{
    (void)state;
    struct lc_dist d = lc_dist_deterministic(3);
    assert_true(lc_dist_cdf(&d, 3) == 1 && lc_dist_cdf(&d, 2.9) == 0 && lc_dist_survival(&d, 3) == 0);
    assert_true(lc_dist_log_density(&d, 3) == 0 && lc_dist_quantile(&d, 0.3) == 3);
    assert_true(lc_dist_mean(&d) == 3 && lc_dist_cv2(&d) == 0);
    lc_dist_free(&d);
    d = lci_dist_moments(0, 5);
    struct lc_random r;
    lc_random_init(&r, 1, 1, "", "");
    assert_true(lc_dist_mean(&d) == 0 && lc_dist_sample(&d, &r) == 0 && lc_dist_cdf(&d, 0) == 1);
    assert_true(lc_dist_cv2(&d) == 0);
    lc_dist_free(&d);
    d = lc_dist_exponential(0);
    assert_true(lc_dist_sample(&d, &r) == 0 && lc_dist_cdf(&d, 0) == 1 && lc_dist_survival(&d, -1) == 1);
    lc_dist_free(&d);
    d = lc_dist_named("empirical", 5, 1.0, 2.0, 2.0, 4.0, 11.0);
    assert_true(lc_dist_mean(&d) == 4 && fabs(lc_dist_variance(&d) - 66.0 / 5) < 1e-14);
    assert_true(lc_dist_cdf(&d, 2) == 0.6 && lc_dist_cdf(&d, 1.99) == 0.2 && lc_dist_survival(&d, 4) == 0.2);
    assert_true(fabs(lc_dist_log_density(&d, 2) - log(0.4)) < 1e-15 && lc_dist_log_density(&d, 3) == -INFINITY);
    assert_true(lc_dist_quantile(&d, 0) == 1 && lc_dist_quantile(&d, 1) == 11);
    assert_true(lc_dist_quantile(&d, 0.875) == 7.5); /* half way between the last two */
    double sum = 0;
    for (int i = 0; i < 100000; i++)
        sum += lc_dist_sample(&d, &r);
    assert_true(fabs(sum / 1e5 - 4) < 4 * sqrt(13.2 / 1e5));
    lc_dist_free(&d);
}

/* LQSIM's hyperexponential: p = ½(1 − √((c−1)/(c+1))), means m/(2p) and m/(2(1−p)). */
static void moments_family_is_balanced(void **state)
{
    (void)state;
    for (double c = 1.001; c < 1e6; c *= 7) {
        struct lc_dist d = lci_dist_moments(3, c);
        const double p = 0.5 * (1 - sqrt((c - 1) / (c + 1)));
        struct lc_dist h = lc_dist_named("hyperexponential", 4, p, 3 / (2 * p), 1 - p, 3 / (2 * (1 - p)));
        near(lc_dist_mean(&h), 3, 1e-9, "mean", "hyperexponential");
        near(lc_dist_cv2(&h), c, 1e-6, "cv2", "hyperexponential");
        near(lc_dist_cdf(&d, 2), lc_dist_cdf(&h, 2), 1e-9, "cdf", "moments");
        near(lc_dist_cv2(&d), c, 1e-12, "cv2", "moments");
        lc_dist_free(&d);
        lc_dist_free(&h);
    }
}

static void names_are_found(void **state)
{
    (void)state;
    assert_non_null(lc_family_find("inverse-gaussian"));
    assert_ptr_equal(lc_family_find("phase type"), lc_family_find("phase_type"));
    assert_null(lc_family_find("gam"));
    assert_null(lc_family_find("gammas"));
    size_t count = 0;
    for (const struct lc_family *const *f = lci_families(); *f != NULL; f++, count++)
        assert_ptr_equal(lc_family_find((*f)->name), *f);
    assert_int_equal(count, 22);
}

static void wrong_parameters_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *family;
        size_t n;
        double p[8];
    } wrong[] = {
        {"gamma", 2, {-1, 2}},
        {"gamma", 1, {1}},
        {"gamma", 2, {NAN, 1}},
        {"gamma", 2, {1, INFINITY}},
        {"deterministic", 1, {-1}},
        {"uniform", 2, {2, 2}},
        {"erlang", 2, {1.5, 2}},
        {"erlang", 2, {0, 2}},
        {"hyperexponential", 3, {0.5, 1, 0.5}},
        {"hyperexponential", 4, {0.5, 1, 0.6, 1}},
        {"hyperexponential", 4, {-0.5, 1, 1.5, 1}},
        {"coxian", 2, {1, 0.5}},
        {"coxian", 3, {1, 1.5, 1}},
        {"phase_type", 7, {2, 1, 0, -1, 1, 1, -1}},   /* never absorbed */
        {"phase_type", 7, {2, 1, 0, -1, 2, 0, -1}},   /* row sum above 0 */
        {"phase_type", 7, {2, 0.5, 0, -1, 1, 0, -1}}, /* alpha does not sum to 1 */
        {"phase_type", 3, {1e9, 1, -1}},
        {"empirical", 3, {1, 3, 2}},
        {"empirical", 1, {-1}},
        {"moments", 2, {1, -0.1}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct lc_dist d = lc_dist_make(lc_family_find(wrong[i].family), 0, wrong[i].p, wrong[i].n);
        struct lc_diag diag = {0};
        assert_int_equal(lci_dist_check(&d, &diag, NULL), -1);
        assert_int_equal(diag.errors, 1);
        assert_non_null(strstr(diag.messages[0].text, wrong[i].family));
        lc_diag_free(&diag);
        lc_dist_free(&d);
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        struct lc_dist d = member(i, 0);
        assert_int_equal(lci_dist_check(&d, NULL, NULL), 0);
        lc_dist_free(&d);
    }
}

static void text_of(struct lc_dist d, const char *unit, const char *expected)
{
    char *text = lc_dist_text(&d, unit);
    assert_string_equal(text, expected);
    free(text);
    lc_dist_free(&d);
}

static void texts_for_people(void **state)
{
    (void)state;
    text_of(lc_dist_named("gamma", 2, 2.1, 38.2), "ms", "gamma(shape 2.1, scale 38.2 ms)");
    text_of(lc_dist_named("gamma", 2, 2.1, 38.2), "", "gamma(shape 2.1, scale 38.2)");
    text_of(lc_dist_named("lognormal", 2, 3.5, 0.25), "ms", "lognormal(mu 3.5, sigma 0.25)");
    text_of(lc_dist_named("coxian", 3, 2.0, 0.5, 1.0), "s", "coxian(rate 2/s, q 0.5; rate 1/s)");
    text_of(lc_dist_named("hyperexponential", 4, 0.3, 2.0, 0.7, 9.0), "ms",
            "hyperexponential(p 0.3, mean 2 ms; p 0.7, mean 9 ms)");
    text_of(lc_dist_named("empirical", 3, 0.5, 1.0, 3.25), "s", "empirical(3 values, 0.5 … 3.25 s)");
    text_of((struct lc_dist){0}, "s", "none");
    struct lc_dist shifted = lc_dist_exponential(2);
    shifted.shift = 0.5;
    text_of(shifted, "ms", "exponential(shift 0.5 ms, mean 2 ms)");
}

static void copies_and_equality(void **state)
{
    (void)state;
    struct lc_dist a = lc_dist_named("gamma", 2, 1.0, 2.0), b = lci_dist_copy(&a), none = {0};
    assert_true(lci_dist_equal(&a, &b));
    b.parameters[1] += 1e-15;
    assert_false(lci_dist_equal(&a, &b));
    assert_false(lci_dist_equal(&a, &none));
    assert_true(lci_dist_equal(&none, &none));
    lc_dist_free(&b);
    b = lci_dist_copy(&none);
    assert_null(b.family);
    lc_dist_free(&a);
}

/* Of nearly constant times the shape is in the thousands or millions. Values by numerical integration of the density.
 */
static void large_shapes_keep_their_digits(void **state)
{
    (void)state;
    static const struct {
        double shape, deviations, above;
    } cases[] = {{1e4, 1.08, 0.14018987354980192},    {1e4, -0.77, 0.7789493752221431},
                 {9e4, 1.08, 0.14011172985894677},    {9e4, -0.77, 0.7792160931126562},
                 {7.29e6, 1.08, 0.14007565759390714}, {7.29e6, -0.77, 0.7793351494782758}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double x = cases[i].shape + cases[i].deviations * sqrt(cases[i].shape);
        struct lc_dist gamma = lc_dist_named("gamma", 2, cases[i].shape, 1.0);
        near(lc_dist_survival(&gamma, x), cases[i].above, 1e-11, "survival", "gamma");
        near(lc_dist_cdf(&gamma, x), 1 - cases[i].above, 1e-10, "cdf", "gamma");
        near(lc_dist_quantile(&gamma, 1 - cases[i].above), x, 1e-9, "quantile", "gamma");
        lc_dist_free(&gamma);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(density_integrates_to_the_distribution_function),
        cmocka_unit_test(moments_match_integration),
        cmocka_unit_test(tails_keep_their_digits),
        cmocka_unit_test(large_shapes_keep_their_digits),
        cmocka_unit_test(agrees_with_gsl),
        cmocka_unit_test(families_that_coincide),
        cmocka_unit_test(variates_follow_the_distribution_function),
        cmocka_unit_test(scaling_and_shifting),
        cmocka_unit_test(atoms),
        cmocka_unit_test(moments_family_is_balanced),
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(wrong_parameters_are_named),
        cmocka_unit_test(texts_for_people),
        cmocka_unit_test(copies_and_equality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
