/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tables of the history, version by version. */
#ifndef HISTORY_SCHEMA_H
#define HISTORY_SCHEMA_H

/* [version − 1] makes that version of the one before, the first one of nothing. What stands here never changes: files
 * of that version exist. A new version is one more text. */
static const char *const history_migrations[HISTORY_SCHEMA] = {
    "CREATE TABLE runs(id INTEGER PRIMARY KEY, release TEXT NOT NULL, run TEXT NOT NULL, time INTEGER NOT NULL,"
    " program TEXT NOT NULL, options TEXT NOT NULL, rows INTEGER NOT NULL, sum INTEGER NOT NULL,"
    " UNIQUE(release, run));"
    "CREATE TABLE series(id INTEGER PRIMARY KEY, activity TEXT NOT NULL, service TEXT NOT NULL,"
    " operation TEXT NOT NULL, measure TEXT NOT NULL, subject TEXT NOT NULL, unit TEXT NOT NULL,"
    " UNIQUE(activity, service, operation, measure, subject, unit));"
    "CREATE TABLE measures(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,"
    " series INTEGER NOT NULL REFERENCES series(id), count INTEGER NOT NULL, mean REAL, median REAL, mode REAL,"
    " p95 REAL, sd REAL, PRIMARY KEY(run, series)) WITHOUT ROWID;"
    "CREATE INDEX measures_of_series ON measures(series);"
    "CREATE TABLE verdicts(run INTEGER PRIMARY KEY REFERENCES runs(id) ON DELETE CASCADE, status INTEGER NOT NULL,"
    " summary TEXT NOT NULL);",
    "CREATE TABLE parameters(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, path TEXT NOT NULL,"
    " family TEXT NOT NULL, mean REAL, standard_error REAL, samples INTEGER NOT NULL, PRIMARY KEY(run, path))"
    " WITHOUT ROWID;"
    "CREATE TABLE loads(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, label TEXT NOT NULL,"
    " component TEXT NOT NULL, kind TEXT NOT NULL, factor REAL, load REAL, low REAL, high REAL, utilization REAL,"
    " PRIMARY KEY(run, label, component, kind)) WITHOUT ROWID;"
    "CREATE TABLE limits(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, component TEXT NOT NULL,"
    " kind TEXT NOT NULL, factor REAL, low REAL, high REAL, PRIMARY KEY(run, component, kind)) WITHOUT ROWID;",
    "CREATE TABLE by_trace(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,"
    " series INTEGER NOT NULL REFERENCES series(id), traces BLOB NOT NULL, UNIQUE(run, series));"
    "CREATE INDEX by_trace_of_series ON by_trace(series);",
};

#endif
