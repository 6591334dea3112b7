/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Semaphores, read/write locks and servers that synchronise entries: LQSIM's values, definitions, errors at run time,
 * and random models, of which none may be called a deadlock that goes on.
 */
#include "support.h"

#include "compile.h"
#include "deadlock.h"
#include "engine.h"
#include "loadcast/edit.h"
#include "model/random/generator.h"

static struct lc_model *read_case(const char *name)
{
    struct lc_diag diag = {0};
    char *path = lc_format("%s/tests/data/lqn/order/%s.lqn", SOURCE_DIR, name);
    struct lc_model *m = lc_model_read(path, &diag);
    require(&diag);
    lc_diag_free(&diag);
    free(path);
    return m;
}

/* `half`: LQSIM's half-width at 95 %, as it prints it. */
static void expect_lqsim(const char *what, struct lc_estimate e, double mean, double half)
{
    if (!(fabs(e.mean - mean) <= 1.5 * e.ci99 + half))
        fail_msg("%s: %g ± %g instead of %g ± %g", what, e.mean, e.ci99, mean, half);
}

/* A signal that is being served frees the token: the customer's next wait is no deadlock. A pair counts once. */
static void asynchronous_signal(void **state)
{
    (void)state;
    struct lc_model *m = read_case("sem2_m1");
    struct lc_result *r = simulate_to(m, 0.01, 0.03);
    const struct lc_task_result *semaphore = &r->tasks[lc_find_task(m, "sem")];
    expect_lqsim("holding", semaphore->lock_holding[0], 1.830, 0.016);
    expect("pairs", semaphore->throughput, r->tasks[lc_find_task(m, "cust")].throughput.mean);
    done(m, r);
}

/* The lock changes when an unlock arrives, and its token is busy until the unlock has run. */
static void lock_changes_on_arrival(void **state)
{
    (void)state;
    struct lc_model *m = read_case("rw");
    struct lc_result *r = simulate_to(m, 0.01, 0.03);
    const struct lc_estimate readers = r->tasks[lc_find_task(m, "rd")].throughput,
                             writers = r->tasks[lc_find_task(m, "wr")].throughput;
    expect_lqsim("readers", readers, 0.9102, 0.0026);
    expect_lqsim("writer", writers, 0.4455, 0.0014);
    expect_lqsim("wait for the read lock", r->entries[lc_find_entry(m, "er")].phases[0].calls[0], 0.098, 0.005);
    expect("pairs", r->tasks[lc_find_task(m, "lk")].throughput, readers.mean + writers.mean);
    done(m, r);
}

/* After an unlock of the writer the unlock comes to the processor before those who are let in; after the last reader's,
 * the writer does. */
static void order_after_unlock(void **state)
{
    (void)state;
    static const struct {
        const char *entry;
        double waiting, half;
    } at[] = {{"rl", 0.9851, 0.0136}, {"ru", 0.9440, 0.0073}, {"wl", 0.0570, 0.0006}, {"wu", 0.0252, 0.0010}};
    struct lc_model *m = read_case("rw_unlock");
    struct lc_result *r = simulate_to(m, 0.01, 0.03);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        expect_lqsim(at[i].entry, r->entries[lc_find_entry(m, at[i].entry)].phases[0].processor_waiting, at[i].waiting,
                     at[i].half);
    done(m, r);
}

/* A signal is for the token that was taken first, and waits for the second phase of its wait. */
static void signal_waits_for_second_phase(void **state)
{
    (void)state;
    struct lc_model *m = read_case("sem_phase2");
    struct lc_result *r = simulate_to(m, 0.01, 0.03);
    const struct lc_task_result *semaphore = &r->tasks[lc_find_task(m, "sem")];
    expect_lqsim("holding", semaphore->lock_holding[0], 1.5258, 0.0060);
    expect_lqsim("cycles", r->tasks[lc_find_task(m, "cu")].throughput, 1.3092, 0.0051);
    done(m, r);
}

