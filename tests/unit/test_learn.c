/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Trees made by hand → the model. Means are judged by lc_traffic_solve(), which knows nothing of the learner: without
 * queueing, what the model takes for a request must be what the requests took.
 */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/output.h"
#include "fit/trace/symbols.h"
#include "loadcast/edit.h"
#include "loadcast/format.h"
#include "loadcast/learn.h"
#include "loadcast/traffic.h"
#include "model/edit/edit_paths.h"
#include "model/random/generator.h"

#define MS   INT64_C(1000000)
#define DAY  (INT64_C(1795312747) * 1000 * MS)
#define MOST 512

/* ---- making trees ------------------------------------------------------------------------------------------------ */

struct made {
    struct lc_symbols *symbols;
    struct lc_learner *learner;
    struct lc_tree_node nodes[MOST];
    struct lc_span spans[MOST];
    struct lc_attribute attribute;
    size_t count;
    int64_t now;
    uint64_t trace; /* id */
    struct lc_random random;
    bool incomplete; /* the next trees */
};

static struct lc_learn_options options;

static void begin(struct made *made)
{
    memset(made, 0, sizeof *made);
    made->symbols = lci_symbols_new();
    options.rare = 0.01;
    options.replicates = options.replicates > 0 ? options.replicates : 16;
    options.shapes = 4;
    made->learner = lc_learner_new(&options, made->symbols);
    made->now = DAY;
    lc_random_init(&made->random, 7, 0, "trees", "test");
}

static lc_symbol symbol(struct made *made, const char *text)
{
    return lci_symbol_of(made->symbols, text, strlen(text));
}

/* Nodes are added breadth first; times in ns after `now`. */
static struct lc_tree_node *add(struct made *made, int parent, const char *task, const char *entry, enum lc_edge edge,
                                double start, double end)
{
    struct lc_tree_node *node = &made->nodes[made->count];
    const uint32_t index = (uint32_t)made->count++;
    assert_true(index < MOST);
    *node = (struct lc_tree_node){
        .id = index + 1,
        .parent = parent,
        .task = symbol(made, task),
        .entry = symbol(made, entry),
        .edge = (uint8_t)edge,
        .kind = LC_KIND_SERVER,
        .fit = true,
        .start = made->now + llround(start * (double)MS),
        .end = made->now + llround(end * (double)MS),
        .group = edge == LC_EDGE_SYNC || edge == LC_EDGE_CONCURRENT ? 0 : -1,
        .queue_delay = -1,
        .network_latency = -1,
        .span = index,
    };
    node->request = node->start;
    node->response = node->end;
    made->spans[index] = (struct lc_span){.id = index + 1, .start = node->start + 1, .end = node->end};
    if (parent >= 0) {
        if (made->nodes[parent].child_count++ == 0)
            made->nodes[parent].first_child = index;
        assert_int_equal(made->nodes[parent].first_child + made->nodes[parent].child_count, index + 1);
    }
    return node;
}

/* The client's span around the last node. */
static void client(struct lc_tree_node *node, double before, double after)
{
    node->client_id = 1000 + node->id;
    node->request -= llround(before * (double)MS);
    node->response += llround(after * (double)MS);
}

static void flush(struct made *made)
{
    const struct lc_trace trace = {.low = ++made->trace,
                                   .spans = made->spans,
                                   .span_count = made->count,
                                   .attributes = &made->attribute,
                                   .attribute_count = 1};
    const struct lc_tree tree = {
        .trace = &trace, .nodes = made->nodes, .node_count = made->count, .incomplete = made->incomplete};
    assert_int_equal(lc_learner_add(made->learner, &tree), 0);
    made->count = 0;
    made->now += 1000 * MS;
}

static double exponential(struct made *made, double mean)
{
    return mean * lci_random_exponential(&made->random);
}

static const struct lc_replicated *drawn(const struct lc_learned *learned, const char *path)
{
    for (size_t i = 0; i < learned->replicated_count; i++)
        if (strcmp(learned->replicated[i].path, path) == 0)
            return &learned->replicated[i];
    fail_msg("there are no replicates of '%s'", path);
    return NULL;
}

/* Replicates have paths of numbers, and those of a fork's branches sum to 1. */
static void check_replicates(const struct lc_learned *learned)
{
    struct lc_model *model = learned->model;
    struct lc_diag diag = {0};
    double value;
    for (size_t i = 0; i < learned->replicated_count; i++) {
        if (lc_edit_get(model, learned->replicated[i].path, &value, &diag, NULL) != 0)
            fail_msg("%s", diag.messages[0].text);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(learned->replicated[k].path, learned->replicated[i].path);
    }
    for (size_t t = 0; t < model->task_count; t++)
        for (size_t p = 0; p < model->tasks[t].precedence_count; p++) {
            const struct lc_precedence *fork = &model->tasks[t].precedences[p];
            for (size_t b = 0; b < learned->replicates && fork->fork == LC_FORK_OR; b++) {
                double sum = 0;
                for (size_t k = 0; k < fork->post_count; k++) {
                    char *path = lc_format("%s.%s.probability", model->tasks[t].name,
                                           model->tasks[t].activities[fork->post[k]].name);
                    assert_int_equal(lc_edit_get(model, path, &value, &diag, NULL), 0);
                    assert_float_equal(value, fork->weights[k], 0);
                    sum += value * drawn(learned, path)->ratios[b];
                    free(path);
                }
                assert_float_equal(sum, 1, 1e-12);
            }
        }
    lc_diag_free(&diag);
}

static void finish(struct made *made, struct lc_learned *learned)
{
    struct lc_diag diag = {0};
    const int status = lc_learner_finish(made->learner, learned, &diag);
    for (size_t i = 0; i < diag.count; i++)
        if (diag.messages[i].severity != LC_NOTE)
            print_message("%s\n", diag.messages[i].text);
    assert_int_equal(status, 0);
    assert_int_equal(diag.errors, 0);
    lc_diag_free(&diag);
    check_replicates(learned);
}

static void end(struct made *made, struct lc_learned *learned)
{
    lc_learned_free(learned);
    lc_learner_free(made->learner);
    lci_symbols_free(made->symbols);
    options = (struct lc_learn_options){0};
}

/* ---- judging models ---------------------------------------------------------------------------------------------- */

static int entry(const struct lc_learned *learned, const char *name)
{
    const int found = lc_find_entry(learned->model, name);
    if (found == LC_NONE)
        fail_msg("there is no entry '%s'", name);
    return found;
}

/* Traffic of one request a second to `root`. */
static struct lc_traffic traffic_of(const struct lc_learned *learned, const char *root)
{
    struct lc_traffic traffic;
    struct lc_diag diag = {0};
    struct lc_model *model = lc_model_copy(learned->model);
    model->entries[entry(learned, root)].open_rate = 1;
    if (lc_traffic_solve(model, &traffic, &diag) != 0)
        fail_msg("%s", diag.messages[0].text);
    lc_model_free(model);
    lc_diag_free(&diag);
    return traffic;
}

static void assert_near(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected)))
        fail_msg("%.12g is not %.12g", value, expected);
}

static const struct lc_call *only_call(const struct lc_activity *activity)
{
    assert_int_equal(activity->call_count, 1);
    return &activity->calls[0];
}

static const struct lc_entry_summary *summary_of(const struct lc_learned *learned, const char *name)
{
    for (size_t i = 0; i < learned->entry_count; i++)
        if (learned->entries[i].entry == entry(learned, name))
            return &learned->entries[i];
    fail_msg("nothing is said of '%s'", name);
    return NULL;
}

enum { MANY = 3000, KEPT = 100 };

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static void a_leaf_is_a_phase_with_the_samples_mean(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    double sum = 0;
    for (int i = 0; i < 60; i++) {
        const double time = round(exponential(&made, 20) * 1e6) / 1e6;
        sum += time;
        add(&made, -1, "web", "GET /", LC_EDGE_ROOT, 0, time);
        flush(&made);
    }
    finish(&made, &learned);
    assert_int_equal(learned.model->task_count, 1);
    const struct lc_entry *root = &learned.model->entries[entry(&learned, "web/GET /")];
    assert_int_equal(root->start, LC_NONE);
    assert_near(lc_dist_mean(&root->phases[0].demand), sum / 60 / 1e3, 1e-9);
    assert_int_equal(learned.parameter_count, 1);
    assert_string_equal(learned.parameters[0].path, "web/GET /.demand");
    assert_int_equal(learned.parameters[0].n, 60);
    assert_string_equal(learned.roots[0], "web/GET /");
    assert_null(learned.roots[1]);
    assert_true(learned.model->tasks[0].multiplicity == LC_INFINITE);
    end(&made, &learned);
}

