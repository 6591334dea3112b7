/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random models of services with policies and with replicas that come and go, each valid: sources, then servers that
 * call later ones. The same seed gives the same model. Times are seconds, demands some hundredths.
 */
#ifndef TESTS_RANDOM_POLICIES_H
#define TESTS_RANDOM_POLICIES_H

#include "model/dist/dist.h"
#include "model/policy.h"
#include "model/random/generator.h"
#include "support/random_model.h"

static inline double random_between(struct random_model *g, double low, double high)
{
    return low + (high - low) * lci_random_uniform(&g->random);
}

static inline struct lc_dist random_time(struct random_model *g, double mean)
{
    switch (random_below(g, 3)) {
    case 0: return lc_dist_exponential(mean);
    case 1: return lc_dist_deterministic(mean);
    default: return lci_dist_moments(mean, random_between(g, 0.3, 3));
    }
}

/* ---- policies ---------------------------------------------------------------------------------------------------- */

static inline void random_attempts(struct random_model *g, struct lc_policy *p)
{
    p->timeout = random_chance(g, 0.7) ? random_between(g, 0.05, 1) : p->timeout;
    p->errors = random_chance(g, 0.3) ? (enum lci_errors)(1 + random_below(g, 2)) : p->errors;
    if (random_chance(g, 0.4)) {
        p->retries_max = random_chance(g, 0.1) ? (double)INFINITY : 1 + random_below(g, 3);
        p->backoff = random_between(g, 0.02, 0.5);
        p->jitter = (enum lci_jitter)(1 + random_below(g, 4));
        p->cap = random_chance(g, 0.3) ? 0.4 : p->cap;
        p->budget = random_chance(g, 0.4) ? random_between(g, 0, 0.5) : p->budget;
        p->retry_on = random_chance(g, 0.3) ? (enum lci_retry_on)(1 + random_below(g, 3)) : p->retry_on;
    }
    if (random_chance(g, 0.3)) {
        p->hedge_after = random_chance(g, 0.2) ? 0 : random_between(g, 0.02, 0.3);
        p->hedge_max = 1 + random_below(g, 2);
        p->hedge_losers = (enum lci_losers)(1 + random_below(g, 2));
    }
    if (random_chance(g, 0.2)) {
        p->hit_ratio = lci_random_uniform(&g->random);
        p->hit_time = random_chance(g, 0.5) ? random_between(g, 0, 0.1) : p->hit_time;
    }
}

static inline void random_admission(struct random_model *g, struct lc_policy *p)
{
    if (random_chance(g, 0.3)) {
        p->breaker_window = random_between(g, 0.5, 5);
        p->breaker_open = random_between(g, 0.1, 5);
        p->breaker_ratio = random_between(g, 0.05, 1);
        p->breaker_minimum = 1 + random_below(g, 5);
        p->breaker_probes = 1 + random_below(g, 3);
    }
    p->bulkhead = random_chance(g, 0.25) ? 1 + random_below(g, 6) : p->bulkhead;
    if (random_chance(g, 0.25)) {
        p->limit_rate = random_between(g, 1, 15);
        p->limit_burst = 1 + random_below(g, 5);
        p->limit_overflow = (enum lci_limit_overflow)(1 + random_below(g, 2));
    }
    p->shed_length = random_chance(g, 0.2) ? random_below(g, 6) : p->shed_length;
    p->shed_age = random_chance(g, 0.2) ? random_between(g, 0.02, 0.5) : p->shed_age;
}

/* For every caller, and maybe for one of them. */
static inline void random_rules(struct random_model *g, int task)
{
    for (int pass = 0; pass < 2; pass++) {
        if (random_chance(g, pass == 0 ? 0.4 : 0.7))
            continue;
        struct lc_policy *p = lci_policies_of(g->model, task, pass == 0 ? LC_NONE : random_below(g, task), true);
        random_attempts(g, p);
        if (g->model->tasks[task].overflow != LC_OVERFLOW_BLOCK)
            random_admission(g, p);
    }
}

/* ---- replicas that come and go ----------------------------------------------------------------------------------- */

