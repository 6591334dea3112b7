/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of the LQN XML reader: attributes by tables, elements by tables.
 */
#ifndef LOADCAST_FORMAT_LQNX_READER_H
#define LOADCAST_FORMAT_LQNX_READER_H

#include "format/lqn_build.h"
#include "format/lqnx_tree.h"

struct lci_lqnx;

/* Elements that can be read only when all names are known. */
struct lci_lqnx_later {
    void (*read)(struct lci_lqnx *reader, const xmlNode *node, int index);
    const xmlNode *node;
    int index;
};

struct lci_lqnx {
    struct lci_build build;
    struct lci_xml xml;
    struct lci_lqnx_later *later;
    size_t later_count, later_capacity;
};

/* ---- attributes -------------------------------------------------------------------------------------------------- */

enum lci_attribute_kind {
    LCI_SKIP,           /* known, and of no use here */
    LCI_TEXT,           /* char *, owned */
    LCI_REAL,           /* double, at least `low` */
    LCI_COUNT,          /* uint32_t, a whole number of at least `low` */
    LCI_COUNT_INFINITE, /* the same, or infinite (LC_INFINITE) */
    LCI_INTEGER,        /* int, at least `low` */
    LCI_FLAG,           /* bool: true yes 1, false no 0 */
    LCI_PROCESSOR_SCHEDULING,
    LCI_TASK_SCHEDULING, /* enum lc_scheduling */
    LCI_ORDER,           /* bool: DETERMINISTIC or STOCHASTIC */
};

struct lci_attribute {
    const char *name;
    enum lci_attribute_kind kind;
    size_t offset;    /* of the field in the structure that is read into */
    const char *path; /* attribute of edit.h where a variable may stand; NULL: not reached by edits */
    double low;
};

/* Reads the element's attributes into the structure at `base`; those that are absent leave it as it is. The table ends
 * with a NULL name. Every attribute that the table does not know is an error. */
void lci_lqnx_attributes(struct lci_lqnx *reader, const xmlNode *node, const struct lci_attribute *table, void *base,
                         struct lci_owner owner);
/* A required attribute; NULL and an error if it is missing or empty. Owned by the caller. */
char *lci_lqnx_required(struct lci_lqnx *reader, const xmlNode *node, const char *attribute);
/* The same without an error. */
char *lci_lqnx_optional(const xmlNode *node, const char *attribute);

/* ---- elements ---------------------------------------------------------------------------------------------------- */

struct lci_xml_element {
    const char *name;
    void (*read)(struct lci_lqnx *reader, const xmlNode *node, int index); /* NULL: known, nothing to do */
};

/* Gives the children of a node to the functions of a table (ends with a NULL name) with `index`. Results are passed
 * over; anything else that the table does not know is an error. */
void lci_lqnx_children(struct lci_lqnx *reader, const xmlNode *node, const struct lci_xml_element *table, int index);
/* Have the element read when all processors, groups, tasks, entries and activities are known. */
void lci_lqnx_postpone(struct lci_lqnx *reader, const xmlNode *node,
                       void (*read)(struct lci_lqnx *reader, const xmlNode *node, int index), int index);
bool lci_lqnx_is(const xmlNode *node, const char *element);

/* <entry-phase-activities> of an entry, <task-activities> of a task (lqnx_activities.c). */
void lci_lqnx_phases(struct lci_lqnx *reader, const xmlNode *node, int entry);
void lci_lqnx_graph(struct lci_lqnx *reader, const xmlNode *node, int task);
/* <service-time-distribution> into a histogram; `phase` (may be NULL) gets its phase from 1, or stays. */
void lci_lqnx_histogram(struct lci_lqnx *reader, const xmlNode *node, struct lc_histogram *histogram, uint32_t *phase);

#endif
