/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of a scenario's reader. Each takes the node under its key, fills its part of the scenario and appends an
 * error for everything that is wrong; whether there was one is seen from the list at the end.
 */
#ifndef READER_H
#define READER_H

#include "base/text.h"
#include "format/schema.h"
#include "loadcast/scenario.h"
#include "model/format/node.h"

/* The keys of all maps, each beside its reader. */
extern const struct lci_field lci_trace_fields[], lci_simulation_fields[], lci_root_fields[], lci_workload_fields[],
    lci_range_fields[], lci_point_fields[], lci_load_fields[], lci_session_fields[], lci_step_fields[],
    lci_goal_fields[], lci_response_fields[], lci_gate_fields[], lci_what_if_fields[], lci_capacity_fields[],
    lci_price_fields[], lci_growth_fields[], lci_column_fields[], lci_replay_fields[], lci_service_fields[],
    lci_work_fields[], lci_work_of_entry_fields[], lci_lock_fields[], lci_deployment_fields[];

void lci_read_deployment(const struct lci_node *node, struct lc_deployment *deployment, struct lc_diag *diag);
void lci_read_workloads(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag);
void lci_read_load(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag);
void lci_read_goals(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag);
void lci_read_gates(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag);
void lci_read_what_ifs(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag);
/* At the end: makes what those of the edits of a what-if say that are about the scenario itself. */
struct lci_root_nodes {
    const struct lci_node *name, *traces, *model, *deployment, *workloads, *load, *growth, *sweep, *what_if, *goals,
        *gates, *capacity, *cost, *simulation;
};
void lci_settle_changes(const struct lci_node *root, const struct lci_root_nodes *nodes, struct lc_scenario *scenario,
                        struct lc_what_if *what_if, struct lc_diag *diag);

/* Requests per second of all open workloads together; an error at `place` when they are not known yet. */
double lci_open_rate(const struct lc_scenario *scenario, const struct lc_place *place, struct lc_diag *diag);

/* How requests come: `rate`, `arrivals` and `script` of an open workload, `users` of a closed one. */
struct lci_workload_nodes {
    const struct lci_node *name, *entry, *mix, *activity, *where, *rate, *arrivals, *users, *think_time, *script,
        *session;
};
bool lci_is_open(const struct lci_workload_nodes *workload);
void lci_read_arrivals(const struct lci_workload_nodes *workload, const struct lc_scenario *scenario,
                       struct lc_workload *w, struct lc_diag *diag);
void lci_read_users(const struct lci_node *users, struct lc_workload *w, struct lc_diag *diag);
/* `session` of a workload: its steps and, as its mix, their entries. */
void lci_read_session(const struct lci_node *session, struct lc_workload *w, struct lc_diag *diag);
void lci_free_session(struct lc_workload *w);
/* `mode: transient` and what belongs to it, when the rest of `simulation` has been read; whether the loads allow a
 * steady state, at the end. */
struct lci_simulation_nodes {
    const struct lci_node *precision, *confidence, *seed, *warmup, *run_time, *max_time, *max_queue, *replications,
        *uncertainty, *mode, *duration, *step;
};
void lci_read_curves(const struct lci_node *node, const struct lci_simulation_nodes *simulation,
                     struct lc_scenario *scenario, struct lc_diag *diag);
void lci_check_mode(const struct lc_scenario *scenario, struct lc_diag *diag);

/* One workload; the scenario's are there for what it may refer to. */
void lci_read_workload(const struct lci_node *node, const struct lc_scenario *scenario, struct lc_workload *workload,
                       struct lc_diag *diag);

/* After the workloads and what-ifs: appends a load point for every step, a what-if for every combination. */
void lci_read_growth(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag);
void lci_read_sweep(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag);
void lci_read_capacity(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag);
/* The prices of a component that is known. */
void lci_read_price(const struct lci_node *node, struct lc_price *price, struct lc_diag *diag);
bool lci_is_price(const char *key);
void lci_read_cost(const struct lci_node *node, struct lc_scenario *scenario, struct lc_diag *diag);

/* A path that starts where the scenario stands; allocated. */
char *lci_resolve(const struct lc_scenario *scenario, const char *path);
struct lc_load_point *lci_add_load_point(struct lc_scenario *scenario, char *name, double factor);

/* The file as a tree, NULL with errors. `file` must outlive it. */
struct lci_node *lci_read_yaml(const char *file, struct lc_diag *diag);

/* A value above 0. */
int lci_read_positive(const struct lci_node *node, enum lc_dimension dimension, const char *what, double *value,
                      struct lc_diag *diag);

/* Index of a workload, or −1 with an error that names the nearest or all; −1 without one when the scenario has none. */
int lci_find_workload(const struct lc_scenario *scenario, const struct lci_node *name, struct lc_diag *diag);

/* A value as a text in one line, {gamma: {shape: 2, scale: 1 s}}, for people. Owned by the caller. */
char *lci_value_text(const struct lci_node *node);
/* Copies what the node holds. */
struct lci_node lci_node_copy(const struct lci_node *node);

void lci_free_edits(struct lc_edit *edits, size_t count);

#endif
