/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws of a time: how far shapes vary, against the information of the families; and how often means and shapes
 * together hold the truth, against the formula of Pollaczek and Khinchine. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/random/generator.h"
#include "network/model/build.h"

#define MEAN 0.1 /* s */

static void assert_near(double found, double expected, double relative)
{
    if (!(fabs(found - expected) <= relative * fabs(expected)))
        fail_msg("%.12g is not %.12g", found, expected);
}

struct drawn_sample {
    struct lci_samples samples;
    struct lc_learned learned;
    struct lc_dist fitted;
    struct lci_time_replicates drawn;
};

/* One sample a trace. */
static struct drawn_sample draw(const struct lc_dist *truth, size_t n, size_t draws, struct lc_random *random)
{
    struct drawn_sample d = {.learned = {.replicates = draws, .shapes = draws}};
    for (size_t i = 0; i < n; i++)
        lci_samples_add(&d.samples, lc_dist_sample(truth, random), (uint32_t)lci_random_below(random, UINT32_MAX));
    d.fitted = lci_fit_time(&d.learned, "time", &d.samples, d.samples.sum / (double)n, 0, &d.drawn);
    return d;
}

static void free_drawn(struct drawn_sample *d)
{
    lci_samples_free(&d->samples);
    lc_dist_free(&d->fitted);
    lci_time_replicates_free(&d->drawn);
    lc_learned_free(&d->learned);
}

static double cv2_of(const struct drawn_sample *d, double power)
{
    double values[LC_SHAPE];
    for (size_t i = 0; i < LC_SHAPE; i++)
        values[i] = pow(d->drawn.table[i], power);
    struct lc_dist dist = lc_dist_make(lc_family_find("empirical"), 0, values, LC_SHAPE);
    const double cv2 = lc_dist_cv2(&dist);
    lc_dist_free(&dist);
    return cv2;
}

/* Of a mean of MEAN. */
static struct lc_dist lognormal(double cv2)
{
    return lc_dist_named("lognormal", 2, log(MEAN) - log1p(cv2) / 2, sqrt(log1p(cv2)));
}

static struct lc_dist bimodal(void)
{
    return lc_dist_named("gamma_mixture", 6, 0.8, 10.0, 0.04 * MEAN, 0.2, 10.0, 0.34 * MEAN);
}

static void a_table_stands_for_the_distribution(void **state)
{
    (void)state;
    struct lc_dist truths[] = {lognormal(3), lc_dist_exponential(MEAN), lc_dist_named("erlang", 2, 4.0, MEAN),
                               bimodal(), lc_dist_make(lc_family_find("gamma"), 1, (double[]){2, 0.1}, 2)};
    struct lc_random random;
    lc_random_init(&random, 1, 0, "table", "test");
    for (size_t t = 0; t < sizeof truths / sizeof *truths; t++) {
        struct drawn_sample d = draw(&truths[t], 500, 4, &random);
        double sum = 0;
        for (size_t i = 0; i < LC_SHAPE; i++) {
            sum += d.drawn.table[i];
            assert_true(i == 0 || d.drawn.table[i] >= d.drawn.table[i - 1]);
        }
        assert_near(sum / LC_SHAPE, 1, 1e-12);
        assert_near(d.drawn.cv2, lc_dist_cv2(&d.fitted), 1e-9);
        assert_near(cv2_of(&d, 1), d.drawn.cv2, 1e-6);
        free_drawn(&d);
        lc_dist_free(&truths[t]);
    }
}

/* Deviation over the replicates of f(cv2). */
static double spread(const struct drawn_sample *d, double (*f)(double))
{
    double sum = 0, squares = 0;
    const double n = (double)d->learned.shapes;
    for (size_t b = 0; b < d->learned.shapes; b++) {
        const double x = f(cv2_of(d, d->drawn.powers[b]));
        sum += x;
        squares += x * x;
    }
    return sqrt((squares - sum * sum / n) / (n - 1));
}

