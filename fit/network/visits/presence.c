/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "network/visits/presence.h"

#include "loadcast/base.h"

#include <assert.h>
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

#define MOST_FEW (LCI_MOST_INSTANTS * sizeof(int32_t) / sizeof(struct lci_change))

static int64_t halved(int64_t instant, unsigned times)
{
    for (; times > 0; times--)
        instant = instant_of(instant, 1);
    return instant;
}

static void spread(const struct lci_presence *p, int32_t *changes)
{
    for (size_t i = 0; i < p->few_count; i++) {
        const struct lci_change *few = &p->few[i];
        int32_t *change = &changes[halved(few->instant, p->shift - few->shift) - p->first];
        *change = sum(*change, few->by);
    }
}

/* At an instant that is covered. */
static void change(struct lci_presence *p, int64_t instant, int32_t by)
{
    if (p->changes == NULL && p->few_count == MOST_FEW) {
        p->changes = lc_calloc(LCI_MOST_INSTANTS, sizeof *p->changes);
        spread(p, p->changes);
        free(p->few);
        p->few = NULL;
        p->few_count = p->few_capacity = 0;
    }
    if (p->changes != NULL) {
        p->changes[instant - p->first] = sum(p->changes[instant - p->first], by);
        return;
    }
    LC_GROW(p->few, p->few_count, p->few_capacity);
    p->few[p->few_count++] = (struct lci_change){instant, by, p->shift};
}

const int32_t *lci_presence_changes(const struct lci_presence *p, int32_t *scratch)
{
    if (p->changes != NULL)
        return p->changes;
    memset(scratch, 0, p->count * sizeof *scratch);
    spread(p, scratch);
    return scratch;
}

/* Makes instants twice as far apart. */
static void thin(struct lci_presence *p)
{
    const int64_t first = instant_of(p->first, 1), last = instant_of(p->first + (int64_t)p->count - 1, 1);
    for (size_t i = 0; p->changes != NULL && i < p->count; i++) { /* never ahead of what is still to be read */
        const size_t to = (size_t)(instant_of(p->first + (int64_t)i, 1) - first);
        assert(to <= i);
        const int32_t by = p->changes[i];
        p->changes[i] = 0;
        p->changes[to] = sum(p->changes[to], by);
    }
    p->first = first;
    p->count = (size_t)(last - first) + 1;
    p->shift++;
}

/* Makes room before the first instant. */
static void begin_at(struct lci_presence *p, int64_t first)
{
    const size_t before = (size_t)(p->first - first);
    if (p->changes != NULL && before > 0) {
        memmove(p->changes + before, p->changes, p->count * sizeof *p->changes);
        memset(p->changes, 0, before * sizeof *p->changes);
    }
    p->first = first;
}

/* Makes room for instants `from` to `to`, in units of `shift`, which is at least p->shift then. */
static void cover(struct lci_presence *p, int64_t from, int64_t to, unsigned shift)
{
    assert(from <= to && (p->count == 0 || shift >= p->shift));
    if (p->count == 0) {
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
            begin_at(p, first);
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
    change(p, instant_of(begin, p->shift), 1);
    change(p, instant_of(end, p->shift), -1);
}

void lci_presence_count(struct lci_presence *p, int64_t time)
{
    cover(p, instant_of(time, p->shift), instant_of(time, p->shift), p->shift);
    change(p, instant_of(time, p->shift), 1);
}

void lci_presence_merge(struct lci_presence *p, const struct lci_presence *other)
{
    if (other->count == 0)
        return;
    unsigned shift = other->shift;
    int64_t from = other->first, to = from + (int64_t)other->count - 1;
    for (; p->count > 0 && shift < p->shift; shift++) {
        from = instant_of(from, 1);
        to = instant_of(to, 1);
    }
    cover(p, from, to, shift);
    int32_t scratch[LCI_MOST_INSTANTS];
    const int32_t *changes = lci_presence_changes(other, scratch);
    for (size_t i = 0; i < other->count; i++)
        if (changes[i] != 0)
            change(p, halved(other->first + (int64_t)i, p->shift - other->shift), changes[i]);
}

void lci_presence_free(struct lci_presence *p)
{
    free(p->changes);
    free(p->few);
    *p = (struct lci_presence){0};
}
