/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Well-known attributes: every name that a convention, old or new, gives them. Which are kept:
 *
 * - A well-known attribute is kept under its key whatever its name was. When a span has it twice, the first wins.
 * - Texts of which every request has another are kept in a form that tells operations apart, not requests (form.c):
 *   LC_ATTR_DB_QUERY as "SELECT FROM orders", LC_ATTR_URL_PATH and LC_ATTR_URL_FULL with numbers, ids and the query
 * left out.
 * - What the caller asks for by name is kept whole under LC_ATTR_OTHER + i, besides. Asking for a well-known attribute
 *   by any of its names gives the value under all of its names: `url.path` is also found in http.target and http.url.
 * - Of a resource only what was asked for, the test and pipeline it belongs to and the sampler are given to its spans.
 * - All else is left out: it would cost memory and nobody reads it.
 */
#include "attribute.h"

#include "flow_columns.h"
#include "symbols.h"

#include "base/table.h"

#include <stdlib.h>
#include <string.h>

#define NAME(text_, key_)                                                                                              \
    {                                                                                                                  \
        .text = (text_), .length = sizeof(text_) - 1, .key = LC_ATTR_##key_                                            \
    }
#define FORM(text_, key_, form_)                                                                                       \
    {                                                                                                                  \
        .text = (text_), .length = sizeof(text_) - 1, .key = LC_ATTR_##key_, .form = (form_)                           \
    }
#define ROLE(text_, role_, rank_)                                                                                      \
    {                                                                                                                  \
        .text = (text_), .length = sizeof(text_) - 1, .role = LCI_ROLE_##role_, .rank = (rank_)                        \
    }

#define FLOW(text_, column_)                                                                                           \
    {                                                                                                                  \
        .text = (text_), .length = sizeof(text_) - 1, .role = LCI_ROLE_FLOW, .rank = LCI_COLUMN_##column_              \
    }

