/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BESIDE_H
#define BESIDE_H

#include <jansson.h>

#include "summary.h"

/* What the solver says of a point beside its simulation: nothing unless both were asked for. */
void print_beside(const struct page *page, const struct lc_point *point);
/* Sets "analytic" and "side_by_side" of a point. */
void set_beside(json_t *object, const struct lc_verdict *verdict, const struct lc_point *point);

#endif
