/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each format with its quirks: the spans that come out are those a reader of the file expects.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit/trace/symbols.h"
#include "trace_read.h"

#define MS           INT64_C(1000000)
#define T0           INT64_C(1700000000000000000)
#define TEXT(symbol) lci_symbol_text(all.symbols, symbol)

static const struct seen *expect(const struct seen_all *all, uint64_t id, uint64_t parent, const char *service,
                                 const char *operation, int kind, int64_t start, int64_t end)
{
    const struct seen *s = span_of(all, id);
    assert_non_null(s);
    assert_int_equal(s->span.parent, parent);
    assert_string_equal(lci_symbol_text(all->symbols, s->span.service), service);
    assert_string_equal(lci_symbol_text(all->symbols, s->span.operation), operation);
    assert_int_equal(s->span.kind, kind);
    assert_int_equal(s->span.start, start);
    assert_int_equal(s->span.end, end);
    return s;
}

static void read_data(struct seen_all *all, const char *name, const struct lc_reader_options *options)
{
    char path[200];
    snprintf(path, sizeof path, "%s/traces/%s", TEST_DATA, name);
    const char *const input = path;
    read_inputs(all, &input, 1, options);
    assert_int_equal(all->status, 0);
    assert_int_equal(all->diag.count, 0);
}

static void jaeger(void **state)
{
    (void)state;
    struct seen_all all = {0};
    const char *const keep[] = {"url.path", "unknown.key", "http.target", NULL};
    read_data(&all, "jaeger-quirks.json", &(struct lc_reader_options){.keep = keep});
    assert_int_equal(all.traces, 1);
    assert_int_equal(all.count, 5);
    const struct seen *s = expect(&all, 1, 0, "shop", "GET /orders/{id}", LC_KIND_SERVER, T0, T0 + 5 * MS);
    assert_int_equal(s->low, 0xab);
    assert_string_equal(TEXT(s->span.instance), "shop-1");
    assert_string_equal(TEXT(s->span.host), "node-1");
    assert_string_equal(TEXT(s->span.release), "2.0");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_HTTP_METHOD), "GET");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_HTTP_STATUS), "200");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_URL_PATH), "/orders/:id");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_OTHER + 0), "/orders/4711");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_OTHER + 1), "AAEC");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_OTHER + 2), "/orders/4711?full=1");
    s = expect(&all, 0xa, 1, "shop", "query", LC_KIND_CLIENT, T0 + MS / 2, T0 + 2 * MS);
    assert_int_equal(s->span.flags, LC_SPAN_ERROR);
    assert_string_equal(attribute_of(&all, s, LC_ATTR_DB_SYSTEM), "postgresql");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_DB_QUERY), "SELECT FROM orders");
    s = expect(&all, 0xb, 1, "mailer", "notify", LC_KIND_UNKNOWN, T0 + 4 * MS, T0 + 13 * MS);
    assert_int_equal(s->span.flags, LC_SPAN_FOLLOWS);
    assert_int_equal(s->span.link_count, 1);
    assert_int_equal(s->links[0].trace_low, 0xcd);
    assert_int_equal(s->links[0].span, 0x77);
    assert_int_equal(s->span.event_count, 1);
    assert_int_equal(s->events[0].time, T0 + 4 * MS + MS / 10);
    assert_string_equal(TEXT(s->events[0].name), "sent");
    assert_string_equal(TEXT(s->events[0].type), "SENT");
    assert_string_equal(TEXT(s->events[0].id), "7");
    /* The first reference is not in the trace; the second is, and takes its place. */
    s = expect(&all, 0xc, 0xb, "mailer", "late", LC_KIND_UNKNOWN, T0 + 4 * MS + MS / 2, T0 + 4 * MS + MS / 2 + 10000);
    assert_int_equal(s->span.flags, LC_SPAN_FOLLOWS | LC_SPAN_SKEW_ADJUSTED);
    s = expect(&all, 0xd, 1, "legacy", "own process", LC_KIND_UNKNOWN, T0 + MS, T0 + MS + 20000);
    assert_string_equal(TEXT(s->span.host), "old-1");
    assert_int_equal(all.reading.repairs.count[LC_REPAIR_SKEW_ADJUSTED], 1);
    assert_int_equal(repaired(&all), 1);
    forget(&all);
}

