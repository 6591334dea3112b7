/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Load tests that somebody has run already: a CSV of loads and what was measured there, range answers of Prometheus,
 * summaries of k6, wrk and JMeter, logs of JMeter. Told apart by content. docs/backtest.md has the columns and keys.
 */
#include "model/measured.h"
#include "base/output.h"
#include "loadcast/learn.h"

#include "base/csv.h"
#include "base/text.h"
#include "loadcast/format.h"
#include "tables/jtl.h"
#include "tables/times.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST ((size_t)256 << 20) /* bytes of a file */

struct reading {
    const char *file;
    struct lc_measured *measured;
    struct lc_diag *diag;
};

/* The level of this name, made if it is new. */
static struct lc_measured_level *level_of(const struct reading *r, const char *name)
{
    for (size_t i = 0; i < r->measured->count; i++)
        if (strcmp(r->measured->levels[i].name, name) == 0)
            return &r->measured->levels[i];
    return lci_measured_add(r->measured, lc_strdup(name));
}

static void add_response(struct lc_measured_level *level, const char *workload, int percentile, double seconds)
{
    lci_measured_cell_add(level, LC_MEASURED_RESPONSE, lc_strdup(workload), seconds)->percentile = percentile;
}

/* ---- CSV --------------------------------------------------------------------------------------------------------- */

enum column { LOAD, RATE, TIME, SUBJECT, UTILIZATION, THROUGHPUT, RESPONSE, P50, P90, P95, P99, COLUMNS };

struct header {
    size_t at[COLUMNS]; /* LCI_CSV_FIELDS: there is none */
    double unit[COLUMNS];
};

/* "response", "response_ms", "p95_s": the unit of plain numbers stands behind the name. */
static bool is_column(const char *text, const char *name, double *unit)
{
    const size_t length = strlen(name);
    *unit = 1;
    if (strncmp(text, name, length) != 0)
        return false;
    if (strcmp(text + length, "_ms") == 0)
        *unit = 1e-3;
    else if (strcmp(text + length, "_us") == 0)
        *unit = 1e-6;
    return text[length] == 0 || strcmp(text + length, "_s") == 0 || *unit < 1;
}

static bool read_header(char *const *fields, size_t count, struct header *h)
{
    static const struct {
        const char *name;
        enum column column;
    } names[] = {{"load", LOAD},
                 {"factor", LOAD},
                 {"rate", RATE},
                 {"time", TIME},
                 {"component", SUBJECT},
                 {"workload", SUBJECT},
                 {"utilization", UTILIZATION},
                 {"throughput", THROUGHPUT},
                 {"response", RESPONSE},
                 {"response_time", RESPONSE},
                 {"mean", RESPONSE},
                 {"p50", P50},
                 {"p90", P90},
                 {"p95", P95},
                 {"p99", P99}};
    for (size_t c = 0; c < COLUMNS; c++)
        h->at[c] = LCI_CSV_FIELDS;
    for (size_t i = 0; i < count; i++)
        for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
            double unit;
            if (is_column(fields[i], names[n].name, &unit)) {
                h->at[names[n].column] = i;
                h->unit[names[n].column] = unit;
            }
        }
    return h->at[SUBJECT] < LCI_CSV_FIELDS &&
           (h->at[LOAD] < LCI_CSV_FIELDS || h->at[RATE] < LCI_CSV_FIELDS || h->at[TIME] < LCI_CSV_FIELDS);
}

static const char *field(char *const *fields, size_t count, const struct header *h, enum column column)
{
    return h->at[column] < count && fields[h->at[column]][0] != 0 ? fields[h->at[column]] : NULL;
}

/* A quantity with its unit, or a plain number in the header's. */
static bool read_value(const struct reading *r, const char *text, enum lc_dimension dimension, double unit,
                       const struct lc_place *place, double *value)
{
    char *end;
    *value = strtod(text, &end) * unit;
    if (end != text && *end == 0 && isfinite(*value) && *value >= 0)
        return true;
    if (lci_quantity(text, dimension, value, r->diag, place) != 0)
        return false;
    if (isfinite(*value) && *value >= 0)
        return true;
    lc_error(r->diag, LC_INPUT, place, "expected a number of 0 or more, found '%s'", text);
    return false;
}

