/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A row of l7_flow_log as texts of its columns, and what the readers of rows share.
 */
#ifndef LCI_TRACE_FLOW_ROWS_H
#define LCI_TRACE_FLOW_ROWS_H

#include "flow_columns.h"

_Static_assert(LCI_COLUMNS <= 64, "a bit of `said` per column");
struct lci_flow_row {
    uint64_t said; /* bit per column that says something */
    const char *text[LCI_COLUMNS];
    size_t length[LCI_COLUMNS]; /* > 0 */
};
static inline bool lci_flow_says(const struct lci_flow_row *row, unsigned column)
{
    return row->said >> column & 1;
}
static inline void lci_flow_say(struct lci_flow_row *row, unsigned column, const char *text, size_t length)
{
    row->said |= UINT64_C(1) << column;
    row->text[column] = text;
    row->length[column] = length;
}

/* Whether rows with these columns can be put together; otherwise appends an error that says what is missing. */
bool lci_flow_columns_suffice(const struct lci_trace_reader *reader, const bool has[LCI_COLUMNS]);
/* The row as a span of the batch; batches are handed on when they are large. Ends with `warned` set when a point of
 * observation was not known, which is said once. */
void lci_flow_put(struct lci_trace_reader *reader, const struct lci_flow_row *row, bool *warned);
/* Hands on what is left. */
void lci_flow_flush(struct lci_trace_reader *reader);

#endif
