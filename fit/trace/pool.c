/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool.h"

#include "base/memory.h"
#include "loadcast/base.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_BITS 6
#define LEAST      (1u << LEAST_BITS)
#define ITEMS      8                  /* of a new array */
#define FIRST      ((size_t)64 << 10) /* bytes of the first chunk: most inputs are small */

static size_t size_of(unsigned class)
{
    return (size_t)(class % 2 == 0 ? LEAST : LEAST + LEAST / 2) << class / 2;
}

/* The smallest class of so many bytes, LCI_POOL_CLASSES: none. Since arrays have eight items or more, this is also the
 * class of an array by what its items take. */
static unsigned class_of(size_t bytes)
{
    if (bytes <= LEAST)
        return 0;
    if (bytes > size_of(LCI_POOL_CLASSES - 1))
        return LCI_POOL_CLASSES;
    const unsigned bits = 64 - (unsigned)__builtin_clzll(bytes - 1), class = 2 * (bits - LEAST_BITS);
    return bytes <= size_of(class - 1) ? class - 1 : class;
}

static void *take(struct lci_pool *p, unsigned class)
{
    const size_t bytes = size_of(class);
    if (p->given_back[class] != NULL) {
        void *array = p->given_back[class];
        memcpy(&p->given_back[class], array, sizeof(void *));
        return array;
    }
    if (p->left < bytes) { /* the rest is left */
        LC_GROW(p->chunks, p->chunk_count, p->chunk_capacity);
        p->left = p->chunk_count == 0 ? FIRST : LCI_LARGE_PAGE;
        p->at = p->chunks[p->chunk_count++] = p->left == FIRST ? lc_alloc(FIRST) : lci_large_page();
    }
    p->left -= bytes;
    p->at += bytes;
    return p->at - bytes;
}

void *lci_pool_one(struct lci_pool *p, size_t size)
{
    const unsigned class = class_of(size);
    return class < LCI_POOL_CLASSES ? take(p, class) : lc_alloc(size);
}

void lci_pool_give(struct lci_pool *p, void *array, size_t size, size_t capacity)
{
    if (array == NULL)
        return;
    const unsigned class = class_of(size * capacity);
    if (class == LCI_POOL_CLASSES) {
        free(array);
        return;
    }
    memcpy(array, &p->given_back[class], sizeof(void *));
    p->given_back[class] = array;
}

void *lci_pool_grow(struct lci_pool *p, void *array, size_t size, size_t count, size_t *capacity, size_t wanted)
{
    const size_t before = *capacity;
    wanted = wanted < ITEMS ? ITEMS : wanted;
    const unsigned class = class_of(size * wanted);
    void *larger;
    if (class < LCI_POOL_CLASSES) {
        larger = take(p, class);
        *capacity = size_of(class) / size;
    } else {
        *capacity = 2 * before > wanted ? 2 * before : wanted;
        larger = lc_realloc(NULL, *capacity, size);
    }
    if (count > 0)
        memcpy(larger, array, count * size);
    lci_pool_give(p, array, size, before);
    return larger;
}

void lci_pool_free(struct lci_pool *p)
{
    for (size_t i = 0; i < p->chunk_count; i++)
        free(p->chunks[i]);
    free(p->chunks);
    *p = (struct lci_pool){0};
}
