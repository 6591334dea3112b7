/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What holds although the load is too much for a component: of requests that do not wait for it. */
#ifndef LCP_APART_H
#define LCP_APART_H

#include "predict.h"

/* Judges the goals of an overloaded point anew that have a value all the same: the response times of workloads that do
 * not wait for what is full, and what is served of each. `percentiles`: those that goals are about. */
void lcp_judge_apart(struct lc_verdict *verdict, struct lc_point *point, const struct lc_percentile_list *percentiles,
                     double deadline);
/* What a result says of what a goal is about; mean NaN: nothing. judge_goals.c */
struct lc_estimate lcp_goal_value(const struct lc_verdict *verdict, const struct lc_point *point,
                                  const struct lc_result *result, const struct lc_goal *goal);
/* The goal has this value. judge_goals.c */
void lcp_judge_value(const struct lc_verdict *verdict, const struct lc_point *point, struct lc_goal_result *goal,
                     struct lc_estimate value);
/* What takes longer and longer, by the traffic equations. [entry]: the answer to a call of the entry: its component is
 * full, or it waits for one that is, directly or through threads that all wait in the end. [entry_count + entry]: all
 * that such a call sets going. The array is the caller's. */
bool *lcp_growing_entries(const struct lc_model *model, const struct lc_traffic *traffic);
/* Whether that holds of the requests of a source of load: of their answers, or until all of it has ended. */
bool lcp_source_grows(const struct lc_model *model, const bool *growing, const struct lc_workload_result *source,
                      bool completion);

#endif
