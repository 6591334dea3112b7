/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The highest load that keeps the goals, between one that does and one that misses them, by a screening that costs
 * nothing and a decision that is dear. Either may err, and what they say need not grow with the load: the search ends
 * all the same. */
#ifndef LCP_BISECT_H
#define LCP_BISECT_H

#include "loadcast/predict.h"

struct lcp_decider {
    /* What a load is taken for; undecided: nothing is known. Asked often for the same load, and may change its mind
     * between decisions. */
    enum lc_judgement (*screen)(void *context, double load);
    /* Asked once at the most for a load; −1 ends the search. */
    int (*decide)(void *context, double load, enum lc_judgement *judgement);
    bool (*may_go_on)(void *context); /* NULL: always */
    void *context;
};

struct lcp_bisection {
    double within;        /* of the load that misses them: how far apart the ends may be */
    double keeps, misses; /* the ends, 0 and infinite where nothing is known; both decided in the end, unless they
                             were given, or loads between them could not be decided */
    bool screens;         /* whether `screen` is asked; false afterwards: it found no load that is too much, or was
                             wrong twice */
    size_t decisions;     /* that were asked for: LCP_DECISIONS at the most */
    bool narrow;          /* the ends are near to each other, or the goals are missed by a hundredth of the load too */
};
enum { LCP_DECISIONS = 40 };
#define LCP_HIGHEST_LOAD 1e6 /* that is tried */

/* Returns 0, or −1 as `decide` did. */
int lcp_bisect(struct lcp_bisection *bisection, const struct lcp_decider *decider);

#endif
