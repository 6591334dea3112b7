/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records as files of other programs: JSON holds all that the history does, CSV the measures. */
#ifndef HISTORY_EXCHANGE_H
#define HISTORY_EXCHANGE_H

#include <jansson.h>

#include "record.h"

/* An element of "runs" of "loadcast.history/1". */
json_t *history_record_json(const struct history_record *record);

/* What the columns of a table mean whose name does not say it: "COLUMN=ROLE", role release, run, activity, service,
 * operation or time, "" (left out), or the name of a measure. `unit` of columns whose name does not end in one ("s",
 * "ms" or "us"; NULL: they are numbers of things). */
struct history_columns {
    const char *const *roles;
    size_t count;
    const char *unit;
};
/* Appends the records of a file, told apart by its content: what the history exports as JSON or CSV, what `measure
 * --csv` writes, or a table with a column a measure and a row a run. 0, or −1 with errors. */
int history_import(const char *file, const struct history_columns *columns, struct history_records *records,
                   struct lc_diag *diag);

/* The parts of it. They take the text of the file, which they change. */
int history_import_json(const char *file, const char *text, struct history_records *records, struct lc_diag *diag);
int history_import_table(const char *file, char *text, const struct history_columns *columns,
                         struct history_records *records, struct lc_diag *diag);

#endif
