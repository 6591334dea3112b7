/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loadcast/scenario.h"

static char folder[] = "/tmp/test_scenario_XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static char *write_file(const char *name, const char *text)
{
    char *path = lc_format("%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fputs(text, f) >= 0, 1);
    assert_int_equal(fclose(f), 0);
    return path;
}

static void drop_file(char *path)
{
    unlink(path);
    free(path);
}

static struct lc_scenario *read_text(const char *text, struct lc_diag *diag)
{
    char *path = write_file("scenario.yaml", text);
    struct lc_scenario *s = lc_scenario_read(path, diag);
    drop_file(path);
    return s;
}

static void near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-12 * fmax(1, fabs(expected))))
        fail_msg("%.17g instead of %.17g", value, expected);
}

static const char every_key_text[] =
    "name: search at launch\n"
    "traces:\n"
    "  files: [traces/*.gz, /abs.json]\n"
    "  activities: activities.json\n"
    "  assume_load: measured\n"
    "deployment:\n"
    "  services:\n"
    "    gateway:  {replicas: 2, concurrency: 64, cores: 2, scheduling: ps}\n"
    "    catalog:  {concurrency: 24, connections: {postgres: 4}}\n"
    "    maps-api: {kind: delay}\n"
    "workloads:\n"
    "  - {name: location, entry: \"gateway/GET /search/location\", rate: 12/s}\n"
    "  - {name: keyword, entry: \"gateway/GET /search/:type\", where: {url.path: \"/search/keyword*\"},\n"
    "     rate: 300/min, arrivals: {gamma: {shape: 0.5, scale: 1 s}}}\n"
    "  - {name: sign-in, activity: login, rate: 3/s, arrivals: poisson}\n"
    "  - {name: browsers, users: 200, think_time: 5 s, mix: {\"gateway/GET /\": 0.7, x: 30 %}}\n"
    "  - {name: robots, users: 2, think_time: {deterministic: 10 ms}, entry: x}\n"
    "load: {factors: [1, 2.5]}\n"
    "what_if:\n"
    "  - {name: more, change: {worker.concurrency: 4, photo.demand: x 0.5}}\n"
    "goals:\n"
    "  load: 80 %\n"
    "  response_time: {location: {p99.9: 800 ms, mean: 300 ms}}\n"
    "  throughput: {location: 11.9/s}\n"
    "simulation: {precision: 2 %, confidence: 99 %, seed: 7, warmup: 20 s, max_time: 10 min}\n";

static void every_key(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_scenario *s = read_text(every_key_text, &diag);
    for (size_t i = 0; i < diag.count; i++)
        print_error("%s\n", diag.messages[i].text);
    assert_non_null(s);
    assert_string_equal(s->name, "search at launch");
    assert_memory_equal(s->traces[0], folder, strlen(folder));
    assert_string_equal(s->traces[0] + strlen(folder), "/traces/*.gz");
    assert_string_equal(s->traces[1], "/abs.json");
    assert_null(s->traces[2]);
    assert_int_equal(s->load, LC_LOAD_MEASURED);
    assert_int_equal(s->deployment.count, 7);
    assert_string_equal(s->deployment.edits[1].path, "gateway.concurrency");
    assert_string_equal(s->deployment.edits[1].value, "64");
    assert_int_equal(s->deployment.edits[1].place.line, 8);
    assert_string_equal(s->deployment.edits[5].path, "catalog.connections.postgres");
    assert_int_equal(s->workload_count, 5);
    near(s->workloads[0].rate, 12);
    near(s->workloads[1].rate, 5);
    assert_string_equal(s->workloads[1].keys[0], "url.path");
    assert_string_equal(s->workloads[1].patterns[0], "/search/keyword*");
    near(lc_dist_mean(&s->workloads[1].arrivals), 0.5);
    assert_null(s->workloads[2].arrivals.family);
    assert_string_equal(s->workloads[2].activity, "login");
    assert_true(s->workloads[3].closed);
    assert_int_equal(s->workloads[3].users, 200);
    assert_string_equal(s->workloads[3].think_time.family->name, "exponential");
    near(lc_dist_mean(&s->workloads[3].think_time), 5);
    assert_int_equal(s->workloads[3].mix_count, 2);
    near(s->workloads[3].mix[1].weight, 0.3);
    assert_string_equal(s->workloads[4].think_time.family->name, "deterministic");
    assert_int_equal(s->point_count, 2);
    assert_string_equal(s->points[1].name, "× 2.5");
    assert_int_equal(s->what_ifs[0].edit_count, 2);
    assert_string_equal(s->what_ifs[0].edits[1].path, "photo.demand");
    assert_string_equal(s->what_ifs[0].edits[1].value, "x 0.5");
    assert_int_equal(s->goal_count, 4);
    assert_null(s->goals[0].component);
    near(s->goals[0].limit, 0.8);
    near(s->goals[1].percentile, 99.9);
    near(s->goals[1].limit, 0.8);
    near(s->goals[2].percentile, 0);
    near(s->goals[2].limit, 0.3);
    near(s->goals[3].limit, 11.9);
    near(s->simulation.precision, 0.02);
    near(s->simulation.confidence, 0.99);
    assert_int_equal(s->simulation.seed, 7);
    near(s->simulation.warmup, 20);
    near(s->simulation.max_time_s, 600);
    lc_scenario_free(s);
}

