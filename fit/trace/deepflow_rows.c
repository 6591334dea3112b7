/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of DeepFlow's l7_flow_log in JSON: answers of its querier (names of the columns, and rows as arrays), the same
 * in ClickHouse's forms (JSON, JSONCompact, JSONEachRow), and lists of objects.
 */
#include "flow_rows.h"
#include "trace_assembly.h"

#include <stdlib.h>
#include <string.h>

enum { ROW = 1, COLUMN };
enum { COLUMN_NAME = LCI_COLUMNS, TABLE, STATE, STATE_TEXT };

#define FIELD(name, column) LCI_FIELD(name, LCI_COLUMN_##column, NULL)

static const struct lci_json_field column_fields[] = {LCI_FIELD("name", COLUMN_NAME, NULL)};
static const struct lci_object column_object = LCI_OBJECT(COLUMN, column_fields);

static const struct lci_object row_object;
static const struct lci_json_field row_fields[] = {
    FIELD("_id", ID),
    FIELD("id", ID),
    FIELD("signal_source", SOURCE),
    FIELD("Enum(signal_source)", SOURCE),
    FIELD("tap_side", POINT),
    FIELD("Enum(tap_side)", POINT),
    FIELD("observation_point", POINT),
    FIELD("Enum(observation_point)", POINT),
    FIELD("vtap_id", AGENT),
    FIELD("agent_id", AGENT),
    FIELD("vtap", AGENT),
    FIELD("agent", AGENT),
    FIELD("type", TYPE),
    FIELD("Enum(type)", TYPE),
    FIELD("protocol", TRANSPORT),
    FIELD("Enum(protocol)", TRANSPORT),
    FIELD("l7_protocol", L7),
    FIELD("Enum(l7_protocol)", L7),
    FIELD("l7_protocol_str", L7_TEXT),
    FIELD("biz_protocol", L7_TEXT),
    FIELD("version", VERSION),
    FIELD("flow_id", CONNECTION),
    FIELD("start_time", START),
    FIELD("start_time_us", START_US),
    FIELD("end_time", END),
    FIELD("end_time_us", END_US),
    FIELD("response_duration", DURATION),
    FIELD("req_tcp_seq", SEQ_0),
    FIELD("resp_tcp_seq", SEQ_1),
    FIELD("syscall_trace_id_request", SYSCALL_0),
    FIELD("syscall_trace_id_response", SYSCALL_1),
    FIELD("syscall_cap_seq_0", CAPTURE_0),
    FIELD("syscall_cap_seq_1", CAPTURE_1),
    FIELD("x_request_id", X_REQUEST_0),
    FIELD("x_request_id_0", X_REQUEST_0),
    FIELD("x_request_id_1", X_REQUEST_1),
    FIELD("trace_id", TRACE_ID),
    FIELD("_trace_id_2", TRACE_ID),
    FIELD("span_id", SPAN_ID),
    FIELD("parent_span_id", PARENT_SPAN_ID),
    FIELD("request_id", REQUEST_ID),
    FIELD("endpoint", ENDPOINT),
    FIELD("request_type", REQUEST_TYPE),
    FIELD("request_domain", DOMAIN),
    FIELD("request_resource", RESOURCE),
    FIELD("response_code", CODE),
    FIELD("response_exception", EXCEPTION),
    FIELD("response_result", RESULT),
    FIELD("http_proxy_client", PROXY),
    FIELD("response_status", STATUS),
    FIELD("Enum(response_status)", STATUS),
    FIELD("process_id_0", PROCESS_0),
    FIELD("process_id_1", PROCESS_1),
    FIELD("gprocess_0", GPROCESS_0),
    FIELD("gprocess_1", GPROCESS_1),
    FIELD("process_kname_0", KNAME_0),
    FIELD("process_kname_1", KNAME_1),
    FIELD("auto_instance_0", INSTANCE_0),
    FIELD("auto_instance_type_0", INSTANCE_TYPE_0),
    FIELD("auto_instance_1", INSTANCE_1),
    FIELD("auto_instance_type_1", INSTANCE_TYPE_1),
    FIELD("auto_service_0", SERVICE_0),
    FIELD("auto_service_1", SERVICE_1),
    FIELD("pod_0", POD_0),
    FIELD("pod_1", POD_1),
    FIELD("ip_0", IP_0),
    FIELD("ip_1", IP_1),
    FIELD("app_service", APP_SERVICE),
    FIELD("app_instance", APP_INSTANCE),
    FIELD("is_async", ASYNC),
    FIELD("server_port", PORT),
    LCI_FIELD("OPT_STATUS", STATE, NULL),
    LCI_FIELD("DESCRIPTION", STATE_TEXT, NULL),
    LCI_FIELD("result", TABLE, &row_object),
    LCI_FIELD("columns", COLUMN_NAME, &column_object),
    LCI_FIELD("meta", 0, &column_object),
    LCI_FIELD("values", TABLE, &row_object),
    LCI_FIELD("data", TABLE, &row_object),
};
static const struct lci_object row_object = LCI_OBJECT(ROW, row_fields);

