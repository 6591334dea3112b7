/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * DeepFlow: the rows of flow_log.l7_flow_log in a window, from the querier (POST /v1/query/). Which rows belong
 * together is found when they are read: rows of one service alone tell nothing. */
#include "sources.h"

#include "base/buffer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 5000 /* rows of an answer */

#define ROWS 100 /* of a trace, at most, as --max-traces counts */

/* [0] is a row's first column, its id. */
static const char *const wanted[] = {"result.values", "OPT_STATUS", "DESCRIPTION", "result.columns", NULL};
static const struct pull_grammar grammar = {"result.values", wanted, "an object with 'result', its columns and values"};

/* What assembling and naming need; names of the tracing API where they differ from the table's. */
static const char columns[] =
    "_id, signal_source, observation_point AS tap_side, agent_id AS vtap_id, type, protocol, l7_protocol, "
    "l7_protocol_str, flow_id, toUnixTimestamp64Micro(start_time) AS start_time_us, toUnixTimestamp64Micro(end_time) "
    "AS "
    "end_time_us, response_duration, req_tcp_seq, resp_tcp_seq, syscall_trace_id_request, syscall_trace_id_response, "
    "syscall_cap_seq_0, syscall_cap_seq_1, x_request_id_0, x_request_id_1, trace_id, span_id, parent_span_id, "
    "span_kind, request_id, request_type, request_domain, request_resource, endpoint, process_id_0, process_id_1, "
    "auto_instance_0, auto_instance_type_0, auto_instance_1, auto_instance_type_1, auto_service_0, auto_service_1, "
    "app_service, app_instance, is_async, server_port, response_status, response_code, response_exception, "
    "http_proxy_client, process_kname_0, process_kname_1, ip_0, ip_1";

struct status_fields { /* what an answer says besides rows */
    char *status, *description;
    size_t columns;
};

static int on_value(void *context, size_t which, const char *text, size_t length, bool quoted)
{
    (void)quoted;
    struct status_fields *status_fields = context;
    char **to = which == 1 ? &status_fields->status : &status_fields->description;
    status_fields->columns += which == 3;
    if (which == 3)
        return 0;
    free(*to);
    *to = lc_strndup(text, length < 300 ? length : 300);
    return 0;
}

static size_t column_count(void)
{
    size_t count = 1;
    for (const char *c = columns; *c != 0; c++)
        count += *c == ',';
    return count;
}

static char *query_of(const struct pull_window *window, unsigned limit)
{
    char *sql = lc_format("SELECT %s FROM l7_flow_log WHERE time>=%" PRId64 " AND time<=%" PRId64 " LIMIT %u", columns,
                          window->from, window->until, limit);
    char *escaped = pull_escaped(sql), *body = lc_format("db=flow_log&sql=%s", escaped);
    free(sql);
    free(escaped);
    return body;
}

static int judge(struct pull *p, const char *url, const struct status_fields *status_fields, uint64_t rows)
{
    if (status_fields->status == NULL || strcmp(status_fields->status, "SUCCESS") != 0) {
        char *found = lc_format("OPT_STATUS %s (%s)", status_fields->status != NULL ? status_fields->status : "missing",
                                status_fields->description != NULL ? status_fields->description : "no description");
        pull_unexpected(p, url, found, "SUCCESS");
        free(found);
        return -1;
    }
    if (rows > 0 && status_fields->columns != column_count()) {
        char found[40], expected[40];
        snprintf(found, sizeof found, "%zu columns", status_fields->columns);
        snprintf(expected, sizeof expected, "the %zu that were asked for", column_count());
        return pull_unexpected(p, url, found, expected);
    }
    return 0;
}

static int ask(struct pull *p, const struct pull_window *window, unsigned limit, bool last)
{
    char *url = lc_format("%s/v1/query/", p->base), *body = query_of(window, limit);
    struct status_fields status_fields = {0};
    struct pull_traces rows = {.grammar = &grammar, .rows = true, .value = on_value, .context = &status_fields};
    const enum pull_answer answer = pull_traces_ask(&rows, p, url, body, "application/x-www-form-urlencoded");
    if (answer == PULL_NOT_FOUND)
        pull_http_not_found(p->http, url, p->diag);
    int status = answer == PULL_DONE ? judge(p, url, &status_fields, rows.elements) : -1;
    if (status == 0 && pull_is_cut(p, rows.elements, limit)) {
        status = 1;
        if (!last)
            pull_traces_undo(&rows);
    }
    free(status_fields.status);
    free(status_fields.description);
    free(body);
    free(url);
    return status;
}

/* One document, whatever the number of answers: its rows are assembled together. */
static void write_head(struct pull *p)
{
    struct lci_buffer head = {0};
    lci_buffer_add(&head, "{\"OPT_STATUS\":\"SUCCESS\",\"DESCRIPTION\":\"\",\"result\":{\"columns\":[");
    char *list = lc_strdup(columns), *rest = list;
    for (char *column; (column = strsep(&rest, ",")) != NULL;) {
        const char *alias = strstr(column, " AS ");
        lci_buffer_add(&head, "%s\"%s\"", column == list ? "" : ",",
                       alias != NULL ? alias + 4 : column + strspn(column, " "));
    }
    lci_buffer_add(&head, "],\"values\":[");
    pulled_bytes(&p->pulled, head.text, head.length);
    pulled_end_element(&p->pulled, true);
    free(head.text);
    free(list);
}

static int pull(struct pull *p)
{
    if (p->service_count > 0) {
        lc_error(p->diag, LC_INPUT, NULL,
                 "%s: DeepFlow's rows are put together from those of all services; expected a short window "
                 "(--since, --until), found --service",
                 p->shown);
        return -1;
    }
    p->most = p->most < UINT32_MAX / ROWS ? p->most * ROWS : UINT32_MAX;
    write_head(p);
    const int status = pull_windows(p, 1000000000, PAGE, ask);
    pulled_bytes(&p->pulled, "]}}", 3);
    pulled_end_element(&p->pulled, true);
    return status;
}

const struct pull_source pull_deepflow = {"deepflow", pull};
