/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The analytic solver: semaphores whose tokens one thread takes and gives back.
 */
#include "solved.h"

#include "guess.h"

/* ---- closed forms ------------------------------------------------------------------------------------------------ */

#define CUSTOMERS 5
#define THINK     3.0

/* Customers who think and hold one of the tokens for an exponential time with the mean 1, as a phase that calls what
 * takes so long, as a sequence of activities, and as both phases of a cycle. */
static struct lc_model *repairmen(int tokens, int form)
{
    static const char *const users[] = {
        "entries: {go: {calls: [take, work, give]}}",
        "entries: {go: {start: a}}, activities: {a: {calls: [take]}, b: {demand: 1}, c: {calls: [give]}}, "
        "flow: [a -> b, b -> c]",
        "entries: {go: {phase1: {calls: [take, work]}, phase2: {calls: [give]}}}"};
    char *yaml =
        lc_format("loadcast: model/1\nprocessors: {out: {scheduling: inf}}\ntasks:\n"
                  "  users: {processor: out, scheduling: ref, multiplicity: %d, think_time: %g, %s}\n"
                  "  lock: {processor: out, scheduling: semaphore, multiplicity: %d, entries: {take: {role: wait, "
                  "demand: 0}, give: {role: signal, demand: 0}}}\n"
                  "%s",
                  CUSTOMERS, THINK, users[form], tokens,
                  form != 1 ? "  worker: {processor: out, scheduling: inf, entries: {work: {demand: 1}}}\n" : "");
    struct lc_model *m = parse(yaml);
    free(yaml);
    return m;
}

/* M/M/m//N: customers at the server as a birth and death process. */
static void closed_form(int tokens, double *throughput, double *waiting)
{
    double p = 1, sum = 0, busy = 0, queue = 0;
    for (int k = 0; k <= CUSTOMERS; k++) {
        sum += p;
        busy += p * (k < tokens ? k : tokens);
        queue += p * (k > tokens ? k - tokens : 0);
        p *= (CUSTOMERS - k) / THINK / (k + 1 < tokens ? k + 1 : tokens);
    }
    *throughput = busy / sum;
    *waiting = queue / busy;
}

static void machine_repairmen(void **state)
{
    (void)state;
    for (int tokens = 1; tokens <= 3; tokens++)
        for (int form = 0; form < 3; form++) {
            double throughput, waiting;
            closed_form(tokens, &throughput, &waiting);
            struct lc_model *m = repairmen(tokens, form);
            struct lc_result *r = solve(m);
            const struct lc_task_result *lock = &r->tasks[lc_find_task(m, "lock")];
            const struct lc_entry_result *go = &r->entries[lc_find_entry(m, "go")];
            const struct lc_activity_result *first = form == 1 ? &r->activities[0][0] : &go->phases[0];
            same("cycles", r->workloads[0].throughput.mean, throughput, 1e-6);
            same("response", r->workloads[0].response_time.mean, waiting + 1, 1e-6);
            same("pairs", lock->throughput.mean, throughput, 1e-6);
            same("held", lock->lock_utilization[0].mean, throughput, 1e-6);
            same("holding", lock->lock_holding[0].mean, 1, 1e-6);
            same("wait of waits and signals", lock->waiting_time.mean, waiting / 2, 1e-6);
            same("call", first->calls[0].mean, waiting, 1e-6);
            same("step", first->service_time.mean, waiting + (form == 1 ? 0 : 1), 1e-6);
            same("entry", go->service_time.mean, waiting + 1, 1e-6);
            same("own processor", go->processor_utilization.mean, form == 1 ? throughput : 0, 1e-6);
            assert_true(lock->utilization.mean == 0);
            if (tokens == 1)
                same("variance", lock->lock_holding_variance[0].mean, 1, 1e-6);
            else
                assert_true(isnan(lock->lock_holding_variance[0].mean));
            done(m, r);
        }
}

/* ---- simulation -------------------------------------------------------------------------------------------------- */

/* A service with threads that compute within a section, beside others on the same processor, calls in it, and a second
 * task that takes the same token in a phase; wait and signal take time on a processor of their own. */
