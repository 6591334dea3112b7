/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Forwarding: a service that passes a request on and is done; who answers is the one that it was passed on to, and the
 * caller waits for that answer. In the model the entry forwards with the share of its visits that did.
 */
#include "network/model/build.h"

#include <stdlib.h>

void lci_forwards_add(const struct lci_builder *builder, uint32_t operation, size_t cluster, int entry)
{
    const struct lci_visits *visits = builder->visits;
    const struct lci_operation *caller = &visits->operations[operation];
    uint64_t *calls = lc_calloc(visits->operation_count, sizeof *calls), executions = 0;
    for (size_t c = 0; c < visits->class_count; c++) {
        const struct lci_variant *variant = &caller->variants[c];
        if (builder->behaviour->clusters[operation].of[c] != cluster)
            continue;
        executions += variant->visit_count;
        for (size_t i = 0; i < variant->call_count; i++)
            calls[variant->calls[i].operation] += variant->calls[i].forwarded;
    }
    for (uint32_t o = 0; o < visits->operation_count; o++) {
        if (calls[o] == 0)
            continue;
        const int to = builder->entries[o].answering[lci_callee_cluster(builder->behaviour, operation, cluster, o)];
        if (to != LC_NONE)
            lc_add_forward(&builder->learned->model->entries[entry], to, (double)calls[o] / (double)executions);
    }
    free(calls);
}