static const struct lci_name names[] = {
    NAME("db.system.name", DB_SYSTEM),
    NAME("db.system", DB_SYSTEM),
    NAME("db.type", DB_SYSTEM),
    NAME("db.namespace", DB_NAMESPACE),
    NAME("db.name", DB_NAMESPACE),
    NAME("db.instance", DB_NAMESPACE),
    NAME("db.redis.database_index", DB_NAMESPACE),
    NAME("db.operation.name", DB_OPERATION),
    NAME("db.operation", DB_OPERATION),
    FORM("db.query.text", DB_QUERY, LCI_STATEMENT),
    FORM("db.statement", DB_QUERY, LCI_STATEMENT),
    FORM("sql.query", DB_QUERY, LCI_STATEMENT),
    FORM("query", DB_QUERY, LCI_SQL), /* OpenCensus for PHP */
    NAME("db.collection.name", DB_COLLECTION),
    NAME("db.sql.table", DB_COLLECTION),
    NAME("db.mongodb.collection", DB_COLLECTION),
    NAME("db.cassandra.table", DB_COLLECTION),
    NAME("db.query.summary", DB_SUMMARY),
    NAME("http.request.method", HTTP_METHOD),
    NAME("http.method", HTTP_METHOD),
    NAME("http.response.status_code", HTTP_STATUS),
    NAME("http.status_code", HTTP_STATUS),
    NAME("http.route", HTTP_ROUTE),
    NAME("http.request.resend_count", HTTP_RESEND),
    NAME("http.resend_count", HTTP_RESEND),
    FORM("url.full", URL_FULL, LCI_URL),
    FORM("http.url", URL_FULL, LCI_URL),
    FORM("url.path", URL_PATH, LCI_PATH),
    FORM("http.target", URL_PATH, LCI_PATH),
    FORM("http.path", URL_PATH, LCI_PATH),
    NAME("rpc.system.name", RPC_SYSTEM),
    NAME("rpc.system", RPC_SYSTEM),
    NAME("rpc.service", RPC_SERVICE),
    NAME("rpc.method", RPC_METHOD),
    NAME("rpc.status_code", RPC_STATUS),
    NAME("rpc.response.status_code", RPC_STATUS),
    NAME("rpc.grpc.status_code", RPC_STATUS),
    NAME("messaging.system", MESSAGING_SYSTEM),
    NAME("messaging.destination.name", MESSAGING_DESTINATION),
    NAME("messaging.destination", MESSAGING_DESTINATION),
    NAME("message_bus.destination", MESSAGING_DESTINATION),
    NAME("kafka.topic", MESSAGING_DESTINATION),
    NAME("messaging.operation.type", MESSAGING_OPERATION),
    NAME("messaging.operation", MESSAGING_OPERATION),
    NAME("messaging.operation.name", MESSAGING_OPERATION),
    NAME("messaging.message.id", MESSAGING_ID),
    NAME("messaging.message_id", MESSAGING_ID),
    NAME("messaging.batch.message_count", MESSAGING_BATCH),
    NAME("messaging.message.body.size", MESSAGING_SIZE),
    NAME("messaging.message.payload_size_bytes", MESSAGING_SIZE),
    NAME("messaging.message_payload_size_bytes", MESSAGING_SIZE),
    NAME("messaging.message.envelope.size", MESSAGING_SIZE),
    NAME("kafka.record.queue_time_ms", MESSAGING_QUEUE_MS),
    NAME("record.time_in_queue", MESSAGING_QUEUE_MS),
    NAME("messaging.message.receive.latency", MESSAGING_QUEUE_MS),
    NAME("messaging.servicebus.message.enqueued_time", MESSAGING_ENQUEUED),
    NAME("messaging.eventhubs.message.enqueued_time", MESSAGING_ENQUEUED),
    NAME("faas.trigger", FAAS),
    NAME("faas.name", FAAS),
    NAME("faas.invoked_name", FAAS),
    NAME("service.peer.name", PEER_SERVICE),
    NAME("peer.service", PEER_SERVICE),
    NAME("server.address", SERVER_ADDRESS),
    NAME("net.peer.name", SERVER_ADDRESS),
    NAME("peer.hostname", SERVER_ADDRESS),
    NAME("peer.address", SERVER_ADDRESS),
    NAME("http.host", SERVER_ADDRESS),
    NAME("server.port", SERVER_PORT),
    NAME("net.peer.port", SERVER_PORT),
    NAME("peer.port", SERVER_PORT),
    NAME("network.peer.address", NETWORK_PEER),
    NAME("net.peer.ip", NETWORK_PEER),
    NAME("net.sock.peer.addr", NETWORK_PEER),
    NAME("peer.ipv4", NETWORK_PEER),
    NAME("peer.ipv6", NETWORK_PEER),
    NAME("queue_id", QUEUE_ID),
    NAME("test.case.name", TEST_CASE),
    NAME("test.suite.name", TEST_SUITE),
    NAME("cicd.pipeline.run.id", PIPELINE_RUN),
    NAME("sampler.type", SAMPLER_TYPE),
    NAME("sampler.param", SAMPLER_PARAM),
    FORM("w3c.tracestate", SAMPLING_THRESHOLD, LCI_THRESHOLD),
    ROLE("span.kind", KIND, 0),
    ROLE("error", ERROR, 0),
    ROLE("otel.status_code", STATUS, 0),
    ROLE("service.name", SERVICE, 0),
    ROLE("service.instance.id", INSTANCE, 1),
    ROLE("k8s.pod.name", INSTANCE, 2),
    ROLE("k8s.pod.uid", INSTANCE, 3),
    ROLE("container.id", INSTANCE, 4),
    ROLE("container.name", INSTANCE, 5),
    ROLE("client-uuid", INSTANCE, 6),
    ROLE("host.id", HOST, 1),
    ROLE("host.ip", HOST, 2),
    ROLE("host.name", HOST, 3),
    ROLE("hostname", HOST, 4),
    ROLE("ip", HOST, 5),
    ROLE("k8s.node.name", HOST, 6),
    ROLE("service.version", RELEASE, 0),
    ROLE("service.namespace", NAMESPACE, 0),
    ROLE("deployment.environment.name", ENVIRONMENT, 0),
    ROLE("deployment.environment", ENVIRONMENT, 0),
    FLOW("df.flow_info.id", ID),
    FLOW("df.flow_info.flow_id", CONNECTION),
    FLOW("df.capture_info.observation_point", POINT),
    FLOW("df.capture_info.tap_side", POINT),
    FLOW("df.capture_info.signal_source", SOURCE),
    FLOW("df.capture_info.agent", AGENT),
    FLOW("df.capture_info.vtap", AGENT),
    FLOW("df.network.protocol", TRANSPORT),
    FLOW("df.network.ip_0", IP_0),
    FLOW("df.network.ip_1", IP_1),
    FLOW("df.transport.server_port", PORT),
    FLOW("df.transport.req_tcp_seq", SEQ_0),
    FLOW("df.transport.resp_tcp_seq", SEQ_1),
    FLOW("df.application.l7_protocol", L7),
    FLOW("df.span.x_request_id_0", X_REQUEST_0),
    FLOW("df.span.x_request_id_1", X_REQUEST_1),
    FLOW("df.span.syscall_trace_id_request", SYSCALL_0),
    FLOW("df.span.syscall_trace_id_response", SYSCALL_1),
    FLOW("df.span.syscall_cap_seq_0", CAPTURE_0),
    FLOW("df.span.syscall_cap_seq_1", CAPTURE_1),
    FLOW("df.span.native.trace_id", TRACE_ID),
    FLOW("df.span.native.span_id", SPAN_ID),
    FLOW("df.span.type", TYPE),
    FLOW("df.span.endpoint", ENDPOINT),
    FLOW("df.global.request_id", REQUEST_ID),
    FLOW("df.http.path", RESOURCE),
    FLOW("df.http.proxy_client", PROXY),
    FLOW("df.universal_tag.auto_service_0", SERVICE_0),
    FLOW("df.universal_tag.auto_service_1", SERVICE_1),
    FLOW("df.universal_tag.auto_instance_0", INSTANCE_0),
    FLOW("df.universal_tag.auto_instance_1", INSTANCE_1),
    FLOW("df.universal_tag.auto_instance_type_0", INSTANCE_TYPE_0),
    FLOW("df.universal_tag.auto_instance_type_1", INSTANCE_TYPE_1),
    FLOW("df.universal_tag.pod_0", POD_0),
    FLOW("df.universal_tag.pod_1", POD_1),
    FLOW("process.pid_0", PROCESS_0),
    FLOW("process.pid_1", PROCESS_1),
    FLOW("thread.name_0", KNAME_0),
    FLOW("thread.name_1", KNAME_1),
};
#define NAME_COUNT (sizeof names / sizeof *names)

