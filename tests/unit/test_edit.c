/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Edits by path: what each changes, and what is said of those that cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/edit.h"
#include "loadcast/elastic.h"
#include "loadcast/format.h"
#include "model/edit/edit_paths.h"

static const char shop[] = "loadcast: model/1\n"
                           "processors:\n"
                           "  client: {scheduling: inf, multiplicity: infinite}\n"
                           "  cpu: {scheduling: ps, multiplicity: 2}\n"
                           "  disk: {}\n"
                           "  odd.name: {scheduling: inf}\n"
                           "tasks:\n"
                           "  users: {processor: client, scheduling: ref, multiplicity: 20, think_time: 5, entries:\n"
                           "    {browse: {calls: [{to: web/GET /a.html, mean: 2}, {to: db}]}}}\n"
                           "  web: {processor: cpu, multiplicity: 8, entries: {web/GET /a.html: {demand: 0.01, calls: "
                           "[{to: read, mean: 3}, {to: write}], phase2: {demand: 0.002}}, page: {start: first}},\n"
                           "    activities: {first: {demand: 0.1}, second.part: {demand: 0.3, calls: [{to: read}], "
                           "replies: [page]}},\n"
                           "    flow: ['first -> second.part']}\n"
                           "  db: {processor: disk, entries: {read: {demand: {gamma: {shape: 2, scale: 0.01}}}, write: "
                           "{demand: 0.03}, db: {demand: 0.5}}}\n"
                           "  source: {processor: client, scheduling: open, arrivals: 0.5, entries: {arrive: {calls: "
                           "[{to: page}]}}}\n";

static struct lc_model *make(void)
{
    struct lc_diag diag = {0};
    struct lc_model *model = lc_model_parse(shop, strlen(shop), "shop.yaml", &diag);
    assert_non_null(model);
    assert_int_equal(diag.errors, 0);
    lc_diag_free(&diag);
    return model;
}

static double get(struct lc_model *model, const char *path)
{
    struct lc_diag diag = {0};
    double value = NAN;
    if (lc_edit_get(model, path, &value, &diag, NULL) != 0)
        print_message("%s\n", diag.messages[0].text);
    assert_int_equal(diag.errors, 0);
    return value;
}

static void numbers_change(void **state)
{
    (void)state;
    static const struct {
        const char *path, *value;
        double expected;
    } cases[] = {
        {"web.concurrency", "4", 4},
        {"web.concurrency", "x 2", 16},
        {"web.multiplicity", "infinite", INFINITY},
        {"web.concurrency", "+ 1", 9},
        {"web.concurrency", "- 50 %", 4},
        {"web.concurrency", "* 0.3", 2},
        {"web.concurrency", "x 0.001", 1},
        {"web.cores", "8", 8},
        {"web.speed", "1.5", 1.5},
        {"web.replicas", "3", 3},
        {"cpu.cores", "+ 2", 4},
        {"disk.quantum", "20 ms", 0.02},
        {"web.queue_length", "100", 100},
        {"web.priority", "-3", -3},
        {"users.users", "x 1.5", 30},
        {"users.think_time", "500 ms", 0.5},
        {"source.rate", "x 3", 6},
        {"source.rate", "12/s", 12},
        {"read.demand", "10 ms", 0.01},
        {"read.demand", "x 2", 0.04},
        {"web/GET /a.html.demand", "20 ms", 0.02},
        {"web/GET /a.html.phase2.demand", "3 ms", 0.003},
        {"web/GET /a.html.phase3.demand", "3 ms", 0.003},
        {"web/GET /a.html.calls.read", "x 2", 6},
        {"browse.calls.web/GET /a.html", "1", 1},
        {"web/GET /a.html.open_rate", "3 /min", 0.05},
        {"write.cv2", "4", 4},
        {"web.first.demand", "1 s", 1},
        {"web.second.part.demand", "x 2", 0.6},
        {"web.second.part.calls.read", "5", 5},
        {"page.demand", "800 ms", 0.8},
        {"page.calls.read", "2", 2},
        {"odd.name.speed", "2", 2},
        {"read.demand", "{deterministic: 7 ms}", 0.007},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lc_model *model = make();
        struct lc_diag diag = {0};
        if (lc_edit(model, cases[i].path, cases[i].value, &diag, NULL) != 0)
            print_message("%s\n", diag.messages[0].text);
        assert_int_equal(diag.errors, 0);
        const double value = get(model, cases[i].path);
        if (!(value == cases[i].expected || fabs(value - cases[i].expected) <= 1e-12 * fabs(value)))
            fail_msg("%s := %s gives %g, not %g", cases[i].path, cases[i].value, value, cases[i].expected);
        lc_model_free(model);
    }
}

