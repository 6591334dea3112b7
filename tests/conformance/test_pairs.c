/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Comparisons on common random numbers: replications of the same numbers, of a model and of a changed one.
 */
#include "sim/spare.h"
#include "support.h"

/* M/M/1 with arrival rate 0.9 and this mean service time. */
static struct lc_model *mm1(double service)
{
    struct lc_model *m = lc_model_new("M/M/1");
    const int processor = lc_add_processor(m, "server"), task = lc_add_task(m, "server", processor);
    const int entry = lc_add_entry(m, "serve", task);
    m->entries[entry].phases[0].present = true;
    m->entries[entry].phases[0].demand = lc_dist_exponential(service);
    m->entries[entry].open_rate = 0.9;
    return m;
}

enum { PAIRS = LEISURELY ? 40 : 100 };

static struct lc_result *simulate(struct lc_model *m, uint64_t seed, unsigned jobs)
{
    struct lc_diag diag = {0};
    struct lc_spare *spare = lci_spare_new(1);
    const struct lc_sim_options options = {.confidence = 0.95,
                                           .precision = 0.01,
                                           .seed = seed,
                                           .replications = PAIRS,
                                           .jobs = jobs,
                                           .first_replication = 7,
                                           .warmup = 500,
                                           .run_time = 20000,
                                           .samples = true,
                                           .spare = jobs > 1 ? spare : NULL};
    struct lc_result *r = lc_simulate(m, &options, &diag);
    require(&diag);
    lc_diag_free(&diag);
    assert_int_equal(r->first_replication, 7);
    assert_int_equal(r->samples.replications, PAIRS);
    assert_int_equal(lci_spare_take(spare, 2), 1); /* it gave back what it took */
    lci_spare_free(spare);
    return r;
}

/* The response times of the replications. */
static void responses(const struct lc_result *r, double *values)
{
    for (size_t i = 0; i < r->samples.count; i++)
        for (size_t k = 0; r->samples.of[i] == &r->workloads[0].response_time && k < PAIRS; k++)
            values[k] = r->samples.values[k * r->samples.count + i];
}

static double mean_of(const double *values)
{
    double sum = 0;
    for (size_t i = 0; i < PAIRS; i++)
        sum += values[i];
    return sum / PAIRS;
}
static double variance_of(const double *values)
{
    const double mean = mean_of(values);
    double sum = 0;
    for (size_t i = 0; i < PAIRS; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return sum / (PAIRS - 1);
}

/* A server that is 5 % faster: the mean response is 1/(1 − 0.9) = 10 before, 1/(1.05 − 0.9) after. The variance of
 * differences was measured elsewhere as 3.4 to 3.9 times below that of independent runs. */
static void paired_differences(void **state)
{
    (void)state;
    struct lc_model *slow = mm1(1), *fast = mm1(1 / 1.05);
    struct lc_result *before = simulate(slow, 1, 2), *after = simulate(fast, 1, 2), *other = simulate(fast, 2, 2);
    double a[PAIRS], b[PAIRS], c[PAIRS], paired[PAIRS], unpaired[PAIRS];
    responses(before, a);
    responses(after, b);
    responses(other, c);
    for (size_t i = 0; i < PAIRS; i++) {
        paired[i] = b[i] - a[i];
        unpaired[i] = c[i] - a[i];
    }
    /* For 40 pairs the ratio of two variances is within a factor of 2 with more than 95 %. */
    const double gain = variance_of(unpaired) / variance_of(paired);
    if (gain < 3.4 / 2)
        fail_msg("the variance of paired differences is only %g times below that of others", gain);
    const double exact = 1 / (1.05 - 0.9) - 1 / (1 - 0.9), error = 2.7 * sqrt(variance_of(paired) / PAIRS); /* 99 % */
    if (fabs(mean_of(paired) - exact) > error)
        fail_msg("the difference is %g ± %g instead of %g", mean_of(paired), error, exact);
    /* The mean of the samples is the estimate. */
    assert_true(fabs(mean_of(a) - before->workloads[0].response_time.mean) < 1e-9);
    struct lc_result *alone = simulate(slow, 1, 1);
    assert_memory_equal(alone->samples.values, before->samples.values, PAIRS * alone->samples.count * sizeof(double));
    lc_result_free(alone);
    lc_result_free(before);
    lc_result_free(after);
    lc_result_free(other);
    lc_model_free(slow);
    lc_model_free(fast);
}

/* Without a steady state the queue grows with the difference of the rates: ρ = 1.5, a mean of 0.3 t over t. */
static void overload_is_watched(void **state)
{
    (void)state;
    struct lc_model *m = mm1(1.5 / 0.9);
    struct lc_diag diag = {0};
    const struct lc_sim_options options = {.confidence = 0.95,
                                           .precision = 0.01,
                                           .replications = 20,
                                           .first_replication = 1,
                                           .warmup = 0,
                                           .run_time = 5000,
                                           .unsteady = true};
    struct lc_result *r = lc_simulate(m, &options, &diag);
    require(&diag);
    lc_diag_free(&diag);
    const struct lc_estimate *queue = &r->tasks[0].queue_length;
    if (fabs(queue->mean - 0.15 * 5000) > 1.5 * queue->ci99 + 2)
        fail_msg("a queue of %g ± %g instead of %g", queue->mean, queue->ci99, 0.15 * 5000);
    assert_true(r->tasks[0].load.mean > 0.99);
    lc_result_free(r);
    lc_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(paired_differences), cmocka_unit_test(overload_is_watched)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
