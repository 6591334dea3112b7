/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The calendar against sorting: every event comes out once, in the order of time, then of scheduling.
 */
#include "calendar.h"
#include "loadcast/base.h"
#include "loadcast/random.h"
#include "model/random/generator.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

/* Increments of several kinds: even, skewed over six orders of magnitude, many equal, all zero. */
static double increment(struct lc_random *r, int kind)
{
    const double u = lci_random_positive(r);
    switch (kind) {
    case 0: return u;
    case 1: return lci_random_below(r, 100) == 0 ? 1e6 * u : u;
    case 2: return (double)lci_random_below(r, 3);
    default: return 0;
    }
}

/* Holds `pending` events: takes one, schedules one, and now and then several or none. */
static void hold(uint32_t pending, int kind)
{
    struct lci_calendar c;
    lci_calendar_init(&c);
    struct lc_random r;
    lc_random_init(&r, 1, pending, "calendar", "test");
    uint32_t next = 0, taken = 0, limit = 6 * pending + 100;
    uint8_t *seen = lc_calloc(limit, 1);
    double now = 0;
    uint32_t last = 0;
    for (uint32_t i = 0; i < pending; i++)
        lci_schedule(&c, increment(&r, kind), next++);
    while (lci_calendar_settle(&c), !lci_calendar_is_empty(&c)) {
        const double time = lci_calendar_time(&c, lci_calendar_top(&c));
        const struct lci_pending event = c.pending[lci_calendar_take(&c)];
        assert_true(time > now || (time == now && event.sequence > last));
        now = time;
        last = event.sequence;
        assert_int_equal(seen[event.what]++, 0);
        taken++;
        for (uint64_t n = lci_random_below(&r, 3); n > 0 && next < limit; n--)
            lci_schedule(&c, now + increment(&r, kind), next++);
    }
    assert_int_equal(taken, next);
    free(seen);
    lci_calendar_free(&c);
}

static void order(void **state)
{
    (void)state;
    const uint32_t sizes[] = {1, 2, 3, 10, 90, 97, 150, 1000, 20000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int kind = 0; kind < 4; kind++)
            hold(sizes[i], kind);
}

/* A full turn of the sequence numbers never gives 0, which means "no event". */
static void sequence_wraps(void **state)
{
    (void)state;
    struct lci_calendar c;
    lci_calendar_init(&c);
    c.sequence = UINT32_MAX - 2;
    assert_int_equal(lci_schedule(&c, 1, 0), UINT32_MAX);
    assert_int_equal(lci_schedule(&c, 1, 0), 1);
    lci_calendar_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(order), cmocka_unit_test(sequence_wraps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
