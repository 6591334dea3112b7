/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Arrivals that change with time or come in bursts, and curves over time, against exact results: M(t)/M/∞ with ramps
 * and sinusoids (differential equation of the mean), M/M/1 from empty (Kolmogorov's equations), MMPP/M/1
 * (matrix-geometric), batches (M^[X]/M/1), D/M/1, numbers of arrivals of piecewise-linear rates (Poisson), ramps of
 * users, and whether a model comes back from a spike.
 *
 * Curves are judged bin by bin at 4.5 standard errors (one false alarm in 150,000 values), the standard error from the
 * spread of runs or, where few runs see anything, from the exact variance.
 */
#include "support.h"

#include "base/text.h"
#include "engine.h"
#include "loadcast/transient.h"
#include "pattern.h"

#include <gsl/gsl_cdf.h>

#define FALSE_ALARM 1e-5

static struct lc_model *model_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static struct lc_model *model_of(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = lc_vformat(format, arguments);
    va_end(arguments);
    struct lc_model *m = parse(text);
    free(text);
    return m;
}

/* An open source with this pattern that calls a server; `server`: keys of its task, `cpu` of its processor. */
#define SOURCE(pattern, cpu, server)                                                                                   \
    "loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {" cpu "}}\ntasks:\n"                                \
    "  source: {processor: out, scheduling: open, " pattern ", entries: {s: {calls: [serve], deterministic: true}}}\n" \
    "  server: {processor: cpu, " server "}\n"

static struct lc_transient *curves(const struct lc_model *m, double duration, double step, unsigned runs, double warmup)
{
    struct lc_diag diag = {0};
    struct lc_transient_options options = lc_transient_defaults();
    options.duration = duration;
    options.step = step;
    options.replications = runs;
    options.warmup = warmup;
    struct lc_transient *t = lc_simulate_transient(m, &options, &diag);
    require(&diag);
    assert_non_null(t);
    lc_diag_free(&diag);
    return t;
}

static const struct lc_curve *curve(const struct lc_transient *t, const char *task, enum lci_quantity quantity)
{
    const int index = lc_find_task(t->model, task);
    for (size_t i = 0; i < t->count; i++)
        if (t->curves[i].task == index && t->curves[i].quantity == quantity)
            return &t->curves[i];
    fail_msg("no %s of %s", lc_quantity_name(quantity), task);
    return NULL;
}

static void expect_bin(const char *what, const struct lc_transient *t, const struct lc_curve *c, size_t bin,
                       double exact)
{
    const double error = c->ci95[bin] / gsl_cdf_tdist_Pinv(0.975, t->replications - 1);
    if (!(fabs(c->mean[bin] - exact) <= 4.5 * error + 1e-6 * fabs(exact)))
        fail_msg("%s, bin %zu: %g ± %g (standard error) instead of %g", what, bin, c->mean[bin], error, exact);
}

static void near(double value, double exact, double distance)
{
    if (!(fabs(value - exact) <= distance))
        fail_msg("%.12g instead of %g ± %g", value, exact, distance);
}

/* ---- M(t)/M/∞ ---------------------------------------------------------------------------------------------------- */

#define PI 3.14159265358979323846

static double ramp(double t)
{
    return 5 + 3 * t;
}
static double wave(double t)
{
    return 20 + 15 * sin(2 * PI * t / 8);
}

/* m' = λ(t) − μ m, m(0) = 0, as its mean over [from, to]: m(t) = ∫ λ(u) exp(−μ (t−u)) du by Simpson's rule. */
static double mean_present(double (*rate)(double), double mu, double from, double to)
{
    enum { OUTER = 20, INNER = 400 };
    double mean = 0;
    for (int i = 0; i <= OUTER; i++) {
        const double t = from + (to - from) * i / OUTER;
        double m = 0;
        for (int k = 0; k <= INNER; k++) {
            const double u = t * k / INNER, weight = k == 0 || k == INNER ? 1 : k % 2 ? 4 : 2;
            m += weight * rate(u) * exp(-mu * (t - u)) * t / INNER / 3;
        }
        mean += (i == 0 || i == OUTER ? 1 : i % 2 ? 4 : 2) * m / OUTER / 3;
    }
    return mean;
}

static void expect_infinite_server(double (*rate)(double), const char *pattern, double duration)
{
    const double mu = 0.8;
    struct lc_model *m =
        model_of(SOURCE("%s", "scheduling: inf", "scheduling: inf, entries: {serve: {demand: 1.25}}"), pattern);
    struct lc_transient *t = curves(m, duration, duration / 24, 400, 0);
    const struct lc_curve *busy = curve(t, "server", LC_CURVE_BUSY);
    for (size_t bin = 0; bin < t->bins; bin++)
        expect_bin("M(t)/M/∞", t, busy, bin,
                   mean_present(rate, mu, (double)bin * t->step, (double)(bin + 1) * t->step));
    lc_transient_free(t);
    lc_model_free(m);
}

static void test_ramp(void **state)
{
    (void)state;
    expect_infinite_server(ramp, "pattern: {rates: [[0, 5], [12, 41]]}", 12);
}

/* The sinusoid in 160 pieces a period is off by less than 0.02 % of its amplitude. */
static void test_wave(void **state)
{
    (void)state;
    char *points = lc_strdup("");
    for (int i = 0; i <= 160; i++) {
        char *longer = lc_format("%s%s[%.10g, %.10g]", points, i > 0 ? ", " : "", 8.0 * i / 160, wave(8.0 * i / 160));
        free(points);
        points = longer;
    }
    char *pattern = lc_format("pattern: {rates: [%s], period: 8}", points);
    expect_infinite_server(wave, pattern, 20);
    free(pattern);
    free(points);
}

/* ---- M/M/1 from empty -------------------------------------------------------------------------------------------- */

/* Kolmogorov's forward equations of M/M/1 with `STATES` states, by Runge–Kutta; means over the bin. */
enum { STATES = 150 };
static void derivative(const double *p, double lambda, double mu, double *d)
{
    for (int n = 0; n < STATES; n++)
        d[n] = (n > 0 ? lambda * p[n - 1] - mu * p[n] : 0) + (n + 1 < STATES ? mu * p[n + 1] - lambda * p[n] : 0);
}

static void advance(double *p, double lambda, double mu, double h)
{
    double k[4][STATES], q[STATES];
    static const double part[] = {0, 0.5, 0.5, 1};
    for (int i = 0; i < 4; i++) {
        for (int n = 0; n < STATES; n++)
            q[n] = p[n] + (i > 0 ? part[i] * h * k[i - 1][n] : 0);
        derivative(q, lambda, mu, k[i]);
    }
    for (int n = 0; n < STATES; n++)
        p[n] += h / 6 * (k[0][n] + 2 * k[1][n] + 2 * k[2][n] + k[3][n]);
}

static void test_mm1_from_empty(void **state)
{
    (void)state;
    const double lambda = 0.9, mu = 1.25;
    enum { STEPS = 100 };
    struct lc_model *m = model_of(SOURCE("arrivals: 1.1111111111111112", "", "entries: {serve: {demand: 0.8}}"));
    struct lc_transient *t = curves(m, 20, 1, 2000, 0);
    double p[STATES] = {1};
    for (size_t bin = 0; bin < t->bins; bin++) {
        double busy = 0, waiting = 0;
        for (int i = 0; i < STEPS; i++) { /* trapezium */
            for (int half = 0; half < 2; half++) {
                busy += (1 - p[0]) / 2 / STEPS;
                for (int n = 2; n < STATES; n++)
                    waiting += (n - 1) * p[n] / 2 / STEPS;
                if (half == 0)
                    advance(p, lambda, mu, t->step / STEPS);
            }
        }
        expect_bin("P(busy)", t, curve(t, "server", LC_CURVE_LOAD), bin, busy);
        expect_bin("queue", t, curve(t, "server", LC_CURVE_QUEUE), bin, waiting);
        expect_bin("arrivals", t, curve(t, "source", LC_CURVE_ARRIVALS), bin, lambda);
        expect_bin("throughput", t, curve(t, "source", LC_CURVE_THROUGHPUT), bin, mu * busy);
    }
    lc_transient_free(t);
    lc_model_free(m);
}

/* With a warm-up the curve begins in the steady state, whose response times are exponential. */
static void test_warmup(void **state)
{
    (void)state;
    struct lc_model *m = model_of(SOURCE("pattern: {rates: [[0, 0.6]]}", "", "entries: {serve: {demand: 1}}"));
    struct lc_transient *t = curves(m, 30, 10, 1000, 200);
    for (size_t bin = 0; bin < t->bins; bin++) {
        expect_bin("load", t, curve(t, "server", LC_CURVE_LOAD), bin, 0.6);
        expect_bin("queue", t, curve(t, "server", LC_CURVE_QUEUE), bin, 0.9);
        expect_bin("response", t, curve(t, "source", LC_CURVE_RESPONSE), bin, 2.5);
        /* 0.95 quantile 2.5 ln 20; about 6,000 responses a bin, those of a run are alike: about 1,000 independent ones.
         * Its standard error √(0.05·0.95/n)/f = 2.5 √(19/n) = 0.34, and half a bin of the sketch. */
        const double p95 = curve(t, "source", LC_CURVE_RESPONSE_P95)->mean[bin];
        if (fabs(p95 - 2.5 * log(20)) > 4 * 2.5 * sqrt(19.0 / 1000) + 0.02 * p95)
            fail_msg("p95 in bin %zu: %g instead of %g", bin, p95, 2.5 * log(20));
    }
    lc_transient_free(t);
    lc_model_free(m);
}

static void test_threads_agree(void **state)
{
    (void)state;
    struct lc_model *m = model_of(SOURCE("pattern: {mmpp: {rates: [1, 4], times: [3, 1]}, batch: {geometric: 1.5}}", "",
                                         "entries: {serve: {demand: 0.3}}"));
    struct lc_transient *t[2];
    for (unsigned i = 0; i < 2; i++) {
        struct lc_diag diag = {0};
        struct lc_transient_options options = lc_transient_defaults();
        options.duration = 20;
        options.step = 1;
        options.replications = 40;
        options.jobs = 1 + 2 * i;
        t[i] = lc_simulate_transient(m, &options, &diag);
        require(&diag);
        lc_diag_free(&diag);
    }
    assert_int_equal(t[0]->count, t[1]->count);
    for (size_t i = 0; i < t[0]->count; i++) {
        const size_t size = t[0]->bins * sizeof(double);
        assert_memory_equal(t[0]->curves[i].mean, t[1]->curves[i].mean, size);
        assert_memory_equal(t[0]->curves[i].ci95, t[1]->curves[i].ci95, size);
        assert_memory_equal(t[0]->curves[i].low, t[1]->curves[i].low, size);
        assert_memory_equal(t[0]->curves[i].high, t[1]->curves[i].high, size);
    }
    lc_transient_free(t[0]);
    lc_transient_free(t[1]);
    lc_model_free(m);
}

/* ---- numbers of arrivals ----------------------------------------------------------------------------------------- */

static double arrived(const struct lci_engine *e)
{
    double count = 0;
    for (size_t i = 0; i < e->program->workload_count; i++)
        count += e->workloads[i].count;
    for (uint32_t i = 0; i < e->program->instance_count; i++)
        if (e->program->tasks[e->program->instance_task[i]].workload != LCI_NIL)
            count += e->instances[i].busy;
    return count;
}

/* Counts in the intervals between `ends` over many runs: Poisson with means `expected`? The sums of counts and their
 * dispersion over runs are χ². */
static void expect_poisson(const char *pattern, const double *ends, const double *expected, int intervals)
{
    enum { RUNS = 2000, MOST = 8 };
    struct lc_model *m =
        model_of(SOURCE("%s", "scheduling: inf", "scheduling: inf, entries: {serve: {demand: 1}}"), pattern);
    struct lc_diag diag = {0};
    struct lci_program *program = lci_compile(m, &diag);
    require(&diag);
    struct lci_engine *e = lci_engine_new(program);
    double sum[MOST] = {0}, spread[MOST] = {0};
    for (unsigned run = 0; run < RUNS; run++) {
        double before = 0;
        lci_engine_reset(e, 1, run);
        for (int i = 0; i < intervals; i++) {
            lci_engine_run(e, ends[i], UINT64_MAX);
            const double count = arrived(e) - before;
            before += count;
            sum[i] += count;
            if (expected[i] == 0)
                assert_true(count == 0);
            else
                spread[i] += (count - expected[i]) * (count - expected[i]) / expected[i];
        }
    }
    double chi2 = 0;
    for (int i = 0; i < intervals; i++) {
        const double mean = RUNS * expected[i];
        if (mean == 0)
            continue;
        chi2 += (sum[i] - mean) * (sum[i] - mean) / mean;
        const double p = gsl_cdf_chisq_Q(spread[i], RUNS);
        if (p < FALSE_ALARM || p > 1 - FALSE_ALARM)
            fail_msg("%s, interval %d: the dispersion of %d counts is %g", pattern, i, RUNS, spread[i]);
    }
    if (gsl_cdf_chisq_Q(chi2, intervals) < FALSE_ALARM)
        fail_msg("%s: the numbers of arrivals have χ² = %g with %d degrees of freedom", pattern, chi2, intervals);
    lci_engine_free(e);
    lci_program_free(program);
    lc_model_free(m);
    lc_diag_free(&diag);
}

static void test_inversion(void **state)
{
    (void)state;
    /* Up from 0, down to 0, nothing, a jump, then for ever. */
    expect_poisson("pattern: {rates: [[0, 0], [2, 10], [4, 0], [6, 0], [6, 8], [8, 4]]}",
                   (const double[]){1, 2, 4, 6, 7, 8, 11}, (const double[]){2.5, 7.5, 10, 0, 7, 5, 12}, 7);
    /* Three times as many. */
    expect_poisson("pattern: {steps: [[0, 4], [1, 1]], period: 2}, arrivals: 0.13333333333333333",
                   (const double[]){1, 2, 3, 7.5}, (const double[]){12, 3, 12, 3 + 12 + 3 + 12 + 1.5}, 4);
    /* A period that is short beside the time between arrivals. */
    expect_poisson("pattern: {steps: [[0, 20], [0.001, 0]], period: 0.01}", (const double[]){1, 3},
                   (const double[]){2, 4}, 2);
}

/* ---- steady states ----------------------------------------------------------------------------------------------- */

/* What the users of a model see in the long run. */
static struct lc_estimate response(const struct lc_model *m)
{
    struct lc_result *r = simulate_to(m, 0.02, 0.05);
    const struct lc_estimate e = r->workloads[0].response_time;
    lc_result_free(r);
    return e;
}

/* c = a b, 2 × 2 by rows. */
static void multiply(const double *a, const double *b, double *c)
{
    const double product[4] = {a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2],
                               a[2] * b[1] + a[3] * b[3]};
    memcpy(c, product, sizeof product);
}
static void invert(const double *a, double *b)
{
    const double d = a[0] * a[3] - a[1] * a[2];
    const double inverse[4] = {a[3] / d, -a[1] / d, -a[2] / d, a[0] / d};
    memcpy(b, inverse, sizeof inverse);
}

