/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The main job: a scenario becomes a model with sources of load for every point (a load level under a change), each
 * point is checked, simulated and judged. The way of the data:
 *
 *   prepare.c   scenario → model, from traces or a file, with its deployment; which entries serve which workload
 *   sources.c   model + load level + what-if → the model of a point
 *   export.c    the model for others: with the load as a parameter, or of one level
 *   points.c    simulates the points within the time allowed, and longer those that are not decided
 *   goals.c     what a point says about each goal
 *   limits.c    what saturates, in which order
 *   curves.c    instead of the last three: curves over time of each point
 *   curve_goals.c  what they say about each goal
 *   uncertainty.c  what the number of traces leaves open, when the model was learned
 *   doubt.c     whose samples carry that, and which recordings would settle it
 *   recorded.c  what the model predicts at the load that was recorded
 *   compare.c   what-ifs against the base, on the same random numbers
 *   work.c      all of that side by side on all cores
 */
#ifndef RUN_H
#define RUN_H

#include "cli.h"
#include "loadcast/flow.h"
#include "loadcast/learn.h"
#include "loadcast/scenario.h"

/* Something that people know and that may be full: a service's threads, or a processor with a limit. */
struct run_component {
    const char *name; /* borrowed from the model */
    bool processor;
    bool limited; /* a delay is none */
    int index;    /* of the task or processor */
};

struct run_course {     /* a goal in the bins of curves; times in seconds */
    size_t told, open;  /* bins in which enough was seen to tell, and those of them that the interval leaves open */
    double worst;       /* beginning of the bin that is nearest to the limit or furthest beyond it; NaN: none is told */
    double from, until; /* the first stretch beyond the limit in which a bin is so beyond doubt; NaN: none */
    double beyond;      /* how long all stretches beyond the limit last */
    bool to_end;        /* the stretch lasts until the end */
};

struct run_doubt_part {          /* what the samples of one operation leave open of something */
    int entry;                   /* of `base`; LC_NONE: which requests a workload makes */
    double share;                /* of the variance over the draws */
    const struct lc_drawn *most; /* the number that carries the most of it */
};

struct run_doubt {                /* whose samples carry what the number of traces leaves open */
    struct run_doubt_part *parts; /* largest share first, none below 0; their sum is 1 at the most */
    size_t count;
    double times;    /* the variance is to be so many times smaller; infinite: that cannot be told */
    int workload;    /* whose requests should be recorded for that, besides those there are; LC_NONE: of all */
    double requests; /* so many of them; infinite: no number of them is enough */
};

struct run_goal { /* what one point says about one goal; a goal for every component has one for each */
    const struct lc_goal *goal;
    char *component; /* NULL: a workload's goal */
    bool processor;
    struct lc_estimate
        value; /* load: part; times in seconds; rates per second. NaN: none, the point has no steady state */
    enum lc_judgement judgement;
    double traces; /* undecided because of the number of traces: how many times as many would decide; infinite: it
                      cannot be told. 0: it is not that */
    struct run_doubt *doubt;  /* with `traces`: who carries it; NULL: it cannot be told */
    struct run_course course; /* curves over time: how it went; `value` is that of its worst bin */
};

struct run_draws; /* what was simulated of the learner's draws: uncertainty.c */

struct run_point {
    const struct run_point *base; /* the point that it changes; NULL: none */
    const struct lc_load_point *load;
    const struct lc_what_if *change; /* NULL: none */
    char *label;
    struct lc_model *model;
    struct lc_flow flow;
    bool overloaded;
    bool refuses;                 /* it is because requests are refused or lost: there is a steady state */
    struct run_component limit;   /* overloaded: what is full */
    struct lc_result *result;     /* NULL: overloaded, or no time was left to simulate it */
    struct lc_transient *curves;  /* instead of it, where curves over time are asked for */
    double precision;             /* asked for in the last simulation */
    unsigned replications;        /* so many, whatever the precision; 0: the scenario's */
    bool exhausted;               /* that took all the work that it was allowed */
    struct run_draws *draws;      /* NULL: the model was given, or there is no steady state */
    double overload_share;        /* of the draws have no steady state; NaN: the model was given */
    bool unsure;                  /* overloaded, but too many draws are not */
    double load_high;             /* of the fullest component, from the flow: the 97.5 % quantile of the draws */
    double *flow_low, *flow_high; /* overloaded: loads of run_components() in the draws; NULL: the model was given */
    struct lc_model *best_model;  /* unsure: the draw that carries the load best, and its result (may be NULL) */
    struct lc_result *best;
    struct run_goal *goals;
    size_t goal_count, goal_capacity;
};

