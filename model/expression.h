/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Expressions of LQN files' parameters (SPEX) and the sweeps that lists of values make.
 *
 * Operators by increasing precedence: ?: || && comparisons + - * / % ** (to the right) ! and the sign, [index], calls
 * of functions, numbers, "texts" and $variables. A variable whose whole expression is a list [a, b, …] or a range [from
 * : to, step] is swept: the points are all combinations, the variable that is declared first changes last.
 */
#ifndef LOADCAST_EXPRESSION_H
#define LOADCAST_EXPRESSION_H

#include "loadcast/lqn.h"

struct lci_scope;

struct lci_scope *lci_scope_new(void);
void lci_scope_free(struct lci_scope *scope);
/* Adds a variable (name without '$'), with its value at the current point. −1 and an error if it has none; it then
 * counts as defined, and has no value. */
int lci_scope_add(struct lci_scope *scope, const char *name, const char *expression, struct lc_diag *diag,
                  const struct lc_place *place);
/* The scope of all the model's variables; NULL with errors if one cannot be evaluated. */
struct lci_scope *lci_scope_of(const struct lc_model *model, struct lc_diag *diag);
/* How many points the lists make (1: no lists), at most LCI_POINTS. */
#define LCI_POINTS 1000000
size_t lci_scope_points(const struct lci_scope *scope);
/* Gives all variables their values at a point. */
int lci_scope_select(struct lci_scope *scope, size_t point, struct lc_diag *diag);

/* The number of a variable; false if it has none or another value. */
bool lci_scope_number(const struct lci_scope *scope, const char *name, double *value);
/* A scope of its own with the values that the variables have now. */
struct lci_scope *lci_scope_copy(const struct lci_scope *scope);
/* Adds a variable that is this number, NaN allowed. */
void lci_scope_set(struct lci_scope *scope, const char *name, double value);

/* The number that the whole text comes to. `_any`: it need not be finite. */
int lci_evaluate_any(const struct lci_scope *scope, const char *expression, double *value, struct lc_diag *diag,
                     const struct lc_place *place);
int lci_evaluate(const struct lci_scope *scope, const char *expression, double *value, struct lc_diag *diag,
                 const struct lc_place *place);

/* Where the expression that begins at `text` ends; NULL and a message (owned by the caller) with the place `wrong` if
 * it is none. With `lists`, "-1" after a blank ends it as it ends lists in LQN text. Nothing is evaluated. */
const char *lci_expression_end(const char *text, bool lists, const char **wrong, char **message);

#endif