#define GRID "model: m.yaml\nworkloads: [{name: w, entry: e, rate: 2/s}, {name: v, entry: e, rate: 3/s}]\n"

static void points_of_growth(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_scenario *s =
        read_text(GRID "growth: {rate: 10 % / month, start: 2026-12-01, horizon: 3 months}\n", &diag);
    assert_non_null(s);
    assert_int_equal(s->point_count, 4); /* no other load is asked for */
    assert_string_equal(s->points[0].name, "2026-12");
    assert_string_equal(s->points[3].name, "2027-03");
    near(s->points[0].factor, 1);
    near(s->points[3].factor, 1.331);
    lc_scenario_free(s);
    s = read_text(GRID "load: {factors: [2]}\n"
                       "growth: {linear: 1/s / month, start: 2026-12-15, horizon: 2027-02-14, every: 2 weeks}\n",
                  &diag);
    assert_non_null(s); /* 5/s grow by a fifth each month */
    assert_int_equal(s->point_count, 6);
    assert_string_equal(s->points[1].name, "2026-12-15");
    assert_string_equal(s->points[2].name, "2026-12-29");
    near(s->points[2].factor, 1 + 0.2 * 14 / 31);
    lc_scenario_free(s);
    char *file =
        write_file("history.csv", "day;requests\n# a comment\n2026-03-01;300\n2026-01-01;100\n2026-02-01;200\n");
    s = read_text(GRID "growth: {history: history.csv, columns: {date: day, rate: requests}, trend: linear,\n"
                       "  horizon: 1 month}\n",
                  &diag);
    assert_non_null(s);
    assert_int_equal(s->growth.trend.n, 3);
    assert_string_equal(s->points[0].name, "2026-03"); /* the last date of the history */
    lc_scenario_free(s);
    drop_file(file);
    file = write_file("history.csv", "date,rate\n2026-01-01,100\n2026-13-01,1\n2026-02-01,0\n");
    assert_null(read_text(GRID "growth: {history: history.csv, horizon: 1 month}\n", &diag));
    assert_non_null(
        strstr(diag.messages[0].text, "history.csv:3: expected a date such as 2026-12-01, found '2026-13-01'"));
    drop_file(file);
    lc_diag_free(&diag);
}

static void grids_and_prices(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_scenario *s = read_text(GRID "sweep: {a.concurrency: [1, 2, 3], b.demand: [x 0.8, x 1]}\n"
                                           "what_if: [{name: more, change: {a.concurrency: 4}}]\n"
                                           "capacity: {of: [mix, v], within: 2 %}\n"
                                           "cost: {a: {gb_second: 1, memory: 512 MiB}}\n",
                                      &diag);
    assert_non_null(s);
    assert_int_equal(s->what_if_count, 7);
    assert_false(s->what_ifs[0].swept);
    assert_string_equal(s->what_ifs[1].name, "a.concurrency 1, b.demand x 0.8");
    assert_string_equal(s->what_ifs[2].name, "a.concurrency 1, b.demand x 1");
    assert_string_equal(s->what_ifs[6].name, "a.concurrency 3, b.demand x 1");
    assert_string_equal(s->what_ifs[6].edits[1].path, "b.demand");
    assert_int_equal(s->capacity.count, 2);
    assert_int_equal(s->capacity.of[0], LC_NONE);
    assert_int_equal(s->capacity.of[1], 1);
    near(s->capacity.within, 0.02);
    near(s->prices[0].memory_gb, 0.536870912);
    lc_scenario_free(s);
    assert_int_equal(diag.count, 0);
}

