/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * OTLP in JSON: one document or one a line (the collector's file exporter), the same inside `result` (Jaeger's
 * /api/v3/traces), and Tempo's `batches` and `trace`. Traces are mixed; spans are grouped by resource. Names of keys in
 * snake_case are understood too.
 *
 * And the same in protobuf: TracesData and ExportTraceServiceRequest, which look alike. Numbers of the fields:
 * https://github.com/open-telemetry/opentelemetry-proto, trace/v1, common/v1 and resource/v1.
 */
#include "attribute.h"
#include "protobuf.h"
#include "trace_assembly.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 1024 /* spans gathered when the resource is known already */

enum {
    ROOT = 1,
    RESOURCE_SPANS,
    RESOURCE,
    SCOPE_SPANS,
    SCOPE,
    SPAN,
    EVENT,
    LINK,
    STATUS,
    RESOURCE_PAIR,
    SCOPE_PAIR,
    SPAN_PAIR,
    EVENT_PAIR,
    ANY_VALUE,
    ARRAY,
    PROBLEM
};
enum {
    TRACE_ID = 1,
    SPAN_ID,
    PARENT_ID,
    NAME,
    KIND,
    START,
    END,
    FLAGS,
    TRACE_STATE,
    KEY,
    VALUE,
    EVENT_TIME,
    EVENT_NAME,
    LINK_TRACE,
    LINK_SPAN,
    STATUS_CODE,
    DEPRECATED_CODE,
    COMPLETENESS,
    PROBLEM_TEXT,
    BOOL_VALUE, /* these of protobuf, where a value is no text */
    INT_VALUE,
    DOUBLE_VALUE
};

static const struct lci_object array;
static const struct lci_json_field value_fields[] = {
    LCI_FIELD("stringValue", VALUE, NULL), LCI_FIELD("intValue", VALUE, NULL),   LCI_FIELD("boolValue", VALUE, NULL),
    LCI_FIELD("doubleValue", VALUE, NULL), LCI_FIELD("arrayValue", 0, &array),   LCI_FIELD("string_value", VALUE, NULL),
    LCI_FIELD("int_value", VALUE, NULL),   LCI_FIELD("bool_value", VALUE, NULL), LCI_FIELD("double_value", VALUE, NULL),
    LCI_FIELD("array_value", 0, &array)};
static const struct lci_object any_value = LCI_OBJECT(ANY_VALUE, value_fields);
static const struct lci_json_field array_fields[] = {LCI_FIELD("values", 0, &any_value)};
static const struct lci_object array = LCI_OBJECT(ARRAY, array_fields);

static const struct lci_json_field pair_fields[] = {LCI_FIELD("key", KEY, NULL), LCI_FIELD("value", VALUE, &any_value)};
static const struct lci_object resource_pair = LCI_OBJECT(RESOURCE_PAIR, pair_fields);
static const struct lci_object scope_pair = LCI_OBJECT(SCOPE_PAIR, pair_fields);
static const struct lci_object span_pair = LCI_OBJECT(SPAN_PAIR, pair_fields);
static const struct lci_object event_pair = LCI_OBJECT(EVENT_PAIR, pair_fields);

static const struct lci_json_field event_fields[] = {
    LCI_FIELD("timeUnixNano", EVENT_TIME, NULL), LCI_FIELD("name", EVENT_NAME, NULL),
    LCI_FIELD("attributes", 0, &event_pair), LCI_FIELD("time_unix_nano", EVENT_TIME, NULL)};
static const struct lci_object event_object = LCI_OBJECT(EVENT, event_fields);

static const struct lci_json_field link_fields[] = {
    LCI_FIELD("traceId", LINK_TRACE, NULL), LCI_FIELD("spanId", LINK_SPAN, NULL),
    LCI_FIELD("trace_id", LINK_TRACE, NULL), LCI_FIELD("span_id", LINK_SPAN, NULL)};
static const struct lci_object link_object = LCI_OBJECT(LINK, link_fields);

