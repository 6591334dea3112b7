/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What `run` predicts, as rows that two releases are compared by. */
#ifndef PREDICTIONS_H
#define PREDICTIONS_H

#include "cli.h"
#include "fit/measure/measures.h"

/* Learns from the traces (of one release; NULL: all are) in the place of the scenario's, and predicts. */
struct predicted_from {
    const char *scenario;
    const char *const *traces;
    size_t trace_count;
    const char *release;
};
int predictions_of_traces(const struct predicted_from *from, const struct cli_common *common,
                          struct lci_measure_table *table, struct lc_diag *diag);

#endif
