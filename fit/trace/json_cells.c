/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of tables in JSON, without a parser: arrays of texts without backslashes, numbers and words. What is not as
 * plain as that is the parser's.
 */
#include "base/sixteen.h"
#include "json.h"

#include <string.h>

static inline const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (unsigned char)*at <= ' ' && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
        at++;
    return at;
}

/* A text from its first quote on. Returns what follows it; NULL: it is not plain (a backslash or a control character is
 * in it), or may go on behind `end`. */
static inline const char *plain_text(const char *at, const char *end, struct lci_json_cell *cell)
{
    const char *begin = ++at;
    unsigned ends = 0;
    for (lci_sixteen b; end - at >= 16; at += 16) {
        memcpy(&b, at, sizeof b);
        ends = lci_sixteen_bits((lci_sixteen)(b == '"') | (lci_sixteen)(b == '\\') | (lci_sixteen)(b < 0x20));
        if (ends != 0)
            break;
    }
    if (ends == 0)
        return NULL;
    at += __builtin_ctz(ends);
    *cell = (struct lci_json_cell){begin, (size_t)(at - begin)};
    return *at == '"' ? at + 1 : NULL;
}

/* Behind the digits, of which there is at least one; NULL: there is none, or more may follow behind `end`. */
static inline const char *skip_digits(const char *at, const char *end)
{
    const char *begin = at;
    for (lci_sixteen b; end - at >= 16; at += 16) {
        memcpy(&b, at, sizeof b);
        const unsigned others = lci_sixteen_bits((lci_sixteen)(b - '0' > 9));
        if (others != 0) {
            at += __builtin_ctz(others);
            return at > begin ? at : NULL;
        }
    }
    return NULL;
}

