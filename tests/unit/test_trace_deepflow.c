/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers of DeepFlow. The files in data/traces/deepflow are answers of the real assembler to rows made for the
 * purpose; what a request did itself is expected from the rows, because the self times in the answers count overlapping
 * and asynchronous calls twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit/trace/json.h"
#include "fit/trace/symbols.h"
#include "loadcast/tree.h"
#include "trace_read.h"

#define US INT64_C(1000)
#define T0 INT64_C(1700000000000000000)

static const struct seen *row(const struct seen_all *all, unsigned number)
{
    const struct seen *s = span_of(all, 7301444403200000000u + number);
    assert_non_null(s);
    return s;
}

static void expect(const struct seen_all *all, unsigned number, unsigned parent, int kind, const char *service,
                   int64_t start, int64_t end)
{
    const struct lc_span *s = &row(all, number)->span;
    assert_int_equal(s->parent, parent != 0 ? 7301444403200000000u + parent : 0);
    assert_int_equal(s->kind, kind);
    assert_string_equal(lci_symbol_text(all->symbols, s->service), service);
    assert_int_equal(s->start, T0 + start * US);
    assert_int_equal(s->end, T0 + end * US);
}

static void path_of(char path[200], const char *name)
{
    snprintf(path, 200, "%s/traces/deepflow/%s.json", TEST_DATA, name);
}

static void read_answer(struct seen_all *all, const char *name)
{
    char path[200];
    path_of(path, name);
    read_file(all, path);
    assert_int_equal(all->status, 0);
    assert_int_equal(all->diag.count, 0);
    assert_int_equal(all->traces, 1);
}

/* Processes have spans, the network points between them none. */
static void calls_of_processes(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_answer(&all, "sequence");
    assert_int_equal(all.count, 4);
    expect(&all, 2, 0, LC_KIND_SERVER, "front", 100, 9900);
    expect(&all, 3, 2, LC_KIND_CLIENT, "front", 1000, 4000);
    expect(&all, 6, 3, LC_KIND_SERVER, "back", 1500, 3500);
    expect(&all, 7, 2, LC_KIND_CLIENT, "front", 5000, 7000);
    assert_string_equal(attribute_of(&all, row(&all, 7), LC_ATTR_DB_SYSTEM), "redis");
    assert_string_equal(attribute_of(&all, row(&all, 7), LC_ATTR_DB_QUERY), "GET k");
    assert_string_equal(lci_symbol_text(all.symbols, row(&all, 7)->span.operation), "GET"); /* not its key */
    assert_string_equal(lci_symbol_text(all.symbols, row(&all, 6)->span.host), "2");
    assert_string_equal(lci_symbol_text(all.symbols, row(&all, 6)->span.instance), "back-1");
    assert_int_equal(all.reading.repairs.count[LC_REPAIR_NETWORK_POINT], 4);
    assert_int_equal(repaired(&all), 4);
    forget(&all);
}

/* Of instrumentation and kernel, the outer server and the inner client are the ends of the call. */
static void instrumentation_is_inside(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_answer(&all, "instrumented");
    assert_int_equal(all.count, 6);
    expect(&all, 1, 0, LC_KIND_SERVER, "front", 0, 10000);
    expect(&all, 2, 1, LC_KIND_INTERNAL, "front", 500, 9500);
    expect(&all, 3, 2, LC_KIND_INTERNAL, "front", 1000, 4000);
    expect(&all, 4, 3, LC_KIND_CLIENT, "front", 1200, 3900);
    expect(&all, 5, 4, LC_KIND_SERVER, "back", 1500, 3500);
    expect(&all, 6, 5, LC_KIND_INTERNAL, "back", 1600, 3400);
    assert_int_equal(repaired(&all), 0);
    forget(&all);
}

