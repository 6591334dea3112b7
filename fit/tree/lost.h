/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Traces that lost spans: the source says so, or the parent of a span is missing and the span lies within the time of
 * the trace's root. What the root did itself, and whom it called, is wrong in such a trace, so nothing is to be learned
 * from it, unless too few traces of its kind are left. A kind is the service and the operation of the root.
 */
#ifndef TREE_LOST_H
#define TREE_LOST_H

#include "tree/classify.h"
#include "tree/clocks.h"

struct lci_lost;
struct lci_lost *lci_lost_new(void);
void lci_lost_free(struct lci_lost *lost);

/* Looks at the next trace of the input. `parents`: indices, UINT32_MAX at roots. */
void lci_lost_see(struct lci_lost *lost, struct lci_types *types, const struct lc_trace *trace,
                  const uint32_t *parents);
/* The record at `offset`, larger than those before, holds spans of the trace that was seen last. */
void lci_lost_record(struct lci_lost *lost, uint64_t offset);
/* Moves all that was seen from `from` to `to`, which saw nothing. `names`: other names of services, by symbol; 0: the
 * same. */
void lci_lost_move(struct lci_lost *to, struct lci_lost *from, const lc_symbol *names, size_t count);
/* When all traces were seen: of which kinds enough are whole. As in `given` where that knows the kind; NULL: as the
 * traces tell. */
void lci_lost_decide(struct lci_lost *lost, const struct lci_lost *given);
/* After that: whether the trees of the record at `offset` are of a trace that lost spans and is not learned from. */
bool lci_lost_is_incomplete(const struct lci_lost *lost, uint64_t offset);
/* Warns of every kind of which traces lost spans. */
void lci_lost_tell(const struct lci_lost *lost, const struct lc_symbols *symbols, struct lc_diag *diag);

/* Lines {"lost": …} in the order of the names, and what the value of such a line tells, added. False: it is wrong. */
void lci_lost_write(const struct lci_lost *lost, const struct lc_symbols *symbols, lci_put_line put, void *sink);
bool lci_lost_read(struct lci_lost *lost, struct lc_symbols *symbols, const json_t *line);
/* Errors where a part learned from such traces, or did not, other than all parts together would have. */
void lci_lost_agree(const struct lci_lost *lost, const struct lc_symbols *symbols, struct lc_diag *diag);

#endif
