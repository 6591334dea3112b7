/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The edits that a scenario and a deployment make. */
#ifndef LCI_SIM_SCENARIO_EDITS_H
#define LCI_SIM_SCENARIO_EDITS_H

#include "loadcast/scenario.h"

/* Applies an edit to a model: 0, or −1 with errors, as lc_edit(). */
int lci_edit_apply(struct lc_model *model, const struct lc_edit *edit, struct lc_diag *diag);
/* What an edit of a deployment says of a service (NULL: of whichever it is about), "cores" or "calls.db.timeout"; NULL:
 * it is about another one. */
const char *lci_edit_attribute(const struct lc_edit *edit, const char *service);

#endif