static void asynchronous_calls_are_marked(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_answer(&all, "async");
    assert_int_equal(row(&all, 1)->span.flags & LC_SPAN_FOLLOWS, 0);
    assert_int_equal(row(&all, 2)->span.flags & LC_SPAN_FOLLOWS, LC_SPAN_FOLLOWS);
    assert_int_equal(row(&all, 3)->span.flags & LC_SPAN_FOLLOWS, LC_SPAN_FOLLOWS);
    forget(&all);
}

/* ---- what requests did themselves -------------------------------------------------------------------------------- */

struct sums {
    const struct lc_symbols *symbols;
    int64_t front, back; /* self times */
    unsigned calls[4];   /* by class of the edge */
};

static int add_tree(void *context, const struct lc_tree *tree)
{
    struct sums *sums = context;
    for (size_t i = 0; i < tree->node_count; i++) {
        const struct lc_tree_node *node = &tree->nodes[i];
        const char *task = lci_symbol_text(sums->symbols, node->task);
        sums->calls[node->edge]++;
        sums->front += strcmp(task, "front") == 0 ? node->self : 0;
        sums->back += strcmp(task, "back") == 0 ? node->self : 0;
    }
    return 0;
}

static void self_times(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t front, back; /* µs */
        unsigned sync, concurrent, forget;
    } cases[] = {
        {"sequence", 9800 - 3000 - 2000, 2000, 2, 0, 0},
        {"clock", 9800 - 3000 - 2000, 2000, 2, 0, 0}, /* the server's clock is 3 ms early */
        {"instrumented", 10000 - 2700, 2000, 1, 0, 0},
        {"async", 5000, 0, 0, 0, 2},
        {"overlap", 1000 - 700, 0, 0, 2, 0},
        {"brothers", 9000 - 3 * 1000, 0, 3, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[200];
        path_of(path, cases[i].name);
        const char *const input = path;
        struct lc_diag diag = {0};
        struct lc_extraction extraction = {0};
        struct lc_symbols *symbols = lci_symbols_new();
        struct sums sums = {.symbols = symbols};
        static const struct lc_tree_options options;
        assert_int_equal(lc_trees_read(&input, 1, &options, symbols, add_tree, &sums, &extraction, &diag), 0);
        assert_int_equal(sums.front, cases[i].front * US);
        assert_int_equal(sums.back, cases[i].back * US);
        assert_int_equal(sums.calls[LC_EDGE_ROOT], 1);
        assert_int_equal(sums.calls[LC_EDGE_SYNC], cases[i].sync);
        assert_int_equal(sums.calls[LC_EDGE_CONCURRENT], cases[i].concurrent);
        assert_int_equal(sums.calls[LC_EDGE_FORGET], cases[i].forget);
        lc_extraction_free(&extraction);
        lci_symbols_free(symbols);
        lc_diag_free(&diag);
    }
}

/* ---- incomplete answers ------------------------------------------------------------------------------------------ */

#define ROW(number, parent, point, service, from, to, more)                                                            \
    "{\"_ids\":[\"730144440320000000" #number "\"],\"id\":" #number ",\"parent_id\":" #parent ",\"tap_side\":\"" point \
    "\",\"auto_service\":\"" service "\",\"start_time_us\":1700000000000" #from ",\"end_time_us\":\"1700000000000" #to \
    "\",\"l7_protocol\":20,\"endpoint\":\"/x\"" more "}"

