/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The analytic solver against closed forms, and what no model may break.
 */
#include "solved.h"

#include "model/dist/dist.h"
#include "model/traffic.h"
#include "support/hostile_layers.h"
#include "support/leisurely.h"
#include "support/random_layers.h"
#include "support/random_model.h"

#include "loadcast/format.h"

#include <glob.h>
#include <inttypes.h>

#define EXACT 1e-10

/* A processor with a task of the same name and one entry ("NAME.e") of this demand. Returns the entry. */
static int add_server(struct lc_model *m, const char *name, enum lc_scheduling scheduling, uint32_t servers,
                      struct lc_dist demand)
{
    const int processor = lc_add_processor(m, name);
    m->processors[processor].scheduling = scheduling;
    m->processors[processor].multiplicity = servers;
    const int task = lc_add_task(m, name, processor);
    m->tasks[task].scheduling = LC_INF;
    m->tasks[task].multiplicity = LC_INFINITE;
    char *entry_name = lc_format("%s.e", name);
    const int entry = lc_add_entry(m, entry_name, task);
    free(entry_name);
    m->entries[entry].phases[0].present = true;
    m->entries[entry].phases[0].demand = demand;
    return entry;
}

/* Customers that think for `think` and have no demand of their own. Returns their phase. */
static struct lc_activity *add_customers(struct lc_model *m, const char *name, uint32_t count, double think)
{
    const int processor = lc_add_processor(m, name);
    m->processors[processor].scheduling = LC_INF;
    const int task = lc_add_task(m, name, processor);
    m->tasks[task].scheduling = LC_REF;
    m->tasks[task].multiplicity = count;
    m->tasks[task].think_time = lc_dist_exponential(think);
    const int entry = lc_add_entry(m, name, task);
    m->entries[entry].phases[0].present = true;
    return &m->entries[entry].phases[0];
}

static void check_bounds(const struct lc_result *r)
{
    for (size_t i = 0; i < r->workload_count; i++) {
        const struct lc_workload_result *w = &r->workloads[i];
        const double rounding = 1e-6;
        assert_false(w->throughput.mean < w->bounds.throughput_low * (1 - rounding));
        assert_false(w->throughput.mean > w->bounds.throughput_high * (1 + rounding));
        assert_false(w->response_time.mean < w->bounds.response_low * (1 - rounding) - 1e-9);
        assert_false(w->response_time.mean > w->bounds.response_high * (1 + rounding));
    }
}

/* ---- closed forms ------------------------------------------------------------------------------------------------ */

static void open_queue(enum lc_scheduling scheduling, uint32_t servers, double cv2, double exact)
{
    struct lc_model *m = lc_model_new("open");
    const int e = add_server(m, "server", scheduling, servers, lci_dist_moments(1, cv2));
    m->entries[e].open_rate = 0.8 * servers;
    struct lc_result *r = solve(m);
    same("response", r->workloads[0].response_time.mean, exact, EXACT);
    same("load", r->processors[0].load.mean, 0.8, EXACT);
    done(m, r);
}

static void open_queues(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) { /* Pollaczek–Khinchine; sharing does not look at the distribution */
        const double cv2 = i * i / 4.0;
        open_queue(LC_FCFS, 1, cv2, 1 + 0.8 * (1 + cv2) / (2 * 0.2));
        open_queue(LC_PS, 1, cv2, 1 / 0.2);
        open_queue(LC_LCFS_PR, 1, cv2, 1 / 0.2);
    }
    for (uint32_t c = 2; c < 40; c *= 3) { /* Erlang C */
        const double b = erlang_b((int)c, 0.8 * c), waits = b / (1 - 0.8 * (1 - b));
        open_queue(LC_FCFS, c, 1, 1 + waits / (c * 0.2));
        open_queue(LC_PS, c, 3, 1 + waits / (c * 0.2));
    }
}

