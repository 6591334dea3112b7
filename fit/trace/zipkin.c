/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Zipkin's JSON: arrays of spans (or arrays of arrays), version 2, and version 1 whose spans are told by annotations
 * ("cs" client send … "sr" server receive …) and may stand for both halves of a request; and its protobuf, ListOfSpans.
 * Exporters put what OTLP calls a resource among the tags of every span.
 */
#include "attribute.h"
#include "protobuf.h"
#include "trace_assembly.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MICROSECONDS 3 /* powers of ten to nanoseconds */
#define BATCH        1024

enum { SPAN = 1, LOCAL, REMOTE, ANNOTATION, ANNOTATION_ENDPOINT, TAGS, BINARY, BINARY_ENDPOINT, TAG, ROOT };
enum {
    TRACE_ID = 1,
    SPAN_ID,
    PARENT_ID,
    NAME,
    KIND,
    TIMESTAMP,
    DURATION,
    SHARED,
    SERVICE,
    ADDRESS,
    PORT,
    TAG_VALUE,
    ANNOTATION_TIME,
    ANNOTATION_VALUE,
    BINARY_KEY,
    BINARY_VALUE,
    TAG_KEY,
};

static const struct lci_json_field endpoint_fields[] = {
    LCI_FIELD("serviceName", SERVICE, NULL), LCI_FIELD("ipv4", ADDRESS, NULL), LCI_FIELD("ipv6", ADDRESS, NULL),
    LCI_FIELD("port", PORT, NULL)};
static const struct lci_object local = LCI_OBJECT(LOCAL, endpoint_fields);
static const struct lci_object remote = LCI_OBJECT(REMOTE, endpoint_fields);
static const struct lci_object annotation_endpoint = LCI_OBJECT(ANNOTATION_ENDPOINT, endpoint_fields);
static const struct lci_object binary_endpoint = LCI_OBJECT(BINARY_ENDPOINT, endpoint_fields);

static const struct lci_json_field annotation_fields[] = {LCI_FIELD("timestamp", ANNOTATION_TIME, NULL),
                                                          LCI_FIELD("value", ANNOTATION_VALUE, NULL),
                                                          LCI_FIELD("endpoint", 0, &annotation_endpoint)};
static const struct lci_object annotation = LCI_OBJECT(ANNOTATION, annotation_fields);

static const struct lci_json_field binary_fields[] = {LCI_FIELD("key", BINARY_KEY, NULL),
                                                      LCI_FIELD("value", BINARY_VALUE, NULL),
                                                      LCI_FIELD("endpoint", 0, &binary_endpoint)};
static const struct lci_object binary = LCI_OBJECT(BINARY, binary_fields);

static const struct lci_json_field any_tag = LCI_FIELD("", TAG_VALUE, NULL);
static const struct lci_object tags = {.id = TAGS, .any = &any_tag};

static const struct lci_json_field span_fields[] = {LCI_FIELD("traceId", TRACE_ID, NULL),
                                                    LCI_FIELD("parentId", PARENT_ID, NULL),
                                                    LCI_FIELD("id", SPAN_ID, NULL),
                                                    LCI_FIELD("kind", KIND, NULL),
                                                    LCI_FIELD("name", NAME, NULL),
                                                    LCI_FIELD("timestamp", TIMESTAMP, NULL),
                                                    LCI_FIELD("duration", DURATION, NULL),
                                                    LCI_FIELD("localEndpoint", 0, &local),
                                                    LCI_FIELD("remoteEndpoint", 0, &remote),
                                                    LCI_FIELD("annotations", 0, &annotation),
                                                    LCI_FIELD("tags", 0, &tags),
                                                    LCI_FIELD("shared", SHARED, NULL),
                                                    LCI_FIELD("binaryAnnotations", 0, &binary)};
static const struct lci_object span_object = LCI_OBJECT(SPAN, span_fields);

struct endpoint {
    lc_symbol service, address, port;
};

/* The annotations of version 1 that make a span a half of a request. */
enum mark { CS, CR, SR, SS, MS, MR, MARKS };
static const char *const mark_names[MARKS] = {"cs", "cr", "sr", "ss", "ms", "mr"};

struct zipkin {
    struct lci_trace_reader reader;
    struct lci_protobuf *protobuf;        /* NULL: JSON */
    struct endpoint local, remote, other; /* other: of the annotation being read */
    struct lci_resource resource;
    struct lci_attribute_list list;
    const struct lci_name *tag; /* of the tag being read */
    struct lci_pair pair;       /* binary annotation being read */
    bool peer_key;              /* it is "sa", "ca" or "ma", whose endpoint is the other side's */
    struct lc_event event;
    int64_t event_mark; /* enum mark of the annotation being read, MARKS: none */
    bool has_mark[MARKS], v1;
    int64_t mark_time[MARKS];
    struct endpoint mark_endpoint[MARKS];
    char address[16]; /* the last one of protobuf: texts of addresses are dear */
    size_t address_length;
    lc_symbol address_text;
};

