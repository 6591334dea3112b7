/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Comma-separated spans with the header below, as published with microservice data sets recorded on Kubernetes: the
 * parent of a root is the word "root", the duration is in µs and said by start and end already.
 */
#include "assemble.h"

#include <stdlib.h>
#include <string.h>

#define HEADER         "TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration"
#define LINE_MAX_BYTES ((size_t)1 << 20)
#define BATCH          1024

enum { TRACE_ID, SPAN_ID, PARENT_ID, POD, OPERATION, START, END, DURATION, FIELDS };

struct pods {
    struct lci_reader reader;
    char *line; /* the beginning of a line that goes on in the next piece */
    size_t length, capacity;
    int number; /* of the line */
    int64_t offset;
};

struct field {
    const char *text;
    size_t length;
};

/* Splits a line; a field may stand in quotation marks. Returns the number of fields. */
static size_t split(const char *at, const char *end, struct field *fields)
{
    size_t count = 0;
    for (;;) {
        const char *stop, *next;
        if (at < end && *at == '"') {
            at++;
            stop = memchr(at, '"', (size_t)(end - at));
            stop = stop != NULL ? stop : end;
            next = memchr(stop, ',', (size_t)(end - stop));
        } else {
            next = memchr(at, ',', (size_t)(end - at));
            stop = next != NULL ? next : end;
        }
        if (count < FIELDS)
            fields[count] = (struct field){at, (size_t)(stop - at)};
        count++;
        if (next == NULL)
            return count;
        at = next + 1;
    }
}

static size_t digits_in(const char *text, size_t length)
{
    size_t digits = 0;
    for (size_t i = 0; i < length; i++)
        digits += text[i] >= '0' && text[i] <= '9';
    return digits;
}

/* The name of the deployment: without the hashes of replica set and pod ("-5b67c48447-mv5hb") or the number of a
 * stateful set's pod. */
static size_t service_length(const char *pod, size_t length)
{
    const char *dash = memrchr(pod, '-', length);
    if (dash == NULL || dash == pod)
        return length;
    const size_t last = length - (size_t)(dash - pod) - 1;
    if (digits_in(dash + 1, last) == last)
        return (size_t)(dash - pod);
    const char *before = memrchr(pod, '-', (size_t)(dash - pod));
    if (last != 5 || before == NULL || before == pod)
        return length;
    const size_t hash = (size_t)(dash - before) - 1;
    return hash >= 5 && hash <= 10 && digits_in(before + 1, hash) > 0 ? (size_t)(before - pod) : length;
}

static void flush(struct lci_reader *reader)
{
    lci_assemble(reader->context->assembler, &reader->batch);
    lci_batch_clear(&reader->batch);
}

static int take_line(struct pods *p, const char *line, size_t length, struct lc_diag *diag)
{
    struct lci_reader *r = &p->reader;
    p->number++;
    if (length > 0 && line[length - 1] == '\r')
        length--;
    if (length == 0 || p->number == 1)
        return 0;
    struct field f[FIELDS];
    const size_t count = split(line, line + length, f);
    if (count != FIELDS) {
        lc_error(diag, LC_INPUT, &(struct lc_place){r->file, p->number, 1, p->offset},
                 "%zu fields; a line of this format has %d", count, FIELDS);
        return -1;
    }
    lci_span_begin(r);
    struct lci_draft *d = &r->draft;
    d->trace = lci_trace_id_of(r, f[TRACE_ID].text, f[TRACE_ID].length);
    d->span->id = lci_span_id_of(r, f[SPAN_ID].text, f[SPAN_ID].length);
    if (f[PARENT_ID].length != 4 || memcmp(f[PARENT_ID].text, "root", 4) != 0)
        d->parent = lci_span_id_of(r, f[PARENT_ID].text, f[PARENT_ID].length);
    d->span->operation = lci_symbol(r->context, f[OPERATION].text, f[OPERATION].length);
    d->span->host = d->span->instance = lci_symbol(r->context, f[POD].text, f[POD].length);
    d->span->service = lci_symbol(r->context, f[POD].text, service_length(f[POD].text, f[POD].length));
    lci_span_start(r, f[START].text, f[START].length, 0);
    lci_span_stop(r, f[END].text, f[END].length, 0);
    lci_span_end(r);
    if (r->batch.span_count >= BATCH)
        flush(r);
    return 0;
}

static int feed(struct lci_reader *reader, const char *bytes, size_t length, struct lc_diag *diag)
{
    struct pods *p = (struct pods *)reader;
    const char *end = bytes + length;
    for (const char *stop; (stop = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL; bytes = stop + 1) {
        const char *line = bytes;
        size_t size = (size_t)(stop - bytes);
        if (p->length > 0) {
            p->line = lc_realloc(p->line, p->length + size + 1, 1);
            memcpy(p->line + p->length, bytes, size);
            line = p->line;
            size += p->length;
        }
        p->length = 0;
        if (take_line(p, line, size, diag) != 0)
            return -1;
        p->offset += (int64_t)size + 1;
    }
    const size_t rest = (size_t)(end - bytes);
    if (p->length + rest > LINE_MAX_BYTES) {
        lc_error(diag, LC_INPUT, &(struct lc_place){reader->file, p->number + 1, 1, p->offset},
                 "a line of more than %zu MiB begins here; no span needs as much", LINE_MAX_BYTES >> 20);
        return -1;
    }
    p->line = lc_realloc(p->line, p->length + rest + 1, 1);
    memcpy(p->line + p->length, bytes, rest);
    p->length += rest;
    return 0;
}

static int finish(struct lci_reader *reader, struct lc_diag *diag)
{
    struct pods *p = (struct pods *)reader;
    const int status = p->length > 0 ? take_line(p, p->line, p->length, diag) : 0;
    flush(reader);
    return status;
}

static void stop(struct lci_reader *reader)
{
    free(((struct pods *)reader)->line);
}

const struct lci_format lci_pods = {
    .name = "CSV of spans", .head = HEADER, .size = sizeof(struct pods), .feed = feed, .finish = finish, .stop = stop};
