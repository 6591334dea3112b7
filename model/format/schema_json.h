/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON schemas (draft 7) from tables of fields. */
#ifndef LOADCAST_FORMAT_SCHEMA_JSON_H
#define LOADCAST_FORMAT_SCHEMA_JSON_H

#include "format/schema.h"

/* A map with the keys of some tables, by the name that shapes call it. */
struct lci_shape {
    const char *name;
    const struct lci_field *tables[3]; /* NULL: no more */
    const struct lci_shape *next;      /* of the last one, whose name is NULL: where others stand */
};
extern const struct lci_shape lci_result_shapes[];

/* The schema of a document as a text, owned by the caller. `root` is the table of the whole document, `shapes` are
 * those that fields of it name, up to a name that is NULL. `empty`: nothing at all is a map without keys. Shapes that
 * need no table are: text, number, time, rate, fraction, count (from 1, or infinite), size (from 0), flag, word (of the
 * field), value (of a change), any, null, figure (of a result: a number or null), scheduling, distribution, pattern,
 * policy, and '=WORD' for itself. */
char *lci_schema_text(const char *title, const struct lci_field *root, const struct lci_shape *shapes, bool empty);

#endif
