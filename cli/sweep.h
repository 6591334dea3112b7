/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Simulating a model with variables at every point of its lists. */
#ifndef SWEEP_H
#define SWEEP_H

#include "cli.h"
#include "loadcast/sim.h"
#include "model/sweep/sweep.h"

/* Simulates all points, one after the other, and writes them: `format` is table, text, json or csv; NULL is csv when
 * the model has a report, and table otherwise. Returns the exit status; messages are appended. */
enum lc_status sweep_simulate(struct lci_sweep *sweep, const struct lc_model *model, struct lc_sim_options *options,
                              const char *format, const struct cli_common *common, struct lc_diag *diag);

/* Whether the model is a single one: no variable has a list of values. If not, an error is appended, which ends with
 * what is there `instead`. */
bool sweep_is_one(const struct lc_model *model, const char *instead, struct lc_diag *diag);

#endif
