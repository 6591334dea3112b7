/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading traces of each format: bytes a second of our reading (parsing, spans, assembly) and of the whole extraction
 * (trees too), of JSON also of the parser's bare events, on one file in the same run; for Jaeger's also of jansson's
 * document tree. bench_read [MEGABYTES] (100). CPU time of this thread, medians of five (jansson: one).
 */
#include "fit/trace/symbols.h"
#include "loadcast/tree.h"

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
    yajl_config(yajl, yajl_allow_multiple_values, 1);
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

static _Noreturn void fail(const struct lc_diag *diag)
{
    fprintf(stderr, "bench_read: %s\n", diag->count > 0 ? diag->messages[0].text : "spans lost");
    exit(3);
}

static double our_reading(const char *name, struct lc_reading *reading)
{
    struct lc_diag diag = {0};
    size_t spans = 0;
    const double begin = cpu_seconds();
    struct lc_symbols *symbols = lci_symbols_new();
    if (lc_traces_read(&name, 1, NULL, symbols, take, &spans, reading, &diag) != 0 || spans != reading->spans)
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

static double our_extraction(const char *name)
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

/* ---- files ------------------------------------------------------------------------------------------------------- */

#define RECORDED SOURCE_DIR "/tests/data/traces/equal."

static char *bytes_of(const char *name, size_t *length)
{
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        fprintf(stderr, "bench_read: %s: cannot be opened\n", name);
        exit(3);
    }
    char *text = lc_calloc(4 << 20, 1);
    *length = fread(text, 1, (4 << 20) - 1, file);
    text[*length] = 0;
    fclose(file);
    return text;
}

static char *text_of(const char *name)
{
    size_t length;
    return bytes_of(name, &length);
}

/* The recorded traces again and again, each time with other trace ids. */
static void repeat(char *text, const char *key, const char *between, FILE *to, long bytes)
{
    for (unsigned round = 0; ftell(to) < bytes; round++) {
        if (round > 0)
            fputs(between, to);
        for (char *at = text; (at = strstr(at, key)) != NULL;) {
            char digits[9];
            at += strlen(key);
            snprintf(digits, sizeof digits, "%08x", round);
            memcpy(at + 16, digits, 8);
        }
        fputs(text, to);
    }
}

static void write_jaeger(FILE *to, long bytes)
{
    char *text = text_of(RECORDED "jaeger.json"), *data = strchr(text, '[') + 1, *end = strstr(text, "],\"total\"");
    *(end != NULL ? end : strrchr(text, ']')) = 0;
    fputs("{\"data\":[", to);
    repeat(data, "\"traceID\":\"", ",", to, bytes);
    fputs("]}", to);
    free(text);
}

static void write_otlp(FILE *to, long bytes)
{
    char *text = text_of(RECORDED "otlp.jsonl");
    repeat(text, "\"traceId\":\"", "\n", to, bytes);
    free(text);
}

/* The same with trace ids of 16 bytes, each with the id of its span behind it. */
static void write_protobuf(FILE *to, long bytes)
{
    static const char key[] = {0x0A, 16}, next[] = {0x12, 8};
    size_t length;
    char *message = bytes_of(RECORDED "otlp.pb", &length);
    for (unsigned round = 0; ftell(to) < bytes; round++) {
        for (char *at = message; (at = memmem(at, length - (size_t)(at - message), key, 2)) != NULL; at += 2)
            if ((size_t)(at - message) + 20 < length && memcmp(at + 18, next, 2) == 0)
                memcpy(at + 10, &round, sizeof round);
        fwrite(message, 1, length, to);
    }
    free(message);
}

struct zipkin {
    FILE *to;
    const struct lc_symbols *symbols;
    unsigned round;
    bool some;
};

