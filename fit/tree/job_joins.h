/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Jobs that were recorded as traces of their own, joined with the traces that sent them. A job is a trace with one root
 * that is linked to a span of another trace, or that carries the id of a queue's entry which an event of another trace
 * names (then the event is the dispatch).
 */
#ifndef TREE_JOINS_H
#define TREE_JOINS_H

#include "tree/spool.h"

struct lci_joins;
struct lci_joins *lci_joins_new(void);
void lci_joins_free(struct lci_joins *joins);

/* First pass: notes the record, which the spool keeps at `offset`, if it may be a job. */
void lci_joins_note(struct lci_joins *joins, const struct lci_tree_record *record, uint64_t offset);
/* After the first pass: finds the senders. Costs nothing when no job was noted. -1 with errors appended on failure. */
int lci_joins_find(struct lci_joins *joins, struct lci_spool *spool, struct lc_diag *diag);
/* How many jobs name a sender that was not found. */
uint64_t lci_joins_unjoined(const struct lci_joins *joins);
/* Of a record just taken from the spool: 0 if it is a job that is part of another record; 1 otherwise, and then the
 * record with its jobs appended (in memory that is valid until the next call); -1 on failure. */
int lci_joins_merge(struct lci_joins *joins, struct lci_spool *spool, struct lci_tree_record *record,
                    struct lc_diag *diag);

#endif