/* Customers think 2 and are served in 1 by so many servers: a birth and death process. */
static void machine_repair(void **state)
{
    (void)state;
    const uint32_t servers[] = {1, 1, 4, 7}, customers[] = {1, 9, 13, 20};
    for (int i = 0; i < 4; i++) {
        struct lc_model *m = lc_model_new("machine repair");
        const int e = add_server(m, "server", LC_FCFS, servers[i], lc_dist_exponential(1));
        lc_add_call(add_customers(m, "users", customers[i], 2), LC_CALL_SYNC, e, 1);
        double p = 1, sum = 0, busy = 0;
        for (uint32_t n = 0; n <= customers[i]; n++) {
            sum += p;
            busy += p * fmin(n, servers[i]);
            p *= (customers[i] - n) / 2.0 / fmin(n + 1, servers[i]);
        }
        struct lc_result *r = solve(m);
        same("throughput", r->workloads[0].throughput.mean, busy / sum, EXACT);
        same("response", r->workloads[0].response_time.mean, customers[i] * sum / busy - 2, EXACT);
        const struct lc_workload_bounds *bounds = &r->workloads[0].bounds; /* balanced jobs at one server */
        if (servers[i] == 1) {
            const double n = customers[i];
            same("upper bound", bounds->throughput_high, fmin(1, n / (1 + 2 + (n - 1) / (1 + 2))), EXACT);
            same("lower bound", bounds->throughput_low, n / (1 + 2 + (n - 1) / (1 + 2 / n)), EXACT);
        }
        check_bounds(r);
        done(m, r);
    }
}

enum { A = 3, B = 4, STATIONS = 2 };
static const double demand_a[STATIONS] = {0.3, 0.8}, demand_b[STATIONS] = {0.9, 0.2};

static double choose(int n, int k)
{
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1));
}

/* Normalising constant of two classes at two sharing stations with thinking times of 1 and 2 (Baskett et al. 1975). */
static double constant(int a, int b)
{
    double sum = 0;
    for (int a1 = 0; a1 <= a; a1++)
        for (int a2 = 0; a1 + a2 <= a; a2++)
            for (int b1 = 0; b1 <= b; b1++)
                for (int b2 = 0; b1 + b2 <= b; b2++)
                    sum += choose(a1 + b1, a1) * pow(demand_a[0], a1) * pow(demand_b[0], b1) * choose(a2 + b2, a2) *
                           pow(demand_a[1], a2) * pow(demand_b[1], b2) / tgamma(a - a1 - a2 + 1) * pow(2, b - b1 - b2) /
                           tgamma(b - b1 - b2 + 1);
    return sum;
}

static void two_classes(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("two classes");
    int entries[2][STATIONS];
    for (int s = 0; s < STATIONS; s++) {
        char *name = lc_format("server%d", s);
        entries[0][s] = add_server(m, name, LC_PS, 1, lc_dist_deterministic(demand_a[s]));
        char *other = lc_format("%s.b", name);
        entries[1][s] = lc_add_entry(m, other, m->entries[entries[0][s]].task);
        m->entries[entries[1][s]].phases[0].present = true;
        m->entries[entries[1][s]].phases[0].demand = lci_dist_moments(demand_b[s], 5);
        free(name);
        free(other);
    }
    for (int c = 0; c < 2; c++) {
        struct lc_activity *phase = add_customers(m, c == 0 ? "a" : "b", c == 0 ? A : B, 1 + c);
        for (int s = 0; s < STATIONS; s++)
            lc_add_call(phase, LC_CALL_SYNC, entries[c][s], 1);
    }
    struct lc_result *r = solve(m);
    same("throughput of a", r->workloads[0].throughput.mean, constant(A - 1, B) / constant(A, B), EXACT);
    same("throughput of b", r->workloads[1].throughput.mean, constant(A, B - 1) / constant(A, B), EXACT);
    done(m, r);
}

/* The same of one sharing station, with demands of 1; elsewhere are 12.5 and 2.5. */
static double constant_of_one(int a, int b)
{
    double sum = 0;
    for (int i = 0; i <= a; i++)
        for (int k = 0; k <= b; k++)
            sum += choose(i + k, i) * pow(12.5, a - i) * pow(2.5, b - k) / (tgamma(a - i + 1) * tgamma(b - k + 1));
    return sum;
}