static const struct lci_json_field status_fields[] = {LCI_FIELD("code", STATUS_CODE, NULL),
                                                      LCI_FIELD("deprecatedCode", DEPRECATED_CODE, NULL)};
static const struct lci_object status = LCI_OBJECT(STATUS, status_fields);

static const struct lci_json_field span_fields[] = {
    LCI_FIELD("traceId", TRACE_ID, NULL),
    LCI_FIELD("spanId", SPAN_ID, NULL),
    LCI_FIELD("parentSpanId", PARENT_ID, NULL),
    LCI_FIELD("name", NAME, NULL),
    LCI_FIELD("kind", KIND, NULL),
    LCI_FIELD("startTimeUnixNano", START, NULL),
    LCI_FIELD("endTimeUnixNano", END, NULL),
    LCI_FIELD("attributes", 0, &span_pair),
    LCI_FIELD("droppedAttributesCount", 0, NULL),
    LCI_FIELD("events", 0, &event_object),
    LCI_FIELD("droppedEventsCount", 0, NULL),
    LCI_FIELD("status", 0, &status),
    LCI_FIELD("links", 0, &link_object),
    LCI_FIELD("droppedLinksCount", 0, NULL),
    LCI_FIELD("flags", FLAGS, NULL),
    LCI_FIELD("traceState", TRACE_STATE, NULL),
    LCI_FIELD("trace_id", TRACE_ID, NULL),
    LCI_FIELD("span_id", SPAN_ID, NULL),
    LCI_FIELD("parent_span_id", PARENT_ID, NULL),
    LCI_FIELD("start_time_unix_nano", START, NULL),
    LCI_FIELD("end_time_unix_nano", END, NULL),
    LCI_FIELD("trace_state", TRACE_STATE, NULL),
};
static const struct lci_object span_object = LCI_OBJECT(SPAN, span_fields);

static const struct lci_json_field scope_only_fields[] = {LCI_FIELD("attributes", 0, &scope_pair)};
static const struct lci_object scope = LCI_OBJECT(SCOPE, scope_only_fields);
static const struct lci_json_field scope_fields[] = {LCI_FIELD("scope", 0, &scope),
                                                     LCI_FIELD("spans", 0, &span_object)};
static const struct lci_object scope_spans = LCI_OBJECT(SCOPE_SPANS, scope_fields);

static const struct lci_json_field resource_fields[] = {LCI_FIELD("attributes", 0, &resource_pair)};
static const struct lci_object resource = LCI_OBJECT(RESOURCE, resource_fields);

static const struct lci_json_field resource_spans_fields[] = {
    LCI_FIELD("resource", 0, &resource), LCI_FIELD("scopeSpans", 0, &scope_spans),
    LCI_FIELD("instrumentationLibrarySpans", 0, &scope_spans), LCI_FIELD("scope_spans", 0, &scope_spans),
    LCI_FIELD("instrumentation_library_spans", 0, &scope_spans)};
static const struct lci_object resource_spans = LCI_OBJECT(RESOURCE_SPANS, resource_spans_fields);

static const struct lci_json_field problem_fields[] = {LCI_FIELD("message", PROBLEM_TEXT, NULL)};
static const struct lci_object problem = LCI_OBJECT(PROBLEM, problem_fields);

static const struct lci_object root;
static const struct lci_json_field root_fields[] = {LCI_FIELD("resourceSpans", 0, &resource_spans),
                                                    LCI_FIELD("resource_spans", 0, &resource_spans),
                                                    LCI_FIELD("batches", 0, &resource_spans),
                                                    LCI_FIELD("result", 0, &root),
                                                    LCI_FIELD("trace", 0, &root),
                                                    LCI_FIELD("error", 0, &problem),
                                                    LCI_FIELD("status", COMPLETENESS, NULL)};
static const struct lci_object root = LCI_OBJECT(ROOT, root_fields);

