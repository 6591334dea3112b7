/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file of the history: made, brought to today's schema, written, pruned and checked. */
#include "store.h"
#include "base/utc.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "schema.h"
#include "sql.h"

#define APPLICATION 0x4c434153 /* marks the file as ours */
#define PATIENCE    30000      /* ms that another job may hold the file */

/* ---- opening ----------------------------------------------------------------------------------------------------- */

/* SQLite takes ":memory:" and "file:…" for more than names. */
static int open_database(struct history *h, const char *file, int flags)
{
    char *path = lc_format("%s%s", file[0] == '/' ? "" : "./", file);
    const int code = sqlite3_open_v2(path, &h->db, flags, NULL);
    free(path);
    if (h->db == NULL)
        sql_fail(h, SQLITE_NOMEM, "");
    else if (code != SQLITE_OK)
        sql_fail(h, code, sqlite3_errmsg(h->db));
    if (code == SQLITE_OK)
        sqlite3_busy_timeout(h->db, PATIENCE);
    return code;
}

static void configure(struct history *h)
{
    sql_script(h, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF");
}

static bool is_empty(struct history *h)
{
    return sql_number(h, "SELECT count(*) FROM sqlite_master") == 0;
}

/* Looked at again under the lock: another job may have done it meanwhile. */
static void migrate(struct history *h)
{
    sql_script(h, "BEGIN IMMEDIATE");
    for (int64_t version = sql_number(h, "PRAGMA user_version"); h->code == SQLITE_OK && version < HISTORY_SCHEMA;
         version++)
        sql_script(h, history_migrations[version]);
    char *marks =
        lc_format("PRAGMA user_version = %d; PRAGMA application_id = %d; COMMIT", HISTORY_SCHEMA, APPLICATION);
    sql_script(h, marks);
    free(marks);
}

/* A file that is opened as it is: ours, and of a schema that this program knows. */
static void check_schema(struct history *h)
{
    const int64_t id = sql_number(h, "PRAGMA application_id"), version = sql_number(h, "PRAGMA user_version");
    if (h->code != SQLITE_OK)
        return;
    if (id != APPLICATION && !(id == 0 && version == 0 && is_empty(h))) {
        sql_fail(h, SQLITE_NOTADB, "");
    } else if (version > HISTORY_SCHEMA) {
        char *text = lc_format("the history has schema %lld; expected at most %d, the newest that loadcast %s knows",
                               (long long)version, HISTORY_SCHEMA, LOADCAST_VERSION);
        sql_fail(h, SQLITE_MISMATCH, text);
        free(text);
    } else if (version < HISTORY_SCHEMA) {
        if (version == 0)
            sql_script(h, "PRAGMA journal_mode = WAL");
        migrate(h);
    }
}

/* A new history is made beside its place: that it can be written shows before the work, and where the work fails
 * nothing is left. */
static void prepare(struct history *h)
{
    h->lock = lci_temporary_make(h->file, &h->temporary);
    if (h->lock < 0)
        sql_fail(h, SQLITE_CANTOPEN, strerror(errno));
    else if (open_database(h, h->temporary.path, SQLITE_OPEN_READWRITE) == SQLITE_OK) {
        configure(h);
        migrate(h);
    }
}

static void end_temporary(struct history *h)
{
    if (h->lock < 0)
        return;
    lci_temporary_end(&h->temporary);
    close(h->lock); /* before the file is opened under its name: it would take SQLite's locks along */
    h->lock = -1;
}

static void open_file(struct history *h)
{
    if (open_database(h, h->file, SQLITE_OPEN_READWRITE) == SQLITE_OK) {
        configure(h);
        check_schema(h);
    }
}

/* It appears whole under its name, before something is written into it, or another job was first. */
static void appear(struct history *h)
{
    if (h->lock < 0)
        return;
    sql_script(h, "PRAGMA journal_mode = WAL");
    sqlite3_close(h->db);
    h->db = NULL;
    if (h->code == SQLITE_OK && link(h->temporary.path, h->file) != 0 && errno != EEXIST &&
        lci_temporary_become(&h->temporary, h->file) != 0)
        sql_fail(h, SQLITE_CANTOPEN, strerror(errno));
    end_temporary(h);
    if (h->code == SQLITE_OK)
        open_file(h);
}

struct history *history_open(const char *file, bool make, struct lc_diag *diag)
{
    if (sqlite_load(diag) != 0)
        return NULL;
    lci_temporary_sweep(file);
    const int why = access(file, F_OK) != 0 ? errno : 0;
    if (why != 0 && (!make || why != ENOENT)) {
        lc_error(diag, make ? LC_MACHINE : lci_input_status(why), NULL, "%s: cannot be opened: %s", file,
                 strerror(why));
        return NULL;
    }
    struct history *h = lc_calloc(1, sizeof *h);
    h->file = lc_strdup(file);
    h->lock = -1;
    if (why != 0)
        prepare(h);
    else
        open_file(h);
    if (sql_settle(h, diag) == 0)
        return h;
    history_close(h);
    return NULL;
}

void history_close(struct history *h)
{
    if (h == NULL)
        return;
    sqlite3_close(h->db);
    end_temporary(h);
    free(h->file);
    free(h->message);
    free(h);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Removes what a record brings anew: measures, or what was predicted of them. */
static void clear_run(struct history *h, int64_t id, const struct history_record *r)
{
    static const char *const predicted[] = {"parameters", "loads", "limits", "verdicts"};
    if (r->measures.count > 0) {
        sql_run(h, "DELETE FROM measures WHERE run = ?1", "i", id);
        sql_run(h, "DELETE FROM by_trace WHERE run = ?1", "i", id);
    }
    for (size_t i = 0; i < sizeof predicted / sizeof *predicted && r->summary != NULL; i++) {
        char *sql = lc_format("DELETE FROM %s WHERE run = ?1", predicted[i]);
        sql_run(h, sql, "i", id);
        free(sql);
    }
}

/* The row of the run, without what the record brings. One that is there keeps its place. */
static int64_t begin_run(struct history *h, const struct history_record *r)
{
    int64_t id = 0;
    sqlite3_stmt *old = sql_prepare(h, "SELECT id FROM runs WHERE release = ?1 AND run = ?2", "tt", r->release, r->run);
    if (sql_row(h, old))
        id = sqlite3_column_int64(old, 0);
    sql_end(h, old);
    if (id != 0) {
        clear_run(h, id, r);
        sql_run(h, "UPDATE runs SET time = ifnull(nullif(?2, 0), time), program = ?3, options = ?4 WHERE id = ?1",
                "iitt", id, r->time, r->program, r->options);
        return id;
    }
    sql_run(h, "INSERT INTO runs VALUES(NULL, ?1, ?2, ?3, ?4, ?5, 0, 0)", "ttitt", r->release, r->run,
            r->time != 0 ? r->time : lci_utc_now(), r->program, r->options);
    return sqlite3_last_insert_rowid(h->db);
}

/* Sums and counts in turn, 32 bit floating-point numbers, the lowest byte first. */
static void write_by_trace(struct history *h, sqlite3_stmt *add, int64_t run, int64_t series,
                           const struct lci_measure_row *m)
{
    const size_t count = 2 * m->trace_count;
    uint32_t *numbers = lc_calloc(count + 1, sizeof *numbers);
    memcpy(numbers, m->by_trace, m->trace_count * sizeof *m->by_trace);
    for (size_t i = 0; i < count; i++)
        numbers[i] = htole32(numbers[i]);
    sql_bind(h, add, "iib", run, series, numbers, count * sizeof *numbers);
    sql_row(h, add);
    free(numbers);
}

static void write_measures(struct history *h, int64_t run, const struct history_record *r)
{
    sqlite3_stmt *find = sql_prepare(h,
                                     "SELECT id FROM series WHERE activity = ?1 AND service = ?2 AND operation = ?3 "
                                     "AND measure = ?4 AND subject = ?5 AND unit = ?6",
                                     "");
    sqlite3_stmt *add = sql_prepare(h, "INSERT INTO measures VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", "");
    sqlite3_stmt *add_traces = sql_prepare(h, "INSERT INTO by_trace VALUES(?1, ?2, ?3)", "");
    for (const struct lci_measure_row *m = r->measures.items;
         (size_t)(m - r->measures.items) < r->measures.count && h->code == SQLITE_OK; m++) {
        sql_bind(h, find, "tttttt", m->activity, m->service, m->operation, m->name, m->subject, m->unit);
        int64_t series = sql_row(h, find) ? sqlite3_column_int64(find, 0) : 0;
        if (series == 0) {
            sql_run(h, "INSERT INTO series VALUES(NULL, ?1, ?2, ?3, ?4, ?5, ?6)", "tttttt", m->activity, m->service,
                    m->operation, m->name, m->subject, m->unit);
            series = sqlite3_last_insert_rowid(h->db);
        }
        sql_bind(h, add, "iiiddddd", run, series, (int64_t)m->count, m->mean, m->median, m->mode, m->p95, m->sd);
        sql_row(h, add);
        if (m->by_trace != NULL)
            write_by_trace(h, add_traces, run, series, m);
    }
    sql_end(h, find);
    sql_end(h, add);
    sql_end(h, add_traces);
}

static const char *kind_of(bool processor)
{
    return processor ? "processor" : "task";
}

/* Two levels of a scenario may have one name: the last one counts. */
static void write_predictions(struct history *h, int64_t run, const struct history_record *r)
{
    for (const struct history_parameter *p = r->parameters; (size_t)(p - r->parameters) < r->parameter_count; p++)
        sql_run(h, "INSERT OR REPLACE INTO parameters VALUES(?1, ?2, ?3, ?4, ?5, ?6)", "ittddi", run, p->path,
                p->family, p->mean, p->standard_error, (int64_t)p->samples);
    for (const struct history_load *l = r->loads; (size_t)(l - r->loads) < r->load_count; l++)
        sql_run(h, "INSERT OR REPLACE INTO loads VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", "itttddddd", run,
                l->label, l->component, kind_of(l->processor), l->factor, l->load, l->low, l->high, l->utilization);
    for (const struct history_limit *l = r->limits; (size_t)(l - r->limits) < r->limit_count; l++)
        sql_run(h, "INSERT OR REPLACE INTO limits VALUES(?1, ?2, ?3, ?4, ?5, ?6)", "ittddd", run, l->component,
                kind_of(l->processor), l->factor, l->low, l->high);
    if (r->summary != NULL)
        sql_run(h, "INSERT INTO verdicts VALUES(?1, ?2, ?3)", "iit", run, (int64_t)r->status, r->summary);
}

static void write_record(struct history *h, const struct history_record *r)
{
    const int64_t run = begin_run(h, r);
    write_measures(h, run, r);
    write_predictions(h, run, r);
    int64_t rows;
    const int64_t sum = sql_sum(h, run, &rows);
    sql_run(h, "UPDATE runs SET rows = ?2, sum = ?3 WHERE id = ?1", "iii", run, rows, sum);
}

int history_write(struct history *h, const struct history_records *records, struct lc_diag *diag)
{
    appear(h);
    sql_script(h, "BEGIN IMMEDIATE");
    for (size_t i = 0; i < records->count && h->code == SQLITE_OK; i++)
        write_record(h, &records->items[i]);
    sql_script(h, "COMMIT");
    return sql_settle(h, diag);
}

int history_remove(struct history *h, const int64_t *ids, size_t count, struct lc_diag *diag)
{
    sql_script(h, "BEGIN IMMEDIATE");
    for (size_t i = 0; i < count; i++)
        sql_run(h, "DELETE FROM runs WHERE id = ?1", "i", ids[i]);
    sql_script(h, "DELETE FROM series WHERE id NOT IN (SELECT series FROM measures); COMMIT");
    if (count > 0)
        sql_script(h, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
    return sql_settle(h, diag);
}

/* ---- checking ---------------------------------------------------------------------------------------------------- */

static void check_run(struct history *h, sqlite3_stmt *run, struct lc_diag *diag)
{
    int64_t rows;
    const int64_t sum = sql_sum(h, sqlite3_column_int64(run, 0), &rows);
    if (h->code == SQLITE_OK && (rows != sqlite3_column_int64(run, 3) || sum != sqlite3_column_int64(run, 4)))
        lc_error(diag, LC_INPUT, NULL,
                 "%s: release '%s', run '%s' is not what was written; expected %lld rows of sum %016llx, found %lld of "
                 "%016llx",
                 h->file, sql_text(run, 1), sql_text(run, 2), (long long)sqlite3_column_int64(run, 3),
                 (unsigned long long)sqlite3_column_int64(run, 4), (long long)rows, (unsigned long long)sum);
}

int history_check(struct history *h, struct lc_diag *diag)
{
    const size_t before = diag->errors;
    sqlite3_stmt *damage = sql_prepare(h, "PRAGMA integrity_check", "");
    while (sql_row(h, damage))
        if (strcmp(sql_text(damage, 0), "ok") != 0)
            lc_error(diag, LC_INPUT, NULL, "%s: the file is damaged: %s", h->file, sql_text(damage, 0));
    sql_end(h, damage);
    sqlite3_stmt *lost = sql_prepare(h, "PRAGMA foreign_key_check", "");
    while (sql_row(h, lost))
        lc_error(diag, LC_INPUT, NULL, "%s: a row of '%s' refers to a row of '%s' that is not there", h->file,
                 sql_text(lost, 0), sql_text(lost, 2));
    sql_end(h, lost);
    sqlite3_stmt *run = sql_prepare(h, "SELECT id, release, run, rows, sum FROM runs ORDER BY time, id", "");
    while (sql_row(h, run))
        check_run(h, run, diag);
    sql_end(h, run);
    return sql_settle(h, diag) == 0 && diag->errors == before ? 0 : -1;
}
