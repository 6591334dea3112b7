/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The verdict: a scenario and a model in; out comes which component saturates, at which load and when, whether goals
 * hold, what each change does, and what would help. Nothing here reads traces or prints.
 *
 * A verdict is plain data. It borrows the scenario and the evidence, which must outlive it, and owns the rest. Times
 * are in seconds, rates per second and loads parts of 1, unless a field is said to be in the model's unit of time
 * (lc_verdict.time_unit). NaN stands for what is not known. */
#ifndef LOADCAST_PREDICT_H
#define LOADCAST_PREDICT_H

#include "evidence.h"
#include "scenario.h"
#include "traffic.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Something that people know and that may be full: a service's threads, or a processor with a limit. */
struct lc_component {
    const char *name; /* borrowed from the model */
    bool processor;
    bool limited; /* a delay is none */
    int index;    /* of the task or processor */
};
/* Services and limited processors of a model, in its order. The caller frees the array. */
struct lc_component *lc_components(const struct lc_model *model, size_t *count);
/* The name of a source of load in a result of the model: that of its workload. */
const char *lc_source_name(const struct lc_model *model, const struct lc_workload_result *source);

/* ---- points ------------------------------------------------------------------------------------------------------ */

struct lc_goal_course {  /* a goal in the bins of curves; times in seconds */
    size_t judged, open; /* bins with enough requests to judge, and those of them that are undecided */
    double worst; /* beginning of the bin that is nearest to the limit or furthest beyond it; NaN: none is known */
    double from, until; /* the first stretch beyond the limit with a bin that is significantly so; NaN: none */
    double beyond;      /* how long all stretches beyond the limit last */
    bool to_end;        /* the stretch lasts until the end */
};

struct lc_sensitivity_part {          /* how much of a variance the samples of one operation carry */
    int entry;                        /* of the verdict's `base`; LC_NONE: which requests a workload makes */
    double share;                     /* of the variance over the bootstrap replicates */
    const struct lc_replicated *most; /* the number that carries the most of it; borrowed from the evidence */
};

struct lc_sensitivity {                /* whose samples carry what the number of traces leaves open */
    struct lc_sensitivity_part *parts; /* largest share first, none below 0; their sum is 1 at the most */
    size_t count;
    double times;    /* the variance is to be so many times smaller; infinite: not known */
    int workload;    /* whose requests should be recorded for that, besides those there are; LC_NONE: of all */
    double requests; /* so many of them; infinite: no number of them is enough */
};

struct lc_goal_result { /* what one point says about one goal; a goal for every component has one for each */
    const struct lc_goal *goal;
    char *component; /* NULL: a workload's goal */
    bool processor;
    struct lc_estimate
        value; /* load: part; times in seconds; rates per second. NaN: none, the point has no steady state */
    enum lc_judgement judgement;
    double traces; /* undecided because of the number of traces: how many times as many would decide; infinite: it
                      cannot be known. 0: it is not that */
    struct lc_sensitivity *sensitivity; /* with `traces`: where it comes from; NULL: not known */
    struct lc_goal_course course;       /* curves over time: how it went; `value` is that of its worst bin */
};

struct lcp_replicates; /* what was simulated of the bootstrap replicates: the library's own */

struct lc_point {                /* a load level, under a change or none */
    const struct lc_point *base; /* the point that it changes; NULL: none */
    const struct lc_load_point *load;
    const struct lc_what_if *change; /* NULL: none */
    char *label;
    struct lc_model *model;
    struct lc_traffic traffic;
    bool overloaded;
    bool refuses;                      /* it is because requests are refused or lost: there is a steady state */
    struct lc_component limit;         /* overloaded: what is full */
    struct lc_result *result;          /* NULL: overloaded, or no time was left to simulate it */
    bool solved;                       /* answered by the solver, whatever the method of the verdict */
    struct lc_result *analytic;        /* beside the simulation (LC_METHOD_BOTH); NULL: none */
    struct lc_transient *curves;       /* instead of it, where curves over time are asked for */
    double precision;                  /* asked for in the last simulation */
    unsigned replications;             /* so many, whatever the precision; 0: the scenario's */
    bool exhausted;                    /* that took all the work that it was allowed */
    bool clear;                        /* all goals are ten half-widths away: nobody asked for more precision */
    bool costly;                       /* nobody asked for any, and the usual one takes too many events */
    struct lcp_replicates *replicates; /* NULL: the model was given, or there is no steady state */
    double overload_share;             /* of the bootstrap replicates have no steady state; NaN: the model was given */
    bool unsure;                       /* overloaded, but too many replicates are not */
    double load_high; /* of the fullest component, from the traffic equations: 97.5 % quantile of the replicates */
    double *traffic_low,
        *traffic_high;           /* overloaded: loads of lc_components() in the replicates; NULL: the model was given */
    struct lc_model *best_model; /* unsure: the replicate that carries the load best, and its result (may be NULL) */
    struct lc_result *best;
    struct lc_goal_result *goals;
    size_t goal_count, goal_capacity;
};

