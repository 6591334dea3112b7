/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The calendar of pending events: a binary heap of what is near, buckets of what is far.
 *
 * An event is a key of 128 bits: time (the bits of a non-negative double sort as they are), a sequence number that
 * breaks ties in order of scheduling, and what happens. Comparing keys is comparing integers, without a branch.
 *
 * While few events are pending the heap holds all of them. Above LCI_FEW they are spread over buckets of equal width, a
 * few in each; the heap then holds only what lies before the bucket at `cursor`, and takes in the next bucket when it
 * runs empty. Whatever the distribution of times, no operation costs more than one of a plain heap, so that there is no
 * bad case to guard against; where times are spread evenly the cost does not grow with the number of events. What lies
 * beyond the last bucket waits in `beyond` until the buckets are laid out anew.
 *
 * An event is taken by leaving a hole at the top, which the first event scheduled then fills: one sift instead of two.
 *
 * There is no removal: an event is cancelled by its owner, who remembers the sequence number of the one that counts and
 * ignores the others when they come up.
 */
#ifndef LCI_CALENDAR_H
#define LCI_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* For what is worth a copy wherever it is used: the compiler's own measure of size is against it. */
#define LCI_HOT __attribute__((always_inline)) static inline

typedef unsigned __int128 lci_event;

#define LCI_FEW 96 /* so many pending events are left to the heap alone; measured, see docs/engine.md */

struct lci_far { /* an event in a bucket; in halves, which makes it 24 bytes and not 32 */
    uint64_t time;
    uint64_t rest; /* 0: the record is free */
    uint32_t next; /* 1 + index of the next one in the bucket, 0: none */
};

struct lci_calendar {
    lci_event *heap; /* from index 1, so that the children of i are 2 i and 2 i + 1 */
    uint32_t count;  /* in the heap, the hole included */
    bool hole;       /* the top has been taken */
    uint32_t capacity;
    uint32_t sequence;
    /* An event at time t belongs to the heap when (t − base) · scale < cursor, else to bucket ⌊(t − base) · scale⌋. */
    double base, scale, cursor;
    uint32_t bucket_count; /* 0: the heap holds everything */
    uint32_t bucket_capacity;
    uint32_t *buckets; /* 1 + index of the first event, 0: none */
    struct lci_far *far;
    uint32_t far_used, far_capacity, far_free; /* far_free: as `next` */
    uint32_t far_count;                        /* in buckets and beyond */
    uint32_t beyond; /* heads those behind the last bucket; they are found by going through `far`, never by this */
};

void lci_calendar_init(struct lci_calendar *c);
void lci_calendar_clear(struct lci_calendar *c); /* empties it, keeps the memory */
void lci_calendar_free(struct lci_calendar *c);

/* Out of line: the heap is full, the event is far, the heap is empty. */
void lci_calendar_put_crowded(struct lci_calendar *c, lci_event event);
void lci_calendar_put_far(struct lci_calendar *c, lci_event event, double place);
bool lci_calendar_refill(struct lci_calendar *c);

static inline double lci_event_time(lci_event event)
{
    const uint64_t bits = (uint64_t)(event >> 64);
    double time;
    memcpy(&time, &bits, sizeof time);
    return time;
}
static inline uint32_t lci_event_sequence(lci_event event)
{
    return (uint32_t)((uint64_t)event >> 32);
}
static inline uint32_t lci_event_what(lci_event event)
{
    return (uint32_t)event;
}

/* Puts `event` into the hole at `at`, below which the heap is in order. */
static inline void lci_heap_sift_down(lci_event *heap, uint32_t count, uint32_t at, lci_event event)
{
    uint32_t child;
    while ((child = 2 * at) < count) {
        child += heap[child + 1] < heap[child];
        if (event <= heap[child])
            break;
        heap[at] = heap[child];
        at = child;
    }
    if (child == count && heap[child] < event) {
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = event;
}

static inline void lci_heap_sift_up(lci_event *heap, uint32_t at, lci_event event)
{
    for (; at > 1 && event < heap[at / 2]; at /= 2)
        heap[at] = heap[at / 2];
    heap[at] = event;
}

/* Schedules `what` at `time` ≥ 0 and returns the event's sequence number (never 0). */
LCI_HOT uint32_t lci_schedule(struct lci_calendar *c, double time, uint32_t what)
{
    uint64_t bits;
    memcpy(&bits, &time, sizeof bits);
    uint32_t sequence = c->sequence + 1;
    sequence += sequence == 0; /* 0 means none */
    c->sequence = sequence;
    const lci_event event = (lci_event)bits << 64 | (uint64_t)sequence << 32 | what;
    const double place = (time - c->base) * c->scale;
    if (__builtin_expect(place >= c->cursor, 0)) {
        lci_calendar_put_far(c, event, place);
    } else if (c->hole) {
        c->hole = false;
        lci_heap_sift_down(c->heap, c->count, 1, event);
    } else if (__builtin_expect(c->count + 1 < c->capacity, 1)) {
        lci_heap_sift_up(c->heap, ++c->count, event);
    } else {
        lci_calendar_put_crowded(c, event);
    }
    return sequence;
}

/* Makes the earliest event the top of the heap; false when there is none. */
static inline bool lci_calendar_settle(struct lci_calendar *c)
{
    if (c->hole) {
        c->hole = false;
        const lci_event last = c->heap[c->count--];
        if (c->count > 0)
            lci_heap_sift_down(c->heap, c->count, 1, last);
    }
    return __builtin_expect(c->count > 0, 1) || lci_calendar_refill(c);
}

/* After lci_calendar_settle(): the earliest event, and taking it away. */
static inline lci_event lci_calendar_top(const struct lci_calendar *c)
{
    return c->heap[1];
}
static inline void lci_calendar_take(struct lci_calendar *c)
{
    c->hole = true;
}

#endif
