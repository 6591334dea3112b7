/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a verdict to the history. */
#ifndef RECORDING_H
#define RECORDING_H

#include "history/store.h"
#include "prepare.h"
#include "render/findings.h"

/* Adds what was learned and predicted. */
void recording_fill(struct history_record *record, const struct prepared *prepared);
/* Adds how it was judged: `status` is the one of the command; `gates` may be NULL. */
void recording_judge(struct history_record *record, const struct prepared *prepared, const struct gate_outcomes *gates,
                     enum lc_status status);
/* Writes that of one run (NULL: the only one of its release). 0, or −1 with an error. */
int record_verdict(struct history *history, const char *release, const char *run, const struct prepared *prepared,
                   struct lc_diag *diag);

#endif
