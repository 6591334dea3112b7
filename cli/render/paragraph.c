/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paragraph.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "table.h"

#define LINE 100

void paragraph(FILE *out, size_t column, size_t indent, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    const int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        lci_no_memory(0);
    bool first = true;
    for (char *rest = text, *word; (word = strsep(&rest, " ")) != NULL; first = false) {
        const size_t width = text_width(word);
        if (!first && column > indent && column + 1 + width > LINE) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            fputc(' ', out);
            column++;
        }
        fputs(word, out);
        column += width;
    }
    free(text);
}
