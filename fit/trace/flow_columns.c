/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names: https://github.com/deepflowio/deepflow, server/querier/db_descriptions, server/ingester/flow_log/exporters.
 * Columns of the client end with _0, of the server with _1.
 */
#include "flow_columns.h"

#include "attribute.h"
#include "base/table.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PLACE(member) offsetof(struct lci_flow_draft, member), sizeof((struct lci_flow_draft *)0)->member

static const struct column {
    const char *names[4];
    uint16_t offset, size;
} columns[LCI_COLUMNS] = {
    [LCI_COLUMN_ID] = {{"_id", "id"}, PLACE(flow.id)},
    [LCI_COLUMN_START] = {{"start_time", "toUnixTimestamp64Micro(start_time)"}, 0, 0},
    [LCI_COLUMN_START_US] = {{"start_time_us"}, 0, 0},
    [LCI_COLUMN_END] = {{"end_time", "toUnixTimestamp64Micro(end_time)"}, 0, 0},
    [LCI_COLUMN_END_US] = {{"end_time_us"}, 0, 0},
    [LCI_COLUMN_DURATION] = {{"response_duration"}, 0, 0},
    [LCI_COLUMN_AGENT] = {{"agent_id", "vtap_id", "agent", "vtap"}, PLACE(flow.agent)},
    [LCI_COLUMN_CONNECTION] = {{"flow_id"}, PLACE(flow.connection)},
    [LCI_COLUMN_POINT] = {{"observation_point", "tap_side"}, PLACE(flow.point)},
    [LCI_COLUMN_SOURCE] = {{"signal_source"}, PLACE(flow.source)},
    [LCI_COLUMN_TYPE] = {{"type"}, PLACE(flow.type)},
    [LCI_COLUMN_TRANSPORT] = {{"protocol"}, PLACE(flow.transport)},
    [LCI_COLUMN_L7] = {{"l7_protocol"}, PLACE(flow.l7)},
    [LCI_COLUMN_L7_TEXT] = {{"l7_protocol_str", "biz_protocol"}, PLACE(flow.said[LCI_SAID_L7_TEXT])},
    [LCI_COLUMN_VERSION] = {{"version"}, PLACE(flow.said[LCI_SAID_VERSION])},
    [LCI_COLUMN_SEQ_0] = {{"req_tcp_seq"}, PLACE(flow.seq[0])},
    [LCI_COLUMN_SEQ_1] = {{"resp_tcp_seq"}, PLACE(flow.seq[1])},
    [LCI_COLUMN_SYSCALL_0] = {{"syscall_trace_id_request"}, PLACE(flow.syscall[0])},
    [LCI_COLUMN_SYSCALL_1] = {{"syscall_trace_id_response"}, PLACE(flow.syscall[1])},
    [LCI_COLUMN_CAPTURE_0] = {{"syscall_cap_seq_0"}, PLACE(flow.capture[0])},
    [LCI_COLUMN_CAPTURE_1] = {{"syscall_cap_seq_1"}, PLACE(flow.capture[1])},
    [LCI_COLUMN_X_REQUEST_0] = {{"x_request_id_0", "x_request_id"}, PLACE(flow.x_request[0])},
    [LCI_COLUMN_X_REQUEST_1] = {{"x_request_id_1"}, PLACE(flow.x_request[1])},
    [LCI_COLUMN_TRACE_ID] = {{"trace_id", "_trace_id_2"}, PLACE(flow.traces)},
    [LCI_COLUMN_SPAN_ID] = {{"span_id"}, PLACE(flow.span_id)},
    [LCI_COLUMN_PARENT_SPAN_ID] = {{"parent_span_id"}, PLACE(flow.parent_span_id)},
    [LCI_COLUMN_REQUEST_ID] = {{"request_id"}, PLACE(flow.request)},
    [LCI_COLUMN_ENDPOINT] = {{"endpoint"}, PLACE(flow.said[LCI_SAID_ENDPOINT])},
    [LCI_COLUMN_REQUEST_TYPE] = {{"request_type"}, PLACE(flow.said[LCI_SAID_TYPE])},
    [LCI_COLUMN_DOMAIN] = {{"request_domain"}, PLACE(flow.said[LCI_SAID_DOMAIN])},
    [LCI_COLUMN_RESOURCE] = {{"request_resource"}, PLACE(flow.said[LCI_SAID_RESOURCE])},
    [LCI_COLUMN_CODE] = {{"response_code"}, PLACE(flow.said[LCI_SAID_CODE])},
    [LCI_COLUMN_EXCEPTION] = {{"response_exception"}, PLACE(flow.said[LCI_SAID_EXCEPTION])},
    [LCI_COLUMN_RESULT] = {{"response_result"}, PLACE(flow.said[LCI_SAID_RESULT])},
    [LCI_COLUMN_PROXY] = {{"http_proxy_client"}, PLACE(flow.said[LCI_SAID_PROXY])},
    [LCI_COLUMN_STATUS] = {{"response_status"}, PLACE(status)},
    [LCI_COLUMN_PROCESS_0] = {{"process_id_0"}, PLACE(process[0])},
    [LCI_COLUMN_PROCESS_1] = {{"process_id_1"}, PLACE(process[1])},
    [LCI_COLUMN_GPROCESS_0] = {{"gprocess_0", "gprocess_name_0"}, PLACE(gprocess[0])},
    [LCI_COLUMN_GPROCESS_1] = {{"gprocess_1", "gprocess_name_1"}, PLACE(gprocess[1])},
    [LCI_COLUMN_KNAME_0] = {{"process_kname_0"}, PLACE(kname[0])},
    [LCI_COLUMN_KNAME_1] = {{"process_kname_1"}, PLACE(kname[1])},
    [LCI_COLUMN_INSTANCE_0] = {{"auto_instance_0"}, PLACE(instance[0])},
    [LCI_COLUMN_INSTANCE_1] = {{"auto_instance_1"}, PLACE(instance[1])},
    [LCI_COLUMN_INSTANCE_TYPE_0] = {{"auto_instance_type_0"}, PLACE(instance_type[0])},
    [LCI_COLUMN_INSTANCE_TYPE_1] = {{"auto_instance_type_1"}, PLACE(instance_type[1])},
    [LCI_COLUMN_SERVICE_0] = {{"auto_service_0"}, PLACE(service[0])},
    [LCI_COLUMN_SERVICE_1] = {{"auto_service_1"}, PLACE(service[1])},
    [LCI_COLUMN_POD_0] = {{"pod_0"}, PLACE(pod[0])},
    [LCI_COLUMN_POD_1] = {{"pod_1"}, PLACE(pod[1])},
    [LCI_COLUMN_IP_0] = {{"ip_0", "ip4_0", "ip6_0"}, PLACE(ip[0])},
    [LCI_COLUMN_IP_1] = {{"ip_1", "ip4_1", "ip6_1"}, PLACE(ip[1])},
    [LCI_COLUMN_APP_SERVICE] = {{"app_service"}, PLACE(app_service)},
    [LCI_COLUMN_APP_INSTANCE] = {{"app_instance"}, PLACE(app_instance)},
    [LCI_COLUMN_ASYNC] = {{"is_async"}, PLACE(flow.async)},
    [LCI_COLUMN_PORT] = {{"server_port"}, PLACE(flow.port)},
};

