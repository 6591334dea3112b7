/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One component of a network: closed chains with fixed service times, and open ones at fixed rates.
 */
#ifndef LCS_SOLVE_MVA_H
#define LCS_SOLVE_MVA_H

#include "layers.h"

struct lcs_component {
    int *chains, *stations; /* into the network's */
    size_t chain_count, station_count;
    /* Kept from one solution to the next: how the parts of chains at stations change with one customer less. */
    double *change_waiting, *change_serving;
    size_t changes;
};

/* Sets the waits of all links of the component and the rates of the chains of sources in it. Returns the number of
 * iterations within. */
unsigned lcs_mva_solve(struct lcs_network *network, struct lcs_component *component);

#endif