/* Customers who think 12 and others who think 2 use the same service, of 0.5 and a request to a sharing processor: each
 * of them finds others there than the next, and what the service takes is theirs. */
static void shared_service(void **state)
{
    (void)state;
    enum { FEW = 1, MANY = 9 };
    struct lc_model *m = lc_model_new("shared service");
    const int server = add_server(m, "server", LC_PS, 1, lc_dist_exponential(1));
    const int front = add_server(m, "front", LC_INF, 1, lc_dist_exponential(0.5));
    lc_add_call(&m->entries[front].phases[0], LC_CALL_SYNC, server, 1);
    lc_add_call(add_customers(m, "a", FEW, 12), LC_CALL_SYNC, front, 1);
    lc_add_call(add_customers(m, "b", MANY, 2), LC_CALL_SYNC, front, 1);
    struct lc_result *r = solve(m);
    const double all = constant_of_one(FEW, MANY);
    same("throughput of a", r->workloads[0].throughput.mean, constant_of_one(FEW - 1, MANY) / all, EXACT);
    same("throughput of b", r->workloads[1].throughput.mean, constant_of_one(FEW, MANY - 1) / all, EXACT);
    done(m, r);
}

/* One closed customer beside open arrivals at a sharing server: as if its demand were 1 / (1 − ρ) as long. */
static void mixed(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("mixed");
    const int e = add_server(m, "server", LC_FCFS, 1, lc_dist_exponential(1));
    const int open = lc_add_entry(m, "open", m->entries[e].task);
    m->entries[open].phases[0].present = true;
    m->entries[open].phases[0].demand = lc_dist_exponential(1);
    m->entries[open].open_rate = 0.5;
    lc_add_call(add_customers(m, "users", 1, 2), LC_CALL_SYNC, e, 1);
    struct lc_result *r = solve(m);
    same("closed", r->workloads[0].response_time.mean, 2, EXACT);
    same("open", r->workloads[1].response_time.mean, (1 + 0.5) / 0.5, EXACT); /* half of the time one more is there */
    done(m, r);
}

/* ---- small models, as Markov chains ------------------------------------------------------------------------------ */

/* Two customers who think 1, at one server in order of arrival, for 1/2 and 2: no product form. The balance of the five
 * states (nobody there, one, the other, both in either order) gives 30/77 and 24/77. */
static void unequal_customers(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("unequal");
    const int server = add_server(m, "s", LC_FCFS, 1, lc_dist_exponential(0.5));
    const int slow = lc_add_entry(m, "slow", m->entries[server].task);
    m->entries[slow].phases[0].present = true;
    m->entries[slow].phases[0].demand = lc_dist_exponential(2);
    lc_add_call(add_customers(m, "a", 1, 1), LC_CALL_SYNC, server, 1)->random = false;
    lc_add_call(add_customers(m, "b", 1, 1), LC_CALL_SYNC, slow, 1)->random = false;
    for (size_t e = 0; e < m->entry_count; e++)
        m->entries[e].phases[0].deterministic = true;
    struct lc_result *r = solve(m);
    same("throughput of a", r->workloads[0].throughput.mean, 30.0 / 77, EXACT);
    same("throughput of b", r->workloads[1].throughput.mean, 24.0 / 77, EXACT);
    same("response of a", r->workloads[0].response_time.mean, 47.0 / 30, EXACT);
    same("response of b", r->workloads[1].response_time.mean, 53.0 / 24, EXACT);
    check_bounds(r);
    done(m, r);
}

/* Single threads that serve on after the reply, forward, share a processor, by priority, and graphs: what the
 * simulation says, to its interval. */
