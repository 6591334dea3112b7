/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inputs cut into parts: every byte in one part, every part a row of whole lines, and what is read of all of them what
 * is read of the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
    uint64_t sum, spans;
};

static int add(void *context, const struct lc_trace *trace)
{
    struct read *r = context;
    r->spans += trace->span_count;
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
    for (size_t i = 0; i < d.count; i++) {
        struct lci_seen seen = {0};
        const struct read part = read_files(&d.parts[i], &seen, &parts_bytes);
        sum.sum += part.sum;
        sum.spans += part.spans;
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
        assert_int_equal(parts_bytes, bytes);
        assert_int_equal(ids, all.spans);
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

/* The names of the columns go before each part. */
static void test_csv(void **state)
{
    (void)state;
    FILE *out = fopen("divide.csv", "w");
    assert_non_null(out);
    fputs("trace,span,parent,service,operation,start,duration\n", out);
    for (int i = 1; i <= 4 * TRACES; i++)
        fprintf(out, "%032x,%016x,,web,GET /,%lld,%d\n", i, i, 1700000000000000LL + i, 100 + i % 50);
    fclose(out);
    compare("divide.csv", 3, 3);
    unlink("divide.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_csv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
