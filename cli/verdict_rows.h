/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What `run --json` wrote, as rows that two releases are compared by. */
#ifndef VERDICT_ROWS_H
#define VERDICT_ROWS_H

#include <jansson.h>

#include "fit/measure/measures.h"

/* Whether a file is what `run --json` wrote; no error where it cannot be read. */
bool is_verdict(const char *file);
/* Appends a verdict's rows, without its what-ifs: "capacity" (the factor of the load) of the system and of each
 * component, and at each level "load" of components and "predicted_response_time" of workloads. The activity is the
 * level, the subject the component or workload. Their counts and deviations stand for the intervals: such that
 * sd / √count is the standard error. */
void verdict_rows_add(const json_t *verdict, struct lci_measure_table *table);
/* The same from a file. 0, or −1 with an error. */
int verdict_rows_read(const char *file, struct lci_measure_table *table, struct lc_diag *diag);

#endif