static void like_the_simulation(void **state)
{
    (void)state;
    const char *const files[] = {
        "order/fwd_tie.lqn",     "order/hol_h.lqn",          "order/hol_nested.lqn", "order/ph2_tie.lqn",
        "order/phase_waits.lqn", "order/reply_tie1.lqn",     "sequence.lqnx",        "loop-calls.lqnx",
        "or-fork.lqnx",          "preemptive-priority.lqnx", "order/round.yaml"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *name = lc_format(TEST_DATA "/lqn/%s", files[i]);
        struct lc_diag diag = {0};
        struct lc_model *m = lc_model_read(name, &diag);
        assert_non_null(m);
        struct lc_result *r = solve(m);
        struct lc_sim_options options = lc_sim_defaults();
        options.precision = 0.01;
        options.jobs = 1;
        struct lc_result *s = lc_simulate(m, &options, &diag);
        assert_non_null(s);
        for (size_t e = 0; e < m->entry_count; e++) {
            const struct lc_entry_result *is = &r->entries[e], *about = &s->entries[e];
            for (int p = 0; p < LC_PHASES; p++)
                if (about->phases[p].service_time.mean > 0) {
                    const struct lc_estimate *time = &about->phases[p].service_time;
                    if (fabs(is->phases[p].service_time.mean - time->mean) > 2 * time->ci95 + 1e-3 * time->mean)
                        fail_msg("%s, %s, phase %d: %g, simulated %g ± %g", name, m->entries[e].name, p + 1,
                                 is->phases[p].service_time.mean, time->mean, time->ci95);
                }
            assert_true(fabs(is->throughput.mean - about->throughput.mean) <=
                        2 * about->throughput.ci95 + 1e-3 * about->throughput.mean);
        }
        lc_result_free(s);
        done(m, r);
        lc_diag_free(&diag);
        free(name);
    }
}

/* Throughput and response of the first workload beside those of a simulation. Frees the model. */
static void check_simulated(struct lc_model *m, double within)
{
    struct lc_result *r = solve(m);
    struct lc_sim_options options = lc_sim_defaults();
    struct lc_diag diag = {0};
    options.precision = 0.02;
    options.jobs = 1;
    struct lc_result *s = lc_simulate(m, &options, &diag);
    assert_non_null(s);
    same("throughput", r->workloads[0].throughput.mean, s->workloads[0].throughput.mean, within);
    if (r->workloads[0].task == LC_NONE) /* open arrivals, whose rate is given */
        same("response", r->workloads[0].response_time.mean, s->workloads[0].response_time.mean, within);
    lc_result_free(s);
    lc_diag_free(&diag);
    done(m, r);
}

/* Two customers with short services beside open requests with long ones, in order of arrival: while a long one is
 * served they wait for it, and come when none is there. As if they came at any time their rate would be half of that.
 */
static void short_beside_long(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("short beside long");
    const int server = add_server(m, "s", LC_FCFS, 1, lc_dist_exponential(0.05));
    const int slow = lc_add_entry(m, "slow", m->entries[server].task);
    m->entries[slow].phases[0].present = true;
    m->entries[slow].phases[0].demand = lc_dist_exponential(1);
    m->entries[slow].open_rate = 0.5;
    struct lc_activity *users = add_customers(m, "users", 2, 0.5);
    users->deterministic = true;
    lc_add_call(users, LC_CALL_SYNC, server, 1)->random = false;
    check_simulated(m, 0.1);
}

/* A single thread waits for nothing but the second phase of its own last request: often, and never long. Taken for rare
 * and long its service would vary so much that the queue before it were several times as long. */
static void own_last_request(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("own last request");
    const int store = add_server(m, "store", LC_FCFS, 1, lc_dist_exponential(0.05));
    const int front = add_server(m, "front", LC_FCFS, 1, lc_dist_exponential(0.05));
    const int entries[] = {store, front};
    for (int i = 0; i < 2; i++) {
        m->tasks[m->entries[entries[i]].task].scheduling = LC_FCFS;
        m->tasks[m->entries[entries[i]].task].multiplicity = 1;
    }
    m->entries[store].phases[1].present = true;
    m->entries[store].phases[1].demand = lc_dist_exponential(0.1);
    lc_add_call(&m->entries[front].phases[0], LC_CALL_SYNC, store, 2);
    m->entries[front].open_rate = 1.5;
    check_simulated(m, 0.25);
}

