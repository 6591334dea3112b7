/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csv.h"

#include <stdbool.h>
#include <string.h>

char lci_csv_separator(const char *header)
{
    return strchr(header, ';') != NULL ? ';' : strchr(header, '\t') != NULL ? '\t' : ',';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

size_t lci_csv_split(const char *line, size_t length, char separator, struct lci_csv_field *fields, size_t most)
{
    const char *end = line + length;
    size_t count = 0;
    for (const char *at = line, *next; at != NULL; at = next != NULL ? next + 1 : NULL) {
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
        next = memchr(stop, separator, (size_t)(end - stop));
        if (!quoted)
            for (stop = next != NULL ? next : end; stop > begin && is_blank(stop[-1]);)
                stop--;
        if (count < most)
            fields[count] = (struct lci_csv_field){begin, (size_t)(stop - begin), doubled};
        count++;
    }
    return count;
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
