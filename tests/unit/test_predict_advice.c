/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Changes that are tried, each with what the traffic equations say that it brings.
 */
#include "support/asked.h"

static void advice_is_what_the_flow_allows(void **state)
{
    (void)state;
    struct asked a = ask(one_queue,
                         "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                         "goals: {response_time: {u: {mean: 300 ms}}}\n"
                         "simulation: {precision: 5 %, seed: 7}\n",
                         NULL);
    struct lc_advice advice = {.before = {0}};
    assert_int_equal(lc_advise(a.verdict, &advice, &a.diag), 0);
    assert_string_equal(advice.limit.name, "db");
    near(advice.factor, 2, 1e-9);
    near(advice.before.mean, 0.2, 2.5 * advice.before.ci95);
    bool thread = false, faster = false;
    for (size_t i = 0; i < advice.count; i++) {
        const struct lc_advised_change *o = &advice.options[i];
        if (strcmp(o->what, "one more thread of db") == 0) {
            thread = true;
            near(o->gain, 2, 1e-9);
            near(o->solved, 0.1 / (1 - 0.25 * 0.25) - 0.2, 1e-6); /* M/M/2 answers sooner than M/M/1 */
            assert_true(!o->simulated || o->high < 0);
        }
        if (strcmp(o->what, "db 20 % faster") == 0) {
            faster = true;
            near(o->gain, 1.25, 1e-9);
        }
    }
    assert_true(thread && faster);
    lc_advice_free(&advice);
    done(&a);
}

static const struct lc_advised_change *option_of(const struct lc_advice *advice, const char *what)
{
    for (size_t i = 0; i < advice->count; i++)
        if (strcmp(advice->options[i].what, what) == 0)
            return &advice->options[i];
    return NULL;
}

/* One thread that works all of its time on one core: neither helps alone, both let twice as much through. */
static void threads_and_cores_together(void **state)
{
    (void)state;
    struct asked a = ask("loadcast: model/1\n"
                         "processors: {delay: {scheduling: inf}, box: {multiplicity: 1}}\n"
                         "tasks:\n"
                         "  web: {processor: delay, scheduling: inf, entries: {page: {calls: [query]}}}\n"
                         "  db: {processor: box, multiplicity: 1, entries: {query: {demand: 100 ms}}}\n",
                         "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                         "goals: {load: 80 %}\n"
                         "simulation: {precision: 5 %, seed: 7}\n",
                         NULL);
    struct lc_advice advice = {.before = {0}};
    assert_int_equal(lc_advise(a.verdict, &advice, &a.diag), 0);
    const struct lc_advised_change *both = option_of(&advice, "one more thread of db and one more core of box");
    assert_non_null(both);
    near(both->gain, 2, 1e-9);
    near(option_of(&advice, "db 20 % faster")->gain, 1.25, 1e-9);
    near(option_of(&advice, "one more core of box")->gain, 1, 1e-9);
    near(option_of(&advice, "one more thread of db")->gain, 1, 1e-9);
    near(advice.factor, 2, 1e-9);
    near(advice.before.mean, 0.5, 0.02);
    lc_advice_free(&advice);
    done(&a);
}

/* Two services in a row that take equally long. Advice that the clock cuts short says so and ranks less, and a machine
 * that is halted for longer than the time allowed cuts it short: here no clock is to decide. */
static struct asked ask_twins(const char *arrivals)
{
    char *scenario = lc_format("workloads: [{name: u, entry: page, rate: 10/s%s}]\n"
                               "goals: {response_time: {u: {mean: 300 ms}}}\n"
                               "simulation: {precision: 10 %%, seed: 7, max_time: 1000 h}\n",
                               arrivals);
    struct asked a = ask("loadcast: model/1\n"
                         "processors: {box: {scheduling: inf}}\n"
                         "tasks:\n"
                         "  web: {processor: box, scheduling: inf, entries: {page: {calls: [get, put]}}}\n"
                         "  one: {processor: box, multiplicity: 1, entries: {get: {demand: 50 ms}}}\n"
                         "  two: {processor: box, multiplicity: 1, entries: {put: {demand: 50 ms}}}\n",
                         scenario, NULL);
    free(scenario);
    return a;
}

