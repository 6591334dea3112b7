/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The names of a program as JSON strings, and what a format of traces is.
 */
#ifndef LCI_RECORD_TEXT_H
#define LCI_RECORD_TEXT_H

#include "base/buffer.h"
#include "record.h"

struct lci_host {
    char *service, *name;
};
struct lci_record_names { /* quoted and escaped; owned */
    struct lci_host *hosts;
    size_t host_count, host_capacity;
    char **operations, **callees; /* per entry: its name without the task's; its task */
    char **caches;                /* per entry: what stands in front of its task */
};

/* What the root says of how its trace was chosen, if it says something: Jaeger's sampler.type and sampler.param. */
bool lci_sampler_of(const struct lc_record_options *options, const char **type, double *param);

#define LCI_CACHE_OPERATION "GET"   /* what spans of caches say */
#define LCI_CACHE_SYSTEM    "redis" /* a kind of store that is known for a cache */

/* A format of traces: what stands around all of them, between them, and one trace. */
struct lci_trace_format {
    const char *begin, *between, *end;
    void (*trace)(struct lci_buffer *out, const struct lci_record_names *names, const struct lc_record_options *options,
                  const struct lci_trace *trace);
};
extern const struct lci_trace_format lci_otlp_traces, lci_jaeger_traces;

#endif
