/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is wrong with spans is repaired by rules and counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit/trace/symbols.h"
#include "trace_read.h"

#define DAY "86400000000"

/* A Jaeger trace "ab" of the given spans, whose service is "s". */
static void read_spans(struct seen_all *all, const char *spans)
{
    char *text = lc_format(
        "{\"data\":[{\"traceID\":\"ab\",\"spans\":[%s],\"processes\":{\"p\":{\"serviceName\":\"s\"}}}]}", spans);
    read_text(all, text);
    free(text);
    assert_int_equal(all->status, 0);
    /* Whatever came in: ids are unique, parents there, times in order, and no walk up is longer than the trace. */
    for (size_t i = 0; i < all->count; i++) {
        const struct seen *s = &all->spans[i];
        assert_ptr_equal(span_of(all, s->span.id), s);
        assert_true(s->span.start <= s->span.end);
        assert_int_equal(s->span.flags & 128, 0);
        size_t steps = 0;
        for (const struct seen *up = s; up->span.parent != 0 && steps <= all->count; steps++) {
            up = span_of(all, up->span.parent);
            assert_non_null(up);
        }
        assert_true(steps <= all->count);
    }
}

#define SPAN(id, parent, start, duration)                                                                              \
    "{\"spanID\":\"" id "\",\"parentSpanID\":\"" parent "\",\"startTime\":" start ",\"duration\":" duration            \
    ",\"processID\":\"p\"}"
#define NOW "1700000000000000"

static int64_t count_of(const struct seen_all *all, enum lc_repair kind)
{
    return (int64_t)all->reading.repairs.count[kind];
}

static void parents(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_spans(&all, SPAN("1", "1", NOW, "9") "," SPAN("2", "77", NOW, "9") "," SPAN("3", "2", NOW, "9"));
    assert_int_equal(all.count, 3);
    assert_int_equal(count_of(&all, LC_REPAIR_SELF_PARENT), 1);
    assert_int_equal(count_of(&all, LC_REPAIR_ORPHAN), 1);
    assert_int_equal(repaired(&all), 2);
    assert_int_equal(span_of(&all, 2)->span.flags, LC_SPAN_ORPHAN);
    assert_int_equal(span_of(&all, 3)->span.parent, 2);
    forget(&all);
    /* A cycle of three with a tail: cut at the span that starts first. */
    read_spans(&all, SPAN("1", "3", "1700000000000005", "9") "," SPAN("2", "1", "1700000000000003", "9") "," SPAN(
                         "3", "2", "1700000000000004", "9") "," SPAN("4", "3", "1700000000000001", "9"));
    assert_int_equal(count_of(&all, LC_REPAIR_CYCLE), 1);
    assert_int_equal(repaired(&all), 1);
    assert_int_equal(span_of(&all, 2)->span.parent, 0);
    assert_int_equal(span_of(&all, 3)->span.parent, 2);
    assert_int_equal(span_of(&all, 1)->span.parent, 3);
    assert_int_equal(span_of(&all, 4)->span.parent, 3);
    forget(&all);
}

static void ids(void **state)
{
    (void)state;
    struct seen_all all = {0};
    /* The longer account of a span stays; spans without an id go. */
    read_spans(&all, SPAN("1", "", NOW, "9") "," SPAN("1", "", NOW, "10") "," SPAN("1", "", NOW, "8") "," SPAN(
                         "0", "1", NOW, "9") "," SPAN("", "1", NOW, "9") "," SPAN("2", "1", NOW, "9"));
    assert_int_equal(all.count, 2);
    assert_int_equal(all.reading.spans, 2);
    assert_int_equal(span_of(&all, 1)->span.end - span_of(&all, 1)->span.start, 10000);
    assert_int_equal(span_of(&all, 2)->span.parent, 1);
    assert_int_equal(count_of(&all, LC_REPAIR_DUPLICATE), 2);
    assert_int_equal(count_of(&all, LC_REPAIR_NO_ID), 2);
    assert_int_equal(repaired(&all), 4);
    forget(&all);
    /* Ids that are names. */
    read_spans(&all, SPAN("span-1", "", NOW, "9") "," SPAN("span-2", "span-1", NOW, "9"));
    assert_int_equal(all.count, 2);
    assert_int_equal(all.spans[1].span.parent, all.spans[0].span.id);
    assert_int_equal(count_of(&all, LC_REPAIR_NAMED_ID), 2);
    assert_int_equal(repaired(&all), 2);
    forget(&all);
}

