/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The result of one simulation as tables. */
#ifndef RESULT_TABLE_H
#define RESULT_TABLE_H

#include "loadcast/result.h"

#include <stdbool.h>
#include <stdio.h>

/* Times are told in the model's unit. With `all`, also phases, activities and calls. */
void result_table(const struct lc_result *result, bool all, bool colour, FILE *out);

#endif