/* Two services of one thread that call a third one `calls` times; all three at one processor. */
static struct lc_model *one_processor(uint32_t customers, uint32_t cores, uint32_t threads, double behind)
{
    static const double demands[] = {0.03, 0.08};
    struct lc_model *m = lc_model_new("one processor");
    const int store = add_server(m, "store", LC_PS, cores, lc_dist_exponential(0.05));
    struct lc_task *pool = &m->tasks[m->entries[store].task];
    pool->scheduling = LC_FCFS;
    pool->multiplicity = threads;
    if (behind > 0) {
        m->entries[store].phases[1].present = true;
        m->entries[store].phases[1].demand = lc_dist_exponential(behind);
    }
    const int processor = pool->processor;
    for (int i = 0; i < 2; i++) {
        const int task = lc_add_task(m, i == 0 ? "a" : "b", processor);
        const int entry = lc_add_entry(m, i == 0 ? "a.e" : "b.e", task);
        m->entries[entry].phases[0].demand = lc_dist_exponential(demands[i]);
        lc_add_call(&m->entries[entry].phases[0], LC_CALL_SYNC, store, 2);
        struct lc_activity *users = add_customers(m, i == 0 ? "ua" : "ub", customers, 0);
        users->deterministic = true;
        lc_add_call(users, LC_CALL_SYNC, entry, 1);
    }
    return m;
}

/* A thread is never in its own way. With 30 customers who do not think a thread is always busy, as with one: that is a
 * small Markov chain, and exact. With two cores there is a queue for the third service only, and a product form. */
static void interlocked(void **state)
{
    (void)state;
    static const struct {
        uint32_t cores, threads;
        double behind, within;
    } cases[] = {{2, 1, 0, 1e-3}, {1, 2, 0.04, 0.01}, {1, 1, 0, 0.03}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lc_model *few = one_processor(1, cases[i].cores, cases[i].threads, cases[i].behind);
        struct lc_model *many = one_processor(30, cases[i].cores, cases[i].threads, cases[i].behind);
        struct lc_result *exact = solve(few), *r = solve(many);
        same("throughput of a", r->workloads[0].throughput.mean, exact->workloads[0].throughput.mean, cases[i].within);
        same("throughput of b", r->workloads[1].throughput.mean, exact->workloads[1].throughput.mean, cases[i].within);
        done(few, exact);
        done(many, r);
    }
}

/* ---- any model --------------------------------------------------------------------------------------------------- */

static void sound(const char *what, double value, double most)
{
    if (!(isfinite(value) && value >= -1e-12 && value <= most))
        fail_msg("%s is %g", what, value);
}

static void check_result(const struct lc_result *r)
{
    const struct lc_model *m = r->model;
    for (size_t p = 0; p < m->processor_count; p++) {
        if (isinf(lci_processor_servers(&m->processors[p])))
            continue;
        sound("load of a processor", r->processors[p].load.mean, 1 + 1e-6);
        sound("queue of a processor", r->processors[p].queue_length.mean, INFINITY);
    }
    for (size_t t = 0; t < m->task_count; t++) {
        sound("throughput", r->tasks[t].throughput.mean, INFINITY);
        if (isfinite(r->tasks[t].load.mean))
            sound("load of a task", r->tasks[t].load.mean, 1 + 1e-6);
        if (!lc_is_source(&m->tasks[t]))
            sound("queue of a task", r->tasks[t].queue_length.mean, INFINITY);
    }
    for (size_t e = 0; e < m->entry_count; e++)
        sound("service time", r->entries[e].service_time.mean, INFINITY);
    for (size_t w = 0; w < r->workload_count; w++)
        sound("response", r->workloads[w].response_time.mean, INFINITY);
}

