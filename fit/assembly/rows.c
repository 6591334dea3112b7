/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of the assembly share: forests by union and find, and rows found by a key.
 */
#include "assembly/flow.h"

#include <stdlib.h>
#include <string.h>

/* The smaller index stands for both: rows are in the order of time, and that order decides. */
void lci_union_join(uint32_t *up, uint32_t a, uint32_t b)
{
    a = lci_union_find(up, a);
    b = lci_union_find(up, b);
    if (a < b)
        up[b] = a;
    else
        up[a] = b;
}

bool lci_may_hang(struct lci_rows *r, uint32_t child, uint32_t parent)
{
    return lci_is_root(r, child) && lci_union_find(r->root, child) != lci_union_find(r->root, parent);
}

void lci_hang(struct lci_rows *r, uint32_t child, uint32_t parent, const char *reason, bool async)
{
    struct lci_flow_tree *t = &r->trees[child];
    t->parent = parent;
    t->reason = reason;
    t->async = async;
    lci_union_join(r->root, child, parent);
}

bool lci_covers(const struct lci_rows *r, uint32_t parent, uint32_t child)
{
    const struct lci_flow_tree *p = &r->trees[parent], *c = &r->trees[child];
    const struct lci_flow *f = &r->flows[parent];
    const bool lost_answer = p->end == p->start && (f->type == LCI_FLOW_REQUEST || (f->seq[0] != 0 && f->seq[1] == 0));
    return p->start <= c->start && (lost_answer || c->end <= p->end);
}

bool lci_share_trace(const struct lci_flow *a, const struct lci_flow *b)
{
    for (int i = 0; i < 2; i++)
        if (a->traces[i] != 0 && (a->traces[i] == b->traces[0] || a->traces[i] == b->traces[1]))
            return true;
    return false;
}

bool lci_same_call(const struct lci_flow *parent, const struct lci_flow *row)
{
    const struct lci_point_kind *p = &lci_points[parent->point], *c = &lci_points[row->point];
    if (p->side == LCI_INSIDE || c->side == LCI_INSIDE)
        return false;
    return p->side == LCI_ANYWHERE || c->side == LCI_ANYWHERE || parent->point < row->point;
}

static bool differ(uint64_t a, uint64_t b)
{
    return a != 0 && b != 0 && a != b;
}

static bool is_http2(const struct lci_flow *f)
{
    return f->l7 == 21 || f->l7 == 41;
}

bool lci_flows_conflict(const struct lci_flow *a, const struct lci_flow *b)
{
    if (a->traces[0] != 0 && b->traces[0] != 0)
        return !lci_share_trace(a, b) || a->span_id != b->span_id;
    /* HTTP/2 and gRPC are names for one protocol, whose words for the request differ. */
    const bool alias = is_http2(a) && is_http2(b) && a->l7 != b->l7;
    unsigned different = 0; /* without a branch for each */
    for (int i = 0; i < LCI_SAID_PROTOCOL; i++)
        different |= (a->said[i] != 0) & (b->said[i] != 0) & (a->said[i] != b->said[i]);
    different = alias ? 0 : different;
    for (int i = LCI_SAID_PROTOCOL; i < LCI_SAID; i++)
        different |= (a->said[i] != 0) & (b->said[i] != 0) & (a->said[i] != b->said[i]);
    return different != 0 || differ(a->x_request[0], b->x_request[0]) || differ(a->x_request[1], b->x_request[1]) ||
           differ(a->request, b->request);
}

static unsigned traits_of(const struct lci_flow *f, bool half)
{
    if (f->given || half)
        return f->given ? LCI_IS_GIVEN : 0;
    return LCI_TAKES_PART | (f->point == LCI_POINT_C_P ? LCI_IS_CLIENT : 0) |
           (f->point == LCI_POINT_S_P ? LCI_IS_SERVER : 0) |
           (lci_points[f->point].place == LCI_AT_APPLICATION ? LCI_AT_APP : 0) |
           (f->source != LCI_SOURCE_OTEL && (f->transport == 6 || f->transport == 0) && (f->seq[0] | f->seq[1]) != 0
                ? LCI_HAS_NUMBERS
                : 0) |
           (f->syscall[0] != f->syscall[1] ? LCI_HAS_SYSCALL : 0) |
           ((f->x_request[0] | f->x_request[1]) != 0 ? LCI_HAS_REQUEST : 0) |
           ((f->traces[0] | f->traces[1]) != 0 ? LCI_HAS_TRACE : 0) |
           ((f->span_id | f->parent_span_id) != 0 ? LCI_HAS_SPAN : 0) |
           (is_http2(f) && f->request != 0 && f->connection != 0 ? LCI_HAS_STREAM : 0) |
           (lci_is_message(f) ? LCI_IS_MESSAGE : 0) | (f->port == LCI_UNIX_SOCKET ? LCI_IS_LOCAL : 0);
}

void lci_find_traits(struct lci_rows *r)
{
    r->any = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        r->traits[i] = (uint16_t)traits_of(&r->flows[i], r->trees[i].into != LCI_NO_FLOW);
        r->any |= r->traits[i];
    }
}

