/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "render/measures.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/table.h"

static const char mode_rule[] =
    "mode: the most frequent number; of times the middle of the fullest bin, 2 (q75 - q25) / n^(1/3) wide "
    "(Freedman-Diaconis)";

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static json_t *row_json(const struct lci_measure_row *m)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "release", m->release,
                     "run", m->run, "activity", m->activity, "service", m->service, "operation", m->operation,
                     "measure", m->name, "subject", m->subject, "unit", m->unit, "count", (json_int_t)m->count, "mean",
                     cli_json_number(m->mean), "median", cli_json_number(m->median), "mode", cli_json_number(m->mode),
                     "p95", cli_json_number(m->p95), "sd", cli_json_number(m->sd));
}

/* One of each operation: a list of [from, to, count]. */
static json_t *histograms_json(const struct lci_measure_table *table)
{
    json_t *list = json_array(), *bins = NULL;
    for (size_t i = 0; i < table->bin_count; i++) {
        const struct lci_measure_bin *b = &table->bins[i], *before = i > 0 ? b - 1 : NULL;
        if (before == NULL || b->release != before->release || b->run != before->run ||
            b->activity != before->activity || b->service != before->service || b->operation != before->operation) {
            bins = json_array();
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "release", b->release, "run",
                                                  b->run, "activity", b->activity, "service", b->service, "operation",
                                                  b->operation, "bins", bins));
        }
        json_array_append_new(bins, json_pack("[f, f, I]", b->from, b->to, (json_int_t)b->count));
    }
    return list;
}

json_t *measures_json(const struct lci_measure_table *table)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < table->count; i++)
        json_array_append_new(rows, row_json(&table->items[i]));
    return json_pack("{s:s, s:s, s:o, s:o}", "schema", "loadcast.measures/1", "mode_rule", mode_rule, "measures", rows,
                     "self_time_histograms", histograms_json(table));
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

static bool same_group(const struct lci_measure_row *a, const struct lci_measure_row *b)
{
    return strcmp(a->release, b->release) == 0 && strcmp(a->run, b->run) == 0 && strcmp(a->activity, b->activity) == 0;
}

static bool is_whole(const struct lci_measure_row *m)
{
    return *m->service == 0 && *m->operation == 0;
}

static char *value_text(const struct lci_measure_row *m, double value)
{
    return isnan(value) ? lc_strdup("–") : quantity_text(m->unit, value);
}

static void add_spread(struct table *table, const struct lci_measure_row *m, char *first, char *second)
{
    table_add(table, (char *[]){first, second, lc_format("%" PRIu64, m->count), value_text(m, m->mean),
                                value_text(m, m->median), value_text(m, m->mode), value_text(m, m->p95),
                                value_text(m, m->mean * (double)m->count)});
}

static void whole_text(FILE *out, const struct lci_measure_row *from, const struct lci_measure_row *to)
{
    struct table table =
        table_new(8, (const char *const[]){"measure", "of", "count", "mean", "median", "mode", "p95", "sum"});
    for (const struct lci_measure_row *m = from; m < to; m++)
        if (is_whole(m) && m->count > 0)
            add_spread(&table, m, lc_strdup(m->name), lc_strdup(m->subject));
    table_print(&table, out, "");
    table_free(&table);
}

static void every_text(FILE *out, const struct lci_measure_row *from, const struct lci_measure_row *to)
{
    struct table table = table_new(
        8, (const char *const[]){"operation and measure", "of", "count", "mean", "median", "mode", "p95", "sum"});
    for (const struct lci_measure_row *m = from; m < to; m++)
        if (!is_whole(m))
            add_spread(&table, m, lc_format("%s/%s %s", m->service, m->operation, m->name), lc_strdup(m->subject));
    table_print(&table, out, "");
    table_free(&table);
}

/* What is said of an operation at a glance. */
static const char *const shown[] = {"requests",  "total_process_time", "non_blocked_process_time",
                                    "db_reads",  "db_writes",          "cache_operations",
                                    "api_calls", "queue_dispatches",   "async_calls"};
enum { SHOWN = sizeof shown / sizeof *shown, CELLS = SHOWN + 2 };

static bool same_operation(const struct lci_measure_row *a, const struct lci_measure_row *b)
{
    return strcmp(a->service, b->service) == 0 && strcmp(a->operation, b->operation) == 0;
}

static void operations_text(FILE *out, const struct lci_measure_row *from, const struct lci_measure_row *to)
{
    struct table table =
        table_new(CELLS, (const char *const[]){"operation", "requests", "process time", "not blocked", "db reads",
                                               "db writes", "cache", "API calls", "queued", "async", "p95"});
    for (const struct lci_measure_row *m = from, *end; m < to; m = end) {
        for (end = m + 1; end < to && same_operation(m, end);)
            end++;
        if (is_whole(m))
            continue;
        char *cells[CELLS] = {lc_format("%s/%s", m->service, m->operation)};
        for (const struct lci_measure_row *r = m; r < end; r++)
            for (int i = 0; i < SHOWN; i++)
                if (*r->subject == 0 && strcmp(r->name, shown[i]) == 0) {
                    cells[i + 1] = value_text(r, r->mean);
                    if (i == 1)
                        cells[CELLS - 1] = value_text(r, r->p95);
                }
        for (int i = 1; i < CELLS; i++)
            cells[i] = cells[i] != NULL ? cells[i] : lc_strdup("–");
        table_add(&table, cells);
    }
    table_print(&table, out, "");
    table_free(&table);
}

