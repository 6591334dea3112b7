/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FIT_REPORT_H
#define FIT_REPORT_H

#include "loadcast/learn.h"

/* Writes what was learned and where every number comes from as one HTML page that needs nothing else. The file appears
 * whole or not at all. −1 with an error when it cannot be written. */
int fit_report(const struct lc_learned *learned, const char *file, struct lc_diag *diag);

#endif