/* auth, then profile and photo at the same time, then a message to stats and 3 to 5 jobs. */
static double search_tree(struct made *made, int jobs, bool cached)
{
    const double before = exponential(made, 2), check = exponential(made, 10), between = exponential(made, 1),
                 look = cached ? exponential(made, 5) : 0, profile = 1 + exponential(made, 25),
                 photo = 1 + exponential(made, 80), after = exponential(made, 3);
    const double fork = before + check + between + look, join = fork + fmax(profile, photo), stop = join + after;
    add(made, -1, "search", "GET /find", LC_EDGE_ROOT, 0, stop);
    add(made, 0, "auth", "verify", LC_EDGE_SYNC, before, before + check);
    if (cached)
        add(made, 0, "cache", "look up", LC_EDGE_SYNC, before + check + between, fork);
    add(made, 0, "profile", "GET", LC_EDGE_CONCURRENT, fork, fork + profile);
    add(made, 0, "photo", "GET", LC_EDGE_CONCURRENT, fork + 0.01, fork + photo);
    add(made, 0, "stats", "log", LC_EDGE_FORGET, join + after / 2, join + after / 2 + 9);
    for (int j = 0; j < jobs; j++) {
        struct lc_tree_node *job =
            add(made, 0, "worker", "process", LC_EDGE_FORGET, join + after / 2, join + after / 2 + 50);
        job->kind = LC_KIND_CONSUMER;
        job->queue_delay = 3 * MS;
    }
    flush(made);
    return before + check + between + look + after;
}

static const struct lc_precedence *find_fork(const struct lc_task *task, enum lc_fork fork, size_t nth)
{
    for (size_t i = 0; i < task->precedence_count; i++)
        if (task->precedences[i].fork == fork && nth-- == 0)
            return &task->precedences[i];
    fail_msg("no such fork");
    return NULL;
}

/* Of traces that lost spans the arrivals count, and nothing else. */
static void incomplete_trees_only_arrive(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    static char browse[] = "browse", release[] = "r", number[] = "1";
    struct lc_activity_run run = {browse, release, number, DAY, DAY + 3600 * 1000 * MS};
    const struct lc_activity_runs runs = {&run, 1};
    const struct lc_request_class class_ = {.name = "browsing", .activity = "browse"};
    options = (struct lc_learn_options){.classes = &class_, .class_count = 1, .activities = &runs};
    begin(&made);
    for (int i = 0; i < 40; i++) {
        made.incomplete = i % 4 == 0;
        add(&made, -1, "web", "GET", LC_EDGE_ROOT, 0, made.incomplete ? 500 : 10);
        if (!made.incomplete)
            add(&made, 0, "db", "get", LC_EDGE_SYNC, 2, 8);
        flush(&made);
        if (made.incomplete) { /* the part of it whose parent is lost */
            add(&made, -1, "db", "get", LC_EDGE_ROOT, 2, 300);
            made.spans[0].flags = LC_SPAN_ORPHAN;
            flush(&made);
        }
    }
    finish(&made, &learned);
    struct lc_traffic traffic = traffic_of(&learned, "web/GET");
    assert_near(traffic.entry_phase1[entry(&learned, "web/GET")], 10e-3, 1e-9);
    assert_near(traffic.entry_rate[entry(&learned, "db/get")], 1, 1e-9);
    assert_int_equal(learned.class_traces[0], 30);
    assert_near(learned.class_calls[0], 40, 1e-12);
    lc_traffic_free(&traffic);
    end(&made, &learned);
}

static void calls_become_a_graph(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    for (int i = 0; i < 90; i++)
        search_tree(&made, 3 + i % 3, false);
    finish(&made, &learned);
    const struct lc_task *search = &learned.model->tasks[lc_find_task(learned.model, "search")];

    const struct lc_precedence *and = find_fork(search, LC_FORK_AND, 0);
    assert_int_equal(and->post_count, 2);
    const int profile = entry(&learned, "profile/GET"), photo = entry(&learned, "photo/GET"),
              first = only_call(&search->activities[ and->post[0]])->entry,
              second = only_call(&search->activities[ and->post[1]])->entry;
    assert_true((first == profile && second == photo) || (first == photo && second == profile));

    const struct lc_precedence *numbers = find_fork(search, LC_FORK_OR, 0);
    assert_int_equal(numbers->post_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_near(numbers->weights[i], 1.0 / 3, 1e-12);
        const struct lc_activity *send = &search->activities[numbers->post[i]];
        assert_true(send->deterministic);
        assert_int_equal(send->call_count, 2);
        assert_int_equal(send->calls[0].kind, LC_CALL_ASYNC);
        assert_near(send->calls[1].mean, 3.0 + (double)i, 0);
    }
    struct lc_traffic traffic = traffic_of(&learned, "search/GET /find");
    assert_near(traffic.entry_rate[entry(&learned, "worker/process")], 4, 1e-9);
    assert_near(traffic.entry_rate[entry(&learned, "stats/log")], 1, 1e-9);
    assert_near(traffic.entry_rate[photo], 1, 1e-9);
    lc_traffic_free(&traffic);
    const int worker = lc_find_task(learned.model, "worker");
    assert_int_equal(learned.model->tasks[worker].balance, LC_BALANCE_SHARED);
    /* Nobody waits for a job: no activity replies, phases suffice. */
    assert_int_equal(learned.model->entries[entry(&learned, "worker/process")].start, LC_NONE);
    end(&made, &learned);
}

static void patterns_become_branches_and_keep_the_mean(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    double self = 0;
    for (int i = 0; i < 200; i++)
        self += search_tree(&made, 3, i % 10 < 3); /* `look` is the cache's time, so: */
    finish(&made, &learned);
    const struct lc_entry_summary *summary = &learned.entries[0];
    assert_int_equal(summary->pattern_count, 2);
    assert_near(summary->patterns[0].share, 0.7, 1e-12);
    assert_near(summary->patterns[1].share, 0.3, 1e-12);
    assert_near(summary->patterns[0].share * summary->patterns[0].self +
                    summary->patterns[1].share * summary->patterns[1].self,
                summary->self, 1e-9);
    /* Self time of the model: the search task's threads are held for self + blocked; take the callees away. */
    double blocked = 0;
    struct lc_traffic traffic = traffic_of(&learned, "search/GET /find");
    assert_near(traffic.entry_rate[entry(&learned, "cache/look up")], 0.3, 1e-9);
    blocked += traffic.entry_phase1[entry(&learned, "auth/verify")] +
               0.3 * traffic.entry_phase1[entry(&learned, "cache/look up")];
    const double processor =
        traffic.processor_utilization[learned.model->tasks[lc_find_task(learned.model, "search")].processor];
    assert_near(processor + blocked, self / 200 / 1e3, 1e-6);
    assert_near(processor, summary->self, 1e-9);
    lc_traffic_free(&traffic);
    end(&made, &learned);
}

static void coarse_clocks_make_nothing_concurrent(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    double sum = 0;
    for (int i = 0; i < 100; i++) {
        const double offset = lci_random_uniform(&made.random), a = 0.1 + exponential(&made, 0.3),
                     b = 1 + exponential(&made, 4), gap = 0.05, after = 1 + exponential(&made, 2);
        const double first = offset + 3, second = first + a + gap, stop = second + b + after;
        sum += stop - offset;
        /* Starts are cut to whole milliseconds, durations are exact. */
        add(&made, -1, "shop", "buy", LC_EDGE_ROOT, 0, stop - offset);
        add(&made, 0, "pool", "connect", LC_EDGE_SYNC, floor(first), floor(first) + a);
        add(&made, 0, "db", "query", LC_EDGE_CONCURRENT, floor(second), floor(second) + b);
        made.nodes[1].external = made.nodes[2].external = true;
        for (int n = 0; n < 3; n++)
            made.spans[n].start--;
        flush(&made);
    }
    finish(&made, &learned);
    assert_int_equal(learned.entries[0].pattern_count, 1);
    assert_string_equal(learned.entries[0].patterns[0].calls, "pool/connect, db/query");
    struct lc_traffic traffic = traffic_of(&learned, "shop/buy");
    assert_near(traffic.entry_phase1[entry(&learned, "shop/buy")], sum / 100 / 1e3, 1e-6);
    lc_traffic_free(&traffic);
    end(&made, &learned);
}

/* Two calls at the same time, of which one starts 0.7 ms after the other, by a clock of whole milliseconds. */
static void starts_below_the_unit_are_late_all_the_same(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    for (int i = 0; i < 400; i++) {
        const double start = lci_random_uniform(&made.random), first = start + 2, second = first + 0.7;
        add(&made, -1, "web", "page", LC_EDGE_ROOT, floor(start), floor(start + 16));
        add(&made, 0, "rate", "get", LC_EDGE_CONCURRENT, floor(first), floor(first + 10));
        add(&made, 0, "photo", "get", LC_EDGE_CONCURRENT, floor(second), floor(second + 12));
        flush(&made);
    }
    finish(&made, &learned);
    const struct lc_task *web = &learned.model->tasks[lc_find_task(learned.model, "web")];
    double late = 0;
    for (size_t a = 0; a < web->activity_count; a++)
        late += web->activities[a].think.family != NULL ? lc_dist_mean(&web->activities[a].think) : 0;
    assert_true(fabs(late * 1e3 - 0.7) < 0.08); /* a standard error is 0.023 */
    end(&made, &learned);
}

/* 0.9 ms of its own, then a call of 5.3 ms and 0.3 ms on its way, by a clock of whole milliseconds: what the readings
 * add is no variance of the times. */
