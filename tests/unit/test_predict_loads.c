/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loads of every kind and what comes of them: levels, sessions, patterns and users, against closed forms.
 */
#include "support/asked.h"

/* ---- levels, sessions and arrivals ------------------------------------------------------------------------------- */

/* 2 pages a session on the average (each is followed by another with 1/2): 2.5 sessions are 5 requests a second. */
static void sessions_by_their_visits(void **state)
{
    (void)state;
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, rate: 2.5/s, session: {start: home, steps: {home: {entry: page, "
                             "think_time: 1 s, next: {home: 0.5}}}}}]\n"
                             "goals: {throughput: {u: 2.2/s}}\n"
                             "simulation: {precision: 3 %, seed: 7}\n",
                             NULL);
    near(a.verdict->limits[0].items[0].factor, 2, 1e-9);
    assert_int_equal(a.verdict->points[0].goals[0].judgement, LC_GOAL_MET);
    holds(&a.verdict->points[0].goals[0].value, 2.5); /* sessions */
    done(&a);
}

/* Constant times between arrivals: D/M/1, whose σ = exp(−(1 − σ) μ / λ) gives a response of D / (1 − σ). */
static void constant_arrivals(void **state)
{
    (void)state;
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 7/s, arrivals: {deterministic: 1 s}}]\n"
                             "simulation: {precision: 5 %, seed: 7}\n",
                             NULL);
    double sigma = 0.5;
    for (int i = 0; i < 200; i++)
        sigma = exp(-(1 - sigma) / 0.7);
    holds(&a.verdict->points[0].result->workloads[0].response_time, 0.1 / (1 - sigma));
    done(&a);
}

/* Two requests at once: 1 + E X² / E X = 3 halves of what single ones see. */
static void batches(void **state)
{
    (void)state;
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 5/s, arrivals: {batch: 2}}]\n"
                             "simulation: {precision: 5 %, seed: 7}\n",
                             NULL);
    near(a.verdict->limits[0].items[0].factor, 2, 1e-9);
    holds(&a.verdict->points[0].result->workloads[0].response_time, 1.5 * 0.2);
    done(&a);
}

/* The sources of a model are multiplied like the workloads: 2 × (1 + 2) requests a second of 100 ms. */
static void own_sources_grow(void **state)
{
    (void)state;
    struct asked a = predict("loadcast: model/1\n"
                             "processors: {delay: {scheduling: inf}}\n"
                             "tasks:\n"
                             "  web: {processor: delay, scheduling: inf, entries: {page: {calls: [query]}}}\n"
                             "  batch: {processor: delay, scheduling: inf, entries: {job: {open_rate: 2, calls: "
                             "[query]}}}\n"
                             "  db: {processor: delay, multiplicity: 1, entries: {query: {demand: 100 ms}}}\n",
                             "workloads: [{name: u, entry: page, rate: 1/s}]\n"
                             "load: {factors: [1, 2]}\n"
                             "simulation: {precision: 5 %, seed: 7}\n",
                             NULL);
    near(a.verdict->points[1].traffic.load, 0.6, 1e-9);
    near(a.verdict->limits[0].items[0].factor, 10 / 3.0, 1e-9);
    holds(&a.verdict->points[1].result->workloads[0].response_time, 0.25);
    done(&a);
}

/* Named levels: the first workload alone grows to 8/s; the reference is the level with the most. */
static void named_levels(void **state)
{
    (void)state;
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 2/s}, {name: v, entry: page, rate: 1/s}]\n"
                             "load: {points: [{name: monday, rates: {u: 3/s, v: 1/s}}, {name: sale, rates: {u: 6/s, "
                             "v: 2/s}}]}\n"
                             "simulation: {precision: 5 %, seed: 7}\n",
                             NULL);
    const struct lc_verdict *v = a.verdict;
    near(v->points[0].traffic.load, 0.4, 1e-9);
    near(v->points[1].traffic.load, 0.8, 1e-9);
    assert_string_equal(v->reference, "sale");
    near(v->limits[0].items[0].factor, 10 / 8.0, 1e-9);
    struct lc_traffic traffic = {0};
    struct lc_model *sale = lc_verdict_model_at(v, "sale", &a.diag);
    assert_int_equal(lc_traffic_solve(sale, &traffic, &a.diag), 0);
    near(traffic.load, 0.8, 1e-9);
    lc_traffic_free(&traffic);
    lc_model_free(sale);
    /* As a parameter there is but the workloads as they stand. */
    struct lc_model *all = lc_verdict_model(v, &a.diag);
    assert_string_equal(all->variables[0].expression, "1");
    assert_non_null(strstr(a.diag.messages[a.diag.count - 1].text, "is no multiple of the load"));
    lc_model_free(all);
    done(&a);
}