static struct lc_measured_level *row_level(const struct reading *r, char *const *fields, size_t count,
                                           const struct header *h, const struct lc_place *place)
{
    const char *load = field(fields, count, h, LOAD), *rate = field(fields, count, h, RATE),
               *time = field(fields, count, h, TIME);
    double value = 0;
    int64_t ns;
    if (load != NULL) {
        const char *number = load + strspn(load, "x× ");
        if (!read_value(r, number, LC_NUMBER, 1, place, &value))
            return NULL;
        char *name = lc_format("× %.4g", value);
        struct lc_measured_level *level = level_of(r, name);
        level->factor = value;
        free(name);
        return level;
    }
    if (rate != NULL) {
        if (!read_value(r, rate, LC_RATE, 1, place, &value))
            return NULL;
        char *name = lc_format("%.4g/s", value);
        struct lc_measured_level *level = level_of(r, name);
        level->rate = value;
        free(name);
        return level;
    }
    if (time != NULL && lci_time_read(time, &ns))
        return level_of(r, time);
    lc_error(r->diag, LC_INPUT, place, "a row without a load; expected a value under 'load', 'rate' or 'time'");
    return NULL;
}

static void read_row(const struct reading *r, char *const *fields, size_t count, const struct header *h,
                     const struct lc_place *place)
{
    static const int percentiles[COLUMNS] = {[P50] = 50, [P90] = 90, [P95] = 95, [P99] = 99};
    const char *subject = field(fields, count, h, SUBJECT), *text;
    struct lc_measured_level *level = row_level(r, fields, count, h, place);
    double value;
    if (level == NULL)
        return;
    if (subject == NULL) {
        lc_error(r->diag, LC_INPUT, place, "a row of nobody; expected a component or a workload");
        return;
    }
    for (enum column c = RESPONSE; c <= P99; c++)
        if ((text = field(fields, count, h, c)) != NULL && read_value(r, text, LC_TIME, h->unit[c], place, &value))
            add_response(level, subject, percentiles[c], value);
    if ((text = field(fields, count, h, THROUGHPUT)) != NULL && read_value(r, text, LC_RATE, 1, place, &value))
        lci_measured_cell_add(level, LC_MEASURED_THROUGHPUT, lc_strdup(subject), value);
    if ((text = field(fields, count, h, UTILIZATION)) != NULL && read_value(r, text, LC_FRACTION, 1, place, &value))
        lci_measured_cell_add(level, LC_MEASURED_UTILIZATION, lc_strdup(subject), value);
}

