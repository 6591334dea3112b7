/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was collected, written to a file: JSON lines, whole numbers only, so that nothing is lost. docs/learning.md has
 * the format.
 */
#include "base/memory.h"
#include "base/sort.h"
#include "network/cache/store.h"
#include "network/visits/shard.h"

#include "tree/decisions.h"

#include "base/output.h"
#include "loadcast/format.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define LEVEL "wb3" /* hardly larger than the best, and several times as fast */

struct sink {
    FILE *stream;
    gzFile zip; /* NULL: plain */
    bool failed;
};

static void put(struct sink *sink, const char *text, size_t length)
{
    if (sink->zip != NULL)
        sink->failed |= gzwrite(sink->zip, text, (unsigned)length) != (int)length;
    else
        fwrite(text, 1, length, sink->stream);
}

/* Takes the reference. */
static void put_json(struct sink *sink, json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);
    put(sink, text, strlen(text));
    put(sink, "\n", 1);
    free(text);
    json_decref(line);
}

static void put_line(void *sink, json_t *line)
{
    put_json(sink, line);
}

/* ---- options ----------------------------------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

static json_t *class_json(const struct lc_request_class *class_)
{
    json_t *where = json_array();
    for (size_t i = 0; i < class_->condition_count; i++)
        json_array_append_new(where, json_pack("[s, s]", class_->keys[i], class_->patterns[i]));
    return json_pack("{s:s?, s:o, s:o, s:o, s:o}", "name", class_->name, "task", text_or_null(class_->task),
                     "operation", text_or_null(class_->operation), "activity", text_or_null(class_->activity), "where",
                     where);
}

/* The services all of whose visits are kept. */
static json_t *whole_services(const struct lc_learn_options *options)
{
    json_t *list = json_array();
    const char **names = lc_calloc(options->capacity_count + 1, sizeof *names);
    for (size_t i = 0; i < options->capacity_count; i++)
        names[i] = options->capacities[i].task;
    lci_sort_texts(names, options->capacity_count);
    for (size_t i = 0; options->load != LC_LOAD_LOW && i < options->capacity_count; i++)
        json_array_append_new(list, json_string(names[i]));
    free(names);
    return list;
}

/* The windows that visits are counted in, as their number, and a hash of their components and times (FNV-1a). */
static json_t *utilization_windows(const struct lc_utilization *u)
{
    if (u == NULL)
        return json_null();
    uint64_t hash = LCI_FNV_BEGIN;
    for (size_t i = 0; i < u->count; i++) {
        char *text =
            lc_format("%s %" PRId64 " %" PRId64 "\n", u->windows[i].component, u->windows[i].start, u->windows[i].end);
        hash = lci_fnv(hash, text, strlen(text));
        free(text);
    }
    char *text = lc_format("%zu:%016" PRIx64, u->count, hash);
    json_t *json = json_string(text);
    free(text);
    return json;
}

json_t *lci_shard_options(const struct lci_visits *visits)
{
    const struct lc_learn_options *options = &visits->options;
    json_t *classes = json_array(), *runs = json_array();
    for (size_t i = 0; i < options->class_count; i++)
        json_array_append_new(classes, class_json(&options->classes[i]));
    for (size_t i = 0; options->activities != NULL && i < options->activities->count; i++) {
        const struct lc_activity_run *run = &options->activities->runs[i];
        json_array_append_new(runs, json_pack("[s, s, s, I, I]", run->activity, run->release, run->run,
                                              (json_int_t)run->start, (json_int_t)run->end));
    }
    json_t *slots = json_array();
    for (size_t i = 0; i < options->slot_count; i++)
        json_array_append_new(slots, json_pack("[s, s]", options->slots[i].service, options->slots[i].span));
    const size_t kept = options->kept > 0 ? options->kept : LC_LEARN_KEPT;
    json_t *json =
        json_pack("{s:o, s:b, s:o, s:I, s:o, s:o, s:o, s:o}", "release", text_or_null(options->release), "measured",
                  options->load == LC_LOAD_MEASURED, "services with capacity", whole_services(options), "kept visits",
                  (json_int_t)kept, "classes of requests", classes, "activities", runs, "slots", slots,
                  "windows of utilization", utilization_windows(options->utilization));
    json_t *within = json_array();
    for (size_t i = 0; i < options->within_count; i++)
        json_array_append_new(
            within, json_pack("[I, I]", (json_int_t)options->within[i].begin, (json_int_t)options->within[i].end));
    if (options->within != NULL)
        json_object_set(json, "intervals of time", within);
    json_decref(within);
    return json;
}

