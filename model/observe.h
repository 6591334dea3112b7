/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Observations of LQN files: variables that take results. A model keeps the name of the variable (of two of them,
 * "mean, $half", where the half-width of an interval is wanted) and a key in place of the expression:
 *
 *   model/%i                             iterations; %time elapsed time
 *   processor/NAME/%u, group/NAME/%u     utilization
 *   task/NAME/%f, %u, %u1 … %u3, %pu     throughput, utilization, of phases, of the processor
 *   entry/NAME/%f, %fb, %u, %u1, %pu, %s, %s1, %v1, %pw1, %x1
 *   open/NAME/%w                         response time of open arrivals
 *   activity/TASK/NAME/%f, %u, %pu, %s, %v, %pw, %x
 *   call/ENTRY/TO/%w, %w2, %wv           waiting time of a call, in the first phase that makes it unless set
 *   call/TASK:ACTIVITY/TO/%w
 *
 * A key ends with 95 or 99 when there are two variables. A phase that is not set is the first.
 */
#ifndef LOADCAST_OBSERVE_H
#define LOADCAST_OBSERVE_H

#include "loadcast/result.h"

/* What a key ends with. */
struct lci_observed {
    char quantity[8]; /* "f", "pw", … */
    int phase;        /* from 1; 0: not set */
    int interval;     /* 95, 99, or 0: none */
};
/* Takes "%pw195" apart; false if it is none. */
bool lci_observed_parse(const char *text, struct lci_observed *observed);
/* Where "%…" begins in a key; NULL if it has none. */
const char *lci_observed_part(const char *key);

/* The estimate that a key names; NaN where the result does not tell it. Returns false if nothing in the model is meant
 * by the key. */
bool lci_observe(const struct lc_result *result, const char *key, struct lc_estimate *estimate);

/* What the tasks of a group use together. The half-width of a sum is not known: NaN, unless the group has one task. */
struct lc_estimate lci_group_utilization(const struct lc_result *result, int group);

#endif
