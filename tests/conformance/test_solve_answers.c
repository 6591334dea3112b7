/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The analytic solver: sessions, limited queues and errors, and the bounds that a simulation must keep.
 */
#include "solved.h"

#include "sim/solve/lower_bounds.h"

/* A geometric number of exponential times is exponential, however long customers pause between them. */
static void sessions(void **state)
{
    (void)state;
    struct lc_model *m = parse("loadcast: model/1\nprocessors: {out: {scheduling: inf}}\ntasks:\n"
                               "  visit:\n    processor: out\n    scheduling: open\n    arrivals: 4\n    entries:\n"
                               "      step: {demand: 0.5, next: {step: 0.8}, pause: 3}\n");
    struct lc_result *r = solve(m);
    same("mean", r->workloads[0].response_time.mean, 2.5, 1e-12);
    same("p95", r->workloads[0].percentiles.value[2].mean, 2.5 * log(20), 1e-6);
    same("bound", r->workloads[0].bounds.response_low, 2.5, 1e-12);
    done(m, r);
}

/* Two branches together take at least as long as the longer one of their means. */
static void bound_of_branches(void **state)
{
    (void)state;
    struct lc_model *m =
        parse("loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {multiplicity: 9}}\ntasks:\n"
              "  users: {processor: out, scheduling: open, arrivals: 4, entries: {u: {calls: [f]}}}\n"
              "  forks:\n    processor: cpu\n    multiplicity: inf\n"
              "    entries: {f: {start: one}}\n"
              "    activities:\n      one: {demand: 0.1}\n      two: {demand: 0.3}\n"
              "      three: {demand: 0.5}\n      four: {demand: 0.2, replies: [f]}\n"
              "    flow: [one -> two & three, two & three -> four]\n");
    struct lc_result *r = solve(m);
    same("bound", r->workloads[0].bounds.response_low, 0.1 + 0.5 + 0.2, 1e-12);
    assert_true(r->workloads[0].response_time.mean >
                0.3 + (0.3 + 0.5 - 1 / (1 / 0.3 + 1 / 0.5)) - 1e-6); /* exponential branches */
    done(m, r);
}

static void outside(struct lc_result *r, struct lc_estimate *e, double factor, const char *what)
{
    struct lc_diag diag = {0};
    const double mean = e->mean;
    e->mean *= factor;
    assert_false(lcs_within_bounds(r, &diag));
    assert_int_equal(diag.count, 1);
    assert_non_null(strstr(diag.messages[0].text, "internal error"));
    assert_non_null(strstr(diag.messages[0].text, what));
    e->mean = mean;
    lc_diag_free(&diag);
}

/* A simulation outside of the bounds has an error: M/M/1//2, with 0.5 ≤ X ≤ 2/3 and 1 ≤ R ≤ 2. */
static void simulations_within_bounds(void **state)
{
    (void)state;
    struct lc_model *m = parse("loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {}}\ntasks:\n"
                               "  users: {processor: out, scheduling: ref, multiplicity: 2, think_time: 2,\n"
                               "          entries: {u: {calls: [e]}}}\n"
                               "  server: {processor: cpu, multiplicity: inf, entries: {e: {demand: 1}}}\n");
    struct lc_result *r = simulate_to(m, 0.02, 0.05);
    struct lc_diag diag = {0};
    assert_true(lcs_within_bounds(r, &diag));
    assert_int_equal(diag.count, 0);
    struct lc_workload_result *w = &r->workloads[0];
    same("least response", w->bounds.response_low, 1 + 1.0 / 3, 1e-12); /* balanced jobs */
    outside(r, &w->throughput, 1.5, "throughput of 'users'");
    outside(r, &w->throughput, 0.5, "throughput of 'users'");
    outside(r, &w->response_time, 0.5, "response time of 'users'");
    done(m, r);
}

/* ---- limited queues ---------------------------------------------------------------------------------------------- */

/* Requests at a rate to so many threads with cores of their own, and what is said of their queue. */
static struct lc_model *limited(double rate, int threads, const char *queue, const char *demand)
{
    char *yaml = lc_format("loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {multiplicity: %d}}\ntasks:\n"
                           "  users: {processor: out, scheduling: open, arrivals: %.17g,\n"
                           "          entries: {u: {calls: [e], deterministic: true}}}\n"
                           "  server: {processor: cpu, multiplicity: %d, %s, entries: {e: {demand: %s}}}\n",
                           threads, 1 / rate, threads, queue, demand);
    struct lc_model *m = parse(yaml);
    free(yaml);
    return m;
}