/* Many at once are what they are one by one, whatever names hold; what is no number stays. */
static void many_numbers_are_scaled(void **state)
{
    (void)state;
    static const char *const paths[] = {"web.concurrency",
                                        "web/GET /a.html.demand",
                                        "web.second.part.demand",
                                        "web/GET /a.html.calls.read",
                                        "db.demand",
                                        "task:db.replicas",
                                        "odd.name.speed",
                                        "entry:db.demand",
                                        "nobody.demand",
                                        "cpu.scheduling",
                                        "read.demand",
                                        "web/GET /a.html.phase2.demand"};
    static const double factors[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
    enum { COUNT = sizeof paths / sizeof *paths };
    struct lc_model *all = make(), *single = make();
    lci_edit_scale(all, paths, factors, COUNT);
    for (int i = 0; i < COUNT; i++) {
        double value;
        if (lc_edit_get(single, paths[i], &value, NULL, NULL) == 0)
            assert_int_equal(lci_edit_number(single, paths[i], value * factors[i], NULL, NULL), 0);
    }
    int numbers = 0;
    for (int i = 0; i < COUNT; i++) {
        double value, expected;
        const int status = lc_edit_get(single, paths[i], &expected, NULL, NULL);
        assert_int_equal(lc_edit_get(all, paths[i], &value, NULL, NULL), status);
        assert_true(status != 0 || value == expected);
        numbers += status == 0;
    }
    assert_true(numbers >= 9);
    assert_float_equal(get(all, "web/GET /a.html.demand"), 0.03, 1e-15);
    assert_float_equal(get(all, "web.second.part.demand"), 1.5, 1e-15);
    assert_float_equal(get(all, "odd.name.speed"), 17, 0);
    lc_model_free(all);
    lc_model_free(single);
}

static void shapes_stay(void **state)
{
    (void)state;
    struct lc_model *model = make();
    assert_int_equal(lc_edit(model, "db.demand", "x 3", NULL, NULL), 0);
    const struct lc_dist *read = &model->entries[lc_find_entry(model, "read")].phases[0].demand;
    assert_string_equal(read->family->name, "gamma");
    assert_true(fabs(lc_dist_mean(read) - 0.06) < 1e-12);
    assert_true(fabs(get(model, "write.demand") - 0.09) < 1e-12);
    /* the task comes first where it has the entry's name; its own entry changes too */
    assert_true(fabs(model->entries[lc_find_entry(model, "db")].phases[0].demand.parameters[0] - 1.5) < 1e-12);
    assert_int_equal(lci_edit_number(model, "db.demand", 0.2, NULL, NULL), 0);
    assert_true(fabs(get(model, "read.demand") - 0.2) < 1e-12);
    assert_true(fabs(get(model, "write.demand") - 0.2) < 1e-12);
    lc_model_free(model);
}

static void words_change(void **state)
{
    (void)state;
    struct lc_model *model = make();
    assert_int_equal(lc_edit(model, "web.scheduling", "hol", NULL, NULL), 0);
    assert_int_equal(model->processors[1].scheduling, LC_HOL);
    assert_int_equal(lc_edit(model, "web.task_scheduling", "rand", NULL, NULL), 0);
    assert_int_equal(model->tasks[1].scheduling, LC_RAND);
    assert_int_equal(lc_edit(model, "web.balance", "least", NULL, NULL), 0);
    assert_int_equal(model->tasks[1].balance, LC_BALANCE_LEAST);
    assert_int_equal(lc_edit(model, "web.overflow", "block", NULL, NULL), 0);
    assert_int_equal(model->tasks[1].overflow, LC_OVERFLOW_BLOCK);
    assert_int_equal(lc_edit(model, "db.kind", "delay", NULL, NULL), 0);
    assert_int_equal(model->tasks[2].scheduling, LC_INF);
    assert_true(model->tasks[2].multiplicity == LC_INFINITE && model->processors[2].multiplicity == LC_INFINITE);
    assert_int_equal(lc_model_check(model, NULL), 0);
    /* a limit ends the delay: of threads and of cores alike */
    assert_int_equal(lc_edit(model, "db.cores", "4", NULL, NULL), 0);
    assert_int_equal(lc_edit(model, "db.concurrency", "6", NULL, NULL), 0);
    assert_int_equal(model->processors[2].scheduling, LC_PS);
    assert_int_equal(model->tasks[2].scheduling, LC_FCFS);
    lc_model_free(model);
}

static void replicas_take_their_processor_along(void **state)
{
    (void)state;
    struct lc_model *model = make();
    assert_int_equal(lc_edit(model, "web.replicas", "3", NULL, NULL), 0);
    assert_int_equal(model->processors[1].replicas, 3);
    /* two tasks on one processor: it stays as it is */
    assert_int_equal(lc_edit(model, "source.replicas", "2", NULL, NULL), 0);
    assert_int_equal(model->processors[0].replicas, 1);
    assert_int_equal(lc_model_check(model, NULL), 0);
    lc_model_free(model);
}

static void connections_are_a_task_between(void **state)
{
    (void)state;
    struct lc_model *model = make();
    struct lc_diag diag = {0};
    assert_int_equal(lc_edit(model, "web.connections.db", "4", &diag, NULL), 0);
    const int pool = lc_find_task(model, "web>db"), read = lc_find_entry(model, "web>read");
    assert_true(pool >= 0 && read >= 0 && lc_find_entry(model, "web>write") >= 0);
    assert_int_equal(lc_find_entry(model, "web>db"), LC_NONE); /* web does not call it */
    const struct lc_task *t = &model->tasks[pool];
    assert_int_equal(t->multiplicity, 4);
    assert_int_equal(t->entry_count, 2);
    assert_true(t->service && t->scheduling == LC_FCFS && t->balance == LC_BALANCE_FAN);
    assert_int_equal(model->processors[t->processor].scheduling, LC_INF);
    const struct lc_activity *phase = &model->entries[read].phases[0];
    assert_true(phase->present && phase->deterministic && phase->demand.family == NULL && phase->call_count == 1);
    assert_int_equal(phase->calls[0].entry, lc_find_entry(model, "read"));
    assert_int_equal(model->entries[lc_find_entry(model, "web/GET /a.html")].phases[0].calls[0].entry, read);
    assert_int_equal(model->tasks[1].activities[1].calls[0].entry, read);
    /* calls of others go on directly */
    assert_int_equal(model->entries[lc_find_entry(model, "browse")].phases[0].calls[1].entry,
                     lc_find_entry(model, "db"));
    assert_int_equal(lc_edit(model, "web.connections.db", "x 2", &diag, NULL), 0);
    assert_int_equal(model->tasks[pool].multiplicity, 8);
    assert_int_equal(lc_edit(model, "web.replicas", "2", &diag, NULL), 0);
    assert_int_equal(model->tasks[pool].replicas, 2);
    assert_int_equal(lc_model_check(model, &diag), 0);
    assert_true(get(model, "web.connections.db") == 8);
    assert_int_equal(diag.errors, 0);
    lc_diag_free(&diag);
    lc_model_free(model);
}

static void assert_near(double value, double expected)
{
    assert_true(fabs(value - expected) < 1e-12);
}

/* A lock is a task of one thread, which takes its part of the own time in mean and variance. */
static void locks_are_a_task_behind(void **state)
{
    (void)state;
    struct lc_model *model = make();
    struct lc_diag diag = {0};
    const int page = lc_find_entry(model, "page");
    assert_int_equal(lc_edit(model, "page.lock.hold", "200 ms", &diag, NULL), 0); /* of the 300 ms of second.part */
    const int lock = lc_find_task(model, "lock of web"), web = lc_find_task(model, "web");
    assert_true(lock != LC_NONE && model->tasks[lock].multiplicity == 1 && model->tasks[lock].replicas == 1);
    assert_int_equal(model->tasks[lock].processor, model->tasks[web].processor);
    const struct lc_activity *second = &model->tasks[web].activities[1];
    assert_int_equal(second->call_count, 2);
    const struct lc_activity *held = &model->entries[second->calls[1].entry].phases[0];
    assert_near(lc_dist_mean(&held->demand), 0.2);
    assert_near(lc_dist_mean(&second->demand), 0.1);
    assert_near(get(model, "page.demand"), 0.2); /* first and what is left of second.part */
    /* two slices of 300 ms, exponential, were 0.09 / 2; three of what is left, and the lock, vary as much */
    assert_near(lc_dist_variance(&second->demand) / 3 + lc_dist_variance(&held->demand), 0.09 / 2);
    assert_int_equal(lc_edit(model, "page.lock.hold", "x 0.5", &diag, NULL), 0);
    assert_near(get(model, "page.lock.hold"), 0.1);
    assert_near(lc_dist_mean(&second->demand), 0.1);
    assert_int_equal(lc_edit(model, "web.replicas", "3", &diag, NULL), 0);
    assert_int_equal(model->tasks[lock].replicas, 3);
    /* another lock, of a given distribution, under a name of its own; shares of every entry that works */
    assert_int_equal(lc_edit(model, "db.locks.table.hold", "50 %", &diag, NULL), 0);
    assert_int_equal(lc_edit(model, "web.entries.GET /a.html.lock.hold", "{deterministic: {value: 4 ms}}", &diag, NULL),
                     0);
    const int table = lc_find_task(model, "lock table of db"), read = lc_find_entry(model, "read");
    assert_int_equal(model->tasks[table].entry_count, 3);
    assert_near(lc_dist_mean(&model->entries[read].phases[0].demand), 0.01);
    assert_int_equal(model->tasks[lock].entry_count, 2);
    assert_true(lc_dist_variance(&model->entries[model->tasks[lock].entries[1]].phases[0].demand) == 0);
    assert_int_equal(page, lc_find_entry(model, "page"));
    assert_int_equal(diag.errors, 0);
    assert_int_equal(lc_model_check(model, &diag), 0);
    lc_diag_free(&diag);
    lc_model_free(model);
}

/* Time on the way is per call; a step that calls others too gives them their part, which stays. */
static void network_is_the_delay_of_the_calls(void **state)
{
    (void)state;
    struct lc_model *model = make();
    struct lc_diag diag = {0};
    const int page = lc_find_entry(model, "web/GET /a.html"), browse = lc_find_entry(model, "browse");
    struct lc_activity *phase = &model->entries[page].phases[0], *second = &model->tasks[1].activities[1];
    assert_true(get(model, "web.network.db") == 0);
    assert_int_equal(lc_edit(model, "web.network.db", "2 ms", &diag, NULL), 0); /* 4 calls here, 1 there */
    assert_float_equal(lc_dist_mean(&phase->think), 0.008, 1e-15);
    assert_float_equal(lc_dist_mean(&second->think), 0.002, 1e-15);
    assert_float_equal(get(model, "web.network.db"), 0.002, 1e-15);
    lc_dist_free(&second->think);
    second->think = lc_dist_deterministic(0.012); /* (8 + 12) / 5 = 4 ms per call */
    assert_float_equal(get(model, "web.network.db"), 0.004, 1e-15);
    assert_int_equal(lc_edit(model, "web.network.db", "+ 1 ms", &diag, NULL), 0);
    assert_float_equal(lc_dist_mean(&phase->think), 0.010, 1e-15);
    assert_float_equal(lc_dist_mean(&second->think), 0.015, 1e-15);
    assert_true(lc_dist_cv2(&second->think) == 0);
    assert_int_equal(lc_edit(model, "web.connections.db", "4", &diag, NULL), 0); /* through the pool as well */
    assert_int_equal(lc_edit(model, "web.network.db", "x 2", &diag, NULL), 0);
    second = &model->tasks[1].activities[1];
    assert_float_equal(lc_dist_mean(&second->think), 0.030, 1e-15);
    /* browse calls web twice and db once: a third of its 3 s is on the way to db */
    model->entries[browse].phases[0].think = lc_dist_deterministic(3);
    assert_float_equal(get(model, "users.network.db"), 1, 1e-12);
    assert_int_equal(lc_edit(model, "users.network.db", "4 s", &diag, NULL), 0);
    assert_float_equal(lc_dist_mean(&model->entries[browse].phases[0].think), 6, 1e-12);
    assert_int_equal(diag.errors, 0);
    assert_int_equal(lc_model_check(model, &diag), 0);
    lc_diag_free(&diag);
    lc_model_free(model);
}

/* Every error names what would be right, and leaves the model as it was. */
static void errors_leave_the_model_alone(void **state)
{
    (void)state;
    static const struct {
        const char *path, *value, *said;
    } cases[] = {
        {"wbe.concurrency", "4", "did you mean 'web'?"},
        {"nothing.of.this", "4", "its services are 'users', 'web', 'db', 'source'"},
        {"web.concurency", "4", "did you mean 'concurrency'?"},
        {"web.xyzzy", "4", "expected one of concurrency"},
        {"web.concurrency", "0", "expected a whole number from 1"},
        {"write.lock.hold", "40 ms", "'write' takes 30 ms itself; expected a time up to that"},
        {"write.lock.hold", "140 %", "expected a share above 0, up to 100 %"},
        {"write.lock.hold", "x 2", "no lock that 'x 2' could change"},
        {"web.entries.nothing.lock.hold", "40 ms", "'web' has no such entry"},
        {"web.concurrency", "2.5", "expected a whole number from 1"},
        {"web.concurrency", "many", "expected a number"},
        {"web.speed", "0", "expected a number above 0"},
        {"read.demand", "5", "expected a time with its unit"},
        {"read.demand", "50 %", "expected a value, or in a what-if 'x 0.5' for '50 %' of what it is"},
        {"read.demand", "- 50 ms", "expected a time of 0 or more"},
        {"read.demand", "{gama: {shape: 2, scale: 1}}", "did you mean 'gamma'?"},
        {"read.demand", "{gamma: {shape: 2}}", "lacks its parameter 'scale'"},
        {"page.demand", "{gamma: {shape: 2, scale: 1}}", "covers several times"},
        {"web.balance", "fair", "expected one of fan, random"},
        {"web.scheduling", "fast", "expected one of fcfs"},
        {"web.kind", "server", "expected delay"},
        {"web.users", "3", "no ref task"},
        {"web.rate", "3/s", "no open task"},
        {"web/GET /a.html.calls.rad", "3", "expected one of 'read', 'write'"},
        {"web.connections.disk", "3", "it calls 'db'"},
        {"web.connections.users", "3", "makes no synchronous calls to 'users'"},
        {"web.connections.db", "0", "expected a whole number from 1"},
        {"web.network.users", "3 ms", "'web' waits for no calls to 'users'; it calls 'db'"},
        {"db.network.web", "3 ms", "it calls nobody"},
        {"web.network.db", "- 3 ms", "expected a time of 0 or more"},
        {"web.network.db", "{exponential: {mean: 3 ms}}", "covers several times"},
    };
    struct lc_model *model = make();
    struct lc_model *before = lc_model_copy(model);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lc_diag diag = {0};
        assert_int_equal(lc_edit(model, cases[i].path, cases[i].value, &diag, &(struct lc_place){"s.yaml", 3, 9, -1}),
                         -1);
        assert_true(diag.errors >= 1);
        assert_int_equal(lc_diag_status(&diag), LC_INPUT);
        bool said = false;
        for (size_t j = 0; j < diag.count; j++)
            said = said || strstr(diag.messages[j].text, cases[i].said) != NULL;
        if (!said)
            fail_msg("%s := %s says: %s", cases[i].path, cases[i].value, diag.messages[0].text);
        lc_diag_free(&diag);
        char *difference = NULL;
        if (!lc_model_equal(model, before, &difference))
            fail_msg("%s", difference);
    }
    lc_model_free(model);
    lc_model_free(before);
}

