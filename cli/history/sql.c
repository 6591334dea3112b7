/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/memory.h"

void sql_fail(struct history *h, int code, const char *message)
{
    if ((code & 0xff) == SQLITE_NOMEM || code == SQLITE_IOERR_NOMEM)
        lci_no_memory(0);
    if (h->code != SQLITE_OK)
        return;
    h->code = code;
    h->message = lc_strdup(message);
}

static void check(struct history *h, int code)
{
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
        sql_fail(h, sqlite3_extended_errcode(h->db) != SQLITE_OK ? sqlite3_extended_errcode(h->db) : code,
                 sqlite3_errmsg(h->db));
}

static void bind_all(struct history *h, sqlite3_stmt *statement, const char *types, va_list values)
{
    for (int i = 0; types[i] != 0; i++) {
        const int at = i + 1;
        if (types[i] == 'b') {
            const void *bytes = va_arg(values, const void *);
            check(h, sqlite3_bind_blob64(statement, at, bytes, va_arg(values, size_t), SQLITE_TRANSIENT));
            continue;
        }
        if (types[i] == 't') {
            const char *text = va_arg(values, const char *);
            check(h, sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT));
        } else if (types[i] == 'i') {
            check(h, sqlite3_bind_int64(statement, at, va_arg(values, int64_t)));
        } else {
            check(h, sqlite3_bind_double(statement, at, va_arg(values, double))); /* a NaN becomes NULL */
        }
    }
}

static sqlite3_stmt *prepare(struct history *h, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (h->code == SQLITE_OK)
        check(h, sqlite3_prepare_v2(h->db, sql, -1, &statement, NULL));
    return statement;
}

sqlite3_stmt *sql_prepare(struct history *h, const char *sql, const char *types, ...)
{
    sqlite3_stmt *statement = prepare(h, sql);
    va_list values;
    va_start(values, types);
    if (statement != NULL)
        bind_all(h, statement, types, values);
    va_end(values);
    return statement;
}

void sql_bind(struct history *h, sqlite3_stmt *statement, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    if (statement != NULL && h->code == SQLITE_OK) {
        sqlite3_reset(statement);
        bind_all(h, statement, types, values);
    }
    va_end(values);
}

bool sql_row(struct history *h, sqlite3_stmt *statement)
{
    if (statement == NULL || h->code != SQLITE_OK)
        return false;
    const int code = sqlite3_step(statement);
    check(h, code);
    return code == SQLITE_ROW;
}

void sql_end(struct history *h, sqlite3_stmt *statement)
{
    (void)h;
    sqlite3_finalize(statement);
}

void sql_run(struct history *h, const char *sql, const char *types, ...)
{
    sqlite3_stmt *statement = prepare(h, sql);
    va_list values;
    va_start(values, types);
    if (statement != NULL)
        bind_all(h, statement, types, values);
    va_end(values);
    while (sql_row(h, statement))
        ;
    sql_end(h, statement);
}

void sql_script(struct history *h, const char *sql)
{
    if (h->code == SQLITE_OK)
        check(h, sqlite3_exec(h->db, sql, NULL, NULL, NULL));
}

int64_t sql_number(struct history *h, const char *sql)
{
    sqlite3_stmt *statement = sql_prepare(h, sql, "");
    const int64_t number = sql_row(h, statement) ? sqlite3_column_int64(statement, 0) : 0;
    sql_end(h, statement);
    return number;
}

double sql_double(sqlite3_stmt *statement, int column)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL ? NAN : sqlite3_column_double(statement, column);
}

/* What each code means to whoever runs the program. */
static void say(const struct history *h, struct lc_diag *diag)
{
    switch (h->code & 0xff) {
    case SQLITE_NOTADB:
        lc_error(diag, LC_INPUT, NULL, "%s: expected a history that loadcast has written, found another kind of file",
                 h->file);
        break;
    case SQLITE_CORRUPT:
        lc_error(diag, LC_INPUT, NULL, "%s: the file is damaged (%s); expected a whole history, such as a copy of it",
                 h->file, h->message);
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        lc_error(diag, LC_MACHINE, NULL, "%s: another job holds the history for more than 30 seconds", h->file);
        break;
    case SQLITE_MISMATCH: lc_error(diag, LC_INPUT, NULL, "%s: %s", h->file, h->message); break;
    case SQLITE_FULL:
        lc_error(diag, LC_MACHINE, NULL, "%s: cannot be written: the disk is full; the history is as it was", h->file);
        break;
    default: lc_error(diag, LC_MACHINE, NULL, "%s: cannot be written or read: %s", h->file, h->message); break;
    }
}

int sql_settle(struct history *h, struct lc_diag *diag)
{
    if (h->code == SQLITE_OK)
        return 0;
    say(h, diag);
    if (h->db != NULL && !sqlite3_get_autocommit(h->db))
        sqlite3_exec(h->db, "ROLLBACK", NULL, NULL, NULL);
    free(h->message);
    h->message = NULL;
    h->code = SQLITE_OK;
    return -1;
}

/* ---- sums -------------------------------------------------------------------------------------------------------- */

static uint64_t mix_row(uint64_t sum, sqlite3_stmt *row)
{
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        const int type = sqlite3_column_type(row, i);
        sum = lci_fnv(sum, &type, sizeof type);
        if (type == SQLITE_TEXT) {
            sum = lci_fnv(sum, sqlite3_column_text(row, i), (size_t)sqlite3_column_bytes(row, i) + 1);
        } else if (type == SQLITE_BLOB) {
            sum = lci_fnv(sum, sqlite3_column_blob(row, i), (size_t)sqlite3_column_bytes(row, i));
        } else if (type != SQLITE_NULL) {
            const double real = sqlite3_column_double(row, i);
            sum = lci_fnv(sum, &real, sizeof real);
        }
    }
    return sum;
}

int64_t sql_sum(struct history *h, int64_t run, int64_t *rows)
{
    static const char *const parts[] = {
        "SELECT activity, service, operation, measure, subject, unit, count, mean, median, mode, p95, sd FROM measures "
        "JOIN series ON series = id WHERE run = ?1 ORDER BY 1, 2, 3, 4, 5, 6",
        "SELECT activity, service, operation, measure, subject, unit, traces FROM by_trace JOIN series ON series = id "
        "WHERE run = ?1 ORDER BY 1, 2, 3, 4, 5, 6",
        "SELECT path, family, mean, standard_error, samples FROM parameters WHERE run = ?1 ORDER BY path",
        "SELECT label, component, kind, factor, load, low, high, utilization FROM loads WHERE run = ?1 "
        "ORDER BY 1, 2, 3",
        "SELECT component, kind, factor, low, high FROM limits WHERE run = ?1 ORDER BY 1, 2",
        "SELECT status, summary FROM verdicts WHERE run = ?1",
    };
    uint64_t sum = LCI_FNV_BEGIN;
    *rows = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        sqlite3_stmt *row = sql_prepare(h, parts[i], "i", run);
        for (; sql_row(h, row); ++*rows)
            sum = mix_row(sum, row);
        sql_end(h, row);
    }
    return (int64_t)sum;
}