/* MMPP/M/1 with two states (Neuts 1981): R = −(A0 + R² A2) A1⁻¹; π0 (B + R A2) = 0, π0 (I − R)⁻¹ 1 = 1;
 * L = π0 R (I − R)⁻² 1. */
static double mmpp_m_1(const double rate[2], const double out[2], double mu)
{
    const double a1[4] = {-out[0] - rate[0] - mu, out[0], out[1], -out[1] - rate[1] - mu};
    double r[4] = {0}, inverse[4], square[4];
    invert(a1, inverse);
    for (int i = 0; i < 20000; i++) {
        multiply(r, r, square);
        const double sum[4] = {-rate[0] - mu * square[0], -mu * square[1], -mu * square[2], -rate[1] - mu * square[3]};
        multiply(sum, inverse, r);
    }
    const double b00 = -out[0] - rate[0] + mu * r[0], b10 = out[1] + mu * r[2]; /* first column of B + R A2 */
    const double unit[4] = {1 - r[0], -r[1], -r[2], 1 - r[3]};
    double n[4], n2[4], rn2[4];
    invert(unit, n);
    multiply(n, n, n2);
    multiply(r, n2, rn2);
    double pi[2] = {b10, -b00};
    const double norm = pi[0] * (n[0] + n[1]) + pi[1] * (n[2] + n[3]);
    return (pi[0] * (rn2[0] + rn2[1]) + pi[1] * (rn2[2] + rn2[3])) / norm;
}

