/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A call is the rows from its client to its server. What processes saw become spans: c-p and c-app of the client, s-p
 * and s-app of the server (of two, the outer client's or inner server's one is a part of its process), app within one.
 * A side on which no process was observed is stood for by the network point nearest to it. All other network points are
 * left out: their times lie between those of client and server span, which keeps them as events. Self times that were
 * recorded are never taken over.
 *
 * Rows are put together when they take half of the memory for open traces. Traces to which no later row can belong are
 * handed on then, the rows of the others stay. The order in which rows come tells which these are: `slack` is the most
 * by which the start of a row was before the end of an earlier one so far. Four times of it (a quarter of a second at
 * least) after its end, a trace is whole where rows are related by their times; where ids relate them, which may be
 * used again at any time, after a minute. So rows in the order of time take the memory of a minute, and those in no
 * order stay until the input ends.
 *
 * They are sorted by time and put together a window after the other, each with the rows of traces that are not whole
 * before the window begins. Where that cannot be told (ids relate rows at any distance) all is one window. Rows whose
 * parents were told are traces of their own, one for each answer; all rows of an answer are in one window.
 */
#include "flow_store.h"

#include "base/memory.h"
#include "fit/trace/symbols.h"
#include "flow_losses.h"
#include "trace_assembly.h"

#include <stdlib.h>
#include <string.h>

struct row {
    struct lci_flow flow;
    struct lc_span span;
    struct lci_trace_id native; /* its own trace id */
};
/* Rows in the order in which they came lie in blocks, for arrays of this size would be copied whenever they grow; the
 * first one is small, as most inputs are. */
#define FIRST ((size_t)64)
#define BLOCK (LCI_LARGE_PAGE / sizeof(struct row))

#define WINDOW    ((size_t)2048) /* rows that are put together at once */
#define NO_WINDOW INT64_MAX      /* comes after this one */
#define DNS       120            /* l7_protocol: of one question there may be several answers */

#define SECOND   INT64_C(1000000000)
#define SHORT    (SECOND / 4)  /* least time after which a trace is whole */
#define LONG     (60 * SECOND) /* the same where ids relate */
#define RELEASED ((size_t)1 << 16)

struct said { /* by any row that was not told its parent */
    bool rows, agents, numbers, processes, ids, relations;
};

struct lci_flow_store {
    struct lc_symbols *symbols;
    struct lc_reading *reading;
    lc_assembled_sink sink;
    void *context;
    struct row **blocks;
    size_t block_count, block_capacity, count;
    int64_t *starts; /* of the rows: sorting them does not touch the rows, which are no longer in the cache then */
    size_t start_capacity;
    struct lci_flow *flows;      /* sorted, of a window; so are these: */
    struct lc_span *spans;       /* attributes in the array below, no events, no links */
    struct lci_trace_id *native; /* own trace ids */
    uint32_t *source;            /* which row it was */
    size_t sorted, room;         /* of these; elements */
    struct lc_attribute *attributes;
    size_t attribute_count, attribute_capacity;
    size_t limit, least;   /* rows after which they are put together; the first time */
    bool told;             /* a row has a parent that was told */
    uint32_t answers;      /* batches so far */
    int64_t newest, slack; /* latest end; see above */
    int64_t whole;         /* up to when traces were handed on */
    uint64_t *released;    /* ids of traces that were, in slots by their last bits */
    struct said said;
    struct lci_flow_losses losses;
    lc_symbol requested, answered; /* names of events */
};

struct lci_flow_store *lci_flow_store_new(struct lc_symbols *symbols, struct lc_reading *reading, size_t memory,
                                          lc_assembled_sink sink, void *context)
{
    struct lci_flow_store *s = lc_calloc(1, sizeof *s);
    s->symbols = symbols;
    s->reading = reading;
    s->sink = sink;
    s->context = context;
    s->limit = s->least = memory / 2 / sizeof(struct row);
    s->newest = s->whole = INT64_MIN;
    return s;
}

static void free_sorted(struct lci_flow_store *s)
{
    free(s->flows);
    free(s->spans);
    free(s->native);
    free(s->source);
    s->flows = NULL;
    s->spans = NULL;
    s->native = NULL;
    s->source = NULL;
    s->sorted = s->room = 0;
}

void lci_flow_store_free(struct lci_flow_store *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->block_count; i++)
        free(s->blocks[i]);
    free(s->blocks);
    free(s->starts);
    free_sorted(s);
    free(s->attributes);
    free(s->released);
    lci_flow_losses_free(&s->losses);
    free(s);
}

bool lci_flow_store_used(const struct lci_flow_store *s)
{
    return s->answers > 0;
}

size_t lci_flow_store_count(const struct lci_flow_store *s)
{
    return s->count;
}

