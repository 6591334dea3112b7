/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables/jtl.h"
#include "model/measured.h"

#include "base/csv.h"
#include "base/sort.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MILLISECOND 1e-3
#define LEAST_TAIL  10 /* values beyond a percentile */

enum column { START, ELAPSED, LABEL, SUCCESS, COLUMNS };

struct label {
    char *name; /* "": all requests */
    size_t requests;
    double *times; /* s, of those that succeeded */
    size_t count, capacity;
};

struct log {
    size_t at[COLUMNS]; /* LCI_CSV_FIELDS: there is none */
    struct label *labels;
    size_t count, capacity;
    double *starts; /* s */
    size_t start_count, start_capacity;
    double end;
    size_t unknown; /* lines that are no requests */
};

static char *next_line(char *line)
{
    char *end = strchr(line, '\n');
    if (end != NULL)
        *end++ = 0;
    line[strcspn(line, "\r")] = 0;
    return end;
}

static bool read_header(char *line, char separator, struct log *log)
{
    static const char *const names[COLUMNS] = {"timeStamp", "elapsed", "label", "success"};
    char *fields[LCI_CSV_FIELDS];
    const size_t count = lci_csv_cut(line, separator, fields);
    for (size_t c = 0; c < COLUMNS; c++) {
        log->at[c] = LCI_CSV_FIELDS;
        for (size_t i = 0; i < count; i++)
            if (strcmp(fields[i], names[c]) == 0)
                log->at[c] = i;
    }
    return log->at[START] < count && log->at[ELAPSED] < count && log->at[LABEL] < count;
}

bool lci_is_jtl(const char *text)
{
    struct log log;
    char *line = lc_strndup(text, strcspn(text, "\r\n"));
    const bool is = read_header(line, lci_csv_separator(text), &log);
    free(line);
    return is;
}

static void add_request(struct log *log, const char *name, double elapsed, bool good)
{
    size_t i = 0;
    while (i < log->count && strcmp(log->labels[i].name, name) != 0)
        i++;
    if (i == log->count) {
        LC_GROW(log->labels, log->count, log->capacity);
        log->labels[log->count++] = (struct label){.name = lc_strdup(name)};
    }
    struct label *l = &log->labels[i];
    l->requests++;
    if (!good)
        return;
    LC_GROW(l->times, l->count, l->capacity);
    l->times[l->count++] = elapsed;
}

/* Messages may run over several lines: what is no request is counted. */
static void read_request(struct log *log, char *line, char separator)
{
    char *fields[LCI_CSV_FIELDS], *end_of_start, *end_of_elapsed;
    const size_t count = lci_csv_cut(line, separator, fields);
    if (log->at[START] >= count || log->at[ELAPSED] >= count || log->at[LABEL] >= count) {
        log->unknown++;
        return;
    }
    const double start = MILLISECOND * strtod(fields[log->at[START]], &end_of_start),
                 elapsed = MILLISECOND * strtod(fields[log->at[ELAPSED]], &end_of_elapsed);
    if (*end_of_start != 0 || *end_of_elapsed != 0 || !(start > 0) || !(elapsed >= 0) || !isfinite(start + elapsed)) {
        log->unknown++;
        return;
    }
    const bool good = log->at[SUCCESS] >= count || strcmp(fields[log->at[SUCCESS]], "false") != 0;
    add_request(log, "", elapsed, good);
    add_request(log, fields[log->at[LABEL]], elapsed, good);
    LC_GROW(log->starts, log->start_count, log->start_capacity);
    log->starts[log->start_count++] = start;
    log->end = fmax(log->end, start + elapsed);
}

static void add_cells(struct lc_measured_level *level, const struct label *label)
{
    static const int percentiles[] = {50, 90, 95, 99};
    double sum = 0;
    if (*label->name != 0)
        lci_measured_cell_add(level, LC_MEASURED_THROUGHPUT, lc_strdup(label->name),
                              (double)label->requests / level->seconds);
    if (label->count == 0)
        return;
    lci_sort_doubles(label->times, label->count);
    for (size_t i = 0; i < label->count; i++)
        sum += label->times[i];
    struct lc_measured_cell *cell =
        lci_measured_cell_add(level, LC_MEASURED_RESPONSE, lc_strdup(label->name), sum / (double)label->count);
    cell->n = label->count;
    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++) {
        const double q = percentiles[i] / 100.0;
        if ((1 - q) * (double)label->count < LEAST_TAIL)
            continue;
        cell = lci_measured_cell_add(level, LC_MEASURED_RESPONSE, lc_strdup(label->name),
                                     label->times[(size_t)(q * (double)label->count)]);
        cell->percentile = percentiles[i];
        cell->n = label->count;
    }
}

/* Whether more came in one half of the time than in the other by a quarter and by more than chance explains. */
static bool load_changed(const struct log *log)
{
    const double middle = (log->starts[0] + log->starts[log->start_count - 1]) / 2, all = (double)log->start_count;
    double late = 0;
    for (size_t i = 0; i < log->start_count; i++)
        late += log->starts[i] > middle;
    const double ratio = fmax(late, all - late) / fmax(fmin(late, all - late), 1);
    return ratio > 1.25 && fabs(late - all / 2) > 4 * sqrt(all) / 2;
}

static void tell(const char *file, const struct log *log, struct lc_measured_level *level, struct lc_diag *diag)
{
    const struct lc_place place = {file, 0, 0, -1};
    lci_sort_doubles(log->starts, log->start_count);
    level->seconds = log->end - log->starts[0];
    if (!(level->seconds > 0)) {
        lc_error(diag, LC_INPUT, &place, "all requests came and were answered at the same time; expected a load test");
        return;
    }
    level->rate = (double)log->start_count / level->seconds;
    for (size_t i = 0; i < log->count; i++)
        add_cells(level, &log->labels[i]);
    const size_t failed = log->labels[0].requests - log->labels[0].count;
    if (failed > 0)
        lc_note(diag, &place, "the times of %zu of %zu requests are left out: they failed", failed, log->start_count);
    if (log->unknown > 0)
        lc_warn(diag, &place, "lines that are no requests are left out: %zu", log->unknown);
    if (load_changed(log))
        lc_warn(diag, &place,
                "the load changed during the test, and is taken as %.3g/s throughout; cut the file where it changed",
                level->rate);
}

void lci_jtl_read(const char *file, char *text, struct lc_measured_level *level, struct lc_diag *diag)
{
    struct log log = {{0}};
    const char separator = lci_csv_separator(text);
    char *line = text, *next = next_line(line);
    read_header(line, separator, &log);
    for (line = next; line != NULL && *line != 0; line = next) {
        next = next_line(line);
        if (*line != 0)
            read_request(&log, line, separator);
    }
    if (log.start_count > 0)
        tell(file, &log, level, diag);
    else
        lc_error(diag, LC_INPUT, &(struct lc_place){file, 0, 0, -1}, "there is no request in it");
    for (size_t i = 0; i < log.count; i++) {
        free(log.labels[i].name);
        free(log.labels[i].times);
    }
    free(log.labels);
    free(log.starts);
}
