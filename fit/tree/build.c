/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/trace/symbols.h"
#include "tree/tree_build.h"

#include "tree/timing.h"

#include <stdlib.h>
#include <string.h>

void lci_builder_free(struct lci_tree_builder *b)
{
    free(b->nodes);
    free(b->segments);
    free(b->first);
    free(b->children);
    free(b->call_of);
    free(b->order);
    free(b->windows);
    free(b->ends);
    lci_hops_free(&b->hops);
    *b = (struct lci_tree_builder){0};
}

static void reserve(struct lci_tree_builder *b, size_t calls)
{
    if (calls <= b->capacity)
        return;
    b->capacity = calls > 2 * b->capacity ? calls : 2 * b->capacity;
    b->nodes = lc_realloc(b->nodes, b->capacity, sizeof *b->nodes);
    b->segments = lc_realloc(b->segments, 2 * b->capacity, sizeof *b->segments);
    b->first = lc_realloc(b->first, b->capacity + 1, sizeof *b->first);
    b->children = lc_realloc(b->children, b->capacity, sizeof *b->children);
    b->call_of = lc_realloc(b->call_of, b->capacity, sizeof *b->call_of);
    b->order = lc_realloc(b->order, b->capacity, sizeof *b->order);
    b->windows = lc_realloc(b->windows, b->capacity, sizeof *b->windows);
    b->ends = lc_realloc(b->ends, b->capacity, sizeof *b->ends);
}

/* Sorts the calls by their callers: those of call c are children[first[c]] … children[first[c + 1] - 1]. */
static void sort_by_caller(struct lci_tree_builder *b, const struct lci_assembly *a)
{
    memset(b->first, 0, (a->call_count + 1) * sizeof *b->first);
    for (size_t i = 1; i < a->call_count; i++)
        b->first[a->calls[i].caller + 1]++;
    for (size_t i = 0; i < a->call_count; i++)
        b->first[i + 1] += b->first[i];
    for (size_t i = a->call_count; i-- > 1;) /* from the back: first[] moves to the beginnings */
        b->children[--b->first[a->calls[i].caller + 1]] = (uint32_t)i;
    for (size_t i = 0; i < a->call_count; i++)
        b->first[i] = b->first[i + 1];
    b->first[a->call_count] = (uint32_t)(a->call_count - 1);
}

static bool is_before(const struct lci_assembly *a, uint32_t i, uint32_t j)
{
    const struct lci_tree_call *x = &a->calls[i], *y = &a->calls[j];
    if (x->request != y->request)
        return x->request < y->request;
    const uint64_t p = a->record->trace.spans[x->span].id, q = a->record->trace.spans[y->span].id;
    return p != q ? p < q : i < j;
}

static int compare(const void *x, const void *y, void *context)
{
    const uint32_t i = *(const uint32_t *)x, j = *(const uint32_t *)y;
    return i == j ? 0 : is_before(context, i, j) ? -1 : 1;
}

static void sort_calls(uint32_t *calls, size_t count, struct lci_assembly *a)
{
    if (count > 24) {
        qsort_r(calls, count, sizeof *calls, compare, a);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        const uint32_t moving = calls[i];
        size_t j = i;
        for (; j > 0 && is_before(a, moving, calls[j - 1]); j--)
            calls[j] = calls[j - 1];
        calls[j] = moving;
    }
}

/* Settles the windows of a caller's calls where a clock is coarse. */
static void settle(struct lci_tree_builder *b, struct lci_assembly *a, const struct lci_tree_assembler *by,
                   const struct lc_span *caller, const uint32_t *calls, size_t count)
{
    const struct lc_span *spans = a->record->trace.spans;
    int64_t tick = lci_clock_tick(by->clocks, caller->service);
    for (size_t i = 0; i < count; i++) {
        const struct lci_tree_call *c = &a->calls[calls[i]];
        b->windows[i] = (struct lci_span_window){.request = c->request,
                                                 .response = c->response,
                                                 .id = spans[c->span].id,
                                                 .rank = c->client != LCI_NONE ? c->client : c->span,
                                                 .blocking = !c->forget};
        if (c->client == LCI_NONE && c->dispatch == LCI_NONE) { /* written by the callee's clock */
            const int64_t other = lci_clock_tick(by->clocks, spans[c->span].service);
            tick = other > tick ? other : tick;
        }
    }
    if (tick == 1)
        return;
    lci_settle(caller->start, caller->end, tick, b->windows, count, b->order, b->ends);
    for (size_t i = 0; i < count; i++) {
        a->calls[calls[i]].request = b->windows[i].request;
        a->calls[calls[i]].response = b->windows[i].response;
    }
}

