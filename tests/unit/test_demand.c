/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fit/trace/symbols.h"
#include "loadcast/learn.h"
#include "loadcast/random.h"
#include "model/random/generator.h"
#include "network/patterns/demand_estimators.h"

#define MS INT64_C(1000000)

static double normal(struct lc_random *random) /* Box and Muller */
{
    return sqrt(2 * lci_random_exponential(random)) * cos(2 * M_PI * lci_random_uniform(random));
}

/* ---- arrivals and departures ------------------------------------------------------------------------------------- */

static void requests_alone_take_their_demand(void **state)
{
    (void)state;
    double begin[10], end[10];
    for (int i = 0; i < 10; i++) {
        begin[i] = 7.0 * i;
        end[i] = begin[i] + 3;
    }
    assert_true(fabs(lci_regressed_demand(begin, end, 10, 4) - 3) < 1e-12);
    assert_true(fabs(lci_regressed_demand(begin, end, 10, 1) - 3) < 1e-12);
    assert_true(isnan(lci_regressed_demand(begin, begin, 10, 1)));
}

/* k equal jobs at once on p servers that they share: each finds k and takes max(1, k / p) times its demand. */
static void requests_together_are_slowed_down(void **state)
{
    (void)state;
    double begin[40], end[40];
    size_t count = 0;
    for (int k = 1; k <= 8; k++)
        for (int i = 0; i < k; i++, count++) {
            begin[count] = 1000.0 * k;
            end[count] = begin[count] + 2.5 * fmax(1, k / 3.0);
        }
    assert_true(count < 40);
    assert_true(fabs(lci_regressed_demand(begin, end, count, 3) - 2.5) < 1e-12);
}

/* ---- least squares ----------------------------------------------------------------------------------------------- */

/* Karush, Kuhn and Tucker: no negative solution, no gradient where it is free, none that would help where it is not. */
static void least_squares_are_least(void **state)
{
    (void)state;
    enum { ROWS = 15, COLUMNS = 6, PROBLEMS = 200 };
    struct lc_random random;
    lc_random_init(&random, 5, 0, "nnls", "test");
    int held = 0;
    for (int problem = 0; problem < PROBLEMS; problem++) {
        double a[ROWS * COLUMNS], b[ROWS], x[COLUMNS];
        bool free_[COLUMNS];
        for (int i = 0; i < ROWS * COLUMNS; i++)
            a[i] = normal(&random);
        for (int i = 0; i < ROWS; i++)
            b[i] = normal(&random);
        const double squares = lci_nnls(a, b, ROWS, COLUMNS, x, free_);
        double own = 0, r[ROWS];
        for (int i = 0; i < ROWS; i++) {
            r[i] = b[i];
            for (int k = 0; k < COLUMNS; k++)
                r[i] -= a[i * COLUMNS + k] * x[k];
            own += r[i] * r[i];
        }
        assert_true(fabs(own - squares) < 1e-9);
        for (int k = 0; k < COLUMNS; k++) {
            double gradient = 0;
            for (int i = 0; i < ROWS; i++)
                gradient += a[i * COLUMNS + k] * r[i];
            assert_true(x[k] >= 0);
            assert_true(free_[k] ? fabs(gradient) < 1e-9 : gradient < 1e-9 && x[k] == 0);
            held += !free_[k];
        }
    }
    assert_in_range(held, PROBLEMS, PROBLEMS * (COLUMNS - 1)); /* about half of the signs are negative */
}

enum { WINDOWS = 40, CLASSES = 3 };
static const double TRUE_DEMAND[CLASSES] = {0.002, 0.015, 0.006};

static void make_windows(struct lc_random *random, double noise, double *busy, double *throughput)
{
    for (int w = 0; w < WINDOWS; w++) {
        busy[w] = 0.05 + noise * normal(random);
        for (int r = 0; r < CLASSES; r++) {
            throughput[w * CLASSES + r] = 5 + 40 * lci_random_uniform(random);
            busy[w] += throughput[w * CLASSES + r] * TRUE_DEMAND[r];
        }
    }
}

static void the_utilization_law_is_solved(void **state)
{
    (void)state;
    struct lc_random random;
    lc_random_init(&random, 6, 0, "regression", "test");
    double busy[WINDOWS], throughput[WINDOWS * CLASSES];
    struct lci_regression regression;
    make_windows(&random, 0, busy, throughput);
    assert_true(lci_utilization_regression(busy, throughput, WINDOWS, CLASSES, &regression));
    for (int r = 0; r < CLASSES; r++)
        assert_true(fabs(regression.demand[r] - TRUE_DEMAND[r]) < 1e-12);
    assert_true(fabs(regression.background - 0.05) < 1e-12);
    assert_true(regression.explained > 1 - 1e-12 && regression.condition < 30);
    lci_regression_free(&regression);
}

