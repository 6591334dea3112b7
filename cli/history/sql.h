/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the store share. The first failure of a statement is kept and everything after it does nothing, so
 * that a sequence of statements is looked at once, at its end. */
#ifndef HISTORY_SQL_H
#define HISTORY_SQL_H

#include "base/temporary.h"
#include "sqlite.h"
#include "store.h"

struct history {
    sqlite3 *db;
    char *file; /* as the user named it */
    int lock;   /* of the temporary file that is to become it; −1: it is there */
    struct lci_temporary temporary;
    int code;      /* of the first failure; SQLITE_OK: none */
    char *message; /* of it */
};

/* A statement that is ready, with values bound in order: 't' const char *, 'i' int64_t, 'd' double (NaN is NULL), 'b'
 * const void * and its size_t. NULL after a failure. */
sqlite3_stmt *sql_prepare(struct history *h, const char *sql, const char *types, ...);
/* Binds anew. */
void sql_bind(struct history *h, sqlite3_stmt *statement, const char *types, ...);
/* True while there is a row. Finalize with sql_end(). */
bool sql_row(struct history *h, sqlite3_stmt *statement);
void sql_end(struct history *h, sqlite3_stmt *statement);
/* Runs a statement to its end. */
void sql_run(struct history *h, const char *sql, const char *types, ...);
/* Several statements without values. */
void sql_script(struct history *h, const char *sql);
/* The first column of the first row. */
int64_t sql_number(struct history *h, const char *sql);
/* Keeps a failure, unless there is one. */
void sql_fail(struct history *h, int code, const char *message);
/* The end of a sequence: 0, or −1 with an error appended; then what was begun is rolled back and the failure forgotten.
 */
int sql_settle(struct history *h, struct lc_diag *diag);

static inline const char *sql_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text != NULL ? text : "";
}
double sql_double(sqlite3_stmt *statement, int column); /* NaN for NULL */

/* A hash of all rows of a run, as they stand in the file, and how many they are. */
int64_t sql_sum(struct history *h, int64_t run, int64_t *rows);

#endif
