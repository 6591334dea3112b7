/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where values lie.
 */
#ifndef LCI_FIT_SPREAD_H
#define LCI_FIT_SPREAD_H

#include <stdbool.h>
#include <stddef.h>

struct lci_spread { /* NaN where there are no values */
    double mean, median, mode, p95;
};

/* Sorts the values. Median and p95 lie between the neighbours where no value stands at them (i (n − 1) / 100). The mode
 * of numbers of things (`whole`) is the most frequent one, the least of several; that of times is the middle of the
 * fullest bin, the first of several: bins begin at the least value and are 2 (q75 − q25) n^(−1/3) wide (Freedman and
 * Diaconis 1981), or, where the quartiles are equal, hold one value each. */
struct lci_spread lci_spread_of(double *values, size_t count, bool whole);

#endif
