/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was measured in traces, as a table: a measure of an operation in an activity of a release and run is a row. The
 * same rows stand in what `measure --csv` writes and in the history of releases.
 */
#ifndef LCI_FIT_MEASURES_H
#define LCI_FIT_MEASURES_H

#include "base/names.h"
#include "loadcast/base.h"

#include <stdio.h>

struct lci_in_trace { /* what one trace adds to a measure */
    float sum, count; /* of its values; 0: none */
};

struct lci_measure_row {
    const char *release, *run;       /* "": not known */
    const char *activity;            /* the test; "": all, when none was asked for */
    const char *service, *operation; /* "": all of the activity */
    const char *name;                /* of the measure: "database_reads", "duration", … */
    const char *subject;             /* the table, queue or external operation that it is about; "": all */
    const char *unit;                /* "s", "B", or "1" for numbers of things */
    uint64_t count;                  /* values seen */
    /* Of these values. sd is that of a sample (n − 1). NaN when there are no values, and sd of fewer than two. */
    double mean, median, mode, p95, sd;
    /* The values of every trace of the activity, in the order in which they began; NULL where they were not kept: of
     * numbers of things, of more than LCI_BY_TRACE_MOST traces, and in CSV. Owned by the table. */
    struct lci_in_trace *by_trace;
    size_t trace_count;
};
#define LCI_BY_TRACE_MOST 4096

/* How often an operation's self time lay in [from, to), s. Bins are the same everywhere, ten to a factor of ten, so
 * that two releases can be laid side by side; empty ones are left out. */
struct lci_measure_bin {
    const char *release, *run, *activity, *service, *operation;
    double from, to;
    uint64_t count;
};

struct lci_measure_table {
    struct lci_measure_row *items;
    size_t count, room;
    struct lci_measure_bin *bins; /* histograms, in the order of rows; none in tables that were read */
    size_t bin_count, bin_room;
    struct lci_in_trace **by_trace; /* what the items own */
    size_t by_trace_count, by_trace_room;
    struct lci_names names; /* owns the texts of the items: equal ones are one */
};

/* The kept copy of a text, as names are shown (base/shown.h), in UTF-8; it lives as long as the table. Equal texts are
 * one pointer. */
const char *lci_measure_table_name(struct lci_measure_table *measures, const char *text);
/* Appends a row; its texts and values are copied. */
void lci_measure_table_add(struct lci_measure_table *measures, const struct lci_measure_row *row);
void lci_measure_table_add_bin(struct lci_measure_table *measures, const struct lci_measure_bin *bin);
/* By release, run, activity, service, operation, name and subject, bytes as numbers: the order of every output. */
void lci_measure_table_sort(struct lci_measure_table *measures);
/* That order: negative, 0 (the same measure of the same thing) or positive. */
int lci_measure_row_order(const struct lci_measure_row *a, const struct lci_measure_row *b);
void lci_measure_table_free(struct lci_measure_table *measures);

/* "release,run,activity,service,operation,measure,subject,unit,count,mean,median,mode,p95,sd" */
extern const char lci_measure_table_header[];
/* The header and a line a row, in the order in which the rows stand. Numbers read back the same; a NaN is empty. */
void lci_measure_table_write(FILE *out, const struct lci_measure_table *measures);
/* "release,run,activity,service,operation,from,to,count" and a line a bin. */
void lci_measure_table_write_bins(FILE *out, const struct lci_measure_table *measures);
/* Appends the rows of a file that lci_measure_table_write() wrote. A wrong line is an error and left out, and so is the
 * second line for the same thing. Returns 0, or −1 with errors. */
int lci_measure_table_read(const char *file, struct lci_measure_table *measures, struct lc_diag *diag);

#endif
