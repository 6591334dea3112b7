/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The folder of a cache (loadcast/learn.h), and what it keeps of fits.
 */
#ifndef LCI_NETWORK_CACHE_STORE_H
#define LCI_NETWORK_CACHE_STORE_H

#include "base/fnv.h"
#include "loadcast/learn.h"

#include <jansson.h>

struct lc_cache {
    char *folder;
    char *summary, *document; /* files; NULL: these inputs are not kept */
    json_t *kept;             /* the document */
    json_t *fits;             /* of `kept`; borrowed */
    json_t *used;             /* names of those that were asked for */
    bool news;                /* something is not in the file yet */
};

/* Goes on with the file's bytes as they lie there, and their number; false when it cannot be read. */
bool lci_hash_file(const char *file, uint64_t *hash);
char *lci_hash_name(uint64_t hash);

/* A document, when it is whole. NULL and what is wrong with it: NULL when there is none. */
json_t *lci_document_read(const char *file, const char **wrong);

/* The fit that was kept under a name, NULL: none; and keeps one (takes the list). */
json_t *lci_cache_find(struct lc_cache *cache, const char *name);
void lci_cache_keep(struct lc_cache *cache, const char *name, json_t *fit);

#endif