/* What was waited for no longer is, in phases and in activities; calls of the new kind that are there take it in. */
static void calls_change_their_kind(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_model *model = make();
    const struct lc_activity *phase = &model->entries[lc_find_entry(model, "web/GET /a.html")].phases[0];
    assert_int_equal(lc_edit(model, "web/GET /a.html.call_kind.read", "async", &diag, NULL), 0);
    assert_int_equal(phase->calls[0].kind, LC_CALL_ASYNC);
    assert_true(phase->calls[0].mean == 3);
    assert_int_equal(phase->calls[1].kind, LC_CALL_SYNC);
    assert_int_equal(lc_edit(model, "entry:page.call_kind.read", "async", &diag, NULL), 0);
    const struct lc_task *web = &model->tasks[lc_find_task(model, "web")];
    assert_int_equal(web->activities[lc_find_activity(web, "second.part")].calls[0].kind, LC_CALL_ASYNC);
    lc_add_call(&model->entries[lc_find_entry(model, "web/GET /a.html")].phases[0], LC_CALL_SYNC,
                lc_find_entry(model, "read"), 0.5);
    assert_int_equal(lc_edit(model, "web/GET /a.html.call_kind.read", "sync", &diag, NULL), 0);
    assert_int_equal(phase->call_count, 2);
    assert_true(phase->calls[0].mean == 3.5);
    assert_int_equal(lc_edit(model, "page.call_kind.read", "never", &diag, NULL), -1);
    assert_non_null(strstr(diag.messages[0].text, "expected sync or async"));
    assert_int_equal(lc_edit(model, "page.call_kind.write", "async", &diag, NULL), -1);
    assert_non_null(strstr(diag.messages[1].text, "there is no call to 'write'; expected one of 'read'"));
    lc_diag_free(&diag);
    lc_model_free(model);
}