static void read_otlp(const char *name)
{
    struct seen_all all = {0};
    const char *const keep[] = {"tags", "service.version", NULL};
    read_data(&all, name, &(struct lc_reader_options){.keep = keep});
    assert_int_equal(all.traces, 1);
    assert_int_equal(all.count, 3);
    const struct seen *s = expect(&all, 1, 0, "shop", "GET /orders/{id}", LC_KIND_SERVER, T0, T0 + 5 * MS);
    assert_int_equal(s->span.flags, LC_SPAN_REMOTE_PARENT);
    assert_string_equal(TEXT(s->span.instance), "shop-1");
    assert_string_equal(TEXT(s->span.host), "node-1");
    assert_string_equal(TEXT(s->span.release), "2.0");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_HTTP_STATUS), "200");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_TEST_CASE), "orders");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_OTHER + 0), "[\"a\",1]");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_OTHER + 1), "2.0");
    s = expect(&all, 0xa, 1, "shop", "query", LC_KIND_CLIENT, T0 + MS / 2, T0 + 2 * MS);
    assert_int_equal(s->span.flags, LC_SPAN_ERROR);
    assert_string_equal(attribute_of(&all, s, LC_ATTR_DB_SYSTEM), "postgresql");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_DB_QUERY), "SELECT FROM orders");
    s = expect(&all, 0xb, 1, "mailer", "notify", LC_KIND_CONSUMER, T0 + 4 * MS, T0 + 13 * MS);
    assert_int_equal(s->span.flags, LC_SPAN_FOLLOWS);
    assert_int_equal(s->span.link_count, 1);
    assert_int_equal(s->links[0].trace_low, 0xcd);
    assert_string_equal(TEXT(s->events[0].type), "SENT");
    assert_string_equal(TEXT(s->events[0].id), "7");
    assert_int_equal(repaired(&all), 0);
    forget(&all);
}

/* The same request as lines of JSON and as one message of protobuf. */
static void otlp(void **state)
{
    (void)state;
    read_otlp("otlp-quirks.jsonl");
    read_otlp("otlp-quirks.pb");
}

static void base64_ids(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_data(&all, "tempo.json", NULL);
    assert_int_equal(all.traces, 1);
    assert_int_equal(expect(&all, 1, 0, "shop", "root", LC_KIND_SERVER, T0, T0 + 5 * MS)->low, 0xab);
    expect(&all, 0xa, 1, "shop", "call", LC_KIND_CLIENT, T0 + MS, T0 + 2 * MS);
    forget(&all);
    read_data(&all, "jaeger-v3.json", NULL);
    assert_int_equal(all.traces, 1);
    expect(&all, 1, 0, "shop", "root", LC_KIND_SERVER, T0, T0 + 5 * MS);
    expect(&all, 0xa, 1, "mailer", "call", LC_KIND_CLIENT, T0 + MS, T0 + 2 * MS);
    forget(&all);
}

static const struct seen *named(const struct seen_all *all, const char *operation)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(lci_symbol_text(all->symbols, all->spans[i].span.operation), operation) == 0)
            return &all->spans[i];
    return NULL;
}

static void zipkin(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_data(&all, "zipkin-shared.json", NULL);
    assert_int_equal(all.traces, 2);
    assert_int_equal(all.count, 7);
    const struct seen *s = expect(&all, 1, 0, "front", "get /", LC_KIND_SERVER, T0, T0 + 9 * MS);
    assert_string_equal(TEXT(s->span.host), "10.0.0.1");
    s = expect(&all, 2, 1, "front", "get", LC_KIND_CLIENT, T0 + MS, T0 + 6 * MS);
    assert_int_equal(s->span.flags, LC_SPAN_ERROR);
    assert_string_equal(attribute_of(&all, s, LC_ATTR_PEER_SERVICE), "back");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_SERVER_PORT), "8080");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_URL_PATH), "/items/:id");
    /* The server's half has an id of its own; a child belongs to the half of its own service. */
    const struct seen *half = named(&all, "get /items/{}");
    assert_int_equal(half->span.parent, 2);
    assert_true(half->span.id != 2);
    assert_int_equal(half->span.flags, LC_SPAN_SHARED);
    assert_string_equal(TEXT(half->span.release), "r2");
    assert_string_equal(TEXT(half->span.instance), "back-1");
    expect(&all, 3, half->span.id, "back", "work", LC_KIND_UNKNOWN, T0 + 2 * MS + MS / 2, T0 + 3 * MS + MS / 2);
    expect(&all, 4, 2, "front", "retry", LC_KIND_UNKNOWN, T0 + MS + MS / 2, T0 + MS + MS / 2 + MS / 10);
    expect(&all, 5, 1, "front", "send", LC_KIND_PRODUCER, T0 + 7 * MS, T0 + 7 * MS + MS / 2);
    expect(&all, 6, 0, "unknown", "", LC_KIND_UNKNOWN, T0 + 100 * MS, T0 + 100 * MS + 1000);
    assert_int_equal(all.reading.repairs.count[LC_REPAIR_SHARED_ID], 1);
    assert_int_equal(all.reading.repairs.count[LC_REPAIR_NO_SERVICE], 1);
    assert_int_equal(all.reading.repairs.count[LC_REPAIR_NO_DURATION], 1);
    assert_int_equal(repaired(&all), 3);
    forget(&all);
}

