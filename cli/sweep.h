/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Simulating or solving a model with variables at every point of its lists. */
#ifndef SWEEP_H
#define SWEEP_H

#include "cli.h"
#include "loadcast/sim.h"
#include "loadcast/solve.h"
#include "model/sweep/sweep.h"

/* Simulates all points, one after the other, and writes them: `format` is table, text, json or csv; NULL is csv when
 * the model has a report, and table otherwise. Returns the exit status; messages are appended. */
enum lc_status sweep_simulate(struct lci_sweep *sweep, const struct lc_model *model, struct lc_sim_options *options,
                              const char *format, const struct cli_common *common, struct lc_diag *diag);

/* The same by the solver; each point begins with the solution of the one before. */
enum lc_status sweep_solve(struct lci_sweep *sweep, const struct lc_model *model,
                           const struct lc_solve_options *options, const char *format, const struct cli_common *common,
                           struct lc_diag *diag);
/* The points of a model that is a sweep; NULL without an error: it is none, or its only point is asked for in a format
 * that holds more than its report (`one`). */
struct lci_sweep *sweep_of(const struct lc_model *model, const char *format, struct lc_diag *diag);

/* Whether the model is a single one: no variable has a list of values. If not, an error is appended, which ends with
 * what is there `instead`. */
bool sweep_is_one(const struct lc_model *model, const char *instead, struct lc_diag *diag);

#endif
