/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Jaeger's JSON: the answer of its query service and the download of its user interface ({"data": […]}), one bare trace
 * or an array of them. Processes usually come after the spans that name them, so a trace is read whole. Its spans may
 * also carry their process themselves, and then all tags may be texts.
 *
 * And its documents in Elasticsearch and OpenSearch: spans that carry their process, one by one or in the answer to a
 * search. Tags may stand there as an object whose keys have "@" for each point.
 */
#include "attribute.h"
#include "trace_assembly.h"

#include <stdlib.h>
#include <string.h>

#define MICROSECONDS 3 /* powers of ten to nanoseconds */
#define EMBEDDED     0x80000000u
#define BATCH        1024

enum {
    NOTHING,
    TRACE,
    SPAN,
    REFERENCE,
    TAG,
    LOG,
    LOG_FIELD,
    PROCESSES,
    PROCESS,
    PROCESS_TAG,
    EMBEDDED_PROCESS,
    PROBLEM,
    FLAT,
    PROCESS_FLAT,
    DOCUMENT
};
enum {
    TRACE_ID = 1,
    SPAN_TRACE_ID,
    SPAN_ID,
    PARENT_ID,
    OPERATION,
    START,
    DURATION,
    PROCESS_ID,
    WARNING,
    REF_TYPE,
    REF_TRACE,
    REF_SPAN,
    KEY,
    VALUE,
    PROCESS_KEY,
    PROCESS_VALUE,
    LOG_TIME,
    LOG_KEY,
    LOG_VALUE,
    SERVICE,
    PROBLEM_TEXT,
    PROBLEM_TRACE,
};

static const struct lci_json_field tag_fields[] = {LCI_FIELD("key", KEY, NULL), LCI_FIELD("type", 0, NULL),
                                                   LCI_FIELD("value", VALUE, NULL)};
static const struct lci_object tag = LCI_OBJECT(TAG, tag_fields);

static const struct lci_json_field log_value_fields[] = {LCI_FIELD("key", LOG_KEY, NULL), LCI_FIELD("type", 0, NULL),
                                                         LCI_FIELD("value", LOG_VALUE, NULL)};
static const struct lci_object log_value = LCI_OBJECT(LOG_FIELD, log_value_fields);

static const struct lci_json_field log_fields[] = {LCI_FIELD("timestamp", LOG_TIME, NULL),
                                                   LCI_FIELD("fields", 0, &log_value)};
static const struct lci_object log_object = LCI_OBJECT(LOG, log_fields);

static const struct lci_json_field reference_fields[] = {
    LCI_FIELD("refType", REF_TYPE, NULL), LCI_FIELD("traceID", REF_TRACE, NULL), LCI_FIELD("spanID", REF_SPAN, NULL)};
static const struct lci_object reference = LCI_OBJECT(REFERENCE, reference_fields);

static const struct lci_json_field process_tag_fields[] = {
    LCI_FIELD("key", PROCESS_KEY, NULL), LCI_FIELD("type", 0, NULL), LCI_FIELD("value", PROCESS_VALUE, NULL)};
static const struct lci_object process_tag = LCI_OBJECT(PROCESS_TAG, process_tag_fields);

static const struct lci_json_field any_flat = LCI_FIELD("", VALUE, NULL),
                                   any_process_flat = LCI_FIELD("", PROCESS_VALUE, NULL);
static const struct lci_object flat = {.id = FLAT, .any = &any_flat};
static const struct lci_object process_flat = {.id = PROCESS_FLAT, .any = &any_process_flat};

static const struct lci_json_field process_fields[] = {
    LCI_FIELD("serviceName", SERVICE, NULL), LCI_FIELD("tags", 0, &process_tag), LCI_FIELD("tag", 0, &process_flat)};
static const struct lci_object process = LCI_OBJECT(PROCESS, process_fields);
static const struct lci_object embedded_process = LCI_OBJECT(EMBEDDED_PROCESS, process_fields);

static const struct lci_json_field any_process = LCI_FIELD("", 0, &process);
static const struct lci_object processes = {.id = PROCESSES, .any = &any_process};

#define SPAN_FIELDS                                                                                                    \
    LCI_FIELD("traceID", SPAN_TRACE_ID, NULL), LCI_FIELD("spanID", SPAN_ID, NULL),                                     \
        LCI_FIELD("parentSpanID", PARENT_ID, NULL), LCI_FIELD("flags", 0, NULL),                                       \
        LCI_FIELD("operationName", OPERATION, NULL), LCI_FIELD("references", 0, &reference),                           \
        LCI_FIELD("startTime", START, NULL), LCI_FIELD("duration", DURATION, NULL), LCI_FIELD("tags", 0, &tag),        \
        LCI_FIELD("logs", 0, &log_object), LCI_FIELD("processID", PROCESS_ID, NULL),                                   \
        LCI_FIELD("warnings", WARNING, NULL), LCI_FIELD("process", 0, &embedded_process), LCI_FIELD("tag", 0, &flat)
