/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Goals of every kind, met and missed by a margin, undecided, and decided by the traffic equations, where closed forms
 * tell what is true.
 */
#include "support/asked.h"

/* What the first point says about the goal of a kind (and percentile) for a workload or component. */
static const struct lc_goal_result *goal_of(const struct asked *a, enum lc_goal_kind kind, int percentile,
                                            const char *name)
{
    const struct lc_point *p = &a->verdict->points[0];
    for (size_t g = 0; g < p->goal_count; g++) {
        const struct lc_goal_result *r = &p->goals[g];
        const char *of = r->component != NULL ? r->component : r->goal->workload;
        if (r->goal->kind == kind && (int)r->goal->percentile == percentile && strcmp(of, name) == 0)
            return r;
    }
    fail_msg("there is no such goal of %s", name);
    return NULL;
}

/* ---- simulated --------------------------------------------------------------------------------------------------- */

/* The response time of an M/M/1 is exponential, here with 0.2 s: its quantile at q is −0.2 s × ln(1 − q). The limits of
 * u are about a sixth above, those of v a sixth below. */
static void every_percentile(void **state)
{
    (void)state;
    static const int percentiles[] = {50, 90, 95, 99};
    struct asked a =
        predict(one_queue,
                "workloads: [{name: u, entry: page, rate: 2.5/s}, {name: v, entry: page, rate: 2.5/s}]\n"
                "goals: {response_time: {u: {mean: 233 ms, p50: 162 ms, p90: 537 ms, p95: 699 ms, p99: 1075 ms},\n"
                "                        v: {mean: 167 ms, p50: 116 ms, p90: 384 ms, p95: 499 ms, p99: 768 ms}}}\n"
                "simulation: {precision: 3 %, seed: 7}\n",
                NULL);
    assert_int_equal(a.verdict->points[0].goal_count, 10);
    for (size_t i = 0; i < 4; i++)
        for (int late = 0; late < 2; late++) {
            const struct lc_goal_result *g = goal_of(&a, LC_GOAL_RESPONSE, percentiles[i], late ? "v" : "u");
            assert_int_equal(g->judgement, late ? LC_GOAL_MISSED : LC_GOAL_MET);
            holds(&g->value, -0.2 * log(1 - percentiles[i] / 100.0));
        }
    assert_int_equal(goal_of(&a, LC_GOAL_RESPONSE, 0, "u")->judgement, LC_GOAL_MET);
    assert_int_equal(goal_of(&a, LC_GOAL_RESPONSE, 0, "v")->judgement, LC_GOAL_MISSED);
    assert_int_equal(a.verdict->status, LC_MISSED);
    done(&a);
}

/* A time that is exponential with 100 ms exceeds a timeout of 100 ms with probability 1 / e: of 5 requests a
 * second 3.16 succeed. */
static const char timed_out[] = "deployment: {services: {db: {concurrency: infinite, timeout: 100 ms}}}\n"
                                "workloads: [{name: u, entry: page, rate: 5/s}, {name: v, entry: page, rate: 5/s}]\n"
                                "goals: {error_rate: {u: 33 %, v: 41 %}, throughput: {u: 3.6/s, v: 2.8/s}}\n";

static void errors_and_throughput_of_a_timeout(void **state)
{
    (void)state;
    char *scenario = lc_format("%ssimulation: {precision: 2 %%, seed: 7}\n", timed_out);
    struct asked a = predict(one_queue, scenario, NULL);
    for (int kind = 0; kind < 2; kind++) {
        const enum lc_goal_kind of = kind ? LC_GOAL_ERRORS : LC_GOAL_THROUGHPUT;
        const double expected = kind ? exp(-1) : 5 * (1 - exp(-1));
        holds(&goal_of(&a, of, 0, "u")->value, expected);
        holds(&goal_of(&a, of, 0, "v")->value, expected);
        assert_int_equal(goal_of(&a, of, 0, "u")->judgement, LC_GOAL_MISSED);
        assert_int_equal(goal_of(&a, of, 0, "v")->judgement, LC_GOAL_MET);
    }
    free(scenario);
    done(&a);
}

/* Where nothing can fail the error rate is 0, whatever the simulation. */
static void nothing_fails(void **state)
{
    (void)state;
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                             "goals: {error_rate: {u: 0.1 %}}\n"
                             "simulation: {replications: 3, seed: 7}\n",
                             NULL);
    near(goal_of(&a, LC_GOAL_ERRORS, 0, "u")->value.mean, 0, 0);
    assert_int_equal(goal_of(&a, LC_GOAL_ERRORS, 0, "u")->judgement, LC_GOAL_MET);
    assert_int_equal(a.verdict->status, LC_OK);
    done(&a);
}

