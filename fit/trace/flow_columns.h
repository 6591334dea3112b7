/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The columns of DeepFlow's l7_flow_log, whatever they are called: in a table of rows, in an answer of the tracing
 * service, or as attributes of a span that DeepFlow exported.
 */
#ifndef LCI_TRACE_FLOW_COLUMNS_H
#define LCI_TRACE_FLOW_COLUMNS_H

#include "assembly/flow.h"
#include "reader.h"

enum lci_column {
    LCI_COLUMN_NONE,
    LCI_COLUMN_ID,
    LCI_COLUMN_START, /* times are the readers': numbers of seconds and their parts, or timestamps */
    LCI_COLUMN_START_US,
    LCI_COLUMN_END,
    LCI_COLUMN_END_US,
    LCI_COLUMN_DURATION,
    LCI_COLUMN_AGENT,
    LCI_COLUMN_CONNECTION,
    LCI_COLUMN_POINT,
    LCI_COLUMN_SOURCE,
    LCI_COLUMN_TYPE,
    LCI_COLUMN_TRANSPORT,
    LCI_COLUMN_L7,
    LCI_COLUMN_L7_TEXT,
    LCI_COLUMN_VERSION,
    LCI_COLUMN_SEQ_0,
    LCI_COLUMN_SEQ_1,
    LCI_COLUMN_SYSCALL_0,
    LCI_COLUMN_SYSCALL_1,
    LCI_COLUMN_CAPTURE_0,
    LCI_COLUMN_CAPTURE_1,
    LCI_COLUMN_X_REQUEST_0,
    LCI_COLUMN_X_REQUEST_1,
    LCI_COLUMN_TRACE_ID,
    LCI_COLUMN_SPAN_ID,
    LCI_COLUMN_PARENT_SPAN_ID,
    LCI_COLUMN_REQUEST_ID,
    LCI_COLUMN_ENDPOINT,
    LCI_COLUMN_REQUEST_TYPE,
    LCI_COLUMN_DOMAIN,
    LCI_COLUMN_RESOURCE,
    LCI_COLUMN_CODE,
    LCI_COLUMN_EXCEPTION,
    LCI_COLUMN_RESULT,
    LCI_COLUMN_PROXY,
    LCI_COLUMN_STATUS,
    LCI_COLUMN_PROCESS_0,
    LCI_COLUMN_PROCESS_1,
    LCI_COLUMN_GPROCESS_0,
    LCI_COLUMN_GPROCESS_1,
    LCI_COLUMN_KNAME_0,
    LCI_COLUMN_KNAME_1,
    LCI_COLUMN_INSTANCE_0,
    LCI_COLUMN_INSTANCE_1,
    LCI_COLUMN_INSTANCE_TYPE_0,
    LCI_COLUMN_INSTANCE_TYPE_1,
    LCI_COLUMN_SERVICE_0,
    LCI_COLUMN_SERVICE_1,
    LCI_COLUMN_POD_0,
    LCI_COLUMN_POD_1,
    LCI_COLUMN_IP_0,
    LCI_COLUMN_IP_1,
    LCI_COLUMN_APP_SERVICE,
    LCI_COLUMN_APP_INSTANCE,
    LCI_COLUMN_ASYNC,
    LCI_COLUMN_PORT,
    LCI_COLUMNS
};

/* A row while it is read: what both sides are called, until the point tells which of them is meant. */
struct lci_flow_draft {
    struct lci_flow flow;
    lc_symbol process[2], gprocess[2], kname[2], instance[2], service[2], pod[2], ip[2];
    lc_symbol app_service, app_instance;
    uint8_t instance_type[2];
    uint8_t status;
    uint64_t set;  /* bit per column */
    uint32_t span; /* in the batch */
};

/* A row as the texts of its columns. */
_Static_assert(LCI_COLUMNS <= 64, "a bit of `said` per column");
struct lci_flow_row {
    uint64_t said; /* bit per column that says something */
    const char *text[LCI_COLUMNS];
    size_t length[LCI_COLUMNS]; /* > 0 */
};
static inline bool lci_flow_says(const struct lci_flow_row *row, unsigned column)
{
    return row->said >> column & 1;
}
static inline void lci_flow_say(struct lci_flow_row *row, unsigned column, const char *text, size_t length)
{
    row->said |= UINT64_C(1) << column;
    row->text[column] = text;
    row->length[column] = length;
}

#define LCI_NO_ROW_ID UINT64_MAX /* id of a span that is a row without a number */

/* The row that the span being read is; made when there is none yet. */
struct lci_flow_draft *lci_span_flow(struct lci_trace_reader *reader);

/* The column with a name of the table ("tap_side", "observation_point", "Enum(tap_side)"); LCI_COLUMN_NONE: none. */
unsigned lci_column_of(const char *name, size_t length);

/* Takes a value as text; empty texts are none. Numbers of enumerations may be names. */
void lci_flow_set(struct lci_trace_reader *reader, struct lci_flow_draft *draft, unsigned column, const char *text,
                  size_t length);
/* The same of a whole row and a draft that says nothing yet. Times are left to the reader. */
void lci_flow_set_row(struct lci_trace_reader *reader, struct lci_flow_draft *draft, const struct lci_flow_row *row);
/* What texts of columns became, which a reader keeps. */
void lci_flow_forget_meanings(struct lci_trace_reader *reader);
/* What `draft` does not say, `other` says. */
void lci_flow_complete(struct lci_flow_draft *draft, const struct lci_flow_draft *other);
/* Chooses what belongs to the side of the point, and gives the span its service, instance and host, where it has none.
 */
void lci_flow_settle(struct lci_flow_draft *draft, struct lc_span *span);

/* What the side (0: the client's) is called; 0: nothing says it. */
lc_symbol lci_flow_service(const struct lci_flow_draft *draft, unsigned side);

/* l7_protocol: 'h' HTTP, 'r' RPC, 'd' database or cache, 'm' messages, 0 none of these; and its name in attributes. */
char lci_l7_family(unsigned l7, const char **system);

/* Says what kind of work the span being read did, by texts of its row: operation and attributes. */
struct lci_flow_words {
    const char *endpoint, *type, *resource;
    size_t endpoint_length, type_length, resource_length;
};
void lci_flow_describe(struct lci_trace_reader *reader, struct lci_flow_draft *draft,
                       const struct lci_flow_words *words);

#endif
