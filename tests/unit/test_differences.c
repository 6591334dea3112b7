/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two tables of measures: Welch's test, pairs of requests, Holm's correction, rows that one side lacks, and how many
 * requests it takes.
 */
#include "fit/measure/differences.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void near(double a, double b, double slack)
{
    if (!(fabs(a - b) <= slack * (1 + fabs(b))))
        fail_msg("%.12g is not %.12g", a, b);
}

static void add(struct lci_measure_table *t, const char *run, const char *operation, const char *name,
                const char *subject, const char *unit, uint64_t count, double mean, double sd)
{
    const char *service = *operation != 0 ? "web" : "";
    lci_measure_table_add(t, &(struct lci_measure_row){"r", run, "", service, operation, name, subject, unit, count,
                                                       mean, mean, mean, mean, sd});
}

static const struct lci_difference *find(const struct lci_differences *d, const char *operation, const char *name,
                                         const char *subject)
{
    for (size_t i = 0; i < d->count; i++)
        if (strcmp(d->items[i].a.operation, operation) == 0 && strcmp(d->items[i].a.name, name) == 0 &&
            strcmp(d->items[i].a.subject, subject) == 0)
            return &d->items[i];
    return NULL;
}

static void free_all(struct lci_measure_table *a, struct lci_measure_table *b, struct lci_differences *d)
{
    lci_differences_free(d);
    lci_measure_table_free(a);
    lci_measure_table_free(b);
}

/* By hand: n 10, means 20.6 and 22.1, variances 4.6 and 9.9. t = 1.5 / sqrt(0.46 + 0.99) = 1.24568 with 1.45^2 /
 * (0.46^2 / 9 + 0.99^2 / 9) = 15.878 degrees of freedom, which Student's distribution gives 0.2310 two-sided. */
static void welch(void **state)
{
    (void)state;
    struct lci_measure_table a = {0}, b = {0};
    struct lci_differences d;
    add(&a, "1", "x", "non_blocked_process_time", "", "s", 10, 20.6, sqrt(4.6));
    add(&b, "1", "x", "non_blocked_process_time", "", "s", 10, 22.1, sqrt(9.9));
    lci_differences_of(&a, &b, &d);
    assert_int_equal(d.count, 1);
    near(d.items[0].p, 0.2310, 2e-4);
    near(d.items[0].effect, 1.5 / sqrt(7.25), 1e-12);
    near(d.items[0].change, 1.5 / 20.6, 1e-12);
    assert_true(d.items[0].low < 0 && d.items[0].high > d.items[0].change && isnan(d.items[0].adjusted));
    free_all(&a, &b, &d);
}

/* Two runs of a side are the one sample that they are together: 1, 2, 3 and 5, 9. */
static void runs_are_added_up(void **state)
{
    (void)state;
    struct lci_measure_table a = {0}, b = {0};
    struct lci_differences d;
    add(&a, "1", "x", "db_reads", "", "1", 3, 2, 1);
    add(&a, "2", "x", "db_reads", "", "1", 2, 7, sqrt(8));
    add(&b, "1", "x", "db_reads", "", "1", 5, 4, sqrt(10));
    lci_differences_of(&a, &b, &d);
    assert_int_equal(d.items[0].a.count, 5);
    near(d.items[0].a.mean, 4, 1e-12);
    near(d.items[0].a.sd, sqrt(10), 1e-12);
    near(d.items[0].p, 1, 1e-12);
    free_all(&a, &b, &d);
}

