/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading traces: bytes a second of our reading (parsing, spans, traces) and of the whole extraction (trees too),
 * beside what the same bytes cost at the least in the same run: the parser's bare events of JSON, the cells of CSV, the
 * fields of protobuf. bench_read FILE…, which trace_files.py writes. CPU time of a process for each measurement, as
 * memory that was used before is cheaper than new memory, which is what the program has; medians of five.
 *
 * bench_read once bare|read|trees FILE does one of them once, and prints spans and bytes: for callgrind, which counts
 * the same on a loaded machine.
 */
#include "base/csv.h"
#include "fit/trace/symbols.h"
#include "loadcast/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <yajl/yajl_parse.h>

#define ROUNDS 5
#define PIECE  ((size_t)128 << 10)

static double cpu_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* ---- the least --------------------------------------------------------------------------------------------------- */

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

/* As we use it: numbers as text, texts not validated. */
static void bare_events(FILE *file)
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
    static unsigned char piece[PIECE];
    yajl_handle yajl = yajl_alloc(&callbacks, NULL, NULL);
    yajl_config(yajl, yajl_dont_validate_strings, 1);
    yajl_config(yajl, yajl_allow_multiple_values, 1);
    for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;)
        if (yajl_parse(yajl, piece, got) != yajl_status_ok) {
            fprintf(stderr, "bench_read: %s\n", (char *)yajl_get_error(yajl, 1, piece, got));
            exit(3);
        }
    yajl_free(yajl);
}

/* The cells of all lines, by the separator of the first one. */
static void bare_cells(FILE *file)
{
    struct lci_csv_field cells[LCI_CSV_FIELDS];
    char *line = NULL;
    size_t capacity = 0, cell_count = 0;
    char separator = 0;
    for (ssize_t length; (length = getline(&line, &capacity, file)) > 0;) {
        separator = separator != 0 ? separator : lci_csv_separator(line);
        cell_count += lci_csv_split(line, (size_t)length, separator, cells, LCI_CSV_FIELDS);
    }
    free(line);
    if (cell_count == 0)
        exit(3);
}

static const char *varint(const char *at, const char *end, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; at < end && shift < 70; shift += 7) {
        const unsigned char byte = (unsigned char)*at++;
        *value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return at;
    }
    return NULL;
}

/* Goes over all fields, into those of each level that are messages by a bit of their number. Returns how many fields
 * there are, 0: the bytes are no message. */
static size_t walk(const char *at, const char *end, const uint32_t *messages)
{
    size_t fields = 0;
    uint64_t tag, value;
    for (; at < end; fields++) {
        at = varint(at, end, &tag);
        const unsigned wire = tag & 7;
        if (at == NULL || tag >> 3 == 0 || (wire > 2 && wire != 5))
            return 0;
        if (wire == 1 || wire == 5) {
            at += wire == 1 ? 8 : 4;
        } else {
            at = varint(at, end, &value);
            if (at == NULL || (wire == 2 && value > (uint64_t)(end - at)))
                return 0;
            if (wire == 2) {
                const char *inner = at;
                at += value;
                if (tag < 8 * 32 && *messages >> (tag >> 3) & 1)
                    fields += walk(inner, at, messages + 1);
            }
        }
    }
    return at == end ? fields : 0;
}

/* The fields of a file that is one message. */
static void bare_fields(FILE *file, const uint32_t *messages)
{
    const int descriptor = fileno(file);
    const off_t size = lseek(descriptor, 0, SEEK_END);
    char *bytes =
        size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0) : MAP_FAILED;
    if (bytes == MAP_FAILED || walk(bytes, bytes + size, messages) == 0) {
        fprintf(stderr, "bench_read: no protobuf of the kind that its name says\n");
        exit(3);
    }
    munmap(bytes, (size_t)size);
}

/* Resources, scopes, spans, their attributes and the values of these; of Tempo one level further in; of Zipkin spans,
 * their endpoints, annotations and tags. */
#define OTLP_LEVELS 1u << 1, 1u << 1 | 1u << 2, 1u << 1 | 1u << 2, 1u << 9 | 1u << 11 | 1u << 13 | 1u << 15, 1u << 2, 0
static void bare_otlp(FILE *file)
{
    bare_fields(file, (const uint32_t[]){OTLP_LEVELS});
}

static void bare_tempo(FILE *file)
{
    bare_fields(file, (const uint32_t[]){1u << 1, OTLP_LEVELS});
}

static void bare_zipkin(FILE *file)
{
    bare_fields(file, (const uint32_t[]){1u << 1, 1u << 8 | 1u << 9 | 1u << 10 | 1u << 11, 0});
}

static __attribute__((noinline)) double bare(const char *name, void (*parse)(FILE *))
{
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        fprintf(stderr, "bench_read: %s: cannot be opened\n", name);
        exit(3);
    }
    const double begin = cpu_seconds();
    parse(file);
    const double seconds = cpu_seconds() - begin;
    fclose(file);
    return seconds;
}

