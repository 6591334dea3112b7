/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The verdict as a library, against closed forms: queues of one and several servers, machine repair, what a
 * faster part can bring, and what it costs.
 */
#include "support/asked.h"

/* ---- queues ------------------------------------------------------------------------------------------------------ */

/* M/M/1: full at μ = 10/s; a mean response of 1/(μ − λ). */
static void one_server_by_erlang(void **state)
{
    (void)state;
    struct asked a =
        predict(one_queue,
                "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                "load: {factors: [1, 4]}\n"
                "goals: {load: {db: 80 %}, response_time: {u: {mean: 300 ms, p95: 2 s}}, throughput: {u: 4.5/s}}\n"
                "capacity: {of: mix, within: 5 %}\n"
                "simulation: {precision: 3 %, seed: 7}\n",
                NULL);
    const struct lc_verdict *v = a.verdict;
    assert_int_equal(v->limits[0].count, 1);
    assert_string_equal(v->limits[0].items[0].component.name, "db");
    near(v->limits[0].items[0].factor, 2, 1e-9);
    near(v->limits[0].rate, 5, 1e-9);
    const struct lc_point *at_half = &v->points[0], *beyond = &v->points[1];
    holds(&at_half->result->workloads[0].response_time, 0.2);
    holds(&at_half->result->workloads[0].throughput, 5);
    near(at_half->traffic.load, 0.5, 1e-9);
    for (size_t g = 0; g < at_half->goal_count; g++)
        assert_int_equal(at_half->goals[g].judgement, LC_GOAL_MET);
    assert_true(beyond->overloaded);
    assert_string_equal(beyond->limit.name, "db");
    assert_int_equal(v->status, LC_MISSED);
    /* The mean is 300 ms where λ = μ − 1/0.3; load and p95 = ln 20 / (μ − λ) are reached later. */
    const double factor = (10 - 1 / 0.3) / 5;
    assert_int_equal(v->capacity_count, 1);
    assert_true(v->capacities[0].search.keeps <= factor * 1.02);
    assert_true(v->capacities[0].search.misses >= factor * 0.98);
    assert_true(v->capacities[0].search.decided);
    assert_true(v->capacities[0].search.simulated <= 4);     /* the ends, and what lies too near the limit */
    near(v->capacities[0].order.items[0].factor, 1.6, 1e-9); /* its load is 80 % */
    near(v->capacities[0].rate, 5, 1e-9);
    done(&a);
}

/* M/M/c by Erlang's C. */
static void several_servers_by_erlang(void **state)
{
    (void)state;
    struct asked a = predict(one_queue,
                             "deployment: {services: {db: {concurrency: 3}}}\n"
                             "workloads: [{name: u, entry: page, rate: 21/s}]\n"
                             "simulation: {precision: 3 %, seed: 7}\n",
                             NULL);
    const double offered = 2.1, c = 3;
    double sum = 0, term = 1;
    for (int k = 0; k < 3; k++, term *= offered / k)
        sum += term;
    const double last = term * c / (c - offered), wait = last / (sum + last);
    near(a.verdict->limits[0].items[0].factor, c / offered, 1e-9);
    holds(&a.verdict->points[0].result->workloads[0].response_time, 0.1 + wait * 0.1 / (c - offered));
    assert_int_equal(a.verdict->status, LC_OK);
    done(&a);
}

/* Machine repair: exact mean value analysis of one queue and a think time. */
static void closed_users_by_mean_values(void **state)
{
    (void)state;
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, users: 6, think_time: 400 ms}]\n"
                             "goals: {throughput: {u: 8/s}}\n"
                             "simulation: {precision: 3 %, seed: 7}\n",
                             NULL);
    double queue = 0, throughput = 0;
    for (int n = 1; n <= 6; n++) {
        const double response = 0.1 * (1 + queue);
        throughput = n / (0.4 + response);
        queue = throughput * response;
    }
    holds(&a.verdict->points[0].result->workloads[0].throughput, throughput);
    holds(&a.verdict->points[0].result->workloads[0].response_time, queue / throughput);
    /* The knee of the asymptotic bounds: N* = (D + Z) / D users. */
    near(a.verdict->limits[0].items[0].factor, (0.1 + 0.4) / 0.1 / 6, 1e-9);
    assert_int_equal(a.verdict->points[0].goals[0].judgement, LC_GOAL_MET);
    done(&a);
}

