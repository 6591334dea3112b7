/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Estimators of demand from arrivals and departures. Jobs are intervals [begin, end], in any order; empty ones are
 * ignored. Times in any unit.
 */
#ifndef LCI_NETWORK_WAITING_H
#define LCI_NETWORK_WAITING_H

#include "network/patterns/patterns.h"

/* How fast each of `present` jobs goes on, 1 alone, when `share` of its time is work for one of `servers` and the rest
 * a delay: the closed network of a delay and an M/M/servers station. With share 1 it is min(1, servers / present). */
double lci_speed(double servers, double share, size_t present);
/* Complete information: how long each job would have taken alone, when the present jobs slow each other down so. */
void lci_complete_information(const double *begin, const double *end, size_t count, double servers, double share,
                              double *demand);
/* Response-time approximation: the mean of the jobs that found a server free; NaN if none did. */
double lci_response_time_approximation(const double *begin, const double *end, size_t count, double servers);
/* When each job got one of `servers`, first come, first served; those that are `taken` (may be NULL: none is) got it at
 * their beginning, and have waited before it. Of jobs that began together, who had `shown` first that it was served
 * (may be NULL: nobody before its end) was served first. Returns how many left while the order says that they still
 * waited, or began when it says that none was free. */
size_t lci_fifo_starts(const double *begin, const double *end, const double *shown, const bool *taken, size_t count,
                       size_t servers, double *start);

/* ---- turns.c ----------------------------------------------------------------------------------------------------- */

/* Exchanges the starts of jobs that began together, to an order drawn with the probabilities of orders, given how long
 * other jobs of their kinds took from their start until they had `shown` it. */
void lci_draw_turns(const double *begin, const double *shown, const size_t *kind, const bool *taken, size_t count,
                    double *start);

/* ---- served.c ---------------------------------------------------------------------------------------------------- */

/* Visits that may be changed: a copy of the recorded ones, without refused calls; what is not changed is borrowed. */
struct lci_visits lci_served_of(const struct lci_visits *recorded);
/* Before visits or calls of the variant are changed. */
void lci_variant_own(struct lci_variant *variant);
/* Forgets what the operation did in other releases. */
void lci_served_drop_releases(const struct lci_visits *served, struct lci_operation *operation);
void lci_served_free(struct lci_visits *served);

/* ---- waiting.c --------------------------------------------------------------------------------------------------- */

/* Takes waiting out of the visits of every service whose capacity is known, unless the load is said to have been low;
 * tells how much that was, and warns where the visits contradict the capacity. −1 with an error when it must be taken
 * out and no capacity is known. */
int lci_take_waiting_out(struct lci_visits *served, struct lci_waiting *waiting, struct lc_diag *diag);

/* ---- full_threads.c ---------------------------------------------------------------------------------------------- */

/* Marks the calls of `task` that were sent while every thread of one of its instances was busy. `threads`: of an
 * instance. Of the visits as they were recorded. */
struct lci_before lci_mark_full(struct lci_visits *visits, lc_symbol task, size_t threads);

/* ---- contention.c ------------------------------------------------------------------------------------------------ */

/* More requests at a time than stated threads have waited, although the load is said to have been low: a warning. */
void lci_check_low(const struct lci_visits *visits, struct lc_diag *diag);
/* Services without a stated limit where requests that found others took longer, within the spans or before them: a
 * warning of each. How many they are; and the first, `where`, if there is one. */
size_t lci_warn_of_contention(const struct lci_visits *visits, lc_symbol *where, struct lc_diag *diag);

#endif
