/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which candidate explains best what was recorded at a component.
 */
#ifndef LCI_CALIBRATE_JUDGE_H
#define LCI_CALIBRATE_JUDGE_H

#include "calibrate/candidates.h"
#include "loadcast/calibrate.h"

/* Fills in everything from `kind` to `load_count`. `queue`: the word for a limit of `stays` as a whole. `loads`: how
 * many it takes at the least. Where there are two limits, *found is the one that requests come to first, and *inner
 * the one behind it; else inner->kind is LC_LIMIT_UNKNOWN, and it has no loads. */
void lci_judge(const struct lci_stays *stays, enum lc_limit_kind queue, size_t loads, struct lc_calibrated *found,
               struct lc_calibrated *inner);

#endif
