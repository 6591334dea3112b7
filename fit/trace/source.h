/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bytes of one input: a file or standard input, plain, gzip or zstd as its first bytes tell, and without the
 * lengths of the messages where those stand before each (frames.h).
 */
#ifndef LCI_TRACE_SOURCE_H
#define LCI_TRACE_SOURCE_H

#include "loadcast/trace.h"

struct lci_trace_source;
/* NULL with one error appended when it cannot be opened. `name` is a path or "-"; borrowed. */
struct lci_trace_source *lci_source_open(const char *name, struct lc_diag *diag);
/* The same of a part of a file (lci_file). */
struct lci_file;
struct lci_trace_source *lci_source_open_file(const struct lci_file *file, struct lc_diag *diag);
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
    /* Of a part of a file of lines: from `begin` until before `end` (0: all of it), after the first `head` bytes, which
     * the lines of all parts need (the names of a table's columns). */
    uint64_t begin, end, head;
};
struct lci_files {
    struct lci_file *items;
    size_t count, capacity;
    uint64_t size; /* of all */
};
int lci_files_find(const char *const *inputs, size_t count, struct lci_files *files, struct lc_diag *diag);
void lci_files_free(struct lci_files *files);
bool lci_comes_once(const char *input); /* standard input, a pipe, a device: cannot be read again */

/* What tells whether traces that were read in parts are those of one reading. */
#define LCI_SEEN_IDS ((size_t)1 << 20)
struct lci_seen {
    uint64_t *ids; /* hashes of the traces' ids, sorted: all, or the smallest ones when there are more */
    size_t id_count, id_capacity;
    uint64_t last;   /* ids above it were left out; 0: none were */
    char *services;  /* "name<tab>namespace<tab>environment" of those that say one of these, a line each */
    uint64_t values; /* distinct values of attributes that were kept */
    size_t *file_of; /* of lc_reading.times: which of the files it was */
};
void lci_seen_sort(struct lci_seen *seen); /* and leaves out the larger ids */
void lci_seen_free(struct lci_seen *seen);
/* lc_traces_read() of these files; `seen` is filled in, unless it is NULL. */
int lci_traces_read_files(const struct lci_files *files, const struct lc_reader_options *options,
                          struct lc_symbols *symbols, lc_trace_sink sink, void *context, struct lc_reading *reading,
                          struct lci_seen *seen, struct lc_diag *diag);

#endif
