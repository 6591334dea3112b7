/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What has no analytic treatment. */
#ifndef LCS_SOLVE_REFUSE_H
#define LCS_SOLVE_REFUSE_H

#include "loadcast/lqn.h"

/* Appends an error for each such thing, which says to simulate instead; true if there is one. */
bool lcs_solve_refuses(const struct lc_model *model, struct lc_diag *diag);

#endif
