/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast spans become interaction trees, beside only reading them: bench_extract [MEGABYTES] (128). Writes a Jaeger
 * file of that size into $TMPDIR, with client, server, database and internal spans on hosts whose clocks differ, and
 * prints CPU times and the peak of memory.
 */
#include "fit/trace/symbols.h"
#include "loadcast/tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static uint64_t seed = 88172645463325252u;

static uint64_t below(uint64_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % limit;
}

struct writer {
    FILE *out;
    uint64_t trace, span;
    bool first;
};

/* One span as Jaeger's query service prints it; returns its number. */
static uint64_t put_span(struct writer *w, uint64_t parent, unsigned process, const char *kind, const char *operation,
                         uint64_t start, uint64_t duration, const char *tags)
{
    const uint64_t id = ++w->span;
    fprintf(w->out,
            "%s\n{\"traceID\":\"%032" PRIx64 "\",\"spanID\":\"%016" PRIx64 "\",\"flags\":1,\"operationName\":\"%s\",",
            w->first ? "" : ",", w->trace, id, operation);
    w->first = false;
    if (parent != 0)
        fprintf(w->out,
                "\"references\":[{\"refType\":\"CHILD_OF\",\"traceID\":\"%032" PRIx64 "\",\"spanID\":\"%016" PRIx64
                "\"}],",
                w->trace, parent);
    else
        fputs("\"references\":[],", w->out);
    fprintf(w->out,
            "\"startTime\":%" PRIu64 ",\"duration\":%" PRIu64 ",\"tags\":[{\"key\":\"span.kind\",\"type\":\"string\","
            "\"value\":\"%s\"},{\"key\":\"internal.span.format\",\"type\":\"string\",\"value\":\"otlp\"}%s],"
            "\"logs\":[],\"processID\":\"p%u\",\"warnings\":null}",
            start, duration, kind, tags, process);
    return id;
}

#define TAG(key, value) ",{\"key\":\"" key "\",\"type\":\"string\",\"value\":\"" value "\"}"

/* A request over eight services in two levels, 4 + 8 * 3 spans. */
static void put_trace(struct writer *w)
{
    static const int64_t skew[] = {0, 1800, -700, 0, 40, 2300, 0, -90};
    uint64_t at = 1700000000000000u + w->trace * 50000;
    w->trace++;
    w->first = true;
    fprintf(w->out, "%s{\"traceID\":\"%032" PRIx64 "\",\"spans\":[", w->trace > 1 ? ",\n" : "", w->trace);
    const uint64_t root = put_span(w, 0, 0, "server", "GET /orders/{id}", at, 40000,
                                   TAG("http.request.method", "GET") TAG("http.route", "/orders/{id}"));
    const uint64_t handler = put_span(w, root, 0, "internal", "handler", at + 50, 39900, "");
    for (unsigned i = 0; i < 8; i++) {
        char operation[32];
        const uint64_t start = at + 100 + 4800 * i, work = 1000 + below(3000), there = 200 + below(300);
        snprintf(operation, sizeof operation, "shop.Service%u/Get", i);
        const uint64_t client = put_span(w, handler, 0, "client", operation, start, work + there + 300,
                                         TAG("rpc.system", "grpc") TAG("rpc.service", "shop") TAG("rpc.method", "Get"));
        const uint64_t there_start = start + there + (uint64_t)skew[i];
        const uint64_t server = put_span(w, client, i + 1, "server", operation, there_start, work,
                                         TAG("rpc.system", "grpc") TAG("rpc.service", "shop") TAG("rpc.method", "Get"));
        put_span(w, server, i + 1, "client", "SELECT items", there_start + 100, work / 2,
                 TAG("db.system", "postgresql") TAG("db.name", "shop")
                     TAG("db.statement", "SELECT id, name, price FROM items WHERE id = $1"));
    }
    fputs("],\"processes\":{\"p0\":{\"serviceName\":\"gateway\",\"tags\":[{\"key\":\"host.name\",\"type\":\"string\","
          "\"value\":\"h0\"}]}",
          w->out);
    for (unsigned i = 1; i <= 8; i++)
        fprintf(w->out,
                ",\"p%u\":{\"serviceName\":\"service%u\",\"tags\":[{\"key\":\"host.name\",\"type\":\"string\","
                "\"value\":\"h%u\"}]}",
                i, i, i);
    fputs("},\"warnings\":null}", w->out);
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ignore_trace(void *context, const struct lc_trace *trace)
{
    *(uint64_t *)context += trace->span_count;
    return 0;
}

static int ignore_tree(void *context, const struct lc_tree *tree)
{
    *(uint64_t *)context += tree->node_count;
    return 0;
}

static void fail(const struct lc_diag *diag)
{
    for (size_t i = 0; i < diag->count; i++)
        fprintf(stderr, "%s\n", diag->messages[i].text);
    exit(1);
}

int main(int argc, char **argv)
{
    const double megabytes = argc > 1 ? atof(argv[1]) : 128;
    const char *folder = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
    char *file = lc_format("%s/bench-extract-%ld.json", folder, (long)getpid());
    struct writer w = {.out = fopen(file, "w")};
    if (w.out == NULL) {
        perror(file);
        return 1;
    }
    fputs("{\"data\":[", w.out);
    while ((double)ftell(w.out) < megabytes * 1e6)
        put_trace(&w);
    fputs("]}\n", w.out);
    const double size = (double)ftell(w.out) * 1e-6;
    fclose(w.out);

    const char *const inputs[] = {file};
    const struct lc_tree_options options = {.reader = {0}};
    struct lc_reading reading;
    struct lc_extraction extraction;
    struct lc_diag diag = {0};
    struct lc_symbols *symbols = lci_symbols_new();
    uint64_t spans = 0, nodes = 0;
    double before = cpu_seconds();
    if (lc_traces_read(inputs, 1, &options.reader, symbols, ignore_trace, &spans, &reading, &diag) != 0)
        fail(&diag);
    const double read = cpu_seconds() - before;
    lci_symbols_free(symbols);
    symbols = lci_symbols_new();
    before = cpu_seconds();
    if (lc_trees_read(inputs, 1, &options, symbols, ignore_tree, &nodes, &extraction, &diag) != 0)
        fail(&diag);
    const double whole = cpu_seconds() - before;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%.0f MB, %" PRIu64 " spans, %" PRIu64 " nodes\n", size, spans, nodes);
    printf("reading      %7.2f s CPU %7.1f MB/s %7.0f ns/span\n", read, size / read, 1e9 * read / (double)spans);
    printf("and trees    %7.2f s CPU %7.1f MB/s %7.0f ns/span more\n", whole, size / whole,
           1e9 * (whole - read) / (double)spans);
    printf("peak memory  %7.1f MB\n", (double)usage.ru_maxrss / 1024);
    lc_extraction_free(&extraction);
    lci_symbols_free(symbols);
    lc_diag_free(&diag);
    unlink(file);
    free(file);
    return 0;
}
