/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SkyWalking's segments as agents send them in JSON (/v3/segment, /v3/segments), one or an array, and its query
 * service's answer to `queryTrace`. A segment is what one thread did for a request: its spans are numbered from 0, its
 * first ones name their parents in other segments by references. Ids here are made of segment and number.
 */
#include "attribute.h"
#include "symbols.h"
#include "trace_assembly.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MILLISECONDS 6 /* powers of ten to nanoseconds */
#define BATCH        1024

enum { SEGMENT = 1, ANSWER, SPAN, REFERENCE, TAG, LOG, LOG_FIELD };
enum {
    TRACE_ID = 1,
    SPAN_TRACE_ID,
    SEGMENT_ID,
    SPAN_SEGMENT_ID,
    SERVICE,
    SPAN_SERVICE,
    INSTANCE,
    SPAN_INSTANCE,
    SPAN_ID,
    PARENT_ID,
    OPERATION,
    START,
    END,
    TYPE,
    LAYER,
    ERROR,
    PEER,
    REFERENCE_TRACE,
    REFERENCE_SEGMENT,
    REFERENCE_SPAN,
    KEY,
    VALUE,
    LOG_TIME,
    LOG_KEY,
    LOG_VALUE,
};

static const struct lci_json_field reference_fields[] = {
    LCI_FIELD("traceId", REFERENCE_TRACE, NULL), LCI_FIELD("parentTraceSegmentId", REFERENCE_SEGMENT, NULL),
    LCI_FIELD("parentSegmentId", REFERENCE_SEGMENT, NULL), LCI_FIELD("parentSpanId", REFERENCE_SPAN, NULL)};
static const struct lci_object reference = LCI_OBJECT(REFERENCE, reference_fields);
static const struct lci_json_field tag_fields[] = {LCI_FIELD("key", KEY, NULL), LCI_FIELD("value", VALUE, NULL)};
static const struct lci_object tag = LCI_OBJECT(TAG, tag_fields);
static const struct lci_json_field log_field_fields[] = {LCI_FIELD("key", LOG_KEY, NULL),
                                                         LCI_FIELD("value", LOG_VALUE, NULL)};
static const struct lci_object log_field = LCI_OBJECT(LOG_FIELD, log_field_fields);
static const struct lci_json_field log_fields[] = {LCI_FIELD("time", LOG_TIME, NULL), LCI_FIELD("data", 0, &log_field)};
static const struct lci_object log_object = LCI_OBJECT(LOG, log_fields);

static const struct lci_json_field span_fields[] = {LCI_FIELD("operationName", OPERATION, NULL),
                                                    LCI_FIELD("endpointName", OPERATION, NULL),
                                                    LCI_FIELD("startTime", START, NULL),
                                                    LCI_FIELD("endTime", END, NULL),
                                                    LCI_FIELD("spanType", TYPE, NULL),
                                                    LCI_FIELD("type", TYPE, NULL),
                                                    LCI_FIELD("spanLayer", LAYER, NULL),
                                                    LCI_FIELD("layer", LAYER, NULL),
                                                    LCI_FIELD("spanId", SPAN_ID, NULL),
                                                    LCI_FIELD("parentSpanId", PARENT_ID, NULL),
                                                    LCI_FIELD("isError", ERROR, NULL),
                                                    LCI_FIELD("peer", PEER, NULL),
                                                    LCI_FIELD("tags", 0, &tag),
                                                    LCI_FIELD("refs", 0, &reference),
                                                    LCI_FIELD("logs", 0, &log_object),
                                                    LCI_FIELD("traceId", SPAN_TRACE_ID, NULL),
                                                    LCI_FIELD("segmentId", SPAN_SEGMENT_ID, NULL),
                                                    LCI_FIELD("serviceCode", SPAN_SERVICE, NULL),
                                                    LCI_FIELD("serviceInstanceName", SPAN_INSTANCE, NULL)};
static const struct lci_object span_object = LCI_OBJECT(SPAN, span_fields);

static const struct lci_json_field spans_fields[] = {LCI_FIELD("spans", 0, &span_object)};
static const struct lci_object spans = LCI_OBJECT(ANSWER, spans_fields);
static const struct lci_json_field found_fields[] = {LCI_FIELD("spans", 0, &span_object),
                                                     LCI_FIELD("traces", 0, &spans)};