struct text { /* in the reader's buffer */
    size_t at, length;
};

struct rows {
    struct lci_trace_reader reader;
    uint64_t said; /* of the row that is open: bit per column */
    struct text text[LCI_COLUMNS];
    char *buffer;
    size_t length, capacity;
    uint8_t *columns; /* of a table: what its cells are */
    size_t column_count, column_capacity, cell;
    unsigned arrays; /* open ones of a table */
    bool put;        /* the row that is open came whole */
    bool checked, refused, warned;
    char *problem, *failed; /* what an answer says of itself; its state, where that is not success */
};

static void forget_row(struct rows *t)
{
    t->said = 0;
    t->length = 0;
}

/* Objects with none of these are no rows. */
static const uint64_t row_signs =
    UINT64_C(1) << LCI_COLUMN_POINT | UINT64_C(1) << LCI_COLUMN_START | UINT64_C(1) << LCI_COLUMN_START_US;

static void put_row(struct rows *t)
{
    struct lci_flow_row row;
    row.said = 0;
    for (uint64_t left = t->said; left != 0; left &= left - 1) {
        const unsigned c = (unsigned)__builtin_ctzll(left);
        lci_flow_say(&row, c, t->buffer + t->text[c].at, t->text[c].length);
    }
    if ((t->said & row_signs) != 0 && !t->refused)
        lci_flow_put(&t->reader, &row, &t->warned);
    forget_row(t);
}

static void keep(struct rows *t, unsigned column, const char *text, size_t length)
{
    if (column == LCI_COLUMN_NONE || length == 0 || (t->said >> column & 1) != 0)
        return;
    while (t->length + length > t->capacity) {
        t->capacity = t->capacity ? 2 * t->capacity : 4096;
        t->buffer = lc_realloc(t->buffer, t->capacity, 1);
    }
    memcpy(t->buffer + t->length, text, length);
    t->said |= UINT64_C(1) << column;
    t->text[column] = (struct text){t->length, length};
    t->length += length;
}

/* At the first row: whether its columns tell enough. */
static void check(struct rows *t)
{
    bool has[LCI_COLUMNS] = {false};
    if (t->checked)
        return;
    t->checked = true;
    for (size_t i = 0; i < t->column_count; i++)
        has[t->columns[i]] = true;
    t->refused = !lci_flow_columns_suffice(&t->reader, has);
}

/* Whether a row of a table has as many cells as there are names of columns. */
static bool is_whole(struct rows *t)
{
    check(t);
    if (t->cell != t->column_count && !t->refused) {
        lc_error(t->reader.context->diag, LC_INPUT, &(struct lc_place){t->reader.file, 0, 0, -1},
                 "a row of %zu values; expected %zu, as there are names of columns", t->cell, t->column_count);
        t->refused = true;
    }
    return !t->refused;
}

/* All cells of a row that began: it is put before it ends. */
static void cells(void *reader, const struct lci_json_cell *all, size_t count)
{
    struct rows *t = reader;
    struct lci_flow_row row;
    const uint64_t none = UINT64_C(1) << LCI_COLUMN_NONE; /* columns without a meaning are taken as said */
    t->cell = count;
    if (!is_whole(t))
        return;
    row.said = none;
    for (size_t i = 0; i < count; i++) {
        const unsigned c = t->columns[i];
        if (all[i].length > 0 && !lci_flow_says(&row, c))
            lci_flow_say(&row, c, all[i].text, all[i].length);
    }
    row.said &= ~none;
    if ((row.said & row_signs) != 0)
        lci_flow_put(&t->reader, &row, &t->warned);
    t->put = true;
}

