/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The forms in which 'loadcast fit' shows what was learned from traces. Fields: docs/learning.md.
 */
#ifndef FIT_H
#define FIT_H

#include "render/writers.h"

/* "passed over pareto (BIC -3.1); next gamma (BIC +0.4)": what came near the chosen family; "" where nothing did.
 * Allocated. */
char *fit_rivals(const struct lc_choice *choice);

/* Rows of a table of writers: as tables, as a JSON document ("loadcast.fit/1"), as an HTML page that needs nothing
 * else.
 */
int fit_text(const struct page *page, struct lc_diag *diag);
int fit_json(const struct page *page, struct lc_diag *diag);
int fit_report(const struct page *page, struct lc_diag *diag);

#endif
