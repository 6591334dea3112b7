/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Spans of one trace that came with one id. The same span again has the same service, name, kind and start, whatever
 * its format. All others are spans of their own: the halves of a request (Zipkin's way), servers behind each other of
 * which the first passes its id on, visits of one message. They are put below each other as their times lie inside each
 * other, the server's half below the client's, and get ids of their own.
 *
 * Groups lie in `twins` one after the other: the number of spans, then the spans by their starts. `next` of the span
 * that keeps the id says where its group begins.
 */
#include "normalise.h"

#include <stdlib.h>

#define NEAR                                                                                                           \
    32 /* spans of a group that are looked at around a place, so that large groups cost no more than their sort */

static uint64_t mix(uint64_t id)
{
    id = (id ^ (id >> 32)) * 0x9E3779B97F4A7C15u;
    return id ^ (id >> 29);
}

uint32_t lci_find_id(const struct lci_work *w, uint64_t id)
{
    uint32_t at;
    LCI_TABLE_FIND(w->table, lci_hash_word(id), at, w->spans[at].id == id);
    return at; /* LCI_ABSENT is LCI_NO_SPAN */
}

/* ---- the same span again ----------------------------------------------------------------------------------------- */

static bool compatible(lc_symbol a, lc_symbol b)
{
    return a == b || a == 0 || b == 0;
}

/* What one account does not say, the other may. */
static bool same_span(const struct lc_span *a, const struct lc_span *b)
{
    return compatible(a->service, b->service) && compatible(a->operation, b->operation) &&
           compatible(a->kind, b->kind) && (a->start == b->start || (a->flags | b->flags) & LCI_SPAN_NO_START);
}

static int64_t known_length(const struct lc_span *span)
{
    return span->flags & LC_SPAN_NO_DURATION ? -1 : span->end - span->start;
}

/* Zipkin sends one span in pieces: what the first lacks comes from the second. */
static void fill(struct lci_work *w, struct lc_span *into, const struct lc_span *from)
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
        into->flags &= (uint16_t)~LCI_SPAN_NO_START;
    }
    if (known_length(into) < 0 && known_length(from) >= 0) {
        into->end = into->start + (from->end - from->start);
        into->flags &= (uint16_t)~LC_SPAN_NO_DURATION;
    }
    into->flags |= from->flags & (LC_SPAN_ERROR | LC_SPAN_SHARED);
    if (from->attribute_count == 0 || into->attribute_count + (size_t)from->attribute_count > UINT16_MAX)
        return;
    const uint32_t first = (uint32_t)open->attribute_count;
    const struct lc_span *const both[] = {into, from};
    for (int side = 0; side < 2; side++)
        for (uint32_t i = 0; i < both[side]->attribute_count; i++) {
            LCI_POOL_ROOM(open->pool, open->attributes, open->attribute_count, open->attribute_capacity, 1);
            open->attributes[open->attribute_count++] = open->attributes[both[side]->first_attribute + i];
        }
    into->first_attribute = first;
    into->attribute_count = (uint16_t)(into->attribute_count + from->attribute_count);
}

/* Of two accounts of one span the second is left out, or the first when it says less. Returns which of them stays. */
static uint32_t merge(struct lci_work *w, uint32_t old, uint32_t i)
{
    w->repairs->count[LC_REPAIR_DUPLICATE]++;
    struct lc_span *a = &w->spans[old], *b = &w->spans[i];
    const int64_t length = known_length(a), other = known_length(b);
    const bool better = other > length || (other == length && b->attribute_count > a->attribute_count);
    const uint32_t stays = !w->open->zipkin && better ? i : old;
    if (w->open->zipkin)
        fill(w, a, b);
    lci_leave_out(w, stays == old ? i : old);
    return stays;
}

static int in_order(const void *left, const void *right, void *spans)
{
    const uint32_t i = *(const uint32_t *)left, j = *(const uint32_t *)right;
    const struct lc_span *a = (const struct lc_span *)spans + i, *b = (const struct lc_span *)spans + j;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->service != b->service)
        return a->service < b->service ? -1 : 1;
    if (a->operation != b->operation)
        return a->operation < b->operation ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return (i > j) - (i < j);
}

