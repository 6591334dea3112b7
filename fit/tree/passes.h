/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The passes over the traces: the first gathers what clocks tell, as traces are read; the second, over the kept spans,
 * gathers which calls outlive their callers; the third makes the trees.
 */
#ifndef TREE_PASSES_H
#define TREE_PASSES_H

#include "loadcast/tree.h"

struct lci_passes;
/* Everything given is borrowed until lci_passes_free. */
struct lci_passes *lci_passes_new(const struct lc_tree_options *options, struct lc_symbols *symbols,
                                  struct lc_diag *diag);
void lci_passes_free(struct lci_passes *passes);
int lci_passes_add(void *passes, const struct lc_trace *trace); /* a lc_trace_sink */
/* Once all was added: gives services the names that they are called by, borrowed. All evidence is gathered anew. */
int lci_passes_rename(struct lci_passes *passes, const struct lc_renamed *renamed, size_t count);
/* Fills the extraction except for its reading. 0, -1 with errors appended, or what the sink returned. */
int lci_passes_finish(struct lci_passes *passes, lc_tree_sink sink, void *context, struct lc_extraction *extraction);

#endif
