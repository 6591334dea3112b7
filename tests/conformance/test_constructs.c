/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Timeouts, retries, queues that reject or block, locks and fair shares against what can be derived by hand.
 */
#include "model/dist/dist.h"
#include "support.h"

#include "compile.h"
#include "deadlock.h"
#include "engine.h"

/* A task on a processor of its own with one entry; `scheduling` of the processor. */
static int add_server(struct lc_model *m, const char *name, enum lc_scheduling scheduling, uint32_t threads,
                      double demand)
{
    const int processor = lc_add_processor(m, name);
    m->processors[processor].scheduling = scheduling;
    m->processors[processor].multiplicity = scheduling == LC_INF ? LC_INFINITE : threads;
    const int task = lc_add_task(m, name, processor);
    m->tasks[task].multiplicity = threads;
    if (threads == LC_INFINITE)
        m->tasks[task].scheduling = LC_INF;
    const int entry = lc_add_entry(m, name, task);
    m->entries[entry].phases[0].present = true;
    if (demand > 0)
        m->entries[entry].phases[0].demand = lc_dist_exponential(demand);
    return entry;
}

/* A source: arrivals at `rate`, or `customers` that do not think. Its phase makes deterministic calls. */
static struct lc_activity *add_source(struct lc_model *m, const char *name, double rate, uint32_t customers)
{
    const int processor = lc_add_processor(m, name);
    m->processors[processor].scheduling = LC_INF;
    const int task = lc_add_task(m, name, processor);
    m->tasks[task].scheduling = rate > 0 ? LC_OPEN : LC_REF;
    m->tasks[task].multiplicity = customers;
    if (rate > 0)
        m->tasks[task].arrivals = lc_dist_exponential(1 / rate);
    const int entry = lc_add_entry(m, name, task);
    m->entries[entry].phases[0].present = true;
    m->entries[entry].phases[0].deterministic = true;
    return &m->entries[entry].phases[0];
}

static struct lc_decision *add_decision(struct lc_model *m, int task, enum lc_scheduling kind, double timeout)
{
    struct lc_task *t = &m->tasks[task];
    t->decisions = lc_calloc(1, sizeof *t->decisions);
    t->decision_count = 1;
    *t->decisions = (struct lc_decision){.kind = kind, .from = LC_NONE, .to = LC_NONE, .timeout = timeout};
    return t->decisions;
}

static struct lc_result *simulate(const struct lc_model *m)
{
    return simulate_to(m, 0.02, 0.05);
}

/* M/M/c/K with callers that get an error when there is no room: loss and throughput. */
static void rejecting(void **state)
{
    (void)state;
    enum { SERVERS = 3, ROOM = 2 };
    const double offered = 3.6; /* more than can be served: shedding keeps it steady */
    struct lc_model *m = lc_model_new("M/M/3/5");
    const int e = add_server(m, "server", LC_FCFS, SERVERS, 1);
    m->tasks[0].queue_length = ROOM;
    m->tasks[0].overflow = LC_OVERFLOW_REJECT;
    lc_add_call(add_source(m, "source", offered, 1), LC_CALL_SYNC, e, 1);
    struct lc_result *r = simulate(m);
    double p = 1, sum = 1;
    for (int n = 1; n <= SERVERS + ROOM; n++) {
        p *= offered / (n < SERVERS ? n : SERVERS);
        sum += p;
    }
    expect("lost", r->tasks[0].dropped, p / sum);
    expect("throughput", r->tasks[0].throughput, offered * (1 - p / sum));
    expect("lost of the call", r->entries[lc_find_entry(m, "source")].phases[0].call_loss[0], p / sum);
    done(m, r);
}

/* Two stations and nothing between them that could wait: the sender is held as in M/M/1/(room + 2) with the same rates,
 * whose states are equally likely. */