static struct row *row_of(const struct lci_flow_store *s, size_t row)
{
    return row < FIRST ? &s->blocks[0][row] : &s->blocks[1 + (row - FIRST) / BLOCK][(row - FIRST) % BLOCK];
}

static size_t room_of(const struct lci_flow_store *s)
{
    return s->block_count > 0 ? FIRST + (s->block_count - 1) * BLOCK : 0;
}

static struct row *new_row(struct lci_flow_store *s)
{
    if (s->count == room_of(s)) {
        LC_GROW(s->blocks, s->block_count, s->block_capacity);
        s->blocks[s->block_count] = s->block_count == 0 ? lc_alloc(FIRST * sizeof(struct row)) : lci_large_page();
        s->block_count++;
    }
    return row_of(s, s->count++);
}

static void note_start(struct lci_flow_store *s, int64_t start)
{
    LC_GROW(s->starts, s->count, s->start_capacity);
    s->starts[s->count - 1] = start;
}

/* What a row says as a number: a row without one of its own gets it, and two that say the same are one observation that
 * was logged twice. */
static uint64_t number_of(const struct lci_flow *f)
{
    uint64_t h = lci_key((uint64_t)f->start, (uint64_t)f->end);
    const uint64_t parts[] = {f->agent,
                              f->type,
                              f->connection,
                              f->request,
                              f->syscall[0],
                              f->syscall[1],
                              f->point,
                              f->x_request[0],
                              f->seq[0],
                              f->seq[1],
                              f->traces[0],
                              f->span_id,
                              f->said[LCI_SAID_ENDPOINT],
                              f->said[LCI_SAID_RESOURCE]};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        h = lci_key(h, parts[i]);
    return h;
}

static uint64_t *released_slot(const struct lci_flow_store *s, uint64_t id)
{
    return &s->released[id % RELEASED];
}

static bool was_released(const struct lci_flow_store *s, const struct lci_flow *f)
{
    const uint64_t ids[] = {f->traces[0], f->traces[1], f->x_request[0], f->x_request[1]};
    for (size_t i = 0; s->released != NULL && i < sizeof ids / sizeof *ids; i++)
        if (ids[i] != 0 && *released_slot(s, ids[i]) == ids[i])
            return true;
    return false;
}

/* How much later it comes than others that began before it, and whether it comes too late. */
static void note_time(struct lci_flow_store *s, const struct lci_flow *f)
{
    if (s->newest != INT64_MIN && s->newest - f->start > s->slack)
        s->slack = s->newest - f->start;
    if (f->end > s->newest)
        s->newest = f->end;
    s->reading->repairs.count[LC_REPAIR_LATE] += f->start < s->whole || was_released(s, f);
}

void lci_flow_store_add(struct lci_flow_store *s, const struct lci_batch *batch, const struct lc_span *span,
                        const struct lci_trace_id *trace, struct lci_flow_draft *draft, size_t base)
{
    struct row *row = new_row(s);
    struct lc_span *own = &row->span;
    *own = *span;
    lci_flow_settle(draft, own);
    own->first_attribute = (uint32_t)s->attribute_count;
    own->event_count = own->link_count = 0;
    for (uint32_t i = 0; i < span->attribute_count; i++) {
        LC_GROW(s->attributes, s->attribute_count, s->attribute_capacity);
        s->attributes[s->attribute_count++] = batch->attributes[span->first_attribute + i];
    }
    struct lci_flow *f = &row->flow;
    *f = draft->flow;
    note_start(s, f->start);
    const char *system, *name = lci_symbol_text(s->symbols, own->operation);
    if (lci_l7_family(f->l7, &system) == 'd' && strchr(name, ' ') != NULL &&
        (strcmp(system, "redis") == 0 || strcmp(system, "memcached") == 0)) /* the command without its key */
        own->operation = lci_symbol_of(s->symbols, name, strcspn(name, " "));
    if (f->given && f->parent != LCI_NO_FLOW)
        f->parent += (uint32_t)base;
    f->answer = s->answers; /* each answer is a batch */
    if (f->id == 0)
        f->id = span->id != LCI_NO_ROW_ID ? span->id : number_of(f);
    own->id = f->id;
    /* Rows without a trace id of their own are exported with a number in its place. */
    row->native = f->traces[0] != 0 ? *trace : (struct lci_trace_id){0, 0};
    s->told |= f->given;
    if (!f->given)
        note_time(s, f);
}

/* ---- order ------------------------------------------------------------------------------------------------------- */

/* Of what a row says: the same observation has the same. Without a number that tells messages apart, two requests may
 * look the same. */
static uint64_t content_of(const struct lci_flow *f)
{
    const bool told = (f->seq[0] | f->seq[1] | f->syscall[0] | f->syscall[1]) != 0;
    return told && !f->given ? number_of(f) : f->id;
}

