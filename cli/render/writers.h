/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every way out is one row of a table: to add one, write one file with its function and one line in
 * verdict_writers.def, or in writers.c for what other commands write. */
#ifndef WRITERS_H
#define WRITERS_H

#include "summary.h"

struct writer {
    const char *option;          /* "junit" is --junit FILE, "json" --format json; NULL: the text on standard output */
    const char *argument, *help; /* of the option; NULL: one that all commands have */
    /* Writes to page->out. 0, or −1 with errors appended: then nothing of it is kept. */
    int (*write)(const struct page *page, struct lc_diag *diag);
};
enum { WRITERS_MOST = 12 };                      /* rows of a table, the end included */
extern const struct writer verdict_writers[];    /* `run`; ends with a writer that is NULL */
extern const struct writer advice_writers[];     /* `advise` */
extern const struct writer comparison_writers[]; /* `compare` */
extern const struct writer result_writers[];     /* `simulate`, `solve`: what --format names; JSON has --json, too */

/* The row of that name, or NULL. */
const struct writer *writer_find(const struct writer *writers, const char *name);
/* To a file, or to standard output ("-"). It appears whole or not at all. */
void write_file(const struct writer *writer, const char *file, const struct page *page, struct lc_diag *diag);

/* To each file that is named, by the row of its writer; the text goes to standard output, unless one of the others does
 * ("-"). Each file appears whole or not at all. */
void write_all(const struct writer *writers, const char *const *files, const struct page *page, struct lc_diag *diag);

#endif