/* A token that has got its unlock goes on with it before those whom it let in get the processor. */
static void early_unlock_keeps_the_processor(void **state)
{
    (void)state;
    struct lc_model *m = read_case("rw_phase2");
    struct lc_result *r = simulate_to(m, 0.01, 0.03);
    const int task = lc_find_task(m, "uw"), activity = lc_find_activity(&m->tasks[task], "wc");
    assert_true(r->entries[lc_find_entry(m, "wu")].phases[0].processor_waiting.mean == 0);
    expect_lqsim("unlock", r->activities[task][activity].service_time, 0.1632, 0.0012);
    expect_lqsim("reader", r->entries[lc_find_entry(m, "rl")].phases[0].processor_waiting, 0.0591, 0.0016);
    done(m, r);
}

/* A token is held from when it is taken, also while it waits for the processor: tokens for which somebody always waits
 * are held all of the time. */
static void tokens_are_held_while_they_wait(void **state)
{
    (void)state;
    struct lc_model *m = read_case("sem_taken");
    struct lc_result *r = simulate_to(m, 0.01, 0.03);
    const struct lc_task_result *semaphore = &r->tasks[lc_find_task(m, "sem")];
    assert_true(fabs(semaphore->lock_utilization[0].mean - 2) < 0.002);
    expect_lqsim("pairs", semaphore->throughput, 1.2517, 0.004);
    done(m, r);
}

/* What a semaphore that is empty at first holds is held until the signal begins. */
static void empty_semaphore(void **state)
{
    (void)state;
    struct lc_model *m = read_case("sem_empty");
    struct lc_result *r = simulate_to(m, 0.01, 0.03);
    expect_lqsim("first", r->tasks[lc_find_task(m, "sem")].lock_holding[0], 1.1342, 0.0031);
    expect_lqsim("second", r->tasks[lc_find_task(m, "sem2")].lock_holding[0], 1.5036, 0.0030);
    done(m, r);
}

static void signal_without_wait(void **state)
{
    (void)state;
    struct lc_model *m = read_case("sem_serial");
    struct lc_diag diag = {0};
    const struct lc_sim_options options = lc_sim_defaults();
    struct lc_result *r = lc_simulate(m, &options, &diag);
    assert_null(r);
    assert_int_equal(diag.errors, 1);
    assert_non_null(strstr(diag.messages[diag.count - 1].text, "task 'sem': entry 'ss' is called"));
    lc_diag_free(&diag);
    done(m, r);
}

static const char SYNCHRONISED[] = "G \"\" 1e-5 50 10 0.9 -1\n"
                                   "P 0 p cc i p pp i -1\n"
                                   "T 0 t c1 r e1 -1 cc %s t st n ea eb -1 pp -1\n"
                                   "E 0 s e1 1 -1 y e1 ea 1 -1 %s A ea a1 A eb b1 -1\n"
                                   "A st s a1 1 s b1 1 s cx 1 : a1 & b1 -> cx; cx[ea,eb] -1\n";

static struct lc_model *synchronised(const char *task, const char *entry, struct lc_diag *diag)
{
    char *text = lc_format(SYNCHRONISED, task, entry);
    struct lc_model *m = lc_model_parse(text, strlen(text), "sync.lqn", diag);
    free(text);
    return m;
}

/* A join counts once; the server is one, and busy from its first request to the end; each entry is served until its
 * branch comes to the join, but the last one to the reply. */
static void one_join_is_one(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_model *m = synchronised("t c2 r e2 -1 cc", "s e2 1 -1 y e2 eb 1 -1", &diag);
    require(&diag);
    struct lc_result *r = simulate_to(m, 0.01, 0.03);
    const struct lc_task_result *server = &r->tasks[lc_find_task(m, "st")];
    expect("joins", server->throughput, r->tasks[lc_find_task(m, "c1")].throughput.mean);
    assert_true(server->utilization.mean < 1);
    /* By symmetry each entry comes last half of the time: 1 in its branch, and then 1 behind the join. */
    expect("service", r->entries[lc_find_entry(m, "ea")].phases[0].service_time, 1.5);
    expect("utilization", r->entries[lc_find_entry(m, "ea")].phases[0].utilization, 1.5 * server->throughput.mean);
    lc_diag_free(&diag);
    done(m, r);
}

static void join_that_never_comes(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    assert_null(synchronised("", "", &diag));
    bool told = false;
    for (size_t i = 0; i < diag.count; i++)
        told |= strstr(diag.messages[i].text, "entry 'eb', whose branch it waits for, has no callers") != NULL;
    assert_true(told);
    lc_diag_free(&diag);
}

