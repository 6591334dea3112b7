/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/lost.h"

#include <stdlib.h>

#define NONE   UINT32_MAX
#define ENOUGH 10 /* whole traces of a kind, to do without the others */

struct kind { /* of requests: their root */
    lc_symbol service, operation;
    uint64_t traces, lost;
};

struct record {
    uint64_t offset;
    uint32_t kind;
};

struct lci_lost {
    struct kind *kinds;
    size_t count, capacity;
    uint32_t *table; /* kind + 1; 0: free */
    size_t mask;
    struct record *records; /* of traces that lost spans, by offset */
    size_t record_count, record_capacity;
    uint32_t current; /* kind of the trace seen last, if it lost spans, else NONE */
};

struct lci_lost *lci_lost_new(void)
{
    struct lci_lost *l = lc_calloc(1, sizeof *l);
    l->mask = 63;
    l->table = lc_calloc(l->mask + 1, sizeof *l->table);
    l->current = NONE;
    return l;
}

void lci_lost_free(struct lci_lost *l)
{
    if (l == NULL)
        return;
    free(l->kinds);
    free(l->table);
    free(l->records);
    free(l);
}

static uint32_t *slot_of(const struct lci_lost *l, lc_symbol service, lc_symbol operation)
{
    size_t slot = (((uint64_t)service << 32 | operation) * 0x9E3779B97F4A7C15u >> 24) & l->mask;
    while (l->table[slot] != 0 &&
           (l->kinds[l->table[slot] - 1].service != service || l->kinds[l->table[slot] - 1].operation != operation))
        slot = (slot + 1) & l->mask;
    return &l->table[slot];
}

static uint32_t kind_of(struct lci_lost *l, const struct lc_span *root)
{
    uint32_t *slot = slot_of(l, root->service, root->operation);
    if (*slot != 0)
        return *slot - 1;
    LC_GROW(l->kinds, l->count, l->capacity);
    l->kinds[l->count++] = (struct kind){.service = root->service, .operation = root->operation};
    *slot = (uint32_t)l->count;
    if (2 * l->count > l->mask) {
        free(l->table);
        l->mask = 2 * l->mask + 1;
        l->table = lc_calloc(l->mask + 1, sizeof *l->table);
        for (size_t i = 0; i < l->count; i++)
            *slot_of(l, l->kinds[i].service, l->kinds[i].operation) = (uint32_t)i + 1;
    }
    return (uint32_t)l->count - 1;
}

/* The trace's root is the longest of those that were recorded as roots. */
void lci_lost_see(struct lci_lost *l, const struct lc_trace *t, const uint32_t *parents)
{
    const struct lc_span *root = NULL;
    for (size_t i = 0; i < t->span_count; i++) {
        const struct lc_span *s = &t->spans[i];
        if (parents[i] == NONE && (s->flags & LC_SPAN_ORPHAN) == 0 &&
            (root == NULL || s->end - s->start > root->end - root->start))
            root = s;
    }
    l->current = NONE;
    if (root == NULL)
        return;
    const uint32_t kind = kind_of(l, root);
    l->kinds[kind].traces++;
    l->current = t->incomplete ? kind : NONE; /* the source says so */
    for (size_t i = 0; i < t->span_count && l->current == NONE; i++) {
        const struct lc_span *s = &t->spans[i];
        if (parents[i] == NONE && (s->flags & LC_SPAN_ORPHAN) != 0 && s->start >= root->start && s->end <= root->end)
            l->current = kind;
    }
    l->kinds[kind].lost += l->current != NONE;
}

void lci_lost_record(struct lci_lost *l, uint64_t offset)
{
    if (l->current == NONE)
        return;
    LC_GROW(l->records, l->record_count, l->record_capacity);
    l->records[l->record_count++] = (struct record){offset, l->current};
}

void lci_lost_rename(struct lci_lost *l, const struct lc_renamed *renamed, size_t count)
{
    for (size_t i = 0; i < l->count; i++)
        for (size_t k = 0; k < count; k++)
            if (l->kinds[i].service == renamed[k].from) {
                l->kinds[i].service = renamed[k].to;
                break;
            }
}

static bool is_enough(const struct kind *kind)
{
    return kind->traces - kind->lost >= ENOUGH;
}

bool lci_lost_is_incomplete(const struct lci_lost *l, uint64_t offset)
{
    size_t low = 0, high = l->record_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (l->records[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->record_count && l->records[low].offset == offset && is_enough(&l->kinds[l->records[low].kind]);
}

void lci_lost_tell(const struct lci_lost *l, const struct lc_symbols *symbols, struct lc_diag *diag)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct kind *k = &l->kinds[i];
        if (k->lost == 0)
            continue;
        lc_warn(diag, NULL, "%llu of %llu traces of '%s/%s' lost spans: %s", (unsigned long long)k->lost,
                (unsigned long long)k->traces, lc_symbol_text(symbols, k->service),
                lc_symbol_text(symbols, k->operation),
                is_enough(k) ? "only their arrivals count, nothing else is learned from them"
                             : "too few others are left, so all are learned from, and self times and calls of services "
                               "whose spans are missing are wrong");
    }
}