/* One probability of three is changed: the other two share the rest as they did. */
static void branches_share_the_rest(void **state)
{
    (void)state;
    static const char forked[] =
        "loadcast: model/1\nprocessors: {p: {}}\ntasks:\n  s: {processor: p, scheduling: ref, entries: {r: {calls: "
        "[e]}}}\n  t: {processor: p, entries: {e: {start: a}},\n"
        "    activities: {a: {demand: 1}, b: {}, c: {}, d: {}, z: {replies: [e]}},\n"
        "    flow: ['a -> (0.3) b + (0.5) c + (0.2) d', 'b + c + d -> z']}\n";
    struct lc_diag diag = {0};
    struct lc_model *before = lc_model_parse(forked, strlen(forked), "m.yaml", &diag);
    assert_non_null(before);
    struct lc_model *model = lc_model_copy(before);
    lci_edit_share_branches(model, before);
    assert_true(get(model, "t.b.probability") == 0.3);
    assert_int_equal(lc_edit(model, "t.b.probability", "65 %", &diag, NULL), 0);
    lci_edit_share_branches(model, before);
    assert_float_equal(get(model, "t.c.probability"), 0.25, 1e-12);
    assert_float_equal(get(model, "t.d.probability"), 0.1, 1e-12);
    lc_model_free(model);
    model = lc_model_copy(before);
    assert_int_equal(lc_edit(model, "t.b.probability", "0.1", &diag, NULL), 0);
    assert_int_equal(lc_edit(model, "t.c.probability", "0.2", &diag, NULL), 0);
    lci_edit_share_branches(model, before);
    assert_float_equal(get(model, "t.d.probability"), 0.7, 1e-12);
    assert_int_equal(diag.errors, 0);
    lc_diag_free(&diag);
    lc_model_free(model);
    lc_model_free(before);
}

