/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Policies of calls against what can be derived by hand.
 */
#include "policies.h"

/* Attempts at a server without contention are independent, each late with probability q = exp(−timeout). The pauses are
 * b, 2b, 4b … up to the cap, of which jitter takes a part. */
static void back_off(void **state)
{
    (void)state;
    static const char *const jitters[] = {"none", "full", "equal", "exponential"};
    static const double parts[] = {1, 0.5, 0.75, 1};
    for (int j = 0; j < 4; j++) {
        struct lc_model *m = one_server(1, LC_INFINITE, 1);
        set(m, "server.timeout", "0.7 s");
        set(m, "server.retries.max", "4");
        set(m, "server.retries.backoff", "0.5 s");
        set(m, "server.retries.cap", "1.5 s");
        set(m, "server.retries.jitter", jitters[j]);
        struct lc_result *r = simulate(m);
        const double q = exp(-0.7), pauses = 0.5 * q + 1 * q * q + 1.5 * (pow(q, 3) + pow(q, 4));
        const double attempts = (1 - pow(q, 5)) / (1 - q);
        expect("retries", r->policies[0].retries, attempts - 1);
        expect("timed out", r->policies[0].timed_out, q);
        expect("failed", r->policies[0].failed, pow(q, 5));
        expect("failed of the workload", r->workloads[0].failed, pow(q, 5));
        expect("attempts", r->tasks[SERVER].throughput, attempts);
        expect("response", r->workloads[0].response_time, attempts * (1 - q) + parts[j] * pauses);
        done(m, r);
    }
}

/* Everything fails, so that every token of the budget is spent: a fifth of a retry for each request. */
static void budget(void **state)
{
    (void)state;
    struct lc_model *m = one_server(1, LC_INFINITE, 1000);
    set(m, "server.timeout", "0.01 s");
    set(m, "server.retries.max", "3");
    set(m, "server.retries.budget", "20 %");
    struct lc_result *r = simulate(m);
    expect("retries", r->policies[0].retries, 0.2);
    expect("failed", r->policies[0].failed, 1);
    done(m, r);
}

/* Whoever finds the server busy tries again after an exponential time, without end (the classical retrial queue). The
 * mean number of those who wait to try again is ρ²/(1 − ρ) + λρ/(θ(1 − ρ)) (Falin and Templeton, Retrial Queues, 1997,
 * ch. 1). */
static void retrial_queue(void **state)
{
    (void)state;
    const double lambda = 0.6, theta = 0.5, rho = lambda;
    struct lc_model *m = one_server(lambda, 1, 1);
    set(m, "server.shed.queue_length", "0");
    set(m, "server.retries.max", "infinite");
    set(m, "server.retries.backoff", "2 s");
    set(m, "server.retries.factor", "1");
    set(m, "server.retries.jitter", "exponential");
    struct lc_result *r = simulate(m);
    const double orbit = rho * rho / (1 - rho) + lambda * rho / (theta * (1 - rho));
    expect("throughput", r->tasks[SERVER].throughput, lambda);
    expect("response", r->workloads[0].response_time, 1 + orbit / lambda);
    expect("retries", r->policies[0].retries, theta * orbit / lambda);
    done(m, r);
}

/* Every attempt is late. The breaker opens with the first one; when it has been open for its time, the next arrival is
 * the probe, which is late as well: a cycle of open time, wait for an arrival, timeout. */
static void breaker(void **state)
{
    (void)state;
    const double rate = 2, open = 5, timeout = 0.5;
    struct lc_model *m = one_server(rate, LC_INFINITE, 1);
    lc_dist_free(&m->entries[lc_find_entry(m, "serve")].phases[0].demand);
    m->entries[lc_find_entry(m, "serve")].phases[0].demand = lc_dist_deterministic(1);
    set(m, "server.timeout", "0.5 s");
    set(m, "server.breaker.window", "10 s");
    set(m, "server.breaker.minimum", "1");
    set(m, "server.breaker.open_time", "5 s");
    struct lc_result *r = simulate(m);
    const double cycle = open + 1 / rate + timeout;
    expect("short-circuited", r->policies[0].short_circuited, 1 - 1 / (rate * cycle));
    expect("timed out", r->policies[0].timed_out, 1 / (rate * cycle));
    assert_true(r->policies[0].open.mean > 0.999); /* but for the very beginning */
    expect("failed", r->workloads[0].failed, 1);
    done(m, r);
}

