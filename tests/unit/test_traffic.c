/* SPDX-License-Identifier: GPL-3.0-or-later
 * The traffic equations of small models, against calculations by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/traffic.h"
#include "model/lqn.h"

#include "support/random_model.h"

static void near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-12 * fmax(1, fabs(expected))))
        fail_msg("%.17g instead of %.17g", value, expected);
}

/* ---- building ---------------------------------------------------------------------------------------------------- */

static int processor(struct lc_model *m, const char *name, uint32_t cores)
{
    const int p = lc_add_processor(m, name);
    m->processors[p].multiplicity = cores;
    m->processors[p].scheduling = cores == LC_INFINITE ? LC_INF : LC_PS;
    return p;
}

static int task(struct lc_model *m, const char *name, uint32_t threads)
{
    char *own = lc_format("%s-cpu", name);
    const int t = lc_add_task(m, name, processor(m, own, LC_INFINITE));
    free(own);
    m->tasks[t].multiplicity = threads;
    return t;
}

static int entry(struct lc_model *m, const char *name, int of, double demand)
{
    const int e = lc_add_entry(m, name, of);
    struct lc_activity *phase = &m->entries[e].phases[0];
    phase->present = true;
    lc_dist_free(&phase->demand);
    phase->demand = lc_dist_exponential(demand);
    return e;
}

static void call(struct lc_model *m, int from, int phase, enum lc_call_kind kind, int to, double mean)
{
    m->entries[from].phases[phase].present = true;
    lc_add_call(&m->entries[from].phases[phase], kind, to, mean);
}

/* An open source that calls `to` once for each arrival. */
static int source(struct lc_model *m, const char *name, int to, double rate)
{
    const int t = task(m, name, 1);
    m->tasks[t].scheduling = LC_OPEN;
    m->tasks[t].arrivals = lc_dist_exponential(1 / rate);
    char *own = lc_format("%s-request", name);
    const int e = lc_add_entry(m, own, t);
    free(own);
    call(m, e, 0, LC_CALL_SYNC, to, 1);
    return t;
}

static int customers(struct lc_model *m, const char *name, int to, uint32_t users, double think)
{
    const int t = source(m, name, to, 1);
    m->tasks[t].scheduling = LC_REF;
    m->tasks[t].multiplicity = users;
    lc_dist_free(&m->tasks[t].arrivals);
    m->tasks[t].think_time = lc_dist_exponential(think);
    return t;
}

static int activity(struct lc_model *m, int of, const char *name, double demand)
{
    const int a = lc_add_activity(m, of, name);
    lc_dist_free(&m->tasks[of].activities[a].demand);
    m->tasks[of].activities[a].demand = lc_dist_deterministic(demand);
    return a;
}

