/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How load comes, beyond independent times between arrivals: rates that change, bursts, given times, scripts, batches,
 * and a number of users that changes. The pattern of an open task says how its arrivals are spread over time; how many
 * there are is said by the task's `arrivals`, whose mean is the time between arrivals (of batches) in the long run: the
 * pattern is speeded up or slowed down to it. So loads are multiplied without touching the pattern.
 */
#ifndef LOADCAST_PATTERN_H
#define LOADCAST_PATTERN_H

#include "base.h"
#include "random.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lc_pattern_kind {
    LC_PATTERN_NONE,   /* independent times between arrivals, as the task's `arrivals` says */
    LC_PATTERN_RATES,  /* a Poisson process whose rate is linear between points */
    LC_PATTERN_MMPP,   /* a Poisson process whose rate is that of the state of a Markov chain */
    LC_PATTERN_TIMES,  /* at given times */
    LC_PATTERN_SCRIPT, /* at the times of a script */
    LC_PATTERN_USERS,  /* ref tasks: a number of customers that is linear between points */
};

struct lc_pattern {
    enum lc_pattern_kind kind;
    size_t count;   /* of points, states or times */
    double *times;  /* rates, users: of the points, from 0, not falling (a jump: one time twice); times: of arrivals */
    double *values; /* rates, mmpp: arrivals per unit of time, ≥ 0; users: customers, ≥ 0. Times, script: NULL */
    double *generator;  /* mmpp: count × count by rows; off the diagonal transitions per unit of time, rows sum to 0 */
    double period;      /* rates, times: after which they come again; 0: the last rate stays, times end */
    char *script;       /* below; its pauses are in ms */
    double script_unit; /* script: how long 1 ms is in the model's unit */
    /* Requests that come at once at an arrival: */
    double batch_mean;   /* geometric from 1 with this mean; 0: none */
    size_t batch_count;  /* or so many sizes with their probabilities; both 0: always one */
    double *batch_sizes; /* whole, ≥ 1 */
    double *batch_probabilities;
};

#ifdef __cplusplus
}
#endif

#endif
