/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Replicas that fail, that are started on demand, and that follow the load, against closed forms.
 */
#include "policies.h"

/* M/M/1 that breaks down at rate ξ, idle or not, and is repaired at rate η; the interrupted service goes on where it
 * was (White and Christie 1958): N = λ (1 + μ ξ/(ξ + η)²) / (μ η/(ξ + η) − λ). Sharing the processor changes nothing.
 */
static void breakdowns(void **state)
{
    (void)state;
    const double lambda = 0.4, xi = 0.1, eta = 0.4;
    static const enum lc_scheduling kinds[] = {LC_FCFS, LC_PS};
    for (int i = 0; i < 2; i++) {
        struct lc_model *m = one_server(lambda, 1, 1);
        m->processors[m->tasks[SERVER].processor].scheduling = kinds[i];
        if (kinds[i] == LC_PS)
            m->tasks[SERVER].multiplicity = 1000;
        set(m, "server.failures.up", "10 s");
        set(m, "server.failures.down", "2.5 s");
        struct lc_result *r = simulate(m);
        const double up = eta / (xi + eta), n = lambda * (1 + xi / ((xi + eta) * (xi + eta))) / (up - lambda);
        expect("response", r->workloads[0].response_time, n / lambda);
        expect("busy", r->processors[m->tasks[SERVER].processor].utilization, lambda);
        expect("serving", r->tasks[SERVER].serving, up);
        expect("replicas", r->tasks[SERVER].replicas, 1);
        done(m, r);
    }
}

/* Two replicas without limits: a request waits only when it finds both of them down, until its own is repaired. */
static void around_failures(void **state)
{
    (void)state;
    static const char *const balances[] = {"round_robin", "random", "least", "power_of_two"};
    for (int i = 0; i < 4; i++) {
        struct lc_model *m = one_server(5, LC_INFINITE, 1);
        m->tasks[SERVER].replicas = 2;
        set(m, "server.balance", balances[i]);
        set(m, "server.failures.up", "6 s");
        set(m, "server.failures.down", "4 s");
        struct lc_result *r = simulate(m);
        const double both = 0.4 * 0.4;
        expect("response", r->workloads[0].response_time, 1 + both * 4);
        expect("serving", r->tasks[SERVER].serving, 1.2);
        done(m, r);
    }
}

/* One instance at the most: M/G/1 whose server goes when it has been idle for D and takes U to come back. The first of
 * a busy period waits for U with probability p = Pr(idle > D) = E[exp(−λD)], the Laplace transform of D at λ:
 * W = λE[S²]/(2(1 − ρ)) + (2E[V] + λE[V²])/(2(1 + λE[V])), where V is U with probability p and else 0 (Welch 1964). */
static void cold_start(const char *keep_alive, double p)
{
    const double lambda = 0.5, start = 3;
    struct lc_model *m = one_server(lambda, 1, 1);
    set(m, "server.scaling.max", "1");
    set(m, "server.scaling.keep_alive", keep_alive);
    set(m, "server.scaling.start_up", "3 s"); /* exponential */
    struct lc_result *r = simulate(m);
    const double v = p * start, v2 = p * 2 * start * start;
    const double wait = lambda * 2 / (2 * (1 - lambda)) + (2 * v + lambda * v2) / (2 * (1 + lambda * v));
    expect("response", r->workloads[0].response_time, 1 + wait);
    /* Cycles: idle, maybe with a start; the work of those who come. */
    const double idle = (1 - p) / lambda, off = p / lambda, busy = (v + 1) / (1 - lambda);
    expect("replicas", r->tasks[SERVER].replicas, 1 - off / (idle + off + busy));
    expect("starts", r->tasks[SERVER].starts, p / (idle + off + busy));
    done(m, r);
}

static void cold_starts(void **state)
{
    (void)state;
    const double lambda = 0.5;
    cold_start("1.5 s", exp(-lambda * 1.5)); /* constant */
    cold_start("{exponential: 1.5 s}", 1 / (1 + lambda * 1.5));
    cold_start("{erlang: {shape: 3, mean: 1.5 s}}", pow(1 + lambda * 1.5 / 3, -3));
    cold_start("{hyperexponential: [{p: 0.9, mean: 100 ms}, {p: 0.1, mean: 14.1 s}]}",
               0.9 / (1 + lambda * 0.1) + 0.1 / (1 + lambda * 14.1));
}

/* Instances that are kept for long: nobody waits, and the number of them is that of M/M/∞ at its highest. */
static void kept_alive(void **state)
{
    (void)state;
    struct lc_model *m = one_server(3, 1, 1);
    set(m, "server.scaling.max", "40");
    set(m, "server.scaling.keep_alive", "100000 s");
    set(m, "server.scaling.start_up", "1 s");
    struct lc_result *r = simulate(m);
    expect("busy", r->tasks[SERVER].utilization, 3);
    assert_true(fabs(r->workloads[0].response_time.mean - 1) < 0.02);
    assert_true(r->tasks[SERVER].replicas.mean > 9 && r->tasks[SERVER].replicas.mean < 20);
    done(m, r);
}

/* `max` holds, whatever `replicas` says: M/M/2 of which both are always there. */
static void at_the_most(void **state)
{
    (void)state;
    struct lc_model *m = one_server(1, 1, 1);
    m->tasks[SERVER].replicas = m->processors[m->tasks[SERVER].processor].replicas = 5;
    set(m, "server.scaling.min", "2");
    set(m, "server.scaling.max", "2");
    set(m, "server.scaling.keep_alive", "10 s");
    struct lc_result *r = simulate(m);
    expect("replicas", r->tasks[SERVER].replicas, 2);
    expect("response", r->workloads[0].response_time, 1 / (1 - 0.25));
    done(m, r);
}

/* Five servers' worth of work at a target of 50 %: ten and eleven replicas are within the tolerance of a tenth, and
 * nothing leads away from them. */
static void autoscaling(void **state)
{
    (void)state;
    struct lc_model *m = one_server(50, 1, 0.1);
    set(m, "server.balance", "least");
    set(m, "server.scaling.min", "1");
    set(m, "server.scaling.max", "30");
    set(m, "server.scaling.target_load", "50 %");
    set(m, "server.scaling.period", "60 s");
    set(m, "server.scaling.cooldown", "300 s");
    set(m, "server.scaling.start_up", "20 s");
    struct lc_result *r = simulate(m);
    assert_true(r->tasks[SERVER].replicas.mean > 9.9 && r->tasks[SERVER].replicas.mean < 11.1);
    assert_true(fabs(r->tasks[SERVER].load.mean * r->tasks[SERVER].serving.mean - 5) < 0.1);
    expect("busy", r->processors[m->tasks[SERVER].processor].utilization, 5);
    done(m, r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(breakdowns), cmocka_unit_test(around_failures), cmocka_unit_test(cold_starts),
        cmocka_unit_test(kept_alive), cmocka_unit_test(at_the_most),     cmocka_unit_test(autoscaling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