static void zipkin_v1(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_data(&all, "zipkin-v1.json", NULL);
    assert_int_equal(all.count, 3);
    const struct seen *s = expect(&all, 1, 0, "front", "get", LC_KIND_CLIENT, T0, T0 + 9 * MS);
    assert_string_equal(attribute_of(&all, s, LC_ATTR_HTTP_METHOD), "GET");
    assert_string_equal(attribute_of(&all, s, LC_ATTR_PEER_SERVICE), "back");
    const struct seen *local = span_of(&all, 2);
    const struct seen *half = span_of(&all, local->span.parent);
    assert_int_equal(half->span.kind, LC_KIND_SERVER);
    assert_int_equal(half->span.parent, 1);
    assert_string_equal(TEXT(half->span.service), "back");
    assert_int_equal(half->span.start, T0 + 2 * MS);
    assert_int_equal(half->span.end, T0 + 6 * MS);
    forget(&all);
}

/* As agents send it, and as the query service answers. */
static void skywalking(void **state)
{
    (void)state;
    static const char *const files[] = {"skywalking.json", "skywalking-answer.json"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct seen_all all = {0};
        read_data(&all, files[i], NULL);
        assert_int_equal(all.traces, 1);
        assert_int_equal(all.count, 7);
        assert_int_equal(repaired(&all), 0);
        const struct seen *root = named(&all, "GET /buy"), *call = named(&all, "stock:8080/stock"),
                          *served = named(&all, "GET /stock"), *sent = named(&all, "orders/Producer"),
                          *taken = named(&all, "orders/Consumer");
        assert_int_equal(root->low, 0);
        assert_int_equal(root->high, UINT64_C(0x19b07a0000000000));
        expect(&all, root->span.id, 0, "front", "GET /buy", LC_KIND_SERVER, T0, T0 + 100 * MS);
        assert_string_equal(TEXT(root->span.instance), "f-1");
        assert_string_equal(attribute_of(&all, root, LC_ATTR_HTTP_METHOD), "GET");
        expect(&all, call->span.id, root->span.id, "front", "stock:8080/stock", LC_KIND_CLIENT, T0 + 5 * MS,
               T0 + 95 * MS);
        assert_string_equal(attribute_of(&all, call, LC_ATTR_SERVER_ADDRESS), "stock:8080");
        assert_string_equal(attribute_of(&all, call, LC_ATTR_URL_PATH), "/stock");
        expect(&all, served->span.id, call->span.id, "stock", "GET /stock", LC_KIND_SERVER, T0 + 10 * MS, T0 + 90 * MS);
        assert_int_equal(served->span.flags, LC_SPAN_ERROR);
        assert_int_equal(served->span.event_count, 1);
        const struct seen *query = named(&all, "MySQL/query");
        assert_int_equal(query->span.parent, served->span.id);
        assert_string_equal(attribute_of(&all, query, LC_ATTR_DB_SYSTEM), "mysql");
        assert_string_equal(attribute_of(&all, query, LC_ATTR_DB_QUERY), "SELECT FROM items");
        assert_int_equal(sent->span.kind, LC_KIND_PRODUCER);
        assert_string_equal(attribute_of(&all, sent, LC_ATTR_MESSAGING_DESTINATION), "orders");
        expect(&all, taken->span.id, sent->span.id, "mail", "orders/Consumer", LC_KIND_CONSUMER, T0 + 120 * MS,
               T0 + 150 * MS);
        assert_int_equal(named(&all, "render")->span.parent, taken->span.id);
        assert_int_equal(named(&all, "render")->span.kind, LC_KIND_INTERNAL);
        forget(&all);
    }
}

