/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the history is asked. */
#include "store.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/lqn.h"
#include "sql.h"

/* ---- runs -------------------------------------------------------------------------------------------------------- */

int history_runs(struct history *h, struct history_runs *runs, struct lc_diag *diag)
{
    size_t room = 0;
    *runs = (struct history_runs){0};
    /* Of runs at the same time (imported ones) the order of import decides, for ids ascend. */
    sqlite3_stmt *s = sql_prepare(
        h,
        "SELECT id, time, release, runs.run, program, options, (SELECT count(*) FROM measures WHERE measures.run = "
        "id), status,"
        " min(time) OVER releases, min(id) OVER releases FROM runs LEFT JOIN verdicts ON verdicts.run = runs.id "
        "WINDOW releases AS (PARTITION BY release) ORDER BY 9, 10, release, time, id",
        "");
    while (sql_row(h, s)) {
        LC_GROW(runs->items, runs->count, room);
        struct history_run *r = &runs->items[runs->count];
        *r = (struct history_run){.id = sqlite3_column_int64(s, 0),
                                  .time = sqlite3_column_int64(s, 1),
                                  .release = lc_strdup(sql_text(s, 2)),
                                  .run = lc_strdup(sql_text(s, 3)),
                                  .program = lc_strdup(sql_text(s, 4)),
                                  .options = lc_strdup(sql_text(s, 5)),
                                  .measures = (size_t)sqlite3_column_int64(s, 6),
                                  .status = sqlite3_column_type(s, 7) == SQLITE_NULL ? -1 : sqlite3_column_int(s, 7)};
        runs->releases += runs->count == 0 || strcmp(runs->items[runs->count - 1].release, r->release) != 0;
        r->release_at = runs->releases - 1;
        runs->count++;
    }
    sql_end(h, s);
    if (sql_settle(h, diag) == 0)
        return 0;
    history_runs_free(runs);
    return -1;
}

void history_runs_free(struct history_runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        free(runs->items[i].release);
        free(runs->items[i].run);
        free(runs->items[i].program);
        free(runs->items[i].options);
    }
    free(runs->items);
    *runs = (struct history_runs){0};
}

/* ---- one run ----------------------------------------------------------------------------------------------------- */

static bool is_processor(sqlite3_stmt *s, int column)
{
    return strcmp(sql_text(s, column), "processor") == 0;
}

/* The values by trace that write_by_trace() wrote, to be freed; NULL: none, or half a pair. */
static struct lci_in_trace *by_trace_of(sqlite3_stmt *s, int column, size_t *count)
{
    const size_t bytes = (size_t)sqlite3_column_bytes(s, column);
    *count = bytes % sizeof(struct lci_in_trace) == 0 ? bytes / sizeof(struct lci_in_trace) : 0;
    if (*count == 0)
        return NULL;
    uint32_t *numbers = lc_calloc(2 * *count, sizeof *numbers);
    memcpy(numbers, sqlite3_column_blob(s, column), bytes);
    for (size_t i = 0; i < 2 * *count; i++)
        numbers[i] = le32toh(numbers[i]);
    struct lci_in_trace *by_trace = lc_calloc(*count, sizeof *by_trace);
    memcpy(by_trace, numbers, bytes);
    free(numbers);
    return by_trace;
}

static void read_measures(struct history *h, int64_t run, struct history_record *record)
{
    sqlite3_stmt *s = sql_prepare(
        h,
        "SELECT activity, service, operation, measure, subject, unit, count, mean, median, mode, p95, sd, traces FROM "
        "measures m JOIN series s ON m.series = s.id LEFT JOIN by_trace b ON b.run = m.run AND b.series = m.series "
        "WHERE m.run = ?1",
        "i", run);
    while (sql_row(h, s)) {
        struct lci_measure_row row = {record->release,   record->run,      sql_text(s, 0),
                                      sql_text(s, 1),    sql_text(s, 2),   sql_text(s, 3),
                                      sql_text(s, 4),    sql_text(s, 5),   (uint64_t)sqlite3_column_int64(s, 6),
                                      sql_double(s, 7),  sql_double(s, 8), sql_double(s, 9),
                                      sql_double(s, 10), sql_double(s, 11)};
        row.by_trace = by_trace_of(s, 12, &row.trace_count);
        lci_measure_table_add(&record->measures, &row);
        free(row.by_trace);
    }
    sql_end(h, s);
    lci_measure_table_sort(&record->measures);
}

static void read_predictions(struct history *h, int64_t run, struct history_record *record)
{
    sqlite3_stmt *s = sql_prepare(
        h, "SELECT path, family, mean, standard_error, samples FROM parameters WHERE run = ?1 ORDER BY path", "i", run);
    while (sql_row(h, s))
        history_record_parameter(record,
                                 &(struct history_parameter){sql_text(s, 0), sql_text(s, 1), sql_double(s, 2),
                                                             sql_double(s, 3), (uint64_t)sqlite3_column_int64(s, 4)});
    sql_end(h, s);
    s = sql_prepare(h,
                    "SELECT label, component, kind, factor, load, low, high, utilization FROM loads WHERE run = ?1 "
                    "ORDER BY factor, label, component, kind",
                    "i", run);
    while (sql_row(h, s))
        history_record_load(record, &(struct history_load){sql_text(s, 0), sql_text(s, 1), is_processor(s, 2),
                                                           sql_double(s, 3), sql_double(s, 4), sql_double(s, 5),
                                                           sql_double(s, 6), sql_double(s, 7)});
    sql_end(h, s);
    s = sql_prepare(
        h, "SELECT component, kind, factor, low, high FROM limits WHERE run = ?1 ORDER BY factor, component, kind", "i",
        run);
    while (sql_row(h, s))
        history_record_limit(record, &(struct history_limit){sql_text(s, 0), is_processor(s, 1), sql_double(s, 2),
                                                             sql_double(s, 3), sql_double(s, 4)});
    sql_end(h, s);
    s = sql_prepare(h, "SELECT status, summary FROM verdicts WHERE run = ?1", "i", run);
    if (sql_row(h, s)) {
        record->status = sqlite3_column_int(s, 0);
        record->summary = lc_strdup(sql_text(s, 1));
    }
    sql_end(h, s);
}