/* ---- random models ----------------------------------------------------------------------------------------------- */

struct lot {
    struct lc_random random;
};

static uint32_t below(struct lot *lot, uint32_t count)
{
    return (uint32_t)lci_random_below(&lot->random, count);
}

static int add_lock(struct lc_model *m, struct lot *lot, enum lc_scheduling kind, int roles, int *entries)
{
    static const enum lc_entry_role role[2][4] = {
        {LC_ROLE_WAIT, LC_ROLE_SIGNAL},
        {LC_ROLE_READ_LOCK, LC_ROLE_READ_UNLOCK, LC_ROLE_WRITE_LOCK, LC_ROLE_WRITE_UNLOCK}};
    static const char *const names[] = {"take", "give", "wtake", "wgive"};
    const int processor = lc_add_processor(m, "lock"), task = lc_add_task(m, "lock", processor);
    m->processors[processor].scheduling = below(lot, 2) ? LC_INF : LC_FCFS;
    m->tasks[task].scheduling = kind;
    m->tasks[task].multiplicity = 1 + below(lot, 2);
    m->tasks[task].initially = kind == LC_SEMAPHORE && below(lot, 4) == 0 ? 0 : -1;
    for (int i = 0; i < roles; i++) {
        entries[i] = lc_add_entry(m, names[i], task);
        m->entries[entries[i]].role = role[roles == 4][i];
        m->entries[entries[i]].phases[0].present = true;
        m->entries[entries[i]].phases[0].demand = lc_dist_exponential(0.1 + 0.3 * below(lot, 3));
    }
    return task;
}

static char *append(char *text, char *more)
{
    char *longer = lc_format("%s%s", text, more);
    free(text);
    free(more);
    return longer;
}

/* Customers that take and give in an order that is right, or wrong, or take twice. */
static struct lc_model *random_locks(struct lot *lot)
{
    struct lc_model *m = lc_model_new("locks");
    const int roles = below(lot, 2) ? 4 : 2;
    int entries[4];
    add_lock(m, lot, roles == 4 ? LC_RWLOCK : LC_SEMAPHORE, roles, entries);
    for (uint32_t i = 0, classes = 1 + below(lot, 3); i < classes; i++) {
        char name[16];
        snprintf(name, sizeof name, "users%u", i);
        const int processor = lc_add_processor(m, name), task = lc_add_task(m, name, processor);
        m->processors[processor].scheduling = LC_INF;
        m->tasks[task].scheduling = LC_REF;
        m->tasks[task].multiplicity = 1 + below(lot, 3);
        const int entry = lc_add_entry(m, name, task);
        struct lc_activity *a = &m->entries[entry].phases[0];
        a->present = a->deterministic = true;
        a->demand = lc_dist_exponential(0.5);
        for (uint32_t k = 0, pairs = 1 + below(lot, 2); k < pairs; k++) {
            const int first = roles == 4 && below(lot, 2) ? 2 : 0;
            lc_add_call(a, LC_CALL_SYNC, entries[first], 1);
            if (below(lot, 8) != 0)
                lc_add_call(a, below(lot, 3) ? LC_CALL_SYNC : LC_CALL_ASYNC, entries[first + 1], 1);
        }
    }
    return m;
}

/* A server that joins two or three of its entries, each called by customers who may ask for one, for all in turn, or
 * not wait; some of the branches reply before the join. */