static void blocking(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("blocking");
    const int e = add_server(m, "second", LC_FCFS, 1, 1);
    m->tasks[0].queue_length = 1;
    m->tasks[0].overflow = LC_OVERFLOW_BLOCK;
    struct lc_activity *first = add_source(m, "first", 0, 1);
    first->demand = lc_dist_exponential(2); /* two slices around the call: 1 before, 1 after */
    lc_add_call(first, LC_CALL_ASYNC, e, 1);
    struct lc_result *r = simulate(m);
    /* Between two sends lie two slices of 1: Erlang-2 arrivals of rate 1/2 at a server of rate 1 that holds two, the
     * third holds the sender. States (present, slices done); solved by the power method. */
    enum { MOST = 3 };
    double p[MOST + 1][2] = {{1, 0}};
    for (int step = 0; step < 4000; step++) {
        double q[MOST + 1][2] = {{0}};
        for (int n = 0; n <= MOST; n++)
            for (int k = 0; k < 2; k++) {
                const bool held = n == MOST;
                const double serve = n > 0 ? 0.25 : 0, go = held ? 0 : 0.25;
                q[n][k] += p[n][k] * (1 - serve - go);
                if (n > 0)
                    q[n - 1][k] += p[n][k] * serve;
                if (!held)
                    q[k == 1 ? n + 1 : n][1 - k] += p[n][k] * go;
            }
        memcpy(p, q, sizeof p);
    }
    expect("throughput", r->tasks[0].throughput, 1 - p[0][0] - p[0][1]);
    done(m, r);
}

/* Erlang's loss formula: whoever does not find a server at once is taken back. */
static void erlang_loss(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("M/M/3/3");
    const int e = add_server(m, "server", LC_FCFS, 3, 1);
    add_decision(m, 0, LC_ABORT, 1e-9);
    lc_add_call(add_source(m, "source", 2.4, 1), LC_CALL_SYNC, e, 1);
    struct lc_result *r = simulate(m);
    expect("lost", r->tasks[0].dropped, erlang_b(3, 2.4));
    expect("busy", r->tasks[0].utilization, 2.4 * (1 - erlang_b(3, 2.4)));
    done(m, r);
}

/* M/M/1 whose customers leave the queue after a fixed time (Barrer 1957). Below it the work ahead has the density
 * λ p₀ exp(−(μ − λ) w). */
static void impatience(void **state)
{
    (void)state;
    const double rho = 0.8, patience = 2;
    struct lc_model *m = lc_model_new("M/M/1+D");
    const int e = add_server(m, "server", LC_FCFS, 1, 1);
    add_decision(m, 0, LC_ABORT, patience);
    lc_add_call(add_source(m, "source", rho, 1), LC_CALL_SYNC, e, 1);
    struct lc_result *r = simulate(m);
    const double rest = exp(-(1 - rho) * patience);
    const double p0 = 1 / (1 + rho * (1 - rest) / (1 - rho) + rho * rest);
    expect("lost", r->tasks[0].dropped, rho * p0 * rest);
    expect("given up", r->tasks[0].given_up, p0 * rest * (1 + rho)); /* left, or still in service */
    expect("throughput", r->tasks[0].throughput, 1 - p0);
    done(m, r);
}

/* Abandoned requests stay in the queue: the server is M/M/1, the caller waits min(response, timeout). */
static void timeouts(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("timeout");
    const int e = add_server(m, "server", LC_FCFS, 1, 1);
    add_decision(m, 0, LC_TIMEOUT, 3);
    lc_add_call(add_source(m, "source", 0.6, 1), LC_CALL_SYNC, e, 1);
    struct lc_result *r = simulate(m);
    const double late = exp(-0.4 * 3);
    expect("timed out", r->tasks[0].timed_out, late);
    expect("given up", r->tasks[0].given_up, late);
    expect("response", r->workloads[0].response_time, (1 - late) / 0.4);
    expect("waiting", r->tasks[0].waiting_time, 0.6 / 0.4);
    expect("throughput", r->tasks[0].throughput, 0.6);
    done(m, r);
}

