/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What could make requests wait at a component, and how likely that makes what was recorded. Every candidate rebuilds,
 * from the order in which requests came and left, how long each piece of work would have taken had nobody been in the
 * way; under the right one these times come from one distribution at every load.
 */
#ifndef LCI_CALIBRATE_CANDIDATES_H
#define LCI_CALIBRATE_CANDIDATES_H

#include "calibrate/stays.h"

#include <stdbool.h>

/* Σ over the kinds of pieces of how likely their times are, times[piece]. Kinds with few pieces say nothing. */
double lci_pieces_likelihood(const struct lci_stays *stays, const double *times);
/* The times as they were. */
void lci_times_recorded(const struct lci_stays *stays, double *times);
/* The same stays, each from when one of `threads` took it, first come, first served. *contradicted: some ended before
 * that. */
struct lci_stays lci_stays_admitted(const struct lci_stays *stays, size_t threads, bool *contradicted);
/* A queue before the handler, first come, first served: what of each first piece is left when the request waited until
 * one of `threads` was free. Below 0: the order contradicts it. */
void lci_times_threads(const struct lci_stays *stays, size_t threads, double *times);
/* Work that shares `cores` evenly. Returns the logarithm of what the change of variables contributes. */
double lci_times_cores(const struct lci_stays *stays, double cores, double *times);
/* Times that grow with the load by a factor, `factor` per level. */
double lci_times_grown(const struct lci_stays *stays, double *factors, double *times);

#define LCI_LEAST_OF_KIND 20 /* pieces, to know their distribution */

struct lci_calibrated_lock {
    bool last_pieces; /* it lies in the last piece of a stay, not the first */
    double behind;    /* part of the piece that lies behind the lock */
    double after;     /* the same, of what is left when the lock is there */
    double likelihood;
    double hold, low, high; /* s, mean and its 95 % interval; NaN: too few waited */
    double variance;        /* s², of the hold */
    double piece;           /* s: mean of a piece that did not wait */
    size_t waited;          /* pieces that did */
};
/* One lock that is held for a part of the piece. Fills in everything but the first two. */
void lci_try_lock(const struct lci_stays *stays, struct lci_calibrated_lock *lock);

/* The hold without the bias that the order of pieces leaves in it: by simulation, which takes some hundred times as
 * long. As it was, where too few found nobody. */
void lci_size_lock(const struct lci_stays *stays, struct lci_calibrated_lock *lock);

/* Where spans begin when a thread is free: of every stay the time between the caller's sending and its begin, less the
 * waiting for one of `threads` (0: as it was). NaN where it is not known. */
void lci_times_before(const struct lci_stays *stays, size_t threads, double *times);
double lci_before_likelihood(const struct lci_stays *stays, const double *times);

#endif
