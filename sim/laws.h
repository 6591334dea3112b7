/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Laws that every sample path obeys, whatever the model: checked at the end of every replication, so that a mistake of
 * the simulation is told and not reported as a result.
 */
#ifndef LCI_LAWS_H
#define LCI_LAWS_H

#include "engine.h"

/* What is there when counting begins. Per task: requests in service, and how long those in the queue have waited; per
 * guard: requests under way. */
struct lci_laws {
    double *busy, *waited, *under_way;
};

struct lci_laws lci_laws_begin(const struct lci_engine *engine);
void lci_laws_free(struct lci_laws *laws);
/* NULL, or what is violated, as a text owned by the caller. */
char *lci_laws_check(const struct lci_engine *engine, const struct lci_laws *begin);
/* An error that tells it. */
void lci_laws_say(const char *violated, uint64_t seed, uint64_t replication, struct lc_diag *diag);

#endif
