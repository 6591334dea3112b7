/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The second stage of learning alone: visits written by hand → patterns, clusters, network latency, and visits without
 * waiting. Every number below follows from the few that are written down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit/trace/symbols.h"
#include "network/patterns/patterns.h"
#include "support/hand_visits.h"

static struct lci_behaviour behave(const struct hand *hand)
{
    struct lci_behaviour behaviour;
    struct lc_diag diag = {0};
    struct lc_diag ready = {0};
    assert_int_equal(lci_visits_finish(hand->visits, &ready), 0);
    if (lci_behaviour_make(hand->visits, &behaviour, &diag) != 0)
        fail_msg("%s", diag.messages[0].text);
    lc_diag_free(&ready);
    lc_diag_free(&diag);
    return behaviour;
}

static const struct lci_unit *unit_of(const struct hand *hand, const struct lci_behaviour *b, const char *operation)
{
    const lc_symbol name = lci_symbol_find(hand->symbols, operation);
    for (size_t i = 0; i < b->unit_count; i++)
        if (b->visits.operations[b->units[i].operation].entry == name)
            return &b->units[i];
    fail_msg("requests do not reach '%s'", operation);
    return NULL;
}

static double mean_of(const struct lci_samples *samples)
{
    return samples->sum / (double)samples->count;
}

/* 30 requests ask one service and then another, 10 ask the first alone. */
static void patterns_have_their_shares_and_segments(void **state)
{
    (void)state;
    const struct lc_learn_options options = {.rare = 0.01};
    struct hand hand = hand_begin(&options);
    const uint32_t page = hand_operation(&hand, "web", "page"), read = hand_operation(&hand, "db", "read"),
                   find = hand_operation(&hand, "index", "find");
    for (int i = 0; i < 40; i++) {
        const double own = 0.002 + 0.001 * (i % 3); /* s before the first call */
        const struct lci_call calls[] = {hand_call(read, own, own + 0.01), hand_call(find, own + 0.015, own + 0.02)};
        hand_visit(&hand, page, 0, true, i, own + 0.03, calls, i % 4 == 3 ? 1 : 2);
        hand_visit(&hand, read, 0, false, i + own, 0.01, NULL, 0);
        if (i % 4 != 3)
            hand_visit(&hand, find, 0, false, i + own + 0.015, 0.005, NULL, 0);
    }
    struct lci_behaviour b = behave(&hand);
    assert_int_equal(b.unit_count, 3);
    const struct lci_unit *unit = unit_of(&hand, &b, "page");
    assert_true(unit->root && !unit->async);
    assert_int_equal(unit->patterns.count, 2);
    const struct lci_pattern *both = &unit->patterns.items[0], *one = &unit->patterns.items[1];
    assert_int_equal(both->visits, 30);
    assert_int_equal(one->visits, 10);
    assert_int_equal(both->step_count, 2);
    assert_int_equal(both->steps[0].kind, LCI_STEP_CALLS);
    assert_int_equal(both->steps[0].call_count, 1);
    assert_int_equal(one->step_count, 1);
    assert_close(mean_of(&both->segments[1]), 0.005);
    assert_close(mean_of(&both->segments[2]), 0.010);
    assert_close(mean_of(&one->segments[1]), 0.020);
    for (size_t i = 0; i < both->segments[0].count; i++) {
        const double own = both->segments[0].values[i];
        assert_true(own > 0.002 - 1e-12 && own < 0.004 + 1e-12);
    }
    /* What visits took is self time and calls, to the last. */
    const double self = (30 * (mean_of(&both->segments[0]) + 0.015) + 10 * (mean_of(&one->segments[0]) + 0.020)) / 40;
    assert_close((both->self + one->self) / 40, self);
    assert_true(unit_of(&hand, &b, "read")->sync && !unit_of(&hand, &b, "read")->root);
    lci_behaviour_free(&b);
    hand_end(&hand);
}