unsigned lci_column_of(const char *name, size_t length)
{
    if (length > 6 && memcmp(name, "Enum(", 5) == 0 && name[length - 1] == ')') {
        name += 5;
        length -= 6;
    }
    for (unsigned c = 1; c < LCI_COLUMNS; c++)
        for (size_t i = 0; i < 4 && columns[c].names[i] != NULL; i++)
            if (strlen(columns[c].names[i]) == length && memcmp(columns[c].names[i], name, length) == 0)
                return c;
    return LCI_COLUMN_NONE;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* Text → 64 bits, never 0. */
static uint64_t hash_of(const char *text, size_t length)
{
    uint64_t h = UINT64_C(0x9E3779B97F4A7C15) ^ length, word;
    for (; length >= 8; length -= 8, text += 8) {
        memcpy(&word, text, 8);
        h = (h ^ word) * UINT64_C(0xBF58476D1CE4E5B9);
        h ^= h >> 29;
    }
    word = 0;
    memcpy(&word, text, length);
    h = (h ^ word) * UINT64_C(0x94D049BB133111EB);
    return (h ^ h >> 31) | 1;
}

static uint64_t number_of(const char *text, size_t length)
{
    int64_t number = 0;
    if (lci_integer_of(text, length, 0, &number) == LCI_INTEGER_OK)
        return (uint64_t)number;
    uint64_t sum = 0; /* beyond 63 bits */
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return hash_of(text, length);
        sum = 10 * sum + (unsigned)(text[i] - '0');
    }
    return sum;
}