struct lci_attributes {
    struct lci_name *names;
    size_t count;
    struct lci_table table;
    uint32_t asked[LC_ATTR_OTHER]; /* by key: 1 + index into `keep` of the first name asked for */
};

/* Names are looked up for every attribute of every span: five of their bytes tell almost all of them apart. */
static inline uint32_t hash_of(const char *text, size_t length)
{
    const unsigned char *t = (const unsigned char *)text;
    uint32_t h = (uint32_t)length * 0x9E3779B1u;
    h = (h ^ t[0]) * 0x85EBCA6Bu;
    h = (h ^ t[length / 2]) * 0xC2B2AE35u;
    h = (h ^ t[length - 1]) * 0x27D4EB2Fu;
    h = (h ^ t[length > 4 ? length - 4 : 0]) * 0x165667B1u;
    return h ^ (h >> 15);
}

const struct lci_name *lci_name_of(const struct lci_attributes *a, const char *text, size_t length)
{
    if (length == 0)
        return NULL;
    uint32_t at;
    LCI_TABLE_FIND(&a->table, hash_of(text, length), at,
                   a->names[at].length == length && lci_same_text(a->names[at].text, text, length));
    return at != LCI_ABSENT ? &a->names[at] : NULL;
}

static void insert(struct lci_attributes *a, const struct lci_name *name)
{
    lci_table_add(&a->table, hash_of(name->text, name->length), a->count);
    a->names[a->count++] = *name;
}