static inline void random_disturbance(struct random_model *g, struct lc_disturbance *d)
{
    d->at = random_chance(g, 0.5) ? random_below(g, 15) : random_between(g, 0, 15);
    d->length = random_chance(g, 0.5) ? 1 + random_below(g, 8) : random_between(g, 0.1, 8);
    d->replicas = (uint32_t)random_below(g, 3);
}

static inline void random_scaling(struct random_model *g, struct lc_elastic *e)
{
    e->maximum = 1 + (uint32_t)random_below(g, 5);
    e->minimum = (uint32_t)random_below(g, (int)e->maximum + 1);
    if (random_chance(g, 0.7))
        e->start_up = random_time(g, random_between(g, 0.1, 3));
    if (random_chance(g, 0.4)) {
        e->keep_alive = random_time(g, random_between(g, 0.1, 3));
        return;
    }
    e->target_load = random_between(g, 0.2, 0.9);
    e->target_queue = random_chance(g, 0.3) ? random_between(g, 0.5, 3) : 0;
    e->period = random_chance(g, 0.5) ? 1 + random_below(g, 3) : random_between(g, 0.3, 3);
    e->cooldown = random_chance(g, 0.5) ? random_between(g, 0, 5) : 0;
    e->down_delay = random_chance(g, 0.3) ? random_between(g, 0, 5) : 0;
}

/* `steady`: nothing happens at given times. */
static inline void random_elastic(struct random_model *g, int task, bool steady)
{
    struct lc_task *t = &g->model->tasks[task];
    const enum lc_scheduling kind = g->model->processors[t->processor].scheduling;
    struct lc_elastic *e = &t->elastic;
    if (t->overflow == LC_OVERFLOW_BLOCK)
        return;
    if (random_chance(g, 0.35) && (t->multiplicity != LC_INFINITE || kind != LC_INF))
        random_scaling(g, e);
    if (kind == LC_RAND)
        return;
    if (random_chance(g, 0.25)) {
        e->up = random_time(g, random_between(g, 0.5, 20));
        e->down = random_time(g, random_between(g, 0.1, 5));
    }
    if (steady)
        return;
    if (random_chance(g, 0.3))
        random_disturbance(g, &e->outage);
    if (kind != LC_INF && random_chance(g, 0.3)) {
        random_disturbance(g, &e->slow_down);
        e->slow_down.speed = random_between(g, 0.1, 0.9);
    }
}

/* ---- elements ---------------------------------------------------------------------------------------------------- */

static inline void random_work(struct random_model *g, int task, struct lc_activity *a)
{
    a->present = true;
    a->demand = random_time(g, random_between(g, 0.01, 0.12));
    a->deterministic = random_chance(g, 0.5);
    if (random_chance(g, 0.2))
        a->think = random_time(g, random_between(g, 0.01, 0.2));
    for (int n = random_below(g, 3); n > 0; n--) {
        const bool async = random_chance(g, 0.25);
        const int to = random_target(g, task, async);
        bool known = to == LC_NONE;
        for (size_t i = 0; i < a->call_count; i++)
            known = known || a->calls[i].entry == to;
        if (!known)
            lc_add_call(a, async ? LC_CALL_ASYNC : LC_CALL_SYNC, to,
                        a->deterministic ? 1 : random_between(g, 0.2, 1.5));
    }
}

static inline int random_step(struct random_model *g, int task)
{
    char *name = lc_format("a%d", g->number++);
    const int index = lc_add_activity(g->model, task, name);
    free(name);
    random_work(g, task, &g->model->tasks[task].activities[index]);
    return index;
}

/* A step, two or three at the same time of which some are waited for, and the answer. */
static inline void random_fork(struct random_model *g, int entry)
{
    const int task = g->model->entries[entry].task, first = random_step(g, task);
    const size_t n = 2 + (size_t)random_below(g, 2);
    int branch[3];
    for (size_t i = 0; i < n; i++)
        branch[i] = random_step(g, task);
    const int last = random_step(g, task);
    struct lc_task *t = &g->model->tasks[task];
    g->model->entries[entry].start = first;
    lc_add_precedence(t, LC_JOIN_NONE, &first, 1, LC_FORK_AND, branch, NULL, n, LC_NONE);
    lc_add_precedence(t, LC_JOIN_AND, branch, n, LC_FORK_NONE, &last, NULL, 1, LC_NONE)->quorum =
        random_chance(g, 0.5) ? 1 + (uint32_t)random_below(g, (int)n) : 0;
    if (!g->async[entry])
        lc_add_reply(&t->activities[last], entry);
}

