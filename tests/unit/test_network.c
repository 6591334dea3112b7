/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The third stage of learning alone: patterns written by hand → the network. What it says without queueing is known
 * from the numbers that are written down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loadcast/traffic.h"
#include "network/model/build.h"
#include "network/patterns/waiting.h"
#include "support/hand_visits.h"

enum { WEB, DB, LOG, OPERATIONS };

/* A web page that reads from a database in three of four visits, and writes to a log, for which nobody waits, in all.
 */
struct written {
    struct hand hand;
    struct lci_behaviour behaviour;
    struct lc_request_class class_;
    struct lc_learn_options options;
};

static void add_samples(struct lci_samples *samples, double value, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        lci_samples_add(samples, value, i);
}

static struct lci_pattern pattern_of(size_t steps, uint32_t visits, const double *segments)
{
    struct lci_pattern pattern = {.visits = visits, .own = visits, .timed = visits, .self_visits = visits};
    pattern.step_count = steps;
    pattern.steps = lc_calloc(steps, sizeof *pattern.steps);
    pattern.segments = lc_calloc(steps + 1, sizeof *pattern.segments);
    for (size_t s = 0; s <= steps; s++) {
        add_samples(&pattern.segments[s], segments[s], visits);
        pattern.self += segments[s] * visits;
    }
    for (uint32_t i = 0; i < visits; i++)
        lci_traces_add(&pattern.traces, i);
    return pattern;
}

/* One call; `took`: s that its caller waited. */
static void set_call(struct lci_pattern *pattern, size_t s, enum lci_step_kind kind, uint32_t operation, double took)
{
    struct lci_pattern_step *step = &pattern->steps[s];
    step->kind = kind;
    step->call_count = 1;
    step->calls = lc_calloc(1, sizeof *step->calls);
    step->calls[0].operation = operation;
    add_samples(&step->took, took, (uint32_t)pattern->visits);
    if (kind == LCI_STEP_CALLS)
        return;
    step->counts = lc_calloc(1, sizeof *step->counts); /* once in each visit */
    step->count_count = 1;
    step->counts[0].numbers = lc_calloc(1, sizeof *step->counts[0].numbers);
    step->counts[0].numbers[0] = 1;
    step->counts[0].visits = pattern->visits;
    for (uint32_t i = 0; i < pattern->visits; i++)
        lci_traces_add(&step->counts[0].traces, i);
}

static void set_patterns(struct lci_unit *unit, const struct lci_pattern *patterns, size_t count)
{
    unit->patterns.items = lc_calloc(count, sizeof *patterns);
    unit->patterns.count = unit->patterns.capacity = count;
    for (size_t i = 0; i < count; i++) {
        unit->patterns.items[i] = patterns[i];
        unit->patterns.seen += patterns[i].visits;
        unit->patterns.visits += patterns[i].visits;
    }
}

static void write_units(struct lci_behaviour *b)
{
    b->units = lc_calloc(OPERATIONS, sizeof *b->units);
    b->unit_count = b->unit_capacity = OPERATIONS;
    b->first_unit = lc_calloc(OPERATIONS, sizeof *b->first_unit);
    b->clusters = lc_calloc(OPERATIONS, sizeof *b->clusters);
    for (uint32_t o = 0; o < OPERATIONS; o++) {
        b->units[o] = (struct lci_unit){.operation = o, .next = SIZE_MAX};
        b->first_unit[o] = o;
        b->clusters[o].of = lc_calloc(b->visits.class_count, sizeof *b->clusters[o].of);
        b->clusters[o].count = 1;
    }
    b->units[WEB].root = b->units[DB].sync = b->units[LOG].async = true;
    struct lci_pattern ways[] = {pattern_of(2, 75, (double[]){0.004, 0.001, 0.002}),
                                 pattern_of(1, 25, (double[]){0.004, 0.008})};
    set_call(&ways[0], 0, LCI_STEP_CALLS, DB, 0.021);
    set_call(&ways[0], 1, LCI_STEP_SENDS, LOG, 0);
    set_call(&ways[1], 0, LCI_STEP_SENDS, LOG, 0);
    set_patterns(&b->units[WEB], ways, 2);
    const struct lci_pattern leaf = pattern_of(0, 75, (double[]){0.020}), note = pattern_of(0, 100, (double[]){0.003});
    set_patterns(&b->units[DB], &leaf, 1);
    set_patterns(&b->units[LOG], &note, 1);
    b->latencies.items = lc_calloc(1, sizeof *b->latencies.items);
    b->latencies.count = b->latencies.capacity = 1;
    b->latencies.by_callee = lc_calloc(1, sizeof *b->latencies.by_callee);
    b->latencies.items[0] = (struct lci_latency){.caller = WEB, .callee = DB, .mean = 0.001};
    add_samples(&b->latencies.items[0].samples, 0.001, 75);
}