/* ---- parts ------------------------------------------------------------------------------------------------------- */

static void put_counts(struct sink *sink, const struct lci_visits *visits)
{
    json_t *classes = json_array(), *runs = json_array(), *releases = json_array();
    for (size_t c = 0; c < visits->class_count; c++)
        json_array_append_new(classes, json_integer((json_int_t)visits->class_traces[c]));
    for (size_t i = 0; visits->options.activities != NULL && i < visits->options.activities->count; i++)
        json_array_append_new(runs, json_integer((json_int_t)visits->run_traces[i]));
    for (size_t i = 0; i < visits->release_count; i++)
        json_array_append_new(releases, json_pack("[s, s, I]", visits->releases[i].name,
                                                  lci_text(visits, visits->releases[i].service),
                                                  (json_int_t)visits->releases[i].trees));
    put_json(sink,
             json_pack("{s:{s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:[I, I]}}", "counts", "trees",
                       (json_int_t)visits->trees, "sampled", (json_int_t)visits->sampled_traces, "sampled_weight",
                       (json_int_t)visits->sampled_weight, "limited", (json_int_t)visits->limited_traces, "left_out",
                       (json_int_t)visits->left_out, "class_traces", classes, "run_traces", runs, "releases", releases,
                       "ends", (json_int_t)visits->first_end, (json_int_t)visits->last_end));
}

static void put_tasks(struct sink *sink, const struct lci_visits *visits)
{
    for (size_t t = 0; t < visits->task_count; t++) {
        const struct lci_task *task = &visits->tasks[t];
        json_t *instances = json_array();
        for (size_t i = 0; i < task->instance_count; i++)
            json_array_append_new(instances, json_string(lci_text(visits, task->instances[i])));
        json_t *said = json_array();
        for (size_t i = 0; i < task->said_count; i++)
            json_array_append_new(said,
                                  json_pack("[s, s, I]", lci_said_names[task->said[i].name].name,
                                            lci_text(visits, task->said[i].value), (json_int_t)task->said[i].count));
        json_t *round = json_array();
        for (size_t k = 0; k < LCI_POWERS; k++)
            json_array_append_new(round, json_integer((json_int_t)task->round[k]));
        put_json(sink, json_pack("{s:{s:s, s:o, s:b, s:b, s:o, s:o}}", "task", "name", lci_text(visits, task->name),
                                 "round", round, "external", task->external, "consumer", task->consumer, "instances",
                                 instances, "said", said));
    }
}

/* [window, visits, self time in ns, …], null: nothing is known of its component's utilization. */
static json_t *windows_json(const struct lci_operation *operation)
{
    json_t *list = operation->windows_known ? json_array() : json_null();
    for (size_t w = 0; w < operation->window_count; w++) {
        if (operation->windows[w].visits == 0)
            continue;
        json_array_append_new(list, json_integer((json_int_t)w));
        json_array_append_new(list, json_integer((json_int_t)operation->windows[w].visits));
        json_array_append_new(list, json_integer(operation->windows[w].self));
    }
    return list;
}

static void put_operations(struct sink *sink, const struct lci_visits *visits)
{
    for (size_t o = 0; o < visits->operation_count; o++) {
        const struct lci_operation *operation = &visits->operations[o];
        put_json(sink, json_pack("{s:{s:s, s:s, s:s, s:i, s:i, s:i, s:b, s:b, s:b, s:b, s:o}}", "operation", "task",
                                 lci_text(visits, operation->task), "entry", lci_text(visits, operation->entry),
                                 "caller", lci_text(visits, operation->caller), "level", (int)operation->level,
                                 "inside", (int)operation->inside, "class", (int)operation->class_, "external",
                                 operation->external, "consumer", operation->consumer, "internal", operation->internal,
                                 "around", operation->around, "windows", windows_json(operation)));
    }
}

/* ---- visits ------------------------------------------------------------------------------------------------------ */