static inline void random_contents(struct random_model *g, int entry)
{
    struct lc_entry *e = &g->model->entries[entry];
    const bool source = lc_is_source(&g->model->tasks[e->task]);
    if (!source && random_chance(g, 0.25)) {
        random_fork(g, entry);
        return;
    }
    random_work(g, e->task, &e->phases[0]);
    if (source) { /* whose processor has no limit */
        const int to = random_target(g, e->task, false);
        if (e->phases[0].call_count == 0 && to != LC_NONE)
            lc_add_call(&e->phases[0], LC_CALL_SYNC, to, 1);
    } else if (random_chance(g, 0.2)) {
        random_work(g, e->task, &e->phases[1]);
    }
}

static inline int random_place(struct random_model *g, enum lc_scheduling scheduling, const char *kind)
{
    char *name = lc_format("%s%zu", kind, g->model->task_count);
    const int processor = lc_add_processor(g->model, name), task = lc_add_task(g->model, name, processor);
    g->model->processors[processor].scheduling = scheduling;
    g->model->processors[processor].multiplicity =
        scheduling == LC_INF ? LC_INFINITE : 1 + (uint32_t)random_below(g, 3);
    free(name);
    return task;
}

static inline void random_visitors(struct random_model *g)
{
    const int task = random_place(g, LC_INF, "source");
    struct lc_task *t = &g->model->tasks[task];
    t->scheduling = random_chance(g, 0.5) ? LC_OPEN : LC_REF;
    if (t->scheduling == LC_OPEN) {
        t->arrivals = random_time(g, random_between(g, 0.1, 1));
    } else {
        t->multiplicity = 1 + (uint32_t)random_below(g, 10);
        t->think_time = random_time(g, random_between(g, 0.2, 2));
    }
    random_entry(g, task, false);
}

static inline void random_component(struct random_model *g, bool steady)
{
    static const enum lc_scheduling processors[] = {LC_FCFS, LC_FCFS, LC_PS, LC_HOL, LC_PP, LC_RAND, LC_INF};
    static const enum lc_scheduling tasks[] = {LC_FCFS, LC_FCFS, LC_HOL, LC_PP, LC_RAND, LC_POLL, LC_INF};
    const int task = random_place(g, processors[random_below(g, 7)], "server");
    struct lc_task *t = &g->model->tasks[task];
    struct lc_processor *p = &g->model->processors[t->processor];
    t->scheduling = tasks[random_below(g, 7)];
    t->multiplicity = t->scheduling == LC_INF ? LC_INFINITE : 1 + (uint32_t)random_below(g, 4);
    t->replicas = p->replicas = 1 + (uint32_t)random_below(g, 3);
    t->balance = LC_BALANCE_RANDOM + (enum lc_balance)random_below(g, 6);
    t->priority = random_below(g, 3);
    if (t->multiplicity != LC_INFINITE && random_chance(g, 0.25)) {
        t->queue_length = 1 + (uint32_t)random_below(g, 10);
        t->overflow = (enum lc_overflow)random_below(g, 3);
    }
    random_elastic(g, task, steady);
    for (int n = 1 + random_below(g, 2); n > 0; n--) {
        const int entry = random_entry(g, task, n == 2);
        g->model->entries[entry].priority = random_below(g, 3);
    }
}

/* Owned by the caller. */
static inline struct lc_model *random_policies(uint64_t seed, bool steady)
{
    struct random_model g = {.model = lc_model_new("random policies"), .flags = RANDOM_MODEL_LQN};
    lc_random_init(&g.random, seed, 0, "policies", "test");
    for (int n = 1 + random_below(&g, 2); n > 0; n--)
        random_visitors(&g);
    const int first = (int)g.model->task_count;
    for (int n = 2 + random_below(&g, 4); n > 0; n--)
        random_component(&g, steady);
    for (size_t i = 0; i < g.model->entry_count; i++)
        random_contents(&g, (int)i);
    for (int i = first; i < (int)g.model->task_count; i++)
        random_rules(&g, i);
    free(g.async);
    return g.model;
}

#endif
