/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Forwarding: a service that passes a request on and is done; who answers is the one that it was passed on to, and the
 * caller waits for that answer. In the model the entry forwards with the share of its visits that did.
 */
#include "network/model/build.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void lci_forwards_add(const struct lci_builder *builder, uint32_t operation, size_t cluster, int entry)
{
    const struct lci_visits *visits = builder->visits;
    const struct lci_operation *caller = &visits->operations[operation];
    uint32_t *callees = NULL; /* of the calls that were passed on */
    size_t count = 0, capacity = 0, executions = 0;
    for (size_t c = 0; c < visits->class_count; c++) {
        const struct lci_variant *variant = &caller->variants[c];
        if (builder->behaviour->clusters[operation].of[c] != cluster)
            continue;
        executions += variant->visit_count;
        for (size_t i = 0; i < variant->call_count; i++) {
            if (!variant->calls[i].forwarded)
                continue;
            LC_GROW(callees, count, capacity);
            callees[count++] = variant->calls[i].operation;
        }
    }
    if (count > 1)
        qsort(callees, count, sizeof *callees, compare);
    for (size_t first = 0, next; first < count; first = next) {
        const uint32_t callee = callees[first];
        for (next = first; next < count && callees[next] == callee; next++)
            ;
        const int to =
            builder->entries[callee].answering[lci_callee_cluster(builder->behaviour, operation, cluster, callee)];
        if (to != LC_NONE)
            lc_add_forward(&builder->learned->model->entries[entry], to, (double)(next - first) / (double)executions);
    }
    free(callees);
}