static const struct lci_json_field span_fields[] = {SPAN_FIELDS};
static const struct lci_object span_object = LCI_OBJECT(SPAN, span_fields);

static const struct lci_json_field problem_fields[] = {LCI_FIELD("msg", PROBLEM_TEXT, NULL),
                                                       LCI_FIELD("traceID", PROBLEM_TRACE, NULL)};
static const struct lci_object problem = LCI_OBJECT(PROBLEM, problem_fields);

static const struct lci_object trace_object;
static const struct lci_json_field trace_fields[] = {
    LCI_FIELD("traceID", TRACE_ID, NULL), LCI_FIELD("spans", 0, &span_object), LCI_FIELD("processes", 0, &processes),
    LCI_FIELD("data", 0, &trace_object), LCI_FIELD("errors", 0, &problem)};
static const struct lci_object trace_object = LCI_OBJECT(TRACE, trace_fields);

/* A document is a span, or holds one as its source, or is the answer with all that were found. */
static const struct lci_json_field hit_fields[] = {LCI_FIELD("_source", 0, &span_object)};
static const struct lci_object hit = LCI_OBJECT(NOTHING, hit_fields);
static const struct lci_json_field hits_fields[] = {LCI_FIELD("hits", 0, &hit)};
static const struct lci_object hits = LCI_OBJECT(NOTHING, hits_fields);
static const struct lci_json_field document_fields[] = {SPAN_FIELDS, LCI_FIELD("_source", 0, &span_object),
                                                        LCI_FIELD("hits", 0, &hits)};
static const struct lci_object document = LCI_OBJECT(DOCUMENT, document_fields);

struct process {
    lc_symbol name; /* "p1"; EMBEDDED + n for the n-th process that a span carried itself */
    struct lci_resource resource;
};

struct jaeger {
    struct lci_trace_reader reader;
    struct lci_trace_id trace;
    char id_text[32]; /* the trace id read last: spans and references repeat it */
    size_t id_length;
    struct lci_trace_id id;
    bool id_named;
    struct process *processes;
    size_t process_count, process_capacity;
    uint32_t embedded;
    struct lci_attribute_list list; /* attributes of the processes */
    bool envelope;                  /* the document holds spans and is none */
    char *problem;                  /* what Jaeger reported of a trace, or of the whole answer */
    struct lci_trace_id *damaged;   /* traces of which it reported something */
    size_t damaged_count, damaged_capacity;
    struct lci_pair pair;
    struct lci_reference reference;
    struct lc_event event;
    enum { LOG_OTHER, LOG_NAME, LOG_TYPE, LOG_ID } log_key;
};

static struct lci_trace_id trace_id_of(struct jaeger *j, const char *text, size_t length)
{
    struct lci_trace_reader *r = &j->reader;
    if (length == 0 || length > sizeof j->id_text)
        return lci_trace_id_of(r, text, length);
    if (length != j->id_length || memcmp(text, j->id_text, length) != 0) {
        const bool named = r->draft.named;
        r->draft.named = false;
        j->id = lci_trace_id_of(r, text, length);
        j->id_named = r->draft.named;
        r->draft.named = named;
        memcpy(j->id_text, text, length);
        j->id_length = length;
    }
    r->draft.named |= j->id_named;
    return j->id;
}

static struct process *new_process(struct jaeger *j, lc_symbol name)
{
    LC_GROW(j->processes, j->process_count, j->process_capacity);
    struct process *p = &j->processes[j->process_count++];
    *p = (struct process){.name = name, .resource = {.first = (uint32_t)j->list.count}};
    return p;
}

static struct process *current_process(struct jaeger *j)
{
    return &j->processes[j->process_count - 1];
}

static void end_process(struct jaeger *j)
{
    struct lci_resource *resource = &current_process(j)->resource;
    resource->count = (uint32_t)j->list.count - resource->first;
}

static int by_name(const void *left, const void *right)
{
    const struct process *a = left, *b = right;
    return (a->name > b->name) - (a->name < b->name);
}

