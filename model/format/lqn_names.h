/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names that LQN text can hold: letters, digits and '_', at least two of them, not beginning with a digit unless the
 * whole is a number.
 */
#ifndef LOADCAST_FORMAT_LQN_NAMES_H
#define LOADCAST_FORMAT_LQN_NAMES_H

#include "loadcast/lqn.h"

/* Arrays as long as the model's, of names that are unique within their name space. */
struct lci_legal_names {
    char **processors, **groups, **tasks, **entries;
    char ***activities; /* [task][activity] */
};

/* Names that are legal stay; the others are changed, with a warning each. */
struct lci_legal_names lci_legal_names(const struct lc_model *model, struct lc_diag *diag);
void lci_legal_names_free(struct lci_legal_names *names, const struct lc_model *model);

#endif
