/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Estimators of demand from arrivals and departures. Jobs are intervals [begin, end], in any order; empty ones are
 * ignored. Times in any unit.
 */
#ifndef LCI_NETWORK_WAITING_ESTIMATORS_H
#define LCI_NETWORK_WAITING_ESTIMATORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Complete information: how long each job would have taken alone, when the present jobs slow each other down as
 * lci_speeds_of() says. Jobs are of `kinds` kinds (`kind`: of each job; may be NULL when there is one). */
void lci_complete_information(const double *begin, const double *end, const uint32_t *kind, size_t count,
                              double servers, const double *share, size_t kinds, double *demand);
/* Response-time approximation: the mean of the jobs that found a server free; NaN if none did. */
double lci_response_time_approximation(const double *begin, const double *end, size_t count, double servers);
/* When each job got one of `servers`, first come, first served; those that are `taken` (may be NULL: none is) got it at
 * their beginning, and have waited before it. Of jobs that began together, who had `shown` first that it was served
 * (may be NULL: nobody before its end) was served first. Returns how many left while the order says that they still
 * waited, or began when it says that none was free. */
size_t lci_fifo_starts(const double *begin, const double *end, const double *shown, const bool *taken, size_t count,
                       size_t servers, double *start);

/* ---- shared_speed.c ---------------------------------------------------------------------------------------------- */

/* How fast each of `present` jobs goes on, 1 alone, when `share` of its time is work for one of `servers` and the rest
 * a delay: the closed network of a delay and an M/M/servers station. With share 1 it is min(1, servers / present). */
double lci_speed(double servers, double share, size_t present);

/* The same of jobs of several kinds, each with its share above 0 (borrowed): exact up to 128 jobs, beyond that the
 * limit of many. `present` jobs of each kind, one or more in all; what is returned, a speed for each kind that is
 * present, holds until the next call. */
struct lci_speeds *lci_speeds_new(double servers, const double *share, size_t kinds);
const double *lci_speeds_of(struct lci_speeds *speeds, const size_t *present);
void lci_speeds_free(struct lci_speeds *speeds);

/* ---- turns.c ----------------------------------------------------------------------------------------------------- */

/* Exchanges the starts of jobs that began together, to an order drawn with the probabilities of orders, given how long
 * other jobs of their kinds took from their start until they had `shown` it. */
void lci_draw_turns(const double *begin, const double *shown, const size_t *kind, const bool *taken, size_t count,
                    double *start);

#endif
