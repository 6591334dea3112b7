/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of lc_model_check(), one a file. Each appends what it finds; none stops at the first error. Nothing here is
 * recursive: inputs decide how long chains are. */
#ifndef LOADCAST_MODEL_CHECK_H
#define LOADCAST_MODEL_CHECK_H

#include "loadcast/lqn.h"
#include "walk.h"

/* Rounding of probabilities that files state with six digits. */
#define LCI_ROUNDING 1e-5

/* How an entry is reached; bits. */
enum { LCI_SYNC = 1, LCI_ASYNC = 2, LCI_OPEN = 4, LCI_FORWARDED = 8 };

struct lci_check {
    const struct lc_model *model;
    struct lc_diag *diag;
    unsigned char *reached; /* per entry */
};

/* Errors of an input. */
#define LCI_WRONG(check, place, ...) lc_error((check)->diag, LC_INPUT, place, __VA_ARGS__)

/* Fills reached[] and finds calls that cannot be: to sources, to the own task, synchronous and not. */
void lci_check_calls(struct lci_check *c);
/* Cycles of waiting. */
void lci_check_cycles(struct lci_check *c);
/* Processors, groups and tasks by themselves; settings. */
void lci_check_elements(struct lci_check *c);
/* Entries: kind, numbers of their phases, roles. */
void lci_check_entries(struct lci_check *c);
/* Numbers of a phase or activity; `what` names it. */
void lci_check_activity(struct lci_check *c, const struct lc_activity *a, const struct lc_place *place,
                        const char *what);
/* Tasks whose replicas come and go. */
void lci_check_elastic(struct lci_check *c);
/* Policies of tasks. */
void lci_check_policies(struct lci_check *c);
/* Variables, bindings, observations, reports. */
void lci_check_variables(struct lci_check *c);
/* The activity graph of one task. */
void lci_check_graph(struct lci_check *c, int task);

/* Edges from each entry to those whose reply it waits for; forwards lead on, because the first caller waits for them.
 */
struct lci_graph lci_wait_graph(const struct lc_model *model);
/* Whether the pragma `cycles` allows cycles. */
bool lci_may_cycle(const struct lc_model *model);
/* Whether these waits have a cycle when tasks stand in the place of their entries. */
bool lci_tasks_have_cycle(const struct lc_model *model, const struct lci_graph *waits);

/* The names of a cycle of nodes that ends with LC_NONE: "a → b → a", with the first repeated. Owned by the caller. */
char *lci_path_text(const int *nodes, const char *(*name)(const void *context, int node), const void *context);

#endif