struct scope_value { /* of an attribute that somebody asks for */
    const struct lci_name *name;
    char *text;
};

struct otlp {
    struct lci_trace_reader reader;
    struct lci_protobuf *protobuf;
    struct lci_resource resource;
    unsigned roots;                 /* open, one in the other */
    bool resource_known, partial;   /* partial: the answer says that spans are missing */
    struct lci_trace_id trace;      /* of the last span */
    struct lci_attribute_list list; /* attributes of the resource */
    struct scope_value *scope;      /* of the spans that follow: writers put it before them */
    size_t scope_count, scope_capacity;
    struct lci_pair pair;
    unsigned pair_of;  /* RESOURCE_PAIR, SCOPE_PAIR, SPAN_PAIR, EVENT_PAIR */
    unsigned in_array; /* depth of array values */
    char *text;        /* of an array, as JSON */
    size_t text_length, text_capacity;
    struct lci_reference link;
    struct lc_event event;
    enum { EVENT_OTHER, EVENT_TYPE, EVENT_ID } event_key;
};

/* Gives the gathered spans their resource and hands them on. */
static void flush(struct otlp *o)
{
    struct lci_batch *b = &o->reader.batch;
    for (size_t i = 0; i < b->span_count; i++)
        lci_resource_apply(&o->reader, &o->resource, &o->list, &b->spans[i]);
    lci_assemble(o->reader.context->assembler, b);
    lci_batch_clear(b);
}

static void scope_clear(struct otlp *o)
{
    while (o->scope_count > 0)
        free(o->scope[--o->scope_count].text);
}

static void scope_attribute(struct otlp *o, const struct lci_name *name, const char *text, size_t length)
{
    if (name->asked == 0)
        return;
    LC_GROW(o->scope, o->scope_count, o->scope_capacity);
    o->scope[o->scope_count++] =
        (struct scope_value){name, lc_format("%.*s", (int)(length < 1000 ? length : 1000), text)};
}

/* What the scope says, the span says unless it says otherwise. */
static void scope_apply(struct otlp *o)
{
    for (size_t i = 0; i < o->scope_count; i++)
        lci_span_attribute(&o->reader, o->scope[i].name, o->scope[i].text, strlen(o->scope[i].text));
}

static void put_value(struct otlp *o, const char *text, size_t length)
{
    struct lci_trace_reader *r = &o->reader;
    switch (o->pair_of) {
    case RESOURCE_PAIR: lci_resource_attribute(r, &o->resource, &o->list, o->pair.name, text, length); break;
    case SCOPE_PAIR: scope_attribute(o, o->pair.name, text, length); break;
    case SPAN_PAIR: lci_span_attribute(r, o->pair.name, text, length); break;
    default: break;
    }
}

static void event_value(struct otlp *o, const char *text, size_t length)
{
    if (o->event_key == EVENT_TYPE)
        o->event.type = lci_event_symbol(o->reader.context, text, length);
    else if (o->event_key == EVENT_ID)
        o->event.id = lci_event_symbol(o->reader.context, text, length);
}

static void one_value(struct otlp *o, const char *text, size_t length)
{
    if (o->pair_of == EVENT_PAIR)
        event_value(o, text, length);
    else if (lci_pair_value(&o->pair, text, length))
        put_value(o, text, length);
}

static void add_text(struct otlp *o, const char *text, size_t length)
{
    while (o->text_length + length > o->text_capacity) {
        o->text_capacity = o->text_capacity ? 2 * o->text_capacity : 256;
        o->text = lc_realloc(o->text, o->text_capacity, 1);
    }
    memcpy(o->text + o->text_length, text, length);
    o->text_length += length;
}