/* The trace is read: its spans get their processes, and go. Until here a span's service was the name of its process. */
static void end_trace(struct jaeger *j)
{
    struct lci_batch *b = &j->reader.batch;
    if (j->process_count > 1)
        qsort(j->processes, j->process_count, sizeof *j->processes, by_name);
    const struct process *found = NULL;
    for (size_t i = 0; i < b->span_count; i++) {
        struct lc_span *span = &b->spans[i];
        if ((b->ids[i].high | b->ids[i].low) == 0)
            b->ids[i] = j->trace;
        if (found == NULL || found->name != span->service) {
            const struct process wanted = {.name = span->service};
            found = j->process_count > 0
                        ? bsearch(&wanted, j->processes, j->process_count, sizeof *j->processes, by_name)
                        : NULL;
        }
        static const struct lci_resource nothing;
        lci_resource_apply(&j->reader, found != NULL ? &found->resource : &nothing, &j->list, span);
    }
    lci_assemble(j->reader.context->assembler, b);
    lci_batch_clear(b);
    j->process_count = j->list.count = 0;
    j->embedded = 0;
    j->trace = (struct lci_trace_id){0, 0};
}

/* The trace may be missing, or lack spans; it may follow. */
static void end_problem(struct jaeger *j)
{
    const bool known = (j->trace.high | j->trace.low) != 0;
    lc_warn(j->reader.context->diag, &(struct lc_place){j->reader.file, 0, 0, -1}, "Jaeger reported \"%s\" %s",
            j->problem != NULL ? j->problem : "", known ? "of a trace: spans of it are missing" : "instead of a trace");
    if (known) {
        LC_GROW(j->damaged, j->damaged_count, j->damaged_capacity);
        j->damaged[j->damaged_count++] = j->trace;
    }
    j->trace = (struct lci_trace_id){0, 0};
    free(j->problem);
    j->problem = NULL;
}

static void begin(void *reader, unsigned object)
{
    struct jaeger *j = reader;
    switch (object) {
    case TRACE: end_trace(j); break;
    case DOCUMENT:
        j->envelope = false;
        lci_span_begin(&j->reader);
        break;
    case SPAN:
        j->envelope = true;
        lci_span_begin(&j->reader);
        break;
    case REFERENCE: j->reference = (struct lci_reference){.follows = false}; break;
    case TAG:
    case PROCESS_TAG: lci_pair_begin(&j->pair); break;
    case LOG: j->event = (struct lc_event){0}; break;
    case LOG_FIELD: j->log_key = LOG_OTHER; break;
    case EMBEDDED_PROCESS:
        new_process(j, EMBEDDED + j->embedded);
        j->reader.draft.span->service = EMBEDDED + j->embedded++;
        break;
    default: break;
    }
}

static void end(void *reader, unsigned object)
{
    struct jaeger *j = reader;
    struct lci_draft *d = &j->reader.draft;
    switch (object) {
    case TRACE: end_trace(j); break;
    case SPAN: lci_span_end(&j->reader); break;
    case PROBLEM: end_problem(j); break;
    case DOCUMENT:
        if (!j->envelope)
            lci_span_end(&j->reader);
        if (j->reader.batch.span_count >= BATCH)
            end_trace(j);
        break;
    case REFERENCE:
        LC_GROW(d->references, d->reference_count, d->reference_capacity);
        d->references[d->reference_count++] = j->reference;
        break;
    case TAG:
        if (j->pair.has_value && j->pair.name != NULL)
            lci_span_attribute(&j->reader, j->pair.name, j->pair.value, j->pair.length);
        break;
    case PROCESS_TAG:
        if (j->pair.has_value && j->pair.name != NULL)
            lci_resource_attribute(&j->reader, &current_process(j)->resource, &j->list, j->pair.name, j->pair.value,
                                   j->pair.length);
        break;
    case LOG:
        if (j->event.name | j->event.type | j->event.id)
            lci_push_event(&j->reader, &j->event);
        break;
    case PROCESS:
    case EMBEDDED_PROCESS: end_process(j); break;
    default: break;
    }
}

static void any_key(void *reader, unsigned object, const char *text, size_t length)
{
    struct jaeger *j = reader;
    char name[128];
    if (object == PROCESSES) {
        new_process(j, lci_symbol(j->reader.context, text, length));
    } else {
        lci_pair_begin(&j->pair);
        for (size_t i = 0; i < length && length < sizeof name; i++)
            name[i] = text[i] == '@' ? '.' : text[i];
        lci_pair_key(&j->pair, j->reader.context->attributes, name, length < sizeof name ? length : 0);
    }
}

static bool is(const char *text, size_t length, const char *word, size_t word_length)
{
    return length == word_length && memcmp(text, word, length) == 0;
}
#define IS(word) is(text, length, word, sizeof(word) - 1)

static void log_value_of(struct jaeger *j, const char *text, size_t length)
{
    switch (j->log_key) {
    case LOG_NAME: j->event.name = lci_event_symbol(j->reader.context, text, length); break;
    case LOG_TYPE: j->event.type = lci_event_symbol(j->reader.context, text, length); break;
    case LOG_ID: j->event.id = lci_event_symbol(j->reader.context, text, length); break;
    case LOG_OTHER: break;
    }
}

