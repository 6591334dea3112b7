/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csv.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

char lci_csv_separator(const char *header)
{
    return strchr(header, ';') != NULL ? ';' : strchr(header, '\t') != NULL ? '\t' : ',';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

struct fields { /* found so far; those above `most` are counted only */
    struct lci_csv_field *fields;
    size_t count, most;
};

static inline void put(struct fields *f, const char *begin, const char *stop, bool doubled)
{
    if (f->count < f->most)
        f->fields[f->count] = (struct lci_csv_field){begin, (size_t)(stop - begin), doubled};
    f->count++;
}

/* A field without quotes, less the blanks around it. */
static inline void put_plain(struct fields *f, const char *begin, const char *stop, char separator)
{
    while (begin < stop && is_blank(*begin) && *begin != separator)
        begin++;
    while (stop > begin && is_blank(stop[-1]))
        stop--;
    put(f, begin, stop, false);
}

/* The field that begins at `at`; returns where the next one does, NULL: it was the last. */
static const char *take_field(struct fields *f, const char *at, const char *end, char separator)
{
    while (at < end && is_blank(*at) && *at != separator)
        at++;
    const bool quoted = at < end && *at == '"';
    const char *begin = at + quoted, *stop = begin;
    bool doubled = false;
    for (; quoted && stop < end && (*stop != '"' || (stop + 1 < end && stop[1] == '"')); stop++)
        if (*stop == '"') {
            doubled = true;
            stop++;
        }
    const char *next = memchr(stop, separator, (size_t)(end - stop));
    if (quoted)
        put(f, begin, stop, doubled);
    else
        put_plain(f, begin, next != NULL ? next : end, separator);
    return next != NULL ? next + 1 : NULL;
}

/* A bit in the highest place of each byte that is the separator, the first byte lowest. */
static inline uint64_t separators(const char *at, uint64_t pattern)
{
    const uint64_t low = UINT64_C(0x7F7F7F7F7F7F7F7F);
    uint64_t word;
    memcpy(&word, at, 8);
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    word ^= pattern;
    return ~(((word & low) + low) | word | low);
}

/* The fields that end before `limit`, between which there is no quote. Returns where the next one begins. */
static const char *take_plain(struct fields *f, const char *begin, const char *limit, char separator)
{
    const uint64_t pattern = UINT64_C(0x0101010101010101) * (unsigned char)separator;
    const char *at = begin;
    for (; limit - at >= 8; at += 8)
        for (uint64_t found = separators(at, pattern); found != 0; found &= found - 1) {
            const char *stop = at + __builtin_ctzll(found) / 8;
            put_plain(f, begin, stop, separator);
            begin = stop + 1;
        }
    for (; at < limit; at++)
        if (*at == separator) {
            put_plain(f, begin, at, separator);
            begin = at + 1;
        }
    return begin;
}

size_t lci_csv_split(const char *line, size_t length, char separator, struct lci_csv_field *fields, size_t most)
{
    struct fields f = {fields, 0, most};
    const char *end = line + length;
    for (const char *at = line; at != NULL;) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        at = take_plain(&f, at, quote != NULL ? quote : end, separator);
        at = take_field(&f, at, end, separator);
    }
    return f.count;
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