static void times_below_the_unit_vary_no_more_than_their_readings(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    for (int i = 0; i < 200; i++) {
        const double start = 400 * lci_random_uniform(&made.random), sent = start + 0.9, begun = sent + 0.15,
                     done = begun + 5.3, answered = done + 0.15, stop = answered + 4.2;
        add(&made, -1, "web", "GET /", LC_EDGE_ROOT, floor(start), floor(stop));
        client(add(&made, 0, "db", "query", LC_EDGE_SYNC, floor(begun), floor(done)), floor(begun) - floor(sent),
               floor(answered) - floor(done));
        for (int n = 0; n < 2; n++)
            made.spans[n].start--;
        flush(&made);
    }
    finish(&made, &learned);
    int own = 0, latency = 0;
    for (size_t i = 0; i < learned.parameter_count; i++) {
        const struct lc_parameter *p = &learned.parameters[i];
        struct lc_dist *time;
        lci_edit_times(learned.model, (const char *const[]){p->path}, &time, 1);
        assert_non_null(time);
        if (strstr(p->method, "as its readings vary no more") != NULL) {
            assert_near(p->mean, 0.9e-3, 0.1);
            assert_true(lc_dist_cv2(time) < 0.25);
            own++;
        } else if (strstr(p->method, "a difference of two durations") != NULL) {
            assert_near(p->mean, 0.3e-3, 0.2);
            assert_near(lc_dist_cv2(time), 1, 1e-9); /* that of the readings is 2.8 */
            latency++;
        }
    }
    assert_true(own == 1 && latency == 1);
    end(&made, &learned);
}

static void wires_and_second_phases_keep_the_response_time(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    double responses = 0, holding = 0;
    for (int i = 0; i < 80; i++) {
        const double front = exponential(&made, 20), back = 3 + exponential(&made, 10), tail = 2.5;
        const double first = 1.0, second = first + front + 1.5, stop = second + back + 1;
        responses += stop;
        holding += back + tail;
        add(&made, -1, "web", "GET /", LC_EDGE_ROOT, 0, stop);
        struct lc_tree_node *near = add(&made, 0, "near", "GET", LC_EDGE_SYNC, first + 0.5, first + 0.5 + front);
        client(near, 0.5, 0.7);
        struct lc_tree_node *late = add(&made, 0, "late", "GET", LC_EDGE_SYNC, second, second + back + tail);
        client(late, 0, -tail); /* answered before the server's span ends */
        flush(&made);
    }
    finish(&made, &learned);
    struct lc_traffic traffic = traffic_of(&learned, "web/GET /");
    assert_near(traffic.entry_phase1[entry(&learned, "web/GET /")], responses / 80 / 1e3, 1e-6);
    assert_near(traffic.entry_total[entry(&learned, "late/GET")], holding / 80 / 1e3, 1e-6);
    assert_near(traffic.entry_phase1[entry(&learned, "late/GET")], (holding / 80 - 2.5) / 1e3, 1e-6);
    lc_traffic_free(&traffic);
    assert_int_equal(learned.latency_count, 1);
    assert_near(learned.latencies[0].mean, 1.2e-3, 1e-6);
    end(&made, &learned);
}

static void rare_patterns_are_merged(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    double self = 0;
    for (int i = 0; i < 300; i++) {
        const double own = 5 + exponential(&made, 5), call = 10;
        self += own;
        add(&made, -1, "web", "GET /", LC_EDGE_ROOT, 0, own + call + (i == 17 ? 3 : 0));
        add(&made, 0, "db", "read", LC_EDGE_SYNC, 1, 1 + call);
        if (i == 17)
            add(&made, 0, "db", "connect", LC_EDGE_SYNC, 2 + call, 5 + call);
        flush(&made);
    }
    finish(&made, &learned);
    assert_int_equal(learned.entries[0].pattern_count, 1);
    assert_int_equal(learned.entries[0].patterns[0].visits, 300);
    assert_near(learned.entries[0].self, self / 300 / 1e3, 1e-6);
    assert_int_equal(lc_find_entry(learned.model, "db/connect"), LC_NONE);
    bool said = false;
    for (size_t i = 0; i < learned.assumption_count; i++)
        said |= strstr(learned.assumptions[i].what, "rare call patterns") != NULL;
    assert_true(said);
    end(&made, &learned);
}

static void varying_numbers_of_calls_become_runs(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    double all = 0;
    int reads = 0;
    for (int i = 0; i < 120; i++) {
        const int n = 1 + i % 30;
        add(&made, -1, "web", "list", LC_EDGE_ROOT, 0, 2.0 * n + 1);
        all += 2.0 * n + 1;
        reads += n;
        for (int k = 0; k < n; k++)
            add(&made, 0, "db", "read", LC_EDGE_SYNC, 1 + 2.0 * k, 2 + 2.0 * k);
        flush(&made);
    }
    finish(&made, &learned);
    assert_int_equal(learned.entries[0].pattern_count, 1);
    struct lc_traffic traffic = traffic_of(&learned, "web/list");
    assert_near(traffic.entry_rate[entry(&learned, "db/read")], reads / 120.0, 1e-9);
    assert_near(traffic.entry_phase1[entry(&learned, "web/list")], all / 120 / 1e3, 1e-6);
    lc_traffic_free(&traffic);
    assert_non_null(drawn(&learned, "web.list_calls.calls.db/read"));
    end(&made, &learned);
}

/* 500 equal calls one after the other are one call that is made 500 times: 1 ms each, 1 ms of own time between them. */
static void equal_calls_of_a_visit_are_one_repeated_call(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    for (int i = 0; i < 40; i++) {
        const double more = i % 5; /* ms before the first call: 2 on average */
        add(&made, -1, "web", "list", LC_EDGE_ROOT, 0, 1001 + more);
        for (int k = 0; k < 500; k++)
            add(&made, 0, "db", "read", LC_EDGE_SYNC, 1 + more + 2 * k, 2 + more + 2 * k);
        flush(&made);
    }
    finish(&made, &learned);
    const int read = entry(&learned, "db/read");
    const struct lc_task *web = &learned.model->tasks[lc_find_task(learned.model, "web")];
    size_t calls = 0;
    for (size_t a = 0; a < web->activity_count; a++)
        for (size_t c = 0; c < web->activities[a].call_count; c++, calls++) {
            assert_int_equal(web->activities[a].calls[c].entry, read);
            assert_near(web->activities[a].calls[c].mean, 500, 0);
            assert_true(web->activities[a].deterministic);
        }
    assert_int_equal(calls, 1);
    struct lc_traffic traffic = traffic_of(&learned, "web/list");
    assert_near(traffic.entry_rate[read], 500, 1e-9);
    assert_near(traffic.entry_phase1[read], 1e-3, 1e-9);
    assert_near(traffic.entry_phase1[entry(&learned, "web/list")], 1003e-3, 1e-9);
    assert_near(traffic.processor_utilization[web->processor], 503e-3, 1e-9);
    lc_traffic_free(&traffic);
    end(&made, &learned);
}

static double deviation(const double *values, size_t count)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    for (size_t i = 0; i < count; i++)
        squares += pow(values[i] - sum / (double)count, 2);
    return sqrt(squares / (double)(count - 1));
}

static double correlation(const double *a, const double *b, size_t count)
{
    double *sums = lc_alloc(count * sizeof *sums);
    for (size_t i = 0; i < count; i++)
        sums[i] = a[i] + b[i];
    const double x = deviation(a, count), y = deviation(b, count), both = deviation(sums, count);
    free(sums);
    return (both * both - x * x - y * y) / (2 * x * y);
}

/* web calls db in 60 % of the traces; the call takes thrice what web does before it. */
static void linked_tree(struct made *made, size_t id)
{
    made->trace = id;
    made->now = DAY + (int64_t)id * 1000 * MS;
    lc_random_init(&made->random, 5 + id, 0, "linked", "test");
    const double before = round(1000 + 1e6 * exponential(made, 2)) / 1e6, after = exponential(made, 4);
    add(made, -1, "web", "GET /", LC_EDGE_ROOT, 0, (id % 5 < 3 ? 4 : 1) * before + after);
    if (id % 5 < 3)
        add(made, 0, "db", "read", LC_EDGE_SYNC, before, 4 * before);
    flush(made);
}

static void linked_trees(struct made *made, size_t n, bool backwards)
{
    for (size_t i = 0; i < n; i++)
        linked_tree(made, backwards ? n - i - 1 : i);
}

/* The deviation of m normal values has the relative error 1/√(2m); four of these come by chance once in 15,000 times.
 */
static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Half of what 95 % of the replicates span, in standard errors of a normal distribution. */
static double half_span(const double *ratios, size_t draws)
{
    double *sorted = lc_alloc(draws * sizeof *sorted);
    memcpy(sorted, ratios, draws * sizeof *sorted);
    qsort(sorted, draws, sizeof *sorted, by_size);
    const double span = sorted[draws - draws / 40] - sorted[draws / 40];
    free(sorted);
    return span / 2 / gsl_cdf_ugaussian_Pinv(0.975);
}