static void test_mmpp(void **state)
{
    (void)state;
    const double rate[2] = {1, 6}, out[2] = {0.1, 0.5}, mu = 4;
    const double lambda = (rate[0] * out[1] + rate[1] * out[0]) / (out[0] + out[1]);
    const double exact = mmpp_m_1(rate, out, mu) / lambda;
    assert_true(exact > 2 / (mu - lambda)); /* far from M/M/1 */
    struct lc_model *m =
        model_of(SOURCE("pattern: {mmpp: {rates: [1, 6], times: [10, 2]}}", "", "entries: {serve: {demand: 0.25}}"));
    expect("MMPP/M/1", response(m), exact);
    lc_model_free(m);
    /* Twice as slow all over: the same pattern at half the rate is another queue, with a generator of its own. */
    m = model_of(SOURCE("arrivals: 1.0909090909090908, pattern: {mmpp: {rates: [1, 6], generator: [[-0.1, 0.1], [0.5, "
                        "-0.5]]}}",
                        "", "entries: {serve: {demand: 0.5}}"));
    const double half[2] = {0.5, 3};
    expect("slower MMPP/M/1", response(m), mmpp_m_1(half, out, 2) / (lambda / 2));
    lc_model_free(m);
}

/* M^[X]/M/1 (Gross & Harris, 3.1): L = λ (E[X] + E[X²]) / (2 μ (1 − ρ)), ρ = λ E[X] / μ. */
static void expect_batches(const char *batch, double mean, double square)
{
    const double lambda = 0.2, mu = 1, rho = lambda * mean / mu;
    struct lc_model *m =
        model_of(SOURCE("arrivals: 5, pattern: {batch: %s}", "", "entries: {serve: {demand: 1}}"), batch);
    expect(batch, response(m), lambda * (mean + square) / (2 * mu * (1 - rho)) / (lambda * mean));
    lc_model_free(m);
}

