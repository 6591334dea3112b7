/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The result of one simulation as tables. */
#ifndef RESULT_TABLE_H
#define RESULT_TABLE_H

#include "summary.h"

/* Times are told in the model's unit. With `all`, also phases, activities and calls. */
void result_table(const struct lc_result *result, bool all, bool colour, FILE *out);

/* Rows of result_writers. */
int result_table_text(const struct page *page, struct lc_diag *diag);
int result_whole_text(const struct page *page, struct lc_diag *diag);
int result_json(const struct page *page, struct lc_diag *diag);

#endif
