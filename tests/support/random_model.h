/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random valid models of every construct, for property tests. The same seed gives the same model. Calls lead from each
 * task to later ones, so there are no cycles; every entry is called synchronously or not, never both.
 */
#ifndef TESTS_RANDOM_MODEL_H
#define TESTS_RANDOM_MODEL_H

#include <stdlib.h>
#include <string.h>

#include "loadcast/lqn.h"
#include "model/dist/dist.h"
#include "model/random/generator.h"

enum {
    RANDOM_MODEL_LQN = 1, /* only what LQN text and LQN XML can hold: plain names, mean and cv², ref tasks … */
};

struct random_model {
    struct lc_model *model;
    struct lc_random random;
    unsigned flags;
    int number;  /* makes names unique */
    char *async; /* per entry: receives what nobody waits for */
};

static inline int random_below(struct random_model *g, int n)
{
    return (int)lci_random_below(&g->random, (uint64_t)n);
}

static inline bool random_chance(struct random_model *g, double p)
{
    return lci_random_uniform(&g->random) < p;
}

/* A number above 0: a round one, or one with all its digits. */
static inline double random_number(struct random_model *g)
{
    return random_chance(g, 0.5) ? 0.25 * (1 + random_below(g, 40)) : 10 * lci_random_positive(&g->random);
}

/* Owned by the caller. */
static inline char *random_name(struct random_model *g, const char *kind)
{
    static const char *const odd[] = {
        "GET /a b/:id", "x->y & (z)", "\"quoted\" \\ text", "worker@2>db", "12",      "true",
        "täsk ✓",       "null",       "a: b # c",           "- item",      "1.5 * x", "'"};
    const int n = g->number++;
    if ((g->flags & RANDOM_MODEL_LQN) || random_chance(g, 0.7))
        return lc_format("%s_%d", kind, n);
    return lc_format("%s %s%d", kind, odd[random_below(g, (int)(sizeof odd / sizeof *odd))], n);
}

static inline char *random_text(struct random_model *g)
{
    static const char *const texts[] = {"plain", "two words", "line\nbreak", "  blanks  ", "'q' \"d\"",  "# no comment",
                                        "ü → ✓", "",          "-",           "{a: b}",     "key: value", "\ttab"};
    const bool plain = g->flags & RANDOM_MODEL_LQN;
    return lc_strdup(texts[random_below(g, plain ? 2 : (int)(sizeof texts / sizeof *texts))]);
}

static inline char *random_comment(struct random_model *g)
{
    return !(g->flags & RANDOM_MODEL_LQN) && random_chance(g, 0.15) ? random_text(g) : NULL;
}

/* ---- distributions ----------------------------------------------------------------------------------------------- */

static inline struct lc_dist random_dist(struct random_model *g)
{
    const double a = random_number(g), b = random_number(g), p = 0.25 + 0.5 * lci_random_uniform(&g->random);
    if (g->flags & RANDOM_MODEL_LQN)
        return random_chance(g, 0.5) ? lc_dist_exponential(a) : lci_dist_moments(a, b == 1 ? 2 : b);
    struct lc_dist d;
    switch (random_below(g, 18)) {
    case 0: d = lc_dist_deterministic(a); break;
    case 1: d = lc_dist_named("uniform", 2, a, a + b); break;
    case 2: d = lc_dist_named("erlang", 2, 3.0, a); break;
    case 3: d = lc_dist_named("gamma", 2, a, b); break;
    case 4: d = lc_dist_named("lognormal", 2, -a, b); break;
    case 5: d = lc_dist_named("normal", 2, a, b); break;
    case 6: d = lc_dist_named("weibull", 2, a, b); break;
    case 7: d = lc_dist_named("inverse_gaussian", 2, a, b); break;
    case 8: d = lc_dist_named("pareto", 2, 2 + a, b); break;
    case 9: d = lc_dist_named("hyperexponential", 4, p, a, 1 - p, b); break;
    case 10: d = lc_dist_named("hyper_erlang", 6, p, 2.0, a, 1 - p, 3.0, b); break;
    case 11: d = lc_dist_named("coxian", 3, a, p, b); break;
    case 12: d = lc_dist_named("phase_type", 7, 2.0, p, 1 - p, -2 * a, a, 0.0, -b); break;
    case 13: d = lc_dist_named("empirical", 4, a, a + b, a + b, a + 2 * b); break;
    case 14: d = lc_dist_named("burr", 3, 2 + a, 2 + b, a); break;
    case 15: d = lci_dist_moments(a, b); break;
    case 16: d = lc_dist_named("lognormal_mixture", 6, p, a, b, 1 - p, -a, b); break;
    default: d = lc_dist_exponential(a); break;
    }
    if (random_chance(g, 0.2))
        d.shift = random_number(g);
    return d;
}

