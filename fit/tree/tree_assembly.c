/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/tree_assembly.h"
#include "fit/trace/symbols.h"

#include <stdlib.h>
#include <string.h>

/* Where a span stands, for the spans below it. */
struct context {
    int32_t owner;     /* call whose callee's process the span belongs to */
    uint32_t part;     /* nearest internal span between */
    uint32_t client;   /* outermost client span of the current outgoing call */
    uint32_t inner;    /* innermost one: an attempt, a connection's request */
    uint32_t producer; /* producer span */
};

/* The calls under one outermost client span. */
struct group {
    uint32_t first, last; /* calls, LCI_NONE: none */
    uint32_t count;
    uint32_t children; /* spans below that may be calls: tells wrappers */
};

enum place { NODE, CLIENT, PRODUCER, PART };

void lci_assembly_free(struct lci_assembly *a)
{
    free(a->calls);
    free(a->producers);
    free(a->parts);
    free(a->contexts);
    free(a->child);
    free(a->sibling);
    free(a->queue);
    free(a->groups);
    *a = (struct lci_assembly){0};
}

void lci_assembly_begin(struct lci_assembly *a, const struct lci_tree_record *record)
{
    const size_t n = record->trace.span_count;
    a->record = record;
    if (n > a->span_capacity) {
        a->span_capacity = n > 2 * a->span_capacity ? n : 2 * a->span_capacity;
        a->contexts = lc_realloc(a->contexts, a->span_capacity, sizeof *a->contexts);
        a->child = lc_realloc(a->child, a->span_capacity, sizeof *a->child);
        a->sibling = lc_realloc(a->sibling, a->span_capacity, sizeof *a->sibling);
        a->queue = lc_realloc(a->queue, a->span_capacity, sizeof *a->queue);
        a->groups = lc_realloc(a->groups, a->span_capacity, sizeof *a->groups);
    }
    memset(a->child, 0xff, n * sizeof *a->child); /* LCI_NONE */
    for (size_t i = n; i-- > 0;) {                /* backwards, so that children come in their order */
        const uint32_t parent = record->parents[i];
        if (parent != LCI_NONE) {
            a->sibling[i] = a->child[parent];
            a->child[parent] = (uint32_t)i;
        }
    }
}

static const struct lci_span_type *type_of(const struct lci_tree_assembler *by, const struct lci_tree_record *record,
                                           uint32_t span)
{
    return lci_type(by->types, record->types[span]);
}

lc_symbol lci_task_of(const struct lci_tree_assembler *by, const struct lci_tree_record *record,
                      const struct lci_tree_call *call)
{
    if (!call->external)
        return record->trace.spans[call->span].service;
    const struct lci_span_type *type = type_of(by, record, call->span);
    return type->server != 0 ? type->server : type->label;
}

lc_symbol lci_entry_of(const struct lci_tree_assembler *by, const struct lci_tree_record *record,
                       const struct lci_tree_call *call)
{
    return type_of(by, record, call->slot ? call->whole : call->span)->label;
}

static struct lci_edge edge_of(const struct lci_assembly *a, const struct lci_tree_assembler *by,
                               const struct lci_tree_call *call)
{
    const struct lci_tree_call *caller = &a->calls[call->caller];
    return (struct lci_edge){lci_task_of(by, a->record, caller),
                             lci_entry_of(by, a->record, caller),
                             lci_task_of(by, a->record, call),
                             lci_entry_of(by, a->record, call),
                             call->role,
                             caller->role == LCI_INTERNAL && !caller->slot};
}

/* Edge to a span of the caller's own process that is no call: a producer, or an internal part. */
static struct lci_edge inner_edge(const struct lci_assembly *a, const struct lci_tree_assembler *by, uint32_t span,
                                  enum lci_edge_role role)
{
    const struct lci_tree_call *caller = &a->calls[a->contexts[span].owner];
    return (struct lci_edge){lci_task_of(by, a->record, caller),
                             lci_entry_of(by, a->record, caller),
                             a->record->trace.spans[span].service,
                             type_of(by, a->record, span)->label,
                             (uint16_t)role,
                             caller->role == LCI_INTERNAL && !caller->slot};
}

