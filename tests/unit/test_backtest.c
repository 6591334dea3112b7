/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Backtests against closed forms: a queue that is what its model says holds at every load; one with another server more
 * does not, from where the difference shows. And the errors of batches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/backtest.h"
#include "loadcast/format.h"
#include "model/measured.h"
#include "network/facts/measured_load.h"
#include "predict/predict.h"

static void assert_near(double value, double expected, double error)
{
    if (!(fabs(value - expected) <= error))
        fail_msg("%.17g instead of %.17g ± %g", value, expected, error);
}

/* Symmetric intervals add in squares; each end comes from the ends that make it. */
static void test_difference(void **state)
{
    (void)state;
    double low, high;
    lc_difference_interval((double[]){10, 7, 13}, (double[]){6, 2, 10}, &low, &high);
    assert_near(low, 4 - 5, 1e-12);
    assert_near(high, 4 + 5, 1e-12);
    lc_difference_interval((double[]){10, 7, 22}, (double[]){6, 1, 10}, &low, &high);
    assert_near(low, 4 - 5, 1e-12); /* 3 below the first, 4 above the second */
    assert_near(high, 4 + 13, 1e-12);
    lc_difference_interval((double[]){10, 10, INFINITY}, (double[]){6, 6, 6}, &low, &high);
    assert_true(low == 4 && isinf(high));
}

static void test_batches(void **state)
{
    (void)state;
    /* Of batches of one size the ratio's error is that of a mean, sd / √n, less a degree of freedom for the inputs. */
    const double sums[] = {10, 14, 12, 8}, equal[] = {2, 2, 2, 2}, flat[] = {7, 7, 7, 7};
    assert_near(lci_batch_error(sums, equal, flat, 4), sqrt((1 + 9 + 1 + 9) / 2.0 / 4) / 2, 1e-12);
    /* What the inputs explain is no error. */
    assert_near(lci_batch_error(sums, equal, sums, 4), 0, 1e-12);
    /* What is proportional to the batches' sizes has no error as a ratio, and none beside a line. */
    const double counts[] = {3, 5, 4, 1}, threefold[] = {9, 15, 12, 3}, shifted[] = {10, 16, 13, 4};
    assert_near(lci_batch_error(threefold, counts, flat, 4), 0, 1e-12);
    assert_near(lci_batch_residual(shifted, counts, 4), 0, 1e-12);
    /* Residuals ±1 of a line over 1, 2, 3, 4: slope 0.6, intercept 0 …, by hand: y = 1, 1, 3, 1 leaves 3 − 0.2. */
    const double x[] = {1, 2, 3, 4}, y[] = {1, 1, 3, 1};
    assert_near(lci_batch_residual(y, x, 4), sqrt((3 - 0.2) / 2 / 4), 1e-12);
}

/* Of 1.2 exp(rate + error) with errors ±0.1 that no line explains: √(4 × 0.1² / (4 − 2)), and half as much in four
 * times the time. Figures add up; one that a replication did not see is not known. */
static void test_scatter(void **state)
{
    (void)state;
    struct lc_estimate seen = {0}, other = {0}, unseen = {0};
    struct lc_estimate *of[] = {&other, &seen};
    const double rates[] = {1, 1, 2, 2}, errors[] = {0.1, -0.1, 0.1, -0.1};
    double values[8], each[4] = {0};
    for (size_t r = 0; r < 4; r++) {
        values[2 * r] = 7;
        values[2 * r + 1] = 4 * exp(rates[r] + errors[r]);
    }
    const struct lc_result result = {.samples = {.of = of, .count = 2, .values = values, .replications = 4},
                                     .simulated_time = 300};
    lcp_add_each(&result, &seen, 0.1, each);
    lcp_add_each(&result, &seen, 0.2, each);
    assert_near(each[0], 1.2 * exp(1.1), 1e-12);
    assert_near(lcp_recording_scatter(&result, each, rates, 300), sqrt(0.02), 1e-12);
    assert_near(lcp_recording_scatter(&result, each, rates, 1200), sqrt(0.02) / 2, 1e-12);
    lcp_add_each(&result, &unseen, 1, each);
    assert_false(lcp_recording_scatter(&result, each, rates, 300) > 0);
}