static void read_csv(const struct reading *r, char *text)
{
    struct lc_place place = {r->file, 0, 0, -1};
    struct header h = {{0}, {0}};
    bool header = false;
    char separator = ',';
    for (char *line = text, *next; line != NULL && *line != 0; line = next) {
        char *fields[LCI_CSV_FIELDS];
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = 0;
        place.line++;
        line[strcspn(line, "\r")] = 0;
        if (*line == 0 || *line == '#')
            continue;
        if (!header)
            separator = lci_csv_separator(line);
        const size_t count = lci_csv_cut(line, separator, fields);
        if (header) {
            read_row(r, fields, count, &h, &place);
        } else if (!read_header(fields, count, &h)) {
            lc_error(
                r->diag, LC_INPUT, &place,
                "not known as measurements; expected a CSV with the columns load (or rate, or time), component (or "
                "workload) and some of utilization, throughput, response, p50, p90, p95, p99, or an answer of "
                "Prometheus, a summary of k6, wrk or JMeter, or a log of JMeter (JTL)");
            return;
        }
        header = true;
    }
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static bool number_at(const json_t *object, const char *key, double *value)
{
    const json_t *json = json_object_get(object, key);
    *value = json_number_value(json);
    return json_is_number(json);
}

struct named_percentile {
    const char *key;
    int percentile; /* 0: the mean */
};

static void add_times(struct lc_measured_level *level, const char *workload, const json_t *values,
                      const struct named_percentile *keys)
{
    double value;
    for (; keys->key != NULL; keys++)
        if (number_at(values, keys->key, &value))
            add_response(level, workload, keys->percentile, value * 1e-3);
}

/* "http_req_duration{name:browse}" tells of a workload, without braces of all. Older summaries nest the values. */
static void read_k6(const struct reading *r, const json_t *metrics)
{
    static const struct named_percentile keys[] = {{"avg", 0},    {"med", 50},   {"p(90)", 90},
                                                   {"p(95)", 95}, {"p(99)", 99}, {NULL, 0}};
    static const char duration[] = "http_req_duration", requests[] = "http_reqs";
    const char *name;
    json_t *metric;
    struct lc_measured_level *level = level_of(r, r->file);
    json_object_foreach((json_t *)metrics, name, metric)
    {
        const json_t *nested = json_object_get(metric, "values"), *values = nested != NULL ? nested : metric;
        const bool times = strncmp(name, duration, sizeof duration - 1) == 0;
        if (!times && strncmp(name, requests, sizeof requests - 1) != 0)
            continue;
        const char *rest = name + (times ? sizeof duration : sizeof requests) - 1;
        const char *colon = *rest == '{' ? strchr(rest, ':') : NULL;
        if (*rest != 0 && (colon == NULL || strncmp(rest, "{expected_response", 18) == 0))
            continue;
        char *workload = colon != NULL ? lc_strndup(colon + 1, strcspn(colon + 1, "}")) : lc_strdup("");
        double rate;
        if (times)
            add_times(level, workload, values, keys);
        else if (number_at(values, "rate", &rate) && colon == NULL)
            level->rate = rate;
        else if (colon != NULL && number_at(values, "rate", &rate))
            lci_measured_cell_add(level, LC_MEASURED_THROUGHPUT, lc_strdup(workload), rate);
        free(workload);
    }
}

static void read_jmeter(const struct reading *r, const json_t *root)
{
    static const struct named_percentile keys[] = {{"meanResTime", 0},  {"medianResTime", 50}, {"pct1ResTime", 90},
                                                   {"pct2ResTime", 95}, {"pct3ResTime", 99},   {NULL, 0}};
    const char *name;
    json_t *values;
    struct lc_measured_level *level = level_of(r, r->file);
    json_object_foreach((json_t *)root, name, values)
    {
        double rate;
        const bool total = strcmp(name, "Total") == 0;
        add_times(level, total ? "" : name, values, keys);
        if (number_at(values, "throughput", &rate) && total)
            level->rate = rate;
        else if (number_at(values, "throughput", &rate))
            lci_measured_cell_add(level, LC_MEASURED_THROUGHPUT, lc_strdup(name), rate);
    }
}

static const char *label_of(const json_t *metric, const char *const *names)
{
    for (; *names != NULL; names++)
        if (json_is_string(json_object_get(metric, *names)))
            return json_string_value(json_object_get(metric, *names));
    return NULL;
}

/* What a series is of: its label `quantity`, or words in the metric's name. */
static bool quantity_of(const json_t *metric, enum lc_measure *measure)
{
    static const char *const names[] = {"quantity", "__name__", NULL};
    static const struct {
        const char *word;
        enum lc_measure measure;
    } words[] = {{"utilization", LC_MEASURED_UTILIZATION}, {"usage", LC_MEASURED_UTILIZATION},
                 {"throughput", LC_MEASURED_THROUGHPUT},   {"rate", LC_MEASURED_THROUGHPUT},
                 {"requests", LC_MEASURED_THROUGHPUT},     {"response", LC_MEASURED_RESPONSE},
                 {"latency", LC_MEASURED_RESPONSE},        {"duration", LC_MEASURED_RESPONSE}};
    const char *name = label_of(metric, names);
    for (size_t i = 0; name != NULL && i < sizeof words / sizeof *words; i++)
        if (strstr(name, words[i].word) != NULL) {
            *measure = words[i].measure;
            return true;
        }
    return false;
}

static void read_series(const struct reading *r, const json_t *series)
{
    static const char *const subjects[] = {"workload", "component", "service", "service_name", "job", "instance", NULL};
    const json_t *metric = json_object_get(series, "metric"), *values = json_object_get(series, "values");
    const char *subject = label_of(metric, subjects),
               *quantile = json_string_value(json_object_get(metric, "quantile"));
    enum lc_measure measure;
    if (subject == NULL || !quantity_of(metric, &measure)) {
        lc_error(
            r->diag, LC_INPUT, &(struct lc_place){r->file, 0, 0, -1},
            "a series whose labels do not say what it is; expected a label 'component' or 'workload', and 'quantity' "
            "with utilization, throughput or response (label_replace() adds labels)");
        return;
    }
    size_t i;
    json_t *pair;
    json_array_foreach(values, i, pair)
    {
        const char *text = json_string_value(json_array_get(pair, 1));
        char *end, *name;
        const double value = text != NULL ? strtod(text, &end) : NAN;
        if (!isfinite(value) || value < 0)
            continue;
        name = lc_format("%.17g", json_number_value(json_array_get(pair, 0)));
        struct lc_measured_cell *cell = lci_measured_cell_add(level_of(r, name), measure, lc_strdup(subject), value);
        cell->percentile =
            quantile != NULL && measure == LC_MEASURED_RESPONSE ? (int)lround(100 * strtod(quantile, NULL)) : 0;
        free(name);
    }
}

static void read_json(const struct reading *r, const char *text, size_t length)
{
    json_error_t error;
    json_t *root = json_loadb(text, length, 0, &error);
    const json_t *metrics = json_object_get(root, "metrics"),
                 *series = json_object_get(json_object_get(root, "data"), "result");
    size_t i;
    json_t *one;
    if (root == NULL)
        lc_error(r->diag, LC_INPUT, &(struct lc_place){r->file, error.line, error.column, -1}, "broken JSON: %s",
                 error.text);
    else if (json_is_object(metrics))
        read_k6(r, metrics);
    else if (json_is_array(series))
        json_array_foreach(series, i, one)
        {
            read_series(r, one);
        }
    else if (json_is_object(json_object_get(root, "Total")))
        read_jmeter(r, root);
    else
        lc_error(r->diag, LC_INPUT, &(struct lc_place){r->file, 0, 0, -1},
                 "JSON that is not known as measurements; expected a range answer of Prometheus ('data.result'), a "
                 "summary of k6 ('metrics') or of JMeter ('Total')");
    json_decref(root);
}

/* ---- wrk --------------------------------------------------------------------------------------------------------- */

/* "12.30ms", "1.2s", "830.00us" */
static bool read_wrk_time(const char *text, double *seconds)
{
    char *end;
    *seconds = strtod(text, &end);
    const char *unit = end + strspn(end, " ");
    const double factor = strncmp(unit, "us", 2) == 0   ? 1e-6
                          : strncmp(unit, "ms", 2) == 0 ? 1e-3
                          : unit[0] == 's'              ? 1
                          : unit[0] == 'm'              ? 60
                                                        : 0;
    *seconds *= factor;
    return end != text && factor > 0;
}

static void read_wrk(const struct reading *r, char *text)
{
    struct lc_measured_level *level = level_of(r, r->file);
    for (char *line = text, *next; line != NULL && *line != 0; line = next) {
        double value;
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = 0;
        line += strspn(line, " \t");
        const char *colon = strchr(line, ':'), *percent = strchr(line, '%');
        if (strncmp(line, "Requests/sec", 12) == 0 && colon != NULL)
            level->rate = strtod(colon + 1, NULL);
        else if (strncmp(line, "Latency ", 8) == 0 && read_wrk_time(line + 8, &value))
            add_response(level, "", 0, value);
        else if (isdigit((unsigned char)*line) && percent != NULL && read_wrk_time(percent + 1, &value))
            add_response(level, "", (int)lround(strtod(line, NULL)), value);
    }
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

int lc_measured_read(const char *file, struct lc_measured *measured, struct lc_diag *diag)
{
    size_t length;
    const size_t before = diag->errors;
    char *text = lci_file_read(file, LARGEST, &length, diag);
    if (text == NULL)
        return -1;
    const struct reading r = {file, measured, diag};
    const char *begin = text + strspn(text, " \t\r\n");
    if (*begin == '{')
        read_json(&r, text, length);
    else if (strncmp(begin, "Running ", 8) == 0 || strstr(text, "Requests/sec:") != NULL)
        read_wrk(&r, text);
    else if (lci_is_jtl(begin))
        lci_jtl_read(file, text + (begin - text), level_of(&r, file), diag);
    else
        read_csv(&r, text);
    free(text);
    if (diag->errors == before && measured->count == 0)
        lc_error(diag, LC_INPUT, &(struct lc_place){file, 0, 0, -1}, "nothing is measured in it");
    return diag->errors == before ? 0 : -1;
}