static bool has_client_child(const struct lci_assembly *a, const struct lci_tree_assembler *by, uint32_t span)
{
    const struct lc_span *spans = a->record->trace.spans;
    for (uint32_t c = a->child[span]; c != LCI_NONE; c = a->sibling[c])
        if (spans[c].kind == LC_KIND_CLIENT || spans[c].kind == LC_KIND_PRODUCER ||
            (spans[c].kind == LC_KIND_UNKNOWN && type_of(by, a->record, c)->client))
            return true;
    return false;
}

/* How a span's trace was joined with the one above it; NULL if it was not. */
static const struct lci_job_join *join_of(const struct lci_tree_record *record, uint32_t span)
{
    size_t low = 0, high = record->join_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (record->joins[middle].span < span)
            low = middle + 1;
        else
            high = middle;
    }
    return low < record->join_count && record->joins[low].span == span ? &record->joins[low] : NULL;
}

/* What a span is to its parent. */
static enum place place_of(const struct lci_assembly *a, const struct lci_tree_assembler *by, uint32_t span)
{
    const struct lc_span *spans = a->record->trace.spans, *s = &spans[span];
    const struct lc_span *p = &spans[a->record->parents[span]];
    const struct lci_span_type *type = type_of(by, a->record, span);
    if (s->service != p->service || s->kind == LC_KIND_SERVER || join_of(a->record, span) != NULL)
        return NODE;
    switch (s->kind) {
    case LC_KIND_CONSUMER: /* taking a batch, and within it working on one message, is one job */
        if (p->kind == LC_KIND_CONSUMER)
            return PART;
        /* Asking for a message in the middle of a request is a call to the queue: the request waits for it. */
        return p->kind != LC_KIND_PRODUCER && a->child[span] == LCI_NONE && s->link_count == 0 &&
                       lci_messaging_of(by->symbols, &a->record->trace, s) == LCI_MESSAGING_RECEIVE
                   ? CLIENT
                   : NODE;
    case LC_KIND_PRODUCER: return PRODUCER;
    case LC_KIND_CLIENT: /* one that names no server and has calls of its own below is a wrapper of them */
        return type->server == 0 && type->class_ == LC_CLASS_INTERNAL && has_client_child(a, by, span) ? PART : CLIENT;
    case LC_KIND_UNKNOWN: /* without a kind: a call if it says so and nothing lies below, or if it is a database's */
        if (type->client &&
            (a->child[span] == LCI_NONE || type->class_ == LC_CLASS_DATABASE || type->class_ == LC_CLASS_CACHE))
            return CLIENT;
        return PART;
    default: return PART;
    }
}

static uint32_t add_call(struct lci_assembly *a, const struct lci_tree_call *call)
{
    LC_GROW(a->calls, a->call_count, a->call_capacity);
    a->calls[a->call_count] = *call;
    return (uint32_t)a->call_count++;
}

static void open_group(struct lci_assembly *a, uint32_t client)
{
    a->groups[client] = (struct group){LCI_NONE, LCI_NONE, 0, 0};
}

/* The context below a span that is a call of its own. A span of kind client or producer that stands there, because its
 * parent is in another process or it is the root, is the caller and the outgoing call in one. */
static struct context inside(struct lci_assembly *a, uint32_t span, uint32_t call)
{
    struct context below = {(int32_t)call, LCI_NONE, LCI_NONE, LCI_NONE, LCI_NONE};
    const uint8_t kind = a->record->trace.spans[span].kind;
    if (kind == LC_KIND_CLIENT) {
        below.client = below.inner = span;
        open_group(a, span);
    } else if (kind == LC_KIND_PRODUCER) {
        below.producer = span;
        LC_GROW(a->producers, a->producer_count, a->producer_capacity);
        a->producers[a->producer_count++] = span;
        open_group(a, span);
    }
    return below;
}

static int64_t difference(const struct lci_tree_assembler *by, const struct lc_span *callee,
                          const struct lc_span *caller)
{
    return lci_clock_offset(by->clocks, lci_clock_of(callee)) - lci_clock_offset(by->clocks, lci_clock_of(caller));
}

/* Some recordings write what was sent and answered as events of the caller's span that name the called span, as a
 * decimal or hexadecimal number: the first is the request, the last the response. */
