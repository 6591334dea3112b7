/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scenarios: what people write to ask a question about load. A scenario holds edits of a model, loads and goals;
 * reading one needs neither traces nor a simulation.
 */
#ifndef LOADCAST_SCENARIO_H
#define LOADCAST_SCENARIO_H

#include "assumed.h"
#include "edit.h"
#include "growth.h"
#include "lqn.h"
#include "result.h"
#include "sim.h"
#include "transient.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lci_node; /* what stands in a file */
struct lc_edit { /* one change of the model, edit.h */
    char *path, *value;
    const struct lci_node *node; /* the value where it stands, of the scenario's or deployment's tree; NULL: `value` */
    struct lc_place place;
    size_t service; /* of a deployment: length of the service's name, with which the path begins */
    bool settled;   /* of a what-if, about the scenario: in effect already */
};

struct lc_slot {          /* spans in which a service holds its threads */
    char *service, *span; /* wildcard */
    struct lc_place place;
};

struct lc_deployment {     /* what traces do not say */
    char *file;            /* kept alive because places borrow it; NULL: written in the scenario itself */
    struct lci_node *tree; /* of the file, kept for the edits; NULL: the scenario's */
    struct lc_edit *edits;
    size_t count, capacity;
    struct lc_slot *slots; /* what the reading of traces needs to know: no edit of a model */
    size_t slot_count;
};

struct lc_mix {
    char *entry; /* "task/operation" or the name of an entry */
    double weight;
    struct lc_place place;
};

struct lc_session_step { /* its entry is the element of `mix` at the same index */
    char *name;
    struct lc_dist think_time; /* after it, in seconds; family NULL: none */
    size_t *next;              /* indices of steps */
    double *probabilities;     /* what is left: the session ends */
    size_t next_count;
};

struct lc_workload {
    char *name;
    struct lc_mix *mix; /* one element for a plain `entry` */
    size_t mix_count;
    struct lc_session_step *steps; /* a session, begun by the step whose weight is 1; NULL: none. `mix_count` of them */
    char *activity;                /* or what one run of this test does; NULL */
    char **keys, **patterns;       /* `where` */
    size_t condition_count;
    bool closed;
    double rate;               /* open: arrivals per second */
    struct lc_dist arrivals;   /* open: inter-arrival distribution; family NULL: Poisson. Scaled to the rate. */
    struct lc_pattern pattern; /* how it changes with time; in seconds. Open: its values are those at `rate` */
    bool replays_traces;       /* open: at the times of its requests in the traces, which then become the pattern's */
    uint32_t users;            /* closed; where they change, the most */
    struct lc_dist think_time; /* closed, in seconds; family NULL: none */
    struct lc_place place;
};

/* A load level: every workload times `factor`, or each at its own level. */
struct lc_load_point {
    char *name;     /* "× 2", "12/s", or as written */
    double factor;  /* NaN: `levels` instead */
    double *levels; /* per workload: rate (open, per second) or users (closed); NULL: by the factor */
    bool alone;     /* only `workload` times the factor, the others as they are */
    size_t workload;
    bool dated; /* a point of growth: `day` */
    double day;
};

enum lc_goal_kind { LC_GOAL_LOAD, LC_GOAL_RESPONSE, LC_GOAL_THROUGHPUT, LC_GOAL_ERRORS };
struct lc_goal {
    enum lc_goal_kind kind;
    char *component; /* load: one component, or NULL for every one */
    char *workload;
    bool completion;   /* response: until all that a request set going has ended */
    double percentile; /* response: in percent, such as 95 or 99.9; 0: the mean */
    double limit;      /* load: fraction; response: seconds at the most; throughput: per second at the least;
                         errors: fraction at the most */
    struct lc_place place;
};

/* By how much a release may differ from the one before: `compare`. */
struct lc_gate {
    const char *what; /* "demand", "capacity", … : the keys under `gates`; static text */
    double limit;     /* a part: +0.1 an increase by a tenth at the most, −0.05 a decrease */
    struct lc_place place;
};

struct lc_what_if {
    char *name;
    struct lc_edit *edits;
    size_t edit_count, edit_capacity;
    bool swept; /* a point of the grid of `sweep` */
    struct lc_place place;
    /* What it changes of the scenario itself; each NULL where it does not. */
    struct lc_change *levels;      /* of each workload: its rate (per second) or users */
    struct lc_workload *workloads; /* of each the changed one; name NULL: as it is */
    struct lc_price *prices;       /* all; names are borrowed from the scenario's */
};

