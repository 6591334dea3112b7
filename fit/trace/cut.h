/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a file may be cut, so that every range of it is a file of its own: before a line of JSON lines or of a table,
 * before a frame (frames.h), before a field of the outermost message of protobuf. That a trace is not cut is tried, not
 * promised.
 */
#ifndef LCI_TRACE_CUT_H
#define LCI_TRACE_CUT_H

#include "trace/source.h"

struct lci_format;
struct lci_cuts;

/* Whether it is compressed, as a whole or each of its frames. */
bool lci_is_packed(const struct lci_file *file);
/* NULL: it is one piece. The file is borrowed. */
struct lci_cuts *lci_cuts_new(const struct lci_file *file, const struct lci_format *format);
void lci_cuts_free(struct lci_cuts *cuts);
/* Where the first record from `at` on begins, or one within a megabyte, if it is the first that stands between traces.
 * 0: there is none. Ascending. */
uint64_t lci_cuts_from(struct lci_cuts *cuts, uint64_t at);
/* Whether a place was found at which no file of the format begins: it is one piece. */
bool lci_cuts_failed(const struct lci_cuts *cuts);
/* Bytes of the file's beginning that are to stand before each range. */
uint64_t lci_cuts_head(const struct lci_cuts *cuts);

#endif
