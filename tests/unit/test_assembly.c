/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of DeepFlow put together. tests/data/deepflow holds rows made for the purpose and what DeepFlow's own assembler
 * says of them; self times are expected corrected (overlapping calls count once, those that nobody waits for not at
 * all). The other cases were made here: each says which rows hang below which.
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "loadcast/tree.h"
#include "trace_read.h"

#define US INT64_C(1000)

/* ---- what was put together --------------------------------------------------------------------------------------- */

struct span_seen {                /* without padding, as arrays of it are compared as bytes */
    uint32_t row, second, parent; /* 0: none; second: another row of the same span */
    char point[12];
    int64_t duration, self; /* µs */
    uint32_t async;
    uint32_t trace;
};
static_assert(sizeof(struct span_seen) == 48, "no padding");

struct assembled {
    struct span_seen *spans;
    size_t count, capacity;
    unsigned traces;
    json_t *clocks;
    struct lc_symbols *symbols;
    struct lc_reading reading;
    int status;
    size_t messages;
};

static void keep(void *context, const struct lc_assembled *trace)
{
    struct assembled *a = context;
    a->traces++;
    for (size_t i = 0; i < trace->span_count; i++) {
        const struct lc_assembled_span *s = &trace->spans[i];
        LC_GROW(a->spans, a->count, a->capacity);
        struct span_seen *seen = &a->spans[a->count++];
        *seen = (struct span_seen){.row = (uint32_t)s->rows[0],
                                   .second = s->row_count > 1 ? (uint32_t)s->rows[1] : 0,
                                   .parent = s->root ? 0 : (uint32_t)s->parent,
                                   .duration = s->duration / US,
                                   .self = s->self / US,
                                   .async = s->async,
                                   .trace = a->traces};
        snprintf(seen->point, sizeof seen->point, "%s", s->point);
        assert_true(s->root == (s->reason == NULL));
    }
    for (size_t i = 0; i < trace->clock_count; i++)
        json_object_set_new(a->clocks, lci_symbol_text(a->symbols, trace->clocks[i].agent),
                            json_integer(trace->clocks[i].shift / US));
}

static int ignore(void *context, const struct lc_trace *trace)
{
    (void)context, (void)trace;
    return 0;
}

static struct assembled assemble_file(const char *path)
{
    struct assembled a = {.clocks = json_object(), .symbols = lci_symbols_new()};
    struct lc_diag diag = {0};
    const struct lc_reader_options options = {.assembled = keep, .context = &a};
    a.status = lc_traces_read(&path, 1, &options, a.symbols, ignore, NULL, &a.reading, &diag);
    a.messages = diag.count;
    const uint64_t *repaired = a.reading.repairs.count;
    assert_int_equal(a.reading.read, a.reading.spans + repaired[LC_REPAIR_DUPLICATE] + repaired[LC_REPAIR_NO_ID] +
                                         repaired[LC_REPAIR_ABSURD_TIME] + repaired[LC_REPAIR_DAMAGED] +
                                         repaired[LC_REPAIR_NETWORK_POINT] + repaired[LC_REPAIR_ONE_WAY]);
    lc_diag_free(&diag);
    return a;
}

static struct assembled assemble_text(const char *text)
{
    char path[40];
    const int fd = memory_file(text, strlen(text), path);
    const struct assembled a = assemble_file(path);
    close(fd);
    return a;
}

static void done(struct assembled *a)
{
    free(a->spans);
    free(a->reading.renamed);
    free(a->reading.times);
    json_decref(a->clocks);
    lci_symbols_free(a->symbols);
}

static const struct span_seen *of_row(const struct assembled *a, uint32_t row)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->spans[i].row == row)
            return &a->spans[i];
    fail_msg("there is no span of row %u", row);
    return NULL;
}

static void expect_parents(const struct assembled *a, size_t count, const uint32_t parents[][2])
{
    assert_int_equal(a->status, 0);
    assert_int_equal(a->count, count);
    for (size_t i = 0; i < count; i++)
        if (of_row(a, parents[i][0])->parent != parents[i][1])
            fail_msg("row %u hangs below %u, not below %u", parents[i][0], of_row(a, parents[i][0])->parent,
                     parents[i][1]);
}
#define EXPECT_PARENTS(a, ...)                                                                                         \
    do {                                                                                                               \
        static const uint32_t parents_[][2] = {__VA_ARGS__};                                                           \
        expect_parents(a, sizeof parents_ / sizeof *parents_, parents_);                                               \
    } while (0)

