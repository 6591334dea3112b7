/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random layered systems of the kind that people have: users and open arrivals above, services with pools of threads in
 * layers, processors with one or more cores. All of it has a steady state, and nothing is there that only some solver
 * knows.
 */
#ifndef RANDOM_LAYERS_H
#define RANDOM_LAYERS_H

#include "loadcast/lqn.h"
#include "loadcast/traffic.h"
#include "model/dist/dist.h"
#include "model/random/generator.h"

#include <math.h>
#include <stdlib.h>

static inline int layers_below(struct lc_random *r, int n)
{
    return (int)(lci_random_uniform(r) * n) % n;
}

/* Log-uniform between two numbers. */
static inline double layers_between(struct lc_random *r, double low, double high)
{
    return low * exp(lci_random_uniform(r) * log(high / low));
}

static inline struct lc_dist layers_demand(struct lc_random *r, double mean)
{
    switch (layers_below(r, 5)) {
    case 0: return lci_dist_moments(mean, layers_between(r, 0.1, 1));
    case 1: return lci_dist_moments(mean, layers_between(r, 1, 5));
    default: return lc_dist_exponential(mean);
    }
}

static inline int layers_processor(struct lc_model *m, struct lc_random *r, const char *name, bool delay)
{
    const int p = lc_add_processor(m, name);
    m->processors[p].scheduling = delay ? LC_INF : layers_below(r, 2) ? LC_PS : LC_FCFS;
    m->processors[p].multiplicity = delay ? LC_INFINITE : 1 + (uint32_t)layers_below(r, 4);
    return p;
}

static inline int layers_service(struct lc_model *m, struct lc_random *r, int layer, int number, int processor)
{
    char *name = lc_format("s%d_%d", layer, number);
    const int t = lc_add_task(m, name, processor);
    const bool unlimited = layers_below(r, 4) == 0;
    m->tasks[t].scheduling = unlimited ? LC_INF : LC_FCFS;
    m->tasks[t].multiplicity = unlimited ? LC_INFINITE : 1 + (uint32_t)layers_below(r, layers_below(r, 2) ? 4 : 16);
    for (int e = 1 + layers_below(r, 2); e > 0; e--) {
        char *entry_name = lc_format("%s.e%d", name, e);
        const int entry = lc_add_entry(m, entry_name, t);
        struct lc_activity *phase = m->entries[entry].phases;
        phase[0].present = true;
        phase[0].demand = layers_demand(r, layers_between(r, 0.02, 0.3));
        if (layers_below(r, 8) == 0) {
            phase[1].present = true;
            phase[1].demand = layers_demand(r, layers_between(r, 0.02, 0.2));
        }
        free(entry_name);
    }
    free(name);
    return t;
}

/* Calls of a phase to one or two entries of the services of a layer. */
static inline void layers_calls(struct lc_model *m, struct lc_random *r, int entry, const int *services, int count)
{
    for (int n = 1 + layers_below(r, 2); n > 0; n--) {
        const struct lc_task *to = &m->tasks[services[layers_below(r, count)]];
        const int target = to->entries[layers_below(r, (int)to->entry_count)];
        struct lc_activity *phase = &m->entries[entry].phases[0];
        bool known = false;
        for (size_t c = 0; c < phase->call_count; c++)
            known = known || phase->calls[c].entry == target;
        if (!known)
            lc_add_call(phase, LC_CALL_SYNC, target, layers_between(r, 0.3, 3));
    }
}

static inline void layers_source(struct lc_model *m, struct lc_random *r, int number, const int *services, int count)
{
    char *name = lc_format("u%d", number);
    const int p = lc_add_processor(m, name);
    m->processors[p].scheduling = LC_INF;
    m->processors[p].multiplicity = LC_INFINITE;
    const int t = lc_add_task(m, name, p), e = lc_add_entry(m, name, t);
    m->entries[e].phases[0].present = true;
    if (layers_below(r, 4) == 0) {
        m->tasks[t].scheduling = LC_OPEN;
        m->tasks[t].arrivals = lc_dist_exponential(1);
    } else {
        m->tasks[t].scheduling = LC_REF;
        m->tasks[t].multiplicity = (uint32_t)layers_between(r, 1, 40);
        m->tasks[t].think_time = lc_dist_exponential(layers_between(r, 0.3, 10));
    }
    layers_calls(m, r, e, services, count);
    free(name);
}

/* Open arrivals use a part of what limits them. */
static inline void layers_scale_open(struct lc_model *m, struct lc_random *r)
{
    struct lc_traffic traffic;
    struct lc_diag diag = {0};
    if (lc_traffic_solve(m, &traffic, &diag) != 0)
        return;
    for (size_t t = 0; t < m->task_count; t++)
        if (m->tasks[t].scheduling == LC_OPEN)
            lci_dist_scale(&m->tasks[t].arrivals, traffic.load / (0.1 + 0.5 * lci_random_uniform(r)));
    lc_traffic_free(&traffic);
    lc_diag_free(&diag);
}

/* Owned by the caller. */
static inline struct lc_model *random_layers(uint64_t seed)
{
    enum { WIDEST = 3 };
    struct lc_random random, *r = &random;
    struct lc_model *m = lc_model_new("random layers");
    int above[WIDEST], here[WIDEST], above_count = 0;
    lc_random_init(r, seed, 0, "model", "layers");
    for (int layer = 1 + layers_below(r, 3); layer > 0; layer--) { /* from the bottom up */
        const int count = 1 + layers_below(r, WIDEST);
        char *name = lc_format("p%d", layer);
        int processor = layers_processor(m, r, name, layers_below(r, 10) == 0);
        free(name);
        for (int i = 0; i < count; i++) {
            if (i > 0 && layers_below(r, 2)) {
                name = lc_format("p%d_%d", layer, i);
                processor = layers_processor(m, r, name, false);
                free(name);
            }
            here[i] = layers_service(m, r, layer, i, processor);
            for (size_t e = 0; e < m->tasks[here[i]].entry_count && above_count > 0; e++)
                layers_calls(m, r, m->tasks[here[i]].entries[e], above, above_count);
        }
        above_count = count;
        for (int i = 0; i < count; i++)
            above[i] = here[i];
    }
    for (int n = 1 + layers_below(r, 2); n > 0; n--)
        layers_source(m, r, n, above, above_count);
    layers_scale_open(m, r);
    return m;
}

#endif
