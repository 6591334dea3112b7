/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The calendar of pending events: a tournament (Knuth, vol. 3, 5.4.1). Each pending event is a leaf of a binary tree,
 * and every node above names the leaf of the earlier one of the two below it, so that the root names the next event.
 * Of two events at one time the one that was scheduled first is the earlier.
 *
 * The event that is taken leaves its leaf to the first one scheduled after it; the matches on the way from there to the
 * root are played again. Which nodes these are is known beforehand and does not depend on how the matches end: no
 * branch to guess, and all the memory can be fetched at once. That is why this beats heaps, whose every step waits for
 * the one before, and calendars of buckets; measured in docs/engine.md.
 *
 * There is no removal: an event is cancelled by its owner, who remembers the sequence number of the one that counts and
 * ignores the others when they come up.
 */
#ifndef LCI_CALENDAR_H
#define LCI_CALENDAR_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* For what is worth a copy wherever it is used: the compiler's own measure of size is against it. */
#define LCI_HOT __attribute__((always_inline)) static inline

#define LCI_NO_LEAF UINT32_MAX

struct lci_pending {
    uint32_t what;     /* of a free leaf: the next free leaf */
    uint32_t sequence; /* odd */
};

struct lci_calendar {
    uint64_t *time; /* of each leaf: the bits of a double ≥ 0, which sort as they are; of a free one: lci_never() */
    uint32_t *tree; /* leaves; from index 1: below i are 2 i and 2 i + 1; the last `leaves` name themselves */
    struct lci_pending *pending; /* of each leaf */
    uint32_t leaves;             /* any number: the tree need not be a full one */
    uint32_t free;               /* the first free leaf, or LCI_NO_LEAF */
    uint32_t taken;              /* the leaf of the event that was taken, or LCI_NO_LEAF */
    uint32_t sequence;
    uint32_t capacity; /* in leaves */
};
/* Memory for each of them. */
#define LCI_BYTES_A_LEAF (sizeof(uint64_t) + 2 * sizeof(uint32_t) + sizeof(struct lci_pending))

void lci_calendar_init(struct lci_calendar *c);
void lci_calendar_clear(struct lci_calendar *c); /* empties it, keeps the memory */
void lci_calendar_free(struct lci_calendar *c);
void lci_calendar_grow(struct lci_calendar *c); /* more leaves */

static inline double lci_calendar_time(const struct lci_calendar *c, uint32_t leaf)
{
    double time;
    memcpy(&time, &c->time[leaf], sizeof time);
    return time;
}

/* The time of a leaf without an event: later than all events, and another one for each leaf, so that matches between
 * them are decided by time as well. */
static inline uint64_t lci_never(uint32_t leaf)
{
    return UINT64_MAX - leaf;
}

static inline bool lci_is_earlier(const struct lci_calendar *c, uint32_t leaf, uint32_t other)
{
    if (__builtin_expect(c->time[leaf] == c->time[other], 0))
        return c->pending[leaf].sequence < c->pending[other].sequence;
    return c->time[leaf] < c->time[other];
}

/* The earlier one of two leaves becomes the first, with its time. True: both have the same time, nothing was changed.
 * Compilers make a branch of it, which is guessed wrong every other time. */
LCI_HOT bool lci_play(uint64_t *leaf, uint64_t *time, uint64_t other, uint64_t other_time)
{
#ifdef __x86_64__
    bool same;
    __asm__("cmp %[time], %[other_time]\n\t"
            "cmovb %[other], %[leaf]\n\t"
            "cmovb %[other_time], %[time]"
            : [leaf] "+&r"(*leaf), [time] "+r"(*time), "=@ccz"(same)
            : [other] "r"(other), [other_time] "r"(other_time));
    return same;
#else
    const bool same = other_time == *time, earlier = other_time < *time;
    *leaf = earlier ? other : *leaf;
    *time = earlier ? other_time : *time;
    return same;
#endif
}

/* Goes on with lci_calendar_replay() at the node `at`, where `leaf` and `other` have the same time. */
void lci_calendar_replay_tie(struct lci_calendar *c, uint64_t at, uint64_t leaf, uint64_t other);