/* ---- pipelines --------------------------------------------------------------------------------------------------- */

/* The value of a measure of the operation of `m`, about the subject. */
static char *cell_of(const struct lci_measure_row *m, const struct lci_measure_row *to, const char *name,
                     const char *subject)
{
    for (; m < to; m++)
        if (strcmp(m->name, name) == 0 && strcmp(m->subject, subject) == 0)
            return value_text(m, m->mean);
    return lc_strdup("–");
}

static void add_runtime(struct table *table, const struct lci_measure_row *from, const struct lci_measure_row *to,
                        const struct lci_measure_row *m)
{
    table_add(table,
              (char *[]){lc_strdup(m->operation), lc_strdup(m->subject), lc_format("%" PRIu64, m->count),
                         cell_of(from, to, "runtime_min", m->subject), value_text(m, m->mean), value_text(m, m->median),
                         value_text(m, m->p95), cell_of(from, to, "runtime_max", m->subject), value_text(m, m->sd),
                         value_text(m, m->mean * (double)m->count)});
}

static void add_rates(struct table *table, const struct lci_measure_row *from, const struct lci_measure_row *to)
{
    static const char *const names[] = {"arrival_rate", "throughput",  "service_rate", "servers",
                                        "capacity",     "utilization", "exceptions"};
    char *cells[8] = {lc_strdup(from->operation)};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cells[i + 1] = cell_of(from, to, names[i], "");
    table_add(table, cells);
}

static void add_time(struct table *table, const struct lci_measure_row *m, char *what)
{
    table_add(table, (char *[]){what, lc_format("%" PRIu64, m->count), value_text(m, m->mean), value_text(m, m->median),
                                value_text(m, m->p95), value_text(m, m->sd)});
}

/* Steps of a pipeline, where there are some. */
static void steps_text(FILE *out, const struct lci_measure_row *from, const struct lci_measure_row *to)
{
    struct table runtimes = table_new(10, (const char *const[]){"runtime of step", "node", "count", "min", "mean",
                                                                "median", "p95", "max", "deviation", "sum"}),
                 rates = table_new(8, (const char *const[]){"step", "arrivals", "throughput", "service rate", "servers",
                                                            "capacity", "utilization", "exceptions"}),
                 times = table_new(6, (const char *const[]){"time", "count", "mean", "median", "p95", "deviation"});
    bool any = false;
    for (const struct lci_measure_row *m = from, *end; m < to; m = end) {
        for (end = m + 1; end < to && same_operation(m, end);)
            end++;
        bool step = false;
        for (const struct lci_measure_row *r = m; r < end; r++) {
            if (strcmp(r->name, "runtime") == 0)
                add_runtime(&runtimes, m, end, r);
            else if (strcmp(r->name, "latency") == 0)
                add_time(&times, r, lc_format("latency %s → %s/%s", r->subject, r->service, r->operation));
            else if (strcmp(r->name, "cumulated_runtime") == 0)
                add_time(&times, r, lc_format("begin of the sequence → end of %s/%s", r->service, r->operation));
            step |= strcmp(r->name, "capacity") == 0;
        }
        if (step)
            add_rates(&rates, m, end);
        any |= step;
    }
    if (any) {
        fprintf(out, "\nSteps of a pipeline\n\n");
        table_print(&runtimes, out, "");
        fprintf(out, "\n");
        table_print(&rates, out, "");
        fprintf(out, "\n");
        table_print(&times, out, "");
    }
    table_free(&runtimes);
    table_free(&rates);
    table_free(&times);
}

void measures_text(FILE *out, const struct lci_measure_table *table, bool all)
{
    const struct lci_measure_row *to = table->items + table->count;
    for (const struct lci_measure_row *m = table->items, *end; m < to; m = end) {
        for (end = m + 1; end < to && same_group(m, end);)
            end++;
        fprintf(out, "%s%s%s, release %s, run %s\n\n", m == table->items ? "" : "\n",
                *m->activity != 0 ? "activity " : "all traces", m->activity, *m->release != 0 ? m->release : "–",
                *m->run != 0 ? m->run : "–");
        whole_text(out, m, end);
        fprintf(out, "\nOperations: requests in a trace, then means of an execution\n\n");
        if (all)
            every_text(out, m, end);
        else
            operations_text(out, m, end);
        steps_text(out, m, end);
    }
    fprintf(out, "\n%s\n", mode_rule);
}