/* ---- ours -------------------------------------------------------------------------------------------------------- */

static int take(void *context, const struct lc_trace *trace)
{
    *(size_t *)context += trace->span_count;
    return 0;
}

static _Noreturn void fail(const struct lc_diag *diag)
{
    fprintf(stderr, "bench_read: %s\n", diag->count > 0 ? diag->messages[0].text : "spans lost");
    exit(3);
}

static __attribute__((noinline)) double our_reading(const char *name, struct lc_reading *reading)
{
    struct lc_diag diag = {0};
    size_t spans = 0;
    const double begin = cpu_seconds();
    struct lc_symbols *symbols = lci_symbols_new();
    if (lc_traces_read(&name, 1, NULL, symbols, take, &spans, reading, &diag) != 0 || spans == 0 ||
        spans != reading->spans)
        fail(&diag);
    lci_symbols_free(symbols);
    const double seconds = cpu_seconds() - begin;
    lc_diag_free(&diag);
    return seconds;
}

static int take_tree(void *context, const struct lc_tree *tree)
{
    *(size_t *)context += tree->node_count;
    return 0;
}

static __attribute__((noinline)) double our_extraction(const char *name)
{
    static const struct lc_tree_options options;
    struct lc_extraction extraction = {0};
    struct lc_diag diag = {0};
    size_t nodes = 0;
    const double begin = cpu_seconds();
    struct lc_symbols *symbols = lci_symbols_new();
    if (lc_trees_read(&name, 1, &options, symbols, take_tree, &nodes, &extraction, &diag) != 0 || nodes == 0)
        fail(&diag);
    lci_symbols_free(symbols);
    const double seconds = cpu_seconds() - begin;
    lc_extraction_free(&extraction);
    lc_diag_free(&diag);
    return seconds;
}

static int ascending(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, ascending);
    return values[ROUNDS / 2];
}

struct result {
    double seconds;
    struct lc_reading reading; /* numbers alone */
};

static double in_process(const char *name, bool trees, struct result *shared)
{
    const pid_t child = fork();
    if (child == 0) {
        shared->seconds = trees ? our_extraction(name) : our_reading(name, &shared->reading);
        _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        exit(3);
    return shared->seconds;
}

static bool holds(const char *name, const char *part)
{
    return strstr(name, part) != NULL;
}

static const char *base_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash != NULL ? slash + 1 : name;
}

/* What the bytes cost at the least, by the name of the file; NULL: not known. */
static const struct least {
    const char *part, *what;
    void (*parse)(FILE *);
} least_of[] = {{".gz", NULL, NULL},
                {".zst", NULL, NULL},
                {"frames", NULL, NULL},
                {".json", "events", bare_events},
                {".csv", "cells", bare_cells},
                {"otlp.pb", "fields", bare_otlp},
                {"tempo.pb", "fields", bare_tempo},
                {"zipkin.pb", "fields", bare_zipkin}};

static const struct least *least_for(const char *name)
{
    size_t i = 0;
    while (i < sizeof least_of / sizeof *least_of && !holds(base_of(name), least_of[i].part))
        i++;
    return i < sizeof least_of / sizeof *least_of && least_of[i].parse != NULL ? &least_of[i] : NULL;
}

static void measure(const char *name)
{
    const char *shown = base_of(name);
    const struct least *least = least_for(name);
    struct result *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        exit(4);
    double parsed[ROUNDS] = {0}, read[ROUNDS], whole[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        parsed[i] = least != NULL ? bare(name, least->parse) : 0;
        whole[i] = in_process(name, true, shared);
        read[i] = in_process(name, false, shared);
    }
    const double size = (double)shared->reading.bytes / 1e6, bare_time = median(parsed), time = median(read);
    printf("%-22s %5.0f MB %8lu spans %6.0f MB/s %6.0f with trees", shown, size, shared->reading.read, size / time,
           size / median(whole));
    if (least != NULL)
        printf(" %6.0f %s alone: ratio %.2f", size / bare_time, least->what, bare_time / time);
    printf("\n");
    fflush(stdout); /* before the next process inherits it */
    munmap(shared, sizeof *shared);
}

/* One pass over a file, for callgrind. */
static int once(const char *what, const char *name)
{
    struct lc_reading reading = {0};
    const struct least *least = least_for(name);
    if (strcmp(what, "read") == 0)
        our_reading(name, &reading);
    else if (strcmp(what, "trees") == 0)
        our_extraction(name);
    else if (strcmp(what, "bare") == 0 && least != NULL)
        bare(name, least->parse);
    else
        return 2;
    printf("%lu spans %lu bytes\n", reading.read, reading.bytes);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "once") == 0)
        return once(argv[2], argv[3]);
    for (int i = 1; i < argc; i++)
        measure(argv[i]);
    return argc > 1 ? 0 : 2;
}
