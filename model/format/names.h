/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A table from names to indices, for readers that look up many names. Lookups never depend on the order of insertion.
 */
#ifndef LOADCAST_FORMAT_NAMES_H
#define LOADCAST_FORMAT_NAMES_H

#include <stddef.h>

struct lci_names {
    struct lci_name {
        char *name; /* owned; NULL: free slot */
        int index;
    } * slots;
    size_t count, size; /* size is 0 or a power of two */
};

/* The index kept for `name`, or LC_NONE. */
int lci_names_find(const struct lci_names *names, const char *name);
/* Keeps `index` for a name that is not in the table yet. */
void lci_names_add(struct lci_names *names, const char *name, int index);
/* The known name nearest to `name`, or NULL (see lc_nearest). The text belongs to the table. */
const char *lci_names_nearest(const struct lci_names *names, const char *name);
void lci_names_free(struct lci_names *names);

#endif
