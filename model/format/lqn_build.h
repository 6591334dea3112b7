/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the readers of LQN XML and LQN text share: the model under construction, tables of its names, numbers that may
 * be variables, and the bindings that these leave.
 */
#ifndef LOADCAST_FORMAT_LQN_BUILD_H
#define LOADCAST_FORMAT_LQN_BUILD_H

#include "base/names.h"
#include "loadcast/lqn.h"

#define LCI_BINS 100000 /* bins of a histogram at the most */

struct lci_scope;

/* The element whose attribute a path names. */
struct lci_owner {
    enum lci_owner_kind {
        LCI_OWNER_NONE, /* nothing that could be changed by a path */
        LCI_OWNER_PROCESSOR,
        LCI_OWNER_GROUP,
        LCI_OWNER_TASK,
        LCI_OWNER_ENTRY,
        LCI_OWNER_PHASE,    /* of entry `index`, phase number `part` from 0 */
        LCI_OWNER_ACTIVITY, /* of task `index`, activity `part` */
    } kind;
    int index, part;
};
/* An attribute that an expression fills. */
struct lci_bound {
    struct lci_owner owner;
    char *attribute, *expression; /* owned */
    struct lc_place place;
};

struct lci_build {
    struct lc_model *model;
    struct lc_diag *diag;
    struct lci_names processors, groups, tasks, entries;
    struct lci_names *activities; /* one table a task */
    size_t activities_capacity;
    struct lci_scope *scope; /* values of the variables at the first point of their lists */
    bool program;            /* values come from a program that is not supported */
    struct lci_bound *bound; /* becomes the model's bindings when all names are known */
    size_t bound_count, bound_capacity;
};

/* `file` stands for the input in places and is kept as the model's source. */
void lci_build_start(struct lci_build *build, const char *file, struct lc_diag *diag);
/* Frees all but the model, which is returned, or freed when `errors` (the number of errors before the start) has grown:
 * NULL then. */
struct lc_model *lci_build_finish(struct lci_build *build, size_t errors);

/* New elements with place; an error if the name is taken (the element is made nevertheless, so that reading can go on).
 */
int lci_build_processor(struct lci_build *build, const char *name, const struct lc_place *place);
int lci_build_group(struct lci_build *build, const char *name, int processor, const struct lc_place *place);
int lci_build_task(struct lci_build *build, const char *name, int processor, const struct lc_place *place);
/* The task is an infinite server: another multiplicity is warned of and forgotten. */
void lci_build_limitless(struct lci_build *build, struct lc_task *task, const struct lc_place *place);
int lci_build_entry(struct lci_build *build, const char *name, int task, const struct lc_place *place);
int lci_build_activity(struct lci_build *build, int task, const char *name, const struct lc_place *place);

/* The element, or LC_NONE and an error that names the nearest one. */
int lci_build_find_processor(struct lci_build *build, const char *name, const struct lc_place *place);
int lci_build_find_group(struct lci_build *build, const char *name, const struct lc_place *place);
int lci_build_find_task(struct lci_build *build, const char *name, const struct lc_place *place);
int lci_build_find_entry(struct lci_build *build, const char *name, const struct lc_place *place);
int lci_build_find_activity(struct lci_build *build, int task, const char *name, const struct lc_place *place);

/* Further parts of a model. The texts are copied; errors as above. */
void lci_build_pragma(struct lci_build *build, const char *name, const char *value);
void lci_build_fan(struct lci_build *build, int task, int other, bool in, uint32_t value);
/* The activity starts the entry (LC_NONE is ignored); an error if the entry belongs to another task or has a start. */
void lci_build_start_activity(struct lci_build *build, int task, int activity, int entry, const struct lc_place *place);

struct lci_slot;
/* The number that an attribute ("multiplicity", "demand", "sync_calls.NAME") is; false if there is no such one. */
bool lci_owner_slot(struct lc_model *model, struct lci_owner owner, const char *attribute, struct lci_slot *slot);
/* The path (edit.h) of an attribute: as short as it can be and still lead there. Owned by the caller. NULL when no
 * path does. */
char *lci_build_path(struct lc_model *model, struct lci_owner owner, const char *attribute);

/* The value of an expression ("$x", or what stands between braces) at the first point of all lists, and a binding of
 * the path to it. Returns −1 with an error if it has no value or the attribute cannot be bound. */
int lci_build_expression(struct lci_build *build, const char *expression, struct lci_owner owner, const char *attribute,
                         double *value, const struct lc_place *place);

/* The attribute that the mean of a call to an entry is; owned by the caller. */
char *lci_call_attribute(enum lc_call_kind kind, const char *entry);

/* A parameter `$name = expression` ("i, $x": x for each i). An error if it has no value. */
void lci_build_variable(struct lci_build *build, const char *name, const char *expression,
                        const struct lc_place *place);
/* A variable that takes a result: the key is the element's path with what is observed, "task/users/%f" (observe.h). */
void lci_build_observation(struct lci_build *build, const char *name, const char *key, const struct lc_place *place);
/* Observations by key, so that the order of the file's elements does not matter. */
void lci_build_sort_observations(struct lci_build *build);
/* A line of the report ("R section"), or of the convergence section (its name begins with '!'). An unnamed one has the
 * name "". */
void lci_build_report(struct lci_build *build, const char *name, const char *expression, const struct lc_place *place);

/* Demand from mean and squared coefficient of variation as LQN files state them: none when the mean is 0. */
struct lc_dist lci_demand(double mean, double cv2);
/* The demand, in any unit, that stands in LQN files for none where LQNS wants one: nothing is added to any time. */
#define LCI_NOTHING 1e-30
/* The comment of the activity that stands in LQN XML behind a loop that nothing follows: LQNS wants one there. Reading
 * leaves it out. */
#define LCI_LOOP_END "nothing follows the loop"
/* What LQN files can say of a demand. False if that is not all: then mean and cv² match. */
bool lci_demand_parts(const struct lc_dist *demand, double *mean, double *cv2);
/* The name that a phase has in LQN XML when the model gives none: ENTRY_N. Owned by the caller. */
char *lci_phase_name(const char *entry, int phase);

#endif
