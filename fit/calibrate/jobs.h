/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pieces of work that want a lock.
 */
#ifndef LCI_CALIBRATE_JOBS_H
#define LCI_CALIBRATE_JOBS_H

#include "calibrate/stays.h"

#include <stdbool.h>

struct lci_job {
    double begin, end;
    lc_symbol instance;
    uint32_t kind, level;
    double late; /* by how much the lock was let go after the piece's begin; below 0: it was free */
};
struct lci_jobs { /* those of an instance together, by their begins */
    struct lci_job *items;
    size_t count;
    double *room; /* for a number of each piece of the stays */
};
/* The last pieces of stays, or the first ones. */
struct lci_jobs lci_jobs_of(const struct lci_stays *stays, bool last_pieces);
void lci_jobs_free(struct lci_jobs *jobs);
/* The first job of the instance behind that of job `first`. */
size_t lci_next_instance(const struct lci_jobs *jobs, size_t first);

#endif
