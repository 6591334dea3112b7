/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "loadcast/random.h"
#include "model/random/generator.h"
#include "network/visits/visits.h"

enum { MOST = 20000, SEEDS = 50 };

struct arrivals {
    int64_t times[MOST];
    size_t count;
    double now; /* s */
};

/* A Poisson process of that rate, for so long. */
static void arrive(struct arrivals *a, struct lc_random *random, double rate, double seconds)
{
    const double end = a->now + seconds;
    while ((a->now += lci_random_exponential(random) / rate) < end)
        a->times[a->count++] = llround(a->now * 1e9);
    a->now = end;
}

static struct arrivals *nobody(void)
{
    return calloc(1, sizeof(struct arrivals));
}

static void one_rate_has_no_change(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct lc_random random;
        lc_random_init(&random, seed, 0, "rates", "test");
        struct arrivals *a = nobody();
        arrive(a, &random, 50, 100);
        assert_int_equal(lci_rate_change(a->times, a->count), 0);
        free(a);
    }
}

/* Bursts of a second or so, at five times the rate between them, are no recordings. */
static void bursts_are_no_change(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct lc_random random;
        lc_random_init(&random, seed, 0, "rates", "test");
        struct arrivals *a = nobody();
        for (int burst = 0; burst < 100; burst++) {
            arrive(a, &random, 20, lci_random_exponential(&random));
            arrive(a, &random, 100, lci_random_exponential(&random));
        }
        assert_int_equal(lci_rate_change(a->times, a->count), 0);
        free(a);
    }
}

/* The change that says most is found, to within the requests that may be on either side of it by chance. */
static void rates_change_where_they_do(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct lc_random random;
        lc_random_init(&random, seed, 0, "rates", "test");
        struct arrivals *a = nobody();
        arrive(a, &random, 10, 60);
        const size_t first = a->count;
        arrive(a, &random, 50, 60);
        const size_t second = a->count;
        arrive(a, &random, 80, 60);
        const size_t change = lci_rate_change(a->times, a->count);
        assert_in_range(change, first - 25, first + 25);
        const size_t next = change + lci_rate_change(a->times + change, a->count - change);
        assert_in_range(next, second - 100, second + 100);
        assert_int_equal(lci_rate_change(a->times + next, a->count - next), 0);
        assert_int_equal(lci_rate_change(a->times, change), 0);
        free(a);
    }
}

/* Between two files, 60 requests are enough to tell 1/s from 3/s, in nine of ten cases at the least; of equal rates
 * chance makes two rates once in 2,000. */
static void files_at_two_rates_are_told_apart(void **state)
{
    (void)state;
    int told = 0, wrong = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct lc_random random;
        lc_random_init(&random, seed, 0, "rates", "test");
        struct arrivals *slow = nobody(), *fast = nobody(), *again = nobody();
        arrive(slow, &random, 1, 60);
        arrive(fast, &random, 3, 20);
        arrive(again, &random, 1, 60);
        told += lci_rates_differ(slow->times, slow->count, fast->times, fast->count);
        wrong += lci_rates_differ(slow->times, slow->count, again->times, again->count);
        free(slow);
        free(fast);
        free(again);
    }
    assert_in_range(told, SEEDS - 5, SEEDS);
    assert_in_range(wrong, 0, 1);
    assert_false(lci_rates_differ((const int64_t[]){0, 1}, 2, (const int64_t[]){5, 500}, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_at_two_rates_are_told_apart),
        cmocka_unit_test(one_rate_has_no_change),
        cmocka_unit_test(bursts_are_no_change),
        cmocka_unit_test(rates_change_where_they_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
