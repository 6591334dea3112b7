/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

#define SORT(function, type, compare)                                                                                  \
    static int compare(const void *a, const void *b)                                                                   \
    {                                                                                                                  \
        const type x = *(const type *)a, y = *(const type *)b;                                                         \
        return (x > y) - (x < y);                                                                                      \
    }                                                                                                                  \
    void function(typeof(type) *values, size_t count)                                                                  \
    {                                                                                                                  \
        if (count > 1)                                                                                                 \
            qsort(values, count, sizeof *values, compare);                                                             \
    }
SORT(lci_sort_doubles, double, by_double)
SORT(lci_sort_int64, int64_t, by_int64)
SORT(lci_sort_uint64, uint64_t, by_uint64)
SORT(lci_sort_uint32, uint32_t, by_uint32)

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void lci_sort_texts(const char **texts, size_t count)
{
    if (count > 1)
        qsort(texts, count, sizeof *texts, by_text);
}
