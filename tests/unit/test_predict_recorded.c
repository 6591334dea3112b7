/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said about a model because it was learned: what it predicts at the load that was recorded, and what the
 * traces could not tell.
 */
#include "support/asked.h"

/* ---- the recorded load ------------------------------------------------------------------------------------------- */

static const char two_pages[] =
    "loadcast: model/1\n"
    "processors: {delay: {scheduling: inf}}\n"
    "tasks:\n"
    "  web: {processor: delay, scheduling: inf, entries: {a: {calls: [qa]}, b: {calls: "
    "[qb]}}}\n"
    "  db: {processor: delay, multiplicity: 1, entries: {qa: {demand: 100 ms}, qb: {demand: "
    "100 ms}}}\n";

/* The verdict on two_pages, recorded as told, at the load of the recording. */
static struct asked ask_recorded(const struct lc_recording *recordings, size_t count)
{
    static const int entries[] = {0, 1};
    static const double calls[] = {1, 1};
    static const uint64_t traces[] = {300, 300};
    const struct lc_evidence evidence = {.traces = 600,
                                         .class_count = 2,
                                         .class_entry = entries,
                                         .class_calls = calls,
                                         .class_traces = traces,
                                         .recordings = recordings,
                                         .recording_count = count};
    return predict(two_pages,
                   "workloads: [{name: u, mix: {a: 1, b: 1}, rate: 5/s}]\n"
                   "simulation: {precision: 5 %, seed: 7}\n",
                   &evidence);
}

/* At 8 requests a second the M/M/1 answers after 0.5 s, one by one after 0.1 s; its 95 % quantile is ln 20 times that.
 */
static void recorded_beside_erlang(void **state)
{
    (void)state;
    struct lc_recorded_class like[] = {{300, 6, 0.5, 1.5, 0.01, NULL}, {100, 2, 0.5, 1.5, 0.02, NULL}};
    struct lc_recorded_class slower[] = {{300, 6, 0.8, 2.4, 0.01, NULL}, {100, 2, 0.8, 2.4, 0.02, NULL}};
    struct lc_recorded_class alone[] = {{300, 6, 0.1, 0.3, 0.01, NULL}, {100, 2, 0.1, 0.3, 0.02, NULL}};
    const struct lc_recording recordings[] = {{0, 60000000000, false, like},
                                              {60000000000, 120000000000, false, slower},
                                              {120000000000, 180000000000, true, alone}};
    struct asked a = ask_recorded(recordings, 3);
    assert_int_equal(a.verdict->recorded_count, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct lc_recorded_workload *w = &a.verdict->recorded[i].workloads[0];
        const double expected = i == 2 ? 0.1 : 0.5;
        assert_ptr_equal(a.verdict->recorded[i].recording, &recordings[i]);
        assert_int_equal(w->requests, 400);
        near(w->rate, 8, 1e-9);
        near(w->mean, recordings[i].classes[0].mean, 1e-9);
        near(w->standard_error, hypot(6 * 0.01, 2 * 0.02) / 8, 1e-9);
        holds(&w->predicted, expected);
        near(w->predicted_p95.mean, expected * log(20), 0.1 * expected * log(20));
        assert_int_equal(w->differs, i == 1);
    }
    done(&a);
}

/* 10 % apart are told only beyond three standard errors: 0.4 s is 0.1 s, but at ± 0.05 s that is chance. */
static void chance_is_no_difference(void **state)
{
    (void)state;
    struct lc_recorded_class vague[] = {{300, 6, 0.4, 1.2, 0.06, NULL}, {100, 2, 0.4, 1.2, 0.12, NULL}};
    struct lc_recorded_class exact[] = {{300, 6, 0.4, 1.2, 0.001, NULL}, {100, 2, 0.4, 1.2, 0.001, NULL}};
    struct lc_recorded_class few[] = {{10, 6, 0.4, 1.2, 0.001, NULL}, {9, 2, 0.4, 1.2, 0.001, NULL}};
    const struct lc_recording recordings[] = {{0, 1, false, vague}, {1, 2, false, exact}, {2, 3, false, few}};
    struct asked a = ask_recorded(recordings, 3);
    assert_int_equal(a.verdict->recorded_count, 2); /* 19 requests tell nothing */
    assert_false(a.verdict->recorded[0].workloads[0].differs);
    assert_true(a.verdict->recorded[1].workloads[0].differs);
    done(&a);
}

/* 12 requests a second were served, of which the model can serve 10. */
static void what_the_model_cannot_carry_differs(void **state)
{
    (void)state;
    struct lc_recorded_class classes[] = {{300, 12, 0.2, 0.6, 0.01, NULL}, {0, 0, NAN, NAN, NAN, NULL}};
    const struct lc_recording recording = {0, 60000000000, false, classes};
    struct asked a = ask_recorded(&recording, 1);
    const struct lc_recorded_load *r = &a.verdict->recorded[0];
    assert_true(r->point.overloaded && r->workloads[0].differs);
    assert_true(isnan(r->workloads[0].predicted.mean));
    near(r->workloads[0].mean, 0.2, 1e-9); /* what never came counts nothing */
    done(&a);
}