/* Whether what was simulated of the point does not depend on how long that took. */
static inline bool lc_point_is_steady(const struct lc_point *point)
{
    return !point->overloaded || point->refuses;
}

/* ---- recorded loads ---------------------------------------------------------------------------------------------- */

struct lc_recorded_workload { /* times in seconds */
    uint64_t requests;
    double rate;                                 /* per second */
    double mean, standard_error, p95;            /* as recorded; NaN: not known */
    struct lc_estimate predicted, predicted_p95; /* mean NaN: the model has no steady state there */
    bool differs;                                /* by more than chance explains */
};
struct lc_recorded_load { /* a recording, and the model at its load */
    const struct lc_recording *recording;
    struct lc_load_point load;
    struct lc_what_if change; /* its workloads are those that were recorded */
    struct lc_point point;
    struct lc_recorded_workload *workloads; /* as the scenario's */
};

/* ---- saturation -------------------------------------------------------------------------------------------------- */

struct lc_limit { /* a component and the factor of the reference load at which it is full */
    struct lc_component component;
    double factor;
    bool first;         /* the one that the traffic equations name */
    double low, high;   /* the factor's 95 % interval; NaN: the model was given, not learned */
    double uncertainty; /* its longer side, relative */
    double *ratios;     /* of the bootstrap replicates: factor in each / factor; NULL: the model was given */
};

struct lc_unlimited { /* a service without a limit */
    const char *name; /* borrowed from the model */
    double busy;      /* its busy threads at the reference load when nothing waits: with so many it would be full */
    double replicas;  /* that any number of threads is multiplied by */
    bool stated;      /* the deployment says that it has no limit */
};

struct lc_limits {                   /* what is full at which load, under one change; lowest factor first */
    const struct lc_what_if *change; /* NULL: none */
    struct lc_model *model;          /* owns the names of the components */
    struct lc_limit *items;
    size_t count;
    struct lc_unlimited *unlimited; /* services that are used and have no limit, the busiest first */
    size_t unlimited_count;
    double rate;                        /* requests per second of the reference load; 0: it has closed workloads only */
    struct lc_sensitivity *sensitivity; /* of the first one's factor, and what would halve it; NULL: there is none */
};

/* ---- changes ----------------------------------------------------------------------------------------------------- */

enum lc_compared { LC_COMPARED_LOAD, LC_COMPARED_THROUGHPUT, LC_COMPARED_MEAN, LC_COMPARED_P95, LC_COMPARED_COUNT };
struct lc_comparison { /* a what-if minus its base, at one load */
    const struct lc_point *point;
    enum lc_compared quantity;
    char *name; /* of the component or workload */
    bool processor;
    struct lc_estimate before, difference; /* the base's value; as goals' values */
    size_t pairs;                          /* of replications */
    double low, high;                      /* interval in which all differences at this load lie with 95 % */
    bool significant;                      /* it does not hold 0 */
};

/* ---- the highest load, and when growth reaches it ---------------------------------------------------------------- */

struct lc_trial { /* a load that was tried */
    struct lc_load_point load;
    struct lc_point point; /* refers to `load` */
};

struct lcp_part; /* of the progress of the whole: the library's own */

/* What is searched for: the load at which goals are first missed. */
struct lc_search {
    const struct lc_what_if *change; /* NULL: none */
    int workload;                    /* that grows alone; LC_NONE: all of them */
    const struct lc_goal *goal;      /* NULL: every one */
    const char *component;           /* of a goal for every component, the one; NULL: every one */
    bool processor;
    bool solved;           /* loads are answered by the solver, whatever the method of the verdict */
    double within;         /* relative width of the bracket */
    double deadline;       /* of the monotonic clock, at which the whole ends */
    double events;         /* that the simulations of each load may take */
    struct lcp_part *part; /* of the progress; NULL: none */
    /* Known at the start and found at the end, as factors of the workloads: this load keeps the goals (0: none is known
     * to), this one misses (infinite: none is known to). */
    double keeps, misses;
    bool decided;                 /* the bracket is as narrow as it should be */
    unsigned simulated, screened; /* loads that were simulated, and that the solver answered beforehand */
    const struct lc_point *kept;  /* the point at `keeps`: one of the verdict's, or that of `keep`; NULL: none */
    struct lc_trial *keep;        /* if one was tried; owned */
    struct lc_trial *miss;        /* the point at `misses`, if one was tried; owned */
    /* The same load in the bootstrap replicates, sorted: each over the load itself. NULL: the model was given, or no
     * time was left. `low` and `high` hold 95 % of them and the bracket; NaN: not known. */
    double *ratios;
    size_t ratio_count;
    double low, high;
};
/* What a simulated point says about all goals that the search asks about. */
enum lc_judgement lc_search_judge(const struct lc_search *search, const struct lc_point *point);

