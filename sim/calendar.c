/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calendar.h"

#include "loadcast/base.h"

#include <math.h>
#include <stdlib.h>

#define PER_BUCKET 2.0 /* events in a bucket, about; measured, see docs/engine.md */

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
            c->far_capacity = c->far_capacity ? 2 * c->far_capacity : 256;
            c->far = lc_realloc(c->far, c->far_capacity, sizeof *c->far);
        }
        at = ++c->far_used;
    }
    c->far[at - 1] = (struct lci_far){event, *bucket};
    *bucket = at;
    c->far_count++;
}

static void heap_push(struct lci_calendar *c, lci_event event)
{
    if (c->count + 1 >= c->capacity) {
        c->capacity *= 2;
        c->heap = lc_realloc(c->heap, c->capacity, sizeof *c->heap);
    }
    lci_heap_sift_up(c->heap, ++c->count, event);
}

void lci_calendar_put_far(struct lci_calendar *c, lci_event event, double place)
{
    push(c, event, place < c->bucket_count ? &c->buckets[(uint32_t)place] : &c->beyond);
}

/* Chooses the buckets for the events in `beyond`: they start at the earliest one and reach twice as far as the mean, so
 * that a long tail does not make the buckets wide; what lies behind waits for the next layout. */
static void choose_buckets(struct lci_calendar *c)
{
    double sum = 0, first = INFINITY;
    for (uint32_t at = c->beyond; at != 0; at = c->far[at - 1].next) {
        const double time = lci_event_time(c->far[at - 1].event);
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

/* Spreads the events in `beyond` over new buckets, or gives them to the heap when they are few. */
static void lay_out(struct lci_calendar *c)
{
    uint32_t at = c->beyond;
    if (c->far_count <= LCI_FEW / 2) {
        heap_only(c);
        for (; at != 0; at = c->far[at - 1].next)
            heap_push(c, c->far[at - 1].event);
        c->far_used = c->far_free = c->far_count = c->beyond = 0;
        return;
    }
    choose_buckets(c);
    c->beyond = 0;
    while (at != 0) {
        struct lci_far *far = &c->far[at - 1];
        const uint32_t next = far->next;
        const double place = (lci_event_time(far->event) - c->base) * c->scale;
        uint32_t *bucket = place < c->bucket_count ? &c->buckets[(uint32_t)place] : &c->beyond;
        far->next = *bucket;
        *bucket = at;
        at = next;
    }
}

/* Moves the bucket at `cursor` to the heap. */
static void take_bucket(struct lci_calendar *c)
{
    const uint32_t index = (uint32_t)c->cursor;
    uint32_t at = c->buckets[index];
    if (index + 1 < c->bucket_count && c->buckets[index + 1] != 0) /* far apart in memory: fetched meanwhile */
        __builtin_prefetch(&c->far[c->buckets[index + 1] - 1]);
    c->buckets[index] = 0;
    c->cursor++;
    while (at != 0) {
        struct lci_far *far = &c->far[at - 1];
        const uint32_t next = far->next;
        heap_push(c, far->event);
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
