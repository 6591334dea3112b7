/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the initial transient ends: MSER-5 (White 1997; White, Cobb & Spratt 2000).
 */
#ifndef LCI_WARMUP_H
#define LCI_WARMUP_H

#include <stdbool.h>
#include <stddef.h>

/* Of `count` successive values, how many to delete from the front. Values are taken five together; the cut minimises
 * the squared standard error of the mean of what is left, and lies in the first half. `*at_bound`: the minimum lies at
 * the end of that half, so that the transient may not be over. */
size_t lci_mser5(const double *values, size_t count, bool *at_bound);

#endif
