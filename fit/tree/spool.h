/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole traces kept between the passes: in memory up to a limit, beyond it in a temporary file without a name.
 */
#ifndef TREE_SPOOL_H
#define TREE_SPOOL_H

#include "loadcast/trace.h"

struct lci_job_join {   /* a trace that was appended to the one that sent it */
    uint32_t span;      /* its root */
    uint32_t base, job; /* its first span; which one it is */
    int64_t time;       /* of the dispatch, -1: that of the sending span */
};

struct lci_tree_record {
    struct lc_trace trace;            /* its arrays lie in the spool's memory: valid until the next call */
    uint32_t *parents;                /* per span: index of its parent, LCI_NONE at a root */
    uint32_t *types;                  /* per span: lci_type_of */
    uint64_t offset;                  /* place in the spool */
    const struct lci_job_join *joins; /* sorted by span */
    size_t join_count;
};
#define LCI_NONE UINT32_MAX

struct lci_spool;
struct lci_spool *lci_spool_new(size_t memory); /* bytes kept in memory */
void lci_spool_free(struct lci_spool *spool);
/* Sets the record's offset. 0, or -1 with an LC_MACHINE error. */
int lci_spool_add(struct lci_spool *spool, struct lci_tree_record *record, struct lc_diag *diag);
/* Begins reading from the first trace; nothing can be added any more. */
int lci_spool_rewind(struct lci_spool *spool, struct lc_diag *diag);
/* 1: a trace, 0: there is no further one, -1: error. */
int lci_spool_next(struct lci_spool *spool, struct lci_tree_record *record, struct lc_diag *diag);

/* The record at an offset, in memory of its own: valid until the next call of this function. 0 or -1. */
int lci_spool_at(struct lci_spool *spool, uint64_t offset, struct lci_tree_record *record, struct lc_diag *diag);

#endif
