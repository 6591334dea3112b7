/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Times that depend on the size of their request, against closed forms: of times whose normal scores are equal the
 * quantiles of the sum are the sums of the quantiles; two lognormal times have a covariance; means and loads are what
 * they would be.
 */
#include "support.h"

#include "model/dist/dist.h"

#define TIMES                                                                                                          \
    "  web: {processor: p, scheduling: inf, entries: {page: {demand: {lognormal: {mu: 0.3, sigma: 0.7}, "              \
    "size_correlation: %s}}}}\n"                                                                                       \
    "  db: {processor: p, scheduling: inf, entries: {query: {think_time: {gamma: {shape: 2, scale: 1.5}, "             \
    "size_correlation: %s}}}}\n"
/* By calls; through a queue, a pool of threads and policies; from the branches of a fork. */
#define CALLS                                                                                                          \
    "loadcast: model/1\nprocessors: {p: {scheduling: inf}}\ntasks:\n"                                                  \
    "  users: {processor: p, scheduling: open, arrivals: 9, entries: {ask: {deterministic: true, calls: [page, "       \
    "query]}}}\n"
#define POLICIES                                                                                                       \
    "loadcast: model/1\nprocessors: {p: {scheduling: inf}}\ntasks:\n"                                                  \
    "  users: {processor: p, scheduling: ref, multiplicity: 3, think_time: 9, entries: {ask: {deterministic: true, "   \
    "calls: [middle]}}}\n"                                                                                             \
    "  mid: {processor: p, scheduling: inf, policies: [{timeout: 1000, retries: {max: 1}}], entries: "                 \
    "{middle: {deterministic: true, calls: [page, query]}}}\n"
#define FORK                                                                                                           \
    "loadcast: model/1\nprocessors: {p: {scheduling: inf}}\ntasks:\n"                                                  \
    "  users: {processor: p, scheduling: open, arrivals: 9, entries: {ask: {start: a}}, activities: {a: {}, b: "       \
    "{calls: [page], deterministic: true}, c: {calls: [query], deterministic: true}, d: {}}, flow: [a -> b & c, b & "  \
    "c -> d]}\n"

/* The model must outlive the result. */
static struct lc_result *simulated(const char *users, const char *r, struct lc_model **model)
{
    char *both = lc_format("%s" TIMES, users, r, r);
    *model = parse(both);
    free(both);
    return simulate_to(*model, 0.005, 0.02);
}

static double page(double z)
{
    return exp(0.3 + 0.7 * z);
}

static double query(double z)
{
    struct lc_dist gamma = lc_dist_named("gamma", 2, 2.0, 1.5);
    const double value = lc_dist_quantile(&gamma, 0.5 * erfc(-z / sqrt(2)));
    lc_dist_free(&gamma);
    return value;
}

static const double scores[] = {0, 1.2815515655446004, 1.6448536269514722, 2.3263478740408408};

static void expect_quantiles(const char *what, const struct lc_result *r, double (*of)(double z))
{
    const struct lc_percentiles *p = &r->workloads[0].percentiles;
    assert_true(p->known);
    for (size_t i = 0; i < 4; i++)
        if (!(fabs(p->value[i].mean / of(scores[i]) - 1) < (LEISURELY ? 0.05 : 0.02)))
            fail_msg("%s, score %g: %g instead of %g", what, scores[i], p->value[i].mean, of(scores[i]));
}

static double in_turn(double z)
{
    return page(z) + query(z);
}

static double longest(double z)
{
    return fmax(page(z), query(z));
}

static void test_equal_scores(void **state)
{
    (void)state;
    static const char *const users[] = {CALLS, POLICIES, FORK};
    for (size_t i = 0; i < 3; i++) {
        struct lc_model *m;
        struct lc_result *r = simulated(users[i], "0.999999", &m);
        expect_quantiles(i == 0 ? "calls" : i == 1 ? "policies" : "fork", r, i == 2 ? longest : in_turn);
        if (i < 2)
            expect("mean", r->workloads[0].response_time, exp(0.3 + 0.245) + 3);
        lc_result_free(r);
        lc_model_free(m);
    }
}

/* What nobody waits for has a size of its own; and each step of a session. Two lognormal times of a request have the
 * covariance e^{μ1 + μ2 + (σ1² + σ2²)/2} (e^{r1 r2 σ1 σ2} − 1). */
