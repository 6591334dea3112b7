/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/scenario.h"

#include <math.h>

enum lc_judgement lc_goal_judge(const struct lc_goal *goal, const struct lc_estimate *value, double confidence)
{
    double low, high;
    lc_estimate_interval(value, confidence, &low, &high);
    if (isnan(low) || isnan(high)) /* one sample has no interval: it decides nothing */
        return LC_GOAL_UNDECIDED;
    const bool at_least = goal->kind == LC_GOAL_THROUGHPUT;
    if (at_least ? low >= goal->limit : high <= goal->limit)
        return LC_GOAL_MET;
    return (at_least ? high < goal->limit : low > goal->limit) ? LC_GOAL_MISSED : LC_GOAL_UNDECIDED;
}
