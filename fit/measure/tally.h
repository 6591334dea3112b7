/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adds up what traces.md calls the measures: how often and how long, of a whole activity and of each operation, from
 * interaction trees. What the measures are: docs/nightly.md.
 */
#ifndef LCI_FIT_TALLY_H
#define LCI_FIT_TALLY_H

#include "loadcast/tree.h"
#include "measures.h"

struct lci_belongs { /* what a trace belongs to; borrowed texts, "": not known */
    const char *release, *run, *activity;
};

struct lci_tally;
struct lci_tally *lci_tally_new(const struct lc_symbols *symbols);
/* Trees of one trace come one after the other, as lc_trees_read() gives them; the first decides what it belongs to. */
void lci_tally_add(struct lci_tally *tally, const struct lc_tree *tree, const struct lci_belongs *belongs);
/* Appends all rows, sorted. Returns 0, or −1 with an error when the sums do not agree with each other. */
int lci_tally_finish(struct lci_tally *tally, struct lci_measure_table *table, struct lc_diag *diag);
void lci_tally_free(struct lci_tally *tally);

#endif
