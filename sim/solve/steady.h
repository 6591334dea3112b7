/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be said of a steady state without the engine: whether there is one, and what limits it.
 */
#ifndef LCI_STEADY_H
#define LCI_STEADY_H

#include "loadcast/result.h"

/* Whether the open load alone can be served, and does not change with time; appends an error if not. `infinite`: some
 * wait has no finite mean, which a warning says. */
bool lci_has_steady_state(const struct lc_model *model, bool *infinite, struct lc_diag *diag);

/* Tells what limits the model, highest load first, and what is behind the queues that grow (per task of the model):
 * bottleneck.c. */
void lci_find_bottlenecks(struct lc_result *result, const bool *grows);

#endif
