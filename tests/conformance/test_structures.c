/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Replicas and how requests spread over them, sources that are open tasks, synchronising servers, locks, and what is
 * told about saturation.
 */
#include "support.h"

static int add_server(struct lc_model *m, const char *name, uint32_t threads, double demand)
{
    const int processor = lc_add_processor(m, name);
    m->processors[processor].multiplicity = threads;
    const int task = lc_add_task(m, name, processor);
    m->tasks[task].multiplicity = threads;
    const int entry = lc_add_entry(m, name, task);
    m->entries[entry].phases[0].present = true;
    if (demand > 0)
        m->entries[entry].phases[0].demand = lc_dist_exponential(demand);
    return entry;
}

/* A source on a delay; its phase makes deterministic calls. */
static struct lc_activity *add_source(struct lc_model *m, const char *name, enum lc_scheduling kind, double time)
{
    const int processor = lc_add_processor(m, name);
    m->processors[processor].scheduling = LC_INF;
    const int task = lc_add_task(m, name, processor);
    m->tasks[task].scheduling = kind;
    if (kind == LC_OPEN)
        m->tasks[task].arrivals = lc_dist_exponential(time);
    else if (time > 0)
        m->tasks[task].think_time = lc_dist_exponential(time);
    const int entry = lc_add_entry(m, name, task);
    m->entries[entry].phases[0].present = true;
    m->entries[entry].phases[0].deterministic = true;
    return &m->entries[entry].phases[0];
}

static struct lc_result *simulate(const struct lc_model *m, double precision)
{
    return simulate_to(m, precision, 3 * precision);
}

/* Two replicas at load 0.8 each. */
static double response(enum lc_balance balance, struct lc_estimate *estimate)
{
    struct lc_model *m = lc_model_new("balance");
    const int entry = add_server(m, "server", 1, 1);
    m->tasks[0].replicas = m->processors[0].replicas = 2;
    m->tasks[0].balance = balance;
    lc_add_call(add_source(m, "source", LC_OPEN, 1 / 1.6), LC_CALL_SYNC, entry, 1);
    struct lc_result *r = simulate(m, 0.02);
    const int source = lc_find_task(m, "source");
    assert_int_equal(r->workloads[0].task, source);
    *estimate = r->workloads[0].response_time;
    expect("busy", r->processors[0].utilization, 1.6);
    expect("load", r->tasks[0].load, 0.8);
    lc_result_free(r);
    lc_model_free(m);
    return estimate->mean;
}

static void balances(void **state)
{
    (void)state;
    struct lc_estimate e;
    response(LC_BALANCE_RANDOM, &e);
    expect("two of M/M/1", e, 5);
    response(LC_BALANCE_SHARED, &e);
    expect("M/M/2", e, 1 / (1 - 0.64)); /* 1/(1 − ρ²) */
    const double shared = e.mean, turn = response(LC_BALANCE_ROUND_ROBIN, &e);
    const double least = response(LC_BALANCE_LEAST, &e), two = response(LC_BALANCE_POWER_OF_TWO, &e);
    assert_true(turn < 5 && least < turn && shared < least);
    assert_true(fabs(two - least) < 0.1 * least); /* of two replicas the better of two is the best */
    response(LC_BALANCE_STICKY, &e);              /* a customer comes and goes: in turn, which is E2/M/1 */
    double waits = 0.5;
    for (int i = 0; i < 100; i++)
        waits = (1.6 / (2.6 - waits)) * (1.6 / (2.6 - waits));
    expect("two of E2/M/1", e, 1 / (1 - waits));
}

/* Machine repair: n customers, one server, exponential times z and s. */
static double machine_repair(int n, double z, double s)
{
    double queue = 0, throughput = 0;
    for (int k = 1; k <= n; k++) {
        throughput = k / (z + s * (1 + queue));
        queue = throughput * s * (1 + queue);
    }
    return throughput;
}

/* The response time, or the throughput, of the first workload. */
static struct lc_estimate simulate_text(const char *text, bool throughput)
{
    struct lc_model *m = parse(text);
    struct lc_result *r = simulate(m, 0.01);
    const struct lc_estimate found = throughput ? r->workloads[0].throughput : r->workloads[0].response_time;
    lc_result_free(r);
    lc_model_free(m);
    return found;
}

