/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a cache (loadcast/learn.h) keeps of one fit.
 */
#ifndef LCI_NETWORK_CACHE_STORE_H
#define LCI_NETWORK_CACHE_STORE_H

#include "loadcast/learn.h"

#include <jansson.h>

/* FNV-1a, 64 bits: begins with LCI_HASH_BEGIN. */
#define LCI_HASH_BEGIN UINT64_C(0xcbf29ce484222325)
uint64_t lci_hash(uint64_t hash, const void *bytes, size_t length);

/* The fit that was kept under a name, NULL: none; and keeps one (takes the list). */
json_t *lci_cache_find(struct lc_cache *cache, const char *name);
void lci_cache_keep(struct lc_cache *cache, const char *name, json_t *fit);

#endif