static void check_loss(struct lc_model *m, double lost, double waits)
{
    struct lc_result *r = solve(m);
    const int server = lc_find_task(m, "server");
    const double rate = r->workloads[0].throughput.mean;
    same("lost", r->tasks[server].dropped.mean, lost, 1e-9);
    same("failed", r->workloads[0].failed.mean, lost, 1e-9);
    same("served", r->tasks[server].throughput.mean, rate * (1 - lost), 1e-9);
    if (isfinite(waits)) {
        same("wait", r->tasks[server].waiting_time.mean, waits, 1e-9);
        same("response", r->workloads[0].response_time.mean, (1 - lost) * (waits + 1), 1e-9);
    }
    done(m, r);
}

/* M/M/3 with room for four more: a birth and death process, at loads below and above 1. */
static void exponential_loss(void **state)
{
    (void)state;
    for (double rate = 1; rate < 20; rate *= 2) {
        double p = 1, sum = 0, queue = 0, full = 0;
        for (int n = 0; n <= 7; n++) {
            sum += p;
            queue += n > 3 ? p * (n - 3) : 0;
            full = p;
            p *= rate / fmin(n + 1, 3);
        }
        check_loss(limited(rate, 3, "queue_length: 4, overflow: reject", "1"), full / sum,
                   queue / sum / (rate * (1 - full / sum)));
    }
}

/* Where nobody waits only the mean counts (Erlang's loss formula). */
static void insensitive_loss(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        char *demand = lc_format("{mean: 1, cv2: %g}", i * i / 2.0);
        double inverse = 1;
        for (int n = 1; n <= 3; n++)
            inverse = 1 + n / 2.5 * inverse;
        check_loss(limited(2.5, 3, "policies: [{shed: {queue_length: 0}}]", demand), 1 / inverse, 0);
        free(demand);
    }
}

/* M/D/1 with room for K − 1: the chain of those left behind, π, of which P(full) = 1 − 1 / (π_0 + ρ) (Gross & Harris).
 */
static void constant_loss(void **state)
{
    (void)state;
    enum { K = 5 };
    for (double rate = 0.4; rate < 4; rate *= 1.8) {
        double a[K], left[K] = {1}, sum = 1;
        a[0] = exp(-rate);
        for (int i = 1; i < K; i++)
            a[i] = a[i - 1] * rate / i;
        for (int j = 0; j + 1 < K; j++) {
            left[j + 1] = left[j] - left[0] * a[j];
            for (int i = 1; i <= j; i++)
                left[j + 1] -= left[i] * a[j - i + 1];
            sum += left[j + 1] /= a[0];
        }
        check_loss(limited(rate, 1, "queue_length: 4, overflow: reject", "{mean: 1, cv2: 0}"),
                   1 - 1 / (left[0] / sum + rate), NAN);
    }
}

/* Ten customers who think for 5; who finds three there thinks again. */
static void closed_loss(void **state)
{
    (void)state;
    struct lc_model *m = parse("loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {}}\ntasks:\n"
                               "  users: {processor: out, scheduling: ref, multiplicity: 10, think_time: 5,\n"
                               "          entries: {u: {calls: [e], deterministic: true}}}\n"
                               "  server: {processor: cpu, queue_length: 2, overflow: reject,\n"
                               "           entries: {e: {demand: 1}}}\n");
    double p = 1, come = 0, sum = 0, full = 0;
    for (int n = 0; n <= 3; n++) {
        sum += p;
        come += p * (10 - n) / 5;
        full = p * (10 - n) / 5;
        p *= (10 - n) / 5.0;
    }
    struct lc_result *r = solve(m);
    same("throughput", r->workloads[0].throughput.mean, come / sum, 1e-6);
    same("failed", r->workloads[0].failed.mean, full / come, 1e-6);
    done(m, r);
}

/* What is dropped is not seen further down; messages fail nobody. Errors go up, unless they are ignored; four customers
 * never fill a queue for three. */
