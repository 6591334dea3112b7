/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Interaction trees: what a request did itself, what it waited for, which calls were synchronous, concurrent or
 * fire-and-forget. Definitions: docs/extraction.md.
 *
 * Whether an edge is fire-and-forget, by how much hosts' clocks differ and how coarse they are is known only when all
 * traces were seen. So lc_trees_read() reads the input once, gathers that evidence, keeps the spans in a compact form
 * (in memory, or in an unnamed temporary file when there are many) and then makes the trees one by one.
 */
#ifndef LOADCAST_TREE_H
#define LOADCAST_TREE_H

#include "trace.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lc_edge { LC_EDGE_ROOT, LC_EDGE_SYNC, LC_EDGE_CONCURRENT, LC_EDGE_FORGET };
/* "root", "sync", "concurrent" (asynchronous and blocking), "forget" */
const char *lc_edge_name(enum lc_edge edge);

enum lc_class {
    LC_CLASS_INTERNAL,
    LC_CLASS_DATABASE,
    LC_CLASS_CACHE,
    LC_CLASS_MESSAGING,
    LC_CLASS_RPC,
    LC_CLASS_HTTP,
    LC_CLASS_FAAS
};
const char *lc_class_name(enum lc_class class_);
enum lc_access { LC_ACCESS_NONE, LC_ACCESS_READ, LC_ACCESS_WRITE };

/* Where in a service's requests its threads are held: in the spans inside of a request whose names match. */
struct lc_tree_slot {
    const char *service, *span; /* wildcard (fnmatch) for the span's operation */
    struct lc_place place;
};

/* One request as the caller and the callee saw it: a span, or a client span merged with the server span below it.
 * Internal spans of the same process are folded into their nearest ancestor and are no nodes, but for those that hold a
 * slot. All times in ns. */
struct lc_tree_node {
    uint64_t id;                        /* of the callee's span, or of the client span when there is no other */
    uint64_t client_id;                 /* of the client span that was merged, 0: none */
    int32_t parent;                     /* node, −1 at the root */
    uint32_t first_child, child_count;  /* nodes; children stand together, sorted by (request, id) */
    lc_symbol task;                     /* service, or the external server's name */
    lc_symbol entry;                    /* operation of low cardinality */
    lc_symbol instance;                 /* of the callee, 0 unknown */
    lc_symbol caller_operation;         /* operation of the client span, 0: none */
    uint8_t edge, class_, access, kind; /* enum lc_edge, lc_class, lc_access, lc_span_kind */
    bool external;                      /* the callee has no span of its own */
    bool error;
    bool fit;           /* durations may be used for fitting */
    bool slot;          /* the part of its caller's work that holds a thread of the service; named like the caller */
    bool around;        /* a request of a service with slots: it holds no thread but in those below */
    bool forwarded;     /* its answer goes to its caller's caller, who waits for it; edge: forget */
    bool acquire;       /* the caller waits for a connection of a pool of its own: no request to the server */
    int64_t start, end; /* the callee's work, on the root host's clock */
    int64_t request, response; /* the window in the caller: sent, answered */
    int64_t self, blocked;     /* self + blocked = end − start */
    int64_t relative;          /* self time of the caller before this call was sent */
    int64_t marginal;          /* growth of the caller's blocked time by this call */
    int64_t network_latency;   /* client duration − server duration; −1: not known */
    uint32_t first_hop;        /* its parts, between the points where the network was observed: hop_count hops in the */
    uint32_t hop_count;        /* tree's array; their sum is network_latency. 0: nobody looked */
    uint32_t batch;            /* of a job with links to its messages: how many it took at once; else 0 */
    int64_t queue_delay;       /* fire-and-forget: from the dispatch to the start of the job; −1: not known */
    uint64_t message_size;     /* bytes of a job's message; 0: not known */
    int32_t group;             /* index of the caller's group this call belongs to; −1: none (forget, or outside) */
    uint32_t group_count;      /* groups of this node */
    uint32_t first_segment;    /* group_count + 1 self-time segments in the tree's array, sum = self */
    uint32_t span;             /* index into trace->spans of the callee's span (or client's) */
};

/* Time between two points of observation, in both directions together: what lasted a request at `from`, and not at
 * `to`. No clocks are involved. "c-p" and "s-p" are the ends, the client's and the server's process. */
struct lc_hop {
    lc_symbol from, to;
    int64_t latency; /* ns, ≥ 0 */
};

struct lc_tree {
    const struct lc_trace *trace;     /* with symbols; valid during the call */
    const struct lc_tree_node *nodes; /* [0] is the root; breadth first */
    size_t node_count;
    const int64_t *segments;
    const struct lc_hop *hops;
    bool incomplete; /* spans of its trace were lost, and enough traces of its kind are whole */
};
typedef int (*lc_tree_sink)(void *context, const struct lc_tree *tree);

/* What was decided over all traces of an extraction, with the evidence: to decide alike elsewhere, and to add up. */
struct lc_decisions;
void lc_decisions_free(struct lc_decisions *decisions);

struct lc_tree_options {
    struct lc_reader_options reader;
    const struct lc_decisions
        *given;                      /* decide as these where they know the hosts and calls; NULL: as the traces tell */
    const char *const *assume_async; /* "service:operation" whose calls nobody waits for; ends with NULL; may be NULL */
    const char *const *assume_sync;
    bool keep_internal;               /* internal spans stay nodes */
    const struct lc_tree_slot *slots; /* a service at most once */
    size_t slot_count;
};

struct lc_clock_offset {
    lc_symbol caller, callee; /* hosts or instances */
    int64_t offset;           /* subtract from the callee's times; ns */
    int64_t low, high;        /* what the spans allow */
    uint64_t samples;
    uint64_t contradictory; /* of them: calls that lie outside their callers all the same; at most 2048 are known */
    bool consistent;        /* the interval is not empty */
};

struct lc_edge_fact { /* evidence for the class of an edge */
    lc_symbol caller_task, caller_entry, task, entry;
    uint64_t samples, outlived;
    bool forget;
    const char *reason; /* static text */
};

struct lc_poll_fact { /* spans whose time, all of it or up to the dispatch of their message, was waiting for one */
    lc_symbol service, operation;
    uint64_t count;
};

struct lc_span_fates { /* what spans became */
    uint64_t nodes;    /* nodes of trees: a server's span, or another one that stands for a call */
    uint64_t merged;   /* a client's or producer's, part of the node that it called */
    uint64_t inside;   /* part of its caller's work */
    uint64_t polling;  /* all waiting for a message: in no tree */
};

struct lc_extraction { /* what was found on the way; owned by the caller, freed with lc_extraction_free */
    struct lc_reading reading;
    uint64_t trees, nodes;
    struct lc_span_fates fates; /* their sum is reading.spans, unless the sink stopped it */
    struct lc_clock_offset *offsets;
    size_t offset_count;
    struct lc_edge_fact *edges;
    size_t edge_count;
    struct lc_poll_fact *polls;
    size_t poll_count;
    struct lc_decisions *decisions; /* NULL when somebody took them */
};
/* Lists clock offsets, edges and polling anew, as they were decided. */
void lc_decisions_list(const struct lc_decisions *decisions, struct lc_extraction *extraction);
void lc_extraction_free(struct lc_extraction *extraction);

int lc_trees_read(const char *const *inputs, size_t count, const struct lc_tree_options *options,
                  struct lc_symbols *symbols, lc_tree_sink sink, void *context, struct lc_extraction *extraction,
                  struct lc_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
