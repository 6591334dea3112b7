/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Call graphs as Alibaba publishes them (MSCallGraph, cluster-trace-microservices-v2021 and -v2022): a line is one side
 * of a call from the upstream microservice "um" to the downstream "dm". The caller's side has a response time, the
 * callee's the same with a minus; calls of databases and caches have the caller's side only, messages the callee's.
 * "0.1.2" is the second call that the callee of "0.1" made. Either side of a call may not be in the data: what depends
 * on it then hangs on the other one.
 * https://github.com/alibaba/clusterdata
 */
#include "attribute.h"
#include "csv_lines.h"

#include "base/csv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MILLISECONDS 6 /* powers of ten to nanoseconds */
#define COLUMNS      16
#define ID_MAX       500 /* bytes of an id of a call */

enum role {
    TIME,
    TRACE,
    CALL,
    UPSTREAM,
    UPSTREAM_INSTANCE,
    TYPE,
    INTERFACE,
    DOWNSTREAM,
    DOWNSTREAM_INSTANCE,
    RESPONSE_TIME,
    ROLES
};
static const struct {
    const char *name;
    enum role role;
} names[] = {
    {"timestamp", TIME},   {"traceid", TRACE},
    {"rpcid", CALL},       {"rpc_id", CALL},
    {"um", UPSTREAM},      {"uminstanceid", UPSTREAM_INSTANCE},
    {"rpctype", TYPE},     {"interface", INTERFACE},
    {"dm", DOWNSTREAM},    {"dminstanceid", DOWNSTREAM_INSTANCE},
    {"rt", RESPONSE_TIME},
};

struct callgraph {
    struct lci_csv_reader lines;
    size_t columns;
    size_t column[ROLES]; /* 1 + the column, 0: there is none */
    const struct lci_name *peer, *database, *http, *rpc;
};

/* Reads the line of names. False: a column is missing, or there are two of one kind. */
static bool take_header(const char *line, size_t length, size_t *column, size_t *columns)
{
    struct lci_csv_field f[COLUMNS];
    memset(column, 0, ROLES * sizeof *column);
    *columns = lci_csv_split(line, length, ',', f, COLUMNS);
    for (size_t i = 0; i < *columns && i < COLUMNS; i++)
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            if (strlen(names[k].name) != f[i].length || strncasecmp(names[k].name, f[i].text, f[i].length) != 0)
                continue;
            if (column[names[k].role] != 0)
                return false;
            column[names[k].role] = i + 1;
        }
    for (int role = 0; role < ROLES; role++)
        if (column[role] == 0 && role != UPSTREAM_INSTANCE && role != DOWNSTREAM_INSTANCE && role != INTERFACE)
            return false;
    return *columns <= COLUMNS;
}

static bool begins(const char *text, size_t length)
{
    size_t column[ROLES], columns;
    return take_header(text, lci_csv_header(text, length), column, &columns);
}

/* The two sides of a call as ids of spans: its number behind a mark that makes a name of it. */
struct sides {
    uint64_t caller, callee; /* hashes of names, 0: there is no such call */
};

static struct sides sides_of(const struct sides *before, const char *text, size_t length)
{
    return (struct sides){lci_name_hash(before->caller, text, length), lci_name_hash(before->callee, text, length)};
}

static struct sides ids_of(const struct sides *hashes)
{
    return (struct sides){lci_name_id(hashes->caller), lci_name_id(hashes->callee)};
}

/* Of a call and the one that it belongs to, whose number is the part before the last dot. */
static void ids_of_call(const struct lci_csv_field *call, struct sides *own, struct sides *above)
{
    const struct sides marks = {lci_name_hash(LCI_NAME_EMPTY, "<", 1), lci_name_hash(LCI_NAME_EMPTY, ">", 1)};
    *own = *above = (struct sides){0, 0};
    const char *dot = memrchr(call->text, '.', call->length);
    const size_t length = dot != NULL ? (size_t)(dot - call->text) : 0;
    if (length > ID_MAX)
        return;
    struct sides hashes = sides_of(&marks, call->text, length);
    if (length > 0)
        *above = ids_of(&hashes);
    if (call->length == 0 || call->length > ID_MAX)
        return;
    hashes = sides_of(&hashes, call->text + length, call->length - length);
    *own = ids_of(&hashes);
}

/* Inlined, so that most words differ by their known length. */
static inline __attribute__((always_inline)) bool is(const struct lci_csv_field *f, const char *word)
{
    return f->length == strlen(word) && strncasecmp(f->text, word, f->length) == 0;
}

/* What the data say where a name is not known. */
static bool is_unknown(const struct lci_csv_field *f)
{
    const char first = f->length > 0 ? *f->text : 'n';
    if (first != '(' && (first | 0x20) != 'u' && (first | 0x20) != 'n')
        return false;
    return f->length == 0 || is(f, "(?)") || is(f, "UNKNOWN") || is(f, "UNAVAILABLE") || is(f, "nan");
}

static const struct lci_name *name_of(const struct callgraph *g, const char *name)
{
    return lci_name_of(g->lines.reader.context->attributes, name, strlen(name));
}

static void start(struct lci_trace_reader *reader)
{
    struct callgraph *g = (struct callgraph *)reader;
    g->peer = name_of(g, "peer.service");
    g->database = name_of(g, "db.system");
    g->http = name_of(g, "http.method");
    g->rpc = name_of(g, "rpc.system");
}