/* Attempts at a server without contention are independent: each is late with probability exp(−timeout). */
static void retries(void **state)
{
    (void)state;
    const double late = exp(-1.0), pause = 0.5;
    for (int kind = 0; kind < 2; kind++) {
        struct lc_model *m = lc_model_new("retry");
        const int e = add_server(m, "server", LC_INF, LC_INFINITE, 1),
                  spare = add_server(m, "spare", LC_INF, LC_INFINITE, 2);
        struct lc_decision *d = add_decision(m, 0, kind == 0 ? LC_RETRY : LC_INF_RETRY, 1);
        d->sleep = pause;
        d->max_retries = 2;
        d->to = kind == 0 ? spare : LC_NONE;
        lc_add_call(add_source(m, "source", 1, 1), LC_CALL_SYNC, e, 1);
        struct lc_result *r = simulate(m);
        const double again = kind == 0 ? late + late * late : late / (1 - late);
        const double lost = kind == 0 ? late * late * late : 0;
        expect("timed out", r->tasks[0].timed_out, late);
        expect("retries", r->tasks[0].retries, again);
        expect("given up", r->tasks[0].given_up, lost);
        expect("attempts", r->tasks[0].throughput, 1 + again);
        expect("diverted", r->tasks[1].throughput, lost);
        /* Each attempt lasts E[min(S, 1)] = 1 − exp(−1). */
        expect("response", r->workloads[0].response_time, (1 + again) * (1 - late) + again * pause + lost * 2);
        done(m, r);
    }
}

static int add_lock(struct lc_model *m, const char *const names[4], uint32_t readers)
{
    static const enum lc_entry_role roles[] = {LC_ROLE_READ_LOCK, LC_ROLE_READ_UNLOCK, LC_ROLE_WRITE_LOCK,
                                               LC_ROLE_WRITE_UNLOCK};
    const int processor = lc_add_processor(m, "lock"), task = lc_add_task(m, "lock", processor);
    m->processors[processor].scheduling = LC_INF;
    m->tasks[task].scheduling = LC_RWLOCK;
    m->tasks[task].multiplicity = readers;
    for (int i = 0; i < 4; i++) {
        const int entry = lc_add_entry(m, names[i], task);
        m->entries[entry].phases[0].present = true;
        m->entries[entry].role = roles[i];
    }
    return task;
}

/* Arrivals that lock, hold for an exponential time of mean 1, and unlock: with writers alone M/M/1, with readers alone
 * M/M/3. */
static void locks(void **state)
{
    (void)state;
    static const char *const names[] = {"r-lock", "r-unlock", "w-lock", "w-unlock"};
    for (int writers = 0; writers < 2; writers++) {
        const double rate = writers ? 0.6 : 2.1;
        struct lc_model *m = lc_model_new("lock");
        const int task = add_lock(m, names, 3), hold = add_server(m, "hold", LC_INF, LC_INFINITE, 1);
        struct lc_activity *users = add_source(m, "users", rate, 1);
        lc_add_call(users, LC_CALL_SYNC, lc_find_entry(m, names[2 * writers]), 1);
        lc_add_call(users, LC_CALL_SYNC, hold, 1);
        lc_add_call(users, LC_CALL_SYNC, lc_find_entry(m, names[2 * writers + 1]), 1);
        struct lc_result *r = simulate(m);
        double b = erlang_b(3, 2.1);
        const double waits = writers ? 0.6 : b / (1 - 0.7 * (1 - b)), wait = writers ? 0.6 / 0.4 : waits / 0.9;
        expect("response", r->workloads[0].response_time, 1 + wait);
        expect("blocked", r->tasks[task].lock_waiting[writers], wait / waits); /* of those who wait at all */
        expect("held", r->tasks[task].lock_utilization[writers], rate);
        expect("holding", r->tasks[task].lock_holding[writers], 1);
        done(m, r);
    }
}

/* A semaphore of two tokens, held for a time: M/M/2. */
static void semaphore(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("semaphore");
    const int processor = lc_add_processor(m, "tokens"), task = lc_add_task(m, "tokens", processor);
    m->processors[processor].scheduling = LC_INF;
    m->tasks[task].scheduling = LC_SEMAPHORE;
    m->tasks[task].multiplicity = 2;
    const int wait = lc_add_entry(m, "wait", task), signal = lc_add_entry(m, "signal", task);
    m->entries[wait].role = LC_ROLE_WAIT;
    m->entries[signal].role = LC_ROLE_SIGNAL;
    m->entries[wait].phases[0].present = m->entries[signal].phases[0].present = true;
    const int hold = add_server(m, "hold", LC_INF, LC_INFINITE, 1);
    struct lc_activity *users = add_source(m, "users", 1.4, 1);
    lc_add_call(users, LC_CALL_SYNC, wait, 1);
    lc_add_call(users, LC_CALL_SYNC, hold, 1);
    lc_add_call(users, LC_CALL_SYNC, signal, 1);
    struct lc_result *r = simulate(m);
    expect("response", r->workloads[0].response_time, 1 / (1 - 0.49)); /* 1/(1 − ρ²) */
    expect("tokens out", r->tasks[task].lock_utilization[0], 1.4);
    done(m, r);
}

