/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tasks whose replicas come and go: all that there can be are in the program, and elastic.c tells which of them serve.
 */
#include "compile.h"
#include "model/elastic.h"

static uint32_t sampler_of(struct lci_program *p, const struct lc_dist *dist, const char *name, const char *role)
{
    return dist->family != NULL && lc_dist_mean(dist) > 0 ? lci_add_sampler(p, dist, 1, name, role) : LCI_NIL;
}

uint32_t lci_add_elastic(struct lci_compiler *c, const struct lci_program_task *task)
{
    struct lci_program *p = c->program;
    const struct lc_task *from = &c->model->tasks[task->model];
    const struct lc_elastic *rules = &from->elastic;
    const uint32_t processor = p->model_processor[from->processor];
    const bool owns = p->processors[processor].scheduling != LC_INF;
    struct lci_elastic to = {.rules = rules,
                             .task = p->model_task[task->model],
                             .initial = from->replicas,
                             .balance = from->balance,
                             .keep_alive = sampler_of(p, &rules->keep_alive, from->name, "keep-alive"),
                             .start_up = sampler_of(p, &rules->start_up, from->name, "start-up"),
                             .up = LCI_NIL,
                             .down = LCI_NIL,
                             .processor = owns ? processor : LCI_NIL};
    if (lci_elastic_fails(rules)) {
        to.up = sampler_of(p, &rules->up, from->name, "up");
        to.down = sampler_of(p, &rules->down, from->name, "down");
    }
    if (lci_elastic_scales(rules) && (to.initial < lci_elastic_least(rules) || lci_elastic_on_demand(rules)))
        to.initial = lci_elastic_least(rules);
    if (lci_elastic_scales(rules) && to.initial > rules->maximum)
        to.initial = rules->maximum;
    LC_GROW(p->elastics, p->elastic_count, p->elastic_capacity);
    p->elastics[p->elastic_count] = to;
    return (uint32_t)p->elastic_count++;
}
