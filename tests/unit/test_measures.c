/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tables of measures: rows are kept, sorted, and come back from their file as they were.
 */
#include "fit/measure/measures.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct lci_measure_row rows[] = {
    {"5.4.0", "2", "search", "web", "GET /x", "database_reads", "orders", "1", 3, 1. / 3, 0, 0, 1, 0.57735026918962573},
    {"5.4.0", "2", "search", "", "", "duration", "", "s", 1, DBL_MIN, 5e-324, DBL_MAX, -0.1, NAN},
    {"5.4.0", "10", "search", "", "", "duration", "", "s", 0, NAN, NAN, NAN, NAN, NAN},
    {"=4,0", "", "a \"b\"", "'=x", " y ", "spans", "a\nb", "1", UINT64_MAX, 1, 2, 3, 4, 5},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void fill(struct lci_measure_table *measures)
{
    for (size_t i = 0; i < ROWS; i++)
        lci_measure_table_add(measures, &rows[i]);
}

static void same(double a, double b)
{
    assert_true(a == b || (isnan(a) && isnan(b)));
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void rows_are_sorted(void **state)
{
    (void)state;
    struct lci_measure_table m = {0};
    lci_measure_table_sort(&m);
    fill(&m);
    assert_ptr_equal(m.items[0].release, m.items[1].release);
    lci_measure_table_sort(&m);
    static const char *const runs[] = {"10", "2", "2", ""}, *const services[] = {"", "", "web", "'=x"};
    for (size_t i = 0; i < ROWS; i++) {
        assert_string_equal(m.items[i].run, runs[i]);
        assert_string_equal(m.items[i].service, services[i]);
    }
    lci_measure_table_free(&m);
    assert_null(m.items);
}

static void rows_come_back(void **state)
{
    (void)state;
    struct lci_measure_table a = {0}, b = {0};
    struct lc_diag diag = {0};
    fill(&a);
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    lci_measure_table_write(out, &a);
    fclose(out);
    write_file("test_measures.csv", text);
    free(text);
    assert_int_equal(lci_measure_table_read("test_measures.csv", &b, &diag), 0);
    assert_int_equal(b.count, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        const struct lci_measure_row *x = &a.items[i], *y = &b.items[i];
        assert_int_equal(lci_measure_row_order(x, y), 0);
        assert_string_equal(x->unit, y->unit);
        assert_true(x->count == y->count);
        same(x->mean, y->mean);
        same(x->median, y->median);
        same(x->mode, y->mode);
        same(x->p95, y->p95);
        same(x->sd, y->sd);
    }
    assert_string_equal(b.items[3].subject, "a\\nb");
    /* The same file again: each of its lines is there already. */
    assert_int_equal(lci_measure_table_read("test_measures.csv", &b, &diag), -1);
    assert_int_equal(diag.errors, ROWS);
    assert_int_equal(b.count, ROWS);
    lc_diag_free(&diag);
    lci_measure_table_free(&a);
    lci_measure_table_free(&b);
    remove("test_measures.csv");
}

static void wrong_files_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *line, *message;
    } wrong[] = {
        {"r,1,a,s,o,spans,,1,3,1,1,1,1", "2: expected 14 columns, found 13"},
        {"r,1,a,s,o,,,1,3,1,1,1,1,1", "2: expected the name of a measure and its count, found '' and '3'"},
        {"r,1,a,s,o,spans,,1,-3,1,1,1,1,1", "found 'spans' and '-3'"},
        {"r,1,a,s,o,spans,,1,3,1,1,many,1,1", "2: expected a number, found 'many'"},
        {"r,1,a,s,o,spans,,1,3,nan,1,1,1,1", "2: expected a number, found 'nan'"},
        {"r,1,a,s,o,spans,,1,3,,,,,", "2: expected a mean where there are values and none elsewhere, found '' of 3"},
        {"r,1,a,s,o,spans,,1,0,1,,,,", "2: expected a mean where there are values and none elsewhere, found '1' of 0"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[512];
        snprintf(text, sizeof text, "%s\n%s\n", lci_measure_table_header, wrong[i].line);
        write_file("test_measures.csv", text);
        struct lci_measure_table m = {0};
        struct lc_diag diag = {0};
        assert_int_equal(lci_measure_table_read("test_measures.csv", &m, &diag), -1);
        assert_int_equal(diag.errors, 1);
        assert_non_null(strstr(diag.messages[0].text, wrong[i].message));
        assert_int_equal(m.count, 0);
        lc_diag_free(&diag);
        lci_measure_table_free(&m);
    }
    write_file("test_measures.csv", "release,run\n");
    struct lci_measure_table m = {0};
    struct lc_diag diag = {0};
    assert_int_equal(lci_measure_table_read("test_measures.csv", &m, &diag), -1);
    assert_non_null(strstr(diag.messages[0].text, "test_measures.csv:1: expected the columns release,run,activity"));
    lc_diag_free(&diag);
    lci_measure_table_free(&m);
    remove("test_measures.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sorted),
        cmocka_unit_test(rows_come_back),
        cmocka_unit_test(wrong_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