static void window_by_events(const struct lci_assembly *a, const struct lci_tree_assembler *by,
                             const struct lc_span *parent, struct lci_tree_call *call)
{
    const uint64_t id = a->record->trace.spans[call->span].id;
    bool found = false;
    for (uint32_t i = 0; i < parent->event_count; i++) {
        const struct lc_event *event = &a->record->trace.events[parent->first_event + i];
        const char *text = lci_symbol_text(by->symbols, event->id);
        char *decimal_end, *hexadecimal_end;
        const uint64_t decimal = strtoull(text, &decimal_end, 10), hexadecimal = strtoull(text, &hexadecimal_end, 16);
        if (*text == 0 || ((*decimal_end != 0 || decimal != id) && (*hexadecimal_end != 0 || hexadecimal != id)))
            continue;
        if (!found)
            call->request = call->response = event->time;
        if (event->time < call->request)
            call->request = event->time;
        if (event->time > call->response)
            call->response = event->time;
        found = true;
    }
}

/* When and by which span a job was sent. A producer's or sending client's span ends when the job is in the queue. */
static void find_dispatch(struct lci_assembly *a, uint32_t span, const struct context *above,
                          const struct lci_job_join *join, struct lci_tree_call *call)
{
    const struct lc_span *spans = a->record->trace.spans;
    call->dispatch = above->producer != LCI_NONE ? above->producer : above->client;
    if (call->dispatch != LCI_NONE) {
        call->request = spans[call->dispatch].start;
        call->response = call->dispatched = spans[call->dispatch].end;
        if (call->dispatch == above->producer)
            a->groups[call->dispatch].count++;
    } else if (join != NULL) {
        call->request = call->response = spans[a->record->parents[span]].start;
    } else if ((spans[span].flags & LC_SPAN_STEP) != 0) {
        call->request = call->response = call->dispatched = spans[a->record->parents[span]].end;
    }
    if (join != NULL && join->time >= 0)
        call->request = call->response = call->dispatched = join->time;
}

/* A call that lay inside its caller as written, and no longer does on clocks whose difference is a guess. */
static bool is_moved_out(const struct lci_tree_assembler *by, const struct lc_span *s, const struct lc_span *owner,
                         const struct lci_tree_call *call)
{
    return (call->request < owner->start || call->response > owner->end) && s->start >= owner->start &&
           s->end <= owner->end && lci_clock_guessed(by->clocks, lci_clock_of(owner), lci_clock_of(s));
}

/* A job that begins before its dispatch waited for the message until then, if its span receives, or says nothing of
 * what it does and did so for most of its time (less may be the clocks). One that only received tells nothing of work.
 */
static void leave_waiting_out(const struct lci_assembly *a, const struct lci_tree_assembler *by, uint32_t span,
                              int64_t dispatched)
{
    struct lc_span *s = &a->record->trace.spans[span];
    if (s->kind != LC_KIND_CONSUMER || s->start >= dispatched)
        return;
    const enum lci_messaging does = lci_messaging_of(by->symbols, &a->record->trace, s);
    if (does == LCI_MESSAGING_OTHER ||
        (does == LCI_MESSAGING_UNKNOWN && 2 * (dispatched - s->start) < s->end - s->start))
        return;
    if (by->edges == NULL)
        lci_polls_add(by->polls, s->service, s->operation, 1);
    s->start = dispatched < s->end ? dispatched : s->end;
    if (does == LCI_MESSAGING_RECEIVE && a->child[span] == LCI_NONE) {
        s->start = s->end;
        s->flags |= LC_SPAN_NO_DURATION;
    }
}

