/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of DeepFlow's l7_flow_log as CSV with a line of names, as ClickHouse writes them (CSVWithNames, TSVWithNames).
 */
#include "csv_lines.h"
#include "flow_rows.h"

#include "base/csv.h"

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

/* A cell with quotes in it, as it was before it was written. Texts of one row stand behind each other in `text`, whose
 * size is that of the line. */
static const char *single_quotes(struct table *t, const struct lci_csv_field *field, size_t *at, size_t *length)
{
    const size_t first = *at;
    for (size_t i = 0; i < field->length; i++) {
        t->text[(*at)++] = field->text[i];
        i += field->text[i] == '"' && i + 1 < field->length && field->text[i + 1] == '"';
    }
    *length = *at - first;
    return t->text + first;
}

static int take_line(struct lci_csv_reader *lines, const char *line, size_t length, struct lc_diag *diag)
{
    struct table *t = (struct table *)lines;
    struct lci_csv_field fields[MOST_COLUMNS];
    struct lci_flow_row row;
    size_t copied = 0;
    row.said = 0;
    if (lines->number == 1)
        return take_names(t, line, length);
    if (length == 0)
        return 0;
    const size_t count = cut(line, length, t->separator, fields);
    if (count != t->count)
        return lci_csv_wrong_count(lines, count, t->count, diag);
    if (length > t->capacity) {
        t->capacity = 2 * length;
        t->text = lc_realloc(t->text, t->capacity, 1);
    }
    for (size_t i = 0; i < count; i++) {
        const struct lci_csv_field *field = &fields[i];
        const unsigned c = t->columns[i];
        if (field->length == 0 || c == LCI_COLUMN_NONE || lci_flow_says(&row, c) ||
            (field->length == 2 && memcmp(field->text, "\\N", 2) == 0))
            continue;
        lci_flow_say(&row, c, field->text, field->length);
        if (field->doubled)
            row.text[c] = single_quotes(t, field, &copied, &row.length[c]);
    }
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
