/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How often each entry could be run at the most if nobody ever waited, and what workloads lie between. */
#include "loadcast/result.h"
#include "loadcast/traffic.h"
#include "model/elastic.h"
#include "model/lqn.h"
#include "model/traffic.h"

#include <math.h>
#include <stdlib.h>

/* Part of the source's cycles that run this entry. */
static double share(const struct lc_model *m, const struct lc_task *t, const struct lc_entry *e)
{
    double sum = 0;
    for (size_t i = 0; i < t->entry_count; i++)
        sum += m->entries[t->entries[i]].probability;
    return sum > 0 ? e->probability / sum : 1.0 / (double)t->entry_count;
}

static double mean_of(const struct lc_dist *dist)
{
    return dist->family != NULL ? lc_dist_mean(dist) : 0;
}

/* What a customer thinks in a cycle: before it, and after each step of a session. */
static double away_of(const struct lc_model *m, const struct lc_task *t)
{
    double *visits = lc_calloc(t->entry_count, sizeof *visits), away = mean_of(&t->think_time);
    lci_session_visits(m, t, visits);
    for (size_t i = 0; i < t->entry_count; i++)
        away += visits[i] * mean_of(&m->entries[t->entries[i]].pause);
    free(visits);
    return away;
}

/* Asymptotic: N = X (R + Z), the fullest component serves no more than it can, and nothing is faster than alone. */
static void bound_closed(const struct lc_model *m, const struct lc_traffic_bound *of, struct lc_workload_result *w)
{
    const struct lc_task *t = &m->tasks[w->task];
    if (t->pattern.kind != LC_PATTERN_NONE || !(of->throughput > 0))
        return;
    const double away = away_of(m, t), customers = (double)t->multiplicity * t->replicas;
    w->bounds.throughput_high = of->throughput;
    w->bounds.response_low = fmax(of->cycle - away, customers / of->throughput - away);
}

/* Whether requests can be lost, given up, answered early or made twice, or capacity comes and goes: then times can be
 * shorter than alone, and load is not what the traffic equations say. */
static bool is_plain(const struct lc_model *m)
{
    for (size_t i = 0; i < m->task_count; i++) {
        const struct lc_task *t = &m->tasks[i];
        if (t->queue_length > 0 || t->policy_count > 0 || t->decision_count > 0 || t->scheduling == LC_BURST ||
            lci_elastic_changes(&t->elastic) || lci_elastic_on_demand(&t->elastic))
            return false;
    }
    return true;
}

/* Nothing is faster than alone; branches together take at least as long as the longest of their means. */
static void bound_open(const struct lc_model *m, const struct lc_traffic *traffic, struct lc_workload_result *w)
{
    const struct lc_task *t = &m->tasks[w->task];
    if (t->pattern.kind != LC_PATTERN_NONE)
        return;
    double *visits = lc_calloc(t->entry_count, sizeof *visits), time = 0;
    lci_session_visits(m, t, visits);
    for (size_t i = 0; i < t->entry_count; i++)
        time += visits[i] * traffic->entry_phase1[t->entries[i]];
    w->bounds.response_low = time;
    free(visits);
}

static void bound_workloads(struct lc_result *result, const struct lc_traffic *traffic)
{
    for (size_t i = 0; i < result->workload_count; i++) {
        struct lc_workload_result *w = &result->workloads[i];
        for (size_t b = 0; b < traffic->bound_count; b++)
            if (traffic->bounds[b].source == w->task)
                bound_closed(result->model, &traffic->bounds[b], w);
        if (w->task != LC_NONE && result->model->tasks[w->task].scheduling == LC_OPEN)
            bound_open(result->model, traffic, w);
        if (w->task == LC_NONE)
            w->bounds.response_low = traffic->entry_phase1[w->entry];
    }
}

void lc_result_bounds(struct lc_result *result)
{
    const struct lc_model *m = result->model;
    struct lc_diag diag = {0};
    struct lc_traffic traffic = {0};
    if (lc_traffic_solve(m, &traffic, &diag) == 0) {
        for (size_t i = 0; i < m->entry_count; i++) {
            const double bound = lci_task_threads(&m->tasks[m->entries[i].task]) / traffic.entry_total[i];
            if (isfinite(bound) && bound > 0)
                result->entries[i].throughput_bound = bound;
        }
        for (size_t b = 0; b < traffic.bound_count; b++) {
            const struct lc_task *t = &m->tasks[traffic.bounds[b].source];
            const double cycles = traffic.bounds[b].throughput;
            for (size_t i = 0; i < t->entry_count && isfinite(cycles); i++)
                result->entries[t->entries[i]].throughput_bound = cycles * share(m, t, &m->entries[t->entries[i]]);
        }
        if (is_plain(m))
            bound_workloads(result, &traffic);
        lc_traffic_free(&traffic);
    }
    lc_diag_free(&diag);
}
