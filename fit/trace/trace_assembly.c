/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All traces stay open until the memory for them is used up; then those go that were idle longest: first the whole ones
 * (Jaeger's), then by the time of their latest span. So traces whose spans stand in several places or files are joined
 * as long as memory allows, and what came too late is known and counted.
 */
#include "trace_assembly.h"

#include "flow_store.h"

#include <stdlib.h>
#include <string.h>

#define CLOSED_MAX ((size_t)1 << 21) /* trace ids remembered: 16 MiB */

struct lci_assembler {
    lc_trace_sink sink;
    void *context;
    struct lc_reading *reading;
    lc_symbol unknown_service;
    size_t memory, used;
    bool stopped;
    struct lci_open **open;
    size_t open_count, open_capacity;
    struct lci_table table; /* of `open`, by the lower half of the id */
    uint64_t sequence;
    struct lci_open *first, *last, *recent; /* by first appearance; the one found last */
    struct lci_pool pool;
    struct lci_trace_id *closed; /* ids of closed traces, 0: free; the newer replaces the older when full */
    size_t closed_count, closed_size;
    struct lci_scratch scratch;
    struct lci_flow_store *store;
};

struct lci_assembler *lci_assembler_new(size_t memory, lc_trace_sink sink, void *context, lc_symbol unknown_service,
                                        struct lc_reading *reading)
{
    struct lci_assembler *a = lc_calloc(1, sizeof *a);
    a->memory = memory ? memory : LCI_TRACE_MEMORY;
    a->sink = sink;
    a->context = context;
    a->unknown_service = unknown_service;
    a->reading = reading;
    a->closed_size = 1024;
    a->closed = lc_calloc(a->closed_size, sizeof *a->closed);
    return a;
}

void lci_assembler_set_store(struct lci_assembler *a, struct lci_flow_store *store)
{
    a->store = store;
}

/* Gives the record back with all its arrays. */
static void give_back(struct lci_assembler *a, struct lci_open *open)
{
    struct lci_pool *pool = &a->pool;
    a->used -= open->bytes;
    lci_pool_give(pool, open->spans, sizeof *open->spans, open->span_capacity);
    lci_pool_give(pool, open->attributes, sizeof *open->attributes, open->attribute_capacity);
    lci_pool_give(pool, open->events, sizeof *open->events, open->event_capacity);
    lci_pool_give(pool, open->links, sizeof *open->links, open->link_capacity);
    lci_pool_give(pool, open->alternatives, sizeof *open->alternatives, open->alternative_capacity);
    lci_pool_give(pool, open, sizeof *open, 1);
}

void lci_assembler_free(struct lci_assembler *a)
{
    if (a == NULL)
        return;
    for (struct lci_open *open = a->first, *next; open != NULL; open = next) {
        next = open->later;
        give_back(a, open); /* large arrays are not the pool's own */
    }
    lci_pool_free(&a->pool);
    lci_scratch_free(&a->scratch);
    free(a->open);
    lci_table_free(&a->table);
    free(a->closed);
    free(a);
}

bool lci_assembler_stopped(const struct lci_assembler *a)
{
    return a->stopped;
}

/* ---- closed traces ----------------------------------------------------------------------------------------------- */

/* 64- and 128-bit forms of one id are the same trace (Zipkin's practice). */
static bool same_id(uint64_t high, uint64_t low, const struct lci_trace_id *id)
{
    return low == id->low && (high == id->high || high == 0 || id->high == 0);
}

/* The slot that holds the id, or where it goes: a free one, or in a full table the one that is given up for it. */
static struct lci_trace_id *closed_slot(struct lci_trace_id *table, size_t size, const struct lci_trace_id *id)
{
    size_t slot = lci_hash_word(id->low) & (size - 1);
    const size_t tries = size < CLOSED_MAX ? size : 16; /* below the limit at most half of the table is used */
    for (size_t i = 1; i < tries && (table[slot].high | table[slot].low) != 0; i++) {
        if (same_id(table[slot].high, table[slot].low, id))
            break;
        slot = (slot + 1) & (size - 1);
    }
    return &table[slot];
}

static void remember_closed(struct lci_assembler *a, const struct lci_trace_id *id)
{
    if (2 * ++a->closed_count > a->closed_size && a->closed_size < CLOSED_MAX) {
        const size_t size = 4 * a->closed_size;
        struct lci_trace_id *table = lc_calloc(size, sizeof *table);
        for (size_t i = 0; i < a->closed_size; i++)
            if ((a->closed[i].high | a->closed[i].low) != 0)
                *closed_slot(table, size, &a->closed[i]) = a->closed[i];
        free(a->closed);
        a->closed = table;
        a->closed_size = size;
    }
    *closed_slot(a->closed, a->closed_size, id) = *id;
}

static bool was_closed(const struct lci_assembler *a, const struct lci_trace_id *id)
{
    const struct lci_trace_id *slot = closed_slot(a->closed, a->closed_size, id);
    return (slot->high | slot->low) != 0 && same_id(slot->high, slot->low, id);
}

/* ---- open traces ------------------------------------------------------------------------------------------------- */

static struct lci_open *find_open(const struct lci_assembler *a, const struct lci_trace_id *id)
{
    uint32_t at;
    LCI_TABLE_FIND(&a->table, lci_hash_word(id->low), at, same_id(a->open[at]->high, a->open[at]->low, id));
    return at != LCI_ABSENT ? a->open[at] : NULL;
}

static struct lci_open *new_open(struct lci_assembler *a, const struct lci_trace_id *id)
{
    struct lci_open *open = lci_pool_one(&a->pool, sizeof *open);
    *open = (struct lci_open){.pool = &a->pool,
                              .high = id->high,
                              .low = id->low,
                              .sequence = a->sequence++,
                              .newest = INT64_MIN,
                              .bytes = sizeof *open,
                              .late = was_closed(a, id)};
    a->used += open->bytes;
    LC_GROW(a->open, a->open_count, a->open_capacity);
    open->place = a->open_count++;
    a->open[open->place] = open;
    lci_table_add(&a->table, lci_hash_word(open->low), open->place);
    open->earlier = a->last;
    open->later = NULL;
    *(a->last != NULL ? &a->last->later : &a->first) = open;
    a->last = open;
    return open;
}

static struct lci_open *open_of(struct lci_assembler *a, const struct lci_trace_id *id)
{
    struct lci_open *open = a->recent;
    if (open == NULL || !same_id(open->high, open->low, id)) {
        open = find_open(a, id);
        if (open == NULL)
            open = new_open(a, id);
        a->recent = open;
    }
    if (open->high == 0)
        open->high = id->high;
    return open;
}

static size_t bytes_of(const struct lci_open *open)
{
    return sizeof *open + open->span_capacity * sizeof *open->spans +
           open->attribute_capacity * sizeof *open->attributes + open->event_capacity * sizeof *open->events +
           open->link_capacity * sizeof *open->links + open->alternative_capacity * sizeof *open->alternatives;
}

/* Takes an open trace out of table and list; the last of the array moves into its place. */
static void detach(struct lci_assembler *a, struct lci_open *open)
{
    struct lci_open *last = a->open[--a->open_count];
    lci_table_remove(&a->table, lci_hash_word(open->low), open->place);
    if (last != open) {
        lci_table_replace(&a->table, lci_hash_word(last->low), last->place, open->place);
        last->place = open->place;
        a->open[last->place] = last;
    }
    *(open->earlier != NULL ? &open->earlier->later : &a->first) = open->later;
    *(open->later != NULL ? &open->later->earlier : &a->last) = open->earlier;
    if (a->recent == open)
        a->recent = NULL;
}

/* Normalises a trace, hands it on and gives its memory back. */
static void hand_on(struct lci_assembler *a, struct lci_open *open)
{
    if (!a->stopped) {
        lci_normalise(open, a->unknown_service, &a->scratch, &a->reading->repairs);
        if (open->span_count > 0) {
            const struct lc_trace trace = {
                .high = open->high,
                .low = open->low,
                .spans = open->spans,
                .span_count = open->span_count,
                .attributes = open->attributes,
                .attribute_count = open->attribute_count,
                .events = open->events,
                .event_count = open->event_count,
                .links = open->links,
                .link_count = open->link_count,
                .incomplete = open->incomplete,
            };
            a->reading->traces++;
            a->reading->spans += open->span_count;
            a->stopped = a->sink(a->context, &trace) != 0;
        }
    }
    give_back(a, open);
}

static void close_trace(struct lci_assembler *a, struct lci_open *open)
{
    detach(a, open);
    remember_closed(a, &(struct lci_trace_id){open->high, open->low});
    hand_on(a, open);
}

/* ---- batches ----------------------------------------------------------------------------------------------------- */

/* Copies one span with what belongs to it. Returns true when an array had to grow. */
static bool append(struct lci_open *open, const struct lci_batch *b, const struct lc_span *from)
{
    bool grown = LCI_POOL_ROOM(open->pool, open->spans, open->span_count, open->span_capacity, 1);
    struct lc_span *span = &open->spans[open->span_count++];
    *span = *from;
    if (from->attribute_count > 0) {
        grown |= LCI_POOL_ROOM(open->pool, open->attributes, open->attribute_count, open->attribute_capacity,
                               from->attribute_count);
        memcpy(open->attributes + open->attribute_count, b->attributes + from->first_attribute,
               from->attribute_count * sizeof *b->attributes);
    }
    span->first_attribute = (uint32_t)open->attribute_count;
    open->attribute_count += from->attribute_count;
    if (from->event_count > 0) {
        grown |= LCI_POOL_ROOM(open->pool, open->events, open->event_count, open->event_capacity, from->event_count);
        memcpy(open->events + open->event_count, b->events + from->first_event, from->event_count * sizeof *b->events);
    }
    span->first_event = (uint32_t)open->event_count;
    open->event_count += from->event_count;
    if (from->link_count > 0) {
        grown |= LCI_POOL_ROOM(open->pool, open->links, open->link_count, open->link_capacity, from->link_count);
        memcpy(open->links + open->link_count, b->links + from->first_link, from->link_count * sizeof *b->links);
    }
    span->first_link = (uint32_t)open->link_count;
    open->link_count += from->link_count;
    if (span->end > open->newest)
        open->newest = span->end;
    return grown;
}

static int by_idleness(const void *left, const void *right)
{
    const struct lci_open *a = *(struct lci_open *const *)left, *b = *(struct lci_open *const *)right;
    if (a->complete != b->complete)
        return a->complete ? -1 : 1;
    if (!a->complete && a->newest != b->newest)
        return a->newest < b->newest ? -1 : 1;
    return a->sequence < b->sequence ? -1 : 1;
}

static int by_appearance(const void *left, const void *right)
{
    const struct lci_open *a = *(struct lci_open *const *)left, *b = *(struct lci_open *const *)right;
    return a->sequence < b->sequence ? -1 : 1;
}

/* Whether it is arriving right now. One of very many spans is let go on for all that, up to a bound. */
static bool is_arriving(const struct lci_assembler *a, const struct lci_open *open)
{
    enum { TIMES = 8 };
    return open == a->recent && !open->complete && open->bytes / TIMES <= a->memory;
}

/* Closes the traces idle longest until a quarter of the memory is free. */
static void make_room(struct lci_assembler *a)
{
    const size_t count = a->open_count;
    struct lci_open **open = lc_alloc(count * sizeof(struct lci_open *));
    size_t n = 0;
    for (struct lci_open *at = a->first; at != NULL; at = at->later)
        if (!is_arriving(a, at))
            open[n++] = at;
    qsort(open, n, sizeof(struct lci_open *), by_idleness);
    size_t chosen = 0, freed = 0;
    while (chosen < n && a->used - freed > a->memory - a->memory / 4)
        freed += open[chosen++]->bytes;
    qsort(open, chosen, sizeof(struct lci_open *), by_appearance);
    for (size_t i = 0; i < chosen; i++)
        close_trace(a, open[i]);
    free(open);
}

bool lci_assemble(struct lci_assembler *a, const struct lci_batch *b)
{
    size_t alternative = 0, flow = 0, base = a->store != NULL ? lci_flow_store_count(a->store) : 0;
    for (size_t i = 0; i < b->span_count && !a->stopped; i++) {
        while (flow < b->flow_count && b->flows[flow].span < i)
            flow++;
        if (flow < b->flow_count && b->flows[flow].span == i) {
            if (a->store != NULL)
                lci_flow_store_add(a->store, b, &b->spans[i], &b->ids[i], &b->flows[flow], base);
            continue;
        }
        if ((b->ids[i].high | b->ids[i].low) == 0) {
            a->reading->repairs.count[LC_REPAIR_NO_ID]++;
            continue;
        }
        struct lci_open *open = open_of(a, &b->ids[i]);
        open->zipkin |= b->zipkin;
        open->pipeline |= b->pipeline;
        open->complete = b->complete;
        if (open->late)
            a->reading->repairs.count[LC_REPAIR_LATE]++;
        bool grown = append(open, b, &b->spans[i]);
        for (; alternative < b->alternative_count && b->alternatives[alternative].span <= i; alternative++) {
            if (b->alternatives[alternative].span < i)
                continue;
            grown |=
                LCI_POOL_ROOM(open->pool, open->alternatives, open->alternative_count, open->alternative_capacity, 1);
            open->alternatives[open->alternative_count] = b->alternatives[alternative];
            open->alternatives[open->alternative_count++].span = (uint32_t)(open->span_count - 1);
        }
        if (grown) {
            a->used -= open->bytes;
            open->bytes = bytes_of(open);
            a->used += open->bytes;
        }
    }
    if (a->used > a->memory)
        make_room(a);
    if (b->flow_count > 0 && a->store != NULL)
        lci_flow_store_settle(a->store, a);
    return !a->stopped;
}

void lci_mark_incomplete(struct lci_assembler *a, const struct lci_trace_id *id)
{
    struct lci_open *open = find_open(a, id);
    if (open != NULL)
        open->incomplete = true;
}

bool lci_assemble_rest(struct lci_assembler *a)
{
    struct lci_open *open = a->first;
    for (const struct lci_open *each = open; each != NULL; each = each->later)
        if (each->pipeline)
            lci_note_orders(&a->scratch.orders, each);
    a->first = a->last = a->recent = NULL;
    a->open_count = 0;
    lci_table_clear(&a->table, 0); /* nothing comes any more that would look for them */
    for (struct lci_open *next; open != NULL; open = next) {
        next = open->later;
        hand_on(a, open);
    }
    return !a->stopped;
}