/* A breaker that is healthy again: closed from the first good answers of its probes, then all of it passes. */
static void breaker_closes(void **state)
{
    (void)state;
    struct lc_model *m = one_server(1, LC_INFINITE, 1);
    set(m, "server.timeout", "50 s");
    set(m, "server.breaker.window", "10 s");
    set(m, "server.breaker.open_time", "5 s");
    set(m, "server.breaker.probes", "3");
    struct lc_result *r = simulate(m);
    expect("open", r->policies[0].open, 0);
    expect("failed", r->workloads[0].failed, 0);
    done(m, r);
}

/* Erlang's loss formula: a limit of concurrent calls in front of a server without limits. */
static void bulkhead(void **state)
{
    (void)state;
    struct lc_model *m = one_server(2.4, LC_INFINITE, 1);
    set(m, "source.calls.server.bulkhead", "3");
    struct lc_result *r = simulate(m);
    expect("full", r->policies[0].full, erlang_b(3, 2.4));
    expect("failed", r->workloads[0].failed, erlang_b(3, 2.4));
    expect("inside", r->tasks[SERVER].utilization, 2.4 * (1 - erlang_b(3, 2.4)));
    done(m, r);
}

/* Shedding by the length of the queue: M/M/2/2+3. By age: M/M/1 whose customers leave the queue after a fixed time
 * (Barrer 1957): below it the work ahead has the density λ p₀ exp(−(μ − λ) w). */
static void shedding(void **state)
{
    (void)state;
    struct lc_model *m = one_server(2.5, 2, 1);
    set(m, "server.shed.queue_length", "3");
    struct lc_result *r = simulate(m);
    double p = 1, sum = 1;
    for (int n = 1; n <= 5; n++)
        sum += p *= 2.5 / (n < 2 ? n : 2);
    expect("shed by length", r->policies[0].shed, p / sum);
    expect("dropped", r->tasks[SERVER].dropped, p / sum);
    done(m, r);
    m = one_server(0.8, 1, 1);
    set(m, "server.shed.age", "2 s");
    r = simulate(m);
    const double rest = exp(-0.2 * 2), p0 = 1 / (1 + 0.8 * (1 - rest) / 0.2 + 0.8 * rest);
    expect("shed by age", r->policies[0].shed, 0.8 * p0 * rest);
    expect("throughput", r->tasks[SERVER].throughput, 1 - p0);
    done(m, r);
}

/* A bucket of one token: after each request that passes, none does for 1/r (a counter of type I): λ/(1 + λ/r) pass.
 * Waiting for tokens instead is M/D/1. */
static void rate_limit(void **state)
{
    (void)state;
    struct lc_model *m = one_server(3, LC_INFINITE, 1);
    set(m, "server.rate_limit.rate", "2/s");
    struct lc_result *r = simulate(m);
    expect("passed", r->tasks[SERVER].throughput, 3 / (1 + 1.5));
    expect("limited", r->policies[0].limited, 1 - 1 / (1 + 1.5));
    done(m, r);
    m = one_server(1.5, LC_INFINITE, 1);
    set(m, "server.rate_limit.rate", "2/s");
    set(m, "server.rate_limit.overflow", "wait");
    r = simulate(m);
    expect("response", r->workloads[0].response_time, 1 + 0.75 / (2 * 2 * 0.25));
    expect("failed", r->workloads[0].failed, 0);
    done(m, r);
    /* Those who give up leave their tokens to others: far above the rate some wait at nearly any time, and all tokens
     * are taken. */
    m = one_server(8, LC_INFINITE, 1e-6);
    set(m, "server.rate_limit.rate", "2/s");
    set(m, "server.rate_limit.overflow", "wait");
    set(m, "server.timeout", "2 s");
    r = simulate(m);
    assert_true(fabs(r->tasks[SERVER].throughput.mean - 2) < 0.02);
    expect("timed out", r->policies[0].timed_out, 1 - r->tasks[SERVER].throughput.mean / 8);
    done(m, r);
}

