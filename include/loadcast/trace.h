/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Recorded traces: spans as every format gives them, unified. Readers push spans; the assembler gathers the spans of
 * one trace and hands on whole traces; what was wrong is repaired by a stated rule and counted (struct lc_repairs) or
 * is an error with file and byte offset.
 *
 * Texts (services, operations, attribute keys and values worth keeping) are symbols: small integers of one table, so
 * that a span is a plain record and comparing names is comparing integers.
 */
#ifndef LOADCAST_TRACE_H
#define LOADCAST_TRACE_H

#include "base.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- symbols ----------------------------------------------------------------------------------------------------- */

typedef uint32_t lc_symbol; /* 0: no text */

struct lc_symbols;

/* ---- spans ------------------------------------------------------------------------------------------------------- */

enum lc_span_kind {
    LC_KIND_UNKNOWN,
    LC_KIND_INTERNAL,
    LC_KIND_SERVER,
    LC_KIND_CLIENT,
    LC_KIND_PRODUCER,
    LC_KIND_CONSUMER
};

enum lc_span_flag {
    LC_SPAN_ERROR = 1,          /* status ERROR, tag error */
    LC_SPAN_FOLLOWS = 2,        /* the parent was given by FOLLOWS_FROM or a link: fire and forget */
    LC_SPAN_SHARED = 4,         /* server half of a Zipkin span whose id it shared */
    LC_SPAN_NO_DURATION = 8,    /* not to be fitted */
    LC_SPAN_ORPHAN = 16,        /* had a parent that is not in the trace */
    LC_SPAN_SKEW_ADJUSTED = 32, /* timestamps moved by the recording side (warning text) */
    LC_SPAN_REMOTE_PARENT = 64, /* OTLP flags say that the parent is remote */
    LC_SPAN_DELIVERED = 128,    /* a producer's, whose message was taken in a batch: the job stands in another trace */
    LC_SPAN_STEP = 256,         /* of a pipeline: it was sent when the step before it, its parent, had ended */
};

/* Well-known attributes have fixed keys, whatever their name was in the source (db.system and db.system.name are one);
 * the table is fit/trace/attribute.c. Statements and paths are kept in a form of low cardinality ("SELECT FROM orders",
 * "/users/:id"). Others are kept only when asked for (lc_reader_options.keep); a well-known attribute that is asked for
 * is there twice: as always, and whole under LC_ATTR_OTHER + i. */
enum lc_attribute_key {
    LC_ATTR_NONE,
    LC_ATTR_DB_SYSTEM,
    LC_ATTR_DB_NAMESPACE,
    LC_ATTR_DB_OPERATION,
    LC_ATTR_DB_QUERY,
    LC_ATTR_DB_COLLECTION,
    LC_ATTR_DB_SUMMARY,
    LC_ATTR_HTTP_METHOD,
    LC_ATTR_HTTP_STATUS,
    LC_ATTR_HTTP_ROUTE,
    LC_ATTR_HTTP_RESEND,
    LC_ATTR_URL_FULL,
    LC_ATTR_URL_PATH,
    LC_ATTR_RPC_SYSTEM,
    LC_ATTR_RPC_SERVICE,
    LC_ATTR_RPC_METHOD,
    LC_ATTR_RPC_STATUS,
    LC_ATTR_MESSAGING_SYSTEM,
    LC_ATTR_MESSAGING_DESTINATION,
    LC_ATTR_MESSAGING_OPERATION,
    LC_ATTR_MESSAGING_ID,
    LC_ATTR_MESSAGING_BATCH,
    LC_ATTR_MESSAGING_SIZE,
    LC_ATTR_MESSAGING_QUEUE_MS,
    LC_ATTR_MESSAGING_ENQUEUED,
    LC_ATTR_FAAS,
    LC_ATTR_PEER_SERVICE,
    LC_ATTR_SERVER_ADDRESS,
    LC_ATTR_SERVER_PORT,
    LC_ATTR_NETWORK_PEER,
    LC_ATTR_QUEUE_ID,
    LC_ATTR_TEST_CASE,
    LC_ATTR_TEST_SUITE,
    LC_ATTR_PIPELINE_RUN,
    LC_ATTR_SAMPLER_TYPE,
    LC_ATTR_SAMPLER_PARAM,
    LC_ATTR_SAMPLING_THRESHOLD, /* hexadecimal digits of "ot=th:…" in the W3C trace state */
    LC_ATTR_OTHER,              /* keys ≥ this: asked for, in the order asked */
};

