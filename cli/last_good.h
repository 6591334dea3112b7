/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A night against the last good release of the history. */
#ifndef LAST_GOOD_H
#define LAST_GOOD_H

#include "history/store.h"
#include "loadcast/scenario.h"
#include "render/findings.h"

/* Compares the measures and predictions of a record with those of the last run, of a release that stands before the
 * record's, whose goals and gates are met; of the last one where there is none such. Fills in the gates' outcomes, and
 * what differs into `text` (owned by the caller; "" when no release stands before). 0, or −1 with errors. */
int last_good_compare(struct history *history, const struct history_record *record, const struct lc_scenario *scenario,
                      struct gate_outcomes *gates, char **text, struct lc_diag *diag);

#endif