static void points_stand_for_unseen_processes(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_text(
        &all,
        "{\"tracing\":[" ROW(1, -1, "c", "front", 100, 900, "") "," ROW(2, 1, "c-nd", "front", 110, 890, "") "," ROW(
            3, 2, "s-nd", "back", 200, 800, "") "," ROW(4, 3, "s", "back", 210, 790,
                                                        ",\"response_status\":3") "," ROW(5, 4, "c-p", "back", 300, 700,
                                                                                          "") "]}");
    assert_int_equal(all.status, 0);
    assert_int_equal(all.count, 3);
    expect(&all, 1, 0, LC_KIND_CLIENT, "front", 100, 900);
    expect(&all, 4, 1, LC_KIND_SERVER, "back", 210, 790);
    expect(&all, 5, 4, LC_KIND_CLIENT, "back", 300, 700);
    assert_int_equal(row(&all, 4)->span.flags, LC_SPAN_ERROR);
    assert_string_equal(attribute_of(&all, row(&all, 5), LC_ATTR_PEER_SERVICE),
                        "http"); /* nothing seen of the server */
    assert_string_equal(attribute_of(&all, row(&all, 1), LC_ATTR_PEER_SERVICE), "");
    assert_int_equal(all.reading.repairs.count[LC_REPAIR_NETWORK_POINT], 2);
    forget(&all);
}

static void damaged_trees(void **state)
{
    (void)state;
    struct seen_all all = {0};
    /* A ring, an unknown parent, a request without its answer, and a second answer in the same file. */
    read_text(&all, "{\"OPT_STATUS\":\"SUCCESS\",\"DATA\":{\"tracing\":[" ROW(1, 2, "s-p", "a", 100, 900, "") "," ROW(
                        2, 1, "c-p", "a", 200, 800,
                        "") "," ROW(3, 77, "s-p", "b", 300, 700,
                                    "") "," ROW(4, 1, "c-p", "a", 400, 400,
                                                ",\"type\":0") "]}}\n"
                                                               "{\"DATA\":{\"tracing\":[" ROW(
                                                                   5, -1, "s-p", "c", 100, 200,
                                                                   ",\"trace_id\":\"ab,cd\"") "]}}");
    assert_int_equal(all.status, 0);
    assert_int_equal(all.traces, 2);
    assert_int_equal(all.count, 5);
    assert_int_equal(all.reading.repairs.count[LC_REPAIR_CYCLE], 1);
    assert_int_equal(all.reading.repairs.count[LC_REPAIR_NO_DURATION], 1);
    assert_int_equal(all.reading.repairs.count[LC_REPAIR_ORPHAN], 1);
    expect(&all, 3, 0, LC_KIND_SERVER, "b", 300, 700);
    assert_int_equal(row(&all, 5)->low, 0xab);
    forget(&all);
}

/* Older answers have no index of the parent but ids of spans. */
static void parents_by_span(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_text(&all, "{\"services\":[],\"tracing\":["
                    "{\"_ids\":[\"7301444403200000001\"],\"tap_side\":\"s-app\",\"service_uname\":\"a\",\"id\":0,"
                    "\"start_time_us\":1700000000000100,\"end_time_us\":1700000000000900,\"deepflow_span_id\":\"aa\","
                    "\"deepflow_parent_span_id\":\"\"},"
                    "{\"_ids\":[\"7301444403200000002\"],\"tap_side\":\"c-app\",\"service_uname\":\"a\",\"id\":1,"
                    "\"start_time_us\":1700000000000200,\"end_time_us\":1700000000000300,\"deepflow_span_id\":\"bb\","
                    "\"deepflow_parent_span_id\":\"aa\"}]}");
    assert_int_equal(all.status, 0);
    expect(&all, 1, 0, LC_KIND_SERVER, "a", 100, 900);
    expect(&all, 2, 1, LC_KIND_CLIENT, "a", 200, 300);
    forget(&all);
}

/* ---- rows in tables ---------------------------------------------------------------------------------------------- */

