/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "loadcast/predict.h"
#include "loadcast/trace.h"

#include <stdio.h>

struct page { /* what is written of a verdict, and how */
    const struct lc_verdict *verdict;
    const struct lc_advice *advice;   /* NULL: none was asked for */
    const struct lc_reading *reading; /* of the traces that its model was learned from; NULL: it was given */
    double seconds;                   /* that all of it took */
    const char *stopped_by;           /* name of the signal that ended it early; NULL: none */
    bool verbose, colour;
    FILE *out;
};
enum paint { PAINT_NONE, PAINT_BOLD, PAINT_GREEN, PAINT_YELLOW, PAINT_RED };
void paint(const struct page *page, enum paint paint, const char *text);
void heading(const struct page *page, const char *text);

/* What saturates and what would be next, the loads at a glance, goals, assumptions, what was read. */
void print_summary(const struct page *page);

#endif
