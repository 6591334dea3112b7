/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "recorded_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

/* As many values as make the interval that of a normal distribution. */
static void add(struct lci_measure_table *table, const char *level, const char *name, const char *component,
                bool processor, double mean, double low, double high)
{
    const double sure = 1e6, half = isfinite(high - low) ? (high - low) / 2 : 0;
    char *subject = lc_format("%s%s", component, processor ? " (processor)" : "");
    if (isfinite(mean))
        lci_measure_table_add(table, &(struct lci_measure_row){.release = "",
                                                               .run = "",
                                                               .activity = level,
                                                               .service = "",
                                                               .operation = "",
                                                               .name = name,
                                                               .subject = subject,
                                                               .unit = "1",
                                                               .count = (uint64_t)sure,
                                                               .mean = mean,
                                                               .median = NAN,
                                                               .mode = NAN,
                                                               .p95 = NAN,
                                                               .sd = half / 1.96 * sqrt(sure)});
    free(subject);
}

static void add_predictions(const struct history_record *r, struct lci_measure_table *table)
{
    for (const struct history_load *l = r->loads; (size_t)(l - r->loads) < r->load_count; l++)
        add(table, l->label, "load", l->component, l->processor, l->load, l->low, l->high);
    const struct history_limit *first = NULL;
    for (const struct history_limit *l = r->limits; (size_t)(l - r->limits) < r->limit_count; l++) {
        add(table, "", "capacity", l->component, l->processor, l->factor, l->low, l->high);
        first = first == NULL || l->factor < first->factor ? l : first;
    }
    if (first != NULL) /* the first one's limit is the system's */
        add(table, "", "capacity", "", false, first->factor, first->low, first->high);
}

static void add_measures(const struct history_record *r, struct lci_measure_table *table)
{
    for (size_t i = 0; i < r->measures.count; i++)
        lci_measure_table_add(table, &r->measures.items[i]);
}

void recorded_rows_add(const struct history_record *r, struct lci_measure_table *table)
{
    add_measures(r, table);
    add_predictions(r, table);
    lci_measure_table_sort(table);
}

static void no_release(const struct history_runs *runs, const char *release, struct lc_diag *diag)
{
    const char **names = lc_calloc(runs->count + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < runs->count; i++)
        if (count == 0 || strcmp(names[count - 1], runs->items[i].release) != 0)
            names[count++] = runs->items[i].release;
    struct lci_buffer text = {0};
    lci_buffer_names(&text, names, count, 10);
    char *known = lci_buffer_take(&text);
    lc_error(diag, LC_INPUT, NULL, "the history has no release '%s'; expected %s%s", release,
             count > 0 ? "one of " : "runs of it, as nightly and 'run --history' record them", known);
    free(known);
    free(names);
}

int recorded_rows_of_release(struct history *history, const char *release, struct lci_measure_table *table,
                             struct lc_diag *diag)
{
    struct history_runs runs;
    if (history_runs(history, &runs, diag) != 0)
        return -1;
    int status = 0;
    size_t found = 0, last = 0;
    for (size_t i = 0; i < runs.count; i++)
        if (strcmp(runs.items[i].release, release) == 0) {
            found++;
            last = i;
        }
    for (size_t i = 0; i < runs.count && status == 0; i++) {
        struct history_record record;
        if (strcmp(runs.items[i].release, release) != 0 ||
            (status = history_read(history, &runs.items[i], &record, diag)) != 0)
            continue;
        add_measures(&record, table);
        if (i == last)
            add_predictions(&record, table);
        history_record_free(&record);
    }
    if (status == 0 && found == 0) {
        no_release(&runs, release, diag);
        status = -1;
    }
    lci_measure_table_sort(table);
    history_runs_free(&runs);
    return status;
}
