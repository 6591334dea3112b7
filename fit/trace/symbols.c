/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "loadcast/trace.h"

#include <stdlib.h>
#include <string.h>

/* Texts lie in chunks that never move, so that the pointers given out stay valid. An open-addressing table of symbols
 * finds them by hash. */
#define CHUNK (64u * 1024)

struct entry {
    const char *text;
    uint32_t length, hash;
};

struct lc_symbols {
    struct entry *entries; /* [0] is the empty text */
    size_t count, capacity;
    uint32_t *table; /* symbol, 0: free */
    size_t mask;
    char **chunks;
    size_t chunk_count, chunk_capacity, chunk_used, chunk_size;
};

static uint32_t hash_of(const char *text, size_t length)
{
    uint64_t h = 0x9E3779B97F4A7C15u ^ length;
    while (length >= 8) {
        uint64_t word;
        memcpy(&word, text, 8);
        h = (h ^ word) * 0xFF51AFD7ED558CCDu;
        h ^= h >> 32;
        text += 8;
        length -= 8;
    }
    uint64_t rest = 0;
    memcpy(&rest, text, length);
    h = (h ^ rest) * 0xC4CEB9FE1A85EC53u;
    return (uint32_t)(h ^ (h >> 32));
}

struct lc_symbols *lc_symbols_new(void)
{
    struct lc_symbols *s = lc_calloc(1, sizeof *s);
    s->mask = 1023;
    s->table = lc_calloc(s->mask + 1, sizeof *s->table);
    LC_GROW(s->entries, s->count, s->capacity);
    s->entries[s->count++] = (struct entry){"", 0, 0};
    return s;
}

void lc_symbols_free(struct lc_symbols *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->chunk_count; i++)
        free(s->chunks[i]);
    free(s->chunks);
    free(s->entries);
    free(s->table);
    free(s);
}

static const char *keep_text(struct lc_symbols *s, const char *text, size_t length)
{
    if (s->chunk_count == 0 || s->chunk_used + length + 1 > s->chunk_size) {
        LC_GROW(s->chunks, s->chunk_count, s->chunk_capacity);
        s->chunk_size = length + 1 > CHUNK ? length + 1 : CHUNK;
        s->chunks[s->chunk_count++] = lc_alloc(s->chunk_size);
        s->chunk_used = 0;
    }
    char *place = s->chunks[s->chunk_count - 1] + s->chunk_used;
    memcpy(place, text, length);
    place[length] = 0;
    s->chunk_used += length + 1;
    return place;
}

static void rehash(struct lc_symbols *s)
{
    free(s->table);
    s->mask = 2 * s->mask + 1;
    s->table = lc_calloc(s->mask + 1, sizeof *s->table);
    for (size_t i = 1; i < s->count; i++) {
        size_t slot = s->entries[i].hash & s->mask;
        while (s->table[slot] != 0)
            slot = (slot + 1) & s->mask;
        s->table[slot] = (uint32_t)i;
    }
}

/* The slot that holds the text, or the free one where it belongs. */
static size_t slot_of(const struct lc_symbols *s, const char *text, size_t length, uint32_t hash)
{
    size_t slot = hash & s->mask;
    for (; s->table[slot] != 0; slot = (slot + 1) & s->mask) {
        const struct entry *e = &s->entries[s->table[slot]];
        if (e->hash == hash && e->length == length && memcmp(e->text, text, length) == 0)
            break;
    }
    return slot;
}

lc_symbol lc_symbol_of(struct lc_symbols *s, const char *text, size_t length)
{
    if (length == 0)
        return 0;
    const uint32_t hash = hash_of(text, length);
    size_t slot = slot_of(s, text, length, hash);
    if (s->table[slot] != 0)
        return s->table[slot];
    if (2 * s->count > s->mask) {
        rehash(s);
        slot = slot_of(s, text, length, hash);
    }
    LC_GROW(s->entries, s->count, s->capacity);
    s->entries[s->count] = (struct entry){keep_text(s, text, length), (uint32_t)length, hash};
    s->table[slot] = (uint32_t)s->count;
    return (lc_symbol)s->count++;
}

lc_symbol lc_symbol_lookup(const struct lc_symbols *s, const char *text, size_t length)
{
    return length == 0 ? 0 : s->table[slot_of(s, text, length, hash_of(text, length))];
}

lc_symbol lc_symbol_find(const struct lc_symbols *s, const char *text)
{
    return lc_symbol_lookup(s, text, strlen(text));
}

size_t lc_symbols_count(const struct lc_symbols *s)
{
    return s->count;
}

const char *lc_symbol_text(const struct lc_symbols *s, lc_symbol symbol)
{
    return symbol < s->count ? s->entries[symbol].text : "";
}
