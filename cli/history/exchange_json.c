/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * "loadcast.history/1": runs with all that the history keeps of them. */
#include "base/utc.h"
#include "exchange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit/tables/times.h"
#include "render/json.h"

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static json_t *time_json(int64_t ns)
{
    char *day = lci_utc_text(ns, LCI_UTC_ISO);
    json_t *json = json_sprintf("%s.%09dZ", day, (int)(ns % LCI_UTC_SECOND));
    free(day);
    return json;
}

/* [[sum, count], …]; NULL where it is not kept. */
static json_t *by_trace_json(const struct lci_measure_row *m)
{
    if (m->by_trace == NULL)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < m->trace_count; i++)
        json_array_append_new(list, json_pack("[f, f]", (double)m->by_trace[i].sum, (double)m->by_trace[i].count));
    return list;
}

static json_t *measures_json(const struct lci_measure_table *measures)
{
    json_t *list = json_array();
    for (const struct lci_measure_row *m = measures->items; (size_t)(m - measures->items) < measures->count; m++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o*}",
                                              "activity", m->activity, "service", m->service, "operation", m->operation,
                                              "measure", m->name, "subject", m->subject, "unit", m->unit, "count",
                                              (json_int_t)m->count, "mean", cli_json_number(m->mean), "median",
                                              cli_json_number(m->median), "mode", cli_json_number(m->mode), "p95",
                                              cli_json_number(m->p95), "sd", cli_json_number(m->sd), "by_trace",
                                              by_trace_json(m)));
    return list;
}

static json_t *loads_json(const struct history_record *r)
{
    json_t *list = json_array();
    for (const struct history_load *l = r->loads; (size_t)(l - r->loads) < r->load_count; l++)
        json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:s, s:o, s:[o, o], s:o}", "label", l->label, "factor",
                                              cli_json_number(l->factor), "component", l->component, "kind",
                                              l->processor ? "processor" : "task", "load", cli_json_number(l->load),
                                              "interval95", cli_json_number(l->low), cli_json_number(l->high),
                                              "utilization", cli_json_number(l->utilization)));
    return list;
}

static json_t *limits_json(const struct history_record *r)
{
    json_t *list = json_array();
    for (const struct history_limit *l = r->limits; (size_t)(l - r->limits) < r->limit_count; l++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:[o, o]}", "component", l->component, "kind",
                                              l->processor ? "processor" : "task", "factor", cli_json_number(l->factor),
                                              "interval95", cli_json_number(l->low), cli_json_number(l->high)));
    return list;
}

json_t *history_record_json(const struct history_record *r)
{
    json_t *parameters = json_array();
    for (const struct history_parameter *p = r->parameters; (size_t)(p - r->parameters) < r->parameter_count; p++)
        json_array_append_new(parameters,
                              json_pack("{s:s, s:s, s:o, s:o, s:I}", "path", p->path, "family", p->family, "mean",
                                        cli_json_number(p->mean), "standard_error", cli_json_number(p->standard_error),
                                        "samples", (json_int_t)p->samples));
    json_t *summary = r->summary != NULL ? json_loads(r->summary, 0, NULL) : json_null();
    return json_pack("{s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:i, s:o}", "release", r->release, "run", r->run,
                     "time", time_json(r->time), "program", r->program, "options", r->options, "measures",
                     measures_json(&r->measures), "parameters", parameters, "loads", loads_json(r), "limits",
                     limits_json(r), "status", r->status, "summary", summary != NULL ? summary : json_null());
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Looks at what is asked of a run, in order; after the first thing that is wrong everything is empty. */
struct reading {
    const char *file;
    size_t run; /* counted from 1; 0: the whole */
    bool failed;
    struct lc_diag *diag;
};

static void wrong(struct reading *r, const char *key, const char *expected)
{
    if (!r->failed && r->run > 0)
        lc_error(r->diag, LC_INPUT, NULL, "%s: run %zu: '%s': expected %s", r->file, r->run, key, expected);
    else if (!r->failed)
        lc_error(r->diag, LC_INPUT, NULL, "%s: '%s': expected %s", r->file, key, expected);
    r->failed = true;
}

static const char *text(struct reading *r, const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    if (value == NULL)
        wrong(r, key, "a text");
    return value != NULL ? value : "";
}

static double number_value(struct reading *r, const json_t *value, const char *key)
{
    if (!json_is_number(value) && !json_is_null(value))
        wrong(r, key, "a number or null");
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static double number(struct reading *r, const json_t *object, const char *key)
{
    return number_value(r, json_object_get(object, key), key);
}

static int64_t whole(struct reading *r, const json_t *object, const char *key, int64_t least)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < least)
        wrong(r, key, "a whole number");
    return json_integer_value(value);
}

static bool processor(struct reading *r, const json_t *object)
{
    return strcmp(text(r, object, "kind"), "processor") == 0;
}

static json_t *list(struct reading *r, const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (!json_is_array(value))
        wrong(r, key, "a list");
    return value;
}

