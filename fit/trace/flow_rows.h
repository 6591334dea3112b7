/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the readers of rows of l7_flow_log share.
 */
#ifndef LCI_TRACE_FLOW_ROWS_H
#define LCI_TRACE_FLOW_ROWS_H

#include "flow_columns.h"

/* Whether rows with these columns can be put together; otherwise appends an error that says what is missing. */
bool lci_flow_columns_suffice(const struct lci_trace_reader *reader, const bool has[LCI_COLUMNS]);
/* The row as a span of the batch; batches are handed on when they are large. Ends with `warned` set when a point of
 * observation was not known, which is said once. */
void lci_flow_put(struct lci_trace_reader *reader, const struct lci_flow_row *row, bool *warned);
/* Hands on what is left. */
void lci_flow_flush(struct lci_trace_reader *reader);

#endif