/* An attribute to be asked for: ns for which the thread that served a request kept a core. */
#define LC_CPU_TIME "thread.cpu_time"

struct lc_attribute {
    uint32_t key;
    lc_symbol value; /* text of the value: numbers and booleans as JSON writes them */
};

struct lc_event {
    int64_t time; /* ns */
    lc_symbol name, type, id;
};

struct lc_link {
    uint64_t trace_high, trace_low, span;
};

struct lc_span {
    uint64_t id, parent;                                   /* parent 0: none */
    int64_t start, end;                                    /* ns since the epoch; start ≤ end */
    lc_symbol service, instance, host, operation, release; /* release: service.version */
    uint8_t kind;                                          /* enum lc_span_kind */
    uint16_t flags;                                        /* enum lc_span_flag */
    uint32_t first_attribute, first_event, first_link;     /* into the trace's arrays */
    uint16_t attribute_count, event_count, link_count;
};

struct lc_trace {
    uint64_t high, low;    /* trace id */
    struct lc_span *spans; /* normalised: no duplicates, ids unique, parents present or 0, no cycle */
    size_t span_count;
    struct lc_attribute *attributes;
    size_t attribute_count;
    struct lc_event *events;
    size_t event_count;
    struct lc_link *links;
    size_t link_count;
    bool incomplete; /* the source says that it did not give all spans */
};
/* Symbol of the value, 0 if the span has no such attribute. */
lc_symbol lc_span_attribute(const struct lc_trace *trace, const struct lc_span *span, uint32_t key);

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* What was repaired: one row per kind in fit/trace/repair.c with its sentence ("%s kept as roots"). */
enum lc_repair {
    LC_REPAIR_ORPHAN,    /* parent not in the trace: kept as a root */
    LC_REPAIR_DUPLICATE, /* the same span again (id, service, name, kind, start): the longer, more complete one kept */
    LC_REPAIR_SHARED_ID, /* other spans of one id (client and server half …): given ids of their own */
    LC_REPAIR_SELF_PARENT,   /* taken for a root */
    LC_REPAIR_CYCLE,         /* cut at the earliest start */
    LC_REPAIR_NO_ID,         /* span without an id: left out */
    LC_REPAIR_DAMAGED,       /* whole, but in a damaged line or input: left out */
    LC_REPAIR_NAMED_ID,      /* an id that is neither hexadecimal nor base64: taken as a name */
    LC_REPAIR_NO_DURATION,   /* taken from the last event or child, or not fitted */
    LC_REPAIR_NO_START,      /* taken from the parent */
    LC_REPAIR_NEGATIVE,      /* end before start: duration set to 0 */
    LC_REPAIR_ABSURD_TIME,   /* before 1990, after 2100 or longer than 30 days: left out. A trace that lies before 1990
                              * as a whole counts from 0 and is right. */
    LC_REPAIR_UTF8,          /* invalid bytes replaced */
    LC_REPAIR_LATE,          /* span of a trace that had been closed: see lc_reader */
    LC_REPAIR_SKEW_ADJUSTED, /* times already moved by the recording side */
    LC_REPAIR_NO_SERVICE,    /* service name missing */
    LC_REPAIR_NETWORK_POINT, /* seen on the network between client and server: part of their call */
    LC_REPAIR_ONE_WAY,       /* an answer that was logged apart from its request: joined with it, or left out */
    LC_REPAIR_KINDS,
};
struct lc_repairs {
    uint64_t count[LC_REPAIR_KINDS];
};
const char *lc_repair_name(enum lc_repair kind);     /* "orphan", "duplicate", …: keys of the JSON summary */
const char *lc_repair_sentence(enum lc_repair kind); /* "orphan spans kept as roots" */

