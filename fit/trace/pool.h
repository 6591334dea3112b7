/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Arrays that grow, of very many small owners: from chunks that are given back to the system in the end only, so that
 * neither the allocator nor the kernel is asked for each of them.
 */
#ifndef LCI_TRACE_POOL_H
#define LCI_TRACE_POOL_H

#include <stddef.h>

#define LCI_POOL_CLASSES 21 /* 64, 96, 128, 192 … bytes to 64 KiB; larger arrays are the allocator's */

struct lci_pool {
    void *given_back[LCI_POOL_CLASSES]; /* arrays, each of which begins with the address of the next */
    char *at;                           /* what is left of the last chunk */
    size_t left;
    void **chunks;
    size_t chunk_count, chunk_capacity;
};

/* The array with room for at least `wanted` items of `size` bytes; its `count` items stay, `capacity` is set. NULL is
 * an array without room. */
void *lci_pool_grow(struct lci_pool *pool, void *array, size_t size, size_t count, size_t *capacity, size_t wanted);
/* One item, for an array with a capacity of 1 that does not grow. */
void *lci_pool_one(struct lci_pool *pool, size_t size);
/* Takes it back. */
void lci_pool_give(struct lci_pool *pool, void *array, size_t size, size_t capacity);
/* With all arrays of 64 KiB or less; larger ones must have been given back. */
void lci_pool_free(struct lci_pool *pool);

#define LCI_POOL_ROOM(pool, array, count, capacity, more)                                                              \
    ((count) + (more) <= (capacity)                                                                                    \
         ? false                                                                                                       \
         : ((array) = lci_pool_grow((pool), (array), sizeof *(array), (count), &(capacity), (count) + (more)), true))

#endif
