/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rosebery's JvmProfile: load of the host and of the process, and the processor time of the process, every second or
 * so. Time and load together tell how many cores the host has. The processor time is that since the row before, as
 * rosebery writes it, or a counter.
 */
#include "base/sort.h"
#include "fit/trace/rosebery.h"
#include "tables/cpu_samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MILLISECOND 1000000
#define CORES_FIT   0.15 /* by so much time / load may be off a whole number */

struct row {
    char *purpose, *node; /* owned */
    int64_t time, cpu;    /* ms; ns, -1: not known */
    double load;
    int line;
};
struct rows {
    struct row *items;
    size_t count, capacity;
};

static char *text_of(const struct lci_rosebery_layout *layout, const struct lci_csv_field *f,
                     enum lci_rosebery_role role)
{
    const size_t column = layout->column[role];
    return column != 0 ? lc_strndup(f[column - 1].text, f[column - 1].length) : lc_strdup("");
}

static bool take_row(struct rows *rows, const struct lci_rosebery_layout *layout, const char *line, size_t length,
                     int number)
{
    struct lci_csv_field f[LCI_ROSEBERY_COLUMNS];
    if (lci_csv_split(line, length, layout->separator, f, LCI_ROSEBERY_COLUMNS) != layout->columns)
        return false;
    char *time = text_of(layout, f, LCI_ROSEBERY_TIME), *cpu = text_of(layout, f, LCI_ROSEBERY_PROCESS_TIME),
         *load = text_of(layout, f, LCI_ROSEBERY_PROCESS_LOAD), *time_end, *load_end;
    struct row row = {.purpose = text_of(layout, f, LCI_ROSEBERY_PURPOSE),
                      .node = text_of(layout, f, LCI_ROSEBERY_NODE),
                      .time = strtoll(time, &time_end, 10),
                      .cpu = *cpu != 0 ? (int64_t)strtod(cpu, NULL) : -1,
                      .load = strtod(load, &load_end),
                      .line = number};
    const bool right = *time != 0 && *time_end == 0 && *load != 0 && *load_end == 0 && row.time > 0 &&
                       row.time < INT64_MAX / MILLISECOND;
    free(time);
    free(cpu);
    free(load);
    LC_GROW(rows->items, rows->count, rows->capacity);
    rows->items[rows->count++] = row;
    return right;
}

static int by_node(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = strcmp(x->purpose, y->purpose);
    order = order != 0 ? order : strcmp(x->node, y->node);
    return order != 0 ? order : (x->time > y->time) - (x->time < y->time);
}

static bool follows(const struct rows *rows, size_t i)
{
    const struct row *a = &rows->items[i - 1], *b = &rows->items[i];
    return strcmp(a->purpose, b->purpose) == 0 && strcmp(a->node, b->node) == 0 && b->time > a->time;
}

static const char *component_of(const struct row *row)
{
    return *row->purpose != 0 ? row->purpose : row->node;
}

/* What part of all cores means: their number, where time and load agree on a whole one in the median. */
static void tell_cores(const struct rows *rows, const double *busy, size_t first, size_t next,
                       struct lci_cpu_samples *samples)
{
    double *ratios = lc_alloc((next - first + 1) * sizeof *ratios);
    size_t count = 0;
    for (size_t i = first + 1; i < next; i++)
        if (busy[i] > 0 && rows->items[i].load > 0)
            ratios[count++] = busy[i] / rows->items[i].load;
    lci_sort_doubles(ratios, count);
    const double cores = count > 0 ? ratios[count / 2] : 0, whole = round(cores);
    if (whole >= 1 && fabs(cores - whole) <= CORES_FIT * whole)
        lci_cpu_host(samples, component_of(&rows->items[first]), whole, rows->items[first].line);
    free(ratios);
}

static void add_rows(const struct rows *rows, struct lci_cpu_samples *samples)
{
    bool known = true, falls = false;
    for (size_t i = 0; i < rows->count; i++) {
        known &= rows->items[i].cpu >= 0;
        falls |= i > 0 && follows(rows, i) && rows->items[i].cpu < rows->items[i - 1].cpu;
    }
    double *busy = lc_calloc(rows->count + 1, sizeof *busy);
    samples->cores = known;
    for (size_t i = 1; i < rows->count; i++) {
        const struct row *a = &rows->items[i - 1], *b = &rows->items[i];
        if (!follows(rows, i))
            continue;
        const double length = (double)(b->time - a->time) * MILLISECOND;
        busy[i] = (double)(falls ? b->cpu : b->cpu - a->cpu) / length;
        if (known || b->load >= 0)
            lci_cpu_add(samples, component_of(b), b->node, a->time * MILLISECOND, b->time * MILLISECOND,
                        known ? busy[i] : b->load, b->line);
    }
    for (size_t first = 0, next = 1; known && first < rows->count; first = next, next++) {
        while (next < rows->count && follows(rows, next))
            next++;
        tell_cores(rows, busy, first, next, samples);
    }
    free(busy);
}

bool lci_cpu_read_jvm(struct lci_cpu_samples *samples, char *text, size_t length)
{
    struct lci_rosebery_layout layout;
    if (!lci_rosebery_recognise(text, length, &layout) ||
        (layout.kind != LCI_ROSEBERY_JVM && layout.kind != LCI_ROSEBERY_JVM_TABLE))
        return false;
    struct rows rows = {0};
    int number = 0;
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        const size_t size = strcspn(line, "\r");
        number++;
        if (size == 0 || (number == 1 && layout.header))
            continue;
        if (!take_row(&rows, &layout, line, size, number))
            lc_error(samples->diag, LC_INPUT, &(struct lc_place){samples->file, number, 1, -1},
                     "expected a profile of %zu fields with time and load, found '%.*s'", layout.columns,
                     size < 60 ? (int)size : 60, line);
    }
    if (rows.count > 1)
        qsort(rows.items, rows.count, sizeof *rows.items, by_node);
    add_rows(&rows, samples);
    for (size_t i = 0; i < rows.count; i++) {
        free(rows.items[i].purpose);
        free(rows.items[i].node);
    }
    free(rows.items);
    return true;
}
