/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long a visit to a station takes, by what it finds there on arrival.
 */
#ifndef LCS_SOLVE_STATION_H
#define LCS_SOLVE_STATION_H

#include "layers.h"

/* What an arrival finds at one copy: per link of the station the customers that wait, and those in service. Those of
 * open links that wait are left out for orders of arrival and sharing: their number follows from the rest. */
struct lcs_found {
    const double *waiting, *serving;
    double all_busy;    /* probability that no server is free; NaN: to be estimated from the next two */
    double others;      /* customers of closed chains that can be there; */
    double calling;     /* the rate at which one of them comes when it is elsewhere */
    double returning;   /* the rate at which the customer comes when it is elsewhere; 0: open */
    double again, soon; /* the part of visits that follow another one of the same cycle, and after which time */
    double own_after;   /* work that the customer's own last visit has left behind (second phase) */
};

struct lcs_wait {
    double waits, stretch, delayed;
};

/* `link` is the one that arrives. */
struct lcs_wait lcs_station_wait(const struct lcs_network *network, const struct lcs_station *station,
                                 const struct lcs_link *link, const struct lcs_found *found);

/* Whether services take longer when many threads are busy. */
bool lcs_is_crowded(const struct lcs_station *station);

/* Who comes to a station: `others`, each at the rate `calling` while it is elsewhere, and open ones at `open`. A part
 * `after` of all services comes behind the reply, when the customer is elsewhere again. */
struct lcs_callers {
    double others, calling, open, after;
    bool one; /* of the others is who finds what is sought; else it is what there is at any time */
};

/* Those who wait at a station with several servers, and the chance that all are busy; `mean` is that of a service.
 * `busy` (NULL, or servers + 1 of them, all 0): the chances that so many servers are busy. */
void lcs_finite_source(const struct lcs_station *station, double mean, const struct lcs_callers *callers,
                       double *waiting, double *all_busy, double *busy);

#endif
