/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The result record from a network that is solved. */
#ifndef LCS_SOLVE_ANSWER_H
#define LCS_SOLVE_ANSWER_H

#include "layers.h"
#include "loadcast/result.h"

void lcs_solve_answer(const struct lcs_network *network, struct lc_result *result);

#endif
