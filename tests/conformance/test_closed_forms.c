/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Simulations against exact results: M/M/1, M/M/c, M/G/1 (Pollaczek–Khinchine), processor sharing (insensitive to the
 * distribution), round robin as its limit, priorities, open and closed product-form networks, finite queues.
 */
#include "model/dist/dist.h"
#include "support.h"

/* A processor with a task of the same name and one entry ("NAME.e") of this demand. Returns the entry. */
static int add_server(struct lc_model *m, const char *name, enum lc_scheduling scheduling, uint32_t servers,
                      uint32_t threads, struct lc_dist demand)
{
    const int processor = lc_add_processor(m, name);
    m->processors[processor].scheduling = scheduling;
    m->processors[processor].multiplicity = servers;
    const int task = lc_add_task(m, name, processor);
    m->tasks[task].multiplicity = threads;
    if (threads == LC_INFINITE)
        m->tasks[task].scheduling = LC_INF;
    char *entry_name = lc_format("%s.e", name);
    const int entry = lc_add_entry(m, entry_name, task);
    free(entry_name);
    m->entries[entry].phases[0].present = true;
    m->entries[entry].phases[0].demand = demand;
    return entry;
}

/* Customers on a delay that think for `think` and have no demand of their own. Returns their phase. */
static struct lc_activity *add_customers(struct lc_model *m, uint32_t count, double think)
{
    const int processor = lc_add_processor(m, "users");
    m->processors[processor].scheduling = LC_INF;
    const int task = lc_add_task(m, "users", processor);
    m->tasks[task].scheduling = LC_REF;
    m->tasks[task].multiplicity = count;
    if (think > 0)
        m->tasks[task].think_time = lc_dist_exponential(think);
    const int entry = lc_add_entry(m, "users", task);
    m->entries[entry].phases[0].present = true;
    m->entries[entry].phases[0].deterministic = true;
    return &m->entries[entry].phases[0];
}

static struct lc_result *simulate(const struct lc_model *m, double precision)
{
    struct lc_result *r = simulate_to(m, precision, 3 * precision);
    assert_true(r->converged);
    return r;
}

/* W = ρ s (1 + c²) / (2 (1 − ρ)), Pollaczek–Khinchine. */
static void mg1(void **state)
{
    (void)state;
    const double cv2[] = {0, 0.25, 1, 4};
    for (int i = 0; i < 4; i++) {
        struct lc_model *m = lc_model_new("M/G/1");
        const int e = add_server(m, "server", LC_FCFS, 1, 1, lci_dist_moments(1, cv2[i]));
        m->entries[e].open_rate = 0.8;
        struct lc_result *r = simulate(m, 0.02);
        const double wait = 0.8 * (1 + cv2[i]) / (2 * 0.2);
        expect("utilization", r->processors[0].utilization, 0.8);
        expect("throughput", r->tasks[0].throughput, 0.8);
        expect("waiting", r->tasks[0].waiting_time, wait);
        expect("queue", r->tasks[0].queue_length, 0.8 * wait);
        expect("response", r->entries[e].open_response_time, wait + 1);
        expect("response of the workload", r->workloads[0].response_time, wait + 1);
        done(m, r);
    }
}

/* The response time of M/M/1 is exponential: quantiles −ln(1 − p) / (μ − λ). */
static void percentiles(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("M/M/1");
    const int e = add_server(m, "server", LC_FCFS, 1, 1, lc_dist_exponential(1));
    m->entries[e].open_rate = 0.5;
    struct lc_result *r = simulate(m, 0.01);
    const double p[] = {0.5, 0.9, 0.95, 0.99};
    for (int i = 0; i < LC_PERCENTILES; i++) {
        const struct lc_estimate q = r->entries[e].open_percentiles.value[i];
        assert_true(fabs(q.mean + 2 * log(1 - p[i])) <= 1.5 * q.ci99 + 0.004 * q.mean);
    }
    done(m, r);
}

