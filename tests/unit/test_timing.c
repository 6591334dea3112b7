/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tree/timing.h"

#define MOST 12

struct vector {
    int64_t start, end;
    size_t count;
    struct lci_span_window windows[MOST];
    int64_t blocked, self;
    int64_t relative[MOST];
    size_t segment_count;
    int64_t segments[MOST + 1];
    int64_t marginal[MOST]; /* 0 for fire-and-forget */
};

#define B(q, r)                                                                                                        \
    {                                                                                                                  \
        .request = q, .response = r, .blocking = true                                                                  \
    }
#define N(q, r)                                                                                                        \
    {                                                                                                                  \
        .request = q, .response = r                                                                                    \
    }

static void vectors(void **state)
{
    (void)state;
    static const struct vector all[] = {
        {0, 100, 2, {B(10, 30), B(50, 90)}, 60, 40, {10, 30}, 3, {10, 20, 10}, {20, 40}},
        {0, 100, 3, {B(10, 50), B(20, 40), B(45, 70)}, 60, 40, {10, 10, 10}, 2, {10, 30}, {40, 0, 20}},
        {0,
         200,
         4,
         {B(20, 80), B(30, 100), N(110, 300), B(120, 150)},
         110,
         90,
         {20, 20, 30, 40},
         3,
         {20, 20, 50},
         {60, 20, 0, 30}},
        {100, 200, 2, {B(90, 120), B(180, 230)}, 40, 60, {0, 60}, 3, {0, 60, 0}, {20, 20}},
        {0, 100, 3, {B(10, 60), N(30, 150), B(80, 90)}, 60, 40, {10, 10, 30}, 3, {10, 20, 10}, {50, 0, 10}},
        {0, 100, 2, {B(10, 30), B(30, 50)}, 40, 60, {10, 10}, 3, {10, 0, 50}, {20, 20}},
        {0, 10, 1, {B(4, 4)}, 0, 10, {4}, 2, {4, 6}, {0}},
        /* A point inside another window belongs to it; at its edges, or beside an equal point, it does not. */
        {0, 100, 2, {B(10, 50), B(20, 20)}, 40, 60, {10, 10}, 2, {10, 50}, {40, 0}},
        {0, 100, 2, {B(10, 50), B(10, 10)}, 40, 60, {10, 10}, 3, {10, 0, 50}, {40, 0}},
        {0, 100, 2, {B(10, 50), B(50, 50)}, 40, 60, {10, 10}, 3, {10, 0, 50}, {40, 0}},
        {0, 100, 2, {B(10, 10), B(10, 10)}, 0, 100, {10, 10}, 3, {10, 0, 90}, {0, 0}},
        /* Wholly outside: no window, no group. */
        {100, 200, 2, {B(10, 50), B(250, 300)}, 0, 100, {0, 100}, 1, {100}, {0, 0}},
        {5, 5, 1, {B(0, 9)}, 0, 0, {0}, 2, {0, 0}, {0}},
    };
    for (size_t v = 0; v < sizeof all / sizeof *all; v++) {
        struct vector x = all[v];
        uint32_t order[MOST];
        int64_t segments[MOST + 1];
        const struct lci_timing t = lci_timing(x.start, x.end, x.windows, x.count, order, segments);
        assert_int_equal(t.blocked, x.blocked);
        assert_int_equal(t.self, x.self);
        assert_int_equal(t.group_count + 1, x.segment_count);
        for (size_t i = 0; i < x.segment_count; i++)
            assert_int_equal(segments[i], x.segments[i]);
        for (size_t i = 0; i < x.count; i++) {
            assert_int_equal(x.windows[i].relative, x.relative[i]);
            assert_int_equal(x.windows[i].marginal, x.marginal[i]);
        }
    }
}

static uint64_t seed = 88172645463325252u;

static int64_t below(int64_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int64_t)(seed % (uint64_t)limit);
}

/* A small range, so that equal, touching, empty and outside windows are common. */
static size_t random_case(int64_t *start, int64_t *end, struct lci_span_window *windows, size_t most)
{
    const size_t count = (size_t)below((int64_t)most + 1);
    *start = 10 + below(10);
    *end = *start + below(30);
    memset(windows, 0, most * sizeof *windows);
    for (size_t i = 0; i < count; i++) {
        windows[i].request = below(60);
        windows[i].response = windows[i].request + below(20);
        windows[i].blocking = below(4) != 0;
        windows[i].id = i + 1;
    }
    return count;
}

