/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the history keeps of a release, as rows that two releases are compared by. */
#ifndef RECORDED_ROWS_H
#define RECORDED_ROWS_H

#include "history/store.h"

/* Appends what was measured in a run, and its predictions as predictions.h has them. */
void recorded_rows_add(const struct history_record *record, struct lci_measure_table *table);
/* Appends and sorts those of all runs of a release; of its predictions those of the last run. 0, or −1 with errors: no
 * such release is one that names those which are there. */
int recorded_rows_of_release(struct history *history, const char *release, struct lci_measure_table *table,
                             struct lc_diag *diag);

#endif