/* Durations from 0 to 1 s of requests that come 19 times as often as those from 1 to 2 s: 95 % are below 1 s. */
static void quantile_of_a_mix(void **state)
{
    (void)state;
    double low[LC_RECORDED_QUANTILES], high[LC_RECORDED_QUANTILES];
    for (size_t i = 0; i < LC_RECORDED_QUANTILES; i++) {
        low[i] = ((double)i + 0.5) / LC_RECORDED_QUANTILES;
        high[i] = 1 + low[i];
    }
    struct lc_recorded_class rare[] = {{285, 1.9, 0.5, 0.95, 0.01, low}, {15, 0.1, 1.5, 1.95, 0.1, high}};
    struct lc_recorded_class even[] = {{150, 1, 0.5, 0.95, 0.01, low}, {150, 1, 1.5, 1.95, 0.1, high}};
    const struct lc_recording recordings[] = {{0, 1, false, rare}, {1, 2, false, even}};
    struct asked a = ask_recorded(recordings, 2);
    near(a.verdict->recorded[0].workloads[0].p95, 1, 0.01);
    near(a.verdict->recorded[1].workloads[0].p95, 1.9, 0.01);
    near(a.verdict->recorded[1].workloads[0].mean, 1, 1e-9);
    done(&a);
}

/* ---- cores ------------------------------------------------------------------------------------------------------- */

/* What is said of the cores of db, which works 0.5 s a second of its 100 ms a request: NULL if nothing is. */
static const char *warned(const char *services, bool learned, struct asked *a)
{
    static const char model[] =
        "loadcast: model/1\n"
        "processors: {front: {scheduling: inf}, back: {scheduling: inf}}\n"
        "tasks:\n"
        "  web: {processor: front, scheduling: inf, entries: {page: {calls: [query]}}}\n"
        "  db: {processor: back, multiplicity: 1, entries: {query: {phase1: {demand: 100 ms}}}}\n";
    static const int entry = 0;
    static const double calls = 1;
    static const uint64_t traces = 300;
    const struct lc_evidence evidence = {
        .traces = 300, .class_count = 1, .class_entry = &entry, .class_calls = &calls, .class_traces = &traces};
    char *scenario = lc_format("deployment: {services: {%s}}\n"
                               "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                               "simulation: {precision: 10 %%, seed: 7}\n",
                               services);
    *a = predict(model, scenario, learned ? &evidence : NULL);
    free(scenario);
    for (size_t i = 0; i < a->diag.count; i++)
        if (strstr(a->diag.messages[i].text, "the cores of") != NULL)
            return a->diag.messages[i].text;
    return NULL;
}

static void cores_without_processor_work(void **state)
{
    static const char *const silent[] = {"db: {cores: 2, cpu: 40 ms}", "db: {cores: 2, cpu_share: 40 %}",
                                         "db: {cores: 2, entries: {query: {cpu: 40 ms}}}", "db: {concurrency: 2}"};
    (void)state;
    struct asked a;
    const char *said = warned("db: {cores: 2}", true, &a);
    assert_non_null(said);
    assert_non_null(strstr(said, "the cores of 'db'"));
    assert_non_null(strstr(said, "25 % busy and full at × 4 of the load"));
    done(&a);
    said = warned("web: {cores: 2}", true, &a); /* it does nothing itself */
    assert_non_null(said);
    assert_null(strstr(said, "busy"));
    done(&a);
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
        said = warned(silent[i], true, &a);
        if (said != NULL)
            fail_msg("%s: %s", silent[i], said);
        done(&a);
    }
    assert_null(warned("db: {cores: 2}", false, &a)); /* a model that was given says what is work */
    done(&a);
}

/* ---- services of the traces that no workload reaches ------------------------------------------------------------- */

static struct asked ask_traced(const char *more)
{
    static char *const services[] = {(char *)"web", (char *)"db", (char *)"mail", NULL};
    static const int entry = 0;
    static const double calls = 1;
    static const uint64_t traces = 300;
    static const struct lc_evidence evidence = {.traces = 300,
                                                .class_count = 1,
                                                .class_entry = &entry,
                                                .class_calls = &calls,
                                                .class_traces = &traces,
                                                .services = services};
    char *scenario = lc_format("workloads: [{name: u, entry: page, rate: 5/s}]\n%s"
                               "simulation: {precision: 10 %%, seed: 7}\n",
                               more);
    struct asked a = ask(one_queue, scenario, &evidence);
    free(scenario);
    return a;
}

static void what_no_workload_reaches(void **state)
{
    (void)state;
    struct asked a = ask_traced("goals: {load: {mail: 80 %}}\n");
    assert_null(a.verdict);
    assert_non_null(strstr(a.diag.messages[0].text, "'mail' is in the traces, but no workload reaches it"));
    done(&a);
    a = ask_traced("deployment: {services: {mail: {concurrency: 3}}}\n"
                   "what_if: [{name: more, change: {mail.concurrency: 4}}]\n");
    assert_non_null(a.verdict);
    assert_int_equal(a.diag.count, 1); /* said once, at the first place */
    assert_int_equal(a.diag.errors, 0);
    assert_non_null(strstr(a.diag.messages[0].text, "what is stated of it has no effect"));
    assert_int_equal(lc_predict(a.verdict, &a.diag), 0);
    near(a.verdict->points[1].traffic.load, a.verdict->points[0].traffic.load, 0);
    done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_beside_erlang),
        cmocka_unit_test(chance_is_no_difference),
        cmocka_unit_test(what_the_model_cannot_carry_differs),
        cmocka_unit_test(quantile_of_a_mix),
        cmocka_unit_test(cores_without_processor_work),
        cmocka_unit_test(what_no_workload_reaches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
