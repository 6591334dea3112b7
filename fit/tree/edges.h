/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Evidence, gathered over all traces, on whether a caller waits for a kind of call. Whether a call is awaited is a
 * property of the program, so that it is decided for the edge from operation to operation, not call by call.
 */
#ifndef TREE_EDGES_H
#define TREE_EDGES_H

#include "tree/clocks.h"

enum lci_edge_role {
    LCI_CALL,     /* a request to another process */
    LCI_STORE,    /* to a database or cache that has no span of its own: awaited unless it cannot be */
    LCI_JOB,      /* taken from a queue: never awaited */
    LCI_PRODUCER, /* putting a job into a queue: may be awaited */
    LCI_INTERNAL, /* a part of the caller's process */
};

struct lci_edge {
    lc_symbol caller_task, caller_entry, task, entry;
    uint16_t role;
    uint16_t
        from_part; /* the caller is an internal part of its process, in case it turns out to be a call of its own */
};

struct lci_uncertainty {   /* about a difference of two times, ns */
    int64_t ticks, clocks; /* resolution; how well two clocks are known to differ */
};

struct lci_edges;
struct lci_edges *lci_edges_new(void);
void lci_edges_free(struct lci_edges *edges);
/* A call from `request` to `response` whose caller ended at `end`, on one clock; `uncertainty`: about comparing them,
 * beside the general tolerance. `follows`: the recording says that nobody waits. */
void lci_edges_observe(struct lci_edges *edges, const struct lci_edge *edge, int64_t request, int64_t response,
                       int64_t end, struct lci_uncertainty uncertainty, bool follows);
struct lci_answer {       /* times on one clock */
    int64_t request, end; /* of a call */
    int64_t last_end;     /* of those to whom it may have been passed on, at least `end` */
    int64_t caller_end;   /* of who called */
    int64_t answered;     /* when whoever waits for the caller, directly or through others, had an answer */
};
/* Evidence on whether the caller passed on a request. */
void lci_edges_observe_answer(struct lci_edges *edges, const struct lci_edge *edge, const struct lci_answer *answer,
                              struct lci_uncertainty uncertainty);
/* Decides on the evidence. */
void lci_edges_settle(struct lci_edges *edges);
/* The same for the trees that follow, or as `given`, which was settled, where that knows the edge (NULL: nothing
 * given); the lists hold "task:entry" of callees and end with NULL, or are NULL. Returns the names that match nothing
 * as warnings. */
void lci_edges_decide(struct lci_edges *edges, const struct lci_edges *given, const char *const *assume_async,
                      const char *const *assume_sync, const struct lc_symbols *symbols, struct lc_diag *diag);
/* What was decided; `follows` as recorded for this very call. */
bool lci_edges_forget(struct lci_edges *edges, const struct lci_edge *edge, bool follows);
/* Whether callers of this kind pass their own callers' requests on. */
bool lci_edges_forwarded(const struct lci_edges *edges, const struct lci_edge *edge);
/* Notes that a call of the edge was made for something that nobody waits for. */
void lci_edges_beside(struct lci_edges *edges, const struct lci_edge *edge);
/* The edges that were asked about: those between processes, and what else nobody waits for, in the order of their
 * names; owned by the caller. */
struct lc_edge_fact *lci_edges_list(const struct lci_edges *edges, const struct lc_symbols *symbols, size_t *count);

/* ---- parts of the traces ----------------------------------------------------------------------------------------- */

/* Lines {"edge": …} in the order of the names, and what the value of such a line tells, added. False: it is wrong. */
void lci_edges_write(const struct lci_edges *edges, const struct lc_symbols *symbols, lci_put_line put, void *sink);
bool lci_edges_read(struct lci_edges *edges, struct lc_symbols *symbols, const json_t *edge);
/* Of edges that were settled on the evidence of all parts: errors where a part was decided otherwise, or, unless the
 * numbers of samples are `exact`, where clocks that are known less well in a part may have hidden it. */
void lci_edges_agree(const struct lci_edges *edges, bool exact, const struct lc_symbols *symbols, struct lc_diag *diag);

#endif