/* Blocked time counted unit by unit, independent of the sweep. */
static int64_t blocked_by_counting(int64_t start, int64_t end, const struct lci_span_window *w, size_t count,
                                   int64_t until)
{
    int64_t blocked = 0;
    for (int64_t at = start; at < end && at < until; at++) {
        bool covered = false;
        for (size_t i = 0; i < count; i++)
            covered = covered || (w[i].blocking && w[i].request <= at && at < w[i].response);
        blocked += covered;
    }
    return blocked;
}

static int64_t clipped(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static bool has_window(const struct lci_span_window *w, int64_t start, int64_t end)
{
    return w->blocking && (w->request > start ? w->request : start) <= (w->response < end ? w->response : end);
}

/* Connected components by the definition, pair by pair. */
static void check_groups(int64_t start, int64_t end, const struct lci_span_window *w, size_t count)
{
    size_t label[MOST];
    for (size_t i = 0; i < count; i++)
        label[i] = i;
    for (size_t round = 0; round < count; round++)
        for (size_t i = 0; i < count; i++)
            for (size_t j = 0; j < count; j++) {
                if (i == j || !has_window(&w[i], start, end) || !has_window(&w[j], start, end))
                    continue;
                const int64_t qi = clipped(w[i].request, start, end), ri = clipped(w[i].response, start, end);
                const int64_t qj = clipped(w[j].request, start, end), rj = clipped(w[j].response, start, end);
                if (qi < rj && qj < ri && label[j] < label[i])
                    label[i] = label[j];
            }
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(w[i].group >= 0, has_window(&w[i], start, end));
        for (size_t j = 0; j < count; j++)
            if (w[i].group >= 0 && w[j].group >= 0)
                assert_int_equal(w[i].group == w[j].group, label[i] == label[j]);
    }
}

static void invariants(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        int64_t start, end, segments[MOST + 1], sum = 0, marginal = 0;
        struct lci_span_window w[MOST];
        uint32_t order[MOST];
        const size_t count = random_case(&start, &end, w, MOST - 2);
        const struct lci_timing t = lci_timing(start, end, w, count, order, segments);
        assert_int_equal(t.blocked, blocked_by_counting(start, end, w, count, end));
        assert_int_equal(t.self + t.blocked, end - start);
        for (size_t i = 0; i <= t.group_count; i++) {
            assert_true(segments[i] >= 0);
            sum += segments[i];
        }
        assert_int_equal(sum, t.self);
        for (size_t i = 0; i < count; i++) {
            const int64_t q = clipped(w[i].request, start, end);
            marginal += w[i].marginal;
            assert_int_equal(w[i].relative, q - start - blocked_by_counting(start, end, w, count, q));
            for (size_t j = 0; j < count; j++)
                if (w[i].request <= w[j].request)
                    assert_true(w[i].relative <= w[j].relative);
        }
        assert_int_equal(marginal, t.blocked);
        check_groups(start, end, w, count);
    }
}

/* Another order, another origin, one more fire-and-forget call, a call cut into two that touch. */
static void changes_that_change_nothing(void **state)
{
    (void)state;
    for (int round = 0; round < 5000; round++) {
        int64_t start, end, segments[MOST + 3], others[MOST + 3];
        struct lci_span_window w[MOST], v[MOST];
        uint32_t order[MOST];
        const size_t count = random_case(&start, &end, w, MOST - 2);
        const struct lci_timing t = lci_timing(start, end, w, count, order, segments);
        const int64_t shift = below(1000) - 500;
        const size_t turn = count > 0 ? (size_t)below((int64_t)count) : 0;
        for (size_t i = 0; i < count; i++) {
            v[i] = w[(i + turn) % count];
            v[i].request += shift;
            v[i].response += shift;
        }
        struct lci_timing u = lci_timing(start + shift, end + shift, v, count, order, others);
        assert_int_equal(u.self, t.self);
        assert_int_equal(u.group_count, t.group_count);
        assert_memory_equal(segments, others, (t.group_count + 1) * sizeof *segments);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(v[i].relative, w[(i + turn) % count].relative);
            assert_int_equal(v[i].marginal, w[(i + turn) % count].marginal);
            assert_int_equal(v[i].group, w[(i + turn) % count].group);
        }
        memcpy(v, w, sizeof w);
        v[count] = (struct lci_span_window){.request = below(60), .response = 70, .id = 99};
        u = lci_timing(start, end, v, count + 1, order, others);
        assert_int_equal(u.self, t.self);
        if (count > 0) {
            memcpy(v, w, sizeof w);
            const int64_t middle = v[0].request + (v[0].response - v[0].request) / 2;
            v[count] = v[0];
            v[count].request = v[0].response = middle;
            u = lci_timing(start, end, v, count + 1, order, others);
            assert_int_equal(u.blocked, t.blocked);
        }
    }
}

