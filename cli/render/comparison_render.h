/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A comparison as aligned tables and as a document: rows of comparison_writers. */
#ifndef COMPARISON_RENDER_H
#define COMPARISON_RENDER_H

#include "summary.h"

int comparison_text(const struct page *page, struct lc_diag *diag);
/* "loadcast.compare/1". */
int comparison_json(const struct page *page, struct lc_diag *diag);

#endif