static void edge(struct lc_model *m, int of, int from, int to)
{
    lc_add_precedence(&m->tasks[of], LC_JOIN_NONE, &from, 1, LC_FORK_NONE, &to, NULL, 1, LC_NONE);
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static void a_chain_of_calls(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("chain");
    const int web_cpu = processor(m, "web-host", 1), db = task(m, "db", 1);
    const int web = lc_add_task(m, "web", web_cpu);
    m->processors[web_cpu].speed = 2;
    m->tasks[web].multiplicity = 1;
    const int read = entry(m, "read", db, 0.005), page = entry(m, "page", web, 0.020);
    call(m, page, 0, LC_CALL_SYNC, read, 2);
    source(m, "users", page, 10);
    struct lc_traffic traffic;
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    near(traffic.entry_rate[page], 10);
    near(traffic.entry_rate[read], 20);
    near(traffic.entry_phase1[page], 0.010 + 2 * 0.005);
    near(traffic.processor_utilization[web_cpu], 0.1);
    near(traffic.task_utilization[web], 0.2);
    near(traffic.task_load[db], 0.1);
    assert_int_equal(traffic.task, web);
    assert_int_equal(traffic.processor, LC_NONE);
    near(traffic.load, 0.2);
    near(traffic.limit_factor, 5);
    assert_int_equal(traffic.bound_count, 0);
    lc_traffic_free(&traffic);
    lc_model_free(m);
}

static void phases_asynchronous_calls_and_forwarding(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("kinds");
    const int front = task(m, "front", 4), middle = task(m, "middle", 3), back = task(m, "back", 5);
    const int log = task(m, "log", 2);
    const int ask = entry(m, "ask", front, 0.1), pass = entry(m, "pass", middle, 0.2);
    const int answer = entry(m, "answer", back, 0.4), write = entry(m, "write", log, 0.3);
    call(m, ask, 0, LC_CALL_SYNC, pass, 1);
    call(m, ask, 1, LC_CALL_ASYNC, write, 2); /* the second phase: nobody waits for it */
    m->entries[ask].phases[1].demand = lc_dist_exponential(0.05);
    lc_add_forward(&m->entries[pass], answer, 0.5);
    source(m, "users", ask, 2);
    struct lc_traffic traffic;
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    near(traffic.entry_phase1[pass], 0.2 + 0.5 * 0.4); /* what the caller waits for */
    near(traffic.entry_total[pass], 0.2);              /* what the thread does */
    near(traffic.entry_phase1[ask], 0.1 + 0.4);
    near(traffic.entry_total[ask], 0.1 + 0.4 + 0.05);
    near(traffic.entry_rate[answer], 1);
    near(traffic.entry_rate[write], 4);
    near(traffic.task_load[front], 2 * 0.55 / 4);
    near(traffic.task_load[middle], 2 * 0.2 / 3);
    near(traffic.task_load[back], 1 * 0.4 / 5);
    near(traffic.task_load[log], 4 * 0.3 / 2);
    assert_int_equal(traffic.task, log);
    near(traffic.load, 0.6);
    lc_traffic_free(&traffic);
    lc_model_free(m);
}

/* start → (0.3) rare → end, (0.7) often → end; end: loop 2.5 × body, then last; the reply is given by `end`. */
static void branches_and_loops(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("branches");
    const int web = task(m, "web", 1), db = task(m, "db", 1);
    const int read = entry(m, "read", db, 0.01), page = lc_add_entry(m, "page", web);
    const int start = activity(m, web, "start", 0.001), rare = activity(m, web, "rare", 0.1);
    const int often = activity(m, web, "often", 0.01), end = activity(m, web, "end", 0.002);
    const int body = activity(m, web, "body", 0.02), last = activity(m, web, "last", 0.003);
    m->entries[page].start = start;
    lc_add_call(&m->tasks[web].activities[rare], LC_CALL_SYNC, read, 3);
    lc_add_call(&m->tasks[web].activities[body], LC_CALL_SYNC, read, 1);
    lc_add_reply(&m->tasks[web].activities[end], page);
    const double parts[] = {0.3, 0.7}, count[] = {2.5};
    lc_add_precedence(&m->tasks[web], LC_JOIN_NONE, &start, 1, LC_FORK_OR, (int[]){rare, often}, parts, 2, LC_NONE);
    lc_add_precedence(&m->tasks[web], LC_JOIN_OR, (int[]){rare, often}, 2, LC_FORK_NONE, &end, NULL, 1, LC_NONE);
    lc_add_precedence(&m->tasks[web], LC_JOIN_NONE, &end, 1, LC_FORK_LOOP, &body, count, 1, last);
    source(m, "users", page, 4);
    struct lc_traffic traffic;
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    const double reply = 0.001 + 0.3 * (0.1 + 3 * 0.01) + 0.7 * 0.01 + 0.002;
    near(traffic.entry_phase1[page], reply);
    near(traffic.entry_total[page], reply + 2.5 * (0.02 + 0.01) + 0.003);
    near(traffic.entry_rate[read], 4 * (0.3 * 3 + 2.5));
    near(traffic.processor_utilization[m->tasks[web].processor], 4 * (0.001 + 0.03 + 0.007 + 0.002 + 0.05 + 0.003));
    lc_traffic_free(&traffic);
    lc_model_free(m);
}

static void parallel_branches(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("parallel");
    const int web = task(m, "web", 1);
    const int page = lc_add_entry(m, "page", web);
    const int start = activity(m, web, "start", 0.1), a = activity(m, web, "a", 0.2), b = activity(m, web, "b", 0.5);
    const int after_b = activity(m, web, "after b", 0.3), c = activity(m, web, "c", 0.4);
    const int end = activity(m, web, "end", 0.05);
    m->entries[page].start = start;
    lc_add_reply(&m->tasks[web].activities[end], page);
    lc_add_precedence(&m->tasks[web], LC_JOIN_NONE, &start, 1, LC_FORK_AND, (int[]){a, b, c}, NULL, 3, LC_NONE);
    edge(m, web, b, after_b);
    struct lc_precedence *join =
        lc_add_precedence(&m->tasks[web], LC_JOIN_AND, (int[]){a, after_b, c}, 3, LC_FORK_NONE, &end, NULL, 1, LC_NONE);
    source(m, "users", page, 1);
    struct lc_traffic traffic;
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    near(traffic.entry_phase1[page], 0.1 + (0.5 + 0.3) + 0.05);
    near(traffic.entry_total[page], 0.95);
    /* All branches use the processor, whichever is waited for. */
    near(traffic.processor_utilization[m->tasks[web].processor], 0.1 + 0.2 + 0.5 + 0.3 + 0.4 + 0.05);
    lc_traffic_free(&traffic);

    /* The first two branches are enough: nothing is certain but start and end; the thread stays for the stragglers. */
    join->quorum = 2;
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    near(traffic.entry_phase1[page], 0.1 + 0.05);
    near(traffic.entry_total[page], 0.1 + 0.8);
    near(traffic.processor_utilization[m->tasks[web].processor], 0.1 + 0.2 + 0.5 + 0.3 + 0.4 + 0.05);
    lc_traffic_free(&traffic);
    lc_model_free(m);
}

/* Two entries that wait for each other: what follows the join is run once for both. */
static void a_join_of_two_entries(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("rendezvous");
    const int meeting = task(m, "meeting", 1), db = task(m, "db", 1);
    const int read = entry(m, "read", db, 0.01);
    const int left = lc_add_entry(m, "left", meeting), right = lc_add_entry(m, "right", meeting);
    const int l = activity(m, meeting, "l", 0.1), r = activity(m, meeting, "r", 0.2);
    const int both = activity(m, meeting, "both", 0);
    m->entries[left].start = l;
    m->entries[right].start = r;
    lc_add_call(&m->tasks[meeting].activities[both], LC_CALL_SYNC, read, 1);
    lc_add_reply(&m->tasks[meeting].activities[both], left);
    lc_add_reply(&m->tasks[meeting].activities[both], right);
    lc_add_precedence(&m->tasks[meeting], LC_JOIN_AND, (int[]){l, r}, 2, LC_FORK_NONE, &both, NULL, 1, LC_NONE);
    source(m, "one", left, 2);
    source(m, "other", right, 2);
    struct lc_traffic traffic;
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    near(traffic.entry_rate[read], 2);
    near(traffic.entry_phase1[right], 0.21);
    lc_traffic_free(&traffic);
    lc_model_free(m);
}

/* Threads above a full pool are held by waiting for it: the pool is named, not they; a processor before its tasks. */
static void of_equal_loads_the_deepest_limits(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("deep");
    const int gateway = task(m, "gateway", 2), search = task(m, "search", 2), photo = task(m, "photo", 2);
    const int get = entry(m, "get", gateway, 0), find = entry(m, "find", search, 0);
    const int photos = entry(m, "photos", photo, 0.08);
    call(m, get, 0, LC_CALL_SYNC, find, 1);
    call(m, find, 0, LC_CALL_SYNC, photos, 1);
    source(m, "users", get, 30);
    struct lc_traffic traffic;
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    near(traffic.task_load[gateway], traffic.task_load[photo]);
    assert_int_equal(traffic.task, photo);
    near(traffic.load, 1.2);
    near(traffic.limit_factor, 1 / 1.2);
    lc_traffic_free(&traffic);

    const int host = m->tasks[photo].processor;
    m->processors[host].scheduling = LC_PS;
    m->processors[host].multiplicity = 2;
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    assert_int_equal(traffic.task, LC_NONE);
    assert_int_equal(traffic.processor, host);
    near(traffic.load, 1.2);
    lc_traffic_free(&traffic);
    lc_model_free(m);
}

static void sources_with_several_entries(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("mix");
    const int web = task(m, "web", 1);
    const int a = entry(m, "a", web, 0.01), b = entry(m, "b", web, 0.02);
    const int users = source(m, "users", a, 8);
    const int second = lc_add_entry(m, "second", users);
    call(m, second, 0, LC_CALL_SYNC, b, 1);
    struct lc_traffic traffic;
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    near(traffic.entry_rate[b], 4); /* no probabilities: each as often */
    lc_traffic_free(&traffic);
    m->entries[second].probability = 3;
    m->entries[m->tasks[users].entries[0]].probability = 1;
    m->entries[b].open_rate = 5;
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    near(traffic.entry_rate[a], 2);
    near(traffic.entry_rate[b], 6 + 5);
    lc_traffic_free(&traffic);
    lc_model_free(m);
}

static void full_queues_drop(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("drop");
    const int worker = task(m, "worker", 1), db = task(m, "db", 1);
    const int job = entry(m, "job", worker, 0.1), write = entry(m, "write", db, 0.05);
    call(m, job, 0, LC_CALL_SYNC, write, 1);
    m->entries[job].open_rate = 20; /* three times what one thread can do */
    struct lc_traffic traffic;
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    near(traffic.load, 3);
    assert_int_equal(traffic.task, worker);
    lc_traffic_free(&traffic);
    m->tasks[worker].queue_length = 10;
    m->tasks[worker].overflow = LC_OVERFLOW_DROP;
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    near(traffic.entry_rate[job], 1 / 0.15);
    near(traffic.task_load[worker], 1);
    near(traffic.task_load[db], 0.05 / 0.15);
    assert_true(traffic.load < 1);
    lc_traffic_free(&traffic);
    lc_model_free(m);
}

static void bounds_of_closed_sources(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("closed");
    const int web = task(m, "web", LC_INFINITE);
    m->processors[m->tasks[web].processor].scheduling = LC_PS;
    m->processors[m->tasks[web].processor].multiplicity = 1;
    const int page = entry(m, "page", web, 0.1);
    const int users = customers(m, "users", page, 5, 1);
    struct lc_traffic traffic;
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    assert_int_equal(traffic.bound_count, 1);
    assert_int_equal(traffic.bounds[0].source, users);
    near(traffic.bounds[0].cycle, 1.1);
    near(traffic.bounds[0].throughput, 5 / 1.1);
    assert_int_equal(traffic.bounds[0].processor, LC_NONE);
    near(traffic.load, 0); /* closed sources adapt: there is no limit to exceed */
    assert_true(isinf(traffic.limit_factor));
    lc_traffic_free(&traffic);

    m->tasks[users].multiplicity = 50;
    source(m, "others", page, 4);
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    near(traffic.bounds[0].throughput, (1 - 0.4) / 0.1);
    assert_int_equal(traffic.bounds[0].processor, m->tasks[web].processor);
    lc_traffic_free(&traffic);
    lc_model_free(m);
}

static void circles_are_errors(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("circle");
    const int a = task(m, "a", 1), b = task(m, "b", 1);
    const int one = entry(m, "one", a, 0.1), two = entry(m, "two", b, 0.1);
    call(m, one, 0, LC_CALL_SYNC, two, 1);
    call(m, two, 0, LC_CALL_SYNC, one, 0.5);
    struct lc_diag diag = {0};
    struct lc_traffic traffic;
    assert_int_equal(lc_traffic_solve(m, &traffic, &diag), -1);
    assert_int_equal(diag.errors, 1);
    assert_non_null(strstr(diag.messages[0].text, "one → two → one"));
    lc_diag_free(&diag);
    lc_model_free(m);

    m = lc_model_new("circle of activities");
    const int web = task(m, "web", 1);
    const int page = lc_add_entry(m, "page", web);
    const int x = activity(m, web, "x", 1), y = activity(m, web, "y", 1);
    m->entries[page].start = x;
    edge(m, web, x, y);
    edge(m, web, y, x);
    assert_int_equal(lc_traffic_solve(m, &traffic, &diag), -1);
    assert_int_equal(diag.errors, 1);
    lc_diag_free(&diag);
    lc_model_free(m);
}

/* Depth must not be recursion: a chain of 200 000 activities and one of 100 000 entries. */
static void long_chains(void **state)
{
    (void)state;
    enum { ACTIVITIES = 200000, ENTRIES = 100000 };
    struct lc_model *m = lc_model_new("long");
    const int web = task(m, "web", 1);
    const int page = lc_add_entry(m, "page", web);
    int before = activity(m, web, "a", 1e-6);
    m->entries[page].start = before;
    for (int i = 1; i < ACTIVITIES; i++) {
        const int a = activity(m, web, "a", 1e-6);
        edge(m, web, before, a);
        before = a;
    }
    int above = page;
    for (int i = 0; i < ENTRIES; i++) {
        const int e = entry(m, "e", web, 1e-6);
        if (i == 0)
            lc_add_call(&m->tasks[web].activities[before], LC_CALL_SYNC, e, 1);
        else
            call(m, above, 0, LC_CALL_SYNC, e, 1);
        above = e;
    }
    struct lc_traffic traffic;
    assert_int_equal(lc_traffic_solve(m, &traffic, NULL), 0);
    assert_true(fabs(traffic.entry_phase1[page] - 0.3) < 1e-9);
    lc_traffic_free(&traffic);
    lc_model_free(m);
}

/* ---- phases instead of graphs ------------------------------------------------------------------------------------ */

static void same(const double *a, const double *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a[i] != b[i] && !(fabs(a[i] - b[i]) <= 1e-9 * fmax(fabs(a[i]), fabs(b[i]))))
            fail_msg("%.17g instead of %.17g", b[i], a[i]);
}

