/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What `run` predicted, as rows that two releases are compared by. */
#ifndef PREDICTIONS_H
#define PREDICTIONS_H

#include <jansson.h>

#include "cli.h"
#include "fit/measure/measures.h"

/* Whether a file is what `run --json` wrote; no error where it cannot be read. */
bool is_verdict(const char *file);
/* The same from a file. 0, or −1 with an error. */
int predictions_read(const char *file, struct lci_measure_table *table, struct lc_diag *diag);
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