static void shared_id_in_jaeger(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_text(&all,
              "{\"data\":[{\"traceID\":\"ab\",\"spans\":["
              "{\"spanID\":\"2\",\"parentSpanID\":\"1\",\"startTime\":" NOW
              ",\"duration\":5,\"processID\":\"b\",\"tags\":[{\"key\":\"span.kind\",\"value\":\"server\"}]},"
              "{\"spanID\":\"1\",\"startTime\":" NOW ",\"duration\":9,\"processID\":\"a\"},"
              "{\"spanID\":\"2\",\"parentSpanID\":\"1\",\"startTime\":" NOW
              ",\"duration\":7,\"processID\":\"a\",\"tags\":[{\"key\":\"span.kind\",\"value\":\"client\"}]},"
              "{\"spanID\":\"3\",\"parentSpanID\":\"2\",\"startTime\":" NOW ",\"duration\":1,\"processID\":\"b\"}],"
              "\"processes\":{\"a\":{\"serviceName\":\"a\"},\"b\":{\"serviceName\":\"b\"}}}]}");
    assert_int_equal(all.count, 4);
    assert_int_equal(repaired(&all), 1);
    assert_int_equal(count_of(&all, LC_REPAIR_SHARED_ID), 1);
    const struct seen *client = span_of(&all, 2), *child = span_of(&all, 3),
                      *server = span_of(&all, child->span.parent);
    assert_int_equal(client->span.kind, LC_KIND_CLIENT);
    assert_int_equal(client->span.parent, 1);
    assert_int_equal(server->span.kind, LC_KIND_SERVER);
    assert_int_equal(server->span.parent, 2);
    forget(&all);
}

static void times(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_spans(&all,
               SPAN("1", "", NOW, "100") "," SPAN("2", "1", NOW, "-5") "," SPAN("3", "1", "-1", "5") "," SPAN(
                   "4", "1", "99999999999999999999999",
                   "5") "," SPAN("5", "1", "5000000000000000",
                                 "5") "," SPAN("6", "1", NOW,
                                               "31" DAY) "," SPAN("7", "1", "0",
                                                                  "5") "," SPAN("8", "7", "0",
                                                                                "6") "," SPAN("9", "1", "12345", "5"));
    assert_int_equal(all.count, 4);
    assert_int_equal(span_of(&all, 2)->span.end, span_of(&all, 2)->span.start);
    assert_int_equal(span_of(&all, 8)->span.start, span_of(&all, 1)->span.start);
    assert_int_equal(span_of(&all, 8)->span.end, span_of(&all, 1)->span.start + 6000);
    assert_int_equal(count_of(&all, LC_REPAIR_NEGATIVE), 1);
    assert_int_equal(count_of(&all, LC_REPAIR_ABSURD_TIME), 5);
    assert_int_equal(count_of(&all, LC_REPAIR_NO_START), 2);
    assert_int_equal(repaired(&all), 8);
    forget(&all);
    /* A clock that counts from 0 is right as it is. */
    read_spans(&all, SPAN("1", "", "0", "100") "," SPAN("2", "1", "10", "0.5"));
    assert_int_equal(repaired(&all), 0);
    assert_int_equal(span_of(&all, 2)->span.start, 10000);
    assert_int_equal(span_of(&all, 2)->span.end, 10500);
    forget(&all);
}

#define AFTER(type) "\"references\":[{\"refType\":\"" type "\",\"spanID\":\"1\"}]"

/* What follows from its caller does so even where a field of its own names the caller, too. */
static void parent_that_is_followed(void **state)
{
    (void)state;
    struct seen_all all = {0};
    const char *const rest = "\"startTime\":" NOW ",\"duration\":5,\"processID\":\"p\"}";
    char *text = lc_format("{\"spanID\":\"1\",%s,{\"spanID\":\"2\",\"parentSpanID\":\"1\"," AFTER(
                               "FOLLOWS_FROM") ",%s,{\"spanID\":\"3\",\"parentSpanID\":\"1\"," AFTER("CHILD_OF") ",%s",
                           rest, rest, rest);
    read_spans(&all, text);
    free(text);
    assert_int_equal(span_of(&all, 2)->span.parent, 1);
    assert_int_equal(span_of(&all, 2)->span.flags, LC_SPAN_FOLLOWS);
    assert_int_equal(span_of(&all, 2)->span.link_count, 0);
    assert_int_equal(span_of(&all, 3)->span.flags, 0);
    forget(&all);
}