static void begin(void *reader, unsigned object)
{
    struct otlp *o = reader;
    switch (object) {
    case ROOT: o->partial &= o->roots++ > 0; break;
    case RESOURCE_SPANS:
        o->resource = (struct lci_resource){0};
        lci_resources_clear(&o->reader);
        o->resource_known = false;
        o->list.count = 0;
        break;
    case SCOPE_SPANS: scope_clear(o); break;
    case SPAN: lci_span_begin(&o->reader); break;
    case RESOURCE_PAIR:
    case SCOPE_PAIR:
    case SPAN_PAIR:
    case EVENT_PAIR:
        lci_pair_begin(&o->pair);
        o->pair_of = object;
        o->event_key = EVENT_OTHER;
        o->in_array = 0;
        break;
    case ARRAY:
        if (o->in_array++ == 0) {
            o->text_length = 0;
            add_text(o, "[", 1);
        }
        break;
    case EVENT: o->event = (struct lc_event){0}; break;
    case LINK: o->link = (struct lci_reference){.follows = true}; break;
    default: break;
    }
}

static void end_pair(struct otlp *o)
{
    if (o->pair.has_value && o->pair.name != NULL)
        put_value(o, o->pair.value, o->pair.length);
}

static void end(void *reader, unsigned object)
{
    struct otlp *o = reader;
    struct lci_draft *d = &o->reader.draft;
    switch (object) {
    case RESOURCE:
        o->resource.count = (uint32_t)o->list.count;
        o->resource_known = true;
        break;
    case RESOURCE_SPANS: flush(o); break;
    case ROOT:
        o->roots--;
        if (o->partial)
            lci_mark_incomplete(o->reader.context->assembler, &o->trace);
        break;
    case SPAN:
        scope_apply(o);
        o->trace = d->trace;
        lci_span_end(&o->reader);
        if (o->resource_known && o->reader.batch.span_count >= BATCH)
            flush(o);
        break;
    case RESOURCE_PAIR:
    case SCOPE_PAIR:
    case SPAN_PAIR: end_pair(o); break;
    case ARRAY:
        if (--o->in_array == 0) {
            add_text(o, "]", 1);
            one_value(o, o->text, o->text_length);
        }
        break;
    case EVENT:
        if (o->event.name | o->event.type | o->event.id)
            lci_push_event(&o->reader, &o->event);
        break;
    case LINK:
        LC_GROW(d->references, d->reference_count, d->reference_capacity);
        d->references[d->reference_count++] = o->link;
        break;
    default: break;
    }
}

static bool is(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && memcmp(text, word, length) == 0;
}

static void key(struct otlp *o, const char *text, size_t length)
{
    if (o->pair_of == EVENT_PAIR)
        o->event_key = is(text, length, "type") ? EVENT_TYPE : is(text, length, "id") ? EVENT_ID : EVENT_OTHER;
    else
        lci_pair_key(&o->pair, o->reader.context->attributes, text, length);
}

static void attribute_value(struct otlp *o, enum lci_json_type type, const char *text, size_t length)
{
    if (o->in_array == 0) {
        one_value(o, text, length);
        return;
    }
    if (o->text_length > 1)
        add_text(o, ",", 1);
    if (type == LCI_STRING)
        add_text(o, "\"", 1);
    add_text(o, text, length);
    if (type == LCI_STRING)
        add_text(o, "\"", 1);
}

static void flags(struct lc_span *span, uint64_t bits)
{
    if ((bits & 0x300) == 0x300)
        span->flags |= LC_SPAN_REMOTE_PARENT;
}

/* As the exporter to Jaeger's form names it. */
static void trace_state(struct otlp *o, const char *text, size_t length)
{
    static const char name[] = "w3c.tracestate";
    if (length > 0)
        lci_span_attribute(&o->reader, lci_name_of(o->reader.context->attributes, name, sizeof name - 1), text, length);
}

/* Tempo's answer, which is one trace, says that it is not whole. */
static void partial(struct otlp *o)
{
    o->partial = true;
    lc_warn(o->reader.context->diag, &(struct lc_place){o->reader.file, 0, 0, -1},
            "the server reported \"PARTIAL\": spans of the trace are missing");
}