static const char SHARED[] =
    "loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {scheduling: ps, multiplicity: 3}, disk: {}, own: "
    "{scheduling: inf}}\ntasks:\n"
    "  users: {processor: out, scheduling: ref, multiplicity: 6, think_time: 3, entries: {go: {calls: [serve]}}}\n"
    "  others: {processor: out, scheduling: ref, multiplicity: 2, think_time: 4, entries: {look: {calls: [count]}}}\n"
    "  web:\n    processor: cpu\n    multiplicity: 5\n    entries: {serve: {start: a}}\n    activities:\n"
    "      a: {demand: 0.1, calls: [take]}\n      b: {demand: 0.08, calls: [read]}\n"
    "      c: {demand: 0.05, calls: [give]}\n      d: {demand: 0.2, replies: [serve]}\n"
    "    flow: [a -> b, b -> c, c -> d]\n"
    "  batch: {processor: cpu, multiplicity: 2, entries: {count: {demand: 0.3, calls: [read, take, read, give]}}}\n"
    "  store: {processor: disk, multiplicity: inf, entries: {read: {demand: 0.1}}}\n"
    "  lock: {processor: own, scheduling: semaphore, entries: {take: {role: wait, demand: 0.02}, give: {role: signal, "
    "demand: 0.03}}}\n";

static void near(const char *what, struct lc_estimate solved, struct lc_estimate simulated, double part)
{
    if (!(fabs(solved.mean - simulated.mean) <= part * fabs(simulated.mean) + 1.5 * simulated.ci99))
        fail_msg("%s: %g instead of %g ± %g", what, solved.mean, simulated.mean, simulated.ci99);
}

/* How long a step takes but for its waits in line, which mean value analysis gets less right than the rest. */
static void compare_steps(const struct lc_activity_result *a, const struct lc_activity_result *b, size_t calls)
{
    struct lc_estimate solved = a->service_time, simulated = b->service_time;
    for (size_t c = 0; c < calls; c++) {
        near("call", a->calls[c], b->calls[c], 0.12);
        solved.mean -= a->calls[c].mean;
        simulated.mean -= b->calls[c].mean;
    }
    near("step", solved, simulated, 0.01);
    near("step's processor", a->processor_utilization, b->processor_utilization, 0.01);
    near("step's rate", a->throughput, b->throughput, 0.01);
}

static void compare_entries(const struct lc_model *m, const struct lc_result *a, const struct lc_result *b)
{
    for (size_t e = 0; e < m->entry_count; e++) {
        const struct lc_entry_result *x = &a->entries[e], *y = &b->entries[e];
        near("entry", x->service_time, y->service_time, 0.03);
        near("phase 1", x->phases[0].service_time, y->phases[0].service_time, 0.03);
        near("entry's processor", x->processor_utilization, y->processor_utilization, 0.01);
        near("entry's rate", x->throughput, y->throughput, 0.01);
    }
}

static void compare_locks(const struct lc_task_result *a, const struct lc_task_result *b)
{
    near("holding", a->lock_holding[0], b->lock_holding[0], 0.01);
    near("held", a->lock_utilization[0], b->lock_utilization[0], 0.01);
    near("variance", a->lock_holding_variance[0], b->lock_holding_variance[0], 0.07);
    near("wait", a->waiting_time, b->waiting_time, 0.12);
}

static void as_simulated(void **state)
{
    (void)state;
    struct lc_model *m = parse(SHARED);
    struct lc_result *a = solve(m), *b = simulate_to(m, 0.01, 0.05);
    for (size_t w = 0; w < a->workload_count; w++) {
        near("throughput", a->workloads[w].throughput, b->workloads[w].throughput, 0.01);
        near("response", a->workloads[w].response_time, b->workloads[w].response_time, 0.03);
    }
    for (size_t t = 0; t < m->task_count; t++) {
        near("task's rate", a->tasks[t].throughput, b->tasks[t].throughput, 0.01);
        near("task", a->tasks[t].utilization, b->tasks[t].utilization, 0.03);
        near("phase 1 of task", a->tasks[t].phase_utilization[0], b->tasks[t].phase_utilization[0], 0.03);
        near("task's processor", a->tasks[t].processor_utilization, b->tasks[t].processor_utilization, 0.01);
    }
    for (size_t p = 0; p < m->processor_count; p++)
        near("processor", a->processors[p].utilization, b->processors[p].utilization, 0.01);
    compare_entries(m, a, b);
    const int web = lc_find_task(m, "web"), count = lc_find_entry(m, "count"), lock = lc_find_task(m, "lock");
    for (size_t i = 0; i < m->tasks[web].activity_count; i++)
        compare_steps(&a->activities[web][i], &b->activities[web][i], m->tasks[web].activities[i].call_count);
    compare_steps(&a->entries[count].phases[0], &b->entries[count].phases[0], 4);
    compare_locks(&a->tasks[lock], &b->tasks[lock]);
    lc_result_free(a);
    done(m, b);
}

