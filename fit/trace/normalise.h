/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of normalising a trace share. A span that is left out gets the id 0 and goes in the end, so that
 * indices stay valid on the way.
 */
#ifndef LCI_TRACE_NORMALISE_H
#define LCI_TRACE_NORMALISE_H

#include "trace_assembly.h"

#define LCI_NO_SPAN UINT32_MAX

struct lci_work {
    struct lci_open *open;
    struct lc_span *spans;
    uint32_t count;
    struct lci_scratch *scratch;
    struct lc_repairs *repairs;
    struct lci_table *table; /* of the spans that keep an id */
    uint32_t *parents;       /* by span: index of the parent */
    uint32_t *next;          /* by span: until lci_index_ids is done the next with its id; then see twins.c */
    uint32_t *twins;         /* groups of spans that came with one id, see twins.c; room for 2 × count */
    bool any_left_out, any_twin, any_no_start, any_no_duration;
};

/* Index of the span that keeps the id, or LCI_NO_SPAN. */
uint32_t lci_find_id(const struct lci_work *work, uint64_t id);
static inline void lci_leave_out(struct lci_work *work, uint32_t i)
{
    work->spans[i].id = 0;
    work->any_left_out = true;
}

/* Enters all ids into the table. Of several accounts of one span one is kept; spans that came with one id get their
 * places below each other (in `parents`). */
void lci_index_ids(struct lci_work *work);
/* The span among those with the id of `parent`, which keeps it, that a child belongs to. */
uint32_t lci_twin_for(const struct lci_work *work, uint32_t parent, const struct lc_span *child);
/* Gives all but one of the spans that came with one id an id of its own. */
void lci_rename_twins(struct lci_work *work);

/* ---- pipeline.c -------------------------------------------------------------------------------------------------- */

/* Which step of a pipeline follows which: gives parents to steps that have none. */
void lci_link_steps(struct lci_work *work);

#endif
