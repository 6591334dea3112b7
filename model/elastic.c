/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/elastic.h"
#include "model/elastic.h"

#include "loadcast/base.h"
#include "loadcast/lqn.h"
#include "model/lqn.h"

#include <string.h>

/* The task whose connections the task pools, else itself. */
static int owner_of(const struct lc_model *m, int task)
{
    for (size_t i = 0; strchr(m->tasks[task].name, '>') != NULL && i < m->task_count; i++)
        if (lci_is_pool_of(m, task, (int)i))
            return (int)i;
    return task;
}

uint32_t lci_elastic_most(const struct lc_model *m, int task)
{
    const struct lc_task *t = &m->tasks[owner_of(m, task)];
    return lci_elastic_scales(&t->elastic) ? t->elastic.maximum : t->replicas;
}

int lci_elastic_owner(const struct lc_model *m, int processor)
{
    int owner = LC_NONE;
    for (size_t i = 0; i < m->task_count; i++) {
        const struct lc_elastic *e = &m->tasks[i].elastic;
        if (m->tasks[i].processor == processor && lci_elastic_changes(e))
            owner = (int)i;
    }
    return owner;
}

int *lci_elastic_owners(const struct lc_model *m)
{
    int *owners = lc_alloc((m->processor_count + 1) * sizeof *owners);
    for (size_t i = 0; i < m->processor_count; i++)
        owners[i] = LC_NONE;
    for (size_t i = 0; i < m->task_count; i++)
        if (lci_elastic_changes(&m->tasks[i].elastic))
            owners[m->tasks[i].processor] = (int)i;
    return owners;
}

double lci_elastic_growth(const struct lc_model *m, int task)
{
    const struct lc_elastic *e = &m->tasks[task].elastic;
    double growth = (double)lci_elastic_most(m, task) / m->tasks[task].replicas;
    if (lci_elastic_fails(e))
        growth *= lc_dist_mean(&e->up) / (lc_dist_mean(&e->up) + lc_dist_mean(&e->down));
    return growth;
}
