/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "measures.h"

#include "base/csv.h"
#include "base/output.h"
#include "base/shown.h"
#include "base/text.h"
#include "base/utf8.h"
#include "loadcast/lqn.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST (1u << 30) /* bytes of a file */

const char *lci_measure_table_name(struct lci_measure_table *measures, const char *text)
{
    char *mended = lci_utf8_valid(text) ? NULL : lci_utf8_copy(text);
    const char *name = mended != NULL ? mended : text;
    const size_t length = strlen(name);
    char *shown = lci_is_shown(name, length, false) ? NULL : lci_shown(name, length, false);
    name = shown != NULL ? shown : name;
    int at = lci_names_find(&measures->names, name);
    if (at == LC_NONE) {
        at = (int)measures->names.count;
        lci_names_add(&measures->names, name, at);
    }
    free(shown);
    free(mended);
    return measures->names.items[at].name;
}

void lci_measure_table_add(struct lci_measure_table *measures, const struct lci_measure_row *row)
{
    LC_GROW(measures->items, measures->count, measures->room);
    struct lci_measure_row *kept = &measures->items[measures->count++];
    *kept = *row;
    const char **const texts[] = {&kept->release,   &kept->run,  &kept->activity, &kept->service,
                                  &kept->operation, &kept->name, &kept->subject,  &kept->unit};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = lci_measure_table_name(measures, *texts[i]);
    if (kept->by_trace == NULL)
        return;
    kept->by_trace = lc_calloc(row->trace_count + 1, sizeof *kept->by_trace);
    memcpy(kept->by_trace, row->by_trace, row->trace_count * sizeof *kept->by_trace);
    LC_GROW(measures->by_trace, measures->by_trace_count, measures->by_trace_room);
    measures->by_trace[measures->by_trace_count++] = kept->by_trace;
}

void lci_measure_table_add_bin(struct lci_measure_table *measures, const struct lci_measure_bin *bin)
{
    LC_GROW(measures->bins, measures->bin_count, measures->bin_room);
    struct lci_measure_bin *kept = &measures->bins[measures->bin_count++];
    *kept = *bin;
    const char **const texts[] = {&kept->release, &kept->run, &kept->activity, &kept->service, &kept->operation};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = lci_measure_table_name(measures, *texts[i]);
}

int lci_measure_row_order(const struct lci_measure_row *a, const struct lci_measure_row *b)
{
    const char *const as[] = {a->release, a->run, a->activity, a->service, a->operation, a->name, a->subject};
    const char *const bs[] = {b->release, b->run, b->activity, b->service, b->operation, b->name, b->subject};
    int order = 0;
    for (size_t i = 0; i < sizeof as / sizeof *as && order == 0; i++)
        order = strcmp(as[i], bs[i]);
    return order;
}

static int by_order(const void *a, const void *b)
{
    return lci_measure_row_order(a, b);
}

static int by_bin(const void *a, const void *b)
{
    const struct lci_measure_bin *x = a, *y = b;
    const char *const xs[] = {x->release, x->run, x->activity, x->service, x->operation};
    const char *const ys[] = {y->release, y->run, y->activity, y->service, y->operation};
    int order = 0;
    for (size_t i = 0; i < sizeof xs / sizeof *xs && order == 0; i++)
        order = strcmp(xs[i], ys[i]);
    return order != 0 ? order : (x->from > y->from) - (x->from < y->from);
}

void lci_measure_table_sort(struct lci_measure_table *measures)
{
    if (measures->bin_count > 1)
        qsort(measures->bins, measures->bin_count, sizeof *measures->bins, by_bin);
    if (measures->count > 1)
        qsort(measures->items, measures->count, sizeof *measures->items, by_order);
}

void lci_measure_table_free(struct lci_measure_table *measures)
{
    for (size_t i = 0; i < measures->by_trace_count; i++)
        free(measures->by_trace[i]);
    free(measures->by_trace);
    free(measures->items);
    free(measures->bins);
    lci_names_free(&measures->names);
    *measures = (struct lci_measure_table){0};
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

enum { TEXTS = 8, COUNT = TEXTS, MEAN, MEDIAN, MODE, P95, SD, COLUMNS };
const char lci_measure_table_header[] =
    "release,run,activity,service,operation,measure,subject,unit,count,mean,median,mode,p95,sd";

void lci_measure_table_write(FILE *out, const struct lci_measure_table *measures)
{
    fprintf(out, "%s\n", lci_measure_table_header);
    for (const struct lci_measure_row *m = measures->items; (size_t)(m - measures->items) < measures->count; m++) {
        const char *const texts[TEXTS] = {m->release,   m->run,  m->activity, m->service,
                                          m->operation, m->name, m->subject,  m->unit};
        for (int i = 0; i < TEXTS; i++) {
            lci_csv_cell(out, texts[i]);
            putc(',', out);
        }
        fprintf(out, "%" PRIu64, m->count);
        const double numbers[] = {m->mean, m->median, m->mode, m->p95, m->sd};
        char text[32];
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
            fprintf(out, ",%s", isnan(numbers[i]) ? "" : lci_number_text(numbers[i], text));
        putc('\n', out);
    }
}

void lci_measure_table_write_bins(FILE *out, const struct lci_measure_table *measures)
{
    fputs("release,run,activity,service,operation,from,to,count\n", out);
    for (size_t i = 0; i < measures->bin_count; i++) {
        const struct lci_measure_bin *b = &measures->bins[i];
        const char *const texts[] = {b->release, b->run, b->activity, b->service, b->operation};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            lci_csv_cell(out, texts[k]);
            putc(',', out);
        }
        fprintf(out, "%.3g,%.3g,%" PRIu64 "\n", b->from, b->to, b->count);
    }
}