/* ---- phases and activities --------------------------------------------------------------------------------------- */

/* An entry of a later task that is called in this way, or LC_NONE. */
static inline int random_target(struct random_model *g, int task, bool async)
{
    const struct lc_model *m = g->model;
    for (int tries = 0; tries < 20; tries++) {
        const int e = random_below(g, (int)m->entry_count);
        if (m->entries[e].task > task && !lc_is_source(&m->tasks[m->entries[e].task]) && g->async[e] == async)
            return e;
    }
    return LC_NONE;
}

static inline void random_calls(struct random_model *g, int task, struct lc_activity *a)
{
    a->deterministic = random_chance(g, 0.3);
    for (int pass = 0; pass < 2; pass++)
        for (int n = random_below(g, 3); n > 0; n--) {
            /* LQN files tell synchronous calls first; elsewhere kinds are mixed. */
            const bool async = (g->flags & RANDOM_MODEL_LQN) ? pass == 1 : random_chance(g, 0.3);
            const int to = random_target(g, task, async);
            bool known = to == LC_NONE;
            for (size_t i = 0; i < a->call_count; i++)
                known = known || a->calls[i].entry == to;
            if (known)
                continue;
            const double mean = a->deterministic ? 1 + random_below(g, 3) : random_number(g);
            lc_add_call(a, async ? LC_CALL_ASYNC : LC_CALL_SYNC, to, mean)->comment = random_comment(g);
        }
}

static inline void random_service(struct random_model *g, int task, struct lc_activity *a)
{
    a->present = true;
    a->demand = random_dist(g);
    if (random_chance(g, 0.2))
        a->think = (g->flags & RANDOM_MODEL_LQN) ? lc_dist_exponential(random_number(g)) : random_dist(g);
    random_calls(g, task, a);
    if (random_chance(g, 0.1))
        a->max_service_time = random_number(g);
    if (random_chance(g, 0.1))
        a->histogram = (struct lc_histogram){0, random_number(g), 1 + (uint32_t)random_below(g, 30)};
    a->comment = random_comment(g);
}

static inline int random_activity(struct random_model *g, int task)
{
    char *name = random_name(g, "a");
    const int index = lc_add_activity(g->model, task, name);
    free(name);
    random_service(g, task, &g->model->tasks[task].activities[index]);
    return index;
}

/* Appends a piece of flow behind an activity. Returns the activity at its end. */
static inline int random_flow(struct random_model *g, int task, int from)
{
    int branch[3];
    const size_t n = 2 + (size_t)random_below(g, 2);
    const int kind = random_below(g, 4);
    if (kind == 0) {
        const int next = random_activity(g, task);
        lc_add_precedence(&g->model->tasks[task], LC_JOIN_NONE, &from, 1, LC_FORK_NONE, &next, NULL, 1, LC_NONE);
        return next;
    }
    for (size_t i = 0; i < n; i++)
        branch[i] = random_activity(g, task);
    const int last = random_activity(g, task);
    struct lc_task *t = &g->model->tasks[task];
    if (kind == 1) {
        const double counts[] = {0.5, random_number(g), 2};
        lc_add_precedence(t, LC_JOIN_NONE, &from, 1, LC_FORK_LOOP, branch, counts, n, last);
        return last;
    }
    const double two[] = {0.3, 0.7}, three[] = {0.25, 0.5, 0.25};
    const bool parallel = kind == 2;
    lc_add_precedence(t, LC_JOIN_NONE, &from, 1, parallel ? LC_FORK_AND : LC_FORK_OR, branch,
                      parallel ? NULL
                      : n == 2 ? two
                               : three,
                      n, LC_NONE);
    struct lc_precedence *join =
        lc_add_precedence(t, parallel ? LC_JOIN_AND : LC_JOIN_OR, branch, n, LC_FORK_NONE, &last, NULL, 1, LC_NONE);
    if (parallel && random_chance(g, 0.3))
        join->quorum = 1 + (uint32_t)random_below(g, (int)n);
    return last;
}

