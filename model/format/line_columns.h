/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lines and columns of offsets in a text.
 */
#ifndef LOADCAST_FORMAT_LINES_H
#define LOADCAST_FORMAT_LINES_H

#include "loadcast/base.h"

struct lci_lines {
    const char *file, *text; /* borrowed */
    size_t length;
    size_t *starts; /* offsets where lines begin */
    size_t count;
    struct lci_cursor { /* the place that was asked for last: columns go on from there */
        size_t line, offset;
        int column;
    } * cursor;
};

void lci_lines_find(struct lci_lines *lines, const char *text, size_t length, const char *file);
void lci_lines_free(struct lci_lines *lines);
/* Columns count characters of UTF-8 from 1. */
struct lc_place lci_lines_place(const struct lci_lines *lines, size_t offset);

#endif
