/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the readers of rosebery's files share: which kind of table a text is, and spans of its records. A record is the
 * execution of a step: `purpose` is the step, `node` a replica of it, `sequence` the piece of data that goes through
 * all steps. https://github.com/bernhardnickel/rosebery
 */
#ifndef LCI_TRACE_ROSEBERY_H
#define LCI_TRACE_ROSEBERY_H

#include "csv_lines.h"

#include "base/csv.h"

enum lci_rosebery_kind {
    LCI_ROSEBERY_OTHER,     /* none of rosebery's */
    LCI_ROSEBERY_RUNTIME,   /* RuntimePerformance, and ExecutionProfile, whose records are followed by snapshots */
    LCI_ROSEBERY_JVM,       /* JvmProfile */
    LCI_ROSEBERY_NODES,     /* dumps of the tables node, … */
    LCI_ROSEBERY_RECORDS,   /* runtime_performance */
    LCI_ROSEBERY_PROFILES,  /* execution_profile */
    LCI_ROSEBERY_SNAPSHOTS, /* resource_snapshot */
    LCI_ROSEBERY_JVM_TABLE, /* jvm_profile */
};
enum lci_rosebery_role {                    /* of a column */
                         LCI_ROSEBERY_ID,   /* of the row, or of the one that it belongs to */
                         LCI_ROSEBERY_NODE, /* its name; in tables a number of the table node */
                         LCI_ROSEBERY_PURPOSE,
                         LCI_ROSEBERY_SEQUENCE,
                         LCI_ROSEBERY_START, /* ms since 1970 */
                         LCI_ROSEBERY_END,
                         LCI_ROSEBERY_DURATION, /* ns */
                         LCI_ROSEBERY_RESULT,
                         LCI_ROSEBERY_TIME, /* of a snapshot: ms */
                         LCI_ROSEBERY_SYSTEM_LOAD,
                         LCI_ROSEBERY_PROCESS_LOAD, /* 0 … 1 of all cores of the host, −1: not known */
                         LCI_ROSEBERY_PROCESS_TIME,
                         LCI_ROSEBERY_THREAD_TIME, /* ns */
                         LCI_ROSEBERY_REST,        /* what nobody reads */
                         LCI_ROSEBERY_ROLES
};
#define LCI_ROSEBERY_COLUMNS 16

struct lci_rosebery_layout {
    enum lci_rosebery_kind kind;
    char separator;
    bool header;                         /* the first line has names of columns */
    size_t columns;                      /* of a line */
    uint8_t roles[LCI_ROSEBERY_COLUMNS]; /* enum lci_rosebery_role */
    uint8_t column[LCI_ROSEBERY_ROLES];  /* 1 + the column of a role, 0: there is none */
};
/* Reads it off a text's first lines. False: it is none of rosebery's. */
bool lci_rosebery_recognise(const char *text, size_t length, struct lci_rosebery_layout *layout);
bool lci_rosebery_is(const char *text, size_t length, enum lci_rosebery_kind kind);
/* Cuts a line into its fields. Returns false, with an error appended, when there are too many or too few. */
bool lci_rosebery_split(const struct lci_csv_reader *reader, const struct lci_rosebery_layout *layout, const char *line,
                        size_t length, struct lci_csv_field *fields, struct lc_diag *diag);
/* A whole number (Java's Long) of a field; false with an error appended when it is none. */
bool lci_rosebery_integer(const struct lci_csv_reader *reader, const struct lci_csv_field *field, const char *what,
                          int64_t *value, struct lc_diag *diag);

struct lci_rosebery_record {
    lc_symbol node, purpose;
    struct lci_trace_id sequence; /* 0: none */
    uint64_t id;                  /* of the span */
    int64_t start, end;           /* ms */
    int64_t duration;             /* ns */
    bool error;
    double cpu_share; /* of its time in which its thread kept a core; NaN: not known */
};
/* What the records of a file said of themselves, to be told once. */
struct lci_rosebery_odd {
    uint64_t in_ms, apart;
};
/* Fills in what stands in RuntimePerformance and runtime_performance alike. False with an error appended. */
bool lci_rosebery_read(struct lci_csv_reader *reader, const struct lci_rosebery_layout *layout,
                       const struct lci_csv_field *fields, struct lci_rosebery_record *record, struct lc_diag *diag);
/* Makes a span of a record. */
void lci_rosebery_span(struct lci_csv_reader *reader, const struct lci_rosebery_record *record,
                       struct lci_rosebery_odd *odd);
void lci_rosebery_tell(const struct lci_csv_reader *reader, const struct lci_rosebery_odd *odd, struct lc_diag *diag);

/* How long a record's thread kept a core, from its snapshots. rosebery writes the time since the snapshot before; other
 * writers a counter that never falls. Which of them a file has is known by the first record that allows one only. */
enum lci_rosebery_clock { LCI_ROSEBERY_UNKNOWN, LCI_ROSEBERY_COUNTER, LCI_ROSEBERY_INCREMENTS };
struct lci_rosebery_cpu {
    uint32_t count;
    int64_t first, last;        /* ms: of the snapshots */
    int64_t first_value, value; /* ns */
    double sum;                 /* ns */
    bool falls, exceeds;        /* below the one before; more than the time since the one before */
};
void lci_rosebery_snapshot(struct lci_rosebery_cpu *cpu, int64_t start, int64_t time, int64_t value);
/* The share of the time that the snapshots cover; NaN: they do not tell. `start` of the record, in ms. */
double lci_rosebery_cpu_share(const struct lci_rosebery_cpu *cpu, int64_t start, enum lci_rosebery_clock *clock);

/* ---- tables ------------------------------------------------------------------------------------------------------ */

/* The tables that records refer to, for all files of a reading. */
void lci_rosebery_tables_free(struct lci_rosebery_tables *tables);

#endif