static void test_batches(void **state)
{
    (void)state;
    expect_batches("3", 3, 9);
    expect_batches("{1: 0.75, 6: 0.25}", 2.25, 9.75);
    expect_batches("{geometric: 2}", 2, 6); /* variance (1 − p)/p² = 2 */
}

/* D/M/1 (Kendall 1953): W = 1 / (μ (1 − σ)), σ = exp(−μ (1 − σ) / λ). */
static void test_schedule(void **state)
{
    (void)state;
    const double mu = 1.25;
    double sigma = 0.5;
    for (int i = 0; i < 1000; i++)
        sigma = exp(-mu * (1 - sigma));
    struct lc_model *m = model_of(SOURCE("pattern: {times: [0], period: 1}", "", "entries: {serve: {demand: 0.8}}"));
    struct lc_transient *t = curves(m, 300, 100, 300, 0);
    for (size_t bin = 1; bin < 3; bin++) {
        expect_bin("D/M/1", t, curve(t, "source", LC_CURVE_RESPONSE), bin, 1 / (mu * (1 - sigma)));
        near(curve(t, "source", LC_CURVE_ARRIVALS)->mean[bin], 1, 0.0101);
    }
    lc_transient_free(t);
    lc_model_free(m);
}

static void test_refused(void **state)
{
    (void)state;
    struct lc_model *m = model_of(SOURCE("pattern: {times: [0, 1]}", "", "entries: {serve: {demand: 1}}"));
    struct lc_diag diag = {0};
    struct lc_sim_options options = lc_sim_defaults();
    assert_null(lc_simulate(m, &options, &diag));
    assert_int_equal(lc_diag_status(&diag), LC_INPUT);
    assert_non_null(strstr(diag.messages[0].text, "changes with time; ask for curves over time"));
    lc_diag_free(&diag);
    lc_model_free(m);
}

