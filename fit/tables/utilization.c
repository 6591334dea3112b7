/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How busy processors were, measured beside the traces: a table of times, components and utilizations.
 */
#include "base/csv.h"
#include "base/output.h"
#include "loadcast/format.h"
#include "loadcast/learn.h"
#include "times.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST (64u << 20) /* bytes of a file */

void lc_utilization_free(struct lc_utilization *utilization)
{
    for (size_t i = 0; i < utilization->count; i++)
        free(utilization->windows[i].component);
    free(utilization->windows);
    free(utilization->file);
    *utilization = (struct lc_utilization){0};
}

enum column { TIME, COMPONENT, UTILIZATION, CORES, COLUMN_COUNT };

static bool read_header(char **fields, size_t count, size_t *column)
{
    static const char *const names[] = {"time", "component", "utilization", "cores"};
    for (size_t k = 0; k < COLUMN_COUNT; k++) {
        column[k] = LCI_CSV_FIELDS;
        for (size_t i = 0; i < count; i++)
            if (strcmp(fields[i], names[k]) == 0)
                column[k] = i;
    }
    return column[TIME] < LCI_CSV_FIELDS && column[COMPONENT] < LCI_CSV_FIELDS &&
           (column[UTILIZATION] < LCI_CSV_FIELDS) != (column[CORES] < LCI_CSV_FIELDS);
}

/* "0.31" or "31 %" */
static bool read_share(const char *text, bool cores, double *value)
{
    char *rest;
    *value = strtod(text, &rest);
    if (rest == text || !isfinite(*value) || *value < 0)
        return false;
    rest += strspn(rest, " ");
    if (*rest == '%' && !cores) {
        *value /= 100;
        rest++;
    }
    return *rest == 0 && (cores || *value <= 1);
}

static void read_row(struct lc_utilization *u, char **fields, size_t count, const size_t *column,
                     const struct lc_place *place, struct lc_diag *diag)
{
    struct lc_utilization_window window = {.line = place->line};
    const size_t value = u->cores ? column[CORES] : column[UTILIZATION];
    if (count <= column[TIME] || count <= column[COMPONENT] || count <= value) {
        lc_error(diag, LC_INPUT, place, "%zu fields; a time, a component and its utilization were expected", count);
        return;
    }
    if (!lci_time_read(fields[column[TIME]], &window.start)) {
        lc_error(diag, LC_INPUT, place, "'%s' is no time; it should be like 2026-11-22T01:59:07Z or seconds since 1970",
                 fields[column[TIME]]);
        return;
    }
    if (!read_share(fields[value], u->cores, &window.value)) {
        lc_error(diag, LC_INPUT, place,
                 u->cores ? "'%s' is no number of busy cores; it should be like 1.25"
                          : "'%s' is no utilization; it should be a part of all cores, like 0.31 or 31 %%",
                 fields[value]);
        return;
    }
    window.component = lc_strdup(fields[column[COMPONENT]]);
    LC_GROW(u->windows, u->count, u->capacity);
    u->windows[u->count++] = window;
}

static int by_component(const void *a, const void *b)
{
    const struct lc_utilization_window *x = a, *y = b;
    const int order = strcmp(x->component, y->component);
    return order != 0 ? order : (x->start > y->start) - (x->start < y->start);
}

/* A window lasts until the next one of its component, the last one as long as the one before it. */
static void close_windows(struct lc_utilization *u, struct lc_diag *diag)
{
    if (u->count > 1)
        qsort(u->windows, u->count, sizeof *u->windows, by_component);
    for (size_t i = 0; i < u->count; i++) {
        struct lc_utilization_window *w = &u->windows[i];
        const struct lc_place place = {u->file, w->line, 0, -1};
        const bool next = i + 1 < u->count && strcmp(u->windows[i + 1].component, w->component) == 0;
        const bool last = i > 0 && strcmp(u->windows[i - 1].component, w->component) == 0;
        if (next && u->windows[i + 1].start == w->start)
            lc_error(diag, LC_INPUT, &place, "'%s' has two rows with this time; one was expected", w->component);
        else if (next)
            w->end = u->windows[i + 1].start;
        else if (last)
            w->end = w->start + (w->start - u->windows[i - 1].start);
        else
            lc_error(diag, LC_INPUT, &place,
                     "'%s' has one row only, so that nobody knows how long it lasted; at least two were expected",
                     w->component);
    }
}

static void read_lines(struct lc_utilization *u, char *text, struct lc_diag *diag)
{
    struct lc_place place = {u->file, 0, 0, -1};
    size_t column[COLUMN_COUNT];
    bool header = false;
    for (char *line = text; line != NULL && *line != 0;) {
        char *next = strchr(line, '\n'), *fields[LCI_CSV_FIELDS];
        if (next != NULL)
            *next++ = 0;
        place.line++;
        const size_t count = lci_csv_cut(line, ',', fields);
        line = next;
        if (count == 1 && *fields[0] == 0)
            continue;
        if (header) {
            read_row(u, fields, count, column, &place, diag);
            continue;
        }
        if (!read_header(fields, count, column)) {
            lc_error(diag, LC_INPUT, &place,
                     "no header; the first line should be time,component,utilization (a part of all cores) or "
                     "time,component,cores (busy ones)");
            return;
        }
        header = true;
        u->cores = column[CORES] < LCI_CSV_FIELDS;
    }
}

int lc_utilization_read(const char *file, struct lc_utilization *utilization, struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    *utilization = (struct lc_utilization){.file = lc_strdup(file)};
    char *text = lci_file_read(file, LARGEST, &(size_t){0}, diag);
    if (text != NULL) {
        read_lines(utilization, text, diag);
        close_windows(utilization, diag);
        free(text);
    }
    if (diag->errors == errors && utilization->count == 0)
        lc_error(diag, LC_INPUT, &(struct lc_place){utilization->file, 0, 0, -1},
                 "no utilization in it; at least two rows were expected");
    if (diag->errors == errors)
        return 0;
    lc_utilization_free(utilization);
    return -1;
}