static void write(struct written *w)
{
    *w = (struct written){.class_ = {.name = "pages", .task = "web"}};
    w->options = (struct lc_learn_options){
        .rare = 0.01, .replicates = 8, .classes = &w->class_, .class_count = 1, .load = LC_LOAD_LOW};
    w->hand = hand_begin(&w->options);
    assert_int_equal(hand_operation(&w->hand, "web", "page"), WEB);
    assert_int_equal(hand_operation(&w->hand, "db", "read"), DB);
    assert_int_equal(hand_operation(&w->hand, "log", "write"), LOG);
    w->hand.visits->operations[WEB].variants[0].roots = w->hand.visits->class_traces[0] = w->hand.visits->trees = 100;
    w->hand.visits->operations[WEB].variants[0].seen = 100;
    w->behaviour.recorded = w->hand.visits;
    w->behaviour.visits = lci_served_of(w->hand.visits);
    write_units(&w->behaviour);
}

static struct lc_learned build(struct written *w)
{
    struct lc_learned learned = {.replicates = w->options.replicates};
    struct lc_diag diag = {0};
    if (lci_network_build(&w->behaviour, &learned, &diag) != 0)
        fail_msg("%s", diag.messages[0].text);
    lc_diag_free(&diag);
    return learned;
}

static void unwrite(struct written *w, struct lc_learned *learned)
{
    lc_learned_free(learned);
    lci_behaviour_free(&w->behaviour);
    hand_end(&w->hand);
}

static int entry(const struct lc_learned *learned, const char *name)
{
    const int found = lc_find_entry(learned->model, name);
    if (found == LC_NONE)
        fail_msg("there is no entry '%s'", name);
    return found;
}

static void patterns_become_a_network_with_their_times(void **state)
{
    (void)state;
    struct written w;
    write(&w);
    struct lc_learned learned = build(&w);
    assert_int_equal(learned.model->task_count, 3);
    assert_int_equal(learned.class_entry[0], entry(&learned, "web/page"));
    assert_int_equal(learned.class_traces[0], 100);
    /* A request a second: 4 ms, then in three of four 1 ms on the way, 20 ms in the database, 1 and 2 ms; else 8 ms. */
    struct lc_traffic traffic;
    struct lc_diag diag = {0};
    learned.model->entries[learned.class_entry[0]].open_rate = 1;
    assert_int_equal(lc_traffic_solve(learned.model, &traffic, &diag), 0);
    assert_close(traffic.entry_phase1[entry(&learned, "web/page")], 0.004 + 0.75 * 0.024 + 0.25 * 0.008);
    assert_close(traffic.entry_rate[entry(&learned, "db/read")], 0.75);
    assert_close(traffic.entry_rate[entry(&learned, "log/write")], 1);
    lc_traffic_free(&traffic);
    lc_diag_free(&diag);
    unwrite(&w, &learned);
}