/* What a clock's times are moved by to be those of the root's clock. */
static int64_t to_root(const struct lci_assembly *a, const struct lci_tree_assembler *by, const struct lc_span *span)
{
    const struct lc_span *root = &a->record->trace.spans[a->calls[0].span];
    return lci_clock_offset(by->clocks, lci_clock_of(span)) - lci_clock_offset(by->clocks, lci_clock_of(root));
}

/* Waiting time of a job: what the recording says, or the time from the end of the producer, which is when the job was
 * in the queue, to the job's start. */
static int64_t queue_delay(const struct lci_assembly *a, const struct lci_tree_assembler *by,
                           const struct lci_tree_call *c)
{
    const struct lc_trace *trace = &a->record->trace;
    const struct lc_span *job = &trace->spans[c->span];
    const lc_symbol waited = lc_span_attribute(trace, job, LC_ATTR_MESSAGING_QUEUE_MS);
    const lc_symbol enqueued = lc_span_attribute(trace, job, LC_ATTR_MESSAGING_ENQUEUED);
    double delay = -1;
    if (waited != 0) {
        delay = strtod(lci_symbol_text(by->symbols, waited), NULL) * 1e6;
    } else if (enqueued != 0) { /* s or ms since the epoch */
        const double at = strtod(lci_symbol_text(by->symbols, enqueued), NULL);
        delay = (double)job->start - at * (at > 1e11 ? 1e6 : 1e9);
    } else if (c->dispatched >= 0 && !c->external) {
        const struct lc_span *caller = &trace->spans[a->calls[c->caller].span];
        const int64_t shift =
            lci_clock_offset(by->clocks, lci_clock_of(job)) - lci_clock_offset(by->clocks, lci_clock_of(caller));
        const int64_t waiting = job->start - shift - c->dispatched;
        return waiting > 0 ? waiting : 0;
    } else {
        return -1;
    }
    return delay >= 0 && delay < 1e17 ? (int64_t)delay : 0;
}

/* A step of a pipeline that failed ended early. */
static bool may_be_fitted(const struct lc_span *s, const struct lci_tree_call *call)
{
    const bool failed_step = (s->flags & LC_SPAN_ERROR) != 0 && (s->flags & LC_SPAN_STEP) != 0;
    return (s->flags & LC_SPAN_NO_DURATION) == 0 && !(call->external && call->role == LCI_JOB) && !failed_step;
}

/* The sender knows it best: a job may have taken several messages. */
static uint64_t message_size(const struct lci_assembly *a, const struct lci_tree_assembler *by,
                             const struct lci_tree_call *c)
{
    const struct lc_trace *trace = &a->record->trace;
    const uint32_t spans[] = {c->dispatch, c->span};
    lc_symbol size = 0;
    for (int i = 0; i < 2 && size == 0; i++)
        if (spans[i] != LCI_NONE)
            size = lc_span_attribute(trace, &trace->spans[spans[i]], LC_ATTR_MESSAGING_SIZE);
    const double bytes = size != 0 ? strtod(lci_symbol_text(by->symbols, size), NULL) : 0;
    return bytes > 0 && bytes < 1e15 ? (uint64_t)bytes : 0;
}

