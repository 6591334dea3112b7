/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was collected from a part of the traces, read from a file and added to what is there. Names are the file's own;
 * operations, instances and releases get their numbers of this learner.
 */
#include "base/digits.h"
#include "fit/trace/symbols.h"
#include "network/visits/shard.h"

#include "trace/source.h"
#include "tree/decisions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST  ((size_t)256 << 20) /* bytes of a line */
#define LATEST   (INT64_C(1) << 62)  /* ns: beyond this no time makes sense */
#define LONG     (INT64_C(1) << 60)  /* ns: nor does a longer one */
#define PER_CALL 7
#define BEFORE   5 /* numbers of a visit before its calls */

struct names { /* instances of a service, as the file numbers them */
    lc_symbol task;
    lc_symbol *instances;
    size_t count, capacity;
};

struct numbers {
    int64_t *items;
    size_t count, capacity;
};

struct reading {
    struct lci_visits *visits; /* NULL: only decisions are wanted */
    struct lc_decisions *decisions;
    struct lc_symbols *symbols;
    struct lc_diag *diag;
    struct lc_place place;
    uint32_t *operations; /* of the file → of the visits */
    size_t operation_count, operation_capacity;
    size_t *releases;
    size_t release_count, release_capacity;
    struct names *tasks;
    size_t task_count, task_capacity;
    const struct names *names; /* of the visits that follow; NULL: none */
    uint64_t visits_left;      /* lines that follow */
    uint64_t last;             /* largest hash of a trace among them */
    struct lci_operation *operation;
    struct lci_variant *variant;
    struct numbers visit; /* the line of one */
    bool begun, counted, ended;
};

static int bad(struct reading *r, const char *what)
{
    lc_error(r->diag, LC_INPUT, &r->place, "%s; expected a summary as 'loadcast fit --summary' writes it", what);
    return -1;
}

static lc_symbol symbol(struct reading *r, const char *text)
{
    return *text != 0 ? lci_symbol_of(r->symbols, text, strlen(text)) : 0;
}

static bool within(int64_t time, int64_t limit)
{
    return time > -limit && time < limit;
}

/* ---- head -------------------------------------------------------------------------------------------------------- */

static int read_head(struct reading *r, const json_t *line)
{
    const char *schema = json_string_value(json_object_get(line, "loadcast"));
    if (schema != NULL && strncmp(schema, "summary/", 8) == 0 && strcmp(schema, LCI_SHARD_SCHEMA) != 0) {
        lc_error(r->diag, LC_INPUT, &r->place,
                 "this summary was made by another version of loadcast; expected " LCI_SHARD_SCHEMA
                 ", found %s: make it "
                 "anew from its traces",
                 schema);
        return -1;
    }
    if (schema == NULL || strcmp(schema, LCI_SHARD_SCHEMA) != 0)
        return bad(r, "expected a summary of traces (" LCI_SHARD_SCHEMA ")");
    r->begun = true;
    if (r->visits == NULL)
        return 0;
    json_t *own = lci_shard_options(r->visits);
    const json_t *theirs = json_object_get(line, "options");
    const char *key;
    json_t *value;
    int status = 0;
    json_object_foreach(own, key, value)
    {
        const json_t *other = json_object_get(theirs, key);
        if (other != NULL && json_equal(value, other))
            continue;
        char *here = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT),
             *there = other != NULL ? json_dumps(other, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
        lc_error(r->diag, LC_INPUT, &r->place, "the summary was made with %s %s; expected %s, as in this fit", key,
                 there != NULL ? there : "unknown", here);
        free(here);
        free(there);
        status = -1;
    }
    json_decref(own);
    return status;
}

static bool add_counts(uint64_t *counts, size_t count, const json_t *list)
{
    if (json_array_size(list) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *number = json_array_get(list, i);
        if (!json_is_integer(number) || json_integer_value(number) < 0)
            return false;
        counts[i] += (uint64_t)json_integer_value(number);
    }
    return true;
}

static int read_release(struct reading *r, json_t *release)
{
    const char *name, *service;
    json_int_t trees;
    if (json_unpack(release, "[s, s, I!]", &name, &service, &trees) != 0 || trees < 0)
        return bad(r, "expected a release as a name, a service and a number");
    LC_GROW(r->releases, r->release_count, r->release_capacity);
    const size_t found = lci_release_find(r->visits, name, symbol(r, service));
    r->visits->releases[found].trees += (uint64_t)trees;
    r->releases[r->release_count++] = found;
    return 0;
}