/* Where tags say nothing, the layer does, and the name may have the method. */
static void skywalking_layers(void **state)
{
    (void)state;
    static const struct {
        const char *type, *layer, *name, *tags;
        uint32_t key;
        const char *value;
    } cases[] = {
        {"Entry", "\"Http\"", "GET:/orders/17", "", LC_ATTR_HTTP_METHOD, "GET"},
        {"Exit", "3", "{POST}/orders", "", LC_ATTR_HTTP_METHOD, "POST"},
        {"Exit", "\"Http\"", "/orders", "", LC_ATTR_HTTP_METHOD, "_OTHER"},
        {"Exit", "\"Http\"", "/orders", "{\"key\":\"http.method\",\"value\":\"PUT\"}", LC_ATTR_HTTP_METHOD, "PUT"},
        {"Exit", "\"RPCFramework\"", "shop.Orders.get()", "", LC_ATTR_RPC_SYSTEM, "RPCFramework"},
        {"Local", "\"Http\"", "/orders", "", LC_ATTR_HTTP_METHOD, ""},
        {"Exit", "\"Unknown\"", "GET:/orders", "", LC_ATTR_HTTP_METHOD, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct seen_all all = {0};
        char text[600];
        snprintf(
            text, sizeof text,
            "[{\"traceId\":\"a1\",\"traceSegmentId\":\"b2\",\"service\":\"s\",\"serviceInstance\":\"s1\",\"spans\":["
            "{\"spanId\":0,\"parentSpanId\":-1,\"spanType\":\"%s\",\"spanLayer\":%s,\"operationName\":\"%s\","
            "\"startTime\":1700000000000,\"endTime\":1700000000009,\"tags\":[%s]}]}]",
            cases[i].type, cases[i].layer, cases[i].name, cases[i].tags);
        read_text(&all, text);
        assert_int_equal(all.count, 1);
        assert_string_equal(attribute_of(&all, &all.spans[0], cases[i].key), cases[i].value);
        forget(&all);
    }
}

/* The sides of calls; times count from 0, as these data have them. */
static void call_graphs(void **state)
{
    (void)state;
    static const char *const files[] = {"callgraph-2021.csv", "callgraph-2022.csv"};
    for (int i = 0; i < 2; i++) {
        struct seen_all all = {0};
        read_data(&all, files[i], NULL);
        assert_int_equal(all.traces, 1);
        assert_int_equal(all.count, 6);
        const struct seen *root = named(&all, "GET /buy"), *mail = named(&all, "orders"), *call = NULL, *served = NULL,
                          *cache = named(&all, "mc"), *query = named(&all, "db");
        expect(&all, root->span.id, 0, "front", "GET /buy", LC_KIND_SERVER, 1000 * MS, 1100 * MS);
        assert_string_equal(TEXT(root->span.instance), i == 0 ? "" : "front_POD_1");
        for (size_t k = 0; k < all.count; k++)
            if (strcmp(TEXT(all.spans[k].span.operation), "stock.get") == 0)
                *(all.spans[k].span.kind == LC_KIND_CLIENT ? &call : &served) = &all.spans[k];
        expect(&all, call->span.id, root->span.id, "front", "stock.get", LC_KIND_CLIENT, 1005 * MS, 1095 * MS);
        expect(&all, served->span.id, call->span.id, "stock", "stock.get", LC_KIND_SERVER, 1010 * MS, 1090 * MS);
        expect(&all, query->span.id, served->span.id, "stock", "db", LC_KIND_CLIENT, 1030 * MS, 1060 * MS);
        assert_string_equal(attribute_of(&all, query, LC_ATTR_PEER_SERVICE), "items");
        assert_string_equal(attribute_of(&all, cache, LC_ATTR_DB_SYSTEM), "memcached");
        expect(&all, mail->span.id, served->span.id, "mail", "orders", LC_KIND_CONSUMER, 1120 * MS, 1150 * MS);
        assert_true(mail->span.flags & LC_SPAN_FOLLOWS);
        assert_int_equal(repaired(&all), 0);
        forget(&all);
    }
    /* Without the caller's side the callee hangs on the callee of the call before. */
    struct seen_all all = {0};
    read_text(&all, "traceid,timestamp,rpcid,um,rpctype,dm,interface,rt\nT_1,1000,0,(?),http,front,buy,100\n"
                    "T_1,1010,0.1,front,rpc,stock,get,-80\n");
    assert_int_equal(all.count, 2);
    expect(&all, named(&all, "get")->span.id, named(&all, "buy")->span.id, "stock", "get", LC_KIND_SERVER, 1010 * MS,
           1090 * MS);
    assert_int_equal(repaired(&all), 0);
    forget(&all);
}

/* Without the difference that a format makes: the order of spans and attributes. */
static void same_spans(const struct seen_all *a, const struct seen_all *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct seen *s = &a->spans[i], *t = span_of(b, s->span.id);
        assert_non_null(t);
        assert_int_equal(s->low, t->low);
        assert_int_equal(s->span.parent, t->span.parent);
        assert_int_equal(s->span.start, t->span.start);
        assert_int_equal(s->span.end, t->span.end);
        assert_int_equal(s->span.kind, t->span.kind);
        /* Jaeger does not say that a parent is remote. */
        assert_int_equal(s->span.flags & ~LC_SPAN_REMOTE_PARENT, t->span.flags & ~LC_SPAN_REMOTE_PARENT);
#define SAME(field)                                                                                                    \
    assert_string_equal(lci_symbol_text(a->symbols, s->span.field), lci_symbol_text(b->symbols, t->span.field))
        SAME(service);
        SAME(operation);
        SAME(instance);
        SAME(host);
        SAME(release);
#undef SAME
        assert_int_equal(s->span.attribute_count, t->span.attribute_count);
        for (uint32_t k = 0; k < s->span.attribute_count; k++)
            assert_string_equal(lci_symbol_text(a->symbols, s->attributes[k].value),
                                attribute_of(b, t, s->attributes[k].key));
        assert_int_equal(s->span.link_count, t->span.link_count);
        assert_int_equal(s->span.event_count, t->span.event_count);
    }
}

