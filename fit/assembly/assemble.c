/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All steps of the assembly, in their order. Each is a sort or two and one pass over the rows.
 */
#include "assembly/flow.h"

#include <stdlib.h>

struct lci_flow_tree *lci_flows_assemble(struct lci_flow *flows, uint32_t count)
{
    struct lci_rows r = {.flows = flows, .count = count};
    r.trees = lc_calloc(count + 1, sizeof *r.trees);
    r.traits = lc_alloc((count + 1) * sizeof *r.traits);
    r.set = lc_alloc((count + 1) * sizeof *r.set);
    r.root = lc_alloc((count + 1) * sizeof *r.root);
    r.group = lc_alloc((count + 1) * sizeof *r.group);
    for (uint32_t i = 0; i < count; i++) {
        const struct lci_flow *f = &flows[i];
        r.trees[i] = (struct lci_flow_tree){
            .into = LCI_NO_FLOW, .parent = LCI_NO_FLOW, .trace = i, .start = f->start, .end = f->end};
        if (f->joined) {
            r.trees[i].into = f->parent;
        } else if (f->given) {
            r.trees[i].parent = f->parent;
            r.trees[i].async = f->given_async;
        }
        r.set[i] = r.root[i] = r.group[i] = i;
    }
    for (uint32_t i = 0; i < count; i++) /* the same request at the next point */
        if (flows[i].given && !flows[i].joined && flows[i].parent != LCI_NO_FLOW)
            r.trees[i].chained = !flows[i].given_async && lci_same_call(&flows[flows[i].parent], &flows[i]);
    lci_merge_halves(&r);
    lci_find_traits(&r);
    lci_find_sets(&r);
    lci_hang_applications(&r);
    lci_hang_systems(&r);
    lci_hang_sets(&r);
    lci_join_trees(&r);
    lci_find_traces(&r);
    lci_correct_clocks(&r);
    lci_find_self_times(&r);
    lci_index_free(&r.numbers[0]);
    lci_index_free(&r.numbers[1]);
    free(r.traits);
    free(r.set);
    free(r.root);
    free(r.group);
    return r.trees;
}