static void value(void *reader, unsigned field, enum lci_json_type type, const char *text, size_t length)
{
    static const char adjusted[] = "This span's timestamps were adjusted by";
    struct jaeger *j = reader;
    struct lci_trace_reader *r = &j->reader;
    struct lci_draft *d = &r->draft;
    (void)type;
    switch (field) {
    case TRACE_ID: j->trace = trace_id_of(j, text, length); break;
    case SPAN_TRACE_ID: d->trace = trace_id_of(j, text, length); break;
    case SPAN_ID: d->span->id = lci_span_id_of(r, text, length); break;
    case PARENT_ID:
        d->parent = lci_span_id_of(r, text, length);
        d->bare = true;
        break;
    case OPERATION: d->span->operation = lci_symbol(r->context, text, length); break;
    case START: lci_span_start(r, text, length, MICROSECONDS); break;
    case DURATION: lci_span_duration(r, text, length, MICROSECONDS); break;
    case PROCESS_ID:
        if (d->span->service < EMBEDDED)
            d->span->service = lci_symbol(r->context, text, length);
        break;
    case WARNING:
        if (length >= sizeof adjusted && memcmp(text, adjusted, sizeof adjusted - 1) == 0)
            d->span->flags |= LC_SPAN_SKEW_ADJUSTED;
        break;
    case REF_TYPE: j->reference.follows = IS("FOLLOWS_FROM"); break;
    case REF_TRACE: j->reference.trace = trace_id_of(j, text, length); break;
    case REF_SPAN: j->reference.id = lci_span_id_of(r, text, length); break;
    case KEY:
    case PROCESS_KEY: lci_pair_key(&j->pair, r->context->attributes, text, length); break;
    case VALUE:
        if (lci_pair_value(&j->pair, text, length))
            lci_span_attribute(r, j->pair.name, text, length);
        break;
    case PROCESS_VALUE:
        if (lci_pair_value(&j->pair, text, length))
            lci_resource_attribute(r, &current_process(j)->resource, &j->list, j->pair.name, text, length);
        break;
    case LOG_TIME: j->event.time = lci_event_time(r, text, length, MICROSECONDS); break;
    case LOG_KEY: j->log_key = IS("event") ? LOG_NAME : IS("type") ? LOG_TYPE : IS("id") ? LOG_ID : LOG_OTHER; break;
    case LOG_VALUE: log_value_of(j, text, length); break;
    case SERVICE: current_process(j)->resource.service = lci_symbol(r->context, text, length); break;
    case PROBLEM_TEXT:
        free(j->problem);
        j->problem = lc_format("%.*s", (int)(length < 200 ? length : 200), text);
        break;
    case PROBLEM_TRACE: j->trace = trace_id_of(j, text, length); break;
    default: break;
    }
}

static void start(struct lci_trace_reader *reader)
{
    reader->batch.complete = true;
}

static int finish(struct lci_trace_reader *reader, struct lc_diag *diag)
{
    struct jaeger *j = (struct jaeger *)reader;
    (void)diag;
    end_trace(j);
    for (size_t i = 0; i < j->damaged_count; i++)
        lci_mark_incomplete(reader->context->assembler, &j->damaged[i]);
    return 0;
}

static void stop(struct lci_trace_reader *reader)
{
    struct jaeger *j = (struct jaeger *)reader;
    free(j->processes);
    free(j->list.items);
    free(j->pair.value);
    free(j->problem);
    free(j->damaged);
}

static const struct lci_grammar grammar = {
    .root = &trace_object, .begin = begin, .end = end, .value = value, .any_key = any_key};
static const char *const signs[] = {"data.traceID",  "data.spans", "data.processes", "data[]", "spans.spanID",
                                    "spans.traceID", "spans[]",    "processes",      "[]",     NULL};
const struct lci_format lci_jaeger = {.name = "Jaeger JSON",
                                      .signs = signs,
                                      .grammar = &grammar,
                                      .size = sizeof(struct jaeger),
                                      .start = start,
                                      .finish = finish,
                                      .stop = stop};

static const struct lci_grammar document_grammar = {
    .root = &document, .begin = begin, .end = end, .value = value, .any_key = any_key};
static const char *const document_signs[] = {"startTimeMillis",
                                             "operationName",
                                             "_source.startTimeMillis",
                                             "_source.operationName",
                                             "hits.hits._source.startTimeMillis",
                                             "hits.hits._source.operationName",
                                             NULL};
const struct lci_format lci_jaeger_documents = {.name = "Jaeger's Elasticsearch documents",
                                                .signs = document_signs,
                                                .grammar = &document_grammar,
                                                .size = sizeof(struct jaeger),
                                                .finish = finish,
                                                .stop = stop};
