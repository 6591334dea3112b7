/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The verdict where curves over time are asked for. */
#ifndef CURVE_GOALS_H
#define CURVE_GOALS_H

#include "summary.h"

/* A line for each goal of a point. */
void curve_goals_text(const struct lc_verdict *verdict, const struct lc_point *point, FILE *out);
/* "above it from 300 s to 420 s, furthest at 360 s: 12.3 ± 1 % are slower" of one goal; allocated. */
char *curve_goal_text(const struct lc_verdict *verdict, const struct lc_goal_result *goal);
void curves_verdict_text(const struct page *page);
int curves_verdict_json(const struct page *page, struct lc_diag *diag);

#endif
