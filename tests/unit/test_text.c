/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "loadcast/base.h"

static void quantities(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum lc_dimension dimension;
        double value;
    } right[] = {
        {"800 ms", LC_TIME, 0.8},   {"5s", LC_TIME, 5},        {" 1.5 min ", LC_TIME, 90},
        {"3 µs", LC_TIME, 3e-6},    {"12/s", LC_RATE, 12},     {"3 / min", LC_RATE, 0.05},
        {"80 %", LC_FRACTION, 0.8}, {"0.8", LC_FRACTION, 0.8}, {"10 % / month", LC_GROWTH, 0.1 / (30.4375 * 86400)},
        {"-3", LC_NUMBER, -3},      {"1e3", LC_NUMBER, 1000},
    };
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        double value = NAN;
        assert_int_equal(lci_quantity(right[i].text, right[i].dimension, &value, NULL, NULL), 0);
        assert_true(fabs(value - right[i].value) <= 1e-15 * fabs(right[i].value));
    }
    static const struct {
        const char *text;
        enum lc_dimension dimension;
    } wrong[] = {{"800", LC_TIME},    {"12", LC_RATE},      {"12 s", LC_RATE},  {"nan ms", LC_TIME},
                 {"0x10", LC_NUMBER}, {"", LC_NUMBER},      {"ms", LC_TIME},    {"5 parsec", LC_TIME},
                 {"inf", LC_NUMBER},  {"1e999 s", LC_TIME}, {"8 8", LC_NUMBER}, {"5 %%", LC_FRACTION}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct lc_diag diag = {0};
        double value;
        assert_int_equal(lci_quantity(wrong[i].text, wrong[i].dimension, &value, &diag, NULL), -1);
        assert_int_equal(diag.errors, 1);
        assert_int_equal(lc_diag_status(&diag), LC_INPUT);
        lc_diag_free(&diag);
    }
}

static void numbers_read_back(void **state)
{
    (void)state;
    char text[32];
    assert_string_equal(lci_number_text(0.1, text), "0.1");
    assert_string_equal(lci_number_text(INFINITY, text), ".inf");
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 10000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            assert_true(strtod(lci_number_text(value, text), NULL) == value);
    }
}

static void nearest_names(void **state)
{
    (void)state;
    static const char *const known[] = {"concurrency", "cores", "replicas", "scheduling", NULL};
    assert_string_equal(lci_nearest("concurency", known), "concurrency");
    assert_string_equal(lci_nearest("replciate", known), "replicas");
    assert_string_equal(lci_nearest("Cores", known), "cores");
    assert_null(lci_nearest("banana", known));
}

static void messages_name_their_place(void **state)
{
    (void)state;
    struct lc_diag diag = {.limit = 2};
    lc_warn(&diag, &(struct lc_place){"a.yaml", 3, 7, -1}, "odd %d", 1);
    lc_warn(&diag, &(struct lc_place){"a.json", 0, 0, 42}, "odd");
    lc_error(&diag, LC_MACHINE, &(struct lc_place){"b", 0, 0, -1}, "full");
    lc_error(&diag, LC_INPUT, NULL, "lost");
    assert_string_equal(diag.messages[0].text, "a.yaml:3:7: odd 1");
    assert_string_equal(diag.messages[1].text, "a.json: byte 42: odd");
    /* The first error is kept whatever the limit, because it decides the exit status. */
    assert_int_equal(diag.count, 3);
    assert_int_equal(diag.dropped, 1);
    assert_int_equal(diag.errors, 2);
    assert_int_equal(lc_diag_status(&diag), LC_MACHINE);
    lc_diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantities),
        cmocka_unit_test(numbers_read_back),
        cmocka_unit_test(nearest_names),
        cmocka_unit_test(messages_name_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