/* ---- DeepFlow's own answers -------------------------------------------------------------------------------------- */

static void as_deepflow_does(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t row; /* whose self time DeepFlow gets wrong */
        int64_t self;
    } cases[] = {
        {"A_two_sequential_calls", 0, 0},
        {"B_server_clock_3ms_early", 0, 0},
        {"C_app_spans", 0, 0},
        {"D_unmerged_request_response", 0, 0},
        {"F_async_after_response", 1, 5000},
        {"G_other_thread_unrelated", 0, 0},
        {"H_brother_calls", 0, 0},
        {"J_overlapping_calls_selftime", 1, 300},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *rows = lc_format("%s/deepflow/%s.rows.json", TEST_DATA, cases[i].name),
             *wanted = lc_format("%s/deepflow/%s.expected.json", TEST_DATA, cases[i].name);
        struct assembled a = assemble_file(rows);
        json_t *expected = json_load_file(wanted, 0, NULL), *spans = json_object_get(expected, "spans"), *span;
        size_t k;
        assert_int_equal(a.status, 0);
        assert_int_equal(a.traces, 1);
        assert_int_equal(a.count, json_array_size(spans));
        json_array_foreach(spans, k, span)
        {
            const struct span_seen *s = &a.spans[k];
            const json_t *ids = json_object_get(span, "rows");
            assert_int_equal(s->row, strtoul(json_string_value(json_array_get(ids, 0)), NULL, 10));
            assert_int_equal(s->second != 0, json_array_size(ids) > 1);
            assert_string_equal(s->point, json_string_value(json_object_get(span, "tap_side")));
            assert_int_equal(s->parent, json_integer_value(json_object_get(span, "parent_row")));
            assert_int_equal(s->duration, json_integer_value(json_object_get(span, "duration")));
            assert_int_equal(s->self, s->row == cases[i].row
                                          ? cases[i].self
                                          : json_integer_value(json_object_get(span, "deepflow_selftime")));
        }
        assert_true(json_equal(a.clocks, json_object_get(expected, "host_clock_correction_us")));
        json_decref(expected);
        free(rows);
        free(wanted);
        done(&a);
    }
}

/* The rows of one case in all forms: the same trees, whatever columns and enumerations are called. */
static void in_all_forms(void **state)
{
    (void)state;
    static const char *const names[] = {"A.csv", "A.jsonl", "A.compact.json", "A.otlp.json"};
    char *path = lc_format("%s/deepflow/A_two_sequential_calls.rows.json", TEST_DATA);
    struct assembled first = assemble_file(path);
    free(path);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        path = lc_format("%s/deepflow/%s", TEST_DATA, names[i]);
        struct assembled a = assemble_file(path);
        assert_int_equal(a.status, 0);
        assert_int_equal(a.messages, 0);
        assert_int_equal(a.count, first.count);
        assert_memory_equal(a.spans, first.spans, a.count * sizeof *a.spans);
        free(path);
        done(&a);
    }
    done(&first);
}

static void expect_error(const char *text, const char *says)
{
    struct seen_all all = {0};
    read_text(&all, text);
    assert_int_equal(all.status, -1);
    assert_int_equal(all.diag.errors, 1);
    if (strstr(all.diag.messages[0].text, says) == NULL)
        fail_msg("expected \"%s\", found \"%s\"", says, all.diag.messages[0].text);
    forget(&all);
}

static void wrong_tables(void **state)
{
    (void)state;
    expect_error("{\"OPT_STATUS\":\"SUCCESS\",\"result\":{\"columns\":[\"time\",\"byte\"],\"values\":[[1,2]]}}",
                 "rows without the column observation_point");
    expect_error("{\"result\":{\"columns\":[\"tap_side\",\"start_time_us\",\"end_time_us\"],\"values\":[[\"s\",1]]}}",
                 "a row of 2 values; expected 3");
    expect_error("{\"OPT_STATUS\":\"INVALID_SQL\",\"DESCRIPTION\":\"no such table\",\"result\":{\"columns\":[]}}",
                 "expected OPT_STATUS SUCCESS, found INVALID_SQL: no such table");
    expect_error("{\"DESCRIPTION\":\"down\",\"OPT_STATUS\":\"SERVER_ERROR\",\"result\":null}", "SERVER_ERROR: down");
    expect_error("tap_side,start_time_us\ns,1\n", "rows without the column end_time");
}

