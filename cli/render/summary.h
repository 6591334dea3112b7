/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "loadcast/learn.h"
#include "loadcast/predict.h"
#include "loadcast/trace.h"

#include <stdio.h>

struct gate_outcomes; /* findings.h */

struct page { /* what is written, and how: one of these, but advice has its verdict beside it */
    const struct lc_verdict *verdict;
    const struct lc_advice *advice;
    const struct lc_result *result;
    const struct comparison *comparison;
    const struct lc_learned *learned; /* with the extraction and the names in it */
    const struct lc_extraction *extraction;
    const struct lc_symbols *symbols;
    const struct lc_reading *reading;  /* of the traces that its model was learned from; NULL: it was given */
    const struct gate_outcomes *gates; /* held against an earlier release; NULL: none were */
    struct json_t *trends;             /* "loadcast.trend/1" of the history; NULL: there is none */
    const char *file;                  /* of the scenario, as it was named; NULL: not known */
    double seconds;                    /* that all of it took */
    const char *stopped_by;            /* name of the signal that ended it early; NULL: none */
    bool verbose, colour;
    FILE *out; /* NULL: nowhere but to files that are named */
};
enum paint { PAINT_NONE, PAINT_BOLD, PAINT_GREEN, PAINT_YELLOW, PAINT_RED };
void paint(const struct page *page, enum paint paint, const char *text);
void heading(const struct page *page, const char *text);

/* What saturates and what would be next, the loads at a glance, goals, assumptions, what was read. */
void print_summary(const struct page *page);

#endif