/* Leaves one account of every span. Accounts that say all the same stand beside each other, others close by. */
static uint32_t drop_duplicates(struct lci_work *w, uint32_t *group, uint32_t count)
{
    qsort_r(group, count, sizeof *group, in_order, w->spans);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t k = kept;
        while (k > 0 && kept - k < NEAR && !same_span(&w->spans[group[k - 1]], &w->spans[group[i]]))
            k--;
        if (k > 0 && same_span(&w->spans[group[k - 1]], &w->spans[group[i]]))
            group[k - 1] = merge(w, group[k - 1], group[i]);
        else
            group[kept++] = group[i];
    }
    return kept;
}

/* ---- spans of their own ------------------------------------------------------------------------------------------ */

static bool is_server(const struct lc_span *span)
{
    return span->kind == LC_KIND_SERVER || span->flags & LC_SPAN_SHARED;
}

/* By start; of equal ones the longer and then the client first, so that what holds another comes before it. */
static int by_time(const void *left, const void *right, void *spans)
{
    const uint32_t i = *(const uint32_t *)left, j = *(const uint32_t *)right;
    const struct lc_span *a = (const struct lc_span *)spans + i, *b = (const struct lc_span *)spans + j;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->end != b->end)
        return a->end > b->end ? -1 : 1;
    const int client = (b->kind == LC_KIND_CLIENT) - (a->kind == LC_KIND_CLIENT);
    return client != 0 ? client : (i > j) - (i < j);
}

/* Whether `inner` may be a part of `outer`. A server's half is never above its client's, whatever the clocks say. */
static bool holds(const struct lc_span *outer, const struct lc_span *inner)
{
    if (inner->kind == LC_KIND_CLIENT && is_server(outer) &&
        (outer->service != inner->service || outer->flags & LC_SPAN_SHARED))
        return false;
    return outer->start <= inner->start && inner->end <= outer->end && outer->end > outer->start;
}

/* A client that no span of the group holds, and that holds none. */
static bool is_free_client(const struct lci_work *w, uint32_t i)
{
    return w->spans[i].kind == LC_KIND_CLIENT && !(w->spans[i].flags & LC_SPAN_SHARED) && w->next[i] == LCI_NO_SPAN &&
           w->parents[i] == LCI_NO_SPAN;
}

/* The servers that no span of the group holds by time (their clocks differ) belong to its clients, each to one of its
 * own as far as there are any. */
static void give_to_clients(struct lci_work *w, const uint32_t *group, uint32_t count)
{
    uint32_t client = LCI_NO_SPAN, at = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_server(&w->spans[group[i]]) || w->parents[group[i]] != LCI_NO_SPAN)
            continue;
        while (at < count && !is_free_client(w, group[at]))
            at++;
        client = at < count ? group[at++] : client;
        w->parents[group[i]] = client;
    }
}

/* Puts the spans below each other. Until it is done, `next` of a span that holds another names that one. */
static void nest(struct lci_work *w, uint32_t *group, uint32_t count)
{
    qsort_r(group, count, sizeof *group, by_time, w->spans);
    for (uint32_t i = 0; i < count; i++)
        w->next[group[i]] = LCI_NO_SPAN;
    for (uint32_t i = 1; i < count; i++) {
        uint32_t up = group[i - 1]; /* what holds the span before may hold this one */
        while (up != LCI_NO_SPAN && !holds(&w->spans[up], &w->spans[group[i]]))
            up = w->parents[up];
        w->parents[group[i]] = up;
        if (up != LCI_NO_SPAN)
            w->next[up] = group[i];
    }
    give_to_clients(w, group, count);
}

/* The first one that stands below no other, a client before all others, keeps the id. */
static uint32_t keeper_of(const struct lci_work *w, const uint32_t *group, uint32_t count)
{
    uint32_t keeper = LCI_NO_SPAN;
    for (uint32_t i = 0; i < count; i++) {
        if (w->parents[group[i]] != LCI_NO_SPAN)
            continue;
        if (keeper == LCI_NO_SPAN ||
            (w->spans[group[i]].kind == LC_KIND_CLIENT && w->spans[keeper].kind != LC_KIND_CLIENT))
            keeper = group[i];
    }
    return keeper;
}

/* A span of the group that names no parent has that of another, as halves of requests do. */
static void share_parent(struct lci_work *w, const uint32_t *group, uint32_t count)
{
    uint64_t parent = 0;
    for (uint32_t i = 0; i < count && parent == 0; i++)
        parent = w->spans[group[i]].parent != w->spans[group[i]].id ? w->spans[group[i]].parent : 0;
    for (uint32_t i = 0; i < count; i++)
        if (w->spans[group[i]].parent == 0)
            w->spans[group[i]].parent = parent;
}

