/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/trace/symbols.h"
#include "loadcast/trace.h"

#include "base/table.h"

#include <stdlib.h>
#include <string.h>

/* Texts lie in chunks that never move, so that the pointers given out stay valid. */
#define CHUNK (64u * 1024)

struct entry {
    const char *text;
    uint32_t length;
};

struct lc_symbols {
    struct entry *entries; /* [0] is the empty text */
    size_t count, capacity;
    struct lci_table table;
    char **chunks;
    size_t chunk_count, chunk_capacity, chunk_used, chunk_size;
};

struct lc_symbols *lci_symbols_new(void)
{
    struct lc_symbols *s = lc_calloc(1, sizeof *s);
    LC_GROW(s->entries, s->count, s->capacity);
    s->entries[s->count++] = (struct entry){"", 0};
    return s;
}

void lci_symbols_free(struct lc_symbols *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->chunk_count; i++)
        free(s->chunks[i]);
    free(s->chunks);
    free(s->entries);
    lci_table_free(&s->table);
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

static inline __attribute__((always_inline)) uint32_t find(const struct lc_symbols *s, const char *text, size_t length,
                                                           uint32_t hash)
{
    uint32_t at;
    LCI_TABLE_FIND(&s->table, hash, at,
                   s->entries[at].length == length && lci_same_text(s->entries[at].text, text, length));
    return at;
}

lc_symbol lci_symbol_of(struct lc_symbols *s, const char *text, size_t length)
{
    if (length == 0)
        return 0;
    const uint32_t hash = lci_hash_bytes(text, length), known = find(s, text, length, hash);
    if (known != LCI_ABSENT)
        return known;
    LC_GROW(s->entries, s->count, s->capacity);
    s->entries[s->count] = (struct entry){keep_text(s, text, length), (uint32_t)length};
    lci_table_add(&s->table, hash, s->count);
    return (lc_symbol)s->count++;
}

lc_symbol lci_symbol_lookup(const struct lc_symbols *s, const char *text, size_t length)
{
    const uint32_t known = length == 0 ? LCI_ABSENT : find(s, text, length, lci_hash_bytes(text, length));
    return known != LCI_ABSENT ? known : 0;
}

lc_symbol lci_symbol_find(const struct lc_symbols *s, const char *text)
{
    return lci_symbol_lookup(s, text, strlen(text));
}

bool lci_symbol_is(const struct lc_symbols *s, lc_symbol symbol, const char *text, size_t length)
{
    const struct entry *entry = &s->entries[symbol];
    return symbol != 0 && entry->length == length && lci_same_text(entry->text, text, length);
}

size_t lci_symbols_count(const struct lc_symbols *s)
{
    return s->count;
}

const char *lci_symbol_text(const struct lc_symbols *s, lc_symbol symbol)
{
    return symbol < s->count ? s->entries[symbol].text : "";
}