/* The side of the caller or of the callee, and what the type of the call says. */
static void take_side(struct callgraph *g, const struct lci_csv_field *f, bool callee)
{
    struct lci_trace_reader *r = &g->lines.reader;
    struct lc_span *span = r->draft.span;
    const struct lci_csv_field *type = &f[TYPE], *name = &f[callee ? DOWNSTREAM : UPSTREAM],
                               *instance = &f[callee ? DOWNSTREAM_INSTANCE : UPSTREAM_INSTANCE],
                               *operation = &f[is_unknown(&f[INTERFACE]) ? TYPE : INTERFACE];
    span->kind = callee ? LC_KIND_SERVER : LC_KIND_CLIENT;
    span->operation = lci_symbol(r->context, operation->text, operation->length);
    if (!is_unknown(name))
        span->service = lci_symbol(r->context, name->text, name->length);
    if (!is_unknown(instance))
        span->host = span->instance = lci_symbol(r->context, instance->text, instance->length);
    if (!callee && !is_unknown(&f[DOWNSTREAM]))
        lci_span_attribute(r, g->peer, f[DOWNSTREAM].text, f[DOWNSTREAM].length);
    if (is(type, "db"))
        lci_span_attribute(r, g->database, "other_sql", strlen("other_sql"));
    else if (is(type, "mc"))
        lci_span_attribute(r, g->database, "memcached", strlen("memcached"));
    else if (is(type, "http"))
        lci_span_attribute(r, g->http, "_OTHER", strlen("_OTHER"));
    else if (is(type, "rpc"))
        lci_span_attribute(r, g->rpc, "rpc", strlen("rpc"));
}

static void or_else(struct lci_trace_reader *r, uint64_t parent, bool follows)
{
    struct lci_batch *b = &r->batch;
    LC_GROW(b->alternatives, b->alternative_count, b->alternative_capacity);
    b->alternatives[b->alternative_count++] = (struct lci_alternative){parent, (uint32_t)b->span_count, follows};
}

/* A callee hangs on its caller, that on the callee of the call before; a message on that one too, but nobody waits for
 * its work, and of its sending nothing is recorded. */
static void take_parent(struct lci_trace_reader *r, const struct sides *own, const struct sides *above,
                        bool below_caller, bool message)
{
    struct lci_draft *d = &r->draft;
    d->parent = below_caller ? own->caller : above->callee;
    if (below_caller && above->callee != 0)
        or_else(r, above->callee, false);
    if (above->caller != 0)
        or_else(r, above->caller, message);
    if (!message)
        return;
    LC_GROW(d->references, d->reference_count, d->reference_capacity);
    d->references[d->reference_count++] = (struct lci_reference){.id = above->callee, .follows = true};
    d->parent = 0;
}

static int take_line(struct lci_csv_reader *lines, const char *line, size_t length, struct lc_diag *diag)
{
    struct callgraph *g = (struct callgraph *)lines;
    struct lci_trace_reader *r = &lines->reader;
    if (lines->number == 1)
        take_header(line, length, g->column, &g->columns); /* this line is what it was recognised by */
    if (length == 0 || lines->number == 1)
        return 0;
    struct lci_csv_field all[COLUMNS], f[ROLES];
    const size_t count = lci_csv_split(line, length, ',', all, COLUMNS);
    if (count != g->columns)
        return lci_csv_wrong_count(lines, count, g->columns, diag);
    for (int role = 0; role < ROLES; role++)
        f[role] = g->column[role] != 0 ? all[g->column[role] - 1] : (struct lci_csv_field){.text = ""};
    lci_span_begin(r);
    struct lci_csv_field *time = &f[RESPONSE_TIME];
    const bool message = is(&f[TYPE], "mq"), negative = time->length > 0 && *time->text == '-',
               known = !is_unknown(&f[UPSTREAM]) && !is(&f[UPSTREAM], "USER"), callee = message || negative || !known;
    time->text += negative;
    time->length -= negative;
    r->draft.trace = lci_trace_id_of(r, f[TRACE].text, f[TRACE].length);
    struct sides own, above;
    ids_of_call(&f[CALL], &own, &above);
    r->draft.span->id = callee ? own.callee : own.caller;
    take_parent(r, &own, &above, callee && known && !message, message);
    r->draft.named = false;
    lci_span_start(r, f[TIME].text, f[TIME].length, MILLISECONDS);
    lci_span_duration(r, time->text, time->length, MILLISECONDS);
    take_side(g, f, callee);
    if (message)
        r->draft.span->kind = LC_KIND_CONSUMER;
    lci_csv_span_end(lines);
    return 0;
}

static int feed(struct lci_trace_reader *reader, const char *bytes, size_t length, struct lc_diag *diag)
{
    return lci_csv_feed((struct lci_csv_reader *)reader, bytes, length, take_line, diag);
}

static int finish(struct lci_trace_reader *reader, struct lc_diag *diag)
{
    return lci_csv_finish((struct lci_csv_reader *)reader, take_line, diag);
}

static void stop(struct lci_trace_reader *reader)
{
    free(((struct lci_csv_reader *)reader)->line);
}

const struct lci_format lci_callgraph = {.name = "CSV of call graphs",
                                         .begins = begins,
                                         .size = sizeof(struct callgraph),
                                         .start = start,
                                         .feed = feed,
                                         .finish = finish,
                                         .stop = stop};
