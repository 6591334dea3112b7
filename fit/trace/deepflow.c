/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers of DeepFlow's L7FlowTracing: one trace, as rows with the index of their parent. Every request appears once
 * for each point where it was observed (fit/assembly/flow.h); how rows become spans: flow_store.c.
 */
#include "flow_columns.h"
#include "trace_assembly.h"

#include <stdlib.h>
#include <string.h>

#define MICROSECONDS 3 /* powers of ten to nanoseconds */
#define NONE         UINT32_MAX

enum { ANSWER = 1, ROW };
enum {
    INDEX = 1,
    ROW_ID,
    KEY, /* deepflow_span_id, in answers without indices of parents */
    PARENT,
    PARENT_KEY,
    TRACE_ID,
    START,
    END,
    TYPE,
    POINT,
    PROTOCOL,
    ENDPOINT,
    REQUEST_TYPE,
    RESOURCE,
    STATUS,
    AGENT,
    SERVICE, /* the first of the next four that is there is the service */
    APP_SERVICE,
    AUTO_SERVICE,
    SERVICE_NAME,
    INSTANCE, /* the same with two */
    APP_INSTANCE,
    REASON, /* why the row has its parent */
    FIELDS,
};

static const struct lci_json_field row_fields[] = {LCI_FIELD("id", INDEX, NULL),
                                                   LCI_FIELD("_ids", ROW_ID, NULL),
                                                   LCI_FIELD("type", TYPE, NULL),
                                                   LCI_FIELD("start_time_us", START, NULL),
                                                   LCI_FIELD("end_time_us", END, NULL),
                                                   LCI_FIELD("tap_side", POINT, NULL),
                                                   LCI_FIELD("l7_protocol", PROTOCOL, NULL),
                                                   LCI_FIELD("endpoint", ENDPOINT, NULL),
                                                   LCI_FIELD("request_type", REQUEST_TYPE, NULL),
                                                   LCI_FIELD("request_resource", RESOURCE, NULL),
                                                   LCI_FIELD("response_status", STATUS, NULL),
                                                   LCI_FIELD("trace_id", TRACE_ID, NULL),
                                                   LCI_FIELD("parent_id", PARENT, NULL),
                                                   LCI_FIELD("vtap_id", AGENT, NULL),
                                                   LCI_FIELD("service_uname", SERVICE, NULL),
                                                   LCI_FIELD("app_service", APP_SERVICE, NULL),
                                                   LCI_FIELD("app_instance", APP_INSTANCE, NULL),
                                                   LCI_FIELD("service_name", SERVICE_NAME, NULL),
                                                   LCI_FIELD("set_parent_info", REASON, NULL),
                                                   LCI_FIELD("auto_instance", INSTANCE, NULL),
                                                   LCI_FIELD("auto_service", AUTO_SERVICE, NULL),
                                                   LCI_FIELD("deepflow_span_id", KEY, NULL),
                                                   LCI_FIELD("deepflow_parent_span_id", PARENT_KEY, NULL)};
static const struct lci_object row_object = LCI_OBJECT(ROW, row_fields);

static const struct lci_object answer;
static const struct lci_json_field answer_fields[] = {LCI_FIELD("DATA", 0, &answer),
                                                      LCI_FIELD("tracing", 0, &row_object)};
static const struct lci_object answer = LCI_OBJECT(ANSWER, answer_fields);

struct text { /* in the reader's buffer */
    size_t at, length;
};

struct row {
    struct text text[FIELDS];
    uint32_t parent; /* row */
    uint32_t place;  /* in the batch; NONE: it was left out */
    bool orphan;
};

struct further { /* id of a row that is part of another one: request and answer were logged apart */
    uint32_t row;
    struct text id;
};

struct deepflow {
    struct lci_trace_reader reader;
    struct row *rows;
    size_t count, capacity;
    struct further *further;
    size_t further_count, further_capacity;
    char *buffer; /* texts of the rows */
    size_t length, buffer_capacity;
};

static const char *start_of(const struct deepflow *d, const struct row *row, unsigned field)
{
    return d->buffer + row->text[field].at;
}

static bool same_text(const struct deepflow *d, const struct row *row, unsigned field, const char *text, size_t length)
{
    return row->text[field].length == length && memcmp(start_of(d, row, field), text, length) == 0;
}

/* ---- the tree of rows -------------------------------------------------------------------------------------------- */

struct name { /* by which rows refer to their parent */
    const char *text;
    size_t length;
    uint32_t row;
};