/* Beside the chance in the replicates, skewness makes the span longer by terms of 1/n. */
static void assert_error(const struct lc_learned *learned, const char *path, double mean, double error, double n)
{
    const double found = mean * half_span(drawn(learned, path)->ratios, learned->replicates);
    assert_near(found, error, 4 / sqrt(2 * (double)learned->replicates) + 4 / n);
}

/* A 95 % interval of a mean of n traces is Student's. */
static double student(double n)
{
    return gsl_cdf_tdist_Pinv(0.975, n - 1) / gsl_cdf_ugaussian_Pinv(0.975);
}

/* How many times the error of the samples is that of the distribution that was fitted to them. */
static double fitted_error(const struct lc_learned *learned, const struct lc_parameter *parameter)
{
    struct lc_dist *time;
    lci_edit_times(learned->model, (const char *const[]){parameter->path}, &time, 1);
    const double cv2 = lc_dist_cv2(time), n = (double)parameter->n;
    return fmax(1, sqrt(cv2 / (n - 1)) * parameter->mean / parameter->standard_error);
}

static void draws_are_as_wide_as_the_errors(void **state)
{
    (void)state;
    for (size_t n = 50; n <= 500; n *= 10) {
        struct made made;
        struct lc_learned learned;
        options.replicates = 4000;
        begin(&made);
        linked_trees(&made, n, false);
        finish(&made, &learned);
        assert_int_equal(learned.replicates, 4000);
        size_t judged = 0;
        for (size_t i = 0; i < learned.parameter_count; i++) {
            const struct lc_parameter *parameter = &learned.parameters[i];
            if (strstr(parameter->path, "pattern") != NULL)
                continue;
            assert_error(&learned, parameter->path, parameter->mean,
                         parameter->standard_error * student((double)parameter->n) * fitted_error(&learned, parameter),
                         (double)parameter->n);
            judged++;
        }
        assert_int_equal(judged, 4);
        /* A share's error is √(p (1 − p)/n) when p is the right one, √(p (1 − p)/(n − 1)) when it is estimated. */
        const struct lc_task *web = &learned.model->tasks[lc_find_task(learned.model, "web")];
        char *path = lc_format("web.%s.probability", web->activities[find_fork(web, LC_FORK_OR, 0)->post[0]].name);
        assert_error(&learned, path, 0.6, sqrt(0.6 * 0.4 / (double)(n - 1)) * student((double)n), (double)n);
        assert_int_equal(lci_edit_number(learned.model, path, 0.25, NULL, NULL), 0);
        assert_float_equal(find_fork(web, LC_FORK_OR, 0)->weights[0], 0.25, 0);
        free(path);
        end(&made, &learned);
    }
}

static void draws_of_the_same_traces_move_together(void **state)
{
    (void)state;
    struct made made, turned;
    struct lc_learned learned, other;
    options.replicates = 1000;
    begin(&made);
    linked_trees(&made, 200, false);
    finish(&made, &learned);
    const double *before = drawn(&learned, "web.GET_1_self.demand")->ratios,
                 *call = drawn(&learned, "db/read.demand")->ratios,
                 *elsewhere = drawn(&learned, "web.GET_2_self.demand")->ratios;
    for (size_t b = 0; b < learned.replicates; b++)
        assert_near(call[b], before[b], 1e-9);
    assert_true(fabs(correlation(before, elsewhere, learned.replicates)) < 4 / sqrt((double)learned.replicates));

    begin(&turned);
    linked_trees(&turned, 200, true);
    finish(&turned, &other);
    assert_int_equal(other.replicated_count, learned.replicated_count);
    for (size_t i = 0; i < learned.replicated_count; i++)
        for (size_t b = 0; b < learned.replicates; b++)
            assert_near(drawn(&other, learned.replicated[i].path)->ratios[b], learned.replicated[i].ratios[b], 1e-9);
    lc_learned_free(&other);
    lc_learner_free(turned.learner);
    lci_symbols_free(turned.symbols);
    end(&made, &learned);
}

static void assert_same(const struct lc_learned *a, const struct lc_learned *b)
{
    char *difference = NULL;
    if (!lc_model_equal(a->model, b->model, &difference))
        fail_msg("%s", difference);
    assert_int_equal(a->parameter_count, b->parameter_count);
    for (size_t i = 0; i < a->parameter_count; i++) {
        assert_string_equal(a->parameters[i].path, b->parameters[i].path);
        assert_memory_equal(&a->parameters[i].mean, &b->parameters[i].mean, sizeof(double));
        assert_memory_equal(&a->parameters[i].standard_error, &b->parameters[i].standard_error, sizeof(double));
    }
    assert_int_equal(a->replicated_count, b->replicated_count);
    for (size_t i = 0; i < a->replicated_count; i++) {
        assert_string_equal(a->replicated[i].path, b->replicated[i].path);
        assert_memory_equal(a->replicated[i].ratios, b->replicated[i].ratios, a->replicates * sizeof(double));
        assert_int_equal(a->replicated[i].table != NULL, b->replicated[i].table != NULL);
        if (a->replicated[i].table == NULL)
            continue;
        assert_memory_equal(a->replicated[i].table, b->replicated[i].table, LC_SHAPE * sizeof(double));
        assert_memory_equal(a->replicated[i].powers, b->replicated[i].powers, a->shapes * sizeof(double));
    }
}

static void a_sample_stands_for_many_visits(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned, other;
    options.kept = KEPT;
    begin(&made);
    linked_trees(&made, MANY, false);
    finish(&made, &learned);
    const struct lc_entry_summary *web = summary_of(&learned, "web/GET /"), *db = summary_of(&learned, "db/read");
    assert_int_equal(web->visits, MANY);
    assert_int_equal(web->fitted, KEPT);
    assert_int_equal(db->visits, MANY * 3 / 5);
    assert_int_equal(db->fitted, KEPT);
    /* Four standard errors of a share and of a mean; `before` is 2 ms on the average and a thousandth more. */
    assert_true(fabs(web->patterns[0].share - 0.6) < 4 * sqrt(0.6 * 0.4 / KEPT));
    const struct lc_dist *call = &learned.model->entries[entry(&learned, "db/read")].phases[0].demand;
    assert_true(fabs(lc_dist_mean(call) - 6.003e-3) < 4 * 6e-3 / sqrt(KEPT));
    bool said = false;
    for (size_t i = 0; i < learned.assumption_count; i++)
        said |= strcmp(learned.assumptions[i].value, "fitted from 200 of 4800 visits") == 0;
    assert_true(said);
    lc_learner_free(made.learner);
    lci_symbols_free(made.symbols);

    begin(&made);
    linked_trees(&made, MANY, true);
    finish(&made, &other);
    assert_same(&learned, &other);
    lc_learned_free(&other);
    end(&made, &learned);
}

/* Parts of very different sizes, one of them of a single trace. */
static size_t part_of(size_t id)
{
    return id == 77 ? 2 : id % 10 == 0 ? 1 : 0;
}

static void parts_make_the_whole(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned whole, merged;
    struct lc_diag diag = {0};
    char folder[] = "/tmp/loadcast-parts-XXXXXX";
    assert_non_null(mkdtemp(folder));
    for (size_t kept = KEPT; kept <= MANY; kept += MANY - KEPT) {
        options.kept = kept;
        begin(&made);
        linked_trees(&made, MANY, false);
        finish(&made, &whole);
        lc_learner_free(made.learner);
        lci_symbols_free(made.symbols);
        for (size_t part = 0; part < 3; part++) {
            begin(&made);
            for (size_t i = 0; i < MANY; i++)
                if (part_of(i) == part)
                    linked_tree(&made, i);
            char *file = lc_format("%s/%zu%s", folder, part, part == 1 ? ".gz" : "");
            assert_int_equal(lc_learner_write(made.learner, file, &diag), 0);
            free(file);
            lc_learner_free(made.learner);
            lci_symbols_free(made.symbols);
        }
        begin(&made);
        for (size_t i = 0; i < 3; i++) {
            char *file = lc_format("%s/%zu%s", folder, 2 - i, i == 1 ? ".gz" : "");
            assert_int_equal(lc_learner_read(made.learner, made.symbols, file, &diag), 0);
            unlink(file);
            free(file);
        }
        assert_int_equal(diag.count, 0);
        finish(&made, &merged);
        assert_same(&whole, &merged);
        assert_int_equal(summary_of(&merged, "web/GET /")->visits, MANY);
        lc_learned_free(&whole);
        end(&made, &merged);
    }
    rmdir(folder);
    lc_diag_free(&diag);
}

