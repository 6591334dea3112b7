/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How well calibration finds hidden limits: bench_calibrate [SYSTEMS [FIRST [REQUESTS]]] (100 from 1, 1500 requests).
 * Each system is a station with a random limit, recorded at 20, 40 and 60 % of what it can serve, so many requests
 * each. Printed: the kind and size that was hidden, what is found, and predicted mean responses at 80 and 90 % against
 * those of the station itself (closed forms where there are any). Behind them, the same of an oracle that knows
 * everything but the mean of the times, which it takes from what the same requests would have taken alone: no method
 * can be better than chance leaves it. The last lines count: kinds, intervals that hold the size, predictions within 10
 * %; and in how many systems the Universal Scalability Law (throughput against the number of requests present, fitted
 * to the same three loads) is further from the throughput at 1.5 and 2 times the highest number than calibration is. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "loadcast/calibrate.h"
#include "loadcast/edit.h"
#include "loadcast/sim.h"
#include "model/lqn.h"
#include "model/random/generator.h"

#include "tests/support/hand_visits.h"
#include "tests/support/hidden_limits.h"

enum { LOADS = 3, MANY = 400000, RUNS = 10, GRID = 8 };

static size_t each = 1500; /* requests of a load */

struct system {
    struct hidden hidden;
    bool called; /* a pool of connections to a server without spans */
    double capacity;
    enum lc_limit_kind kind;
    double size;
};

static double uniform(struct lc_random *random, double low, double high)
{
    return low + (high - low) * lci_random_uniform(random);
}

static struct system system_of(uint64_t seed)
{
    struct lc_random random;
    struct system s = {0};
    lc_random_init(&random, seed, 0, "system", "bench");
    struct hidden *h = &s.hidden;
    const int kind = (int)(seed % 5);
    h->shape = (int[]){1, 2, 4, 0}[(int)(4 * lci_random_uniform(&random))];
    h->work = exp(uniform(&random, log(0.01), log(0.2)));
    h->size = 1;
    if (kind == 0 || kind == 1) { /* threads, connections */
        h->kind = HIDDEN_THREADS;
        h->size = 1 + (int)(6 * lci_random_uniform(&random));
        s.called = kind == 1;
        s.kind = s.called ? LC_LIMIT_CONNECTIONS : LC_LIMIT_THREADS;
    } else if (kind == 2) {
        h->kind = HIDDEN_CORES;
        h->size = 1 + (int)(4 * lci_random_uniform(&random));
        s.kind = LC_LIMIT_CORES;
    } else if (kind == 3) {
        const double share = uniform(&random, 0.35, 0.85), before = lci_random_uniform(&random);
        h->kind = HIDDEN_LOCK;
        h->before = h->work * (1 / share - 1) * before;
        h->after = h->work * (1 / share - 1) * (1 - before);
        s.kind = LC_LIMIT_LOCK;
    } else {
        h->kind = HIDDEN_NONE;
        s.kind = LC_LIMIT_NONE;
    }
    s.capacity = h->size / h->work;
    s.size = s.kind == LC_LIMIT_LOCK ? h->work : s.kind == LC_LIMIT_NONE ? (double)INFINITY : (double)h->size;
    return s;
}

static double mean_response(const struct hidden_request *r, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (r[i].end - r[i].begin) / (double)count;
    return sum;
}

/* E[S²]/E[S]² of a time; 0.887 is that of hidden_time(). */
static double second_moment(int shape)
{
    return shape > 0 ? 1 + 1.0 / shape : (1 / 0.887 + 1 / 0.113) / 2;
}

/* The part of all arrivals that finds `servers` of them busy, which have `load` (below `servers`): Erlang's C. */
static double erlang_c(int servers, double load)
{
    double blocked = 1; /* Erlang's B */
    for (int c = 1; c <= servers; c++)
        blocked = load * blocked / (c + load * blocked);
    return blocked / (1 - load / servers * (1 - blocked));
}

static double simulated(const struct hidden *h, double rate, int runs)
{
    struct hidden_request *r = calloc(MANY, sizeof *r);
    double mean = 0;
    for (int i = 0; i < runs; i++) {
        hidden_run(h, 99 + (uint64_t)i, &rate, 1, MANY, r);
        mean += mean_response(r + MANY / 10, MANY - MANY / 10) / runs;
    }
    free(r);
    return mean;
}

/* The mean response at a rate, if the times were by a factor longer. M/G/1 (Pollaczek and Khinchin), for locks too:
 * what comes from behind a delay of its own is Poisson again. M/M/c; processor sharing has its mean whatever the
 * distribution (Kelly). Of queues of several servers otherwise: simulated in so many runs. */
