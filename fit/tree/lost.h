/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Traces that lost spans: the parent of a span is missing, and the span lies within the time of the trace's root. What
 * the root did itself, and whom it called, is wrong in such a trace, so nothing is to be learned from it, unless too
 * few traces of its kind are left.
 */
#ifndef TREE_LOST_H
#define TREE_LOST_H

#include "loadcast/tree.h"

struct lci_lost;
struct lci_lost *lci_lost_new(void);
void lci_lost_free(struct lci_lost *lost);

/* Looks at the next trace of the input. `parents`: indices, UINT32_MAX at roots. */
void lci_lost_see(struct lci_lost *lost, const struct lc_trace *trace, const uint32_t *parents);
/* The record at `offset`, larger than those before, holds spans of the trace that was seen last. */
void lci_lost_record(struct lci_lost *lost, uint64_t offset);
/* Names services otherwise in what is told; nothing may be added any more. */
void lci_lost_rename(struct lci_lost *lost, const struct lc_renamed *renamed, size_t count);
/* Whether the trees of the record at `offset` are of a trace that lost spans, while enough of its kind are whole. */
bool lci_lost_is_incomplete(const struct lci_lost *lost, uint64_t offset);
/* Warns of every kind of request of which traces lost spans. */
void lci_lost_tell(const struct lci_lost *lost, const struct lc_symbols *symbols, struct lc_diag *diag);

#endif
