/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which rows are one trace: those of a tree, and trees that share a native trace id, or one of the two sequence numbers
 * of a request and its answer (a weak relation: nothing hangs by it). A call of a process that hangs
 * nowhere, while exactly one request was in that process, is shown with that request's trace, as a root of its own: it
 * may belong to it, and nothing says so.
 */
#include "assembly/flow.h"

#include <stdlib.h>

static uint64_t process_key(const struct lci_flow *f)
{
    return lci_key(f->process, lci_key(f->agent, 7));
}

static void join_by_trace_ids(struct lci_rows *r)
{
    struct lci_index index = {0};
    for (uint32_t i = 0; i < r->count; i++)
        for (int t = 0; t < 2; t++)
            if (lci_has(r, i, LCI_HAS_TRACE) && r->flows[i].traces[t] != 0)
                lci_index_add(&index, r->flows[i].traces[t], 0, i);
    lci_index_sort(&index);
    for (size_t k = 1; k < index.count; k++)
        if (index.items[k].key == index.items[k - 1].key)
            lci_union_join(r->group, index.items[k].row, index.items[k - 1].row);
    lci_index_free(&index);
}

/* The only request that was in the call's process then; LCI_NO_FLOW: there was none, or there were several. */
static uint32_t only_request(const struct lci_rows *r, const struct lci_index *servers, uint32_t call)
{
    size_t count = 0;
    const struct lci_keyed *k = lci_index_until(servers, process_key(&r->flows[call]), r->trees[call].start, &count);
    if (count == LCI_LOOK)
        return LCI_NO_FLOW; /* there may be more */
    uint32_t found = LCI_NO_FLOW;
    for (size_t i = 0; i < count; i++) {
        if (!lci_covers(r, k[i].row, call))
            continue;
        if (found != LCI_NO_FLOW)
            return LCI_NO_FLOW;
        found = k[i].row;
    }
    return found;
}

static void join_by_process(struct lci_rows *r)
{
    struct lci_index servers = {0};
    for (uint32_t i = 0; i < r->count; i++)
        if (lci_has(r, i, LCI_IS_SERVER) && r->flows[i].process != 0)
            lci_index_add(&servers, process_key(&r->flows[i]), r->trees[i].start, i);
    lci_index_sort(&servers);
    for (uint32_t i = 0; i < r->count; i++) {
        const struct lci_flow *f = &r->flows[i];
        if (!lci_has(r, i, LCI_IS_CLIENT) || !lci_is_root(r, i) || f->process == 0 || f->traces[0] != 0)
            continue;
        const uint32_t server = only_request(r, &servers, i);
        if (server != LCI_NO_FLOW)
            lci_union_join(r->group, i, server);
    }
    lci_index_free(&servers);
}

void lci_find_traces(struct lci_rows *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->trees[i].parent != LCI_NO_FLOW)
            lci_union_join(r->group, i, r->trees[i].parent);
        if (r->trees[i].into != LCI_NO_FLOW)
            lci_union_join(r->group, i, r->trees[i].into);
    }
    join_by_trace_ids(r);
    lci_find_weak_sets(r);
    join_by_process(r);
    struct lci_index answers = {0};
    for (uint32_t i = 0; i < r->count; i++)
        if (lci_has(r, i, LCI_IS_GIVEN))
            lci_index_add(&answers, r->flows[i].answer, 0, i);
    lci_index_sort(&answers);
    for (size_t k = 1; k < answers.count; k++)
        if (answers.items[k].key == answers.items[k - 1].key)
            lci_union_join(r->group, answers.items[k].row, answers.items[k - 1].row);
    lci_index_free(&answers);
    for (uint32_t i = 0; i < r->count; i++)
        r->trees[i].trace = lci_union_find(r->group, i);
}