/* p of 0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02 (Holm). */
static void holm(void **state)
{
    (void)state;
    static const double p[] = {0.01, 0.04, 0.03, 0.005, NAN}, adjusted[] = {0.03, 0.06, 0.06, 0.02};
    struct lci_difference items[5] = {0};
    for (int i = 0; i < 5; i++)
        items[i] = (struct lci_difference){.a = {.count = 100, .mean = 1, .sd = 1},
                                           .b = {.mean = 2, .sd = 1},
                                           .p = p[i],
                                           .effect = 1,
                                           .variance = 2,
                                           .adjusted = NAN,
                                           .requests = 50};
    struct lci_differences d = {.items = items, .count = 5};
    const bool chosen[] = {true, true, true, true, true};
    assert_int_equal(lci_differences_adjust(&d, chosen), 4);
    for (int i = 0; i < 4; i++)
        near(items[i].adjusted, adjusted[i], 1e-12);
    assert_true(isnan(items[4].adjusted));
    assert_true(lci_is_significant(&items[0]) && !lci_is_significant(&items[1]));
    /* (2.4977 + 1.2816)^2 * 2 / 0.05^2 values a side, two of which a request has. */
    near(items[0].needed, (2.49771 + 1.28155) * (2.49771 + 1.28155) * 2 / 0.0025 / 2, 1e-3);
}

static void what_one_side_lacks(void **state)
{
    (void)state;
    struct lci_measure_table a = {0}, b = {0};
    struct lci_differences d;
    struct lci_measure_table *const both[] = {&a, &b};
    for (int i = 0; i < 2; i++) {
        add(both[i], "", "", "spans", "", "1", 100, 5, 0);
        add(both[i], "", "x", "total_process_time", "", "s", 200, 1, 0.1);
        add(both[i], "", "x", "requests", "", "1", 100, 2, 0);
    }
    add(&a, "", "old", "requests", "", "1", 100, 1, 0);
    add(&a, "", "old", "total_process_time", "", "s", 100, 1, 0.1);
    add(&a, "", "old", "db_reads", "", "1", 100, 3, 1);
    add(&b, "", "x", "calls", "db/write", "1", 200, 0.005, 0.07);
    add(&b, "", "x", "db_writes", "", "1", 200, 1, 0.5);
    add(&b, "", "x", "db_write_time", "", "s", 200, 1, 0.5);
    lci_differences_of(&a, &b, &d);
    const struct lci_difference *x = find(&d, "old", "requests", "");
    assert_true(x != NULL && lci_is_lost(x) && x->b.count == 100 && x->p < 1e-20);
    x = find(&d, "x", "calls", "db/write"); /* once in 200: may be chance */
    assert_true(x != NULL && lci_is_gained(x) && !lci_is_lost(x) && x->a.count == 200 && x->p > 0.05);
    x = find(&d, "x", "db_writes", "");
    assert_true(x != NULL && !lci_is_gained(x) && isinf(x->change) && x->p < 1e-20);
    assert_null(find(&d, "old", "db_reads", ""));    /* it is not there to do anything */
    assert_null(find(&d, "x", "db_write_time", "")); /* of nothing there is no time */
    x = find(&d, "x", "requests", "");
    assert_true(x != NULL && x->change == 0 && x->p == 1 && !lci_is_significant(x));
    free_all(&a, &b, &d);
}

/* ---- pairs ------------------------------------------------------------------------------------------------------- */

enum { REQUESTS = 60, VALUES = 2 * REQUESTS }; /* two values a request */

/* A row of requests that cost what the test asks for, 1 to 5 s, times what chance makes of it. */
static void add_requests(struct lci_measure_table *t, gsl_rng *rng, double scale, double chance, const double *inputs)
{
    struct lci_in_trace traces[REQUESTS];
    double values[REQUESTS];
    for (int i = 0; i < REQUESTS; i++) {
        const double input = inputs != NULL ? inputs[i] : 1 + 4 * gsl_rng_uniform(rng);
        values[i] = scale * input * exp(gsl_ran_gaussian(rng, chance));
        traces[i] = (struct lci_in_trace){(float)(2 * values[i]), 2};
    }
    const double sd = gsl_stats_sd(values, 1, REQUESTS);
    lci_measure_table_add(t, &(struct lci_measure_row){"r", "1", "", "web", "x", "non_blocked_process_time", "", "s",
                                                       VALUES, gsl_stats_mean(values, 1, REQUESTS), 0, 0, 0,
                                                       sd * sqrt(2), traces, REQUESTS}); /* a cluster a request */
}

