/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Walks over graphs of calls and of activities, without recursion: inputs decide how deep they are.
 */
#ifndef WALK_H
#define WALK_H

#include "loadcast/lqn.h"

/* A directed graph: the targets of node i are targets[first[i] … first[i + 1] − 1]. */
struct lci_graph {
    size_t count;
    size_t *first; /* count + 1 of them */
    int *targets;
    size_t capacity;
};
struct lci_graph lci_graph_start(size_t count);
/* Edges must be added node by node, in the order of the nodes; lci_graph_node(g, i) before the edges of node i. */
void lci_graph_node(struct lci_graph *graph, size_t node);
void lci_graph_edge(struct lci_graph *graph, int target);
void lci_graph_free(struct lci_graph *graph);

/* The nodes that can be reached from `root` (LC_NONE: all nodes), every node before its targets. Returns their number,
 * or −1 when there is a cycle; then order[0 …] are the nodes of one, ended by LC_NONE. `order` holds count + 1. */
int lci_graph_order(const struct lci_graph *graph, int root, int *order);

/* One step of an entry: a phase or an activity, and how often it is run for one invocation. */
struct lci_walk_step {
    const struct lc_activity *activity;
    int index; /* phase from 0, or index of the activity in its task */
    double visits;
};

/* The steps of an entry with visits above 0; owned by the caller. −1 with an error when its graph has a cycle. */
int lci_entry_steps(const struct lc_model *model, int entry, struct lci_walk_step **steps, size_t *count,
                    struct lc_diag *diag);

/* For an entry with an activity graph: the mean time from its start until the reply to it, and until everything is
 * finished, when activity i takes time[i]. Parallel branches count with the longest mean, which is at most the mean of
 * the longest; before a quorum they count nothing for the reply. */
void lci_graph_times(const struct lc_model *model, int entry, const double *time, double *reply, double *total);

/* How many replicas one replica of task `from` calls each time. */
double lci_fan_out(const struct lc_model *model, int from, int to);
/* The part of the synchronous calls from one task to another that no cache answers. */
double lci_uncached(const struct lc_model *model, int from, int to);

#endif
