/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON lines: what the collector's file exporter and many others write is one document a line. There a damaged line
 * costs itself only, while damage in one large document ends its reading.
 */
#ifndef LCI_TRACE_LINES_H
#define LCI_TRACE_LINES_H

#include "json.h"

struct lci_trace_reader;

struct lci_trace_lines {
    enum { LCI_FIRST_LINE, LCI_SECOND_LINE, LCI_LINES, LCI_ONE_DOCUMENT } mode; /* what the input is, as far as known */
    uint64_t line, damaged, first;                                              /* the first damaged line */
    int64_t offset, column;             /* bytes before this piece: in the input, in the line */
    char begin[2];                      /* of the first line */
    bool skipping;                      /* the rest of a damaged line */
    bool open;                          /* the line before ended within a value */
    bool any;                           /* something stands in this line, blank or not */
    struct lci_json_error why, pending; /* of the first damaged line; of a first line that may be damaged */
};

/* As lci_reader_feed and lci_reader_finish, of a reader of JSON. */
int lci_lines_feed(struct lci_trace_reader *reader, const char *bytes, size_t length);
int lci_lines_finish(struct lci_trace_reader *reader);

#endif
