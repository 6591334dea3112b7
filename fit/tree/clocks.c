/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/clocks.h"

#include <stdlib.h>
#include <string.h>

/* The most extreme samples of one bound, so that the wildest can be left out: a binary heap with the least extreme on
 * top. Larger values are more extreme. Exact as long as a pair has at most 1000 * MOST_EXTREMES samples. */
#define MOST_EXTREMES 1024

/* How far a pair may be off: wider than any real difference, small enough that sums of offsets cannot overflow. */
#define FAR ((int64_t)1 << 50)

struct extremes {
    int64_t *values;
    size_t count, capacity;
};

struct pair {
    lc_symbol caller, callee;                 /* clocks */
    lc_symbol caller_service, callee_service; /* of the first sample: whose resolution widens the bounds */
    uint64_t contained, others;               /* samples */
    uint64_t ended;                           /* of the contained: those that end before their answer */
    struct extremes low, high;                /* of contained calls: C.end - P.end, and -(C.start - P.start) */
    struct extremes start;                    /* of the others: -(C.start - P.start) */
    int64_t from, to, offset;                 /* results */
    bool consistent;
};

struct lci_clocks {
    struct pair *pairs;
    size_t count, capacity;
    uint32_t *table; /* pair + 1 by (caller, callee); 0: free */
    size_t mask;
    uint8_t *ticks; /* per service symbol: 0 not met, 1 ms, 2 µs, 3 finer */
    size_t tick_capacity;
    int64_t *offsets; /* per clock symbol */
    size_t offset_capacity;
};

struct lci_clocks *lci_clocks_new(void)
{
    struct lci_clocks *c = lc_calloc(1, sizeof *c);
    c->mask = 63;
    c->table = lc_calloc(c->mask + 1, sizeof *c->table);
    return c;
}

void lci_clocks_free(struct lci_clocks *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->count; i++) {
        free(c->pairs[i].low.values);
        free(c->pairs[i].high.values);
        free(c->pairs[i].start.values);
    }
    free(c->pairs);
    free(c->table);
    free(c->ticks);
    free(c->offsets);
    free(c);
}

lc_symbol lci_clock_of(const struct lc_span *span)
{
    return span->host != 0 ? span->host : span->instance != 0 ? span->instance : span->service;
}

/* ---- resolution -------------------------------------------------------------------------------------------------- */

void lci_clocks_span(struct lci_clocks *c, const struct lc_span *span)
{
    if (span->service >= c->tick_capacity) {
        const size_t old = c->tick_capacity;
        c->tick_capacity = (size_t)span->service + 64;
        c->ticks = lc_realloc(c->ticks, c->tick_capacity, 1);
        memset(c->ticks + old, 0, c->tick_capacity - old);
    }
    uint8_t *tick = &c->ticks[span->service];
    if (*tick == 3)
        return;
    const uint8_t seen = span->start % 1000 != 0 ? 3 : span->start % 1000000 != 0 ? 2 : 1;
    if (seen > *tick)
        *tick = seen;
}

int64_t lci_clock_tick(const struct lci_clocks *c, lc_symbol service)
{
    static const int64_t ns[] = {1, 1000000, 1000, 1};
    return ns[service < c->tick_capacity ? c->ticks[service] : 0];
}

/* ---- bounds of a pair -------------------------------------------------------------------------------------------- */

static void sift_down(int64_t *v, size_t count, size_t i)
{
    const int64_t value = v[i];
    for (size_t child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && v[child + 1] < v[child])
            child++;
        if (v[child] >= value)
            break;
        v[i] = v[child];
    }
    v[i] = value;
}

static void note(struct extremes *e, int64_t value)
{
    value = value < -FAR ? -FAR : value > FAR ? FAR : value;
    if (e->count == MOST_EXTREMES) {
        if (value > e->values[0]) {
            e->values[0] = value;
            sift_down(e->values, e->count, 0);
        }
        return;
    }
    LC_GROW(e->values, e->count, e->capacity);
    size_t i = e->count++;
    for (; i > 0 && e->values[(i - 1) / 2] > value; i = (i - 1) / 2)
        e->values[i] = e->values[(i - 1) / 2];
    e->values[i] = value;
}

