/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What would help, for people and for programs. */
#ifndef ADVICE_RENDER_H
#define ADVICE_RENDER_H

#include "loadcast/predict.h"

#include <stdio.h>

void advice_text(const struct lc_verdict *verdict, const struct lc_advice *advice, bool verbose, FILE *out);
/* "loadcast.advice/1". 0, or −1 with an error. */
int advice_json(const struct lc_verdict *verdict, const struct lc_advice *advice, const char *file,
                struct lc_diag *diag);

#endif
