/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What curves over time say about goals, for people. */
#ifndef CURVE_GOALS_H
#define CURVE_GOALS_H

#include "run/run.h"

/* A line for each goal of a point. */
void curve_goals_text(const struct run *run, const struct run_point *point, FILE *out);
/* "above it from 300 s to 420 s, furthest at 360 s: 12.3 ± 1 % are slower" of one goal; allocated. */
char *curve_goal_text(const struct run *run, const struct run_goal *goal);

#endif