/* ---- changes, cost ------------------------------------------------------------------------------------------------
 */

/* Amdahl: two thirds of a thread's time twice as fast let 1 / (1/3 + 2/3 / 2) = 1.5 times as much through. */
static void a_faster_part_by_amdahl(void **state)
{
    (void)state;
    struct asked a =
        predict("loadcast: model/1\n"
                "processors: {delay: {scheduling: inf}}\n"
                "tasks:\n"
                "  web: {processor: delay, multiplicity: 1, entries: {page: {demand: 50 ms, calls: [query]}}}\n"
                "  db: {processor: delay, scheduling: inf, entries: {query: {demand: 100 ms}}}\n",
                "workloads: [{name: u, entry: page, rate: 2/s}]\n"
                "what_if: [{name: faster, change: {query.demand: x 0.5}}]\n"
                "cost: {web: {replica_hour: 0.2}}\n"
                "simulation: {precision: 5 %, seed: 7}\n",
                NULL);
    const struct lc_verdict *v = a.verdict;
    near(v->limits[0].items[0].factor, 1 / (2 * 0.15), 1e-9);
    near(v->limits[1].items[0].factor / v->limits[0].items[0].factor, 1.5, 1e-9);
    const struct lc_comparison *mean = NULL;
    for (size_t i = 0; i < v->comparison_count; i++)
        if (v->comparisons[i].quantity == LC_COMPARED_MEAN)
            mean = &v->comparisons[i];
    assert_non_null(mean);
    assert_true(mean->significant && mean->high < 0);
    near(lc_cost_total(v, &v->points[0]), 0.2 * 24 * 30.4375, 1e-9);
    done(&a);
}

/* Half of a thread is busy and 5 requests a second are served, whatever the unit of the model: 0.5 GB-seconds a second
 * of a replica of 1 GB. */
static const char in_ms[] = "loadcast: model/1\n"
                            "time_unit: ms\n"
                            "processors: {delay: {scheduling: inf}}\n"
                            "tasks:\n"
                            "  db: {processor: delay, multiplicity: 1, entries: {query: {demand: 100}}}\n";
static const char priced[] = "workloads: [{name: u, entry: db/query, rate: 5/s}]\n"
                             "cost: {db: {replica_hour: 0.2, invocation: 0.001, gb_second: 0.01, memory: 1 GB}}\n";

static void costs_of_requests_and_memory(void **state)
{
    (void)state;
    const double month = 30.4375 * 86400;
    char *scenario = lc_format("%sload: {factors: [1, 3]}\nsimulation: {precision: 2 %%, seed: 7}\n", priced);
    struct asked a = predict(in_ms, scenario, NULL);
    const struct lc_verdict *v = a.verdict;
    const struct lc_cost cost = lc_cost_of(v, &v->points[0], 0);
    near(cost.replicas, 0.2 * month / 3600, 1e-6);
    near(cost.invocations, 0.001 * 5 * month, 0.05 * 0.001 * 5 * month);
    near(cost.memory, 0.01 * 0.5 * month, 0.05 * 0.01 * 0.5 * month);
    near(lc_cost_total(v, &v->points[0]), cost.replicas + cost.invocations + cost.memory, 1e-6);
    /* What cannot be served has no number of requests, but its replicas cost the same. */
    near(lc_cost_of(v, &v->points[1], 0).replicas, cost.replicas, 1e-6);
    assert_true(isnan(lc_cost_total(v, &v->points[1])));
    free(scenario);
    done(&a);
}

