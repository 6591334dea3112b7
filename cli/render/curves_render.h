/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Curves over time for people and for programs. */
#ifndef CURVES_H
#define CURVES_H

#include <jansson.h>
#include <stdio.h>

#include "loadcast/transient.h"

/* Every curve as a small plot, then values at some times. `unit`: seconds in the model's unit of time. With `all`,
 * every component and twice as many times. */
void curves_text(const struct lc_transient *transient, double unit, bool all, FILE *out);
/* The curves that people look at: those of workloads, then those of components, the busiest first; `left` tells how
 * many less busy components have none in it unless `all`. The caller frees the array. */
const struct lc_curve **curves_shown(const struct lc_transient *transient, bool all, size_t *count, size_t *left);
char *curves_title(const struct lc_transient *transient, const struct lc_curve *curve); /* "web, load"; allocated */
/* {"times", "series": [{"name", "component" or "workload", "quantity", "mean", "ci95", "low", "high"}], …}; times in
 * the model's unit, of the beginnings of bins. */
json_t *curves_json(const struct lc_transient *transient);
/* "recovers 35 s after the load is back", … in one line; NULL: nothing to say. Allocated. */
char *curves_recovery(const struct lc_transient *transient, double unit);

#endif
