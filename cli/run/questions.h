/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions that stand above single points: which is the highest load that keeps the goals, when does growth reach it,
 * what does a load cost.
 *
 *   search.c      tries loads, and searches between them
 *   capacity.c    the highest load, of the mix or of one workload
 *   projection.c  the dates on which goals are first missed
 *   cost.c        money per month
 */
#ifndef QUESTIONS_H
#define QUESTIONS_H

#include "run.h"

/* ---- search ------------------------------------------------------------------------------------------------------ */

struct run_trial { /* a load that was tried */
    struct lc_load_point load;
    struct run_point point; /* refers to `load` */
};
void run_trial_free(struct run_trial *trial); /* may be NULL */

/* What is searched for: the load at which goals are first missed. */
struct run_search {
    const struct lc_what_if *change; /* NULL: none */
    int workload;                    /* that grows alone; LC_NONE: all of them */
    const struct lc_goal *goal;      /* NULL: every one */
    const char *component;           /* of a goal for every component, the one; NULL: every one */
    bool processor;
    double within;   /* relative width of the bracket */
    double deadline; /* cli_seconds() */
    /* Known at the start and found at the end, as factors of the workloads: this load keeps the goals (0: none is known
     * to), this one misses (infinite: none is known to). */
    double keeps, misses;
    bool decided;           /* the bracket is as narrow as it should be */
    struct run_trial *miss; /* the point at `misses`, if one was tried; owned */
};
/* Narrows the bracket by bisection. Goals are taken to be kept at all loads below one that keeps them. What a
 * simulation says counts where the 99 % intervals leave no doubt; otherwise it is repeated at half the interval, and
 * loads that cannot be told from the limit are left between the ends. −1 with errors. */
int run_search(const struct run *run, struct run_search *search, struct lc_diag *diag);
/* What a simulated point says about the goals of the search. */
enum lc_judgement run_search_judge(const struct run_search *search, const struct run_point *point);

/* ---- capacity ---------------------------------------------------------------------------------------------------- */

struct run_capacity {
    struct run_search search;
    double forbidden;           /* what the flow alone forbids, and … */
    struct run_component bound; /* … the component whose limit it is */
    double rate;                /* requests per second of the open workloads that grow, at factor 1; 0: none */
};

/* ---- growth ------------------------------------------------------------------------------------------------------ */

struct run_crossing { /* a goal, or the whole of a component, and the day on which the load passes it */
    const struct lc_what_if *change;
    const struct lc_goal *goal;     /* NULL: the component is full */
    struct run_component component; /* name NULL: a workload's goal */
    double keeps, misses;           /* factors between which the limit lies; equal where it is known from the flow */
    bool simulated;
    double day, early, late; /* infinite: never. early and late: 95 % of what samples and trend allow */
};

/* ---- cost -------------------------------------------------------------------------------------------------------- */

struct run_cost {
    double replicas, invocations, memory; /* per month */
};
/* What one component costs in a month of 30.4375 days at this point; zeros for one without a price. */
struct run_cost run_cost_of(const struct run *run, const struct run_point *point, const struct lc_price *price);
/* All components. NaN: without simulation the time in service is not known. */
double run_cost_total(const struct run *run, const struct run_point *point);
/* Over time: what the component's replicas cost an hour in each bin of the point's curves, into `rates`; returns what
 * they cost over all of them together. Requests and memory are not counted. */
double run_cost_curve(const struct run *run, const struct run_point *point, const struct lc_price *price,
                      double *rates);
/* Names in `cost` that are no component. */
void run_check_prices(const struct run *run, struct lc_diag *diag);

struct run_questions {
    struct run_capacity *capacities; /* base first, then each what-if, for each load asked for */
    size_t capacity_count;
    struct run_crossing *crossings;
    size_t crossing_count, crossing_capacity;
};
bool run_searches(const struct run *run); /* whether there is something to search for */
/* After the points are simulated; until cli_seconds() is `deadline`. −1 with errors. */
int run_answer(struct run *run, double deadline, struct lc_diag *diag);
int run_find_capacities(const struct run *run, struct run_questions *questions, double deadline, struct lc_diag *diag);
int run_find_crossings(const struct run *run, struct run_questions *questions, double deadline, struct lc_diag *diag);
/* The highest factor that the flow alone allows: an upper bound, infinite where there is none. `first` is the component
 * whose limit it is; its name is borrowed from the base model, NULL for one that only a change has. */
double run_flow_bound(const struct run *run, const struct run_search *search, struct run_component *first,
                      struct lc_diag *diag);
void run_questions_free(struct run_questions *questions);

#endif
