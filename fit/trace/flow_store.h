/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of DeepFlow from all inputs, until those of their time are read; then they are put together (fit/assembly) and
 * become spans: one for each process that a request was seen in. What the network saw of a call becomes events of its
 * client's span.
 */
#ifndef LCI_TRACE_FLOW_STORE_H
#define LCI_TRACE_FLOW_STORE_H

#include "flow_columns.h"

struct lci_flow_store;
/* Rows that take less than half of `memory`, in bytes, are put together when all are read. */
struct lci_flow_store *lci_flow_store_new(struct lc_symbols *symbols, struct lc_reading *reading, size_t memory,
                                          lc_assembled_sink sink, void *context);
void lci_flow_store_free(struct lci_flow_store *store);
size_t lci_flow_store_count(const struct lci_flow_store *store);
/* Whether there were any rows. */
bool lci_flow_store_used(const struct lci_flow_store *store);
/* Takes a span of a batch that is a row; its draft is settled. A parent that is given counts from `base`, the count of
 * rows before the batch.
 */
void lci_flow_store_add(struct lci_flow_store *store, const struct lci_batch *batch, const struct lc_span *span,
                        const struct lci_trace_id *trace, struct lci_flow_draft *draft, size_t base);
/* After the rows of a batch: when they take too much memory, they are put together, and the traces that are whole
 * handed on. Returns false when no more are wanted. */
bool lci_flow_store_settle(struct lci_flow_store *store, struct lci_assembler *assembler);
/* Puts all together and hands the spans on. Returns false when no more are wanted. */
bool lci_flow_store_finish(struct lci_flow_store *store, struct lci_assembler *assembler, struct lc_diag *diag);

#endif
