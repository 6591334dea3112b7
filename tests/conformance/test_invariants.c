/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What must hold for any model: Little's law, flow balance, the utilization law, the population of closed classes; and
 * the same result for any number of threads and any order of the elements.
 */
#include "model/dist/dist.h"
#include "model/random/generator.h"
#include "support.h"

#include <jansson.h>

static const char *const names[] = {"kiwi", "apple", "zebra", "mango", "fig", "lemon", "date", "plum"};
enum { TASKS = 8 };

/* A random acyclic model over the tasks, each on a processor of its own. Elements are made in the order of `order`,
 * calls always in the same one. */
static struct lc_model *random_model(uint64_t seed, bool backwards)
{
    static const enum lc_scheduling disciplines[] = {LC_FCFS, LC_PS, LC_INF, LC_HOL, LC_RAND, LC_PP};
    struct lc_model *m = lc_model_new("random");
    for (int i = 0; i < TASKS; i++) {
        const int k = backwards ? TASKS - 1 - i : i;
        struct lc_random r;
        lc_random_init(&r, seed, 0, names[k], "shape");
        const int processor = lc_add_processor(m, names[k]);
        m->processors[processor].scheduling = k == 0 ? LC_INF : disciplines[lci_random_below(&r, 6)];
        m->processors[processor].multiplicity = 1 + (uint32_t)lci_random_below(&r, 3);
        if (m->processors[processor].scheduling == LC_PS && lci_random_below(&r, 2) == 0)
            m->processors[processor].quantum = 0.1;
        const int task = lc_add_task(m, names[k], processor);
        m->tasks[task].scheduling = k == 0 ? LC_REF : LC_FCFS;
        m->tasks[task].multiplicity = k == 0 ? 6 : 1 + (uint32_t)lci_random_below(&r, 4);
        m->tasks[task].priority = (int)lci_random_below(&r, 3);
        if (k == 0)
            m->tasks[task].think_time = lc_dist_exponential(3);
        const int entry = lc_add_entry(m, names[k], task);
        m->entries[entry].phases[0].present = true;
        m->entries[entry].phases[0].demand =
            lci_dist_moments(0.05 + 0.2 * lci_random_uniform(&r), 0.5 * (double)lci_random_below(&r, 4));
        m->entries[entry].phases[1].present = lci_random_below(&r, 3) == 0;
        m->entries[entry].phases[1].demand = lc_dist_exponential(0.05);
    }
    for (int k = 0; k < TASKS; k++) {
        struct lc_random r;
        lc_random_init(&r, seed, 0, names[k], "calls");
        const int from = lc_find_entry(m, names[k]);
        for (int to = k + 1; to < TASKS; to++)
            if (to == k + 1 || lci_random_below(&r, 3) == 0)
                lc_add_call(&m->entries[from].phases[0], LC_CALL_SYNC, lc_find_entry(m, names[to]),
                            0.3 + lci_random_uniform(&r));
    }
    return m;
}

static struct lc_result *simulate(const struct lc_model *m, unsigned jobs, double precision)
{
    struct lc_diag diag = {0};
    struct lc_sim_options options = lc_sim_defaults();
    options.precision = precision;
    options.jobs = jobs;
    options.replications = LEISURELY ? 10 : 20;
    struct lc_result *r = lc_simulate(m, &options, &diag);
    require(&diag);
    lc_diag_free(&diag);
    return r;
}

static void near(const char *what, double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%s: %g and %g differ by more than %g", what, a, b, tolerance);
}

static void check_laws(const struct lc_model *m, const struct lc_result *r)
{
    double in_calls[TASKS] = {0};
    for (size_t i = 0; i < m->entry_count; i++)
        for (size_t c = 0; c < m->entries[i].phases[0].call_count; c++) {
            const struct lc_call *call = &m->entries[i].phases[0].calls[c];
            in_calls[m->entries[call->entry].task] += call->mean * r->entries[i].throughput.mean;
        }
    for (size_t i = 0; i < m->task_count; i++) {
        const struct lc_task_result *t = &r->tasks[i];
        const struct lc_entry_result *e = &r->entries[m->tasks[i].entries[0]];
        const struct lc_processor *p = &m->processors[m->tasks[i].processor];
        const double slack = 3 * t->throughput.ci99 + 1e-3 * t->throughput.mean;
        near("busy threads = throughput × service time", t->utilization.mean, t->throughput.mean * e->service_time.mean,
             0.01 * t->utilization.mean + 3 * t->utilization.ci99);
        near("demand = processor busy", t->processor_utilization.mean,
             r->processors[m->tasks[i].processor].utilization.mean, 0.01 * t->processor_utilization.mean);
        assert_true(t->utilization.mean <= m->tasks[i].multiplicity * (1 + 1e-9));
        assert_true(p->scheduling == LC_INF || r->processors[m->tasks[i].processor].load.mean <= 1 + 1e-9);
        if (lc_is_source(&m->tasks[i])) {
            near("population = throughput × (response + think)", 6,
                 t->throughput.mean * (r->workloads[0].response_time.mean + 3), 0.05);
            continue;
        }
        near("flow in = flow out", t->throughput.mean, in_calls[i], slack + 0.02 * t->throughput.mean);
        near("queue = throughput × waiting", t->queue_length.mean, t->throughput.mean * t->waiting_time.mean,
             0.02 * t->queue_length.mean + 1e-6);
    }
}