static struct context add_node(struct lci_assembly *a, const struct lci_tree_assembler *by, uint32_t span,
                               const struct context *above)
{
    const struct lc_span *spans = a->record->trace.spans, *s = &spans[span];
    struct lci_tree_call call = {.caller = above->owner,
                                 .span = span,
                                 .client = LCI_NONE,
                                 .dispatch = LCI_NONE,
                                 .producer = above->producer,
                                 .part = above->part,
                                 .next = LCI_NONE,
                                 .role = LCI_CALL,
                                 .dispatched = -1,
                                 .follows = (s->flags & LC_SPAN_FOLLOWS) != 0};
    const struct lci_job_join *join = join_of(a->record, span);
    const bool job =
        s->kind == LC_KIND_CONSUMER || join != NULL || (above->producer != LCI_NONE && above->client == LCI_NONE);
    const struct lc_span *owner = &spans[a->calls[above->owner].span];
    const int64_t shift = difference(by, s, owner);
    call.request = s->start - shift;
    call.response = s->end - shift;
    if (is_moved_out(by, s, owner, &call)) {
        call.request = s->start;
        call.response = s->end;
    }
    if (job) {
        call.role = LCI_JOB;
        find_dispatch(a, span, above, join, &call);
        if (call.dispatched >= 0 && (s->flags & LC_SPAN_STEP) == 0)
            leave_waiting_out(a, by, span, call.dispatched + shift);
    } else if (above->client != LCI_NONE) {
        call.client = above->client;
        if (above->inner != above->client) {
            call.request = spans[above->inner].start;
            call.response = spans[above->inner].end;
        }
    } else {
        window_by_events(a, by, &spans[a->record->parents[span]], &call);
    }
    const uint32_t index = add_call(a, &call);
    if (call.client != LCI_NONE) {
        struct group *g = &a->groups[call.client];
        if (g->count++ == 0)
            g->first = index;
        else
            a->calls[g->last].next = index;
        g->last = index;
    }
    return inside(a, span, index);
}

/* Whether the internal span holds a thread of its service: the outermost one that is called so, in a request. */
static bool is_slot(const struct lci_assembly *a, const struct lci_tree_assembler *by, uint32_t span,
                    const struct context *above)
{
    const struct lc_span *s = &a->record->trace.spans[span];
    const struct lci_tree_call *owner = &a->calls[above->owner];
    return by->slots != NULL && !owner->slot && lci_span_slots_request(&a->record->trace.spans[owner->span]) &&
           lci_span_slots_match(by->slots, s);
}

static struct context add_slot(struct lci_assembly *a, uint32_t span, const struct context *above)
{
    const struct lc_span *s = &a->record->trace.spans[span];
    const uint32_t index = add_call(a, &(struct lci_tree_call){.caller = above->owner,
                                                               .span = span,
                                                               .client = LCI_NONE,
                                                               .dispatch = LCI_NONE,
                                                               .producer = LCI_NONE,
                                                               .part = LCI_NONE,
                                                               .next = LCI_NONE,
                                                               .role = LCI_INTERNAL,
                                                               .slot = true,
                                                               .whole = a->calls[above->owner].span,
                                                               .request = s->start,
                                                               .response = s->end});
    struct lci_tree_call *owner = &a->calls[above->owner];
    if (owner->slot_count++ > 0)
        a->calls[index].next = owner->slots;
    owner->slots = index;
    return inside(a, span, index);
}

/* What a request calls while it holds a slot, it calls from there, whichever span the recording put it under. */
static void move_into_slots(struct lci_assembly *a)
{
    for (uint32_t i = 1; i < a->call_count; i++) {
        struct lci_tree_call *call = &a->calls[i];
        const struct lci_tree_call *caller = &a->calls[call->caller];
        if (call->slot || caller->slot_count == 0 || caller->slot_count > 64)
            continue;
        for (uint32_t s = caller->slots; s != LCI_NONE; s = a->calls[s].next)
            if (call->request >= a->calls[s].request && call->request < a->calls[s].response)
                call->caller = (int32_t)s;
    }
}

/* An internal span that nobody waits for works beside its caller: it becomes a call of the process to itself. */
static struct context add_part(struct lci_assembly *a, const struct lci_tree_assembler *by, uint32_t span,
                               const struct context *above)
{
    struct context below = *above;
    if (above->client != LCI_NONE)
        return below;
    if (is_slot(a, by, span, above))
        return add_slot(a, span, above);
    const struct lc_span *s = &a->record->trace.spans[span];
    const bool follows = (s->flags & LC_SPAN_FOLLOWS) != 0;
    a->contexts[span] = *above;
    const struct lci_edge edge = inner_edge(a, by, span, LCI_INTERNAL);
    if (by->keep_internal || (by->edges != NULL && lci_edges_forget(by->edges, &edge, follows))) {
        struct lci_tree_call call = {.caller = above->owner,
                                     .span = span,
                                     .client = LCI_NONE,
                                     .dispatch = LCI_NONE,
                                     .producer = above->producer,
                                     .part = above->part,
                                     .next = LCI_NONE,
                                     .role = LCI_INTERNAL,
                                     .follows = follows,
                                     .request = s->start,
                                     .response = s->end};
        return inside(a, span, add_call(a, &call));
    }
    if (by->edges == NULL) {
        LC_GROW(a->parts, a->part_count, a->part_capacity);
        a->parts[a->part_count++] = span;
    }
    below.part = span;
    return below;
}

