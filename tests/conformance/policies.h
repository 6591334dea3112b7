/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A source and a server, for the tests of policies and of replicas that come and go.
 */
#ifndef POLICIES_H
#define POLICIES_H

#include "loadcast/edit.h"
#include "support.h"

enum { SERVER, SOURCE }; /* tasks of every model here */

/* A source of Poisson arrivals that calls a server; `threads` and servers of its processor, exponential service. */
static inline struct lc_model *one_server(double rate, uint32_t threads, double mean)
{
    struct lc_model *m = lc_model_new("policies");
    const int cpu = lc_add_processor(m, "server");
    m->processors[cpu].scheduling = threads == LC_INFINITE ? LC_INF : LC_FCFS;
    m->processors[cpu].multiplicity = threads;
    const int server = lc_add_task(m, "server", cpu);
    m->tasks[server].multiplicity = threads;
    m->tasks[server].scheduling = threads == LC_INFINITE ? LC_INF : LC_FCFS;
    const int serve = lc_add_entry(m, "serve", server);
    m->entries[serve].phases[0].present = true;
    m->entries[serve].phases[0].demand = lc_dist_exponential(mean);
    const int outside = lc_add_processor(m, "outside");
    m->processors[outside].scheduling = LC_INF;
    m->processors[outside].multiplicity = LC_INFINITE;
    const int source = lc_add_task(m, "source", outside);
    m->tasks[source].scheduling = LC_OPEN;
    m->tasks[source].arrivals = lc_dist_exponential(1 / rate);
    const int ask = lc_add_entry(m, "ask", source);
    m->entries[ask].phases[0].present = true;
    m->entries[ask].phases[0].deterministic = true;
    lc_add_call(&m->entries[ask].phases[0], LC_CALL_SYNC, serve, 1);
    return m;
}

static inline void set(struct lc_model *m, const char *path, const char *value)
{
    struct lc_diag diag = {0};
    lc_edit(m, path, value, &diag, NULL);
    require(&diag);
    lc_diag_free(&diag);
}

static inline struct lc_result *simulate(const struct lc_model *m)
{
    return simulate_to(m, 0.02, 0.1);
}

#endif
