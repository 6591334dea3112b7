/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The main job: a scenario becomes a model with sources of load for every point (a load level under a change), each
 * point is checked, simulated and judged. The way of the data:
 *
 *   prepare.c   scenario → model, from traces or a file, with its deployment; which entries serve which workload
 *   sources.c   model + load level + what-if → the model of a point
 *   points.c    simulates the points within the time allowed, and longer those that are not decided
 *   goals.c     what a point says about each goal
 *   limits.c    what saturates, in which order
 *   curves.c    instead of the last three: curves over time of each point
 *   uncertainty.c  how certain that is, when times come from samples
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

struct run_goal { /* what one point says about one goal; a goal for every component has one for each */
    const struct lc_goal *goal;
    char *component; /* NULL: a workload's goal */
    bool processor;
    struct lc_estimate
        value; /* load: part; times in seconds; rates per second. NaN: none, the point has no steady state */
    enum lc_judgement judgement;
};

struct run_point {
    const struct lc_load_point *load;
    const struct lc_what_if *change; /* NULL: none */
    char *label;
    struct lc_model *model;
    struct lc_flow flow;
    bool overloaded;
    struct run_component limit; /* overloaded: what is full */
    struct lc_result *result;   /* NULL: overloaded, or no time was left to simulate it */
    struct lc_transient *curves; /* instead of it, where curves over time are asked for */
    double precision;           /* asked for in the last simulation */
    struct run_goal *goals;
    size_t goal_count, goal_capacity;
};

struct run_limit { /* a component and the factor of the reference load at which it is full */
    struct run_component component;
    double factor;
    bool first;         /* the one that the flow names */
    double uncertainty; /* half-width of the factor's 95 % interval, relative; NaN: the model was given, not learned */
};

struct run_limits {                  /* what is full at which load, under one change; lowest factor first */
    const struct lc_what_if *change; /* NULL: none */
    struct lc_model *model;          /* owns the names of the components */
    struct run_limit *items;
    size_t count;
};

struct run {
    const struct cli_common *common;
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
    struct run_limits *limits;       /* without change, then for each what-if */
    const char *reference;           /* the load that `limits` multiplies */
    double reference_rate;           /* its requests per second; 0: it has closed workloads only */
    struct run_questions *questions; /* questions.h */
    double started, seconds;
};

/* Each returns 0, or −1 with errors appended. */
int run_prepare(struct run *run, struct lc_diag *diag);
int run_simulate(struct run *run, struct lc_diag *diag);
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
/* The source of load `index` in the results of a point: the name of its workload. */
const char *run_source_name(const struct lc_model *model, const struct lc_workload_result *source);

/* Services and limited processors of a model, in its order. The caller frees the array. */
struct run_component *run_components(const struct lc_model *model, size_t *count);
double run_servers(const struct lc_model *model, const struct run_component *component);

/* Model and flow of a point whose load and change are set; then a simulation of it, in the precision that it asks for,
 * and what that says about the goals. −1 with errors. */
int run_build_point(const struct run *run, struct run_point *point, struct lc_diag *diag);
int run_simulate_point(const struct run *run, struct run_point *point, double seconds, struct lc_diag *diag);
void run_point_free(struct run_point *point);

void run_judge(const struct run *run, struct run_point *point);
void run_free_goals(struct run_point *point);

int run_find_limits(struct run *run, struct lc_diag *diag);
void run_find_uncertainty(const struct run *run, struct run_limits *limits);

/* 0, 1 or 5 of the contract. */
enum lc_status run_status(const struct run *run);

#endif
