/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Branches that the last of several requests takes, against closed forms: the time until three parts that take
 * exponential times are there is T (1 + 1/2 + 1/3) on the average, and what the last one does comes after it, once.
 */
#include "support.h"

#define USERS                                                                                                          \
    "loadcast: model/1\nprocessors: {p: {scheduling: inf}}\ntasks:\n"                                                  \
    "  users: {processor: p, scheduling: %s, entries: {ask: {start: a}}, activities: {a: {}, "                         \
    "b: {calls: [put1]}, c: {calls: [put2]}, d: {calls: [put1]}, e: {}}, flow: [%s]}\n"                                \
    "  gather: {processor: p, scheduling: inf, entries: {put1: {start: g1}, put2: {start: g2}}, activities: {"         \
    "g1: {demand: {exponential: 6}}, g2: {demand: {exponential: 6}}, "                                                 \
    "n1: {replies: [put1]}, n2: {replies: [put2]}, l1: {calls: [save], last_of: %d, replies: [put1]}, "                \
    "l2: {calls: [save], last_of: %d, replies: [put2]}}, "                                                             \
    "flow: [g1 -> (0.7) n1 + (0.3) l1, g2 -> (0.6) n2 + (0.4) l2]}\n"                                                  \
    "  store: {processor: p, scheduling: inf, entries: {save: {demand: {deterministic: 5}}}}\n"
#define OPEN   "open, arrivals: {exponential: 9}"
#define CLOSED "ref, multiplicity: 4, think_time: 9"
#define FORK   "a -> b & c & d, b & c & d -> e"
#define CHAIN  "a -> b, b -> c, c -> d, d -> e"

static struct lc_model *gathering(const char *users, const char *flow, int requests)
{
    char *text = lc_format(USERS, users, flow, requests, requests);
    struct lc_model *m = parse(text);
    free(text);
    return m;
}

static void test_the_last_part(void **state)
{
    (void)state;
    static const char *const users[] = {OPEN, CLOSED};
    for (size_t i = 0; i < 4; i++) {
        struct lc_model *m = gathering(users[i / 2], i % 2 == 0 ? FORK : CHAIN, 3);
        struct lc_result *r = simulate_to(m, 0.005, 0.02);
        expect("response", r->workloads[0].response_time, i % 2 == 0 ? 6 * (1 + 1.0 / 2 + 1.0 / 3) + 5 : 3 * 6 + 5);
        const double asked = r->workloads[0].throughput.mean;
        const double saved = r->entries[lc_find_entry(m, "save")].throughput.mean;
        assert_true(fabs(saved / asked - 1) < 0.01); /* by chance it would be 0.3 + 0.4 + 0.3, with a spread */
        done(m, r);
    }
}

/* Two of three: the third one is the first of the next two, until the customer's request ends. */
static void test_counts_begin_anew(void **state)
{
    (void)state;
    struct lc_model *m = gathering(CLOSED, CHAIN, 2);
    struct lc_result *r = simulate_to(m, 0.005, 0.02);
    assert_true(fabs(r->entries[lc_find_entry(m, "save")].throughput.mean / r->workloads[0].throughput.mean - 1) <
                0.01);
    expect("response", r->workloads[0].response_time, 3 * 6 + 5);
    done(m, r);
}

/* The warnings and errors of writing a model in a format, and reading it back: the same model but in LQN files. */
static void test_documents(void **state)
{
    (void)state;
    static const char *const names[] = {"yaml", "json", "lqnx"};
    struct lc_model *m = gathering(OPEN, FORK, 3);
    for (size_t i = 0; i < 3; i++) {
        char *written = NULL;
        size_t length, dropped = 0;
        struct lc_diag diag = {0};
        FILE *out = open_memstream(&written, &length);
        assert_int_equal(lc_format_find(names[i])->write(m, NULL, out, &diag), 0);
        fclose(out);
        for (size_t k = 0; k < diag.count; k++)
            dropped +=
                strstr(diag.messages[k].text, "(last_of): 2 become branches that requests take by chance") != NULL;
        assert_int_equal(dropped, i == 2);
        struct lc_model *again = i < 2 ? lc_model_parse(written, length, i == 0 ? "m.yaml" : "m.json", &diag) : NULL;
        char *difference = NULL;
        if (i < 2 && !lc_model_equal(m, again, &difference))
            fail_msg("%s: %s", names[i], difference);
        lc_model_free(again);
        lc_diag_free(&diag);
        free(written);
    }
    lc_model_free(m);
}

static void test_errors(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"last_of: 1", "for the last of 1 requests; expected 2 or more"},
        {"n1: {last_of: 3, ", "and one for the others"},
        {"g1: {last_of: 3, ", "expected one that begins a branch of an or-fork"},
    };
    for (size_t i = 0; i < 3; i++) {
        char *text = lc_format(USERS, OPEN, FORK, i == 0 ? 1 : 3, i == 0 ? 1 : 3);
        char *at = strstr(text, i == 1 ? "n1: {" : "g1: {");
        if (i > 0) {
            char *changed = lc_format("%.*s%s%s", (int)(at - text), text, wrong[i][0], at + 5);
            free(text);
            text = changed;
        }
        struct lc_diag diag = {0};
        struct lc_model *m = lc_model_parse(text, strlen(text), "m.yaml", &diag);
        if (m != NULL)
            lc_model_check(m, &diag);
        assert_true(diag.errors > 0);
        if (strstr(diag.messages[0].text, wrong[i][1]) == NULL)
            fail_msg("%s", diag.messages[0].text);
        lc_model_free(m);
        lc_diag_free(&diag);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_part),
        cmocka_unit_test(test_counts_begin_anew),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