/* Whether what was simulated of the point does not depend on how long that took. */
static inline bool run_is_steady(const struct run_point *point)
{
    return !point->overloaded || point->refuses;
}

/* Shares of the work (run_work) of all points, first and when they are refined, and of all searches. */
#define RUN_POINTS   0.5
#define RUN_REFINED  0.5
#define RUN_SEARCHED 0.5

struct run_recorded_workload { /* times in seconds */
    uint64_t requests;
    double rate;                                 /* per second */
    double mean, standard_error, p95;            /* as recorded; NaN: not known */
    struct lc_estimate predicted, predicted_p95; /* mean NaN: the model has no steady state there */
    bool differs;                                /* by more than chance explains */
};
struct run_recorded { /* a recording, and the model at its load */
    const struct lc_recording *recording;
    struct lc_load_point load;
    struct lc_what_if change; /* its workloads are those that were recorded */
    struct run_point point;
    struct run_recorded_workload *workloads; /* as the scenario's */
};

struct run_limit { /* a component and the factor of the reference load at which it is full */
    struct run_component component;
    double factor;
    bool first;         /* the one that the flow names */
    double low, high;   /* the factor's 95 % interval; NaN: the model was given, not learned */
    double uncertainty; /* its longer side, relative */
    double *ratios;     /* of the learner's draws: factor in the draw / factor; NULL: the model was given */
};

struct run_unlimited { /* a service without a limit */
    const char *name;  /* borrowed from the model */
    double busy;       /* its busy threads at the reference load when nothing waits: with so many it would be full */
    double replicas;   /* that any number of threads is multiplied by */
    bool stated;       /* the deployment says that it has no limit */
};

struct run_limits {                  /* what is full at which load, under one change; lowest factor first */
    const struct lc_what_if *change; /* NULL: none */
    struct lc_model *model;          /* owns the names of the components */
    struct run_limit *items;
    size_t count;
    struct run_unlimited *unlimited; /* services that are used and have no limit, the busiest first */
    size_t unlimited_count;
    double rate;             /* requests per second of the reference load; 0: it has closed workloads only */
    struct run_doubt *doubt; /* about the first one's factor, and what would halve it; NULL: there is none */
};

enum run_quantity { RUN_LOAD, RUN_THROUGHPUT, RUN_MEAN, RUN_P95, RUN_QUANTITIES };
struct run_comparison { /* a what-if minus its base, at one load */
    const struct run_point *point;
    enum run_quantity quantity;
    char *name; /* of the component or workload */
    bool processor;
    struct lc_estimate before, difference; /* the base's value; as goals' values */
    size_t pairs;                          /* of replications */
    double low, high;                      /* interval in which all differences at this load lie with 95 % */
    bool significant;                      /* it does not hold 0 */
};

struct run_bar;
struct run_part { /* of the progress bar, one simulation */
    struct run_bar *bar;
    double weight, done;
};

struct run {
    const struct cli_common *common;
    bool strict;        /* damaged lines of traces are errors */
    const char *folder; /* of the cache; NULL: none */
    struct lc_cache *cache;
    struct lc_scenario *scenario;
    struct lc_model *base; /* with its deployment, without the scenario's workloads */
    bool learned_model;
    struct lc_symbols *symbols;
    struct lc_learned learned; /* `model` is base */
    struct lc_extraction extraction;
    int **entries;            /* per workload and element of its mix: the entry that serves it */
    double *requests;         /* per workload: requests of one arrival */
    double time_unit;         /* seconds in a unit of the model's time */
    struct run_point *points; /* scenario's points × (base, what-ifs), in that order */
    size_t point_count;
    struct run_limits *limits;     /* without change, then for each what-if */
    struct run_recorded *recorded; /* in time order */
    size_t recorded_count;
    const char *reference;           /* the load that `limits` multiplies */
    struct run_questions *questions; /* questions.h */
    struct run_comparison *comparisons;
    size_t comparison_count, comparison_capacity;
    unsigned threads;       /* at the most */
    struct lc_spare *spare; /* threads that nobody uses at the moment */
    struct run_bar *bar;
    double started, seconds;
};

