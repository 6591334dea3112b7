/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inputs, cut into parts that can be read apart from each other: whole files, and of large files of lines (JSON lines,
 * CSV) ranges of bytes that begin with a line. */
#ifndef LCI_TRACE_DIVIDE_H
#define LCI_TRACE_DIVIDE_H

#include "trace/source.h"

struct lci_division {
    struct lci_files *parts; /* of about the same size */
    size_t **file_of;        /* [part][piece]: which of `files` it is, or is a range of */
    size_t count;
    struct lci_files files;
};

/* At most `most` parts. False: they are read in one: standard input, too little, a format whose files belong together,
 * or something is wrong with them, which whoever reads them says. */
bool lci_divide(const char *const *inputs, size_t count, size_t most, struct lci_division *division);
void lci_division_free(struct lci_division *division);

#endif
