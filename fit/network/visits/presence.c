/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "network/visits/presence.h"

#include "loadcast/base.h"

#include <stdlib.h>
#include <string.h>

/* The first instant that is not before the time: ⌈time / 2^shift⌉. Doubling the distance makes of it ⌈number / 2⌉. */
static int64_t instant_of(int64_t time, unsigned shift)
{
    return ((time - 1) >> shift) + 1;
}

/* Numbers of a damaged file may be too large: they wrap around. */
static int32_t sum(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

/* Makes instants twice as far apart. */
static void thin(struct lci_presence *p)
{
    const int64_t first = instant_of(p->first, 1), last = instant_of(p->first + (int64_t)p->count - 1, 1);
    for (size_t i = 0; i < p->count; i++) { /* never ahead of what is still to be read */
        const size_t to = (size_t)(instant_of(p->first + (int64_t)i, 1) - first);
        const int32_t change = p->changes[i];
        p->changes[i] = 0;
        p->changes[to] = sum(p->changes[to], change);
    }
    p->first = first;
    p->count = (size_t)(last - first) + 1;
    p->shift++;
}

/* Makes room for instants `from` to `to`, in units of `shift`, which is at least p->shift then. */
static void cover(struct lci_presence *p, int64_t from, int64_t to, unsigned shift)
{
    if (p->changes == NULL) {
        p->changes = lc_calloc(LCI_MOST_INSTANTS, sizeof *p->changes);
        p->shift = shift;
        p->first = from;
        p->count = 1;
    }
    while (p->shift < shift)
        thin(p);
    for (;;) {
        const int64_t first = from < p->first ? from : p->first, end = p->first + (int64_t)p->count;
        const int64_t last = to >= end ? to : end - 1;
        if (last - first < LCI_MOST_INSTANTS) {
            if (first < p->first)
                memmove(p->changes + (p->first - first), p->changes, p->count * sizeof *p->changes);
            memset(p->changes, 0, (size_t)(p->first - first) * sizeof *p->changes);
            p->first = first;
            p->count = (size_t)(last - first) + 1;
            return;
        }
        thin(p);
        from = instant_of(from, 1);
        to = instant_of(to, 1);
    }
}

void lci_presence_add(struct lci_presence *p, int64_t begin, int64_t end)
{
    cover(p, instant_of(begin, p->shift), instant_of(end, p->shift), p->shift);
    p->changes[instant_of(begin, p->shift) - p->first]++;
    p->changes[instant_of(end, p->shift) - p->first]--;
}

void lci_presence_count(struct lci_presence *p, int64_t time)
{
    cover(p, instant_of(time, p->shift), instant_of(time, p->shift), p->shift);
    p->changes[instant_of(time, p->shift) - p->first]++;
}

void lci_presence_merge(struct lci_presence *p, const struct lci_presence *other)
{
    if (other->count == 0)
        return;
    unsigned shift = other->shift;
    int64_t from = other->first, to = from + (int64_t)other->count - 1;
    for (; p->changes != NULL && shift < p->shift; shift++) {
        from = instant_of(from, 1);
        to = instant_of(to, 1);
    }
    cover(p, from, to, shift);
    for (size_t i = 0; i < other->count; i++) {
        int64_t instant = other->first + (int64_t)i;
        for (unsigned s = other->shift; s < p->shift; s++)
            instant = instant_of(instant, 1);
        int32_t *change = &p->changes[instant - p->first];
        *change = sum(*change, other->changes[i]);
    }
}

void lci_presence_free(struct lci_presence *p)
{
    free(p->changes);
    *p = (struct lci_presence){0};
}
