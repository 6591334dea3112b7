/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of lc_edit(). A path is resolved to an owner (an element or one of its parts) and the slots that its
 * attribute stands for; a change gives each slot its new number; when all of them are right, they are set together. */
#ifndef LOADCAST_MODEL_EDIT_H
#define LOADCAST_MODEL_EDIT_H

#include "base/text.h"
#include "loadcast/edit.h"

struct lci_sorted_names; /* of all elements, in order */

struct lci_edit {
    struct lc_model *model;
    const struct lci_sorted_names *names; /* NULL: all elements are looked at */
    const char *path, *value;             /* value NULL: `number` */
    const struct lc_dist *dist;           /* that the value is the text of; NULL: it is no distribution */
    double number;
    struct lc_diag *diag;
    const struct lc_place *place;
    size_t *near; /* of many paths: the activity that the one before was about; NULL: there is one */
};
#define LCI_BAD(edit, ...) lc_error((edit)->diag, LC_INPUT, (edit)->place, __VA_ARGS__)

enum lci_place_kind { LCI_ON_TASK, LCI_ON_ENTRY, LCI_ON_PROCESSOR, LCI_ON_GROUP };
struct lci_element {
    enum lci_place_kind kind;
    int index;
    bool exact; /* the path names the kind: attributes of the element alone, not of what belongs to it */
};

/* ---- slots: the numbers that a path stands for ------------------------------------------------------------------- */

enum lci_slot_kind {
    LCI_THREADS,       /* struct lc_task: multiplicity; a limit and infinity change the scheduling from and to inf */
    LCI_SERVERS,       /* struct lc_processor: the same */
    LCI_REPLICAS,      /* struct lc_task, with all that is copied with it */
    LCI_COPIES,        /* uint32_t: replicas of a processor */
    LCI_BUFFER,        /* uint32_t from 0 */
    LCI_INTEGER,       /* int */
    LCI_REAL,          /* double, 0 or more */
    LCI_CALLS,         /* struct lc_call: its mean; where that is no whole number any more, the number is random */
    LCI_SPEED,         /* double, above 0 */
    LCI_SHARE,         /* double, 0 to 1 */
    LCI_DIST,          /* struct lc_dist: its mean */
    LCI_CONSTANT_DIST, /* the same; a plain number where there was none is constant, not exponential */
    LCI_ARRIVALS,      /* struct lc_dist: 1 / its mean */
    LCI_CV2,           /* struct lc_dist: its squared coefficient of variation */
};

struct lci_slot {
    enum lci_slot_kind kind;
    void *at;
    enum lc_dimension dimension;
    double weight; /* of this slot in the number of its group: a group has one number, Σ weight × slot */
    int group;
    double wanted; /* its new number */
    double part;   /* of the slot that a change of the group's number scales; the rest stays */
    double even;   /* what the slot gets per unit of the group's number when all are 0 now; 0: that is an error */
};
struct lci_slots {
    struct lci_slot *list;
    size_t count, capacity;
    int groups;
};

void lci_add_slot(struct lci_slots *slots, enum lci_slot_kind kind, void *at, enum lc_dimension dimension,
                  double weight);
double lci_slot_number(const struct lci_slot *slot);
/* Sets the numbers of all slots as the value says, or none and appends errors. */
int lci_change_slots(struct lci_edit *e, struct lci_slots *slots);

/* ---- attributes -------------------------------------------------------------------------------------------------- */

/* What came of looking for an attribute. */
enum lci_found { LCI_UNKNOWN, LCI_SLOTS, LCI_DONE, LCI_FAILED };

/* Looks the attribute up in the element: slots to change; or a word, which is set at once unless `get`. */
enum lci_found lci_attribute(struct lci_edit *e, struct lci_element element, const char *attribute, bool get,
                             struct lci_slots *slots);
/* The one number that a path stands for, to be read or set; false if it is a word, a sum, several numbers or nothing.
 */
bool lci_path_slot(struct lc_model *model, const char *path, struct lci_slot *slot);
/* The same for an attribute of a known element. */
bool lci_element_slot(struct lc_model *model, struct lci_element element, const char *attribute, struct lci_slot *slot);
/* "task", "entry", "processor", "group": what stands before the colon of a path that names the kind. */
const char *lci_kind_word(enum lci_place_kind kind);
/* The attributes of an element's kind, `most` of them at the most; returns how many. */
size_t lci_attributes_of(enum lci_place_kind kind, const char **names, size_t most);

/* An attribute of policy.h, of the calls to a task or from it. */
enum lci_found lci_policy_attribute(struct lci_edit *e, int task, const char *attribute, bool get,
                                    struct lci_slots *slots);
/* An attribute of elastic.h, and the names of all of them. */
enum lci_found lci_elastic_attribute(struct lci_edit *e, int task, const char *attribute, struct lci_slots *slots);
size_t lci_elastic_names(const char **names, size_t most);
/* Puts a pool of connections between a task and a target, or changes the one that is there. */
enum lci_found lci_connections(struct lci_edit *e, int task, const char *target, bool get, struct lci_slots *slots);
/* The mean time on the way of the calls of a task to the target, by name: think times of the steps that call. */
enum lci_found lci_network(struct lci_edit *e, int task, const char *target, struct lci_slots *slots);
/* How much of its own time a task's entries, or an entry, work on a processor: `cpu`, `cpu_share`. */
enum lci_found lci_cpu(struct lci_edit *e, struct lci_element element, const char *attribute, bool get);
/* How long a task's entries, or an entry, hold a lock: `lock.hold`, `locks.NAME.hold`. */
enum lci_found lci_lock(struct lci_edit *e, struct lci_element element, const char *attribute, bool get,
                        struct lci_slots *slots);
/* Is this task a lock of the other? */
bool lci_is_lock_of(const struct lc_model *model, int lock, int task);

#endif