/* More requests than tokens, and all of them wait: there is no steady state, whether somebody waits for them or not. */
static void too_few_tokens(void **state)
{
    (void)state;
    for (int async = 0; async < 2; async++) {
        struct lc_model *m = one_server(3, LC_INFINITE, 1);
        m->entries[lc_find_entry(m, "ask")].phases[0].calls[0].kind = async ? LC_CALL_ASYNC : LC_CALL_SYNC;
        set(m, "source.calls.server.rate_limit.rate", "2/s");
        set(m, "source.calls.server.rate_limit.overflow", "wait");
        struct lc_diag diag = {0};
        const struct lc_sim_options options = lc_sim_defaults();
        assert_null(lc_simulate(m, &options, &diag));
        assert_non_null(strstr(diag.messages[0].text, "1.5 times the tokens of a rate limit of task 'server'"));
        assert_non_null(strstr(diag.messages[0].text, "0.6667 of the present arrival rates"));
        lc_diag_free(&diag);
        lc_model_free(m);
    }
}

/* A copy after a time d: both exponential, so E = 1 − exp(−d)/2; three at once: 1/3. Losers that are cancelled leave
 * the queue, and the servers have less to do. */
static void hedging(void **state)
{
    (void)state;
    struct lc_model *m = one_server(1, LC_INFINITE, 1);
    set(m, "server.hedge.after", "0.4 s");
    struct lc_result *r = simulate(m);
    expect("copies", r->policies[0].copies, exp(-0.4));
    expect("response", r->workloads[0].response_time, 1 - exp(-0.4) / 2);
    expect("throughput", r->tasks[SERVER].throughput, 1 + exp(-0.4));
    done(m, r);
    m = one_server(1, LC_INFINITE, 1);
    set(m, "server.hedge.after", "0 s");
    set(m, "server.hedge.max", "2");
    r = simulate(m);
    expect("response of three", r->workloads[0].response_time, 1.0 / 3);
    done(m, r);
    double busy[2];
    for (int cancel = 0; cancel < 2; cancel++) {
        m = one_server(0.3, 1, 1);
        set(m, "server.hedge.after", "2 s");
        set(m, "server.hedge.losers", cancel ? "cancel" : "abandon");
        r = simulate(m);
        busy[cancel] = r->tasks[SERVER].utilization.mean;
        done(m, r);
    }
    assert_true(busy[1] < 0.98 * busy[0]);
}

static void cache(void **state)
{
    (void)state;
    struct lc_model *m = one_server(2, 1, 1); /* overloaded, if it were not for the cache */
    set(m, "server.cache.hit_ratio", "75 %");
    set(m, "server.cache.hit_time", "0.2 s");
    struct lc_result *r = simulate(m);
    expect("hits", r->policies[0].hits, 0.75);
    expect("throughput", r->tasks[SERVER].throughput, 0.5);
    expect("response", r->workloads[0].response_time, 0.75 * 0.2 + 0.25 / (1 - 0.5)); /* M/M/1 at 0.5 */
    done(m, r);
}

/* Calls that nobody waits for: the limit drops them. The pool of connections belongs to the caller: its timeout counts
 * from before the pool. */
static void other_calls(void **state)
{
    (void)state;
    struct lc_model *m = one_server(3, LC_INFINITE, 1);
    m->entries[lc_find_entry(m, "ask")].phases[0].calls[0].kind = LC_CALL_ASYNC;
    set(m, "server.timeout", "1 ms");
    struct lc_result *r = simulate(m);
    assert_int_equal(r->policy_count, 0);
    lc_result_free(r);
    set(m, "server.rate_limit.rate", "2/s");
    r = simulate(m);
    expect("passed", r->tasks[SERVER].throughput, 3 / (1 + 1.5));
    expect("dropped", r->tasks[SERVER].dropped, 1 - 1 / (1 + 1.5));
    expect("failed", r->workloads[0].failed, 0);
    done(m, r);
    m = one_server(0.6, LC_INFINITE, 1);
    set(m, "source.connections.server", "1");
    set(m, "server.timeout", "3 s");
    r = simulate(m);
    assert_int_equal(r->policy_count, 1);
    expect("timed out", r->policies[0].timed_out, exp(-0.4 * 3)); /* the pool is M/M/1 */
    done(m, r);
}

