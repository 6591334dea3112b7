/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "run/run.h"

struct page {
    const struct run *run;
    FILE *out;
    bool colour;
};
enum paint { PAINT_NONE, PAINT_BOLD, PAINT_GREEN, PAINT_YELLOW, PAINT_RED };
void paint(const struct page *page, enum paint paint, const char *text);
void heading(const struct page *page, const char *text);

/* What saturates and what would be next, the loads at a glance, goals, assumptions, what was read. */
void print_summary(const struct page *page);

#endif