static int read_counts(struct reading *r, json_t *counts)
{
    struct lci_visits *visits = r->visits;
    json_int_t trees, left_out, sampled, weight, limited, first_end, last_end;
    json_t *classes, *runs, *releases;
    const size_t run_count = visits->options.activities != NULL ? visits->options.activities->count : 0;
    if (r->counted ||
        json_unpack(counts, "{s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:[I, I!]}", "trees", &trees, "sampled", &sampled,
                    "sampled_weight", &weight, "limited", &limited, "left_out", &left_out, "class_traces", &classes,
                    "run_traces", &runs, "releases", &releases, "ends", &first_end, &last_end) != 0 ||
        trees < 0 || left_out < 0 || sampled < 0 || sampled > trees || weight < sampled || limited < 0 ||
        !add_counts(visits->class_traces, visits->class_count, classes) ||
        !add_counts(visits->run_traces, run_count, runs))
        return bad(r, "wrong numbers of traces");
    visits->trees += (uint64_t)trees;
    visits->left_out += (uint64_t)left_out;
    visits->sampled_traces += (uint64_t)sampled;
    visits->sampled_weight += (uint64_t)weight;
    visits->limited_traces += (uint64_t)limited;
    if (last_end != 0 && (visits->last_end == 0 || first_end < visits->first_end))
        visits->first_end = first_end;
    if (last_end > visits->last_end)
        visits->last_end = last_end;
    r->counted = true;
    for (size_t i = 0; i < json_array_size(releases); i++)
        if (read_release(r, json_array_get(releases, i)) != 0)
            return -1;
    return 0;
}

/* ---- services and operations ------------------------------------------------------------------------------------- */

static bool add_round(struct lci_task *task, const json_t *round)
{
    json_int_t before = INT64_MAX;
    for (size_t k = 0; k < LCI_POWERS; k++) {
        const json_int_t count = json_integer_value(json_array_get(round, k));
        if (count < 0 || count > before)
            return false;
        task->round[k] += (uint64_t)count;
        before = count;
    }
    return json_array_size(round) == LCI_POWERS;
}

static bool add_said(struct reading *r, struct lci_task *task, const json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        const char *name, *value;
        json_int_t count;
        unsigned n = 0;
        if (json_unpack(one, "[s, s, I!]", &name, &value, &count) != 0 || count < 1)
            return false;
        while (lci_said_names[n].name != NULL && strcmp(lci_said_names[n].name, name) != 0)
            n++;
        if (lci_said_names[n].name == NULL)
            return false;
        lci_said_note(task, n, symbol(r, value), (uint64_t)count);
    }
    return json_is_array(list);
}

static int read_task(struct reading *r, json_t *line)
{
    const char *name;
    int external, consumer;
    json_t *instances, *round, *said;
    if (json_unpack(line, "{s:s, s:o, s:b, s:b, s:o, s:o}", "name", &name, "round", &round, "external", &external,
                    "consumer", &consumer, "instances", &instances, "said", &said) != 0 ||
        !json_is_array(instances))
        return bad(r, "a wrong service");
    struct lci_task *task = lci_task_add(r->visits, symbol(r, name));
    if (!add_round(task, round))
        return bad(r, "wrong numbers of starts");
    if (!add_said(r, task, said))
        return bad(r, "a wrong attribute of a deployment");
    task->external &= external != 0;
    task->consumer |= consumer != 0;
    LC_GROW(r->tasks, r->task_count, r->task_capacity);
    struct names *names = &r->tasks[r->task_count++];
    *names = (struct names){.task = task->name};
    for (size_t i = 0; i < json_array_size(instances); i++) {
        const char *instance = json_string_value(json_array_get(instances, i));
        if (instance == NULL || *instance == 0)
            return bad(r, "expected an instance as a name");
        const lc_symbol known = symbol(r, instance);
        lci_note_instance(task, known);
        LC_GROW(names->instances, names->count, names->capacity);
        names->instances[names->count++] = known;
    }
    return 0;
}

