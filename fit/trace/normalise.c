/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes the spans of one trace a forest: ids unique, parents there, no cycle, times in order. A span that is left out
 * gets the id 0 and goes in the end, so that indices stay valid on the way.
 */
#include "assemble.h"

#include <stdlib.h>
#include <string.h>

#define NONE     UINT32_MAX
#define EARLIEST (INT64_C(631152000) * 1000000000) /* 1990-01-01 */

struct work {
    struct lci_open *open;
    struct lc_span *spans;
    uint32_t count;
    struct lci_scratch *scratch;
    struct lc_repairs *repairs;
    uint32_t *table, mask; /* 1 + index of the first span with an id */
    uint32_t *next;        /* by span: the next half that came with the same id */
    uint32_t *parents;     /* by span: index of the parent */
    bool any_left_out, any_half, any_no_start, any_no_duration;
};

void lci_scratch_free(struct lci_scratch *s)
{
    free(s->table);
    free(s->parents);
    *s = (struct lci_scratch){0};
}

static void prepare(struct work *w)
{
    struct lci_scratch *s = w->scratch;
    size_t size = 16;
    while (size < 2 * (size_t)w->count)
        size *= 2;
    if (size > s->table_size) {
        free(s->table);
        s->table = lc_alloc(size * sizeof *s->table);
        s->table_size = size;
    }
    memset(s->table, 0, size * sizeof *s->table);
    if (w->count > s->capacity) {
        s->capacity = 2 * (size_t)w->count;
        free(s->parents);
        s->parents = lc_alloc(2 * s->capacity * sizeof *s->parents);
    }
    w->table = s->table;
    w->mask = (uint32_t)(size - 1);
    w->parents = s->parents;
    w->next = s->parents + s->capacity;
}

static uint64_t mix(uint64_t id)
{
    id = (id ^ (id >> 32)) * 0x9E3779B97F4A7C15u;
    return id ^ (id >> 29);
}

/* The slot of an id in the table: of the first span that has it, or free. */
static uint32_t *slot_of(const struct work *w, uint64_t id)
{
    uint32_t slot = (uint32_t)mix(id) & w->mask;
    while (w->table[slot] != 0 && w->spans[w->table[slot] - 1].id != id)
        slot = (slot + 1) & w->mask;
    return &w->table[slot];
}

static uint32_t find(const struct work *w, uint64_t id)
{
    const uint32_t entry = *slot_of(w, id);
    return entry != 0 ? entry - 1 : NONE;
}

static void leave_out(struct work *w, uint32_t i)
{
    w->spans[i].id = 0;
    w->any_left_out = true;
}

/* ---- times, first part ------------------------------------------------------------------------------------------- */

/* Files made by hand or by a simulator count from 0: then all of a trace lies before 1990, and that is right. In a
 * trace of today a start of 0 means that there is none, and another time before 1990 is impossible. */
static void check_starts(struct work *w)
{
    bool today = false;
    for (uint32_t i = 0; i < w->count; i++)
        today |= w->spans[i].start >= EARLIEST;
    for (uint32_t i = 0; i < w->count; i++) {
        struct lc_span *span = &w->spans[i];
        if (today && span->start == 0)
            span->flags |= LCI_SPAN_NO_START;
        w->any_no_start |= (span->flags & LCI_SPAN_NO_START) != 0;
        w->any_no_duration |= (span->flags & LC_SPAN_NO_DURATION) != 0;
        if (today && span->start < EARLIEST && !(span->flags & LCI_SPAN_NO_START)) {
            w->repairs->count[LC_REPAIR_ABSURD_TIME]++;
            leave_out(w, i);
        }
    }
}

/* ---- ids --------------------------------------------------------------------------------------------------------- */

static bool compatible(lc_symbol a, lc_symbol b)
{
    return a == b || a == 0 || b == 0;
}

/* Whether two spans with one id are two accounts of the same span; otherwise they are the halves of a request. */
static bool same_span(const struct work *w, const struct lc_span *a, const struct lc_span *b)
{
    if (!w->open->zipkin)
        return (a->kind == LC_KIND_SERVER) == (b->kind == LC_KIND_SERVER);
    const bool opposite = (a->kind == LC_KIND_CLIENT && b->kind == LC_KIND_SERVER) ||
                          (a->kind == LC_KIND_SERVER && b->kind == LC_KIND_CLIENT);
    return !opposite && (a->flags & LC_SPAN_SHARED) == (b->flags & LC_SPAN_SHARED) &&
           compatible(a->service, b->service) && compatible(a->host, b->host);
}