/* An error goes up to the workload, unless a caller on the way ignores it. */
static void errors_go_up(void **state)
{
    (void)state;
    for (int ignored = 0; ignored < 2; ignored++) {
        struct lc_model *m = one_server(1, LC_INFINITE, 1);
        const int cpu = lc_add_processor(m, "middle");
        m->processors[cpu].scheduling = LC_INF;
        m->processors[cpu].multiplicity = LC_INFINITE;
        const int middle = lc_add_task(m, "middle", cpu), pass = lc_add_entry(m, "pass", middle);
        m->tasks[middle].scheduling = LC_INF;
        m->tasks[middle].multiplicity = LC_INFINITE;
        m->entries[pass].phases[0].deterministic = true;
        lc_add_call(&m->entries[pass].phases[0], LC_CALL_SYNC, lc_find_entry(m, "serve"), 1);
        m->entries[lc_find_entry(m, "ask")].phases[0].calls[0].entry = pass;
        set(m, "middle.calls.server.timeout", "1 s");
        set(m, "middle.retries.max", "1"); /* by the source, on errors of the answer */
        set(m, "middle.retries.on", "error");
        if (ignored)
            set(m, "middle.calls.server.errors", "ignore");
        struct lc_result *r = simulate(m);
        const double late = exp(-1.0);
        expect("failed below", r->policies[1].failed, late);
        expect("failed", r->workloads[0].failed, ignored ? 0 : late * late);
        expect("retries", r->policies[0].retries, ignored ? 0 : late);
        done(m, r);
    }
}

/* M/M/1 at a load of 0.7 whose callers ask again after five services, for ever: what is given up is served all the
 * same, so that the queue grows once it is long, and it is said so after a few pilots. One at 0.95 where nobody ever
 * gives up only settles late, and is M/M/1. */
static void meltdown(void **state)
{
    (void)state;
    struct lc_model *m = one_server(0.7, 1, 1);
    set(m, "server.timeout", "5 s");
    set(m, "server.retries.max", "infinite");
    set(m, "server.retries.backoff", "0.5 s");
    struct lc_diag diag = {0};
    struct lc_sim_options options = lc_sim_defaults();
    options.precision = 0.1;
    struct lc_result *r = lc_simulate(m, &options, &diag);
    assert_non_null(r);
    assert_true(r->tasks[SERVER].saturated && !r->tasks[SOURCE].saturated && !r->converged);
    assert_true((double)r->events < 1e8);
    assert_int_equal(diag.count, 1);
    assert_non_null(strstr(diag.messages[0].text, "a load of 70 %"));
    lc_diag_free(&diag);
    diag = (struct lc_diag){0};
    lc_result_free(r);
    lc_model_free(m);
    m = one_server(0.95, 1, 1);
    set(m, "server.timeout", "100000 s");
    set(m, "server.retries.max", "1");
    r = lc_simulate(m, &options, &diag);
    require(&diag);
    assert_non_null(r);
    assert_true(!r->tasks[SERVER].saturated && r->converged);
    expect("response", r->workloads[0].response_time, 20);
    done(m, r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meltdown),       cmocka_unit_test(back_off),       cmocka_unit_test(budget),
        cmocka_unit_test(retrial_queue),  cmocka_unit_test(breaker),        cmocka_unit_test(bulkhead),
        cmocka_unit_test(breaker_closes), cmocka_unit_test(shedding),       cmocka_unit_test(hedging),
        cmocka_unit_test(rate_limit),     cmocka_unit_test(cache),          cmocka_unit_test(other_calls),
        cmocka_unit_test(errors_go_up),   cmocka_unit_test(too_few_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