static struct lc_model *random_synchronisation(struct lot *lot)
{
    const uint32_t entries = 2 + below(lot, 2), classes = entries + below(lot, 2);
    const bool waits[3] = {true, below(lot, 3) != 0, below(lot, 3) != 0};
    const char *names[] = {"ea", "eb", "ed"};
    char *tasks = lc_strdup(""), *calls = lc_strdup(""), *starts = lc_strdup(""), *joined = lc_strdup(""),
         *last = lc_strdup("");
    for (uint32_t i = 0; i < entries; i++) {
        const bool early = waits[i] && below(lot, 3) == 0;
        starts = append(starts, lc_format(" s a%u %g", i, 0.2 + below(lot, 2)));
        joined = append(joined, lc_format("%sa%u%s%s%s", i > 0 ? " & " : "", i, early ? "[" : "", early ? names[i] : "",
                                          early ? "]" : ""));
        calls = append(calls, lc_format(" A %s a%u", names[i], i));
        if (waits[i] && !early)
            last = append(last, lc_format("%s%s", *last != 0 ? "," : "", names[i]));
    }
    for (uint32_t i = 0; i < classes; i++) {
        tasks = append(tasks, lc_format(" t u%u r x%u -1 cc m %u", i, i, 1 + below(lot, 2)));
        calls = append(calls, lc_format(" s x%u 0.5 -1 f x%u 1 -1", i, i));
        for (uint32_t k = 0; k < entries; k++)
            if (k == i % entries || below(lot, 4) == 0)
                calls = append(calls, lc_format(" %c x%u %s 1 -1", waits[k] ? 'y' : 'z', i, names[k]));
    }
    char *text = lc_format("G \"\" 1e-5 50 10 0.9 -1 P 0 p cc i p pp %c -1 T 0%s t st n %s %s%s -1 pp -1 E 0%s -1 "
                           "A st%s s cx 0.3 : %s -> cx%s%s%s -1",
                           below(lot, 2) ? 'i' : 'f', tasks, names[0], names[1], entries > 2 ? " ed" : "", calls,
                           starts, joined, *last != 0 ? "; cx[" : "", last, *last != 0 ? "]" : "");
    struct lc_diag diag = {0};
    struct lc_model *m = lc_model_parse(text, strlen(text), "random.lqn", &diag);
    require(&diag);
    lc_diag_free(&diag);
    char *const texts[] = {tasks, calls, starts, joined, last, text};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    return m;
}

static uint32_t named_workload(const struct lci_program *p, const char *deadlock)
{
    for (uint32_t i = 0; i < p->task_count; i++) {
        char *told = lc_format("every customer of '%s' ", p->model->tasks[p->tasks[i].model].name);
        const bool this_one = strncmp(deadlock, told, strlen(told)) == 0;
        free(told);
        if (this_one)
            return p->tasks[i].workload;
    }
    fail_msg("'%s' names no class", deadlock);
    return LCI_NIL;
}

/* Customers that are said to wait for ever never come back; and when nothing is left to happen, it is said. */
static void no_false_deadlock(void **state)
{
    (void)state;
    unsigned deadlocks = 0, ran = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct lot lot;
        lc_random_init(&lot.random, 1, seed, "locks", "");
        struct lc_model *m = seed % 3 == 2 ? random_synchronisation(&lot) : random_locks(&lot);
        struct lc_diag diag = {0};
        struct lci_program *p = lci_compile(m, &diag);
        require(&diag);
        struct lci_engine *e = lci_engine_new(p);
        lci_engine_reset(e, 1, seed);
        char *deadlock = NULL;
        for (double until = 1; until < 400 && !e->stuck && deadlock == NULL; until *= 1.3) {
            lci_engine_run(e, until, UINT64_MAX);
            deadlock = lci_find_deadlock(e);
        }
        if (deadlock != NULL && e->unmatched == LCI_NIL) {
            const uint32_t workload = named_workload(p, deadlock);
            const double before = e->workloads[workload].count;
            if (!e->stuck)
                lci_engine_run(e, e->now + 2000, UINT64_MAX);
            if (e->workloads[workload].count != before)
                fail_msg("model %llu goes on: %s", (unsigned long long)seed, deadlock);
            deadlocks++;
        } else if (e->unmatched == LCI_NIL) {
            assert_false(e->stuck);
            ran++;
        }
        free(deadlock);
        lci_engine_free(e);
        lci_program_free(p);
        lc_diag_free(&diag);
        lc_model_free(m);
    }
    assert_true(deadlocks > 20 && ran > 20); /* the lot has both */
}

/* ---- critical sections inside handlers ----------------------------------------------------------------------------
 */

static struct lc_model *with_locks(const char *yaml, const char *const edits[][2])
{
    struct lc_diag diag = {0};
    struct lc_model *m = parse(yaml);
    for (size_t i = 0; edits[i][0] != NULL; i++)
        lc_edit(m, edits[i][0], edits[i][1], &diag, NULL);
    require(&diag);
    lc_diag_free(&diag);
    return m;
}