static int64_t known_length(const struct lc_span *span)
{
    return span->flags & LC_SPAN_NO_DURATION ? -1 : span->end - span->start;
}

/* Zipkin sends one span in pieces: what the first lacks comes from the second. */
static void fill(struct work *w, struct lc_span *into, const struct lc_span *from)
{
    struct lci_open *open = w->open;
#define FILL(field) into->field = into->field ? into->field : from->field
    FILL(parent);
    FILL(service);
    FILL(instance);
    FILL(host);
    FILL(operation);
    FILL(release);
    FILL(kind);
#undef FILL
    if (into->flags & LCI_SPAN_NO_START && !(from->flags & LCI_SPAN_NO_START)) {
        into->end = from->start + (into->end - into->start);
        into->start = from->start;
        into->flags &= (uint8_t)~LCI_SPAN_NO_START;
    }
    if (known_length(into) < 0 && known_length(from) >= 0) {
        into->end = into->start + (from->end - from->start);
        into->flags &= (uint8_t)~LC_SPAN_NO_DURATION;
    }
    into->flags |= from->flags & LC_SPAN_ERROR;
    if (from->attribute_count == 0 || into->attribute_count + (size_t)from->attribute_count > UINT16_MAX)
        return;
    const uint32_t first = (uint32_t)open->attribute_count;
    const struct lc_span *const both[] = {into, from};
    for (int side = 0; side < 2; side++)
        for (uint32_t i = 0; i < both[side]->attribute_count; i++) {
            LC_GROW(open->attributes, open->attribute_count, open->attribute_capacity);
            open->attributes[open->attribute_count++] = open->attributes[both[side]->first_attribute + i];
        }
    into->first_attribute = first;
    into->attribute_count = (uint16_t)(into->attribute_count + from->attribute_count);
}

/* Span `i` is another account of the span `old`. Returns which of them stays. */
static uint32_t merge(struct work *w, uint32_t old, uint32_t i)
{
    w->repairs->count[LC_REPAIR_DUPLICATE]++;
    struct lc_span *a = &w->spans[old], *b = &w->spans[i];
    if (w->open->zipkin) {
        fill(w, a, b);
        leave_out(w, i);
        return old;
    }
    const int64_t length = known_length(a), other = known_length(b);
    if (other < length || (other == length && b->attribute_count <= a->attribute_count)) {
        leave_out(w, i);
        return old;
    }
    leave_out(w, old);
    return i;
}

/* Span `i` has the id of the span in `slot`, which may head a chain of halves. */
static void same_id(struct work *w, uint32_t *slot, uint32_t i)
{
    const uint32_t head = *slot - 1;
    for (uint32_t at = head, before = NONE; at != NONE; before = at, at = w->next[at]) {
        if (!same_span(w, &w->spans[at], &w->spans[i]))
            continue;
        const uint32_t after = w->next[at], stays = merge(w, at, i);
        w->next[stays] = after;
        if (before != NONE)
            w->next[before] = stays;
        else
            *slot = stays + 1;
        return;
    }
    w->any_half = true;
    const struct lc_span *first = &w->spans[head];
    const bool heads = (first->kind == LC_KIND_SERVER || first->flags & LC_SPAN_SHARED) &&
                       w->spans[i].kind != LC_KIND_SERVER && !(w->spans[i].flags & LC_SPAN_SHARED);
    if (heads) { /* the client's side keeps the id */
        w->next[i] = head;
        *slot = i + 1;
    } else {
        w->next[i] = w->next[head];
        w->next[head] = i;
    }
}

static void index_ids(struct work *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        w->next[i] = NONE;
        if (w->spans[i].id == 0)
            continue;
        uint32_t *slot = slot_of(w, w->spans[i].id);
        if (*slot == 0)
            *slot = i + 1;
        else
            same_id(w, slot, i);
    }
}

/* Which of the spans that came with the id of `head` a child belongs to. */
static uint32_t half_for(const struct work *w, uint32_t head, const struct lc_span *child)
{
    for (uint32_t at = w->next[head]; at != NONE; at = w->next[at])
        if (w->spans[at].service == child->service)
            return at;
    const uint32_t server = w->next[head];
    return w->open->zipkin || server == NONE || child->service == w->spans[head].service ? head : server;
}