static void apply(struct zipkin *z, struct lc_span *span, const struct endpoint *endpoint)
{
    struct lci_resource resource = z->resource;
    if (endpoint->service != 0)
        resource.service = endpoint->service;
    if (resource.host == 0)
        resource.host = endpoint->address;
    lci_resource_apply(&z->reader, &resource, &z->list, span);
}

/* The other side of a request by name and address; of a server span it is a caller and of no interest. */
static void push_peer(struct zipkin *z, struct lc_span *span)
{
    struct lci_batch *b = &z->reader.batch;
    if (span->kind == LC_KIND_SERVER)
        return;
    const struct lc_attribute peers[] = {{LC_ATTR_PEER_SERVICE, z->remote.service},
                                         {LC_ATTR_NETWORK_PEER, z->remote.address},
                                         {LC_ATTR_SERVER_PORT, z->remote.port}};
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++)
        if (peers[i].value != 0)
            lci_push_attribute(b, peers[i].key, peers[i].value);
}

static void flush(struct zipkin *z)
{
    lci_assemble(z->reader.context->assembler, &z->reader.batch);
    lci_batch_clear(&z->reader.batch);
}

static void take_mark(struct zipkin *z, enum mark from, enum mark to, bool timed)
{
    struct lci_draft *d = &z->reader.draft;
    if (timed && d->has_start && (d->has_duration || !z->has_mark[from]))
        return; /* the span's own times are finer */
    d->has_duration = false;
    d->has_start = z->has_mark[from];
    d->start = z->mark_time[from];
    d->has_end = to != MARKS && z->has_mark[to];
    d->end = d->has_end ? z->mark_time[to] : 0;
}

static void end_draft(struct zipkin *z, const struct endpoint *endpoint)
{
    push_peer(z, z->reader.draft.span);
    struct lc_span *span = lci_span_end(&z->reader);
    if (span != NULL)
        apply(z, span, endpoint);
}

/* Version 1: what the annotations say. A span with marks of both sides becomes two; the second has the same id and the
 * assembler tells them apart. */
static void end_v1(struct zipkin *z)
{
    struct lci_trace_reader *r = &z->reader;
    const bool client = z->has_mark[CS] || z->has_mark[CR], server = z->has_mark[SR] || z->has_mark[SS];
    const struct lci_draft first = r->draft;
    const struct lc_span fresh = *first.span;
    if (client && server) {
        r->draft.span->kind = LC_KIND_CLIENT;
        take_mark(z, CS, CR, true);
        end_draft(z, &z->mark_endpoint[z->has_mark[CS] ? CS : CR]);
        lci_span_begin(r);
        struct lc_span *span = r->draft.span;
        r->draft.trace = first.trace;
        r->draft.parent = first.parent;
        span->id = fresh.id;
        span->operation = fresh.operation;
        span->flags = (uint16_t)(fresh.flags | LC_SPAN_SHARED);
        span->kind = LC_KIND_SERVER;
        take_mark(z, SR, SS, false);
        end_draft(z, &z->mark_endpoint[z->has_mark[SR] ? SR : SS]);
        return;
    }
    enum mark from = MARKS, to = MARKS;
    if (client)
        r->draft.span->kind = LC_KIND_CLIENT, from = CS, to = CR;
    else if (server)
        r->draft.span->kind = LC_KIND_SERVER, from = SR, to = SS;
    else if (z->has_mark[MS])
        r->draft.span->kind = LC_KIND_PRODUCER, from = MS;
    else if (z->has_mark[MR])
        r->draft.span->kind = LC_KIND_CONSUMER, from = MR;
    struct endpoint endpoint = z->local;
    if (from != MARKS) {
        if (server && !r->draft.has_start)
            r->draft.span->flags |= LC_SPAN_SHARED;
        take_mark(z, from, to, true);
        endpoint = z->mark_endpoint[to != MARKS && !z->has_mark[from] ? to : from];
    }
    end_draft(z, &endpoint);
}

static void end_span(struct zipkin *z)
{
    if (z->v1) {
        end_v1(z);
    } else {
        end_draft(z, &z->local);
    }
    if (z->reader.batch.span_count >= BATCH)
        flush(z);
}

