/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sweeps: models with variables (parameters of LQN files, SPEX). Lists of values make points; at each, the model's
 * bindings are edits of the model (edit.h), its observations are variables that take results, and its report
 * ("R section") is computed from all of them.
 */
#ifndef LCI_MODEL_SWEEP_H
#define LCI_MODEL_SWEEP_H

#include "loadcast/result.h"

struct lci_sweep;

/* A variable and its number: NaN where it has none yet. The name is without '$'; a report's line that is only an
 * expression has that for its name. */
struct lci_sweep_value {
    const char *name; /* borrowed from the sweep */
    double value;
};

/* NULL with errors if a variable has no value, or if the model needs what is not supported: a convergence section
 * that assigns a variable on which the model depends. The model is borrowed. */
struct lci_sweep *lci_sweep_new(const struct lc_model *model, struct lc_diag *diag);
void lci_sweep_free(struct lci_sweep *sweep);
/* How many points there are; 1 when there are no lists. */
size_t lci_sweep_points(const struct lci_sweep *sweep);
bool lci_sweep_has_report(const struct lci_sweep *sweep);

/* Goes to a point (from 0): the model with its numbers there, checked, owned by the caller; NULL with errors. */
struct lc_model *lci_sweep_select(struct lci_sweep *sweep, size_t point, struct lc_diag *diag);
/* Gives observations and report their values at the point; `result` NULL: there is none, all are NaN. */
void lci_sweep_observe(struct lci_sweep *sweep, const struct lc_result *result, struct lc_diag *diag);

/* The values at the point: parameters that are numbers; observations; the lines of the report, whose first is the
 * number of the run from 1 under the name "0". */
size_t lci_sweep_variables(const struct lci_sweep *sweep, const struct lci_sweep_value **values);
size_t lci_sweep_observations(const struct lci_sweep *sweep, const struct lci_sweep_value **values);
size_t lci_sweep_report(const struct lci_sweep *sweep, const struct lci_sweep_value **values);

#endif