/* Two servers are asked for 120 % of what they can. Who waits for one, or for threads that all wait for it in the end,
 * waits for ever longer; the sender of a job does not, nor who goes elsewhere. Of what is asked of the servers they
 * serve what they can, 10 a second. */
static void goals_of_those_who_do_not_wait(void **state)
{
    (void)state;
    struct asked a =
        predict("loadcast: model/1\n"
                "processors: {delay: {scheduling: inf}}\n"
                "tasks:\n"
                "  web: {processor: delay, scheduling: inf, entries: {page: {calls: [query]},\n"
                "        send: {demand: 10 ms, calls: [{to: job, kind: async}]}, quick: {calls: [other]}}}\n"
                "  few: {processor: delay, multiplicity: 4, entries: {ask: {calls: [query]},\n"
                "        caught: {calls: [other]}}}\n"
                "  db: {processor: delay, entries: {query: {demand: 100 ms}}}\n"
                "  mail: {processor: delay, entries: {job: {demand: 100 ms}}}\n"
                "  far: {processor: delay, entries: {other: {demand: 100 ms}}}\n",
                "workloads: [{name: slow, entry: page, rate: 11/s}, {name: asker, entry: ask, rate: 1/s},\n"
                "  {name: sender, entry: send, rate: 12/s}, {name: elsewhere, entry: quick, rate: 4/s},\n"
                "  {name: stuck, entry: caught, rate: 1/s}]\n"
                "goals: {response_time: {slow: {mean: 1 h}, asker: {mean: 1 h}, stuck: {mean: 1 h},\n"
                "                        sender: {mean: 12 ms}, elsewhere: {mean: 185 ms, p95: 430 ms}},\n"
                "        throughput: {slow: 8/s, elsewhere: 3.5/s}}\n"
                "simulation: {seed: 7}\n",
                NULL);
    static const char *const waiting[] = {"slow", "asker", "stuck"};
    for (size_t i = 0; i < sizeof waiting / sizeof *waiting; i++) {
        const struct lc_goal_result *g = goal_of(&a, LC_GOAL_RESPONSE, 0, waiting[i]);
        assert_int_equal(g->judgement, LC_GOAL_MISSED);
        assert_true(isnan(g->value.mean));
    }
    const struct lc_goal_result *send = goal_of(&a, LC_GOAL_RESPONSE, 0, "sender");
    const struct lc_goal_result *quick = goal_of(&a, LC_GOAL_RESPONSE, 0, "elsewhere");
    const struct lc_goal_result *tail = goal_of(&a, LC_GOAL_RESPONSE, 95, "elsewhere");
    assert_int_equal(send->judgement, LC_GOAL_MET);
    assert_int_equal(quick->judgement, LC_GOAL_MET);
    assert_int_equal(tail->judgement, LC_GOAL_MISSED);
    near(send->value.mean, 0.01, 0.001);
    near(quick->value.mean, 1 / 6.0, 0.02); /* an M/M/1: those who are stuck do not come in the end */
    near(tail->value.mean, -log(0.05) / 6, 0.06);
    assert_int_equal(goal_of(&a, LC_GOAL_THROUGHPUT, 0, "slow")->judgement, LC_GOAL_MET);
    assert_int_equal(goal_of(&a, LC_GOAL_THROUGHPUT, 0, "elsewhere")->judgement, LC_GOAL_MET);
    near(goal_of(&a, LC_GOAL_THROUGHPUT, 0, "slow")->value.mean, 9.5, 0.6);
    assert_int_equal(a.verdict->status, LC_MISSED);
    done(&a);
}

/* ---- how well it is known ---------------------------------------------------------------------------------------- */

/* Limits on the truth itself, in three replications: nobody can tell. The load of the machine repair's server is
 * simulated, because users who wait ask for less. */
static void the_truth_as_limit_is_undecided(void **state)
{
    (void)state;
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                             "goals: {response_time: {u: {mean: 200 ms}}}\n"
                             "simulation: {replications: 3, seed: 7}\n",
                             NULL);
    assert_int_equal(goal_of(&a, LC_GOAL_RESPONSE, 0, "u")->judgement, LC_GOAL_UNDECIDED);
    assert_int_equal(a.verdict->status, LC_UNDECIDED);
    done(&a);
    a = predict(one_queue,
                "workloads: [{name: u, entry: page, users: 1, think_time: 300 ms}]\n"
                "goals: {load: {db: 25 %}}\n"
                "simulation: {replications: 3, seed: 7}\n",
                NULL);
    assert_int_equal(goal_of(&a, LC_GOAL_LOAD, 0, "db")->judgement, LC_GOAL_UNDECIDED);
    assert_int_equal(a.verdict->status, LC_UNDECIDED);
    done(&a);
}