/* One token, one processor, too many customers. */
static void rough(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    const struct lc_solve_options options = lc_solve_defaults();
    struct lc_model *m = parse("loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {}}\ntasks:\n"
                               "  users: {processor: out, scheduling: ref, multiplicity: 14, think_time: 2, entries: "
                               "{go: {calls: [serve]}}}\n"
                               "  web:\n    processor: cpu\n    multiplicity: inf\n    entries: {serve: {start: a}}\n"
                               "    activities:\n      a: {demand: 0.1, calls: [take]}\n      b: {demand: 0.2}\n"
                               "      c: {calls: [give]}\n      d: {demand: 0.2, replies: [serve]}\n"
                               "    flow: [a -> b, b -> c, c -> d]\n"
                               "  lock: {processor: cpu, scheduling: semaphore, entries: {take: {role: wait, demand: "
                               "0}, give: {role: signal, demand: 0}}}\n");
    struct lc_result *r = lc_solve(m, &options, &diag);
    assert_non_null(r);
    assert_int_equal(diag.errors, 0);
    assert_int_equal(diag.count, 1);
    assert_non_null(strstr(diag.messages[0].text, "rough estimate"));
    assert_non_null(strstr(diag.messages[0].text, "processor 'cpu'"));
    assert_string_equal(r->bottlenecks[0].reason, r->bottlenecks[0].task == lc_find_task(m, "lock")
                                                      ? "its tokens are held 100 % of the time"
                                                      : "the processor is saturated");
    lc_diag_free(&diag);
    done(m, r);
}

/* A signal that nobody waits for keeps the token until it has run (tests/data/lqn/order/sem2_m1.lqn). */
static void asynchronous_signal(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_model *m = lc_model_read(SOURCE_DIR "/tests/data/lqn/order/sem2_m1.lqn", &diag);
    require(&diag);
    struct lc_result *r = solve(m);
    const double holding = 0.5 + 1.0 / 3 + 1;
    same("holding", r->tasks[lc_find_task(m, "sem")].lock_holding[0].mean, holding, 1e-6);
    /* The next wait finds the signal under way unless it is over: 2/3 of exponential slices, in the mean 1/3 each. */
    const double left = 1 / (1 + 1.0 / 3) / (1 + 1.0 / 3);
    same("cycle", 1 / r->workloads[0].throughput.mean, 1 + 0.5 + left, 1e-6);
    lc_diag_free(&diag);
    done(m, r);
}

/* Pilots of a simulation look for deadlocks; a guess would do without them. */
static void no_guess(void **state)
{
    (void)state;
    struct lc_model *m = parse(SHARED);
    const struct lc_sim_options options = lc_sim_defaults();
    const struct lci_guess guess = lci_guess(m, &options, 20);
    assert_true(guess.run_time == 0 && isinf(guess.memory));
    lc_model_free(m);
}

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

/* `users`: the customers' entries and calls, `lock`: of the semaphore, `more`: other tasks. */
static const struct refusal {
    const char *users, *lock, *more, *why;
} refusals[] = {
    {.users = "calls: [take]", .why = "whose token is not given back in the same sequence"},
    {.users = "calls: [give]", .why = "whose token is given back by somebody else"},
    {.users = "calls: [give, take]", .why = "another semaphore in it, or a second one"},
    {.users = "calls: [take, give, take, give]", .why = "another semaphore in it, or a second one"},
    {.users = "calls: {take: 1, give: 1}", .why = "that is not called exactly once"},
    {.users = "calls: [take, {to: give, mean: 1.5}]", .why = "that is not called exactly once"},
    {.lock = "initially: 1, multiplicity: 2", .why = "of which tokens are taken at the start"},
    {.lock = "initially: 0", .why = "of which tokens are taken at the start"},
    {.lock = "replicas: 2", .why = "that is replicated"},
    {.more = "  limited: {processor: cpu, queue_length: 3, entries: {l: {demand: 1, open_rate: 0.1}}}\n",
     .why = "beside policies of calls or limited queues"},
    {.users = "calls: [take, w, give]",
     .more = "  inner: {processor: cpu, multiplicity: 3, entries: {w: {calls: [take, give]}}}\n",
     .why = "whose section calls what waits for the same semaphore"},
    {.users = "calls: [take, take2, give2, give]",
     .more = "  two: {processor: cpu, scheduling: semaphore, entries: {take2: {role: wait, demand: 0}, give2: {role: "
             "signal, demand: 0}}}\n",
     .why = "another semaphore in it, or a second one"},
    {.more = "  rw: {processor: cpu, scheduling: rwlock, entries: {rl: {role: read_lock, demand: 0}, ru: {role: "
             "read_unlock, demand: 0}, wl: {role: write_lock, demand: 0}, wu: {role: write_unlock, demand: 0}}}\n",
     .why = "a read-write lock has no analytic treatment"},
};