/* Two groups on one processor, always busy: 70 to 30 by shares; a capped group never exceeds its share. */
static void shares(void **state)
{
    (void)state;
    for (int capped = 0; capped < 2; capped++) {
        struct lc_model *m = lc_model_new("cfs");
        const int processor = lc_add_processor(m, "cpu");
        m->processors[processor].scheduling = LC_CFS;
        m->processors[processor].quantum = 0.01;
        int tasks[2];
        for (int i = 0; i < 2; i++) {
            const int group = lc_add_group(m, i == 0 ? "gold" : "tin", processor);
            m->groups[group].share = i == 0 ? 0.7 : 0.3;
            m->groups[group].cap = i == 1 && capped;
            tasks[i] = lc_add_task(m, i == 0 ? "gold" : "tin", processor);
            m->tasks[tasks[i]].group = group;
            m->tasks[tasks[i]].multiplicity = 2;
            const int entry = lc_add_entry(m, i == 0 ? "gold" : "tin", tasks[i]);
            m->entries[entry].phases[0].present = true;
            m->entries[entry].phases[0].demand = lc_dist_exponential(0.1);
            if (i == 1 || !capped) /* with a cap, the other group is idle */
                lc_add_call(add_source(m, i == 0 ? "golden" : "tinny", 0, 2), LC_CALL_SYNC, entry, 1);
            else
                lc_add_call(add_source(m, "golden", 0.01, 1), LC_CALL_SYNC, entry, 1);
        }
        struct lc_result *r = simulate(m);
        if (capped) {
            const double quanta = 10 * m->processors[processor].quantum; /* at the ends of what is measured */
            assert_true(r->tasks[tasks[1]].processor_utilization.mean <= 0.3 + quanta / r->simulated_time);
            assert_true(r->tasks[tasks[1]].processor_utilization.mean > 0.299);
        } else {
            expect("gold", r->tasks[tasks[0]].processor_utilization, 0.7);
            expect("tin", r->tasks[tasks[1]].processor_utilization, 0.3);
        }
        done(m, r);
    }
}

/* One group alone is processor sharing: T = s / (1 − ρ). */
static void equal_shares(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("cfs as ps");
    const int processor = lc_add_processor(m, "cpu"), group = lc_add_group(m, "all", processor);
    m->processors[processor].scheduling = LC_CFS;
    m->processors[processor].quantum = 0.01;
    m->groups[group].share = 1;
    const int task = lc_add_task(m, "work", processor), entry = lc_add_entry(m, "work", task);
    m->tasks[task].group = group;
    m->tasks[task].scheduling = LC_INF;
    m->tasks[task].multiplicity = LC_INFINITE;
    m->entries[entry].phases[0].present = true;
    m->entries[entry].phases[0].demand = lci_dist_moments(1, 4);
    m->entries[entry].open_rate = 0.6;
    struct lc_result *r = simulate(m);
    expect("response", r->entries[entry].open_response_time, 1 / 0.4);
    done(m, r);
}

/* Customers who take a lock and keep it stop for ever, while others go on. */
static void deadlock(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    static const char text_of[] = "G \"\" 1e-5 50 10 0.9 -1\n"
                                  "P 0 p cc i p pp i -1\n"
                                  "T 0 t users r eu -1 cc m 3 t others r eo -1 cc t sem S get put -1 pp -1\n"
                                  "E 0 s eu 1 -1 y eu get 1 -1 s eo 1 -1 s get 1 -1 V get s put 1 -1 P put -1\n";
    struct lc_model *m = lc_model_parse(text_of, strlen(text_of), "kept.lqn", &diag);
    require(&diag);
    struct lc_sim_options options = lc_sim_defaults();
    assert_null(lc_simulate(m, &options, &diag));
    assert_int_equal(lc_diag_status(&diag), LC_INPUT);
    const char *text = diag.messages[diag.count - 1].text;
    assert_non_null(strstr(text, "deadlock"));
    assert_non_null(strstr(text, "every customer of 'users' waits"));
    lc_model_free(m);
    lc_diag_free(&diag);
}

