/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A request as one point of observation saw it: a row of DeepFlow's l7_flow_log. The same request is seen once for each
 * point that it passes; no id need connect these rows. docs/assembly.md.
 *
 * Texts that are only compared are kept as hashes, 0 for none: of 64 bits where millions of them differ (ids), else of
 * 32.
 */
#ifndef LCI_ASSEMBLY_FLOW_H
#define LCI_ASSEMBLY_FLOW_H

#include "loadcast/trace.h"

#define LCI_NO_FLOW UINT32_MAX

#define LCI_UNIX_SOCKET     1   /* the port of one, by DeepFlow's convention */
#define LCI_FIRST_MESSAGING 100 /* l7_protocol of queues */
#define LCI_LAST_MESSAGING  108

enum lci_point { /* in the order in which a request passes them, but for the last three */
                 LCI_POINT_C_APP,
                 LCI_POINT_C_P,
                 LCI_POINT_C,
                 LCI_POINT_C_ND,
                 LCI_POINT_C_HV,
                 LCI_POINT_C_GW_HV,
                 LCI_POINT_C_GW,
                 LCI_POINT_S_GW,
                 LCI_POINT_S_GW_HV,
                 LCI_POINT_S_HV,
                 LCI_POINT_S_ND,
                 LCI_POINT_S,
                 LCI_POINT_S_P,
                 LCI_POINT_S_APP,
                 LCI_POINT_APP,  /* within a process */
                 LCI_POINT_REST, /* somewhere on the way */
                 LCI_POINT_LOCAL,
                 LCI_POINTS
};
enum lci_point_side { LCI_CLIENT_SIDE, LCI_SERVER_SIDE, LCI_INSIDE, LCI_ANYWHERE };
enum lci_point_place { LCI_AT_APPLICATION, LCI_AT_PROCESS, LCI_AT_NETWORK };
struct lci_point_kind {
    const char *name, *shown; /* "c-p", "Client Process": both are understood */
    uint8_t side, place;
};
extern const struct lci_point_kind lci_points[LCI_POINTS];
/* By its short name, the name that people see, or its number; LCI_POINTS: unknown. */
unsigned lci_point_of(const char *text, size_t length);

enum { LCI_FLOW_REQUEST, LCI_FLOW_RESPONSE, LCI_FLOW_SESSION }; /* type */
enum { LCI_SOURCE_PACKET = 0, LCI_SOURCE_EBPF = 3, LCI_SOURCE_OTEL = 4 };

enum lci_flow_said { /* what two observations of one request say alike, where both say it */
                     LCI_SAID_L7,
                     LCI_SAID_L7_TEXT,
                     LCI_SAID_RESOURCE,
                     LCI_SAID_ENDPOINT,
                     LCI_SAID_PROTOCOL,
                     LCI_SAID_VERSION,
                     LCI_SAID_TYPE,
                     LCI_SAID_DOMAIN,
                     LCI_SAID_CODE,
                     LCI_SAID_EXCEPTION,
                     LCI_SAID_RESULT,
                     LCI_SAID_PROXY,
                     LCI_SAID
};

struct lci_flow {
    uint64_t id;                                 /* _id */
    int64_t start, end;                          /* ns, on the agent's clock */
    uint64_t connection;                         /* flow_id; hash */
    uint64_t request;                            /* request_id, stream; hash */
    uint64_t syscall[2], capture[2];             /* of request and response: syscall trace ids; syscall_cap_seq */
    uint64_t x_request[2];                       /* X-Request-ID of request and response; hashes */
    uint64_t traces[2], span_id, parent_span_id; /* native ids; hashes */
    uint32_t seq[2];                             /* TCP, of request and response */
    uint32_t said[LCI_SAID];                     /* hashes */
    lc_symbol agent, process, instance, service; /* of the side on which the point is; symbols */
    lc_symbol peer;                              /* service of the other side */
    uint16_t l7;                                 /* l7_protocol */
    uint16_t port;                               /* of the server; 1: a Unix socket */
    uint8_t point, source, type, transport;      /* enum lci_point …; transport: 6 TCP, 17 UDP, 0 unknown */
    bool async;                                  /* is_async */
    bool pod;                                    /* the instance is one */
    bool given;                                  /* its parent was told by who recorded it */
    bool given_async, orphan;                    /* orphan: the parent that was told is not there */
    bool joined;                                 /* it was told to be a part of its `parent` */
    uint32_t parent;                             /* where it is given: row, LCI_NO_FLOW at a root */
    lc_symbol reason;
    uint32_t answer; /* where it is given: rows of one answer are one trace */
};

