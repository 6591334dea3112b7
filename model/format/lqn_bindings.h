/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The expressions that a model's variables put in place of numbers, for writers of LQN files.
 */
#ifndef LOADCAST_FORMAT_LQN_BINDINGS_H
#define LOADCAST_FORMAT_LQN_BINDINGS_H

#include "format/lqn_build.h"

struct lci_bindings {
    const struct lc_model *model;
    struct lci_names paths; /* → index of the binding */
};

void lci_bindings_start(struct lci_bindings *bindings, const struct lc_model *model);
void lci_bindings_free(struct lci_bindings *bindings);
/* The expression that fills an attribute ("$x", or any other in the syntax of SPEX), or NULL. */
const char *lci_bindings_find(const struct lci_bindings *bindings, struct lci_owner owner, const char *attribute);
/* Is the expression one variable, such as "$x"? */
bool lci_is_variable(const char *expression);

#endif