/* What the traffic equations alone say: the factors at which components reach the strictest limit that the search has
 * for their loads, 1 without one; lowest first. What no load reaches is left out. */
struct lc_bound {
    struct lc_component component; /* its name is the first model's */
    double limit, factor;
    double at_one, slope; /* the load at factor 1, and what each 1 adds */
};
struct lc_bounds {
    struct lc_model *models[2]; /* at factors 1 and 2 */
    struct lc_bound *items;
    size_t count;
};

struct lc_highest_load {
    struct lc_search search;
    struct lc_bounds order; /* which component is at its limit at which load, by the traffic equations */
    double forbidden;       /* what the traffic equations alone forbid; infinite: nothing */
    /* LC_METHOD_BOTH: what the solver alone says of the same search, as `keeps` and `misses`; NaN otherwise. */
    double analytic_keeps, analytic_misses;
    double rate; /* requests per second of the open workloads that grow, at factor 1; 0: none */
};

struct lc_crossing { /* a goal, or the whole of a component, and the day on which the load passes it */
    const struct lc_what_if *change;
    const struct lc_goal *goal;    /* NULL: the component is full */
    struct lc_component component; /* name NULL: a workload's goal */
    double keeps, misses; /* factors between which the limit lies; equal where it is known from the traffic equations */
    bool simulated;
    double day, early, late; /* infinite: never. early and late: 95 % of what samples and trend allow */
};

/* ---- cost -------------------------------------------------------------------------------------------------------- */

struct lc_cost {
    double replicas, invocations, memory; /* per month, or for the time stated */
};

/* ---- the verdict ------------------------------------------------------------------------------------------------- */

struct lc_question {
    const struct lc_scenario *scenario;
    const struct lc_model *model;                 /* without the scenario's deployment and workloads; copied */
    const struct lc_evidence *evidence;           /* NULL: the model was given, not learned */
    unsigned jobs;                                /* threads; 0: one per core */
    bool unscreened;                              /* what the solver could judge beforehand is simulated as well */
    void (*progress)(void *context, double done); /* 0…1; from any thread, one at a time; NULL: nobody asks */
    void *context;
};

struct lcp_work; /* while it is worked on: the library's own */

struct lc_verdict {
    const struct lc_scenario *scenario;
    bool learned;                /* there is evidence */
    struct lc_evidence evidence; /* a copy of the struct; all zeros without */
    struct lc_model *base;       /* with its deployment, without the scenario's workloads */
    int **entries;               /* per workload and element of its mix: the entry that serves it */
    double *requests;            /* per workload: requests of one arrival */
    double time_unit;            /* seconds in a unit of the model's time */
    bool unscreened;             /* the question's */
    enum lc_method method;       /* the scenario's; LC_METHOD_SIMULATE where the solver cannot stand beside it */
    enum lc_status status;       /* LC_OK: all goals hold; LC_MISSED; LC_UNDECIDED */
    bool out_of_time;            /* the clock ended the work: a run that is allowed more time says more */
    struct lc_point *points;     /* the scenario's points × (base, what-ifs), in that order */
    size_t point_count;
    struct lc_limits *limits; /* without change, then for each what-if; NULL: curves over time */
    const char *reference;    /* the load that `limits` multiplies; NULL: the scenario's workloads as they are */
    bool lacks_limits;        /* nothing that is used has a limit, although nobody says that it has none */
    struct lc_recorded_load *recorded; /* in time order */
    size_t recorded_count;
    struct lc_comparison *comparisons;
    size_t comparison_count, comparison_capacity;
    struct lc_highest_load *capacities; /* base first, then each what-if, for each load asked for */
    size_t capacity_count;
    struct lc_crossing *crossings;
    size_t crossing_count, crossing_capacity;
    struct lcp_work *work;
};