#define START "model: m.yaml\nworkloads: [{name: w, entry: e, rate: 2/s}, {name: u, entry: e, users: 3}]\n"

static void load_levels(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_scenario *s = read_text(START "load: {rate: {from: 1/s, to: 100/s, steps: 10}}\n", &diag);
    assert_non_null(s);
    assert_int_equal(s->point_count, 10);
    near(s->points[0].factor, 0.5);
    near(s->points[9].factor, 50);
    assert_string_equal(s->points[1].name, "12/s");
    lc_scenario_free(s);
    s = read_text(START "load: {points: [{name: low, factor: 0.5}, {name: high, rates: {w: 9/s, u: 30}}]}\n", &diag);
    assert_non_null(s);
    assert_int_equal(s->point_count, 2);
    assert_null(s->points[0].levels);
    assert_true(isnan(s->points[1].factor));
    near(s->points[1].levels[0], 9);
    near(s->points[1].levels[1], 30);
    lc_scenario_free(s);
    s = read_text(START, &diag);
    assert_int_equal(s->point_count, 1);
    near(s->points[0].factor, 1);
    assert_string_equal(s->name, "scenario");
    lc_scenario_free(s);
    assert_int_equal(diag.count, 0);
}

static void deployment_in_a_file(void **state)
{
    (void)state;
    char *file = write_file("deployment.yaml", "services:\n  photo: {concurrency: 2}\n");
    struct lc_diag diag = {0};
    struct lc_scenario *s = read_text(START "deployment: deployment.yaml\n", &diag);
    assert_non_null(s);
    assert_int_equal(s->deployment.count, 1);
    assert_string_equal(s->deployment.edits[0].place.file, file);
    lc_scenario_free(s);
    struct lc_deployment deployment;
    assert_int_equal(lc_deployment_read(file, &deployment, &diag), 0);
    assert_string_equal(deployment.edits[0].path, "photo.concurrency");
    lc_deployment_free(&deployment);
    drop_file(file);
    assert_int_equal(lc_deployment_read("/nowhere/x.yaml", &deployment, &diag), -1);
    assert_int_equal(diag.errors, 1);
    lc_diag_free(&diag);
}