static bool count_read(const char *text, uint64_t *count)
{
    char *end;
    errno = 0;
    *count = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == 0 && errno == 0;
}

static bool number_read(const char *text, double *number)
{
    char *end;
    *number = *text == 0 ? NAN : strtod(text, &end);
    return *text == 0 || (*end == 0 && isfinite(*number));
}

/* Fills a row, whose texts are those of the line. False after an error. */
static bool row_read(char *line, char separator, struct lci_measure_row *row, struct lc_diag *diag,
                     const struct lc_place *place)
{
    char *cells[LCI_CSV_FIELDS];
    const size_t count = lci_csv_cut(line, separator, cells);
    if (count != COLUMNS) {
        lc_error(diag, LC_INPUT, place, "expected %d columns, found %zu", COLUMNS, count);
        return false;
    }
    for (int i = 0; i < TEXTS; i++)
        cells[i] = lci_csv_text(cells[i]);
    *row = (struct lci_measure_row){cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7]};
    if (*row->name == 0 || !count_read(cells[COUNT], &row->count)) {
        lc_error(diag, LC_INPUT, place, "expected the name of a measure and its count, found '%s' and '%s'", row->name,
                 cells[COUNT]);
        return false;
    }
    double *const numbers[] = {&row->mean, &row->median, &row->mode, &row->p95, &row->sd};
    for (int i = MEAN; i <= SD; i++)
        if (!number_read(cells[i], numbers[i - MEAN])) {
            lc_error(diag, LC_INPUT, place, "expected a number, found '%s'", cells[i]);
            return false;
        }
    if (isnan(row->mean) != (row->count == 0)) {
        lc_error(diag, LC_INPUT, place, "expected a mean where there are values and none elsewhere, found '%s' of %s",
                 cells[MEAN], cells[COUNT]);
        return false;
    }
    return true;
}

/* The hash of what a row is about; its texts are kept ones, so that pointers stand for them. */
static uint32_t row_hash(const struct lci_measure_row *m)
{
    const char *const key[] = {m->release, m->run, m->activity, m->service, m->operation, m->name, m->subject};
    return lci_hash_bytes(key, sizeof key);
}

static void keep_row(struct lci_measure_table *measures, struct lci_table *seen, const struct lci_measure_row *row,
                     struct lc_diag *diag, const struct lc_place *place)
{
    lci_measure_table_add(measures, row);
    const struct lci_measure_row *const kept = &measures->items[measures->count - 1];
    const uint32_t hash = row_hash(kept);
    uint32_t at;
    LCI_TABLE_FIND(seen, hash, at, lci_measure_row_order(&measures->items[at], kept) == 0);
    if (at == LCI_ABSENT) {
        lci_table_add(seen, hash, measures->count - 1);
        return;
    }
    measures->count--;
    lc_error(diag, LC_INPUT, place, "expected a measure once, found '%s' of '%s' '%s' again", row->name, row->service,
             row->operation);
}

int lci_measure_table_read(const char *file, struct lci_measure_table *measures, struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    char *text = lci_file_read(file, LARGEST, &(size_t){0}, diag);
    if (text == NULL)
        return -1;
    struct lci_table seen = {0};
    for (size_t i = 0; i < measures->count; i++)
        lci_table_add(&seen, row_hash(&measures->items[i]), i);
    struct lc_place place = {.file = file, .offset = -1};
    char separator = ',', *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        struct lci_measure_row row;
        place.line++;
        line[strcspn(line, "\r")] = 0;
        if (place.line > 1) {
            if (*line != 0 && row_read(line, separator, &row, diag, &place))
                keep_row(measures, &seen, &row, diag, &place);
            continue;
        }
        separator = lci_csv_separator(line);
        for (char *c = line; *c != 0; c++)
            *c = *c == separator ? ',' : *c;
        if (strcmp(line, lci_measure_table_header) != 0) {
            lc_error(diag, LC_INPUT, &place, "expected the columns %s, found '%.200s'", lci_measure_table_header, line);
            break;
        }
    }
    lci_table_free(&seen);
    free(text);
    return diag->errors > errors ? -1 : 0;
}
