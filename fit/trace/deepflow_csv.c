/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of DeepFlow's l7_flow_log as CSV with a line of names, as ClickHouse writes them (CSVWithNames, TSVWithNames).
 */
#include "csv_lines.h"
#include "flow_rows.h"

#include "base/csv_cells.h"

#include <stdlib.h>
#include <string.h>

#define MOST_COLUMNS 512

struct table {
    struct lci_csv_reader lines;
    uint8_t columns[MOST_COLUMNS];
    size_t count;
    char separator;
    bool warned;
    char *text; /* of cells whose quotes stood twice */
    size_t capacity;
};

static size_t cut(const char *line, size_t length, char separator, struct lci_csv_field *fields)
{
    return lci_csv_split(line, length, separator, fields, MOST_COLUMNS);
}

static char separator_of(const char *line, size_t length)
{
    return memchr(line, '\t', length) != NULL ? '\t' : memchr(line, ';', length) != NULL ? ';' : ',';
}

static bool take_header(const char *line, size_t length, uint8_t *columns, size_t *count, char *separator)
{
    struct lci_csv_field f[MOST_COLUMNS];
    bool point = false, start = false;
    *separator = separator_of(line, length);
    *count = cut(line, length, *separator, f);
    for (size_t i = 0; i < *count && i < MOST_COLUMNS; i++) {
        columns[i] = (uint8_t)lci_column_of(f[i].text, f[i].length);
        point |= columns[i] == LCI_COLUMN_POINT;
        start |= columns[i] == LCI_COLUMN_START || columns[i] == LCI_COLUMN_START_US;
    }
    return point && start && *count <= MOST_COLUMNS;
}

static bool begins(const char *text, size_t length)
{
    uint8_t columns[MOST_COLUMNS];
    size_t count;
    char separator;
    if (length == 0 || *text == '{' || *text == '[') /* JSON whose keys look like names in quotes */
        return false;
    return take_header(text, lci_csv_header(text, length), columns, &count, &separator);
}

static int take_names(struct table *t, const char *line, size_t length)
{
    bool has[LCI_COLUMNS] = {false};
    take_header(line, length, t->columns, &t->count, &t->separator);
    for (size_t i = 0; i < t->count; i++)
        has[t->columns[i]] = true;
    return lci_flow_columns_suffice(&t->lines.reader, has) ? 0 : -1;
}

struct taken { /* of a line so far */
    const struct table *table;
    const uint8_t *columns;
    size_t count; /* of columns */
    struct lci_flow_row *row;
    uint64_t said;
    size_t copied; /* bytes of the table's text */
};

/* A cell with quotes in it, as it was before it was written. Texts of one row stand behind each other in `text`, whose
 * size is that of the line. Returns its length. */
static __attribute__((noinline)) size_t single_quotes(char *to, const char *text, size_t length)
{
    size_t copied = 0;
    for (size_t i = 0; i < length; i++) {
        to[copied++] = text[i];
        i += text[i] == '"' && i + 1 < length && text[i + 1] == '"';
    }
    return copied;
}

/* Of several names of one column the first that says something counts; those without a meaning are taken as said. */
static inline void take_cell(void *context, size_t at, const char *text, size_t length, bool doubled)
{
    struct taken *k = context;
    if (length == 0 || at >= k->count)
        return;
    const unsigned c = k->columns[at];
    if ((k->said >> c & 1) != 0 || (length == 2 && memcmp(text, "\\N", 2) == 0))
        return;
    k->said |= UINT64_C(1) << c;
    k->row->text[c] = text;
    k->row->length[c] = length;
    if (doubled) {
        char *to = k->table->text + k->copied;
        k->copied += k->row->length[c] = single_quotes(to, text, length);
        k->row->text[c] = to;
    }
}

static int take_line(struct lci_csv_reader *lines, const char *line, size_t length, struct lc_diag *diag)
{
    struct table *t = (struct table *)lines;
    struct lci_flow_row row;
    if (lines->number == 1)
        return take_names(t, line, length);
    if (length == 0)
        return 0;
    if (length > t->capacity) {
        t->capacity = 2 * length;
        t->text = lc_realloc(t->text, t->capacity, 1);
    }
    const uint64_t none = UINT64_C(1) << LCI_COLUMN_NONE;
    struct taken taken = {.table = t, .columns = t->columns, .count = t->count, .row = &row, .said = none};
    const size_t count = lci_csv_each(line, length, t->separator, take_cell, &taken);
    if (count != t->count)
        return lci_csv_wrong_count(lines, count, t->count, diag);
    row.said = taken.said & ~none;
    lci_flow_put(&lines->reader, &row, &t->warned);
    return 0;
}

static int feed(struct lci_trace_reader *reader, const char *bytes, size_t length, struct lc_diag *diag)
{
    return lci_csv_feed((struct lci_csv_reader *)reader, bytes, length, take_line, diag);
}

static int finish(struct lci_trace_reader *reader, struct lc_diag *diag)
{
    return lci_csv_finish((struct lci_csv_reader *)reader, take_line, diag);
}

static void stop(struct lci_trace_reader *reader)
{
    free(((struct table *)reader)->lines.line);
    free(((struct table *)reader)->text);
}

const struct lci_format lci_deepflow_csv = {.name = "DeepFlow rows in CSV",
                                            .begins = begins,
                                            .size = sizeof(struct table),
                                            .feed = feed,
                                            .finish = finish,
                                            .stop = stop};
