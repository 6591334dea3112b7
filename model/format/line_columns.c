/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/line_columns.h"

#include <stdlib.h>

void lci_lines_find(struct lci_lines *lines, const char *text, size_t length, const char *file)
{
    size_t capacity = 0;
    *lines = (struct lci_lines){.file = file, .text = text, .length = length};
    LC_GROW(lines->starts, lines->count, capacity);
    lines->starts[lines->count++] = 0;
    lines->cursor = lc_calloc(1, sizeof *lines->cursor);
    lines->cursor->column = 1;
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\n') {
            LC_GROW(lines->starts, lines->count, capacity);
            lines->starts[lines->count++] = i + 1;
        }
}

void lci_lines_free(struct lci_lines *lines)
{
    free(lines->starts);
    free(lines->cursor);
    *lines = (struct lci_lines){0};
}

struct lc_place lci_lines_place(const struct lci_lines *lines, size_t offset)
{
    size_t low = 0, high = lines->count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (lines->starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    /* Files may be one long line: counting from its beginning every time would take quadratic time. */
    struct lci_cursor *c = lines->cursor;
    if (c->line != low || c->offset > offset)
        *c = (struct lci_cursor){low, lines->starts[low], 1};
    for (; c->offset < offset && c->offset < lines->length; c->offset++)
        c->column += ((unsigned char)lines->text[c->offset] & 0xC0) != 0x80;
    return (struct lc_place){lines->file, (int)(low + 1), c->column, -1};
}