/* One that a goal asks for, beside those of every result: replications are made long enough to tell it. */
static void asked_percentile(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("M/M/1");
    const int e = add_server(m, "server", LC_FCFS, 1, 1, lc_dist_exponential(1));
    m->entries[e].open_rate = 0.5;
    struct lc_diag diag = {0};
    struct lc_sim_options options = lc_sim_defaults();
    options.answers = true;
    options.precision = 0.05;
    options.percentiles = (struct lc_percentile_list){1, {99.9}};
    struct lc_result *r = lc_simulate(m, &options, &diag);
    require(&diag);
    assert_null(lc_percentile(r, &r->workloads[0].percentiles, 99.99));
    const struct lc_estimate *q = lc_percentile(r, &r->workloads[0].percentiles, 99.9);
    assert_non_null(q);
    assert_true(q->ci95 <= 2 * 0.05 * q->mean);
    assert_true(fabs(q->mean + 2 * log(0.001)) <= 1.5 * q->ci99 + 0.004 * q->mean);
    assert_true(r->simulated_time * r->workloads[0].throughput.mean * 0.001 >= 4);
    done(m, r);
}

static double erlang_c(int servers, double offered)
{
    double b = 1;
    for (int k = 1; k <= servers; k++)
        b = offered * b / (k + offered * b);
    const double rho = offered / servers;
    return b / (1 - rho * (1 - b));
}

/* As threads of a task, and as servers of a processor. */
static void mmc(void **state)
{
    (void)state;
    for (int variant = 0; variant < 2; variant++) {
        struct lc_model *m = lc_model_new("M/M/3");
        const int e = add_server(m, "server", LC_FCFS, 3, variant == 0 ? 3 : LC_INFINITE, lc_dist_exponential(1));
        m->entries[e].open_rate = 2.4;
        struct lc_result *r = simulate(m, 0.02);
        const double wait = erlang_c(3, 2.4) / (3 - 2.4);
        expect("waiting", variant == 0 ? r->tasks[0].waiting_time : r->entries[e].phases[0].processor_waiting, wait);
        expect("response", r->entries[e].open_response_time, wait + 1);
        expect("utilization", r->processors[0].utilization, 2.4);
        done(m, r);
    }
}

/* The M/M/3 of Palmer et al. (Ciw: an open-source discrete event simulation library, 2019), by its definition: arrivals
 * at rate 10, services at rate 4, 800 time units of which the first 100 do not count. */
static void ciw(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("Ciw");
    const int e = add_server(m, "server", LC_FCFS, 3, 3, lc_dist_exponential(0.25));
    m->entries[e].open_rate = 10;
    struct lc_diag diag = {0};
    struct lc_sim_options options = lc_sim_defaults();
    options.warmup = 100;
    options.run_time = 700;
    options.replications = LEISURELY ? 20 : 200;
    struct lc_result *r = lc_simulate(m, &options, &diag);
    require(&diag);
    const double wait = erlang_c(3, 2.5) / (3 * 4 - 10);
    assert_true(fabs(wait - 0.3511) < 1e-4);
    expect("waiting", r->tasks[0].waiting_time, wait);
    expect("queue", r->tasks[0].queue_length, 10 * wait);
    expect("response", r->entries[e].open_response_time, wait + 0.25);
    expect("load", r->tasks[0].load, 2.5 / 3);
    lc_diag_free(&diag);
    done(m, r);
}