/* A plain time to keep alive is constant, one to start up the mean of an exponential one; in files, too. */
static void plain_times(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_model *model = make();
    const struct lc_elastic *db = &model->tasks[lc_find_task(model, "db")].elastic;
    assert_int_equal(lc_edit(model, "db.scaling.keep_alive", "5 min", &diag, NULL), 0);
    assert_int_equal(lc_edit(model, "db.scaling.start_up", "2 s", &diag, NULL), 0);
    assert_int_equal(lc_edit(model, "db.scaling.max", "4", &diag, NULL), 0);
    assert_true(lc_dist_mean(&db->keep_alive) == 300 && lc_dist_cv2(&db->keep_alive) == 0);
    assert_true(lc_dist_cv2(&db->start_up) == 1);
    for (int round = 0; round < 2; round++) {
        char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);
        assert_int_equal(lc_format_find("yaml")->write(model, NULL, out, &diag), 0);
        fclose(out);
        struct lc_model *again = lc_model_parse(text, length, "again.yaml", &diag);
        char *difference = NULL;
        assert_non_null(again);
        if (!lc_model_equal(model, again, &difference))
            fail_msg("%s", difference);
        free(text);
        lc_model_free(again);
        assert_int_equal(lc_edit(model, "db.scaling.keep_alive", "{erlang: {shape: 2, mean: 60 s}}", &diag, NULL), 0);
        assert_int_equal(lc_edit(model, "db.scaling.keep_alive", "x 2", &diag, NULL), 0);
        assert_float_equal(lc_dist_mean(&db->keep_alive), 120, 1e-9);
    }
    assert_int_equal(diag.errors, 0);
    lc_diag_free(&diag);
    lc_model_free(model);
}

