/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model says of a system, as rows that two models are compared by. */
#ifndef MODEL_ROWS_H
#define MODEL_ROWS_H

#include "fit/measure/measures.h"
#include "loadcast/lqn.h"

/* Appends, for every entry that serves requests: its own demand ("non_blocked_process_time"), its time without waiting
 * ("total_process_time") and its mean calls; of open loads "load" of components and "capacity" (the factor of the
 * load), as the traffic equations have them. Exact: deviations are 0. 0, or −1 with errors appended. */
int model_rows_add(const struct lc_model *model, struct lci_measure_table *table, struct lc_diag *diag);

#endif