/* Any line of a summary missing, cut or with another number: an error or a model, never a crash. */
static void damaged_parts_are_errors(void **state)
{
    (void)state;
    struct made made;
    char name[] = "/tmp/loadcast-damaged-XXXXXX", good[] = "/tmp/loadcast-part-XXXXXX";
    const int damaged = mkstemp(name), part = mkstemp(good);
    assert_true(damaged >= 0 && part >= 0);
    close(part);
    struct lc_diag diag = {0};
    begin(&made);
    linked_trees(&made, 6, false);
    assert_int_equal(lc_learner_write(made.learner, good, &diag), 0);
    lc_learner_free(made.learner);
    lci_symbols_free(made.symbols);
    size_t length, errors = 0;
    char *text = lci_file_read(good, 1 << 20, &length, &diag);
    for (size_t i = 0; i < length; i++) {
        static const char instead[] = "9-\n]\"{,";
        const char kept = text[i];
        text[i] = instead[i % (sizeof instead - 1)];
        assert_int_equal(pwrite(damaged, text, length, 0), (ssize_t)length);
        assert_int_equal(ftruncate(damaged, (off_t)(i % 3 == 0 ? i : length)), 0);
        text[i] = kept;
        struct lc_learned learned = {0};
        begin(&made);
        if (lc_learner_read(made.learner, made.symbols, name, &diag) == 0)
            lc_learner_finish(made.learner, &learned, &diag);
        else
            errors++;
        end(&made, &learned);
    }
    assert_true(errors > length / 2);
    assert_int_equal(lc_diag_status(&diag), LC_INPUT);
    lc_diag_free(&diag);
    free(text);
    close(damaged);
    unlink(name);
    unlink(good);
}

static void one_trace_tells_no_spread(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    search_tree(&made, 3, true);
    finish(&made, &learned);
    assert_true(learned.replicated_count > 5);
    for (size_t i = 0; i < learned.replicated_count; i++)
        for (size_t b = 0; b < learned.replicates; b++)
            assert_float_equal(learned.replicated[i].ratios[b], 1, 0);
    end(&made, &learned);
}

static void classes_split_what_differs_and_share_the_rest(void **state)
{
    (void)state;
    static const char *const keys[] = {"url.path"}, *const near[] = {"/search/place*"}, *const words[] = {"/search/w*"};
    const struct lc_request_class classes[] = {
        {.name = "place",
         .task = "web",
         .operation = "GET /search",
         .keys = keys,
         .patterns = near,
         .condition_count = 1},
        {.name = "word", .keys = keys, .patterns = words, .condition_count = 1},
        {.name = "nobody", .task = "nowhere"},
    };
    const char **keep = lc_learn_keep(classes, 3);
    assert_string_equal(keep[0], "url.path");
    assert_string_equal(keep[1], "sampler.type"); /* for facts */
    assert_string_equal(keep[2], "sampler.param");
    assert_string_equal(keep[4], "tailsampling.policy");
    struct made made;
    struct lc_learned learned;
    options = (struct lc_learn_options){.classes = classes, .class_count = 3, .keep = keep};
    begin(&made);
    for (int i = 0; i < 200; i++) {
        const bool word = i % 2 == 1, other = i % 20 == 0;
        const double own = exponential(&made, 5), leaf = exponential(&made, 30), cache = exponential(&made, 8);
        made.attribute = (struct lc_attribute){.key = LC_ATTR_OTHER,
                                               .value = symbol(&made, other  ? "/x"
                                                                      : word ? "/search/words"
                                                                             : "/search/place?x=1")};
        add(&made, -1, "web", other ? "GET /x" : "GET /search", LC_EDGE_ROOT, 0, own + leaf + (word ? cache : 0));
        made.spans[0].attribute_count = 1;
        add(&made, 0, "photo", "GET", LC_EDGE_SYNC, own, own + leaf);
        if (word)
            add(&made, 0, "cache", "GET", LC_EDGE_SYNC, own + leaf, own + leaf + cache);
        flush(&made);
    }
    finish(&made, &learned);
    assert_int_equal(learned.class_entry[0], entry(&learned, "web/GET /search@place"));
    assert_int_equal(learned.class_entry[1], entry(&learned, "web/GET /search@word"));
    assert_int_equal(learned.class_entry[2], LC_NONE);
    assert_int_equal(learned.class_traces[0], 90);
    assert_int_equal(learned.class_traces[1], 100);
    assert_int_equal(learned.class_traces[2], 0);
    assert_near(learned.class_calls[0], 1, 0);
    entry(&learned, "photo/GET"); /* shared */
    assert_int_equal(lc_find_entry(learned.model, "web/GET /x"), LC_NONE);
    struct lc_traffic traffic = traffic_of(&learned, "web/GET /search@place");
    assert_near(traffic.entry_rate[entry(&learned, "cache/GET")] + 1, 1, 0);
    lc_traffic_free(&traffic);
    end(&made, &learned);
    free(keep);
}

static void activities_are_classes(void **state)
{
    (void)state;
    static char browse[] = "browse", idle[] = "idle", release[] = "r", run[] = "1";
    struct lc_activity_run runs[] = {
        {browse, release, run, DAY, DAY + 39500 * MS},
        {browse, release, run, DAY + 40000 * MS, DAY + 59500 * MS},
        {browse, release, run, 0, 1}, /* no trace lies in it: it is not counted */
        {idle, release, run, DAY + 60000 * MS, DAY + 70000 * MS},
    };
    const struct lc_activity_runs list = {runs, 4};
    const struct lc_request_class classes[] = {{.name = "browsing", .activity = "browse"}};
    options = (struct lc_learn_options){.classes = classes, .class_count = 1, .activities = &list};
    struct made made;
    struct lc_learned learned;
    begin(&made);
    for (int i = 0; i < 62; i++) {
        add(&made, -1, "web", i % 3 == 0 ? "GET /" : "GET /item", LC_EDGE_ROOT, 0, i % 3 == 0 ? 4 : 7);
        if (i == 30)
            made.nodes[0] = (struct lc_tree_node){.parent = -1,
                                                  .task = symbol(&made, "web"),
                                                  .entry = symbol(&made, "tick"),
                                                  .kind = LC_KIND_INTERNAL,
                                                  .fit = true,
                                                  .start = made.now,
                                                  .end = made.now + 1};
        flush(&made);
    }
    finish(&made, &learned);
    assert_int_equal(learned.class_traces[0], 59); /* 60 in the runs, one of them a timer's */
    assert_near(learned.class_calls[0], 59.0 / 2, 1e-12);
    assert_int_equal(lc_find_entry(learned.model, "web/tick"), LC_NONE);
    const struct lc_entry *chosen = &learned.model->entries[learned.class_entry[0]];
    assert_false(learned.model->tasks[chosen->task].service);
    struct lc_traffic traffic = traffic_of(&learned, chosen->name);
    assert_near(traffic.entry_rate[entry(&learned, "web/GET /")], 19.0 / 59, 1e-9);
    assert_near(traffic.entry_rate[entry(&learned, "web/GET /item")], 40.0 / 59, 1e-9);
    lc_traffic_free(&traffic);
    end(&made, &learned);
}

static void recursion_is_unrolled(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    for (int i = 0; i < 40; i++) {
        add(&made, -1, "tree", "walk", LC_EDGE_ROOT, 0, 10);
        add(&made, 0, "store", "get", LC_EDGE_SYNC, 1, 9);
        add(&made, 1, "tree", "walk", LC_EDGE_SYNC, 2, 4);
        flush(&made);
    }
    finish(&made, &learned);
    struct lc_traffic traffic = traffic_of(&learned, "tree/walk");
    assert_near(traffic.entry_phase1[entry(&learned, "tree/walk")], 10e-3, 1e-9);
    assert_near(traffic.entry_phase1[entry(&learned, "tree/walk (nested 1)")], 2e-3, 1e-9);
    lc_traffic_free(&traffic);
    end(&made, &learned);
}

/* Recursion is unrolled over 64 levels; what waits for itself further down is refused, what nobody waits for is not. */
static void deep_recursion_is_refused(void **state)
{
    (void)state;
    static const struct {
        int spans, services;
        enum lc_edge edge;
        bool refused;
    } cases[] = {{65, 1, LC_EDGE_SYNC, false},  {66, 1, LC_EDGE_SYNC, true},     {66, 2, LC_EDGE_SYNC, false},
                 {67, 2, LC_EDGE_SYNC, true},   {100, 100, LC_EDGE_SYNC, false}, {66, 1, LC_EDGE_FORGET, false},
                 {140, 70, LC_EDGE_SYNC, true}, {140, 70, LC_EDGE_FORGET, false}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct made made;
        struct lc_learned learned;
        struct lc_diag diag = {0};
        begin(&made);
        for (int i = 0; i < cases[k].spans; i++) {
            char service[16];
            snprintf(service, sizeof service, "s%d", i % cases[k].services);
            add(&made, i - 1, service, "walk", i == 0 ? LC_EDGE_ROOT : cases[k].edge, i, 2 * MOST - i);
        }
        flush(&made);
        assert_int_equal(lc_learner_finish(made.learner, &learned, &diag), cases[k].refused ? -1 : 0);
        assert_int_equal(diag.errors, cases[k].refused);
        if (cases[k].refused) {
            char said[96];
            snprintf(said, sizeof said,
                     cases[k].services > 64 ? "calls go round in a ring of more than 64 levels"
                                            : "calls of 's%d/walk' lie within each other over more than 64 levels",
                     (cases[k].spans - 1) % cases[k].services);
            assert_non_null(strstr(diag.messages[0].text, said));
            assert_non_null(strstr(diag.messages[0].text,
                                   cases[k].services > 64 ? "(70 operations)" : "; expected at most 64: record"));
        }
        lc_diag_free(&diag);
        end(&made, &learned);
    }
}