/* Of 600 intervals of two standard errors about 0.05 miss the demand (Student, 36 degrees of freedom): 16 to 48 are
 * within 3.3 standard deviations of the binomial distribution. */
static void the_regression_knows_its_error(void **state)
{
    (void)state;
    enum { TIMES = 200 };
    struct lc_random random;
    lc_random_init(&random, 7, 0, "regression", "test");
    double busy[WINDOWS], throughput[WINDOWS * CLASSES];
    int missed = 0;
    for (int i = 0; i < TIMES; i++) {
        struct lci_regression regression;
        make_windows(&random, 0.01, busy, throughput);
        assert_true(lci_utilization_regression(busy, throughput, WINDOWS, CLASSES, &regression));
        for (int r = 0; r < CLASSES; r++)
            missed += fabs(regression.demand[r] - TRUE_DEMAND[r]) > 2.03 * regression.standard_error[r];
        lci_regression_free(&regression);
    }
    assert_in_range(missed, 13, 48);
}

static void classes_in_the_same_proportion_cannot_be_told_apart(void **state)
{
    (void)state;
    double busy[WINDOWS], throughput[WINDOWS * 2];
    for (int w = 0; w < WINDOWS; w++) {
        throughput[2 * w] = w + 1;
        throughput[2 * w + 1] = 3 * (w + 1);
        busy[w] = 0.01 * w;
    }
    struct lci_regression regression;
    assert_false(lci_utilization_regression(busy, throughput, WINDOWS, 2, &regression));
    assert_false(lci_utilization_regression(busy, throughput, 3, 2, &regression));
}

static void the_demand_law_divides_what_was_busy(void **state)
{
    (void)state;
    const double throughput[] = {10, 0, 30}, residence[] = {0.02, 0.05, 0.01};
    double demand[3];
    lci_demand_law(0.4, throughput, residence, 3, demand);
    assert_true(fabs(demand[0] - 0.016) < 1e-15 && demand[1] == 0 && fabs(demand[2] - 0.008) < 1e-15);
}

/* ---- from traces and a file -------------------------------------------------------------------------------------- */

static char *write_file(const char *text)
{
    char *name = lc_strdup("/tmp/loadcast-utilization-XXXXXX");
    const int fd = mkstemp(name);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    return name;
}

static void visit(struct lc_learner *learner, struct lc_symbols *symbols, const char *operation, int64_t start,
                  int64_t self)
{
    static uint64_t trace_id = 0;
    const struct lc_tree_node node = {.id = 1,
                                      .parent = -1,
                                      .task = lci_symbol_of(symbols, "shop", 4),
                                      .entry = lci_symbol_of(symbols, operation, strlen(operation)),
                                      .edge = LC_EDGE_ROOT,
                                      .kind = LC_KIND_SERVER,
                                      .fit = true,
                                      .start = start,
                                      .end = start + self,
                                      .self = self,
                                      .group = -1,
                                      .queue_delay = -1,
                                      .network_latency = -1};
    struct lc_span span = {.id = 1, .start = start + 1, .end = start + self};
    struct lc_attribute none = {0};
    const struct lc_trace trace = {
        .low = ++trace_id, .spans = &span, .span_count = 1, .attributes = &none, .attribute_count = 1};
    const struct lc_tree tree = {.trace = &trace, .nodes = &node, .node_count = 1};
    assert_int_equal(lc_learner_add(learner, &tree), 0);
}

/* Twenty windows of 10 s; reading takes 10 ms, 2 of them on the processor, buying 20 ms, 15 on the processor. Two cores
 * idle otherwise. With `same`, both always come as often as each other. */
