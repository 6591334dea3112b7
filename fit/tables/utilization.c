/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How busy processors were, measured beside the traces: a table of times, components and utilizations, or what other
 * tools write (cpu_samples.h).
 */
#include "base/csv.h"
#include "base/output.h"
#include "loadcast/format.h"
#include "loadcast/learn.h"
#include "tables/cpu_samples.h"
#include "times.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LARGEST (64u << 20) /* bytes of a file */

void lc_utilization_free(struct lc_utilization *utilization)
{
    for (size_t i = 0; i < utilization->count; i++)
        free(utilization->windows[i].component);
    free(utilization->windows);
    for (size_t i = 0; i < utilization->host_count; i++)
        free(utilization->hosts[i].component);
    free(utilization->hosts);
    for (size_t i = 0; i < utilization->file_count; i++)
        free(utilization->files[i]);
    free(utilization->files);
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

static void read_row(struct lci_cpu_samples *s, char **fields, size_t count, const size_t *column,
                     const struct lc_place *place)
{
    struct lc_utilization *u = s->utilization;
    struct lc_diag *diag = s->diag;
    struct lc_utilization_window window = {.file = s->file, .line = place->line, .service = true};
    const size_t value = s->cores ? column[CORES] : column[UTILIZATION];
    if (count <= column[TIME] || count <= column[COMPONENT] || count <= value) {
        lc_error(diag, LC_INPUT, place, "expected a time, a component and its utilization, found %zu fields", count);
        return;
    }
    if (!lci_time_read(fields[column[TIME]], &window.start)) {
        lc_error(diag, LC_INPUT, place,
                 "expected a time such as 2026-11-22T01:59:07Z or seconds since 1970, found '%s'",
                 fields[column[TIME]]);
        return;
    }
    if (!read_share(fields[value], s->cores, &window.value)) {
        lc_error(diag, LC_INPUT, place,
                 s->cores ? "expected a number of busy cores such as 1.25, found '%s'"
                          : "expected a utilization of all cores such as 0.31 or 31 %%, found '%s'",
                 fields[value]);
        return;
    }
    window.component = lc_strdup(s->service != NULL ? s->service : fields[column[COMPONENT]]);
    LC_GROW(u->windows, u->count, u->capacity);
    u->windows[u->count++] = window;
}

static int by_component(const void *a, const void *b)
{
    const struct lc_utilization_window *x = a, *y = b;
    const int order = strcmp(x->component, y->component);
    return order != 0 ? order : (x->start > y->start) - (x->start < y->start);
}

/* As long after a time as it is after the one before, which may be centuries. */
static int64_t after(int64_t start, int64_t before)
{
    int64_t length, end;
    return __builtin_sub_overflow(start, before, &length) || __builtin_add_overflow(start, length, &end) ? INT64_MAX
                                                                                                         : end;
}

/* A window lasts until the next one of its component, the last one as long as the one before it. */
static void close_windows(struct lc_utilization *u, size_t first, struct lc_diag *diag)
{
    if (u->count > first + 1)
        qsort(u->windows + first, u->count - first, sizeof *u->windows, by_component);
    for (size_t i = first; i < u->count; i++) {
        struct lc_utilization_window *w = &u->windows[i];
        const struct lc_place place = {w->file, w->line, 0, -1};
        const bool next = i + 1 < u->count && strcmp(u->windows[i + 1].component, w->component) == 0;
        const bool last = i > first && strcmp(u->windows[i - 1].component, w->component) == 0;
        if (next && u->windows[i + 1].start == w->start)
            lc_error(diag, LC_INPUT, &place, "'%s' has two rows with this time; expected one", w->component);
        else if (next)
            w->end = u->windows[i + 1].start;
        else if (last)
            w->end = after(w->start, u->windows[i - 1].start);
        else
            lc_error(diag, LC_INPUT, &place,
                     "'%s' has one row only, which does not say how long it lasted; expected two or more",
                     w->component);
    }
}

static void read_table(struct lci_cpu_samples *s, char *text)
{
    struct lc_place place = {s->file, 0, 0, -1};
    size_t column[COLUMN_COUNT];
    bool header = false;
    const size_t first = s->utilization->count;
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
            read_row(s, fields, count, column, &place);
            continue;
        }
        if (!read_header(fields, count, column)) {
            lc_error(
                s->diag, LC_INPUT, &place,
                "not known as figures of processors; expected a CSV with the header time,component,utilization "
                "(a part of all cores) or time,component,cores (busy ones), a range answer of Prometheus, counters "
                "of node_exporter in CSV, or what sar, pidstat or rosebery's JvmProfile write");
            return;
        }
        header = true;
        s->cores = column[CORES] < LCI_CSV_FIELDS;
    }
    close_windows(s->utilization, first, s->diag);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static void read_one(struct lci_cpu_samples *s)
{
    size_t length;
    const size_t before = s->utilization->count + s->utilization->host_count, errors = s->diag->errors;
    char *text = lci_file_read(s->file, LARGEST, &length, s->diag);
    if (text == NULL)
        return;
    if (lci_cpu_read_prometheus(s, text, length) || lci_cpu_read_sysstat(s, text, length) ||
        lci_cpu_read_jvm(s, text, length) || lci_cpu_read_node(s, text, length))
        lci_cpu_merge(s);
    else
        read_table(s, text);
    lci_cpu_free(s);
    free(text);
    if (s->diag->errors == errors && s->utilization->count + s->utilization->host_count == before)
        lc_error(s->diag, LC_INPUT, &(struct lc_place){s->file, 0, 0, -1},
                 "expected two rows of utilization or more, found none");
}

