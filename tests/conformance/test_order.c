/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order of simultaneous events at processors that several tasks share (docs/engine.md, "At one instant"): LQSIM's
 * values of models that differ by this order alone, and where it can be derived, the exact one.
 */
#include "support.h"

static struct lc_result *run(const char *name, struct lc_model **m)
{
    struct lc_diag diag = {0};
    char *path = lc_format("%s/tests/data/lqn/order/%s.lqn", SOURCE_DIR, name);
    *m = lc_model_read(path, &diag);
    require(&diag);
    lc_diag_free(&diag);
    free(path);
    return simulate_to(*m, 0.01, 0.03);
}

/* `half`: LQSIM's half-width at 95 %, as it prints it. */
static void expect_lqsim(const char *what, struct lc_estimate e, double mean, double half)
{
    if (!(fabs(e.mean - mean) <= 1.5 * e.ci99 + half))
        fail_msg("%s: %g ± %g instead of %g ± %g", what, e.mean, e.ci99, mean, half);
}

static struct lc_estimate throughput(const struct lc_model *m, const struct lc_result *r, const char *task)
{
    return r->tasks[lc_find_task(m, task)].throughput;
}

static struct lc_estimate processor_wait(const struct lc_model *m, const struct lc_result *r, const char *entry,
                                         int phase)
{
    return r->entries[lc_find_entry(m, entry)].phases[phase].processor_waiting;
}

/* A task that ends a slice and asks again at once stands in line before the most urgent one is chosen. */
static void head_of_line(void **state)
{
    (void)state;
    struct lc_model *m;
    struct lc_result *r = run("hol_h", &m);
    expect_lqsim("urgent", throughput(m, r, "hi"), 0.4384, 0.0012);
    expect_lqsim("other", throughput(m, r, "lo"), 0.3684, 0.0012);
    done(m, r);
}

/* A turn that begins at this instant is not cut to nothing: it lasts a quantum, or as long as the slice. */
static void round_robin(void **state)
{
    (void)state;
    struct lc_model *m;
    struct lc_result *r = run("ex14", &m);
    expect_lqsim("one slice", throughput(m, r, "ta"), 0.3884, 0.0018);
    expect_lqsim("two slices", throughput(m, r, "tb"), 0.2426, 0.0009);
    done(m, r);
}

/* A forwarded request stands in line before the server's own next request. */
static void forward_first(void **state)
{
    (void)state;
    struct lc_model *m;
    struct lc_result *r = run("fwd_tie", &m);
    expect_lqsim("cycles", throughput(m, r, "cust"), 0.4995, 0.0026);
    expect("server that is forwarded to", processor_wait(m, r, "eb", 0), 0);
    expect_lqsim("server that forwards", processor_wait(m, r, "ea", 0), 0.968, 0.01);
    done(m, r);
}

/* Client and server on one processor: each comes first every other time, so the second phase waits for half of the
 * client's next slice, whose mean is 0.5. */
static void after_the_reply(void **state)
{
    (void)state;
    struct lc_model *m;
    struct lc_result *r = run("reply_tie1", &m);
    expect("second phase", processor_wait(m, r, "ea", 1), 0.25);
    expect("cycles", throughput(m, r, "cust"), 1.0 / 3);
    done(m, r);
}

/* Each phase waits anew, and the same server is another wait to each of them. */
static void waits_of_phases(void **state)
{
    (void)state;
    static const struct {
        double processor, processor_half, call, call_half;
    } at[] = {{0.1248, 0.0016, 0.1316, 0.0020}, {0.1414, 0.0015, 0.1549, 0.0026}, {0.2502, 0.0030, 0.1139, 0.0014}};
    struct lc_model *m;
    struct lc_result *r = run("phase_waits", &m);
    for (int i = 0; i < 3; i++) {
        expect_lqsim("processor", processor_wait(m, r, "ea", i), at[i].processor, at[i].processor_half);
        expect_lqsim("first call", r->entries[lc_find_entry(m, "ea")].phases[i].calls[0], at[i].call, at[i].call_half);
    }
    done(m, r);
}

/* At the beginning, too, the most urgent comes first; the other way round a signal would come before any wait. */
static void urgent_at_the_beginning(void **state)
{
    (void)state;
    struct lc_model *m;
    struct lc_result *r = run("hol_start", &m);
    expect_lqsim("pairs", throughput(m, r, "give"), 0.3252, 0.0009);
    done(m, r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(head_of_line),    cmocka_unit_test(round_robin),     cmocka_unit_test(forward_first),
        cmocka_unit_test(after_the_reply), cmocka_unit_test(waits_of_phases), cmocka_unit_test(urgent_at_the_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
