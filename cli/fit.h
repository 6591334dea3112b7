/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The forms in which 'loadcast fit' shows what was learned from traces. Fields: docs/learning.md.
 */
#ifndef FIT_H
#define FIT_H

#include "loadcast/learn.h"

/* "passed over pareto (BIC -3.1); next gamma (BIC +0.4)": what came near the chosen family; "" where nothing did.
 * Allocated. */
char *fit_rivals(const struct lc_choice *choice);

/* As tables on standard output. */
void fit_text(const struct lc_learned *learned, const struct lc_extraction *extraction,
              const struct lc_symbols *symbols);
/* As a JSON document; the file appears whole or not at all. −1 with an error when it cannot be written. */
int fit_json(const struct lc_learned *learned, const struct lc_extraction *extraction, const struct lc_symbols *symbols,
             const char *file, struct lc_diag *diag);

#endif
