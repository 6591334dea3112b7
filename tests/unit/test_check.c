/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every condition of a check, by a small change of a model that is right, and chains that are very long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/format.h"

/* Sections that a case may replace: the rest of the model is right without them. */
struct sections {
    const char *cpu, *users, *web, *db, *more;
};
static const struct sections right = {
    .cpu = "{}",
    .users = "{processor: client, scheduling: ref, entries: {user: {calls: [page, graph]}}}",
    .web = "{processor: cpu, multiplicity: 4, entries: {page: {demand: 1, calls: [read]}, graph: {start: a}},"
           " activities: {a: {demand: 1}, b: {demand: 1}, c: {demand: 1}, d: {demand: 1, replies: [graph]}},"
           " flow: [a -> b & c, b & c -> d]}",
    .db = "{processor: disk, entries: {read: {demand: 1}}}",
    .more = "",
};

static struct lc_model *make(const struct sections *s, struct lc_diag *diag)
{
    char *text = lc_format("loadcast: model/1\nprocessors:\n  client: {scheduling: inf}\n  cpu: %s\n  disk: {}\n"
                           "tasks:\n  users: %s\n  web: %s\n  db: %s\n%s\n",
                           s->cpu, s->users, s->web, s->db, s->more);
    struct lc_model *model = lc_format_find("yaml")->parse(text, strlen(text), "m.yaml", diag);
    if (model == NULL)
        fail_msg("%s\n%s", diag->messages[0].text, text);
    free(text);
    return model;
}

