/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers of DeepFlow's L7FlowTracing: one trace, as rows with the index of their parent. Every request appears once
 * for each point where it was observed: in the client's process (c-p, or c-app from its instrumentation), at network
 * interfaces on the way (c … s), in the server's process (s-p, s-app).
 *
 * A call is the rows from the client to the server. What processes saw become spans: c-p and c-app of the client, s-p
 * and s-app of the server (of two, the outer client's or inner server's one is a part of its process), app within one.
 * A side on which no process was observed is stood for by the network point nearest to it. All other network points
 * are left out: their times lie between those of client and server span. Self times are never taken over.
 */
#include "attribute.h"
#include "trace_assembly.h"

#include <stdlib.h>
#include <string.h>

#define MICROSECONDS 3 /* powers of ten to nanoseconds */
#define NONE         UINT32_MAX

enum { ANSWER = 1, ROW };
enum {
    INDEX = 1,
    ROW_ID,
    KEY, /* deepflow_span_id, in answers without indices of parents */
    PARENT,
    PARENT_KEY,
    TRACE_ID,
    START,
    END,
    TYPE,
    POINT,
    PROTOCOL,
    ENDPOINT,
    REQUEST_TYPE,
    RESOURCE,
    STATUS,
    AGENT,
    SERVICE, /* the first of the next four that is there is the service */
    APP_SERVICE,
    AUTO_SERVICE,
    SERVICE_NAME,
    INSTANCE, /* the same with two */
    APP_INSTANCE,
    REASON, /* why the row has its parent */
    FIELDS,
};

static const struct lci_json_field row_fields[] = {LCI_FIELD("id", INDEX, NULL),
                                                   LCI_FIELD("_ids", ROW_ID, NULL),
                                                   LCI_FIELD("type", TYPE, NULL),
                                                   LCI_FIELD("start_time_us", START, NULL),
                                                   LCI_FIELD("end_time_us", END, NULL),
                                                   LCI_FIELD("tap_side", POINT, NULL),
                                                   LCI_FIELD("l7_protocol", PROTOCOL, NULL),
                                                   LCI_FIELD("endpoint", ENDPOINT, NULL),
                                                   LCI_FIELD("request_type", REQUEST_TYPE, NULL),
                                                   LCI_FIELD("request_resource", RESOURCE, NULL),
                                                   LCI_FIELD("response_status", STATUS, NULL),
                                                   LCI_FIELD("trace_id", TRACE_ID, NULL),
                                                   LCI_FIELD("parent_id", PARENT, NULL),
                                                   LCI_FIELD("vtap_id", AGENT, NULL),
                                                   LCI_FIELD("service_uname", SERVICE, NULL),
                                                   LCI_FIELD("app_service", APP_SERVICE, NULL),
                                                   LCI_FIELD("app_instance", APP_INSTANCE, NULL),
                                                   LCI_FIELD("service_name", SERVICE_NAME, NULL),
                                                   LCI_FIELD("set_parent_info", REASON, NULL),
                                                   LCI_FIELD("auto_instance", INSTANCE, NULL),
                                                   LCI_FIELD("auto_service", AUTO_SERVICE, NULL),
                                                   LCI_FIELD("deepflow_span_id", KEY, NULL),
                                                   LCI_FIELD("deepflow_parent_span_id", PARENT_KEY, NULL)};
static const struct lci_object row_object = LCI_OBJECT(ROW, row_fields);

static const struct lci_object answer;
static const struct lci_json_field answer_fields[] = {LCI_FIELD("DATA", 0, &answer),
                                                      LCI_FIELD("tracing", 0, &row_object)};
static const struct lci_object answer = LCI_OBJECT(ANSWER, answer_fields);

/* ---- points of observation --------------------------------------------------------------------------------------- */

enum side { CLIENT, SERVER, INSIDE }; /* INSIDE: a part of a process, no call */

/* In the order in which a request passes them. `local` and `rest` may be anywhere on the way. */
static const struct point {
    const char *name;
    enum side side;
    bool process;
} points[] = {
    {"c-app", CLIENT, true},  {"c-p", CLIENT, true},   {"c", CLIENT, false},       {"c-nd", CLIENT, false},
    {"c-hv", CLIENT, false},  {"c-gw", CLIENT, false}, {"c-gw-hv", CLIENT, false}, {"rest", CLIENT, false},
    {"local", CLIENT, false}, {"s-gw", SERVER, false}, {"s-gw-hv", SERVER, false}, {"s-hv", SERVER, false},
    {"s-nd", SERVER, false},  {"s", SERVER, false},    {"s-p", SERVER, true},      {"s-app", SERVER, true},
    {"app", INSIDE, true},
};
#define POINT_COUNT (sizeof points / sizeof *points)
#define POINT_REST  7

