/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/scenario.h"

#include <math.h>

enum lc_judgement lc_goal_judge(const struct lc_goal *goal, const struct lc_estimate *value, double confidence)
{
    const double half = confidence > 0.95 ? value->ci99 : value->ci95;
    const bool at_least = goal->kind == LC_GOAL_THROUGHPUT;
    const double room = at_least ? value->mean - goal->limit : goal->limit - value->mean;
    if (isnan(value->mean) || isnan(half)) /* one sample has no interval: it decides nothing */
        return LC_GOAL_UNDECIDED;
    if (room >= half)
        return LC_GOAL_MET;
    return -room > half ? LC_GOAL_MISSED : LC_GOAL_UNDECIDED;
}