static const struct {
    struct sections change; /* NULL: as in `right` */
    enum lc_severity severity;
    const char *said;
} cases[] = {
    /* processors and groups */
    {{.cpu = "{scheduling: ref}"}, LC_ERROR, "has the scheduling 'ref' of tasks"},
    {{.cpu = "{speed: 0}"}, LC_ERROR, "a speed of 0"},
    {{.cpu = "{scheduling: ps, quantum: -1}"}, LC_ERROR, "a quantum of -1"},
    {{.cpu = "{scheduling: cfs}"}, LC_ERROR, "without a quantum"},
    {{.cpu = "{scheduling: cfs, quantum: 1}"}, LC_ERROR, "task 'web' is in no group"},
    {{.cpu = "{quantum: 1}"}, LC_WARNING, "the quantum is ignored"},
    {{.cpu = "{scheduling: inf, multiplicity: 3}"}, LC_WARNING, "its multiplicity of 3 is ignored"},
    {{.cpu = "{multiplicity: infinite}"}, LC_WARNING, "taken for inf"},
    {{.more = "  x: {processor: disk, entries: {x: {demand: 1}}, group: g}\ngroups: {g: {processor: cpu, share: 0.5}}"},
     LC_ERROR,
     "of another processor"},
    {{.more = "groups: {g: {processor: cpu, share: 0.5}}"}, LC_WARNING, "group 'g' is ignored"},
    {{.more = "groups: {g: {processor: cpu, share: 1.5}}"}, LC_ERROR, "a share of 1.5"},
    {{.more = "groups: {g: {processor: cpu, share: 0.6}, h: {processor: cpu, share: 0.6}}"}, LC_ERROR, "shares of 1.2"},
    {{.db = "{processor: cpu, entries: {read: {demand: 1}}}"}, LC_WARNING, "processor 'disk' is not used"},
    /* tasks */
    {{.db = "{processor: disk, think_time: 3, entries: {read: {demand: 1}}}"}, LC_ERROR, "task 'db' thinks"},
    {{.db = "{processor: disk, arrivals: 3, entries: {read: {demand: 1}}}"}, LC_ERROR, "only open tasks do"},
    {{.more = "  x: {processor: disk}"}, LC_ERROR, "has no entries"},
    {{.users = "{processor: client, scheduling: ref, multiplicity: infinite, entries: {user: {calls: [page, graph]}}}"},
     LC_ERROR,
     "infinitely many customers"},
    {{.users = "{processor: client, scheduling: open, entries: {user: {calls: [page, graph]}}}"},
     LC_ERROR,
     "has no arrivals"},
    {{.db = "{processor: disk, scheduling: ps, entries: {read: {demand: 1}}}"}, LC_WARNING, "it is served as fcfs"},
    {{.db = "{processor: disk, initially: 1, entries: {read: {demand: 1}}}"}, LC_WARNING, "its tokens are ignored"},
    {{.db = "{processor: disk, priority: 3, entries: {read: {demand: 1}}}"}, LC_WARNING, "does not go by priorities"},
    {{.cpu = "{replicas: 2}"}, LC_ERROR, "expected a multiple of those"},
    {{.more = "  x: {processor: client, scheduling: ref, replicas: 3, fan_out: {y: 1}, entries: {x: {calls: [y]}}}\n"
              "  y: {processor: client, replicas: 2, entries: {y: {demand: 1}}}"},
     LC_ERROR,
     "do not fit: 3 × fan-out 1 is not 2 × any fan-in"},
    {{.more = "  x: {processor: client, scheduling: ref, replicas: 3, fan_out: {y: 1}, entries: {x: {calls: [y]}}}\n"
              "  y: {processor: client, replicas: 2, fan_in: {x: 2}, entries: {y: {demand: 1}}}"},
     LC_ERROR,
     "do not fit: 3 × fan-out 1 is not 2 × fan-in 2"},
    {{.db = "{processor: disk, fan_in: {web: 3}, entries: {read: {demand: 1}}}"}, LC_ERROR, "fan-in 3"},
    {{.users = "{processor: client, entries: {user: {calls: [page, graph]}}}"}, LC_WARNING, "nothing makes load"},
    /* entries */
    {{.db = "{processor: disk, entries: {read: {}}}"}, LC_WARNING, "neither demand nor calls"},
    {{.db = "{processor: disk, entries: {read: {demand: {gamma: {shape: -1, scale: 1}}}}}"},
     LC_ERROR,
     "entry 'read', phase 1: the demand cannot be"},
    {{.db = "{processor: disk, entries: {read: {demand: 1, max_service_time: -1}}}"}, LC_ERROR, "maximum service time"},
    {{.db = "{processor: disk, entries: {read: {demand: 1, histogram: {minimum: 2, maximum: 1, bins: 3}}}}"},
     LC_ERROR,
     "a histogram from 2 to 1"},
    {{.db = "{processor: disk, entries: {read: {demand: 1, open_rate: -1}}}"}, LC_ERROR, "a rate of -1"},
    {{.db = "{processor: disk, entries: {read: {demand: 1}, other: {demand: 1}}}"},
     LC_WARNING,
     "entry 'other' has no callers"},
    {{.users = "{processor: client, scheduling: ref, entries: {user: {open_rate: 1, calls: [page, graph]}}}"},
     LC_ERROR,
     "makes load itself"},
    {{.users = "{processor: client, scheduling: ref, entries: {user: {probability: 0.5, calls: [page, graph]}}}"},
     LC_ERROR,
     "probabilities of 0.5"},
    {{.web = "{processor: cpu, entries: {page: {demand: 1, calls: [read]}, graph: {start: a, demand: 1}},"
             " activities: {a: {demand: 1, replies: [graph]}}}"},
     LC_ERROR,
     "both phases and a start activity"},
    /* calls */
    {{.users = "{processor: client, scheduling: ref, entries: {user: {calls: [page, {to: graph, mean: -1}]}}}"},
     LC_ERROR,
     "-1 times"},
    {{.users = "{processor: client, scheduling: ref, entries: {user: {deterministic: true, calls: [graph, {to: page, "
               "mean: 1.5}]}}}"},
     LC_ERROR,
     "expected a whole number"},
    {{.db = "{processor: disk, entries: {read: {demand: 1, calls: [user]}}}"}, LC_ERROR, "makes load and receives"},
    {{.db = "{processor: disk, entries: {read: {demand: 1, calls: [more]}, more: {demand: 1}}}"},
     LC_ERROR,
     "of its own task 'db'"},
    {{.users = "{processor: client, scheduling: ref, entries: {user: {calls: [page, graph, {to: read, kind: "
               "async}]}}}"},
     LC_ERROR,
     "entry 'read' is reached both by calls that wait"},
    {{.db = "{processor: disk, entries: {read: {demand: 1, open_rate: 1}}}"}, LC_ERROR, "and by open arrivals"},
    {{.db = "{processor: disk, entries: {read: {demand: 1, forwards: [{to: log, probability: 1.5}]}}}",
      .more = "  log: {processor: disk, entries: {log: {demand: 1}}}"},
     LC_ERROR,
     "with probability 1.5"},
    {{.db = "{processor: disk, entries: {read: {demand: 1, forwards: [{to: l, probability: 0.7}, {to: m, probability: "
            "0.7}]}}}",
      .more = "  log: {processor: disk, entries: {l: {demand: 1}, m: {demand: 1}}}"},
     LC_ERROR,
     "probabilities of 1.4"},
    {{.users = "{processor: client, scheduling: ref, entries: {user: {calls: [page, graph], forwards: [read]}}}"},
     LC_ERROR,
     "nobody waits for its reply"},
    {{.db = "{processor: disk, entries: {read: {demand: 1, calls: [page]}}}"},
     LC_ERROR,
     "deadlock is possible: web → db → web"},
    {{.db = "{processor: disk, entries: {read: {demand: 1, calls: [log]}}}",
      .more = "  log: {processor: disk, entries: {log: {calls: [graph]}}}"},
     LC_ERROR,
     "deadlock is possible: web → db → log → web"},
    {{.db = "{processor: disk, entries: {read: {demand: 1, calls: [graph]}}}", .more = "pragmas: {cycles: allow}"},
     LC_WARNING,
     "deadlock is possible: web → db → web"},
    /* locks */
    {{.more = "  s: {processor: cpu, scheduling: semaphore, entries: {p: {demand: 1, role: signal}}}"},
     LC_ERROR,
     "has 1 entries; expected 2"},
    {{.more =
          "  s: {processor: cpu, scheduling: semaphore, entries: {p: {demand: 1, role: signal}, v: {demand: 1, role: "
          "signal}}}"},
     LC_ERROR,
     "entries of other roles"},
    {{.db = "{processor: disk, entries: {read: {demand: 1, role: wait}}}"}, LC_ERROR, "is no semaphore"},
    {{.db = "{processor: disk, entries: {read: {demand: 1, role: read_lock}}}"}, LC_ERROR, "is no rwlock"},
    {{.more =
          "  s: {processor: cpu, scheduling: rwlock, entries: {a: {role: read_lock}, b: {role: read_unlock}, c: {role: "
          "write_lock}}}"},
     LC_ERROR,
     "has 3 entries; expected 4"},
    {{.more = "  s: {processor: cpu, scheduling: semaphore, initially: 5, entries: {p: {demand: 1, role: signal}, v: "
              "{demand: 1, role: wait}}}"},
     LC_ERROR,
     "starts with 5 tokens"},
    {{.more =
          "  s: {processor: cpu, scheduling: semaphore, entries: {p: {demand: 1, role: signal}, v: {demand: 1, role: "
          "wait}}}\n  o: {processor: cpu, scheduling: ref, entries: {o: {calls: [{to: v, kind: async}, p]}}}"},
     LC_ERROR,
     "only synchronous calls can take it"},
};

