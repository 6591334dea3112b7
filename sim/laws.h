/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Laws that every sample path obeys, whatever the model: checked at the end of every replication, so that a mistake of
 * the simulation is told and not reported as a result.
 */
#ifndef LCI_LAWS_H
#define LCI_LAWS_H

#include "engine.h"

/* What is there when counting begins, per task: requests in service, and how long those in the queue have waited. */
struct lci_laws {
    double *busy, *waited;
};

struct lci_laws lci_laws_begin(const struct lci_engine *engine);
void lci_laws_free(struct lci_laws *laws);
/* NULL, or what is violated, as a text owned by the caller. */
char *lci_laws_check(const struct lci_engine *engine, const struct lci_laws *begin);

#endif
