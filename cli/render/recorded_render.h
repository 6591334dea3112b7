/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RECORDED_H
#define RECORDED_H

#include <jansson.h>

#include "summary.h"

/* What the model predicts at the load at which the traces were recorded, beside what was recorded. */
void print_recorded(const struct page *page);
json_t *recorded_json(const struct lc_verdict *verdict);

#endif