static inline void random_graph(struct random_model *g, int task, int entry)
{
    int last = random_activity(g, task);
    g->model->entries[entry].start = last;
    for (int n = random_below(g, 3); n > 0; n--)
        last = random_flow(g, task, last);
    if (g->async[entry] || lc_is_source(&g->model->tasks[task]))
        return;
    lc_add_reply(&g->model->tasks[task].activities[last], entry);
    if (random_chance(g, 0.3))
        random_flow(g, task, last); /* second phase */
}

static inline void random_body(struct random_model *g, int entry)
{
    const int task = g->model->entries[entry].task;
    const bool lock = g->model->entries[entry].role != LC_ROLE_NONE;
    if (!lock && !lc_is_source(&g->model->tasks[task]) && random_chance(g, 0.4)) {
        random_graph(g, task, entry);
        return;
    }
    for (int i = 0; i < LC_PHASES; i++) {
        struct lc_activity *phase = &g->model->entries[entry].phases[i];
        if (i > 0 && random_chance(g, 0.7))
            continue;
        random_service(g, task, phase);
        if (!(g->flags & RANDOM_MODEL_LQN) && random_chance(g, 0.2))
            phase->name = random_name(g, "ph");
    }
    struct lc_entry *e = &g->model->entries[entry];
    const int to = random_target(g, task, false);
    if (!lock && !g->async[entry] && !lc_is_source(&g->model->tasks[task]) && to != LC_NONE && random_chance(g, 0.2))
        lc_add_forward(e, to, 0.25 + 0.75 * lci_random_uniform(&g->random))->comment = random_comment(g);
}

/* ---- elements ---------------------------------------------------------------------------------------------------- */

static inline void random_processor(struct random_model *g)
{
    static const enum lc_scheduling kinds[] = {LC_FCFS, LC_HOL, LC_PP, LC_RAND, LC_PS, LC_INF, LC_CFS};
    char *name = random_name(g, "p");
    const int index = lc_add_processor(g->model, name);
    struct lc_processor *p = &g->model->processors[index];
    free(name);
    p->scheduling = kinds[random_below(g, 7)];
    p->multiplicity = p->scheduling == LC_INF ? LC_INFINITE : 1 + (uint32_t)random_below(g, 4);
    p->replicas = 1 + (uint32_t)random_below(g, 2);
    if (p->scheduling == LC_CFS || p->scheduling == LC_PS)
        p->quantum = random_number(g);
    if (random_chance(g, 0.3))
        p->speed = random_number(g);
    p->comment = random_comment(g);
}

static inline void random_groups(struct random_model *g)
{
    for (size_t i = 0; i < g->model->processor_count; i++)
        if (g->model->processors[i].scheduling == LC_CFS)
            for (int n = 0; n < 2; n++) {
                char *name = random_name(g, "g");
                const int index = lc_add_group(g->model, name, (int)i);
                struct lc_group *group = &g->model->groups[index];
                free(name);
                group->share = n == 0 ? 0.375 : 0.5;
                group->cap = random_chance(g, 0.5);
                group->comment = random_comment(g);
            }
}

/* A task on a random processor, in one of its groups. */
static inline int random_task(struct random_model *g, enum lc_scheduling scheduling)
{
    const int processor = random_below(g, (int)g->model->processor_count);
    char *name = random_name(g, "t");
    const int index = lc_add_task(g->model, name, processor);
    free(name);
    struct lc_task *t = &g->model->tasks[index];
    t->scheduling = scheduling;
    t->replicas = g->model->processors[processor].replicas * (1 + (uint32_t)random_below(g, 2));
    for (size_t i = 0; i < g->model->group_count; i++)
        if (g->model->groups[i].processor == processor && (t->group == LC_NONE || random_chance(g, 0.5)))
            t->group = (int)i;
    t->priority = random_chance(g, 0.3) ? random_below(g, 10) : 0;
    t->multiplicity = scheduling == LC_INF ? LC_INFINITE : 1 + (uint32_t)random_below(g, 9);
    t->comment = random_comment(g);
    return index;
}

static inline int random_entry(struct random_model *g, int task, bool async)
{
    char *name = random_name(g, "e");
    const int entry = lc_add_entry(g->model, name, task);
    free(name);
    g->async = lc_realloc(g->async, g->model->entry_count, 1);
    g->async[entry] = async;
    g->model->entries[entry].comment = random_comment(g);
    return entry;
}

