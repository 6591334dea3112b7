/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records that agents of DeepFlow lost: calls of two services that were seen on one side alone, while others of the
 * same two were seen on both.
 */
#ifndef LCI_TRACE_FLOW_LOSSES_H
#define LCI_TRACE_FLOW_LOSSES_H

#include "base/table.h"
#include "loadcast/trace.h"

struct lci_flow_pair { /* of services */
    lc_symbol client, server;
    uint64_t both, client_alone, server_alone; /* calls by the processes that they were seen in */
};
struct lci_flow_losses {
    struct lci_flow_pair *pairs;
    size_t count, capacity;
    struct lci_table table;
};

/* A call between two services, of which the names must be known. */
void lci_flow_note_call(struct lci_flow_losses *losses, lc_symbol client, lc_symbol server, bool client_seen,
                        bool server_seen);
void lci_flow_warn_losses(const struct lci_flow_losses *losses, const struct lc_symbols *symbols, struct lc_diag *diag);
void lci_flow_losses_free(struct lci_flow_losses *losses);

#endif
