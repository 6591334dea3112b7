/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inputs cut into parts: every byte in one part, every trace too, and what is read of all of them what is read of the
 * whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "fit/trace/symbols.h"
#include "trace/divide.h"

enum { TRACES = 3000 };

/* A trace a line; `pretty`: each over several lines. */
static void write_traces(const char *name, bool pretty)
{
    FILE *out = fopen(name, "w");
    const char *end = pretty ? "\n" : "";
    assert_non_null(out);
    for (int i = 1; i <= TRACES; i++)
        fprintf(out,
                "{\"data\":[%s{\"traceID\":\"%032x\",\"spans\":[%s{\"traceID\":\"%032x\",\"spanID\":\"%016x\","
                "\"operationName\":\"GET /\\u0000%d\",\"references\":[],\"startTime\":%lld,\"duration\":%d,\"tags\":[],"
                "\"processID\":\"p1\"}],%s\"processes\":{\"p1\":{\"serviceName\":\"web\",\"tags\":[]}}}]}\n",
                end, i, end, i, i, i % 7, 1700000000000000LL + i * 1000, 100 + i % 50, end);
    fclose(out);
}

struct read {
    uint64_t sum, spans, traces;
};

static int add(void *context, const struct lc_trace *trace)
{
    struct read *r = context;
    r->spans += trace->span_count;
    r->traces++;
    r->sum += trace->low * (uint64_t)(trace->spans[0].end - trace->spans[0].start);
    return 0;
}

static struct read read_files(const struct lci_files *files, struct lci_seen *seen, uint64_t *bytes)
{
    struct read r = {0};
    struct lc_reading reading;
    struct lc_diag diag = {0};
    struct lc_symbols *symbols = lci_symbols_new();
    assert_int_equal(lci_traces_read_files(files, NULL, symbols, add, &r, &reading, seen, &diag), 0);
    assert_int_equal(diag.count, 0);
    *bytes += reading.bytes;
    free(reading.times);
    free(reading.renamed);
    lci_symbols_free(symbols);
    return r;
}

static void compare(const char *name, size_t most, size_t expected)
{
    struct lci_division d;
    struct lci_files whole = {0};
    struct lc_diag diag = {0};
    uint64_t bytes = 0, parts_bytes = 0, ids = 0, covered = 0;
    assert_int_equal(lci_files_find(&name, 1, &whole, &diag), 0);
    const struct read all = read_files(&whole, NULL, &bytes);
    assert_int_equal(lci_divide(&name, 1, most, &d), expected > 1);
    struct read sum = {0};
    uint64_t largest = 0;
    for (size_t i = 0; i < d.count; i++) {
        struct lci_seen seen = {0};
        const struct read part = read_files(&d.parts[i], &seen, &parts_bytes);
        sum.sum += part.sum;
        sum.spans += part.spans;
        sum.traces += part.traces;
        largest = part.spans > largest ? part.spans : largest;
        ids += seen.id_count;
        for (size_t k = 0; k < d.parts[i].count; k++) {
            covered += d.parts[i].items[k].end - d.parts[i].items[k].begin;
            assert_int_equal(d.file_of[i][k], 0);
        }
        lci_seen_free(&seen);
    }
    if (expected > 1) {
        assert_int_equal(d.count, expected);
        assert_int_equal(covered, whole.size);
        assert_int_equal(sum.sum, all.sum);
        assert_int_equal(sum.spans, all.spans);
        assert_int_equal(sum.traces, all.traces); /* none is in two parts */
        assert_int_equal(ids, all.traces);
        assert_true(largest * expected < 2 * all.spans);
        assert_int_equal(parts_bytes, bytes);
    }
    lci_division_free(&d);
    lci_files_free(&whole);
}

static void test_lines(void **state)
{
    (void)state;
    write_traces("divide.jsonl", false);
    compare("divide.jsonl", 2, 2);
    compare("divide.jsonl", 7, 7);
    compare("divide.jsonl", 1, 1);
    unlink("divide.jsonl");
}

/* Documents over several lines are not lines. */
static void test_documents(void **state)
{
    (void)state;
    write_traces("divide.json", true);
    compare("divide.json", 4, 1);
    unlink("divide.json");
}

enum { PER_TRACE = 4 };

/* The names of the columns go before each part, and the lines of a trace stay together. */
static void test_csv(void **state)
{
    (void)state;
    FILE *out = fopen("divide.csv", "w");
    assert_non_null(out);
    fputs("span,trace,parent,service,operation,start,duration\n", out);
    for (int i = 0; i < PER_TRACE * TRACES; i++)
        fprintf(out, "%016x,%032x,,web,GET /,%lld,%d\n", i + 1, 1 + i / PER_TRACE, 1700000000000000LL + i,
                100 + i % 50);
    fclose(out);
    compare("divide.csv", 3, 3);
    compare("divide.csv", 8, 8);
    unlink("divide.csv");
}

static void test_call_graphs(void **state)
{
    (void)state;
    FILE *out = fopen("divide.csv", "w");
    assert_non_null(out);
    fputs("timestamp,traceid,rpcid,um,rpctype,dm,interface,rt\n", out);
    for (int i = 0; i < PER_TRACE * TRACES; i++)
        fprintf(out, "%d,0b%030x,0.%d,web,rpc,shop,get,%d\n", 100000 + i, 1 + i / PER_TRACE, 1 + i % PER_TRACE,
                1 + i % 50);
    fclose(out);
    compare("divide.csv", 5, 5);
    unlink("divide.csv");
}