static struct lc_model *queue(uint32_t servers)
{
    struct lc_model *model = lc_model_new("queue");
    const int p = lc_add_processor(model, "web");
    model->processors[p].multiplicity = LC_INFINITE;
    model->processors[p].scheduling = LC_INF;
    const int t = lc_add_task(model, "web", p);
    model->tasks[t].multiplicity = servers;
    const int e = lc_add_entry(model, "page", t);
    model->entries[e].phases[0].present = true;
    model->entries[e].phases[0].demand = lc_dist_exponential(0.1);
    return model;
}

static void add_percentile(struct lc_measured_level *level, int percentile, double value)
{
    struct lc_measured_cell *cell = lci_measured_cell_add(level, LC_MEASURED_RESPONSE, lc_strdup("all"), value);
    cell->percentile = percentile;
}

/* M/M/1 with 10 a second: exact, so that only the simulation errs. */
static struct lc_measured measure_mm1(void)
{
    static const double loads[] = {2, 5, 8};
    struct lc_measured measured = {0};
    for (size_t i = 0; i < 3; i++) {
        const double rate = loads[i], response = 1 / (10 - rate);
        struct lc_measured_level *level = lci_measured_add(&measured, lc_format("%g/s", rate));
        level->rate = rate;
        level->learned = i == 0;
        lci_measured_cell_add(level, LC_MEASURED_RESPONSE, lc_strdup("all"), response);
        add_percentile(level, 50, response * log(2));
        add_percentile(level, 95, response * log(20));
        add_percentile(level, 99, response * log(100));
        lci_measured_cell_add(level, LC_MEASURED_PRESENT, lc_strdup("web"), rate * response);
        lci_measured_cell_add(level, LC_MEASURED_THROUGHPUT, lc_strdup("web"), rate);
        lci_measured_cell_add(level, LC_MEASURED_UTILIZATION, lc_strdup("web"), rate / 10);
    }
    return measured;
}

static void backtest(uint32_t servers, struct lc_measured *measured, size_t holds, const char *sentence)
{
    static const char text[] = "model: queue.yaml\nworkloads: [{name: all, entry: page, rate: 4/s}]\n"
                               "simulation: {precision: 1 %}\n";
    struct lc_diag diag = {0};
    struct lc_scenario *scenario = lc_scenario_parse(text, strlen(text), "queue", &diag);
    struct lc_model *model = queue(servers);
    const struct lc_question question = {.scenario = scenario, .model = model, .jobs = 1};
    assert_non_null(scenario);
    struct lc_verdict *verdict = lc_verdict_new(&question, &diag);
    assert_non_null(verdict);
    struct lc_backtest b;
    assert_int_equal(lc_backtest(verdict, measured, 0.1, &b, &diag), 0);
    assert_int_equal(b.count, 3);
    assert_int_equal(b.holds, holds);
    char *said = lc_backtest_sentence(&b);
    if (strstr(said, sentence) == NULL)
        fail_msg("'%s' is not in '%s'", sentence, said);
    free(said);
    if (holds == 3) {
        assert_int_equal(b.compared, 14); /* every figure of both loads that were not learned from */
        assert_true(b.inside >= 12);
    }
    for (size_t i = 0; i < b.levels[2].measured->count && holds == 3; i++)
        assert_true(fabs(b.levels[2].cells[i].difference) < 0.05);
    assert_near(b.levels[2].factor, 4, 1e-12);
    lc_backtest_free(&b);
    lc_verdict_free(verdict);
    lc_model_free(model);
    lc_scenario_free(scenario);
    lc_diag_free(&diag);
}

static void test_queue(void **state)
{
    (void)state;
    struct lc_measured measured = measure_mm1();
    backtest(1, &measured, 3, "holds at all loads that were measured, up to 4 × the load that it learned from");
    backtest(2, &measured, 0, "the utilization of web was 10"); /* and answers come after 125 ms, not 101 */
    /* A queue without any limit is right where hardly anybody waits, were it not for 20 % more than that. */
    for (size_t i = 0; i < measured.levels[0].count; i++)
        measured.levels[0].cells[i].low = measured.levels[0].cells[i].value / 2;
    backtest(LC_INFINITE, &measured, 1,
             "The model holds up to 2/s; at 2.5 × the load that it learned from, all answers later");
    lc_measured_free(&measured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_difference),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_scatter),
        cmocka_unit_test(test_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
