/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Times in the tables beside traces.
 */
#ifndef LCI_TABLES_TIMES_H
#define LCI_TABLES_TIMES_H

#include <stdbool.h>
#include <stdint.h>

/* A time in ns since 1970: ISO 8601 with a zone (2026-11-22T01:59:07.468Z), or a number in s, ms, µs or ns since 1970,
 * told apart by its size. */
bool lci_time_read(const char *text, int64_t *ns);

#endif