/* ---- protobuf ---------------------------------------------------------------------------------------------------- */

struct message {
    char bytes[1024];
    size_t length;
};

static void put(struct message *m, const void *bytes, size_t length)
{
    assert_true(m->length + length <= sizeof m->bytes);
    memcpy(m->bytes + m->length, bytes, length);
    m->length += length;
}

static void put_bytes(struct message *m, char field, const void *bytes, size_t length)
{
    const char head[] = {(char)(field << 3 | 2), (char)(length & 0x7F), (char)(length >> 7)};
    const char long_head[] = {head[0], (char)(head[1] | 0x80), head[2]};
    assert_true(length < 1 << 14);
    put(m, length < 0x80 ? head : long_head, length < 0x80 ? 2 : 3);
    put(m, bytes, length);
}

static void put_message(struct message *m, char field, const struct message *inner)
{
    put_bytes(m, field, inner->bytes, inner->length);
}

static void put_number(struct message *m, char field, uint64_t number, size_t size)
{
    char bytes[9] = {(char)(field << 3 | 1)};
    for (size_t i = 0; i < size; i++)
        bytes[1 + i] = (char)(number >> 8 * i);
    put(m, bytes, 1 + size);
}

/* A field of TracesData: the n-th span, of a service that says much of itself. */
static struct message resource_spans(int n)
{
    struct message value = {0}, pair = {0}, resource = {0}, span = {0}, scope = {0}, all = {0}, field = {0};
    unsigned char trace[16] = {0xA5, 0x0A, 0x10}, id[8] = {0x0A, 0x10};
    for (size_t i = 0; i < 4; i++) {
        trace[12 + i] = (unsigned char)((1 + n / PER_TRACE) >> 8 * (3 - i));
        id[4 + i] = (unsigned char)((1 + n) >> 8 * (3 - i));
    }
    put_bytes(&value, 1, "web", 3);
    put_bytes(&pair, 1, "service.name", 12);
    put_message(&pair, 2, &value);
    put_message(&resource, 1, &pair);
    put_bytes(&span, 1, trace, sizeof trace);
    put_bytes(&span, 2, id, sizeof id);
    put_bytes(&span, 5, "GET /", 5);
    put_number(&span, 7, 1700000000000000000 + (uint64_t)n * 1000, 8);
    put_number(&span, 8, 1700000000000000000 + (uint64_t)n * 1000 + 100 + (uint64_t)n % 50, 8);
    put_message(&scope, 2, &span);
    put_message(&all, 1, &resource);
    put_message(&all, 2, &scope);
    put_message(&field, 1, &all);
    return field;
}

enum { PER_FRAME = 30 }; /* every other frame begins within a trace */

struct frames {
    FILE *out;
    bool packed;
    char bytes[PER_FRAME * 512];
    size_t length, count;
};

static void put_in_frame(struct frames *f, const char *bytes, size_t length)
{
    char packed[sizeof f->bytes];
    assert_true(f->length + length <= sizeof f->bytes);
    memcpy(f->bytes + f->length, bytes, length);
    f->length += length;
    if (++f->count % PER_FRAME != 0)
        return;
    const size_t size = f->packed ? ZSTD_compress(packed, sizeof packed, f->bytes, f->length, 1) : f->length;
    const unsigned char head[] = {0, 0, (unsigned char)(size >> 8), (unsigned char)size};
    assert_true(size < sizeof packed);
    fwrite(head, 1, sizeof head, f->out);
    fwrite(f->packed ? packed : f->bytes, 1, size, f->out);
    f->length = 0;
}

enum how { FIELDS, FRAMES, PACKED };

static void protobuf(enum how how, size_t most)
{
    struct frames frames = {.out = fopen("divide.pb", "w"), .packed = how == PACKED};
    assert_non_null(frames.out);
    for (int i = 0; i < PER_TRACE * TRACES; i++) {
        const struct message m = resource_spans(i);
        if (how == FIELDS)
            fwrite(m.bytes, 1, m.length, frames.out);
        else
            put_in_frame(&frames, m.bytes, m.length);
    }
    fclose(frames.out);
    compare("divide.pb", most, most);
    unlink("divide.pb");
}

static void test_protobuf(void **state)
{
    (void)state;
    protobuf(FIELDS, 9);
    protobuf(FRAMES, 7);
    protobuf(PACKED, 2);
}

/* JSON that the collector's exporter packed. */
static void test_frames_of_json(void **state)
{
    (void)state;
    struct frames frames = {.out = fopen("divide.pb", "w"), .packed = true};
    assert_non_null(frames.out);
    for (int i = 0; i < PER_TRACE * TRACES; i++) {
        char text[512];
        const int length = snprintf(
            text, sizeof text,
            "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":"
            "\"web\"}}]},\"scopeSpans\":[{\"spans\":[{\"traceId\":\"%032x\",\"spanId\":\"%016x\",\"name\":\"page\","
            "\"startTimeUnixNano\":\"%lld\",\"endTimeUnixNano\":\"%lld\"}]}]}]}\n",
            1 + i / PER_TRACE, 1 + i, 1700000000000000000LL + i, 1700000000000000100LL + i + i % 50);
        put_in_frame(&frames, text, (size_t)length);
    }
    fclose(frames.out);
    compare("divide.pb", 3, 3);
    unlink("divide.pb");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),       cmocka_unit_test(test_documents), cmocka_unit_test(test_csv),
        cmocka_unit_test(test_call_graphs), cmocka_unit_test(test_protobuf),  cmocka_unit_test(test_frames_of_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