/* Whatever random models hold, the solver refuses it in words, or its answer is sound. */
static void random_models(void **state)
{
    (void)state;
    enum { MODELS = LEISURELY ? 100 : 400 };
    unsigned solved = 0, converged = 0;
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        struct lc_model *m = random_model(seed, 0);
        struct lc_diag diag = {0};
        const struct lc_solve_options options = {1e-6, 200};
        struct lc_result *r = lc_model_check(m, &diag) == 0 ? lc_solve(m, &options, &diag) : NULL;
        if (r == NULL)
            assert_true(diag.errors > 0);
        else if (r->converged)
            check_result(r);
        solved += r != NULL;
        converged += r != NULL && r->converged;
        lc_result_free(r);
        lc_diag_free(&diag);
        lc_model_free(m);
    }
    print_message("%u of %u solved, %u converged\n", solved, MODELS, converged);
    assert_true(solved > MODELS / 60 && converged >= 0.7 * solved);
}

/* Systems of the kind that people have are all solved. */
static void layered_models(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= (LEISURELY ? 20 : 120); seed++) {
        struct lc_model *m = random_layers(seed);
        struct lc_result *r = solve(m);
        check_result(r);
        check_bounds(r);
        done(m, r);
    }
}

/* Models that nobody would build are solved or refused in words. Where the solution did not converge, it is one that
 * can be all the same. LOADCAST_SEEDS="FIRST COUNT": others than those of every day. */
static void hostile_models(void **state)
{
    (void)state;
    uint64_t first = 1, count = LEISURELY ? 20 : 50;
    const char *seeds = getenv("LOADCAST_SEEDS");
    if (seeds != NULL)
        assert_int_equal(sscanf(seeds, "%" SCNu64 " %" SCNu64, &first, &count), 2);
    unsigned solved = 0, converged = 0;
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct lc_model *m = hostile_layers(seed);
        struct lc_diag diag = {0};
        const struct lc_solve_options options = {1e-7, 40};
        struct lc_result *r = lc_model_check(m, &diag) == 0 ? lc_solve(m, &options, &diag) : NULL;
        if (r == NULL)
            assert_true(diag.errors > 0);
        else
            check_result(r);
        if (r != NULL && r->converged)
            check_bounds(r);
        if (r != NULL && !r->converged)
            assert_true(r->residual > options.tolerance);
        solved += r != NULL;
        converged += r != NULL && r->converged;
        lc_result_free(r);
        lc_diag_free(&diag);
        lc_model_free(m);
    }
    print_message("%u of %u solved, %u converged\n", solved, (unsigned)count, converged);
    assert_true(LEISURELY || (solved > 0.7 * (double)count && converged > 0.4 * solved));
}

/* Every model of tests/data/lqn is solved, with no figure that cannot be, or refused by name. */
static void corpus(void **state)
{
    (void)state;
    glob_t files;
    size_t solved = 0;
    assert_int_equal(glob(TEST_DATA "/lqn/*.lqn*", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct lc_diag diag = {0};
        const struct lc_solve_options options = lc_solve_defaults();
        struct lc_model *m = lc_model_read(files.gl_pathv[i], &diag);
        struct lc_result *r = m != NULL && diag.errors == 0 ? lc_solve(m, &options, &diag) : NULL;
        const char *why = diag.count > 0 ? diag.messages[diag.count - 1].text : "";
        if (r == NULL && strstr(why, "no analytic treatment") == NULL)
            fail_msg("%s: %s", files.gl_pathv[i], why);
        if (r != NULL) {
            if (!r->converged)
                fail_msg("%s: not converged, last change %g", files.gl_pathv[i], r->residual);
            check_result(r);
            check_bounds(r);
            solved++;
        }
        lc_result_free(r);
        lc_model_free(m);
        lc_diag_free(&diag);
    }
    assert_true(solved > 30);
    globfree(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(open_queues),
                                       cmocka_unit_test(machine_repair),
                                       cmocka_unit_test(two_classes),
                                       cmocka_unit_test(shared_service),
                                       cmocka_unit_test(mixed),
                                       cmocka_unit_test(layered_models),
                                       cmocka_unit_test(random_models),
                                       cmocka_unit_test(hostile_models),
                                       cmocka_unit_test(corpus),
                                       cmocka_unit_test(unequal_customers),
                                       cmocka_unit_test(like_the_simulation),
                                       cmocka_unit_test(interlocked),
                                       cmocka_unit_test(short_beside_long),
                                       cmocka_unit_test(own_last_request)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