static bool is_zero(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] != '0' && text[i] != '-')
            return false;
    return true;
}

struct word { /* of an enumeration */
    const char *name;
    unsigned number;
};

/* A number, or the name of one. `otherwise`: what an unknown name is. */
static unsigned enumerated(const char *text, size_t length, const struct word *words, size_t count, unsigned otherwise)
{
    for (size_t i = 0; i < count && (*text < '0' || *text > '9'); i++)
        if (strlen(words[i].name) == length && strncasecmp(words[i].name, text, length) == 0)
            return words[i].number;
    int64_t number = 0;
    return lci_integer_of(text, length, 0, &number) == LCI_INTEGER_OK && number >= 0 && number < 65536
               ? (unsigned)number
               : otherwise;
}
#define ENUMERATED(words, otherwise) enumerated(text, length, words, sizeof(words) / sizeof *(words), otherwise)

static const struct word types[] = {{"request", 0}, {"response", 1}, {"session", 2}};
static const struct word sources[] = {{"packet", 0}, {"xflow", 1}, {"ebpf", 3}, {"otel", 4}};
static const struct word transports[] = {{"tcp", 6}, {"udp", 17}};
static const struct word statuses[] = {{"ok", 0},           {"success", 0},      {"normal", 0},  {"timeout", 2},
                                       {"server error", 3}, {"client error", 4}, {"unknown", 5}, {"parse failed", 6},
                                       {"server_error", 3}, {"client_error", 4}};
#define TIMEOUT      2
#define SERVER_ERROR 3

static const struct protocol {
    unsigned number;
    char family;
    const char *shown, *system;
} protocols[] = {
    {20, 'h', "HTTP", "http"},
    {20, 'h', "HTTP_TLS", "http"},
    {20, 'h', "HTTPS", "http"},
    {21, 'h', "HTTP2", "http"},
    {21, 'h', "HTTP2_TLS", "http"},
    {40, 'r', "Dubbo", "dubbo"},
    {41, 'r', "gRPC", "grpc"},
    {41, 'r', "gRPC_TLS", "grpc"},
    {43, 'r', "SofaRPC", "sofarpc"},
    {44, 'r', "FastCGI", "fastcgi"},
    {45, 'r', "bRPC", "brpc"},
    {46, 'r', "Tars", "tars"},
    {47, 'r', "Some/IP", "someip"},
    {48, 'r', "ISO-8583", "iso8583"},
    {48, 'r', "ISO8583", "iso8583"},
    {60, 'd', "MySQL", "mysql"},
    {61, 'd', "PostgreSQL", "postgresql"},
    {62, 'd', "Oracle", "oracle"},
    {63, 'd', "Dameng", "dameng"},
    {80, 'd', "Redis", "redis"},
    {81, 'd', "MongoDB", "mongodb"},
    {82, 'd', "Memcached", "memcached"},
    {100, 'm', "Kafka", "kafka"},
    {101, 'm', "MQTT", "mqtt"},
    {102, 'm', "AMQP", "amqp"},
    {103, 'm', "OpenWire", "openwire"},
    {104, 'm', "NATS", "nats"},
    {105, 'm', "Pulsar", "pulsar"},
    {106, 'm', "ZMTP", "zmtp"},
    {107, 'm', "RocketMQ", "rocketmq"},
    {108, 'm', "WebSphereMQ", "websphere-mq"},
    {120, 0, "DNS", "dns"},
    {121, 0, "TLS", "tls"},
    {122, 0, "Ping", "ping"},
    {127, 0, "Custom", "custom"},
};
#define PROTOCOL_COUNT (sizeof protocols / sizeof *protocols)