/* Plain cells and those that only a parser of JSON reads, with blanks and without, say the same. */
static void cells_in_any_writing(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "[1,\"s-p\",\"1\",1700000000000100,1700000000000900,\"shop, \\u0022front\\u0022\",null,-1,1.50,true],"
        "[2,\"c-p\",\"1\",1700000000000200,1700000000000800,\"shop, \\\"front\\\"\",\"\",0,2e1,false]",
        "[ 1 , \"s\\u002dp\" ,\n\"1\",1.7000000000001e15,1700000000000900.0,\"shop, \\\"front\\\"\",\"\",-1,1.5,"
        "\"true\"],\n\t[2,\"c-\\u0070\",\"1\",17000000000002e2,1700000000000800, \"shop, \\\"front\\\"\" , null ,0,20,"
        "\"fal\\u0073e\"] "};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seen_all all = {0};
        char text[1000];
        snprintf(text, sizeof text,
                 "{\"result\":{\"columns\":[\"_id\",\"tap_side\",\"vtap_id\",\"start_time_us\",\"end_time_us\","
                 "\"app_service\",\"trace_id\",\"none\",\"other\",\"is_async\"],\"values\":[%s]}}",
                 rows[i]);
        read_text(&all, text);
        assert_int_equal(all.status, 0);
        assert_int_equal(all.count, 2);
        const struct lc_span *server = &span_of(&all, 1)->span, *client = &span_of(&all, 2)->span;
        assert_int_equal(server->start, INT64_C(1700000000000100) * US);
        assert_int_equal(client->start, INT64_C(1700000000000200) * US);
        assert_int_equal(client->end, INT64_C(1700000000000800) * US);
        assert_string_equal(lci_symbol_text(all.symbols, client->service), "shop, \"front\"");
        assert_int_equal(server->service, client->service);
        forget(&all);
    }
}

/* A table that is no JSON, or whose rows have other lengths than its names. */
static void damaged_cells(void **state)
{
    (void)state;
    static const char *const rows[] = {"[1,\"s-p\",100,900,01]",     "[1,\"s-p\",100,900,1 2]",
                                       "[1,\"s-p\",100,900,]",       "[1,\"s-p\",100,900,-]",
                                       "[1,\"s-p\",100,900,1.]",     "[1,\"s-p\",100,900,nul]",
                                       "[1,\"s-p\",100,900",         "[1,\"s-p\",100,900]",
                                       "[1,\"s-p\",100,900,\"\t\"]", "[]",
                                       "[1,\"s-p\",100,900,5,6]"};
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        struct seen_all all = {0};
        char text[400];
        snprintf(text, sizeof text,
                 "{\"result\":{\"columns\":[\"_id\",\"tap_side\",\"start_time_us\",\"end_time_us\",\"other\"],"
                 "\"values\":[%s]}}%*s",
                 rows[i / 2], i % 2 ? 100 : 0, ""); /* what may go on behind the bytes is looked at in another way */
        read_text(&all, text);
        assert_int_equal(all.status, -1);
        assert_true(all.diag.errors > 0);
        forget(&all);
    }
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* The row at `text`, and what the same gives with a blank in front, for which cells are taken one by one. */
static void compare_cells(char *text, size_t length, size_t size)
{
    struct lci_json_cell cells[LCI_JSON_CELLS], slow[LCI_JSON_CELLS];
    size_t count = 0, slow_count = 0;
    const size_t at = lci_json_cells(text, length, cells, &count);
    char *behind_blank = lc_format(" %s", text);
    const size_t slow_at = lci_json_cells(behind_blank, length + 1, slow, &slow_count);
    assert_int_equal(slow_at, at > 0 ? at + 1 : 0);
    assert_true(size == 0 || at == size);
    for (size_t i = 0; i < count && at > 0; i++) {
        assert_int_equal(cells[i].length, slow[i].length);
        assert_true(cells[i].length == 0 || cells[i].text - text == slow[i].text - behind_blank - 1);
    }
    assert_true(at == 0 || count == slow_count);
    free(behind_blank);
}