/* Operations of rows without an endpoint, and names of services without auto_service. */
static void names_of_rows(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_text(&all,
              "_id,tap_side,vtap_id,start_time_us,end_time_us,pod_1,process_kname_1,l7_protocol,request_type,"
              "request_resource,process_id_1,req_tcp_seq,syscall_trace_id_request\n"
              "1,s-p,1,1700000000000000,1700000000001000,cart-7,,20,GET,/orders/123?x=1,1,1,1\n"
              "2,s-p,1,1700000000002000,1700000000003000,,mysqld,MySQL,COM_QUERY,SELECT * FROM t WHERE a=5,2,2,2\n"
              "3,s-p,1,1700000000004000,1700000000005000,,,gRPC,Get,shop.Cart,3,3,3\n"
              "4,s-p,1,1700000000006000,1700000000007000,,,gRPC,,,4,4,4\n");
    static const char *const wanted[][2] = {
        {"cart-7", "GET /orders/:id"}, {"mysqld", "SELECT FROM t"}, {"unknown", "shop.Cart"}, {"unknown", "grpc"}};
    assert_int_equal(all.count, 4);
    assert_int_equal(all.diag.count, 0);
    for (uint64_t i = 0; i < 4; i++) {
        const struct lc_span *s = &span_of(&all, i + 1)->span;
        assert_string_equal(lci_symbol_text(all.symbols, s->service), wanted[i][0]);
        assert_string_equal(lci_symbol_text(all.symbols, s->operation), wanted[i][1]);
    }
    forget(&all);
}

/* ---- rows made here ---------------------------------------------------------------------------------------------- */

/* One row a line: number, point, agent, process, start, end (µs), sequence numbers, syscall ids, and more. */
#define T0 "17000000000"
#define ROW(id, point, agent, process, from, to, seq0, seq1, in, out, more)                                            \
    "{\"_id\":" #id ",\"tap_side\":\"" point "\",\"vtap_id\":" #agent ",\"process_id_0\":" #process                    \
    ",\"process_id_1\":" #process ",\"l7_protocol\":20,\"protocol\":6,\"type\":2,\"start_time_us\":" T0 #from          \
    ",\"end_time_us\":" T0 #to ",\"req_tcp_seq\":" #seq0 ",\"resp_tcp_seq\":" #seq1                                    \
    ",\"syscall_trace_id_request\":" #in ",\"syscall_trace_id_response\":" #out ",\"auto_service_0\":\"a\","           \
    "\"auto_service_1\":\"b\"" more "}\n"

/* Three services, each calls the next twice. Only the kernel saw it, and nothing but sequence numbers and syscalls
 * connects it. */
#define CHAIN                                                                                                          \
    ROW(1, "s-p", 1, 10, 00000, 90000, 1, 2, 100, 103, "")                                                             \
    ROW(2, "c-p", 1, 10, 10000, 40000, 3, 4, 100, 101, "")                                                             \
    ROW(3, "c-p", 1, 10, 50000, 80000, 5, 6, 101, 103, "")                                                             \
    ROW(4, "s-p", 2, 20, 11000, 39000, 3, 4, 200, 202, "")                                                             \
    ROW(5, "s-p", 2, 20, 51000, 79000, 5, 6, 300, 302, "")                                                             \
    ROW(6, "c-p", 2, 20, 12000, 20000, 7, 8, 200, 201, "")                                                             \
    ROW(7, "c-p", 2, 20, 22000, 30000, 9, 10, 201, 202, "")                                                            \
    ROW(8, "c-p", 2, 20, 52000, 60000, 11, 12, 300, 301, "")                                                           \
    ROW(9, "c-p", 2, 20, 62000, 70000, 13, 14, 301, 302, "")                                                           \
    ROW(10, "s-p", 3, 30, 13000, 19000, 7, 8, 400, 400, "")                                                            \
    ROW(11, "s-p", 3, 30, 23000, 29000, 9, 10, 401, 401, "")                                                           \
    ROW(12, "s-p", 3, 30, 53000, 59000, 11, 12, 402, 402, "")                                                          \
    ROW(13, "s-p", 3, 30, 63000, 69000, 13, 14, 403, 403, "")