/* The expression that a number of a model is bound to. */
static const char *bound(const struct lc_model *model, const char *path)
{
    for (size_t i = 0; i < model->binding_count; i++)
        if (strcmp(model->bindings[i].path, path) == 0)
            return model->bindings[i].expression;
    fail_msg("%s is not bound", path);
    return NULL;
}

/* A model with a parameter that is called `load` already, users, and a source of its own that is a parameter. */
static void parameters_beside_the_load(void **state)
{
    (void)state;
    struct asked a =
        ask("loadcast: model/1\n"
            "variables: {load: 2}\n"
            "bindings: {job.open_rate: $load}\n"
            "processors: {delay: {scheduling: inf}}\n"
            "tasks:\n"
            "  web: {processor: delay, scheduling: inf, entries: {page: {calls: [query]}}}\n"
            "  batch: {processor: delay, scheduling: inf, entries: {job: {open_rate: 2, calls: [query]}}}\n"
            "  db: {processor: delay, multiplicity: 1, entries: {query: {demand: 100 ms}}}\n",
            "workloads: [{name: u, entry: page, users: 6, think_time: 3 s}]\n"
            "load: {factors: [2, 2, 3]}\n"
            "what_if: [{name: faster, change: {query.demand: x 0.5}}]\n",
            NULL);
    if (a.verdict == NULL)
        fail_msg("%s", a.diag.messages[0].text);
    struct lc_model *all = lc_verdict_model(a.verdict, &a.diag);
    if (all == NULL)
        fail_msg("%s", a.diag.messages[0].text);
    assert_string_equal(all->variables[all->variable_count - 1].name, "load_");
    assert_string_equal(all->variables[all->variable_count - 1].expression, "[2, 3]");
    assert_string_equal(bound(all, "task:u.users"), "round(6 * $load_)");
    assert_string_equal(bound(all, "job.open_rate"), "($load) * $load_");
    assert_int_equal(all->binding_count, 2);
    lc_model_free(all);
    done(&a);
}

/* ---- progress ---------------------------------------------------------------------------------------------------- */

struct shown {
    double last;
    size_t times;
    bool back; /* it went back, or beyond its ends */
};

static void show(void *context, double done_)
{
    struct shown *s = context;
    s->back |= done_ < s->last || done_ < 0 || done_ > 1;
    s->last = done_;
    s->times++;
}

static void progress_goes_on_to_the_end(void **state)
{
    (void)state;
    struct asked a = ask(one_queue,
                         "workloads: [{name: u, entry: page, rate: 2/s}]\n"
                         "load: {factors: [1, 2, 3, 4]}\n"
                         "goals: {response_time: {u: {mean: 300 ms}}}\n"
                         "capacity: {of: mix, within: 5 %}\n"
                         "simulation: {precision: 10 %, seed: 7}\n",
                         NULL);
    lc_verdict_free(a.verdict);
    struct shown shown = {0};
    const struct lc_question question = {
        .scenario = a.scenario, .model = a.model, .jobs = 2, .progress = show, .context = &shown};
    a.verdict = lc_verdict_new(&question, &a.diag);
    assert_int_equal(lc_predict(a.verdict, &a.diag), 0);
    assert_true(shown.times > 5 && !shown.back);
    near(shown.last, 1, 0);
    holds(&a.verdict->points[3].result->workloads[0].response_time, 0.5);
    done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_by_their_visits),
        cmocka_unit_test(constant_arrivals),
        cmocka_unit_test(batches),
        cmocka_unit_test(own_sources_grow),
        cmocka_unit_test(named_levels),
        cmocka_unit_test(parameters_beside_the_load),
        cmocka_unit_test(progress_goes_on_to_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
