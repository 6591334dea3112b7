/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * simulate --transient: curves of one model. */
#ifndef CLI_TRANSIENT_H
#define CLI_TRANSIENT_H

#include "cli.h"
#include "loadcast/transient.h"

/* Simulates the model of the file and prints its curves, or writes them as JSON. `duration` and `step` in seconds. */
enum lc_status transient_simulate(const struct lc_model *model, struct lc_transient_options *options,
                                  const struct cli_common *common, struct lc_diag *diag);

#endif