static double response_at(const struct system *s, double rate, double factor, int runs)
{
    const struct hidden *h = &s->hidden;
    const double work = factor * h->work, load = rate * work, idle = 1 - load / h->size;
    if (!(idle > 0))
        return INFINITY;
    if (h->kind != HIDDEN_CORES && h->size == 1)
        return factor * (h->before + h->after) + work + load * work * second_moment(h->shape) / (2 * idle);
    if (h->kind == HIDDEN_CORES || h->shape == 1)
        return work + erlang_c(h->size, load) * work / (h->size * idle);
    return factor * simulated(h, factor * rate, runs);
}

/* By which factor the recorded requests' own times are longer than the mean of all. */
static double factor_of(const struct system *s, const struct hidden_request *requests)
{
    double sum = 0;
    for (size_t i = 0; i < LOADS * each; i++)
        sum += requests[i].served / (double)(LOADS * each);
    return sum / (s->hidden.before + s->hidden.work + s->hidden.after);
}

/* ---- recordings, and models of them ------------------------------------------------------------------------------ */

static void record(struct hand *hand, const struct system *s, const struct hidden_request *requests)
{
    const uint32_t shop = hand_operation(hand, "shop", "GET /"), db = hand_operation(hand, "db", "query");
    lci_task_add(hand->visits, hand_symbol(hand, "db"))->external = hand->visits->operations[db].external = s->called;
    hand->visits->operations[db].caller = hand_symbol(hand, "shop");
    for (size_t i = 0; i < LOADS * each; i++) {
        const double time = requests[i].end - requests[i].begin;
        const struct lci_call call = hand_call(db, 0, time);
        hand_visit(hand, shop, 0, true, requests[i].begin, time, &call, s->called);
        if (s->called)
            hand_visit(hand, db, 0, false, requests[i].begin, time, NULL, 0);
    }
}

static struct lc_capacity capacity_of(const struct lc_calibrated *found, struct lc_pool *pool)
{
    static char db[] = "db";
    struct lc_capacity c = {.task = "shop"};
    if (found->kind == LC_LIMIT_THREADS || found->kind == LC_LIMIT_BEFORE)
        c.threads = (uint32_t)found->size;
    c.cores = found->kind == LC_LIMIT_CORES ? found->size : 0;
    c.locks = found->kind == LC_LIMIT_LOCK;
    if (found->kind == LC_LIMIT_CONNECTIONS) {
        *pool = (struct lc_pool){db, (uint32_t)found->size};
        c.pools = pool;
        c.pool_count = 1;
    }
    if (found->target != NULL && found->kind != LC_LIMIT_CONNECTIONS)
        c.task = "db";
    return c;
}

static void deploy(struct lc_model *model, const struct lc_calibrated *found)
{
    const char *owner = found->target != NULL && found->kind != LC_LIMIT_CONNECTIONS ? "db" : "shop";
    const char *key = found->kind == LC_LIMIT_CORES         ? "cores"
                      : found->kind == LC_LIMIT_LOCK        ? "lock.hold"
                      : found->kind == LC_LIMIT_CONNECTIONS ? "connections.db"
                                                            : "concurrency";
    char *path = lc_format("%s.%s", owner, key);
    const double share = found->size / found->own;
    char *value = found->kind != LC_LIMIT_LOCK ? lc_format("%.0f", found->size)
                  : share >= 0.97              ? lc_strdup("100 %")
                                               : lc_format("{mean: %.6g s, cv2: %.4g}", found->size, found->cv2);
    struct lc_diag diag = {0};
    if (found->kind != LC_LIMIT_NONE && found->kind != LC_LIMIT_GROWTH && lc_edit(model, path, value, &diag, NULL) != 0)
        printf("%s\n", diag.messages[diag.count - 1].text);
    lc_diag_free(&diag);
    free(path);
    free(value);
}

/* Requests from outside, who wait for the answer. */
static void let_users_in(struct lc_model *model)
{
    const int away = lc_add_processor(model, "away"), users = lc_add_task(model, "users", away);
    const int all = lc_add_entry(model, "all", users);
    model->processors[away].scheduling = LC_INF;
    model->processors[away].multiplicity = LC_INFINITE;
    model->tasks[users].scheduling = LC_OPEN;
    model->tasks[users].service = false;
    model->entries[all].phases[0].deterministic = true;
    lc_add_call(&model->entries[all].phases[0], LC_CALL_SYNC, lc_find_entry(model, "shop/GET /"), 1);
}