/* Cases of activity graphs: activities and flow of `web`. */
static const struct {
    const char *activities, *flow, *said;
} graphs[] = {
    {"a: {}, b: {}, c: {replies: [graph]}", "a -> b, a -> c", "activity 'a' stands before two arrows"},
    {"a: {}, b: {}, c: {replies: [graph]}", "a -> b & c, b -> c", "activity 'c' stands behind two arrows"},
    {"a: {}, b: {replies: [graph]}", "b -> a", "which also follows other activities"},
    {"a: {replies: [graph]}, b: {}, c: {}", "b -> c, c -> b", "the activities go in a circle"},
    {"a: {replies: [graph]}, b: {}", "b", "activity 'b' is never reached"},
    {"a: {}, b: {replies: [graph]}, c: {replies: [graph]}", "a -> (0.3) b + (0.3) c", "probabilities of 0.6 in all"},
    {"a: {}, b: {replies: [graph]}, c: {replies: [graph]}", "a -> (1.5) b + (-0.5) c", "has probability 1.5"},
    {"a: {}, b: {}, c: {replies: [graph]}", "'a -> -1 * b, c'", "the loop runs 'b' -1 times"},
    {"a: {}, b: {}, c: {}, d: {replies: [graph]}", "a -> b & c, b & c (3) -> d", "a quorum of 3 for 2 branches"},
    {"a: {}, b: {}, c: {}, d: {replies: [graph]}", "a -> (0.5) b + (0.5) c, b & c -> d", "they are alternatives"},
    {"a: {}, b: {}, c: {}, d: {replies: [graph]}", "a -> b & c, b + c -> d", "they run at the same time"},
    {"a: {}, b: {}, c: {}, d: {}, e: {replies: [graph]}", "a -> (0.5) b + (0.5) c, 'b -> 3 * d', d + c -> e",
     "one of them is the body of a loop"},
    {"a: {}, b: {}, c: {}, d: {}, e: {}, f: {replies: [graph]}", "a -> b & c, b -> (0.5) d + (0.5) e, d & c -> f",
     "an alternative that may not be taken"},
    {"a: {}, b: {}", "a -> b", "is never replied to"},
    {"a: {replies: [graph]}, b: {replies: [graph]}", "a -> b", "replies to 'graph' a second time"},
    {"a: {}, b: {replies: [graph]}, c: {}", "a -> (0.3) b + (0.7) c", "replied to 0.3 times on average"},
    {"a: {}, b: {replies: [graph]}, c: {replies: [graph]}", "a -> b & c", "replied to 2 times on average"},
    {"a: {}, b: {replies: [graph]}, c: {}", "'a -> 1 * b, c'", "from within a loop"},
    {"a: {replies: [read]}", "", "replies to 'read' of another task"},
    {"a: {demand: -1, replies: [graph]}", "", "activity 'a': the demand cannot be"},
};