static const struct lci_object found = LCI_OBJECT(ANSWER, found_fields);
static const struct lci_json_field data_fields[] = {LCI_FIELD("trace", 0, &found), LCI_FIELD("queryTrace", 0, &found),
                                                    LCI_FIELD("queryTraces", 0, &found)};
static const struct lci_object data = LCI_OBJECT(ANSWER, data_fields);

static const struct lci_json_field segment_fields[] = {
    LCI_FIELD("traceId", TRACE_ID, NULL),         LCI_FIELD("traceSegmentId", SEGMENT_ID, NULL),
    LCI_FIELD("spans", 0, &span_object),          LCI_FIELD("service", SERVICE, NULL),
    LCI_FIELD("serviceInstance", INSTANCE, NULL), LCI_FIELD("data", 0, &data)};
static const struct lci_object segment_object = LCI_OBJECT(SEGMENT, segment_fields);

enum type { ENTRY, EXIT, LOCAL, TYPES };

struct place {        /* of a span in its segment, known when that is read */
    uint64_t segment; /* 0: the one that holds it */
    lc_symbol service, instance;
    int64_t id, parent; /* −1: none */
};

enum layer { OTHER_LAYER, RPC_LAYER, HTTP_LAYER, QUEUE_LAYER };

struct skywalking {
    struct lci_trace_reader reader;
    struct lci_trace_id trace;
    uint64_t segment;
    lc_symbol service, instance;
    struct place *places; /* of the spans of this segment, the last ones of the batch */
    size_t place_count, place_capacity, first;
    struct place place; /* of the span being read */
    enum type type;
    enum layer layer;
    struct lci_pair pair;
    struct lci_reference reference;
    uint64_t reference_segment;
    int64_t reference_span;
    struct lc_event event;
    bool event_name;
};

static uint64_t id_of(uint64_t segment, int64_t number)
{
    const uint64_t mixed =
        (segment ^ ((uint64_t)number + 1) * UINT64_C(0x9E3779B97F4A7C15)) * UINT64_C(0xFF51AFD7ED558CCD);
    const uint64_t id = mixed ^ mixed >> 32;
    return id != 0 ? id : 1;
}

/* Ids are names here, which is as it should be. */
static uint64_t segment_of(struct lci_trace_reader *r, const char *text, size_t length)
{
    const bool named = r->draft.named;
    const uint64_t id = lci_span_id_of(r, text, length);
    r->draft.named = named;
    return id;
}

static struct lci_trace_id trace_of(struct lci_trace_reader *r, const char *text, size_t length)
{
    const bool named = r->draft.named;
    const struct lci_trace_id id = lci_trace_id_of(r, text, length);
    r->draft.named = named;
    return id;
}

static int64_t number_of(const char *text, size_t length)
{
    int64_t number = -1;
    return lci_integer_of(text, length, 0, &number) == LCI_INTEGER_OK && number >= 0 && number < INT32_MAX ? number
                                                                                                           : -1;
}

/* The segment is read: its spans get their ids, service and instance. */
static void end_segment(struct skywalking *s)
{
    struct lci_batch *b = &s->reader.batch;
    for (size_t i = 0; i < s->place_count; i++) {
        const struct place *p = &s->places[i];
        struct lc_span *span = &b->spans[s->first + i];
        const uint64_t in = p->segment != 0 ? p->segment : s->segment;
        span->id = id_of(in, p->id);
        if (p->parent >= 0)
            span->parent = id_of(in, p->parent);
        if (in == 0)
            b->ids[s->first + i] = (struct lci_trace_id){0, 0}; /* left out, and counted */
        else if ((b->ids[s->first + i].high | b->ids[s->first + i].low) == 0)
            b->ids[s->first + i] = s->trace;
        span->service = p->service != 0 ? p->service : s->service;
        span->host = span->instance = p->instance != 0 ? p->instance : s->instance; /* whose clock it is */
    }
    s->place_count = 0;
    if (b->span_count >= BATCH) {
        lci_assemble(s->reader.context->assembler, b);
        lci_batch_clear(b);
    }
    s->first = b->span_count;
}

static void put_tag(struct skywalking *s, const char *name, const char *text, size_t length)
{
    const struct lci_name *known = lci_name_of(s->reader.context->attributes, name, strlen(name));
    if (length > 0 && known != NULL)
        lci_span_attribute(&s->reader, known, text, length);
}