static void three_services_without_instrumentation(void **state)
{
    (void)state;
    struct assembled a = assemble_text(CHAIN);
    EXPECT_PARENTS(&a, {1, 0}, {2, 1}, {3, 1}, {4, 2}, {5, 3}, {6, 4}, {7, 4}, {8, 5}, {9, 5}, {10, 6}, {11, 7},
                   {12, 8}, {13, 9});
    assert_int_equal(a.traces, 1);
    assert_int_equal(of_row(&a, 1)->self, 30000);
    assert_int_equal(of_row(&a, 4)->self, 12000);
    assert_int_equal(of_row(&a, 10)->self, 6000);
    done(&a);
}

/* The same rows in any order give the same trees; twice the same rows too, and counts of those that came twice. */
static void order_does_not_matter(void **state)
{
    (void)state;
    struct assembled first = assemble_text(CHAIN);
    const char *text = CHAIN, *lines[13];
    size_t count = 0;
    for (const char *at = text; *at != 0; at = strchr(at, '\n') + 1)
        lines[count++] = at;
    uint64_t seed = 77;
    for (int round = 0; round < 20; round++) {
        char *shuffled = lc_calloc(2 * strlen(text) + 1, 1);
        for (size_t i = count; i-- > 1;) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            const size_t k = (seed >> 33) % (i + 1);
            const char *line = lines[i];
            lines[i] = lines[k];
            lines[k] = line;
        }
        for (size_t i = 0; i < count; i++)
            strncat(shuffled, lines[i], (size_t)(strchr(lines[i], '\n') + 1 - lines[i]));
        if (round % 2 == 1)
            strcat(shuffled, text);
        struct assembled a = assemble_text(shuffled);
        assert_int_equal(a.count, first.count);
        assert_memory_equal(a.spans, first.spans, a.count * sizeof *a.spans);
        assert_int_equal(a.reading.repairs.count[LC_REPAIR_DUPLICATE], round % 2 == 1 ? 13 : 0);
        free(shuffled);
        done(&a);
    }
    done(&first);
    /* And one that was logged twice, under two numbers. */
    struct assembled a = assemble_text(ROW(1, "c-p", 1, 10, 10000, 12000, 3, 4, 5, 6, "") ROW(
        2, "s-p", 2, 20, 10500, 11500, 3, 4, 7, 7, "") ROW(3, "s-p", 2, 20, 10500, 11500, 3, 4, 7, 7, ""));
    EXPECT_PARENTS(&a, {1, 0}, {2, 1});
    done(&a);
}