static struct lc_model *learn(const struct system *s, const struct hidden_request *requests,
                              const struct lc_calibrated *found)
{
    struct lc_pool pool;
    const struct lc_capacity capacity = capacity_of(found, &pool);
    const struct lc_learn_options options = {.capacities = &capacity, .capacity_count = 1, .rare = 0.01};
    struct hand hand = hand_begin(&options);
    struct lc_learned learned;
    struct lc_diag diag = {0};
    record(&hand, s, requests);
    struct lc_model *model = NULL;
    if (lc_learner_finish(hand.learner, &learned, &diag) == 0) {
        model = lc_model_copy(learned.model);
        deploy(model, found);
        let_users_in(model);
    }
    lc_learned_free(&learned);
    lc_diag_free(&diag);
    hand_end(&hand);
    return model;
}

/* Of the model; infinite when that is too much for it. */
static double predicted_at(struct lc_model *model, double rate, double precision)
{
    struct lc_diag diag = {0};
    struct lc_sim_options options = lc_sim_defaults();
    options.precision = precision;
    options.max_time_s = 20;
    struct lc_task *users = &model->tasks[lc_find_task(model, "users")];
    lc_dist_free(&users->arrivals);
    users->arrivals = lc_dist_exponential(1 / rate);
    struct lc_result *r = lc_model_check(model, &diag) == 0 ? lc_simulate(model, &options, &diag) : NULL;
    const double mean = r != NULL ? r->workloads[0].response_time.mean : INFINITY;
    if (r != NULL)
        lc_result_free(r);
    lc_diag_free(&diag);
    return mean;
}

/* ---- the Universal Scalability Law ------------------------------------------------------------------------------- */

/* X(N) = γN / (1 + α(N − 1) + βN(N − 1)), by least squares of N/X, which is linear in 1/γ, α/γ, β/γ, all of them 0 or
 * more. */
struct usl {
    double one, alpha, beta; /* over γ */
};

static struct usl fit_usl(const double *n, const double *x)
{
    struct usl best = {0};
    double least = INFINITY;
    for (int with = 0; with < 4; with++) { /* by normal equations of up to three unknowns */
        double a[3][4] = {{0}};
        const int use[3] = {1, with & 1, with >> 1};
        for (int i = 0; i < LOADS; i++) {
            const double terms[3] = {1, use[1] * (n[i] - 1), use[2] * n[i] * (n[i] - 1)}, y = n[i] / x[i];
            for (int r = 0; r < 3; r++)
                for (int c = 0; c < 4; c++)
                    a[r][c] += terms[r] * (c < 3 ? terms[c] : y);
        }
        for (int r = 0; r < 3; r++)
            a[r][r] += use[r] ? 1e-12 : 1;
        for (int p = 0; p < 3; p++)
            for (int r = 0; r < 3; r++)
                for (int c = 3; r != p && c >= p; c--)
                    a[r][c] -= a[r][p] / a[p][p] * a[p][c];
        const struct usl u = {a[0][3] / a[0][0], a[1][3] / a[1][1], a[2][3] / a[2][2]};
        double squares = 0;
        for (int i = 0; i < LOADS; i++)
            squares += pow(n[i] / (u.one + u.alpha * (n[i] - 1) + u.beta * n[i] * (n[i] - 1)) - x[i], 2);
        if (u.one > 0 && u.alpha >= 0 && u.beta >= 0 && squares < least) {
            least = squares;
            best = u;
        }
    }
    return best;
}

