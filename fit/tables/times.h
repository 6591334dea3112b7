/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tables beside traces have in common: lines of fields, and times.
 */
#ifndef LCI_NETWORK_CSV_H
#define LCI_NETWORK_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LCI_CSV_COLUMNS 32 /* of a line, at the most; what follows is ignored */

/* Cuts a line in place at its commas, blanks and quotes around fields taken away; returns the number of fields. */
size_t lci_csv_cut(char *line, char **fields);

/* A time in ns since 1970: ISO 8601 with a zone (2026-11-22T01:59:07.468Z), or a number in s, ms, µs or ns since 1970,
 * told apart by its size. */
bool lci_time_read(const char *text, int64_t *ns);

#endif