static void calls_within_a_service_have_tasks_of_their_own(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    for (int i = 0; i < 40; i++) {
        add(&made, -1, "auth", "check", LC_EDGE_ROOT, 0, 10);
        add(&made, 0, "auth", "token", LC_EDGE_SYNC, 1, 9);
        add(&made, 1, "auth", "select", LC_EDGE_SYNC, 2, 4);
        flush(&made);
        add(&made, -1, "auth", "token", LC_EDGE_ROOT, 0, 3);
        flush(&made);
    }
    finish(&made, &learned);
    const struct lc_model *model = learned.model;
    const int auth = lc_find_task(model, "auth"), inside = lc_find_task(model, "auth (inside)");
    assert_int_equal(model->entries[entry(&learned, "auth/token")].task, auth);
    assert_int_equal(model->entries[entry(&learned, "auth (inside)/token")].task, inside);
    entry(&learned, "auth (inside 2)/select");
    assert_int_equal(model->tasks[inside].processor, model->tasks[auth].processor);
    assert_false(model->tasks[inside].service);
    struct lc_traffic traffic = traffic_of(&learned, "auth/check");
    assert_near(traffic.entry_phase1[entry(&learned, "auth/check")], 10e-3, 1e-9);
    assert_near(traffic.processor_utilization[model->tasks[auth].processor], 10e-3, 1e-9);
    lc_traffic_free(&traffic);
    end(&made, &learned);
}

/* `kept`: visits of services of which no capacity is known. The means of the others do not depend on it. */
static void take_waiting_out(size_t kept)
{
    const struct lc_capacity capacities[] = {{.task = "photo", .threads = 2}, {.task = "elsewhere", .threads = 1}};
    options = (struct lc_learn_options){
        .load = LC_LOAD_MEASURED, .capacities = capacities, .capacity_count = 2, .kept = kept};
    struct made made;
    struct lc_learned learned;
    begin(&made);
    double free_at[2] = {0, 0}, now = 0, work = 0;
    for (int i = 0; i < 500; i++) {
        now += exponential(&made, 50);
        const int thread = free_at[0] <= free_at[1] ? 0 : 1;
        const double service = exponential(&made, 80), start = fmax(now, free_at[thread]);
        free_at[thread] = start + service;
        work += service;
        made.now = DAY;
        add(&made, -1, "photo", "GET", LC_EDGE_ROOT, now, start + service);
        add(&made, 0, "disk", "read", LC_EDGE_SYNC, start + service / 2, start + service);
        flush(&made);
    }
    finish(&made, &learned);
    const struct lc_entry_summary *photo = summary_of(&learned, "photo/GET");
    assert_int_equal(photo->fitted, photo->visits);
    assert_near(photo->self, work / 500 / 2 / 1e3, 1e-4); /* half of each service is the disk's */
    struct lc_traffic traffic = traffic_of(&learned, "photo/GET");
    if (kept == 0)
        assert_near(traffic.entry_phase1[entry(&learned, "photo/GET")], work / 500 / 1e3, 1e-4);
    else
        assert_int_equal(summary_of(&learned, "disk/read")->fitted, kept);
    lc_traffic_free(&traffic);
    assert_non_null(strstr(learned.assumptions[0].what, "waiting for threads of photo was taken out"));
    end(&made, &learned);
}

static void waiting_for_threads_is_taken_out(void **state)
{
    (void)state;
    take_waiting_out(0);
    take_waiting_out(KEPT);
    const struct lc_capacity capacities[] = {{.task = "elsewhere", .threads = 1}};
    struct made made;
    struct lc_learned learned;
    struct lc_diag diag = {0};
    options = (struct lc_learn_options){.load = LC_LOAD_MEASURED, .capacities = capacities, .capacity_count = 1};
    begin(&made);
    add(&made, -1, "photo", "GET", LC_EDGE_ROOT, 0, 5);
    flush(&made);
    assert_int_equal(lc_learner_finish(made.learner, &learned, &diag), -1);
    assert_non_null(strstr(diag.messages[0].text, "state"));
    end(&made, &learned);
    lc_diag_free(&diag);
}

/* ---- facts ------------------------------------------------------------------------------------------------------- */

static const struct lc_fact *fact(const struct lc_learned *learned, const char *kind, const char *subject)
{
    for (size_t i = 0; i < learned->fact_count; i++)
        if (strcmp(learned->facts[i].kind, kind) == 0 && strcmp(learned->facts[i].subject, subject) == 0)
            return &learned->facts[i];
    return NULL;
}

static void expect_fact(const struct lc_learned *learned, const char *kind, const char *subject, const char *value)
{
    const struct lc_fact *found = fact(learned, kind, subject);
    if (found == NULL)
        fail_msg("nothing is told of %s, %s", kind, subject);
    else
        assert_string_equal(found->value, value);
}

/* 400 requests, one a second: each asks the cache, one in four the database too, whose answer fails once in 20 requests
 * and is asked for again; two calls of a third service at a time, always. */
static void facts_are_told(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    for (int i = 0; i < 400; i++) {
        add(&made, -1, "web", "GET /", LC_EDGE_ROOT, 0, 50)->error = i % 100 == 0;
        struct lc_tree_node *cache = add(&made, 0, "redis", "get", LC_EDGE_SYNC, 1, 2);
        cache->class_ = LC_CLASS_CACHE;
        cache->external = true;
        for (int k = 0; k < (i % 4 != 0 ? 0 : i % 20 == 0 ? 2 : 1); k++) {
            struct lc_tree_node *database = add(&made, 0, "db", "select", LC_EDGE_SYNC, 3 + 5 * k, 7 + 5 * k);
            database->class_ = LC_CLASS_DATABASE;
            database->external = true;
            database->error = k == 0 && i % 20 == 0;
        }
        add(&made, 0, "ads", "GET /ad", LC_EDGE_CONCURRENT, 20, 30);
        add(&made, 0, "ads", "GET /ad", LC_EDGE_CONCURRENT, 21, 31);
        flush(&made);
    }
    finish(&made, &learned);
    expect_fact(&learned, "arrivals", "web/GET /", "1/s");
    expect_fact(&learned, "cache hits", "web/GET / instead of db/select", "75 %");
    expect_fact(&learned, "retries", "web/GET / → db/select", "16.7 % of the calls");
    expect_fact(&learned, "repeated calls", "web/GET / → ads/GET /ad", "always 2");
    expect_fact(&learned, "calls at a time", "web/GET /", "2");
    expect_fact(&learned, "errors", "web/GET /", "1 %");
    expect_fact(&learned, "errors", "db/select", "16.7 %");
    expect_fact(&learned, "requests at a time", "ads", "at most 2"); /* one load tells no limit */
    assert_null(fact(&learned, "requests at a time", "web"));
    assert_null(fact(&learned, "sampling", "traces"));
    end(&made, &learned);
}

/* Of visits of which few are kept, at two loads: three at a time for most of the time, and as many as come. */
static void limits_are_seen_at_instants(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    options.kept = KEPT;
    begin(&made);
    for (int i = 0; i < 12 * KEPT; i++) {
        if (i == 6 * KEPT)
            made.now += 10000 * 1000 * MS; /* another recording */
        if (i >= 6 * KEPT)
            made.now += 1000 * MS;
        add(&made, -1, "web", "GET /", LC_EDGE_ROOT, 0, 990);
        for (int k = 0; k < 3; k++)
            add(&made, 0, "pool", "work", LC_EDGE_CONCURRENT, 10 * k, 600 - 10 * k);
        for (int k = 0; k < 5; k++) {
            const double start = 900 * lci_random_uniform(&made.random);
            add(&made, 0, "free", "work", LC_EDGE_CONCURRENT, start, start + fmin(80, exponential(&made, 40)));
        }
        for (int k = 0; k < 2; k++) {
            struct lc_tree_node *call = add(&made, 0, "db", "select", LC_EDGE_CONCURRENT, 100, 500);
            call->external = true;
        }
        flush(&made);
    }
    finish(&made, &learned);
    expect_fact(&learned, "requests at a time", "pool", "3, which looks like a limit");
    expect_fact(&learned, "connections", "web>db", "2, which looks like a limit");
    assert_non_null(strstr(fact(&learned, "requests at a time", "pool")->evidence, " instants, one in "));
    const struct lc_fact *unlimited = fact(&learned, "requests at a time", "free");
    assert_memory_equal(unlimited->value, "at most ", 8);
    assert_null(fact(&learned, "requests at a time", "web"));
    options.kept = 0;
    end(&made, &learned);
}

/* 100 requests a second apart, an hour later 200 four times as often, and a stray one between: two rates, none over the
 * pause. All of them have a place in a pool of two for most of their time, which looks like a limit at two loads, and
 * at one does not. */