static int write_span(void *context, const struct lc_trace *trace)
{
    static const char *const kinds[] = {"", "", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"};
    struct zipkin *z = context;
    for (size_t i = 0; i < trace->span_count; i++) {
        const struct lc_span *s = &trace->spans[i];
        fprintf(z->to, "%s{\"traceId\":\"%016lx%08x%08lx\",\"id\":\"%016lx\"", z->some ? "," : "[", trace->high,
                z->round, trace->low & 0xFFFFFFFF, s->id);
        z->some = true;
        if (s->parent != 0)
            fprintf(z->to, ",\"parentId\":\"%016lx\"", s->parent);
        if (kinds[s->kind][0] != 0)
            fprintf(z->to, ",\"kind\":\"%s\"", kinds[s->kind]);
        fprintf(z->to,
                ",\"name\":\"%s\",\"timestamp\":%ld,\"duration\":%ld,\"localEndpoint\":{\"serviceName\":\"%s\","
                "\"ipv4\":\"10.0.0.1\"},\"tags\":{",
                lci_symbol_text(z->symbols, s->operation), s->start / 1000, (s->end - s->start) / 1000 + 1,
                lci_symbol_text(z->symbols, s->service));
        const lc_symbol method = lc_span_attribute(trace, s, LC_ATTR_HTTP_METHOD),
                        system = lc_span_attribute(trace, s, LC_ATTR_DB_SYSTEM);
        if (method != 0)
            fprintf(z->to, "\"http.method\":\"%s\",", lci_symbol_text(z->symbols, method));
        if (system != 0)
            fprintf(z->to, "\"db.system\":\"%s\",", lci_symbol_text(z->symbols, system));
        fprintf(z->to, "\"otel.library.name\":\"@opentelemetry/instrumentation\",\"net.host.port\":\"8080\"}}");
    }
    return 0;
}

static void write_zipkin(FILE *to, long bytes)
{
    const char *const name = RECORDED "jaeger.json";
    struct lc_reading reading;
    struct lc_diag diag = {0};
    struct lc_symbols *symbols = lci_symbols_new();
    struct zipkin z = {.to = to, .symbols = symbols};
    for (; ftell(to) < bytes; z.round++)
        if (lc_traces_read(&name, 1, NULL, symbols, write_span, &z, &reading, &diag) != 0)
            fail(&diag);
    fputs("]", to);
    lci_symbols_free(symbols);
    lc_diag_free(&diag);
}

/* ---- measuring --------------------------------------------------------------------------------------------------- */

/* ratio: to the bare events; 0: there are none. */
static void print_speed(const char *of, double size, double seconds, double ratio)
{
    printf("  %-16s %7.0f MB/s", of, size / seconds);
    if (ratio > 0)
        printf("   %.2f of the bare events", ratio);
    printf("\n");
}

static void measure(const char *format, void (*write)(FILE *, long), long bytes, bool json, bool with_tree)
{
    char name[40];
    const int fd = memfd_create("traces", 0);
    FILE *file = fdopen(fd, "w+b");
    write(file, bytes);
    fflush(file);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    struct lc_reading reading;
    double bare[ROUNDS], read[ROUNDS], whole[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        bare[i] = json ? bare_events(file) : 0;
        read[i] = our_reading(name, &reading);
        whole[i] = our_extraction(name);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const double size = (double)reading.bytes / 1e6, events = median(bare), spans = median(read), trees = median(whole);
    printf("%s, %.0f MB, %lu traces, %lu spans, at most %ld MB resident\n", format, size, reading.traces, reading.spans,
           usage.ru_maxrss / 1000);
    if (json)
        printf("  bare events      %7.0f MB/s\n", size / events);
    print_speed("spans and traces", size, spans, json ? events / spans : 0);
    print_speed("and trees", size, trees, json ? events / trees : 0);
    if (with_tree) {
        const double document = document_tree(file);
        printf("  document tree    %7.0f MB/s   %.2f of the bare events\n", size / document, events / document);
    }
    fclose(file);
}

int main(int argc, char **argv)
{
    const long bytes = 1000000 * (argc > 1 ? strtol(argv[1], NULL, 10) : 100);
    measure("OTLP protobuf", write_protobuf, bytes, false, false);
    measure("OTLP JSON", write_otlp, bytes, true, false);
    measure("Zipkin JSON", write_zipkin, bytes, true, false);
    measure("Jaeger JSON", write_jaeger, bytes, true, true);
    return 0;
}