void lci_index_ids(struct lci_work *w)
{
    bool any = false;
    for (uint32_t i = 0; i < w->count; i++) {
        if (w->spans[i].id == 0)
            continue;
        const uint32_t first = lci_find_id(w, w->spans[i].id);
        if (first == LCI_NO_SPAN) {
            lci_table_add(w->table, lci_hash_word(w->spans[i].id), i);
            continue;
        }
        w->next[i] = w->next[first];
        w->next[first] = i;
        any = true;
    }
    uint32_t used = 0;
    for (size_t slot = 0; any && slot < w->table->size; slot++) {
        uint32_t count = 0, *group = w->twins + used + 1;
        const uint32_t first = w->table->slots[slot].at - 1;
        if (first == LCI_NO_SPAN || w->next[first] == LCI_NO_SPAN)
            continue;
        for (uint32_t at = first; at != LCI_NO_SPAN; at = w->next[at])
            group[count++] = at;
        count = drop_duplicates(w, group, count);
        nest(w, group, count);
        share_parent(w, group, count);
        const uint32_t keeper = keeper_of(w, group, count);
        for (uint32_t i = 0; i < count; i++) {
            w->next[group[i]] = LCI_NO_SPAN;
            if (w->parents[group[i]] != LCI_NO_SPAN) /* what was recorded of the parent is not about this one */
                w->spans[group[i]].flags &= (uint16_t)~LC_SPAN_FOLLOWS;
        }
        lci_table_replace(w->table, w->table->slots[slot].hash, first, keeper);
        if (count == 1)
            continue;
        w->any_twin = true;
        w->twins[used] = count;
        w->next[keeper] = used;
        used += count + 1;
    }
}

/* ---- children ---------------------------------------------------------------------------------------------------- */

/* How long both last at once; less than 0: the time between them. */
static int64_t overlap(const struct lc_span *a, const struct lc_span *b)
{
    return (a->end < b->end ? a->end : b->end) - (a->start > b->start ? a->start : b->start);
}

/* A span's own service first, whose clock may differ from the others'; then the shortest of those that hold it, or what
 * is nearest in time. */
uint32_t lci_twin_for(const struct lci_work *w, uint32_t parent, const struct lc_span *child)
{
    if (!w->any_twin || w->next[parent] == LCI_NO_SPAN)
        return parent;
    const uint32_t count = w->twins[w->next[parent]], *group = w->twins + w->next[parent] + 1;
    uint32_t low = 0, high = count;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        if (w->spans[group[middle]].start <= child->start)
            low = middle + 1;
        else
            high = middle;
    }
    const uint32_t from = low > NEAR ? low - NEAR : 0, to = count - low > NEAR ? low + NEAR : count;
    const struct lc_span *best = NULL;
    for (uint32_t i = from; i < to; i++) {
        const struct lc_span *s = &w->spans[group[i]];
        const bool own = s->service == child->service, best_own = best != NULL && best->service == child->service;
        if (best != NULL && own != best_own) {
            best = own ? s : best;
            continue;
        }
        const int64_t more = best != NULL ? overlap(s, child) - overlap(best, child) : 1;
        if (more > 0 || (more == 0 && s->end - s->start < best->end - best->start))
            best = s;
    }
    return (uint32_t)(best - w->spans);
}

void lci_rename_twins(struct lci_work *w)
{
    for (size_t slot = 0; w->any_twin && slot < w->table->size; slot++) {
        const uint32_t keeper = w->table->slots[slot].at - 1;
        if (keeper == LCI_NO_SPAN || w->next[keeper] == LCI_NO_SPAN)
            continue;
        const uint32_t count = w->twins[w->next[keeper]], *group = w->twins + w->next[keeper] + 1;
        uint64_t id = w->spans[keeper].id;
        for (uint32_t i = 0; i < count; i++) {
            if (group[i] == keeper)
                continue;
            do
                id = mix(id + 1);
            while (id == 0 || lci_find_id(w, id) != LCI_NO_SPAN);
            struct lc_span *twin = &w->spans[group[i]];
            const uint32_t up = w->parents[group[i]];
            twin->id = id;
            if (twin->kind == LC_KIND_SERVER && up != LCI_NO_SPAN && w->spans[up].kind == LC_KIND_CLIENT)
                twin->flags |= LC_SPAN_SHARED;
            w->repairs->count[LC_REPAIR_SHARED_ID]++;
        }
    }
}
