/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The expressions that a model's variables put in place of numbers, for writers of LQN files.
 */
#ifndef LOADCAST_FORMAT_LQN_BINDINGS_H
#define LOADCAST_FORMAT_LQN_BINDINGS_H

#include "format/lqn_build.h"

struct lci_bound_slot;

/* Bindings are found by what their paths stand for, because many paths may lead to the same number. */
struct lci_bindings {
    struct lc_model *model;
    struct lci_bound_slot *slots; /* sorted by place */
    size_t slot_count;
    bool *asked;  /* per binding: a writer has found it */
    size_t first; /* numbers of generated variables ($bound_N) begin here: none of the model's own has one */
};

/* Bindings that stand for something else than one number are not found. */
void lci_bindings_start(struct lci_bindings *bindings, struct lc_model *model);
/* Frees, with a warning for each binding that nobody asked for: it is not in the file. */
void lci_bindings_end(struct lci_bindings *bindings, struct lc_diag *diag);
/* The binding that fills an attribute ("$x", or any other expression in the syntax of SPEX), or NULL. */
const struct lc_binding *lci_bindings_find(const struct lci_bindings *bindings, struct lci_owner owner,
                                           const char *attribute);
/* Is the expression one variable, such as "$x"? */
bool lci_is_variable(const char *expression);
/* N of the name "bound_N" of a generated variable; −1 for other names. */
long lci_generated_variable(const char *name);

/* Whether an expression of the report needs a variable that an observation takes which is not in the file. */
bool lci_report_is_lost(const struct lc_model *model, const bool *observed, const char *expression);

#endif
