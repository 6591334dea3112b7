/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cells of a line of CSV, one after the other, for readers that take millions of lines: each compiles the walk with
 * its own way of taking a cell in it.
 */
#ifndef LCI_BASE_CSV_CELLS_H
#define LCI_BASE_CSV_CELLS_H

#include "base/csv.h"
#include "base/sixteen.h"

#include <stdint.h>
#include <string.h>

/* The separators of a line one after the other, and its end as the last one. 64 bytes are looked at at once, as cells
 * are short. */
struct lci_csv_separators {
    const char *line, *end, *block;
    uint64_t bits;  /* those of the 64 bytes from `block` on that are still to come */
    bool special;   /* at the ends of a cell in the block there may be blanks or quotes */
    bool opens;     /* a cell begins with the next block */
    bool low_ended; /* the last byte before it may be a blank or a quote */
    char wanted;
};

/* Of 16 bytes: the separators, and what may be a blank or a quote. */
static inline void lci_csv_look_at(const char *at, char wanted, uint64_t *equal, uint64_t *low)
{
    lci_sixteen bytes;
    memcpy(&bytes, at, sizeof bytes);
    *equal = lci_sixteen_bits((lci_sixteen)(bytes == (uint8_t)wanted));
    *low = lci_sixteen_bits((lci_sixteen)(bytes <= '"'));
}

static inline void lci_csv_look(struct lci_csv_separators *s)
{
    const size_t size = s->end - s->block < 64 ? (size_t)(s->end - s->block) : 64;
    uint64_t all = 0, low = 0, equal, lower;
    size_t at = 0;
    for (; at + 16 <= size; at += 16) {
        lci_csv_look_at(s->block + at, s->wanted, &equal, &lower);
        all |= equal << at;
        low |= lower << at;
    }
    if (at < size && s->end - s->line >= 16) { /* the last 16 bytes, of which some were looked at */
        lci_csv_look_at(s->end - 16, s->wanted, &equal, &lower);
        all |= equal >> (16 - (size - at)) << at;
        low |= lower >> (16 - (size - at)) << at;
    } else {
        for (; at < size; at++) {
            all |= (uint64_t)(s->block[at] == s->wanted) << at;
            low |= (uint64_t)((unsigned char)s->block[at] <= '"') << at;
        }
    }
    low &= ~all; /* a tab may separate */
    s->bits = size < 64 ? all | UINT64_C(1) << size : all;
    s->special = (low & (all << 1 | s->opens | s->bits >> 1)) != 0 || (s->low_ended && (s->bits & 1) != 0);
    s->opens = all >> 63;
    s->low_ended = low >> 63;
}

/* The next one, or the end of the line. */
static inline const char *lci_csv_next_separator(struct lci_csv_separators *s)
{
    while (s->bits == 0) {
        s->block += 64;
        lci_csv_look(s);
    }
    const char *next = s->block + (unsigned)__builtin_ctzll(s->bits);
    s->bits &= s->bits - 1;
    return next;
}

/* A cell from `at` to the separator `next` that has blanks around it or is in quotes; returns the separator behind it,
 * or the end of the line. */
const char *lci_csv_special_cell(struct lci_csv_separators *s, const char *at, const char *next,
                                 struct lci_csv_field *field);

/* Takes a cell: a part of the line, without blanks around it and quotes around a text; `doubled`: quotes in it stand
 * twice. */
typedef void lci_csv_take(void *context, size_t column, const char *text, size_t length, bool doubled);

/* Gives all cells to `take`, which is to be inline; returns how many there are. */
static inline __attribute__((always_inline)) size_t lci_csv_each(const char *line, size_t length, char separator,
                                                                 lci_csv_take *take, void *context)
{
    struct lci_csv_separators s = {
        .line = line, .end = line + length, .block = line, .opens = true, .wanted = separator};
    const char *at = line;
    size_t count = 0;
    lci_csv_look(&s);
    for (;;) {
        if (s.special) {
            struct lci_csv_field cell;
            const char *next = lci_csv_next_separator(&s);
            if (at == next || ((unsigned char)*at > '"' && (unsigned char)next[-1] > ' ')) {
                take(context, count++, at, (size_t)(next - at), false);
            } else {
                next = lci_csv_special_cell(&s, at, next, &cell);
                take(context, count++, cell.text, cell.length, cell.doubled);
            }
            if (next == s.end)
                return count;
            at = next + 1;
            continue;
        }
        const char *const block = s.block;
        for (uint64_t bits = s.bits; bits != 0; bits &= bits - 1) { /* nothing to be taken away */
            const char *next = block + (unsigned)__builtin_ctzll(bits);
            take(context, count++, at, (size_t)(next - at), false);
            at = next + 1;
        }
        if (s.end - s.block < 64)
            return count;
        s.block += 64;
        lci_csv_look(&s);
    }
}

#endif
