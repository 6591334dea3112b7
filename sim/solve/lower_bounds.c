/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lower_bounds.h"

#include "loadcast/base.h"
#include "model/lqn.h"
#include "refuse.h"

#include <math.h>

#define TRUSTED 10 /* replications: a few may count the same by chance, which leaves an interval of no width */

/* Demands per cycle at the stations: their sum, the largest, how many there are. False: no bounds of this kind. */
static bool demands(const struct lcs_network *n, double *sum, double *most, size_t *count)
{
    *sum = *most = 0;
    *count = 0;
    for (size_t i = 0; i < n->link_count; i++) {
        const struct lcs_link *l = &n->links[i];
        const struct lcs_station *s = &n->stations[l->station];
        const bool sharing = s->kind == LCS_AT_SHARING,
                   exponential = fabs(l->variance - l->service * l->service) <= 1e-9 * l->service * l->service;
        if (s->task != LC_NONE || s->servers != 1 || s->copies != 1 || s->link_count != 1 ||
            (!sharing && (s->kind != LCS_AT_FCFS || !exponential)))
            return false;
        *sum += l->visits * l->service;
        *most = fmax(*most, l->visits * l->service);
        ++*count;
    }
    return *count > 0;
}

void lcs_balanced_bounds(const struct lcs_network *n, struct lc_result *r)
{
    double sum, most;
    size_t count;
    if (n->roomy || n->chain_count != 1 || !lcs_is_source_chain(n, 0) || r->workload_count != 1 ||
        !demands(n, &sum, &most, &count))
        return;
    const struct lcs_chain *c = &n->chains[0];
    const struct lc_task *task = &n->model->tasks[c->task];
    const double customers = c->population * c->replicas,
                 think = task->think_time.family ? lc_dist_mean(&task->think_time) : 0;
    const double delay = c->away, mean = sum / (double)count;
    const double low = customers / (sum + delay + (customers - 1) * most / (1 + delay / (customers * sum)));
    const double high = customers / (sum + delay + (customers - 1) * mean / (1 + delay / sum));
    struct lc_workload_bounds *b = &r->workloads[0].bounds;
    b->throughput_low = low;
    b->throughput_high = fmin(b->throughput_high, high);
    if (!lci_is_session(n->model, task)) {
        b->response_low = fmax(b->response_low, customers / b->throughput_high - think);
        b->response_high = customers / low - think;
    }
}

static bool outside(const struct lc_estimate *e, double low, double high)
{
    const double noise = 3 * e->ci99 + 0.01 * fabs(e->mean);
    return isfinite(noise) && (e->mean > high + noise || e->mean < low - noise);
}

bool lcs_within_bounds(struct lc_result *r, struct lc_diag *diag)
{
    struct lc_diag unheard = {0};
    struct lcs_network *n = lcs_solve_refuses(r->model, &unheard) ? NULL : lcs_network_new(r->model, NULL, &unheard);
    if (n != NULL && r->workload_count == 1 && !isnan(r->workloads[0].bounds.throughput_high)) {
        for (size_t i = 0; i < n->chain_count; i++)
            n->chains[i].rate = 1;
        lcs_network_times(n);
        lcs_network_traffic(n);
        lcs_network_times(n);
        lcs_balanced_bounds(n, r);
    }
    lcs_network_free(n);
    lc_diag_free(&unheard);
    for (size_t i = 0; r->replications >= TRUSTED && i < r->workload_count; i++) {
        const struct lc_workload_result *w = &r->workloads[i];
        const struct lc_workload_bounds *b = &w->bounds;
        const bool throughput = outside(&w->throughput, b->throughput_low, b->throughput_high);
        if (!throughput && !outside(&w->response_time, b->response_low, b->response_high))
            continue;
        lc_error(diag, LC_MACHINE, NULL,
                 "internal error: the %s of '%s' is %.6g, but it lies between %.6g and %.6g whatever the queues do; "
                 "please report it with the model",
                 throughput ? "throughput" : "response time",
                 w->task != LC_NONE ? r->model->tasks[w->task].name : r->model->entries[w->entry].name,
                 throughput ? w->throughput.mean : w->response_time.mean,
                 throughput ? b->throughput_low : b->response_low, throughput ? b->throughput_high : b->response_high);
        return false;
    }
    return true;
}