static void missing_ends(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_spans(&all, "{\"spanID\":\"1\",\"startTime\":" NOW ",\"processID\":\"p\"},"
                     "{\"spanID\":\"2\",\"parentSpanID\":\"1\",\"startTime\":" NOW
                     ",\"processID\":\"p\",\"logs\":[{\"timestamp\":1700000000000042,\"fields\":[]}]},"
                     "{\"spanID\":\"3\",\"parentSpanID\":\"1\",\"startTime\":" NOW ",\"processID\":\"p\"}");
    assert_int_equal(count_of(&all, LC_REPAIR_NO_DURATION), 3);
    assert_int_equal(span_of(&all, 1)->span.end - span_of(&all, 1)->span.start, 42000);
    assert_int_equal(span_of(&all, 1)->span.flags, 0);
    assert_int_equal(span_of(&all, 3)->span.flags, LC_SPAN_NO_DURATION);
    forget(&all);
}

static void invalid_utf8(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_spans(&all, "{\"spanID\":\"1\",\"operationName\":\"a\xFF\xC0\x80z\",\"startTime\":" NOW
                     ",\"duration\":1,\"processID\":\"p\"},"
                     "{\"spanID\":\"2\",\"operationName\":\"nul\\u0000l\xC3\xA4\",\"startTime\":" NOW
                     ",\"duration\":1,\"processID\":\"p\"}");
    assert_int_equal(count_of(&all, LC_REPAIR_UTF8), 2);
    assert_string_equal(lci_symbol_text(all.symbols, span_of(&all, 1)->span.operation),
                        "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz");
    assert_string_equal(lci_symbol_text(all.symbols, span_of(&all, 2)->span.operation), "nul\xEF\xBF\xBDl\xC3\xA4");
    forget(&all);
}

/* Spans of one trace that stand far apart are joined while memory lasts; beyond that, what comes late is counted and
 * nothing is lost. */
static void memory_bound(void **state)
{
    (void)state;
    const size_t traces = 3000;
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    for (int half = 1; half <= 2; half++)
        for (size_t i = 1; i <= traces; i++)
            fprintf(file,
                    "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{"
                    "\"stringValue\":\"s\"}}]},\"scopeSpans\":[{\"spans\":[{\"traceId\":\"%zx\",\"spanId\":\"%d\","
                    "\"parentSpanId\":\"%d\",\"name\":\"x\",\"startTimeUnixNano\":\"17%05d%012zu\","
                    "\"endTimeUnixNano\":\"17%05d%012zu\"}]}]}]}\n",
                    i, half, half - 1, half, i, half, i + 5);
    fclose(file);
    struct seen_all all = {0};
    read_bytes(&all, text, length, NULL);
    assert_int_equal(all.traces, traces);
    assert_int_equal(all.count, 2 * traces);
    assert_int_equal(repaired(&all), 0);
    for (size_t i = 0; i < all.count; i++)
        assert_int_equal(all.spans[i].low, i / 2 + 1); /* by first appearance */
    forget(&all);
    read_bytes(&all, text, length, &(struct lc_reader_options){.memory = 200000});
    assert_int_equal(all.count, 2 * traces);
    const uint64_t late = all.reading.repairs.count[LC_REPAIR_LATE];
    assert_true(late > traces / 2);
    assert_int_equal(all.traces, traces + late);
    assert_int_equal(all.reading.repairs.count[LC_REPAIR_ORPHAN], late);
    forget(&all);

    /* The two halves as two files: read side by side, the same little memory is enough. */
    char first[40], second[40];
    const char *middle = text;
    for (size_t i = 0; i < traces; i++)
        middle = strchr(middle, '\n') + 1;
    char *shifted = lc_strdup(middle); /* of the same time as the first half */
    for (char *at = shifted; (at = strstr(at, "\"1700002")) != NULL; at++)
        at[7] = '1';
    const int one = memory_file(text, (size_t)(middle - text), first),
              two = memory_file(shifted, strlen(shifted), second);
    read_inputs(&all, (const char *const[]){first, second}, 2, &(struct lc_reader_options){.memory = 600000});
    assert_int_equal(all.reading.files, 2);
    assert_int_equal(all.traces, traces);
    assert_int_equal(repaired(&all), 0);
    forget(&all);
    free(shifted);
    free(text);
    close(one);
    close(two);
}

/* One trace of many spans is not idle while it arrives: it may take more, up to a bound. */
static void large_trace(void **state)
{
    (void)state;
    enum { SPANS = 60000 };
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    for (int i = 1; i <= SPANS; i++)
        fprintf(file,
                "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"1\",\"spanId\":\"%x\","
                "\"parentSpanId\":\"%d\",\"name\":\"x\",\"startTimeUnixNano\":\"17%017d\","
                "\"endTimeUnixNano\":\"17%017d\"}]}]}]}\n",
                i, i > 1, i, i + 5);
    assert_int_equal(fclose(file), 0);
    for (size_t memory = 2000000; memory >= 200000; memory /= 10) {
        struct seen_all all = {0};
        read_bytes(&all, text, length, &(struct lc_reader_options){.memory = memory});
        assert_int_equal(all.count, SPANS);
        if (memory == 2000000)
            assert_int_equal(all.traces, 1);
        else
            assert_true(all.reading.repairs.count[LC_REPAIR_LATE] > 0);
        forget(&all);
    }
    free(text);
}