struct text { /* in the reader's buffer */
    size_t at, length;
};

struct row {
    struct text text[FIELDS];
    unsigned point;
    uint32_t parent, call; /* rows; call: the first of its call */
    uint64_t id;
    bool kept, orphan;
};

struct call {                                /* by its first row; NONE: has none of these */
    uint32_t client, server;                 /* rows of processes */
    uint32_t client_nearest, server_nearest; /* network points */
};

struct deepflow {
    struct lci_trace_reader reader;
    struct row *rows;
    size_t count, capacity;
    char *buffer; /* texts of the rows */
    size_t length, buffer_capacity;
};

static const char *start_of(const struct deepflow *d, const struct row *row, unsigned field)
{
    return d->buffer + row->text[field].at;
}

static bool same_text(const struct deepflow *d, const struct row *row, unsigned field, const char *text, size_t length)
{
    return row->text[field].length == length && memcmp(start_of(d, row, field), text, length) == 0;
}

static unsigned point_of(const struct deepflow *d, const struct row *row)
{
    for (unsigned i = 0; i < POINT_COUNT; i++)
        if (same_text(d, row, POINT, points[i].name, strlen(points[i].name)))
            return i;
    return POINT_REST;
}

/* ---- the tree of rows -------------------------------------------------------------------------------------------- */

struct name { /* by which rows refer to their parent */
    const char *text;
    size_t length;
    uint32_t row;
};