static bool add_windows(struct lci_visits *visits, struct lci_operation *operation, const json_t *list)
{
    if (json_is_null(list))
        return true;
    const size_t size = json_array_size(list);
    if (!json_is_array(list) || size % 3 != 0 || visits->options.utilization == NULL)
        return false;
    lci_utilization_windows(visits, operation);
    for (size_t i = 0; i < size; i += 3) {
        const json_int_t window = json_integer_value(json_array_get(list, i)),
                         count = json_integer_value(json_array_get(list, i + 1)),
                         self = json_integer_value(json_array_get(list, i + 2));
        if (window < 0 || (size_t)window >= operation->window_count || count < 1 || self < 0)
            return false;
        operation->windows[window].visits += (uint64_t)count;
        operation->windows[window].self += self;
    }
    return true;
}

static int read_operation(struct reading *r, json_t *line)
{
    const char *task, *entry, *caller;
    int level, inside, class_, external, consumer, internal, around;
    json_t *windows;
    if (json_unpack(line, "{s:s, s:s, s:s, s:i, s:i, s:i, s:b, s:b, s:b, s:b, s:o}", "task", &task, "entry", &entry,
                    "caller", &caller, "level", &level, "inside", &inside, "class", &class_, "external", &external,
                    "consumer", &consumer, "internal", &internal, "around", &around, "windows", &windows) != 0 ||
        level < 0 || level > LCI_MOST_NESTED || inside < 0 || inside > LCI_MOST_NESTED || class_ < 0 ||
        class_ > LC_CLASS_FAAS)
        return bad(r, "a wrong operation");
    const struct lci_operation key = {.task = symbol(r, task),
                                      .entry = symbol(r, entry),
                                      .caller = symbol(r, caller),
                                      .level = (unsigned)level,
                                      .inside = (unsigned)inside,
                                      .around = around != 0};
    LC_GROW(r->operations, r->operation_count, r->operation_capacity);
    const uint32_t found = lci_operation_of(r->visits, &key);
    r->operations[r->operation_count++] = found;
    struct lci_operation *operation = &r->visits->operations[found];
    operation->external &= external != 0;
    operation->class_ = class_ > operation->class_ ? (uint8_t)class_ : operation->class_;
    operation->consumer |= consumer != 0;
    operation->internal &= internal != 0;
    return add_windows(r->visits, operation, windows) ? 0 : bad(r, "wrong windows of utilization");
}

static int read_held(struct reading *r, json_t *line)
{
    const char *task, *instance, *server;
    int shift;
    json_int_t first, count;
    json_t *list;
    if (json_unpack(line, "[s, s, s, i, I, I, o!]", &task, &instance, &server, &shift, &first, &count, &list) != 0 ||
        shift < 0 || shift > 62 || !within(first, LATEST) || count < 1 || count > LCI_MOST_INSTANTS ||
        json_array_size(list) % 2 != 0)
        return bad(r, "a wrong number of requests at a time");
    int32_t changes[LCI_MOST_INSTANTS] = {0};
    for (size_t i = 0; i < json_array_size(list); i += 2) {
        const json_int_t at = json_integer_value(json_array_get(list, i));
        if (at < 0 || at >= count)
            return bad(r, "a wrong number of requests at a time");
        changes[at] = (int32_t)json_integer_value(json_array_get(list, i + 1));
    }
    const struct lci_presence theirs = {
        .shift = (unsigned)shift, .first = first, .count = (size_t)count, .changes = changes};
    lci_presence_merge(&lci_held_of(r->visits, symbol(r, task), symbol(r, instance), symbol(r, server))->presence,
                       &theirs);
    return 0;
}

static int read_starts(struct reading *r, json_t *line)
{
    return lci_starts_read(r->visits, r->symbols, r->operations, r->operation_count, line)
               ? 0
               : bad(r, "wrong numbers of requests that began");
}

/* ---- visits ------------------------------------------------------------------------------------------------------ */

