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

/* A text in quotes that begins at `from`: written to `to` without them; returns what follows. */
static char *unquote(char *from, char **to)
{
    for (from++; *from != 0; *(*to)++ = *from++)
        if (*from == '"' && *++from != '"')
            break;
    return from;
}

size_t lci_csv_cut(char *line, char separator, char **fields)
{
    size_t count = 0;
    for (char *at = line; at != NULL && count < LCI_CSV_FIELDS;) {
        while (is_blank(*at) && *at != separator)
            at++;
        char *end = fields[count++] = at;
        if (*at == '"') {
            at = unquote(at, &end);
            at += strcspn(at, (const char[]){separator, 0});
        } else {
            at += strcspn(at, (const char[]){separator, 0});
            for (end = at; end > fields[count - 1] && is_blank(end[-1]);)
                end--;
        }
        char *next = *at != 0 ? at + 1 : NULL;
        *end = 0;
        at = next;
    }
    return count;
}

void lci_csv_cell(FILE *out, const char *text)
{
    const bool computed = strchr("=+-@\t\r", *text) != NULL && *text != 0;
    if (!computed && strpbrk(text, ",;\t\"\r\n") == NULL) {
        fputs(text, out);
        return;
    }
    fputs(computed ? "\"'" : "\"", out);
    for (; *text != 0; text++)
        fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
    putc('"', out);
}