static void laws(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= (LEISURELY ? 5 : 20); seed++) {
        struct lc_model *m = random_model(seed, false);
        struct lc_result *r = simulate(m, 0, 0.02);
        check_laws(m, r);
        lc_result_free(r);
        lc_model_free(m);
    }
}

static char *without_time(struct lc_result *r)
{
    r->elapsed_s = 0;
    json_t *document = lc_result_json(r);
    char *text = json_dumps(document, 0);
    json_decref(document);
    return text;
}

/* Every digit of the result. */
static void threads(void **state)
{
    (void)state;
    struct lc_model *m = random_model(7, false);
    struct lc_result *one = simulate(m, 1, 0.02), *three = simulate(m, 3, 0.02);
    char *a = without_time(one), *b = without_time(three);
    assert_string_equal(a, b);
    free(a);
    free(b);
    lc_result_free(one);
    lc_result_free(three);
    lc_model_free(m);
}

static void same(struct lc_estimate a, struct lc_estimate b)
{
    assert_memory_equal(&a.mean, &b.mean, sizeof a.mean);
    assert_memory_equal(&a.ci95, &b.ci95, sizeof a.ci95);
}

static void order_of_elements(void **state)
{
    (void)state;
    struct lc_model *m = random_model(7, false), *turned = random_model(7, true);
    struct lc_result *a = simulate(m, 0, 0.02), *b = simulate(turned, 0, 0.02);
    assert_true(a->events == b->events);
    for (int i = 0; i < TASKS; i++) {
        const int x = lc_find_task(m, names[i]), y = lc_find_task(turned, names[i]);
        assert_true(x != y);
        same(a->tasks[x].throughput, b->tasks[y].throughput);
        same(a->tasks[x].waiting_time, b->tasks[y].waiting_time);
        same(a->entries[x].service_time, b->entries[y].service_time);
        same(a->entries[x].percentiles.value[3], b->entries[y].percentiles.value[3]);
        same(a->processors[x].utilization, b->processors[y].utilization);
    }
    lc_result_free(a);
    lc_result_free(b);
    lc_model_free(m);
    lc_model_free(turned);
}

/* A server for each thread of the only task there, and, if asked for, another task that does nothing. */
static struct lc_model *model_without_waits(bool other)
{
    struct lc_model *m = random_model(3, false);
    for (int i = 0; i < TASKS; i++) {
        struct lc_processor *p = &m->processors[m->tasks[i].processor];
        p->scheduling = p->scheduling == LC_INF ? LC_INF : i % 2 == 0 ? LC_FCFS : LC_PP;
        p->multiplicity = 4;
        m->entries[m->tasks[i].entries[0]].phases[1].present = false;
    }
    for (int i = 0; i < TASKS && other; i++) {
        const char name[] = {'x', (char)('0' + i), '\0'};
        lc_add_entry(m, name, lc_add_task(m, name, m->tasks[i].processor));
    }
    return m;
}

/* A processor for which no thread has to wait is simulated as a delay; where it has several tasks, as a queue. */
static void a_server_for_each_thread(void **state)
{
    (void)state;
    struct lc_model *m = model_without_waits(false), *queues = model_without_waits(true);
    struct lc_result *a = simulate(m, 0, 0.02), *b = simulate(queues, 0, 0.02);
    assert_true(a->events == b->events);
    for (int i = 0; i < TASKS; i++) {
        same(a->tasks[i].throughput, b->tasks[i].throughput);
        same(a->tasks[i].waiting_time, b->tasks[i].waiting_time);
        same(a->entries[i].service_time, b->entries[i].service_time);
        same(a->processors[i].utilization, b->processors[i].utilization);
    }
    lc_result_free(a);
    lc_result_free(b);
    lc_model_free(m);
    lc_model_free(queues);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(laws), cmocka_unit_test(threads),
                                       cmocka_unit_test(order_of_elements), cmocka_unit_test(a_server_for_each_thread)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
