/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The values of one measure of one thing, gathered trace by trace.
 *
 * Counts are zero wherever nothing was counted, and those zeros are not stored: their number is known in the end (all
 * traces, or all executions of the operation). Executions of one trace resemble each other (a loop makes twenty equal
 * queries), so the standard error of a mean takes traces, not executions, for what is independent.
 */
#ifndef LCI_FIT_SERIES_H
#define LCI_FIT_SERIES_H

#include "base/table.h"
#include "loadcast/base.h"

#define LCI_MEASURED(X)                                                                                                \
    /* of a run */                                                                                                     \
    X(TRACES, "traces", WHOLE, ONCE)                                                                                   \
    X(DURATION, "duration", TIME, ONCE)                                                                                \
    /* of every trace, or of every execution of an operation */                                                        \
    X(REQUESTS, "requests", WHOLE, EACH)                                                                               \
    X(SPANS, "spans", WHOLE, EACH)                                                                                     \
    X(EXECUTION_TIME, "execution_time", TIME, EACH)                                                                    \
    X(PROCESS_TIME, "total_process_time", TIME, EACH)                                                                  \
    X(OWN_TIME, "non_blocked_process_time", TIME, EACH)                                                                \
    X(DB_READS, "db_reads", WHOLE, EACH)                                                                               \
    X(DB_WRITES, "db_writes", WHOLE, EACH)                                                                             \
    X(CACHE_OPERATIONS, "cache_operations", WHOLE, EACH)                                                               \
    X(CACHE_READS, "cache_reads", WHOLE, EACH)                                                                         \
    X(CACHE_WRITES, "cache_writes", WHOLE, EACH)                                                                       \
    X(API_CALLS, "api_calls", WHOLE, EACH)                                                                             \
    X(QUEUE_DISPATCHES, "queue_dispatches", WHOLE, EACH)                                                               \
    X(ASYNC_CALLS, "async_calls", WHOLE, EACH)                                                                         \
    X(CALLS, "calls", WHOLE, EACH)                                                                                     \
    X(VARIANT, "variant", WHOLE, EACH)                                                                                 \
    /* of every request or call */                                                                                     \
    X(RESPONSE_TIME, "response_time", TIME, OWN)                                                                       \
    X(DB_READ_TIME, "db_read_time", TIME, OWN)                                                                         \
    X(DB_WRITE_TIME, "db_write_time", TIME, OWN)                                                                       \
    X(CACHE_TIME, "cache_time", TIME, OWN)                                                                             \
    X(API_CALL_TIME, "api_call_time", TIME, OWN)                                                                       \
    X(QUEUE_DATA, "queue_data_size", BYTES, OWN)                                                                       \
    X(QUEUE_DELAY, "queue_delay", TIME, OWN)                                                                           \
    X(DISPATCH_TIME, "dispatch_time", TIME, OWN)

enum lci_counted {
#define X(name, text, what, of) LCI_##name,
    LCI_MEASURED(X)
#undef X
        LCI_MEASURED_COUNT
};
enum lci_of { LCI_ONCE, LCI_EACH, LCI_OWN }; /* what has a value: the run, every trace or execution, every call */
struct lci_measured_kind {
    const char *name;
    const char *unit; /* "1": numbers of things, "s": seconds, "B": bytes */
    enum lci_of of;
};
extern const struct lci_measured_kind lci_measured_kinds[LCI_MEASURED_COUNT];

struct lci_of_trace {
    uint32_t trace; /* of the group, in the order in which they were read */
    float sum, count;
};

struct lci_series_key { /* no padding */
    uint32_t group, operation, measured, subject;
};

struct lci_series {
    struct lci_series_key key;
    double *values; /* those that were stored */
    size_t count, room;
    double sum;
    /* Under way. */
    double pending; /* of the execution or trace */
    bool is_pending, in_trace;
    double trace_sum;
    uint64_t trace_count; /* of the values in this trace */
    /* Over traces: sums of x², x n and n², x being the sum and n the number of values of a trace; of n² and the number
     * of traces only where this measure has values. */
    double squares, products, count_squares;
    uint64_t traces;
    struct lci_of_trace *by_trace; /* of the measures of which it is kept */
    size_t by_trace_count, by_trace_room;
};

struct lci_series_list {
    struct lci_series *items;
    size_t count, room;
    struct lci_table table;
};

uint32_t lci_series_of(struct lci_series_list *list, const struct lci_series_key *key);
void lci_series_push(struct lci_series *series, double value);
/* At the end of a trace with `executions` of what the series counts in: the values of the trace are one cluster. */
void lci_series_end_trace(struct lci_series *series, uint64_t executions);
/* sd so that sd / √count is the standard error of the mean of `count` values in `traces` clusters whose sizes squared
 * add up to `count_squares` (Cochran, Sampling Techniques, 1977, §6.4: the ratio estimator). NaN of fewer than two. */
double lci_series_sd(const struct lci_series *series, uint64_t count, uint64_t traces, double count_squares);
void lci_series_free(struct lci_series_list *list);

#endif
