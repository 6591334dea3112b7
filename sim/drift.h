/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether the requests present at the tasks become more, or fewer, while they are counted. In a steady state the second
 * half of a replication has as many as the first on the average. Where it has not, values depend on how long was
 * simulated, however narrow their intervals: those tell how far replications of one length differ from each other.
 */
#ifndef LCI_DRIFT_H
#define LCI_DRIFT_H

#include "engine.h"
#include "estimate.h"

struct lci_drift {
    struct lci_moments change;  /* of the mean number from the first half of a replication to the second */
    struct lci_moments present; /* in all of it */
};

/* Requests in service or in the queue of the program's task, integrated over time. */
double lci_present_area(const struct lci_engine *engine, uint32_t task);
/* Adds a replication of length `time`, in which the number of requests had the integral `half` until `half_time`. */
void lci_drift_add(struct lci_drift *drift, double half_time, double half, double time, double all);
/* The program's task with most requests of those where their number changes within replications, beyond doubt and by
 * more than the part `by`; or, unless the length of replications is `given`, differs so much between them that they can
 * hardly be longer than what they should see many times. LCI_NIL: none. */
uint32_t lci_find_drift(const struct lci_program *program, const struct lci_drift *drifts, double by, bool given);

#endif
