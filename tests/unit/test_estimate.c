/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "estimate.h"
#include "loadcast/random.h"
#include "model/random/generator.h"

#include <gsl/gsl_cdf.h>

static double skewed(struct lc_random *random) /* gamma of shape 6: mean 6, skewness 0.82 */
{
    double sum = 0;
    for (int i = 0; i < 6; i++)
        sum += lci_random_exponential(random);
    return sum;
}

static double very_skewed(struct lc_random *random) /* exponential: mean 6, skewness 2 */
{
    return 6 * lci_random_exponential(random);
}

static double symmetric(struct lc_random *random) /* mean 6; sums of uniforms are normal but for the far ends */
{
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += lci_random_uniform(random);
    return sum;
}

static void moments_are_those_of_the_values(void **state)
{
    (void)state;
    struct lc_random random;
    lc_random_init(&random, 1, 0, "moments", "test");
    double values[50], mean = 0, squares = 0, cubes = 0;
    struct lci_moments m = {0};
    for (int i = 0; i < 50; i++) {
        values[i] = 1000 + skewed(&random);
        lci_moments_add(&m, values[i]);
        mean += values[i] / 50;
    }
    for (int i = 0; i < 50; i++) {
        squares += pow(values[i] - mean, 2);
        cubes += pow(values[i] - mean, 3);
    }
    assert_true(fabs(m.mean - mean) < 1e-10);
    assert_true(fabs(m.squares - squares) < 1e-8 * squares);
    assert_true(fabs(m.cubes - cubes) < 1e-8 * squares);
}

/* Values without skewness, or too few to tell: Student's interval, exactly. */
static void intervals_are_students(void **state)
{
    (void)state;
    for (int n = 2; n <= 20; n += 6) {
        struct lci_moments m = {0};
        for (int i = 0; i < n; i++)
            lci_moments_add(&m, i % 2 == 0 ? 1 : -1);
        const double deviation = sqrt(n / (n - 1.0));
        assert_true(fabs(lci_half_width(&m, 0.95) - gsl_cdf_tdist_Pinv(0.975, n - 1) * deviation / sqrt(n)) < 1e-12);
    }
    struct lci_moments one = {0};
    lci_moments_add(&one, 3);
    assert_true(isnan(lci_half_width(&one, 0.95)));
}

static double coverage(double (*draw)(struct lc_random *), int n, bool student)
{
    enum { TIMES = 20000 };
    struct lc_random random;
    lc_random_init(&random, 2, 0, "coverage", "test");
    int held = 0;
    for (int i = 0; i < TIMES; i++) {
        struct lci_moments m = {0};
        for (int k = 0; k < n; k++)
            lci_moments_add(&m, draw(&random));
        if (student)
            m.cubes = 0;
        held += fabs(m.mean - 6) <= lci_half_width(&m, 0.95);
    }
    return (double)held / TIMES;
}

/* Twenty skewed values: Student's interval holds the mean less often than it says, the corrected one does not. The
 * standard error of each figure is 0.0015. */
static void skewness_is_allowed_for(void **state)
{
    (void)state;
    assert_true(coverage(skewed, 20, true) < 0.9455);
    const double corrected = coverage(skewed, 20, false), plain = coverage(symmetric, 20, false);
    assert_true(corrected > 0.9455 && corrected < 0.965);
    assert_true(plain > 0.9455 && plain < 0.965);
    const double student = coverage(very_skewed, 20, true), hall = coverage(very_skewed, 20, false);
    assert_true(student < 0.925 && hall > 0.9455 && hall < 0.97);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_those_of_the_values),
        cmocka_unit_test(intervals_are_students),
        cmocka_unit_test(skewness_is_allowed_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
