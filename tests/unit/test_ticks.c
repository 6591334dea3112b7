/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How coarse a service's clock is: decided by most of its starts, of a few by those of all services.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit/trace/symbols.h"
#include "tree/ticks.h"

#include <string.h>

static void see(struct lci_ticks *ticks, lc_symbol service, int64_t start, int times)
{
    for (int i = 0; i < times; i++)
        lci_ticks_span(ticks, &(struct lc_span){.service = service, .start = start});
}

static void majority(void **state)
{
    (void)state;
    struct lci_ticks t = {0};
    assert_int_equal(lci_tick(&t, 1), LCI_TICK_UNKNOWN);
    see(&t, 1, 5000000, 11); /* whole milliseconds, but for some that another library wrote */
    see(&t, 1, 5000001, 9);
    see(&t, 2, 5000000, 10);
    see(&t, 2, 5001000, 10);
    see(&t, 3, 5001000, 9);
    see(&t, 3, 5001001, 11);
    assert_int_equal(lci_tick(&t, 1), LCI_TICK_MILLISECOND);
    assert_int_equal(lci_tick(&t, 2), LCI_TICK_MICROSECOND);
    assert_int_equal(lci_tick(&t, 3), LCI_TICK_FINER);
    /* One start tells nothing by itself: 21 of 61 are whole milliseconds, 41 whole microseconds. */
    see(&t, 4, 5000000, 1);
    assert_int_equal(lci_tick(&t, 4), LCI_TICK_MICROSECOND);
    see(&t, 4, 5000000, 7);
    assert_int_equal(lci_tick(&t, 4), LCI_TICK_MILLISECOND);
    lci_ticks_free(&t);
}

static int put_count;
static json_t *lines[4];

static void put(void *sink, json_t *line)
{
    (void)sink;
    lines[put_count++] = line;
}

/* Parts decide alone; together they tell whether all decided alike. */
static void parts(void **state)
{
    (void)state;
    struct lc_symbols *symbols = lci_symbols_new();
    const lc_symbol service = lci_symbol_of(symbols, "s", 1);
    struct lci_ticks all = {0};
    put_count = 0;
    for (int part = 0; part < 2; part++) {
        struct lci_ticks t = {0};
        see(&t, service, part == 0 ? 5000000 : 5001000, part == 0 ? 10 : 30);
        lci_ticks_decide(&t, NULL);
        lci_ticks_write(&t, symbols, put, NULL);
        lci_ticks_free(&t);
        assert_true(lci_ticks_read(&all, symbols, json_object_get(lines[part], "clock")));
    }
    assert_int_equal(lci_tick(&all, service), LCI_TICK_MICROSECOND);
    struct lc_diag diag = {0};
    assert_int_equal(lci_ticks_differ(&all, symbols, &diag), 1);
    assert_int_equal(diag.errors, 1);
    lc_diag_free(&diag);
    /* Decided as all together tell, no part differs. */
    struct lci_ticks again = {0}, t = {0};
    see(&t, service, 5000000, 10);
    lci_ticks_decide(&t, &all);
    assert_int_equal(lci_tick(&t, service), LCI_TICK_MICROSECOND);
    lci_ticks_free(&t);
    json_t *wrong = json_pack("[s, i, i, i, i]", "s", 3, 2, 5, 2);
    assert_false(lci_ticks_read(&again, symbols, wrong));
    json_decref(wrong);
    lci_ticks_free(&again);
    lci_ticks_free(&all);
    for (int i = 0; i < put_count; i++)
        json_decref(lines[i]);
    lci_symbols_free(symbols);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(majority), cmocka_unit_test(parts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