/* ---- parents ----------------------------------------------------------------------------------------------------- */

static const struct lci_alternative *alternatives_of(const struct work *w, uint32_t span)
{
    size_t low = 0, high = w->open->alternative_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (w->open->alternatives[middle].span < span)
            low = middle + 1;
        else
            high = middle;
    }
    return w->open->alternatives + low;
}

/* The parent's index, from the first choice or an alternative. NONE: a root. */
static uint32_t parent_of(struct work *w, uint32_t i)
{
    struct lc_span *span = &w->spans[i];
    if (span->parent == 0)
        return NONE;
    if (span->parent == span->id) {
        w->repairs->count[LC_REPAIR_SELF_PARENT]++;
        return NONE;
    }
    uint32_t parent = find(w, span->parent);
    if (parent == NONE && w->open->alternative_count > 0) {
        const struct lci_alternative *at = alternatives_of(w, i),
                                     *end = w->open->alternatives + w->open->alternative_count;
        for (; at < end && at->span == i && parent == NONE; at++) {
            parent = find(w, at->id);
            if (parent != NONE)
                span->flags = (uint8_t)((span->flags & ~LC_SPAN_FOLLOWS) | (at->follows ? LC_SPAN_FOLLOWS : 0));
        }
    }
    if (parent == NONE) {
        w->repairs->count[LC_REPAIR_ORPHAN]++;
        span->flags |= LC_SPAN_ORPHAN;
        return NONE;
    }
    return half_for(w, parent, span);
}

/* The halves of a request: the client's is the parent of the server's, and each has the parent of the other if it has
 * none itself. Children are given to one of them before the ids change. */
static void find_parents(struct work *w)
{
    for (uint32_t i = 0; i < w->count; i++)
        w->parents[i] = NONE;
    for (uint32_t i = 0; w->any_half && i < w->count; i++) {
        if (w->spans[i].id == 0 || find(w, w->spans[i].id) != i)
            continue;
        for (uint32_t at = w->next[i]; at != NONE; at = w->next[at]) {
            struct lc_span *half = &w->spans[at];
            if (w->spans[i].parent == 0 && half->parent != half->id)
                w->spans[i].parent = half->parent;
            if (half->kind == LC_KIND_SERVER || half->flags & LC_SPAN_SHARED)
                w->parents[at] = i;
        }
    }
    for (uint32_t i = 0; i < w->count; i++)
        if (w->spans[i].id != 0 && w->parents[i] == NONE)
            w->parents[i] = parent_of(w, i);
}

/* Every half but the client's gets an id made from the old one. */
static void rename_halves(struct work *w)
{
    for (uint32_t slot = 0; slot <= w->mask; slot++) {
        if (w->table[slot] == 0)
            continue;
        const uint32_t head = w->table[slot] - 1;
        uint64_t id = w->spans[head].id;
        for (uint32_t at = w->next[head]; at != NONE; at = w->next[at]) {
            do
                id = mix(id + 1);
            while (id == 0 || find(w, id) != NONE);
            struct lc_span *half = &w->spans[at];
            half->id = id;
            if (half->kind == LC_KIND_SERVER)
                half->flags |= LC_SPAN_SHARED;
            w->repairs->count[LC_REPAIR_SHARED_ID]++;
        }
    }
}

static bool started_before(const struct work *w, uint32_t a, uint32_t b)
{
    const int64_t first = w->spans[a].start, second = w->spans[b].start;
    return first != second ? first < second : a < b;
}

/* Walks up from every span; `next` now says in which walk a span was met. A walk that meets itself found a cycle. */
static void cut_cycles(struct work *w)
{
    uint32_t *walk = w->next;
    for (uint32_t i = 0; i < w->count; i++)
        walk[i] = NONE;
    for (uint32_t i = 0; i < w->count; i++) {
        uint32_t at = i;
        while (at != NONE && walk[at] == NONE) {
            walk[at] = i;
            at = w->parents[at];
        }
        if (at == NONE || walk[at] != i)
            continue;
        uint32_t earliest = at;
        for (uint32_t on = w->parents[at]; on != at; on = w->parents[on])
            if (started_before(w, on, earliest))
                earliest = on;
        w->parents[earliest] = NONE;
        w->repairs->count[LC_REPAIR_CYCLE]++;
    }
}

