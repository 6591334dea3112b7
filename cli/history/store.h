/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The history of releases: one SQLite file. What is written is there whole or not at all, whatever ends the program
 * meanwhile; several jobs may write at a time. Nothing outside of this folder's store*.c knows SQL.
 *
 * Functions return 0, or −1 with one error appended: LC_INPUT for a file that is none of ours, LC_MACHINE for a disk
 * that is full or a lock that stays. */
#ifndef HISTORY_STORE_H
#define HISTORY_STORE_H

#include "record.h"

#define HISTORY_SCHEMA 3 /* version that this program writes; older files are brought to it when they are opened */

struct history;

/* Opens a history; `create`: where there is no file, one appears with the first history_write(). NULL with an error.
 * The caller closes it. */
struct history *history_open(const char *file, bool create, struct lc_diag *diag);
void history_close(struct history *history);

/* All records in one transaction. A run that is there keeps its place: measures replace its measures, and a verdict all
 * that was learned, predicted and judged of it. */
int history_write(struct history *history, const struct history_records *records, struct lc_diag *diag);

struct history_run {
    int64_t id, time;        /* ns since 1970 */
    char *release, *run;     /* owned */
    char *program, *options; /* owned */
    size_t release_at;       /* which release it is of, counted from 0 */
    size_t measures;         /* rows */
    int status;              /* of the verdict; −1: none */
};
struct history_runs {
    struct history_run *items; /* releases in the order of their first run, and so the runs of each */
    size_t count, releases;
};
int history_runs(struct history *history, struct history_runs *runs, struct lc_diag *diag);
void history_runs_free(struct history_runs *runs);

/* All that is kept of a run. `record` is filled, to be freed. */
int history_read(struct history *history, const struct history_run *run, struct history_record *record,
                 struct lc_diag *diag);
/* Removes runs by their ids, and gives their room back to the disk. */
int history_remove(struct history *history, const int64_t *ids, size_t count, struct lc_diag *diag);
/* What is damaged is an error each: pages, references, and runs whose rows are not those that were written. */
int history_check(struct history *history, struct lc_diag *diag);

/* One number of every run that has it. */
struct history_series {
    const char *activity, *service, *operation; /* borrowed from `names` */
    const char *name, *subject, *unit;
    struct history_point {
        size_t run; /* in history_runs */
        double value;
    } * points;
    size_t count, room;
};
struct history_wanted { /* wildcards: * and ?; NULL: any */
    const char *measure, *activity, *service, *operation, *subject;
};
struct history_table {
    struct history_series *items;
    size_t count, room;
    struct lci_names names;
};
/* Means of measures, by activity, service, operation, name and subject. */
int history_measures(struct history *history, const struct history_runs *runs, const struct history_wanted *wanted,
                     struct history_table *table, struct lc_diag *diag);
/* Predicted loads ("load", the load level is the subject) and capacities ("capacity", a factor of the scenario's load)
 * of components, which are their services. */
int history_predictions(struct history *history, const struct history_runs *runs, const struct history_wanted *wanted,
                        struct history_table *table, struct lc_diag *diag);
void history_table_free(struct history_table *table);

#endif