static uint16_t protocol_of(const char *text, size_t length)
{
    for (size_t i = 0; i < PROTOCOL_COUNT && (*text < '0' || *text > '9'); i++)
        if (strlen(protocols[i].shown) == length && strncasecmp(protocols[i].shown, text, length) == 0)
            return (uint16_t)protocols[i].number;
    return (uint16_t)enumerated(text, length, NULL, 0, 0);
}

char lci_l7_family(unsigned l7, const char **system)
{
    for (size_t i = 0; i < PROTOCOL_COUNT; i++)
        if (protocols[i].number == l7) {
            *system = protocols[i].system;
            return protocols[i].family;
        }
    *system = "";
    return 0;
}

/* "a,b": a message that two libraries gave a trace id. */
static void set_traces(struct lci_flow *flow, const char *text, size_t length)
{
    while (length > 0) {
        const char *comma = memchr(text, ',', length);
        const size_t size = comma != NULL ? (size_t)(comma - text) : length;
        const uint64_t id = is_zero(text, size) ? 0 : hash_of(text, size);
        if (id != 0 && flow->traces[0] != id && flow->traces[1] != id)
            flow->traces[flow->traces[0] != 0] = id;
        text += size + (comma != NULL);
        length -= size + (comma != NULL);
    }
}

#define COMPARED 1024 /* bytes of a text that are compared with others */

static uint32_t said(const char *text, size_t length)
{
    return lci_hash_bytes(text, length < COMPARED ? length : COMPARED) | 1;
}

static void put(struct lci_flow_draft *draft, unsigned column, uint64_t value)
{
    char *at = (char *)draft + columns[column].offset;
    switch (columns[column].size) {
    case 1: *(uint8_t *)at = (uint8_t)value; break;
    case 2: memcpy(at, &(uint16_t){(uint16_t)value}, 2); break;
    case 4: memcpy(at, &(uint32_t){(uint32_t)value}, 4); break;
    default: memcpy(at, &value, 8); break;
    }
}

void lci_flow_set(struct lci_context *context, struct lci_flow_draft *draft, unsigned column, const char *text,
                  size_t length)
{
    struct lci_flow *f = &draft->flow;
    if (length == 0 || (draft->set >> column & 1 && column != LCI_COLUMN_TRACE_ID))
        return; /* of several names of one column the first that says something counts */
    switch (column) {
    case LCI_COLUMN_POINT: f->point = (uint8_t)lci_point_of(text, length); break;
    case LCI_COLUMN_SOURCE: f->source = (uint8_t)ENUMERATED(sources, 0); break;
    case LCI_COLUMN_TYPE: f->type = (uint8_t)ENUMERATED(types, LCI_FLOW_SESSION); break;
    case LCI_COLUMN_TRANSPORT: f->transport = (uint8_t)ENUMERATED(transports, 0); break;
    case LCI_COLUMN_STATUS: draft->status = (uint8_t)ENUMERATED(statuses, 0); break;
    case LCI_COLUMN_L7: f->l7 = protocol_of(text, length); break;
    case LCI_COLUMN_ASYNC:
        f->async = !is_zero(text, length) && !(length == 5 && strncasecmp(text, "false", 5) == 0);
        break;
    case LCI_COLUMN_INSTANCE_TYPE_0:
    case LCI_COLUMN_INSTANCE_TYPE_1: put(draft, column, enumerated(text, length, NULL, 0, 0)); break;
    case LCI_COLUMN_TRACE_ID: set_traces(f, text, length); break;
    case LCI_COLUMN_REQUEST_ID: f->request = hash_of(text, length); break;
    case LCI_COLUMN_X_REQUEST_0:
    case LCI_COLUMN_X_REQUEST_1: put(draft, column, hash_of(text, length)); break;
    case LCI_COLUMN_CONNECTION:
    case LCI_COLUMN_SPAN_ID:
    case LCI_COLUMN_PARENT_SPAN_ID: put(draft, column, is_zero(text, length) ? 0 : hash_of(text, length)); break;
    case LCI_COLUMN_ID:
    case LCI_COLUMN_SEQ_0:
    case LCI_COLUMN_SEQ_1:
    case LCI_COLUMN_SYSCALL_0:
    case LCI_COLUMN_SYSCALL_1:
    case LCI_COLUMN_CAPTURE_0:
    case LCI_COLUMN_CAPTURE_1:
    case LCI_COLUMN_PORT: put(draft, column, number_of(text, length)); break;
    case LCI_COLUMN_AGENT:
    case LCI_COLUMN_APP_SERVICE:
    case LCI_COLUMN_APP_INSTANCE: put(draft, column, lci_symbol(context, text, length)); break;
    default:
        if (column >= LCI_COLUMN_PROCESS_0 && column <= LCI_COLUMN_IP_1) /* of a side */
            put(draft, column, is_zero(text, length) ? 0 : lci_symbol(context, text, length));
        else if (columns[column].size > 0)
            put(draft, column, said(text, length));
        else
            return; /* a time */
    }
    draft->set |= UINT64_C(1) << column;
}

