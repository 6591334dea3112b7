/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The outcome of a run as one page: plots, and below them what the terminal shows. */
#ifndef REPORT_H
#define REPORT_H

#include "summary.h"

/* Writes to page->out. 0, or −1 with an error. */
int report_html(const struct page *page, struct lc_diag *diag);

#endif
