/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scenarios: what people write to ask a question about load. A scenario holds edits of a model, loads and goals;
 * reading one needs neither traces nor a simulation.
 */
#ifndef LOADCAST_SCENARIO_H
#define LOADCAST_SCENARIO_H

#include "lqn.h"
#include "sim.h"

struct lc_edit { /* one change of the model, edit.h */
    char *path, *value;
    struct lc_place place;
};

struct lc_mix {
    char *entry; /* "task/operation" or the name of an entry */
    double weight;
    struct lc_place place;
};

struct lc_workload {
    char *name;
    struct lc_mix *mix; /* one element for a plain `entry` */
    size_t mix_count;
    char *activity;          /* or what one run of this test does; NULL */
    char **keys, **patterns; /* `where` */
    size_t condition_count;
    bool closed;
    double rate;               /* open: arrivals per second */
    struct lc_dist arrivals;   /* open: inter-arrival distribution; family NULL: Poisson. Scaled to the rate. */
    uint32_t users;            /* closed */
    struct lc_dist think_time; /* closed */
    struct lc_place place;
};

enum lc_goal_kind { LC_GOAL_LOAD, LC_GOAL_RESPONSE, LC_GOAL_THROUGHPUT };
struct lc_goal {
    enum lc_goal_kind kind;
    char *component; /* load: one component, or NULL for every one */
    char *workload;
    int percentile; /* response: 50, 90, 95, 99, or 0 for the mean */
    double limit;   /* load: fraction; response: seconds at the most; throughput: per second at the least */
    struct lc_place place;
};

struct lc_what_if {
    char *name;
    struct lc_edit *edits;
    size_t edit_count;
};

struct lc_scenario {
    char *name, *file, *folder; /* folder: where relative paths start */
    char **traces;              /* ends with NULL; NULL: none */
    char *activities;
    bool measured; /* assume_load: measured */
    char *model;
    struct lc_edit *deployment;
    size_t deployment_count, deployment_capacity;
    struct lc_workload *workloads;
    size_t workload_count, workload_capacity;
    double *factors; /* load points; at least one */
    size_t factor_count;
    struct lc_what_if *what_ifs;
    size_t what_if_count, what_if_capacity;
    struct lc_goal *goals;
    size_t goal_count, goal_capacity;
    struct lc_sim_options simulation;
    bool warmup_auto;
};

/* NULL with errors appended: unknown keys with the nearest known one, missing units, wrong types, all with line and
 * column. */
struct lc_scenario *lc_scenario_read(const char *file, struct lc_diag *diag);
void lc_scenario_free(struct lc_scenario *scenario);

#endif
