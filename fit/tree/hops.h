/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The time between client and server, divided by the points of the network where the request was observed.
 */
#ifndef TREE_HOPS_H
#define TREE_HOPS_H

#include "loadcast/tree.h"

struct lci_hops {
    struct lc_hop *items;
    size_t count, capacity;
    struct lci_hop_point *points; /* scratch */
    size_t point_count, point_capacity;
};
/* Appends the hops from client to server, whose sum is the difference of their durations (at least 0). Returns their
 * number; 0: nobody looked in between. */
uint32_t lci_hops_add(struct lci_hops *hops, const struct lc_symbols *symbols, const struct lc_trace *trace,
                      const struct lc_span *client, const struct lc_span *server);
void lci_hops_free(struct lci_hops *hops);

#endif