static const struct {
    const char *text, *message;
} wrong_cases[] = {
    {START "lod: 1\n", "3:1: a scenario has no key 'lod'; did you mean 'load'?"},
    {"workloads: []\n", "1:1: a scenario has neither 'traces' nor 'model'"},
    {"traces: []\nworkloads: []\n", "1:9: no trace files are named"},
    {"traces: {files: x, assume_load: high}\nworkloads: []\n",
     "'assume_load': expected auto (found out, the default), low"},
    {"- 1\n", "1:1: a scenario is a list; expected a map"},
    {START "growth: {rate: 10 % / month}\n", "3:9: 'growth' lacks 'start'"},
    {START "growth: {rate: 10 % / month, start: 2026-02-29, horizon: 1 year}\n",
     "'start' is '2026-02-29'; expected a date"},
    {START "growth: {rate: 10 %, start: 2026-12-01, horizon: 1 year}\n", "'10 %' does not say in which time"},
    {START "growth: {rate: 1 % / s, start: 2026-12-01, horizon: 1 year}\n", "expected day, week, month or year"},
    {START "growth: {rate: 1 % / day, linear: 1 % / day, start: 2026-12-01, horizon: 1 year}\n", "has several of"},
    {START "growth: {rate: 1 % / day, start: 2026-12-01, horizon: 9 years}\n", "has more than 500 points"},
    {START "growth: {linear: -20 % / month, start: 2026-12-01, horizon: 9 months}\n", "the load of 2027-05-01 is"},
    {START "growth: {rate: 1 % / day, start: 2026-12-01, horizon: 2026-11-30}\n", "'horizon' lies before 'start'"},
    {START "growth: {rate: 1 % / day, trend: linear, start: 2026-12-01, horizon: 1 day}\n",
     "'trend' is about a history"},
    {START "sweep: {a.b: []}\n", "3:14: 'a.b' has no value"},
    {START "sweep: {a.b: 3}\n", "3:14: a.b is a single value; expected a list"},
    {START "sweep: {}\n", "'sweep' is empty"},
    {START
     "sweep: {a: [1,2,3,4,5,6,7,8,9,0,1,2,3,4,5], b: [1,2,3,4,5,6,7,8,9,0,1,2,3,4,5], c: [1,2,3,4,5,6,7,8,9,0]}\n",
     "'sweep' has 2250 combinations, which at 1 load levels make 2251 points"},
    {START "capacity: v\n", "3:11: there is no workload 'v'; did you mean 'w'?"},
    {START "capacity: {within: 1 %}\n", "'capacity' lacks 'of'"},
    {START "capacity: {of: mix, within: 60 %}\n", "'within' is 60 %; expected from 0.01 % to 50 %"},
    {START "cost: {a: {invokation: 1}}\n", "did you mean 'invocation'?"},
    {START "cost: {a: {invocation: -1}}\n", "'invocation' is negative"},
    {START "cost: {a: {gb_second: 1}}\n", "has a price per GB-second and no 'memory'"},
    {START "cost: {a: {memory: 5}}\n", "'memory' is '5'; expected a size"},
    {"model: m\nworkloads: [{name: w, entry: e, rate: 12}]\n", "2:39: 'rate' is '12'; expected a rate"},
    {"model: m\nworkloads: [{name: w, entry: e, rate: 0/s}]\n", "'rate' is '0/s'; expected more than 0"},
    {"model: m\nworkloads: [{name: w, entry: e}]\n", "2:13: workload 'w' has neither 'rate'"},
    {"model: m\nworkloads: [{name: w, rate: 1/s}]\n", "2:13: workload 'w' has none of 'entry'"},
    {"model: m\nworkloads: [{name: w, entry: e, users: 2, arrivals: poisson}]\n", "leave 'arrivals' out"},
    {"model: m\nworkloads: [{name: w, entry: e, rate: 1/s, think_time: 1 s}]\n", "leave 'think_time' out"},
    {"model: m\nworkloads: [{name: w, entry: e, rate: 1/s, arrivals: {gama: {shape: 1, scale: 1 s}}}]\n",
     "2:55: there is no family of distributions 'gama'; did you mean 'gamma'?"},
    {"model: m\nworkloads: [{name: w, entry: e, rate: 1/s, arrivals: {gamma: {shape: 1, scale: 1}}}]\n",
     "scale is '1'; expected a time, such as '20 ms'"},
    {"model: m\nworkloads: [{name: w, entry: e, rate: 1/s, arrivals: {gamma: {shape: 1}}}]\n",
     "gamma lacks its parameter 'scale'"},
    {"model: m\nworkloads: [{name: w, entry: e, rate: 1/s, arrivals: {deterministic: 0 s}}]\n",
     "'arrivals' has a mean of 0; expected more than 0"},
    {"model: m\nworkloads: [{name: w, mix: {a: 50, b: 50 %}, rate: 1/s}]\n",
     "2:28: some weights of 'mix' are percents and others are not"},
    {START "load: [1, 2]\n", "3:7: 'load' names no kind of levels; expected {factors: [1, 2, 4]}"},
    {START "load: {factors: [1, x]}\n", "3:21: a load factor is 'x'; expected a fraction"},
    {START "load: {factors: [1, 1e308]}\n", "a load factor is '1e308', beyond the limit of 1e100; expected a fraction"},
    {START "deployment: {services: {a: {concurrency: {a: 1}}}}\n", "'a.concurrency' is a map; expected a single value"},
    {START "deployment: {services: {a: {cores: -1}}}\n", "'a.cores' is '-1'; expected a whole number from 1"},
    {START "load: {points: [{name: a, rates: {w: 1/s}}]}\n", "'rates' lacks workload 'u'"},
    {START "load: {points: [{name: a, rates: {w: 1/s, u: 2, other: 1/s}}]}\n",
     "there is no workload 'other'; expected one of w, u"},
    {START "goals: {load: 80}\n", "3:15: a load is at most 1; expected a part such as 80 % or 0.8, found 80"},
    {START "goals: {response_time: {w: 300 ms}}\n", "3:28: a response time is a single value; expected a map"},
    {START "goals: {response_time: {w: {q96: 1 s}}}\n",
     "3:29: a response time has no key 'q96'; expected 'mean' or a percentile such as 'p95' or 'p99.9'"},
    {START "goals: {response_time: {w: {p100: 1 s}}}\n", "3:29: a response time has no key 'p100'; expected"},
    {START "goals: {response_time: {w: {p1: 1 s, p2: 1 s, p3: 1 s, p4: 1 s, p5: 1 s}}}\n",
     "expected at most 4 percentiles besides p50, p90, p95 and p99 in all goals; 'p5' is one more"},
    {START "goals: {throughput: {nobody: 1/s}}\n", "there is no workload 'nobody'"},
    {START "what_if: [{name: a}]\n", "3:11: a what-if lacks 'change'"},
    {START "simulation: {confidence: 90 %}\n", "3:26: 'confidence' is 90 %; expected 95 % or 99 %"},
    {START "simulation: {precision: 200 %}\n", "expected less than 100 %"},
    {START "deployment: {services: {a: {concurency: 4}}}\n", "has no key 'concurency'; did you mean 'concurrency'?"},
    {START "deployment: {services: {a: {connections: 4}}}\n", "'connections' is a single value; expected a map"},
    {START "deployment: {services: {a: {concurrency: [4]}}}\n", "'a.concurrency' is a list"},
};

