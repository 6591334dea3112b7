/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader.h"

#include "flow_columns.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* 1990-01-01 is tested where whole traces are known (normalise.c). */
#define LATEST  (INT64_C(4102444800) * 1000000000)     /* 2100-01-01 */
#define LONGEST (INT64_C(30) * 24 * 3600 * 1000000000) /* 30 days */

struct lci_trace_reader *lci_reader_new(const struct lci_format *format, struct lci_context *context, const char *file)
{
    struct lci_trace_reader *reader = lc_calloc(1, format->size);
    reader->format = format;
    reader->context = context;
    reader->file = file;
    reader->newest = INT64_MIN;
    reader->oldest = INT64_MAX;
    reader->lines.line = 1;
    if (format->grammar != NULL)
        reader->json = lci_json_new(format->grammar, reader);
    if (format->start != NULL)
        format->start(reader);
    return reader;
}

void lci_reader_free(struct lci_trace_reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->format->stop != NULL)
        reader->format->stop(reader);
    lci_json_free(reader->json);
    free(reader->batch.spans);
    free(reader->batch.ids);
    free(reader->batch.attributes);
    free(reader->batch.events);
    free(reader->batch.links);
    free(reader->batch.alternatives);
    free(reader->batch.flows);
    free(reader->draft.references);
    free(reader->resources);
    free(reader->kinds);
    lci_flow_forget_meanings(reader);
    free(reader);
}

void lci_reader_drop(struct lci_trace_reader *reader)
{
    reader->batch.settled = 0;
    lci_batch_drop(reader);
}

static int drop_all(struct lci_trace_reader *reader)
{
    lci_reader_drop(reader);
    return -1;
}

int lci_reader_feed(struct lci_trace_reader *reader, const char *bytes, size_t length)
{
    const int status = reader->json != NULL ? lci_lines_feed(reader, bytes, length)
                                            : reader->format->feed(reader, bytes, length, reader->context->diag);
    return status == 0 ? 0 : drop_all(reader);
}

/* Values that are no objects in the places of spans and what holds them. */
static int tell_misplaced(const struct lci_trace_reader *reader)
{
    const char *key;
    const uint64_t count = reader->json != NULL ? lci_json_misplaced(reader->json, &key) : 0;
    if (count == 0)
        return 0;
    const struct lc_place place = {reader->file, 0, 0, -1};
    char *text = lc_format("%" PRIu64 " values that are no objects left out, the first of %s%s%s", count,
                           *key != 0 ? "\"" : "", *key != 0 ? key : "the whole", *key != 0 ? "\"" : "");
    if (reader->context->strict)
        lc_error(reader->context->diag, LC_INPUT, &place, "%s; expected objects", text);
    else
        lc_warn(reader->context->diag, &place, "%s; expected objects", text);
    free(text);
    return reader->context->strict ? -1 : 0;
}

int lci_reader_finish(struct lci_trace_reader *reader)
{
    if (reader->json != NULL && lci_lines_finish(reader) != 0)
        return drop_all(reader);
    if (tell_misplaced(reader) != 0)
        return drop_all(reader);
    const int status = reader->format->finish != NULL ? reader->format->finish(reader, reader->context->diag) : 0;
    return status == 0 ? 0 : drop_all(reader);
}

void lci_batch_clear(struct lci_batch *b)
{
    b->span_count = b->attribute_count = b->event_count = b->link_count = b->alternative_count = b->settled = 0;
    b->flow_count = 0;
}

void lci_batch_drop(struct lci_trace_reader *reader)
{
    struct lci_batch *b = &reader->batch;
    reader->context->repairs->count[LC_REPAIR_DAMAGED] += b->span_count - b->settled;
    b->span_count = b->settled;
    while (b->alternative_count > 0 && b->alternatives[b->alternative_count - 1].span >= b->span_count)
        b->alternative_count--;
    while (b->flow_count > 0 && b->flows[b->flow_count - 1].span >= b->span_count)
        b->flow_count--;
}

struct lci_flow_draft *lci_span_flow(struct lci_trace_reader *reader)
{
    struct lci_batch *b = &reader->batch;
    if (b->flow_count > 0 && b->flows[b->flow_count - 1].span == b->span_count)
        return &b->flows[b->flow_count - 1];
    LC_GROW(b->flows, b->flow_count, b->flow_capacity);
    struct lci_flow_draft *flow = &b->flows[b->flow_count++];
    *flow = (struct lci_flow_draft){.span = (uint32_t)b->span_count};
    flow->flow.parent = LCI_NO_FLOW;
    return flow;
}