static void test_covariance(void **state)
{
    (void)state;
    struct lc_model *m =
        parse("loadcast: model/1\nprocessors: {p: {scheduling: inf}}\ntasks:\n"
              "  users: {processor: p, scheduling: open, arrivals: 9, entries: {ask: {deterministic: true, calls: "
              "[both]}}}\n"
              "  a: {processor: p, scheduling: inf, entries: {both: {start: x}}, activities: {x: {demand: {lognormal: "
              "{mu: 0.3, sigma: 0.7}, size_correlation: 0.9}}, y: {demand: {lognormal: {mu: 0, sigma: 0.5}, "
              "size_correlation: 0.6}, replies: [both]}}, flow: [x -> y]}\n");
    struct lc_result *r = simulate_to(m, 0.003, 0.02);
    const double mx = exp(0.3 + 0.245), my = exp(0.125);
    const double exact = mx * mx * expm1(0.49) + my * my * expm1(0.25) + 2 * mx * my * expm1(0.9 * 0.6 * 0.7 * 0.5);
    expect("mean", r->entries[lc_find_entry(m, "both")].service_time, mx + my);
    expect("variance", r->entries[lc_find_entry(m, "both")].phases[0].service_time_variance, exact);
    done(m, r);
}

static void test_documents(void **state)
{
    (void)state;
    char *text = lc_format(CALLS TIMES, "0.8", "-0.25");
    struct lc_model *m = parse(text), *copy = lc_model_copy(m);
    free(text);
    static const char *const names[] = {"yaml", "json"};
    for (size_t i = 0; i < 2; i++) {
        char *written = NULL;
        size_t length;
        struct lc_diag diag = {0};
        FILE *out = open_memstream(&written, &length);
        assert_int_equal(lc_format_find(names[i])->write(m, NULL, out, &diag), 0);
        fclose(out);
        struct lc_model *again = lc_model_parse(written, length, i == 0 ? "m.yaml" : "m.json", &diag);
        require(&diag);
        char *difference = NULL;
        if (!lc_model_equal(m, again, &difference))
            fail_msg("%s: %s", names[i], difference);
        lc_model_free(again);
        lc_diag_free(&diag);
        free(written);
    }
    assert_true(lc_model_equal(m, copy, NULL));
    copy->entries[lc_find_entry(copy, "page")].phases[0].demand.size_correlation = 0.7;
    assert_false(lc_model_equal(m, copy, NULL));
    lc_model_free(copy);
    lc_model_free(m);
}

/* Returns the first message; the caller frees it. */
static char *told(const char *yaml)
{
    struct lc_diag diag = {0};
    struct lc_model *m = lc_model_parse(yaml, strlen(yaml), "m.yaml", &diag);
    if (m != NULL)
        lc_model_check(m, &diag);
    char *text = lc_strdup(diag.errors > 0 ? diag.messages[0].text : "");
    lc_model_free(m);
    lc_diag_free(&diag);
    return text;
}

static void test_errors(void **state)
{
    (void)state;
    char *text = lc_format(CALLS TIMES, "1", "0"), *wrong = told(text);
    assert_non_null(strstr(wrong, "size_correlation; expected more than -1 and less than 1, found 1"));
    free(text);
    free(wrong);
    wrong = told("loadcast: model/1\nprocessors: {p: {}}\ntasks:\n  u: {processor: p, scheduling: ref, think_time: "
                 "{exponential: 3, size_correlation: 0.5}, entries: {e: {demand: 1}}}\n");
    assert_non_null(strstr(wrong, "expected one of a demand or think time of a phase or activity only"));
    free(wrong);
}

/* LQN files cannot say it, which is told once. */
static void test_lqn(void **state)
{
    (void)state;
    char *text = lc_format(CALLS TIMES, "0.8", "0.4"), *written = NULL;
    struct lc_model *m = parse(text);
    size_t length, warnings = 0;
    struct lc_diag diag = {0};
    FILE *out = open_memstream(&written, &length);
    assert_int_equal(lc_format_find("lqnx")->write(m, NULL, out, &diag), 0);
    fclose(out);
    for (size_t i = 0; i < diag.count; i++)
        warnings += strstr(diag.messages[i].text, "no sizes of requests: 2 times") != NULL;
    assert_int_equal(warnings, 1);
    lc_diag_free(&diag);
    lc_model_free(m);
    free(written);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_scores), cmocka_unit_test(test_covariance), cmocka_unit_test(test_documents),
        cmocka_unit_test(test_errors),       cmocka_unit_test(test_lqn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