static inline void random_source(struct random_model *g)
{
    static const enum lc_scheduling kinds[] = {LC_REF, LC_BURST, LC_UNIFORM, LC_OPEN};
    const int task = random_task(g, kinds[random_below(g, (g->flags & RANDOM_MODEL_LQN) ? 3 : 4)]);
    struct lc_task *t = &g->model->tasks[task];
    if (t->scheduling == LC_OPEN)
        t->arrivals = random_dist(g);
    else if (random_chance(g, 0.7))
        t->think_time = (g->flags & RANDOM_MODEL_LQN) ? lc_dist_exponential(random_number(g)) : random_dist(g);
    const int count = 1 + random_below(g, 2);
    for (int i = 0; i < count; i++) {
        const int entry = random_entry(g, task, false);
        g->model->entries[entry].probability = count == 2 ? i ? 0.75 : 0.25 : 0;
    }
}

static inline void random_server(struct random_model *g)
{
    static const enum lc_scheduling kinds[] = {LC_FCFS, LC_FCFS, LC_HOL, LC_PP, LC_INF, LC_POLL, LC_RAND};
    const bool plain = g->flags & RANDOM_MODEL_LQN;
    const int task = random_task(g, kinds[random_below(g, plain ? 6 : 7)]);
    struct lc_task *t = &g->model->tasks[task];
    if (random_chance(g, 0.2))
        t->queue_length = 1 + (uint32_t)random_below(g, 50);
    if (!plain) {
        t->balance = (enum lc_balance)random_below(g, 6);
        t->overflow = t->queue_length > 0 ? (enum lc_overflow)random_below(g, 3) : LC_OVERFLOW_DROP;
        t->service = random_chance(g, 0.8);
    }
    for (int n = 1 + random_below(g, 3); n > 0; n--) {
        const bool async = random_chance(g, 0.3);
        const int entry = random_entry(g, task, async);
        struct lc_entry *e = &g->model->entries[entry];
        e->priority = random_chance(g, 0.2) ? random_below(g, 5) : 0;
        if (async && random_chance(g, 0.5))
            e->open_rate = random_number(g);
        else if (async && !plain && random_chance(g, 0.5))
            e->open_arrivals = random_dist(g);
    }
}

static inline void random_lock(struct random_model *g)
{
    const bool semaphore = random_chance(g, 0.5);
    const int task = random_task(g, semaphore ? LC_SEMAPHORE : LC_RWLOCK);
    if (semaphore && random_chance(g, 0.5))
        g->model->tasks[task].initially = 0;
    const int first = semaphore ? LC_ROLE_SIGNAL : LC_ROLE_READ_LOCK;
    for (int role = first; role <= (semaphore ? LC_ROLE_WAIT : LC_ROLE_WRITE_UNLOCK); role++) {
        const int entry = random_entry(g, task, role == LC_ROLE_SIGNAL && random_chance(g, 0.5));
        g->model->entries[entry].role = (enum lc_entry_role)role;
    }
}