static void begin_span(struct zipkin *z)
{
    lci_span_begin(&z->reader);
    z->local = z->remote = (struct endpoint){0};
    z->resource = (struct lci_resource){0};
    z->list.count = 0;
    z->v1 = false;
    memset(z->has_mark, 0, sizeof z->has_mark);
}

static void begin(void *reader, unsigned object)
{
    struct zipkin *z = reader;
    switch (object) {
    case SPAN: begin_span(z); break;
    case ANNOTATION:
        z->event = (struct lc_event){0};
        z->event_mark = MARKS;
        z->other = (struct endpoint){0};
        break;
    case BINARY:
        lci_pair_begin(&z->pair);
        z->peer_key = false;
        z->other = (struct endpoint){0};
        break;
    case ANNOTATION_ENDPOINT: z->v1 = true; break;
    case LOCAL:
    case REMOTE: z->other = (struct endpoint){0}; break;
    default: break;
    }
}

static void end_annotation(struct zipkin *z)
{
    if (z->event_mark != MARKS) {
        z->has_mark[z->event_mark] = z->event.time != 0;
        z->mark_time[z->event_mark] = z->event.time;
        z->mark_endpoint[z->event_mark] = z->other;
    }
    if (z->local.service == 0)
        z->local = z->other;
    if (z->event.name != 0)
        lci_push_event(&z->reader, &z->event);
}

static void put_tag(struct zipkin *z, const struct lci_name *name, const char *text, size_t length)
{
    if (name->role >= LCI_ROLE_SERVICE)
        lci_resource_attribute(&z->reader, &z->resource, &z->list, name, text, length);
    else
        lci_span_attribute(&z->reader, name, text, length);
}

static void end_binary(struct zipkin *z)
{
    z->v1 = true;
    if (z->peer_key)
        z->remote = z->other;
    else if (z->local.service == 0)
        z->local = z->other;
    if (z->pair.has_value && z->pair.name != NULL)
        put_tag(z, z->pair.name, z->pair.value, z->pair.length);
}

static void end(void *reader, unsigned object)
{
    struct zipkin *z = reader;
    switch (object) {
    case SPAN: end_span(z); break;
    case ANNOTATION: end_annotation(z); break;
    case BINARY: end_binary(z); break;
    case LOCAL: z->local = z->other; break;
    case REMOTE: z->remote = z->other; break;
    default: break;
    }
}

static void any_key(void *reader, unsigned object, const char *text, size_t length)
{
    struct zipkin *z = reader;
    if (object == TAGS)
        z->tag = lci_name_of(z->reader.context->attributes, text, length);
}

static void annotation_value(struct zipkin *z, const char *text, size_t length)
{
    z->event.name = lci_event_symbol(z->reader.context, text, length);
    for (int mark = 0; mark < MARKS; mark++)
        if (length == 2 && memcmp(text, mark_names[mark], 2) == 0)
            z->event_mark = mark;
}

static void binary_key(struct zipkin *z, const char *text, size_t length)
{
    lci_pair_key(&z->pair, z->reader.context->attributes, text, length);
    z->peer_key =
        length == 2 && (memcmp(text, "sa", 2) == 0 || memcmp(text, "ca", 2) == 0 || memcmp(text, "ma", 2) == 0);
}

static void value(void *reader, unsigned field, enum lci_json_type type, const char *text, size_t length)
{
    struct zipkin *z = reader;
    struct lci_trace_reader *r = &z->reader;
    struct lci_draft *d = &r->draft;
    (void)type;
    switch (field) {
    case TRACE_ID: d->trace = lci_trace_id_of(r, text, length); break;
    case SPAN_ID: d->span->id = lci_span_id_of(r, text, length); break;
    case PARENT_ID: d->parent = lci_span_id_of(r, text, length); break;
    case NAME: d->span->operation = lci_symbol(r->context, text, length); break;
    case KIND: d->span->kind = lci_kind_of(text, length); break;
    case TIMESTAMP: lci_span_start(r, text, length, MICROSECONDS); break;
    case DURATION: lci_span_duration(r, text, length, MICROSECONDS); break;
    case SHARED:
        if (length == 4) /* true */
            d->span->flags |= LC_SPAN_SHARED;
        break;
    case SERVICE: z->other.service = lci_symbol(r->context, text, length); break;
    case ADDRESS:
        if (z->other.address == 0)
            z->other.address = lci_symbol(r->context, text, length);
        break;
    case PORT: z->other.port = lci_value_symbol(r->context, text, length); break;
    case TAG_VALUE:
        if (z->tag != NULL)
            put_tag(z, z->tag, text, length);
        break;
    case ANNOTATION_TIME: z->event.time = lci_event_time(r, text, length, MICROSECONDS); break;
    case ANNOTATION_VALUE: annotation_value(z, text, length); break;
    case BINARY_KEY: binary_key(z, text, length); break;
    case BINARY_VALUE:
        if (lci_pair_value(&z->pair, text, length) && !z->peer_key)
            put_tag(z, z->pair.name, text, length);
        break;
    default: break;
    }
}