/* The time of a leaf has changed: plays all matches up to the root again. */
LCI_HOT void lci_calendar_replay(struct lci_calendar *c, uint64_t leaf, uint64_t bits)
{
    uint32_t *const tree = c->tree;
    const uint64_t *const times = c->time;
    uint64_t at = c->leaves + leaf, beside, time = bits;
    while (beside = at ^ 1, (at >>= 1) != 0) {
        const uint64_t other = tree[beside];
        if (__builtin_expect(lci_play(&leaf, &time, other, times[other]), 0)) {
            lci_calendar_replay_tie(c, at, leaf, other);
            return;
        }
        tree[at] = (uint32_t)leaf;
    }
}

/* A leaf that was free has an event now: upwards as long as it wins. */
static inline void lci_calendar_enter(struct lci_calendar *c, uint32_t leaf)
{
    for (size_t at = ((size_t)c->leaves + leaf) / 2; at > 0; at /= 2) {
        const uint32_t before = c->tree[at]; /* the leaf itself, where there was no event below */
        if (before != leaf && !lci_is_earlier(c, leaf, before))
            break;
        c->tree[at] = leaf;
    }
}

LCI_HOT uint64_t lci_time_bits(double time)
{
    uint64_t bits;
    assert(time >= 0);
    memcpy(&bits, &time, sizeof bits);
    return bits;
}

/* Schedules `what` at `time` ≥ 0 in the place of an event that has not been taken, but comes next: its leaf is
 * lci_calendar_top(). */
LCI_HOT void lci_schedule_instead(struct lci_calendar *c, uint32_t leaf, double time, uint32_t what)
{
    const uint64_t bits = lci_time_bits(time);
    c->time[leaf] = bits;
    c->pending[leaf] = (struct lci_pending){what, c->sequence += 2};
    lci_calendar_replay(c, leaf, bits);
}

/* The same with the event that is there: it happens again. */
LCI_HOT void lci_schedule_again(struct lci_calendar *c, uint32_t leaf, double time)
{
    const uint64_t bits = lci_time_bits(time);
    c->time[leaf] = bits;
    c->pending[leaf].sequence = c->sequence += 2;
    lci_calendar_replay(c, leaf, bits);
}

/* Schedules `what` at `time` ≥ 0 and returns the event's sequence number (never 0). */
LCI_HOT uint32_t lci_schedule(struct lci_calendar *c, double time, uint32_t what)
{
    uint32_t leaf = c->taken;
    if (leaf != LCI_NO_LEAF) {
        c->taken = LCI_NO_LEAF;
        lci_schedule_instead(c, leaf, time, what);
        return c->sequence; /* always odd: 0 means none */
    }
    if (__builtin_expect(c->free == LCI_NO_LEAF, 0))
        lci_calendar_grow(c);
    leaf = c->free;
    c->free = c->pending[leaf].what;
    c->time[leaf] = lci_time_bits(time);
    c->pending[leaf] = (struct lci_pending){what, c->sequence += 2};
    lci_calendar_enter(c, leaf);
    return c->sequence;
}

static inline bool lci_calendar_is_empty(const struct lci_calendar *c)
{
    return (int64_t)c->time[c->tree[1]] < 0;
}

/* Makes the earliest event the root. */
LCI_HOT void lci_calendar_settle(struct lci_calendar *c)
{
    const uint32_t leaf = c->taken;
    if (leaf != LCI_NO_LEAF) {
        c->taken = LCI_NO_LEAF;
        c->time[leaf] = lci_never(leaf);
        lci_calendar_replay(c, leaf, lci_never(leaf));
        c->pending[leaf].what = c->free;
        c->free = leaf;
    }
}

/* After lci_calendar_settle(): the leaf of the earliest event, whose time is no number when there is none; and taking
 * it away. What it is about stays at its leaf until the next one is scheduled. */
static inline uint32_t lci_calendar_top(const struct lci_calendar *c)
{
    return c->tree[1];
}
static inline uint32_t lci_calendar_take(struct lci_calendar *c)
{
    return c->taken = c->tree[1];
}

#endif
