/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fits as they are kept in a cache (loadcast/learn.h).
 */
#ifndef LCI_NETWORK_FIT_CACHE_H
#define LCI_NETWORK_FIT_CACHE_H

#include "network/model/build.h"

#include <jansson.h>

struct lci_fitted { /* what lci_fit_time() makes of samples */
    struct lc_dist dist;
    struct lc_choice choice;
    char *method;
    struct lci_time_replicates replicates;
};

/* A fit as a list of whole numbers and texts, so that nothing is lost. The numbers of bootstrap replicates are those of
 * `learned`. Reading gives false, and nothing to free, when the list is not whole; notes of fits are borrowed from it.
 */
json_t *lci_fitted_json(const struct lc_learned *learned, const struct lci_fitted *fitted);
bool lci_fitted_read(const struct lc_learned *learned, json_t *list, struct lci_fitted *fitted);

#endif
