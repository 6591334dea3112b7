/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csv.h"

#include "base/csv_cells.h"

#include <stdbool.h>
#include <string.h>

char lci_csv_separator(const char *header)
{
    return strchr(header, ';') != NULL ? ';' : strchr(header, '\t') != NULL ? '\t' : ',';
}

static inline bool is_blank(char c)
{
    return (unsigned char)c <= ' ' && (c == ' ' || c == '\t' || c == '\r');
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

const char *lci_csv_special_cell(struct lci_csv_separators *s, const char *at, const char *next,
                                 struct lci_csv_field *field)
{
    while (at < s->end && is_blank(*at) && *at != s->wanted)
        at++;
    if (at < s->end && *at == '"') {
        for (const char *stop = quoted_cell(at, s->end, field); next < stop;)
            next = lci_csv_next_separator(s); /* the last one was in the quotes */
        return next;
    }
    const char *stop = next;
    while (stop > at && is_blank(stop[-1]))
        stop--;
    *field = (struct lci_csv_field){at, (size_t)(stop - at), false};
    return next;
}

struct fields {
    struct lci_csv_field *all;
    size_t most;
};

static inline void take_field(void *context, size_t column, const char *text, size_t length, bool doubled)
{
    const struct fields *f = context;
    if (column < f->most)
        f->all[column] = (struct lci_csv_field){text, length, doubled};
}

size_t lci_csv_split(const char *line, size_t length, char separator, struct lci_csv_field *fields, size_t most)
{
    struct fields all = {fields, most};
    return lci_csv_each(line, length, separator, take_field, &all);
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