static int by_name(const void *left, const void *right)
{
    const struct name *a = left, *b = right;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    const int order = memcmp(a->text, b->text, a->length);
    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

/* Parents by `reference`, which names the `own` field of another row; −1 and nothing say that there is none. */
static void find_parents(struct deepflow *d, unsigned own, unsigned reference)
{
    struct name *names = lc_alloc(d->count * sizeof *names);
    size_t count = 0;
    for (uint32_t i = 0; i < d->count; i++)
        if (d->rows[i].text[own].length > 0)
            names[count++] = (struct name){start_of(d, &d->rows[i], own), d->rows[i].text[own].length, i};
    qsort(names, count, sizeof *names, by_name);
    for (uint32_t i = 0; i < d->count; i++) {
        struct row *row = &d->rows[i];
        if (row->parent != NONE || (reference == PARENT_KEY && row->text[PARENT].length > 0))
            continue;
        const struct name wanted = {start_of(d, row, reference), row->text[reference].length, 0};
        size_t low = 0, high = count;
        while (low < high) {
            const size_t middle = (low + high) / 2;
            if (by_name(&names[middle], &wanted) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        const bool found = low < count && names[low].length == wanted.length && wanted.length > 0 &&
                           memcmp(names[low].text, wanted.text, wanted.length) == 0;
        if (found && names[low].row != i)
            row->parent = names[low].row;
        row->orphan = !found && wanted.length > 0 && !same_text(d, row, reference, "-1", 2);
    }
    free(names);
}

/* Rows that are their own ancestors become roots, so that one may walk upwards. */
static void cut_rings(struct deepflow *d)
{
    uint32_t *walk = lc_calloc(d->count, sizeof *walk);
    for (uint32_t i = 0; i < d->count; i++) {
        uint32_t at = i, before = NONE;
        while (at != NONE && walk[at] == 0) {
            walk[at] = i + 1;
            before = at;
            at = d->rows[at].parent;
        }
        if (at != NONE && walk[at] == i + 1) {
            d->rows[before].parent = NONE;
            d->reader.context->repairs->count[LC_REPAIR_CYCLE]++;
        }
    }
    free(walk);
}

/* ---- spans ------------------------------------------------------------------------------------------------------- */

static void set(struct deepflow *d, struct lci_flow_draft *flow, const struct row *row, unsigned field, unsigned column)
{
    lci_flow_set(&d->reader, flow, column, start_of(d, row, field), row->text[field].length);
}

static lc_symbol first_symbol(struct deepflow *d, const struct row *row, unsigned first, unsigned last)
{
    for (unsigned field = first; field <= last; field++)
        if (row->text[field].length > 0)
            return lci_symbol(d->reader.context, start_of(d, row, field), row->text[field].length);
    return 0;
}

/* Of "a,b" the first. */
static struct lci_trace_id trace_id_of(struct deepflow *d, const struct row *row)
{
    const char *text = start_of(d, row, TRACE_ID), *comma = memchr(text, ',', row->text[TRACE_ID].length);
    return lci_trace_id_of(&d->reader, text, comma != NULL ? (size_t)(comma - text) : row->text[TRACE_ID].length);
}

/* Ids of rows are decimal numbers, those of spans hexadecimal ones. */
static uint64_t id_of(struct deepflow *d, const struct row *row)
{
    int64_t number = 0;
    if (lci_integer_of(start_of(d, row, ROW_ID), row->text[ROW_ID].length, 0, &number) == LCI_INTEGER_OK && number > 0)
        return (uint64_t)number;
    return lci_span_id_of(&d->reader, start_of(d, row, KEY), row->text[KEY].length);
}

static void describe(struct deepflow *d, struct lci_flow_draft *flow, const struct row *row)
{
    const struct text *t = row->text;
    lci_flow_describe(&d->reader, flow,
                      &(struct lci_flow_words){start_of(d, row, ENDPOINT), start_of(d, row, REQUEST_TYPE),
                                               start_of(d, row, RESOURCE), t[ENDPOINT].length, t[REQUEST_TYPE].length,
                                               t[RESOURCE].length});
}

static struct lci_flow_draft *begin_flow(struct deepflow *d, const struct row *row)
{
    struct lci_trace_reader *r = &d->reader;
    lci_span_begin(r);
    struct lci_flow_draft *flow = lci_span_flow(r);
    flow->flow.given = true;
    lci_span_start(r, start_of(d, row, START), row->text[START].length, MICROSECONDS);
    lci_span_stop(r, start_of(d, row, END), row->text[END].length, MICROSECONDS);
    set(d, flow, row, POINT, LCI_COLUMN_POINT);
    return flow;
}

static void put_row(struct deepflow *d, uint32_t i)
{
    struct row *row = &d->rows[i];
    struct lci_trace_reader *r = &d->reader;
    struct lci_flow_draft *flow = begin_flow(d, row);
    r->draft.span->id = flow->flow.id = id_of(d, row);
    r->draft.trace = trace_id_of(d, row);
    r->draft.named = false; /* "t1" is as good as any */
    set(d, flow, row, TRACE_ID, LCI_COLUMN_TRACE_ID);
    set(d, flow, row, TYPE, LCI_COLUMN_TYPE);
    set(d, flow, row, PROTOCOL, LCI_COLUMN_L7);
    set(d, flow, row, STATUS, LCI_COLUMN_STATUS);
    set(d, flow, row, AGENT, LCI_COLUMN_AGENT);
    flow->flow.parent = i;
    flow->flow.orphan = row->orphan;
    flow->flow.given_async = memmem(start_of(d, row, REASON), row->text[REASON].length, "async", 5) != NULL;
    flow->flow.reason = first_symbol(d, row, REASON, REASON);
    r->draft.span->service = first_symbol(d, row, SERVICE, SERVICE_NAME);
    r->draft.span->instance = first_symbol(d, row, INSTANCE, APP_INSTANCE);
    describe(d, flow, row);
    row->place = lci_span_end(r) != NULL ? (uint32_t)r->batch.span_count - 1 : NONE;
}

/* Rows that are parts of others. */
static void put_further(struct deepflow *d, const struct further *further)
{
    const struct row *row = &d->rows[further->row];
    int64_t number = 0;
    if (row->place == NONE ||
        lci_integer_of(d->buffer + further->id.at, further->id.length, 0, &number) != LCI_INTEGER_OK)
        return;
    struct lci_flow_draft *flow = begin_flow(d, row);
    d->reader.draft.span->id = flow->flow.id = (uint64_t)number;
    flow->flow.joined = true;
    flow->flow.parent = row->place;
    lci_span_end(&d->reader);
}

/* An answer is read. */
static void end_answer(struct deepflow *d)
{
    struct lci_batch *b = &d->reader.batch;
    if (d->count == 0)
        return;
    for (uint32_t i = 0; i < d->count; i++)
        d->rows[i].parent = NONE;
    find_parents(d, INDEX, PARENT);
    find_parents(d, KEY, PARENT_KEY);
    cut_rings(d);
    for (uint32_t i = 0; i < d->count; i++)
        put_row(d, i);
    for (size_t k = 0; k < b->flow_count; k++) {
        const uint32_t up = d->rows[b->flows[k].flow.parent].parent; /* so far: the row */
        b->flows[k].flow.parent = up != NONE ? d->rows[up].place : LCI_NO_FLOW;
    }
    for (size_t k = 0; k < d->further_count; k++)
        put_further(d, &d->further[k]);
    lci_assemble(d->reader.context->assembler, b);
    lci_batch_clear(b);
    d->count = d->length = d->further_count = 0;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static void begin(void *reader, unsigned object)
{
    struct deepflow *d = reader;
    if (object != ROW)
        return;
    LC_GROW(d->rows, d->count, d->capacity);
    d->rows[d->count++] = (struct row){0};
}

static void end(void *reader, unsigned object)
{
    if (object == ANSWER)
        end_answer(reader);
}

static void value(void *reader, unsigned field, enum lci_json_type type, const char *text, size_t length)
{
    struct deepflow *d = reader;
    (void)type;
    if (d->count == 0 || (d->rows[d->count - 1].text[field].length > 0 && field != ROW_ID))
        return;
    while (d->length + length > d->buffer_capacity) {
        d->buffer_capacity = d->buffer_capacity ? 2 * d->buffer_capacity : 4096;
        d->buffer = lc_realloc(d->buffer, d->buffer_capacity, 1);
    }
    memcpy(d->buffer + d->length, text, length);
    const struct text kept = {d->length, length};
    d->length += length;
    if (d->rows[d->count - 1].text[field].length == 0) {
        d->rows[d->count - 1].text[field] = kept;
        return;
    }
    LC_GROW(d->further, d->further_count, d->further_capacity);
    d->further[d->further_count++] = (struct further){(uint32_t)d->count - 1, kept};
}

static void start(struct lci_trace_reader *reader)
{
    struct deepflow *d = (struct deepflow *)reader;
    d->buffer_capacity = 4096;
    d->buffer = lc_alloc(d->buffer_capacity);
}

static void drop(struct lci_trace_reader *reader)
{
    struct deepflow *d = (struct deepflow *)reader;
    d->count = d->length = d->further_count = 0;
}

static void stop(struct lci_trace_reader *reader)
{
    struct deepflow *d = (struct deepflow *)reader;
    free(d->rows);
    free(d->further);
    free(d->buffer);
}

static const struct lci_grammar grammar = {.root = &answer, .begin = begin, .end = end, .value = value};
static const char *const signs[] = {"DATA.tracing", "tracing", NULL};
const struct lci_format lci_deepflow = {.name = "DeepFlow JSON",
                                        .signs = signs,
                                        .grammar = &grammar,
                                        .size = sizeof(struct deepflow),
                                        .start = start,
                                        .drop = drop,
                                        .stop = stop};
