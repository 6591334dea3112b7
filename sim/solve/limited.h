/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Queues with room for so many: M/G/c/K, and M/M/c/K with finitely many customers.
 */
#ifndef LCS_SOLVE_LIMITED_H
#define LCS_SOLVE_LIMITED_H

#include "layers.h"

struct lcs_limited {
    double lost;       /* the part of what comes that finds no room */
    double waits;      /* mean of what is let in */
    double delayed;    /* the part of what is let in that would wait if waits were exponential, with their moments */
    double throughput; /* of a copy */
};

/* Of the station with its servers and its room. `busy` (NULL, or servers + 1 of them): the chances that so many servers
 * are busy. Exact for exponential services, for one server with those of a gamma or balanced hyperexponential
 * distribution, and where nobody can wait (Erlang's loss formula); for several servers the approximation of Tijms, van
 * Hoorn & Federgruen (1981; Tijms 2003, 9.6 and 9.8). With `others` services count as exponential. */
struct lcs_limited lcs_limited_queue(const struct lcs_station *station, const struct lcs_demand *demand, double *busy);

/* The chance that a station that is full is full again after a time of this mean and squared variation (at most 1), as
 * a birth and death process (Fredericks & Reisner 1979). */
double lcs_full_again(const struct lcs_station *station, const struct lcs_demand *demand, double mean, double cv2);

#endif