static void one_trace_in_several_formats(void **state)
{
    (void)state;
    static const char *const others[] = {"equal.otlp.jsonl", "equal.otlp.pb"};
    struct seen_all jaeger_spans = {0};
    read_data(&jaeger_spans, "equal.jaeger.json", NULL);
    assert_int_equal(jaeger_spans.reading.traces, 2);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct seen_all spans = {0};
        read_data(&spans, others[i], NULL);
        same_spans(&jaeger_spans, &spans);
        same_spans(&spans, &jaeger_spans);
        forget(&spans);
    }
    forget(&jaeger_spans);
}

static void csv_of_pods(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_data(&all, "pods.csv", NULL);
    assert_int_equal(all.traces, 1);
    const struct seen *s = expect(&all, 1, 0, "ts-gateway-service", "/*", LC_KIND_UNKNOWN, T0, T0 + 5 * MS);
    assert_string_equal(TEXT(s->span.instance), "ts-gateway-service-6f6cfc45b-h5m2n");
    expect(&all, 2, 1, "ts-order-service", "GET /a,b", LC_KIND_UNKNOWN, T0 + MS, T0 + 2 * MS);
    assert_int_equal(all.count, 2);
    assert_int_equal(repaired(&all), 0);
    forget(&all);
}

static void wrappers(void **state)
{
    (void)state;
    static const char span[] =
        "{\"traceID\":\"ab\",\"spanID\":\"1\",\"startTime\":5,\"duration\":3,\"processID\":\"p\"}";
    static const char *const forms[] = {
        "{\"data\":[{\"traceID\":\"ab\",\"spans\":[%s],\"processes\":{\"p\":{\"serviceName\":\"s\"}}}]}",
        "{\"traceID\":\"ab\",\"processes\":{\"p\":{\"serviceName\":\"s\"}},\"spans\":[%s]}",
        "[{\"spans\":[%s],\"traceID\":\"ab\",\"processes\":{\"p\":{\"serviceName\":\"s\"}}}]",
        "{\"total\":1,\"data\":{\"spans\":[%s],\"processes\":{\"p\":{\"serviceName\":\"s\"}}}}",
        ("\xEF\xBB\xBF "
         "{\"data\":[]}\n{\"data\":[{\"traceID\":\"ab\",\"spans\":[%s],\"processes\":{\"p\":{\"serviceName\":\"s\"}}}]"
         "}"),
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char text[1000];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text, sizeof text, forms[i], span);
#pragma GCC diagnostic pop
        struct seen_all all = {0};
        read_text(&all, text);
        assert_int_equal(all.status, 0);
        assert_int_equal(all.count, 1);
        expect(&all, 1, 0, "s", "", LC_KIND_UNKNOWN, 5000, 8000);
        forget(&all);
    }
}