static bool is_said(const struct lc_diag *diag, enum lc_severity severity, const char *what)
{
    for (size_t i = 0; i < diag->count; i++)
        if (diag->messages[i].severity == severity && strstr(diag->messages[i].text, what) != NULL)
            return true;
    return false;
}

static void print_all(const struct lc_diag *diag)
{
    for (size_t i = 0; i < diag->count; i++)
        print_message("%s\n", diag->messages[i].text);
}

static void a_right_model_is_right(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_model *model = make(&right, &diag);
    const int status = lc_model_check(model, &diag);
    print_all(&diag);
    assert_int_equal(status, 0);
    assert_int_equal(diag.count, 0); /* not even a warning */
    lc_diag_free(&diag);
    lc_model_free(model);
}

static void every_condition_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sections s = right;
        struct lc_diag diag = {0};
        s.cpu = cases[i].change.cpu ? cases[i].change.cpu : s.cpu;
        s.users = cases[i].change.users ? cases[i].change.users : s.users;
        s.web = cases[i].change.web ? cases[i].change.web : s.web;
        s.db = cases[i].change.db ? cases[i].change.db : s.db;
        s.more = cases[i].change.more ? cases[i].change.more : s.more;
        struct lc_model *model = make(&s, &diag);
        const int status = lc_model_check(model, &diag);
        if (!is_said(&diag, cases[i].severity, cases[i].said)) {
            print_all(&diag);
            fail_msg("not said: %s", cases[i].said);
        }
        if ((status != 0) != (cases[i].severity == LC_ERROR)) {
            print_all(&diag);
            fail_msg("status %d for: %s", status, cases[i].said);
        }
        lc_diag_free(&diag);
        lc_model_free(model);
    }
}

static void graphs_are_followed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof graphs / sizeof *graphs; i++) {
        struct lc_diag diag = {0};
        char *web =
            lc_format("{processor: cpu, entries: {page: {demand: 1, calls: [read]}, graph: {start: a}}, activities: "
                      "{%s}, flow: [%s]}",
                      graphs[i].activities, graphs[i].flow);
        struct sections s = right;
        s.web = web;
        struct lc_model *model = make(&s, &diag);
        assert_int_equal(lc_model_check(model, &diag), -1);
        if (!is_said(&diag, LC_ERROR, graphs[i].said)) {
            print_all(&diag);
            fail_msg("not said: %s", graphs[i].said);
        }
        lc_diag_free(&diag);
        lc_model_free(model);
        free(web);
    }
}