static int by_name(const void *left, const void *right)
{
    const struct name *a = left, *b = right;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    const int order = memcmp(a->text, b->text, a->length);
    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

/* Parents by `reference`, which names the `own` field of another row; −1 and nothing say that there is none. */
static void find_parents(struct deepflow *d, unsigned own, unsigned reference)
{
    struct name *names = lc_alloc(d->count * sizeof *names);
    size_t count = 0;
    for (uint32_t i = 0; i < d->count; i++)
        if (d->rows[i].text[own].length > 0)
            names[count++] = (struct name){start_of(d, &d->rows[i], own), d->rows[i].text[own].length, i};
    qsort(names, count, sizeof *names, by_name);
    for (uint32_t i = 0; i < d->count; i++) {
        struct row *row = &d->rows[i];
        if (row->parent != NONE || (reference == PARENT_KEY && row->text[PARENT].length > 0))
            continue;
        const struct name wanted = {start_of(d, row, reference), row->text[reference].length, 0};
        size_t low = 0, high = count;
        while (low < high) {
            const size_t middle = (low + high) / 2;
            if (by_name(&names[middle], &wanted) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        const bool found = low < count && names[low].length == wanted.length && wanted.length > 0 &&
                           memcmp(names[low].text, wanted.text, wanted.length) == 0;
        if (found && names[low].row != i)
            row->parent = names[low].row;
        row->orphan = !found && wanted.length > 0 && !same_text(d, row, reference, "-1", 2);
    }
    free(names);
}

/* Rows that are their own ancestors become roots, so that one may walk upwards. */
static void cut_rings(struct deepflow *d)
{
    uint32_t *walk = lc_calloc(d->count, sizeof *walk);
    for (uint32_t i = 0; i < d->count; i++) {
        uint32_t at = i, before = NONE;
        while (at != NONE && walk[at] == 0) {
            walk[at] = i + 1;
            before = at;
            at = d->rows[at].parent;
        }
        if (at != NONE && walk[at] == i + 1) {
            d->rows[before].parent = NONE;
            d->reader.context->repairs->count[LC_REPAIR_CYCLE]++;
        }
    }
    free(walk);
}

/* A row belongs to the call of its parent when a request passes its point after the parent's. */
static bool same_call(const struct row *parent, const struct row *row)
{
    return points[row->point].side != INSIDE && points[parent->point].side != INSIDE && parent->point < row->point;
}

static uint32_t call_of(struct deepflow *d, uint32_t i)
{
    uint32_t top = i;
    while (d->rows[top].call == NONE) {
        const uint32_t parent = d->rows[top].parent;
        if (parent == NONE || !same_call(&d->rows[parent], &d->rows[top]))
            d->rows[top].call = top;
        else
            top = parent;
    }
    const uint32_t call = d->rows[top].call;
    for (uint32_t at = i; d->rows[at].call == NONE; at = d->rows[at].parent)
        d->rows[at].call = call;
    return call;
}

/* The row whose point is nearer to the end of its side: the smaller one for clients, the greater one for servers. */
static void take_nearest(const struct deepflow *d, uint32_t *best, uint32_t i, enum side side)
{
    if (*best == NONE ||
        (side == CLIENT ? d->rows[i].point < d->rows[*best].point : d->rows[i].point > d->rows[*best].point))
        *best = i;
}

/* Of every call: which rows become spans. Returns the calls. */
static struct call *settle_calls(struct deepflow *d)
{
    struct call *calls = lc_alloc(d->count * sizeof *calls);
    for (uint32_t i = 0; i < d->count; i++)
        calls[i] = (struct call){NONE, NONE, NONE, NONE};
    for (uint32_t i = 0; i < d->count; i++) {
        const struct point *point = &points[d->rows[i].point];
        struct call *call = &calls[call_of(d, i)];
        if (point->side == CLIENT) /* c-p is nearer to the server than c-app: its window is the call's */
            take_nearest(d, point->process ? &call->client : &call->client_nearest, i,
                         point->process ? SERVER : CLIENT);
        if (point->side == SERVER) /* s-p holds s-app */
            take_nearest(d, point->process ? &call->server : &call->server_nearest, i,
                         point->process ? CLIENT : SERVER);
    }
    for (uint32_t i = 0; i < d->count; i++) {
        struct row *row = &d->rows[i];
        const struct call *call = &calls[row->call];
        row->kept = points[row->point].process || (call->client == NONE && call->client_nearest == i) ||
                    (call->server == NONE && call->server_nearest == i);
        d->reader.context->repairs->count[LC_REPAIR_NETWORK_POINT] += !row->kept;
        d->reader.context->read += !row->kept;
    }
    return calls;
}

/* ---- spans ------------------------------------------------------------------------------------------------------- */

static const char *protocol_of(const struct deepflow *d, const struct row *row, char *family)
{
    static const struct {
        int number;
        char family; /* h: HTTP, r: RPC, d: database or cache, m: messages */
        const char *system;
    } protocols[] = {
        {20, 'h', "http"},    {21, 'h', "http"},       {40, 'r', "dubbo"},     {41, 'r', "grpc"},
        {43, 'r', "sofarpc"}, {44, 'r', "fastcgi"},    {45, 'r', "brpc"},      {46, 'r', "tars"},
        {60, 'd', "mysql"},   {61, 'd', "postgresql"}, {62, 'd', "oracle"},    {63, 'd', "dameng"},
        {80, 'd', "redis"},   {81, 'd', "mongodb"},    {82, 'd', "memcached"}, {100, 'm', "kafka"},
        {101, 'm', "mqtt"},   {102, 'm', "amqp"},      {103, 'm', "openwire"}, {104, 'm', "nats"},
        {105, 'm', "pulsar"}, {106, 'm', "zmtp"},      {107, 'm', "rocketmq"}, {108, 'm', "websphere-mq"},
    };
    int64_t number = 0;
    lci_integer_of(start_of(d, row, PROTOCOL), row->text[PROTOCOL].length, 0, &number);
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
        if (protocols[i].number == number) {
            *family = protocols[i].family;
            return protocols[i].system;
        }
    *family = 0;
    return "";
}

static void attribute(struct deepflow *d, const char *name, const char *text, size_t length)
{
    if (length > 0)
        lci_span_attribute(&d->reader, lci_name_of(d->reader.context->attributes, name, strlen(name)), text, length);
}

static void field_attribute(struct deepflow *d, const char *name, const struct row *row, unsigned field)
{
    attribute(d, name, start_of(d, row, field), row->text[field].length);
}

/* What a call is to a server of which nothing was seen: all that is known is its address, if the operation is one, or
 * the protocol it speaks. */
static void describe_stranger(struct deepflow *d, const struct row *row, const char *system)
{
    const bool address = memmem(start_of(d, row, ENDPOINT), row->text[ENDPOINT].length, "://", 3) != NULL;
    if (address)
        field_attribute(d, "url.full", row, ENDPOINT);
    else
        attribute(d, "peer.service", system, strlen(system));
}

/* What kind of work it was, and the name of the operation: the endpoint without what changes from request to request.
 */
static void describe(struct deepflow *d, const struct row *row, bool stranger)
{
    struct lc_span *span = d->reader.draft.span;
    const unsigned named = row->text[ENDPOINT].length > 0   ? ENDPOINT
                           : row->text[RESOURCE].length > 0 ? RESOURCE
                                                            : REQUEST_TYPE;
    char family, form[LCI_FORM_SIZE];
    const char *system = protocol_of(d, row, &family);
    const enum lci_form reduced = family == 'd' ? LCI_STATEMENT : family == 'h' ? LCI_URL : LCI_WHOLE;
    size_t length = lci_form(reduced, start_of(d, row, named), row->text[named].length, form);
    if (strcasecmp(system, "redis") == 0 || strcasecmp(system, "memcached") == 0) /* the command without its key */
        for (size_t i = 0; i < length; i++)
            length = form[i] == ' ' ? i : length;
    span->operation = lci_symbol(d->reader.context, form, length);
    if (stranger && (family == 'h' || family == 'r'))
        describe_stranger(d, row, system);
    switch (family) {
    case 'h':
        field_attribute(d, "http.request.method", row, REQUEST_TYPE);
        field_attribute(d, "url.path", row, RESOURCE);
        break;
    case 'r': attribute(d, "rpc.system", system, strlen(system)); break;
    case 'd':
        attribute(d, "db.system", system, strlen(system));
        field_attribute(d, "db.query.text", row, row->text[RESOURCE].length > 0 ? RESOURCE : ENDPOINT);
        break;
    case 'm':
        attribute(d, "messaging.system", system, strlen(system));
        field_attribute(d, "messaging.operation", row, REQUEST_TYPE);
        field_attribute(d, "messaging.destination", row, RESOURCE);
        break;
    default: break;
    }
}

static lc_symbol first_symbol(struct deepflow *d, const struct row *row, unsigned first, unsigned last)
{
    for (unsigned field = first; field <= last; field++)
        if (row->text[field].length > 0)
            return lci_symbol(d->reader.context, start_of(d, row, field), row->text[field].length);
    return 0;
}

static enum lc_span_kind kind_of(const struct row *row, const struct call *call, uint32_t i)
{
    const struct point *point = &points[row->point];
    if (point->side == CLIENT && (!point->process || call->client == i))
        return LC_KIND_CLIENT;
    if (point->side == SERVER && (!point->process || call->server == i))
        return LC_KIND_SERVER;
    return LC_KIND_INTERNAL;
}

static void put_span(struct deepflow *d, uint32_t i, const struct call *call, struct lci_trace_id trace)
{
    const struct row *row = &d->rows[i];
    struct lci_trace_reader *r = &d->reader;
    lci_span_begin(r);
    struct lci_draft *draft = &r->draft;
    draft->trace = trace;
    draft->span->id = row->id;
    draft->span->kind = (uint8_t)kind_of(row, call, i);
    uint32_t parent = row->parent;
    bool follows = false;
    const struct row *below = row; /* whose parent is `parent` */
    for (;; parent = below->parent) {
        follows |= memmem(start_of(d, below, REASON), below->text[REASON].length, "async", 5) != NULL;
        if (parent == NONE || d->rows[parent].kept)
            break;
        below = &d->rows[parent];
    }
    if (parent != NONE) {
        LC_GROW(draft->references, draft->reference_count, draft->reference_capacity);
        draft->references[draft->reference_count++] =
            (struct lci_reference){.id = d->rows[parent].id, .follows = follows};
    }
    lci_span_start(r, start_of(d, row, START), row->text[START].length, MICROSECONDS);
    if (parent == NONE && below->orphan) {
        draft->span->flags |= LC_SPAN_ORPHAN;
        r->context->repairs->count[LC_REPAIR_ORPHAN]++;
    }
    const bool one_way = same_text(d, row, TYPE, "0", 1) || same_text(d, row, TYPE, "1", 1);
    if (!one_way) /* a request or answer alone has no duration */
        lci_span_stop(r, start_of(d, row, END), row->text[END].length, MICROSECONDS);
    draft->span->service = first_symbol(d, row, SERVICE, SERVICE_NAME);
    draft->span->instance = first_symbol(d, row, INSTANCE, APP_INSTANCE);
    draft->span->host = first_symbol(d, row, AGENT, AGENT); /* one agent a host: its clock */
    const bool failed = same_text(d, row, STATUS, "2", 1) || same_text(d, row, STATUS, "3", 1); /* late, server error */
    draft->span->flags |= failed ? LC_SPAN_ERROR : 0;
    const bool answered = call->server != NONE || call->server_nearest != NONE;
    describe(d, row, draft->span->kind == LC_KIND_CLIENT && !answered);
    lci_span_end(r);
}

/* The first trace id that a row has (of "a,b" the first), else the id of the first row stands for it. */
static struct lci_trace_id trace_id_of(struct deepflow *d)
{
    for (size_t i = 0; i < d->count; i++) {
        const char *text = start_of(d, &d->rows[i], TRACE_ID);
        const char *comma = memchr(text, ',', d->rows[i].text[TRACE_ID].length);
        const struct lci_trace_id id = lci_trace_id_of(
            &d->reader, text, comma != NULL ? (size_t)(comma - text) : d->rows[i].text[TRACE_ID].length);
        if ((id.high | id.low) != 0)
            return id;
    }
    return (struct lci_trace_id){0, d->rows[0].id};
}

/* Ids of rows are decimal numbers, those of spans hexadecimal ones. */
static uint64_t id_of(struct deepflow *d, const struct row *row)
{
    int64_t number = 0;
    if (lci_integer_of(start_of(d, row, ROW_ID), row->text[ROW_ID].length, 0, &number) == LCI_INTEGER_OK && number > 0)
        return (uint64_t)number;
    return lci_span_id_of(&d->reader, start_of(d, row, KEY), row->text[KEY].length);
}

/* An answer is read. */
static void end_answer(struct deepflow *d)
{
    if (d->count == 0)
        return;
    for (uint32_t i = 0; i < d->count; i++) {
        struct row *row = &d->rows[i];
        row->point = point_of(d, row);
        row->id = id_of(d, row);
        row->parent = row->call = NONE;
    }
    find_parents(d, INDEX, PARENT);
    find_parents(d, KEY, PARENT_KEY);
    cut_rings(d);
    struct call *calls = settle_calls(d);
    const struct lci_trace_id trace = trace_id_of(d);
    for (uint32_t i = 0; i < d->count; i++)
        if (d->rows[i].kept)
            put_span(d, i, &calls[d->rows[i].call], trace);
    free(calls);
    lci_assemble(d->reader.context->assembler, &d->reader.batch);
    lci_batch_clear(&d->reader.batch);
    d->count = d->length = 0;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static void begin(void *reader, unsigned object)
{
    struct deepflow *d = reader;
    if (object != ROW)
        return;
    LC_GROW(d->rows, d->count, d->capacity);
    d->rows[d->count++] = (struct row){0};
}

static void end(void *reader, unsigned object)
{
    if (object == ANSWER)
        end_answer(reader);
}

static void value(void *reader, unsigned field, enum lci_json_type type, const char *text, size_t length)
{
    struct deepflow *d = reader;
    (void)type;
    if (d->count == 0 || d->rows[d->count - 1].text[field].length > 0)
        return; /* of several ids the first */
    while (d->length + length > d->buffer_capacity) {
        d->buffer_capacity = d->buffer_capacity ? 2 * d->buffer_capacity : 4096;
        d->buffer = lc_realloc(d->buffer, d->buffer_capacity, 1);
    }
    memcpy(d->buffer + d->length, text, length);
    d->rows[d->count - 1].text[field] = (struct text){d->length, length};
    d->length += length;
}

static void start(struct lci_trace_reader *reader)
{
    struct deepflow *d = (struct deepflow *)reader;
    d->buffer_capacity = 4096;
    d->buffer = lc_alloc(d->buffer_capacity);
    reader->batch.complete = true;
}

static void drop(struct lci_trace_reader *reader)
{
    struct deepflow *d = (struct deepflow *)reader;
    d->count = d->length = 0;
}

static void stop(struct lci_trace_reader *reader)
{
    struct deepflow *d = (struct deepflow *)reader;
    free(d->rows);
    free(d->buffer);
}

static const struct lci_grammar grammar = {.root = &answer, .begin = begin, .end = end, .value = value};
static const char *const signs[] = {"DATA.tracing", "tracing", NULL};
const struct lci_format lci_deepflow = {.name = "DeepFlow JSON",
                                        .signs = signs,
                                        .grammar = &grammar,
                                        .size = sizeof(struct deepflow),
                                        .start = start,
                                        .drop = drop,
                                        .stop = stop};
