/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading Jaeger JSON: bytes a second of the parser's bare events, of jansson's document tree, and of our reading
 * (parsing, spans, assembly), on one file in the same run. CPU time of this thread, median of five (jansson: one).
 */
#include "loadcast/trace.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <yajl/yajl_parse.h>

#define ROUNDS 5

static double cpu_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int nothing(void *context)
{
    (void)context;
    return 1;
}

static int nothing_bool(void *context, int value)
{
    (void)context, (void)value;
    return 1;
}

static int nothing_text(void *context, const unsigned char *text, size_t length)
{
    (void)context, (void)text, (void)length;
    return 1;
}

static int nothing_number(void *context, const char *text, size_t length)
{
    (void)context, (void)text, (void)length;
    return 1;
}

/* As we use it: numbers as text, texts not validated, pieces of 128 KiB. */
static double bare_events(FILE *file)
{
    static const yajl_callbacks callbacks = {.yajl_null = nothing,
                                             .yajl_boolean = nothing_bool,
                                             .yajl_number = nothing_number,
                                             .yajl_string = nothing_text,
                                             .yajl_start_map = nothing,
                                             .yajl_map_key = nothing_text,
                                             .yajl_end_map = nothing,
                                             .yajl_start_array = nothing,
                                             .yajl_end_array = nothing};
    static unsigned char piece[128 << 10];
    const double begin = cpu_seconds();
    yajl_handle yajl = yajl_alloc(&callbacks, NULL, NULL);
    yajl_config(yajl, yajl_dont_validate_strings, 1);
    rewind(file);
    for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;)
        if (yajl_parse(yajl, piece, got) != yajl_status_ok) {
            fprintf(stderr, "bench_read: %s\n", (char *)yajl_get_error(yajl, 1, piece, got));
            exit(3);
        }
    yajl_free(yajl);
    return cpu_seconds() - begin;
}

static double document_tree(FILE *file)
{
    const double begin = cpu_seconds();
    rewind(file);
    json_error_t error;
    json_t *document = json_loadf(file, JSON_ALLOW_NUL, &error);
    if (document == NULL) {
        fprintf(stderr, "bench_read: %s\n", error.text);
        exit(3);
    }
    json_decref(document);
    return cpu_seconds() - begin;
}

static int take(void *context, const struct lc_trace *trace)
{
    *(size_t *)context += trace->span_count;
    return 0;
}

static double our_reading(const char *name, struct lc_reading *reading)
{
    struct lc_diag diag = {0};
    size_t spans = 0;
    const double begin = cpu_seconds();
    struct lc_symbols *symbols = lc_symbols_new();
    if (lc_traces_read(&name, 1, NULL, symbols, take, &spans, reading, &diag) != 0 || spans != reading->spans) {
        fprintf(stderr, "bench_read: %s\n", diag.count > 0 ? diag.messages[0].text : "spans lost");
        exit(3);
    }
    lc_symbols_free(symbols);
    const double seconds = cpu_seconds() - begin;
    lc_diag_free(&diag);
    return seconds;
}

static int ascending(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The traces of a recorded file again and again, each time with other trace ids. */
static void multiply(const char *from, FILE *to, long bytes)
{
    FILE *file = fopen(from, "rb");
    if (file == NULL) {
        fprintf(stderr, "bench_read: %s: cannot be opened\n", from);
        exit(3);
    }
    char *text = lc_calloc(4 << 20, 1);
    const size_t length = fread(text, 1, (4 << 20) - 1, file);
    fclose(file);
    char *data = strchr(text, '[') + 1, *end = strstr(text + length - 100, "],\"total\"");
    if (end == NULL)
        end = strrchr(text, ']');
    *end = 0;
    fputs("{\"data\":[", to);
    for (unsigned round = 0; ftell(to) < bytes; round++) {
        if (round > 0)
            fputc(',', to);
        for (char *at = data; (at = strstr(at, "\"traceID\":\"")) != NULL;) {
            char digits[9];
            at += strlen("\"traceID\":\"");
            snprintf(digits, sizeof digits, "%08x", round);
            memcpy(at + 16, digits, 8);
        }
        fputs(data, to);
    }
    fputs("]}", to);
    fflush(to);
    free(text);
}

int main(int argc, char **argv)
{
    const long megabytes = argc > 1 ? strtol(argv[1], NULL, 10) : 200;
    char name[40];
    const int fd = memfd_create("traces", 0);
    FILE *file = fdopen(fd, "w+b");
    multiply(SOURCE_DIR "/tests/data/traces/equal.jaeger.json", file, megabytes * 1000000);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    struct lc_reading reading;
    double bare[ROUNDS], ours[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        bare[i] = bare_events(file);
        ours[i] = our_reading(name, &reading);
    }
    qsort(bare, ROUNDS, sizeof *bare, ascending);
    qsort(ours, ROUNDS, sizeof *ours, ascending);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const double size = (double)reading.bytes / 1e6, tree = document_tree(file);
    printf("Jaeger JSON, %.0f MB, %lu traces, %lu spans, at most %ld MB resident\n", size, reading.traces,
           reading.spans, usage.ru_maxrss / 1000);
    printf("bare events      %7.0f MB/s\n", size / bare[ROUNDS / 2]);
    printf("spans and traces %7.0f MB/s   %.2f of the bare events, %.1f times the document tree\n",
           size / ours[ROUNDS / 2], bare[ROUNDS / 2] / ours[ROUNDS / 2], tree / ours[ROUNDS / 2]);
    printf("document tree    %7.0f MB/s\n", size / tree);
    fclose(file);
    return 0;
}