/* Processor sharing: T = s / (1 − ρ) whatever the distribution; two servers as M/M/2. Round robin comes near it. */
static void sharing(void **state)
{
    (void)state;
    const double cv2[] = {0, 4};
    for (int i = 0; i < 2; i++) {
        struct lc_model *m = lc_model_new("M/G/1-PS");
        const int e = add_server(m, "server", LC_PS, 1, LC_INFINITE, lci_dist_moments(1, cv2[i]));
        m->entries[e].open_rate = 0.7;
        struct lc_result *r = simulate(m, 0.02);
        expect("response", r->entries[e].open_response_time, 1 / 0.3);
        expect("utilization", r->processors[0].utilization, 0.7);
        done(m, r);
    }
    struct lc_model *m = lc_model_new("M/M/2-PS");
    const int e = add_server(m, "server", LC_PS, 2, LC_INFINITE, lc_dist_exponential(1));
    m->entries[e].open_rate = 1.6;
    m->processors[0].quantum = 0;
    struct lc_result *r = simulate(m, 0.02);
    expect("response", r->entries[e].open_response_time, 1 + erlang_c(2, 1.6) / 0.4);
    lc_result_free(r);
    m->processors[0].quantum = 0.05; /* exponential demands: round robin has the same mean */
    r = simulate(m, 0.02);
    expect("round robin", r->entries[e].open_response_time, 1 + erlang_c(2, 1.6) / 0.4);
    done(m, r);
}

/* Two classes at one processor, Cobham's formulas: waits of head-of-line, responses of preemptive-resume. */
static void priorities(void **state)
{
    (void)state;
    for (int variant = 0; variant < 2; variant++) {
        struct lc_model *m = lc_model_new("priorities");
        const int high = add_server(m, "high", variant == 0 ? LC_HOL : LC_PP, 1, LC_INFINITE, lc_dist_exponential(1));
        const int task = lc_add_task(m, "low", 0), low = lc_add_entry(m, "low.e", task);
        m->tasks[task].scheduling = LC_INF;
        m->tasks[task].multiplicity = LC_INFINITE;
        m->tasks[0].priority = 5;
        m->entries[low].phases[0].present = true;
        m->entries[low].phases[0].demand = lc_dist_exponential(0.5);
        m->entries[high].open_rate = 0.3;
        m->entries[low].open_rate = 0.8;
        struct lc_result *r = simulate(m, 0.02);
        const double rho1 = 0.3, rho = 0.7, residual = 0.3 * 1 + 0.8 * 0.25; /* Σ λ E[S²] / 2 */
        const double wait1 = residual / (1 - rho1), wait2 = residual / ((1 - rho1) * (1 - rho));
        const double alone1 = 1 + 0.3 / (1 - rho1), after2 = 0.5 / (1 - rho1) + residual / ((1 - rho1) * (1 - rho));
        expect("high", r->entries[high].open_response_time, variant == 0 ? wait1 + 1 : alone1);
        expect("low", r->entries[low].open_response_time, variant == 0 ? wait2 + 0.5 : after2);
        expect("utilization", r->processors[0].utilization, rho);
        done(m, r);
    }
}

/* Jackson: a front that calls a back end twice on the average, both M/M/1 as seen by infinite tasks. */
static void jackson(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("Jackson");
    const int back = add_server(m, "back", LC_FCFS, 1, LC_INFINITE, lc_dist_exponential(0.4));
    const int front = add_server(m, "front", LC_FCFS, 1, LC_INFINITE, lc_dist_exponential(0.75));
    lc_add_call(&m->entries[front].phases[0], LC_CALL_SYNC, back, 2);
    m->entries[front].open_rate = 0.9;
    struct lc_result *r = simulate(m, 0.02);
    /* Slices of 0.25 at a rate of 2.7; calls of 0.4 at 1.8. */
    const double slice = 0.25 / (1 - 0.675), call = 0.4 / (1 - 0.72);
    expect("response", r->entries[front].open_response_time, 3 * slice + 2 * call);
    expect("called", r->entries[back].service_time, call);
    done(m, r);
}