/* `sweep`: each axis is a path with its values; what-ifs hold every combination, the last axis fastest. */
struct lc_axis {
    char *path;
    char **values;
    size_t count;
    const struct lci_node *nodes; /* of the values */
};

/* `capacity`: search for the highest load that keeps every goal. */
struct lc_capacity_question {
    int *of; /* workloads that grow alone; LC_NONE: all together */
    size_t count;
    double within; /* relative width of the answer */
};

/* Prices of one component, in any currency. */
struct lc_price {
    char *component;
    double replica_hour, core_hour, invocation, gb_second;
    double memory_gb; /* of one replica, which a GB-second counts */
    struct lc_place place;
};

/* How loads are answered: by simulation, by the analytic solver (solve.h), or by both, of which the simulation decides.
 */
enum lc_method { LC_METHOD_SIMULATE, LC_METHOD_ANALYTIC, LC_METHOD_BOTH };

struct lc_scenario {
    char *name, *file, *folder; /* folder: where relative paths start */
    struct lci_node *tree;      /* of the file, kept for the edits */
    char **traces;              /* ends with NULL; NULL: none. Relative ones start at the folder already. */
    char *activities;
    char *utilization;         /* how busy processors were while the traces were taken; NULL: unknown */
    char *release;             /* of the traces, the one to predict; NULL: all are one */
    enum lc_assumed_load load; /* traces.assume_load */
    char *model;
    struct lc_deployment deployment;
    struct lc_workload *workloads;
    size_t workload_count, workload_capacity;
    struct lc_load_point *points; /* at least one */
    size_t point_count, point_capacity;
    struct lc_what_if *what_ifs;
    size_t what_if_count, what_if_capacity;
    struct lc_goal *goals;
    size_t goal_count, goal_capacity;
    struct lc_gate *gates;
    size_t gate_count, gate_capacity;
    struct lc_growth growth;
    struct lc_axis *axes;
    size_t axis_count;
    struct lc_capacity_question capacity;
    struct lc_price *prices;
    size_t price_count;
    struct lc_sim_options simulation; /* max_time_s: for the whole scenario */
    enum lc_method method;            /* of `run`; no key of the file */
    bool precision_stated;
    struct lc_transient_options curves; /* mode: transient; times in seconds. Duration 0: a steady state is asked for */
    bool uncertainty;                   /* the number of traces counts in the intervals */
    /* Of the deployment, what the user did not state but other sources did, each with its source; owned. */
    struct lc_assumption *stated; /* evidence.h */
    size_t stated_count;
};

/* Whether a file is a scenario and no model, by the keys that it has. */
bool lc_scenario_recognise(const char *file);
/* NULL with errors appended: unknown keys with the nearest known one, missing units, wrong types, all with line and
 * column. */
struct lc_scenario *lc_scenario_read(const char *file, struct lc_diag *diag);
/* The same of a text that stands in no file; `file` is its name in messages, and where relative paths start. */
struct lc_scenario *lc_scenario_parse(const char *text, size_t length, const char *file, struct lc_diag *diag);
void lc_scenario_free(struct lc_scenario *scenario);
/* The JSON schema of scenarios, owned by the caller. */
char *lc_scenario_schema(void);

/* A workload and how much of it comes at a load level (per second, or users: not rounded) under a change, or NULL. */
const struct lc_workload *lc_scenario_workload(const struct lc_scenario *scenario, const struct lc_what_if *change,
                                               size_t workload);
double lc_scenario_level(const struct lc_scenario *scenario, const struct lc_load_point *load,
                         const struct lc_what_if *change, size_t workload);
const struct lc_price *lc_scenario_price(const struct lc_scenario *scenario, const struct lc_what_if *change,
                                         size_t price);

/* Reads a file that holds what stands under `deployment` in a scenario. 0, or −1 with errors appended. */
int lc_deployment_read(const char *file, struct lc_deployment *deployment, struct lc_diag *diag);
void lc_deployment_free(struct lc_deployment *deployment);

/* Whether an estimate keeps a limit, at a confidence of 95 or 99 %. An interval that holds the limit decides nothing.
 */
enum lc_judgement { LC_GOAL_MISSED, LC_GOAL_MET, LC_GOAL_UNDECIDED };
enum lc_judgement lc_goal_judge(const struct lc_goal *goal, const struct lc_estimate *value, double confidence);

#ifdef __cplusplus
}
#endif

#endif