/* Seven customers, through another service, are four at one replica and three at the other, for ever; also where
 * replicas may fail, and never do. */
static void customers_keep_their_replica(void **state)
{
    (void)state;
    static const char *const failures[] = {"", ", failures: {up: {deterministic: 1e15}, down: 1}"};
    for (size_t i = 0; i < 2; i++) {
        char *text = lc_format("loadcast: model/1\n"
                               "processors: {c: {scheduling: inf}, d: {replicas: 2}}\n"
                               "tasks:\n"
                               "  users: {processor: c, scheduling: ref, multiplicity: 7, think_time: 2,\n"
                               "          entries: {go: {calls: [page]}}}\n"
                               "  web: {processor: c, multiplicity: infinite, entries: {page: {calls: [read]}}}\n"
                               "  db: {processor: d, replicas: 2, balance: sticky%s, entries: {read: {demand: 1}}}\n",
                               failures[i]);
        expect("throughput", simulate_text(text, true), machine_repair(4, 2, 1) + machine_repair(3, 2, 1));
        free(text);
    }
}

/* Two calls at a time of one arrival, a constant each, at a replica of one thread: one after the other. In a session
 * the second step comes while the replica is still busy with what the first one left behind. Half the sessions are that
 * step alone. */
static void arrivals_and_sessions_keep_their_replica(void **state)
{
    (void)state;
    static const char *const balances[] = {"sticky", "least"};
    for (size_t i = 0; i < 2; i++) {
        char *text =
            lc_format("loadcast: model/1\n"
                      "processors: {c: {scheduling: inf}, d: {replicas: 2}}\n"
                      "tasks:\n"
                      "  users: {processor: c, scheduling: open, arrivals: {deterministic: 10},\n"
                      "          entries: {go: {calls: [page], next: {again: 1}}, again: {calls: [send]}}}\n"
                      "  web: {processor: c, multiplicity: infinite, flow: [a -> b & c, b & c -> d],\n"
                      "        entries: {page: {start: a}, send: {calls: [read]}},\n"
                      "        activities: {a: {}, b: {calls: [read]}, c: {calls: [read]},\n"
                      "                     d: {calls: [{to: note, kind: async}], replies: [page]}}}\n"
                      "  db: {processor: d, replicas: 2, balance: %s,\n"
                      "       entries: {read: {demand: {deterministic: 1}}, note: {demand: {deterministic: 1}}}}\n",
                      balances[i]);
        expect("two steps", simulate_text(text, false), i == 0 ? (4 + 1) / 2.0 : (2 + 1) / 2.0);
        free(text);
    }
}

/* Four replicas of two customers each, fan-out 1 to two servers: two systems of four customers. */
static void replicas(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("replicas");
    const int entry = add_server(m, "server", 1, 1);
    m->tasks[0].replicas = m->processors[0].replicas = 2;
    struct lc_activity *phase = add_source(m, "client", LC_REF, 2);
    lc_add_call(phase, LC_CALL_SYNC, entry, 1);
    const int client = lc_find_task(m, "client");
    m->tasks[client].multiplicity = 2;
    m->tasks[client].replicas = 4;
    m->processors[m->tasks[client].processor].replicas = 4;
    m->tasks[client].fan_out = lc_alloc(sizeof *m->tasks[client].fan_out);
    m->tasks[client].fan_out[0] = (struct lc_fan){.task = 0, .value = 1};
    m->tasks[client].fan_out_count = 1;
    m->tasks[0].fan_in = lc_alloc(sizeof *m->tasks[0].fan_in);
    m->tasks[0].fan_in[0] = (struct lc_fan){.task = client, .value = 2};
    m->tasks[0].fan_in_count = 1;
    struct lc_result *r = simulate(m, 0.01);
    expect("throughput", r->workloads[0].throughput, 2 * machine_repair(4, 2, 1));
    lc_result_free(r);
    lc_model_free(m);
}

