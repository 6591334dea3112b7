/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The inside of the verdict (predict.h of the public headers). The way of the data:
 *
 *   verdict.c          scenario and model → what is asked, checked: which entries serve which workload
 *   point_model.c      model + load level + what-if → the model of a point
 *   load_model.c       the model for others: with the load as a parameter, or of one level
 *   answer.c           how a load is answered: by simulation or by the solver
 *   points.c           simulates the points within the time allowed, and longer those that are not decided
 *   judge_goals.c      what a point says about each goal; apart.c where a component is overloaded
 *   saturation.c       what saturates, in which order
 *   over_time.c        instead of the last three: curves over time of each point
 *   goals_over_time.c  what they say about each goal
 *   replicates.c       what the number of traces leaves open, when the model was learned
 *   sensitivity.c      whose samples carry that, and which recordings would settle it
 *   recorded_load.c    what the model predicts at the load that was recorded
 *   backtest.c         what it predicts at loads that were measured, and up to which it holds
 *   difference.c       what-ifs against the base, on the same random numbers
 *   search.c           tries loads; bisect.c searches between them; screen.c which of them the solver tells
 *   traffic_bounds.c   what the traffic equations alone say of a load that grows
 *   search_replicates.c  what the number of traces leaves open of a load that was searched for
 *   highest_load.c     the highest load that keeps the goals, of the mix or of one workload
 *   growth_dates.c     the dates on which goals are first missed
 *   cost.c             money per month
 *   advise.c           changes that would help; advise_changes.c lists those that are tried
 *   parallel.c         all of that side by side on all cores
 */
#ifndef LCP_PREDICT_H
#define LCP_PREDICT_H

#include "limits.h"
#include "loadcast/predict.h"

#include <pthread.h>

/* ---- work -------------------------------------------------------------------------------------------------------- */

struct lcp_bar { /* progress of everything, in simulations of a point */
    void (*show)(void *context, double done);
    void *context;
    pthread_mutex_t lock;
    double done, total;
    double part; /* the most that was shown: what is added later does not take it back */
};
struct lcp_part { /* of it, one simulation */
    struct lcp_bar *bar;
    double weight, done;
};
struct lcp_work {
    unsigned threads;       /* at the most */
    struct lc_spare *spare; /* threads that nobody uses at the moment */
    struct lcp_bar bar;
};
/* Shares of the work (lcp_work) of all points, first and when they are refined, and of all searches. */
#define LCP_POINTS   0.5
#define LCP_REFINED  0.5
#define LCP_SEARCHED 0.5
/* A share of the work that the time allowed stands for, in events. What is decided depends on this, not on the clock,
 * which only ends the whole: so a busy machine decides the same, or not at all. */
double lcp_events(const struct lc_verdict *verdict, double share);

struct lcp_work *lcp_work_new(const struct lc_question *question);
void lcp_work_free(struct lcp_work *work);
/* Calls `work` for each index, side by side on all cores; it must depend on nothing that others write. */
void lcp_parallel(struct lc_verdict *verdict, size_t count,
                  void (*work)(struct lc_verdict *verdict, size_t index, void *context), void *context);
void lcp_bar_end(struct lc_verdict *verdict); /* work that turned out not to be needed is done as well */
void lcp_bar_add(struct lc_verdict *verdict, double weight);
void lcp_show(void *part, double done, double precision); /* lc_sim_options.progress */

/* ---- models ------------------------------------------------------------------------------------------------------ */

/* The model of a point; NULL with errors. */
struct lc_model *lcp_model(const struct lc_verdict *verdict, const struct lc_load_point *load,
                           const struct lc_what_if *change, struct lc_diag *diag);
/* Whether an edit of the deployment is about the calls of a workload, which comes into the model with the load. */
bool lcp_about_workload(const struct lc_scenario *scenario, const struct lc_edit *edit);
/* The model of a point with closed workloads as open ones, and all of them at a thousandth of their rates: queues that
 * refuse what they cannot serve refuse nothing then, and are full at a load like all others. NULL with errors. */
#define LCP_TRICKLE 1e-3
struct lc_model *lcp_trickle(const struct lc_verdict *verdict, const struct lc_load_point *load,
                             const struct lc_what_if *change, struct lc_diag *diag);

/* ---- answers ----------------------------------------------------------------------------------------------------- */

