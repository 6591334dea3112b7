/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sorts plain values, the least first. The array may be NULL when it holds none. No number is a NaN.
 */
#ifndef LCI_BASE_SORT_H
#define LCI_BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

void lci_sort_doubles(double *values, size_t count);
void lci_sort_int64(int64_t *values, size_t count);
void lci_sort_uint64(uint64_t *values, size_t count);
void lci_sort_uint32(uint32_t *values, size_t count);
void lci_sort_texts(const char **texts, size_t count);

#endif
