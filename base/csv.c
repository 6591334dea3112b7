/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csv.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

char lci_csv_separator(const char *header)
{
    return strchr(header, ';') != NULL ? ';' : strchr(header, '\t') != NULL ? '\t' : ',';
}

static inline bool is_blank(char c)
{
    return (unsigned char)c <= ' ' && (c == ' ' || c == '\t' || c == '\r');
}

/* Which of 16 bytes are the wanted one, a bit each. */
static inline uint64_t equal_of_16(const char *at, char wanted)
{
#ifdef __SSE2__
    const __m128i bytes = _mm_loadu_si128((const __m128i *)at);
    return (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted)));
#else
    uint64_t equal = 0;
    for (int i = 0; i < 16; i++)
        equal |= (uint64_t)(at[i] == wanted) << i;
    return equal;
#endif
}

/* The separators of a line one after the other. 64 bytes are looked at at once, as cells are short. */
struct separators {
    const char *line, *end, *block;
    uint64_t bits; /* those of the 64 bytes from `block` on that are still to come */
    char wanted;
};

static inline void look_at_block(struct separators *s)
{
    const char *at = s->block;
    int shift = 0;
    s->bits = 0;
    for (; shift < 64 && s->end - at >= 16; shift += 16, at += 16)
        s->bits |= equal_of_16(at, s->wanted) << shift;
    const int rest = shift < 64 ? (int)(s->end - at) : 0;
    if (rest > 0 && s->end - s->line >= 16) /* the last 16 bytes, of which some were looked at */
        s->bits |= equal_of_16(s->end - 16, s->wanted) >> (16 - rest) << shift;
    else
        for (int i = 0; i < rest; i++)
            s->bits |= (uint64_t)(at[i] == s->wanted) << (shift + i);
}

/* The next one, or the end of the line. */
static inline const char *next_separator(struct separators *s)
{
    while (s->bits == 0 && s->end - s->block > 64) {
        s->block += 64;
        look_at_block(s);
    }
    const char *next = s->bits != 0 ? s->block + __builtin_ctzll(s->bits) : s->end;
    s->bits &= s->bits - 1;
    return next;
}

/* The text of a cell that begins with a quote. Returns where its last quote stands, or the end of the line. */
static const char *quoted_cell(const char *at, const char *end, struct lci_csv_field *field)
{
    const char *stop = at + 1;
    field->doubled = false;
    for (; stop < end && (*stop != '"' || (stop + 1 < end && stop[1] == '"')); stop++)
        if (*stop == '"') {
            field->doubled = true;
            stop++;
        }
    field->text = at + 1;
    field->length = (size_t)(stop - at - 1);
    return stop;
}

/* A cell with blanks around it or in quotes; returns the separator behind it, or the end of the line. */
static const char *take_cell(struct separators *s, const char *at, const char *next, struct lci_csv_field *field)
{
    while (at < s->end && is_blank(*at) && *at != s->wanted)
        at++;
    if (at < s->end && *at == '"') {
        for (const char *stop = quoted_cell(at, s->end, field); next < stop;)
            next = next_separator(s); /* the last one was in the quotes */
        return next;
    }
    const char *stop = next;
    while (stop > at && is_blank(stop[-1]))
        stop--;
    *field = (struct lci_csv_field){at, (size_t)(stop - at), false};
    return next;
}

size_t lci_csv_split(const char *line, size_t length, char separator, struct lci_csv_field *fields, size_t most)
{
    struct separators separators = {line, line + length, line, 0, separator};
    struct lci_csv_field beyond = {0};
    look_at_block(&separators);
    const char *at = line;
    for (size_t count = 0;; count++) {
        struct lci_csv_field *field = count < most ? &fields[count] : &beyond;
        const char *next = next_separator(&separators);
        if (at == next || ((unsigned char)*at > '"' && (unsigned char)next[-1] > ' ')) /* nothing to be taken away */
            *field = (struct lci_csv_field){at, (size_t)(next - at), false};
        else
            next = take_cell(&separators, at, next, field);
        if (next == separators.end)
            return count + 1;
        at = next + 1;
    }
}

size_t lci_csv_cut(char *line, char separator, char **fields)
{
    struct lci_csv_field parts[LCI_CSV_FIELDS];
    const size_t all = lci_csv_split(line, strlen(line), separator, parts, LCI_CSV_FIELDS);
    const size_t count = all < LCI_CSV_FIELDS ? all : LCI_CSV_FIELDS;
    for (size_t i = 0; i < count; i++) {
        char *to = fields[i] = line + (parts[i].text - line);
        for (const char *from = to; from < parts[i].text + parts[i].length; *to++ = *from++)
            from += parts[i].doubled && *from == '"';
        *to = 0;
    }
    return count;
}

/* Whether a spreadsheet would compute it, or would if apostrophes in front of it were taken away: these texts get one
 * more, so that the way back is clear. */
static bool is_computed(const char *text)
{
    text += strspn(text, "'");
    return *text != 0 && strchr("=+-@\t\r", *text) != NULL;
}

void lci_csv_cell(FILE *out, const char *text)
{
    const bool computed = is_computed(text);
    const bool blank = *text != 0 && (is_blank(*text) || is_blank(text[strlen(text) - 1]));
    if (!computed && !blank && strpbrk(text, ",;\t\"\r\n") == NULL) {
        fputs(text, out);
        return;
    }
    fputs(computed ? "\"'" : "\"", out);
    for (; *text != 0; text++)
        fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
    putc('"', out);
}

char *lci_csv_text(char *cell)
{
    return cell + (*cell == '\'' && is_computed(cell));
}