/* A client's span below another one is a part of that call, unless it begins after its end or goes elsewhere. */
static bool is_call_of_its_own(const struct lci_assembly *a, const struct lci_tree_assembler *by, uint32_t span,
                               uint32_t outer)
{
    const struct lc_span *spans = a->record->trace.spans;
    return spans[span].start >= spans[outer].end ||
           lci_types_call_others(by->types, a->record->types[outer], a->record->types[span]);
}

static struct context add_client(struct lci_assembly *a, const struct lci_tree_assembler *by, uint32_t span,
                                 const struct context *above)
{
    struct context below = *above;
    below.inner = span;
    if (above->client == LCI_NONE || is_call_of_its_own(a, by, span, above->client)) {
        below.client = span;
        open_group(a, span);
    }
    return below;
}

static struct context add_producer(struct lci_assembly *a, uint32_t span, const struct context *above)
{
    struct context below = *above;
    below.producer = span;
    below.client = below.inner = LCI_NONE;
    open_group(a, span);
    LC_GROW(a->producers, a->producer_count, a->producer_capacity);
    a->producers[a->producer_count++] = span;
    return below;
}

/* An outgoing call whose server has no span. */
static void add_external(struct lci_assembly *a, const struct lci_tree_assembler *by, uint32_t span,
                         const struct context *own)
{
    const struct lc_span *s = &a->record->trace.spans[span];
    const struct lci_span_type *type = type_of(by, a->record, span);
    const bool producer = own->producer == span,
               store = type->class_ == LC_CLASS_DATABASE || type->class_ == LC_CLASS_CACHE;
    add_call(a, &(struct lci_tree_call){.caller = own->owner,
                                        .span = span,
                                        .client = span,
                                        .dispatch = producer ? span : LCI_NONE,
                                        .producer = producer ? LCI_NONE : own->producer,
                                        .part = own->part,
                                        .next = LCI_NONE,
                                        .role = producer ? LCI_JOB
                                                : store  ? LCI_STORE
                                                         : LCI_CALL,
                                        .external = true,
                                        .follows = (s->flags & LC_SPAN_FOLLOWS) != 0,
                                        .request = s->start,
                                        .response = s->end});
}

/* Several servers answered within one client span: retries, hedged requests, a proxy. Their windows together are the
 * client's: the first begins and the last ends with it, and pauses between attempts belong to the earlier one. */
static void spread(struct lci_assembly *a, const struct lc_span *client, const struct group *g)
{
    uint32_t first = g->first, last = first;
    for (uint32_t i = g->first; i != LCI_NONE; i = a->calls[i].next) {
        if (a->calls[i].request < a->calls[first].request)
            first = i;
        if (a->calls[i].response >= a->calls[last].response)
            last = i;
    }
    a->calls[first].request = client->start;
    a->calls[last].response = client->end;
    for (uint32_t i = g->first; i != LCI_NONE; i = a->calls[i].next) {
        struct lci_tree_call *c = &a->calls[i];
        int64_t next = INT64_MAX;
        bool covered = false;
        for (uint32_t j = g->first; j != LCI_NONE && g->count <= 64; j = a->calls[j].next) {
            const struct lci_tree_call *o = &a->calls[j];
            if (o->request >= c->response && o->request < next)
                next = o->request;
            covered = covered || (j != i && o->request <= c->response && o->response > c->response);
        }
        if (next != INT64_MAX && !covered)
            c->response = next;
    }
}

static void close_groups(struct lci_assembly *a, const struct lci_tree_assembler *by, uint32_t spans)
{
    for (uint32_t i = 0; i < spans; i++) {
        const uint32_t span = a->queue[i];
        const struct context *own = &a->contexts[span];
        const struct lc_span *s = &a->record->trace.spans[span];
        if (own->client == span) {
            const struct group *g = &a->groups[span];
            if (g->count == 0) {
                add_external(a, by, span, own);
            } else if (g->count == 1) {
                a->calls[g->first].alone = true;
                a->calls[g->first].request = s->start;
                a->calls[g->first].response = s->end;
                a->calls[g->first].follows |= (s->flags & LC_SPAN_FOLLOWS) != 0;
            } else {
                spread(a, s, g);
            }
        } else if (own->producer == span && a->groups[span].count == 0 && (s->flags & LC_SPAN_DELIVERED) == 0) {
            add_external(a, by, span, own);
        }
    }
}