static int read_variant(struct reading *r, json_t *line)
{
    json_int_t operation, release, class_, seen, last, roots, lost, sync, forget, delay, delays, batches, messages, cpu,
        cpu_self, cpu_visits, squares, least, most, count;
    struct lci_visits *visits = r->visits;
    if (json_unpack(
            line,
            "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
            "operation", &operation, "release", &release, "class", &class_, "seen", &seen, "last", &last, "roots",
            &roots, "lost", &lost, "sync", &sync, "forget", &forget, "queue_delay", &delay, "delay_squares", &squares,
            "delay_least", &least, "delay_most", &most, "queue_delays", &delays, "batches", &batches, "messages",
            &messages, "cpu", &cpu, "cpu_self", &cpu_self, "cpu_visits", &cpu_visits, "count", &count) != 0 ||
        operation < 0 || (size_t)operation >= r->operation_count || class_ < 0 ||
        (size_t)class_ >= visits->class_count || release < -1 || release >= (json_int_t)r->release_count ||
        (release >= 0 && (visits->options.release == NULL || visits->options.load == LC_LOAD_MEASURED)) || count < 0 ||
        (count == 0 && (seen > 0 || lost == 0)) || seen < count || roots > seen || roots < 0 || lost < 0 || sync < 0 ||
        forget < 0 || delays < 0 || batches < 0 || batches > seen || messages < 2 * batches || cpu < 0 ||
        cpu_self < 0 || cpu_visits < 0 || cpu_visits > seen || squares < 0 || least < 0 || most < least)
        return bad(r, "wrong numbers of visits");
    r->operation = &visits->operations[r->operations[operation]];
    struct lci_variant *variant =
        &lci_variants_of(visits, r->operation, release < 0 ? LCI_THIS_RELEASE : r->releases[release])[class_];
    variant->seen += (uint64_t)seen;
    variant->last = (uint64_t)last < variant->last ? (uint64_t)last : variant->last;
    variant->roots += (uint64_t)roots;
    variant->lost_roots += (uint64_t)lost;
    variant->sync_calls += (uint64_t)sync;
    variant->forget_calls += (uint64_t)forget;
    lci_delays_add(variant, (uint64_t)delays, (uint64_t)delay, (uint64_t)squares, (uint64_t)least, (uint64_t)most);
    variant->batches += (uint64_t)batches;
    variant->messages += (uint64_t)messages;
    variant->cpu += (uint64_t)cpu;
    variant->cpu_self += (uint64_t)cpu_self;
    variant->cpu_visits += (uint64_t)cpu_visits;
    r->variant = variant;
    r->last = (uint64_t)last;
    r->names = NULL;
    for (size_t i = 0; i < r->task_count; i++)
        if (r->tasks[i].task == r->operation->task)
            r->names = &r->tasks[i];
    r->visits_left = (uint64_t)count;
    return 0;
}

static void add_number(struct numbers *n, int64_t number)
{
    LC_GROW(n->items, n->count, n->capacity);
    n->items[n->count++] = number;
}

/* Nearly all lines are visits as they were written: lists of whole numbers without a space. False: this one is not, or
 * holds what is none; the parser of all other lines tells. */
static bool take_numbers(struct numbers *n, const char *text, size_t length)
{
    size_t at = 0;
    for (n->count = 0; at < length && text[at] == (n->count == 0 ? '[' : ',');) {
        const bool negative = ++at < length && text[at] == '-';
        uint64_t value;
        at += negative;
        const size_t digits = lci_digits(text + at, length - at, &value);
        if (digits == 0 || (digits > 1 && text[at] == '0') || value > INT64_MAX)
            return false;
        at += digits;
        add_number(n, negative ? -(int64_t)value : (int64_t)value);
    }
    return n->count > 0 && at + 1 == length && text[at] == ']';
}

static int read_calls(struct reading *r, struct lci_visit *visit)
{
    struct lci_variant *variant = r->variant;
    visit->first_call = (uint32_t)variant->call_count;
    for (size_t i = BEFORE; i < r->visit.count; i += PER_CALL) {
        const int64_t *n = r->visit.items + i, operation = n[0], flags = n[1], sent = n[2], answered = n[3],
                      outside = n[4], client = n[5], server = n[6];
        if (operation < 0 || (size_t)operation >= r->operation_count || !within(sent, LONG) ||
            !within(answered, LONG) || !within(outside, LONG) || !within(client, LONG) || !within(server, LONG))
            return bad(r, "a wrong call");
        LC_GROW(variant->calls, variant->call_count, variant->call_capacity);
        variant->calls[variant->call_count++] = (struct lci_call){
            .operation = r->operations[operation],
            .forget = (flags & LCI_CALL_FORGET) != 0,
            .paired = (flags & LCI_CALL_PAIRED) != 0,
            .failed = (flags & LCI_CALL_FAILED) != 0,
            .forwarded = (flags & LCI_CALL_FORWARDED) != 0,
            .hit = (flags & LCI_CALL_HIT) != 0,
            .miss = (flags & LCI_CALL_MISS) != 0,
            .sent = (double)sent * LCI_NANOSECOND,
            .answered = (double)answered * LCI_NANOSECOND,
            .hops = {client < 0 ? NAN : (double)client * LCI_NANOSECOND,
                     server < 0 ? NAN : (double)server * LCI_NANOSECOND},
            .outside = (double)outside * LCI_NANOSECOND,
        };
        visit->call_count++;
    }
    return 0;
}