/* Two requests on one connection at once, logged as halves: streams tell which answer belongs to which request. */
static void interleaved_on_one_connection(void **state)
{
    (void)state;
#define HALF(id, point, agent, type, at, seq0, seq1, request, more)                                                    \
    "{\"_id\":" #id ",\"observation_point\":\"" point "\",\"agent_id\":" #agent ",\"l7_protocol\":\"HTTP2\","          \
    "\"type\":\"" type "\",\"flow_id\":7" #agent ",\"start_time_us\":" T0 #at ",\"end_time_us\":" T0 #at               \
    ",\"req_tcp_seq\":" #seq0 ",\"resp_tcp_seq\":" #seq1 ",\"request_id\":" #request more "}\n"
    struct assembled a = assemble_text(HALF(1, "c", 1, "request", 10000, 50, 0, 1, ",\"endpoint\":\"/x\"")
                                           HALF(2, "c", 1, "request", 11000, 51, 0, 3, ",\"endpoint\":\"/y\"")
                                               HALF(3, "s", 2, "request", 12000, 50, 0, 1, ",\"endpoint\":\"/x\"")
                                                   HALF(4, "s", 2, "request", 13000, 51, 0, 3, ",\"endpoint\":\"/y\"")
                                                       HALF(5, "s", 2, "response", 20000, 0, 60, 3, "")
                                                           HALF(6, "c", 1, "response", 21000, 0, 60, 3, "")
                                                               HALF(7, "s", 2, "response", 30000, 0, 61, 1, "")
                                                                   HALF(8, "c", 1, "response", 31000, 0, 61, 1, ""));
    EXPECT_PARENTS(&a, {1, 0}, {2, 0}, {3, 1}, {4, 2});
    assert_int_equal(of_row(&a, 1)->duration, 21000);
    assert_int_equal(of_row(&a, 2)->duration, 10000);
    assert_int_equal(of_row(&a, 4)->second, 5);
    assert_int_equal(a.reading.repairs.count[LC_REPAIR_ONE_WAY], 4);
    assert_int_equal(a.traces, 2);
    done(&a);
    /* The kernel numbers messages: the first answer belongs to the first request, although another one came between. */
#define NUMBERED(id, type, at, capture, which)                                                                         \
    "{\"_id\":" #id ",\"tap_side\":\"s-p\",\"signal_source\":3,\"vtap_id\":1,\"l7_protocol\":80,\"type\":" #type       \
    ",\"flow_id\":5,\"start_time_us\":" T0 #at ",\"end_time_us\":" T0 #at ",\"syscall_cap_seq_" #which "\":" #capture  \
    "}\n"
    struct assembled b = assemble_text(NUMBERED(1, 0, 10000, 10, 0) NUMBERED(2, 0, 11000, 12, 0)
                                           NUMBERED(3, 1, 15000, 11, 1) NUMBERED(4, 1, 18000, 13, 1));
    EXPECT_PARENTS(&b, {1, 0}, {2, 0});
    assert_int_equal(of_row(&b, 1)->second, 3);
    assert_int_equal(of_row(&b, 2)->duration, 7000);
    done(&b);
    /* A name server answers twice. */
#define DNS(id, type, at, capture, which)                                                                              \
    "{\"_id\":" #id                                                                                                    \
    ",\"tap_side\":\"c-p\",\"signal_source\":\"eBPF\",\"vtap_id\":1,\"l7_protocol\":\"DNS\",\"type\":" #type           \
    ",\"flow_id\":5,\"start_time_us\":" T0 #at ",\"end_time_us\":" T0 #at ",\"syscall_cap_seq_" #which "\":" #capture  \
    "}\n"
    struct assembled c = assemble_text(DNS(1, 0, 10000, 10, 0) DNS(2, 1, 15000, 11, 1) DNS(3, 1, 18000, 12, 1));
    EXPECT_PARENTS(&c, {1, 0});
    assert_int_equal(of_row(&c, 1)->duration, 8000);
    done(&c);
}

/* A gateway of which only the network was seen: it puts an X-Request-ID into what it sends on. */
static void gateway_by_x_request_id(void **state)
{
    (void)state;
    struct assembled a =
        assemble_text(ROW(1, "c-p", 1, 10, 10000, 50000, 1, 2, 5, 6, "")
                          ROW(2, "s", 2, 0, 11000, 49000, 1, 2, 0, 0, ",\"x_request_id_1\":\"r-77\"")
                              ROW(3, "c", 2, 0, 15000, 45000, 3, 4, 0, 0, ",\"x_request_id_0\":\"r-77\"")
                                  ROW(4, "s-p", 3, 30, 16000, 44000, 3, 4, 7, 7, ",\"x_request_id_0\":\"r-77\""));
    EXPECT_PARENTS(&a, {1, 0}, {2, 1}, {3, 2}, {4, 3});
    assert_int_equal(a.traces, 1);
    done(&a);
    /* And one whose process was seen, where work moves to another thread. */
    struct assembled b =
        assemble_text(ROW(1, "s-p", 1, 10, 10000, 50000, 1, 2, 5, 6, ",\"x_request_id_1\":\"r-78\"")
                          ROW(2, "c-p", 1, 10, 15000, 45000, 3, 4, 8, 9, ",\"x_request_id_0\":\"r-78\""));
    EXPECT_PARENTS(&b, {1, 0}, {2, 1});
    done(&b);
}