/* Whether the caller waits for a producer's work decides over the calls made for it. */
static bool is_forgotten(const struct lci_assembly *a, const struct lci_tree_assembler *by,
                         const struct lci_tree_call *call)
{
    if (call->slot)
        return false;
    const struct lci_edge edge = edge_of(a, by, call);
    if (call->producer != LCI_NONE && call->role != LCI_JOB) {
        const struct lci_edge producer = inner_edge(a, by, call->producer, LCI_PRODUCER);
        const unsigned flags = a->record->trace.spans[call->producer].flags;
        if (lci_edges_forget(by->edges, &producer, (flags & LC_SPAN_FOLLOWS) != 0)) {
            lci_edges_beside(by->edges, &edge);
            return true;
        }
    }
    return lci_edges_forget(by->edges, &edge, call->follows);
}

static void decide(const struct lci_assembly *a, const struct lci_tree_assembler *by, struct lci_tree_call *call)
{
    const struct lci_edge edge = edge_of(a, by, call);
    call->forget = is_forgotten(a, by, call);
    call->forwarded = call->forget && lci_edges_forwarded(by->edges, &edge);
}

void lci_assembly_root(struct lci_assembly *a, const struct lci_tree_assembler *by, uint32_t root)
{
    const struct lc_span *r = &a->record->trace.spans[root];
    uint32_t count = 0;
    a->call_count = a->producer_count = a->part_count = 0;
    add_call(a, &(struct lci_tree_call){.caller = -1,
                                        .span = root,
                                        .client = LCI_NONE,
                                        .dispatch = LCI_NONE,
                                        .producer = LCI_NONE,
                                        .part = LCI_NONE,
                                        .next = LCI_NONE,
                                        .request = r->start,
                                        .response = r->end});
    a->contexts[root] = inside(a, root, 0);
    a->queue[count++] = root;
    for (uint32_t at = 0; at < count; at++) {
        const struct context above = a->contexts[a->queue[at]];
        for (uint32_t c = a->child[a->queue[at]]; c != LCI_NONE; c = a->sibling[c]) {
            a->queue[count++] = c;
            switch (place_of(a, by, c)) {
            case NODE: a->contexts[c] = add_node(a, by, c, &above); break;
            case CLIENT: a->contexts[c] = add_client(a, by, c, &above); break;
            case PRODUCER: a->contexts[c] = add_producer(a, c, &above); break;
            case PART: a->contexts[c] = add_part(a, by, c, &above); break;
            }
        }
    }
    a->reached = count;
    close_groups(a, by, count);
    if (by->slots != NULL)
        move_into_slots(a);
    for (size_t i = 1; i < a->call_count && by->edges != NULL; i++)
        decide(a, by, &a->calls[i]);
}

/* ---- evidence ---------------------------------------------------------------------------------------------------- */

static int64_t coarser(const struct lci_tree_assembler *by, const struct lc_span *a, const struct lc_span *b)
{
    const int64_t x = lci_clock_tick(by->clocks, a->service), y = lci_clock_tick(by->clocks, b->service);
    return x > y ? x : y;
}

static void observe_inner(const struct lci_assembly *a, const struct lci_tree_assembler *by, struct lci_edges *edges,
                          uint32_t span, enum lci_edge_role role)
{
    const struct lc_span *spans = a->record->trace.spans, *s = &spans[span];
    const struct lc_span *owner = &spans[a->calls[a->contexts[span].owner].span];
    const struct lci_edge edge = inner_edge(a, by, span, role);
    if (owner != s)
        lci_edges_observe(edges, &edge, s->start, s->end, owner->end,
                          (struct lci_uncertainty){.ticks = lci_clock_tick(by->clocks, s->service)},
                          (s->flags & LC_SPAN_FOLLOWS) != 0);
}

/* A time that the span's process wrote, on a clock that all share. */
static int64_t common(const struct lci_tree_assembler *by, const struct lc_span *span, int64_t time)
{
    return time - lci_clock_offset(by->clocks, lci_clock_of(span));
}

