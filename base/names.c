/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/names.h"

#include "base/text.h"
#include "loadcast/lqn.h"

#include <stdlib.h>
#include <string.h>

int lci_names_find(const struct lci_names *names, const char *name)
{
    uint32_t at;
    LCI_TABLE_FIND(&names->table, lci_hash_bytes(name, strlen(name)), at, strcmp(names->items[at].name, name) == 0);
    return at != LCI_ABSENT ? names->items[at].index : LC_NONE;
}

void lci_names_add(struct lci_names *names, const char *name, int index)
{
    lci_table_add(&names->table, lci_hash_bytes(name, strlen(name)), names->count);
    LC_GROW(names->items, names->count, names->capacity);
    names->items[names->count++] = (struct lci_named){lc_strdup(name), index};
}

const char *lci_names_nearest(const struct lci_names *names, const char *name)
{
    const char **known = lc_calloc(names->count + 1, sizeof *known);
    for (size_t i = 0; i < names->count; i++)
        known[i] = names->items[i].name;
    const char *nearest = lci_nearest(name, known);
    free(known);
    return nearest;
}

void lci_names_free(struct lci_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i].name);
    free(names->items);
    lci_table_free(&names->table);
    *names = (struct lci_names){0};
}
