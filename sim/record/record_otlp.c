/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * OTLP as JSON lines: a line is a trace, grouped by the process that its spans come from.
 */
#include "record_text.h"

#include "loadcast/base.h"

#include <inttypes.h>
#include <stdlib.h>

static const int kinds[] = {
    [LCI_SPAN_SERVER] = 2, [LCI_SPAN_CLIENT] = 3, [LCI_SPAN_PRODUCER] = 4, [LCI_SPAN_CONSUMER] = 5};

static void attribute(struct lci_buffer *out, const char *before, const char *key, const char *quoted)
{
    lci_buffer_add(out, "%s{\"key\":\"%s\",\"value\":{\"stringValue\":%s}}", before, key, quoted);
}

static void attributes(struct lci_buffer *out, const struct lci_record_names *names,
                       const struct lc_record_options *options, const struct lci_span *span)
{
    lci_buffer_add(out, ",\"attributes\":[");
    if (span->cache != LCI_NO_CACHE) {
        attribute(out, "", "peer.service", names->caches[span->entry]);
        attribute(out, ",", "db.system", "\"" LCI_CACHE_SYSTEM "\"");
        lci_buffer_add(out, ",{\"key\":\"cache.hit\",\"value\":{\"boolValue\":%s}}",
                       span->cache == LCI_CACHE_HIT ? "true" : "false");
    } else if (span->kind == LCI_SPAN_CLIENT) {
        attribute(out, "", "peer.service", names->callees[span->entry]);
    }
    if (span->kind == LCI_SPAN_PRODUCER)
        attribute(out, "", "messaging.destination.name", names->callees[span->entry]);
    const char *type;
    double param;
    if (span->parent == 0 && lci_sampler_of(options, &type, &param)) {
        attribute(out, "", "sampler.type", type);
        lci_buffer_add(out, ",{\"key\":\"sampler.param\",\"value\":{\"doubleValue\":%.17g}}", param);
    }
    lci_buffer_add(out, "]");
}

static void write_span(struct lci_buffer *out, const struct lci_record_names *names,
                       const struct lc_record_options *options, const struct lci_trace *trace,
                       const struct lci_span *span)
{
    lci_buffer_add(out, "{\"traceId\":\"%016" PRIx64 "%016" PRIx64 "\",\"spanId\":\"%016" PRIx64 "\",", trace->high,
                   trace->low, span->id);
    if (span->parent != 0)
        lci_buffer_add(out, "\"parentSpanId\":\"%016" PRIx64 "\",", span->parent);
    lci_buffer_add(out,
                   "\"name\":%s,\"kind\":%d,\"startTimeUnixNano\":\"%" PRId64 "\",\"endTimeUnixNano\":\"%" PRId64 "\"",
                   span->cache == LCI_NO_CACHE ? names->operations[span->entry] : "\"" LCI_CACHE_OPERATION "\"",
                   kinds[span->kind], span->start, span->end);
    attributes(out, names, options, span);
    lci_buffer_add(out, "%s}", span->failed ? ",\"status\":{\"code\":2}" : "");
}

struct rank { /* of a span in the file */
    uint32_t host;
    size_t index;
};

static int by_host(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    if (x->host != y->host)
        return x->host < y->host ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static void write_trace(struct lci_buffer *out, const struct lci_record_names *names,
                        const struct lc_record_options *options, const struct lci_trace *trace)
{
    struct rank *ranks = lc_calloc(trace->count, sizeof *ranks);
    for (size_t i = 0; i < trace->count; i++)
        ranks[i] = (struct rank){trace->spans[i].host, i};
    qsort(ranks, trace->count, sizeof *ranks, by_host);
    lci_buffer_add(out, "{\"resourceSpans\":[");
    for (size_t i = 0; i < trace->count; i++) {
        const struct lci_host *host = &names->hosts[ranks[i].host];
        const bool first = i == 0 || ranks[i - 1].host != ranks[i].host;
        if (first) {
            attribute(out, i == 0 ? "{\"resource\":{\"attributes\":[" : "]}]},{\"resource\":{\"attributes\":[",
                      "service.name", host->service);
            attribute(out, ",", "service.instance.id", host->name);
            attribute(out, ",", "host.name", host->name);
            lci_buffer_add(out, "]},\"scopeSpans\":[{\"scope\":{\"name\":\"loadcast\"");
            if (trace->policy != NULL) /* as the collector's processor writes it */
                lci_buffer_add(out,
                               ",\"attributes\":[{\"key\":\"tailsampling.policy\",\"value\":{\"stringValue\":\"%s\"}}]",
                               trace->policy);
            lci_buffer_add(out, "},\"spans\":[");
        }
        lci_buffer_add(out, "%s", first ? "" : ",");
        write_span(out, names, options, trace, &trace->spans[ranks[i].index]);
    }
    lci_buffer_add(out, "]}]}]}\n");
    free(ranks);
}

const struct lci_trace_format lci_otlp_traces = {.begin = "", .between = "", .end = "", .trace = write_trace};