/* Fans that fit the replicas of a pair of tasks. */
static inline void random_fans(struct random_model *g)
{
    const int n = (int)g->model->task_count, s = random_below(g, n), d = random_below(g, n);
    struct lc_task *source = &g->model->tasks[s], *destination = &g->model->tasks[d];
    if (s == d || lc_is_source(destination))
        return;
    uint32_t a = source->replicas, b = destination->replicas;
    while (b != 0) {
        const uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    source->fan_out = lc_alloc(sizeof(struct lc_fan));
    destination->fan_in = lc_alloc(sizeof(struct lc_fan));
    *source->fan_out = (struct lc_fan){d, destination->replicas / a};
    *destination->fan_in = (struct lc_fan){s, source->replicas / a};
    source->fan_out_count = destination->fan_in_count = 1;
}

static inline void random_fans_of(struct random_model *g, int from, const struct lc_activity *a)
{
    for (size_t i = 0; i < a->call_count; i++) {
        const int to = g->model->entries[a->calls[i].entry].task;
        struct lc_task *s = &g->model->tasks[from], *d = &g->model->tasks[to];
        bool told = s->replicas == d->replicas;
        for (size_t k = 0; k < s->fan_out_count; k++)
            told = told || s->fan_out[k].task == to;
        if (told)
            continue;
        s->fan_out = lc_realloc(s->fan_out, s->fan_out_count + 1, sizeof *s->fan_out);
        d->fan_in = lc_realloc(d->fan_in, d->fan_in_count + 1, sizeof *d->fan_in);
        s->fan_out[s->fan_out_count++] = (struct lc_fan){to, d->replicas};
        d->fan_in[d->fan_in_count++] = (struct lc_fan){from, s->replicas};
    }
}

/* LQN files take a fan that is not told for 1, which must fit the replicas of who calls and who is called. */
static inline void random_fans_of_calls(struct random_model *g)
{
    for (size_t e = 0; e < g->model->entry_count; e++)
        for (int p = 0; p < LC_PHASES; p++)
            random_fans_of(g, g->model->entries[e].task, &g->model->entries[e].phases[p]);
    for (size_t t = 0; t < g->model->task_count; t++)
        for (size_t a = 0; a < g->model->tasks[t].activity_count; a++)
            random_fans_of(g, (int)t, &g->model->tasks[t].activities[a]);
}

static inline void random_variables(struct random_model *g, struct lc_variable **list, size_t *count, size_t *capacity,
                                    const char *expression, bool unnamed)
{
    for (int n = random_below(g, 3); n > 0; n--) {
        LC_GROW(*list, *count, *capacity);
        (*list)[(*count)++] = (struct lc_variable){
            unnamed && random_chance(g, 0.2) ? NULL : lc_format("v%d", g->number++), lc_strdup(expression), LC_NOWHERE};
        if (random_chance(g, 0.2) && (*list)[*count - 1].name != NULL) { /* a name may come again */
            LC_GROW(*list, *count, *capacity);
            (*list)[*count] =
                (struct lc_variable){lc_strdup((*list)[*count - 1].name), lc_strdup(expression), LC_NOWHERE};
            (*count)++;
        }
    }
}

static inline void random_settings(struct random_model *g)
{
    struct lc_model *m = g->model;
    if (random_chance(g, 0.5)) {
        m->convergence = random_number(g);
        m->iteration_limit = 1 + random_below(g, 100);
        m->print_interval = 1 + random_below(g, 100);
        m->underrelaxation = random_number(g);
    }
    m->comment = random_chance(g, 0.5) ? random_text(g) : NULL;
    for (int n = random_below(g, 3); n > 0; n--) {
        LC_GROW(m->pragmas, m->pragma_count, m->pragma_capacity);
        m->pragmas[m->pragma_count++] =
            (struct lc_pragma){lc_format("pragma-%d", g->number++), lc_strdup("some-value")};
    }
    if (g->flags & RANDOM_MODEL_LQN)
        return;
    static const char *const units[] = {"s", "ms", "us", "min"};
    m->description = random_chance(g, 0.5) ? random_text(g) : NULL;
    m->time_unit = random_chance(g, 0.5) ? lc_strdup(units[random_below(g, 4)]) : NULL;
    const struct lc_processor *p = &m->processors[0];
    if (random_chance(g, 0.5) && p->multiplicity != LC_INFINITE) {
        LC_GROW(m->bindings, m->binding_count, m->binding_capacity);
        m->bindings[m->binding_count++] =
            (struct lc_binding){lc_format("%s.cores", p->name), lc_format("%u * 1", p->multiplicity), LC_NOWHERE};
    }
    char *key = lc_format("processor/%s/%%u", p->name);
    random_variables(g, &m->variables, &m->variable_count, &m->variable_capacity, "1 + 2 * 3", false);
    random_variables(g, &m->observations, &m->observation_count, &m->observation_capacity, key, false);
    random_variables(g, &m->reports, &m->report_count, &m->report_capacity, "4 > 3 ? 1 : 0", true);
    free(key);
}

/* Owned by the caller. */
static inline struct lc_model *random_model(uint64_t seed, unsigned flags)
{
    struct random_model g = {.model = lc_model_new("random model"), .flags = flags};
    lc_random_init(&g.random, seed, 0, "model", "test");
    for (int n = 1 + random_below(&g, 4); n > 0; n--)
        random_processor(&g);
    random_groups(&g);
    for (int n = 1 + random_below(&g, 2); n > 0; n--)
        random_source(&g);
    for (int n = 1 + random_below(&g, 5); n > 0; n--)
        random_server(&g);
    if (random_chance(&g, 0.3))
        random_lock(&g);
    random_fans(&g);
    for (size_t i = 0; i < g.model->entry_count; i++)
        random_body(&g, (int)i);
    if (flags & RANDOM_MODEL_LQN)
        random_fans_of_calls(&g);
    random_settings(&g);
    free(g.async);
    return g.model;
}

#endif
