/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pauses at intervals, such as those of garbage collection: the longest times of a component come at regular times.
 */
#ifndef LCI_CALIBRATE_PAUSES_H
#define LCI_CALIBRATE_PAUSES_H

#include "calibrate/stays.h"
#include "loadcast/calibrate.h"

/* In times[piece]. */
struct lc_calibrated_pauses lci_find_pauses(const struct lci_stays *stays, const double *times);

#endif