static struct lci_difference compare(gsl_rng *rng, double change, double chance, const double *inputs)
{
    struct lci_measure_table a = {0}, b = {0};
    struct lci_differences d;
    add_requests(&a, rng, 1, chance, inputs);
    add_requests(&b, rng, 1 + change, chance, inputs);
    lci_differences_of(&a, &b, &d);
    const struct lci_difference found = d.items[0];
    free_all(&a, &b, &d);
    return found;
}

/* Requests whose costs differ five times: of samples a tenth is not seen, of pairs always; and what does not differ is
 * called different as often as the level says, whether there are pairs or not. 95 % of 1000 is 50 ± 3 × 6.9. */
static void the_same_requests_are_pairs(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    double inputs[REQUESTS];
    for (int i = 0; i < REQUESTS; i++)
        inputs[i] = 1 + 4 * gsl_rng_uniform(rng);
    int seen = 0, seen_apart = 0, held = 0, false_pairs = 0, wrong[2] = {0};
    for (int i = 0; i < 1000; i++) {
        const struct lci_difference same = compare(rng, 0, 0.08, inputs), apart = compare(rng, 0, 0.08, NULL);
        assert_true(same.pairs);
        wrong[0] += same.p < 0.05;
        wrong[1] += apart.p < 0.05;
        false_pairs += apart.pairs;
        if (i >= 200)
            continue;
        const struct lci_difference dear = compare(rng, 0.1, 0.08, inputs);
        seen += dear.p < 0.05 / 20;
        held += dear.low <= 0.1 && dear.high >= 0.1;
        seen_apart += compare(rng, 0.1, 0.08, NULL).p < 0.05 / 20;
    }
    gsl_rng_free(rng);
    assert_true(seen >= 190 && seen_apart <= 20);
    assert_true(held >= 180 && held <= 199);
    for (int i = 0; i < 2; i++)
        assert_in_range(wrong[i], 29, 71);
    assert_true(false_pairs <= 4);
}

/* By hand: before 1 … 20, after each one more but for the last two, 0 and 2 more: differences of mean 1 and variance 2
 * / 19, so t = 1 / sqrt(2 / 19 / 20). Without one of the traces, or of the sums, there are no pairs. */
static void pairs_by_hand(void **state)
{
    (void)state;
    struct lci_in_trace before[20], after[20];
    for (int i = 0; i < 20; i++) {
        before[i] = (struct lci_in_trace){(float)(i + 1), 1};
        after[i] = (struct lci_in_trace){(float)(i + 2 - (i == 18) + (i == 19)), 1};
    }
    struct lci_measure_row a = {"r", "1", "", "web", "x", "response_time", "", "s", 20, 10.5, 0, 0, 0, 6, before, 20};
    struct lci_measure_row b = {"s", "1", "", "web", "x", "response_time", "", "s", 20, 11.5, 0, 0, 0, 6, after, 20};
    struct lci_measure_table left = {0}, right = {0};
    struct lci_differences d;
    lci_measure_table_add(&left, &a);
    lci_measure_table_add(&right, &b);
    lci_differences_of(&left, &right, &d);
    assert_true(d.items[0].pairs);
    near(d.items[0].variance, 2.0 / 19, 1e-6);
    near(d.items[0].p, 2 * gsl_cdf_tdist_Q(1 / sqrt(2.0 / 19 / 20), 19), 1e-6);
    free_all(&left, &right, &d);
    for (int broken = 0; broken < 2; broken++) {
        b.trace_count = broken == 0 ? 19 : 20;
        b.count = broken == 0 ? 20 : 21;
        lci_measure_table_add(&left, &a);
        lci_measure_table_add(&right, &b);
        lci_differences_of(&left, &right, &d);
        assert_false(d.items[0].pairs);
        free_all(&left, &right, &d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(welch),         cmocka_unit_test(runs_are_added_up),
        cmocka_unit_test(holm),          cmocka_unit_test(what_one_side_lacks),
        cmocka_unit_test(pairs_by_hand), cmocka_unit_test(the_same_requests_are_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
