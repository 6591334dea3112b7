/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the rooms ask of a network beyond building and reading it. */
#ifndef LCI_MODEL_LQN_H
#define LCI_MODEL_LQN_H

#include "loadcast/lqn.h"

const char *lci_discipline_words(void); /* "fcfs, hol, …" */
/* Another task like this one, with copies of its activities and its list of entries, which stay the other's. */
int lci_copy_task(struct lc_model *model, int task, const char *name);
/* The numbers that its variables have given the model stay; variables, bindings, observations and the report go. */
void lci_forget_parameters(struct lc_model *model);
/* Whether calls in order are mixed: some exactly so many, some random. LQN files know only phases that are all one. */
bool lci_mixes_calls(const struct lc_activity *activity);
/* Removes the activities with gone[i] != 0 and all precedences that hold one of them. The others move up. */
void lci_remove_activities(struct lc_model *model, int task, const char *gone);
/* Makes phases of every activity graph without parallel branches and loops: phase 1 until the reply, phase 2 after it.
 * Mean demands, think times, numbers of calls, and the variance of demands and think times stay; that all these belong
 * to branches does not, nor does the order of the calls. A note tells of each entry what was averaged, or why its graph
 * stays. Returns how many graphs became phases. */
size_t lci_graphs_to_phases(struct lc_model *model, struct lc_diag *diag);
/* Whether what follows an and-join still runs beside other branches of `fork`, the and-fork whose branches it joins: a
 * later join gathers both. Precedences by index; `from` holds for each activity the precedence that it ends in, or
 * LC_NONE. */
bool lci_join_is_partial(const struct lc_task *task, const int *from, int fork, int join);
/* Is this task the pool of connections of the other? */
bool lci_is_pool_of(const struct lc_model *model, int pool, int task);
/* Whether the entries of a source are steps of a session. */
bool lci_is_session(const struct lc_model *model, const struct lc_task *task);
/* How often each entry of a source is run in one session (or cycle, or arrival), in the order of task->entries: 0, or
 * −1 when sessions never end. */
int lci_session_visits(const struct lc_model *model, const struct lc_task *task, double *visits);
/* From what each entry of a source counts in itself (a time, say), by its place in task->entries, what all count that a
 * session runs from there on, itself included. Returns 0, or −1 when sessions never end. */
int lci_session_ahead(const struct lc_model *model, const struct lc_task *task, double *values);
/* Gives a source what its pattern says and it does not: the mean of `arrivals`, the largest number of users. */
void lci_follow_pattern(struct lc_task *task);
/* Requests per time unit that an open task with arrivals makes in the long run, all its replicas together. */
double lci_arrival_rate(const struct lc_task *task);

#endif
