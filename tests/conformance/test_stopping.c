/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When a simulation may say that its precision is reached: figures that contradict each other, rows that are rare, work
 * that is limited, means that are infinite.
 */
#include "model/policy.h"
#include "support.h"

static int add_server(struct lc_model *m, const char *name, struct lc_dist demand)
{
    const int processor = lc_add_processor(m, name), task = lc_add_task(m, name, processor);
    const int entry = lc_add_entry(m, name, task);
    m->entries[entry].phases[0].present = true;
    m->entries[entry].phases[0].demand = demand;
    return entry;
}

/* Ten users of one thread that calls another one, with a mean number of calls at each step. It is busy all the time: a
 * cycle takes 10 · calls · (1 + calls) · 10 ms. */
static struct lc_model *fan(double calls)
{
    struct lc_model *m = lc_model_new("fan");
    const int b = add_server(m, "b", lc_dist_exponential(0.01)), a = add_server(m, "a", lc_dist_exponential(0.01));
    const int processor = lc_add_processor(m, "users"), users = lc_add_task(m, "users", processor);
    m->processors[processor].scheduling = LC_INF;
    m->tasks[users].scheduling = LC_REF;
    m->tasks[users].multiplicity = 10;
    const int u = lc_add_entry(m, "u", users);
    m->entries[u].phases[0].present = true;
    lc_add_call(&m->entries[u].phases[0], LC_CALL_SYNC, a, calls);
    lc_add_call(&m->entries[a].phases[0], LC_CALL_SYNC, b, calls);
    return m;
}

static struct lc_result *run(const struct lc_model *m, const struct lc_sim_options *o, struct lc_diag *diag)
{
    struct lc_result *r = lc_simulate(m, o, diag);
    require(diag);
    assert_non_null(r);
    return r;
}

static void finish(struct lc_model *m, struct lc_result *r, struct lc_diag *diag)
{
    lc_result_free(r);
    lc_model_free(m);
    lc_diag_free(diag);
}

static bool says(const struct lc_diag *diag, const char *text)
{
    for (size_t i = 0; i < diag->count; i++)
        if (strstr(diag->messages[i].text, text) != NULL)
            return true;
    return false;
}

/* Responses that are much longer than what pilots see: X (R + Z) = N, and the exact mean. */
static void long_responses_are_waited_for(void **state)
{
    (void)state;
    struct lc_model *m = fan(30);
    struct lc_diag diag = {0};
    struct lc_sim_options o = lc_sim_defaults();
    o.precision = 0.05;
    struct lc_result *r = run(m, &o, &diag);
    const double throughput = r->workloads[0].throughput.mean, response = r->workloads[0].response_time.mean;
    assert_true(r->converged && diag.count == 0);
    assert_true(fabs(throughput * response / 10 - 1) < 0.05);
    assert_true(fabs(response - 93) < 1.5 * r->workloads[0].response_time.ci99);
    assert_true(r->simulated_time > 15 * response);
    finish(m, r, &diag);
}

/* Replications shorter than a response, as somebody asked for them: their figures contradict each other, which is
 * said. */
static void contradictions_are_no_result(void **state)
{
    (void)state;
    struct lc_model *m = fan(30);
    struct lc_diag diag = {0};
    struct lc_sim_options o = lc_sim_defaults();
    o.replications = 20;
    o.run_time = 100;
    o.warmup = 0;
    struct lc_result *r = run(m, &o, &diag);
    assert_false(r->converged);
    assert_true(says(&diag, "the figures of 'users' contradict each other"));
    finish(m, r, &diag);
}

/* Replications of a quarter of the relaxation time 1 / (1 − √ρ)² = 1560 of M/M/1 at 0.95: it is said each time, and the
 * warm-up is long enough for intervals to hold the mean of 20 most of the time. */
static void short_replications_are_told(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("queue");
    const int entry = add_server(m, "queue", lc_dist_exponential(1));
    m->entries[entry].open_rate = 0.95;
    m->tasks[0].scheduling = LC_INF;
    m->tasks[0].multiplicity = LC_INFINITE;
    struct lc_sim_options o = lc_sim_defaults();
    o.replications = 20;
    o.run_time = 400;
    unsigned held = 0;
    for (o.seed = 1; o.seed <= 10; o.seed++) {
        struct lc_diag diag = {0};
        struct lc_result *r = run(m, &o, &diag);
        assert_true(says(&diag, "is short for this model"));
        held += fabs(r->workloads[0].response_time.mean - 20) <= r->workloads[0].response_time.ci95;
        lc_result_free(r);
        lc_diag_free(&diag);
    }
    assert_true(held >= 8);
    lc_model_free(m);
}

