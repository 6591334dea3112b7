/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loadcast/random.h"
#include "model/random/generator.h"
#include "network/visits/presence.h"

#define INTERVALS 500

struct interval {
    int64_t begin, end;
};

static void make(struct interval *intervals, double reach)
{
    struct lc_random random;
    lc_random_init(&random, 5, 0, "presence", "test");
    for (int i = 0; i < INTERVALS; i++) {
        intervals[i].begin = (int64_t)(reach * (lci_random_uniform(&random) - 0.3)); /* before 1970 as well */
        intervals[i].end = intervals[i].begin + (int64_t)(0.02 * reach * lci_random_exponential(&random));
    }
}

static void expect_same(const struct lci_presence *a, const struct lci_presence *b)
{
    assert_int_equal(a->shift, b->shift);
    assert_int_equal(a->first, b->first);
    assert_int_equal(a->count, b->count);
    int32_t of_a[LCI_MOST_INSTANTS], of_b[LCI_MOST_INSTANTS];
    assert_memory_equal(lci_presence_changes(a, of_a), lci_presence_changes(b, of_b), a->count * sizeof *of_a);
}

/* What is counted at every instant is what a look at all intervals finds there. */
static void instants_see_what_is_there(void **state)
{
    (void)state;
    static const double reaches[] = {3e3, 1e6, 1e12, 1e17};
    for (size_t r = 0; r < sizeof reaches / sizeof *reaches; r++) {
        struct interval intervals[INTERVALS];
        struct lci_presence presence = {0};
        make(intervals, reaches[r]);
        for (int i = 0; i < INTERVALS; i++)
            lci_presence_add(&presence, intervals[i].begin, intervals[i].end);
        assert_in_range(presence.count, reaches[r] < 1e4 ? 2 : LCI_MOST_INSTANTS / 2, LCI_MOST_INSTANTS);
        int32_t scratch[LCI_MOST_INSTANTS];
        const int32_t *changes = lci_presence_changes(&presence, scratch);
        int64_t now = 0;
        for (size_t k = 0; k < presence.count; k++) {
            const int64_t time = (presence.first + (int64_t)k) * ((int64_t)1 << presence.shift);
            int64_t there = 0;
            for (int i = 0; i < INTERVALS; i++)
                there += intervals[i].begin <= time && time < intervals[i].end;
            now += changes[k];
            assert_int_equal(now, there);
        }
        lci_presence_free(&presence);
    }
}

/* Backwards, and in parts of very different reach. */
static void order_and_parts_change_nothing(void **state)
{
    (void)state;
    struct interval intervals[INTERVALS];
    struct lci_presence whole = {0}, backwards = {0}, part = {0}, rest = {0}, merged = {0};
    make(intervals, 1e12);
    for (int i = 0; i < INTERVALS; i++) {
        lci_presence_add(&whole, intervals[i].begin, intervals[i].end);
        lci_presence_add(&backwards, intervals[INTERVALS - 1 - i].begin, intervals[INTERVALS - 1 - i].end);
        lci_presence_add(i == 77 ? &part : &rest, intervals[i].begin, intervals[i].end);
    }
    expect_same(&whole, &backwards);
    assert_true(part.shift < rest.shift);
    lci_presence_merge(&merged, &part);
    lci_presence_merge(&merged, &rest);
    expect_same(&whole, &merged);
    lci_presence_free(&merged);
    lci_presence_merge(&rest, &part);
    lci_presence_merge(&rest, &merged); /* nothing */
    expect_same(&whole, &rest);
    lci_presence_free(&whole);
    lci_presence_free(&backwards);
    lci_presence_free(&part);
    lci_presence_free(&rest);
}

/* Every instant counts what came since the one before, up to itself. */
static void counts_are_of_the_time_before(void **state)
{
    (void)state;
    struct interval intervals[INTERVALS];
    struct lci_presence counts = {0};
    make(intervals, 1e7);
    for (int i = 0; i < INTERVALS; i++)
        lci_presence_count(&counts, intervals[i].begin);
    int32_t scratch[LCI_MOST_INSTANTS];
    const int32_t *changes = lci_presence_changes(&counts, scratch);
    int64_t all = 0;
    for (size_t k = 0; k < counts.count; k++) {
        const int64_t width = (int64_t)1 << counts.shift, to = (counts.first + (int64_t)k) * width;
        int64_t there = 0;
        for (int i = 0; i < INTERVALS; i++)
            there += to - width < intervals[i].begin && intervals[i].begin <= to;
        assert_int_equal(changes[k], there);
        all += there;
    }
    assert_int_equal(all, INTERVALS);
    assert_true(counts.shift > 0);
    lci_presence_free(&counts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_see_what_is_there),
        cmocka_unit_test(order_and_parts_change_nothing),
        cmocka_unit_test(counts_are_of_the_time_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