/* Requests that have not begun yet are not taken for anything else, whatever their records held before. */
static void deadlock_among_new_requests(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("queue");
    const int entry = add_server(m, "server", LC_FCFS, 1, 1);
    m->entries[entry].open_rate = 0.9;
    struct lc_diag diag = {0};
    struct lci_program *program = lci_compile(m, &diag);
    require(&diag);
    struct lci_engine *e = lci_engine_new(program);
    lci_engine_reset(e, 1, 0);
    lci_engine_run(e, INFINITY, 1000);
    memset(e->threads, 0xa5, e->thread_capacity * sizeof *e->threads);
    lci_engine_reset(e, 1, 0);
    for (uint64_t events = 1; e->instances[0].queue.count < 3; events++)
        lci_engine_run(e, INFINITY, events);
    assert_null(lci_find_deadlock(e));
    lci_engine_free(e);
    lci_program_free(program);
    lc_model_free(m);
    lc_diag_free(&diag);
}

/* A source whose graph runs activities of these exponential demands (0: none), without contention. */
static struct lc_task *add_graph(struct lc_model *m, const double *demands, size_t count)
{
    const int processor = lc_add_processor(m, "source"), task = lc_add_task(m, "source", processor);
    m->processors[processor].scheduling = LC_INF;
    m->tasks[task].scheduling = LC_REF;
    const int entry = lc_add_entry(m, "source", task);
    for (size_t i = 0; i < count; i++) {
        const char name[] = {(char)('a' + i), 0};
        const int activity = lc_add_activity(m, task, name);
        if (demands[i] > 0)
            m->tasks[task].activities[activity].demand = lc_dist_exponential(demands[i]);
    }
    m->entries[entry].start = 0;
    return &m->tasks[task];
}

static void add_and_fork(struct lc_task *t, int from, const int *to, size_t count)
{
    lc_add_precedence(t, LC_JOIN_NONE, &from, 1, LC_FORK_AND, to, NULL, count, LC_NONE);
}

static void add_and_join(struct lc_task *t, int one, int other, int to)
{
    lc_add_precedence(t, LC_JOIN_AND, (const int[]){one, other}, 2, LC_FORK_NONE, &to, NULL, 1, LC_NONE);
}

/* a → b & c; b → d & e; e & c → f; d & f → g: the first join gathers a branch of each fork, the second what is left.
 * With c, d, e, f exponential of mean 1 the first lasts max(e, c), 3/2, and all of it max(d, max(e, c) + f), whose mean
 * is 5/2 + 1 − E min = 5/2 + 1 − (1 − 1/3 × 1/2). */
static void overlapping_joins(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("overlapping joins");
    struct lc_task *t = add_graph(m, (const double[]){0, 0, 1, 1, 1, 1, 0}, 7);
    add_and_fork(t, 0, (const int[]){1, 2}, 2);
    add_and_fork(t, 1, (const int[]){3, 4}, 2);
    add_and_join(t, 3, 5, 6); /* declared before the join that it waits for */
    add_and_join(t, 4, 2, 5);
    struct lc_result *r = simulate(m);
    expect("first join", r->joins[1].delay, 1.5);
    expect("second join", r->joins[0].delay, 8.0 / 3);
    expect("throughput", r->tasks[0].throughput, 3.0 / 8);
    done(m, r);
}

/* a → b & c → d of twenty customers who do not know of each other: the longest of two, and d. A customer's own thread
 * may end before the other branch does; its next fork is no part of the one before, whose record another customer may
 * have. */
static void forks_of_many_customers(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("forks of many customers");
    struct lc_task *t = add_graph(m, (const double[]){0, 1, 1, 0.1}, 4);
    t->multiplicity = 20;
    add_and_fork(t, 0, (const int[]){1, 2}, 2);
    add_and_join(t, 1, 2, 3);
    struct lc_result *r = simulate(m);
    expect("join", r->joins[0].delay, 1.5);
    expect("throughput", r->tasks[0].throughput, 20 / 1.6);
    done(m, r);
}