/* ---- spans ------------------------------------------------------------------------------------------------------- */

void lci_span_begin(struct lci_trace_reader *reader)
{
    struct lci_batch *b = &reader->batch;
    LC_GROW(b->spans, b->span_count, b->span_capacity);
    LC_GROW(b->ids, b->span_count, b->id_capacity);
    struct lc_span *span = &b->spans[b->span_count];
    memset(span, 0, sizeof *span);
    span->first_attribute = (uint32_t)b->attribute_count;
    span->first_event = (uint32_t)b->event_count;
    span->first_link = (uint32_t)b->link_count;
    struct lci_draft *d = &reader->draft;
    *d = (struct lci_draft){.span = span, .references = d->references, .reference_capacity = d->reference_capacity};
}

/* Parent: the field of its own, else the first CHILD_OF, else the first FOLLOWS_FROM or link into the same trace. The
 * further ones of the same trace stand in for it should it be missing, and every one but the parent is a link. */
static void settle_references(struct lci_trace_reader *reader)
{
    struct lci_draft *d = &reader->draft;
    struct lci_batch *b = &reader->batch;
    struct lc_span *span = d->span;
    bool child = !d->bare || d->parent == 0; /* of its parent, and not what follows from it */
    span->parent = d->parent;
    for (int follows = 0; follows < 2; follows++) {
        for (size_t i = 0; i < d->reference_count; i++) {
            const struct lci_reference *r = &d->references[i];
            if (r->follows != follows || r->id == 0 || span->link_count == UINT16_MAX)
                continue;
            const bool own = (r->trace.high | r->trace.low) == 0 || r->trace.low == d->trace.low;
            if (own && r->id == span->parent && (!r->follows || !child)) {
                span->flags |= r->follows ? LC_SPAN_FOLLOWS : 0;
                child |= !r->follows;
                continue;
            }
            if (own && span->parent == 0) {
                span->parent = r->id;
                span->flags |= r->follows ? LC_SPAN_FOLLOWS : 0;
                continue;
            }
            if (own) {
                LC_GROW(b->alternatives, b->alternative_count, b->alternative_capacity);
                b->alternatives[b->alternative_count++] =
                    (struct lci_alternative){r->id, (uint32_t)b->span_count, r->follows};
            }
            LC_GROW(b->links, b->link_count, b->link_capacity);
            const struct lci_trace_id trace = own ? d->trace : r->trace;
            b->links[b->link_count++] = (struct lc_link){trace.high, trace.low, r->id};
            span->link_count++;
        }
    }
}

/* Start and end from what was given. False: the times are impossible. */
static bool settle_times(struct lci_trace_reader *reader)
{
    struct lci_draft *d = &reader->draft;
    struct lc_span *span = d->span;
    if (d->absurd || (d->has_start && (d->start < 0 || d->start > LATEST)))
        return false;
    if (!d->has_start)
        span->flags |= LCI_SPAN_NO_START;
    int64_t length = d->duration;
    bool has_length = d->has_duration;
    if (!has_length && d->has_end && d->has_start) {
        if (d->end > LATEST)
            return false;
        length = d->end < d->start ? -1 : d->end - d->start;
        has_length = true;
    }
    if (length < 0) {
        reader->context->repairs->count[LC_REPAIR_NEGATIVE]++;
        length = 0;
    }
    if (length > LONGEST)
        return false;
    if (!d->has_start && d->has_end && d->has_duration && d->end <= LATEST && d->end >= length) {
        d->start = d->end - length;
        span->flags &= (uint16_t)~LCI_SPAN_NO_START;
    }
    span->start = d->start;
    span->end = d->start + length;
    if (!has_length) {
        span->flags |= LC_SPAN_NO_DURATION;
        if (d->last_event > span->end && d->last_event - span->end <= LONGEST)
            span->end = d->last_event;
    }
    return true;
}

/* Takes back what the draft put into the arrays. */
static struct lc_span *leave_out(struct lci_trace_reader *reader, enum lc_repair why)
{
    struct lci_batch *b = &reader->batch;
    const struct lc_span *span = reader->draft.span;
    reader->context->repairs->count[why]++;
    b->attribute_count = span->first_attribute;
    b->event_count = span->first_event;
    b->link_count = span->first_link;
    while (b->alternative_count > 0 && b->alternatives[b->alternative_count - 1].span == b->span_count)
        b->alternative_count--;
    b->flow_count -= b->flow_count > 0 && b->flows[b->flow_count - 1].span == b->span_count;
    return NULL;
}

