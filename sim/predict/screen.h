/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loads that the solver judges, so that a search simulates only those that decide it. */
#ifndef LCP_SCREEN_H
#define LCP_SCREEN_H

#include "predict.h"

struct lcp_screened { /* a load */
    bool known;       /* the solver has an answer */
    bool overloaded;  /* there is no steady state, and that misses what is searched for */
    double *parts;    /* [goal] of its limit that the value is; of the value that the limit is, where more is better.
                         0: the search does not ask; NaN: not known */
    size_t goals;
};

struct lcp_screen { /* how far the solver is believed, by the simulations so far */
    double
        *scale; /* [goal]: simulated over solved value, 1 where the interval holds both; NULL: nothing was simulated */
    double margin; /* parts nearer to 1 are not believed; infinite: none is */
};

/* The caller frees `parts`. */
struct lcp_screened lcp_screen_load(const struct lc_verdict *verdict, const struct lc_search *search, double factor);
/* Undecided: the solver is not believed. */
enum lc_judgement lcp_screen_judge(const struct lcp_screen *screen, const struct lcp_screened *load);
/* A simulation of the load was judged so. The margin grows to what it cannot tell from a limit, and to the error of the
 * solver, if there was a simulation to correct it by. */
void lcp_screen_compare(struct lcp_screen *screen, const struct lcp_screened *load, const struct lc_point *simulated,
                        enum lc_judgement judgement);

#endif