/* Half a per cent from the limit: told by a simulation that is longer than what was asked for. */
static void a_near_limit_is_simulated_longer(void **state)
{
    (void)state;
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                             "goals: {response_time: {u: {mean: 201 ms}}}\n"
                             "simulation: {precision: 20 %, seed: 7}\n",
                             NULL);
    const struct lc_point *p = &a.verdict->points[0];
    assert_int_equal(p->goals[0].judgement, LC_GOAL_MET);
    assert_true(p->precision < 0.1 && p->goals[0].value.mean + p->goals[0].value.ci95 < 0.201);
    holds(&p->goals[0].value, 0.2);
    assert_int_equal(a.verdict->status, LC_OK);
    done(&a);
}

/* Limits five times away need a 25th of the work of the default precision, and the point says so. */
static void a_far_limit_is_simulated_shorter(void **state)
{
    (void)state;
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                             "goals: {response_time: {u: {mean: 1 s}}, throughput: {u: 1/s}}\n"
                             "simulation: {seed: 7}\n",
                             NULL);
    const struct lc_point *p = &a.verdict->points[0];
    assert_true(p->clear);
    near(p->precision, 0.05, 1e-12);
    assert_int_equal(a.verdict->status, LC_OK);
    done(&a);
}

/* The precision that nobody stated is 1 %, but not where that takes hundreds of millions of events. */
static void what_nobody_asked_does_not_take_minutes(void **state)
{
    (void)state;
    for (int busy = 0; busy < 2; busy++) {
        struct asked a = predict(one_queue,
                                 busy ? "workloads: [{name: u, entry: page, rate: 9.7/s}]\nsimulation: {seed: 7}\n"
                                      : "workloads: [{name: u, entry: page, rate: 5/s}]\nsimulation: {seed: 7}\n",
                                 NULL);
        const struct lc_point *p = &a.verdict->points[0];
        assert_int_equal(p->costly, busy);
        assert_true(p->result->converged && p->result->precision <= (busy ? 0.05 : 0.01));
        holds(&p->result->workloads[0].response_time, busy ? 0.1 / 0.03 : 0.2);
        done(&a);
    }
}

/* ---- by the traffic equations ------------------------------------------------------------------------------------ */

static const char two_processors[] = "loadcast: model/1\n"
                                     "processors: {front: {multiplicity: 2}, back: {multiplicity: 1}}\n"
                                     "tasks:\n"
                                     "  web: {processor: front, scheduling: inf, entries: {page: {demand: 20 ms, "
                                     "calls: [query]}}}\n"
                                     "  db: {processor: back, scheduling: inf, entries: {query: {demand: 100 ms}}}\n";

/* A load of exactly 50 % keeps a limit of 50 % and misses 49.9 %: no simulation could tell. */
static void loads_of_processors_are_exact(void **state)
{
    (void)state;
    for (int missed = 0; missed < 2; missed++) {
        char *scenario = lc_format("workloads: [{name: u, entry: page, rate: 5/s}]\n"
                                   "goals: {load: {back: %s}}\n"
                                   "simulation: {replications: 3, seed: 7}\n",
                                   missed ? "49.9 %" : "50 %");
        struct asked a = predict(two_processors, scenario, NULL);
        assert_int_equal(goal_of(&a, LC_GOAL_LOAD, 0, "back")->judgement, missed ? LC_GOAL_MISSED : LC_GOAL_MET);
        assert_true(goal_of(&a, LC_GOAL_LOAD, 0, "back")->processor);
        free(scenario);
        done(&a);
    }
}

/* A goal for every component is one for each that has a limit; the one that is too busy misses it, and of the other, at
 * 12 × 20 ms / 2, the equations tell that it is kept. */
static void every_component_of_an_overload(void **state)
{
    (void)state;
    struct asked a = predict(two_processors,
                             "workloads: [{name: u, entry: page, rate: 12/s}]\n"
                             "goals: {load: 80 %, response_time: {u: {mean: 1 h}}, error_rate: {u: 1 %}}\n",
                             NULL);
    const struct lc_point *p = &a.verdict->points[0];
    assert_true(p->overloaded && p->limit.processor);
    assert_string_equal(p->limit.name, "back");
    assert_int_equal(p->goal_count, 4);
    assert_int_equal(goal_of(&a, LC_GOAL_LOAD, 0, "back")->judgement, LC_GOAL_MISSED);
    assert_int_equal(goal_of(&a, LC_GOAL_LOAD, 0, "front")->judgement, LC_GOAL_MET);
    near(goal_of(&a, LC_GOAL_LOAD, 0, "front")->value.mean, 0.12, 1e-9);
    near(goal_of(&a, LC_GOAL_LOAD, 0, "back")->value.mean, 1, 1e-9); /* no processor is busier */
    assert_int_equal(goal_of(&a, LC_GOAL_RESPONSE, 0, "u")->judgement, LC_GOAL_MISSED);
    done(&a);
}

