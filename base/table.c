/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/table.h"

#include "loadcast/base.h"

#include <assert.h>
#include <stdlib.h>

#define SMALLEST 16

static void enter(const struct lci_table *table, struct lci_table_slot element)
{
    size_t slot = element.hash & (table->size - 1);
    while (table->slots[slot].at != 0)
        slot = (slot + 1) & (table->size - 1);
    table->slots[slot] = element;
}

static void grow(struct lci_table *table)
{
    struct lci_table larger = {.size = table->size > 0 ? 2 * table->size : SMALLEST, .count = table->count};
    larger.capacity = larger.size;
    larger.slots = lc_calloc(larger.size, sizeof *larger.slots);
    for (size_t i = 0; i < table->size; i++)
        if (table->slots[i].at != 0)
            enter(&larger, table->slots[i]);
    free(table->slots);
    *table = larger;
}

void lci_table_add(struct lci_table *table, uint32_t hash, size_t at)
{
    assert(at < LCI_ABSENT);
    if (2 * (table->count + 1) > table->size)
        grow(table);
    enter(table, (struct lci_table_slot){hash, (uint32_t)at + 1});
    table->count++;
}

static size_t slot_of(const struct lci_table *table, uint32_t hash, size_t at)
{
    size_t slot = hash & (table->size - 1);
    while (table->slots[slot].at != at + 1) {
        assert(table->slots[slot].at != 0);
        slot = (slot + 1) & (table->size - 1);
    }
    return slot;
}

void lci_table_replace(struct lci_table *table, uint32_t hash, size_t old, size_t at)
{
    table->slots[slot_of(table, hash, old)].at = (uint32_t)at + 1;
}

void lci_table_remove(struct lci_table *table, uint32_t hash, size_t at)
{
    const size_t mask = table->size - 1;
    size_t hole = slot_of(table, hash, at);
    /* Those behind it move up unless they stand where they belong, so that no search ends at the hole. */
    for (size_t slot = (hole + 1) & mask; table->slots[slot].at != 0; slot = (slot + 1) & mask) {
        const size_t wanted = table->slots[slot].hash & mask;
        if (((slot - wanted) & mask) >= ((slot - hole) & mask)) {
            table->slots[hole] = table->slots[slot];
            hole = slot;
        }
    }
    table->slots[hole] = (struct lci_table_slot){0, 0};
    table->count--;
}

void lci_table_clear(struct lci_table *table, size_t expected)
{
    size_t size = SMALLEST;
    while (size < 2 * expected)
        size *= 2;
    if (size > table->capacity) {
        free(table->slots);
        table->slots = lc_alloc(size * sizeof *table->slots);
        table->capacity = size;
    }
    memset(table->slots, 0, size * sizeof *table->slots);
    table->size = size;
    table->count = 0;
}

void lci_table_free(struct lci_table *table)
{
    free(table->slots);
    *table = (struct lci_table){0};
}
