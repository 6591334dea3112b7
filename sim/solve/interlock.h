/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Interlocking (Franks & Woodside 1999): a thread and the threads that work for it are never in each other's way. What
 * a thread finds at a station is without what others do there for itself, without who waits for it, and without what
 * is done for whoever waits for both.
 */
#ifndef LCS_SOLVE_INTERLOCK_H
#define LCS_SOLVE_INTERLOCK_H

#include "layers.h"

/* By the rates at hand: for whom each chain works, and what of it comes before its reply. */
void lcs_interlock_find(struct lcs_network *network);

/* The parts of what customers of `found` wait and are served at a station at any time that cannot be there when one of
 * `arrives` comes to it; 0 within one chain. */
struct lcs_interlocked {
    double waiting, serving;
};
struct lcs_interlocked lcs_interlocked(const struct lcs_network *network, const struct lcs_link *arrives,
                                       const struct lcs_link *found);

#endif