/* ---- over time --------------------------------------------------------------------------------------------------- */

/* The part of an M/M/1's requests that is slower than t is exp(−(μ − λ) t): 1 % at 0.92 s, 37 % at 0.2 s. */
static void goals_over_time(void **state)
{
    (void)state;
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                             "goals: {response_time: {u: {p50: 200 ms, p95: 200 ms}}, load: {db: 90 %}}\n"
                             "cost: {db: {replica_hour: 3.6}}\n"
                             "simulation: {mode: transient, duration: 300 s, step: 100 s, replications: 20, seed: 7, "
                             "warmup: 20 s}\n",
                             NULL);
    const struct lc_point *p = &a.verdict->points[0];
    assert_int_equal(p->goal_count, 3);
    double rates[8];
    for (size_t g = 0; g < p->goal_count; g++)
        assert_int_equal(p->goals[g].judgement, p->goals[g].goal->percentile == 95 ? LC_GOAL_MISSED : LC_GOAL_MET);
    assert_int_equal(a.verdict->status, LC_MISSED);
    near(lc_cost_curve(a.verdict, p, 0, rates).replicas, 0.3, 1e-9); /* 300 s at 3.6 an hour */
    done(&a);
}

static void errors_and_throughput_over_time(void **state)
{
    (void)state;
    char *scenario =
        lc_format("%ssimulation: {mode: transient, duration: 400 s, step: 200 s, replications: 20, seed: 7, "
                  "warmup: 20 s}\n",
                  timed_out);
    struct asked a = predict(one_queue, scenario, NULL);
    for (int kind = 0; kind < 2; kind++) {
        const enum lc_goal_kind of = kind ? LC_GOAL_ERRORS : LC_GOAL_THROUGHPUT;
        const struct lc_goal_result *missed = goal_of(&a, of, 0, "u");
        assert_int_equal(missed->judgement, LC_GOAL_MISSED);
        near(missed->course.from, 0, 1e-9);
        near(missed->course.beyond, 400, 1e-9);
        assert_true(missed->course.to_end);
        near(missed->value.mean, kind ? exp(-1) : 5 * (1 - exp(-1)), kind ? 0.02 : 0.2);
        assert_int_equal(goal_of(&a, of, 0, "v")->judgement, LC_GOAL_MET);
        assert_int_equal(goal_of(&a, of, 0, "v")->course.judged, 2);
    }
    free(scenario);
    done(&a);
}

/* What cannot fail keeps a limit for errors; a limit on the truth is open in two runs. */
static void undecided_over_time(void **state)
{
    (void)state;
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                             "goals: {error_rate: {u: 1 %}, response_time: {u: {mean: 200 ms}}}\n"
                             "simulation: {mode: transient, duration: 400 s, step: 200 s, replications: 4, seed: 7, "
                             "warmup: 20 s}\n",
                             NULL);
    assert_int_equal(goal_of(&a, LC_GOAL_ERRORS, 0, "u")->judgement, LC_GOAL_MET);
    assert_int_equal(goal_of(&a, LC_GOAL_RESPONSE, 0, "u")->judgement, LC_GOAL_UNDECIDED);
    assert_true(goal_of(&a, LC_GOAL_RESPONSE, 0, "u")->course.open > 0);
    assert_int_equal(a.verdict->status, LC_UNDECIDED);
    done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_percentile),
        cmocka_unit_test(errors_and_throughput_of_a_timeout),
        cmocka_unit_test(nothing_fails),
        cmocka_unit_test(the_truth_as_limit_is_undecided),
        cmocka_unit_test(a_near_limit_is_simulated_longer),
        cmocka_unit_test(a_far_limit_is_simulated_shorter),
        cmocka_unit_test(what_nobody_asked_does_not_take_minutes),
        cmocka_unit_test(loads_of_processors_are_exact),
        cmocka_unit_test(every_component_of_an_overload),
        cmocka_unit_test(goals_of_those_who_do_not_wait),
        cmocka_unit_test(goals_over_time),
        cmocka_unit_test(errors_and_throughput_over_time),
        cmocka_unit_test(undecided_over_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
