/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the spans below one root to calls: which span is a request to another process, which client span belongs to it,
 * what is only a part of its caller. Nothing is decided here about waiting, except through `edges`.
 */
#ifndef TREE_ASSEMBLE_H
#define TREE_ASSEMBLE_H

#include "tree/classify.h"
#include "tree/clocks.h"
#include "tree/edges.h"
#include "tree/polling.h"
#include "tree/slots.h"
#include "tree/spool.h"

struct lci_tree_call {
    int32_t caller;    /* index of the call whose callee made this one; -1 at the root */
    uint32_t span;     /* of the callee; of the client when the callee has none */
    uint32_t client;   /* outgoing span in the caller, LCI_NONE: none */
    uint32_t dispatch; /* producer (or sending client) span of a job, LCI_NONE: none */
    uint32_t producer; /* span of the producer during which the caller made this call, LCI_NONE: none */
    uint32_t part;     /* internal span of the caller during which it was made, LCI_NONE: none */
    uint32_t next;  /* further call under the same client span; of a slot: further slot of the caller; LCI_NONE: none */
    uint32_t asked; /* call above whose caller waits, through others that may pass requests on; set for evidence */
    uint16_t role;  /* enum lci_edge_role */
    bool external, follows, forget, forwarded;
    bool alone;     /* the only one under its client span: durations compare */
    bool slot;      /* a part of the caller that holds a thread; its role is LCI_INTERNAL */
    uint32_t whole; /* of a slot: the caller's span */
    uint32_t slots; /* first slot among its calls, where slot_count > 0 */
    uint32_t slot_count;
    int64_t request, response; /* on the caller's clock */
    int64_t last_end;   /* of those to whom the request may have been passed on, itself included; on a common clock */
    int64_t dispatched; /* when a job was in the queue, on the caller's clock; -1: not known */
};

struct lci_assembly {
    const struct lci_tree_record *record;
    struct lci_tree_call *calls;
    size_t call_count, call_capacity;
    uint32_t *producers; /* producer spans met, and internal spans folded: evidence wants them */
    size_t producer_count, producer_capacity;
    uint32_t *parts;
    size_t part_count, part_capacity;
    /* Scratch, per span of the record. */
    struct context *contexts;
    uint32_t *child, *sibling, *queue; /* queue: the spans of the tree assembled last */
    size_t reached;                    /* how many these are */
    struct group *groups;
    size_t span_capacity;
};

struct lci_tree_assembler {
    const struct lc_symbols *symbols;
    const struct lci_types *types;
    const struct lci_clocks *clocks;
    struct lci_edges *edges; /* decided, or NULL in the pass that gathers evidence */
    bool keep_internal;
    struct lci_span_slots *slots; /* NULL: no service has any */
    struct lci_polls *polls;      /* counts jobs that began before their dispatch */
};

/* Prepares for the trees of one record; then one call per root. */
void lci_assembly_begin(struct lci_assembly *assembly, const struct lci_tree_record *record);
void lci_assembly_root(struct lci_assembly *assembly, const struct lci_tree_assembler *by, uint32_t root);
void lci_assembly_free(struct lci_assembly *assembly);

/* Reports what the assembled calls tell about their edges. */
void lci_assembly_observe(struct lci_assembly *assembly, const struct lci_tree_assembler *by, struct lci_edges *edges);

/* Task and entry of a call's callee. */
lc_symbol lci_task_of(const struct lci_tree_assembler *by, const struct lci_tree_record *record,
                      const struct lci_tree_call *call);
lc_symbol lci_entry_of(const struct lci_tree_assembler *by, const struct lci_tree_record *record,
                       const struct lci_tree_call *call);

#endif
