/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Visits as they were served, and how waiting is taken out of them.
 */
#ifndef LCI_NETWORK_WAITING_H
#define LCI_NETWORK_WAITING_H

#include "network/patterns/patterns.h"

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
 * tells how much that was, and warns where the visits contradict the capacity, with what was `recorded`. −1 with an
 * error when it must be taken out and no capacity is known. */
int lci_take_waiting_out(const struct lci_visits *recorded, struct lci_visits *served, struct lci_waiting *waiting,
                         struct lc_diag *diag);

/* ---- full_threads.c ---------------------------------------------------------------------------------------------- */

/* Marks the calls of `task` that were sent while every thread of one of its instances was busy. `threads`: of an
 * instance. Of the visits as they were recorded. */
struct lci_before lci_mark_full(struct lci_visits *visits, lc_symbol task, size_t threads);

/* ---- pools.c ----------------------------------------------------------------------------------------------------- */

/* Takes waiting for the connections of each instance of `caller` out of its calls of `server`. */
struct lci_waited lci_take_pool_waiting(struct lci_visits *visits, const struct lci_task *caller,
                                        const struct lci_task *server, uint32_t connections);

/* ---- contention.c ------------------------------------------------------------------------------------------------ */

/* More requests at a time than stated threads have waited, although the load is said to have been low: a warning. */
void lci_check_low(const struct lci_visits *visits, struct lc_diag *diag);
/* Services without a stated limit where requests that found others took longer, within the spans or before them: a
 * warning of each. How many they are; and the first, `where`, if there is one. */
size_t lci_warn_of_contention(const struct lci_visits *visits, lc_symbol *where, struct lc_diag *diag);

#endif
