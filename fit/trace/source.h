/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bytes of one input: a file or standard input, plain, gzip or zstd as its first bytes tell, and without the
 * lengths of the messages where those stand before each (frames.h).
 */
#ifndef LCI_TRACE_SOURCE_H
#define LCI_TRACE_SOURCE_H

#include "loadcast/base.h"

struct lci_trace_source;
/* NULL with one error appended when it cannot be opened. `name` is a path or "-"; borrowed. */
struct lci_trace_source *lci_source_open(const char *name, struct lc_diag *diag);
void lci_source_close(struct lci_trace_source *source);
/* The next piece, decompressed and out of its frames, without a byte order mark; valid until the next call. Returns its
 * length, 0 at the end, −1 with one error appended. */
ptrdiff_t lci_source_read(struct lci_trace_source *source, const char **bytes, struct lc_diag *diag);
/* Bytes read from the file so far, as they lie there. */
uint64_t lci_source_consumed(const struct lci_trace_source *source);

/* All the files that the inputs name: folders with all below them, sorted; patterns expanded, sorted. */
struct lci_file {
    char *name;
    uint64_t size;    /* 0: not known */
    bool from_folder; /* found, not named */
};
struct lci_files {
    struct lci_file *items;
    size_t count, capacity;
    uint64_t size; /* of all */
};
int lci_files_find(const char *const *inputs, size_t count, struct lci_files *files, struct lc_diag *diag);
void lci_files_free(struct lci_files *files);

#endif