struct lc_span *lci_span_end(struct lci_trace_reader *reader)
{
    struct lci_batch *b = &reader->batch;
    struct lci_draft *d = &reader->draft;
    struct lc_span *span = d->span;
    reader->spans++;
    reader->context->read++;
    if (span->id == 0)
        return leave_out(reader, LC_REPAIR_NO_ID);
    settle_references(reader);
    if (!settle_times(reader))
        return leave_out(reader, LC_REPAIR_ABSURD_TIME);
    reader->context->repairs->count[LC_REPAIR_NAMED_ID] += d->named;
    span->attribute_count = (uint16_t)(b->attribute_count - span->first_attribute);
    span->event_count = (uint16_t)(b->event_count - span->first_event);
    b->ids[b->span_count++] = d->trace;
    if (span->end > reader->newest)
        reader->newest = span->end;
    if (span->start < reader->oldest)
        reader->oldest = span->start;
    reader->roots += span->parent == 0;
    return span;
}

/* ---- times ------------------------------------------------------------------------------------------------------- */

static bool time_of(struct lci_trace_reader *reader, const char *text, size_t length, int shift, int64_t *value)
{
    int64_t time = 0;
    switch (lci_integer_of(text, length, shift, &time)) {
    case LCI_INTEGER_OK: *value = time; return true;
    case LCI_INTEGER_RANGE: reader->draft.absurd = true; return false;
    default: return false; /* not a number: as if it were not there */
    }
}

void lci_span_start(struct lci_trace_reader *reader, const char *text, size_t length, int shift)
{
    reader->draft.has_start = time_of(reader, text, length, shift, &reader->draft.start);
}

void lci_span_stop(struct lci_trace_reader *reader, const char *text, size_t length, int shift)
{
    struct lci_draft *d = &reader->draft;
    d->has_end = time_of(reader, text, length, shift, &d->end) && d->end != 0;
}

void lci_span_duration(struct lci_trace_reader *reader, const char *text, size_t length, int shift)
{
    reader->draft.has_duration = time_of(reader, text, length, shift, &reader->draft.duration);
}

int64_t lci_event_time(struct lci_trace_reader *reader, const char *text, size_t length, int shift)
{
    int64_t value = 0;
    return lci_integer_of(text, length, shift, &value) == LCI_INTEGER_OK && value >= 0
               ? lci_event_time_ns(reader, (uint64_t)value)
               : 0;
}

void lci_span_start_ns(struct lci_trace_reader *reader, uint64_t time)
{
    struct lci_draft *d = &reader->draft;
    d->has_start = time <= INT64_MAX;
    d->absurd |= !d->has_start;
    d->start = d->has_start ? (int64_t)time : 0;
}

void lci_span_stop_ns(struct lci_trace_reader *reader, uint64_t time)
{
    struct lci_draft *d = &reader->draft;
    d->absurd |= time > INT64_MAX;
    d->has_end = time <= INT64_MAX && time != 0;
    d->end = d->has_end ? (int64_t)time : 0;
}

void lci_span_duration_ns(struct lci_trace_reader *reader, uint64_t duration)
{
    struct lci_draft *d = &reader->draft;
    d->has_duration = duration <= INT64_MAX;
    d->absurd |= !d->has_duration;
    d->duration = d->has_duration ? (int64_t)duration : 0;
}

int64_t lci_event_time_ns(struct lci_trace_reader *reader, uint64_t time)
{
    if (time > LATEST)
        return 0;
    if ((int64_t)time > reader->draft.last_event)
        reader->draft.last_event = (int64_t)time;
    return (int64_t)time;
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

void lci_push_attribute(struct lci_batch *b, uint32_t key, lc_symbol value)
{
    LC_GROW(b->attributes, b->attribute_count, b->attribute_capacity);
    b->attributes[b->attribute_count++] = (struct lc_attribute){key, value};
}

void lci_push_event(struct lci_trace_reader *reader, const struct lc_event *event)
{
    struct lci_batch *b = &reader->batch;
    if (b->event_count - reader->draft.span->first_event >= UINT16_MAX)
        return;
    LC_GROW(b->events, b->event_count, b->event_capacity);
    b->events[b->event_count++] = *event;
}
