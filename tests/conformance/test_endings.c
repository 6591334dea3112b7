/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When all that a request set going has ended, against exact results: tandem queues, the last of several jobs, work
 * after the answer, sessions; and on random models that every request that begins is seen to end, once.
 */
#include "sim/endings.h"
#include "support.h"
#include "support/random_policies.h"

static struct lc_result *simulate(const struct lc_model *m)
{
    struct lc_result *r = simulate_to(m, 0.01, 0.03);
    assert_true(r->converged);
    return r;
}

/* Departures of M/M/1 are Poisson, and the times at the stations of a tandem independent: each is exponential with the
 * mean 1 / (μ − λ) (Burke 1956, Reich 1957). */
static const char tandem[] =
    "loadcast: model/1\n"
    "processors: {p: {}, q: {}, r: {}}\n"
    "tasks:\n"
    "  a: {processor: p, entries: {a: {open_rate: 0.5, phase1: {demand: 1}, phase2: {calls: [{to: b, kind: async}], "
    "deterministic: true}}}}\n"
    "  b: {processor: q, entries: {b: {phase1: {demand: 0.5}, phase2: {calls: [{to: c, kind: async}], "
    "deterministic: true}}}}\n"
    "  c: {processor: r, entries: {c: {demand: 1.2}}}\n";

/* P(the sum of exponential times of these rates is longer than t). */
static double longer(const double *rates, int count, double t)
{
    double sum = 0;
    for (int i = 0; i < count; i++) {
        double product = exp(-rates[i] * t);
        for (int k = 0; k < count; k++)
            product *= k != i ? rates[k] / (rates[k] - rates[i]) : 1;
        sum += product;
    }
    return sum;
}

static void pipeline(void **state)
{
    (void)state;
    const double rates[] = {1 / 1.0 - 0.5, 1 / 0.5 - 0.5, 1 / 1.2 - 0.5};
    struct lc_model *m = parse(tandem);
    struct lc_result *r = simulate(m);
    const struct lc_workload_result *w = &r->workloads[0];
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        sum += 1 / rates[i];
        expect(m->entries[i].name, r->entries[i].cumulated_runtime, sum);
    }
    expect("response", w->response_time, 2);
    expect("completion", w->completion_time, sum);
    const double parts[] = {0.5, 0.9, 0.95, 0.99};
    for (int i = 0; i < LC_PERCENTILES; i++) {
        const struct lc_estimate q = w->completion_percentiles.value[i];
        const double slack = (1.5 * q.ci99 + 0.004 * q.mean);
        assert_true(longer(rates, 3, q.mean - slack) > 1 - parts[i] && longer(rates, 3, q.mean + slack) < 1 - parts[i]);
    }
    done(m, r);
}

/* The last of n exponential times of mean 1 takes 1 + 1/2 + … + 1/n. */
static void last_of_several(void **state)
{
    (void)state;
    struct lc_model *m =
        parse("loadcast: model/1\n"
              "processors: {c: {scheduling: inf}, p: {scheduling: inf}}\n"
              "tasks:\n"
              "  u: {processor: c, scheduling: ref, multiplicity: 20, think_time: 5, entries: {u: {calls: "
              "[{to: part, mean: 19, kind: async}], deterministic: true}}}\n"
              "  d: {processor: p, multiplicity: infinite, entries: {part: {demand: 1}}}\n");
    struct lc_result *r = simulate(m);
    double last = 0;
    for (int i = 1; i <= 19; i++)
        last += 1.0 / i;
    expect("response", r->workloads[0].response_time, 0);
    expect("completion", r->workloads[0].completion_time, last);
    expect("a part", r->entries[lc_find_entry(m, "part")].cumulated_runtime, 1);
    done(m, r);
}

/* One customer never meets a second phase of its own before it has thought for long: the completion time is the
 * response time and the phase. */