static bool has_attribute(const struct skywalking *s, uint32_t key)
{
    const struct lci_batch *b = &s->reader.batch;
    for (size_t i = s->reader.draft.span->first_attribute; i < b->attribute_count; i++)
        if (b->attributes[i].key == key)
            return true;
    return false;
}

/* A call whose layer alone tells what it was: its tags need not. Names are "GET:/stock", "{GET}/stock", or no method is
 * in them. */
static void put_layer(struct skywalking *s)
{
    const char *name = lci_symbol_text(s->reader.context->symbols, s->reader.draft.span->operation);
    const char *method = name + (*name == '{');
    const size_t length = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    const bool named = length > 0 && method[length] == (*name == '{' ? '}' : ':');
    if (s->layer == HTTP_LAYER && !has_attribute(s, LC_ATTR_HTTP_METHOD))
        put_tag(s, "http.request.method", named ? method : "_OTHER", named ? length : 6);
    if (s->layer == RPC_LAYER && !has_attribute(s, LC_ATTR_RPC_SYSTEM))
        put_tag(s, "rpc.system", "RPCFramework", 12);
}

static void end_span(struct skywalking *s)
{
    struct lc_span *span = s->reader.draft.span;
    if (s->type != LOCAL)
        put_layer(s);
    if (s->type == ENTRY)
        span->kind = s->layer == QUEUE_LAYER ? LC_KIND_CONSUMER : LC_KIND_SERVER;
    else if (s->type == EXIT)
        span->kind = s->layer == QUEUE_LAYER ? LC_KIND_PRODUCER : LC_KIND_CLIENT;
    else if (s->type == LOCAL)
        span->kind = LC_KIND_INTERNAL;
    span->id = s->place.id >= 0 ? 1 : 0; /* until the segment is known */
    if ((s->reader.draft.trace.high | s->reader.draft.trace.low) == 0)
        s->reader.draft.trace = s->trace;
    if (lci_span_end(&s->reader) == NULL)
        return;
    LC_GROW(s->places, s->place_count, s->place_capacity);
    s->places[s->place_count++] = s->place;
}

static void end_reference(struct skywalking *s)
{
    struct lci_draft *d = &s->reader.draft;
    if (s->reference_segment == 0 || s->reference_span < 0)
        return;
    s->reference.id = id_of(s->reference_segment, s->reference_span);
    LC_GROW(d->references, d->reference_count, d->reference_capacity);
    d->references[d->reference_count++] = s->reference;
}

static void begin(void *reader, unsigned object)
{
    struct skywalking *s = reader;
    switch (object) {
    case SEGMENT:
        s->first = s->reader.batch.span_count;
        s->place_count = 0;
        s->trace = (struct lci_trace_id){0, 0};
        s->segment = 0;
        s->service = s->instance = 0;
        break;
    case SPAN:
        lci_span_begin(&s->reader);
        s->place = (struct place){.id = -1, .parent = -1};
        s->type = TYPES;
        s->layer = OTHER_LAYER;
        break;
    case REFERENCE:
        s->reference = (struct lci_reference){.follows = false};
        s->reference_segment = 0;
        s->reference_span = -1;
        break;
    case TAG: lci_pair_begin(&s->pair); break;
    case LOG: s->event = (struct lc_event){0}; break;
    case LOG_FIELD: s->event_name = false; break;
    default: break;
    }
}

static void end(void *reader, unsigned object)
{
    struct skywalking *s = reader;
    switch (object) {
    case SEGMENT: end_segment(s); break;
    case SPAN: end_span(s); break;
    case REFERENCE: end_reference(s); break;
    case TAG:
        if (s->pair.has_value && s->pair.name != NULL)
            lci_span_attribute(&s->reader, s->pair.name, s->pair.value, s->pair.length);
        break;
    case LOG:
        if (s->event.name != 0)
            lci_push_event(&s->reader, &s->event);
        break;
    default: break;
    }
}

static bool is(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

static enum type type_of(const char *text, size_t length)
{
    static const char *const names[TYPES] = {"Entry", "Exit", "Local"};
    for (int type = 0; type < TYPES; type++)
        if (is(text, length, names[type]) || (length == 1 && *text == '0' + type))
            return (enum type)type;
    return TYPES;
}

static void tag_key(struct skywalking *s, const char *text, size_t length)
{
    static const char *const other_names[][2] = {{"url", "http.url"},
                                                 {"status_code", "http.status_code"},
                                                 {"cache.type", "db.system"},
                                                 {"mq.topic", "messaging.destination"},
                                                 {"mq.queue", "messaging.destination"}};
    for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++)
        if (is(text, length, other_names[i][0])) {
            text = other_names[i][1];
            length = strlen(text);
        }
    lci_pair_key(&s->pair, s->reader.context->attributes, text, length);
}