/* A message: what was sent, what takes it (as a client of the queue), and what that does with it. */
static void message_by_trace_id(void **state)
{
    (void)state;
#define KAFKA(id, agent, process, from, to, in, out, type)                                                             \
    "{\"_id\":" #id ",\"tap_side\":\"c-p\",\"vtap_id\":" #agent ",\"process_id_0\":" #process                          \
    ",\"l7_protocol\":100,\"type\":2,\"start_time_us\":" T0 #from ",\"end_time_us\":" T0 #to                           \
    ",\"syscall_trace_id_request\":" #in ",\"syscall_trace_id_response\":" #out                                        \
    ",\"trace_id\":\"ab12\",\"request_type\":\"" type "\",\"request_resource\":\"orders\",\"auto_service_0\":\"a\"}\n"
    struct assembled b = assemble_text(
        ROW(1, "s-p", 1, 10, 10000, 20000, 1, 2, 5, 7, "") KAFKA(2, 1, 10, 12000, 14000, 5, 6, "Produce")
            KAFKA(3, 2, 20, 13000, 31000, 40, 41, "Fetch") ROW(4, "c-p", 2, 20, 33000, 35000, 7, 8, 41, 42, "")
                ROW(5, "c-p", 2, 20, 36000, 37000, 9, 10, 42, 43, ""));
    EXPECT_PARENTS(&b, {1, 0}, {2, 1}, {3, 2}, {4, 3}, {5, 3});
    assert_true(of_row(&b, 3)->async && of_row(&b, 4)->async && !of_row(&b, 2)->async);
    assert_int_equal(b.traces, 1);
    done(&b);
}

/* Through address translation sequence numbers stay; the server's clock is 8 ms late. */
static void address_translation_and_clocks(void **state)
{
    (void)state;
    struct assembled a =
        assemble_text(ROW(1, "c-p", 1, 10, 10000, 30000, 1, 2, 5, 6, ",\"ip_1\":\"10.0.0.1\"")
                          ROW(2, "c", 1, 0, 10100, 29900, 1, 2, 0, 0, ",\"ip_1\":\"10.0.0.1\"")
                              ROW(3, "c-gw", 3, 0, 10500, 29500, 1, 2, 0, 0, ",\"ip_1\":\"10.0.0.1\"")
                                  ROW(4, "s-gw", 3, 0, 10600, 29400, 1, 2, 0, 0, ",\"ip_1\":\"10.9.9.9\"")
                                      ROW(5, "s", 2, 0, 19000, 37000, 1, 2, 0, 0, ",\"ip_1\":\"10.9.9.9\"")
                                          ROW(6, "s-p", 2, 20, 19200, 36800, 1, 2, 7, 7, ",\"ip_1\":\"10.9.9.9\""));
    EXPECT_PARENTS(&a, {1, 0}, {2, 1}, {3, 2}, {4, 3}, {5, 4}, {6, 5});
    assert_int_equal(of_row(&a, 1)->self, 200);
    assert_int_equal(of_row(&a, 4)->self, 800);
    assert_int_equal(of_row(&a, 5)->self, 400);
    assert_int_equal(json_integer_value(json_object_get(a.clocks, "2")), -7600);
    done(&a);
}

