/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dates on which growth reaches a goal or the whole of a component, against closed forms.
 */
#include "sim/scenario/growth.h"
#include "support/asked.h"

/* × 2 at 10 % a month is reached after ln 2 / ln 1.1 = 7.2725 months: 31 × 0.2725 = 8.4 days into the eighth. */
static void growth_by_the_calendar(void **state)
{
    (void)state;
    struct asked a = predict(one_queue,
                             "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                             "growth: {rate: 10 % / month, start: 2026-12-01, horizon: 2 months}\n"
                             "goals: {load: {db: 60 %}}\n"
                             "simulation: {precision: 10 %, seed: 7}\n",
                             NULL);
    char text[32];
    size_t full = 0, goals = 0;
    for (size_t i = 0; i < a.verdict->crossing_count; i++) {
        const struct lc_crossing *c = &a.verdict->crossings[i];
        full += c->goal == NULL;
        goals += c->goal != NULL;
        lci_date_text(c->day, text);
        /* 60 % is × 1.2: ln 1.2 / ln 1.1 = 1.9129 months, 31 × 0.9129 = 28.3 days into January */
        assert_string_equal(text, c->goal == NULL ? "2027-07-09" : "2027-01-29");
        near(c->misses, c->goal == NULL ? 2 : 1.2, 1e-9);
    }
    assert_int_equal(full, 1);
    assert_int_equal(goals, 1);
    done(&a);
}

static const struct lc_crossing *crossing_of(const struct asked *a, const char *component, bool goal)
{
    for (size_t i = 0; i < a->verdict->crossing_count; i++) {
        const struct lc_crossing *c = &a->verdict->crossings[i];
        if ((c->goal != NULL) == goal && (component == NULL) == (c->component.name == NULL) &&
            (component == NULL || strcmp(c->component.name, component) == 0))
            return c;
    }
    fail_msg("nothing is said of %s", component != NULL ? component : "the workload");
    return NULL;
}

/* A mean of 300 ms is reached at λ = μ − 1 / 0.3, × 4/3: at 30 % a month after 1.097 months: 31 × 0.097 days into
 * January. */
static void growth_to_a_response_time(void **state)
{
    (void)state;
    static const struct {
        const char *limit, *from, *until; /* between which days; NULL: never within the horizon */
    } cases[] = {{"300 ms", "2026-12-28", "2027-01-12"}, {"150 ms", "2026-12-01", "2026-12-01"}, {"10 s", NULL, NULL}};
    for (size_t i = 0; i < 3; i++) {
        char *scenario = lc_format("workloads: [{name: u, entry: page, rate: 5/s}]\n"
                                   "growth: {rate: 30 %% / month, start: 2026-12-01, horizon: 2 months}\n"
                                   "goals: {response_time: {u: {mean: %s}}}\n"
                                   "simulation: {precision: 10 %%, seed: 7}\n",
                                   cases[i].limit);
        struct asked a = predict(one_queue, scenario, NULL);
        const struct lc_crossing *c = crossing_of(&a, NULL, true);
        assert_true(c->simulated);
        if (cases[i].from == NULL) {
            assert_true(isinf(c->day) && isinf(c->misses));
            near(c->keeps, pow(1.3, 2), 1e-6); /* the last step keeps it */
        } else {
            char day[32];
            lci_date_text(c->day, day);
            assert_true(strcmp(day, cases[i].from) >= 0 && strcmp(day, cases[i].until) <= 0);
            assert_true(c->early <= c->day && c->late >= c->day);
        }
        if (i == 0)
            assert_true(c->keeps <= 4.0 / 3 * 1.02 && c->misses >= 4.0 / 3 * 0.98);
        free(scenario);
        done(&a);
    }
}

/* Two threads that only wait for one server: min(n, 2) of them are busy, n as in the M/M/1, (ρ + ρ²) / 2 of the whole.
 * That is 60 % at ρ = 0.704, where the traffic equations alone see 35 %. */
static void growth_to_threads_that_wait(void **state)
{
    (void)state;
    struct asked a = predict(one_queue,
                             "deployment: {services: {web: {concurrency: 2}}}\n"
                             "workloads: [{name: u, entry: page, rate: 5/s}]\n"
                             "growth: {rate: 10 % / month, start: 2026-12-01, horizon: 5 months}\n"
                             "goals: {load: {web: 60 %}}\n"
                             "simulation: {precision: 5 %, seed: 7}\n",
                             NULL);
    const double rho = (sqrt(1 + 4 * 1.2) - 1) / 2;
    const struct lc_point *first = &a.verdict->points[0];
    holds(&first->result->tasks[lc_find_task(first->model, "web")].load, (0.5 + 0.25) / 2);
    const struct lc_crossing *goal = crossing_of(&a, "web", true), *full = crossing_of(&a, "web", false);
    assert_true(goal->simulated);
    assert_true(goal->keeps <= rho / 0.5 * 1.02 && goal->misses >= rho / 0.5 * 0.98);
    assert_true(goal->misses - goal->keeps < 0.2);
    near(full->misses, crossing_of(&a, "db", false)->misses, 4); /* full no earlier than whom it waits for */
    done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growth_by_the_calendar),
        cmocka_unit_test(growth_to_a_response_time),
        cmocka_unit_test(growth_to_threads_that_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