/* The method that decides: LC_METHOD_BOTH simulates. */
enum lc_method lcp_decides(const struct lc_verdict *verdict);
/* As lc_simulate(). What is solved has samples, all alike, and intervals of no width; without a steady state only its
 * `overload` is known. */
struct lc_result *lcp_answer(enum lc_method method, const struct lc_model *model, const struct lc_sim_options *options,
                             struct lc_diag *diag);
/* Whether the solver accepts all points. If not: −1 with errors where it is asked alone; otherwise a note, and the
 * simulation goes on alone. */
int lcp_check_method(struct lc_verdict *verdict, struct lc_diag *diag);
/* LC_METHOD_BOTH: solves all points. */
void lcp_solve_beside(struct lc_verdict *verdict);
/* When all is decided: the solver's figures have no intervals, but for what the number of traces leaves open. */
void lcp_forget_intervals(struct lc_verdict *verdict);

/* ---- points ------------------------------------------------------------------------------------------------------ */

/* Each returns 0, or −1 with errors appended. All points with their models and traffic; nothing is simulated yet. */
int lcp_points(struct lc_verdict *verdict, struct lc_diag *diag);
/* Model and traffic of a point whose load and change are set; then a simulation of it, in the precision that it asks
 * for, and what that says about the goals. */
int lcp_build_point(const struct lc_verdict *verdict, struct lc_point *point, struct lc_diag *diag);
int lcp_simulate_point(const struct lc_verdict *verdict, struct lc_point *point, double seconds, double events,
                       struct lcp_part *part, struct lc_diag *diag); /* `part` of the progress may be NULL */
/* Simulates the points that are built, first those without a change, and their replicates; judges all of them. */
int lcp_simulate_points(struct lc_verdict *verdict, double deadline, struct lc_diag *diag);
/* Curves over time of all points. */
int lcp_curves(struct lc_verdict *verdict, struct lc_diag *diag);
void lcp_point_free(struct lc_point *point);

void lcp_judge(const struct lc_verdict *verdict, struct lc_point *point);
/* Whether there are goals and all are decided by ten half-widths: chance and more precision change nothing. */
bool lcp_is_clear(const struct lc_verdict *verdict, const struct lc_point *point);
/* The clock ended the work: where a simulation was cut short only what is clear is decided. */
void lcp_take_back(struct lc_verdict *verdict);
/* What a goal is about, in the model's units, of the result of a workload; NULL: percentiles are not known. */
const struct lc_estimate *lcp_figure_of(const struct lc_result *result, const struct lc_workload_result *r,
                                        const struct lc_goal *goal);
/* The estimate of the point's result that a goal is about, in the model's units; NULL: there is none. */
const struct lc_estimate *lcp_goal_figure(const struct lc_point *point, const struct lc_goal_result *goal);
/* Whether the result of an overloaded point's best replicate decides what the point says about every goal. */
bool lcp_best_tells(const struct lc_verdict *verdict, const struct lc_point *point, const struct lc_result *best);
struct lc_estimate lcp_times(struct lc_estimate estimate, double factor); /* in another unit */
/* The same of a point with curves: a goal has to hold in every bin. */
void lcp_judge_curves(const struct lc_verdict *verdict, struct lc_point *point);
/* What the curves have to count for the goals; the caller frees it. */
struct lc_slower *lcp_slower(const struct lc_verdict *verdict, size_t *count);
struct lc_goal_result *lcp_add_goal(struct lc_point *point, const struct lc_goal *goal);
void lcp_free_goals(struct lc_point *point);
/* 0, 1 or 5 of the contract. */
enum lc_status lcp_status(const struct lc_verdict *verdict);

/* ---- saturation, recordings, differences ------------------------------------------------------------------------- */

int lcp_find_limits(struct lc_verdict *verdict, struct lc_diag *diag);
void lcp_limits_free(struct lc_limits *limits);
/* Warns of cores that are stated without processor work, after the limits are known. */
void lcp_warn_cores(const struct lc_verdict *verdict, struct lc_diag *diag);

/* What the model predicts at the loads of its recordings; nothing for a model that was given. */
int lcp_predict_recorded(struct lc_verdict *verdict, double deadline, struct lc_diag *diag);
void lcp_recorded_free(struct lc_verdict *verdict);
/* The scenario's workloads as they were recorded, open, at these rates of the classes of requests (evidence.h), which
 * are the mix as well; at a trickle of them where requests came one by one. */
