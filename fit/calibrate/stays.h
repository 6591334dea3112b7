/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was at a component, when: the raw material of every candidate. A stay is a request in a handler, or a call on a
 * connection; its pieces are what it did there itself, between the calls that it waited for.
 *
 * Times are seconds after `origin`.
 */
#ifndef LCI_CALIBRATE_STAYS_H
#define LCI_CALIBRATE_STAYS_H

#include "network/visits/visits.h"

struct lci_piece {
    double begin, end;
    uint32_t stay, kind; /* kinds: which operation, after and before which call */
    bool first, last;    /* of its stay */
};
struct lci_stay {
    double begin, end;
    double asked; /* when the caller sent the request; NaN: not known */
    lc_symbol instance;
    uint32_t level; /* bin of its load */
    uint32_t operation, first_piece, piece_count;
    uint64_t trace;
};
struct lci_stays {
    struct lci_stay *items; /* those of an instance together, by their beginnings */
    size_t count, capacity;
    struct lci_piece *pieces; /* in the order of stays */
    size_t piece_count, piece_capacity;
    size_t kinds;
    double unit;    /* s: of the clock */
    double longest; /* piece */
    size_t levels;
    int64_t origin; /* ns since 1970 */
};
/* Of a service's handlers. */
struct lci_stays lci_stays_in(const struct lci_visits *visits, const struct lc_load_bins *bins,
                              const struct lci_task *task);
/* Of calls of an external server: by one service, or by all (`caller` NULL), each caller's instance on its own or, with
 * `caller` NULL, all together. */
struct lci_stays lci_stays_on(const struct lci_visits *visits, const struct lc_load_bins *bins,
                              const struct lci_task *server, const struct lci_task *caller);
/* When the callers sent the requests that are in these handlers. */
void lci_stays_ask(struct lci_stays *stays, const struct lci_visits *visits, const struct lci_task *task);
void lci_stays_free(struct lci_stays *stays);
/* The most at a time at one instance. */
size_t lci_stays_peak(const struct lci_stays *stays);

#endif