static void after_the_answer(void **state)
{
    (void)state;
    struct lc_model *m =
        parse("loadcast: model/1\n"
              "processors: {c: {scheduling: inf}, p: {}, q: {}}\n"
              "tasks:\n"
              "  u: {processor: c, scheduling: ref, think_time: {deterministic: 100}, entries: {u: "
              "{calls: [between], deterministic: true}}}\n"
              "  m: {processor: q, entries: {between: {demand: 0.1, calls: [s], deterministic: true}}}\n"
              "  s: {processor: p, entries: {s: {phase1: {demand: 0.2}, phase2: {demand: 0.7}}}}\n");
    struct lc_result *r = simulate(m);
    expect("response", r->workloads[0].response_time, 0.3);
    /* a half of the work between lies before the call; after it 0.05 beside 0.7, each exponential */
    expect("completion", r->workloads[0].completion_time, 0.05 + 0.2 + 0.7 + 0.05 - 1 / (1 / 0.7 + 1 / 0.05));
    assert_true(isnan(r->entries[lc_find_entry(m, "between")].cumulated_runtime.mean));
    assert_false(lci_entry_is_followed(m, lc_find_entry(m, "between"), lci_callers_wait(m)));
    done(m, r);
}

/* What an awaited service sends works for the request of its callers. The message goes after one call and before
 * another. */
static void sent_while_awaited(void **state)
{
    (void)state;
    struct lc_model *m = parse(
        "loadcast: model/1\n"
        "processors: {c: {scheduling: inf}, p: {scheduling: inf}}\n"
        "tasks:\n"
        "  u: {processor: c, scheduling: ref, multiplicity: 3, think_time: 5, entries: {u: {calls: [outer], "
        "deterministic: true}}}\n"
        "  o: {processor: p, multiplicity: infinite, entries: {outer: {calls: [sender], deterministic: true}}}\n"
        "  m: {processor: p, multiplicity: infinite, entries: {sender: {calls: [asked, {to: job, kind: async}, last], "
        "deterministic: true}}}\n"
        "  s: {processor: p, multiplicity: infinite, entries: {asked: {demand: {deterministic: 0.5}}, last: {demand: "
        "{deterministic: 0.25}}, job: {demand: {deterministic: 3}}}}\n");
    static const struct {
        const char *entry;
        double ends;
        bool awaited;
    } expected[] = {
        {"asked", 0.5, true}, {"job", 3.5, false}, {"last", 0.75, true}, {"sender", 0.75, true}, {"outer", 0.75, true}};
    struct lc_result *r = simulate(m);
    bool *awaited = lci_awaited_entries(m);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const int entry = lc_find_entry(m, expected[i].entry);
        expect(expected[i].entry, r->entries[entry].cumulated_runtime, expected[i].ends);
        assert_int_equal(awaited[entry], expected[i].awaited);
    }
    expect("response", r->workloads[0].response_time, 0.75);
    expect("completion", r->workloads[0].completion_time, 3.5);
    free(awaited);
    done(m, r);
}

/* Two steps of a session: what the first sets going ends while its user thinks, what the last one does not. */
static void session(void **state)
{
    (void)state;
    struct lc_model *m = parse(
        "loadcast: model/1\n"
        "processors: {c: {scheduling: inf}, p: {scheduling: inf}}\n"
        "tasks:\n"
        "  u: {processor: c, scheduling: open, arrivals: 10, entries: {\n"
        "    first: {probability: 1, calls: [short, {to: job, kind: async}], deterministic: true, next: {second: 1}},\n"
        "    second: {pause: {deterministic: 50}, calls: [short, {to: job, kind: async}], deterministic: true}}}\n"
        "  s: {processor: p, multiplicity: infinite, entries: {short: {demand: {deterministic: 0.5}}, job: "
        "{demand: {deterministic: 3}}}}\n");
    struct lc_result *r = simulate(m);
    expect("response", r->workloads[0].response_time, 1);
    expect("completion", r->workloads[0].completion_time, 4);
    done(m, r);
}

