/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A hash table that finds elements of an array. The caller keeps the array; the table holds positions in it, each with
 * its hash, so that it grows without looking at the elements and most of those that differ are never looked at. Open
 * addressing, at most half full. All zero is an empty table.
 *
 *     uint32_t at;
 *     LCI_TABLE_FIND(&pairs->table, hash, at, pairs->items[at].a == a && pairs->items[at].b == b);
 *     if (at == LCI_ABSENT) {
 *         at = append(pairs, a, b);
 *         lci_table_add(&pairs->table, hash, at);
 *     }
 */
#ifndef LCI_BASE_TABLE_H
#define LCI_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LCI_ABSENT UINT32_MAX

struct lci_table_slot {
    uint32_t hash, at; /* at: position + 1; 0: free */
};
struct lci_table {
    struct lci_table_slot *slots;
    size_t size, count; /* size: of the slots those in use, 0 or a power of two */
    size_t capacity;
};

/* Sets `at` to the position for which `same`, an expression in `at`, holds, among those added with `hash`; LCI_ABSENT
 * when there is none. */
#define LCI_TABLE_FIND(table, hash_, at_, same)                                                                        \
    do {                                                                                                               \
        const struct lci_table_slot *const slots_ = (table)->slots;                                                    \
        const size_t mask_ = (table)->size - 1;                                                                        \
        const uint32_t wanted_ = (hash_);                                                                              \
        (at_) = LCI_ABSENT;                                                                                            \
        for (size_t slot_ = wanted_ & mask_; slots_ != NULL && slots_[slot_].at != 0; slot_ = (slot_ + 1) & mask_) {   \
            (at_) = slots_[slot_].at - 1;                                                                              \
            if (slots_[slot_].hash == wanted_ && (same))                                                               \
                break;                                                                                                 \
            (at_) = LCI_ABSENT;                                                                                        \
        }                                                                                                              \
    } while (0)

/* Adds a position that the table does not hold yet; it must be below LCI_ABSENT. */
void lci_table_add(struct lci_table *table, uint32_t hash, size_t at);
/* Puts another position in the place of one that the table holds. */
void lci_table_replace(struct lci_table *table, uint32_t hash, size_t old, size_t at);
void lci_table_remove(struct lci_table *table, uint32_t hash, size_t at);
/* Empties the table; the memory of `expected` elements stays, or is taken now. */
void lci_table_clear(struct lci_table *table, size_t expected);
void lci_table_free(struct lci_table *table);

/* ---- hashes ------------------------------------------------------------------------------------------------------ */

static inline uint32_t lci_hash_word(uint64_t word)
{
    word = (word ^ word >> 32) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(word ^ word >> 32);
}

static inline uint32_t lci_hash_pair(uint32_t a, uint32_t b)
{
    const uint64_t word = ((uint64_t)a << 32 | b) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(word ^ word >> 32);
}

/* Up to seven bytes in the order of memory, and those behind them 0: without a call of memcpy, which would cost as much
 * as the rest of the hash. */
static inline uint64_t lci_short_word(const char *at, size_t length)
{
    if (length >= 4) { /* two words that overlap cover all lengths */
        uint32_t first, last;
        memcpy(&first, at, 4);
        memcpy(&last, at + length - 4, 4);
        return first | (uint64_t)last << 8 * (length - 4);
    }
    if (length >= 2) { /* the same of two or three bytes */
        uint16_t first;
        memcpy(&first, at, 2);
        return first | (uint64_t)(unsigned char)at[length - 1] << 8 * (length - 1);
    }
    return length == 1 ? (unsigned char)*at : 0;
}

/* Whether two texts of one length are equal: for short ones, where a call of memcmp costs more than the comparison. */
static inline bool lci_same_text(const char *a, const char *b, size_t length)
{
    if (length > 16)
        return memcmp(a, b, length) == 0;
    if (length >= 8) { /* two words that overlap cover all lengths */
        uint64_t x, y, z, w;
        memcpy(&x, a, 8);
        memcpy(&y, b, 8);
        memcpy(&z, a + length - 8, 8);
        memcpy(&w, b + length - 8, 8);
        return ((x ^ y) | (z ^ w)) == 0;
    }
    if (length >= 4) {
        uint32_t x, y, z, w;
        memcpy(&x, a, 4);
        memcpy(&y, b, 4);
        memcpy(&z, a + length - 4, 4);
        memcpy(&w, b + length - 4, 4);
        return ((x ^ y) | (z ^ w)) == 0;
    }
    return length == 0 || (a[0] == b[0] && a[length / 2] == b[length / 2] && a[length - 1] == b[length - 1]);
}

/* Of a text, or of a struct without padding. */
static inline uint32_t lci_hash_bytes(const void *bytes, size_t length)
{
    const char *at = (const char *)bytes;
    uint64_t h = UINT64_C(0x9E3779B97F4A7C15) ^ length;
    for (; length >= 8; length -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        h = (h ^ word) * UINT64_C(0xFF51AFD7ED558CCD);
        h ^= h >> 32;
    }
    h = (h ^ lci_short_word(at, length)) * UINT64_C(0xC4CEB9FE1A85EC53);
    return (uint32_t)(h ^ h >> 32);
}

#endif