/* A script and an end: six creations, and nothing happens after them. */
static void test_script(void **state)
{
    (void)state;
    struct lc_model *m =
        model_of(SOURCE("pattern: {script: 'list(loop(3, 1000), loop(list(once(), once()), 1, 10), once())'}",
                        "scheduling: inf", "scheduling: inf, entries: {serve: {demand: {mean: 0.5, cv2: 0}}}"));
    struct lc_transient *t = curves(m, 8, 1, 3, 0);
    static const double arrivals[] = {1, 1, 1, 3, 0, 0, 0, 0};
    for (size_t bin = 0; bin < t->bins; bin++) {
        near(curve(t, "source", LC_CURVE_ARRIVALS)->mean[bin], arrivals[bin], 1e-12);
        near(curve(t, "source", LC_CURVE_BUSY)->mean[bin], arrivals[bin] * 0.5, 1e-12);
    }
    lc_transient_free(t);
    lc_model_free(m);
}

/* Users who ask without thinking, a hundred times a second: those present are those who wait. */
static void test_users(void **state)
{
    (void)state;
    struct lc_model *m = model_of(
        "loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {scheduling: inf}}\ntasks:\n"
        "  users: {processor: out, scheduling: ref, pattern: {users: [[0, 10], [20, 50], [20, 20], [30, 0]]},\n"
        "          entries: {u: {calls: [serve], deterministic: true}}}\n"
        "  server: {processor: cpu, scheduling: inf, entries: {serve: {demand: 0.01}}}\n");
    assert_int_equal(m->tasks[0].multiplicity, 50);
    struct lc_transient *t = curves(m, 35, 1, 3, 0);
    for (size_t bin = 0; bin < t->bins; bin++) {
        const double at = (double)bin + 0.5;
        const double users = at < 20 ? 10 + 2 * at : at < 30 ? 20 - 2 * (at - 20) : 0;
        /* Rounding averages out over a bin; who must go goes 0.01 later, 30 at once after the jump. */
        near(curve(t, "users", LC_CURVE_BUSY)->mean[bin], users, bin == 20 ? 0.8 : 0.15);
    }
    lc_transient_free(t);
    lc_model_free(m);
}