/* Each returns 0, or −1 with errors appended. */
int run_prepare(struct run *run, struct lc_diag *diag);
int run_simulate(struct run *run, struct lc_diag *diag);
/* Warns of cores that are stated without processor work, after the limits are known. */
void run_warn_cores(const struct run *run, struct lc_diag *diag);
void run_free(struct run *run);

/* All points with their models and flows; nothing is simulated yet. */
int run_points(struct run *run, struct lc_diag *diag);
/* Curves over time of all points; their text, their JSON, and 1 if a load is not recovered from. */
int run_curves(struct run *run, struct lc_diag *diag);
void run_curves_text(const struct run *run, FILE *out);
int run_curves_json(const struct run *run, const char *file, struct lc_diag *diag);
enum lc_status run_curves_status(const struct run *run);

/* The model of a point; NULL with errors. */
struct lc_model *run_model(const struct run *run, const struct lc_load_point *load, const struct lc_what_if *change,
                           struct lc_diag *diag);
/* The system under the scenario's workloads for others to go on with: loads are multiples of the parameter `$load`,
 * whose values are the scenario's factors. NULL with errors. */
struct lc_model *run_export(const struct run *run, struct lc_diag *diag);
/* Writes the model of a level, told by its name or a factor (NULL: the first one), in the format of the file's ending.
 */
int run_write_model(const struct run *run, const char *file, const char *at, struct lc_diag *diag);
/* How much comes of a workload: per second in the long run, or users. */
double run_mean_level(const struct run *run, const struct lc_load_point *load, const struct lc_what_if *change,
                      size_t workload);
/* Whether an edit of the deployment is about the calls of a workload, which comes into the model with the load. */
bool run_about_workload(const struct lc_scenario *scenario, const struct lc_edit *edit);
/* The source of load `index` in the results of a point: the name of its workload. */
const char *run_source_name(const struct lc_model *model, const struct lc_workload_result *source);

/* Services and limited processors of a model, in its order. The caller frees the array. */
struct run_component *run_components(const struct lc_model *model, size_t *count);

/* Model and flow of a point whose load and change are set; then a simulation of it, in the precision that it asks for,
 * and what that says about the goals. −1 with errors. */
int run_build_point(const struct run *run, struct run_point *point, struct lc_diag *diag);
int run_simulate_point(const struct run *run, struct run_point *point, double seconds, double events,
                       struct run_part *part, struct lc_diag *diag); /* `part` of the progress bar may be NULL */
/* A share of the work that the time allowed stands for, in events. What is decided depends on this, not on the clock,
 * which only ends the whole run: so a busy machine decides the same, or not at all. */
double run_work(const struct run *run, double share);
void run_point_free(struct run_point *point);

void run_judge(const struct run *run, struct run_point *point);
/* The estimate of the point's result that a goal is about, in the model's units; NULL: there is none. */
const struct lc_estimate *run_goal_figure(const struct run_point *point, const struct run_goal *goal);
/* Whether the result of an overloaded point's best draw decides what the point says about every goal. */
bool run_best_tells(const struct run *run, const struct run_point *point, const struct lc_result *best);
struct lc_estimate run_times(struct lc_estimate estimate, double factor); /* in another unit */
/* The same of a point with curves: a goal has to hold in every bin. */
void run_judge_curves(const struct run *run, struct run_point *point);
/* What the curves have to count for the goals; the caller frees it. */
struct lc_slower *run_slower(const struct run *run, size_t *count);
struct run_goal *run_add_goal(struct run_point *point, const struct lc_goal *goal);
void run_free_goals(struct run_point *point);

/* The model of a point with closed workloads as open ones, and all of them at a thousandth of their rates: queues that
 * refuse what they cannot serve refuse nothing then, and are full at a load like all others. NULL with errors. */
#define RUN_TRICKLE 1e-3
struct lc_model *run_trickle(const struct run *run, const struct lc_load_point *load, const struct lc_what_if *change,
                             struct lc_diag *diag);
int run_find_limits(struct run *run, struct lc_diag *diag);

/* What the model predicts at the loads of its recordings; nothing for a model that was given. */
int run_predict_recorded(struct run *run, struct lc_diag *diag);
void run_recorded_free(struct run *run);