static inline bool lci_is_message(const struct lci_flow *f) /* of a queue */
{
    return f->l7 >= LCI_FIRST_MESSAGING && f->l7 <= LCI_LAST_MESSAGING;
}

/* ---- the result -------------------------------------------------------------------------------------------------- */

struct lci_flow_tree {  /* one per row */
    uint32_t into;      /* the row that it was merged into, as another half of one message pair; LCI_NO_FLOW: none */
    uint32_t parent;    /* row; LCI_NO_FLOW: a root */
    uint32_t trace;     /* row that stands for all of its trace */
    const char *reason; /* why it has its parent; NULL at a root; static */
    bool async;         /* its parent does not wait for it */
    bool chained;       /* the parent saw the same request at the point before: durations compare without clocks */
    int64_t start, end; /* after merging, on the agent's clock */
    int64_t shift;      /* to be added, so that it lies within its parent */
    int64_t self;       /* of it; times of children that it waits for are not */
};

/* Puts rows together: merges halves, finds parents, traces, differences of clocks and self times. Rows may come in any
 * order: the result depends on their set alone. Halves that were merged change `flows` (type, ids that were empty).
 * The array is the caller's. */
struct lci_flow_tree *lci_flows_assemble(struct lci_flow *flows, uint32_t count);

/* ---- parts of it ------------------------------------------------------------------------------------------------- */

#define LCI_MICROSECOND INT64_C(1000)
#define LCI_DELAY       (50000 * LCI_MICROSECOND) /* most that one point sees a message after another one of its agent */
#define LCI_CLOCKS      (10000 * LCI_MICROSECOND) /* most that two agents' clocks differ */

/* Rows by a key: an array sorted by key, time and row. Of many rows with one key the latest LCI_LOOK are looked at, so
 * that a key which means nothing (an id that a load generator sends with every request) costs no more than that. */
#define LCI_LOOK 64
struct lci_keyed {
    uint64_t key;
    int64_t time;
    uint32_t row;
};
struct lci_index {
    struct lci_keyed *items;
    size_t count, capacity;
    uint32_t *heaps; /* sorted: the first item of each heap, by the first bits of keys */
    unsigned shift;  /* a key's bits behind those */
};

/* What a row has, once halves are merged. Most passes concern few rows: they look here, at two bytes a row. */
enum lci_trait {
    LCI_IS_GIVEN = 1,      /* its parent was told */
    LCI_TAKES_PART = 2,    /* in relations: it is not given, and no half of another row */
    LCI_IS_CLIENT = 4,     /* seen in the client's process; the rest is for rows that take part */
    LCI_IS_SERVER = 8,     /* in the server's */
    LCI_AT_APP = 16,       /* by instrumentation */
    LCI_HAS_NUMBERS = 32,  /* TCP's */
    LCI_HAS_SYSCALL = 64,  /* two ids that differ */
    LCI_HAS_REQUEST = 128, /* X-Request-ID */
    LCI_HAS_TRACE = 256,
    LCI_HAS_SPAN = 512, /* id of a span or of its parent */
    LCI_HAS_STREAM = 1024,
    LCI_IS_MESSAGE = 2048, /* of a queue */
    LCI_IS_LOCAL = 4096,   /* through a Unix socket */
};

