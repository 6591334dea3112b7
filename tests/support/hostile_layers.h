/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random layered systems that break solvers: valid models that nobody would build.
 */
#ifndef HOSTILE_LAYERS_H
#define HOSTILE_LAYERS_H

#include "random_layers.h"

static inline void layers_replace(struct lc_dist *dist, struct lc_dist by)
{
    lc_dist_free(dist);
    *dist = by;
}

/* What breaks solvers: times of 0, of 1e-9 and 1e9 of the others, 1e9 customers or threads, no think time, open
 * arrivals up to and beyond what can be served, priorities, second phases of everything, forwards, forks, messages that
 * nobody waits for. */
static inline void layers_hostile_step(struct lc_random *r, struct lc_activity *a)
{
    if (a->demand.family != NULL)
        switch (layers_below(r, 12)) {
        case 0: layers_replace(&a->demand, lc_dist_deterministic(0)); break;
        case 1: lci_dist_scale(&a->demand, layers_between(r, 1e-9, 1)); break;
        case 2: lci_dist_scale(&a->demand, layers_between(r, 1, 1e9)); break;
        case 3:
            layers_replace(&a->demand, lci_dist_moments(lc_dist_mean(&a->demand), layers_between(r, 1e-4, 1e3)));
            break;
        case 4: layers_replace(&a->demand, lc_dist_deterministic(lc_dist_mean(&a->demand))); break;
        case 5: layers_replace(&a->think, lc_dist_exponential(layers_between(r, 1e-3, 1e3))); break;
        default: break;
        }
    for (size_t c = 0; c < a->call_count; c++)
        if (layers_below(r, 12) == 0)
            a->calls[c].mean = layers_between(r, 1e-6, 1e3);
}

static inline void layers_hostile_task(struct lc_random *r, struct lc_model *m, struct lc_task *t)
{
    const bool source = t->scheduling == LC_REF || t->scheduling == LC_OPEN;
    t->priority = layers_below(r, 3);
    if (t->scheduling == LC_REF && layers_below(r, 4) == 0)
        layers_replace(&t->think_time, lc_dist_deterministic(0));
    if (t->scheduling != LC_OPEN && t->multiplicity != LC_INFINITE && layers_below(r, 6) == 0)
        t->multiplicity = (uint32_t)layers_between(r, 1, 1e9);
    if (t->scheduling == LC_FCFS && layers_below(r, 6) == 0)
        t->scheduling = LC_HOL;
    for (size_t i = 0; i < t->entry_count && !source; i++) {
        struct lc_entry *e = &m->entries[t->entries[i]];
        if (!e->phases[1].present && layers_below(r, 4) == 0) {
            e->phases[1].present = true;
            e->phases[1].demand = layers_demand(r, layers_between(r, 0.02, 0.2));
        }
    }
}

/* What nobody waits for, of a task of its own, which may send more to itself. */
static inline void layers_hostile_message(struct lc_random *r, struct lc_model *m, int entry)
{
    char *name = lc_format("messages-%d", entry);
    const int s = lc_add_task(m, name, m->tasks[m->entries[entry].task].processor), to = lc_add_entry(m, name, s);
    const bool unlimited = layers_below(r, 2) == 0;
    free(name);
    m->tasks[s].scheduling = unlimited ? LC_INF : LC_FCFS;
    m->tasks[s].multiplicity = unlimited ? LC_INFINITE : 1 + (uint32_t)layers_below(r, 3);
    m->entries[to].phases[0].present = true;
    m->entries[to].phases[0].demand = layers_demand(r, layers_between(r, 0.001, 0.1));
    lc_add_call(&m->entries[entry].phases[0], LC_CALL_ASYNC, to, layers_between(r, 0.1, 2));
}