static void start(struct lci_trace_reader *reader)
{
    reader->batch.zipkin = true;
}

static int finish(struct lci_trace_reader *reader, struct lc_diag *diag)
{
    (void)diag;
    flush((struct zipkin *)reader);
    return 0;
}

static void stop(struct lci_trace_reader *reader)
{
    struct zipkin *z = (struct zipkin *)reader;
    lci_protobuf_free(z->protobuf);
    free(z->list.items);
    free(z->pair.value);
}

static const struct lci_grammar grammar = {
    .root = &span_object, .begin = begin, .end = end, .value = value, .any_key = any_key};
static const char *const signs[] = {NULL}; /* told by two keys of one object, see format.c */
const struct lci_format lci_zipkin = {.name = "Zipkin JSON",
                                      .signs = signs,
                                      .grammar = &grammar,
                                      .size = sizeof(struct zipkin),
                                      .start = start,
                                      .finish = finish,
                                      .stop = stop};

/* ---- protobuf ---------------------------------------------------------------------------------------------------- */

static const struct lci_message_field endpoint_numbers[] = {LCI_TEXT(1, SERVICE), LCI_TEXT(2, ADDRESS),
                                                            LCI_TEXT(3, ADDRESS), LCI_NUMBER(4, LCI_VARINT, PORT)};
static const struct lci_message local_message = LCI_MESSAGE(LOCAL, "an endpoint", endpoint_numbers);
static const struct lci_message remote_message = LCI_MESSAGE(REMOTE, "an endpoint", endpoint_numbers);
static const struct lci_message_field annotation_numbers[] = {LCI_NUMBER(1, LCI_FIXED64, ANNOTATION_TIME),
                                                              LCI_TEXT(2, ANNOTATION_VALUE)};
static const struct lci_message annotation_message = LCI_MESSAGE(ANNOTATION, "an annotation", annotation_numbers);
static const struct lci_message_field tag_numbers[] = {LCI_TEXT(1, TAG_KEY), LCI_TEXT(2, TAG_VALUE)};
static const struct lci_message tag_message = LCI_MESSAGE(TAG, "a tag", tag_numbers, .pair = true);
static const struct lci_message_field span_numbers[] = {LCI_TEXT(1, TRACE_ID),
                                                        LCI_TEXT(2, PARENT_ID),
                                                        LCI_TEXT(3, SPAN_ID),
                                                        LCI_NUMBER(4, LCI_VARINT, KIND),
                                                        LCI_TEXT(5, NAME),
                                                        LCI_NUMBER(6, LCI_FIXED64, TIMESTAMP),
                                                        LCI_NUMBER(7, LCI_VARINT, DURATION),
                                                        LCI_INNER(8, &local_message),
                                                        LCI_INNER(9, &remote_message),
                                                        LCI_INNER(10, &annotation_message),
                                                        LCI_INNER(11, &tag_message),
                                                        LCI_NUMBER(13, LCI_VARINT, SHARED)};
static const struct lci_message span_message = LCI_MESSAGE(SPAN, "a span", span_numbers);
static const struct lci_message_field root_numbers[] = {LCI_INNER(1, &span_message)};
static const struct lci_message root_message = LCI_MESSAGE(ROOT, "the input", root_numbers, .streamed = true);

static bool message_begin(void *reader, unsigned message)
{
    if (message == TAG)
        ((struct zipkin *)reader)->tag = NULL;
    begin(reader, message);
    return true;
}

/* Addresses are bytes; as texts they are what JSON has. */
static void take_address(struct zipkin *z, const char *bytes, size_t length)
{
    char text[INET6_ADDRSTRLEN];
    if ((length != 4 && length != 16) || z->other.address != 0)
        return;
    if (z->address_length != length || memcmp(z->address, bytes, length) != 0) {
        inet_ntop(length == 4 ? AF_INET : AF_INET6, bytes, text, sizeof text);
        memcpy(z->address, bytes, length);
        z->address_length = length;
        z->address_text = lci_symbol(z->reader.context, text, strlen(text));
    }
    z->other.address = z->address_text;
}