void lci_flow_complete(struct lci_flow_draft *draft, const struct lci_flow_draft *other)
{
    for (unsigned c = 1; c < LCI_COLUMNS; c++)
        if (other->set >> c & 1 && !(draft->set >> c & 1))
            memcpy((char *)draft + columns[c].offset, (const char *)other + columns[c].offset, columns[c].size);
    draft->set |= other->set;
}

/* ---- what a row is ----------------------------------------------------------------------------------------------- */

#define POD_TYPE 10 /* auto_instance_type */

static lc_symbol first_of(const lc_symbol *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (all[i] != 0)
            return all[i];
    return 0;
}

static lc_symbol service_of(const struct lci_flow_draft *d, unsigned side)
{
    const lc_symbol names[] = {d->service[side], d->gprocess[side], d->pod[side], d->kname[side], d->ip[side]};
    return first_of(names, sizeof names / sizeof *names);
}

/* Where nothing tells the point: processes have system calls, and the kind tells the side. */
static uint8_t likely_point(const struct lci_flow_draft *d, const struct lc_span *span)
{
    const bool client = span->kind == LC_KIND_CLIENT || span->kind == LC_KIND_PRODUCER,
               server = span->kind == LC_KIND_SERVER || span->kind == LC_KIND_CONSUMER;
    if (d->set >> LCI_COLUMN_SOURCE & 1 && d->flow.source == LCI_SOURCE_OTEL)
        return client ? LCI_POINT_C_APP : server ? LCI_POINT_S_APP : LCI_POINT_APP;
    const bool process = (d->flow.syscall[0] | d->flow.syscall[1]) != 0 || d->flow.source == LCI_SOURCE_EBPF;
    return client   ? (process ? LCI_POINT_C_P : LCI_POINT_C)
           : server ? (process ? LCI_POINT_S_P : LCI_POINT_S)
                    : LCI_POINT_REST;
}

/* Spans of instrumentation keep their own ids when they are exported. */
static void take_own_ids(struct lci_flow_draft *d, const struct lc_span *span)
{
    char text[17];
    if (span->id != 0 && d->flow.span_id == 0) {
        snprintf(text, sizeof text, "%016" PRIx64, span->id);
        d->flow.span_id = hash_of(text, 16);
    }
    if (span->parent != 0 && d->flow.parent_span_id == 0) {
        snprintf(text, sizeof text, "%016" PRIx64, span->parent);
        d->flow.parent_span_id = hash_of(text, 16);
    }
}