static void unknown_formats_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"{\"a\": 1, \"b\": {\"spans\": []}}", "JSON with the keys \"a\", \"b\""},
        {"trace;span;1;2\n", "text that begins with \"trace;span;1;2\""},
        {"\x89PNG\r\n\x1a\n", "binary data that begins with the bytes 89 50"},
        {"{\"status\": \"success\", \"data\": {\"result\": []}}", "JSON with the keys \"status\", \"data\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct seen_all all = {0};
        read_text(&all, cases[i].text);
        assert_int_equal(all.status, -1);
        assert_int_equal(all.diag.errors, 1);
        assert_int_equal(lc_diag_status(&all.diag), LC_INPUT);
        assert_non_null(strstr(all.diag.messages[0].text, cases[i].says));
        assert_non_null(strstr(all.diag.messages[0].text, "expected one of Jaeger JSON, "));
        assert_non_null(strstr(all.diag.messages[0].text, ", OTLP JSON, "));
        forget(&all);
    }
}

/* Jaeger's documents in Elasticsearch, one a line, in an array, and in the answer to a search. */
static void jaeger_documents(void **state)
{
    (void)state;
    static const char *const files[] = {"jaeger-documents.json", "jaeger-search.json"};
    for (int i = 0; i < 2; i++) {
        struct seen_all all = {0};
        read_data(&all, files[i], NULL);
        assert_int_equal(all.traces, 1);
        assert_int_equal(all.count, 2);
        assert_int_equal(repaired(&all), 0);
        const struct seen *s = expect(&all, 1, 0, "front", "GET /buy", LC_KIND_SERVER, T0, T0 + 100 * MS);
        expect(&all, 2, 1, "stock", "GET /stock", LC_KIND_SERVER, T0 + 10 * MS, T0 + 90 * MS);
        assert_string_equal(attribute_of(&all, s, LC_ATTR_HTTP_METHOD), i == 0 ? "" : "GET");
        assert_string_equal(TEXT(s->span.host), i == 0 ? "" : "node-1");
        assert_string_equal(TEXT(s->span.release), i == 0 ? "" : "2.0");
        forget(&all);
    }
}

/* The plain form, in any order of the columns, with units of times in their names, and others that nobody knows. */
static void csv_plain(void **state)
{
    (void)state;
    struct seen_all all = {0};
    static const char others[] =
        "start_ms,note,end_ns,operation,span,parent,service,trace,kind,instance,status\r\n"
        "1700000000000.000,\"a, \"\"b\"\"\",1700000000100000000,GET /buy,1,root,front,19b07a,2,f-1,ok\r\n"
        "1700000000010,,1700000000090000000,GET /stock,2,1,stock,19b07a,2,s-1,ERROR\r\n";
    for (int i = 0; i < 2; i++) {
        if (i == 0)
            read_data(&all, "plain.csv", NULL);
        else
            read_text(&all, others);
        assert_int_equal(all.status, 0);
        assert_int_equal(all.traces, 1);
        assert_int_equal(repaired(&all), 0);
        const struct seen *s = expect(&all, 1, 0, "front", "GET /buy", LC_KIND_SERVER, T0, T0 + 100 * MS);
        assert_string_equal(TEXT(s->span.instance), i == 0 ? "" : "f-1");
        s = expect(&all, 2, 1, "stock", "GET /stock", LC_KIND_SERVER, T0 + 10 * MS, T0 + 90 * MS);
        assert_int_equal(s->span.flags, i == 0 ? 0 : LC_SPAN_ERROR);
        forget(&all);
    }
    static const char *const refused[] = {
        "trace,span,service,start\n1,1,a,1\n", /* neither end nor duration */
        "trace,span,service,start,start_ms,end\n1,1,a,1,1,2\n",
        "trace,span,service,start,end\n1,1,a,1\n", /* a field is missing */
    };
    for (int i = 0; i < 3; i++) {
        read_text(&all, refused[i]);
        assert_int_equal(all.status, -1);
        assert_int_equal(lc_diag_status(&all.diag), LC_INPUT);
        forget(&all);
    }
}

