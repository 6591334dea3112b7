/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/random.h"
#include "model/random/generator.h"
#include "model/random/variates.h"
#include "random/splitmix.h"
#include "random/ziggurat.h"
#include "ziggurat_tables.h"

/* Vectors published with the reference implementations and their ports. */
static void xoshiro_gives_its_known_answers(void **state)
{
    (void)state;
    struct lc_random r = {{1, 2, 3, 4}};
    static const uint64_t expected[] = {
        41943041u,
        58720359u,
        3588806011781223u,
        3591011842654386u,
        9228616714210784205u,
        9973669472204895162u,
        14011001112246962877u,
        12406186145184390807u,
        15849039046786891736u,
        10450023813501588000u,
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_true(lci_random_bits(&r) == expected[i]);
}

static void splitmix_gives_its_known_answers(void **state)
{
    (void)state;
    uint64_t s = 1234567;
    static const uint64_t expected[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                        4593380528125082431u, 16408922859458223821u};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_true(splitmix_next(&s) == expected[i]);
}

static void streams_differ_by_every_part_of_the_key(void **state)
{
    (void)state;
    static const struct {
        uint64_t seed, replication;
        const char *name, *role;
    } keys[] = {{1, 0, "a", "demand"}, {2, 0, "a", "demand"},   {1, 1, "a", "demand"},   {0, 1, "a", "demand"},
                {1, 0, "b", "demand"}, {1, 0, "a", "arrivals"}, {1, 0, "ad", "emand"},   {1, 0, "", "ademand"},
                {1, 0, "ademand", ""}, {1, 0, "abcdefgh", "i"}, {1, 0, "abcdefgh\1", ""}};
    enum { KEYS = sizeof keys / sizeof *keys };
    struct lc_random r[KEYS], again;
    for (size_t i = 0; i < KEYS; i++) {
        lc_random_init(&r[i], keys[i].seed, keys[i].replication, keys[i].name, keys[i].role);
        lc_random_init(&again, keys[i].seed, keys[i].replication, keys[i].name, keys[i].role);
        assert_memory_equal(&again, &r[i], sizeof again);
        for (size_t k = 0; k < i; k++)
            for (int word = 0; word < 4; word++)
                assert_true(r[i].s[word] != r[k].s[word]);
    }
}

/* Neighbouring seeds must give independent streams: about half of the bits differ. */
static void seeds_avalanche(void **state)
{
    (void)state;
    int differing = 0;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct lc_random a, b;
        lc_random_init(&a, seed, 0, "entry", "demand");
        lc_random_init(&b, seed + 1, 0, "entry", "demand");
        differing += __builtin_popcountll(lci_random_bits(&a) ^ lci_random_bits(&b));
    }
    assert_true(abs(differing - 32000) < 5 * 127); /* sd of the sum: sqrt(64000 / 4) = 126.5 */
}

static void same(double a, double b)
{
    assert_true(fabs(a - b) <= 1e-15 * fabs(b));
}

static void tables_follow_their_definition(void **state)
{
    (void)state;
    struct ziggurat_tables t;
    for (int normal = 0; normal < 2; normal++) {
        ziggurat_compute(normal, &t);
        const struct lci_ziggurat_layer *layers = normal ? lci_ziggurat_normal_layers : lci_ziggurat_exponential_layers;
        const double *heights = normal ? lci_ziggurat_normal_heights : lci_ziggurat_exponential_heights;
        same(normal ? lci_ziggurat_normal_tail : lci_ziggurat_exponential_tail, t.tail);
        for (int i = 0; i < 256; i++) {
            assert_true(llabs((long long)(layers[i].inside - t.inside[i])) <= 8);
            same(layers[i].width, t.width[i]);
            same(heights[i], t.height[i]);
        }
    }
    /* Marsaglia & Tsang's constants. */
    assert_true(fabs(lci_ziggurat_exponential_tail - 7.69711747013104972) < 1e-14);
    assert_true(fabs(lci_ziggurat_normal_tail - 3.6541528853610088) < 1e-14);
}