static bool array(void *reader, unsigned field, bool begin)
{
    struct rows *t = reader;
    if (field != TABLE)
        return false;
    if (begin && ++t->arrays == 2) {
        forget_row(t);
        t->cell = 0;
        t->put = false;
        return true;
    }
    if (begin)
        return false;
    if (t->arrays == 2 && !t->put) {
        is_whole(t);
        put_row(t);
    }
    t->cell += t->arrays == 3; /* a cell that was an array */
    t->arrays -= t->arrays > 0;
    return false;
}

static void begin(void *reader, unsigned object)
{
    struct rows *t = reader;
    if (object == ROW && t->arrays < 2)
        forget_row(t);
}

static void end(void *reader, unsigned object)
{
    struct rows *t = reader;
    if (object != ROW)
        return;
    if (t->arrays < 2)
        put_row(t);
    else
        t->cell += t->arrays == 2; /* a cell that was an object */
}

static void value(void *reader, unsigned field, enum lci_json_type type, const char *text, size_t length)
{
    struct rows *t = reader;
    if (field == COLUMN_NAME && type == LCI_STRING) {
        LC_GROW(t->columns, t->column_count, t->column_capacity);
        t->columns[t->column_count++] = (uint8_t)lci_column_of(text, length);
    } else if (field == TABLE && t->arrays == 2) {
        if (t->cell < t->column_count)
            keep(t, t->columns[t->cell], text, length);
        t->cell++;
    } else if (field == STATE) {
        if (t->failed == NULL && !(length == 7 && memcmp(text, "SUCCESS", 7) == 0))
            t->failed = lc_format("%.*s", (int)(length < 60 ? length : 60), text);
    } else if (field == STATE_TEXT) {
        if (t->problem == NULL && length > 0)
            t->problem = lc_format("%.*s", (int)(length < 300 ? length : 300), text);
    } else if (field < LCI_COLUMNS && t->arrays < 2) {
        keep(t, field, text, length);
    }
}

static int finish(struct lci_trace_reader *reader, struct lc_diag *diag)
{
    const struct rows *t = (struct rows *)reader;
    lci_flow_flush(reader);
    if (t->failed != NULL)
        lc_error(diag, LC_INPUT, &(struct lc_place){reader->file, 0, 0, -1},
                 "an answer of DeepFlow without rows; expected OPT_STATUS SUCCESS, found %s: %s", t->failed,
                 t->problem != NULL ? t->problem : "no description");
    return t->refused || t->failed != NULL ? -1 : 0;
}

static void drop(struct lci_trace_reader *reader)
{
    struct rows *t = (struct rows *)reader;
    forget_row(t);
    t->arrays = 0;
    t->cell = 0;
}

static void stop(struct lci_trace_reader *reader)
{
    struct rows *t = (struct rows *)reader;
    free(t->buffer);
    free(t->columns);
    free(t->problem);
    free(t->failed);
}

static const struct lci_grammar grammar = {
    .root = &row_object, .begin = begin, .end = end, .value = value, .array = array, .cells = cells};
static const char *const signs[] = {"result.columns",
                                    "result.values",
                                    "result[]",
                                    "DATA[]",
                                    "tap_side",
                                    "observation_point",
                                    "result.tap_side",
                                    "result.observation_point",
                                    "data.tap_side",
                                    "data.observation_point",
                                    "values.tap_side",
                                    "values.observation_point",
                                    "syscall_trace_id_request",
                                    "meta.name",
                                    NULL};
const struct lci_format lci_deepflow_rows = {.name = "DeepFlow rows in JSON",
                                             .signs = signs,
                                             .grammar = &grammar,
                                             .size = sizeof(struct rows),
                                             .finish = finish,
                                             .drop = drop,
                                             .stop = stop};
