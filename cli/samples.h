/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists of observations as people keep them: one a line, "#" begins a comment, an optional second column is a weight.
 * An observation is a number, ">30" (cut off at 30, by a timeout say), "<0.5" (too small for the clock) or "10..20".
 * In a list of numbers alone many equal ones at the maximum are taken for values that were cut off.
 */
#ifndef SAMPLES_H
#define SAMPLES_H

#include "loadcast/fit.h"

/* Owned arrays; `high` and `weight` are NULL where every value is exact, and every weight 1. */
struct samples {
    double *low, *high, *weight;
    size_t count, capacity;
    bool stated; /* some are written as cut off, too small or intervals */
    size_t tied; /* equal values at the maximum that were taken as cut off there; 0: none */
};

/* "-" is standard input. Returns -1 and all errors, each with line and column. */
int samples_read(const char *file, struct samples *samples, struct lc_diag *diag);
void samples_free(struct samples *samples);

#endif