/* A request that was never answered, one that took no time, and a sequence number used again a second later. */
static void odd_rows(void **state)
{
    (void)state;
    struct assembled a = assemble_text(
        "{\"_id\":1,\"tap_side\":\"s-p\",\"vtap_id\":1,\"process_id_1\":10,\"l7_protocol\":20,\"type\":0,"
        "\"start_time_us\":" T0 "10000,\"end_time_us\":" T0 "10000,\"req_tcp_seq\":1,\"syscall_trace_id_request\":5,"
        "\"auto_service_1\":\"b\"}\n" ROW(2, "c-p", 1, 10, 11000, 12000, 3, 4, 5, 6, "")
            ROW(3, "s-p", 2, 20, 11500, 11500, 3, 4, 7, 7, ""));
    EXPECT_PARENTS(&a, {1, 0}, {2, 1}, {3, 2});
    assert_int_equal(of_row(&a, 3)->self, 0);
    assert_int_equal(of_row(&a, 2)->self, 1000);
    done(&a);
    struct assembled b =
        assemble_text(ROW(1, "c-p", 1, 10, 10000, 12000, 3, 4, 5, 6, "")
                          ROW(2, "s-p", 2, 20, 10500, 11500, 3, 4, 7, 7,
                              "") "{\"_id\":3,\"tap_side\":\"s-p\",\"vtap_id\":2,\"l7_protocol\":20,\"type\":2,\"start_"
                                  "time_us\":1700000001011000,"
                                  "\"end_time_us\":1700000001011500,\"req_tcp_seq\":3,\"resp_tcp_seq\":4}\n");
    EXPECT_PARENTS(&b, {1, 0}, {2, 1}, {3, 0});
    assert_int_equal(b.traces, 2);
    done(&b);
    /* An answer without its request makes no span of a trace; one number in common is shown, and nothing hangs by it.
     */
    struct assembled c = assemble_text("{\"_id\":1,\"tap_side\":\"s\",\"vtap_id\":2,\"l7_protocol\":20,\"type\":1,"
                                       "\"start_time_us\":" T0 "10000,\"end_time_us\":" T0
                                       "10000,\"resp_tcp_seq\":9}\n" ROW(2, "c", 1, 0, 20000, 30000, 3, 4, 0, 0, "")
                                           ROW(3, "s", 2, 0, 21000, 29000, 3, 5, 0, 0, ""));
    EXPECT_PARENTS(&c, {1, 0}, {2, 0}, {3, 0});
    assert_int_equal(c.traces, 2);
    assert_int_equal(c.reading.spans, 2);
    assert_int_equal(c.reading.repairs.count[LC_REPAIR_ONE_WAY], 1);
    done(&c);
}

/* ---- trees ------------------------------------------------------------------------------------------------------- */

static int see_hops(void *context, const struct lc_tree *tree)
{
    const struct lc_symbols *symbols = context;
    static const struct {
        const char *from, *to;
        int64_t latency; /* µs */
    } wanted[] = {{"c-p", "c", 200}, {"c", "s", 400}, {"s", "s-p", 400}};
    assert_int_equal(tree->node_count, 3);
    const struct lc_tree_node *call = &tree->nodes[1]; /* of back; the other goes to Redis, which nobody saw */
    assert_string_equal(lci_symbol_text(symbols, call->task), "back");
    assert_int_equal(call->hop_count, 3);
    int64_t sum = 0;
    for (unsigned i = 0; i < 3; i++) {
        const struct lc_hop *hop = &tree->hops[call->first_hop + i];
        assert_string_equal(lci_symbol_text(symbols, hop->from), wanted[i].from);
        assert_string_equal(lci_symbol_text(symbols, hop->to), wanted[i].to);
        assert_int_equal(hop->latency, wanted[i].latency * US);
        sum += hop->latency;
    }
    assert_int_equal(sum, call->network_latency);
    assert_int_equal(tree->nodes[0].self, 4800 * US);
    assert_int_equal(tree->nodes[2].hop_count, 0);
    return 0;
}

/* The time between client and server by the points between, whether the clocks agree or one is 3 ms early. */
static void network_by_hops(void **state)
{
    (void)state;
    static const char *const names[] = {"A_two_sequential_calls", "B_server_clock_3ms_early"};
    for (size_t i = 0; i < 2; i++) {
        char *path = lc_format("%s/deepflow/%s.rows.json", TEST_DATA, names[i]);
        const char *const input = path;
        struct lc_diag diag = {0};
        struct lc_extraction extraction = {0};
        struct lc_symbols *symbols = lci_symbols_new();
        static const struct lc_tree_options options;
        assert_int_equal(lc_trees_read(&input, 1, &options, symbols, see_hops, symbols, &extraction, &diag), 0);
        assert_int_equal(extraction.trees, 1);
        lc_extraction_free(&extraction);
        lci_symbols_free(symbols);
        lc_diag_free(&diag);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_deepflow_does),
        cmocka_unit_test(in_all_forms),
        cmocka_unit_test(wrong_tables),
        cmocka_unit_test(names_of_rows),
        cmocka_unit_test(three_services_without_instrumentation),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(interleaved_on_one_connection),
        cmocka_unit_test(gateway_by_x_request_id),
        cmocka_unit_test(message_by_trace_id),
        cmocka_unit_test(address_translation_and_clocks),
        cmocka_unit_test(odd_rows),
        cmocka_unit_test(network_by_hops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
