/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names: https://github.com/deepflowio/deepflow, server/querier/db_descriptions, server/ingester/flow_log/exporters.
 * Columns of the client end with _0, of the server with _1.
 */
#include "flow_columns.h"

#include "attribute.h"
#include "base/digits.h"
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
    h = (h ^ lci_short_word(text, length)) * UINT64_C(0x94D049BB133111EB);
    return (h ^ h >> 31) | 1;
}

static __attribute__((noinline)) uint64_t number_of_text(const char *text, size_t length)
{
    int64_t number = 0;
    uint64_t sum = 0;
    if (lci_integer_of(text, length, 0, &number) == LCI_INTEGER_OK)
        return (uint64_t)number;
    sum = 0; /* beyond 63 bits */
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return hash_of(text, length);
        sum = 10 * sum + (unsigned)(text[i] - '0');
    }
    return sum;
}

static inline uint64_t number_of(const char *text, size_t length)
{
    uint64_t number;
    return lci_all_digits(text, length, &number) ? number : number_of_text(text, length);
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
    const bool digit = *text >= '0' && *text <= '9';
    if (digit && length == 1)
        return (unsigned)(*text - '0');
    for (size_t i = 0; i < count && !digit; i++)
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

static const struct family {
    char family;
    const char *system;
} families[] = {
    [20] = {'h', "http"},      [21] = {'h', "http"},          [40] = {'r', "dubbo"},   [41] = {'r', "grpc"},
    [43] = {'r', "sofarpc"},   [44] = {'r', "fastcgi"},       [45] = {'r', "brpc"},    [46] = {'r', "tars"},
    [47] = {'r', "someip"},    [48] = {'r', "iso8583"},       [60] = {'d', "mysql"},   [61] = {'d', "postgresql"},
    [62] = {'d', "oracle"},    [63] = {'d', "dameng"},        [80] = {'d', "redis"},   [81] = {'d', "mongodb"},
    [82] = {'d', "memcached"}, [100] = {'m', "kafka"},        [101] = {'m', "mqtt"},   [102] = {'m', "amqp"},
    [103] = {'m', "openwire"}, [104] = {'m', "nats"},         [105] = {'m', "pulsar"}, [106] = {'m', "zmtp"},
    [107] = {'m', "rocketmq"}, [108] = {'m', "websphere-mq"}, [120] = {0, "dns"},      [121] = {0, "tls"},
    [122] = {0, "ping"},       [127] = {0, "custom"},
};

static const struct word protocols[] = {
    {"HTTP", 20},         {"HTTP_TLS", 20},  {"HTTPS", 20},   {"HTTP2", 21},     {"HTTP2_TLS", 21},  {"Dubbo", 40},
    {"gRPC", 41},         {"gRPC_TLS", 41},  {"SofaRPC", 43}, {"FastCGI", 44},   {"bRPC", 45},       {"Tars", 46},
    {"Some/IP", 47},      {"ISO-8583", 48},  {"ISO8583", 48}, {"MySQL", 60},     {"PostgreSQL", 61}, {"Oracle", 62},
    {"Dameng", 63},       {"Redis", 80},     {"MongoDB", 81}, {"Memcached", 82}, {"Kafka", 100},     {"MQTT", 101},
    {"AMQP", 102},        {"OpenWire", 103}, {"NATS", 104},   {"Pulsar", 105},   {"ZMTP", 106},      {"RocketMQ", 107},
    {"WebSphereMQ", 108}, {"DNS", 120},      {"TLS", 121},    {"Ping", 122},     {"Custom", 127},
};

char lci_l7_family(unsigned l7, const char **system)
{
    const bool known = l7 < sizeof families / sizeof *families && families[l7].system != NULL;
    *system = known ? families[l7].system : "";
    return known ? families[l7].family : 0;
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

static inline void put_sized(struct lci_flow_draft *draft, unsigned column, size_t size, uint64_t value)
{
    char *at = (char *)draft + columns[column].offset;
    switch (size) {
    case 1: *(uint8_t *)at = (uint8_t)value; break;
    case 2: memcpy(at, &(uint16_t){(uint16_t)value}, 2); break;
    case 4: memcpy(at, &(uint32_t){(uint32_t)value}, 4); break;
    default: memcpy(at, &value, 8); break;
    }
}

static void put(struct lci_flow_draft *draft, unsigned column, uint64_t value)
{
    put_sized(draft, column, columns[column].size, value);
}

/* What a text of a column says, of those that are kept as one number. */
static uint64_t value_of(struct lci_context *context, unsigned column, const char *text, size_t length)
{
    switch (column) {
    case LCI_COLUMN_POINT: return lci_point_of(text, length);
    case LCI_COLUMN_SOURCE: return ENUMERATED(sources, 0);
    case LCI_COLUMN_TYPE: return ENUMERATED(types, LCI_FLOW_SESSION);
    case LCI_COLUMN_TRANSPORT: return ENUMERATED(transports, 0);
    case LCI_COLUMN_STATUS: return ENUMERATED(statuses, 0);
    case LCI_COLUMN_L7: return ENUMERATED(protocols, 0);
    case LCI_COLUMN_ASYNC: return !is_zero(text, length) && !(length == 5 && strncasecmp(text, "false", 5) == 0);
    case LCI_COLUMN_INSTANCE_TYPE_0:
    case LCI_COLUMN_INSTANCE_TYPE_1: return enumerated(text, length, NULL, 0, 0);
    case LCI_COLUMN_REQUEST_ID:
    case LCI_COLUMN_X_REQUEST_0:
    case LCI_COLUMN_X_REQUEST_1: return hash_of(text, length);
    case LCI_COLUMN_CONNECTION:
    case LCI_COLUMN_SPAN_ID:
    case LCI_COLUMN_PARENT_SPAN_ID: return is_zero(text, length) ? 0 : hash_of(text, length);
    case LCI_COLUMN_ID:
    case LCI_COLUMN_SEQ_0:
    case LCI_COLUMN_SEQ_1:
    case LCI_COLUMN_SYSCALL_0:
    case LCI_COLUMN_SYSCALL_1:
    case LCI_COLUMN_CAPTURE_0:
    case LCI_COLUMN_CAPTURE_1:
    case LCI_COLUMN_PORT: return number_of(text, length);
    case LCI_COLUMN_AGENT:
    case LCI_COLUMN_APP_SERVICE:
    case LCI_COLUMN_APP_INSTANCE: return lci_symbol(context, text, length);
    default:
        if (column >= LCI_COLUMN_PROCESS_0 && column <= LCI_COLUMN_IP_1) /* of a side */
            return is_zero(text, length) ? 0 : lci_symbol(context, text, length);
        return said(text, length);
    }
}

#define BIT(column) (UINT64_C(1) << LCI_COLUMN_##column)

/* Columns of one kind, which a row's are taken in order of: their places have one type then. */
#define WIDE_NUMBERS (BIT(ID) | BIT(SYSCALL_0) | BIT(SYSCALL_1) | BIT(CAPTURE_0) | BIT(CAPTURE_1))
#define NUMBERS      (BIT(SEQ_0) | BIT(SEQ_1))
#define WIDE_HASHES  (BIT(REQUEST_ID) | BIT(X_REQUEST_0) | BIT(X_REQUEST_1))
#define IDS          (BIT(CONNECTION) | BIT(SPAN_ID) | BIT(PARENT_SPAN_ID))
#define SIDE_TYPES   (BIT(INSTANCE_TYPE_0) | BIT(INSTANCE_TYPE_1))
#define DIGITS       (BIT(SOURCE) | BIT(TYPE) | BIT(TRANSPORT) | BIT(STATUS) | SIDE_TYPES)
#define SIDES        (BIT(APP_SERVICE) - BIT(PROCESS_0) - SIDE_TYPES)
#define TEXTS                                                                                                          \
    (BIT(AGENT) | BIT(L7_TEXT) | BIT(VERSION) | BIT(ENDPOINT) | BIT(REQUEST_TYPE) | BIT(DOMAIN) | BIT(RESOURCE) |      \
     BIT(CODE) | BIT(EXCEPTION) | BIT(RESULT) | BIT(PROXY) | BIT(APP_SERVICE) | BIT(APP_INSTANCE))
#define OTHERS (BIT(POINT) | BIT(L7) | BIT(ASYNC) | BIT(PORT) | BIT(TRACE_ID))

/* Columns that say few things, again and again. */
#define REPEATED (TEXTS | SIDES | DIGITS | BIT(POINT) | BIT(L7) | BIT(ASYNC) | BIT(PORT))

#define TIMES (BIT(START) | BIT(START_US) | BIT(END) | BIT(END_US) | BIT(DURATION))
_Static_assert((WIDE_NUMBERS | NUMBERS | WIDE_HASHES | IDS | DIGITS | SIDES | TEXTS | OTHERS | TIMES | BIT(NONE)) ==
                   (UINT64_C(1) << LCI_COLUMNS) - 1,
               "every column is of a kind");

/* What texts of such a column became, each in a place by its bytes. A column has places from its first text on. */
#define SHORT  16 /* bytes; longer texts are not kept */
#define PLACES 32
struct lci_flow_meaning {
    uint64_t first, last; /* of the text, which these and its length tell */
    uint64_t length;      /* 0: free */
    uint64_t value;
};
static struct lci_flow_meaning nowhere[PLACES]; /* of columns that have said nothing; all free, never written */

static __attribute__((noinline)) uint64_t new_meaning(struct lci_trace_reader *r, struct lci_flow_meaning meaning,
                                                      size_t place, unsigned column, const char *text)
{
    const uint64_t *mended = &r->context->repairs->count[LC_REPAIR_UTF8], before = *mended;
    if (r->meanings[column] == nowhere)
        r->meanings[column] = lc_calloc(PLACES, sizeof meaning);
    meaning.value = value_of(r->context, column, text, meaning.length);
    if (*mended == before) /* mended texts count each time */
        r->meanings[column][place] = meaning;
    return meaning.value;
}

static inline __attribute__((always_inline)) uint64_t meaning_of(struct lci_trace_reader *r, unsigned column,
                                                                 const char *text, size_t length)
{
    uint64_t first, last = 0;
    if (length < 8) {
        first = lci_short_word(text, length);
    } else {
        memcpy(&first, text, 8);
        memcpy(&last, text + length - 8, 8);
    }
    const uint64_t hash = (first ^ last << 7 ^ length) * UINT64_C(0x9E3779B97F4A7C15);
    const struct lci_flow_meaning *m = &r->meanings[column][hash >> 59];
    if (m->length == length && m->first == first && m->last == last)
        return m->value;
    const struct lci_flow_meaning meaning = {.first = first, .last = last, .length = length};
    return new_meaning(r, meaning, hash >> 59, column, text);
}

static inline void set(struct lci_trace_reader *r, struct lci_flow_draft *draft, unsigned column, const char *text,
                       size_t length)
{
    if (REPEATED >> column & 1 && length <= SHORT)
        put(draft, column, meaning_of(r, column, text, length));
    else if (column == LCI_COLUMN_TRACE_ID)
        set_traces(&draft->flow, text, length);
    else
        put(draft, column, value_of(r->context, column, text, length));
}

static void have_meanings(struct lci_trace_reader *r)
{
    if (r->meanings != NULL)
        return;
    r->meanings = lc_alloc(LCI_COLUMNS * sizeof *r->meanings);
    for (unsigned c = 0; c < LCI_COLUMNS; c++)
        r->meanings[c] = nowhere;
}

void lci_flow_forget_meanings(struct lci_trace_reader *r)
{
    for (unsigned c = 0; r->meanings != NULL && c < LCI_COLUMNS; c++)
        if (r->meanings[c] != nowhere)
            free(r->meanings[c]);
    free(r->meanings);
}

void lci_flow_set(struct lci_trace_reader *r, struct lci_flow_draft *draft, unsigned column, const char *text,
                  size_t length)
{
    if (length == 0 || (draft->set >> column & 1 && column != LCI_COLUMN_TRACE_ID) || TIMES >> column & 1)
        return; /* of several names of one column the first that says something counts */
    have_meanings(r);
    set(r, draft, column, text, length);
    draft->set |= UINT64_C(1) << column;
}

/* ---- a row ------------------------------------------------------------------------------------------------------- */

/* What columns of a kind say. "0" says what is there from the beginning. */
typedef uint64_t says(struct lci_trace_reader *r, unsigned column, const char *text, size_t length);

static inline bool is_nought(const char *text, size_t length)
{
    return length == 1 && *text == '0';
}

static inline uint64_t says_number(struct lci_trace_reader *r, unsigned column, const char *text, size_t length)
{
    (void)r, (void)column;
    return is_nought(text, length) ? 0 : number_of(text, length);
}

static inline uint64_t says_hash(struct lci_trace_reader *r, unsigned column, const char *text, size_t length)
{
    (void)r, (void)column;
    return hash_of(text, length);
}

static inline uint64_t says_id(struct lci_trace_reader *r, unsigned column, const char *text, size_t length)
{
    (void)r, (void)column;
    return is_zero(text, length) ? 0 : hash_of(text, length);
}

static inline uint64_t says_text(struct lci_trace_reader *r, unsigned column, const char *text, size_t length)
{
    return length <= SHORT ? meaning_of(r, column, text, length) : value_of(r->context, column, text, length);
}

static inline uint64_t says_side(struct lci_trace_reader *r, unsigned column, const char *text, size_t length)
{
    return is_nought(text, length) ? 0 : says_text(r, column, text, length);
}

static inline uint64_t says_digit(struct lci_trace_reader *r, unsigned column, const char *text, size_t length)
{
    const unsigned digit = (unsigned)*text - '0';
    return digit <= 9 && length == 1 ? digit : says_text(r, column, text, length);
}

/* Columns of a kind, whose places have one size: a loop of its own for each kind knows at once what to do. */
static inline __attribute__((always_inline)) void set_kind(struct lci_trace_reader *r, struct lci_flow_draft *draft,
                                                           const struct lci_flow_row *row, uint64_t kind, size_t size,
                                                           says *value)
{
    for (uint64_t left = draft->set & kind; left != 0; left &= left - 1) {
        const unsigned c = (unsigned)__builtin_ctzll(left);
        put_sized(draft, c, size, value(r, c, row->text[c], row->length[c]));
    }
}

void lci_flow_set_row(struct lci_trace_reader *r, struct lci_flow_draft *draft, const struct lci_flow_row *row)
{
    have_meanings(r);
    draft->set = row->said & ~TIMES;
    set_kind(r, draft, row, WIDE_NUMBERS, 8, says_number);
    set_kind(r, draft, row, NUMBERS, 4, says_number);
    set_kind(r, draft, row, WIDE_HASHES, 8, says_hash);
    set_kind(r, draft, row, IDS, 8, says_id);
    set_kind(r, draft, row, DIGITS, 1, says_digit);
    set_kind(r, draft, row, SIDES, 4, says_side);
    set_kind(r, draft, row, TEXTS, 4, says_text);
    for (uint64_t left = draft->set & OTHERS; left != 0; left &= left - 1) {
        const unsigned c = (unsigned)__builtin_ctzll(left);
        set(r, draft, c, row->text[c], row->length[c]);
    }
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

lc_symbol lci_flow_service(const struct lci_flow_draft *d, unsigned side)
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
    const lc_symbol services[] = {application ? d->app_service : 0, lci_flow_service(d, side), d->app_service,
                                  span->service};
    f->service = first_of(services, 4);
    if (f->peer == 0 && (kind->side == LCI_CLIENT_SIDE || kind->side == LCI_SERVER_SIDE))
        f->peer = lci_flow_service(d, kind->side == LCI_CLIENT_SIDE ? 1 : 0);
    span->service = span->service != 0 ? span->service : f->service;
    span->instance = span->instance != 0 ? span->instance : f->instance;
    span->host = f->agent != 0 ? f->agent : span->host; /* one agent a host: its clock */
    const bool failed = d->status == TIMEOUT || d->status == SERVER_ERROR;
    span->flags |= failed ? LC_SPAN_ERROR : 0;
    f->start = span->start;
    f->end = span->end;
}
