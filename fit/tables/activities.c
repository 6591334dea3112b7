/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files that say what tests did and when. JSON: an array of objects, objects one after the other, or an object with the
 * array "activities"; the name is "activity", "test" or "name"; or events: a start or a stop each (activity_events.h).
 * CSV: a header line with activity, release, run, start, end in any order. Times are ISO 8601 with a zone, or numbers
 * since 1970 in s, ms, µs or ns, told apart by their size.
 */
#include "activity_events.h"
#include "base/csv.h"
#include "base/output.h"
#include "loadcast/format.h"
#include "loadcast/learn.h"
#include "times.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST (256u << 20) /* bytes of a file */

void lc_activities_free(struct lc_activity_runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        free(runs->runs[i].activity);
        free(runs->runs[i].release);
        free(runs->runs[i].run);
    }
    free(runs->runs);
    *runs = (struct lc_activity_runs){0};
}

/* ---- runs -------------------------------------------------------------------------------------------------------- */

struct row { /* texts, NULL: not there */
    const char *activity, *release, *run, *start, *end;
};

static void add_run(struct lc_activity_runs *runs, const struct row *row, struct lc_diag *diag,
                    const struct lc_place *place)
{
    struct lc_activity_run run = {0};
    if (row->activity == NULL || *row->activity == 0) {
        lc_error(diag, LC_INPUT, place, "an activity has no name; expected one under 'activity' or 'test'");
        return;
    }
    if (row->start == NULL || !lci_time_read(row->start, &run.start)) {
        lc_error(diag, LC_INPUT, place, "the start of '%s' is '%s'; expected a time such as 2026-11-22T01:59:07.468Z",
                 row->activity, row->start ? row->start : "");
        return;
    }
    if (row->end == NULL || !lci_time_read(row->end, &run.end)) {
        lc_error(diag, LC_INPUT, place, "the end of '%s' is '%s'; expected a time such as 2026-11-22T01:59:14.439Z",
                 row->activity, row->end ? row->end : "");
        return;
    }
    if (run.end < run.start) {
        lc_error(diag, LC_INPUT, place, "'%s' ends before it starts; expected an end that is later", row->activity);
        return;
    }
    run.activity = lc_strdup(row->activity);
    run.release = lc_strdup(row->release ? row->release : "");
    run.run = lc_strdup(row->run ? row->run : "");
    runs->runs = lc_realloc(runs->runs, runs->count + 1, sizeof *runs->runs);
    runs->runs[runs->count++] = run;
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

/* The member as text; numbers are written out. Owned by the caller. */
static char *member(const json_t *object, const char *const *names)
{
    for (; *names != NULL; names++) {
        const json_t *value = json_object_get(object, *names);
        if (json_is_string(value))
            return lc_strdup(json_string_value(value));
        if (json_is_integer(value))
            return lc_format("%" JSON_INTEGER_FORMAT, json_integer_value(value));
        if (json_is_real(value))
            return lc_format("%.17g", json_real_value(value));
    }
    return NULL;
}

struct content { /* of a file */
    struct lc_activity_runs *runs;
    struct lci_activity_events *events;
};

static void add_event(struct lci_activity_events *events, const json_t *object, const char *what, struct lc_diag *diag,
                      const struct lc_place *place)
{
    char *time = member(object, (const char *const[]){"time", NULL});
    struct lci_activity_event event = {.stop = strcmp(what, "stop") == 0, .line = place->line};
    event.activity = member(object, (const char *const[]){"activity", NULL});
    event.release = member(object, (const char *const[]){"release", NULL});
    event.run = member(object, (const char *const[]){"run", NULL});
    if (!event.stop && strcmp(what, "start") != 0)
        lc_error(diag, LC_INPUT, place, "expected the event 'start' or 'stop', found '%s'", what);
    else if (event.activity == NULL || *event.activity == 0)
        lc_error(diag, LC_INPUT, place, "expected the name of the activity that starts or stops, found none");
    else if (time == NULL || !lci_time_read(time, &event.time))
        lc_error(diag, LC_INPUT, place, "expected a time like 2026-11-22T01:59:07.468Z, found '%s'", time ? time : "");
    event.activity = event.activity != NULL ? event.activity : lc_strdup("");
    event.release = event.release != NULL ? event.release : lc_strdup("");
    event.run = event.run != NULL ? event.run : lc_strdup("");
    LC_GROW(events->items, events->count, events->room);
    events->items[events->count++] = event;
    free(time);
}

static void add_object(const struct content *content, const json_t *object, struct lc_diag *diag,
                       const struct lc_place *place)
{
    if (!json_is_object(object)) {
        lc_error(diag, LC_INPUT, place, "expected an activity as an object with activity, release, run, start and end");
        return;
    }
    const char *what = json_string_value(json_object_get(object, "event"));
    if (what != NULL) {
        add_event(content->events, object, what, diag, place);
        return;
    }
    char *activity = member(object, (const char *const[]){"activity", "test", "name", NULL});
    char *release = member(object, (const char *const[]){"release", NULL});
    char *run = member(object, (const char *const[]){"run", NULL});
    char *start = member(object, (const char *const[]){"start_unix_nano", "start", NULL});
    char *end = member(object, (const char *const[]){"end_unix_nano", "end", NULL});
    add_run(content->runs, &(struct row){activity, release, run, start, end}, diag, place);
    free(activity);
    free(release);
    free(run);
    free(start);
    free(end);
}

static void add_value(const struct content *content, const json_t *value, struct lc_diag *diag,
                      const struct lc_place *place)
{
    const json_t *array = json_is_array(value) ? value : json_object_get(value, "activities");
    if (!json_is_array(array)) {
        add_object(content, value, diag, place);
        return;
    }
    for (size_t i = 0; i < json_array_size(array); i++)
        add_object(content, json_array_get(array, i), diag, place);
}

static void read_json(const char *file, const char *text, size_t length, const struct content *content,
                      struct lc_diag *diag)
{
    const char *end = text + length;
    int line = 1;
    while (text < end) {
        for (; text < end && strchr(" \t\r\n", *text) != NULL; text++)
            line += *text == '\n';
        if (text == end)
            return;
        json_error_t error;
        json_t *value = json_loadb(text, (size_t)(end - text), JSON_DISABLE_EOF_CHECK, &error);
        struct lc_place place = {file, line, 0, -1};
        if (value == NULL) {
            place.line += error.line > 0 ? error.line - 1 : 0;
            place.column = error.column > 0 ? error.column : 0;
            lc_error(diag, LC_INPUT, &place, "%s; expected activities as a JSON array or CSV", error.text);
            return;
        }
        add_value(content, value, diag, &place);
        json_decref(value);
        for (int i = 0; i < error.position; i++, text++)
            line += *text == '\n';
    }
}

/* ---- CSV --------------------------------------------------------------------------------------------------------- */

static void read_csv(const char *file, char *text, struct lc_activity_runs *runs, struct lc_diag *diag)
{
    static const char *const names[] = {"activity", "release", "run", "start", "end"};
    size_t column[5] = {LCI_CSV_FIELDS, LCI_CSV_FIELDS, LCI_CSV_FIELDS, LCI_CSV_FIELDS, LCI_CSV_FIELDS};
    struct lc_place place = {file, 0, 0, -1};
    for (char *line = text; line != NULL && *line != 0;) {
        char *next = strchr(line, '\n'), *fields[LCI_CSV_FIELDS];
        if (next != NULL)
            *next++ = 0;
        place.line++;
        const size_t count = lci_csv_cut(line, ',', fields);
        line = next;
        if (count == 1 && *fields[0] == 0)
            continue;
        if (column[0] == LCI_CSV_FIELDS) { /* the header */
            for (size_t i = 0; i < count; i++)
                for (size_t k = 0; k < 5; k++)
                    if (strcmp(fields[i], names[k]) == 0 || (k == 0 && strcmp(fields[i], "test") == 0))
                        column[k] = i;
            if (column[0] == LCI_CSV_FIELDS || column[3] == LCI_CSV_FIELDS || column[4] == LCI_CSV_FIELDS) {
                lc_error(diag, LC_INPUT, &place,
                         "neither JSON nor a CSV header; expected the first line activity,release,run,start,end");
                return;
            }
            continue;
        }
        const char *field[5];
        for (size_t k = 0; k < 5; k++)
            field[k] = column[k] < count ? fields[column[k]] : NULL;
        add_run(runs, &(struct row){field[0], field[1], field[2], field[3], field[4]}, diag, &place);
    }
}

int lci_activity_file_read(const char *file, struct lc_activity_runs *runs, struct lci_activity_events *events,
                           struct lc_diag *diag)
{
    const size_t errors = diag->errors;
    size_t length = 0;
    char *text = lci_file_read(file, LARGEST, &length, diag);
    if (text == NULL)
        return -1;
    const char first = text[strspn(text, " \t\r\n")];
    if (first == '[' || first == '{')
        read_json(file, text, length, &(struct content){runs, events}, diag);
    else
        read_csv(file, text, runs, diag);
    free(text);
    return diag->errors == errors ? 0 : -1;
}

int lc_activities_read(const char *file, struct lc_activity_runs *runs, struct lc_diag *diag)
{
    *runs = (struct lc_activity_runs){0};
    struct lci_activity_events events = {0};
    int status = lci_activity_file_read(file, runs, &events, diag);
    if (status == 0)
        lci_activity_windows(&events, file, runs, diag);
    lci_activity_events_free(&events);
    if (status == 0 && runs->count == 0) {
        lc_error(diag, LC_INPUT, &(struct lc_place){file, 0, 0, -1}, "expected at least one activity, found none");
        status = -1;
    }
    if (status != 0)
        lc_activities_free(runs);
    return status;
}
