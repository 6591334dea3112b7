/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "loadcast/learn.h"

/* Reads `text` as a file. */
static int read_text(const char *text, struct lc_activity_runs *runs, struct lc_diag *diag)
{
    char name[] = "/tmp/loadcast-activities-XXXXXX";
    const int descriptor = mkstemp(name);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
    close(descriptor);
    const int status = lc_activities_read(name, runs, diag);
    unlink(name);
    return status;
}

static void reads_an_array(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_activity_runs runs;
    const char *text =
        "[{\"test\": \"login\", \"release\": \"r1\", \"run\": 1, \"start\": \"2026-11-22T01:59:07.468Z\","
        " \"end\": \"2026-11-22T01:59:14.439Z\", \"start_unix_nano\": \"1795312747468000000\","
        " \"end_unix_nano\": \"1795312754439000000\"},"
        " {\"activity\": \"search\", \"start\": \"2026-11-22T02:59:07.468+01:00\", \"end\": 1795312754439}]";
    assert_int_equal(read_text(text, &runs, &diag), 0);
    assert_int_equal(runs.count, 2);
    assert_string_equal(runs.runs[0].activity, "login");
    assert_string_equal(runs.runs[0].release, "r1");
    assert_string_equal(runs.runs[0].run, "1");
    assert_true(runs.runs[0].start == 1795312747468000000);
    assert_true(runs.runs[0].end == 1795312754439000000);
    assert_string_equal(runs.runs[1].activity, "search");
    assert_true(runs.runs[1].start == 1795312747468000000); /* the same moment in another zone */
    assert_true(runs.runs[1].end == 1795312754439000000);   /* a number of milliseconds */
    lc_activities_free(&runs);
    lc_diag_free(&diag);
}

static void reads_lines_and_csv(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_activity_runs runs;
    assert_int_equal(read_text("{\"activity\": \"a\", \"start\": 1795312747, \"end\": 1795312748}\n"
                               "{\"activity\": \"b\", \"start\": 1795312749, \"end\": 1795312750}\n",
                               &runs, &diag),
                     0);
    assert_int_equal(runs.count, 2);
    assert_true(runs.runs[1].start == 1795312749000000000);
    lc_activities_free(&runs);
    assert_int_equal(read_text("release,activity,run,start,end\r\n"
                               "1.0,\"log in\",7,2026-11-22T01:59:07Z,2026-11-22T01:59:14.5Z\r\n\r\n",
                               &runs, &diag),
                     0);
    assert_int_equal(runs.count, 1);
    assert_string_equal(runs.runs[0].activity, "log in");
    assert_string_equal(runs.runs[0].release, "1.0");
    assert_true(runs.runs[0].end == 1795312754500000000);
    lc_activities_free(&runs);
    lc_diag_free(&diag);
}

static void refuses_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } wrong[] = {
        {"", "expected at least one activity"},
        {"[]", "expected at least one activity"},
        {"when,what\n", "activity,release,run,start,end"},
        {"[{\"activity\": \"a\", \"start\": \"yesterday\", \"end\": 2}]", "the start of 'a' is 'yesterday'"},
        {"[{\"activity\": \"a\", \"start\": 2000000000}]", "the end of 'a' is ''"},
        {"[{\"start\": 1, \"end\": 2}]", "an activity has no name"},
        {"activity,start,end\na,2000000001,2000000000\n", ":2: 'a' ends before it starts"},
        {"[{\"activity\": \"a\",\n \"start\": }]", ":2:"},
        {"[7]", "expected an activity as an object"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct lc_diag diag = {0};
        struct lc_activity_runs runs;
        assert_int_equal(read_text(wrong[i].text, &runs, &diag), -1);
        assert_int_equal(lc_diag_status(&diag), LC_INPUT);
        if (strstr(diag.messages[0].text, wrong[i].message) == NULL)
            fail_msg("'%s' does not say '%s'", diag.messages[0].text, wrong[i].message);
        assert_int_equal(runs.count, 0);
        lc_diag_free(&diag);
    }
}

/* Starts and stops: parallel tests, one that died before another start, a last one that nothing ends. */
static void reads_events(void **state)
{
    (void)state;
    struct lc_diag diag = {0};
    struct lc_activity_runs runs;
    static const char text[] =
        "{\"event\":\"start\",\"activity\":\"a\",\"release\":\"r\",\"run\":\"1\",\"time\":\"2026-11-22T00:00:01Z\"}\n"
        "{\"event\":\"start\",\"activity\":\"b\",\"release\":\"r\",\"run\":\"1\",\"time\":\"2026-11-22T00:00:02Z\"}\n"
        "{\"event\":\"stop\",\"activity\":\"a\",\"release\":\"r\",\"run\":\"1\",\"time\":\"2026-11-22T00:00:03.5Z\"}\n"
        "{\"event\":\"stop\",\"activity\":\"c\",\"time\":\"2026-11-22T00:00:04Z\"}\n"
        "{\"event\":\"start\",\"activity\":\"b\",\"release\":\"r\",\"run\":\"1\",\"time\":\"2026-11-22T00:00:05Z\"}\n";
    assert_int_equal(read_text(text, &runs, &diag), 0);
    const int64_t zero = 1795305600000000000;
    static const struct {
        const char *name;
        int64_t start, end;
    } expected[] = {{"a", 1000000000, 3500000000}, {"b", 2000000000, 4999999999}, {"b", 5000000000, INT64_MAX}};
    assert_int_equal(runs.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(runs.runs[i].activity, expected[i].name);
        assert_true(runs.runs[i].start == zero + expected[i].start);
        assert_true(runs.runs[i].end == (i < 2 ? zero + expected[i].end : INT64_MAX));
    }
    static const char *const said[] = {":2: 'b' was started and not stopped; it is taken to end where the next start",
                                       ":4: a stop of 'c' without a start is left out",
                                       ":5: 'b' was started and not stopped; it is taken to end with the last trace"};
    assert_int_equal(diag.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_non_null(strstr(diag.messages[i].text, said[i]));
    lc_activities_free(&runs);
    lc_diag_free(&diag);
    assert_int_equal(
        read_text("{\"event\":\"pause\",\"activity\":\"a\",\"time\":1}\n{\"event\":\"stop\"}\n", &runs, &diag), -1);
    assert_int_equal(diag.errors, 2);
    lc_diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_events),
        cmocka_unit_test(reads_an_array),
        cmocka_unit_test(reads_lines_and_csv),
        cmocka_unit_test(refuses_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