static int descending(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

/* The bound without the most extreme thousandth of the samples, or at least one from 200 samples on. */
static int64_t robust(struct extremes *e, uint64_t samples)
{
    size_t dropped = samples >= 200 ? (size_t)(samples / 1000) : 0;
    if (samples >= 200 && dropped == 0)
        dropped = 1;
    qsort(e->values, e->count, sizeof *e->values, descending);
    return e->values[dropped < e->count ? dropped : e->count - 1];
}

static size_t slot_of(const struct lci_clocks *c, lc_symbol caller, lc_symbol callee)
{
    size_t slot = (((uint64_t)caller << 32 | callee) * 0x9E3779B97F4A7C15u >> 20) & c->mask;
    while (c->table[slot] != 0 &&
           (c->pairs[c->table[slot] - 1].caller != caller || c->pairs[c->table[slot] - 1].callee != callee))
        slot = (slot + 1) & c->mask;
    return slot;
}

static struct pair *pair_of(struct lci_clocks *c, lc_symbol caller, lc_symbol callee)
{
    size_t slot = slot_of(c, caller, callee);
    if (c->table[slot] != 0)
        return &c->pairs[c->table[slot] - 1];
    LC_GROW(c->pairs, c->count, c->capacity);
    c->pairs[c->count] = (struct pair){.caller = caller, .callee = callee};
    c->count++;
    if (2 * c->count > c->mask) {
        free(c->table);
        c->mask = 2 * c->mask + 1;
        c->table = lc_calloc(c->mask + 1, sizeof *c->table);
        for (size_t i = 0; i < c->count; i++)
            c->table[slot_of(c, c->pairs[i].caller, c->pairs[i].callee)] = (uint32_t)i + 1;
    } else {
        c->table[slot] = (uint32_t)c->count;
    }
    return &c->pairs[c->count - 1];
}

void lci_clocks_pair(struct lci_clocks *c, const struct lc_span *parent, const struct lc_span *child, bool contained)
{
    struct pair *p = pair_of(c, lci_clock_of(parent), lci_clock_of(child));
    if (p->contained + p->others == 0) {
        p->caller_service = parent->service;
        p->callee_service = child->service;
    }
    if (contained) {
        p->contained++;
        /* A server span that is longer than its client's goes on after the answer: its end tells nothing. */
        if (child->end - child->start <= parent->end - parent->start) {
            p->ended++;
            note(&p->low, child->end - parent->end);
        }
        note(&p->high, parent->start - child->start);
    } else {
        p->others++;
        note(&p->start, parent->start - child->start);
    }
}

/* ---- offsets ----------------------------------------------------------------------------------------------------- */

/* A written time may be up to a tick too early: that much the bounds are wider. Without client spans the end of a call
 * is no evidence, because it may be fire-and-forget: the clock is moved only where calls would begin before their
 * caller, by no more than is needed. */
static void bound(struct lci_clocks *c, struct pair *p)
{
    if (p->contained > 0) {
        p->from = p->ended > 0 ? robust(&p->low, p->ended) - lci_clock_tick(c, p->caller_service) : -FAR;
        p->to = -robust(&p->high, p->contained) + lci_clock_tick(c, p->callee_service);
    } else {
        p->from = -FAR;
        p->to = -robust(&p->start, p->others) + lci_clock_tick(c, p->callee_service);
    }
    p->consistent = p->from <= p->to;
    if (p->from <= 0 && 0 <= p->to)
        p->offset = 0;
    else if (p->from == -FAR)
        p->offset = p->to;
    else
        p->offset = p->from + (p->to - p->from) / 2;
}

struct ranked {
    int64_t width;
    size_t index;
};

static int by_width(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->width != y->width)
        return x->width < y->width ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* A forest over the clocks: each knows its offset from its parent's. */
struct forest {
    lc_symbol *parent;
    int64_t *above;
};

static lc_symbol root_of(const struct forest *f, lc_symbol clock, int64_t *offset)
{
    *offset = 0;
    while (f->parent[clock] != clock) {
        *offset += f->above[clock];
        clock = f->parent[clock];
    }
    return clock;
}

/* The pairs that are known best connect the clocks first; what they imply for other pairs stands. A consistent pair
 * comes before every inconsistent one. */
static void propagate(struct lci_clocks *c, lc_symbol clocks)
{
    struct ranked *ranked = lc_calloc(c->count, sizeof *ranked);
    struct forest f = {lc_calloc(clocks, sizeof *f.parent), lc_calloc(clocks, sizeof *f.above)};
    uint32_t *size = lc_calloc(clocks, sizeof *size);
    for (lc_symbol i = 0; i < clocks; i++) {
        f.parent[i] = i;
        size[i] = 1;
    }
    for (size_t i = 0; i < c->count; i++)
        ranked[i] = (struct ranked){c->pairs[i].consistent ? c->pairs[i].to - c->pairs[i].from : INT64_MAX, i};
    qsort(ranked, c->count, sizeof *ranked, by_width);
    for (size_t i = 0; i < c->count; i++) {
        const struct pair *p = &c->pairs[ranked[i].index];
        int64_t a, b;
        const lc_symbol caller = root_of(&f, p->caller, &a), callee = root_of(&f, p->callee, &b);
        if (caller == callee)
            continue;
        const int64_t offset = a + p->offset - b; /* of the callee's root from the caller's */
        if (size[caller] >= size[callee]) {       /* the smaller tree goes below: paths stay short */
            f.parent[callee] = caller;
            f.above[callee] = offset;
            size[caller] += size[callee];
        } else {
            f.parent[caller] = callee;
            f.above[caller] = -offset;
            size[callee] += size[caller];
        }
    }
    for (lc_symbol i = 0; i < clocks; i++)
        root_of(&f, i, &c->offsets[i]);
    free(size);
    free(ranked);
    free(f.parent);
    free(f.above);
}

void lci_clocks_finish(struct lci_clocks *c, const struct lc_symbols *symbols, struct lc_diag *diag)
{
    lc_symbol most = 0;
    for (size_t i = 0; i < c->count; i++) {
        struct pair *p = &c->pairs[i];
        bound(c, p);
        most = p->caller > most ? p->caller : most;
        most = p->callee > most ? p->callee : most;
        if (!p->consistent)
            lc_warn(diag, NULL,
                    "the clocks of '%s' and '%s' contradict each other by %.3f ms (drift?); their difference is taken "
                    "as %.3f ms, durations are not affected",
                    lc_symbol_text(symbols, p->caller), lc_symbol_text(symbols, p->callee),
                    (double)(p->from - p->to) * 1e-6, (double)p->offset * 1e-6);
    }
    c->offset_capacity = (size_t)most + 1;
    c->offsets = lc_calloc(c->offset_capacity, sizeof *c->offsets);
    if (c->count > 0)
        propagate(c, most + 1);
}

int64_t lci_clock_offset(const struct lci_clocks *c, lc_symbol clock)
{
    return clock < c->offset_capacity ? c->offsets[clock] : 0;
}

int64_t lci_clock_doubt(const struct lci_clocks *c, lc_symbol caller, lc_symbol callee)
{
    if (caller == callee)
        return 0;
    const uint32_t index = c->table[slot_of(c, caller, callee)];
    if (index == 0)
        return 0;
    const struct pair *p = &c->pairs[index - 1];
    return p->consistent && p->from > -FAR ? (p->to - p->from) / 2 : 0;
}

struct lc_clock_offset *lci_clocks_list(const struct lci_clocks *c, size_t *count)
{
    struct lc_clock_offset *list = lc_calloc(c->count + 1, sizeof *list);
    *count = c->count;
    for (size_t i = 0; i < c->count; i++) {
        const struct pair *p = &c->pairs[i];
        list[i] = (struct lc_clock_offset){.caller = p->caller,
                                           .callee = p->callee,
                                           .offset = lci_clock_offset(c, p->callee) - lci_clock_offset(c, p->caller),
                                           .low = p->from > -FAR ? p->from : INT64_MIN,
                                           .high = p->to,
                                           .samples = p->contained + p->others,
                                           .consistent = p->consistent};
    }
    return list;
}
