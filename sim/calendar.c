/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calendar.h"

#include "loadcast/base.h"

#include <math.h>
#include <stdlib.h>

#define PER_BUCKET 2.0 /* events in a bucket, about; measured, see docs/engine.md */
#define AHEAD      8   /* buckets */

void lci_calendar_init(struct lci_calendar *c)
{
    *c = (struct lci_calendar){.capacity = LCI_FEW + 2};
    c->heap = lc_alloc(c->capacity * sizeof *c->heap);
    lci_calendar_clear(c);
}

/* Everything is near. */
static void heap_only(struct lci_calendar *c)
{
    c->base = 0;
    c->scale = 0;
    c->cursor = 1;
    c->bucket_count = 0;
}

void lci_calendar_clear(struct lci_calendar *c)
{
    c->count = 0;
    c->hole = false;
    c->sequence = 0;
    c->far_used = c->far_free = c->far_count = c->beyond = 0;
    heap_only(c);
}

void lci_calendar_free(struct lci_calendar *c)
{
    free(c->heap);
    free(c->buckets);
    free(c->far);
    *c = (struct lci_calendar){0};
}

static void push(struct lci_calendar *c, lci_event event, uint32_t *bucket)
{
    uint32_t at = c->far_free;
    if (at != 0) {
        c->far_free = c->far[at - 1].next;
    } else {
        if (c->far_used == c->far_capacity) {
            c->far_capacity += c->far_capacity / 4 + 256;
            c->far = lc_realloc(c->far, c->far_capacity, sizeof *c->far);
        }
        at = ++c->far_used;
    }
    c->far[at - 1] = (struct lci_far){(uint64_t)(event >> 64), (uint64_t)event, *bucket};
    *bucket = at;
    c->far_count++;
}

static lci_event event_of(const struct lci_far *far)
{
    return (lci_event)far->time << 64 | far->rest;
}

static void heap_push(struct lci_calendar *c, lci_event event)
{
    if (c->count + 1 >= c->capacity) {
        c->capacity *= 2;
        c->heap = lc_realloc(c->heap, c->capacity, sizeof *c->heap);
    }
    lci_heap_sift_up(c->heap, ++c->count, event);
}

/* Moves the events to the front of `far`, in one sweep through memory: following them from one to the next costs a
 * cache miss each. All of them are beyond the buckets, which are empty when this is called. */
static void compact(struct lci_calendar *c)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->far_used; i++)
        if (c->far[i].rest != 0)
            c->far[kept++] = c->far[i];
    c->far_used = kept;
    c->far_free = c->beyond = 0;
}

/* Chooses the buckets: they start at the earliest event and reach twice as far as the mean, so that a long tail does
 * not make the buckets wide; what lies behind waits for the next layout. */
static void choose_buckets(struct lci_calendar *c)
{
    double sum = 0, first = INFINITY;
    for (uint32_t i = 0; i < c->far_used; i++) {
        const double time = lci_event_time(event_of(&c->far[i]));
        sum += time;
        first = time < first ? time : first;
    }
    const double reach = 2 * (sum / c->far_count - first);
    uint32_t wanted = 16;
    while (wanted < c->far_count / PER_BUCKET && wanted < 1u << 28)
        wanted *= 2;
    c->base = first;
    c->scale = reach > 0 ? wanted / reach : 0;
    if (!(isfinite(c->scale) && c->scale > 0))
        c->scale = 1; /* all at one time: the first bucket takes them */
    c->bucket_count = wanted;
    c->cursor = 0;
    if (wanted > c->bucket_capacity) {
        c->buckets = lc_realloc(c->buckets, wanted, sizeof *c->buckets);
        c->bucket_capacity = wanted;
    }
    memset(c->buckets, 0, wanted * sizeof *c->buckets);
}

static uint32_t *bucket_at(struct lci_calendar *c, double place)
{
    return place < c->bucket_count ? &c->buckets[(uint32_t)place] : &c->beyond;
}

void lci_calendar_put_far(struct lci_calendar *c, lci_event event, double place)
{
    push(c, event, bucket_at(c, place));
}

/* Spreads the events over new buckets, or gives them to the heap when they are few. */
static void lay_out(struct lci_calendar *c)
{
    compact(c);
    if (c->far_count <= LCI_FEW / 2) {
        heap_only(c);
        for (uint32_t i = 0; i < c->far_used; i++)
            heap_push(c, event_of(&c->far[i]));
        c->far_used = c->far_count = 0;
        return;
    }
    choose_buckets(c);
    for (uint32_t i = 0; i < c->far_used; i++) {
        struct lci_far *far = &c->far[i];
        uint32_t *bucket = bucket_at(c, (lci_event_time(event_of(far)) - c->base) * c->scale);
        far->next = *bucket;
        *bucket = i + 1;
    }
}

/* Events of a bucket are anywhere in memory: those of the buckets to come are fetched meanwhile, the first of each
 * AHEAD buckets before it is needed, the second when the first has arrived. */
static void fetch_ahead(const struct lci_calendar *c, uint32_t index)
{
    if (index + AHEAD >= c->bucket_count)
        return;
    const uint32_t first = c->buckets[index + AHEAD], soon = c->buckets[index + AHEAD / 2];
    if (first != 0)
        __builtin_prefetch(&c->far[first - 1]);
    if (soon != 0 && c->far[soon - 1].next != 0)
        __builtin_prefetch(&c->far[c->far[soon - 1].next - 1]);
}

/* Moves the bucket at `cursor` to the heap. */
static void take_bucket(struct lci_calendar *c)
{
    const uint32_t index = (uint32_t)c->cursor;
    uint32_t at = c->buckets[index];
    fetch_ahead(c, index);
    c->buckets[index] = 0;
    c->cursor++;
    while (at != 0) {
        struct lci_far *far = &c->far[at - 1];
        const uint32_t next = far->next;
        heap_push(c, event_of(far));
        far->rest = 0;
        far->next = c->far_free;
        c->far_free = at;
        c->far_count--;
        at = next;
    }
}

bool lci_calendar_refill(struct lci_calendar *c)
{
    while (c->count == 0) {
        if (c->far_count == 0) {
            if (c->bucket_count != 0)
                heap_only(c);
            return false;
        }
        if (c->cursor < c->bucket_count)
            take_bucket(c);
        else
            lay_out(c);
    }
    return true;
}

/* The heap is full. Without buckets it gives everything away, to get back what is near; with them it grows. */
void lci_calendar_put_crowded(struct lci_calendar *c, lci_event event)
{
    if (c->bucket_count != 0 || c->count < LCI_FEW) {
        heap_push(c, event);
        return;
    }
    for (uint32_t i = 1; i <= c->count; i++)
        push(c, c->heap[i], &c->beyond);
    push(c, event, &c->beyond);
    c->count = 0;
    lay_out(c);
    lci_calendar_refill(c);
}
