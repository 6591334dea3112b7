/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balance.h"

#include "loadcast/base.h"
#include "model/lqn.h"

#include <math.h>

static size_t place_of(const struct lci_measures *m, const struct lc_estimate *estimate)
{
    size_t i = 0;
    while (m->targets[i] != estimate)
        i++;
    return i;
}

/* Sessions pause between their steps, which is no part of the response, and users of a pattern are not always there. */
static bool is_steady_source(const struct lci_program *p, uint32_t task)
{
    const struct lci_program_task *t = &p->tasks[task];
    return t->workload != LCI_NIL && t->users == LCI_NIL && !lci_is_session(p->model, &p->model->tasks[t->model]);
}

struct lci_balances lci_balances_new(const struct lci_program *p, const struct lci_measures *m,
                                     const struct lc_result *r)
{
    struct lci_balances b = {lc_calloc(p->task_count, sizeof(struct lci_balance)), 0};
    for (uint32_t i = 0; i < p->task_count; i++) {
        if (!is_steady_source(p, i))
            continue;
        const int task = p->tasks[i].model;
        for (size_t w = 0; w < r->workload_count; w++)
            if (r->workloads[w].task == task)
                b.items[b.count++] = (struct lci_balance){
                    .throughput = place_of(m, &r->workloads[w].throughput),
                    .response = place_of(m, &r->workloads[w].response_time),
                    .under_way = place_of(m, &r->tasks[task].utilization),
                    .task = task,
                    .closed = p->tasks[i].scheduling != LC_OPEN,
                };
    }
    return b;
}

double lci_balance_gap(const struct lci_balances *b, const struct lci_measures *m, const struct lci_balance **at)
{
    double widest = 0;
    *at = NULL;
    for (size_t i = 0; i < b->count; i++) {
        const struct lci_balance *one = &b->items[i];
        const double under_way = m->moments[one->under_way].mean;
        const double product = m->moments[one->throughput].mean * m->moments[one->response].mean;
        const double gap = under_way > 0 ? fabs(product - under_way) / under_way : 0;
        if (one->closed && gap > widest) {
            widest = gap;
            *at = one;
        }
    }
    return widest;
}

double lci_balance_response(const struct lci_balances *b, const struct lci_measures *m)
{
    double longest = 0;
    for (size_t i = 0; i < b->count; i++) {
        const double throughput = m->moments[b->items[i].throughput].mean;
        if (throughput > 0)
            longest = fmax(longest, m->moments[b->items[i].under_way].mean / throughput);
    }
    return longest;
}