static int compare_rows(const struct lci_flow *a, const struct lci_flow *b)
{
    if (a->start != b->start) /* nearly all */
        return (uint64_t)a->start < (uint64_t)b->start ? -1 : 1;
    if (a->end != b->end)
        return (uint64_t)a->end < (uint64_t)b->end ? -1 : 1;
    if (a->point != b->point)
        return a->point < b->point ? -1 : 1;
    const uint64_t order[][2] = {{content_of(a), content_of(b)}, {a->type, b->type}, {a->given, b->given}};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (order[i][0] != order[i][1])
            return order[i][0] < order[i][1] ? -1 : 1;
    return 0;
}

struct timed {
    int64_t start;
    uint32_t row;
};

static int by_time(const void *left, const void *right, void *store)
{
    const struct lci_flow_store *s = store;
    const struct timed *x = left, *y = right;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    const struct lci_flow *a = &row_of(s, x->row)->flow, *b = &row_of(s, y->row)->flow;
    const int order = compare_rows(a, b);
    if (order != 0 || a->id == b->id)
        return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
    return a->id < b->id ? -1 : 1;
}

static void sort_times(struct lci_flow_store *s, struct timed *order)
{
    size_t sorted = 1;
    for (uint32_t i = 0; i < s->count; i++)
        order[i] = (struct timed){s->starts[i], i};
    while (sorted < s->count && order[sorted - 1].start < order[sorted].start)
        sorted++;
    if (sorted < s->count)
        qsort_r(order, s->count, sizeof *order, by_time, s);
}

static void make_room(struct lci_flow_store *s, size_t count)
{
    if (count <= s->room)
        return;
    s->room = count;
    s->flows = lc_realloc(s->flows, count, sizeof *s->flows);
    s->spans = lc_realloc(s->spans, count, sizeof *s->spans);
    s->native = lc_realloc(s->native, count, sizeof *s->native);
    s->source = lc_realloc(s->source, count, sizeof *s->source);
}

static void take_row(struct lci_flow_store *s, const struct row *from, uint32_t row)
{
    const size_t at = s->sorted++;
    s->flows[at] = from->flow;
    s->spans[at] = from->span;
    s->native[at] = from->native;
    s->source[at] = row;
}

/* Takes the next rows in the order of time, so that nothing depends on the order in which they came, and leaves out
 * those that came twice. Parents that were told, which are among them, become places; `place` has room for one of each
 * row, and is NULL where there are none. */