/* As many users as ever are busy: nothing is remembered for long, though errors of rounding are. */
static void populations_that_never_change_remember_nothing(void **state)
{
    (void)state;
    struct lc_model *m = fan(1);
    struct lc_sim_options o = lc_sim_defaults();
    o.replications = 3;
    o.run_time = 500;
    for (o.seed = 1; o.seed <= 4; o.seed++) {
        struct lc_diag diag = {0};
        struct lc_result *r = run(m, &o, &diag);
        assert_true(r->warmup <= 20); /* 64 with seed 2 where errors count */
        lc_result_free(r);
        lc_diag_free(&diag);
    }
    lc_model_free(m);
}

/* An entry that one request in 10,000 needs counts where every row is asked for, and sets no length where the answers
are. */
static void rare_rows_count_where_they_are_asked_for(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("rare");
    const int rare = add_server(m, "rare", lc_dist_exponential(1)), server = add_server(m, "s", lc_dist_exponential(1));
    m->entries[server].open_rate = 0.5;
    lc_add_call(&m->entries[server].phases[0], LC_CALL_SYNC, rare, 1e-3);
    struct lc_diag diag = {0};
    struct lc_sim_options o = lc_sim_defaults();
    o.precision = 0.1;
    struct lc_result *all = run(m, &o, &diag);
    o.answers = true;
    struct lc_result *answers = run(m, &o, &diag);
    assert_true(all->converged && answers->converged);
    assert_true(all->entries[rare].throughput.ci95 <= 0.1 * all->entries[rare].throughput.mean);
    assert_true(answers->events < all->events / 2);
    lc_result_free(all);
    finish(m, answers, &diag);
}

/* Half of the cycles call nobody and take no time, so that the median is 0 or next to it: no reason to go on. */
static void medians_of_nothing_end_no_later(void **state)
{
    (void)state;
    struct lc_model *m = fan(1);
    m->tasks[2].think_time = lc_dist_exponential(0.5);
    struct lc_diag diag = {0};
    struct lc_sim_options o = lc_sim_defaults();
    o.precision = 0.05;
    struct lc_result *r = run(m, &o, &diag);
    assert_true(r->workloads[0].percentiles.value[0].mean < 0.01 * r->workloads[0].response_time.mean);
    assert_true(r->converged && r->percentile_precision <= 0.1);
    assert_true(r->events < 8000000);
    finish(m, r, &diag);
}

/* Work is limited in events: the same for any number of threads, and said to be not enough. */
static void work_is_limited_in_events(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("M/M/1");
    const int server = add_server(m, "s", lc_dist_exponential(1));
    m->entries[server].open_rate = 0.9;
    struct lc_diag diag = {0};
    struct lc_sim_options o = lc_sim_defaults();
    o.precision = 0.001;
    o.max_events = 4e6;
    o.jobs = 1;
    struct lc_result *one = run(m, &o, &diag);
    o.jobs = 3;
    struct lc_result *three = run(m, &o, &diag);
    assert_false(one->converged);
    assert_true(one->replications >= 10 && (double)one->events < 2 * o.max_events);
    assert_true(one->events == three->events &&
                one->workloads[0].response_time.mean == three->workloads[0].response_time.mean);
    lc_result_free(one);
    finish(m, three, &diag);
}

static void infinite_means_are_named(void **state)
{
    (void)state;
    for (int shared = 0; shared < 2; shared++) {
        struct lc_model *m = lc_model_new("M/Pareto/1");
        const int server = add_server(m, "s", lc_dist_named("pareto", 2, 1.5, 1.0 / 3));
        m->entries[server].open_rate = 0.3;
        if (shared == 1) {
            m->processors[0].scheduling = LC_PS;
            m->tasks[0].scheduling = LC_INF;
            m->tasks[0].multiplicity = LC_INFINITE;
        }
        struct lc_diag diag = {0};
        struct lc_sim_options o = lc_sim_defaults();
        o.precision = 0.2;
        o.max_events = 2e6;
        struct lc_result *r = run(m, &o, &diag);
        assert_true(says(&diag, "the mean wait for 's' is infinite") == (shared == 0));
        assert_true(shared == 1 || !r->converged);
        finish(m, r, &diag);
    }
}