int history_read(struct history *h, const struct history_run *run, struct history_record *record, struct lc_diag *diag)
{
    *record = history_record_new(run->release, run->run);
    record->time = run->time;
    record->program = lci_measure_table_name(&record->measures, run->program);
    record->options = lci_measure_table_name(&record->measures, run->options);
    read_measures(h, run->id, record);
    read_predictions(h, run->id, record);
    if (sql_settle(h, diag) == 0)
        return 0;
    history_record_free(record);
    return -1;
}

/* ---- over releases ----------------------------------------------------------------------------------------------- */

static const char *keep(struct history_table *table, const char *text)
{
    int at = lci_names_find(&table->names, text);
    if (at == LC_NONE) {
        at = (int)table->names.count;
        lci_names_add(&table->names, text, at);
    }
    return table->names.items[at].name;
}

/* Where each run stands, by its id. */
struct places {
    const struct history_runs *runs;
    struct lci_table table;
};

static struct places places_of(const struct history_runs *runs)
{
    struct places places = {.runs = runs};
    for (size_t i = 0; i < runs->count; i++)
        lci_table_add(&places.table, lci_hash_word((uint64_t)runs->items[i].id), i);
    return places;
}

static int by_run(const void *a, const void *b)
{
    const struct history_point *x = a, *y = b;
    return (x->run > y->run) - (x->run < y->run);
}

/* Rows: 0 activity, 1 service, 2 operation, 3 name, 4 subject, 5 unit, 6 run, 7 value; those of a series follow each
 * other. */
static void collect(struct history *h, sqlite3_stmt *s, const struct history_runs *runs, struct history_table *table)
{
    struct places places = places_of(runs);
    const size_t first = table->count;
    while (sql_row(h, s)) {
        uint32_t at;
        const int64_t id = sqlite3_column_int64(s, 6);
        LCI_TABLE_FIND(&places.table, lci_hash_word((uint64_t)id), at, runs->items[at].id == id);
        if (at == LCI_ABSENT || sqlite3_column_type(s, 7) == SQLITE_NULL)
            continue; /* another job has written it since */
        const struct history_series key = {keep(table, sql_text(s, 0)), keep(table, sql_text(s, 1)),
                                           keep(table, sql_text(s, 2)), keep(table, sql_text(s, 3)),
                                           keep(table, sql_text(s, 4)), keep(table, sql_text(s, 5))};
        struct history_series *last = table->count > first ? &table->items[table->count - 1] : NULL;
        if (last == NULL || memcmp(last, &key, offsetof(struct history_series, points)) != 0) {
            LC_GROW(table->items, table->count, table->room);
            last = &table->items[table->count++];
            *last = key;
        }
        LC_GROW(last->points, last->count, last->room);
        assert(last->points != NULL);
        last->points[last->count++] = (struct history_point){at, sqlite3_column_double(s, 7)};
    }
    for (size_t i = first; i < table->count; i++)
        qsort(table->items[i].points, table->items[i].count, sizeof *table->items[i].points, by_run);
    lci_table_free(&places.table);
}

static const char *any(const char *pattern)
{
    return pattern != NULL ? pattern : "*";
}

static int ask(struct history *h, const char *sql, const struct history_runs *runs, const struct history_wanted *w,
               struct history_table *table, struct lc_diag *diag)
{
    sqlite3_stmt *s = sql_prepare(h, sql, "ttttt", any(w->measure), any(w->activity), any(w->service),
                                  any(w->operation), any(w->subject));
    collect(h, s, runs, table);
    sql_end(h, s);
    return sql_settle(h, diag);
}

int history_measures(struct history *h, const struct history_runs *runs, const struct history_wanted *wanted,
                     struct history_table *table, struct lc_diag *diag)
{
    return ask(h,
               "SELECT activity, service, operation, measure, subject, unit, run, mean FROM series "
               "JOIN measures ON series = id WHERE measure GLOB ?1 AND activity GLOB ?2 AND service GLOB ?3 "
               "AND operation GLOB ?4 AND subject GLOB ?5 ORDER BY 1, 2, 3, 4, 5, 6",
               runs, wanted, table, diag);
}

int history_predictions(struct history *h, const struct history_runs *runs, const struct history_wanted *wanted,
                        struct history_table *table, struct lc_diag *diag)
{
    /* The name of a processor tells what it is, as in the verdict. */
    return ask(h,
               "WITH both(name, component, kind, subject, factor, run, value) AS (SELECT 'load', component, kind, "
               "label, factor, run, load FROM loads UNION ALL SELECT 'capacity', component, kind, '', 0, run, factor "
               "FROM limits) SELECT '', component || CASE kind WHEN 'processor' THEN ' (processor)' ELSE '' END, '', "
               "name, subject, '1', run, value FROM both WHERE name GLOB ?1 AND '' GLOB ?2 AND component GLOB ?3 AND "
               "'' GLOB ?4 AND subject GLOB ?5 ORDER BY 4, factor, 5, 2",
               runs, wanted, table, diag);
}

void history_table_free(struct history_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->items[i].points);
    free(table->items);
    lci_names_free(&table->names);
    *table = (struct history_table){0};
}