static void value(void *reader, unsigned field, enum lci_json_type type, const char *text, size_t length)
{
    struct otlp *o = reader;
    struct lci_trace_reader *r = &o->reader;
    struct lci_draft *d = &r->draft;
    int64_t number;
    switch (field) {
    case TRACE_ID: d->trace = lci_trace_id_of(r, text, length); break;
    case SPAN_ID: d->span->id = lci_span_id_of(r, text, length); break;
    case PARENT_ID: d->parent = lci_span_id_of(r, text, length); break;
    case NAME: d->span->operation = lci_symbol(r->context, text, length); break;
    case KIND: d->span->kind = lci_kind_of(text, length); break;
    case START: lci_span_start(r, text, length, 0); break;
    case END: lci_span_stop(r, text, length, 0); break;
    case FLAGS:
        if (lci_integer_of(text, length, 0, &number) == LCI_INTEGER_OK)
            flags(d->span, (uint64_t)number);
        break;
    case TRACE_STATE: trace_state(o, text, length); break;
    case KEY: key(o, text, length); break;
    case VALUE: attribute_value(o, type, text, length); break;
    case EVENT_TIME: o->event.time = lci_event_time(r, text, length, 0); break;
    case EVENT_NAME: o->event.name = lci_event_symbol(r->context, text, length); break;
    case LINK_TRACE: o->link.trace = lci_trace_id_of(r, text, length); break;
    case LINK_SPAN: o->link.id = lci_span_id_of(r, text, length); break;
    case STATUS_CODE:
        if (is(text, length, "2") || is(text, length, "STATUS_CODE_ERROR"))
            d->span->flags |= LC_SPAN_ERROR;
        break;
    case DEPRECATED_CODE:
        if (!is(text, length, "0") && !is(text, length, "DEPRECATED_STATUS_CODE_OK"))
            d->span->flags |= LC_SPAN_ERROR;
        break;
    case COMPLETENESS:
        if (is(text, length, "PARTIAL"))
            partial(o);
        break;
    case PROBLEM_TEXT:
        lc_warn(r->context->diag, &(struct lc_place){r->file, 0, 0, -1},
                "the server reported \"%.*s\" instead of a trace", (int)(length < 200 ? length : 200), text);
        break;
    default: break;
    }
}

static void drop(struct lci_trace_reader *reader)
{
    ((struct otlp *)reader)->roots = 0;
}

static void stop(struct lci_trace_reader *reader)
{
    struct otlp *o = (struct otlp *)reader;
    lci_protobuf_free(o->protobuf);
    free(o->list.items);
    free(o->pair.value);
    free(o->text);
    scope_clear(o);
    free(o->scope);
}

static const struct lci_grammar grammar = {.root = &root, .begin = begin, .end = end, .value = value};
static const char *const signs[] = {"resourceSpans",
                                    "resource_spans",
                                    "result.resourceSpans",
                                    "result.resource_spans",
                                    "batches",
                                    "trace.resourceSpans",
                                    "trace.batches",
                                    "resourceLogs",
                                    "resourceMetrics",
                                    "resourceProfiles",
                                    NULL};
const struct lci_format lci_otlp = {
    .name = "OTLP JSON", .signs = signs, .grammar = &grammar, .size = sizeof(struct otlp), .drop = drop, .stop = stop};

/* ---- protobuf ---------------------------------------------------------------------------------------------------- */

static const struct lci_message array_message;
static const struct lci_message_field value_numbers[] = {
    LCI_TEXT(1, VALUE), LCI_NUMBER(2, LCI_VARINT, BOOL_VALUE), LCI_NUMBER(3, LCI_VARINT, INT_VALUE),
    LCI_NUMBER(4, LCI_FIXED64, DOUBLE_VALUE), LCI_INNER(5, &array_message)};
static const struct lci_message value_message = LCI_MESSAGE(ANY_VALUE, "a value", value_numbers);
static const struct lci_message_field array_numbers[] = {LCI_INNER(1, &value_message)};
static const struct lci_message array_message = LCI_MESSAGE(ARRAY, "an array", array_numbers);

