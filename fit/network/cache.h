/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a cache (loadcast/learn.h) keeps of one fit.
 */
#ifndef LCI_NETWORK_CACHE_H
#define LCI_NETWORK_CACHE_H

#include "learner.h"

#include <jansson.h>

struct lci_fitted { /* what lci_fit_time() makes of samples */
    struct lc_dist dist;
    struct lc_choice choice;
    char *method;
    struct lci_drawn_time drawn;
};

/* A fit as a list of whole numbers and texts, so that nothing is lost. The numbers of bootstrap replicates are those of
 * `learned`. Reading gives false, and nothing to free, when the list is not whole; notes of fits are borrowed from it.
 */
json_t *lci_fitted_json(const struct lc_learned *learned, const struct lci_fitted *fitted);
bool lci_fitted_read(const struct lc_learned *learned, json_t *list, struct lci_fitted *fitted);

/* FNV-1a, 64 bits: begins with LCI_HASH_BEGIN. */
#define LCI_HASH_BEGIN UINT64_C(0xcbf29ce484222325)
uint64_t lci_hash(uint64_t hash, const void *bytes, size_t length);

/* The fit that was kept under a name, NULL: none; and keeps one (takes the list). */
json_t *lci_cache_find(struct lc_cache *cache, const char *name);
void lci_cache_keep(struct lc_cache *cache, const char *name, json_t *fit);

#endif