/* Parts of one kind: busy cores, or parts of all cores. */
static void agree(struct lc_utilization *u, const struct lci_cpu_samples *s, size_t before)
{
    if (before == 0 || u->count == before)
        u->cores = u->count > before ? s->cores : u->cores;
    else if (u->cores != s->cores)
        lc_error(s->diag, LC_INPUT, &(struct lc_place){s->file, 0, 0, -1},
                 "expected %s as in the files before, found %s", u->cores ? "busy cores" : "parts of all cores",
                 s->cores ? "busy cores" : "parts of all cores");
}

/* "SERVICE=FILE" or "FILE". */
static void read_named(struct lc_utilization *u, const char *text, size_t length, struct lc_diag *diag)
{
    const char *equals = memchr(text, '=', length);
    char *whole = lc_strndup(text, length), *service = NULL;
    if (equals != NULL && equals > text && access(whole, F_OK) != 0)
        service = lc_strndup(text, (size_t)(equals - text));
    LC_GROW(u->files, u->file_count, u->file_capacity);
    u->files[u->file_count++] = service != NULL ? lc_strdup(whole + (equals - text) + 1) : lc_strdup(whole);
    free(whole);
    struct lci_cpu_samples s = {
        .file = u->files[u->file_count - 1], .service = service, .utilization = u, .diag = diag};
    const size_t before = u->count;
    read_one(&s);
    agree(u, &s, before);
    free(service);
}

/* Of windows of one component in several files, those that overlap. */
static void check_overlaps(struct lc_utilization *u, struct lc_diag *diag)
{
    if (u->count > 1)
        qsort(u->windows, u->count, sizeof *u->windows, by_component);
    for (size_t i = 1; i < u->count; i++) {
        const struct lc_utilization_window *a = &u->windows[i - 1], *b = &u->windows[i];
        if (a->file == b->file || strcmp(a->component, b->component) != 0 || b->start >= a->end)
            continue;
        lc_error(diag, LC_INPUT, &(struct lc_place){b->file, b->line, 0, -1},
                 "the time of '%s' is in %s:%d as well; expected each time once", b->component, a->file, a->line);
        return;
    }
}

int lc_utilization_read(const char *files, struct lc_utilization *utilization, struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    *utilization = (struct lc_utilization){0};
    if (access(files, F_OK) == 0) {
        read_named(utilization, files, strlen(files), diag);
    } else {
        for (const char *at = files; at != NULL;) {
            const char *comma = strchr(at, ',');
            read_named(utilization, at, comma != NULL ? (size_t)(comma - at) : strlen(at), diag);
            at = comma != NULL ? comma + 1 : NULL;
        }
    }
    if (diag->errors == errors)
        check_overlaps(utilization, diag);
    if (diag->errors == errors)
        return 0;
    lc_utilization_free(utilization);
    return -1;
}