/* Whatever graphs become phases: means flow as before. */
static void phases_keep_the_traffic(void **state)
{
    (void)state;
    size_t made = 0;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct lc_model *model = random_model(seed, 0);
        struct lc_diag diag = {0};
        struct lc_traffic before = {0}, after = {0};
        if (lc_model_check(model, NULL) == 0 && lc_traffic_solve(model, &before, NULL) == 0) {
            made += lci_graphs_to_phases(model, &diag);
            assert_int_equal(diag.errors, 0);
            if (lc_model_check(model, &diag) != 0)
                fail_msg("seed %d: %s", (int)seed, diag.messages[diag.count - 1].text);
            assert_int_equal(lc_traffic_solve(model, &after, &diag), 0);
            same(before.entry_rate, after.entry_rate, model->entry_count);
            same(before.entry_phase1, after.entry_phase1, model->entry_count);
            same(before.entry_total, after.entry_total, model->entry_count);
            same(before.processor_utilization, after.processor_utilization, model->processor_count);
            same(before.task_utilization, after.task_utilization, model->task_count);
            for (size_t i = 0; i < before.bound_count; i++)
                same(&before.bounds[i].throughput, &after.bounds[i].throughput, 1);
        }
        lc_traffic_free(&before);
        lc_traffic_free(&after);
        lc_diag_free(&diag);
        lc_model_free(model);
    }
    assert_true(made > 50);
}

