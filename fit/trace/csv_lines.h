/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the readers of comma-separated values share: lines out of pieces.
 */
#ifndef LCI_TRACE_CSV_LINES_H
#define LCI_TRACE_CSV_LINES_H

#include "reader.h"

struct lci_csv_reader { /* the first member of such a reader */
    struct lci_trace_reader reader;
    char *line; /* the beginning of a line that goes on in the next piece */
    size_t length;
    int number;     /* of the line */
    int64_t offset; /* of its first byte */
};
/* A line without its end. Returns 0, or −1 with one error appended. */
typedef int lci_take_line(struct lci_csv_reader *reader, const char *line, size_t length, struct lc_diag *diag);

int lci_csv_feed(struct lci_csv_reader *reader, const char *bytes, size_t length, lci_take_line *take,
                 struct lc_diag *diag);
/* Takes a last line without an end. */
int lci_csv_last(struct lci_csv_reader *reader, lci_take_line *take, struct lc_diag *diag);
/* Hands on the batch. */
void lci_csv_flush(struct lci_csv_reader *reader);
/* Both. */
int lci_csv_finish(struct lci_csv_reader *reader, lci_take_line *take, struct lc_diag *diag);
/* Ends a span, and hands on the batch when it is large. */
void lci_csv_span_end(struct lci_csv_reader *reader);
/* The first line of a text. Returns its length. */
size_t lci_csv_header(const char *text, size_t length);
/* Appends the error of a line that has not as many fields as there are names of columns. Returns −1. */
int lci_csv_wrong_count(const struct lci_csv_reader *reader, size_t count, size_t columns, struct lc_diag *diag);

#endif