static const struct lci_message_field pair_numbers[] = {LCI_TEXT(1, KEY), LCI_INNER(2, &value_message)};
static const struct lci_message resource_pair_message =
    LCI_MESSAGE(RESOURCE_PAIR, "an attribute", pair_numbers, .pair = true);
static const struct lci_message scope_pair_message =
    LCI_MESSAGE(SCOPE_PAIR, "an attribute", pair_numbers, .pair = true);
static const struct lci_message span_pair_message = LCI_MESSAGE(SPAN_PAIR, "an attribute", pair_numbers, .pair = true);
static const struct lci_message event_pair_message =
    LCI_MESSAGE(EVENT_PAIR, "an attribute", pair_numbers, .pair = true);

static const struct lci_message_field event_numbers[] = {LCI_NUMBER(1, LCI_FIXED64, EVENT_TIME),
                                                         LCI_TEXT(2, EVENT_NAME), LCI_INNER(3, &event_pair_message)};
static const struct lci_message event_message = LCI_MESSAGE(EVENT, "an event", event_numbers);
static const struct lci_message_field link_numbers[] = {LCI_TEXT(1, LINK_TRACE), LCI_TEXT(2, LINK_SPAN)};
static const struct lci_message link_message = LCI_MESSAGE(LINK, "a link", link_numbers);
static const struct lci_message_field status_numbers[] = {LCI_NUMBER(1, LCI_VARINT, DEPRECATED_CODE),
                                                          LCI_NUMBER(3, LCI_VARINT, STATUS_CODE)};
static const struct lci_message status_message = LCI_MESSAGE(STATUS, "a status", status_numbers);

static const struct lci_message_field span_numbers[] = {
    LCI_TEXT(1, TRACE_ID),
    LCI_TEXT(2, SPAN_ID),
    LCI_TEXT(3, TRACE_STATE),
    LCI_TEXT(4, PARENT_ID),
    LCI_TEXT(5, NAME),
    LCI_NUMBER(6, LCI_VARINT, KIND),
    LCI_NUMBER(7, LCI_FIXED64, START),
    LCI_NUMBER(8, LCI_FIXED64, END),
    LCI_INNER(9, &span_pair_message),
    LCI_INNER(11, &event_message),
    LCI_INNER(13, &link_message),
    LCI_INNER(15, &status_message),
    LCI_NUMBER(16, LCI_FIXED32, FLAGS),
};
static const struct lci_message span_message = LCI_MESSAGE(SPAN, "a span", span_numbers);

static const struct lci_message_field scope_numbers[] = {LCI_TEXT(1, 0), LCI_TEXT(2, 0),
                                                         LCI_INNER(3, &scope_pair_message)};
static const struct lci_message scope_message = LCI_MESSAGE(SCOPE, "a scope", scope_numbers);
static const struct lci_message_field scope_spans_numbers[] = {LCI_INNER(1, &scope_message),
                                                               LCI_INNER(2, &span_message), LCI_TEXT(3, 0)};
static const struct lci_message scope_spans_message =
    LCI_MESSAGE(SCOPE_SPANS, "the spans of a scope", scope_spans_numbers, .streamed = true);

static const struct lci_message_field resource_numbers[] = {LCI_INNER(1, &resource_pair_message),
                                                            LCI_NUMBER(2, LCI_VARINT, 0)};
static const struct lci_message resource_message = LCI_MESSAGE(RESOURCE, "a resource", resource_numbers);
static const struct lci_message_field resource_spans_numbers[] = {LCI_INNER(1, &resource_message),
                                                                  LCI_INNER(2, &scope_spans_message), LCI_TEXT(3, 0)};
static const struct lci_message resource_spans_message =
    LCI_MESSAGE(RESOURCE_SPANS, "the spans of a resource", resource_spans_numbers, .streamed = true, .old = 1000,
                .as = 2 /* "instrumentation library spans" in 2022 */);
