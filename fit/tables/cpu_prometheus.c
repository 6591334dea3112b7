/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers of Prometheus to range queries: counters of seconds (…_cpu_…_total), whose growth is busy cores, and what
 * functions such as rate() made of them. A value stands for the time since the one before.
 * https://prometheus.io/docs/prometheus/latest/querying/api/
 */
#include "tables/cpu_samples.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum meaning { COUNTER, CORES, SHARE, LIMIT, NOTHING };

static const char *label(const json_t *metric, const char *name)
{
    const char *text = json_string_value(json_object_get(metric, name));
    return text != NULL ? text : "";
}

/* The first of the labels that is there. */
static const char *first_label(const json_t *metric, const char *const *names)
{
    for (; *names != NULL; names++)
        if (*label(metric, *names) != 0)
            return *names;
    return NULL;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), of = strlen(end);
    return length >= of && strcmp(text + length - of, end) == 0;
}

static enum meaning meaning_of(const json_t *metric)
{
    const char *name = label(metric, "__name__"), *quantity = label(metric, "quantity");
    static const char *const idle[] = {"idle", "iowait", "steal", "guest", "guest_nice"};
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
        if (strcmp(label(metric, "mode"), idle[i]) == 0)
            return NOTHING;
    if (strcmp(label(metric, "container"), "POD") == 0)
        return NOTHING;
    if (strstr(name, "resource_limits") != NULL)
        return strcmp(label(metric, "resource"), "cpu") == 0 ? LIMIT : NOTHING;
    if (strcmp(quantity, "utilization") == 0 || strstr(name, "utilization") != NULL || strstr(name, "ratio") != NULL)
        return SHARE;
    return ends_with(name, "_total") ? COUNTER : CORES;
}

/* "web" of a pod, or the label as it stands. The caller frees it. */
static char *component_of(const json_t *metric)
{
    static const char *const names[] = {"component", "service", "service_name", "deployment", "app",      "container",
                                        "pod",       "job",     "nodename",     "node",       "instance", NULL};
    const char *name = first_label(metric, names);
    if (name == NULL)
        return lc_strdup("");
    return strcmp(name, "pod") == 0 ? lci_cpu_pod_service(label(metric, name)) : lc_strdup(label(metric, name));
}

struct series {
    const json_t *metric, *values;
    char *component, *all; /* all: every label */
    const char *instance;
};

static bool point_of(const struct series *s, size_t i, int64_t *time, double *value)
{
    const json_t *pair = json_array_get(s->values, i);
    const double seconds = json_number_value(json_array_get(pair, 0));
    const char *text = json_string_value(json_array_get(pair, 1));
    char *end;
    *value = text != NULL ? strtod(text, &end) : NAN;
    *time = (int64_t)llround(seconds * 1e3) * 1000000;
    return isfinite(*value) && seconds > 0 && seconds < 4e9;
}

static void take_series(struct lci_cpu_samples *samples, struct lci_cpu_counters *counters, const struct series *s,
                        enum meaning meaning)
{
    int64_t before = 0, time;
    double value;
    for (size_t i = 0; i < json_array_size(s->values); i++) {
        if (!point_of(s, i, &time, &value))
            continue;
        if (meaning == COUNTER)
            lci_cpu_count(counters, samples->service != NULL ? samples->service : s->component, s->instance, s->all,
                          time, value, 0);
        else if (meaning == LIMIT)
            lci_cpu_host(samples, s->component, value, 0);
        else if (before != 0)
            lci_cpu_add(samples, s->component, s->all, before, time, value, 0);
        before = time;
    }
}

/* Whether the pod's total, beside its containers. */
static bool is_total(const json_t *metric, bool containers)
{
    return containers && *label(metric, "pod") != 0 && *label(metric, "container") == 0;
}

static void take_all(struct lci_cpu_samples *samples, const json_t *result)
{
    static const char *const instances[] = {"pod", "instance", "node", "nodename", NULL};
    struct lci_cpu_counters counters = {0};
    bool containers = false, any_share = false, any_cores = false, unnamed = false;
    size_t i;
    json_t *one;
    json_array_foreach(result, i, one) containers |= *label(json_object_get(one, "metric"), "container") != 0;
    json_array_foreach(result, i, one)
    {
        const json_t *metric = json_object_get(one, "metric");
        const enum meaning meaning = meaning_of(metric);
        if (meaning == NOTHING || is_total(metric, containers))
            continue;
        any_share |= meaning == SHARE;
        any_cores |= meaning == CORES || meaning == COUNTER;
        unnamed |= meaning == CORES && *label(metric, "__name__") == 0 && *label(metric, "quantity") == 0;
        const char *instance = first_label(metric, instances);
        struct series series = {metric, json_object_get(one, "values"), component_of(metric),
                                json_dumps(metric, JSON_COMPACT | JSON_SORT_KEYS),
                                instance != NULL ? label(metric, instance) : ""};
        take_series(samples, &counters, &series, meaning);
        free(series.component);
        free(series.all);
    }
    const struct lc_place place = {samples->file, 0, 0, -1};
    samples->cores = any_cores;
    if (any_share && any_cores)
        lc_error(samples->diag, LC_INPUT, &place,
                 "expected parts of all cores or busy cores, found both in one answer");
    if (unnamed)
        lc_note(samples->diag, &place,
                "series without a name are taken for busy cores, as rate() of CPU seconds gives them; a label "
                "quantity=\"utilization\" says that they are parts of all cores");
    lci_cpu_differences(&counters, samples);
    samples->cores = any_cores;
}

bool lci_cpu_read_prometheus(struct lci_cpu_samples *samples, char *text, size_t length)
{
    if (text[strspn(text, " \t\r\n")] != '{')
        return false;
    json_error_t error;
    json_t *root = json_loadb(text, length, 0, &error);
    const json_t *data = json_object_get(root, "data"), *result = json_object_get(data, "result");
    const char *type = json_string_value(json_object_get(data, "resultType"));
    if (root == NULL)
        lc_error(samples->diag, LC_INPUT, &(struct lc_place){samples->file, error.line, error.column, -1},
                 "broken JSON: %s", error.text);
    else if (!json_is_array(result) || (type != NULL && strcmp(type, "matrix") != 0))
        lc_error(samples->diag, LC_INPUT, &(struct lc_place){samples->file, 0, 0, -1},
                 "expected the answer of Prometheus to a range query (resultType matrix), found %s",
                 type != NULL ? type : "other JSON");
    else
        take_all(samples, result);
    json_decref(root);
    return true;
}