/* Whether nothing that is used has a limit, although nobody says that it has none: then nothing is known of what
 * saturates. */
bool run_lacks_limits(const struct run *run);

/* Simulates the points that are built, first those without a change, and their draws; judges all of them. */
int run_simulate_points(struct run *run, double deadline, struct lc_diag *diag);

/* Uncertainty: nothing happens unless the model was learned and the scenario wants it. */
void run_find_uncertainty(struct run *run, struct run_limits *limits);
void run_find_overloads(struct run *run);                                 /* share of draws, per point */
size_t run_simulated_draws(const struct run *run);                        /* of a point; 0: none */
void run_simulate_draws(struct run *run, double deadline, double weight); /* of all points; judges them anew */
void run_join_errors(const struct run *run, struct run_point *point);     /* into a fresh result */
void run_draws_free(struct run_draws *draws);
/* The model with the numbers of a draw; those that a what-if has removed or replaced do not matter any more. */
struct lc_model *run_draw_model(const struct run *run, const struct lc_model *model, size_t draw);
/* The same to be simulated, with the shapes of its times: of one of the first RUN_SIMULATED draws; LC_NONE: the model
 * itself, as it is compared with them. */
struct lc_model *run_shaped_model(const struct run *run, const struct lc_model *model, int draw);
/* Whether a time of a model still has the shape that was learned, whatever its mean. */
bool run_has_shape(const struct lc_dist *time, const struct lc_drawn *drawn);
enum {
    RUN_SIMULATED = 40, /* draws that are simulated, per point, and whose distributions vary in shape */
    RUN_EACH = 2,       /* replications of a simulated draw at the most: */
    RUN_TWICE = 16,     /* so many of them have two, which tells how much chance there is in one */
    RUN_ENOUGH = 20     /* draws that tell an interval */
};
/* What each draw changes, from the changes in each of its replications ([draw][RUN_EACH], NaN where there is none): the
 * mean of them, with the part of the spread that is due to chance taken out. Returns the number of draws that have any.
 */
size_t run_draw_means(const double *changes, size_t draws, double *means);
/* Quantile of sorted values at p (n + 1), between neighbours: so many values lie below it on the average (type 6 of
 * Hyndman & Fan 1996). */
double run_quantile(const double *sorted, size_t count, double p);
/* What each simulated draw changes in a measure of the point, NaN where that is not known; returns the mean variance
 * that is due to chance. */
double run_draw_changes(const struct run *run, const struct run_point *point, size_t measure, double *changes);

/* Who carries the doubt about the first limit, whose load in each draw is given; and about all undecided goals. */
void run_doubt_limit(const struct run *run, struct run_limits *limits, const double *loads);
void run_doubt_goals(const struct run *run);
void run_doubt_free(struct run_doubt *doubt);
/* How far the draws reach below and above the difference of two points in a measure of each; false: there are none. */
bool run_difference_reach(const struct run *run, const struct run_point *base, size_t base_measure,
                          const struct run_point *change, size_t change_measure, double *below, double *above);

/* Compares what-ifs with their base at each load where both have a steady state. */
void run_compare(struct run *run, double deadline);
struct run_difference { /* of one estimate in the results of a point and in those of its base */
    const struct run_point *point;
    const struct lc_estimate *before, *after;
    double unit;                   /* that both are multiplied by */
    struct lc_estimate difference; /* filled in; mean NaN: there are too few pairs */
    size_t pairs;
};
void run_find_differences(struct run *run, struct run_difference *items, size_t count, double deadline);
/* The interval of a difference that holds all of a family of so many with 95 % (Bonferroni). */
void run_widen(const struct lc_estimate *difference, size_t pairs, size_t family, double *low, double *high);

/* Calls `work` for each index, side by side on all cores; it must depend on nothing that others write. */
void run_start(struct run *run);
void run_parallel(struct run *run, size_t count, void (*work)(struct run *run, size_t index, void *context),
                  void *context);
void run_bar_start(struct run *run);
void run_bar_end(struct run *run);
void run_bar_add(struct run *run, double weight);
void run_show(void *part, double done, double precision); /* lc_sim_options.progress */

/* 0, 1 or 5 of the contract. */
enum lc_status run_status(const struct run *run);

#endif