/* Rows of other systems have keys of the same names: they are refused, with the keys that were found. */
static void rows_of_other_systems(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"[{\"timestamp\":\"2024-09-21T13:18:43Z\",\"traceID\":\"05\",\"spanID\":\"a5\",\"spanName\":\"buy\"}]",
         "\"spanName\""},
        {"{\"projectId\":\"p\",\"traceId\":\"01\",\"spans\":[{\"spanId\":\"1\",\"kind\":\"RPC_SERVER\"}]}",
         "\"projectId\""},
        {"[{\"traceID\":\"1\",\"name\":\"x\"}]", "\"traceID\", \"name\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seen_all all = {0};
        read_text(&all, rows[i].text);
        assert_int_equal(all.status, -1);
        assert_int_equal(lc_diag_status(&all.diag), LC_INPUT);
        assert_non_null(strstr(all.diag.messages[0].text, rows[i].said));
        forget(&all);
    }
}

/* Tempo gives what it has, and says that it is not all. */
static void partial_answer(void **state)
{
    (void)state;
    static const char spans[] =
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"5b8efff798038103d269b633813fc60c\",\"spanId\":"
        "\"eee19b7ec3c1b174\",\"startTimeUnixNano\":\"1700000000000000000\",\"endTimeUnixNano\":"
        "\"1700000000100000000\"}]}]}]}";
    static const struct {
        const char *before, *after;
        bool incomplete;
    } answers[] = {{"{\"trace\":", ",\"status\":\"PARTIAL\",\"message\":\"Trace exceeds maximum size\"}", true},
                   {"{\"status\":\"PARTIAL\",\"trace\":", "}", true},
                   {"{\"trace\":", ",\"status\":\"COMPLETE\"}", false},
                   {"", "", false}};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct seen_all all = {0};
        char *text = lc_format("%s%s%s", answers[i].before, spans, answers[i].after);
        read_text(&all, text);
        assert_int_equal(all.status, 0);
        assert_int_equal(all.count, 1);
        assert_int_equal(all.incomplete, answers[i].incomplete);
        assert_int_equal(all.diag.count, answers[i].incomplete);
        forget(&all);
        free(text);
    }
}

/* Jaeger names the traces of which it could not give all, before or after them. */
static void jaeger_errors(void **state)
{
    (void)state;
#define DATA                                                                                                           \
    "\"data\":[{\"traceID\":\"a1\",\"spans\":[{\"traceID\":\"a1\",\"spanID\":\"1\",\"startTime\":1700000000000000,"    \
    "\"duration\":5}],\"processes\":{}}]"
    static const struct {
        const char *text;
        size_t incomplete, warnings;
    } answers[] = {
        {"{" DATA ",\"errors\":[{\"code\":500,\"msg\":\"shard is away\",\"traceID\":\"a1\"}]}", 1, 1},
        {"{\"errors\":[{\"traceID\":\"a1\",\"msg\":\"shard is away\"}]," DATA "}", 1, 1},
        {"{" DATA ",\"errors\":[{\"code\":404,\"msg\":\"trace not found\",\"traceID\":\"b2\"}]}", 0, 1},
        {"{" DATA ",\"errors\":null}", 0, 0},
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct seen_all all = {0};
        read_text(&all, answers[i].text);
        assert_int_equal(all.status, 0);
        assert_int_equal(all.count, 1);
        assert_int_equal(all.incomplete, answers[i].incomplete);
        assert_int_equal(all.diag.count, answers[i].warnings);
        forget(&all);
    }
#undef DATA
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jaeger_documents),
        cmocka_unit_test(rows_of_other_systems),
        cmocka_unit_test(partial_answer),
        cmocka_unit_test(jaeger_errors),
        cmocka_unit_test(jaeger),
        cmocka_unit_test(otlp),
        cmocka_unit_test(base64_ids),
        cmocka_unit_test(zipkin),
        cmocka_unit_test(zipkin_v1),
        cmocka_unit_test(skywalking),
        cmocka_unit_test(skywalking_layers),
        cmocka_unit_test(call_graphs),
        cmocka_unit_test(one_trace_in_several_formats),
        cmocka_unit_test(csv_of_pods),
        cmocka_unit_test(csv_plain),
        cmocka_unit_test(wrappers),
        cmocka_unit_test(unknown_formats_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