void lci_flow_settle(struct lci_flow_draft *d, struct lc_span *span)
{
    struct lci_flow *f = &d->flow;
    if (f->point >= LCI_POINTS || !(d->set >> LCI_COLUMN_POINT & 1))
        f->point = likely_point(d, span);
    const struct lci_point_kind *kind = &lci_points[f->point];
    const unsigned side = kind->side == LCI_CLIENT_SIDE   ? 0
                          : kind->side == LCI_SERVER_SIDE ? 1
                          : d->service[0] != 0            ? 0
                                                          : 1;
    if (!(d->set >> LCI_COLUMN_TYPE & 1))
        f->type = LCI_FLOW_SESSION;
    if (!(d->set >> LCI_COLUMN_SOURCE & 1))
        f->source = kind->place == LCI_AT_APPLICATION ? LCI_SOURCE_OTEL
                    : kind->place == LCI_AT_PROCESS   ? LCI_SOURCE_EBPF
                                                      : LCI_SOURCE_PACKET;
    if (f->source == LCI_SOURCE_OTEL && !f->given)
        take_own_ids(d, span);
    f->said[LCI_SAID_L7] = f->l7 != 0 ? f->l7 : 0;
    f->said[LCI_SAID_PROTOCOL] = f->transport;
    const lc_symbol processes[] = {d->process[side], d->gprocess[side]};
    f->process = first_of(processes, 2);
    const lc_symbol instances[] = {d->instance[side], d->pod[side], d->app_instance};
    f->instance = first_of(instances, 3);
    f->pod = d->instance_type[side] == POD_TYPE || (d->instance[side] == 0 && d->pod[side] != 0);
    const bool application = kind->place == LCI_AT_APPLICATION;
    const lc_symbol services[] = {application ? d->app_service : 0, service_of(d, side), d->app_service, span->service};
    f->service = first_of(services, 4);
    if (f->peer == 0 && kind->side == LCI_CLIENT_SIDE)
        f->peer = service_of(d, 1);
    span->service = span->service != 0 ? span->service : f->service;
    span->instance = span->instance != 0 ? span->instance : f->instance;
    span->host = f->agent != 0 ? f->agent : span->host; /* one agent a host: its clock */
    const bool failed = d->status == TIMEOUT || d->status == SERVER_ERROR;
    span->flags |= failed ? LC_SPAN_ERROR : 0;
    f->start = span->start;
    f->end = span->end;
}

static void attribute(struct lci_trace_reader *r, const char *name, const char *text, size_t length)
{
    if (length > 0)
        lci_span_attribute(r, lci_name_of(r->context->attributes, name, strlen(name)), text, length);
}

void lci_flow_describe(struct lci_trace_reader *r, struct lci_flow_draft *draft, const struct lci_flow_words *w)
{
    struct lci_flow *f = &draft->flow;
    const char *system, *named = w->endpoint;
    size_t length = w->endpoint_length;
    const char family = lci_l7_family(f->l7, &system);
    char form[LCI_FORM_SIZE];
    char both[LCI_FORM_SIZE];
    if (length == 0 && w->resource_length > 0 && w->type_length > 0 && family == 'h') {
        named = both; /* "GET /orders" */
        length = (size_t)snprintf(both, sizeof both, "%.*s %.*s", (int)w->type_length, w->type, (int)w->resource_length,
                                  w->resource);
        length = length < sizeof both ? length : sizeof both - 1;
    } else if (length == 0 && (w->resource_length > 0 || w->type_length > 0)) {
        named = w->resource_length > 0 ? w->resource : w->type;
        length = w->resource_length > 0 ? w->resource_length : w->type_length;
    } else if (length == 0) {
        named = system;
        length = strlen(system);
    }
    const enum lci_form reduced = family == 'd' ? LCI_STATEMENT : family == 'h' ? LCI_URL : LCI_WHOLE;
    length = lci_form(reduced, named, length, form);
    if (strcmp(system, "redis") == 0 || strcmp(system, "memcached") == 0) /* the command without its key */
        length = memchr(form, ' ', length) != NULL ? (size_t)((char *)memchr(form, ' ', length) - form) : length;
    r->draft.span->operation = lci_symbol(r->context, form, length);
    if ((family == 'h' || family == 'r') && memmem(w->endpoint, w->endpoint_length, "://", 3) != NULL)
        attribute(r, "url.full", w->endpoint, w->endpoint_length);
    else if ((family == 'h' || family == 'r') && service_of(draft, 1) == 0)
        f->peer = lci_symbol(r->context, system, strlen(system)); /* all that is known of a server that nobody saw */
    switch (family) {
    case 'h':
        attribute(r, "http.request.method", w->type, w->type_length);
        attribute(r, "url.path", w->resource, w->resource_length);
        break;
    case 'r': attribute(r, "rpc.system", system, strlen(system)); break;
    case 'd':
        attribute(r, "db.system", system, strlen(system));
        attribute(r, "db.query.text", w->resource_length > 0 ? w->resource : w->endpoint,
                  w->resource_length > 0 ? w->resource_length : w->endpoint_length);
        break;
    case 'm':
        attribute(r, "messaging.system", system, strlen(system));
        attribute(r, "messaging.operation", w->type, w->type_length);
        attribute(r, "messaging.destination", w->resource, w->resource_length);
        break;
    default: break;
    }
}