static struct lc_tree_node make_node(struct lci_tree_builder *b, const struct lci_assembly *a,
                                     const struct lci_tree_assembler *by, const struct lci_tree_call *c, int32_t parent)
{
    const struct lci_tree_record *record = a->record;
    const struct lc_span *spans = record->trace.spans, *s = &spans[c->span];
    const struct lc_span *client = c->client != LCI_NONE && c->client != c->span ? &spans[c->client] : NULL;
    const struct lci_span_type *type = lci_type(by->types, record->types[c->span]);
    const int64_t shift = to_root(a, by, s);
    struct lc_tree_node n = {.id = s->id,
                             .client_id = c->client != LCI_NONE ? spans[c->client].id : 0,
                             .parent = parent,
                             .task = lci_task_of(by, record, c),
                             .entry = lci_entry_of(by, record, c),
                             .instance = c->external ? 0 : s->instance,
                             .caller_operation = c->client != LCI_NONE ? spans[c->client].operation : 0,
                             .class_ = type->class_,
                             .access = type->access,
                             .kind = s->kind,
                             .external = c->external,
                             .error = (s->flags & LC_SPAN_ERROR) != 0 ||
                                      (client != NULL && (client->flags & LC_SPAN_ERROR) != 0),
                             .fit = may_be_fitted(s, c),
                             .slot = c->slot,
                             .forwarded = c->forwarded,
                             .around = by->slots != NULL && !c->slot && lci_span_slots_request(s) &&
                                       lci_span_slots_of(by->slots, s->service),
                             .acquire = c->external && type->acquire,
                             .start = s->start - shift,
                             .end = s->end - shift,
                             .request = c->request,
                             .response = c->response,
                             .network_latency = -1,
                             .batch = s->kind == LC_KIND_CONSUMER && s->link_count > 1 ? s->link_count : 0,
                             .queue_delay = c->role == LCI_JOB ? queue_delay(a, by, c) : -1,
                             .message_size = c->role == LCI_JOB ? message_size(a, by, c) : 0,
                             .group = -1,
                             .span = c->span};
    if (n.class_ == LC_CLASS_INTERNAL && client != NULL)
        n.class_ = lci_type(by->types, record->types[c->client])->class_;
    /* Only one server within the client span: durations compare without clocks. */
    if (c->alone && client != NULL) {
        const int64_t latency = (client->end - client->start) - (s->end - s->start);
        n.network_latency = latency > 0 ? latency : 0;
        n.first_hop = (uint32_t)b->hops.count;
        n.hop_count = lci_hops_add(&b->hops, by->symbols, &record->trace, client, s);
    }
    return n;
}

/* Times the calls of one node. */
static uint32_t time_node(struct lci_tree_builder *b, const struct lci_assembly *a, const struct lci_tree_assembler *by,
                          size_t index, uint32_t segments)
{
    struct lc_tree_node *n = &b->nodes[index];
    const struct lc_span *spans = a->record->trace.spans, *s = &spans[n->span];
    for (uint32_t i = 0; i < n->child_count; i++) {
        const struct lci_tree_call *c = &a->calls[b->call_of[n->first_child + i]];
        b->windows[i] = (struct lci_span_window){
            .request = c->request, .response = c->response, .id = spans[c->span].id, .blocking = !c->forget};
    }
    const struct lci_timing t =
        lci_timing(s->start, s->end, b->windows, n->child_count, b->order, b->segments + segments);
    n->self = t.self;
    n->blocked = t.blocked;
    n->group_count = t.group_count;
    n->first_segment = segments;
    const int64_t shift = to_root(a, by, s);
    memset(b->order, 0, t.group_count * sizeof *b->order); /* now: calls per group */
    for (uint32_t i = 0; i < n->child_count; i++)
        if (b->windows[i].group >= 0)
            b->order[b->windows[i].group]++;
    for (uint32_t i = 0; i < n->child_count; i++) {
        const struct lci_span_window *w = &b->windows[i];
        struct lc_tree_node *child = &b->nodes[n->first_child + i];
        child->request = w->request - shift;
        child->response = w->response - shift;
        child->relative = w->relative;
        child->marginal = w->marginal;
        child->group = w->group;
        child->edge = !w->blocking                              ? LC_EDGE_FORGET
                      : w->group >= 0 && b->order[w->group] > 1 ? LC_EDGE_CONCURRENT
                                                                : LC_EDGE_SYNC;
    }
    return segments + t.group_count + 1;
}

struct lc_tree lci_build(struct lci_tree_builder *b, struct lci_assembly *a, const struct lci_tree_assembler *by)
{
    reserve(b, a->call_count);
    sort_by_caller(b, a);
    uint32_t count = 1, segments = 0;
    b->call_of[0] = 0;
    b->hops.count = 0;
    b->nodes[0] = make_node(b, a, by, &a->calls[0], -1);
    b->nodes[0].edge = LC_EDGE_ROOT;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t call = b->call_of[i], from = b->first[call], children = b->first[call + 1] - from;
        settle(b, a, by, &a->record->trace.spans[a->calls[call].span], b->children + from, children);
        sort_calls(b->children + from, children, a);
        b->nodes[i].first_child = count;
        b->nodes[i].child_count = children;
        for (uint32_t k = 0; k < children; k++) {
            b->call_of[count] = b->children[from + k];
            b->nodes[count] = make_node(b, a, by, &a->calls[b->children[from + k]], (int32_t)i);
            count++;
        }
        segments = time_node(b, a, by, i, segments);
    }
    return (struct lc_tree){&a->record->trace, b->nodes, count, b->segments, b->hops.items, false};
}
