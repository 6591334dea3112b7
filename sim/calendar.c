/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calendar.h"

#include "loadcast/base.h"

#include <stdlib.h>

#define FEWEST 1    /* leaves */
#define MANY   1024 /* leaves, beyond which memory counts for more than paths of equal length */

/* The leaves from `first` on are free, and the first of the list of those that are. */
static void add_free(struct lci_calendar *c, uint32_t first)
{
    for (uint32_t i = first; i < c->leaves; i++) {
        c->time[i] = lci_never(i);
        c->pending[i].what = i + 1 < c->leaves ? i + 1 : LCI_NO_LEAF;
    }
    c->free = first;
}

/* Plays all matches. */
static void play(struct lci_calendar *c)
{
    for (uint32_t i = 0; i < c->leaves; i++)
        c->tree[c->leaves + i] = i;
    for (uint32_t i = c->leaves - 1; i > 0; i--) {
        const uint32_t one = c->tree[2 * i], other = c->tree[2 * i + 1];
        c->tree[i] = lci_is_earlier(c, other, one) ? other : one;
    }
}

static void empty(struct lci_calendar *c, uint32_t leaves)
{
    c->leaves = leaves;
    c->taken = LCI_NO_LEAF;
    add_free(c, 0);
    play(c);
}

static void reserve(struct lci_calendar *c, uint32_t leaves)
{
    c->time = lc_realloc(c->time, leaves, sizeof *c->time);
    c->tree = lc_realloc(c->tree, 2 * (size_t)leaves, sizeof *c->tree);
    c->pending = lc_realloc(c->pending, leaves, sizeof *c->pending);
    c->capacity = leaves;
}

void lci_calendar_init(struct lci_calendar *c)
{
    *c = (struct lci_calendar){.sequence = 1};
    reserve(c, FEWEST);
    empty(c, FEWEST);
}

void lci_calendar_clear(struct lci_calendar *c)
{
    c->sequence = 1;
    empty(c, FEWEST);
}

void lci_calendar_free(struct lci_calendar *c)
{
    free(c->time);
    free(c->tree);
    free(c->pending);
    *c = (struct lci_calendar){0};
}

/* Leaves keep their numbers; called when none is free. */
void lci_calendar_grow(struct lci_calendar *c)
{
    const uint32_t before = c->leaves;
    c->leaves = before + (before < MANY ? before : before / 4);
    if (c->leaves > c->capacity)
        reserve(c, c->leaves);
    add_free(c, before);
    play(c);
}

void lci_calendar_replay_tie(struct lci_calendar *c, uint64_t at, uint64_t leaf, uint64_t other)
{
    while (true) {
        if (lci_is_earlier(c, (uint32_t)other, (uint32_t)leaf))
            leaf = other;
        c->tree[at] = (uint32_t)leaf;
        if (at == 1)
            return;
        other = c->tree[at ^ 1];
        at /= 2;
    }
}