struct lc_workload *lcp_as_recorded(const struct lc_verdict *verdict, const double *rates, bool one_by_one);
void lcp_recorded_workloads_free(struct lc_workload *workloads, size_t count); /* may be NULL */

/* Compares what-ifs with their base at each load where both have a steady state. */
void lcp_compare(struct lc_verdict *verdict, double deadline);
struct lcp_difference { /* of one estimate in the results of a point and in those of its base */
    const struct lc_point *point;
    const struct lc_estimate *before, *after;
    double unit;                   /* that both are multiplied by */
    struct lc_estimate difference; /* filled in; mean NaN: there are too few pairs */
    size_t pairs;
};
void lcp_find_differences(struct lc_verdict *verdict, struct lcp_difference *items, size_t count, double deadline);
/* The interval of a difference that holds all of a family of so many with 95 % (Bonferroni). */
void lcp_widen(const struct lc_estimate *difference, size_t pairs, size_t family, double *low, double *high);

/* ---- bootstrap replicates: nothing happens unless the model was learned and the scenario wants it -----------------
 */

void lcp_find_uncertainty(struct lc_verdict *verdict, struct lc_limits *limits);
void lcp_find_overloads(struct lc_verdict *verdict);               /* share of replicates, per point */
size_t lcp_simulated_replicates(const struct lc_verdict *verdict); /* of a point; 0: none */
void lcp_simulate_replicates(struct lc_verdict *verdict, double deadline,
                             double weight);                                    /* of all points; judges anew */
void lcp_join_errors(const struct lc_verdict *verdict, struct lc_point *point); /* into a fresh result */
void lcp_replicates_free(struct lcp_replicates *replicates);
/* The model with the numbers of a replicate; those that a what-if has removed or replaced do not matter any more. */
struct lc_model *lcp_replicate_model(const struct lc_verdict *verdict, const struct lc_model *model, size_t replicate);
/* The same to be simulated, with the shapes of its times: of one of the first LCP_SIMULATED replicates; LC_NONE: the
 * model itself, as it is compared with them. */
struct lc_model *lcp_shaped_model(const struct lc_verdict *verdict, const struct lc_model *model, int replicate);
/* Whether a time of a model still has the shape that was learned, whatever its mean. */
bool lcp_has_shape(const struct lc_dist *time, const struct lc_replicated *drawn);
/* The model's times of the numbers that have replicates, NULL for those that are none; the array is the caller's. */
struct lc_dist **lcp_replicated_times(const struct lc_verdict *verdict, struct lc_model *model);
enum {
    LCP_SIMULATED = 40, /* replicates that are simulated, per point, and whose distributions vary in shape */
    LCP_EACH = 2,       /* replications of a simulated replicate at the most: */
    LCP_TWICE = 16,     /* so many of them have two, which tells how much chance there is in one */
    LCP_ENOUGH = 20     /* replicates that tell an interval */
};
/* What each replicate changes, from the changes in each of its replications ([replicate][LCP_EACH], NaN where there is
 * none): the mean of them, with the part of the spread that is due to chance taken out. Returns the number of
 * replicates that have any. */
size_t lcp_replicate_means(const double *changes, size_t replicates, double *means);
/* Quantile of sorted values at p (n + 1), between neighbours: so many values lie below it on the average (type 6 of
 * Hyndman & Fan 1996). */
double lcp_quantile(const double *sorted, size_t count, double p);
/* What each simulated replicate changes in a measure of the point, NaN where that is not known; returns the mean
 * variance that is due to chance. */
double lcp_replicate_changes(const struct lc_verdict *verdict, const struct lc_point *point, size_t measure,
                             double *changes);
/* How far the replicates reach below and above the difference of two points in a measure of each; false: there are
 * none. */
bool lcp_difference_half_widths(const struct lc_verdict *verdict, const struct lc_point *base, size_t base_measure,
                                const struct lc_point *change, size_t change_measure, double *below, double *above);

/* Who carries what is open about the first limit, whose load in each replicate is given; and about all undecided goals.
 */