static const struct lci_message_field root_numbers[] = {LCI_INNER(1, &resource_spans_message)};
static const struct lci_message root_message = LCI_MESSAGE(ROOT, "the input", root_numbers, .streamed = true);

/* Most attributes are wanted by nobody; then their values are not even looked at. */
static bool message_begin(void *reader, unsigned message)
{
    const struct otlp *o = reader;
    if (message == ANY_VALUE)
        return o->pair_of == EVENT_PAIR ? o->event_key != EVENT_OTHER : !o->pair.has_key || o->pair.name != NULL;
    begin(reader, message);
    return true;
}

static void message_pair(void *reader, unsigned message, const char *name, size_t name_length, const char *text,
                         size_t length)
{
    struct otlp *o = reader;
    o->pair_of = message;
    if (message == EVENT_PAIR) {
        key(o, name, name_length);
        event_value(o, text, length);
        return;
    }
    o->pair.name = lci_name_of(o->reader.context->attributes, name, name_length);
    if (o->pair.name != NULL)
        put_value(o, text, length);
}

static void message_text(void *reader, unsigned field, const char *text, size_t length)
{
    struct otlp *o = reader;
    struct lci_draft *d = &o->reader.draft;
    switch (field) {
    case TRACE_ID: d->trace = lci_trace_id_of_bytes(text, length); break;
    case SPAN_ID: d->span->id = lci_span_id_of_bytes(text, length); break;
    case PARENT_ID: d->parent = lci_span_id_of_bytes(text, length); break;
    case NAME: d->span->operation = lci_symbol(o->reader.context, text, length); break;
    case LINK_TRACE: o->link.trace = lci_trace_id_of_bytes(text, length); break;
    case LINK_SPAN: o->link.id = lci_span_id_of_bytes(text, length); break;
    default: value(reader, field, LCI_STRING, text, length);
    }
}

/* As JSON writes it: the shortest of 15 digits or 17 that says which number it is. */
static int double_text(uint64_t bits, char *text, size_t size)
{
    double number;
    memcpy(&number, &bits, sizeof number);
    if (isnan(number) || isinf(number))
        return snprintf(text, size, "%s", isnan(number) ? "NaN" : number < 0 ? "-Infinity" : "Infinity");
    const int length = snprintf(text, size, "%.15g", number);
    return strtod(text, NULL) == number ? length : snprintf(text, size, "%.17g", number);
}

static void message_number(void *reader, unsigned field, uint64_t number)
{
    struct otlp *o = reader;
    struct lci_draft *d = &o->reader.draft;
    char text[40];
    switch (field) {
    case KIND: d->span->kind = number <= LC_KIND_CONSUMER ? (uint8_t)number : LC_KIND_UNKNOWN; break;
    case START: lci_span_start_ns(&o->reader, number); break;
    case END: lci_span_stop_ns(&o->reader, number); break;
    case EVENT_TIME: o->event.time = lci_event_time_ns(&o->reader, number); break;
    case FLAGS: flags(d->span, number); break;
    case STATUS_CODE: d->span->flags |= number == 2 ? LC_SPAN_ERROR : 0; break;
    case DEPRECATED_CODE: d->span->flags |= number != 0 ? LC_SPAN_ERROR : 0; break;
    case COMPLETENESS:
        if (number == 1) {
            partial(o);
            lci_mark_incomplete(o->reader.context->assembler, &o->trace); /* which stands before it */
        }
        break;
    case BOOL_VALUE: attribute_value(o, LCI_BOOLEAN, number != 0 ? "true" : "false", number != 0 ? 4 : 5); break;
    case INT_VALUE: attribute_value(o, LCI_NUMBER, text, lci_integer_text((int64_t)number, text)); break;
    case DOUBLE_VALUE: attribute_value(o, LCI_NUMBER, text, (size_t)double_text(number, text, sizeof text)); break;
    default: break;
    }
}