static void recordings_are_told_apart(void **state)
{
    (void)state;
    for (int recordings = 1; recordings <= 2; recordings++) {
        struct made made;
        struct lc_learned learned;
        begin(&made);
        for (int i = 0; i < (recordings == 1 ? 100 : 301); i++) {
            if (i == 100 || i == 101)
                made.now += 1800 * 1000 * MS;
            add(&made, -1, "web", "GET /", LC_EDGE_ROOT, 0, 240);
            add(&made, 0, "pool", "work", LC_EDGE_CONCURRENT, 10, 230);
            add(&made, 0, "pool", "work", LC_EDGE_CONCURRENT, 20, 220);
            flush(&made);
            if (i > 100)
                made.now -= 750 * MS;
        }
        finish(&made, &learned);
        expect_fact(&learned, "arrivals", "web/GET /", recordings == 1 ? "1/s" : "1/s, 4/s");
        expect_fact(&learned, "requests at a time", "pool",
                    recordings == 1 ? "at most 2" : "2, which looks like a limit");
        end(&made, &learned);
    }
}

/* The same loads, without a pause between them. */
static void rates_are_told_apart(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    for (int i = 0; i < 300; i++) {
        add(&made, -1, "web", "GET /", LC_EDGE_ROOT, 0, 240);
        flush(&made);
        if (i >= 100)
            made.now -= 750 * MS;
    }
    finish(&made, &learned);
    expect_fact(&learned, "arrivals", "web/GET /", "1/s, 4/s");
    end(&made, &learned);
}

/* A request a second, of which the i-th is served by the instance that is told. */
static void instances(const size_t *numbers, size_t count, const char *value, uint32_t replicas)
{
    struct made made;
    struct lc_learned learned;
    begin(&made);
    for (size_t i = 0; i < count; i++) {
        char name[20];
        snprintf(name, sizeof name, "pod-%zu", numbers[i]);
        add(&made, -1, "web", "GET /", LC_EDGE_ROOT, 0, 50)->instance = symbol(&made, name);
        flush(&made);
    }
    finish(&made, &learned);
    expect_fact(&learned, "instances", "web", value);
    const int task = lc_find_task(learned.model, "web");
    assert_int_equal(learned.model->tasks[task].replicas, replicas);
    assert_int_equal(learned.model->processors[learned.model->tasks[task].processor].replicas, replicas);
    end(&made, &learned);
}

