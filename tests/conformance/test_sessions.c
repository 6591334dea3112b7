/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sessions against exact results: as open customers they make a Jackson network, as closed ones a finite source with
 * exponential service, in which the pauses count by their means alone.
 */
#include "support.h"

#include "loadcast/traffic.h"
#include "loadcast/transient.h"
#include "model/lqn.h"

static struct lc_result *simulate(const struct lc_model *m)
{
    return simulate_to(m, 0.02, 0.05);
}

static const struct lc_entry_result *entry(const struct lc_result *r, const char *name)
{
    return &r->entries[lc_find_entry(r->model, name)];
}

#define OPEN                                                                                                           \
    "loadcast: model/1\nprocessors: {out: {scheduling: inf}, a: {}, b: {}}\ntasks:\n"                                  \
    "  visit:\n    processor: out\n    scheduling: open\n    arrivals: 4\n    entries:\n"                              \
    "      home: {calls: [serve-a], deterministic: true, probability: 1, next: {search: 0.8}, pause: 3}\n"             \
    "      search: {calls: [serve-b], deterministic: true, next: {search: 0.25, home: 0.5}, pause: {mean: 5, cv2: "    \
    "0}}\n"                                                                                                            \
    "  a: {processor: a, entries: {serve-a: {demand: 1}}}\n"                                                           \
    "  b: {processor: b, entries: {serve-b: {demand: 0.8}}}\n"

/* v_home = 1 + v_search / 2, v_search = 0.8 v_home + v_search / 4: 15/7 and 16/7 visits. */
static void test_open(void **state)
{
    (void)state;
    const double home = 15.0 / 7, search = 16.0 / 7, lambda = 0.25;
    const double at_a = 1 / (1 - lambda * home), at_b = 1 / (1 / 0.8 - lambda * search);
    struct lc_model *m = parse(OPEN);
    double visits[2];
    assert_int_equal(lci_session_visits(m, &m->tasks[0], visits), 0);
    assert_true(fabs(visits[0] - home) < 1e-12 && fabs(visits[1] - search) < 1e-12);
    struct lc_traffic traffic;
    struct lc_diag diag = {0};
    assert_int_equal(lc_traffic_solve(m, &traffic, &diag), 0);
    assert_true(fabs(traffic.task_load[lc_find_task(m, "a")] - lambda * home) < 1e-12);
    assert_true(fabs(traffic.task_load[lc_find_task(m, "b")] - 0.8 * lambda * search) < 1e-12);
    lc_traffic_free(&traffic);
    struct lc_result *r = simulate(m);
    expect("rate of home", entry(r, "home")->throughput, lambda * home);
    expect("rate of search", entry(r, "search")->throughput, lambda * search);
    expect("response of home", entry(r, "home")->service_time, at_a);
    expect("response of search", entry(r, "search")->service_time, at_b);
    assert_true(entry(r, "home")->percentiles.known);
    expect("p95 of home", entry(r, "home")->percentiles.value[2], at_a * log(20));
    expect("sessions", r->workloads[0].throughput, lambda);
    expect("time of a session", r->workloads[0].response_time, home * at_a + search * at_b);
    lc_result_free(r);
    lc_model_free(m);
}

/* M/M/1//N: N users, each away for Z between services of 1/μ; p0⁻¹ = Σ N!/(N−n)! (μ Z)^−n, X = μ (1 − p0). */
static void test_closed(void **state)
{
    (void)state;
    enum { USERS = 5 };
    const double visits = 4, away = (6 + 3 * 2.0) / visits; /* thinks 6 after a session, pauses 2 between its steps */
    double sum = 0, term = 1;
    for (int n = 0; n <= USERS; n++) {
        sum += term;
        term *= (USERS - n) / away;
    }
    const double rate = 1 - 1 / sum;
    struct lc_model *m =
        parse("loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {}}\ntasks:\n"
              "  users: {processor: out, scheduling: ref, multiplicity: 5, think_time: {mean: 6, cv2: 0.5}, entries:\n"
              "    {step: {calls: [serve], deterministic: true, next: {step: 75 %}, pause: {mean: 2, cv2: 0}}}}\n"
              "  server: {processor: cpu, entries: {serve: {demand: 1}}}\n");
    struct lc_result *r = simulate(m);
    expect("steps", entry(r, "step")->throughput, rate);
    expect("response", entry(r, "step")->service_time, USERS / rate - away);
    expect("sessions", r->workloads[0].throughput, rate / visits);
    expect("time of a session", r->workloads[0].response_time, visits * (USERS / rate - away));
    lc_result_free(r);
    lc_model_free(m);
}

/* The curves of steps end where the steady state is. */
static void test_curves(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_model *m = parse(OPEN);
    struct lc_transient_options options = lc_transient_defaults();
    options.duration = 100;
    options.step = 50;
    options.warmup = 300;
    options.replications = 300;
    struct lc_transient *t = lc_simulate_transient(m, &options, &diag);
    require(&diag);
    int found = 0;
    for (size_t i = 0; i < t->count; i++)
        if (t->curves[i].quantity == LC_CURVE_THROUGHPUT && t->curves[i].entry == lc_find_entry(m, "search")) {
            found++;
            assert_true(fabs(t->curves[i].mean[1] - 4.0 / 7) < 2.5 * t->curves[i].ci95[1]);
        }
    assert_int_equal(found, 1);
    lc_transient_free(t);
    lc_model_free(m);
}

static void refused(const char *home, const char *part)
{
    struct lc_diag diag = {0};
    char *text = lc_format("loadcast: model/1\nprocessors: {p: {scheduling: inf}}\ntasks:\n"
                           "  visit: {processor: p, scheduling: open, arrivals: 1, entries: {home: {%s}, other: {}}}\n"
                           "  s: {processor: p, entries: {f: {demand: 1}}}\n",
                           home);
    assert_null(lc_model_parse(text, strlen(text), "m.yaml", &diag));
    bool said = false;
    for (size_t i = 0; i < diag.count; i++)
        said |= strstr(diag.messages[i].text, part) != NULL;
    if (!said)
        fail_msg("%s: nothing says '%s'", home, part);
    free(text);
    lc_diag_free(&diag);
}

static void test_refused(void **state)
{
    (void)state;
    refused("next: {home: 1}", "never end");
    refused("next: {f: 0.5}", "is not of the same source");
    refused("next: {home: 0.5, other: 0.6}", "expected 1 at the most");
    refused("next: {nothing: 0.5}", "nothing");
}

/* Through our own formats as it is, through LQN with the same load. */
static void test_formats(void **state)
{
    (void)state;
    static const char *const files[] = {"sessions.yaml", "sessions.json", "sessions.lqnx"};
    for (int i = 0; i < 3; i++) {
        struct lc_diag diag = {0};
        struct lc_model *m = parse(OPEN), *again;
        assert_int_equal(lc_model_write(m, NULL, files[i], &diag), 0);
        again = lc_model_read(files[i], &diag);
        require(&diag);
        struct lc_traffic traffic;
        assert_int_equal(lc_traffic_solve(again, &traffic, &diag), 0);
        if (fabs(traffic.task_load[lc_find_task(again, "a")] - 0.25 * 15 / 7) > 1e-6)
            fail_msg("%s: a load of %g", files[i], traffic.task_load[lc_find_task(again, "a")]);
        if (i < 2)
            assert_true(lc_model_equal(m, again, NULL));
        lc_traffic_free(&traffic);
        lc_model_free(again);
        lc_model_free(m);
        lc_diag_free(&diag);
        remove(files[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),    cmocka_unit_test(test_closed),  cmocka_unit_test(test_curves),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