/* The nanoseconds that were multiplied by 1e-9. */
static int64_t nanoseconds(double seconds)
{
    return llround(seconds * 1e9);
}

struct text {
    char *items;
    size_t count, capacity;
};

static void add_number(struct text *text, int64_t number)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    if (text->count + 32 > text->capacity) {
        text->capacity = 2 * text->capacity + 256;
        text->items = lc_realloc(text->items, text->capacity, 1);
    }
    do
        digits[--at] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (number < 0)
        digits[--at] = '-';
    text->items[text->count] = text->count == 0 ? '[' : ',';
    text->count++;
    memcpy(text->items + text->count, digits + at, sizeof digits - at);
    text->count += sizeof digits - at;
}

/* Instances are numbered within their service, from 1; 0 is none. */
static int64_t instance_number(const struct lci_task *task, lc_symbol instance)
{
    for (size_t i = 0; instance != 0 && i < task->instance_count; i++)
        if (task->instances[i] == instance)
            return (int64_t)i + 1;
    return 0;
}

static void put_visit(struct sink *sink, const struct lci_task *task, const struct lci_variant *variant,
                      const struct lci_visit *visit, struct text *text)
{
    text->count = 0;
    add_number(text, (int64_t)visit->trace);
    add_number(text, visit->start);
    add_number(text, nanoseconds(visit->duration));
    add_number(text, instance_number(task, visit->instance));
    add_number(text, (visit->fit ? LCI_VISIT_FIT : 0) | (visit->root ? LCI_VISIT_ROOT : 0) |
                         (visit->error ? LCI_VISIT_ERROR : 0));
    for (uint32_t i = 0; i < visit->call_count; i++) {
        const struct lci_call *call = &variant->calls[visit->first_call + i];
        add_number(text, call->operation);
        add_number(text, (call->forget ? LCI_CALL_FORGET : 0) | (call->paired ? LCI_CALL_PAIRED : 0) |
                             (call->failed ? LCI_CALL_FAILED : 0) | (call->forwarded ? LCI_CALL_FORWARDED : 0) |
                             (call->hit ? LCI_CALL_HIT : 0) | (call->miss ? LCI_CALL_MISS : 0));
        add_number(text, nanoseconds(call->sent));
        add_number(text, nanoseconds(call->answered));
        add_number(text, nanoseconds(call->outside));
        for (int h = 0; h < LCI_HOPS; h++)
            add_number(text, isnan(call->hops[h]) ? -1 : nanoseconds(call->hops[h]));
    }
    put(sink, text->items, text->count);
    put(sink, "]\n", 2);
}

static void put_variants(struct sink *sink, const struct lci_visits *visits, size_t operation,
                         const struct lci_variant *variants, int release, struct text *text)
{
    const struct lci_task *task = lci_task_find(visits, visits->operations[operation].task);
    for (size_t c = 0; variants != NULL && c < visits->class_count; c++) {
        const struct lci_variant *v = &variants[c];
        if (v->seen == 0 && v->lost_roots == 0)
            continue;
        put_json(sink,
                 json_pack("{s:{s:I, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
                           "s:I, s:I, s:I}}",
                           "visits", "operation", (json_int_t)operation, "release", release, "class", (json_int_t)c,
                           "seen", (json_int_t)v->seen, "last", (json_int_t)v->last, "roots", (json_int_t)v->roots,
                           "lost", (json_int_t)v->lost_roots, "sync", (json_int_t)v->sync_calls, "forget",
                           (json_int_t)v->forget_calls, "queue_delay", (json_int_t)v->queue_delay, "delay_squares",
                           (json_int_t)v->delay_squares, "delay_least", (json_int_t)v->delay_least, "delay_most",
                           (json_int_t)v->delay_most, "queue_delays", (json_int_t)v->queue_delays, "batches",
                           (json_int_t)v->batches, "messages", (json_int_t)v->messages, "cpu", (json_int_t)v->cpu,
                           "cpu_self", (json_int_t)v->cpu_self, "cpu_visits", (json_int_t)v->cpu_visits, "count",
                           (json_int_t)v->visit_count));
        for (size_t i = 0; i < v->visit_count; i++)
            put_visit(sink, task, v, &v->visits[i], text);
    }
}