/* a (1 s) → with 1/4 b (1 s, replies), else c (3 s, 2 calls, replies) → d (2 s): a demand of 2 or 4 s before the reply
 * has mean 3.5 and variance 0.75, cv² 0.75 / 12.25; 1.5 calls make slices of cv² c with (c + 1.5) / 2.5: too many for
 * any c, which then is 0. Behind the reply nothing is averaged. */
static void phases_have_the_moments_of_the_branches(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("branches");
    const int web = task(m, "web", 1), db = task(m, "db", 1), page = lc_add_entry(m, "page", web);
    const int list = lc_add_entry(m, "list", web), read = entry(m, "read", db, 1);
    static const double demands[] = {1, 1, 3, 2, 1, 2};
    static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
    int at[6];
    for (int i = 0; i < 6; i++) {
        at[i] = lc_add_activity(m, web, names[i]);
        m->tasks[web].activities[at[i]].demand = lc_dist_deterministic(demands[i]);
    }
    struct lc_task *t = &m->tasks[web];
    lc_add_precedence(t, LC_JOIN_NONE, &at[0], 1, LC_FORK_OR, &at[1], (double[]){0.25, 0.75}, 2, LC_NONE);
    lc_add_precedence(t, LC_JOIN_OR, &at[1], 2, LC_FORK_NONE, &at[3], NULL, 1, LC_NONE);
    lc_add_call(&t->activities[at[2]], LC_CALL_SYNC, read, 2);
    lc_add_reply(&t->activities[at[1]], page);
    lc_add_reply(&t->activities[at[2]], page);
    m->entries[page].start = at[0];
    lc_add_precedence(t, LC_JOIN_NONE, &at[4], 1, LC_FORK_OR, &at[5], (double[]){1}, 1, LC_NONE);
    m->entries[list].start = at[4];
    struct lc_diag diag = {0};
    assert_int_equal(lci_graphs_to_phases(m, &diag), 2);
    assert_int_equal(diag.count, 2);
    assert_non_null(strstr(diag.messages[0].text, "demands vary more"));
    assert_int_equal(m->tasks[web].activity_count, 0);
    const struct lc_activity *first = &m->entries[page].phases[0], *second = &m->entries[page].phases[1];
    near(lc_dist_mean(&first->demand), 3.5);
    near(lc_dist_cv2(&first->demand), 0);
    assert_int_equal(first->call_count, 1);
    near(first->calls[0].mean, 1.5);
    near(lc_dist_mean(&second->demand), 2);
    assert_true(second->call_count == 0 && m->entries[page].phases[2].present == false);
    near(lc_dist_mean(&m->entries[list].phases[0].demand), 3);
    lc_diag_free(&diag);
    lc_model_free(m);
}