/* Of three branches one is never joined: it goes on after the answer. */
static void branch_left_alone(void **state)
{
    (void)state;
    struct lc_model *m =
        parse("loadcast: model/1\n"
              "processors: {c: {scheduling: inf}, p: {scheduling: inf}}\n"
              "tasks:\n"
              "  u: {processor: c, scheduling: ref, think_time: 5, entries: {u: {calls: [s], deterministic: true}}}\n"
              "  s: {processor: p, multiplicity: infinite, entries: {s: {start: a}}, activities: {a: {}, "
              "b: {demand: {deterministic: 1}}, c: {demand: {deterministic: 2}}, d: {demand: {deterministic: 4}}, "
              "e: {replies: [s]}}, flow: [a -> b & c & d, b & c -> e]}\n");
    struct lc_result *r = simulate(m);
    expect("response", r->workloads[0].response_time, 2);
    expect("completion", r->workloads[0].completion_time, 4);
    done(m, r);
}

/* Requests that end with their answer have no other end. */
static void answers_end_requests(void **state)
{
    (void)state;
    struct lc_model *m = parse("loadcast: model/1\n"
                               "processors: {c: {scheduling: inf}, p: {}}\n"
                               "tasks:\n"
                               "  u: {processor: c, scheduling: ref, think_time: 5, entries: {u: {calls: [s], "
                               "deterministic: true}}}\n"
                               "  s: {processor: p, entries: {s: {demand: 0.2}}}\n");
    assert_false(lci_model_goes_on(m));
    struct lc_result *r = simulate(m);
    assert_true(isnan(r->workloads[0].completion_time.mean) && !r->workloads[0].completion_percentiles.known);
    done(m, r);
}

/* ---- random models ----------------------------------------------------------------------------------------------- */

/* However requests are refused, given up, copied and repeated: what has begun is under way or has ended, and what is
 * under way has something that works for it. */
static bool ends_of(const struct lc_model *m, uint64_t seed)
{
    struct lc_diag diag = {0};
    struct lci_program *p = lci_compile(m, &diag);
    const bool goes_on = p != NULL && p->goes_on;
    if (goes_on) {
        struct lci_engine *e = lci_engine_new(p);
        double answered = 0, ended = 0;
        lci_engine_reset(e, seed, 0);
        lci_engine_run(e, INFINITY, 20000);
        for (size_t w = 0; w < p->workload_count; w++) {
            answered += e->workloads[w].count;
            ended += lci_endings_of_workloads(e)[w].count;
        }
        if (fabs(answered - ended) > (double)lci_endings_open(e))
            fail_msg("seed %llu: %g answered, %g ended, %zu open", (unsigned long long)seed, answered, ended,
                     lci_endings_open(e));
        char *wrong = lci_endings_check(e);
        if (wrong != NULL)
            fail_msg("seed %llu: %s", (unsigned long long)seed, wrong);
        lci_engine_free(e);
    }
    lci_program_free(p);
    lc_diag_free(&diag);
    return goes_on;
}

static void random_models(void **state)
{
    (void)state;
    unsigned looked_at = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct lc_model *m = seed % 2 ? random_model(seed, 0) : random_policies(seed, true);
        looked_at += ends_of(m, seed);
        lc_model_free(m);
    }
    assert_true(looked_at >= 30);
    struct lc_model *m = random_policies(203, true); /* copies of requests become the highest threads */
    assert_true(ends_of(m, 203));
    lc_model_free(m);
    m = random_model(1143, 0); /* who keeps a processor for another is preempted before it passes it on */
    assert_true(ends_of(m, 1143));
    lc_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pipeline),
        cmocka_unit_test(last_of_several),
        cmocka_unit_test(after_the_answer),
        cmocka_unit_test(sent_while_awaited),
        cmocka_unit_test(session),
        cmocka_unit_test(branch_left_alone),
        cmocka_unit_test(answers_end_requests),
        cmocka_unit_test(random_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
