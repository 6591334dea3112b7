/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is called of SQLite, which is loaded when a history is opened. */
#ifndef HISTORY_SQLITE_H
#define HISTORY_SQLITE_H

#include <sqlite3.h>

#include "base/library.h"

#define SQLITE_FUNCTIONS(X)                                                                                            \
    X(sqlite3_bind_blob64)                                                                                             \
    X(sqlite3_bind_double)                                                                                             \
    X(sqlite3_bind_int64)                                                                                              \
    X(sqlite3_bind_text)                                                                                               \
    X(sqlite3_busy_timeout)                                                                                            \
    X(sqlite3_close)                                                                                                   \
    X(sqlite3_column_blob)                                                                                             \
    X(sqlite3_column_bytes)                                                                                            \
    X(sqlite3_column_count)                                                                                            \
    X(sqlite3_column_double)                                                                                           \
    X(sqlite3_column_int)                                                                                              \
    X(sqlite3_column_int64)                                                                                            \
    X(sqlite3_column_text)                                                                                             \
    X(sqlite3_column_type)                                                                                             \
    X(sqlite3_errmsg)                                                                                                  \
    X(sqlite3_exec)                                                                                                    \
    X(sqlite3_extended_errcode)                                                                                        \
    X(sqlite3_finalize)                                                                                                \
    X(sqlite3_get_autocommit)                                                                                          \
    X(sqlite3_last_insert_rowid)                                                                                       \
    X(sqlite3_open_v2)                                                                                                 \
    X(sqlite3_prepare_v2)                                                                                              \
    X(sqlite3_reset)                                                                                                   \
    X(sqlite3_step)
SQLITE_FUNCTIONS(LCI_DECLARED)
#define sqlite3_bind_blob64       lci_sqlite3_bind_blob64
#define sqlite3_bind_double       lci_sqlite3_bind_double
#define sqlite3_bind_int64        lci_sqlite3_bind_int64
#define sqlite3_bind_text         lci_sqlite3_bind_text
#define sqlite3_busy_timeout      lci_sqlite3_busy_timeout
#define sqlite3_close             lci_sqlite3_close
#define sqlite3_column_blob       lci_sqlite3_column_blob
#define sqlite3_column_bytes      lci_sqlite3_column_bytes
#define sqlite3_column_count      lci_sqlite3_column_count
#define sqlite3_column_double     lci_sqlite3_column_double
#define sqlite3_column_int        lci_sqlite3_column_int
#define sqlite3_column_int64      lci_sqlite3_column_int64
#define sqlite3_column_text       lci_sqlite3_column_text
#define sqlite3_column_type       lci_sqlite3_column_type
#define sqlite3_errmsg            lci_sqlite3_errmsg
#define sqlite3_exec              lci_sqlite3_exec
#define sqlite3_extended_errcode  lci_sqlite3_extended_errcode
#define sqlite3_finalize          lci_sqlite3_finalize
#define sqlite3_get_autocommit    lci_sqlite3_get_autocommit
#define sqlite3_last_insert_rowid lci_sqlite3_last_insert_rowid
#define sqlite3_open_v2           lci_sqlite3_open_v2
#define sqlite3_prepare_v2        lci_sqlite3_prepare_v2
#define sqlite3_reset             lci_sqlite3_reset
#define sqlite3_step              lci_sqlite3_step

/* Before anything else is called. 0, or −1 with an error appended. */
int sqlite_load(struct lc_diag *diag);

#endif