/* The throughput at which `wanted` requests are present, between the loads of a grid; rates[] and means of response. */
static double throughput_at(const double *rates, const double *response, double wanted)
{
    for (int i = 1; i < GRID; i++) {
        const double low = rates[i - 1] * response[i - 1], high = rates[i] * response[i];
        if (high >= wanted)
            return isfinite(high) && high > low
                       ? rates[i - 1] + (rates[i] - rates[i - 1]) * fmax(0, wanted - low) / (high - low)
                       : rates[i - 1];
    }
    return rates[GRID - 1];
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

struct counts {
    int systems, limited, kinds, sizes, sized, near[2], oracle[2], usl, nearer;
};

static void compare_usl(const struct system *s, struct lc_model *model, const struct hidden_request *requests,
                        struct counts *counts)
{
    static const double loads[GRID] = {0.5, 0.6, 0.7, 0.76, 0.82, 0.88, 0.93, 0.97};
    double rates[GRID], truth[GRID], ours[GRID], n[LOADS], x[LOADS];
    for (int i = 0; i < GRID; i++) {
        rates[i] = loads[i] * s->capacity;
        truth[i] = response_at(s, rates[i], 1, 1);
        ours[i] = predicted_at(model, rates[i], 0.04);
    }
    for (int l = 0; l < LOADS; l++) {
        const struct hidden_request *r = requests + (size_t)l * each;
        x[l] = (double)(each - 1) / (r[each - 1].begin - r[0].begin);
        n[l] = x[l] * mean_response(r, each);
    }
    const struct usl usl = fit_usl(n, x);
    for (int k = 0; k < 2; k++) {
        const double wanted = (k == 0 ? 1.5 : 2) * n[LOADS - 1], right = throughput_at(rates, truth, wanted);
        const double law = wanted / (usl.one + usl.alpha * (wanted - 1) + usl.beta * wanted * (wanted - 1));
        counts->usl++;
        counts->nearer += fabs(throughput_at(rates, ours, wanted) - right) <= fabs(law - right);
    }
}

static void compare_means(const struct system *s, struct lc_model *model, const struct hidden_request *requests,
                          struct counts *counts)
{
    const double factor = factor_of(s, requests);
    for (int k = 0; k < 2; k++) {
        const double rate = (k == 0 ? 0.8 : 0.9) * s->capacity, right = response_at(s, rate, 1, RUNS);
        const double ours = predicted_at(model, rate, 0.015) / right - 1;
        const double oracle = response_at(s, rate, factor, RUNS) / right - 1;
        counts->near[k] += fabs(ours) < 0.1;
        counts->oracle[k] += fabs(oracle) < 0.1;
        printf("  %d %%: %+.1f %% (%+.1f %%)", k == 0 ? 80 : 90, 100 * ours, 100 * oracle);
    }
}

static void try_system(uint64_t seed, struct counts *counts)
{
    const struct system s = system_of(seed);
    const double rates[LOADS] = {0.2 * s.capacity, 0.4 * s.capacity, 0.6 * s.capacity};
    struct hidden_request *requests = calloc(LOADS * each, sizeof *requests);
    const struct lc_learn_options options = {.kept = SIZE_MAX};
    struct hand hand = hand_begin(&options);
    struct lc_calibration c;
    struct lc_diag diag = {0};
    hidden_run(&s.hidden, seed, rates, LOADS, each, requests);
    record(&hand, &s, requests);
    lc_calibrate(hand.learner, &c, &diag);
    const struct lc_calibrated *found = NULL;
    for (size_t i = 0; i < c.count; i++)
        if ((c.items[i].target != NULL) == s.called)
            found = &c.items[i];
    const bool kind = found->kind == s.kind, held = kind && found->low <= s.size && s.size <= found->high;
    counts->systems++;
    counts->kinds += kind;
    if (kind && s.kind != LC_LIMIT_NONE) {
        counts->sized++;
        counts->sizes += held;
    }
    printf("%3llu %-12s %8.4g -> %-24s %8.4g [%.4g, %.4g] %s", (unsigned long long)seed, lc_limit_word(s.kind), s.size,
           lc_limit_word(found->kind), found->size, found->low, found->high,
           kind ? held || s.kind == LC_LIMIT_NONE ? "ok  " : "size" : "KIND");
    struct lc_model *model = learn(&s, requests, found);
    if (model != NULL && s.kind != LC_LIMIT_NONE) {
        counts->limited++;
        compare_means(&s, model, requests, counts);
        compare_usl(&s, model, requests, counts);
    }
    printf("\n");
    fflush(stdout);
    lc_model_free(model);
    lc_calibration_free(&c);
    lc_diag_free(&diag);
    hand_end(&hand);
    free(requests);
}

int main(int argc, char **argv)
{
    const int systems = argc > 1 ? atoi(argv[1]) : 100, first = argc > 2 ? atoi(argv[2]) : 1;
    struct counts n = {0};
    each = argc > 3 ? (size_t)atoi(argv[3]) : each;
    for (int i = 0; i < systems; i++)
        try_system((uint64_t)(first + i), &n);
    printf(
        "kind right: %d of %d; size within its interval: %d of %d; mean response within 10 %%: of %d at 80 %% of the "
        "capacity %d (oracle %d), at 90 %% %d (oracle %d); nearer than the Universal Scalability Law: %d of %d\n",
        n.kinds, n.systems, n.sizes, n.sized, n.limited, n.near[0], n.oracle[0], n.near[1], n.oracle[1], n.nearer,
        n.usl);
    return 0;
}