static const char *plain_word(const char *at, const char *end, struct lci_json_cell *cell)
{
    static const struct lci_json_cell words[] = {{"null", 4}, {"true", 4}, {"false", 5}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if ((size_t)(end - at) > words[i].length && memcmp(at, words[i].text, words[i].length) == 0) {
            *cell = (struct lci_json_cell){at, i == 0 ? 0 : words[i].length};
            return at + words[i].length;
        }
    return NULL;
}

/* A number without an exponent: behind one there is no comma. */
static inline const char *plain_number(const char *at, const char *end, struct lci_json_cell *cell)
{
    const char *begin = at, *digits = at + (*at == '-');
    at = skip_digits(digits, end);
    if (at == NULL || (*digits == '0' && at > digits + 1))
        return NULL;
    if (*at == '.' && (at = skip_digits(at + 1, end)) == NULL)
        return NULL;
    *cell = (struct lci_json_cell){begin, (size_t)(at - begin)};
    return at;
}

/* One after the other, with blanks around them or not. */
static size_t cells_in_turn(const char *bytes, size_t length, struct lci_json_cell *cells, size_t *taken)
{
    const char *end = bytes + length, *at = skip_blanks(bytes, end);
    for (size_t count = 0; count < LCI_JSON_CELLS && at < end;) {
        at = *at == '"'   ? plain_text(at, end, &cells[count])
             : *at >= 'a' ? plain_word(at, end, &cells[count])
                          : plain_number(at, end, &cells[count]);
        if (at == NULL)
            return 0;
        count++;
        at = skip_blanks(at, end);
        if (at < end && *at == ']') {
            *taken = count;
            return (size_t)(at - bytes);
        }
        if (at == end || *at != ',')
            return 0;
        at = skip_blanks(at + 1, end);
    }
    return 0;
}

/* ---- 64 bytes at once -------------------------------------------------------------------------------------------- */

struct block { /* which of them are what, a bit each */
    uint64_t quotes, commas, brackets, bad, digits;
};

static inline void look_at_block(const char *bytes, struct block *b)
{
    *b = (struct block){0};
    for (unsigned at = 0; at < 64; at += 16) {
        lci_sixteen s;
        memcpy(&s, bytes + at, sizeof s);
        b->quotes |= (uint64_t)lci_sixteen_bits((lci_sixteen)(s == '"')) << at;
        b->commas |= (uint64_t)lci_sixteen_bits((lci_sixteen)(s == ',')) << at;
        b->brackets |= (uint64_t)lci_sixteen_bits((lci_sixteen)(s == ']')) << at;
        b->bad |= (uint64_t)lci_sixteen_bits((lci_sixteen)(s == '\\') | (lci_sixteen)(s < 0x20)) << at;
        b->digits |= (uint64_t)lci_sixteen_bits((lci_sixteen)(s - '0' <= 9)) << at;
    }
}

/* Bit i: whether the number of bits up to it is odd. */
static inline uint64_t odd_before(uint64_t bits)
{
    for (unsigned shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

/* Cells without blanks between them, while 64 bytes are left. */
struct walk {
    const char *block, *at;   /* the cell that is open */
    uint64_t inside;          /* all bits: a text is open */
    bool opens, closed;       /* the byte before the block separated cells; closed a text */
    uint64_t separators, odd; /* of the block: also the closing bracket; what is neither text nor a digit */
    bool last;                /* the row ends in the block */
};

/* False: these are no plain cells. */
static inline bool look(struct walk *w)
{
    struct block b;
    look_at_block(w->block, &b);
    const uint64_t inside = odd_before(b.quotes) ^ w->inside; /* from a text's first quote on, without its last one */
    const uint64_t ends = b.brackets & ~inside;
    w->last = ends != 0;
    const uint64_t here = w->last ? ends ^ (ends - 1) : UINT64_MAX; /* up to the closing bracket */
    w->separators = ((b.commas & ~inside) | ends) & here;
    const uint64_t quotes = b.quotes & here, first = quotes & inside, last = quotes & ~inside;
    const uint64_t begins = w->separators << 1 | w->opens;
    w->odd = ~(inside | quotes | w->separators | b.digits);
    w->inside = (uint64_t)((int64_t)inside >> 63);
    w->opens = w->separators >> 63;
    const bool open_end = w->closed && (w->separators & 1) == 0;
    w->closed = last >> 63;
    return ((b.bad & here) | (first & ~begins) | (last & ~(w->separators >> 1) & INT64_MAX)) == 0 && !open_end;
}

/* What is no text, up to a separator: digits alone, or another number or word. */
static inline bool take_bare(const struct walk *w, const char *next, const char *end, struct lci_json_cell *cell)
{
    const size_t length = (size_t)(next - w->at);
    if (w->at >= w->block && length > 0 && (length == 1 || *w->at != '0') &&
        (w->odd >> (w->at - w->block) & ~(UINT64_MAX << length)) == 0) {
        *cell = (struct lci_json_cell){w->at, length};
        return true;
    }
    return (*w->at >= 'a' ? plain_word(w->at, end, cell) : plain_number(w->at, end, cell)) == next;
}

size_t lci_json_cells(const char *bytes, size_t length, struct lci_json_cell *cells, size_t *taken)
{
    struct walk w = {.block = bytes, .at = bytes, .opens = true};
    const char *end = bytes + length;
    for (size_t count = 0; end - w.block >= 64; w.block += 64) {
        if (!look(&w))
            break;
        for (uint64_t left = w.separators; left != 0; left &= left - 1) {
            const char *next = w.block + (unsigned)__builtin_ctzll(left);
            if (count == LCI_JSON_CELLS)
                return 0;
            if (*w.at == '"')
                cells[count] = (struct lci_json_cell){w.at + 1, (size_t)(next - w.at) - 2};
            else if (!take_bare(&w, next, end, &cells[count]))
                return cells_in_turn(bytes, length, cells, taken);
            count++;
            w.at = next + 1;
        }
        if (w.last) {
            *taken = count;
            return (size_t)(w.at - 1 - bytes);
        }
    }
    return cells_in_turn(bytes, length, cells, taken);
}
