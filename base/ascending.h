/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For asserts: whether numbers ascend; equal ones may follow each other, a NaN none. */
#ifndef BASE_ASCENDING_H
#define BASE_ASCENDING_H

#include <stdbool.h>
#include <stddef.h>

static inline bool lci_ascending(const double *x, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (!(x[i - 1] <= x[i]))
            return false;
    return true;
}

#endif