static void names_of_repairs(void **state)
{
    (void)state;
    for (int i = 0; i < LC_REPAIR_KINDS; i++) {
        assert_true(strlen(lc_repair_name((enum lc_repair)i)) > 0);
        assert_true(strlen(lc_repair_sentence((enum lc_repair)i)) > 10);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(lc_repair_name((enum lc_repair)i), lc_repair_name((enum lc_repair)j));
    }
}

/* Rows of DeepFlow, first all that the clients' agent recorded, then all of the servers', are related whatever their
 * order while memory lasts; beyond that only in the order of time, and what comes late is counted. */
static void rows_bound(void **state)
{
    (void)state;
    enum { CALLS = 5000 };
    static const size_t little = 200000;
    for (int order = 0; order < 3; order++) { /* agents apart; the same with little memory; in the order of time */
        char *text = NULL;
        size_t length = 0;
        FILE *f = open_memstream(&text, &length);
        for (int i = 0; i < 2 * CALLS; i++) {
            const int call = order < 2 ? i % CALLS : i / 2, server = order < 2 ? i / CALLS : i % 2;
            fprintf(f,
                    "{\"_id\":%d,\"tap_side\":\"%s\",\"vtap_id\":%d,\"process_id_%d\":7,\"l7_protocol\":20,"
                    "\"protocol\":6,\"type\":2,\"start_time_us\":17%08d000000,\"end_time_us\":17%08d00%d000,"
                    "\"req_tcp_seq\":%d,\"resp_tcp_seq\":%d,\"auto_service_0\":\"a\",\"auto_service_1\":\"b\"}\n",
                    i + 1, server ? "s-p" : "c-p", 1 + server, server, call, call, server ? 1 : 2, 2 * call + 1,
                    2 * call + 2);
        }
        assert_int_equal(fclose(f), 0);
        struct seen_all all = {0};
        read_bytes(&all, text, length, &(struct lc_reader_options){.memory = order > 0 ? little : 0});
        assert_int_equal(all.status, 0);
        assert_int_equal(all.count, 2 * CALLS);
        if (order == 1) {
            assert_true(all.traces > CALLS);
            assert_true(all.reading.repairs.count[LC_REPAIR_LATE] > 0);
        } else {
            assert_int_equal(all.traces, CALLS);
            assert_int_equal(all.reading.repairs.count[LC_REPAIR_LATE], 0);
        }
        forget(&all);
        free(text);
    }
}

/* Any time in rows may be damaged, also where they are handed on early for want of memory. */
static void rows_at_the_ends_of_time(void **state)
{
    (void)state;
    static const char *const times[] = {"0",
                                        "1",
                                        "-5",
                                        "4102444799999999",
                                        "4102444800000000",
                                        "9223372036854775",
                                        "9223372036854775807",
                                        "18446744073709551615",
                                        "1700000000000000",
                                        "17e40",
                                        ""};
    enum { TIMES = sizeof times / sizeof *times };
    char *text = NULL;
    size_t length = 0;
    FILE *f = open_memstream(&text, &length);
    fprintf(f, "_id,tap_side,vtap_id,start_time_us,end_time_us,req_tcp_seq,resp_tcp_seq,auto_service_0,type\n");
    for (int i = 0; i < 3000; i++)
        fprintf(f, "%d,%s,%d,%s,%s,%d,%d,a,%d\n", i + 1, i % 3 ? "c-p" : "s-p", i % 2, times[i * 7 % TIMES],
                times[i / TIMES % TIMES], i / 2, i / 3, i % 4 == 0 ? 0 : 2);
    assert_int_equal(fclose(f), 0);
    struct seen_all all = {0};
    read_bytes(&all, text, length, &(struct lc_reader_options){.memory = 100000});
    assert_int_equal(all.status, 0);
    assert_int_equal(all.reading.read, 3000); /* what was read is accounted for by read_bytes() */
    forget(&all);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parents),
        cmocka_unit_test(ids),
        cmocka_unit_test(shared_id_in_jaeger),
        cmocka_unit_test(times),
        cmocka_unit_test(parent_that_is_followed),
        cmocka_unit_test(missing_ends),
        cmocka_unit_test(invalid_utf8),
        cmocka_unit_test(memory_bound),
        cmocka_unit_test(large_trace),
        cmocka_unit_test(rows_bound),
        cmocka_unit_test(rows_at_the_ends_of_time),
        cmocka_unit_test(names_of_repairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