void lcp_explain_limit(const struct lc_verdict *verdict, struct lc_limits *limits, const double *loads);
void lcp_explain_goals(const struct lc_verdict *verdict);
void lcp_sensitivity_free(struct lc_sensitivity *sensitivity);

/* The component of the same kind and name in another model: changes may add components. False: it has none. */
bool lcp_find_component(const struct lc_model *model, const struct lc_component *wanted, struct lc_component *found);

/* ---- search ------------------------------------------------------------------------------------------------------ */

void lcp_trial_free(struct lc_trial *trial); /* may be NULL */
/* Narrows the bracket by what the verdict's own points say. */
void lcp_search_points(const struct lc_verdict *verdict, struct lc_search *search);
/* Narrows the bracket by bisection. Goals are taken to be kept at all loads below one that keeps them. What a
 * simulation says counts where the 99 % intervals leave no doubt; otherwise it is repeated at half the interval, and
 * loads that cannot be told from the limit are left between the ends. −1 with errors. */
int lcp_search(const struct lc_verdict *verdict, struct lc_search *search, struct lc_diag *diag);
void lcp_search_free(struct lc_search *search);
/* Whether a goal of a point is one of the search's. */
bool lcp_search_asks(const struct lc_search *search, const struct lc_goal_result *goal);
/* The load at a factor, and a point of it that is to be simulated. */
struct lc_load_point lcp_search_load(const struct lc_search *search, double factor);
struct lc_trial *lcp_search_trial(const struct lc_verdict *verdict, const struct lc_search *search, double factor);

/* Closed workloads, and queues that refuse what they cannot serve, bound nothing; of a `trickle` (lcp_trickle) they are
 * at their limits like all others. −1 with errors; is freed in either case. */
int lcp_find_bounds(const struct lc_verdict *verdict, const struct lc_search *search, bool trickle,
                    struct lc_bounds *bounds, struct lc_diag *diag);
/* The factor at which the first component is full; infinite: none ever is. */
double lcp_first_full(const struct lc_bounds *bounds);
/* Without a trickle, in the first `count` of the bootstrap replicates: the factor at which the first limit is reached,
 * and the first component full. NaN where it cannot be told. */
void lcp_bounds_of_replicates(struct lc_verdict *verdict, const struct lc_bounds *bounds, size_t count, double *limit,
                              double *full);
void lcp_bounds_free(struct lc_bounds *bounds);

/* What the number of traces leaves open: fills `ratios`, `low` and `high`. */
void lcp_search_replicates(struct lc_verdict *verdict, struct lc_search *search, double deadline);
/* Simulations in it, in those of a point; 0: the model was given. */
double lcp_search_replicates_weight(const struct lc_verdict *verdict);

double lcp_search_events(const struct lc_verdict *verdict); /* for each load that a search tries */
enum { LCP_SEARCH_WEIGHT = 6 }; /* of one search in the progress, in simulations of a point; all of them: */
double lcp_search_weight(const struct lc_verdict *verdict);
/* After the points are simulated; until the clock is at `deadline`. −1 with errors. */
int lcp_find_capacities(struct lc_verdict *verdict, double deadline, struct lc_diag *diag);
int lcp_find_crossings(struct lc_verdict *verdict, double deadline, struct lc_diag *diag);

/* ---- backtests --------------------------------------------------------------------------------------------------- */

/* Adds `factor` × what each replication saw of one of the result's estimates; NaN where it was not seen. */
void lcp_add_each(const struct lc_result *result, const struct lc_estimate *estimate, double factor, double *each);
/* The standard deviation of the logarithm of a figure that is recorded for `time`, in the model's unit, from what each
 * replication saw of it and of the rate of requests; its degrees of freedom are two less than there are replications.
 * NaN: not known. */
double lcp_recording_scatter(const struct lc_result *result, const double *each, const double *rates, double time);

/* ---- cost, advice ------------------------------------------------------------------------------------------------ */

/* The tasks whose requests and threads curves have to count for costs (lc_transient_options); the caller frees it. */
bool *lcp_counted(const struct lc_verdict *verdict, const struct lc_point *point);
/* Names in `cost` that are no component. */
void lcp_check_prices(const struct lc_verdict *verdict, struct lc_diag *diag);

/* Appends every change that is tried. */
void lcp_collect_changes(const struct lc_model *model, struct lc_advice *advice);

#endif
