/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Comma-separated values as RFC 4180 has them, a record a line.
 */
#ifndef LCI_BASE_CSV_H
#define LCI_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define LCI_CSV_FIELDS 64 /* of a record, at the most; what follows is ignored */

/* What separates the fields of a header: a semicolon, a tab or a comma. */
char lci_csv_separator(const char *header);
struct lci_csv_field { /* a part of the line */
    const char *text;
    size_t length;
    bool doubled; /* quotes in it stand twice */
};
/* Finds the fields of a line, without blanks around them and quotes around texts. Returns how many there are; at most
 * `most` are returned. */
size_t lci_csv_split(const char *line, size_t length, char separator, struct lci_csv_field *fields, size_t most);
/* The same with texts of their own: cuts a line in place; blanks around fields and quotes around texts are taken away,
 * "" within them is one quote. Returns the number of fields, at the most LCI_CSV_FIELDS. */
size_t lci_csv_cut(char *line, char separator, char **fields);
/* Writes a text as a cell: in quotes where it holds what separates cells or blanks at its ends, and with an apostrophe
 * in front where a spreadsheet would compute it. */
void lci_csv_cell(FILE *out, const char *text);
/* The text that lci_csv_cell() wrote as this (cut) cell: without that apostrophe. */
char *lci_csv_text(char *cell);

#endif