static void put_held(struct sink *sink, const struct lci_visits *visits)
{
    for (size_t i = 0; i < visits->held_count; i++) {
        const struct lci_held *held = &visits->held[i];
        json_t *changes = json_array(); /* instant, change, …: most are 0 where there is little to do */
        int32_t scratch[LCI_MOST_INSTANTS];
        const int32_t *at = lci_presence_changes(&held->presence, scratch);
        for (size_t k = 0; k < held->presence.count; k++)
            if (at[k] != 0) {
                json_array_append_new(changes, json_integer((json_int_t)k));
                json_array_append_new(changes, json_integer(at[k]));
            }
        put_json(sink,
                 json_pack("{s:[s, s, s, i, I, I, o]}", "held", lci_text(visits, held->task),
                           lci_text(visits, held->instance), lci_text(visits, held->server), (int)held->presence.shift,
                           (json_int_t)held->presence.first, (json_int_t)held->presence.count, changes));
    }
}

static void put_all(struct sink *sink, const struct lci_visits *visits)
{
    struct text text = {0};
    put_json(sink, json_pack("{s:s, s:o}", "loadcast", LCI_SHARD_SCHEMA, "options", lci_shard_options(visits)));
    put_counts(sink, visits);
    put_tasks(sink, visits);
    put_operations(sink, visits);
    put_held(sink, visits);
    put_json(sink, json_pack("{s:o}", "starts", lci_starts_json(visits)));
    if (visits->decisions != NULL)
        lci_decisions_write(visits->decisions, put_line, sink);
    for (size_t o = 0; o < visits->operation_count; o++) {
        const struct lci_operation *operation = &visits->operations[o];
        put_variants(sink, visits, o, operation->variants, -1, &text);
        for (size_t r = 0; r < operation->elsewhere_count; r++)
            put_variants(sink, visits, o, operation->elsewhere[r], (int)r, &text);
    }
    put_json(sink, json_pack("{s:b}", "end", true));
    free(text.items);
}

void lc_learner_note(struct lc_learner *learner, struct lc_extraction *extraction)
{
    lc_decisions_free(learner->visits.decisions);
    learner->visits.decisions = extraction->decisions;
    for (size_t i = 0; i < extraction->reading.time_count; i++)
        lci_files_add(&learner->visits, extraction->reading.times[i].begin, extraction->reading.times[i].end);
    lci_files_settle(&learner->visits);
    extraction->decisions = NULL;
}

char *lci_learner_text(struct lc_learner *learner, size_t *length)
{
    char *text = NULL;
    lci_order(&learner->visits);
    struct sink sink = {.stream = open_memstream(&text, length)};
    if (sink.stream == NULL)
        lci_no_memory(0);
    put_all(&sink, &learner->visits);
    if (fclose(sink.stream) != 0)
        lci_no_memory(0);
    return text;
}

char *lci_decisions_text(struct lc_decisions *decisions, size_t *length)
{
    char *text = NULL;
    struct sink sink = {.stream = open_memstream(&text, length)};
    if (sink.stream == NULL)
        lci_no_memory(0);
    lci_decisions_write(decisions, put_line, &sink);
    if (fclose(sink.stream) != 0)
        lci_no_memory(0);
    return text;
}

int lc_learner_write(struct lc_learner *learner, const char *file, struct lc_diag *diag)
{
    lci_order(&learner->visits);
    struct lci_output *output = lci_output_open(file, diag);
    if (output == NULL)
        return -1;
    struct sink sink = {.stream = lci_output_stream(output)};
    const size_t length = strlen(file);
    if (length > 3 && strcmp(file + length - 3, ".gz") == 0) {
        const int copy = dup(fileno(sink.stream));
        sink.zip = copy >= 0 ? gzdopen(copy, LEVEL) : NULL;
        sink.failed = sink.zip == NULL;
    }
    if (!sink.failed)
        put_all(&sink, &learner->visits);
    if (sink.zip != NULL)
        sink.failed |= gzclose(sink.zip) != Z_OK;
    if (sink.failed) {
        lc_error(diag, LC_MACHINE, NULL, "%s: cannot be written: %s", file, strerror(errno != 0 ? errno : EIO));
        lci_output_abandon(output);
        return -1;
    }
    return lci_output_close(output, diag);
}