/* Chi-square over cells of equal probability, by the distribution function. */
static double chi_square_p(double (*draw)(struct lc_random *), double (*cdf)(double), const char *name)
{
    enum { CELLS = 1000, DRAWS = 2000000 };
    static int count[CELLS];
    memset(count, 0, sizeof count);
    struct lc_random r;
    lc_random_init(&r, 20, 0, name, "test");
    for (int i = 0; i < DRAWS; i++) {
        const int cell = (int)(cdf(draw(&r)) * CELLS);
        count[cell < CELLS ? cell : CELLS - 1]++;
    }
    double sum = 0;
    for (int i = 0; i < CELLS; i++)
        sum += (count[i] - (double)DRAWS / CELLS) * (count[i] - (double)DRAWS / CELLS) / ((double)DRAWS / CELLS);
    return gsl_cdf_chisq_Q(sum, CELLS - 1);
}

static double identity(double x)
{
    return x;
}
static double exponential_cdf(double x)
{
    return -expm1(-x);
}
static double normal_cdf(double x)
{
    return erfc(-x * M_SQRT1_2) / 2;
}
static double draw_uniform(struct lc_random *r)
{
    return lci_random_uniform(r);
}
static double draw_below(struct lc_random *r)
{
    return ((double)lci_random_below(r, 1000) + 0.5) / 1000;
}

static void variates_pass_chi_square(void **state)
{
    (void)state;
    assert_true(chi_square_p(draw_uniform, identity, "uniform") > 1e-3);
    assert_true(chi_square_p(draw_below, identity, "below") > 1e-3);
    assert_true(chi_square_p(lci_random_exponential, exponential_cdf, "exponential") > 1e-3);
    assert_true(chi_square_p(lci_random_normal, normal_cdf, "normal") > 1e-3);
}

/* The tails, which the chi-square hardly sees: counts beyond the start of the base layer, and moments. */
static void tails_and_moments(void **state)
{
    (void)state;
    enum { DRAWS = 4000000 };
    struct lc_random r;
    lc_random_init(&r, 7, 0, "tails", "test");
    double sum[5] = {0}, normal_sum[5] = {0};
    int beyond = 0, normal_beyond = 0, far = 0;
    for (int i = 0; i < DRAWS; i++) {
        const double x = lci_random_exponential(&r), z = lci_random_normal(&r);
        beyond += x > lci_ziggurat_exponential_tail;
        far += x > 9;
        normal_beyond += fabs(z) > lci_ziggurat_normal_tail;
        double power = 1, normal_power = 1;
        for (int k = 1; k <= 4; k++) {
            sum[k] += power *= x;
            normal_sum[k] += normal_power *= z;
        }
    }
    const double e = DRAWS * exp(-lci_ziggurat_exponential_tail), f = DRAWS * exp(-9);
    const double n = DRAWS * erfc(lci_ziggurat_normal_tail * M_SQRT1_2);
    assert_true(fabs(beyond - e) < 4 * sqrt(e));
    assert_true(fabs(far - f) < 4 * sqrt(f));
    assert_true(fabs(normal_beyond - n) < 4 * sqrt(n));
    static const double moment[] = {1, 1, 2, 6, 24}, variance[] = {0, 1, 20, 684, 39744};
    static const double normal_moment[] = {1, 0, 1, 0, 3}, normal_variance[] = {0, 1, 2, 15, 96};
    for (int k = 1; k <= 4; k++) {
        assert_true(fabs(sum[k] / DRAWS - moment[k]) < 4 * sqrt(variance[k] / DRAWS));
        assert_true(fabs(normal_sum[k] / DRAWS - normal_moment[k]) < 4 * sqrt(normal_variance[k] / DRAWS));
    }
}

static void inline_and_library_agree(void **state)
{
    (void)state;
    struct lc_random a, b;
    lc_random_init(&a, 3, 1, "x", "y");
    b = a;
    for (int i = 0; i < 100000; i++) {
        assert_true(lci_ziggurat_exponential(&a) == lci_random_exponential(&b));
        assert_true(lci_ziggurat_normal(&a) == lci_random_normal(&b));
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "tables") == 0) {
        ziggurat_print_all();
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xoshiro_gives_its_known_answers),
        cmocka_unit_test(splitmix_gives_its_known_answers),
        cmocka_unit_test(streams_differ_by_every_part_of_the_key),
        cmocka_unit_test(seeds_avalanche),
        cmocka_unit_test(tables_follow_their_definition),
        cmocka_unit_test(variates_pass_chi_square),
        cmocka_unit_test(tails_and_moments),
        cmocka_unit_test(inline_and_library_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
