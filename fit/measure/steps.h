/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What rosebery measures of pipelines, with its definitions mended: runtimes of each step and node, rates, capacity,
 * and the time between steps. docs/nightly.md has the measures.
 */
#ifndef LCI_FIT_STEPS_H
#define LCI_FIT_STEPS_H

#include "loadcast/tree.h"
#include "measures.h"
#include "tally.h"

struct lci_steps;
/* Rates are counted in intervals of so many ns; `literal`: the equations as they are written as well. */
struct lci_steps *lci_steps_new(const struct lc_symbols *symbols, int64_t interval, bool literal);
/* Notes the steps of a tree; of one that is no pipeline nothing. */
void lci_steps_add(struct lci_steps *steps, const struct lc_tree *tree, const struct lci_belongs *belongs);
/* Appends their rows. */
void lci_steps_finish(struct lci_steps *steps, struct lci_measure_table *table);
void lci_steps_free(struct lci_steps *steps);

#endif