static void calls_that_overlap_are_one_step(void **state)
{
    (void)state;
    const struct lc_learn_options options = {.rare = 0.01};
    struct hand hand = hand_begin(&options);
    const uint32_t page = hand_operation(&hand, "web", "page"), read = hand_operation(&hand, "db", "read"),
                   find = hand_operation(&hand, "index", "find");
    for (int i = 0; i < 20; i++) {
        struct lci_call calls[] = {hand_call(read, 0.001, 0.011), hand_call(find, 0.002, 0.007),
                                   hand_call(find, 0.012, 0.012)};
        calls[2].forget = true;
        hand_visit(&hand, page, 0, true, i, 0.02, calls, 3);
        hand_visit(&hand, read, 0, false, i, 0.01, NULL, 0);
        hand_visit(&hand, find, 0, false, i, 0.005, NULL, 0);
    }
    struct lci_behaviour b = behave(&hand);
    const struct lci_patterns *patterns = &unit_of(&hand, &b, "page")->patterns;
    assert_int_equal(patterns->count, 1);
    const struct lci_pattern *pattern = &patterns->items[0];
    assert_int_equal(pattern->step_count, 2);
    assert_int_equal(pattern->steps[0].call_count, 2);
    assert_int_equal(pattern->steps[1].kind, LCI_STEP_SENDS);
    assert_close(mean_of(&pattern->steps[0].calls[0].offset) + mean_of(&pattern->steps[0].calls[1].offset),
                 0.001); /* one begins the group, the other 1 ms later */
    assert_close(pattern->self / 20, 0.01);
    assert_true(unit_of(&hand, &b, "find")->sync && unit_of(&hand, &b, "find")->async);
    lci_behaviour_free(&b);
    hand_end(&hand);
}

/* One thread: the first request has it until 2 s, the second comes at 1 s and ends at 4, so that it worked for 2. */
static void waiting_is_taken_out_of_a_copy(void **state)
{
    (void)state;
    const struct lc_capacity capacity = {.task = "db", .threads = 1};
    const struct lc_learn_options options = {.rare = 0.01, .capacities = &capacity, .capacity_count = 1};
    struct hand hand = hand_begin(&options);
    const uint32_t read = hand_operation(&hand, "db", "read"), find = hand_operation(&hand, "index", "find");
    const struct lci_call call = hand_call(find, 2, 2.5);
    hand_visit(&hand, read, 0, true, 0, 2, NULL, 0);
    hand_visit(&hand, read, 0, true, 1, 3, &call, 1);
    hand_visit(&hand, find, 0, false, 3, 0.5, NULL, 0);
    struct lci_behaviour b = behave(&hand);
    const struct lci_variant *recorded = &hand.visits->operations[read].variants[0],
                             *served = &b.visits.operations[read].variants[0];
    assert_int_equal(recorded->visits[1].start, 1000000000);
    assert_close(recorded->visits[1].duration, 3);
    assert_close(recorded->calls[0].sent, 2);
    assert_int_equal(served->visits[1].start, 2000000000);
    assert_close(served->visits[1].duration, 2);
    assert_close(served->calls[0].sent, 1);
    assert_ptr_equal(b.visits.operations[find].variants[0].visits, hand.visits->operations[find].variants[0].visits);
    assert_int_equal(b.waiting.count, 1);
    assert_int_equal(b.waiting.limited, 1);
    const struct lci_waited *threads = &b.waiting.services[0].threads;
    assert_int_equal(threads->visits, 2);
    assert_int_equal(threads->waited, 1);
    assert_close(threads->before, 5);
    assert_close(threads->after, 4);
    assert_close(lci_part_waited(threads), 0.2);
    lci_behaviour_free(&b);
    hand_end(&hand);
}

/* What nobody served is no call, and its time is the caller's; the visits that were recorded keep it. */
static void refused_calls_are_left_out_of_a_copy(void **state)
{
    (void)state;
    const struct lc_learn_options options = {.rare = 0.01};
    struct hand hand = hand_begin(&options);
    const uint32_t page = hand_operation(&hand, "web", "page"), read = hand_operation(&hand, "db", "read");
    const struct lci_operation outside = {
        .task = hand_symbol(&hand, "db"), .entry = hand_symbol(&hand, "read"), .caller = hand_symbol(&hand, "web")};
    const uint32_t failing = lci_operation_of(hand.visits, &outside); /* seen by its caller only */
    for (int i = 0; i < 20; i++) {
        struct lci_call calls[] = {hand_call(failing, 0.001, 0.002), hand_call(read, 0.003, 0.013)};
        calls[0].failed = true;
        hand_visit(&hand, page, 0, true, i, 0.02, calls, 2);
        hand_visit(&hand, read, 0, false, i, 0.01, NULL, 0);
        hand_visit(&hand, failing, 0, false, i, 0.001, NULL, 0);
        hand.visits->operations[failing].variants[0].visits[i].error = true;
    }
    struct lci_behaviour b = behave(&hand);
    const struct lci_unit *unit = unit_of(&hand, &b, "page");
    assert_int_equal(hand.visits->operations[unit->operation].variants[0].call_count, 40);
    assert_int_equal(b.visits.operations[unit->operation].variants[0].call_count, 20);
    assert_int_equal(unit->patterns.items[0].step_count, 1);
    assert_close(mean_of(&unit->patterns.items[0].segments[0]), 0.003);
    assert_int_equal(b.unit_count, 2);
    lci_behaviour_free(&b);
    hand_end(&hand);
}

