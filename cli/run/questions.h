/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions that stand above single points: which is the highest load that keeps the goals, when does growth reach it,
 * what does a load cost.
 *
 *   search.c      tries loads, and searches between them
 *   bounds.c      what the flow alone says
 *   search_draws.c  what the number of traces leaves open
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
    double within;         /* relative width of the bracket */
    double deadline;       /* cli_seconds(), at which the whole run ends */
    double events;         /* that the simulations of each load may take */
    struct run_part *part; /* of the progress bar; NULL: none */
    /* Known at the start and found at the end, as factors of the workloads: this load keeps the goals (0: none is known
     * to), this one misses (infinite: none is known to). */
    double keeps, misses;
    bool decided;                 /* the bracket is as narrow as it should be */
    const struct run_point *kept; /* the point at `keeps`: one of the run's, or that of `keep`; NULL: none */
    struct run_trial *keep;       /* if one was tried; owned */
    struct run_trial *miss;       /* the point at `misses`, if one was tried; owned */
    /* The same load in the learner's draws, sorted: each over the load itself. NULL: the model was given, or no time
     * was left. `low` and `high` hold 95 % of them and the bracket; NaN: not known. */
    double *ratios;
    size_t ratio_count;
    double low, high;
};
/* Narrows the bracket by what the run's own points say. */
void run_search_points(const struct run *run, struct run_search *search);
/* Narrows the bracket by bisection. Goals are taken to be kept at all loads below one that keeps them. What a
 * simulation says counts where the 99 % intervals leave no doubt; otherwise it is repeated at half the interval, and
 * loads that cannot be told from the limit are left between the ends. −1 with errors. */
int run_search(const struct run *run, struct run_search *search, struct lc_diag *diag);
void run_search_free(struct run_search *search);
/* Whether a goal of a point is one of the search's; and what a simulated point says about all of them. */
bool run_search_asks(const struct run_search *search, const struct run_goal *goal);
enum lc_judgement run_search_judge(const struct run_search *search, const struct run_point *point);
/* The load at a factor, and a point of it that is to be simulated. */
struct lc_load_point run_search_load(const struct run_search *search, double factor);
struct run_trial *run_search_trial(const struct run *run, const struct run_search *search, double factor);

/* What the flow alone says: the factors at which components reach the strictest limit that the search has for their
 * loads, 1 without one; lowest first. What no load reaches is left out. */
struct run_bound {
    struct run_component component; /* its name is the first model's */
    double limit, factor;
    double at_one, slope; /* the load at factor 1, and what each 1 adds */
};
struct run_bounds {
    struct lc_model *models[2]; /* at factors 1 and 2 */
    struct run_bound *items;
    size_t count;
};
/* Closed workloads, and queues that refuse what they cannot serve, bound nothing; of a `trickle` (run_trickle) they are
 * at their limits like all others. −1 with errors; is freed in either case. */
int run_find_bounds(const struct run *run, const struct run_search *search, bool trickle, struct run_bounds *bounds,
                    struct lc_diag *diag);
/* The factor at which the first component is full; infinite: none ever is. */
double run_first_full(const struct run_bounds *bounds);
/* Without a trickle, in the first `count` of the learner's draws: the factor at which the first limit is reached, and
 * the first component full. NaN where it cannot be told. */
void run_bounds_of_draws(struct run *run, const struct run_bounds *bounds, size_t count, double *limit, double *full);
void run_bounds_free(struct run_bounds *bounds);

/* What the number of traces leaves open: fills `ratios`, `low` and `high`. */
void run_search_draws(struct run *run, struct run_search *search, double deadline);
/* Simulations in it, in those of a point; 0: the model was given. */
double run_search_draws_weight(const struct run *run);

/* ---- capacity ---------------------------------------------------------------------------------------------------- */

struct run_capacity {
    struct run_search search;
    struct run_bounds order; /* which component is at its limit at which load, by the flow */
    double forbidden;        /* what the flow alone forbids; infinite: nothing */
    double rate;             /* requests per second of the open workloads that grow, at factor 1; 0: none */
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
    double replicas, invocations, memory; /* per month, or for how long is told */
};
/* What one component costs in a month of 30.4375 days at this point; zeros for one without a price. */
struct run_cost run_cost_of(const struct run *run, const struct run_point *point, size_t price);
/* All components. NaN: without simulation the time in service is not known. */
double run_cost_total(const struct run *run, const struct run_point *point);
/* The tasks whose requests and threads curves have to count for that (lc_transient_options); the caller frees it. */
bool *run_counted(const struct run *run, const struct run_point *point);
/* Over time: what the component costs an hour in each bin of the point's curves, into `rates`; returns what it costs
 * over all of them together. */
struct run_cost run_cost_curve(const struct run *run, const struct run_point *point, size_t price, double *rates);
/* Names in `cost` that are no component. */
void run_check_prices(const struct run *run, struct lc_diag *diag);

struct run_questions {
    struct run_capacity *capacities; /* base first, then each what-if, for each load asked for */
    size_t capacity_count;
    struct run_crossing *crossings;
    size_t crossing_count, crossing_capacity;
};
double run_search_events(const struct run *run); /* for each load that a search tries */
enum { RUN_SEARCH_WEIGHT = 6 }; /* of one search in the progress bar, in simulations of a point; all of them: */
double run_search_weight(const struct run *run);
/* After the points are simulated; until cli_seconds() is `deadline`. −1 with errors. */
int run_answer(struct run *run, double deadline, struct lc_diag *diag);
int run_find_capacities(struct run *run, struct run_questions *questions, double deadline, struct lc_diag *diag);
int run_find_crossings(struct run *run, struct run_questions *questions, double deadline, struct lc_diag *diag);
void run_questions_free(struct run_questions *questions);

#endif