/* ---- recovery ---------------------------------------------------------------------------------------------------- */

/* After the spike 6 requests a second come to a server of 10. Retried every second whatever becomes of the first
 * attempt, a queue of more than a second makes at least two of each: it never empties. */
static struct lc_transient *spike(const char *decisions)
{
    struct lc_model *m = model_of(SOURCE("pattern: {steps: [[0, 6], [20, 40], [24, 6]]}", "",
                                         "%s entries: {serve: {demand: {mean: 0.1, cv2: 0.1}}}"),
                                  decisions);
    return curves(m, 100, 1, 20, 20);
}

static void test_recovery(void **state)
{
    (void)state;
    struct lc_transient *t = spike("");
    /* 4 s × 30/s too many, worked off at 4/s: 34 s after the spike at the earliest. */
    assert_true(t->recovery.judged && t->recovery.recovered);
    near(t->recovery.begin, 20, 1e-9);
    near(t->recovery.end, 24, 1e-9);
    assert_true(t->recovery.time >= 20 && t->recovery.time <= 45);
    lc_model_free((struct lc_model *)t->model);
    lc_transient_free(t);
    t = spike("decisions: [{kind: inf_retry, timeout: 1}],");
    assert_true(t->recovery.judged && !t->recovery.recovered);
    assert_true(t->recovery.share == 0);
    lc_model_free((struct lc_model *)t->model);
    lc_transient_free(t);
}

/* ---- failures and slow-downs at a given time --------------------------------------------------------------------- */

/* Work that a server has done by time t when its speed is `speed` from `begin` to `end`, else 1; and when it has done
 * w. */
static double done_by(double t, double begin, double end, double speed)
{
    return t < begin ? t : begin + speed * (fmin(t, end) - begin) + fmax(t - end, 0);
}
static double time_of(double w, double begin, double end, double speed)
{
    const double slow = begin + speed * (end - begin);
    return w <= begin ? w : w <= slow && speed > 0 ? begin + (w - begin) / speed : end + w - slow;
}

/* D/D/1 with an arrival at 1, 2, 3, …, 0.6 each: Lindley's recursion in the time that the work takes. What is in
 * service at 10.25 is resumed, or goes on at the other speed. */