static void take_rows(struct lci_flow_store *s, const struct timed *order, size_t first, size_t end, uint32_t *place)
{
    make_room(s, s->sorted + end - first);
    const struct row *before = first > 0 ? row_of(s, order[first - 1].row) : NULL, *from;
    for (size_t i = first; i < end; i++, before = from) {
        const uint32_t row = order[i].row;
        from = row_of(s, row);
        const bool twice = before != NULL && !from->flow.given && compare_rows(&before->flow, &from->flow) == 0;
        s->reading->repairs.count[LC_REPAIR_DUPLICATE] += twice;
        if (!twice) /* the first of them has the least id */
            take_row(s, from, row);
        if (place != NULL)
            place[row] = (uint32_t)s->sorted - 1;
    }
    for (size_t i = 0; i < s->sorted && place != NULL; i++)
        if (s->flows[i].given && s->flows[i].parent != LCI_NO_FLOW)
            s->flows[i].parent = place[s->flows[i].parent];
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

struct call {                                /* by its first row; LCI_NO_FLOW: has none of these */
    uint32_t client, server;                 /* rows of processes */
    uint32_t client_nearest, server_nearest; /* network points */
    uint32_t points;                         /* the first row that is no span; the others follow in `next` */
    bool asked;                              /* a request was seen, and not an answer alone */
};

struct emission {
    struct lci_flow_store *store;
    struct lci_flow_tree *trees;
    struct call *calls;
    uint32_t *call, *next; /* per row */
    bool *kept, *sends;    /* is a span; sends a message that somebody takes */
    bool *stays;           /* per row that stands for its trace: later rows may belong to it */
    struct lci_batch batch;
};

static bool same_call(const struct emission *e, uint32_t parent, uint32_t row)
{
    return !e->trees[row].async && lci_same_call(&e->store->flows[parent], &e->store->flows[row]);
}

static uint32_t call_of(struct emission *e, uint32_t i)
{
    uint32_t top = i;
    while (e->call[top] == LCI_NO_FLOW) {
        const uint32_t parent = e->trees[top].parent;
        if (parent == LCI_NO_FLOW || !same_call(e, parent, top))
            e->call[top] = top;
        else
            top = parent;
    }
    const uint32_t call = e->call[top];
    for (uint32_t at = i; e->call[at] == LCI_NO_FLOW; at = e->trees[at].parent)
        e->call[at] = call;
    return call;
}

/* The row whose point is nearer to the end of its side: the smaller one for clients, the greater one for servers. */
static void take_nearest(const struct emission *e, uint32_t *best, uint32_t i, bool client)
{
    const struct lci_flow *flows = e->store->flows;
    if (*best == LCI_NO_FLOW || (client ? flows[i].point < flows[*best].point : flows[i].point > flows[*best].point))
        *best = i;
}

static const struct lci_point_kind *point_of(const struct emission *e, uint32_t i)
{
    return &lci_points[e->store->flows[i].point];
}

static bool at_client(const struct lci_point_kind *point)
{
    return point->side == LCI_CLIENT_SIDE || point->side == LCI_ANYWHERE;
}

/* Of every call: which rows become spans. */
static void settle_calls(struct emission *e)
{
    const size_t count = e->store->sorted;
    struct lc_repairs *repairs = &e->store->reading->repairs;
    for (uint32_t i = 0; i < count; i++) {
        e->calls[i] = (struct call){LCI_NO_FLOW, LCI_NO_FLOW, LCI_NO_FLOW, LCI_NO_FLOW, LCI_NO_FLOW, false};
        e->call[i] = e->next[i] = LCI_NO_FLOW;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (e->trees[i].into != LCI_NO_FLOW)
            continue;
        const struct lci_point_kind *point = point_of(e, i);
        struct call *call = &e->calls[call_of(e, i)];
        const bool process = point->place != LCI_AT_NETWORK;
        call->asked |= e->store->flows[i].type != LCI_FLOW_RESPONSE;
        if (at_client(point)) /* c-p is nearer to the server than c-app: its window is the call's */
            take_nearest(e, process ? &call->client : &call->client_nearest, i, !process);
        if (point->side == LCI_SERVER_SIDE) /* s-p holds s-app */
            take_nearest(e, process ? &call->server : &call->server_nearest, i, process);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (e->stays[e->trees[i].trace])
            continue;
        if (e->trees[i].into != LCI_NO_FLOW) {
            repairs->count[LC_REPAIR_ONE_WAY]++;
            continue;
        }
        struct call *call = &e->calls[e->call[i]];
        const bool process = point_of(e, i)->place != LCI_AT_NETWORK;
        if (!call->asked) { /* the request was before the recording, or got lost */
            repairs->count[LC_REPAIR_ONE_WAY]++;
            continue;
        }
        e->kept[i] = process || (call->client == LCI_NO_FLOW && call->client_nearest == i) ||
                     (call->server == LCI_NO_FLOW && call->server_nearest == i);
        if (e->kept[i])
            continue;
        repairs->count[LC_REPAIR_NETWORK_POINT]++;
        e->next[i] = call->points;
        call->points = i;
    }
}

/* Which sides of their calls processes were seen on. */
static void note_losses(const struct emission *e)
{
    struct lci_flow_store *s = e->store;
    for (uint32_t i = 0; i < s->sorted; i++) {
        const struct call *c = &e->calls[i];
        if (e->call[i] != i || s->flows[i].given || e->stays[e->trees[i].trace] ||
            (c->client == LCI_NO_FLOW && c->server == LCI_NO_FLOW))
            continue;
        const struct lci_flow *client = c->client != LCI_NO_FLOW ? &s->flows[c->client] : NULL,
                              *server = c->server != LCI_NO_FLOW ? &s->flows[c->server] : NULL,
                              *one = &s->flows[client != NULL ? c->client : c->server];
        lci_flow_note_call(&s->losses, client != NULL ? client->service : one->peer,
                           server != NULL ? server->service : one->peer, client != NULL, server != NULL);
    }
}

static void free_emission(struct emission *e)
{
    free(e->trees);
    free(e->calls);
    free(e->call);
    free(e->next);
    free(e->kept);
    free(e->sends);
    free(e->stays);
    free(e->batch.spans);
    free(e->batch.ids);
    free(e->batch.attributes);
    free(e->batch.events);
}

/* ---- spans ------------------------------------------------------------------------------------------------------- */

static enum lc_span_kind kind_of(const struct emission *e, uint32_t i, const struct call *call)
{
    const struct lci_point_kind *point = point_of(e, i);
    const bool process = point->place != LCI_AT_NETWORK;
    if (e->trees[i].async && lci_is_message(&e->store->flows[i]))
        return LC_KIND_CONSUMER;
    if (at_client(point) && (!process || call->client == i))
        return e->sends[i] ? LC_KIND_PRODUCER : LC_KIND_CLIENT;
    if (point->side == LCI_SERVER_SIDE && (!process || call->server == i))
        return LC_KIND_SERVER;
    return LC_KIND_INTERNAL;
}

static void push_event(struct lci_batch *b, int64_t time, lc_symbol name, lc_symbol point)
{
    LC_GROW(b->events, b->event_count, b->event_capacity);
    b->events[b->event_count++] = (struct lc_event){.time = time, .name = name, .type = point};
}

/* When request and answer passed the points of the network, as events of the span. */
static void push_points(struct emission *e, struct lc_span *span, const struct call *call)
{
    struct lci_flow_store *s = e->store;
    for (uint32_t i = call->points; i != LCI_NO_FLOW && span->event_count < 2 * LCI_POINTS; i = e->next[i]) {
        const char *name = point_of(e, i)->name;
        const lc_symbol point = lci_symbol_of(s->symbols, name, strlen(name));
        if (e->trees[i].end == e->trees[i].start)
            continue; /* half of it only */
        push_event(&e->batch, e->trees[i].start, s->requested, point);
        push_event(&e->batch, e->trees[i].end, s->answered, point);
        span->event_count += 2;
    }
}

static void push_attributes(struct emission *e, struct lc_span *span, const struct lc_span *from, lc_symbol peer,
                            bool pulls)
{
    struct lci_batch *b = &e->batch;
    span->first_attribute = (uint32_t)b->attribute_count;
    if (pulls)
        lci_push_attribute(b, LC_ATTR_MESSAGING_OPERATION, lci_symbol_of(e->store->symbols, "receive", 7));
    if (peer != 0)
        lci_push_attribute(b, LC_ATTR_PEER_SERVICE, peer);
    for (uint32_t i = 0; i < from->attribute_count; i++)
        lci_push_attribute(b, e->store->attributes[from->first_attribute + i].key,
                           e->store->attributes[from->first_attribute + i].value);
    span->attribute_count = (uint16_t)(b->attribute_count - span->first_attribute);
}

static void push_span(struct emission *e, uint32_t i, struct lci_trace_id trace)
{
    struct lci_flow_store *s = e->store;
    struct lci_batch *b = &e->batch;
    const struct call *call = &e->calls[e->call[i]];
    const struct lci_flow_tree *t = &e->trees[i];
    LC_GROW(b->spans, b->span_count, b->span_capacity);
    LC_GROW(b->ids, b->span_count, b->id_capacity);
    struct lc_span *span = &b->spans[b->span_count];
    *span = s->spans[i];
    span->kind = (uint8_t)kind_of(e, i, call);
    uint32_t parent = t->parent, below = i;
    bool follows = false;
    for (;; parent = e->trees[below].parent) {
        follows |= e->trees[below].async;
        if (parent == LCI_NO_FLOW || e->kept[parent])
            break;
        below = parent;
    }
    span->parent = parent != LCI_NO_FLOW ? s->flows[parent].id : 0;
    span->flags |= parent != LCI_NO_FLOW && follows ? LC_SPAN_FOLLOWS : 0;
    if (parent == LCI_NO_FLOW && s->flows[below].orphan) {
        span->flags |= LC_SPAN_ORPHAN;
        s->reading->repairs.count[LC_REPAIR_ORPHAN]++;
    }
    span->end = t->end > span->end ? t->end : span->end;
    if (s->flows[i].type != LCI_FLOW_SESSION) /* a request or answer alone has no duration */
        span->flags |= LC_SPAN_NO_DURATION;
    else
        span->flags &= (uint16_t)~LC_SPAN_NO_DURATION;
    const bool answered = call->server != LCI_NO_FLOW || call->server_nearest != LCI_NO_FLOW;
    const bool outgoing = span->kind == LC_KIND_CLIENT || span->kind == LC_KIND_PRODUCER;
    push_attributes(e, span, &s->spans[i], outgoing && !answered ? s->flows[i].peer : 0,
                    span->kind == LC_KIND_CONSUMER && at_client(point_of(e, i)));
    span->first_event = (uint32_t)b->event_count;
    span->first_link = 0;
    const uint32_t client = call->client != LCI_NO_FLOW ? call->client : call->client_nearest;
    const uint32_t server = call->server != LCI_NO_FLOW ? call->server : call->server_nearest;
    if (i == (client != LCI_NO_FLOW ? client : server))
        push_points(e, span, call);
    b->ids[b->span_count++] = trace;
}

/* ---- traces ------------------------------------------------------------------------------------------------------ */

/* The first native trace id of the rows, else the number of the first row stands for it. */
static struct lci_trace_id trace_id_of(const struct lci_flow_store *s, const uint32_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((s->native[rows[i]].high | s->native[rows[i]].low) != 0)
            return s->native[rows[i]];
    return (struct lci_trace_id){0, s->flows[rows[0]].id};
}

/* The rows sorted by their traces; traces in the order of their first rows. */
static uint32_t *by_traces(const struct emission *e, size_t count)
{
    uint32_t *traces = lc_alloc((count + 1) * sizeof *traces);
    for (uint32_t i = 0; i < count; i++)
        traces[i] = e->trees[i].trace;
    uint32_t *rows = lci_order_by_key(traces, (uint32_t)count, (uint32_t)count);
    free(traces);
    return rows;
}

struct merged {  /* rows that are one span */
    uint64_t id; /* of `into` */
    uint32_t into, row;
};

static int by_span(const void *left, const void *right)
{
    const struct merged *a = left, *b = right;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    if (a->into != b->into)
        return a->into < b->into ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static void show(const struct emission *e, const uint32_t *rows, size_t count, const struct lci_trace_id *trace)
{
    const struct lci_flow_store *s = e->store;
    struct merged *merged = lc_alloc((count + 1) * sizeof *merged);
    struct lc_assembled_span *spans = lc_calloc(count + 1, sizeof *spans);
    uint64_t *ids = lc_alloc((count + 1) * sizeof *ids);
    struct lc_assembled_clock *clocks = lc_alloc((count + 1) * sizeof *clocks);
    size_t span_count = 0, clock_count = 0;
    for (size_t i = 0; i < count; i++) {
        const uint32_t into = e->trees[rows[i]].into != LCI_NO_FLOW ? e->trees[rows[i]].into : rows[i];
        merged[i] = (struct merged){s->flows[into].id, into, rows[i]};
    }
    qsort(merged, count, sizeof *merged, by_span);
    for (size_t i = 0; i < count; i++) {
        const uint32_t row = merged[i].into;
        const struct lci_flow_tree *t = &e->trees[row];
        ids[i] = s->flows[merged[i].row].id;
        if (i > 0 && merged[i - 1].into == row) {
            spans[span_count - 1].row_count++;
            continue;
        }
        const struct lci_flow *f = &s->flows[row];
        spans[span_count++] = (struct lc_assembled_span){
            .rows = &ids[i],
            .row_count = 1,
            .point = lci_points[f->point].name,
            .parent = t->parent != LCI_NO_FLOW ? s->flows[t->parent].id : 0,
            .root = t->parent == LCI_NO_FLOW,
            .start = t->start,
            .duration = t->end - t->start,
            .self = t->self,
            .reason = f->given && f->reason != 0 ? lci_symbol_text(s->symbols, f->reason) : t->reason,
            .async = t->async,
        };
        size_t c = 0;
        while (c < clock_count && clocks[c].agent != f->agent)
            c++;
        if (t->shift != 0 && c == clock_count)
            clocks[clock_count++] = (struct lc_assembled_clock){f->agent, t->shift};
    }
    s->sink(s->context, &(struct lc_assembled){trace->high, trace->low, spans, span_count, clocks, clock_count});
    free(clocks);
    free(ids);
    free(spans);
    free(merged);
}

static bool emit(struct emission *e, struct lci_assembler *assembler)
{
    struct lci_flow_store *s = e->store;
    uint32_t *rows = by_traces(e, s->sorted);
    bool more = true;
    e->batch.complete = true;
    for (size_t first = 0, next; first < s->sorted && more; first = next) {
        for (next = first + 1; next < s->sorted && e->trees[rows[next]].trace == e->trees[rows[first]].trace; next++)
            ;
        if (e->stays[e->trees[rows[first]].trace])
            continue;
        const struct lci_trace_id trace = trace_id_of(s, rows + first, next - first);
        if (s->sink != NULL)
            show(e, rows + first, next - first, &trace);
        for (size_t i = first; i < next; i++)
            if (e->kept[rows[i]])
                push_span(e, rows[i], trace);
        more = lci_assemble(assembler, &e->batch);
        lci_batch_clear(&e->batch);
    }
    free(rows);
    return more;
}

/* ---- together ---------------------------------------------------------------------------------------------------- */

static void note_said(struct lci_flow_store *s)
{
    struct said *said = &s->said;
    for (size_t i = 0; i < s->sorted; i++) {
        const struct lci_flow *f = &s->flows[i];
        if (f->given || f->source == LCI_SOURCE_OTEL)
            continue;
        said->rows = true;
        said->agents |= f->agent != 0;
        said->numbers |= (f->seq[0] | f->seq[1]) != 0;
        said->processes |= f->process != 0 || f->instance != 0;
        said->ids |= (f->traces[0] | f->x_request[0] | f->x_request[1]) != 0;
        said->relations |= (f->syscall[0] | f->syscall[1]) != 0;
    }
}

/* Says which columns nobody selected, where rows cannot be put together well without them. */
static void warn_missing(const struct said *said, struct lc_diag *diag)
{
    const char *missing[] = {said->agents ? "" : " agent_id", said->numbers ? "" : " req_tcp_seq resp_tcp_seq",
                             said->processes ? "" : " process_id_0/1 auto_instance_0/1",
                             said->relations || said->ids ? "" : " syscall_trace_id_request/response"};
    char *list = lc_format("%s%s%s%s", missing[0], missing[1], missing[2], missing[3]);
    if (said->rows && *list != 0)
        lc_warn(diag, NULL,
                "rows of DeepFlow are put together with what is there; none of them has these columns, by which they "
                "relate:%s",
                list);
    free(list);
}

/* Behind the last row of each answer, by the answer's number, in the order of time. */
static size_t *ends_of_answers(const struct lci_flow_store *s, const struct timed *order)
{
    size_t *ends = lc_calloc((size_t)s->answers + 1, sizeof *ends);
    for (size_t i = 0; i < s->count; i++)
        ends[row_of(s, order[i].row)->flow.answer] = i + 1;
    return ends;
}

/* Where a window ends that is to end at `end` at the least, with whole answers. */
static size_t whole_answers(const struct lci_flow_store *s, const struct timed *order, const size_t *ends, size_t first,
                            size_t end)
{
    for (size_t i = first; i < end; i++) {
        const struct lci_flow *f = &row_of(s, order[i].row)->flow;
        if (f->given && ends[f->answer] > end)
            end = ends[f->answer];
    }
    return end;
}

static bool by_ids(const struct lci_flow *f)
{
    return (f->traces[0] | f->x_request[0] | f->x_request[1] | f->span_id) != 0 || lci_is_message(f);
}

/* Whether a row that begins at `next` may have to do with this one. Ids may come again at any time, as may an answer
 * that is missing and the next frame of a stream. */
static bool reaches(const struct lci_flow *f, const struct lci_flow_tree *t, int64_t next)
{
    const bool unanswered = f->type != LCI_FLOW_SESSION || (f->seq[0] != 0 && f->seq[1] == 0 && t->end == t->start);
    const bool stream = (f->l7 == 21 || f->l7 == 41) && f->request != 0;
    return by_ids(f) || f->parent_span_id != 0 || f->port == LCI_UNIX_SOCKET || f->l7 == DNS || unanswered || stream ||
           next - t->end <= LCI_DELAY + LCI_CLOCKS;
}

/* Which traces stay: those to which rows of later windows may belong, which begin at `next`, and unless the input has
 * ended those to which rows may that have not come yet. */
static void choose_traces(struct emission *e, bool last, int64_t next)
{
    const struct lci_flow_store *s = e->store;
    const int64_t most = s->slack < INT64_MAX / 4 ? 4 * s->slack : INT64_MAX;
    for (uint32_t i = 0; i < s->sorted; i++) {
        const struct lci_flow *f = &s->flows[i];
        if (f->given) /* its answer is here */
            continue;
        const int64_t wait = by_ids(f) ? (most > LONG ? most : LONG) : most > SHORT ? most : SHORT;
        const bool awaited = !last && s->newest - e->trees[i].end < wait;
        if (awaited || (next != NO_WINDOW && reaches(f, &e->trees[i], next)))
            e->stays[e->trees[i].trace] = true;
    }
}

/* What is noted of traces that are handed on while rows may still come. */
static void note_released(const struct emission *e)
{
    struct lci_flow_store *s = e->store;
    for (uint32_t i = 0; i < s->sorted; i++) {
        const struct lci_flow *f = &s->flows[i];
        const uint64_t ids[] = {f->traces[0], f->traces[1], f->x_request[0], f->x_request[1]};
        if (f->given || e->stays[e->trees[i].trace])
            continue;
        if (f->end > s->whole)
            s->whole = f->end;
        if (s->released == NULL)
            s->released = lc_calloc(RELEASED, sizeof *s->released);
        for (size_t k = 0; k < sizeof ids / sizeof *ids; k++)
            if (ids[k] != 0)
                *released_slot(s, ids[k]) = ids[k];
    }
}

/* The rows of traces that stay, as they came, are all that is left of a window. */
static void keep_staying(const struct emission *e)
{
    struct lci_flow_store *s = e->store;
    const size_t count = s->sorted;
    s->sorted = 0;
    for (uint32_t i = 0; i < count; i++)
        if (e->stays[e->trees[i].trace])
            take_row(s, row_of(s, s->source[i]), s->source[i]);
}

/* The rows that are left, and their attributes, are all that the store holds from now on. */
static void keep_rest(struct lci_flow_store *s)
{
    size_t attribute_count = 0;
    struct row *rows = lc_alloc((s->sorted + 1) * sizeof *rows);
    struct lc_attribute *attributes = lc_alloc((s->attribute_count + 1) * sizeof *attributes);
    for (size_t i = 0; i < s->sorted; i++) {
        struct row *row = &rows[i];
        *row = *row_of(s, s->source[i]);
        if (row->span.attribute_count > 0)
            memcpy(attributes + attribute_count, s->attributes + row->span.first_attribute,
                   row->span.attribute_count * sizeof *attributes);
        row->span.first_attribute = (uint32_t)attribute_count;
        attribute_count += row->span.attribute_count;
    }
    if (attribute_count > 0)
        memcpy(s->attributes, attributes, attribute_count * sizeof *attributes);
    s->attribute_count = attribute_count;
    s->count = 0;
    for (size_t i = 0; i < s->sorted; i++) { /* the memory is used again: new pages are dear */
        *new_row(s) = rows[i];
        note_start(s, rows[i].flow.start);
    }
    s->limit = 3 * s->sorted > s->least ? 3 * s->sorted : s->least;
    free(attributes);
    free(rows);
}

/* Puts the rows of the window together and hands on the traces that are whole. Returns false when no more are wanted.
 */
static bool put_window(struct lci_flow_store *s, struct lci_assembler *assembler, bool last, int64_t next)
{
    const size_t count = s->sorted;
    note_said(s);
    struct emission e = {.store = s,
                         .trees = lci_flows_assemble(s->flows, (uint32_t)count),
                         .calls = lc_alloc((count + 1) * sizeof *e.calls),
                         .call = lc_alloc((count + 1) * sizeof *e.call),
                         .next = lc_alloc((count + 1) * sizeof *e.next),
                         .kept = lc_calloc(count + 1, sizeof *e.kept),
                         .sends = lc_calloc(count + 1, sizeof *e.sends),
                         .stays = lc_calloc(count + 1, sizeof *e.stays)};
    choose_traces(&e, last, next);
    if (!last)
        note_released(&e);
    settle_calls(&e);
    note_losses(&e);
    for (uint32_t i = 0; i < count; i++)
        if (e.trees[i].async && lci_is_message(&s->flows[i]) && e.trees[i].parent != LCI_NO_FLOW)
            e.sends[e.trees[i].parent] = true;
    const bool more = emit(&e, assembler);
    keep_staying(&e);
    free_emission(&e);
    return more;
}

/* Puts the rows together, a window of time after the other, as what is in the processor's cache is put together in half
 * of the time. Traces that are whole are handed on, the last time all. Returns false when no more are wanted. */
static bool put_together(struct lci_flow_store *s, struct lci_assembler *assembler, bool last)
{
    struct timed *order = lc_alloc((s->count + 1) * sizeof *order);
    bool more = true, all = false;
    sort_times(s, order);
    size_t *ends = s->told ? ends_of_answers(s, order) : NULL;
    uint32_t *place = s->told ? lc_alloc((s->count + 1) * sizeof *place) : NULL;
    s->requested = lci_symbol_of(s->symbols, LCI_NETWORK_REQUEST, strlen(LCI_NETWORK_REQUEST));
    s->answered = lci_symbol_of(s->symbols, LCI_NETWORK_ANSWER, strlen(LCI_NETWORK_ANSWER));
    for (unsigned p = 0; p < LCI_POINTS; p++) /* the ends of hops are called so */
        lci_symbol_of(s->symbols, lci_points[p].name, strlen(lci_points[p].name));
    for (size_t first = 0, end; first < s->count && more; first = end) {
        const size_t size = 3 * s->sorted > WINDOW ? 3 * s->sorted : WINDOW;
        end = all || s->count - first < size ? s->count : first + size;
        if (s->told)
            end = whole_answers(s, order, ends, first, end);
        take_rows(s, order, first, end, place);
        const size_t taken = s->sorted;
        more = put_window(s, assembler, last, end < s->count ? order[end].start : NO_WINDOW);
        all |= s->sorted > taken / 2; /* they would be put together again and again */
    }
    free(place);
    free(ends);
    free(order);
    if (!last)
        keep_rest(s);
    free_sorted(s);
    return more;
}

bool lci_flow_store_settle(struct lci_flow_store *s, struct lci_assembler *assembler)
{
    s->answers++;
    return s->count < s->limit || put_together(s, assembler, false);
}

bool lci_flow_store_finish(struct lci_flow_store *s, struct lci_assembler *assembler, struct lc_diag *diag)
{
    const bool more = s->count == 0 || put_together(s, assembler, true);
    warn_missing(&s->said, diag);
    lci_flow_warn_losses(&s->losses, s->symbols, diag);
    return more;
}