/* The same without calls: the variance is that of the branches. */
static void phases_have_the_variance_of_the_branches(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("branches");
    const int web = task(m, "web", 1), page = lc_add_entry(m, "page", web);
    int at[3];
    for (int i = 0; i < 3; i++) {
        at[i] = lc_add_activity(m, web, (const char *[]){"a", "b", "c"}[i]);
        m->tasks[web].activities[at[i]].demand =
            i == 0 ? lc_dist_exponential(2) : lc_dist_deterministic(i == 1 ? 1 : 3);
    }
    lc_add_precedence(&m->tasks[web], LC_JOIN_NONE, &at[0], 1, LC_FORK_OR, &at[1], (double[]){0.25, 0.75}, 2, LC_NONE);
    m->entries[page].start = at[0];
    m->tasks[web].activities[at[0]].demand.size_correlation = m->tasks[web].activities[at[2]].demand.size_correlation =
        0.5;
    struct lc_diag diag = {0};
    assert_int_equal(lci_graphs_to_phases(m, &diag), 1);
    assert_non_null(strstr(diag.messages[1].text, "2 times that are long or short together become independent"));
    lc_diag_free(&diag);
    const struct lc_dist *demand = &m->entries[page].phases[0].demand;
    near(lc_dist_mean(demand), 4.5);
    assert_true(fabs(lc_dist_variance(demand) - 4.75) < 1e-6); /* 2² and 0.25 · 0.75 · (3 − 1)² */
    lc_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_of_calls),
        cmocka_unit_test(phases_asynchronous_calls_and_forwarding),
        cmocka_unit_test(branches_and_loops),
        cmocka_unit_test(parallel_branches),
        cmocka_unit_test(a_join_of_two_entries),
        cmocka_unit_test(of_equal_loads_the_deepest_limits),
        cmocka_unit_test(sources_with_several_entries),
        cmocka_unit_test(full_queues_drop),
        cmocka_unit_test(bounds_of_closed_sources),
        cmocka_unit_test(circles_are_errors),
        cmocka_unit_test(long_chains),
        cmocka_unit_test(phases_keep_the_traffic),
        cmocka_unit_test(phases_have_the_moments_of_the_branches),
        cmocka_unit_test(phases_have_the_variance_of_the_branches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