static void costs_over_time(void **state)
{
    (void)state;
    char *scenario =
        lc_format("%ssimulation: {mode: transient, duration: 600 s, step: 300 s, replications: 20, seed: 7, "
                  "warmup: 20 s}\n",
                  priced);
    struct asked a = predict(in_ms, scenario, NULL);
    double rates[2];
    const struct lc_cost cost = lc_cost_curve(a.verdict, &a.verdict->points[0], 0, rates);
    near(cost.replicas, 0.2 / 6, 1e-9);
    near(cost.invocations, 0.001 * 5 * 600, 0.15);
    near(cost.memory, 0.01 * 0.5 * 600, 0.15);
    near((rates[0] + rates[1]) / 12, cost.replicas + cost.invocations + cost.memory, 1e-9);
    free(scenario);
    done(&a);
}

/* ---- models for others, errors --------------------------------------------------------------------------- */

static void models_for_others(void **state)
{
    (void)state;
    struct asked a = ask(one_queue, "workloads: [{name: u, entry: page, rate: 5/s}]\nload: {factors: [1, 3]}\n", NULL);
    struct lc_traffic traffic = {0};
    struct lc_model *at = lc_verdict_model_at(a.verdict, "1.5", &a.diag);
    assert_non_null(at);
    assert_int_equal(lc_traffic_solve(at, &traffic, &a.diag), 0);
    near(traffic.load, 0.75, 1e-9);
    lc_traffic_free(&traffic);
    lc_model_free(at);
    struct lc_model *all = lc_verdict_model(a.verdict, &a.diag);
    assert_non_null(all);
    assert_string_equal(all->variables[0].name, "load");
    assert_string_equal(all->variables[0].expression, "[1, 3]");
    lc_model_free(all);
    assert_null(lc_verdict_model_at(a.verdict, "none", &a.diag));
    assert_int_equal(lc_diag_status(&a.diag), LC_USAGE);
    done(&a);
}

static void what_is_not_there_is_said(void **state)
{
    static const char *const wrong[][2] = {
        {"workloads: [{name: u, entry: pge, rate: 5/s}]\n", "did you mean 'page'?"},
        {"workloads: [{name: db, entry: page, rate: 5/s}]\n", "has the name of a part of the system"},
        {"workloads: [{name: u, entry: page, rate: 5/s}]\ngoals: {load: {dbb: 80 %}}\n", "did you mean 'db'?"},
        {"workloads: [{name: u, entry: page, rate: 5/s}]\ngoals: {load: {web: 80 %}}\n", "has no limit"},
        {"workloads: [{name: u, entry: page, rate: 5/s}]\ncost: {dbb: {replica_hour: 1}}\n", "did you mean 'db'?"},
        {"workloads: [{name: u, entry: checkout, rate: 5/s}]\n",
         "the model has no entry 'checkout'; expected one of page"},
        {"workloads: [{name: u, entry: page, rate: 5/s}]\ngoals: {load: {frontend: 80 %}}\n",
         "there is no component 'frontend'; expected one of"},
        {"workloads: [{name: u, entry: page, rate: 5/s}]\ncost: {frontend: {replica_hour: 1}}\n",
         "there is no component 'frontend'; expected one of"},
        {"deployment: {services: {db: {slot: handle*}}}\nworkloads: [{name: u, entry: page, rate: 5/s}]\n",
         "with a model it is left out"},
        {"workloads: [{name: u, entry: page, rate: 5/s, where: {a: b}}]\n", "tells requests of traces apart"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct asked a = ask(one_queue, wrong[i][0], NULL);
        if (a.verdict != NULL || strstr(a.diag.messages[0].text, wrong[i][1]) == NULL)
            fail_msg("%s: %s", wrong[i][0], a.diag.count > 0 ? a.diag.messages[0].text : "no error");
        assert_int_equal(lc_diag_status(&a.diag), LC_INPUT);
        done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_server_by_erlang),
        cmocka_unit_test(several_servers_by_erlang),
        cmocka_unit_test(closed_users_by_mean_values),
        cmocka_unit_test(a_faster_part_by_amdahl),
        cmocka_unit_test(costs_of_requests_and_memory),
        cmocka_unit_test(costs_over_time),
        cmocka_unit_test(models_for_others),
        cmocka_unit_test(what_is_not_there_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
