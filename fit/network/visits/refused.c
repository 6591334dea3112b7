/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests that never reached their servers: failed calls without a server's span, to a service that writes spans. A
 * breaker, a limit or a full queue has refused them, or the network has lost them. Nobody has served them, so they are
 * no calls of the model; how long they took is their caller's time.
 */
#include "network/visits/collect.h"

#include <stdlib.h>

static bool is_served(const struct lci_visits *visits, lc_symbol name)
{
    const struct lci_task *task = lci_task_find(visits, name);
    for (uint32_t o = task->first_operation; o < task->end_operation; o++)
        if (!visits->operations[o].external)
            return true;
    return false;
}

/* Which operation a failed call asked for: the one that the service's own spans tell of, else the call's own.
 * LCI_NO_OPERATION: a call that does not count as refused. */
static uint32_t asked_for(const struct lci_visits *visits, uint32_t index)
{
    const struct lci_operation *operation = &visits->operations[index];
    if (!operation->external || !is_served(visits, operation->task))
        return LCI_NO_OPERATION;
    uint32_t found = index, first = index;
    while (first > 0 && lci_same_entry(&visits->operations[first - 1], operation))
        first--;
    for (uint32_t o = first; o < visits->operation_count && lci_same_entry(&visits->operations[o], operation); o++) {
        const struct lci_operation *own = &visits->operations[o];
        if (own->level == operation->level && own->inside == operation->inside && !own->external &&
            (found == index || own->around))
            found = o;
    }
    return found;
}

static void mark_calls(const struct lci_variant *variant, const uint32_t *asked)
{
    for (size_t v = 0; v < variant->visit_count; v++) {
        struct lci_call *calls = lci_calls_of(variant, &variant->visits[v]);
        for (uint32_t i = 0; i < variant->visits[v].call_count; i++)
            if (calls[i].failed && asked[calls[i].operation] != LCI_NO_OPERATION) {
                calls[i].refused = true;
                calls[i].operation = asked[calls[i].operation];
            }
        lci_calls_sort(calls, variant->visits[v].call_count);
    }
}

/* What the callers' spans told of them as if of an external server's visits. */
static void leave_out_failed(struct lci_variant *variant)
{
    size_t kept = 0;
    for (size_t v = 0; v < variant->visit_count; v++)
        if (!variant->visits[v].error)
            variant->visits[kept++] = variant->visits[v];
    variant->seen -= variant->visit_count - kept;
    variant->visit_count = kept;
}

/* The visits of an operation in this release and the others: arrays of a variant per class; some may be NULL. */
static struct lci_variant *variants_in(const struct lci_operation *operation, size_t release)
{
    return release == 0 ? operation->variants : operation->elsewhere[release - 1];
}

void lci_mark_refused(struct lci_visits *visits)
{
    uint32_t *asked = lc_alloc((visits->operation_count + 1) * sizeof *asked);
    for (uint32_t o = 0; o < visits->operation_count; o++) {
        asked[o] = asked_for(visits, o);
        visits->refused |= asked[o] != LCI_NO_OPERATION;
    }
    for (size_t o = 0; o < visits->operation_count && visits->refused; o++)
        for (size_t r = 0; r <= visits->operations[o].elsewhere_count; r++) {
            struct lci_variant *variants = variants_in(&visits->operations[o], r);
            for (size_t c = 0; variants != NULL && c < visits->class_count; c++) {
                mark_calls(&variants[c], asked);
                if (asked[o] != LCI_NO_OPERATION)
                    leave_out_failed(&variants[c]);
            }
        }
    free(asked);
}
