/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values and what describes them, tables of SQL statements, and variants of an operation.
 */
#include "fit/measure/calls.h"
#include "fit/measure/series.h"
#include "fit/measure/spread.h"
#include "fit/measure/variants.h"
#include "fit/trace/attribute.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-12 * (1 + fabs(b))))
        fail_msg("%.17g is not %.17g", a, b);
}

static void values_are_described(void **state)
{
    (void)state;
    assert_true(isnan(lci_spread_of(NULL, 0, true).mean));
    double counts[] = {3, 0, 1, 3, 0, 0, 7, 2};
    struct lci_spread s = lci_spread_of(counts, 8, true);
    near(s.mean, 2);
    near(s.median, 1.5);
    near(s.mode, 0);
    near(s.p95, 3 + 0.65 * 4); /* at 0.95 * 7 = 6.65 */
    /* Quartiles 2 and 4, so that bins are 2 * 2 / cbrt(8) = 2 wide: [1, 3) holds 1, 2, 2; [3, 5) four; [9, 11) one. */
    double times[] = {1, 2, 2, 3, 4, 4, 4, 10};
    near(lci_spread_of(times, 8, false).mode, 4);
    double equal[] = {5, 5, 5, 5, 1, 9};
    near(lci_spread_of(equal, 6, false).mode, 5);
    double one[] = {0.25};
    s = lci_spread_of(one, 1, false);
    assert_true(s.mean == 0.25 && s.median == 0.25 && s.mode == 0.25 && s.p95 == 0.25);
}

/* With one value a trace it is the deviation of a sample; twenty copies of each value are no more evidence than one. */
static void traces_are_the_evidence(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 4, 9};
    struct lci_series single = {0}, copies = {0};
    for (size_t i = 0; i < 4; i++) {
        lci_series_push(&single, x[i]);
        lci_series_end_trace(&single, 1);
        for (int k = 0; k < 20; k++)
            lci_series_push(&copies, x[i]);
        lci_series_end_trace(&copies, 20);
    }
    const double sd = lci_series_sd(&single, single.count, single.traces, single.count_squares);
    near(sd, sqrt((9 + 4 + 0 + 25) / 3.0));
    near(lci_series_sd(&copies, copies.count, copies.traces, copies.count_squares) / sqrt(80), sd / sqrt(4));
    assert_true(isnan(lci_series_sd(&single, 1, 1, 1)));
    free(single.values);
    free(copies.values);
    /* Zeros that are not stored: 3 of 5 traces have 1 thing, 2 have none. */
    struct lci_series rare = {0};
    for (int i = 0; i < 3; i++) {
        lci_series_push(&rare, 1);
        lci_series_end_trace(&rare, 1);
    }
    near(lci_series_sd(&rare, 5, 5, 5), sqrt((3 * 0.16 + 2 * 0.36) / 4));
    free(rare.values);
}

static void tables_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *statement, *form, *table;
    } cases[] = {
        {"select a, (select max(x) from b) from orders o join c on 1", "SELECT FROM orders", "orders"},
        {"SELECT extract(day FROM at) FROM \"shop\".\"orders\" WHERE 1", "SELECT FROM shop.orders", "shop.orders"},
        {"SELECT * FROM (SELECT id FROM orders WHERE t = 'FROM x') AS o", "SELECT FROM orders", "orders"},
        {"SELECT * FROM (orders JOIN lines USING (id))", "SELECT FROM orders", "orders"},
        {"/* app */ INSERT INTO orders (a) VALUES (?)", "INSERT INTO orders", "orders"},
        {"INSERT IGNORE INTO orders SELECT * FROM old", "INSERT INTO orders", "orders"},
        {"update only orders set x = 1", "UPDATE orders", "orders"},
        {"DELETE FROM `orders` -- FROM x\nWHERE 1", "DELETE FROM orders", "orders"},
        {"WITH o AS (SELECT * FROM a) UPDATE orders SET x = 1", "UPDATE orders", "orders"},
        {"CREATE TABLE IF NOT EXISTS orders (id int)", "CREATE TABLE orders", "orders"},
        {"DROP TABLE IF EXISTS orders", "DROP TABLE orders", "orders"},
        {"SELECT 1", "SELECT", ""},
        {"SET NAMES utf8", "SET", ""},
        {"get session:46", "GET session", "session"},
        {"SET user:7 x", "SET user", "user"},
        {"GET 4f2a", "GET", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char form[LCI_FORM_SIZE + 1];
        form[lci_form(LCI_STATEMENT, cases[i].statement, strlen(cases[i].statement), form)] = 0;
        assert_string_equal(form, cases[i].form);
        assert_string_equal(lci_table_in(form), cases[i].table);
    }
    assert_string_equal(lci_table_in("findAndModify users"), "users");
    char form[LCI_FORM_SIZE];
    assert_int_equal(lci_form(LCI_SQL, "cheap shoes from Milan", 22, form), 0);
    assert_int_equal(lci_form(LCI_SQL, "SELECT a FROM b", 15, form), 13);
}

static const char *variant(struct lci_variants *v, const char *const *names, const int *groups, size_t count)
{
    lci_variant_begin(v);
    for (size_t i = 0; i < count; i++)
        lci_variant_call(v, &(struct lc_tree_node){.group = groups[i]}, names[i]);
    return lci_variant_text(v, 0, 1);
}

static void variants_have_names(void **state)
{
    (void)state;
    struct lci_variants v = {0};
    assert_string_equal(variant(&v, NULL, NULL, 0), "(no calls)");
    assert_string_equal(variant(&v, (const char *const[]){"a", "a", "c", "b", "d"}, (const int[]){0, 1, 2, 2, -1}, 5),
                        "a +, b | c & d");
    /* What was sent first of two calls at once is chance. */
    assert_string_equal(variant(&v, (const char *const[]){"c", "b"}, (const int[]){0, 0}, 2), "b | c");
    assert_string_equal(variant(&v, (const char *const[]){"d"}, (const int[]){-1}, 1), "& d");
    for (int i = 0; i < 100; i++) {
        char *name = lc_format("x%d", i);
        const char *text = variant(&v, (const char *const *)&name, (const int[]){0}, 1);
        assert_string_equal(text, i < 60 ? name : "(others)"); /* four are known already */
        free(name);
    }
    assert_string_equal(variant(&v, (const char *const[]){"x3"}, (const int[]){0}, 1), "x3");
    lci_variants_free(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_described),
        cmocka_unit_test(traces_are_the_evidence),
        cmocka_unit_test(tables_are_found),
        cmocka_unit_test(variants_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