static const struct lci_message_grammar message_grammar = {.root = &root_message,
                                                           .begin = message_begin,
                                                           .end = end,
                                                           .text = message_text,
                                                           .number = message_number,
                                                           .pair = message_pair};

static bool message_begins(const char *text, size_t length)
{
    return lci_protobuf_begins(&root_message, text, length);
}

static void message_start(struct lci_trace_reader *reader)
{
    ((struct otlp *)reader)->protobuf = lci_protobuf_new(&message_grammar, reader);
}

static int message_error(struct lci_trace_reader *reader, const struct lci_protobuf_error *error, struct lc_diag *diag)
{
    lc_error(diag, LC_INPUT, &(struct lc_place){reader->file, 0, 0, error->offset}, "%s", error->text);
    return -1;
}

static int message_feed(struct lci_trace_reader *reader, const char *bytes, size_t length, struct lc_diag *diag)
{
    struct lci_protobuf_error error;
    return lci_protobuf_feed(((struct otlp *)reader)->protobuf, bytes, length, &error) == 0
               ? 0
               : message_error(reader, &error, diag);
}

static int message_finish(struct lci_trace_reader *reader, struct lc_diag *diag)
{
    struct lci_protobuf_error error;
    return lci_protobuf_finish(((struct otlp *)reader)->protobuf, &error) == 0 ? 0
                                                                               : message_error(reader, &error, diag);
}

/* Tempo's answer (TraceByIDResponse): such data as field 1, and whether they are all. */
static const struct lci_message trace_message = LCI_MESSAGE(ROOT, "the trace", root_numbers, .streamed = true);
static const struct lci_message_field answer_numbers[] = {LCI_INNER(1, &trace_message),
                                                          LCI_NUMBER(3, LCI_VARINT, COMPLETENESS), LCI_TEXT(4, 0)};
static const struct lci_message answer_message = LCI_MESSAGE(ROOT, "the input", answer_numbers, .streamed = true);
static const struct lci_message_grammar answer_grammar = {.root = &answer_message,
                                                          .begin = message_begin,
                                                          .end = end,
                                                          .text = message_text,
                                                          .number = message_number,
                                                          .pair = message_pair};

/* Messages in the first field of messages: the name of an attribute stands in the fourth of OTLP, the fifth of Tempo's
 * answer; a resource without attributes in the second and third, and spans without a resource one further out. */
static bool answer_begins(const char *text, size_t length)
{
    size_t at = 0, room = SIZE_MAX;
    unsigned depth = 0;
    while (at + 1 < length && room > 1 && text[at] == 0x0A) {
        uint64_t size = 0;
        unsigned bytes = 0;
        do
            size |= (uint64_t)(text[at + 1 + bytes] & 0x7F) << 7 * bytes;
        while ((text[at + 1 + bytes++] & 0x80) != 0 && bytes < 5 && at + 1 + bytes < length);
        if (size > room - 1 - bytes)
            return false;
        at += 1 + bytes;
        room = size;
        if (++depth == 3 && room == 0)
            return true;
    }
    return depth == 5 || (depth == 2 && at < length && room > 0 && text[at] == 0x12);
}

static void answer_start(struct lci_trace_reader *reader)
{
    ((struct otlp *)reader)->protobuf = lci_protobuf_new(&answer_grammar, reader);
}

const struct lci_format lci_tempo_protobuf = {.name = "Tempo protobuf",
                                              .begins = answer_begins,
                                              .size = sizeof(struct otlp),
                                              .start = answer_start,
                                              .feed = message_feed,
                                              .finish = message_finish,
                                              .stop = stop};
const struct lci_format lci_otlp_protobuf = {.name = "OTLP protobuf",
                                             .begins = message_begins,
                                             .size = sizeof(struct otlp),
                                             .start = message_start,
                                             .feed = message_feed,
                                             .finish = message_finish,
                                             .stop = stop};
