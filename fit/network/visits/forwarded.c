/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Forwarding: a service that passes a request on and is done; who answers is the one that it was passed on to, and the
 * caller waits for that answer.
 */
#include "network/visits/collect.h"

const struct lc_tree_node *lci_passed_on_to(const struct lc_tree *tree, const struct lc_tree_node *node)
{
    const struct lc_tree_node *last = NULL;
    for (uint32_t i = 0; i < node->child_count; i++) {
        const struct lc_tree_node *child = &tree->nodes[node->first_child + i];
        if (child->forwarded && (last == NULL || child->end > last->end))
            last = child;
    }
    return last;
}

int64_t lci_forwarded_time(const struct lc_tree *tree, const struct lc_tree_node *node)
{
    int64_t time = 0;
    for (const struct lc_tree_node *to; (to = lci_passed_on_to(tree, node)) != NULL; node = to) {
        const int64_t begin = to->start > node->end ? to->start : node->end;
        time += to->end > begin ? to->end - begin : 0;
    }
    return time;
}