static void test_disturbed(void **state)
{
    (void)state;
    static const struct {
        const char *keys;
        double speed;
    } cases[] = {{"failures: {at: 10.25, for: 10.125}", 0}, {"slow_down: {at: 10.25, for: 10.125, speed: 25 %}", 0.25}};
    static const char *const schedulings[] = {"fcfs", "pp", "ps", "hol"};
    enum { BINS = 60 };
    for (int i = 0; i < 8; i++) {
        const double begin = 10.25, end = 20.375, speed = cases[i % 2].speed;
        char *cpu = lc_format("scheduling: %s", schedulings[i / 2]);
        char *server = lc_format("%s, entries: {serve: {demand: {deterministic: 0.6}}}", cases[i % 2].keys);
        struct lc_model *m =
            model_of("loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {%s}}\ntasks:\n  source: "
                     "{processor: out, scheduling: open, arrivals: {deterministic: 1}, entries: {s: {calls: "
                     "[serve], deterministic: true}}}\n  server: {processor: cpu, %s}\n",
                     cpu, server);
        struct lc_transient *t = curves(m, BINS, 1, 2, i % 4 < 2 ? 0 : 5);
        double sum[BINS] = {0}, count[BINS] = {0}, before = -INFINITY;
        const double shift = t->warmup; /* arrivals go on from before time 0 */
        for (int n = 1; n <= BINS + (int)shift; n++) {
            const double came = n - shift, from = fmax(done_by(came, begin, end, speed), before);
            const double ended = time_of(from + 0.6, begin, end, speed);
            before = from + 0.6;
            if (ended >= 0 && ended < BINS) {
                sum[(int)ended] += ended - came;
                count[(int)ended]++;
            }
        }
        const struct lc_curve *response = curve(t, "source", LC_CURVE_RESPONSE);
        for (int bin = 0; bin < BINS; bin++) {
            assert_true(isnan(response->mean[bin]) == (count[bin] == 0));
            if (count[bin] > 0)
                near(response->mean[bin], sum[bin] / count[bin], 1e-5);
        }
        assert_true(t->recovery.judged && t->recovery.recovered && t->recovery.disturbed == lc_find_task(m, "server"));
        assert_true(t->recovery.by == (speed > 0 ? LC_DISTURBED_BY_SLOW_DOWN : LC_DISTURBED_BY_OUTAGE));
        lc_transient_free(t);
        lc_model_free(m);
        free(cpu);
        free(server);
    }
}

/* One of two replicas is down from 20 to 40, and whoever comes meanwhile goes to the other one, an M/M/1 of its own
 * whose load goes from 0.3 to 0.6. */
static void test_one_replica_down(void **state)
{
    (void)state;
    struct lc_model *m =
        model_of(SOURCE("arrivals: 0.16666666666666667", "replicas: 2",
                        "replicas: 2, balance: random, failures: {at: 20, for: 20, replicas: 1}, entries: "
                        "{serve: {demand: 0.1}}"));
    struct lc_transient *t = curves(m, 60, 1, 400, 20);
    const struct lc_curve *replicas = curve(t, "server", LC_CURVE_REPLICAS), *load = t->curves;
    while (load->processor != lc_find_processor(m, "cpu"))
        load++;
    for (size_t bin = 0; bin < 60; bin++) {
        near(replicas->mean[bin], 2, 1e-6); /* it is there, but does not serve */
        if (bin < 20 || (bin >= 30 && bin < 40) || bin >= 50)
            expect_bin("load", t, load, bin, bin >= 30 && bin < 40 ? 0.6 : 0.3);
    }
    lc_transient_free(t);
    lc_model_free(m);
}

/* While nothing serves there is no load, also where it stops and goes on between two bins. */
static void test_all_replicas_down(void **state)
{
    (void)state;
    struct lc_model *m = model_of(
        SOURCE("arrivals: {deterministic: 0.25}", "multiplicity: 3",
               "multiplicity: 3, failures: {at: 6, for: 5}, entries: {serve: {demand: {deterministic: 0.5}}}"));
    struct lc_transient *t = curves(m, 20, 0.5, 4, 0);
    const struct lc_curve *load = t->curves;
    while (load->processor != lc_find_processor(m, "cpu"))
        load++;
    for (size_t bin = 2; bin < t->bins; bin++) {
        if (bin >= 12 && bin < 22)
            assert_true(isnan(load->mean[bin]) && isnan(load->high[bin]));
        else
            near(load->mean[bin], bin < 12 ? 2.0 / 3 : 1, bin < 30 ? 1e-6 : 0.4); /* 20 wait at 11 */
    }
    lc_transient_free(t);
    lc_model_free(m);
}