static void what_losses_lead_to(void **state)
{
    (void)state;
    struct lc_model *m = parse("loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {}}\ntasks:\n"
                               "  users: {processor: out, scheduling: open, arrivals: 1, entries: {u: {calls: [w],\n"
                               "          deterministic: true}}}\n"
                               "  web: {processor: out, multiplicity: inf, entries: {w: {demand: 0.2,\n"
                               "        deterministic: true, calls: [{to: e, kind: async}]}}}\n"
                               "  server: {processor: cpu, queue_length: 3, entries: {e: {demand: 0.8, calls: [f],\n"
                               "           deterministic: true}}}\n"
                               "  below: {processor: out, multiplicity: inf, entries: {f: {demand: 0.1}}}\n");
    struct lc_result *r = solve(m);
    const double lost = r->tasks[lc_find_task(m, "server")].dropped.mean;
    assert_true(lost > 0.1 && lost < 0.2);
    same("below", r->tasks[lc_find_task(m, "below")].throughput.mean, 1 - lost, 1e-6);
    same("nobody waits", r->workloads[0].response_time.mean, 0.2, 1e-9);
    assert_true(!(r->workloads[0].failed.mean > 0));
    done(m, r);
    static const char *const policies[] = {"", ", policies: [{errors: ignore}]", ""};
    for (int i = 0; i < 3; i++) {
        char *yaml = lc_format("loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {}}\ntasks:\n"
                               "  users: {processor: out, scheduling: ref, multiplicity: %d, think_time: 2,\n"
                               "          entries: {u: {calls: [w], deterministic: true}}}\n"
                               "  web: {processor: out, multiplicity: inf, entries: {w: {demand: 0.5, calls: [e],\n"
                               "        deterministic: true}}}\n"
                               "  server: {processor: cpu, queue_length: 3, overflow: reject,\n"
                               "           entries: {e: {demand: 1}}%s}\n",
                               i == 2 ? 4 : 8, policies[i]);
        m = parse(yaml);
        free(yaml);
        r = solve(m);
        const double full = r->tasks[lc_find_task(m, "server")].dropped.mean;
        assert_true(i == 2 ? full == 0 : full > 0.2);
        same("failed", r->workloads[0].failed.mean, i == 0 ? full : 0, 1e-9);
        done(m, r);
    }
}

/* Half of the requests are refused at once; the others wait for so many that they hardly vary. */
static void percentiles_of_overload(void **state)
{
    (void)state;
    struct lc_model *m = limited(2, 1, "policies: [{shed: {queue_length: 5}}]", "1");
    struct lc_result *r = solve(m), *s = simulate_to(m, 0.02, 0.05);
    for (int k = 0; k < 4; k += 2)
        same("percentile", r->workloads[0].percentiles.value[k].mean, s->workloads[0].percentiles.value[k].mean, 0.05);
    lc_result_free(s);
    done(m, r);
}

/* Where what is lost is known only roughly that is said. */
static void rough_losses(void **state)
{
    (void)state;
    struct lc_model *m = parse("loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {}}\ntasks:\n"
                               "  users: {processor: out, scheduling: open, arrivals: 1.2,\n"
                               "          entries: {u: {calls: [e], deterministic: true}}}\n"
                               "  server: {processor: cpu, multiplicity: 4, queue_length: 2, overflow: reject,\n"
                               "           entries: {e: {demand: {mean: 1, cv2: 3}}}}\n");
    struct lc_diag diag = {0};
    const struct lc_solve_options options = lc_solve_defaults();
    struct lc_result *r = lc_solve(m, &options, &diag);
    assert_non_null(r);
    assert_int_equal(diag.count, 1);
    assert_non_null(strstr(diag.messages[0].text, "rough estimate: its threads wait for each other"));
    lc_diag_free(&diag);
    done(m, r);
}

