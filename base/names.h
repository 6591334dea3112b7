/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From names to indices, for readers that look up many names.
 */
#ifndef LOADCAST_FORMAT_NAMES_H
#define LOADCAST_FORMAT_NAMES_H

#include "base/table.h"

struct lci_names {
    struct lci_named {
        char *name; /* owned */
        int index;
    } * items; /* in the order in which they were added */
    size_t count, capacity;
    struct lci_table table;
};

/* The index kept for `name`, or LC_NONE. */
int lci_names_find(const struct lci_names *names, const char *name);
/* Keeps `index` for a name that is not there yet. */
void lci_names_add(struct lci_names *names, const char *name, int index);
/* The known name nearest to `name`, or NULL (see lci_nearest); of several the one added first. Owned by `names`. */
const char *lci_names_nearest(const struct lci_names *names, const char *name);
void lci_names_free(struct lci_names *names);

#endif
