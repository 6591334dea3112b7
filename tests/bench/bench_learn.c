/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From spans to a model on one core: bench_learn [THOUSANDS] (500) of spans. Writes OTLP lines as services would into
 * $TMPDIR, a trace a line: a request over 25 services with two operations each, client and server spans. Prints what
 * reading and extracting, and learning, take, the time of one span, bytes per span and the peak of memory.
 */
#include "fit/trace/symbols.h"
#include "loadcast/learn.h"
#include "model/random/generator.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define SERVICES 25

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint64_t put_span(FILE *out, uint64_t trace, uint64_t id, uint64_t parent, unsigned operation, int kind,
                         double start, double end)
{
    const int64_t zero = INT64_C(1767225600000000000);
    fprintf(out, "%s{\"traceId\":\"%032" PRIx64 "\",\"spanId\":\"%016" PRIx64 "\",\"parentSpanId\":\"",
            kind == 2 ? "" : ",", trace, id);
    if (parent != 0)
        fprintf(out, "%016" PRIx64, parent);
    fprintf(out,
            "\",\"name\":\"op%u\",\"kind\":%d,\"startTimeUnixNano\":\"%" PRId64 "\",\"endTimeUnixNano\":\"%" PRId64
            "\",\"attributes\":[]}",
            operation, kind, zero + (int64_t)llround(start * 1e9), zero + (int64_t)llround(end * 1e9));
    return id;
}

/* Service s answers and asks service s + 1, which works for an exponential time. Returns the number of spans. */
static uint64_t put_trace(FILE *out, uint64_t trace, struct lc_random *random)
{
    double work[SERVICES], inner = 0, start = 0.05 * (double)trace;
    const unsigned operation = (unsigned)(trace & 1);
    uint64_t id = trace * 100 + 1, parent = 0;
    for (size_t s = SERVICES; s-- > 0;)
        inner += work[s] = 4e-3 * lci_random_exponential(random);
    fputs("{\"resourceSpans\":[", out);
    for (size_t s = 0; s < SERVICES; s++) {
        fprintf(
            out,
            "%s{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"service-%zu\"}},"
            "{\"key\":\"service.instance.id\",\"value\":{\"stringValue\":\"service-%zu-1\"}}]},\"scopeSpans\":[{"
            "\"scope\":{\"name\":\"bench\"},\"spans\":[",
            s > 0 ? "," : "", s, s);
        parent = put_span(out, trace + 1, id++, parent, operation, 2, start, start + inner);
        start += work[s] / 2;
        inner -= work[s];
        if (s + 1 < SERVICES)
            parent = put_span(out, trace + 1, id++, parent, operation, 3, start, start + inner);
        fputs("]}]}", out);
    }
    fputs("]}\n", out);
    return 2 * SERVICES - 1;
}

int main(int argc, char **argv)
{
    const uint64_t wanted = 1000 * (argc > 1 ? strtoull(argv[1], NULL, 10) : 500);
    char *file =
        lc_format("%s/bench_learn-%ld.jsonl", getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp", (long)getpid());
    FILE *out = fopen(file, "w");
    if (out == NULL)
        return 1;
    struct lc_random random;
    lc_random_init(&random, 1, 0, "bench", "learn");
    uint64_t spans = 0;
    for (uint64_t trace = 0; spans < wanted; trace++)
        spans += put_trace(out, trace, &random);
    const double bytes = (double)ftell(out);
    if (fclose(out) != 0)
        return 1;

    struct lc_symbols *symbols = lci_symbols_new();
    struct lc_learner *learner = lc_learner_new(&(struct lc_learn_options){.rare = 0.01}, symbols);
    struct lc_extraction extraction = {0};
    struct lc_learned learned = {0};
    struct lc_diag diag = {0};
    const double begin = seconds();
    int status = lc_learner_add_traces(learner, (const char *const[]){file}, 1, &(struct lc_tree_options){0}, symbols,
                                       &extraction, &diag);
    const double read = seconds();
    status = status == 0 ? lc_learner_finish(learner, &learned, &diag) : status;
    const double done = seconds();
    unlink(file);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%.3g million spans of %.0f bytes: read and extracted in %.2f s (%.3g million spans/s, %.0f MB/s), "
           "learned in %.2f s, %.2f µs a span, peak %.0f MB\n",
           (double)spans * 1e-6, bytes / (double)spans, read - begin, (double)spans / (read - begin) * 1e-6,
           bytes / (read - begin) * 1e-6, done - read, (done - begin) / (double)spans * 1e6,
           (double)usage.ru_maxrss / 1e3);
    lc_learned_free(&learned);
    lc_extraction_free(&extraction);
    lc_learner_free(learner);
    lci_symbols_free(symbols);
    lc_diag_free(&diag);
    free(file);
    return status == 0 ? 0 : 1;
}
