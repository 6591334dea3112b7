/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The result record from a network that is solved. */
#ifndef LCS_SOLVE_ANSWER_H
#define LCS_SOLVE_ANSWER_H

#include "layers.h"
#include "loadcast/result.h"

void lcs_solve_answer(struct lcs_network *network, struct lc_result *result);

/* False, with an error (LC_UNDECIDED), where a load is above 1, or a figure negative or no number: extreme models have
 * been seen to end so, with iterations that go on and without. */
bool lcs_is_sound(const struct lc_result *result, struct lc_diag *diag);

#endif
