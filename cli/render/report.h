/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The outcome of a run as one page: plots, and below them what the terminal shows. */
#ifndef REPORT_H
#define REPORT_H

#include "summary.h"

/* 0, or −1 with an error. */
int report_html(const struct page *page, struct lc_diag *diag);

/* Plots of steady states: load and response times over the levels, what each change allows, dates of growth. Each
 * appends pictures to the page, or nothing where there is nothing to draw; −1 with an error. */
int report_loads(const struct lc_verdict *verdict, FILE *out, struct lc_diag *diag);
/* Plots of curves over time, those of changes beside those of the base. */
int report_curves(const struct lc_verdict *verdict, FILE *out, struct lc_diag *diag);

#endif
