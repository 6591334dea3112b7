/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What workloads lie between, whatever the queues do.
 */
#ifndef LCI_SOLVE_BOUNDS_H
#define LCI_SOLVE_BOUNDS_H

#include "layers.h"
#include "loadcast/result.h"

/* Balanced-job bounds (Zahorjan, Sevcik, Eager & Galler 1982) of the only source of a network that is closed, has a
 * product form and single servers alone; elsewhere nothing is changed. They are within the asymptotic ones, which
 * lc_result_bounds() gives. */
void lcs_balanced_bounds(const struct lcs_network *network, struct lc_result *result);

/* The same for the result of a simulation, and whether it lies within all its bounds, noise left aside; if not, an
 * error of the program is appended. */
bool lcs_within_bounds(struct lc_result *result, struct lc_diag *diag);

#endif