/* What the scenario asks, checked against the model: the deployment is applied, entries, components and prices are
 * found. NULL with errors appended. The caller frees it with lc_verdict_free(), which takes NULL. */
struct lc_verdict *lc_verdict_new(const struct lc_question *question, struct lc_diag *diag);
void lc_verdict_free(struct lc_verdict *verdict);
/* Simulates all points within the time that the scenario allows and answers what it asks: everything from `status` on.
 * 0, or −1 with errors appended. */
int lc_predict(struct lc_verdict *verdict, struct lc_diag *diag);

/* The system under the scenario's workloads for others to go on with: loads are multiples of the parameter `$load`,
 * whose values are the scenario's factors. NULL with errors; owned by the caller. */
struct lc_model *lc_verdict_model(const struct lc_verdict *verdict, struct lc_diag *diag);
/* The model of one level, given by its name or a factor (NULL: the first one); likewise. */
struct lc_model *lc_verdict_model_at(const struct lc_verdict *verdict, const char *at, struct lc_diag *diag);

/* How much comes of a workload: per second in the long run, or users. */
double lc_mean_level(const struct lc_verdict *verdict, const struct lc_load_point *load,
                     const struct lc_what_if *change, size_t workload);
/* What one component costs in a month of 30.4375 days at this point; zeros for one without a price. */
struct lc_cost lc_cost_of(const struct lc_verdict *verdict, const struct lc_point *point, size_t price);
/* All components. NaN: without simulation the time in service is not known. */
double lc_cost_total(const struct lc_verdict *verdict, const struct lc_point *point);
/* Over time: what the component costs an hour in each bin of the point's curves, into `rates`; returns what it costs
 * over all of them together. */
struct lc_cost lc_cost_curve(const struct lc_verdict *verdict, const struct lc_point *point, size_t price,
                             double *rates);

/* ---- advice ------------------------------------------------------------------------------------------------------ */

/* A call less is more than most teams can do; policies do not change what the traffic equations say. */
enum lc_advised_kind { LC_ADVISED_SIZE, LC_ADVISED_CALL, LC_ADVISED_POLICY, LC_ADVISED_KINDS };

struct lc_advised_change {
    char *what;               /* "one more thread of photo" */
    struct lc_what_if change; /* with the edit to copy */
    enum lc_advised_kind kind;
    char *about;              /* the component that changes */
    double gain;              /* traffic equations: the highest load relative to the one before */
    struct lc_component next; /* what limits then; its name is borrowed from the verdict's base model, or NULL */
    double response;          /* relative change of the response time without waiting, of all workloads together */
    bool simulated;
    bool overloaded;               /* instead: there is no steady state any more */
    struct lc_estimate difference; /* of the worst goal: paired, in its unit */
    double low, high;              /* hold the differences of all that were simulated with 95 % */
    double after;
    double solved; /* the difference by the solver alone; NaN: it has no answer, or was not asked */
    size_t rank;   /* for that goal: 1 + how many surely do more for it; 0: whether it does anything is not known */
};

struct lc_held_threads { /* why threads of the limiting task are held, as parts of the time */
    double own, below;
    double processor;    /* load of its processor when the threads are full; NaN: it has no limit */
    const char *longest; /* the task waited for longest; NULL: none */
};

struct lc_advice {
    struct lc_component limit; /* name NULL: nothing is limited */
    double factor;
    struct lc_held_threads hold;       /* of a limiting task */
    struct lc_advised_change *options; /* best first */
    size_t count, capacity;
    /* What is judged: the goal that is nearest to its limit, or missed by most, at the load looked at. */
    const struct lc_load_point *load;
    struct lc_load_point own;   /* where no load of the scenario has a steady state: 90 % of what can be sustained */
    const struct lc_goal *goal; /* NULL: the mean response time of the slowest workload */
    char *goal_workload, *goal_component;
    struct lc_estimate before; /* in its unit; mean NaN: it could not be simulated */
    bool complete;             /* all that should be were simulated in the time allowed */
};

/* The changes that a team can make, tried one by one: all are screened by the traffic equations, the best by the
 * solver; what is decisive, and what the solver does not know, is simulated with the random numbers of the model as it
 * is. `verdict` is new: nothing was predicted with it. `advice` is filled, to be freed before it. 0, or −1 with errors
 * appended. */
int lc_advise(struct lc_verdict *verdict, struct lc_advice *advice, struct lc_diag *diag);
void lc_advice_free(struct lc_advice *advice);

#ifdef __cplusplus
}
#endif

#endif