static const char * or (const char *text, const char *otherwise)
{
    return text != NULL ? text : otherwise;
}

static void expect_refusal(const char *yaml, const char *why)
{
    struct lc_diag diag = {0};
    const struct lc_solve_options options = lc_solve_defaults();
    struct lc_model *m = lc_model_parse(yaml, strlen(yaml), "test.yaml", &diag);
    require(&diag);
    assert_int_equal(lc_model_check(m, &diag), 0);
    assert_null(lc_solve(m, &options, &diag));
    assert_false(lc_solve_accepts(m, &diag));
    const char *text = NULL;
    for (size_t i = 0; i < diag.count; i++)
        if (diag.messages[i].severity == LC_ERROR && strstr(diag.messages[i].text, why) != NULL)
            text = diag.messages[i].text;
    if (text == NULL || strstr(text, "has no analytic treatment; simulate the model instead") == NULL)
        fail_msg("no refusal '%s'; %s", why, diag.count > 0 ? diag.messages[diag.count - 1].text : "nothing is said");
    lc_diag_free(&diag);
    lc_model_free(m);
}

static void refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *c = &refusals[i];
        char *yaml = lc_format("loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {}}\ntasks:\n"
                               "  users: {processor: out, scheduling: ref, multiplicity: 2, entries: {go: {%s}}}\n"
                               "  lock: {processor: cpu, scheduling: semaphore, %s, entries: {take: {role: wait, "
                               "demand: 0.1}, give: {role: signal, demand: 0.1}}}\n%s",
                               or (c->users, "calls: [take, give]"), or (c->lock, "multiplicity: 1"), or (c->more, ""));
        expect_refusal(yaml, c->why);
        free(yaml);
    }
}

/* Sequences that part, or reply, before the token is back. */
static void refused_graphs(void **state)
{
    (void)state;
    static const struct {
        const char *flow, *middle;
    } graphs[] = {
        {"a -> b & d, b & d -> c", ""},
        {"a -> (0.5) b + (0.5) d, b + d -> c", ""},
        {"a -> b, b -> c", ", replies: [serve]"},
    };
    for (size_t i = 0; i < sizeof graphs / sizeof *graphs; i++) {
        char *yaml = lc_format(
            "loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {}}\ntasks:\n"
            "  users: {processor: out, scheduling: ref, multiplicity: 2, entries: {go: {calls: [serve]}}}\n"
            "  web:\n    processor: cpu\n    multiplicity: 2\n    entries: {serve: {start: a}}\n    activities:\n"
            "      a: {calls: [take]}\n      b: {demand: 0.1%s}\n%s      c: {calls: [give]%s}\n    flow: [%s]\n"
            "  lock: {processor: cpu, scheduling: semaphore, entries: {take: {role: wait, demand: 0.1}, give: {role: "
            "signal, demand: 0.1}}}\n",
            graphs[i].middle, strchr(graphs[i].flow, 'd') != NULL ? "      d: {demand: 0.1}\n" : "",
            *graphs[i].middle != 0 ? "" : ", replies: [serve]", graphs[i].flow);
        expect_refusal(yaml, "whose token is not given back in the same sequence");
        free(yaml);
    }
}

/* What the models of the corpus do else: second phases of the wait. */
static void refused_phases(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_model *m = lc_model_read(SOURCE_DIR "/tests/data/lqn/order/sem_phase2.lqn", &diag);
    require(&diag);
    assert_false(lc_solve_accepts(m, &diag));
    assert_non_null(strstr(diag.messages[diag.count - 1].text, "second phases"));
    lc_diag_free(&diag);
    lc_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machine_repairmen),
        cmocka_unit_test(as_simulated),
        cmocka_unit_test(asynchronous_signal),
        cmocka_unit_test(rough),
        cmocka_unit_test(no_guess),
        cmocka_unit_test(refused),
        cmocka_unit_test(refused_graphs),
        cmocka_unit_test(refused_phases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