/* Of a graph: half of the runs call, once; after the reply errors are nobody's. */
static void errors_in_graphs(void **state)
{
    (void)state;
    static const char *const flows[] = {"a -> (0.5) b + (0.5) c, b + c -> d", "a -> b & c, b & c -> d",
                                        "a -> d, d -> b"};
    static const double parts[] = {0.5, 1, 0};
    for (int i = 0; i < 3; i++) {
        char *yaml = lc_format("loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {}}\ntasks:\n"
                               "  users: {processor: out, scheduling: open, arrivals: 1, entries: {u: {calls: [w],\n"
                               "          deterministic: true}}}\n"
                               "  web:\n    processor: out\n    multiplicity: inf\n    entries: {w: {start: a}}\n"
                               "    activities:\n      a: {demand: 0.1}\n"
                               "      b: {demand: 0.1, calls: [g], deterministic: true}\n"
                               "      d: {demand: 0.1, replies: [w]}\n%s"
                               "    flow: [%s]\n"
                               "  gate: {processor: out, multiplicity: inf, entries: {g: {calls: [e],\n"
                               "         deterministic: true}}}\n"
                               "  server: {processor: cpu, queue_length: 1, overflow: reject,\n"
                               "           entries: {e: {demand: 1}}}\n",
                               i < 2 ? "      c: {demand: 0.1}\n" : "", flows[i]);
        struct lc_model *m = parse(yaml);
        free(yaml);
        struct lc_result *r = solve(m);
        const double lost = r->tasks[lc_find_task(m, "server")].dropped.mean;
        assert_true(lost > 0.1);
        same("failed", r->workloads[0].failed.mean, parts[i] * lost, 1e-9);
        done(m, r);
    }
}

/* Two calls in a row on the average: the second one finds what the first one found. */
static void errors_come_together(void **state)
{
    (void)state;
    struct lc_model *m = parse("loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {}}\ntasks:\n"
                               "  users: {processor: out, scheduling: open, arrivals: 1, entries: {u: {calls: [w],\n"
                               "          deterministic: true}}}\n"
                               "  web: {processor: out, multiplicity: 50, entries: {w: {demand: 0.2,\n"
                               "        calls: [{to: e, mean: 2}]}}}\n"
                               "  server: {processor: cpu, queue_length: 3, overflow: reject,\n"
                               "           entries: {e: {demand: 0.6}}}\n");
    struct lc_result *r = solve(m), *s = simulate_to(m, 0.02, 0.05);
    same("failed", r->workloads[0].failed.mean, s->workloads[0].failed.mean, 0.07);
    same("lost", r->tasks[lc_find_task(m, "server")].dropped.mean, s->tasks[lc_find_task(m, "server")].dropped.mean,
         0.03);
    same("response", r->workloads[0].response_time.mean, s->workloads[0].response_time.mean, 0.03);
    lc_result_free(s);
    done(m, r);
}

static void refused(struct lc_model *m, const char *why)
{
    struct lc_diag diag = {0};
    const struct lc_solve_options options = lc_solve_defaults();
    assert_null(lc_solve(m, &options, &diag));
    assert_int_equal(diag.errors, 1);
    if (strstr(diag.messages[diag.count - 1].text, why) == NULL)
        fail_msg("%s instead of %s", diag.messages[diag.count - 1].text, why);
    lc_diag_free(&diag);
    lc_model_free(m);
}

static void refusals(void **state)
{
    (void)state;
    refused(limited(1, 1, "queue_length: 4, overflow: reject, policies: [{retries: {max: 2, backoff: 1}}]", "1"),
            "retries of requests that a full queue turned away");
    refused(limited(1, 1, "queue_length: 4, overflow: reject, replicas: 2, balance: round_robin", "1"),
            "a limited queue of replicas, unless they are chosen at random");
    refused(limited(1, 1, "queue_length: 4, overflow: reject, scheduling: hol", "1"),
            "a limited queue with priorities");
    refused(limited(1, 1, "policies: [{from: users, shed: {queue_length: 3}}]", "1"), "depends on the caller");
    refused(limited(1, 1, "policies: [{timeout: 3}]", "1"), "a policy of the calls to it");
    struct lc_model *m = limited(1, 1, "policies: [{retries: {max: 2, backoff: 1}, errors: pass}]", "0.5");
    struct lc_result *r = solve(m); /* nothing fails */
    same("response", r->workloads[0].response_time.mean, 1, 1e-9);
    assert_true(r->workloads[0].failed.mean == 0);
    done(m, r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sessions),
                                       cmocka_unit_test(bound_of_branches),
                                       cmocka_unit_test(simulations_within_bounds),
                                       cmocka_unit_test(exponential_loss),
                                       cmocka_unit_test(insensitive_loss),
                                       cmocka_unit_test(constant_loss),
                                       cmocka_unit_test(closed_loss),
                                       cmocka_unit_test(what_losses_lead_to),
                                       cmocka_unit_test(errors_come_together),
                                       cmocka_unit_test(errors_in_graphs),
                                       cmocka_unit_test(percentiles_of_overload),
                                       cmocka_unit_test(rough_losses),
                                       cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
