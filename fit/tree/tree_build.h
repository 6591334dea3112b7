/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From assembled calls, with what is decided about their edges, to the nodes of an interaction tree.
 */
#ifndef TREE_BUILD_H
#define TREE_BUILD_H

#include "tree/hops.h"
#include "tree/tree_assembly.h"

struct lci_tree_builder {
    struct lc_tree_node *nodes;
    int64_t *segments;
    size_t capacity; /* calls that all of this has room for */
    /* Scratch. */
    uint32_t *first, *children, *call_of, *order;
    struct lci_span_window *windows;
    int64_t *ends;
    struct lci_hops hops;
};

/* The tree lies in the builder's memory: valid until the next call. The windows of the assembly's calls are settled. */
struct lc_tree lci_build(struct lci_tree_builder *builder, struct lci_assembly *assembly,
                         const struct lci_tree_assembler *by);
void lci_builder_free(struct lci_tree_builder *builder);

#endif