/* Two classes that call otherwise are two clusters; below, where they do the same, one. */
static void classes_are_told_apart_where_they_differ(void **state)
{
    (void)state;
    const struct lc_request_class classes[] = {{.name = "short"}, {.name = "long"}};
    const struct lc_learn_options options = {.rare = 0.01, .classes = classes, .class_count = 2};
    struct hand hand = hand_begin(&options);
    const uint32_t page = hand_operation(&hand, "web", "page"), read = hand_operation(&hand, "db", "read");
    for (int i = 0; i < 200; i++) {
        const size_t class_ = (size_t)i % 2;
        const struct lci_call calls[] = {hand_call(read, 0.001, 0.011), hand_call(read, 0.012, 0.022)};
        hand_visit(&hand, page, class_, true, i, 0.03, calls, 1 + (uint32_t)class_);
        for (size_t k = 0; k <= class_; k++)
            hand_visit(&hand, read, class_, false, i + 0.1 * (double)k, 0.01, NULL, 0);
    }
    struct lci_behaviour b = behave(&hand);
    const uint32_t pages = unit_of(&hand, &b, "page")->operation, reads = unit_of(&hand, &b, "read")->operation;
    assert_int_equal(b.clusters[pages].count, 2);
    assert_int_not_equal(b.clusters[pages].of[0], b.clusters[pages].of[1]);
    assert_int_equal(b.clusters[pages].of[2], SIZE_MAX); /* no request of any other class */
    assert_int_equal(b.clusters[reads].count, 1);
    assert_int_equal(b.unit_count, 3);
    assert_int_equal(lci_callee_cluster(&b, pages, b.clusters[pages].of[1], reads), b.clusters[reads].of[1]);
    lci_behaviour_free(&b);
    hand_end(&hand);
}

/* Client spans are 2 ms longer than those of one server, and 3 ms shorter than those of the other, which goes on
 * working after its answer. */
static void latency_and_second_phases_come_from_both_spans(void **state)
{
    (void)state;
    const struct lc_learn_options options = {.rare = 0.01};
    struct hand hand = hand_begin(&options);
    const uint32_t page = hand_operation(&hand, "web", "page"), read = hand_operation(&hand, "db", "read"),
                   note = hand_operation(&hand, "log", "note");
    for (int i = 0; i < 50; i++) {
        const double more = 0.0001 * (i % 3 - 1);
        struct lci_call calls[] = {hand_call(read, 0.001, 0.013), hand_call(note, 0.014, 0.016)};
        calls[0].paired = calls[1].paired = true;
        calls[0].outside = 0.002 + more;
        calls[1].outside = -0.003 + more;
        hand_visit(&hand, page, 0, true, i, 0.02, calls, 2);
        hand_visit(&hand, read, 0, false, i, 0.01, NULL, 0);
        hand_visit(&hand, note, 0, false, i, 0.005, NULL, 0);
    }
    struct lci_behaviour b = behave(&hand);
    const uint32_t caller = unit_of(&hand, &b, "page")->operation, reads = unit_of(&hand, &b, "read")->operation,
                   notes = unit_of(&hand, &b, "note")->operation;
    const struct lci_latency *to_read = lci_latency_find(&b.latencies, caller, 0, reads),
                             *to_note = lci_latency_find(&b.latencies, caller, 0, notes);
    assert_int_equal(to_read->samples.count, 50);
    assert_close(to_read->mean, to_read->samples.sum / 50);
    assert_within(to_read->mean, 0.002, 1e-5);
    assert_close(lci_second_phase(&b.latencies, reads, 0), 0);
    assert_close(to_note->mean, 0);
    assert_close(lci_second_phase(&b.latencies, notes, 0), -to_note->samples.sum / 50);
    lci_behaviour_free(&b);
    hand_end(&hand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_have_their_shares_and_segments),
        cmocka_unit_test(calls_that_overlap_are_one_step),
        cmocka_unit_test(waiting_is_taken_out_of_a_copy),
        cmocka_unit_test(refused_calls_are_left_out_of_a_copy),
        cmocka_unit_test(classes_are_told_apart_where_they_differ),
        cmocka_unit_test(latency_and_second_phases_come_from_both_spans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