/* Mean time to the end of a → b & c; b → d & e; e & c → f, all of mean 1, when the activities in `ended` have: of those
 * that can run one ends after 1 / their number, each as likely as the others. */
static double time_left(unsigned ended)
{
    static const unsigned needs[] = {0, 1u << 0, 1u << 0, 1u << 1, 1u << 1, 1u << 2 | 1u << 4};
    double sum = 1;
    unsigned running = 0;
    for (unsigned i = 0; i < 6; i++)
        if (!(ended >> i & 1) && (ended & needs[i]) == needs[i]) {
            running++;
            sum += time_left(ended | 1u << i);
        }
    return running > 0 ? sum / running : 0;
}

/* d joins nothing: f begins without it, and the cycle ends with the later one of the two, after 4.458. LQSIM says
 * 0.2147 ± 0.0034 cycles, which is 1 / 4.667: it lets f wait for d. */
static void join_beside_a_branch(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("a join beside a branch");
    struct lc_task *t = add_graph(m, (const double[]){1, 1, 1, 1, 1, 1}, 6);
    add_and_fork(t, 0, (const int[]){1, 2}, 2);
    add_and_fork(t, 1, (const int[]){3, 4}, 2);
    add_and_join(t, 4, 2, 5);
    struct lc_result *r = simulate(m);
    expect("throughput", r->tasks[0].throughput, 1 / time_left(0));
    done(m, r);
}

/* a → b & c & d & e, joined two and two, and these joined: the longest of four. */
static void joins_of_joins(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("joins of joins");
    struct lc_task *t = add_graph(m, (const double[]){0, 1, 1, 1, 1, 0, 0, 0}, 8);
    add_and_fork(t, 0, (const int[]){1, 2, 3, 4}, 4);
    add_and_join(t, 1, 4, 5);
    add_and_join(t, 2, 3, 6);
    add_and_join(t, 5, 6, 7);
    struct lc_result *r = simulate(m);
    expect("pairs", r->joins[0].delay, 1.5);
    expect("all", r->joins[2].delay, 25.0 / 12);
    expect("throughput", r->tasks[0].throughput, 12.0 / 25);
    done(m, r);
}

/* a → ½ b + ½ c; b → d & e; d + c → f: what was a branch goes on where the other alternative would. The cycle ends with
 * the later one of f and e. With all of mean 1 but e of 3 and c of 2, d and f last an Erlang time of mean 2, and the
 * shorter one of that and e ∫ (1 + t) exp(−4t/3) dt = 21/16. */
static void branch_joins_an_alternative(void **state)
{
    (void)state;
    struct lc_model *m = lc_model_new("a branch joins an alternative");
    struct lc_task *t = add_graph(m, (const double[]){1, 1, 2, 1, 3, 1}, 6);
    const int from = 0, to = 5;
    lc_add_precedence(t, LC_JOIN_NONE, &from, 1, LC_FORK_OR, (const int[]){1, 2}, (const double[]){0.5, 0.5}, 2,
                      LC_NONE);
    add_and_fork(t, 1, (const int[]){3, 4}, 2);
    lc_add_precedence(t, LC_JOIN_OR, (const int[]){3, 2}, 2, LC_FORK_NONE, &to, NULL, 1, LC_NONE);
    struct lc_result *r = simulate(m);
    expect("throughput", r->tasks[0].throughput, 1 / (1 + 0.5 * (1 + 2 + 3 - 21.0 / 16) + 0.5 * 3));
    done(m, r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rejecting),
        cmocka_unit_test(blocking),
        cmocka_unit_test(erlang_loss),
        cmocka_unit_test(impatience),
        cmocka_unit_test(timeouts),
        cmocka_unit_test(retries),
        cmocka_unit_test(locks),
        cmocka_unit_test(semaphore),
        cmocka_unit_test(shares),
        cmocka_unit_test(equal_shares),
        cmocka_unit_test(deadlock),
        cmocka_unit_test(deadlock_among_new_requests),
        cmocka_unit_test(overlapping_joins),
        cmocka_unit_test(forks_of_many_customers),
        cmocka_unit_test(join_beside_a_branch),
        cmocka_unit_test(joins_of_joins),
        cmocka_unit_test(branch_joins_an_alternative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