struct lc_renamed { /* a service that is called otherwise than its spans said while they were read */
    lc_symbol from, to;
};

struct lc_file_times { /* when the spans of a file began and ended, ns */
    int64_t begin, end;
    uint64_t roots; /* spans without a parent: about as many as requests */
};

struct lc_reading {                /* what was read */
    uint64_t files, bytes, traces; /* bytes after decompression */
    uint64_t read, spans;          /* spans as they came; those that were handed on, without duplicates and the like */
    struct lc_repairs repairs;
    double seconds;
    struct lc_renamed *renamed; /* services whose names are shared by several; NULL: none. The caller's to free. */
    size_t renamed_count;
    struct lc_file_times *times; /* of each file with spans, in the order in which they ended; the caller's to free */
    size_t time_count, time_capacity;
};

/* Takes a whole trace; it is valid during the call only. A non-zero return stops the reading. */
typedef int (*lc_trace_sink)(void *context, const struct lc_trace *trace);

/* Rows of DeepFlow (requests as points of observation saw them) that were put together as one trace. docs/assembly.md
 */
struct lc_assembled_span {
    const uint64_t *rows; /* _id of the row; of several where request and answer were logged apart */
    size_t row_count;
    const char *point;             /* "c-p", "s" … */
    uint64_t parent;               /* first row of the parent */
    bool root, async;              /* root: it has no parent; async: its parent does not wait for it */
    int64_t start, duration, self; /* ns, as recorded; self: less what it waited for */
    const char *reason;            /* why it has its parent; NULL at a root */
};
struct lc_assembled_clock {
    lc_symbol agent;
    int64_t shift; /* ns, to be added to the agent's times */
};
struct lc_assembled {
    uint64_t high, low;                    /* trace id */
    const struct lc_assembled_span *spans; /* in the order of their rows' numbers */
    size_t span_count;
    const struct lc_assembled_clock *clocks; /* of agents whose clocks differ */
    size_t clock_count;
};
typedef void (*lc_assembled_sink)(void *context, const struct lc_assembled *trace);

/* Events of a client's span whose type is a point of observation on the way: when the request passed it, and the
 * answer. One follows the other; the times are on a clock that belongs to the point. */
#define LCI_NETWORK_REQUEST "network request"
#define LCI_NETWORK_ANSWER  "network answer"

struct lc_reader_options {
    const char *const
        *keep;     /* names of further attributes to keep, keys LC_ATTR_OTHER + i; ends with NULL; may be NULL */
    size_t memory; /* bytes that open traces may take before idle ones are closed; 0: 96 MiB */
    bool strict;   /* damaged lines are errors; otherwise they are left out with a warning, up to one in ten */
    void (*progress)(void *context, uint64_t bytes_done, uint64_t bytes_total); /* compressed bytes; may be NULL */
    lc_assembled_sink assembled; /* how rows were put together; may be NULL */
    void *context;
};

/* Reads all of `inputs` (files, folders, wildcards, "-"; any mixture of formats and compressions, told apart by
 * content) and hands every trace to `sink`. Returns 0, or −1 with errors appended; `reading` holds what was read in
 * either case.
 */
int lc_traces_read(const char *const *inputs, size_t count, const struct lc_reader_options *options,
                   struct lc_symbols *symbols, lc_trace_sink sink, void *context, struct lc_reading *reading,
                   struct lc_diag *diag);

#ifdef __cplusplus
}
#endif

#endif