/* What does the same shares a rank, whether it was simulated or solved. */
static void equal_changes_share_a_rank(void **state)
{
    (void)state;
    struct asked a = ask_twins("");
    struct lc_advice advice = {.before = {0}};
    size_t simulated = 0;
    assert_int_equal(lc_advise(a.verdict, &advice, &a.diag), 0);
    const struct lc_advised_change *none = option_of(&advice, "no call of get by page");
    assert_int_equal(none->rank, 1);
    assert_int_equal(option_of(&advice, "no call of put by page")->rank, 1);
    const struct lc_advised_change *one = option_of(&advice, "one 20 % faster"),
                                   *two = option_of(&advice, "two 20 % faster");
    if (!(one->rank > 2 && one->rank == two->rank && advice.complete))
        fail_msg("ranks %zu, %zu; %g to %g (solved %g), %g to %g (solved %g); no get %g to %g; %s", one->rank,
                 two->rank, one->low, one->high, one->solved, two->low, two->high, two->solved, none->low, none->high,
                 advice.complete ? "complete" : "cut short");
    for (size_t i = 0; i < advice.count; i++)
        simulated += advice.options[i].simulated;
    assert_in_range(simulated, 1, 2); /* the decisive ones */
    lc_advice_free(&advice);
    done(&a);
}

/* Of bursts behind a queue the solver makes too little: once a simulation has shown it, it decides nothing. */
static void solver_that_errs_decides_nothing(void **state)
{
    (void)state;
    struct asked a = ask_twins(", arrivals: {mean: 1 s, cv2: 20}");
    struct lc_advice advice = {.before = {0}};
    assert_int_equal(lc_advise(a.verdict, &advice, &a.diag), 0);
    size_t simulated = 0;
    for (size_t i = 0; i < advice.count; i++) {
        assert_true(isnan(advice.options[i].solved));
        simulated += advice.options[i].simulated;
    }
    assert_in_range(simulated, 6, 8);
    assert_int_equal(option_of(&advice, "no call of get by page")->rank, 1);
    lc_advice_free(&advice);
    done(&a);
}

/* What policies say is loosened or taken back: each of them is one option, and the traffic equations know none. */
static void policies_are_loosened(void **state)
{
    static const char *const expected[] = {"no retries of calls of db by web",
                                           "one more of the calls of db by web at a time",
                                           "20 % more calls of db by web allowed", "no copies of calls of db by web"};
    (void)state;
    struct asked a = ask(one_queue,
                         "deployment: {services: {web: {calls: {db: {timeout: 1 s, retries: {max: 1}, bulkhead: 5, "
                         "rate_limit: {rate: 9/s, burst: 5}, hedge: {after: 500 ms}}}}}}\n"
                         "workloads: [{name: u, entry: page, rate: 3/s}]\n"
                         "goals: {error_rate: {u: 10 %}}\n"
                         "simulation: {precision: 5 %, seed: 7}\n",
                         NULL);
    if (a.verdict == NULL)
        fail_msg("%s", a.diag.messages[0].text);
    struct lc_advice advice = {.before = {0}};
    assert_int_equal(lc_advise(a.verdict, &advice, &a.diag), 0);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct lc_advised_change *o = option_of(&advice, expected[i]);
        if (o == NULL) {
            fail_msg("not tried: %s", expected[i]);
            continue;
        }
        assert_int_equal(o->kind, LC_ADVISED_POLICY);
        near(o->gain, 1, 1e-9);
    }
    assert_int_equal(advice.goal->kind, LC_GOAL_ERRORS);
    lc_advice_free(&advice);
    done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advice_is_what_the_flow_allows), cmocka_unit_test(threads_and_cores_together),
        cmocka_unit_test(equal_changes_share_a_rank),     cmocka_unit_test(solver_that_errs_decides_nothing),
        cmocka_unit_test(policies_are_loosened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
