/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Elements of an array in a JSON document, in pieces of any length. */
#include "cli/pull/elements.h"

#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct seen {
    struct lci_buffer elements; /* a line each */
    struct lci_buffer values;   /* WANTED=TEXT, those that stand in quotation marks with one before it */
    int stop_after;             /* elements; 0: never */
};

static int begin(void *context)
{
    struct seen *seen = context;
    return seen->stop_after > 0 && --seen->stop_after == 0;
}

static int bytes_of(void *context, const char *bytes, size_t length)
{
    assert_null(memchr(bytes, '\n', length));
    lci_buffer_put(&((struct seen *)context)->elements, bytes, length);
    return 0;
}

static int end(void *context)
{
    lci_buffer_put(&((struct seen *)context)->elements, "\n", 1);
    return 0;
}

static int value(void *context, size_t wanted, const char *text, size_t length, bool quoted)
{
    lci_buffer_add(&((struct seen *)context)->values, "%zu=%s%.*s ", wanted, quoted ? "'" : "", (int)length, text);
    return 0;
}

/* Fed in pieces of `piece` bytes. Whether it was read to its end; then `elements` and `values` are what is expected. */
static bool split(const struct pull_grammar *grammar, const char *text, size_t piece, struct seen *seen, bool print)
{
    const struct pull_sink sink = {begin, bytes_of, end, value, seen};
    struct pull_elements *e = pull_elements_new(grammar, &sink);
    int status = 0;
    for (size_t at = 0, length = strlen(text); at < length && status == 0; at += piece)
        status = pull_elements_feed(e, text + at, piece < length - at ? piece : length - at);
    if (status == 0)
        status = pull_elements_finish(e);
    if (status != 0 && print)
        print_message("%s\n", pull_elements_wrong(e));
    pull_elements_free(e);
    return status == 0;
}

static void expect(const struct pull_grammar *grammar, const char *text, const char *elements, const char *values)
{
    for (size_t piece = 1; piece <= strlen(text); piece++) {
        struct seen seen = {0};
        assert_true(split(grammar, text, piece, &seen, true));
        char *got = lci_buffer_take(&seen.elements), *told = lci_buffer_take(&seen.values);
        assert_string_equal(got, elements);
        assert_string_equal(told, values);
        free(got);
        free(told);
    }
}

static const char *const jaeger_wanted[] = {"data.traceID", "errors.msg", NULL};
static const struct pull_grammar jaeger = {"data", jaeger_wanted, "an object with 'data'"};
static const char *const spans_wanted[] = {"traceId", NULL};
static const struct pull_grammar zipkin = {"", spans_wanted, "an array"};
static const char *const hits_wanted[] = {"hits.hits.sort", "timed_out", NULL};
static const struct pull_grammar hits = {"hits.hits", hits_wanted, "an object with 'hits'"};
static const char *const none[] = {NULL};
static const struct pull_grammar whole = {NULL, none, "an object"};

static void elements_are_told(void **state)
{
    (void)state;
    expect(&jaeger,
           "{\"total\": 0, \"data\": [{\"traceID\": \"a\",\n \"spans\": [{\"traceID\": \"x\"}]}, {\"traceID\":\"b\"}]}",
           "{\"traceID\": \"a\",  \"spans\": [{\"traceID\": \"x\"}]}\n{\"traceID\":\"b\"}\n", "0='a 0='b ");
    expect(&jaeger, "{\"data\": null, \"errors\": [{\"msg\": \"no \\\"store\\\"\", \"data\": [1, [2], {}]}]}", "",
           "1='no \"store\" ");
    expect(&jaeger, "{\"inner\": {\"data\": [{\"traceID\": \"no\"}]}, \"data\": []}", "", "");
    expect(&zipkin, "[[{\"traceId\":\"1\"},{\"traceId\":\"1\"}],[],[{\"traceId\":\"2\"}]]",
           "[{\"traceId\":\"1\"},{\"traceId\":\"1\"}]\n[]\n[{\"traceId\":\"2\"}]\n", "0='1 0='1 0='2 ");
    expect(&hits,
           "{\"timed_out\":false,\"hits\":{\"total\":{\"hits\":[1]},\"hits\":[{\"_source\":{\"hits\":{\"hits\":[{}]}},"
           "\"sort\":[12,\"a\",\"b\"]}]}}",
           "{\"_source\":{\"hits\":{\"hits\":[{}]}},\"sort\":[12,\"a\",\"b\"]}\n", "1=false 0=12 0='a 0='b ");
    expect(&whole, " {\"trace\":\r\n{}} ", "{\"trace\":\r {}}\n", "");
}

static void others_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "<html>",
                                        "{\"data\": [",
                                        "{\"data\": [{}]",
                                        "[]",
                                        "{\"status\": 1}",
                                        "{\"data\": [}]}",
                                        "{\"data\": []} {",
                                        "\"data\"",
                                        "null",
                                        "{\"data\": [] \"x\"}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        for (size_t piece = 1; piece < 20; piece += 3) {
            struct seen seen = {0};
            assert_false(split(&jaeger, wrong[i], piece, &seen, false));
            free(seen.elements.text);
            free(seen.values.text);
        }
    char deep[1000];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    struct seen seen = {0};
    assert_false(split(&zipkin, deep, 100, &seen, false));
    free(seen.elements.text);
}

static void sinks_stop_it(void **state)
{
    (void)state;
    struct seen seen = {.stop_after = 2};
    assert_false(split(&zipkin, "[[1],[2],[3]]", 4, &seen, false));
    char *got = lci_buffer_take(&seen.elements);
    assert_string_equal(got, "[1]\n");
    free(got);
}

/* Keys of any depth and length are no danger, and what follows them is found. */
static void long_keys(void **state)
{
    (void)state;
    struct lci_buffer text = {0};
    lci_buffer_add(&text,
                   "{\"%0600d\": {\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":{\"i\":1}}}}}}}}}, \"data\": "
                   "[{\"traceID\": 7}]}",
                   0);
    expect(&jaeger, text.text, "{\"traceID\": 7}\n", "0=7 ");
    free(text.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_told),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(sinks_stop_it),
        cmocka_unit_test(long_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