/* A join of activities that two entries start: both callers get their replies together. */
static void synchronisation(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("meeting");
    const int processor = lc_add_processor(m, "room"), task = lc_add_task(m, "room", processor);
    const int a = lc_add_entry(m, "a", task), b = lc_add_entry(m, "b", task);
    const int left = lc_add_activity(m, task, "left"), right = lc_add_activity(m, task, "right");
    const int both = lc_add_activity(m, task, "both");
    m->entries[a].start = left;
    m->entries[b].start = right;
    for (int i = 0; i < 3; i++)
        m->tasks[task].activities[i].demand = lc_dist_exponential(0.1);
    lc_add_precedence(&m->tasks[task], LC_JOIN_AND, (int[]){left, right}, 2, LC_FORK_NONE, (int[]){both}, NULL, 1,
                      LC_NONE);
    lc_add_reply(&m->tasks[task].activities[both], a);
    lc_add_reply(&m->tasks[task].activities[both], b);
    lc_add_call(add_source(m, "fast", LC_REF, 1), LC_CALL_SYNC, a, 1);
    lc_add_call(add_source(m, "slow", LC_REF, 3), LC_CALL_SYNC, b, 1);
    struct lc_result *r = simulate(m, 0.02);
    const struct lc_estimate x = r->entries[a].throughput, y = r->entries[b].throughput;
    assert_true(fabs(x.mean - y.mean) < 1e-3 * x.mean);
    assert_true(x.mean < 1 / 3.2 && x.mean > 0.2);
    assert_true(r->join_count == 1 && r->joins[0].delay.mean > 0.5);
    /* The fast one's cycle: thinking, then in the room. */
    expect("cycle", r->workloads[0].response_time, 1 / x.mean - (r->workloads[0].task == 1 ? 1 : 3));
    lc_result_free(r);
    lc_model_free(m);
}

static void bottlenecks(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_model *m = lc_model_read(TEST_DATA "/lqn/software-bottleneck.lqnx", &diag);
    require(&diag);
    struct lc_result *r = simulate(m, 0.02);
    assert_int_equal(r->bottleneck_count, 1);
    assert_int_equal(r->bottlenecks[0].task, lc_find_task(m, "app"));
    assert_non_null(strstr(r->bottlenecks[0].reason, "software bottleneck"));
    lc_result_free(r);
    lc_model_free(m);
    lc_diag_free(&diag);
}

/* A pool of one thread that waits for a busy disk: its least holding time leaves room, its true one does not. */
static void software_overload(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("pool");
    const int disk = add_server(m, "disk", 1, 0.5), pool = add_server(m, "pool", 1, 0.1);
    lc_add_call(&m->entries[pool].phases[0], LC_CALL_SYNC, disk, 1);
    m->entries[pool].phases[0].deterministic = true;
    lc_add_call(add_source(m, "others", LC_OPEN, 1 / 0.9), LC_CALL_SYNC, disk, 1);
    lc_add_call(add_source(m, "users", LC_OPEN, 1 / 1.08), LC_CALL_SYNC, pool, 1);
    struct lc_diag diag = {0};
    struct lc_sim_options options = lc_sim_defaults();
    options.replications = 10;
    options.run_time = 20000;
    options.warmup = 1000;
    struct lc_result *r = lc_simulate(m, &options, &diag);
    require(&diag);
    const int task = lc_find_task(m, "pool");
    assert_true(r->tasks[task].saturated);
    assert_false(r->tasks[lc_find_task(m, "disk")].saturated);
    bool named = false;
    for (size_t i = 0; i < r->bottleneck_count; i++)
        named |= r->bottlenecks[i].task == task;
    assert_true(named);
    lc_result_free(r);
    lc_model_free(m);
    lc_diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(balances),
                                       cmocka_unit_test(customers_keep_their_replica),
                                       cmocka_unit_test(arrivals_and_sessions_keep_their_replica),
                                       cmocka_unit_test(replicas),
                                       cmocka_unit_test(synchronisation),
                                       cmocka_unit_test(bottlenecks),
                                       cmocka_unit_test(software_overload)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