/* Ten stations, one visit each a cycle: exact mean value analysis. */
static void closed_network(void **state)
{
    (void)state;
    enum { STATIONS = 5, CUSTOMERS = 12 };
    struct lc_model *m = lc_model_new("closed");
    int entries[STATIONS];
    double demand[STATIONS], queue[STATIONS] = {0}, throughput = 0, cycle = 0;
    for (int k = 0; k < STATIONS; k++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", k);
        demand[k] = 0.1 * (k + 1);
        entries[k] = add_server(m, name, LC_FCFS, 1, LC_INFINITE, lc_dist_exponential(demand[k]));
    }
    struct lc_activity *users = add_customers(m, CUSTOMERS, 2);
    for (int k = 0; k < STATIONS; k++)
        lc_add_call(users, LC_CALL_SYNC, entries[k], 1);
    for (int n = 1; n <= CUSTOMERS; n++) {
        cycle = 0;
        for (int k = 0; k < STATIONS; k++)
            cycle += demand[k] * (1 + queue[k]);
        throughput = n / (2 + cycle);
        for (int k = 0; k < STATIONS; k++)
            queue[k] = throughput * demand[k] * (1 + queue[k]);
    }
    struct lc_result *r = simulate(m, 0.01);
    expect("throughput", r->workloads[0].throughput, throughput);
    expect("response", r->workloads[0].response_time, cycle);
    for (int k = 0; k < STATIONS; k++)
        expect("present", r->tasks[m->entries[entries[k]].task].utilization, queue[k]);
    done(m, r);
}

/* M/M/1/K: two waiting places, ρ = 0.9. */
static void finite_queue(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("M/M/1/3");
    const int e = add_server(m, "server", LC_FCFS, 1, 1, lc_dist_exponential(1));
    m->entries[e].open_rate = 0.9;
    m->tasks[0].queue_length = 2;
    struct lc_result *r = simulate(m, 0.01);
    const double p0 = (1 - 0.9) / (1 - pow(0.9, 4)), lost = p0 * pow(0.9, 3);
    expect("lost", r->tasks[0].dropped, lost);
    expect("throughput", r->tasks[0].throughput, 0.9 * (1 - lost));
    done(m, r);
}

static void no_steady_state(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("overload");
    const int e = add_server(m, "server", LC_FCFS, 1, LC_INFINITE, lc_dist_exponential(1));
    m->entries[e].open_rate = 1.25;
    struct lc_diag diag = {0};
    struct lc_sim_options options = lc_sim_defaults();
    assert_null(lc_simulate(m, &options, &diag));
    assert_int_equal(lc_diag_status(&diag), LC_INPUT);
    assert_non_null(strstr(diag.messages[0].text, "'server'"));
    assert_non_null(strstr(diag.messages[0].text, "0.8"));
    lc_diag_free(&diag);
    lc_model_free(m);
}

/* Customers that wait for each other, and customers for whom no time passes, are told and do not hang. */
static void dead_ends(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("no time");
    add_customers(m, 3, 0);
    struct lc_diag diag = {0};
    struct lc_sim_options options = lc_sim_defaults();
    assert_null(lc_simulate(m, &options, &diag));
    assert_int_equal(lc_diag_status(&diag), LC_INPUT);
    lc_diag_free(&diag);
    lc_model_free(m);
}

/* A burst task draws from Pareto, with the mean and variation of its demand; one that does not vary stays as it is. */
static void bursts_without_variation(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("burst");
    struct lc_activity *users = add_customers(m, 1, 1);
    m->tasks[0].scheduling = LC_BURST;
    m->processors[0].scheduling = LC_FCFS;
    users->demand = lc_dist_deterministic(0.5);
    struct lc_result *r = simulate(m, 0.01);
    expect("throughput", r->tasks[0].throughput, 1 / 1.5);
    expect("utilization", r->processors[0].utilization, 0.5 / 1.5);
    done(m, r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mg1),
        cmocka_unit_test(percentiles),
        cmocka_unit_test(asked_percentile),
        cmocka_unit_test(mmc),
        cmocka_unit_test(ciw),
        cmocka_unit_test(sharing),
        cmocka_unit_test(priorities),
        cmocka_unit_test(jackson),
        cmocka_unit_test(closed_network),
        cmocka_unit_test(finite_queue),
        cmocka_unit_test(no_steady_state),
        cmocka_unit_test(dead_ends),
        cmocka_unit_test(bursts_without_variation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
