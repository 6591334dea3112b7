/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which candidate explains best what was recorded at a component.
 */
#ifndef LCI_CALIBRATE_JUDGE_H
#define LCI_CALIBRATE_JUDGE_H

#include "calibrate/candidates.h"
#include "loadcast/calibrate.h"

/* Fills in everything from `kind` to `load_count`. `queue`: the word for a limit of `stays` as a whole. `loads`: how
 * many it takes at the least. */
void lci_judge(const struct lci_stays *stays, enum lc_limit_kind queue, size_t loads, struct lc_calibrated *found);

#endif