static void instances_at_a_time_are_replicas(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    size_t numbers[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        numbers[i] = i % 3;
    instances(numbers, COUNT, "3 at a time", 3);
    for (size_t i = 0; i < COUNT; i++) /* five new ones instead of two, half of the time */
        numbers[i] = i < COUNT / 2 ? i % 2 : 2 + i % 5;
    instances(numbers, COUNT, "2 to 5 at a time", 5);
    for (size_t i = 0; i < COUNT; i++) /* new ones instead of old ones, and all four for a moment */
        numbers[i] = (i < COUNT / 2 ? 0 : 2) + i % 2;
    numbers[COUNT / 2 + 10] = 0;
    numbers[COUNT / 2 + 11] = 1;
    instances(numbers, COUNT, "2 at a time", 2);
}

/* Three parts arrive at a service, and whichever is the last stores the whole. With `by_chance` each part decides
 * alone. */
static void gather_parts(struct made *made, bool by_chance)
{
    static const char *const parts[] = {"put text", "put user", "put photo"};
    for (int i = 0; i < 300; i++) {
        double arrived[3], last = 0;
        for (int k = 0; k < 3; k++) {
            arrived[k] = 1 + exponential(made, 20);
            last = fmax(last, arrived[k] + 2);
        }
        bool calls[3];
        for (int k = 0; k < 3; k++)
            calls[k] = by_chance ? lci_random_uniform(&made->random) < 1.0 / 3 : arrived[k] + 2 == last;
        add(made, -1, "web", "POST /", LC_EDGE_ROOT, 0, last + 20);
        for (int k = 0; k < 3; k++)
            add(made, 0, "gather", parts[k], LC_EDGE_CONCURRENT, arrived[k], arrived[k] + (calls[k] ? 12 : 2));
        for (int k = 0; k < 3; k++)
            if (calls[k])
                add(made, k + 1, "store", "save", LC_EDGE_SYNC, arrived[k] + 3, arrived[k] + 11);
        flush(made);
    }
}

static void calls_of_the_last_part_are_told(void **state)
{
    (void)state;
    for (int by_chance = 0; by_chance < 2; by_chance++) {
        struct made made;
        struct lc_learned learned;
        begin(&made);
        gather_parts(&made, by_chance);
        finish(&made, &learned);
        const char *subject = "gather/put photo, gather/put text, gather/put user → store/save";
        const struct lc_task *gather = &learned.model->tasks[lc_find_task(learned.model, "gather")];
        size_t last = 0;
        for (size_t a = 0; a < gather->activity_count; a++) {
            last += gather->activities[a].last_of == 3;
            if (gather->activities[a].last_of == 3) /* from when the part is there, which takes 2 ms, to the call */
                assert_true(fabs(lc_dist_mean(&gather->activities[a].demand) - 0.001) < 1e-6);
        }
        assert_int_equal(last, by_chance ? 0 : 3);
        for (size_t i = 0; i < learned.assumption_count; i++)
            assert_null(strstr(learned.assumptions[i].what, "calls store/save by chance"));
        if (by_chance) {
            assert_null(fact(&learned, "joins", subject));
        } else {
            expect_fact(&learned, "joins", subject, "one of 3 requests makes the call, when the others have ended");
            assert_string_equal(fact(&learned, "joins", subject)->evidence,
                                "in 300 of 300 traces the last one did, and no other");
        }
        end(&made, &learned);
    }
}

/* Numbers of calls from 1 on: geometric ones are known as such, evenly distributed ones are not. */
static void geometric_numbers_are_known(void **state)
{
    (void)state;
    for (int geometric = 0; geometric < 2; geometric++) {
        struct made made;
        struct lc_learned learned;
        begin(&made);
        for (int i = 0; i < 600; i++) {
            int calls = 1;
            while (geometric && calls < 30 && lci_random_uniform(&made.random) < 0.5)
                calls++;
            calls = geometric ? calls : 1 + i % 4;
            add(&made, -1, "web", "GET /", LC_EDGE_ROOT, 0, 2 * calls + 1);
            for (int k = 0; k < calls; k++)
                add(&made, 0, "db", "select", LC_EDGE_SYNC, 2 * k + 1, 2 * k + 2);
            flush(&made);
        }
        finish(&made, &learned);
        const struct lc_fact *found = fact(&learned, "repeated calls", "web/GET / → db/select");
        assert_non_null(found);
        assert_int_equal(strstr(found->value, "geometrically distributed from 1") != NULL, geometric);
        end(&made, &learned);
    }
}

/* One trace in four was kept by chance, as its root says: the system saw four times as many requests. */
static void sampling_is_undone(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    const char **keep = lc_learn_keep(NULL, 0);
    options = (struct lc_learn_options){.keep = keep};
    begin(&made);
    for (int i = 0; i < 100; i++) {
        struct lc_attribute attributes[2] = {{.key = LC_ATTR_OTHER, .value = symbol(&made, "probabilistic")},
                                             {.key = LC_ATTR_OTHER + 1, .value = symbol(&made, "0.25")}};
        add(&made, -1, "web", "GET /", LC_EDGE_ROOT, 0, 50);
        made.spans[0].first_attribute = 0;
        made.spans[0].attribute_count = 2;
        const struct lc_trace trace = {.low = ++made.trace,
                                       .spans = made.spans,
                                       .span_count = made.count,
                                       .attributes = attributes,
                                       .attribute_count = 2};
        const struct lc_tree tree = {.trace = &trace, .nodes = made.nodes, .node_count = made.count};
        assert_int_equal(lc_learner_add(made.learner, &tree), 0);
        made.count = 0;
        made.now += 1000 * MS;
    }
    finish(&made, &learned);
    expect_fact(&learned, "sampling", "traces", "25 %");
    expect_fact(&learned, "arrivals", "web/GET /", "4/s");
    end(&made, &learned);
    free(keep);
    options = (struct lc_learn_options){0};
}

/* A request at that time, ns since 1970. */
static void request_at(struct made *made, int64_t time, size_t id)
{
    made->now = time;
    made->trace = id;
    add(made, -1, "web", "GET /", LC_EDGE_ROOT, 0, 20);
    flush(made);
}

/* Starts of requests, in s. */
enum generator { POISSON, JITTER, FIXED_THINKING, THINKING, BUCKET, GENERATORS };
static double next_start(struct made *made, enum generator generator, int i, double *state)
{
    switch (generator) {
    case POISSON: return state[0] += exponential(made, 0.1);
    case JITTER: return 0.1 * i + 0.02 * lci_random_uniform(&made->random);
    case FIXED_THINKING: /* ten users, one after the other */
        return state[i % 10] += 0.98 + 0.04 * lci_random_uniform(&made->random);
    case THINKING: { /* ten users, whoever is next */
        int next = 0;
        for (int u = 1; u < 10; u++)
            next = state[u] < state[next] ? u : next;
        const double start = state[next];
        state[next] += 0.02 + exponential(made, 1);
        return start;
    }
    default: /* of 30/s those for which a bucket of 10 tokens, refilled at 10/s, has one */
        for (;;) {
            const double gap = exponential(made, 1.0 / 30);
            state[0] += gap;
            state[1] = fmin(10, state[1] + 10 * gap);
            if (state[1] < 1)
                continue;
            state[1]--;
            return state[0];
        }
    }
}

static void constant_rates_are_told_as_what_they_may_be(void **state)
{
    (void)state;
    static const bool constant[GENERATORS] = {[JITTER] = true, [FIXED_THINKING] = true, [BUCKET] = true};
    for (enum generator g = 0; g < GENERATORS; g++) {
        struct made made;
        struct lc_learned learned;
        double at[10] = {0};
        begin(&made);
        for (int i = 0; i < 1200; i++)
            request_at(&made, DAY + llround(1e9 * next_start(&made, g, i, at)), (size_t)i);
        finish(&made, &learned);
        const struct lc_fact *found = fact(&learned, "constant rate", "web");
        if ((found != NULL) != constant[g])
            fail_msg("generator %d: %s", g, found != NULL ? found->evidence : "not constant");
        bool assumed = false;
        for (size_t i = 0; i < learned.assumption_count; i++)
            assumed |= strstr(learned.assumptions[i].evidence, "a sampler that lets so many through") != NULL;
        assert_int_equal(assumed, constant[g]);
        end(&made, &learned);
    }
}

#define HOUR (3600 * 1000 * MS)

static double rate_of(int hour)
{
    return 0.01 * (3 + 2 * sin(hour * 2 * 3.14159265358979 / LC_HOURS));
}

/* Poisson arrivals of so many hours from one of a day on, of which one part in `parts` is made. */
static void hours_of_arrivals(struct made *made, int from, int hours, size_t part, size_t parts)
{
    size_t id = 0;
    lc_random_init(&made->random, 11, 0, "hours", "test");
    const int64_t midnight = DAY - DAY % (24 * HOUR);
    for (int h = from; h < from + hours; h++) {
        double at = 0;
        while ((at += exponential(made, 1 / rate_of(h % LC_HOURS))) < 3600)
            if (id++ % parts == part)
                request_at(made, midnight + h * HOUR + llround(1e9 * at), id);
    }
}

static const struct lc_arrivals *only_arrivals(const struct lc_learned *learned)
{
    assert_int_equal(learned->arrival_count, 1);
    return &learned->arrivals[0];
}

/* Two days: the rate of each hour comes from two hours, and lies within 4.5 standard errors. */
static void the_time_of_day_is_told(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    hours_of_arrivals(&made, 0, 48, 0, 1);
    finish(&made, &learned);
    const struct lc_arrivals *arrivals = only_arrivals(&learned);
    assert_string_equal(arrivals->operation, "web/GET /");
    assert_true(arrivals->p < 1e-9);
    for (int h = 0; h < LC_HOURS; h++) {
        assert_true(fabs(arrivals->seconds[h] - 7200) < 300); /* the first and the last hour are cut */
        assert_true(fabs(arrivals->rates[h] - rate_of(h)) < 4.5 * sqrt(rate_of(h) / 7200));
    }
    assert_memory_equal(arrivals->pattern, "{diurnal: [0.0", 14);
    end(&made, &learned);
}

static void parts_of_a_day_are_steps(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    begin(&made);
    hours_of_arrivals(&made, 22, 4, 0, 1); /* over midnight */
    finish(&made, &learned);
    assert_memory_equal(only_arrivals(&learned)->pattern, "{steps: [[0 h, 0.0", 18);
    assert_non_null(strstr(only_arrivals(&learned)->pattern, "[3 h, 0.0"));
    assert_null(strstr(only_arrivals(&learned)->pattern, "[4 h"));
    assert_true(isnan(only_arrivals(&learned)->rates[12]));
    end(&made, &learned);

    begin(&made);
    hours_of_arrivals(&made, 8, 2, 0, 1);
    hours_of_arrivals(&made, 12, 2, 0, 1);
    finish(&made, &learned);
    assert_null(only_arrivals(&learned)->pattern);
    end(&made, &learned);

    begin(&made);
    hours_of_arrivals(&made, 8, 2, 0, 1);
    finish(&made, &learned);
    assert_int_equal(learned.arrival_count, 0);
    end(&made, &learned);
}

/* The same of the whole and of three parts, bit for bit: every count and rate, and all facts. */
static void parts_make_the_whole_day(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned whole, merged;
    struct lc_diag diag = {0};
    char name[3][40];
    begin(&made);
    hours_of_arrivals(&made, 5, 24, 0, 1);
    finish(&made, &whole);
    lc_learner_free(made.learner);
    lci_symbols_free(made.symbols);
    for (size_t part = 0; part < 3; part++) {
        strcpy(name[part], "/tmp/loadcast-day-XXXXXX");
        close(mkstemp(name[part]));
        begin(&made);
        hours_of_arrivals(&made, 5, 24, part, 3);
        assert_int_equal(lc_learner_write(made.learner, name[part], &diag), 0);
        lc_learner_free(made.learner);
        lci_symbols_free(made.symbols);
    }
    begin(&made);
    for (size_t part = 3; part-- > 0;) {
        assert_int_equal(lc_learner_read(made.learner, made.symbols, name[part], &diag), 0);
        unlink(name[part]);
    }
    finish(&made, &merged);
    const struct lc_arrivals *a = only_arrivals(&whole), *b = only_arrivals(&merged);
    assert_memory_equal(a->requests, b->requests, sizeof a->requests);
    assert_memory_equal(a->seconds, b->seconds, sizeof a->seconds);
    assert_memory_equal(a->rates, b->rates, sizeof a->rates);
    assert_string_equal(a->pattern, b->pattern);
    assert_int_equal(whole.fact_count, merged.fact_count);
    for (size_t i = 0; i < whole.fact_count; i++)
        assert_string_equal(whole.facts[i].evidence, merged.facts[i].evidence);
    lc_learned_free(&whole);
    end(&made, &merged);
    lc_diag_free(&diag);
}

static void nothing_to_learn_is_an_error(void **state)
{
    (void)state;
    struct made made;
    struct lc_learned learned;
    struct lc_diag diag = {0};
    begin(&made);
    assert_int_equal(lc_learner_finish(made.learner, &learned, &diag), -1);
    assert_int_equal(lc_diag_status(&diag), LC_INPUT);
    end(&made, &learned);
    const struct lc_request_class classes[] = {{.name = "nobody", .task = "nowhere"}};
    options = (struct lc_learn_options){.classes = classes, .class_count = 1};
    begin(&made);
    add(&made, -1, "web", "GET /", LC_EDGE_ROOT, 0, 5);
    flush(&made);
    assert_int_equal(lc_learner_finish(made.learner, &learned, &diag), -1);
    end(&made, &learned);
    lc_diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leaf_is_a_phase_with_the_samples_mean),
        cmocka_unit_test(incomplete_trees_only_arrive),
        cmocka_unit_test(calls_become_a_graph),
        cmocka_unit_test(patterns_become_branches_and_keep_the_mean),
        cmocka_unit_test(coarse_clocks_make_nothing_concurrent),
        cmocka_unit_test(starts_below_the_unit_are_late_all_the_same),
        cmocka_unit_test(times_below_the_unit_vary_no_more_than_their_readings),
        cmocka_unit_test(wires_and_second_phases_keep_the_response_time),
        cmocka_unit_test(rare_patterns_are_merged),
        cmocka_unit_test(varying_numbers_of_calls_become_runs),
        cmocka_unit_test(equal_calls_of_a_visit_are_one_repeated_call),
        cmocka_unit_test(classes_split_what_differs_and_share_the_rest),
        cmocka_unit_test(activities_are_classes),
        cmocka_unit_test(recursion_is_unrolled),
        cmocka_unit_test(deep_recursion_is_refused),
        cmocka_unit_test(calls_within_a_service_have_tasks_of_their_own),
        cmocka_unit_test(waiting_for_threads_is_taken_out),
        cmocka_unit_test(draws_are_as_wide_as_the_errors),
        cmocka_unit_test(draws_of_the_same_traces_move_together),
        cmocka_unit_test(a_sample_stands_for_many_visits),
        cmocka_unit_test(parts_make_the_whole),
        cmocka_unit_test(damaged_parts_are_errors),
        cmocka_unit_test(one_trace_tells_no_spread),
        cmocka_unit_test(facts_are_told),
        cmocka_unit_test(limits_are_seen_at_instants),
        cmocka_unit_test(recordings_are_told_apart),
        cmocka_unit_test(rates_are_told_apart),
        cmocka_unit_test(instances_at_a_time_are_replicas),
        cmocka_unit_test(calls_of_the_last_part_are_told),
        cmocka_unit_test(geometric_numbers_are_known),
        cmocka_unit_test(sampling_is_undone),
        cmocka_unit_test(constant_rates_are_told_as_what_they_may_be),
        cmocka_unit_test(the_time_of_day_is_told),
        cmocka_unit_test(parts_of_a_day_are_steps),
        cmocka_unit_test(parts_make_the_whole_day),
        cmocka_unit_test(nothing_to_learn_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