static void what_is_wrong_is_said_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong_cases / sizeof *wrong_cases; i++) {
        struct lc_diag diag = {0};
        assert_null(read_text(wrong_cases[i].text, &diag));
        bool found = false;
        for (size_t k = 0; k < diag.count; k++)
            found |= strstr(diag.messages[k].text, wrong_cases[i].message) != NULL &&
                     strstr(diag.messages[k].text, "scenario.yaml:") != NULL;
        if (!found)
            fail_msg("case %zu: '%s' instead of '%s'", i, diag.count > 0 ? diag.messages[0].text : "nothing",
                     wrong_cases[i].message);
        assert_int_equal(lc_diag_status(&diag), LC_INPUT);
        lc_diag_free(&diag);
    }
}

static void several_errors_in_one_run(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    assert_null(
        read_text(START "lod: 1\ngoals: {load: 80, latency: 1}\nsimulation: {seed: x, precision: 1 s}\n", &diag));
    assert_int_equal(diag.errors, 5);
    lc_diag_free(&diag);
    assert_null(lc_scenario_read("/nowhere/scenario.yaml", &diag));
    assert_int_equal(diag.errors, 1);
    lc_diag_free(&diag);
}

static void goals_are_judged_by_intervals(void **state)
{
    (void)state;
    const struct lc_goal most = {.kind = LC_GOAL_LOAD, .limit = 0.8};
    const struct lc_goal least = {.kind = LC_GOAL_THROUGHPUT, .limit = 10};
    static const struct {
        struct lc_estimate value;
        double confidence;
        enum lc_judgement at_most, at_least;
    } cases[] = {
        {{0.7, 0.05, 0.12}, 0.95, LC_GOAL_MET, LC_GOAL_MISSED},
        {{0.7, 0.05, 0.12}, 0.99, LC_GOAL_UNDECIDED, LC_GOAL_MISSED},
        {{0.9, 0.05, 0.08}, 0.99, LC_GOAL_MISSED, LC_GOAL_MISSED},
        {{0.79, 0.02, 0.03}, 0.95, LC_GOAL_UNDECIDED, LC_GOAL_MISSED},
        {{0.8, 0, 0}, 0.95, LC_GOAL_MET, LC_GOAL_MISSED},
        {{10.5, 0.4, 0.6}, 0.95, LC_GOAL_MISSED, LC_GOAL_MET},
        {{10.5, 0.4, 0.6}, 0.99, LC_GOAL_MISSED, LC_GOAL_UNDECIDED},
        {{10, 0, 0}, 0.95, LC_GOAL_MISSED, LC_GOAL_MET},
        {{0.5, NAN, NAN}, 0.95, LC_GOAL_UNDECIDED, LC_GOAL_UNDECIDED},
        {{NAN, NAN, NAN}, 0.95, LC_GOAL_UNDECIDED, LC_GOAL_UNDECIDED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(lc_goal_judge(&most, &cases[i].value, cases[i].confidence), cases[i].at_most);
        assert_int_equal(lc_goal_judge(&least, &cases[i].value, cases[i].confidence), cases[i].at_least);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key),
        cmocka_unit_test(load_levels),
        cmocka_unit_test(points_of_growth),
        cmocka_unit_test(grids_and_prices),
        cmocka_unit_test(deployment_in_a_file),
        cmocka_unit_test(what_is_wrong_is_said_with_its_place),
        cmocka_unit_test(several_errors_in_one_run),
        cmocka_unit_test(goals_are_judged_by_intervals),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