static struct lci_in_trace *read_by_trace(struct reading *r, const json_t *m, size_t *count)
{
    const json_t *const values = json_object_get(m, "by_trace");
    *count = json_array_size(values);
    if (*count == 0)
        return NULL;
    struct lci_in_trace *by_trace = lc_calloc(*count, sizeof *by_trace);
    for (size_t i = 0; i < *count; i++) {
        const json_t *pair = json_array_get(values, i), *sum = json_array_get(pair, 0), *n = json_array_get(pair, 1);
        if (!json_is_number(sum) || !json_is_number(n) || json_array_size(pair) != 2)
            wrong(r, "by_trace", "pairs of numbers");
        by_trace[i] = (struct lci_in_trace){(float)json_number_value(sum), (float)json_number_value(n)};
    }
    return by_trace;
}

static void read_measure(struct reading *r, const json_t *m, struct history_record *record)
{
    struct lci_measure_row row = {record->release,
                                  record->run,
                                  text(r, m, "activity"),
                                  text(r, m, "service"),
                                  text(r, m, "operation"),
                                  text(r, m, "measure"),
                                  text(r, m, "subject"),
                                  text(r, m, "unit"),
                                  (uint64_t)whole(r, m, "count", 0),
                                  number(r, m, "mean"),
                                  number(r, m, "median"),
                                  number(r, m, "mode"),
                                  number(r, m, "p95"),
                                  number(r, m, "sd")};
    row.by_trace = read_by_trace(r, m, &row.trace_count);
    lci_measure_table_add(&record->measures, &row);
    free(row.by_trace);
}

/* The two ends of "interval95". */
static void interval(struct reading *r, const json_t *object, double *low, double *high)
{
    const json_t *ends = list(r, object, "interval95");
    *low = number_value(r, json_array_get(ends, 0), "interval95");
    *high = number_value(r, json_array_get(ends, 1), "interval95");
}

static void read_parameter(struct reading *r, const json_t *m, struct history_record *record)
{
    history_record_parameter(record, &(struct history_parameter){text(r, m, "path"), text(r, m, "family"),
                                                                 number(r, m, "mean"), number(r, m, "standard_error"),
                                                                 (uint64_t)whole(r, m, "samples", 0)});
}

static void read_load(struct reading *r, const json_t *m, struct history_record *record)
{
    struct history_load l = {.label = text(r, m, "label"),
                             .component = text(r, m, "component"),
                             .processor = processor(r, m),
                             .factor = number(r, m, "factor"),
                             .load = number(r, m, "load"),
                             .utilization = number(r, m, "utilization")};
    interval(r, m, &l.low, &l.high);
    history_record_load(record, &l);
}

static void read_limit(struct reading *r, const json_t *m, struct history_record *record)
{
    struct history_limit l = {
        .component = text(r, m, "component"), .processor = processor(r, m), .factor = number(r, m, "factor")};
    interval(r, m, &l.low, &l.high);
    history_record_limit(record, &l);
}

static void read_lists(struct reading *r, const json_t *run, struct history_record *record)
{
    static const struct {
        const char *key;
        void (*read)(struct reading *r, const json_t *item, struct history_record *record);
    } lists[] = {
        {"measures", read_measure}, {"parameters", read_parameter}, {"loads", read_load}, {"limits", read_limit}};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        const json_t *items = list(r, run, lists[k].key);
        for (size_t i = 0; i < json_array_size(items) && !r->failed; i++)
            lists[k].read(r, json_array_get(items, i), record);
    }
}

static void read_run(struct reading *r, const json_t *run, struct history_records *records)
{
    const char *release = text(r, run, "release"), *name = text(r, run, "run");
    const size_t before = records->count;
    struct history_record *record = history_records_of(records, release, name);
    if (records->count == before)
        wrong(r, "run", "a run that does not stand there twice");
    if (!lci_time_read(text(r, run, "time"), &record->time))
        wrong(r, "time", "a time such as 2026-11-29T02:00:00Z");
    record->program = lci_measure_table_name(&record->measures, text(r, run, "program"));
    record->options = lci_measure_table_name(&record->measures, text(r, run, "options"));
    read_lists(r, run, record);
    record->status = (int)whole(r, run, "status", -1);
    const json_t *summary = json_object_get(run, "summary");
    if (summary != NULL && !json_is_null(summary))
        record->summary = json_dumps(summary, JSON_COMPACT | JSON_REAL_PRECISION(CLI_JSON_SIMULATED));
}

int history_import_json(const char *file, const char *document, struct history_records *records, struct lc_diag *diag)
{
    json_error_t error;
    json_t *root = json_loads(document, 0, &error);
    const struct lc_place place = {file, error.line, error.column, -1};
    const char *schema = json_string_value(json_object_get(root, "schema"));
    struct reading reading = {.file = file, .diag = diag};
    if (root == NULL)
        lc_error(diag, LC_INPUT, &place, "%s", error.text);
    else if (schema == NULL || strcmp(schema, "loadcast.history/1") != 0)
        lc_error(diag, LC_INPUT, NULL, "%s: expected \"schema\": \"loadcast.history/1\", as 'history export' writes it",
                 file);
    const bool good = schema != NULL && strcmp(schema, "loadcast.history/1") == 0;
    const json_t *runs = good ? list(&reading, root, "runs") : NULL;
    for (size_t i = 0; i < json_array_size(runs) && !reading.failed; i++) {
        reading.run = i + 1;
        read_run(&reading, json_array_get(runs, i), records);
    }
    json_decref(root);
    return good && !reading.failed ? 0 : -1;
}