/* A call that only the callee's span tells of: it may be a request that is passed on. */
static bool may_be_passed_on(const struct lci_tree_call *c)
{
    return c->caller >= 0 && c->client == LCI_NONE && c->dispatch == LCI_NONE && c->role == LCI_CALL;
}

/* Who asked, and when the last one answers, where requests may have been passed on from call to call. Calls come after
 * callers. */
static void find_chains(struct lci_assembly *a, const struct lci_tree_assembler *by)
{
    const struct lc_span *spans = a->record->trace.spans;
    for (size_t i = 0; i < a->call_count; i++)
        a->calls[i].last_end = common(by, &spans[a->calls[i].span], spans[a->calls[i].span].end);
    for (size_t i = 1; i < a->call_count; i++) {
        const uint32_t caller = (uint32_t)a->calls[i].caller;
        a->calls[i].asked = may_be_passed_on(&a->calls[caller]) ? a->calls[caller].asked : caller;
    }
    for (size_t i = a->call_count; i-- > 1;) {
        const struct lci_tree_call *c = &a->calls[i];
        if (may_be_passed_on(c) && c->last_end > a->calls[c->caller].last_end)
            a->calls[c->caller].last_end = c->last_end;
    }
}

/* Whether this call, or one that it was passed on to, answers for its callers up to one who waits. */
static void observe_answer(const struct lci_assembly *a, const struct lci_tree_assembler *by, struct lci_edges *edges,
                           const struct lci_edge *edge, const struct lci_tree_call *c,
                           struct lci_uncertainty uncertainty)
{
    if (!may_be_passed_on(c))
        return;
    const struct lc_span *spans = a->record->trace.spans, *callee = &spans[c->span];
    const struct lc_span *caller = &spans[a->calls[c->caller].span];
    const struct lci_tree_call *asked = &a->calls[c->asked];
    if (!asked->alone)
        return;
    const struct lc_span *client = &spans[asked->client];
    const int64_t end = common(by, callee, callee->end);
    uncertainty.ticks += 2 * coarser(by, callee, client);
    uncertainty.clocks += lci_clock_uncertainty(by->clocks, lci_clock_of(client), lci_clock_of(&spans[asked->span]));
    lci_edges_observe_answer(edges, edge,
                             &(struct lci_answer){.request = common(by, callee, callee->start),
                                                  .end = end,
                                                  .last_end = c->last_end,
                                                  .caller_end = common(by, caller, caller->end),
                                                  .answered = common(by, client, client->end)},
                             uncertainty);
}

void lci_assembly_observe(struct lci_assembly *a, const struct lci_tree_assembler *by, struct lci_edges *edges)
{
    const struct lc_span *spans = a->record->trace.spans;
    find_chains(a, by);
    for (size_t i = 1; i < a->call_count; i++) {
        const struct lci_tree_call *c = &a->calls[i];
        if (c->slot)
            continue;
        const struct lc_span *owner = &spans[a->calls[c->caller].span], *callee = &spans[c->span];
        const bool own_clock = c->client != LCI_NONE || c->dispatch != LCI_NONE;
        struct lci_edge edge = edge_of(a, by, c);
        /* Two times written by one clock are less than a tick from their real difference; of two clocks, two ticks. */
        struct lci_uncertainty uncertainty = {.ticks = lci_clock_tick(by->clocks, owner->service)};
        if (!own_clock)
            uncertainty = (struct lci_uncertainty){
                2 * coarser(by, owner, callee),
                lci_clock_uncertainty(by->clocks, lci_clock_of(owner), lci_clock_of(callee)),
            };
        lci_edges_observe(edges, &edge, c->request, c->response, owner->end, uncertainty, c->follows);
        observe_answer(a, by, edges, &edge, c, uncertainty);
        if (c->part != LCI_NONE) { /* in case that part turns out to be a caller of its own */
            edge.caller_entry = type_of(by, a->record, c->part)->label;
            edge.from_part = 1;
            lci_edges_observe(edges, &edge, c->request, c->response, spans[c->part].end, uncertainty, c->follows);
        }
    }
    for (size_t i = 0; i < a->producer_count; i++)
        observe_inner(a, by, edges, a->producers[i], LCI_PRODUCER);
    for (size_t i = 0; i < a->part_count; i++)
        observe_inner(a, by, edges, a->parts[i], LCI_INTERNAL);
}