static enum layer layer_of(const char *text, size_t length)
{
    return is(text, length, "MQ") || is(text, length, "4")             ? QUEUE_LAYER
           : is(text, length, "Http") || is(text, length, "3")         ? HTTP_LAYER
           : is(text, length, "RPCFramework") || is(text, length, "2") ? RPC_LAYER
                                                                       : OTHER_LAYER;
}

static void value(void *reader, unsigned field, enum lci_json_type json_type, const char *text, size_t length)
{
    struct skywalking *s = reader;
    struct lci_trace_reader *r = &s->reader;
    struct lci_draft *d = &r->draft;
    (void)json_type;
    switch (field) {
    case TRACE_ID: s->trace = trace_of(r, text, length); break;
    case SPAN_TRACE_ID: d->trace = trace_of(r, text, length); break;
    case SEGMENT_ID: s->segment = segment_of(r, text, length); break;
    case SPAN_SEGMENT_ID: s->place.segment = segment_of(r, text, length); break;
    case SERVICE: s->service = lci_symbol(r->context, text, length); break;
    case SPAN_SERVICE: s->place.service = lci_symbol(r->context, text, length); break;
    case INSTANCE: s->instance = lci_symbol(r->context, text, length); break;
    case SPAN_INSTANCE: s->place.instance = lci_symbol(r->context, text, length); break;
    case SPAN_ID: s->place.id = number_of(text, length); break;
    case PARENT_ID: s->place.parent = number_of(text, length); break;
    case OPERATION: d->span->operation = lci_symbol(r->context, text, length); break;
    case START: lci_span_start(r, text, length, MILLISECONDS); break;
    case END: lci_span_stop(r, text, length, MILLISECONDS); break;
    case TYPE: s->type = type_of(text, length); break;
    case LAYER: s->layer = layer_of(text, length); break;
    case ERROR: d->span->flags |= is(text, length, "true") ? LC_SPAN_ERROR : 0; break;
    case PEER: put_tag(s, "peer.address", text, length); break;
    case REFERENCE_TRACE: s->reference.trace = trace_of(r, text, length); break;
    case REFERENCE_SEGMENT: s->reference_segment = segment_of(r, text, length); break;
    case REFERENCE_SPAN: s->reference_span = number_of(text, length); break;
    case KEY: tag_key(s, text, length); break;
    case VALUE:
        if (lci_pair_value(&s->pair, text, length))
            lci_span_attribute(r, s->pair.name, text, length);
        break;
    case LOG_TIME: s->event.time = lci_event_time(r, text, length, MILLISECONDS); break;
    case LOG_KEY: s->event_name = is(text, length, "event"); break;
    case LOG_VALUE:
        if (s->event_name)
            s->event.name = lci_event_symbol(r->context, text, length);
        break;
    default: break;
    }
}

static void drop(struct lci_trace_reader *reader)
{
    struct skywalking *s = (struct skywalking *)reader;
    s->place_count = 0;
    s->first = reader->batch.span_count;
}

static int finish(struct lci_trace_reader *reader, struct lc_diag *diag)
{
    (void)diag;
    lci_assemble(reader->context->assembler, &reader->batch);
    lci_batch_clear(&reader->batch);
    return 0;
}

static void stop(struct lci_trace_reader *reader)
{
    struct skywalking *s = (struct skywalking *)reader;
    free(s->places);
    free(s->pair.value);
}

static const struct lci_grammar grammar = {.root = &segment_object, .begin = begin, .end = end, .value = value};
static const char *const signs[] = {"traceSegmentId",
                                    "spans.spanType",
                                    "spans.spanLayer",
                                    "data.trace.spans",
                                    "data.queryTrace.spans",
                                    "data.queryTraces.traces",
                                    NULL};
const struct lci_format lci_skywalking = {.name = "SkyWalking JSON",
                                          .signs = signs,
                                          .grammar = &grammar,
                                          .size = sizeof(struct skywalking),
                                          .drop = drop,
                                          .finish = finish,
                                          .stop = stop};