static void shapes_vary_as_estimates_do(void **state)
{
    (void)state;
    enum { N = 2000, DRAWS = 400 };
    struct lc_random random;
    lc_random_init(&random, 2, 0, "vary", "test");
    /* σ² = log(1 + c²) of a lognormal distribution: information n/(2σ⁴). The deviation of 400 draws is known to 4 %,
     * and the bootstrap's variance from 2000 values to 6 %: a fifth is more than four of both. */
    struct lc_dist truth = lognormal(3);
    struct drawn_sample d = draw(&truth, N, DRAWS, &random);
    assert_string_equal(d.fitted.family->name, "lognormal");
    assert_near(spread(&d, log1p), log1p(d.drawn.cv2) * sqrt(2.0 / N), 0.2);
    free_drawn(&d);
    lc_dist_free(&truth);
    /* An exponential distribution is chosen because it has one parameter less, not because its shape is known: that is
     * known no better than within the gamma family, log c² = −log k with the information n (ψ′(1) − 1) at k = 1, and no
     * worse than without any family, where c² of n values has the variance 8/n. */
    truth = lc_dist_exponential(MEAN);
    d = draw(&truth, N, DRAWS, &random);
    assert_string_equal(d.fitted.family->name, "exponential");
    const double found = spread(&d, log);
    assert_true(found > 0.8 / sqrt((M_PI * M_PI / 6 - 1) * N) && found < 1.2 * sqrt(8.0 / N));
    free_drawn(&d);
    lc_dist_free(&truth);
}

static void what_cannot_vary_does_not(void **state)
{
    (void)state;
    struct lc_random random;
    lc_random_init(&random, 3, 0, "constant", "test");
    struct lc_dist constant = lc_dist_deterministic(MEAN), varying = lc_dist_exponential(MEAN);
    struct drawn_sample d = draw(&constant, 50, 8, &random);
    assert_null(d.drawn.powers);
    free_drawn(&d);
    /* Many samples of one trace tell nothing of what other traces have. */
    d = (struct drawn_sample){.learned = {.replicates = 8, .shapes = 8}};
    for (size_t i = 0; i < 50; i++)
        lci_samples_add(&d.samples, lc_dist_sample(&varying, &random), 7);
    d.fitted = lci_fit_time(&d.learned, "time", &d.samples, d.samples.sum / 50, 0, &d.drawn);
    assert_null(d.drawn.powers);
    for (size_t b = 0; b < 8; b++)
        assert_float_equal(d.drawn.ratios[b], 1, 0);
    free_drawn(&d);
    lc_dist_free(&constant);
    lc_dist_free(&varying);
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Mean response of an M/G/1 queue. */
static double response(double rate, double mean, double cv2)
{
    return rate * mean < 1 ? mean + rate * mean * mean * (1 + cv2) / (2 * (1 - rate * mean)) : INFINITY;
}

/* In how many of the recordings of n requests the replicates hold the mean response at a load of 60 %. */
static size_t count_held(const struct lc_dist *truth, size_t n, size_t recordings)
{
    enum { DRAWS = 39 }; /* the first and the last one are quantiles at 2.5 % */
    const double rate = 0.6 / lc_dist_mean(truth), right = response(rate, lc_dist_mean(truth), lc_dist_cv2(truth));
    struct lc_random random;
    lc_random_init(&random, n, 0, truth->family->name, "test");
    size_t held = 0;
    for (size_t i = 0; i < recordings; i++) {
        struct drawn_sample d = draw(truth, n, DRAWS, &random);
        double found[DRAWS];
        for (size_t b = 0; b < DRAWS; b++)
            found[b] = response(rate, d.samples.sum / (double)n * d.drawn.ratios[b], cv2_of(&d, d.drawn.powers[b]));
        qsort(found, DRAWS, sizeof *found, by_size);
        held += found[0] <= right && right <= found[DRAWS - 1];
        free_drawn(&d);
    }
    return held;
}

/* Of intervals of which `share` hold the truth, fewer than this come by chance once in a thousand times. */
static size_t fewest(double share, size_t count)
{
    return (size_t)(share * (double)count - 3.09 * sqrt(share * (1 - share) * (double)count));
}

static void draws_hold_the_response_time(void **state)
{
    (void)state;
    const struct {
        struct lc_dist truth;
        size_t n, recordings;
        double share;
    } cases[] = {{lc_dist_exponential(MEAN), 30, 100, 0.95},
                 {lognormal(3), 30, 300, 0.88}, /* 80 % where draws change means alone */
                 {bimodal(), 30, 60, 0.95},
                 {lognormal(3), 300, 100, 0.95}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t held = count_held(&cases[i].truth, cases[i].n, cases[i].recordings);
        print_message("%zu of %zu recordings of %zu requests hold the response\n", held, cases[i].recordings,
                      cases[i].n);
        if (held < fewest(cases[i].share, cases[i].recordings))
            fail_msg("%s: %zu of %zu", cases[i].truth.family->name, held, cases[i].recordings);
        struct lc_dist done = cases[i].truth;
        lc_dist_free(&done);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_stands_for_the_distribution),
        cmocka_unit_test(shapes_vary_as_estimates_do),
        cmocka_unit_test(what_cannot_vary_does_not),
        cmocka_unit_test(draws_hold_the_response_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