/* The element that a path begins with is the one with the longest name; its kind may stand in front. */
static void paths_begin_with_an_element(void **state)
{
    static const struct {
        const char *path, *name;
    } cases[] = {{"web.concurrency", "web"},
                 {"entry:db.demand", "db"},
                 {"page.demand", "page"},
                 {"nowhere.demand", ""},
                 {"web", ""},
                 {"webs.demand", ""},
                 {"entry:web.demand", ""}};
    (void)state;
    struct lc_model *model = make();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *name;
        const size_t length = lci_path_element(model, cases[i].path, &name);
        assert_int_equal(length, strlen(cases[i].name));
        assert_memory_equal(name, cases[i].name, length);
    }
    lc_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_change),
        cmocka_unit_test(many_numbers_are_scaled),
        cmocka_unit_test(shapes_stay),
        cmocka_unit_test(words_change),
        cmocka_unit_test(replicas_take_their_processor_along),
        cmocka_unit_test(connections_are_a_task_between),
        cmocka_unit_test(locks_are_a_task_behind),
        cmocka_unit_test(network_is_the_delay_of_the_calls),
        cmocka_unit_test(calls_change_their_kind),
        cmocka_unit_test(branches_share_the_rest),
        cmocka_unit_test(plain_times),
        cmocka_unit_test(errors_leave_the_model_alone),
        cmocka_unit_test(paths_begin_with_an_element),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