/* A thread that waits for what has no finite variance is held as long; a call that is given up in time holds nobody. */
static void waits_for_infinite_variance_are_named(void **state)
{
    (void)state;
    for (int given_up = 0; given_up < 2; given_up++) {
        struct lc_model *m = lc_model_new("front");
        const int store = add_server(m, "store", lc_dist_named("pareto", 2, 1.5, 1.0 / 3));
        const int front = add_server(m, "front", lc_dist_exponential(0.1));
        m->processors[0].scheduling = LC_INF;
        m->tasks[0].scheduling = LC_INF;
        m->tasks[0].multiplicity = LC_INFINITE;
        m->entries[front].open_rate = 0.3;
        lc_add_call(&m->entries[front].phases[0], LC_CALL_SYNC, store, 1);
        if (given_up)
            lci_policies_of(m, 0, LC_NONE, true)->timeout = 5;
        struct lc_diag diag = {0};
        struct lc_sim_options o = lc_sim_defaults();
        o.precision = 0.5;
        o.max_events = 1e6;
        struct lc_result *r = run(m, &o, &diag);
        assert_true(says(&diag, "the mean wait for 'front' is infinite: the demand of entry 'store', for which it") !=
                    given_up);
        finish(m, r, &diag);
    }
}

/* Five customers who think for a second each send 4.9 requests a second that nobody waits for, to a server of 2 or of
 * 20 a second; to one of 2 whose task has a thread for each; and to one that is full but for 0.03 %, where the queue
 * needs days to become what it is in the end. */
static void floods_are_overload(void **state)
{
    (void)state;
    static const struct {
        double demand;
        bool threads, ends, settles;
    } kinds[] = {
        {0.5, false, true, false}, {0.5, true, true, false}, {0.05, false, false, true}, {0.202, false, false, false}};
    for (size_t i = 0; i < 4; i++) {
        struct lc_model *m = fan(1);
        m->tasks[2].think_time = lc_dist_exponential(1);
        m->tasks[2].multiplicity = 5;
        m->entries[2].phases[0].deterministic = m->entries[1].phases[0].deterministic = true;
        m->entries[1].phases[0].calls[0].kind = LC_CALL_ASYNC;
        lc_dist_free(&m->entries[0].phases[0].demand);
        m->entries[0].phases[0].demand = lc_dist_exponential(kinds[i].demand);
        m->tasks[0].scheduling = kinds[i].threads ? LC_INF : LC_FCFS;
        struct lc_diag diag = {0};
        struct lc_sim_options o = lc_sim_defaults();
        o.precision = 0.1;
        o.max_events = 1e6;
        struct lc_result *r = run(m, &o, &diag);
        assert_true(r->ended == kinds[i].ends && r->converged == kinds[i].settles);
        assert_int_equal(r->overload.queue, kinds[i].ends ? 0 : LC_NONE);
        assert_true(says(&diag, "the queue of 'b' grows without end because processor 'b' is full: 'a' sends requests "
                                "to 'b' and does not wait") == kinds[i].ends);
        const bool drifts = !kinds[i].ends && !kinds[i].settles;
        assert_int_equal(r->drifts, drifts ? 0 : LC_NONE);
        assert_true(says(&diag, "no steady state in the time simulated: on the average 'b' has") == drifts);
        const struct lc_estimate *x = &r->workloads[0].throughput;
        assert_true(x->mean + x->ci99 > 4.5 && x->mean - x->ci99 < r->workloads[0].bounds.throughput_high);
        assert_true(r->workloads[0].bounds.throughput_high > 4.9);
        finish(m, r, &diag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_responses_are_waited_for),
        cmocka_unit_test(contradictions_are_no_result),
        cmocka_unit_test(short_replications_are_told),
        cmocka_unit_test(populations_that_never_change_remember_nothing),
        cmocka_unit_test(rare_rows_count_where_they_are_asked_for),
        cmocka_unit_test(work_is_limited_in_events),
        cmocka_unit_test(infinite_means_are_named),
        cmocka_unit_test(medians_of_nothing_end_no_later),
        cmocka_unit_test(floods_are_overload),
        cmocka_unit_test(waits_for_infinite_variance_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
