/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/names.h"

#include "loadcast/lqn.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash(const char *name) /* FNV-1a */
{
    uint64_t h = 14695981039346656037u;
    for (; *name != 0; name++)
        h = (h ^ (unsigned char)*name) * 1099511628211u;
    return h ^ (h >> 32);
}

/* The slot that holds `name`, or the free one where it belongs. */
static struct lci_name *slot(const struct lci_names *names, const char *name)
{
    size_t i = hash(name) & (names->size - 1);
    while (names->slots[i].name != NULL && strcmp(names->slots[i].name, name) != 0)
        i = (i + 1) & (names->size - 1);
    return &names->slots[i];
}

int lci_names_find(const struct lci_names *names, const char *name)
{
    if (names->size == 0)
        return LC_NONE;
    const struct lci_name *s = slot(names, name);
    return s->name != NULL ? s->index : LC_NONE;
}

static void grow(struct lci_names *names)
{
    struct lci_names larger = {.size = names->size ? 2 * names->size : 16, .count = names->count};
    larger.slots = lc_calloc(larger.size, sizeof *larger.slots);
    for (size_t i = 0; i < names->size; i++)
        if (names->slots[i].name != NULL)
            *slot(&larger, names->slots[i].name) = names->slots[i];
    free(names->slots);
    *names = larger;
}

void lci_names_add(struct lci_names *names, const char *name, int index)
{
    if (2 * names->count >= names->size)
        grow(names);
    *slot(names, name) = (struct lci_name){lc_strdup(name), index};
    names->count++;
}

static int by_index(const void *a, const void *b)
{
    const struct lci_name *x = a, *y = b;
    return (x->index > y->index) - (x->index < y->index);
}

const char *lci_names_nearest(const struct lci_names *names, const char *name)
{
    struct lci_name *sorted = lc_calloc(names->count + 1, sizeof *sorted);
    const char **known = lc_calloc(names->count + 1, sizeof *known);
    size_t count = 0;
    for (size_t i = 0; i < names->size; i++)
        if (names->slots[i].name != NULL)
            sorted[count++] = names->slots[i];
    qsort(sorted, count, sizeof *sorted, by_index);
    for (size_t i = 0; i < count; i++)
        known[i] = sorted[i].name;
    const char *nearest = lc_nearest(name, known);
    free(known);
    free(sorted);
    return nearest;
}

void lci_names_free(struct lci_names *names)
{
    for (size_t i = 0; i < names->size; i++)
        free(names->slots[i].name);
    free(names->slots);
    *names = (struct lci_names){0};
}
