/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The analytic solver: sessions, and the bounds that a simulation must keep.
 */
#include "support.h"

#include "loadcast/solve.h"
#include "sim/solve/lower_bounds.h"

static struct lc_result *solve(const struct lc_model *m)
{
    struct lc_diag diag = {0};
    const struct lc_solve_options options = lc_solve_defaults();
    assert_int_equal(lc_model_check(m, &diag), 0);
    struct lc_result *r = lc_solve(m, &options, &diag);
    require(&diag);
    lc_diag_free(&diag);
    assert_non_null(r);
    assert_true(r->converged);
    return r;
}

static void same(const char *what, double is, double exact, double tolerance)
{
    if (!(fabs(is - exact) <= tolerance * fabs(exact)))
        fail_msg("%s: %.15g instead of %.15g", what, is, exact);
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sessions), cmocka_unit_test(bound_of_branches),
                                       cmocka_unit_test(simulations_within_bounds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