static void message_text(void *reader, unsigned field, const char *text, size_t length)
{
    struct zipkin *z = reader;
    struct lci_draft *d = &z->reader.draft;
    switch (field) {
    case TRACE_ID: d->trace = lci_trace_id_of_bytes(text, length); break;
    case SPAN_ID: d->span->id = lci_span_id_of_bytes(text, length); break;
    case PARENT_ID: d->parent = lci_span_id_of_bytes(text, length); break;
    case NAME: d->span->operation = lci_symbol(z->reader.context, text, length); break;
    case ADDRESS: take_address(z, text, length); break;
    case TAG_KEY: z->tag = lci_name_of(z->reader.context->attributes, text, length); break;
    default: value(reader, field, LCI_STRING, text, length);
    }
}

static void message_pair(void *reader, unsigned message, const char *name, size_t name_length, const char *text,
                         size_t length)
{
    struct zipkin *z = reader;
    (void)message; /* a tag */
    z->tag = lci_name_of(z->reader.context->attributes, name, name_length);
    if (z->tag != NULL)
        put_tag(z, z->tag, text, length);
}

static void message_number(void *reader, unsigned field, uint64_t number)
{
    static const uint8_t kinds[] = {LC_KIND_UNKNOWN, LC_KIND_CLIENT, LC_KIND_SERVER, LC_KIND_PRODUCER,
                                    LC_KIND_CONSUMER};
    struct zipkin *z = reader;
    struct lci_draft *d = &z->reader.draft;
    const uint64_t ns = number > INT64_MAX / 1000 ? UINT64_MAX : 1000 * number;
    char text[LCI_INTEGER_DIGITS];
    if (number == 0) /* not said */
        return;
    if (field == KIND)
        d->span->kind = number < sizeof kinds ? kinds[number] : LC_KIND_UNKNOWN;
    else if (field == SHARED)
        d->span->flags |= LC_SPAN_SHARED;
    else if (field == TIMESTAMP)
        lci_span_start_ns(&z->reader, ns);
    else if (field == DURATION)
        lci_span_duration_ns(&z->reader, ns);
    else if (field == ANNOTATION_TIME)
        z->event.time = lci_event_time_ns(&z->reader, ns);
    else if (field == PORT && number < 65536)
        value(reader, field, LCI_NUMBER, text, lci_integer_text((int64_t)number, text));
}

static const struct lci_message_grammar message_grammar = {.root = &root_message,
                                                           .begin = message_begin,
                                                           .end = end,
                                                           .text = message_text,
                                                           .number = message_number,
                                                           .pair = message_pair};

/* OTLP begins alike, with a message in a message: here a trace id of 8 or 16 bytes is followed by an id of 8. */
static bool message_begins(const char *text, size_t length)
{
    size_t at = 1;
    if (length < 24 || text[0] != 0x0A)
        return false;
    while (at < 5 && (text[at] & 0x80) != 0)
        at++;
    const char *span = text + at + 1;
    const size_t trace = (size_t)span[1];
    return span[0] == 0x0A && (trace == 8 || trace == 16) && length > at + 5 + trace &&
           (span[2 + trace] == 0x12 || span[2 + trace] == 0x1A) && span[3 + trace] == 8;
}

static void message_start(struct lci_trace_reader *reader)
{
    start(reader);
    ((struct zipkin *)reader)->protobuf = lci_protobuf_new(&message_grammar, reader);
}

static int message_status(struct lci_trace_reader *reader, int status, const struct lci_protobuf_error *error,
                          struct lc_diag *diag)
{
    if (status != 0)
        lc_error(diag, LC_INPUT, &(struct lc_place){reader->file, 0, 0, error->offset}, "%s", error->text);
    return status;
}

static int message_feed(struct lci_trace_reader *reader, const char *bytes, size_t length, struct lc_diag *diag)
{
    struct lci_protobuf_error error;
    const int status = lci_protobuf_feed(((struct zipkin *)reader)->protobuf, bytes, length, &error);
    return message_status(reader, status, &error, diag);
}

static int message_finish(struct lci_trace_reader *reader, struct lc_diag *diag)
{
    struct lci_protobuf_error error;
    const int status = lci_protobuf_finish(((struct zipkin *)reader)->protobuf, &error);
    flush((struct zipkin *)reader);
    return message_status(reader, status, &error, diag);
}

const struct lci_format lci_zipkin_protobuf = {.name = "Zipkin protobuf",
                                               .begins = message_begins,
                                               .size = sizeof(struct zipkin),
                                               .start = message_start,
                                               .feed = message_feed,
                                               .finish = message_finish,
                                               .stop = stop};
