/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A table with a row a run and a column a measure, as spreadsheets and papers have them. */
#include "exchange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "fit/tables/times.h"

enum role { MEASURE, RELEASE, RUN, ACTIVITY, SERVICE, OPERATION, TIME, IGNORED };
static const char *const names[] = {
    [RELEASE] = "release",     [RUN] = "run",   [ACTIVITY] = "activity", [SERVICE] = "service",
    [OPERATION] = "operation", [TIME] = "time", [IGNORED] = ""};

struct column {
    enum role role;
    char *measure; /* its name; owned */
    double scale;  /* to its unit */
    const char *unit;
};

struct layout {
    struct column columns[LCI_CSV_FIELDS];
    size_t count;
    char separator;
};

/* The unit that a name ends in, and the length of the name without it. */
static void set_unit(struct column *c, const char *name, const char *other, size_t *length)
{
    static const struct {
        const char *end;
        double scale;
    } units[] = {{"_s", 1}, {"_ms", 1e-3}, {"_us", 1e-6}, {"_ns", 1e-9}};
    *length = strlen(name);
    c->scale = 1;
    c->unit = "1";
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        const size_t tail = strlen(units[i].end);
        const bool ends = *length > tail && strcmp(name + *length - tail, units[i].end) == 0;
        if (ends || (other != NULL && strcmp(other, units[i].end + 1) == 0)) {
            c->scale = units[i].scale;
            c->unit = "s";
        }
        if (ends) {
            *length -= tail;
            return;
        }
    }
}

/* What is said of a column with --column, or NULL. */
static const char *said(const struct history_columns *columns, const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < columns->count; i++)
        if (strncmp(columns->roles[i], name, length) == 0 && columns->roles[i][length] == '=')
            return columns->roles[i] + length + 1;
    return NULL;
}

static void read_column(struct column *c, const char *name, const struct history_columns *columns)
{
    const char *role = said(columns, name);
    size_t length;
    set_unit(c, name, columns->unit, &length);
    c->role = MEASURE;
    for (enum role r = RELEASE; r <= IGNORED; r++)
        if (strcmp(role != NULL ? role : name, names[r]) == 0)
            c->role = r;
    c->measure = role != NULL ? lc_strdup(role) : lc_strndup(name, length);
}

static size_t column_of(const struct layout *layout, enum role role)
{
    for (size_t i = 0; i < layout->count; i++)
        if (layout->columns[i].role == role)
            return i;
    return layout->count;
}

static int read_header(char *line, const struct history_columns *columns, struct layout *layout, struct lc_diag *diag,
                       const struct lc_place *place)
{
    char *cells[LCI_CSV_FIELDS];
    layout->separator = lci_csv_separator(line);
    layout->count = lci_csv_cut(line, layout->separator, cells);
    for (size_t i = 0; i < layout->count; i++)
        read_column(&layout->columns[i], cells[i], columns);
    if (layout->count == LCI_CSV_FIELDS)
        lc_error(diag, LC_INPUT, place, "expected fewer than %d columns", LCI_CSV_FIELDS);
    else if (column_of(layout, RELEASE) == layout->count || column_of(layout, MEASURE) == layout->count)
        lc_error(diag, LC_INPUT, place,
                 "expected a column 'release' and at least one measure; --column NAME=release says which it is");
    else
        return 0;
    return -1;
}

static const char *cell(const struct layout *layout, char **cells, enum role role)
{
    const size_t at = column_of(layout, role);
    return at < layout->count ? lci_csv_text(cells[at]) : "";
}

static void read_cell(const struct column *c, const char *text, struct lci_measure_row *row,
                      struct history_record *record, struct lc_diag *diag, const struct lc_place *place)
{
    char *end;
    const double value = strtod(text, &end);
    if (*text == 0)
        return; /* not measured */
    if (*end != 0 || !isfinite(value)) {
        lc_error(diag, LC_INPUT, place, "'%s': expected a number, found '%s'", c->measure, text);
        return;
    }
    row->name = c->measure;
    row->unit = c->unit;
    row->count = 1;
    row->mean = row->median = value * c->scale;
    row->mode = row->p95 = row->sd = NAN;
    lci_measure_table_add(&record->measures, row);
}

static void read_row(char *line, const struct layout *layout, struct history_records *records, struct lc_diag *diag,
                     const struct lc_place *place)
{
    char *cells[LCI_CSV_FIELDS];
    const size_t count = lci_csv_cut(line, layout->separator, cells);
    if (count != layout->count) {
        lc_error(diag, LC_INPUT, place, "expected %zu columns, found %zu", layout->count, count);
        return;
    }
    struct history_record *record = history_records_of(records, cell(layout, cells, RELEASE), cell(layout, cells, RUN));
    const char *time = cell(layout, cells, TIME);
    if (*time != 0 && !lci_time_read(time, &record->time))
        lc_error(diag, LC_INPUT, place, "expected a time such as 2026-11-29T02:00:00Z, found '%s'", time);
    struct lci_measure_row row = {.release = record->release,
                                  .run = record->run,
                                  .activity = cell(layout, cells, ACTIVITY),
                                  .service = cell(layout, cells, SERVICE),
                                  .operation = cell(layout, cells, OPERATION),
                                  .subject = ""};
    for (size_t i = 0; i < layout->count; i++)
        if (layout->columns[i].role == MEASURE)
            read_cell(&layout->columns[i], cells[i], &row, record, diag, place);
}

int history_import_table(const char *file, char *text, const struct history_columns *columns,
                         struct history_records *records, struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    struct lc_place place = {.file = file, .offset = -1};
    struct layout layout = {0};
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        place.line++;
        line[strcspn(line, "\r")] = 0;
        if (place.line == 1 && read_header(line, columns, &layout, diag, &place) != 0)
            break;
        if (place.line > 1 && *line != 0)
            read_row(line, &layout, records, diag, &place);
    }
    for (size_t i = 0; i < layout.count; i++)
        free(layout.columns[i].measure);
    return diag->errors == errors ? 0 : -1;
}
