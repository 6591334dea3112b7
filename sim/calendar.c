/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calendar.h"

#include "loadcast/base.h"

#include <stdlib.h>

#define FEWEST 1    /* leaves */
#define MANY   1024 /* leaves, beyond which memory counts for more than paths of equal length */

/* All leaves free. */
static void empty(struct lci_calendar *c, uint32_t leaves)
{
    c->leaves = leaves;
    memset(c->tree, 0xff, 2 * (size_t)leaves * sizeof *c->tree);
    for (uint32_t i = 0; i < leaves; i++)
        c->what[i] = i + 1 < leaves ? i + 1 : LCI_NO_LEAF;
    c->free = 0;
    c->taken = LCI_NO_LEAF;
}

static void reserve(struct lci_calendar *c, uint32_t leaves)
{
    c->tree = lc_realloc(c->tree, 2 * (size_t)leaves, sizeof *c->tree);
    c->what = lc_realloc(c->what, leaves, sizeof *c->what);
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
    free(c->tree);
    free(c->what);
    *c = (struct lci_calendar){0};
}

/* Leaves keep their numbers and move to the end of the longer tree; called when none is free. */
void lci_calendar_grow(struct lci_calendar *c)
{
    const uint32_t before = c->leaves, leaves = before + (before < MANY ? before : before / 4);
    if (leaves > c->capacity)
        reserve(c, leaves);
    memmove(c->tree + leaves, c->tree + before, before * sizeof *c->tree);
    memset(c->tree + leaves + before, 0xff, (leaves - before) * sizeof *c->tree);
    for (uint32_t i = leaves - 1; i > 0; i--)
        c->tree[i] = c->tree[2 * i] < c->tree[2 * i + 1] ? c->tree[2 * i] : c->tree[2 * i + 1];
    for (uint32_t i = before; i < leaves; i++)
        c->what[i] = i + 1 < leaves ? i + 1 : LCI_NO_LEAF;
    c->free = before;
    c->leaves = leaves;
}