static void learn(bool same, struct lc_learned *learned)
{
    const int64_t origin = INT64_C(1795312740) * 1000 * MS;
    char *text = lc_strdup("time,component,utilization\n");
    struct lc_symbols *symbols = lci_symbols_new();
    int reads[20], buys[20];
    for (int w = 0; w < 20; w++) {
        reads[w] = same ? 30 + w : 20 + 37 * w % 50;
        buys[w] = same ? 30 + w : 10 + 23 * w % 40;
        const double busy = (reads[w] * 0.002 + buys[w] * 0.015) / 10;
        char *longer =
            lc_format("%s%lld,shop,%.9f %%\n", text, (long long)(origin / (1000 * MS) + 10LL * w), busy * 50);
        free(text);
        text = longer;
    }
    char *name = write_file(text);
    struct lc_diag diag = {0};
    struct lc_utilization utilization;
    assert_int_equal(lc_utilization_read(name, &utilization, &diag), 0);
    const struct lc_capacity capacity = {.task = "shop", .replicas = 1, .cores = 2};
    const struct lc_learn_options options = {
        .rare = 0.01, .utilization = &utilization, .capacities = &capacity, .capacity_count = 1};
    struct lc_learner *learner = lc_learner_new(&options, symbols);
    visit(learner, symbols, "read", origin - 100 * MS, 10 * MS); /* the traces begin before the first window … */
    for (int w = 0; w < 20; w++) {
        for (int i = 0; i < reads[w]; i++)
            visit(learner, symbols, "read", origin + (10000LL * w + 50 + 100 * i) * MS, 10 * MS);
        for (int i = 0; i < buys[w]; i++)
            visit(learner, symbols, "buy", origin + (10000LL * w + 100 + 200 * i) * MS, 20 * MS);
    }
    visit(learner, symbols, "read", origin + 200100 * MS, 10 * MS); /* … and end after the last */
    assert_int_equal(lc_learner_finish(learner, learned, &diag), 0);
    lc_learner_free(learner);
    lci_symbols_free(symbols);
    lc_utilization_free(&utilization);
    lc_diag_free(&diag);
    unlink(name);
    free(name);
    free(text);
}

static void check(const struct lc_model *model, const char *name, double demand, double delay)
{
    const int index = lc_find_entry(model, name);
    assert_int_not_equal(index, LC_NONE);
    const struct lc_activity *phase = &model->entries[index].phases[0];
    assert_true(fabs(lc_dist_mean(&phase->demand) - demand) < 1e-6);
    assert_true(fabs(lc_dist_mean(&phase->think) - delay) < 1e-6);
}

static void utilization_divides_self_times(void **state)
{
    (void)state;
    struct lc_learned learned;
    learn(false, &learned);
    check(learned.model, "shop/read", 0.002, 0.008);
    check(learned.model, "shop/buy", 0.015, 0.005);
    lc_learned_free(&learned);
}

/* The law: as many of both, so that 17 of 30 ms are on the processor. */
static void without_variation_all_operations_are_alike(void **state)
{
    (void)state;
    struct lc_learned learned;
    learn(true, &learned);
    check(learned.model, "shop/read", 0.010 * 17 / 30, 0.010 * 13 / 30);
    check(learned.model, "shop/buy", 0.020 * 17 / 30, 0.020 * 13 / 30);
    lc_learned_free(&learned);
}

static void wrong_files_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "expected two rows of utilization or more, found none"},
        {"when,what\n", "expected a CSV with the header time,component,utilization (a part of all cores) or "
                        "time,component,cores (busy ones)"},
        {"time,component,utilization\nyesterday,shop,0.1\n",
         "expected a time such as 2026-11-22T01:59:07Z or seconds since 1970, found 'yesterday'"},
        {"time,component,utilization\n1795312740,shop,1.1\n",
         "expected a utilization of all cores such as 0.31 or 31 %, found '1.1'"},
        {"time,component,cores\n1795312740,shop,many\n", "expected a number of busy cores such as 1.25, found 'many'"},
        {"time,component,cores\n1795312740,shop,1.5\n",
         "'shop' has one row only, which does not say how long it lasted; expected two or more"},
        {"time,component,cores\n1795312740,shop,1.5\n1795312740,shop,1\n",
         "'shop' has two rows with this time; expected one"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *name = write_file(cases[i].text);
        struct lc_diag diag = {0};
        struct lc_utilization utilization;
        assert_int_equal(lc_utilization_read(name, &utilization, &diag), -1);
        assert_non_null(strstr(diag.messages[0].text, cases[i].message));
        assert_int_equal(lc_diag_status(&diag), LC_INPUT);
        lc_diag_free(&diag);
        unlink(name);
        free(name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_alone_take_their_demand),
        cmocka_unit_test(requests_together_are_slowed_down),
        cmocka_unit_test(least_squares_are_least),
        cmocka_unit_test(the_utilization_law_is_solved),
        cmocka_unit_test(the_regression_knows_its_error),
        cmocka_unit_test(classes_in_the_same_proportion_cannot_be_told_apart),
        cmocka_unit_test(the_demand_law_divides_what_was_busy),
        cmocka_unit_test(utilization_divides_self_times),
        cmocka_unit_test(without_variation_all_operations_are_alike),
        cmocka_unit_test(wrong_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