/* Times as a clock with whole milliseconds writes them, in µs: the calls followed each other and the last ended with
 * the caller. */
static void coarse_clocks_settle(void **state)
{
    (void)state;
    struct lci_span_window w[] = {B(35000, 37371), B(37000, 47386), B(48000, 52054), B(48000, 73484), N(74000, 80354)};
    uint32_t order[5];
    int64_t ends[5], segments[6];
    lci_settle(13000, 74790, 1000, w, 5, order, ends);
    struct lci_timing t = lci_timing(13000, 74790, w, 5, order, segments);
    assert_int_equal(t.group_count, 3);
    assert_int_equal(w[0].group, 0);
    assert_int_equal(w[1].group, 1);
    assert_int_equal(w[2].group, 2);
    assert_int_equal(w[3].group, 2);
    assert_int_equal(t.blocked, 2371 + 10386 + 25484);
    /* The only call ends 0.7 ms after its caller, whose start was rounded down by more than its own. */
    struct lci_span_window late[] = {B(11000, 11900)};
    lci_settle(10000, 11200, 1000, late, 1, order, ends);
    t = lci_timing(10000, 11200, late, 1, order, segments);
    assert_int_equal(t.blocked, 900);
    assert_int_equal(t.self, 300);
    /* In the same tick: connect, then query. */
    struct lci_span_window same[] = {B(35000, 37371), B(35000, 35142)};
    lci_settle(30000, 40000, 1000, same, 2, order, ends);
    t = lci_timing(30000, 40000, same, 2, order, segments);
    assert_int_equal(t.group_count, 2);
    assert_int_equal(same[1].group, 0);
    assert_int_equal(t.blocked, 2371 + 142);
    /* What no rounding explains stays. */
    struct lci_span_window far[] = {B(10000, 20000), B(15000, 40000)};
    lci_settle(10000, 30000, 1000, far, 2, order, ends);
    assert_int_equal(far[1].request, 15000);
    assert_int_equal(far[1].response, 40000);
}

/* Sequential calls written by a coarse clock are found sequential, and their blocked time is exact when they truly lay
 * inside the caller. */
static void settled_calls_are_those_that_were(void **state)
{
    (void)state;
    for (int round = 0; round < 5000; round++) {
        struct lci_span_window w[4];
        uint32_t order[4];
        int64_t ends[4], segments[5], blocked = 0, at = 5000 + below(3000);
        const int64_t begin = at;
        memset(w, 0, sizeof w);
        for (size_t i = 0; i < 4; i++) {
            at += 1 + below(1500);
            const int64_t length = 1500 + below(4000); /* longer than a tick: the order is never in doubt */
            w[i] = (struct lci_span_window){.request = at / 1000 * 1000, .blocking = true, .id = i};
            w[i].response = w[i].request + length;
            blocked += length;
            at += length;
        }
        const int64_t length = at + below(2000) - begin, start = begin / 1000 * 1000;
        lci_settle(start, start + length, 1000, w, 4, order, ends);
        const struct lci_timing t = lci_timing(start, start + length, w, 4, order, segments);
        assert_int_equal(t.group_count, 4);
        assert_int_equal(t.blocked, blocked);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(invariants),
        cmocka_unit_test(changes_that_change_nothing),
        cmocka_unit_test(coarse_clocks_settle),
        cmocka_unit_test(settled_calls_are_those_that_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