struct lci_attributes *lci_attributes_new(const char *const *keep)
{
    size_t wanted = 0;
    while (keep != NULL && keep[wanted] != NULL && wanted < 10000)
        wanted++;
    struct lci_attributes *a = lc_calloc(1, sizeof *a);
    a->names = lc_calloc(NAME_COUNT + wanted, sizeof *a->names);
    lci_table_clear(&a->table, 2 * (NAME_COUNT + wanted)); /* roomy: most lookups find nothing */
    for (size_t i = 0; i < NAME_COUNT; i++)
        insert(a, &names[i]);
    for (size_t i = 0; i < wanted; i++) {
        if (keep[i][0] == 0)
            continue;
        struct lci_name *known = (struct lci_name *)lci_name_of(a, keep[i], strlen(keep[i]));
        if (known == NULL) {
            insert(a,
                   &(struct lci_name){.text = keep[i], .length = (uint32_t)strlen(keep[i]), .asked = (uint32_t)i + 1});
            continue;
        }
        if (known->asked == 0)
            known->asked = (uint32_t)i + 1;
        if (known->key != LC_ATTR_NONE && a->asked[known->key] == 0)
            a->asked[known->key] = (uint32_t)i + 1;
    }
    return a;
}

void lci_attributes_free(struct lci_attributes *a)
{
    if (a == NULL)
        return;
    free(a->names);
    lci_table_free(&a->table);
    free(a);
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

static void push(struct lci_attribute_list *list, uint32_t key, lc_symbol value)
{
    LC_GROW(list->items, list->count, list->capacity);
    list->items[list->count++] = (struct lc_attribute){key, value};
}

/* Pushes a value unless the key is there already; the first one wins. */
static void keep(struct lci_context *context, struct lci_attribute_list *list, size_t first, uint32_t key,
                 const char *text, size_t length)
{
    for (size_t i = first; i < list->count; i++)
        if (list->items[i].key == key)
            return;
    lc_symbol *recent = key < LC_ATTR_OTHER ? &context->recent[key] : NULL;
    lc_symbol value = recent != NULL ? *recent : 0;
    if (!lci_symbol_is(context->symbols, value, text, length)) {
        value = lci_value_symbol(context, text, length);
        if (recent != NULL)
            *recent = value;
    }
    if (value != 0 && list->count - first < UINT16_MAX)
        push(list, key, value);
}

/* The path inside a URL or a request target: without scheme, host and query. */
static const char *path_of(const char *text, size_t *length)
{
    const char *end = text + *length, *scheme = lci_scheme_end(text, *length);
    if (scheme != NULL) {
        const char *slash = memchr(scheme + 3, '/', (size_t)(end - scheme - 3));
        text = slash != NULL ? slash : end;
    }
    const char *query = text;
    while (query < end && *query != '?' && *query != '#')
        query++;
    *length = (size_t)(query - text);
    return text;
}

/* Keeps a value under its key and under what was asked for. */
static void keep_all(struct lci_context *context, struct lci_attribute_list *list, size_t first,
                     const struct lci_name *name, bool own, const char *text, size_t length)
{
    const struct lci_attributes *a = context->attributes;
    char form[LCI_FORM_SIZE];
    if (own && name->key != LC_ATTR_NONE) {
        const bool whole = name->form == LCI_WHOLE && length <= sizeof form; /* as most are, and needs no copy */
        keep(context, list, first, name->key, whole ? text : form,
             whole ? length : lci_form(name->form, text, length, form));
    }
    if (name->asked != 0)
        keep(context, list, first, LC_ATTR_OTHER + name->asked - 1, text, length);
    const uint32_t asked = a->asked[name->key];
    if (name->key == LC_ATTR_URL_FULL || name->key == LC_ATTR_URL_PATH) {
        size_t path_length = length;
        const char *path = path_of(text, &path_length);
        if (own && name->key == LC_ATTR_URL_FULL)
            keep(context, list, first, LC_ATTR_URL_PATH, form, lci_form(LCI_PATH, path, path_length, form));
        if (a->asked[LC_ATTR_URL_PATH] != 0)
            keep(context, list, first, LC_ATTR_OTHER + a->asked[LC_ATTR_URL_PATH] - 1, path, path_length);
    }
    if (asked != 0 && asked != name->asked && name->key != LC_ATTR_URL_PATH)
        keep(context, list, first, LC_ATTR_OTHER + asked - 1, text, length);
}

static bool same(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

void lci_span_attribute(struct lci_trace_reader *reader, const struct lci_name *name, const char *text, size_t length)
{
    struct lc_span *span = reader->draft.span;
    switch (name->role) {
    case LCI_ROLE_KIND: span->kind = lci_kind_of(text, length); break;
    case LCI_ROLE_ERROR:
        if (!same(text, length, "false") && !same(text, length, "0"))
            span->flags |= LC_SPAN_ERROR;
        break;
    case LCI_ROLE_STATUS:
        if (same(text, length, "error"))
            span->flags |= LC_SPAN_ERROR;
        break;
    case LCI_ROLE_FLOW: lci_flow_set(reader, lci_span_flow(reader), name->rank, text, length); break;
    default: break;
    }
    struct lci_batch *b = &reader->batch;
    struct lci_attribute_list list = {b->attributes, b->attribute_count, b->attribute_capacity};
    keep_all(reader->context, &list, span->first_attribute, name, true, text, length);
    b->attributes = list.items;
    b->attribute_count = list.count;
    b->attribute_capacity = list.capacity;
}

/* The first element of an array that is written as JSON text, as Jaeger does for arrays. */
static const char *first_of(const char *text, size_t *length)
{
    if (*length < 4 || text[0] != '[' || text[1] != '"')
        return text;
    const char *end = memchr(text + 2, '"', *length - 2);
    if (end == NULL)
        return text;
    *length = (size_t)(end - text - 2);
    return text + 2;
}

void lci_resource_attribute(struct lci_trace_reader *reader, struct lci_resource *resource,
                            struct lci_attribute_list *list, const struct lci_name *name, const char *text,
                            size_t length)
{
    struct lci_context *context = reader->context;
    const bool own = name->key >= LC_ATTR_TEST_CASE && name->key <= LC_ATTR_SAMPLER_PARAM;
    keep_all(context, list, resource->first, name, own, text, length);
    if (length == 0)
        return;
    switch (name->role) {
    case LCI_ROLE_FLOW:
        if (resource->flow == 0) {
            LC_GROW(reader->resources, reader->resource_count, reader->resource_capacity);
            reader->resources[reader->resource_count++] = (struct lci_flow_draft){0};
            resource->flow = (uint32_t)reader->resource_count;
        }
        lci_flow_set(reader, &reader->resources[resource->flow - 1], name->rank, text, length);
        break;
    case LCI_ROLE_SERVICE: resource->service = lci_symbol(context, text, length); break;
    case LCI_ROLE_RELEASE: resource->release = lci_symbol(context, text, length); break;
    case LCI_ROLE_NAMESPACE: resource->space = lci_symbol(context, text, length); break;
    case LCI_ROLE_ENVIRONMENT: resource->environment = lci_symbol(context, text, length); break;
    case LCI_ROLE_INSTANCE:
        if (resource->instance_rank == 0 || name->rank < resource->instance_rank) {
            resource->instance = lci_symbol(context, text, length);
            resource->instance_rank = name->rank;
        }
        break;
    case LCI_ROLE_HOST:
        if (resource->host_rank == 0 || name->rank < resource->host_rank) {
            text = first_of(text, &length);
            resource->host = lci_symbol(context, text, length);
            resource->host_rank = name->rank;
        }
        break;
    default: break;
    }
}

void lci_resources_clear(struct lci_trace_reader *reader)
{
    reader->resource_count = 0;
}

/* What the resource says of the row that the span is; a span without anything of a row becomes none by its resource
 * alone, unless that tells where it was observed. */
static void apply_flow(struct lci_trace_reader *reader, const struct lci_resource *resource, const struct lc_span *span)
{
    struct lci_batch *b = &reader->batch;
    const uint32_t at = (uint32_t)(span - b->spans);
    size_t low = 0, high = b->flow_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (b->flows[middle].span < at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < b->flow_count && b->flows[low].span == at) {
        lci_flow_complete(&b->flows[low], &reader->resources[resource->flow - 1]);
        return;
    }
    LC_GROW(b->flows, b->flow_count, b->flow_capacity);
    memmove(b->flows + low + 1, b->flows + low, (b->flow_count - low) * sizeof *b->flows);
    b->flow_count++;
    b->flows[low] = reader->resources[resource->flow - 1];
    b->flows[low].span = at;
    b->flows[low].flow.parent = LCI_NO_FLOW;
}

void lci_resource_apply(struct lci_trace_reader *reader, const struct lci_resource *resource,
                        const struct lci_attribute_list *list, struct lc_span *span)
{
    struct lci_batch *b = &reader->batch;
    struct lci_context *context = reader->context;
    span->service =
        lci_service_of(&context->services, context->symbols, resource->service, resource->space, resource->environment);
    span->host = resource->host;
    span->instance = resource->instance != 0 ? resource->instance : resource->host;
    span->release = resource->release;
    if (resource->flow != 0)
        apply_flow(reader, resource, span);
    if (resource->count == 0 || span->attribute_count + (size_t)resource->count > UINT16_MAX)
        return;
    /* The span's own attributes move to the end of the array so that the resource's can follow them. */
    const uint32_t first = (uint32_t)b->attribute_count;
    for (uint32_t i = 0; i < span->attribute_count; i++)
        lci_push_attribute(b, b->attributes[span->first_attribute + i].key,
                           b->attributes[span->first_attribute + i].value);
    for (uint32_t i = 0; i < resource->count; i++)
        lci_push_attribute(b, list->items[resource->first + i].key, list->items[resource->first + i].value);
    span->first_attribute = first;
    span->attribute_count = (uint16_t)(span->attribute_count + resource->count);
}

/* ---- pairs ------------------------------------------------------------------------------------------------------- */

void lci_pair_begin(struct lci_pair *pair)
{
    pair->name = NULL;
    pair->has_key = pair->has_value = false;
}

void lci_pair_key(struct lci_pair *pair, const struct lci_attributes *attributes, const char *text, size_t length)
{
    pair->has_key = true;
    pair->name = lci_name_of(attributes, text, length);
}

bool lci_pair_value(struct lci_pair *pair, const char *text, size_t length)
{
    if (pair->has_key || pair->has_value)
        return pair->has_key && pair->name != NULL;
    pair->has_value = true;
    while (pair->capacity < length)
        pair->capacity = pair->capacity ? 2 * pair->capacity : 256;
    pair->value = lc_realloc(pair->value, pair->capacity ? pair->capacity : 1, 1);
    memcpy(pair->value, text, length);
    pair->length = length;
    return false;
}
