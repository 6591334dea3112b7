/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two tables of measures: Welch's test, Holm's correction, rows that one side lacks, and how many requests it takes.
 */
#include "fit/measure/differences.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(welch),
        cmocka_unit_test(runs_are_added_up),
        cmocka_unit_test(holm),
        cmocka_unit_test(what_one_side_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
