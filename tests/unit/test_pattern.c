/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patterns of load: scripts (the vectors of rosebery's expressions), reading and writing, what is refused, mean rates.
 */
#include "loadcast/format.h"
#include "loadcast/lqn.h"
#include "model/lqn.h"
#include "model/pattern.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* ---- scripts ----------------------------------------------------------------------------------------------------- */

static void expect_times(const char *text, const double *times, size_t count)
{
    struct lc_diag diag = {0};
    struct lc_script *script = lci_script_parse(text, &diag, NULL);
    struct lc_script_run run = {0};
    struct lc_random random;
    lc_random_init(&random, 1, 0, "script", "");
    double time;
    assert_non_null(script);
    for (size_t i = 0; i < count; i++) {
        assert_true(lci_script_next(script, &run, &random, &time));
        if (time != times[i])
            fail_msg("%s: creation %zu is at %g ms instead of %g", text, i, time, times[i]);
    }
    assert_false(lci_script_next(script, &run, &random, &time));
    assert_true(lci_script_creations(script) == (double)count);
    lci_script_free(script);
}

static void test_script_times(void **state)
{
    (void)state;
    double each_second[25];
    for (int i = 0; i < 25; i++)
        each_second[i] = 1000 * i;
    expect_times("loop(25,1000)", each_second, 25);
    expect_times("list(loop(3, 1000), once())", (const double[]){0, 1000, 2000, 3000}, 4);
    expect_times("loop(list(once(),once()),2,10)", (const double[]){0, 0, 10, 10}, 4);
    expect_times("once()", (const double[]){0}, 1);
    expect_times(" loop ( 3 ) ", (const double[]){0, 0, 0}, 3);
    expect_times("loop(once(), 2)", (const double[]){0, 0}, 2);
    /* The pause follows the last turn of the inner loop too. */
    expect_times("loop(loop(2, 10), 2, 5)", (const double[]){0, 10, 25, 35}, 4);
    expect_times("list(loop(0, 1000), once())", (const double[]){0}, 1);
    expect_times("list(\n  once(),\n  loop(loop(0), 3, 7),\n  once())", (const double[]){0, 21}, 2);
}

/* Anew at each turn, all alike: 3,000 choices of three, each within 4.5 standard deviations of √(3000·2/9) = 25.8. */
static void test_script_random(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_script *script = lci_script_parse("loop(random(once(), loop(2), loop(3)), 3000, 1)", &diag, NULL);
    struct lc_script_run run = {0};
    struct lc_random random;
    lc_random_init(&random, 1, 0, "script", "");
    static int at[3000];
    int sizes[4] = {0};
    double time;
    while (lci_script_next(script, &run, &random, &time))
        at[(int)time]++;
    for (int i = 0; i < 3000; i++) {
        assert_in_range(at[i], 1, 3);
        sizes[at[i]]++;
    }
    for (int i = 1; i <= 3; i++)
        assert_in_range(sizes[i], 1000 - 116, 1000 + 116);
    assert_true(fabs(lci_script_creations(script) - 6000) < 1e-6);
    lci_script_free(script);
}

static void expect_refused_script(const char *text, const char *part)
{
    struct lc_diag diag = {0};
    assert_null(lci_script_parse(text, &diag, NULL));
    assert_int_equal(diag.errors, 1);
    if (strstr(diag.messages[0].text, part) == NULL)
        fail_msg("'%s' does not say '%s'", diag.messages[0].text, part);
    lc_diag_free(&diag);
}

static void test_script_errors(void **state)
{
    (void)state;
    expect_refused_script("", "character 1: found 'the end'");
    expect_refused_script("twice()", "expected once(), list(…), loop(…) or random(…)");
    expect_refused_script("loop(3, 4", "expected ')'");
    expect_refused_script("loop(once())", "expected ',' and the number of turns");
    expect_refused_script("list()", "expected once()");
    expect_refused_script("once() once()", "expected the end");
    expect_refused_script("loop(1234567890123456)", "15 digits");
    expect_refused_script("loop(loop(10000), 10000)", "steps");
    char deep[400] = "";
    for (int i = 0; i < 60; i++)
        strcat(deep, "loop(");
    expect_refused_script(deep, "nested");
}

/* ---- models ------------------------------------------------------------------------------------------------------ */

static struct lc_model *parse(const char *pattern, struct lc_diag *diag)
{
    char *text = lc_format("loadcast: model/1\ntime_unit: ms\nprocessors: {p: {scheduling: inf}}\ntasks:\n"
                           "  t: {processor: p, %s, entries: {ask: {calls: [serve], deterministic: true}}}\n"
                           "  s: {processor: p, entries: {serve: {demand: 1}}}\n",
                           pattern);
    struct lc_model *m = lc_model_parse(text, strlen(text), "m.yaml", diag);
    free(text);
    return m;
}

/* Written in a format and read back: the same model. */
static void expect_round_trip(const struct lc_model *m, const char *file)
{
    struct lc_diag diag = {0};
    assert_int_equal(lc_model_write(m, NULL, file, &diag), 0);
    struct lc_model *again = lc_model_read(file, &diag);
    char *difference = NULL;
    assert_int_equal(diag.errors, 0);
    if (!lc_model_equal(m, again, &difference))
        fail_msg("%s: %s", file, difference);
    lc_model_free(again);
    lc_diag_free(&diag);
    unlink(file);
}

static void expect_rate(const char *pattern, double rate)
{
    struct lc_diag diag = {0};
    struct lc_model *m = parse(pattern, &diag);
    if (m == NULL)
        fail_msg("%s: %s", pattern, diag.messages[0].text);
    if (!(fabs(lci_arrival_rate(&m->tasks[0]) - rate) <= 1e-9 * rate))
        fail_msg("%s: a rate of %g instead of %g", pattern, lci_arrival_rate(&m->tasks[0]), rate);
    expect_round_trip(m, "pattern.yaml");
    expect_round_trip(m, "pattern.json");
    struct lc_model *copy = lc_model_copy(m);
    assert_true(lc_model_equal(m, copy, NULL));
    lc_model_free(copy);
    lc_model_free(m);
    lc_diag_free(&diag);
}

static void test_models(void **state)
{
    (void)state;
    /* Rates are per ms. */
    expect_rate("scheduling: open, pattern: {rates: [[0, 1], [10, 3]]}", 2);
    expect_rate("scheduling: open, pattern: {rates: [[0 s, 1000/s], [10 ms, 3000/s]], period: 20 ms}", 2.5);
    expect_rate("scheduling: open, pattern: {steps: [[0, 1], [2, 4], [6, 1]], period: 10}", 2.2);
    expect_rate("scheduling: open, pattern: {mmpp: {rates: [1, 3], times: [10, 5]}}", 5.0 / 3);
    expect_rate("scheduling: open, pattern: {mmpp: {rates: [1, 2, 9], generator: [[-1, 1, 0], [0, -1, 1], [1, 0, "
                "-1]]}}",
                4);
    expect_rate("scheduling: open, pattern: {times: [0, 1, 4], period: 6}", 0.5);
    expect_rate("scheduling: open, pattern: {script: 'loop(25, 1000)'}", 0.001);
    expect_rate("scheduling: open, arrivals: 5, pattern: {batch: 3}", 0.6);
    expect_rate("scheduling: open, arrivals: {mean: 5, cv2: 0}, pattern: {batch: {1: 0.5, 2: 50 %}}", 0.3);
    expect_rate("scheduling: open, pattern: {rates: [[0, 1]], batch: {geometric: 2.5}}", 2.5);
    expect_rate("scheduling: open, arrivals: 0.25, pattern: {rates: [[0, 1], [10, 3]]}", 4);
    struct lc_diag diag = {0};
    struct lc_model *m = parse("scheduling: ref, pattern: {users: [[0, 1], [10, 30.5]]}", &diag);
    assert_int_equal(m->tasks[0].multiplicity, 31);
    expect_round_trip(m, "pattern.yaml");
    lc_model_free(m);
    lc_diag_free(&diag);
}

/* 24 hours in a model of milliseconds. */
static void test_diurnal(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_model *m = parse("scheduling: open, pattern: {diurnal: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 5, 1, 1, 1, "
                               "1, 1, 1, 1, 1, 1, 1, 1]}",
                               &diag);
    assert_non_null(m);
    const struct lc_pattern *p = &m->tasks[0].pattern;
    assert_true(p->period == 24 * 3600e3);
    assert_true(lci_pattern_value(p, 12 * 3600e3 - 1) == 1);
    assert_true(lci_pattern_value(p, 12 * 3600e3) == 5);
    assert_true(lci_pattern_value(p, 13 * 3600e3) == 1);
    assert_true(fabs(lci_pattern_rate(p) - 28.0 / 24) < 1e-12);
    lc_model_free(m);
    lc_diag_free(&diag);
}

static void expect_refused(const char *pattern, const char *part)
{
    struct lc_diag diag = {0};
    struct lc_model *m = parse(pattern, &diag);
    if (m != NULL)
        fail_msg("%s is accepted", pattern);
    if (strstr(diag.messages[0].text, part) == NULL)
        fail_msg("%s: '%s' does not say '%s'", pattern, diag.messages[0].text, part);
    lc_diag_free(&diag);
}

static void test_refused(void **state)
{
    (void)state;
    expect_refused("scheduling: open, pattern: {rate: [[0, 1]]}", "did you mean 'rates'?");
    expect_refused("scheduling: open, pattern: {rates: [[1, 1]]}", "begins at the time 1; expected 0");
    expect_refused("scheduling: open, pattern: {rates: [[0, 1], [5, 2], [4, 1]]}", "times that do not fall");
    expect_refused("scheduling: open, pattern: {rates: [[0, 0], [5, 0]]}", "0 all the time");
    expect_refused("scheduling: open, pattern: {rates: [[0, -1]]}", "expected 0 or more");
    expect_refused("scheduling: open, pattern: {rates: [[0, 1], [5, 1]], period: 4}", "beyond its period");
    expect_refused("scheduling: open, pattern: {rates: [0, 1]}", "expected [TIME, VALUE]");
    expect_refused("scheduling: open, pattern: {rates: []}", "empty");
    expect_refused("scheduling: open, pattern: {diurnal: [1, 2]}", "24");
    expect_refused("scheduling: open, pattern: {mmpp: {rates: [1, 2]}}", "'mmpp' is incomplete");
    expect_refused("scheduling: open, pattern: {mmpp: {rates: [1, 2], times: [1, 0]}}", "expected more than 0");
    expect_refused("scheduling: open, pattern: {mmpp: {rates: [1, 2], times: [1]}}", "expected 2");
    expect_refused("scheduling: open, pattern: {mmpp: {rates: [1, 2], generator: [[-1, 2], [1, -1]]}}", "sum of 0");
    expect_refused("scheduling: open, arrivals: 1, pattern: {batch: 0}", "whole number from 1");
    expect_refused("scheduling: open, arrivals: 1, pattern: {batch: {1: 0.5}}", "expected 1");
    expect_refused("scheduling: open, pattern: {times: [0, 1], script: once()}", "one kind of load pattern too many");
    expect_refused("scheduling: open, pattern: {script: loop(0)}", "creates nothing");
    expect_refused("scheduling: open, pattern: {batch: 2}", "has no arrivals");
    expect_refused("scheduling: open, pattern: {users: [[0, 2]]}, arrivals: 1", "expected one of arrivals");
    expect_refused("scheduling: ref, pattern: {times: [0]}", "expected one of users");
    expect_refused("pattern: {times: [0]}, arrivals: 1", "expected none");
}

/* LQN files hold the mean rate, and a warning says what is lost. */
static void test_lqn(void **state)
{
    (void)state;
    static const char *const files[] = {"pattern.lqn", "pattern.lqnx"};
    for (int i = 0; i < 2; i++) {
        struct lc_diag diag = {0};
        struct lc_model *m =
            parse("scheduling: open, pattern: {mmpp: {rates: [1, 3], times: [10, 5]}, batch: 3}", &diag);
        assert_int_equal(lc_model_write(m, NULL, files[i], &diag), 0);
        bool warned = false;
        for (size_t k = 0; k < diag.count; k++)
            warned |= strstr(diag.messages[k].text, "the arrivals of 't' become Poisson ones of the same rate") != NULL;
        assert_true(warned);
        struct lc_model *lqn = lc_model_read(files[i], &diag);
        assert_int_equal(diag.errors, 0);
        assert_true(fabs(lqn->entries[lc_find_entry(lqn, "serve")].open_rate - 5) < 1e-6);
        lc_model_free(lqn);
        lc_model_free(m);
        lc_diag_free(&diag);
        unlink(files[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_script_times), cmocka_unit_test(test_script_random), cmocka_unit_test(test_script_errors),
        cmocka_unit_test(test_models),       cmocka_unit_test(test_diurnal),       cmocka_unit_test(test_refused),
        cmocka_unit_test(test_lqn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