/* ---- order ------------------------------------------------------------------------------------------------------- */

uint32_t *lci_order_by_key(const uint32_t *keys, uint32_t count, uint32_t limit)
{
    uint32_t *end = lc_calloc((size_t)limit + 1, sizeof *end), *order = lc_alloc(((size_t)count + 1) * sizeof *order);
    for (uint32_t i = 0; i < count; i++)
        end[keys[i] + 1]++;
    for (uint32_t k = 0; k < limit; k++)
        end[k + 1] += end[k];
    for (uint32_t i = 0; i < count; i++)
        order[end[keys[i]]++] = i;
    free(end);
    return order;
}

#define FEW 16 /* items that are sorted by insertion */

void lci_sort_few(void *items, size_t count, size_t size, int (*order)(const void *, const void *))
{
    char *const all = items, item[LCI_ITEM];
    size_t at = 1;
    while (at < count && order(all + (at - 1) * size, all + at * size) <= 0)
        at++;
    if (at < count && count > FEW) {
        qsort(items, count, size, order);
        return;
    }
    for (; at < count; at++) {
        size_t to = at;
        memcpy(item, all + at * size, size);
        for (; to > 0 && order(all + (to - 1) * size, item) > 0; to--)
            memcpy(all + to * size, all + (to - 1) * size, size);
        memcpy(all + to * size, item, size);
    }
}

/* ---- by key ------------------------------------------------------------------------------------------------------ */

void lci_index_expect(struct lci_index *index, size_t count)
{
    index->items = lc_alloc((count + 1) * sizeof *index->items);
    index->capacity = count + 1;
}

void lci_index_add(struct lci_index *index, uint64_t key, int64_t time, uint32_t row)
{
    LC_GROW(index->items, index->count, index->capacity);
    index->items[index->count++] = (struct lci_keyed){key, time, row};
}

static int by_key(const void *left, const void *right)
{
    const struct lci_keyed *a = left, *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* A heap of a few items, or of many that have one key and come in the order of time. */
static void sort_heap(struct lci_keyed *items, size_t count)
{
    size_t at = 1;
    while (at < count && by_key(&items[at - 1], &items[at]) <= 0)
        at++;
    if (at < count && count > FEW) {
        qsort(items, count, sizeof *items, by_key);
        return;
    }
    for (; at < count; at++) {
        const struct lci_keyed item = items[at];
        size_t to = at;
        for (; to > 0 && by_key(&items[to - 1], &item) > 0; to--)
            items[to] = items[to - 1];
        items[to] = item;
    }
}

/* Keys are hashes: by their first bits the items fall into as many heaps as there are items. */
void lci_index_sort(struct lci_index *index)
{
    unsigned bits = 1;
    if (index->count == 0)
        return;
    while (bits < 31 && (size_t)1 << bits < index->count)
        bits++;
    const size_t heaps = (size_t)1 << bits;
    const unsigned shift = index->shift = 64 - bits;
    uint32_t *first = lc_calloc(heaps + 2, sizeof *first); /* of heap h at h + 1 while they are filled */
    struct lci_keyed *sorted = lc_alloc(index->count * sizeof *sorted);
    for (size_t i = 0; i < index->count; i++)
        first[(index->items[i].key >> shift) + 2]++;
    for (size_t h = 0; h < heaps; h++)
        first[h + 2] += first[h + 1];
    for (size_t i = 0; i < index->count; i++)
        sorted[first[(index->items[i].key >> shift) + 1]++] = index->items[i];
    for (size_t h = 0; h < heaps; h++)
        if (first[h + 1] - first[h] > 1)
            sort_heap(sorted + first[h], first[h + 1] - first[h]);
    free(index->items);
    free(index->heaps);
    index->items = sorted;
    index->capacity = index->count;
    index->heaps = first;
}

/* The first place of a heap whose item is behind (key, time); with `from`, the first that is not before it. */
static size_t place_of(const struct lci_index *index, size_t low, size_t high, uint64_t key, int64_t time, bool from)
{
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct lci_keyed *k = &index->items[middle];
        if (k->key < key || (k->key == key && (from ? k->time < time : k->time <= time)))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct lci_keyed *lci_index_until(const struct lci_index *index, uint64_t key, int64_t time, size_t *count)
{
    *count = 0;
    if (index->count == 0)
        return NULL;
    size_t first = index->heaps[key >> index->shift], end = index->heaps[(key >> index->shift) + 1];
    if (end - first <= FEW) { /* nearly all */
        const struct lci_keyed *items = index->items;
        const size_t stop = end;
        while (first < stop && items[first].key < key)
            first++;
        for (end = first; end < stop && items[end].key == key && items[end].time <= time; end++)
            ;
    } else {
        first = place_of(index, first, end, key, INT64_MIN, true);
        end = place_of(index, first, end, key, time, false);
    }
    *count = end - first < LCI_LOOK ? end - first : LCI_LOOK;
    return *count > 0 ? &index->items[end - *count] : NULL;
}

void lci_index_free(struct lci_index *index)
{
    free(index->items);
    free(index->heaps);
    *index = (struct lci_index){0};
}