static void cells_at_random(void **state)
{
    (void)state;
    static const char *const kinds[] = {
        "\"\"",  "0",     "7",     "1700000000000100",   "-5",
        "1.50",  "null",  "false", "\"a, ]b\"",          "\"GET /shop/cart of 16 bytes\"",
        "\"x\"", "\"[\"", "200",   "\"20000000000010\"", "\"\xC3\xA9\""};
    uint64_t seed = 1;
    for (unsigned round = 0; round < 10000; round++) {
        char text[2000];
        size_t length = 0;
        const unsigned cells = 1 + (unsigned)(next_random(&seed) % 40);
        for (unsigned i = 0; i < cells; i++)
            length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", i > 0 ? "," : "",
                                       kinds[next_random(&seed) % (sizeof kinds / sizeof *kinds)]);
        const size_t size = length;
        length += (size_t)snprintf(text + length, sizeof text - length, "],[1,\"further cells\",%070d]", 0);
        compare_cells(text, length, size);
        for (int damage = 0; damage < 4; damage++) {
            char *at = &text[next_random(&seed) % (size + 1)];
            const char before = *at;
            *at = "\"\\,]0 x\n.-"[next_random(&seed) % 10];
            compare_cells(text, length, 0);
            *at = before;
        }
    }
}

/* Rows are put together a window after the other: one request lasts longer than all others, and has calls in the first
 * window and in the last. */
static void windows(void **state)
{
    (void)state;
    enum { CALLS = 6000 };
    char *text = NULL;
    size_t length = 0;
    FILE *f = open_memstream(&text, &length);
    fprintf(f, "_id,tap_side,vtap_id,process_id_0,process_id_1,start_time,end_time,req_tcp_seq,resp_tcp_seq,"
               "syscall_trace_id_request,syscall_trace_id_response,auto_service_0,auto_service_1\n"
               "900001,s-p,1,0,7,2023-11-14 22:13:20.000000,2023-11-14T22:13:32.500000Z,1,2,500,503,,front\n"
               "900002,c-p,1,7,0,2023-11-14 22:13:20.000100,2023-11-14 23:13:20.000300+01:00,3,4,500,501,front,back\n"
               "900003,c-p,1,7,0,1700000012.4,1700000012400200,5,6,502,503,front,back\n");
    for (int i = 0; i < CALLS; i++) /* of another process */
        for (int server = 0; server < 2; server++)
            fprintf(f, "%d,%s,%d,%d,%d,%lld,%lld,%d,%d,0,0,a,b\n", 2 * i + server + 1, server ? "s-p" : "c-p",
                    2 + server, server ? 0 : 8, server ? 9 : 0, 1700000000000000LL + 2000 * i + 100 * server,
                    1700000000001000LL + 2000 * i - 100 * server, 1000 + 2 * i, 1001 + 2 * i);
    assert_int_equal(fclose(f), 0);
    struct seen_all all = {0};
    read_bytes(&all, text, length, NULL);
    assert_int_equal(all.status, 0);
    assert_int_equal(all.count, 2 * CALLS + 3);
    assert_int_equal(all.traces, CALLS + 1);
    assert_int_equal(span_of(&all, 900002)->span.parent, 900001);
    assert_int_equal(span_of(&all, 900003)->span.parent, 900001);
    assert_int_equal(span_of(&all, 900001)->span.end, INT64_C(1700000012500000) * US);
    assert_int_equal(span_of(&all, 900002)->span.end, INT64_C(1700000000000300) * US);
    assert_int_equal(span_of(&all, 2 * CALLS)->span.parent, 2 * CALLS - 1);
    forget(&all);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_processes),
        cmocka_unit_test(instrumentation_is_inside),
        cmocka_unit_test(asynchronous_calls_are_marked),
        cmocka_unit_test(self_times),
        cmocka_unit_test(points_stand_for_unseen_processes),
        cmocka_unit_test(damaged_trees),
        cmocka_unit_test(parents_by_span),
        cmocka_unit_test(cells_in_any_writing),
        cmocka_unit_test(damaged_cells),
        cmocka_unit_test(cells_at_random),
        cmocka_unit_test(windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