struct lci_rows { /* what the parts work on */
    struct lci_flow *flows;
    struct lci_flow_tree *trees;
    uint16_t *traits; /* enum lci_trait per row */
    unsigned any;     /* those that any row has */
    uint32_t count;
    struct lci_index numbers[2]; /* rows that have them, by the one of the request and of the answer */
    uint32_t *set;               /* per row: one that stands for all rows of its request; itself if it is alone */
    uint32_t *root;              /* per row: towards the root of the tree that it is in */
    uint32_t *group;             /* per row: towards one that stands for its trace */
};

static inline bool lci_has(const struct lci_rows *r, uint32_t i, unsigned trait) /* any of these */
{
    return r->traits[i] & trait;
}
void lci_find_traits(struct lci_rows *r);
/* The element that stands for all that were joined with `i`; paths are halved on the way. */
static inline uint32_t lci_union_find(uint32_t *up, uint32_t i)
{
    while (up[i] != i) {
        up[i] = up[up[i]];
        i = up[i];
    }
    return i;
}
void lci_union_join(uint32_t *up, uint32_t a, uint32_t b);
/* Whether `parent` may become the parent of the root `child`: it is not in its tree. */
bool lci_may_hang(struct lci_rows *r, uint32_t child, uint32_t parent);
void lci_hang(struct lci_rows *r, uint32_t child, uint32_t parent, const char *reason, bool async);
static inline bool lci_is_root(const struct lci_rows *r, uint32_t i)
{
    return r->trees[i].parent == LCI_NO_FLOW;
}
bool lci_covers(const struct lci_rows *r, uint32_t parent, uint32_t child);
bool lci_share_trace(const struct lci_flow *a, const struct lci_flow *b);
/* Whether the row is a further observation of the request that its parent observed, nearer to the server. */
bool lci_same_call(const struct lci_flow *parent, const struct lci_flow *row);
/* Whether both say something that is not the same. */
bool lci_flows_conflict(const struct lci_flow *a, const struct lci_flow *b);

/* Room for as many items, which it is about to get. */
void lci_index_expect(struct lci_index *index, size_t count);
void lci_index_add(struct lci_index *index, uint64_t key, int64_t time, uint32_t row);
void lci_index_sort(struct lci_index *index);
/* Those with the key whose time is not later, the latest `*count` of them, in order. NULL when there is none. */
const struct lci_keyed *lci_index_until(const struct lci_index *index, uint64_t key, int64_t time, size_t *count);
void lci_index_free(struct lci_index *index);
static inline uint64_t lci_key(uint64_t a, uint64_t b)
{
    uint64_t h = (a ^ a >> 32) * UINT64_C(0x9E3779B97F4A7C15) ^ b;
    h = (h ^ h >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
    h = (h ^ h >> 32) * UINT64_C(0x94D049BB133111EB);
    return (h ^ h >> 29) | 1;
}

/* Items in the order of their keys, which are below `limit`, and of equal keys in the order in which they are. The
 * array, of their places, is the caller's. */
uint32_t *lci_order_by_key(const uint32_t *keys, uint32_t count, uint32_t limit);
/* Sorts a few items of at most LCI_ITEM bytes, or many, by a total order. */
#define LCI_ITEM 64
void lci_sort_few(void *items, size_t count, size_t size, int (*order)(const void *, const void *));

void lci_merge_halves(struct lci_rows *r);      /* halves.c */
void lci_find_sets(struct lci_rows *r);         /* sets.c */
void lci_find_weak_sets(struct lci_rows *r);    /* sets.c: into `group`, after the others */
void lci_hang_applications(struct lci_rows *r); /* applications.c */
void lci_hang_systems(struct lci_rows *r);      /* systems.c */
void lci_hang_sets(struct lci_rows *r);         /* sets.c */
void lci_join_trees(struct lci_rows *r);        /* joins.c */
void lci_find_traces(struct lci_rows *r);       /* traces.c */
void lci_correct_clocks(struct lci_rows *r);    /* flow_clocks.c */
void lci_find_self_times(struct lci_rows *r);   /* self_times.c */

#endif