static int read_visit(struct reading *r)
{
    const size_t size = r->visit.count, known = r->names != NULL ? r->names->count : 0;
    const int64_t *n = r->visit.items;
    if (size < BEFORE || (size - BEFORE) % PER_CALL != 0 || !within(n[1], LATEST) || n[2] < 0 || !within(n[2], LONG) ||
        n[3] < 0 || (size_t)n[3] > known || (uint64_t)n[0] > r->last)
        return bad(r, "a wrong visit");
    struct lci_visit visit = {
        .trace = (uint64_t)n[0],
        .start = n[1],
        .duration = (double)n[2] * LCI_NANOSECOND,
        .instance = n[3] > 0 ? r->names->instances[n[3] - 1] : 0,
        .fit = (n[4] & LCI_VISIT_FIT) != 0,
        .root = (n[4] & LCI_VISIT_ROOT) != 0,
        .error = (n[4] & LCI_VISIT_ERROR) != 0,
    };
    r->visits_left--;
    if (visit.trace > r->variant->last)
        return 0;
    if (read_calls(r, &visit) != 0)
        return -1;
    LC_GROW(r->variant->visits, r->variant->visit_count, r->variant->visit_capacity);
    r->variant->visits[r->variant->visit_count++] = visit;
    lci_variant_trim(r->variant, r->operation->most_kept);
    return 0;
}

static int read_visit_json(struct reading *r, const json_t *line)
{
    r->visit.count = 0;
    for (size_t i = 0; i < json_array_size(line); i++) {
        const json_t *number = json_array_get(line, i);
        if (!json_is_integer(number))
            return bad(r, "expected a visit as a list of whole numbers");
        add_number(&r->visit, json_integer_value(number));
    }
    return read_visit(r);
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static int read_line(struct reading *r, json_t *line)
{
    static const struct {
        const char *key;
        int (*read)(struct reading *r, json_t *line);
    } kinds[] = {{"counts", read_counts}, {"task", read_task},     {"operation", read_operation},
                 {"held", read_held},     {"starts", read_starts}, {"visits", read_variant}};
    if (!r->begun)
        return read_head(r, line);
    if (r->visits_left > 0)
        return read_visit_json(r, line);
    if (r->ended)
        return bad(r, "something follows the end");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && r->visits != NULL; i++) {
        json_t *part = json_object_get(line, kinds[i].key);
        if (part != NULL)
            return kinds[i].read(r, part);
    }
    switch (lci_decisions_read(r->decisions, r->symbols, line)) {
    case LCI_LINE_READ: return 0;
    case LCI_LINE_WRONG: return bad(r, "wrong evidence on clocks or calls");
    case LCI_LINE_OTHER: break;
    }
    r->ended = json_object_get(line, "end") != NULL;
    return r->ended || r->visits == NULL ? 0 : bad(r, "a line of an unknown kind");
}

static int parse_line(struct reading *r, const char *text, size_t length)
{
    json_error_t error;
    r->place.line++;
    if (r->visits_left > 0 && take_numbers(&r->visit, text, length))
        return read_visit(r);
    json_t *line = json_loadb(text, length, 0, &error);
    if (line == NULL) {
        r->place.column = error.column > 0 ? error.column : 0;
        return bad(r, r->begun ? "this line is damaged" : "expected a summary of traces (" LCI_SHARD_SCHEMA ")");
    }
    const int status = read_line(r, line);
    json_decref(line);
    return status;
}

/* The whole lines from `*at` on, behind which it is then. */
static int take_lines(struct reading *r, const char *text, size_t length, size_t *at)
{
    int status = 0;
    for (const char *end; status == 0 && (end = memchr(text + *at, '\n', length - *at)) != NULL;) {
        status = parse_line(r, text + *at, (size_t)(end - text) - *at);
        *at = (size_t)(end - text) + 1;
    }
    return status;
}