/* ---- times, second part ------------------------------------------------------------------------------------------ */

static void give_start(struct lc_span *span, int64_t start)
{
    span->end = start + (span->end > span->start ? span->end - span->start : 0);
    span->start = start;
    span->flags &= (uint8_t)~LCI_SPAN_NO_START;
}

/* A missing start is that of the nearest ancestor that has one, or the earliest of the trace. */
static void find_starts(struct work *w)
{
    int64_t earliest = INT64_MAX;
    for (uint32_t i = 0; i < w->count; i++)
        if (w->spans[i].id != 0 && !(w->spans[i].flags & LCI_SPAN_NO_START) && w->spans[i].start < earliest)
            earliest = w->spans[i].start;
    if (earliest == INT64_MAX)
        earliest = 0;
    for (uint32_t i = 0; i < w->count; i++) {
        uint32_t above = i;
        while (above != NONE && w->spans[above].flags & LCI_SPAN_NO_START)
            above = w->parents[above];
        const int64_t start = above != NONE ? w->spans[above].start : earliest;
        for (uint32_t at = i; at != above; at = w->parents[at]) {
            w->repairs->count[LC_REPAIR_NO_START] += w->spans[at].id != 0;
            give_start(&w->spans[at], start);
        }
    }
}

/* A missing end is that of the last event (done by the reader) or of the last child that the span waited for. Leaves
 * first: `left` counts the children not yet seen. */
static void find_ends(struct work *w)
{
    uint32_t *left = lc_calloc(w->count, sizeof *left), *queue = w->next, tail = 0;
    for (uint32_t i = 0; i < w->count; i++)
        if (w->parents[i] != NONE)
            left[w->parents[i]]++;
    for (uint32_t i = 0; i < w->count; i++)
        if (left[i] == 0)
            queue[tail++] = i;
    for (uint32_t head = 0; head < tail; head++) {
        struct lc_span *span = &w->spans[queue[head]];
        const uint32_t up = w->parents[queue[head]];
        if (span->flags & LC_SPAN_NO_DURATION && span->id != 0) {
            w->repairs->count[LC_REPAIR_NO_DURATION]++;
            if (span->end > span->start)
                span->flags &= (uint8_t)~LC_SPAN_NO_DURATION;
        }
        if (up == NONE)
            continue;
        struct lc_span *parent = &w->spans[up];
        const bool waited = !(span->flags & LC_SPAN_FOLLOWS) && span->kind != LC_KIND_CONSUMER;
        if (parent->flags & LC_SPAN_NO_DURATION && waited && span->end > parent->end)
            parent->end = span->end;
        if (--left[up] == 0)
            queue[tail++] = up;
    }
    free(left);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void finish(struct work *w, lc_symbol unknown_service)
{
    for (uint32_t i = 0; i < w->count; i++) {
        struct lc_span *span = &w->spans[i];
        span->parent = w->parents[i] != NONE ? w->spans[w->parents[i]].id : 0;
        if (span->parent == 0)
            span->flags &= (uint8_t)~LC_SPAN_FOLLOWS;
        if (span->id == 0)
            continue;
        w->repairs->count[LC_REPAIR_SKEW_ADJUSTED] += (span->flags & LC_SPAN_SKEW_ADJUSTED) != 0;
        if (span->service == 0) {
            span->service = unknown_service;
            w->repairs->count[LC_REPAIR_NO_SERVICE]++;
        }
    }
    if (!w->any_left_out)
        return;
    size_t kept = 0;
    for (uint32_t i = 0; i < w->count; i++)
        if (w->spans[i].id != 0)
            w->spans[kept++] = w->spans[i];
    w->open->span_count = kept;
}

void lci_normalise(struct lci_open *open, lc_symbol unknown_service, struct lci_scratch *scratch,
                   struct lc_repairs *repairs)
{
    struct work w = {.open = open,
                     .spans = open->spans,
                     .count = (uint32_t)open->span_count,
                     .scratch = scratch,
                     .repairs = repairs};
    prepare(&w);
    check_starts(&w);
    index_ids(&w);
    find_parents(&w);
    if (w.any_half)
        rename_halves(&w);
    cut_cycles(&w);
    if (w.any_no_start)
        find_starts(&w);
    if (w.any_no_duration)
        find_ends(&w);
    finish(&w, unknown_service);
}
