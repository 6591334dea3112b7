/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON lines: damaged ones are left out, counted and named, up to one in ten; strictly read, the first is an error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trace_read.h"

#define LINES 40

/* Line `i` of a file, 1 to LINES: a span of one of two formats. */
static char *line_of(int format, int i)
{
    if (format == 0)
        return lc_format("{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{"
                         "\"stringValue\":\"s\"}}]},\"scopeSpans\":[{\"spans\":[{\"traceId\":\"%x\",\"spanId\":\"1\","
                         "\"name\":\"n\",\"startTimeUnixNano\":17%017d,\"endTimeUnixNano\":17%017d}]}]}]}",
                         i, i, i + 5);
    return lc_format("[{\"traceId\":\"%x\",\"id\":\"1\",\"name\":\"n\",\"localEndpoint\":{\"serviceName\":\"s\"},"
                     "\"timestamp\":17%014d,\"duration\":5}]",
                     i, i);
}

/* The file with the damage of `cut` bytes from the end of each of the lines. */
static char *file_of(int format, const int *damaged, size_t count, size_t cut)
{
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    for (int i = 1; i <= LINES; i++) {
        char *line = line_of(format, i);
        size_t whole = strlen(line);
        for (size_t k = 0; k < count; k++)
            if (damaged[k] == i)
                whole -= cut;
        fprintf(file, "%.*s\n", (int)whole, line);
        free(line);
    }
    fclose(file);
    return text;
}

/* Wherever a line is cut, the first and the last included, all others are read and it alone is missing. */
static void one_line_is_cut(void **state)
{
    (void)state;
    for (int format = 0; format < 2; format++) {
        char *line = line_of(format, 1);
        for (size_t cut = 1; cut < strlen(line) - 16; cut++) {
            const int at[] = {1, 17, LINES};
            for (int k = 0; k < 3; k++) {
                char *text = file_of(format, &at[k], 1, cut), place[60];
                struct seen_all all = {0};
                read_text(&all, text);
                if (k == 0 &&
                    all.status != 0) { /* what a first line cut in an array takes in looks like one document */
                    assert_true(all.diag.errors > 0);
                } else {
                    snprintf(place, sizeof place, ":%d: ", at[k]);
                    assert_int_equal(all.status, 0);
                    if (all.count !=
                        (size_t)(LINES - (format == 1 || cut > 2))) /* resourceSpans whole, the document not */
                        fail_msg("%zu spans with %zu bytes cut from line %d of format %d", all.count, cut, at[k],
                                 format);
                    assert_int_equal(all.diag.count, 1);
                    assert_non_null(strstr(all.diag.messages[0].text, place));
                    assert_non_null(strstr(all.diag.messages[0].text, "1 of 40 lines is damaged"));
                }
                forget(&all);
                free(text);
            }
        }
        free(line);
    }
}

static void too_many(void **state)
{
    (void)state;
    const int four[] = {3, 9, 10, 30}, five[] = {3, 9, 10, 30, 31};
    for (int format = 0; format < 2; format++) {
        struct seen_all all = {0};
        char *text = file_of(format, four, 4, 4);
        read_text(&all, text);
        assert_int_equal(all.status, 0);
        assert_int_equal(all.count, LINES - 4);
        assert_non_null(strstr(all.diag.messages[0].text, ":3: "));
        forget(&all);
        free(text);
        text = file_of(format, five, 5, 4);
        read_text(&all, text);
        assert_int_equal(all.status, -1);
        assert_int_equal(lc_diag_status(&all.diag), LC_INPUT);
        assert_non_null(strstr(all.diag.messages[0].text, "5 of 40 lines are damaged"));
        forget(&all);
        free(text);
    }
}

static void strictly(void **state)
{
    (void)state;
    const int damaged = 9;
    char *text = file_of(0, &damaged, 1, 30);
    struct seen_all all = {0};
    read_bytes(&all, text, strlen(text), &(struct lc_reader_options){.strict = true});
    assert_int_equal(all.status, -1);
    assert_int_equal(all.diag.errors, 1);
    assert_non_null(strstr(all.diag.messages[0].text, ":9: "));
    forget(&all);
    free(text);
}

/* Valid JSON that holds something else where spans are expected: the rest is read, and what is left out is told. */
static void no_objects(void **state)
{
    (void)state;
    char *line = line_of(0, 1);
    char *text = lc_format("%s\n{\"resourceSpans\":5}\n{\"resourceSpans\":[\"a\",{\"scopeSpans\":true},null]}\n", line);
    struct seen_all all = {0};
    read_text(&all, text);
    assert_int_equal(all.status, 0);
    assert_int_equal(all.reading.spans, 1);
    assert_int_equal(all.diag.count, 1);
    assert_non_null(strstr(all.diag.messages[0].text, "3 values that are no objects left out, the first of "
                                                      "\"resourceSpans\""));
    forget(&all);
    read_bytes(&all, text, strlen(text), &(struct lc_reader_options){.strict = true});
    assert_int_equal(all.status, -1);
    forget(&all);
    free(text);
    free(line);
}

/* Spans that were whole in a line that is not are counted. */
static void spans_of_a_damaged_line(void **state)
{
    (void)state;
    const int damaged = 9;
    char *text = file_of(1, &damaged, 1, 1);
    struct seen_all all = {0};
    read_text(&all, text);
    assert_int_equal(all.count, LINES - 1);
    assert_int_equal(all.reading.repairs.count[LC_REPAIR_DAMAGED], 1);
    assert_int_equal(repaired(&all), 1);
    forget(&all);
    free(text);
}

/* One document over many lines is no JSON lines: damage in it ends its reading. And one document on each of some lines
 * may be followed by one on several. */
static void documents_over_lines(void **state)
{
    (void)state;
    struct seen_all all = {0};
    read_text(&all, "{\"data\":[\n{\"traceID\":\"1\",\"spans\":[]},\n{\"traceID\":\"2\",\"spans\":[]} x\n]}\n");
    assert_int_equal(all.status, -1);
    forget(&all);
    char *line = line_of(0, 1), *text = lc_format("%s\n{\n\"resourceSpans\":\n[]\n}\n%s\n", line, line);
    read_text(&all, text);
    assert_int_equal(all.status, 0);
    assert_int_equal(all.diag.count, 0);
    assert_int_equal(all.reading.repairs.count[LC_REPAIR_DUPLICATE], 1);
    forget(&all);
    free(text);
    /* A byte order mark before all of it. */
    text = lc_format("\xEF\xBB\xBF%s\n", line);
    read_text(&all, text);
    assert_int_equal(all.count, 1);
    assert_int_equal(all.diag.count, 0);
    forget(&all);
    free(text);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_is_cut),
        cmocka_unit_test(too_many),
        cmocka_unit_test(strictly),
        cmocka_unit_test(no_objects),
        cmocka_unit_test(spans_of_a_damaged_line),
        cmocka_unit_test(documents_over_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
