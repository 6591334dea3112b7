/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The calendar of pending events: a tournament (Knuth, vol. 3, 5.4.1). Each pending event is a leaf of a binary tree,
 * and every node above holds the earlier one of the two below it, so that the root is the next event.
 *
 * An event is a key of 128 bits: time (the bits of a non-negative double sort as they are), a sequence number that
 * breaks ties in order of scheduling, and in the tree the number of its leaf. Comparing keys is comparing integers.
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

typedef unsigned __int128 lci_event;

#define LCI_NO_EVENT (~(lci_event)0) /* later than every event */
#define LCI_NO_LEAF  UINT32_MAX

struct lci_calendar {
    lci_event *tree; /* from index 1: below i are 2 i and 2 i + 1; the leaves come last */
    uint32_t *what;  /* of each leaf; of a free one: the next free leaf */
    uint32_t leaves; /* any number: the tree need not be a full one */
    uint32_t free;   /* the first free leaf, or LCI_NO_LEAF */
    uint32_t taken;  /* the leaf of the event that was taken, or LCI_NO_LEAF */
    uint32_t sequence;
    uint32_t capacity; /* in leaves */
};

void lci_calendar_init(struct lci_calendar *c);
void lci_calendar_clear(struct lci_calendar *c); /* empties it, keeps the memory */
void lci_calendar_free(struct lci_calendar *c);
void lci_calendar_grow(struct lci_calendar *c); /* more leaves */

static inline double lci_event_time(lci_event event)
{
    const uint64_t bits = (uint64_t)(event >> 64);
    double time;
    memcpy(&time, &bits, sizeof time);
    return time;
}
static inline uint32_t lci_event_sequence(lci_event event)
{
    return (uint32_t)(event >> 32);
}
static inline uint32_t lci_event_leaf(lci_event event)
{
    return (uint32_t)event;
}

/* The earlier one of two events that are given in halves becomes the first. Compilers make a branch of it, which is
 * guessed wrong every other time. */
LCI_HOT void lci_play(uint64_t *late, uint64_t *early, uint64_t other_late, uint64_t other_early)
{
#ifdef __x86_64__
    uint64_t difference = other_early;
    __asm__("cmp %[late], %[other_late]\n\t"
            "sbb %[early], %[difference]\n\t"
            "cmovc %[other_late], %[late]\n\t"
            "cmovc %[other_early], %[early]"
            : [late] "+&r"(*late), [early] "+&r"(*early), [difference] "+&r"(difference)
            : [other_late] "r"(other_late), [other_early] "r"(other_early)
            : "cc");
#else
    const lci_event one = (lci_event)*early << 64 | *late, other = (lci_event)other_early << 64 | other_late;
    uint64_t mask = -(uint64_t)(other < one);
    __asm__("" : "+r"(mask)); /* keeps the compiler from seeing through it */
    *early ^= (*early ^ other_early) & mask;
    *late ^= (*late ^ other_late) & mask;
#endif
}

/* Puts `event` at a leaf and plays all matches up to the root again. Places are counted in bytes, which saves a shift
 * for every access. */
LCI_HOT void lci_calendar_replay(struct lci_calendar *c, uint32_t leaf, lci_event event)
{
    enum { SIZE = sizeof(lci_event) };
    char *const tree = (char *)c->tree;
    uint64_t early = (uint64_t)(event >> 64), late = (uint64_t)event;
    size_t at = (size_t)(c->leaves + leaf) * SIZE;
    while (at > SIZE) {
        *(lci_event *)(void *)(tree + at) = (lci_event)early << 64 | late;
        const lci_event other = *(const lci_event *)(const void *)(tree + (at ^ SIZE));
        lci_play(&late, &early, (uint64_t)other, (uint64_t)(other >> 64));
        at = at / 2 & ~(size_t)(SIZE - 1);
    }
    c->tree[1] = (lci_event)early << 64 | late;
}

/* Puts `event` at a leaf that was free, and upwards as long as it wins. */
static inline void lci_calendar_enter(struct lci_calendar *c, uint32_t leaf, lci_event event)
{
    for (uint32_t at = c->leaves + leaf; at > 0 && event < c->tree[at]; at /= 2)
        c->tree[at] = event;
}

/* Schedules `what` at `time` ≥ 0 and returns the event's sequence number (never 0). */
LCI_HOT uint32_t lci_schedule(struct lci_calendar *c, double time, uint32_t what)
{
    uint64_t bits;
    assert(time >= 0);
    memcpy(&bits, &time, sizeof bits);
    const uint32_t sequence = c->sequence += 2; /* always odd: 0 means none */
    const lci_event event = (lci_event)bits << 64 | (uint64_t)sequence << 32;
    uint32_t leaf = c->taken;
    if (leaf != LCI_NO_LEAF) {
        c->taken = LCI_NO_LEAF;
        lci_calendar_replay(c, leaf, event | leaf);
    } else {
        if (__builtin_expect(c->free == LCI_NO_LEAF, 0))
            lci_calendar_grow(c);
        leaf = c->free;
        c->free = c->what[leaf];
        lci_calendar_enter(c, leaf, event | leaf);
    }
    c->what[leaf] = what;
    return sequence;
}

/* Makes the earliest event the root; false when there is none. */
LCI_HOT bool lci_calendar_settle(struct lci_calendar *c)
{
    const uint32_t leaf = c->taken;
    if (leaf != LCI_NO_LEAF) {
        c->taken = LCI_NO_LEAF;
        lci_calendar_replay(c, leaf, LCI_NO_EVENT);
        c->what[leaf] = c->free;
        c->free = leaf;
    }
    return (uint64_t)(c->tree[1] >> 64) != UINT64_MAX;
}

/* After lci_calendar_settle(): the earliest event; and taking it away. What it is about stays at its leaf until the
 * next one is scheduled. */
static inline lci_event lci_calendar_top(const struct lci_calendar *c)
{
    return c->tree[1];
}
static inline lci_event lci_calendar_take(struct lci_calendar *c)
{
    c->taken = lci_event_leaf(c->tree[1]);
    return c->tree[1];
}

#endif
