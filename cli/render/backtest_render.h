/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A backtest for people, programs and as a page. */
#ifndef BACKTEST_RENDER_H
#define BACKTEST_RENDER_H

#include <stdio.h>

#include "loadcast/backtest.h"

struct backtest_page {
    const struct lc_backtest *backtest;
    const char *title, *stopped_by; /* the signal that ended it early; NULL: none */
    bool verbose;                   /* all levels, and all cells of each */
};
void backtest_text(const struct backtest_page *page, FILE *out);
/* 0, or −1 with an error. */
int backtest_json(const struct backtest_page *page, const char *file, struct lc_diag *diag);
int backtest_html(const struct backtest_page *page, const char *file, struct lc_diag *diag);

#endif
