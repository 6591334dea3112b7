/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model held against what was measured at several loads: what it predicts there, beside what was measured, with the
 * errors of both, and up to which load it holds.
 */
#ifndef LOADCAST_BACKTEST_H
#define LOADCAST_BACKTEST_H

#include "measured.h"
#include "predict.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lc_backtest_cell {
    const struct lc_measured_cell *measured;
    double predicted, low, high; /* and its 95 % interval, of simulation and number of traces; infinite: no steady
                                    state; NaN: the model has no such thing */
    double recorded_low, recorded_high; /* 95 %, from what the model scatters by in a recording of that length, or its
                                           own batches where they scatter more than chance explains */
    double difference;                  /* measured − predicted, relative to the prediction; NaN: not known */
    double from, to;                    /* its 95 % interval */
    bool compared, inside;              /* the interval holds 0 */
    bool broken;                        /* beyond the tolerance, and beyond chance at all loads and cells together */
};

struct lc_backtest_level {
    const struct lc_measured_level *measured;
    struct lc_load_point load;
    struct lc_what_if
        change; /* its workloads are those that were recorded; `workloads` NULL: the load's factor says it */
    size_t workload_count;
    const struct lc_point *point;
    double factor;                  /* of the load that was learned from; NaN: that was no load, or is not known */
    struct lc_backtest_cell *cells; /* [measured->count] */
    size_t compared, inside, broken;
    bool simulated; /* or overloaded by the traffic equations; false: there was no time for it */
};

struct lc_backtest {
    struct lc_backtest_level *levels; /* as measured: lowest load first */
    size_t count;
    double tolerance;
    size_t compared, inside;                /* cells of the levels that were not learned from */
    size_t holds;                           /* the first so many levels were simulated and hold; `count`: all of them */
    const struct lc_backtest_cell *culprit; /* of the first level that does not: what is furthest down; NULL */
};

/* `verdict` is new: nothing was predicted with it; its points become the levels, and it must outlive the backtest, as
 * must `measured`. `tolerance` is relative. 0, or −1 with errors appended. */
int lc_backtest(struct lc_verdict *verdict, const struct lc_measured *measured, double tolerance,
                struct lc_backtest *backtest, struct lc_diag *diag);
void lc_backtest_free(struct lc_backtest *backtest);

/* The interval of a − b from the intervals of both (MOVER: Zou & Donner 2008), for statistics that are independent. */
void lc_difference_interval(const double a[3], const double b[3], double *low, double *high); /* value, low, high */

/* "holds up to 1.6 × …": the answer in one sentence; owned by the caller. */
char *lc_backtest_sentence(const struct lc_backtest *backtest);

#ifdef __cplusplus
}
#endif

#endif