/* Its replies come from another task. */
static inline void layers_hostile_forward(struct lc_random *r, struct lc_model *m, int entry)
{
    if (lc_is_source(&m->tasks[m->entries[entry].task]))
        return;
    char *name = lc_format("forward-%d", entry);
    const int s = lc_add_task(m, name, m->tasks[m->entries[entry].task].processor), to = lc_add_entry(m, name, s);
    free(name);
    m->tasks[s].scheduling = LC_FCFS;
    m->tasks[s].multiplicity = 1 + (uint32_t)layers_below(r, 3);
    m->entries[to].phases[0].present = true;
    m->entries[to].phases[0].demand = layers_demand(r, layers_between(r, 0.001, 0.1));
    lc_add_forward(&m->entries[entry], to, layers_below(r, 2) ? 1 : lci_random_uniform(r));
}

/* The first phase of an entry as a branch beside another one; the reply comes behind both, or behind the first. */
static inline void layers_hostile_fork(struct lc_random *r, struct lc_model *m, int entry)
{
    static const char *const names[] = {"fork", "left", "right", "join"};
    struct lc_entry *e = &m->entries[entry];
    int a[4];
    for (int i = 0; i < 4; i++) {
        char *name = lc_format("%s-%d", names[i], entry);
        a[i] = lc_add_activity(m, e->task, name);
        free(name);
    }
    struct lc_task *t = &m->tasks[e->task];
    for (int i = 0; i < 4; i++) {
        t->activities[a[i]].present = true;
        t->activities[a[i]].demand = layers_demand(r, layers_between(r, 0.01, 0.1));
    }
    t->activities[a[1]].calls = e->phases[0].calls;
    t->activities[a[1]].call_count = e->phases[0].call_count;
    t->activities[a[1]].call_capacity = e->phases[0].call_capacity;
    free(e->phases[1].calls);
    for (int p = 0; p < 2; p++) {
        lc_dist_free(&e->phases[p].demand);
        lc_dist_free(&e->phases[p].think);
        e->phases[p] = (struct lc_activity){0};
    }
    e->start = a[0];
    lc_add_precedence(t, LC_JOIN_NONE, &a[0], 1, LC_FORK_AND, &a[1], NULL, 2, LC_NONE);
    lc_add_precedence(t, LC_JOIN_AND, &a[1], 2, LC_FORK_NONE, &a[3], NULL, 1, LC_NONE)->quorum =
        (uint32_t)layers_below(r, 2);
    if (!lc_is_source(t))
        lc_add_reply(&t->activities[a[3]], entry);
}

/* Owned by the caller. */
static inline struct lc_model *hostile_layers(uint64_t seed)
{
    struct lc_random random, *r = &random;
    struct lc_model *m = random_layers(seed);
    lc_random_init(r, seed, 0, "model", "hostile");
    for (size_t t = 0; t < m->task_count; t++)
        layers_hostile_task(r, m, &m->tasks[t]);
    for (size_t e = 0; e < m->entry_count; e++)
        for (int p = 0; p < LC_PHASES; p++)
            if (m->entries[e].phases[p].present)
                layers_hostile_step(r, &m->entries[e].phases[p]);
    for (size_t p = 0; p < m->processor_count; p++)
        if (m->processors[p].scheduling != LC_INF && layers_below(r, 3) == 0)
            m->processors[p].scheduling = layers_below(r, 2) ? LC_HOL : LC_PP;
    for (int e = (int)m->entry_count - 1; e >= 0; e--)
        if (layers_below(r, 10) == 0)
            layers_hostile_fork(r, m, e);
        else if (layers_below(r, 10) == 0)
            layers_hostile_message(r, m, e);
        else if (layers_below(r, 10) == 0)
            layers_hostile_forward(r, m, e);
    layers_scale_open(m, r);
    for (size_t t = 0; t < m->task_count; t++)
        if (m->tasks[t].scheduling == LC_OPEN && layers_below(r, 3) == 0)
            lci_dist_scale(&m->tasks[t].arrivals, layers_between(r, 0.3, 1));
    return m;
}

#endif