/* What is left of a line at the end of a piece waits in `rest`. */
static int read_lines(struct reading *r, struct lci_trace_source *source)
{
    char *rest = NULL;
    size_t kept = 0, capacity = 0;
    const char *bytes;
    ptrdiff_t length;
    int status = 0;
    while (status == 0 && (length = lci_source_read(source, &bytes, r->diag)) > 0) {
        if (kept + (size_t)length > LONGEST) {
            status = bad(r, "a line without an end");
            break;
        }
        if (kept + (size_t)length > capacity) {
            capacity = 2 * (kept + (size_t)length);
            rest = lc_realloc(rest, capacity, 1);
        }
        memcpy(rest + kept, bytes, (size_t)length);
        kept += (size_t)length;
        size_t at = 0;
        status = take_lines(r, rest, kept, &at);
        memmove(rest, rest + at, kept - at);
        kept -= at;
    }
    status = status == 0 && length < 0 ? -1 : status;
    if (status == 0 && kept > 0)
        status = parse_line(r, rest, kept);
    free(rest);
    if (status == 0 && !r->ended)
        status = bad(r, r->begun ? "the file is cut off here" : "expected a summary of traces (" LCI_SHARD_SCHEMA ")");
    return status;
}

/* Who is called must have been visited: the traces of a class hold both. */
static int check_calls(struct reading *r)
{
    const struct lci_visits *visits = r->visits;
    for (size_t o = 0; o < visits->operation_count; o++)
        for (size_t c = 0; c < visits->class_count; c++) {
            const struct lci_variant *variant = &visits->operations[o].variants[c];
            for (size_t i = 0; i < variant->call_count; i++)
                if (visits->operations[variant->calls[i].operation].variants[c].visit_count == 0)
                    return bad(r, "calls to an operation without visits");
        }
    return 0;
}

static struct reading begin(struct lc_learner *learner, struct lc_symbols *symbols, const char *name,
                            struct lc_diag *diag)
{
    struct lci_visits *visits = &learner->visits;
    if (visits->decisions == NULL)
        visits->decisions = lci_decisions_new(symbols);
    return (struct reading){.visits = visits,
                            .decisions = visits->decisions,
                            .symbols = symbols,
                            .diag = diag,
                            .place = {strcmp(name, "-") == 0 ? "standard input" : name, 0, 0, -1}};
}

static int end(struct reading *r, int status)
{
    status = status == 0 ? check_calls(r) : status;
    free(r->operations);
    free(r->releases);
    for (size_t i = 0; i < r->task_count; i++)
        free(r->tasks[i].instances);
    free(r->tasks);
    free(r->visit.items);
    return status;
}

int lc_learner_read(struct lc_learner *learner, struct lc_symbols *symbols, const char *file, struct lc_diag *diag)
{
    struct lci_trace_source *source = lci_source_open(file, diag);
    if (source == NULL)
        return -1;
    struct reading r = begin(learner, symbols, file, diag);
    const int status = end(&r, read_lines(&r, source));
    lci_source_close(source);
    return status;
}

int lci_learner_read_text(struct lc_learner *learner, struct lc_symbols *symbols, const char *text, size_t length,
                          const char *name, struct lc_diag *diag)
{
    struct reading r = begin(learner, symbols, name, diag);
    size_t at = 0;
    int status = take_lines(&r, text, length, &at);
    if (status == 0 && !r.ended)
        status = bad(&r, "the summary is cut off here");
    return end(&r, status);
}

int lci_decisions_read_text(struct lc_decisions *decisions, struct lc_symbols *symbols, const char *text, size_t length,
                            struct lc_diag *diag)
{
    struct reading r = {.decisions = decisions, .symbols = symbols, .diag = diag, .begun = true};
    size_t at = 0;
    return take_lines(&r, text, length, &at);
}

struct lc_decisions *lc_decisions_read(const char *file, struct lc_symbols *symbols, struct lc_diag *diag)
{
    struct lci_trace_source *source = lci_source_open(file, diag);
    if (source == NULL)
        return NULL;
    struct reading r = {
        .decisions = lci_decisions_new(symbols), .symbols = symbols, .diag = diag, .place = {file, 0, 0, -1}};
    const int status = read_lines(&r, source);
    lci_source_close(source);
    if (status != 0) {
        lc_decisions_free(r.decisions);
        return NULL;
    }
    lci_decisions_settle(r.decisions);
    return r.decisions;
}