/* 40 of 50 ms under a lock: M/D/1 and 10 ms beside it, and not M/G/1 of the whole handler. */
static void lock_of_a_part(void **state)
{
    (void)state;
    struct lc_model *m = with_locks(
        "loadcast: model/1\nprocessors: {cpu: {scheduling: inf}}\ntasks: {stock: {processor: cpu, scheduling: inf, "
        "entries: {reserve: {open_rate: 20, demand: {deterministic: {value: 0.05}}}}}}\n",
        (const char *const[][2]){{"stock.lock.hold", "40 ms"}, {NULL}});
    struct lc_result *r = simulate_to(m, 0.005, 0.02);
    expect("held", r->tasks[lc_find_task(m, "lock of stock")].utilization, 0.8);
    expect("handler", r->entries[lc_find_entry(m, "reserve")].phases[0].service_time,
           0.05 + 20 * 0.04 * 0.04 / 2 / (1 - 0.8));
    done(m, r);
}

/* Two operations hold one lock for 30 and 10 ms, exponentially: M/G/1 with two classes. */
static void lock_that_operations_share(void **state)
{
    (void)state;
    struct lc_model *m = with_locks(
        "loadcast: model/1\nprocessors: {cpu: {scheduling: inf}}\ntasks: {stock: {processor: cpu, scheduling: inf, "
        "entries: {a: {open_rate: 15, demand: 0.06}, b: {open_rate: 25, demand: 0.04}}}}\n",
        (const char *const[][2]){{"a.lock.hold", "50 %"}, {"stock.entries.b.lock.hold", "25 %"}, {NULL}});
    struct lc_result *r = simulate_to(m, 0.01, 0.03);
    const double held = 15 * 0.03 + 25 * 0.01, wait = (15 * 0.03 * 0.03 + 25 * 0.01 * 0.01) / (1 - held);
    expect("held", r->tasks[lc_find_task(m, "lock of stock")].utilization, held);
    expect("a", r->entries[lc_find_entry(m, "a")].phases[0].service_time, 0.06 + wait);
    expect("b", r->entries[lc_find_entry(m, "b")].phases[0].service_time, 0.04 + wait);
    done(m, r);
}

/* Four users think for 100 ms and hold the lock all of 50 ms: the machine-repair model. */
static void lock_of_everything(void **state)
{
    (void)state;
    struct lc_model *m =
        with_locks("loadcast: model/1\nprocessors: {c: {scheduling: inf}, cpu: {scheduling: inf}}\ntasks:\n"
                   "  users: {processor: c, scheduling: ref, multiplicity: 4, think_time: 0.1, entries: {go: {calls: "
                   "[{to: e}]}}}\n"
                   "  t: {processor: cpu, scheduling: inf, entries: {e: {demand: 0.05}}}\n",
                   (const char *const[][2]){{"t.lock.hold", "100 %"}, {NULL}});
    struct lc_result *r = simulate_to(m, 0.005, 0.02);
    double idle = 0, term = 1; /* of the lock: 1 / Σ N! / (N − k)! (0.05 / 0.1)^k */
    for (int k = 0; k <= 4; k++) {
        idle += term;
        term *= (4 - k) * 0.5;
    }
    expect("served", r->tasks[lc_find_task(m, "t")].throughput, (1 - 1 / idle) / 0.05);
    done(m, r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asynchronous_signal),
        cmocka_unit_test(lock_changes_on_arrival),
        cmocka_unit_test(order_after_unlock),
        cmocka_unit_test(signal_waits_for_second_phase),
        cmocka_unit_test(early_unlock_keeps_the_processor),
        cmocka_unit_test(tokens_are_held_while_they_wait),
        cmocka_unit_test(empty_semaphore),
        cmocka_unit_test(signal_without_wait),
        cmocka_unit_test(one_join_is_one),
        cmocka_unit_test(join_that_never_comes),
        cmocka_unit_test(no_false_deadlock),
        cmocka_unit_test(lock_of_a_part),
        cmocka_unit_test(lock_that_operations_share),
        cmocka_unit_test(lock_of_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
