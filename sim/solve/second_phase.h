/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several servers that go on behind the reply, as the Markov chain of their callers (exponential times).
 */
#ifndef LCS_SOLVE_SECOND_PHASE_H
#define LCS_SOLVE_SECOND_PHASE_H

#include "station.h"

/* False: it is not for it: open arrivals, nothing behind replies, or too many states. `waits`: the mean time in line of
 * a request; `all_busy`: the chance that a request finds no free server, or, where it is not `one` of the callers who
 * asks, that there is none; `busy` as of lcs_finite_source. */
bool lcs_second_phase(const struct lcs_station *station, double mean, const struct lcs_callers *callers, double *waits,
                      double *all_busy, double *busy);

#endif