static void nobody_waits_for_a_reply(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct sections s = right;
    s.users = "{processor: client, scheduling: ref, entries: {user: {calls: [page, {to: graph, kind: async}]}}}";
    struct lc_model *model = make(&s, &diag);
    assert_int_equal(lc_model_check(model, &diag), -1);
    assert_true(is_said(&diag, LC_ERROR, "entry 'graph' is replied to, but nobody waits for it"));
    lc_diag_free(&diag);
    lc_model_free(model);
}

/* A task that serves without limit cannot run out of threads; going back to it is no deadlock. */
static void unlimited_tasks_may_be_called_back(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct sections s = right;
    s.web = "{processor: cpu, scheduling: inf, entries: {page: {demand: 1, calls: [read]}, graph: {demand: 1}}}";
    s.db = "{processor: disk, entries: {read: {demand: 1, calls: [graph]}}}";
    struct lc_model *model = make(&s, &diag);
    assert_int_equal(lc_model_check(model, &diag), 0);
    lc_model_free(model);
    /* but a request that never ends is one */
    s.web = "{processor: cpu, scheduling: inf, entries: {page: {demand: 1, calls: [read]}, graph: {demand: 1}}}";
    s.db = "{processor: disk, scheduling: inf, entries: {read: {demand: 1, calls: [page]}}}";
    model = make(&s, &diag);
    assert_int_equal(lc_model_check(model, &diag), -1);
    assert_true(is_said(&diag, LC_ERROR, "never end"));
    lc_diag_free(&diag);
    lc_model_free(model);
}

/* Long chains of tasks and of activities use no stack. */
static void long_chains_are_checked(void **state)
{
    (void)state;
    enum { TASKS = 5000, ACTIVITIES = 100000 };
    struct lc_model *model = lc_model_new("long");
    struct lc_diag diag = {0};
    const int p = lc_add_processor(model, "p");
    model->processors[p].scheduling = LC_INF;
    for (int i = 0; i < TASKS; i++) {
        char *name = lc_format("t%d", i);
        const int task = lc_add_task(model, name, p);
        const int entry = lc_add_entry(model, name, task);
        if (i == 0)
            model->tasks[task].scheduling = LC_REF;
        else
            lc_add_call(&model->entries[i - 1].phases[0], LC_CALL_SYNC, entry, 1);
        model->entries[entry].phases[0].present = true;
        model->entries[entry].phases[0].demand = lc_dist_exponential(1);
        free(name);
    }
    const int last = TASKS - 1;
    for (int i = 0; i < ACTIVITIES; i++) {
        char *name = lc_format("a%d", i);
        const int a = lc_add_activity(model, last, name), before = a - 1;
        free(name);
        if (i > 0)
            lc_add_precedence(&model->tasks[last], LC_JOIN_NONE, &before, 1, LC_FORK_NONE, &a, NULL, 1, LC_NONE);
    }
    model->entries[last].phases[0].present = false;
    lc_dist_free(&model->entries[last].phases[0].demand);
    model->entries[last].start = 0;
    lc_add_reply(&model->tasks[last].activities[ACTIVITIES - 1], last);
    if (lc_model_check(model, &diag) != 0)
        print_all(&diag);
    assert_int_equal(diag.errors, 0);
    /* closing the circle of 5,000 tasks is found, and its name stays readable */
    lc_add_call(&model->tasks[last].activities[7], LC_CALL_SYNC, 1, 1);
    assert_int_equal(lc_model_check(model, &diag), -1);
    assert_true(is_said(&diag, LC_ERROR, "deadlock is possible: t1 → t2 → t3"));
    for (size_t i = 0; i < diag.count; i++)
        assert_true(strlen(diag.messages[i].text) < 1000);
    lc_diag_free(&diag);
    lc_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_right_model_is_right),
        cmocka_unit_test(every_condition_is_found),
        cmocka_unit_test(graphs_are_followed),
        cmocka_unit_test(nobody_waits_for_a_reply),
        cmocka_unit_test(unlimited_tasks_may_be_called_back),
        cmocka_unit_test(long_chains_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
