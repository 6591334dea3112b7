/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verdict_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define SURE     1e6  /* values that stand for an interval: as many as make it normal */
#define TO_ERROR 1.96 /* of a half-width at 95 % */

bool is_verdict(const char *file)
{
    char start[200] = "";
    FILE *in = strcmp(file, "-") != 0 ? fopen(file, "r") : NULL;
    if (in == NULL)
        return false;
    const size_t length = fread(start, 1, sizeof start - 1, in);
    fclose(in);
    return length > 0 && strstr(start, "\"loadcast.verdict/1\"") != NULL;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static void add(struct lci_measure_table *table, const char *level, const char *name, const char *subject,
                const char *unit, double mean, double half_width)
{
    if (!isfinite(mean))
        return;
    lci_measure_table_add(table, &(struct lci_measure_row){.release = "",
                                                           .run = "",
                                                           .activity = level,
                                                           .service = "",
                                                           .operation = "",
                                                           .name = name,
                                                           .subject = subject,
                                                           .unit = unit,
                                                           .count = (uint64_t)SURE,
                                                           .mean = mean,
                                                           .median = NAN,
                                                           .mode = NAN,
                                                           .p95 = NAN,
                                                           .sd = half_width / TO_ERROR * sqrt(SURE)});
}

static double number_or(const json_t *value, double otherwise)
{
    return json_is_number(value) ? json_number_value(value) : otherwise;
}

/* {"mean", "ci95"}; an interval that is not known is none. */
static void add_estimate(struct lci_measure_table *table, const char *level, const char *name, const char *subject,
                         const char *unit, const json_t *estimate)
{
    if (json_is_object(estimate))
        add(table, level, name, subject, unit, number_or(json_object_get(estimate, "mean"), NAN),
            number_or(json_object_get(estimate, "ci95"), 0));
}

static void add_point(const json_t *point, struct lci_measure_table *table)
{
    static const struct {
        const char *list, *key, *name, *unit;
    } kinds[] = {{"processors", "load", "load", "1"},
                 {"tasks", "load", "load", "1"},
                 {"workloads", "response_time", "predicted_response_time", "s"}};
    const json_t *result = json_object_get(point, "result");
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const json_t *list = json_object_get(result, kinds[k].list);
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *item = json_array_get(list, i);
            char *subject = lc_format("%s%s", text_of(item, "name"), k == 0 ? " (processor)" : "");
            add_estimate(table, text_of(point, "label"), kinds[k].name, subject, kinds[k].unit,
                         json_object_get(item, kinds[k].key));
            free(subject);
        }
    }
}

void verdict_rows_add(const json_t *verdict, struct lci_measure_table *table)
{
    const json_t *saturation = json_object_get(verdict, "saturation");
    const json_t *limits = json_object_get(saturation, "limits"), *points = json_object_get(verdict, "points");
    for (size_t i = 0; i < json_array_size(limits); i++) {
        const json_t *limit = json_array_get(limits, i);
        const double factor = number_or(json_object_get(limit, "factor"), NAN);
        const double half = number_or(json_object_get(limit, "ci95"), 0);
        char *subject = lc_format("%s%s", text_of(limit, "component"),
                                  strcmp(text_of(limit, "kind"), "processor") == 0 ? " (processor)" : "");
        add(table, "", "capacity", subject, "1", factor, half);
        free(subject);
        if (i == 0) /* the first one's limit is the system's */
            add(table, "", "capacity", "", "1", factor, half);
    }
    for (size_t i = 0; i < json_array_size(points); i++)
        if (json_is_null(json_object_get(json_array_get(points, i), "change")))
            add_point(json_array_get(points, i), table);
    lci_measure_table_sort(table);
}

int verdict_rows_read(const char *file, struct lci_measure_table *table, struct lc_diag *diag)
{
    json_error_t error;
    json_t *verdict = json_load_file(file, 0, &error);
    if (verdict == NULL) {
        lc_error(diag, LC_INPUT, &(struct lc_place){file, error.line, error.column, -1},
                 "%s; expected what 'loadcast run --json' writes", error.text);
        return -1;
    }
    verdict_rows_add(verdict, table);
    json_decref(verdict);
    return 0;
}