static void what_is_not_known_is_said(void **state)
{
    (void)state;
    struct written w;
    write(&w);
    w.behaviour.units[WEB].patterns.merged_visits = 3;
    w.behaviour.units[WEB].patterns.merged_kinds = 2;
    struct lc_learned learned = build(&w);
    bool merged = false, cores = false;
    for (size_t i = 0; i < learned.assumption_count; i++) {
        const struct lc_assumption *a = &learned.assumptions[i];
        merged |= strcmp(a->what, "rare call patterns of 'web/page' behave like the nearest frequent one") == 0 &&
                  strcmp(a->value, "2 patterns merged") == 0 && strcmp(a->evidence, "3 of 100 visits") == 0;
        cores |= strcmp(a->key, "deployment.services.NAME.cores") == 0;
    }
    assert_true(merged);
    assert_true(cores);
    assert_int_equal(learned.entry_count, 3);
    assert_string_equal(learned.entries[0].patterns[0].calls, "db/read, send log/write");
    assert_close(learned.entries[0].patterns[0].share, 0.75);
    assert_close(learned.latencies[0].mean, 0.001);
    unwrite(&w, &learned);
}

/* Constants have no spread; the share of a pattern does, and in each replicate both shares sum to 1. */
static void replicates_vary_what_the_traces_leave_open(void **state)
{
    (void)state;
    struct written w;
    write(&w);
    struct lc_learned learned = build(&w);
    const double *shares[2] = {NULL, NULL};
    size_t found = 0;
    for (size_t i = 0; i < learned.replicated_count; i++) {
        const struct lc_replicated *drawn = &learned.replicated[i];
        if (strstr(drawn->path, ".probability") != NULL)
            shares[found++] = drawn->ratios;
        else
            for (size_t r = 0; r < learned.replicates; r++)
                assert_within(drawn->ratios[r], 1, 1e-9);
    }
    assert_int_equal(found, 2);
    double apart = 0;
    for (size_t r = 0; r < learned.replicates; r++) {
        assert_close(0.75 * shares[0][r] + 0.25 * shares[1][r], 1);
        apart = fmax(apart, fabs(shares[0][r] - 1));
    }
    assert_true(apart > 0);
    unwrite(&w, &learned);
}

/* The numbers of the second stage are told by the third. */
static void waiting_is_told(void **state)
{
    (void)state;
    struct written w;
    write(&w);
    const struct lc_capacity capacity = {.task = "db", .threads = 2};
    w.behaviour.visits.options.load = LC_LOAD_AUTO;
    w.behaviour.waiting = (struct lci_waiting){.limited = 1, .recorded = 10};
    w.behaviour.waiting.services = lc_calloc(1, sizeof *w.behaviour.waiting.services);
    w.behaviour.waiting.count = 1;
    w.behaviour.waiting.services[0] = (struct lci_service_waiting){
        .capacity = &capacity,
        .threads = {.before = 8, .after = 6, .servers = 2, .share = 1, .visits = 100, .unhindered = NAN}};
    struct lc_learned learned = build(&w);
    assert_string_equal(learned.assumptions[0].what, "waiting for threads of db was taken out");
    assert_string_equal(learned.assumptions[0].value, "20 ms of 80 ms on the average");
    assert_string_equal(learned.assumptions[0].evidence, "100 visits, which kept 30 % of the threads busy");
    unwrite(&w, &learned);
}

static void nothing_that_anybody_asks_for_is_an_error(void **state)
{
    (void)state;
    struct written w;
    write(&w);
    struct lc_learned learned = {0};
    struct lc_diag diag = {0};
    const size_t units = w.behaviour.unit_count;
    w.hand.visits->operations[WEB].variants[0].roots = 0;
    w.behaviour.visits.operations[WEB].variants[0].roots = 0;
    w.behaviour.unit_count = 0;
    assert_int_equal(lci_network_build(&w.behaviour, &learned, &diag), -1);
    assert_string_equal(diag.messages[diag.count - 1].text, "none of the 100 traces is asked for by a workload");
    w.behaviour.unit_count = units;
    lc_diag_free(&diag);
    unwrite(&w, &learned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_become_a_network_with_their_times), cmocka_unit_test(what_is_not_known_is_said),
        cmocka_unit_test(replicates_vary_what_the_traces_leave_open), cmocka_unit_test(waiting_is_told),
        cmocka_unit_test(nothing_that_anybody_asks_for_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