/* The fluid limit of an M/G/1 that is slowed down to a quarter: 100 come in a second and 500/3 are served, or a quarter
 * of that from 10 to 20. What is there in the mean follows it but for the few that wait at the beginning, and for the
 * time that the server idles before the queue has grown. */
static void test_slow_down_fluid(void **state)
{
    (void)state;
    const double served = 1 / 0.006, grown = 10 * (100 - served / 4);
    static const char *const demands[] = {"0.006", "{mean: 0.006, cv2: 4}"};
    for (int i = 0; i < 2; i++) {
        char *server =
            lc_format("slow_down: {at: 10, for: 10, speed: 25 %%}, entries: {serve: {demand: %s}}", demands[i]);
        struct lc_model *m =
            model_of("loadcast: model/1\nprocessors: {out: {scheduling: inf}, cpu: {}}\ntasks:\n  source: "
                     "{processor: out, scheduling: open, arrivals: 0.01, entries: {s: {calls: [serve], "
                     "deterministic: true}}}\n  server: {processor: cpu, %s}\n",
                     server);
        struct lc_transient *t = curves(m, 28, 1, LEISURELY ? 10 : 40, 2);
        const struct lc_curve *queue = curve(t, "server", LC_CURVE_QUEUE);
        for (size_t bin = 11; bin < 28; bin++) {
            const double middle = (double)bin + 0.5, after = middle - 20;
            const double fluid = after < 0 ? grown * (middle - 10) / 10 : grown - after * (served - 100);
            const double error = queue->ci95[bin] / gsl_cdf_tdist_Pinv(0.975, t->replications - 1);
            near(queue->mean[bin], fluid, 4.5 * error + 6);
        }
        lc_transient_free(t);
        lc_model_free(m);
        free(server);
    }
}

/* Work for 0.97 servers until 100, for 0.17 after that: twenty replicas are wanted at a target of 5 %, then four. The
 * look at 110 is the first that sees it, the one at 160 the first after the delay. */
static void test_scale_down_delay(void **state)
{
    (void)state;
    struct lc_model *m =
        model_of(SOURCE("pattern: {steps: [[0, 485], [100, 85]]}", "",
                        "entries: {serve: {demand: {deterministic: 0.002}}}, scaling: {min: 1, max: 40, "
                        "target_load: 0.05, period: 10, down_delay: 45}"));
    struct lc_transient *t = curves(m, 200, 5, 2, 0);
    const struct lc_curve *replicas = curve(t, "server", LC_CURVE_REPLICAS);
    for (size_t bin = 2; bin < 40; bin++)
        near(replicas->mean[bin], bin < 32 ? 20 : 4, 0.01);
    lc_transient_free(t);
    lc_model_free(m);
}

/* What happens once has no steady state. */
static void test_disturbed_is_refused(void **state)
{
    (void)state;
    struct lc_model *m = model_of(SOURCE("arrivals: 0.16666666666666667", "",
                                         "slow_down: {at: 9, for: 1, speed: 0.5}, entries: {serve: "
                                         "{demand: 0.1}}"));
    struct lc_diag diag = {0};
    const struct lc_sim_options options = lc_sim_defaults();
    assert_null(lc_simulate(m, &options, &diag));
    assert_non_null(strstr(diag.messages[0].text, "'server' slows down at a given time; ask for curves over time"));
    lc_diag_free(&diag);
    lc_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ramp),
        cmocka_unit_test(test_wave),
        cmocka_unit_test(test_mm1_from_empty),
        cmocka_unit_test(test_warmup),
        cmocka_unit_test(test_threads_agree),
        cmocka_unit_test(test_inversion),
        cmocka_unit_test(test_mmpp),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_schedule),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_script),
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_recovery),
        cmocka_unit_test(test_disturbed),
        cmocka_unit_test(test_one_replica_down),
        cmocka_unit_test(test_all_replicas_down),
        cmocka_unit_test(test_slow_down_fluid),
        cmocka_unit_test(test_scale_down_delay),
        cmocka_unit_test(test_disturbed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
