/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What would help, for people and for programs ("loadcast.advice/1"); rows of writers.c. */
#ifndef ADVICE_RENDER_H
#define ADVICE_RENDER_H

#include "summary.h"

int advice_text(const struct page *page, struct lc_diag *diag);
int advice_json(const struct page *page, struct lc_diag *diag);

#endif
