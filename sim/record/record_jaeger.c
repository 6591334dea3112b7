/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The JSON of Jaeger's queries: one document, times in microseconds.
 */
#include "record_text.h"

#include "loadcast/base.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *const kinds[] = {[LCI_SPAN_SERVER] = "server",
                                    [LCI_SPAN_CLIENT] = "client",
                                    [LCI_SPAN_PRODUCER] = "producer",
                                    [LCI_SPAN_CONSUMER] = "consumer"};

static void tag(struct lci_buffer *out, const char *before, const char *key, const char *quoted)
{
    lci_buffer_add(out, "%s{\"key\":\"%s\",\"type\":\"string\",\"value\":%s}", before, key, quoted);
}

static void tags(struct lci_buffer *out, const struct lci_record_names *names, const struct lc_record_options *options,
                 const struct lci_span *span, const char *policy)
{
    lci_buffer_add(out, "\"tags\":[{\"key\":\"span.kind\",\"type\":\"string\",\"value\":\"%s\"}", kinds[span->kind]);
    if (span->cache != LCI_NO_CACHE) {
        tag(out, ",", "peer.service", names->caches[span->entry]);
        tag(out, ",", "db.system", "\"" LCI_CACHE_SYSTEM "\"");
        lci_buffer_add(out, ",{\"key\":\"cache.hit\",\"type\":\"bool\",\"value\":%s}",
                       span->cache == LCI_CACHE_HIT ? "true" : "false");
    } else if (span->kind == LCI_SPAN_CLIENT) {
        tag(out, ",", "peer.service", names->callees[span->entry]);
    }
    if (span->kind == LCI_SPAN_PRODUCER)
        tag(out, ",", "messaging.destination.name", names->callees[span->entry]);
    if (span->failed)
        lci_buffer_add(out, ",{\"key\":\"error\",\"type\":\"bool\",\"value\":true}");
    const char *type;
    double param;
    if (span->parent == 0 && lci_sampler_of(options, &type, &param)) {
        tag(out, ",", "sampler.type", type);
        lci_buffer_add(out, ",{\"key\":\"sampler.param\",\"type\":\"float64\",\"value\":%.17g}", param);
    }
    if (policy != NULL)
        lci_buffer_add(out, ",{\"key\":\"tailsampling.policy\",\"type\":\"string\",\"value\":\"%s\"}", policy);
    lci_buffer_add(out, "]");
}

static void write_trace(struct lci_buffer *out, const struct lci_record_names *names,
                        const struct lc_record_options *options, const struct lci_trace *trace)
{
    char id[40];
    snprintf(id, sizeof id, "%016" PRIx64 "%016" PRIx64, trace->high, trace->low);
    lci_buffer_add(out, "{\"traceID\":\"%s\",\"spans\":[", id);
    for (size_t i = 0; i < trace->count; i++) {
        const struct lci_span *span = &trace->spans[i];
        lci_buffer_add(out,
                       "%s{\"traceID\":\"%s\",\"spanID\":\"%016" PRIx64 "\",\"flags\":1,\"operationName\":%s,"
                       "\"references\":[",
                       i > 0 ? "," : "", id, span->id,
                       span->cache == LCI_NO_CACHE ? names->operations[span->entry] : "\"" LCI_CACHE_OPERATION "\"");
        if (span->parent != 0)
            lci_buffer_add(out, "{\"refType\":\"CHILD_OF\",\"traceID\":\"%s\",\"spanID\":\"%016" PRIx64 "\"}", id,
                           span->parent);
        const int64_t start = span->start / 1000;
        lci_buffer_add(out, "],\"startTime\":%" PRId64 ",\"duration\":%" PRId64 ",", start, span->end / 1000 - start);
        tags(out, names, options, span, trace->policy);
        lci_buffer_add(out, ",\"logs\":[],\"processID\":\"p%u\",\"warnings\":null}", span->host + 1);
    }
    lci_buffer_add(out, "],\"processes\":{");
    bool *known = lc_calloc(names->host_count, sizeof *known);
    const char *before = "";
    for (size_t i = 0; i < trace->count; i++) {
        const uint32_t host = trace->spans[i].host;
        if (known[host])
            continue;
        known[host] = true;
        lci_buffer_add(out, "%s\"p%u\":{\"serviceName\":%s,\"tags\":[", before, host + 1, names->hosts[host].service);
        tag(out, "", "service.instance.id", names->hosts[host].name);
        tag(out, ",", "host.name", names->hosts[host].name);
        lci_buffer_add(out, "]}");
        before = ",";
    }
    free(known);
    lci_buffer_add(out, "},\"warnings\":null}");
}

const struct lci_trace_format lci_jaeger_traces = {.begin = "{\"data\":[\n",
                                                   .between = ",\n",
                                                   .end = "\n],\"total\":0,\"limit\":0,\"offset\":0,\"errors\":null}\n",
                                                   .trace = write_trace};
