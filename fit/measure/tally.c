/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tally.h"

#include "calls.h"
#include "fit/trace/symbols.h"
#include "series.h"
#include "spread.h"
#include "variants.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DISPATCHES 20 /* calls to one operation in one execution whose times of dispatch are kept */
#define WHOLE      0  /* in the place of an operation: the activity, all its services */
#define ALL        0  /* in the place of a subject */

struct beginning { /* of a trace */
    int64_t start;
    uint64_t high, low; /* its id: the order does not depend on that of the files */
    uint32_t trace;
};

struct group { /* a run of an activity */
    const char *release, *run, *activity;
    uint64_t traces;
    int64_t first, last;           /* ns */
    uint64_t executions, external; /* nodes of trees */
    struct beginning *beginnings;  /* of its first LCI_BY_TRACE_MOST traces, as they were read; sorted in the end */
    size_t beginning_count, beginning_room;
};

struct operation {
    lc_symbol service, operation;
};

struct list {
    uint32_t *items;
    size_t count, room;
};

struct lci_tally {
    const struct lc_symbols *symbols;
    struct lci_call_names names;
    struct lci_variants variants;
    struct lci_measure_table *kept; /* its names are those of groups */
    struct group *groups;
    size_t group_count, group_room;
    struct operation *operations; /* [WHOLE] is none */
    size_t operation_count, operation_room;
    struct lci_table operation_table;
    struct lci_series_list series;
    struct list in_execution, in_whole, in_trace; /* series with something under way */
    uint32_t *told;                               /* per text: calls to it in this execution */
    size_t told_room;
    /* The trace under way. */
    bool open;
    uint64_t high, low, first_span;
    uint32_t group;
    int64_t start, end;
    uint64_t nodes; /* of all trees */
};

struct lci_tally *lci_tally_new(const struct lc_symbols *symbols)
{
    struct lci_tally *t = lc_calloc(1, sizeof *t);
    t->symbols = t->names.symbols = symbols;
    t->kept = lc_calloc(1, sizeof *t->kept);
    lci_call_text(&t->names, "");
    LC_GROW(t->operations, t->operation_count, t->operation_room);
    t->operations[t->operation_count++] = (struct operation){0};
    return t;
}

void lci_tally_free(struct lci_tally *t)
{
    if (t == NULL)
        return;
    lci_call_names_free(&t->names);
    lci_variants_free(&t->variants);
    lci_measure_table_free(t->kept);
    free(t->kept);
    for (size_t i = 0; i < t->group_count; i++)
        free(t->groups[i].beginnings);
    free(t->groups);
    free(t->operations);
    lci_table_free(&t->operation_table);
    lci_series_free(&t->series);
    free(t->in_execution.items);
    free(t->in_whole.items);
    free(t->in_trace.items);
    free(t->told);
    free(t);
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

static void list_add(struct list *list, uint32_t item)
{
    LC_GROW(list->items, list->count, list->room);
    list->items[list->count++] = item;
}

static uint32_t find(struct lci_tally *t, uint32_t operation, enum lci_counted measured, int subject)
{
    return lci_series_of(&t->series,
                         &(struct lci_series_key){t->group, operation, (uint32_t)measured, (uint32_t)subject});
}

static void push_at(struct lci_tally *t, uint32_t at, double value)
{
    struct lci_series *s = &t->series.items[at];
    if (!s->in_trace)
        list_add(&t->in_trace, at);
    s->in_trace = true;
    lci_series_push(s, value);
}

static void push(struct lci_tally *t, uint32_t operation, enum lci_counted measured, int subject, double value)
{
    push_at(t, find(t, operation, measured, subject), value);
}

/* Adds to what becomes one value at the end of the execution, or of the trace. */
static void add(struct lci_tally *t, struct list *until, uint32_t operation, enum lci_counted measured, int subject,
                double amount)
{
    const uint32_t at = find(t, operation, measured, subject);
    struct lci_series *s = &t->series.items[at];
    if (!s->is_pending)
        list_add(until, at);
    s->is_pending = true;
    s->pending += amount;
}

static void end(struct lci_tally *t, struct list *pending)
{
    for (size_t i = 0; i < pending->count; i++) {
        struct lci_series *s = &t->series.items[pending->items[i]];
        const double value = s->pending;
        s->pending = 0;
        s->is_pending = false;
        push_at(t, pending->items[i], value);
    }
    pending->count = 0;
}

/* Counts for the operation and for the whole, about the subject and about all. */
static void count(struct lci_tally *t, uint32_t operation, enum lci_counted measured, int subject)
{
    add(t, &t->in_execution, operation, measured, ALL, 1);
    add(t, &t->in_whole, WHOLE, measured, ALL, 1);
    if (subject == ALL)
        return;
    add(t, &t->in_execution, operation, measured, subject, 1);
    add(t, &t->in_whole, WHOLE, measured, subject, 1);
}

static void note_value(struct lci_tally *t, uint32_t operation, enum lci_counted measured, int subject, double value)
{
    push(t, operation, measured, ALL, value);
    push(t, WHOLE, measured, ALL, value);
    push(t, operation, measured, subject, value);
    push(t, WHOLE, measured, subject, value);
}

static void spend(struct lci_tally *t, uint32_t operation, enum lci_counted measured, int subject, int64_t ns)
{
    note_value(t, operation, measured, subject, (double)ns / 1e9);
}

/* ---- traces ------------------------------------------------------------------------------------------------------ */

/* Whether the values of each trace are kept, for pairs of nights. */
static bool is_by_trace(const struct lci_series *s)
{
    return s->key.subject == ALL && (s->key.measured == LCI_OWN_TIME || s->key.measured == LCI_PROCESS_TIME ||
                                     s->key.measured == LCI_RESPONSE_TIME);
}

static void keep_by_trace(const struct group *g, struct lci_series *s, uint64_t values)
{
    if (g->traces > LCI_BY_TRACE_MOST || !is_by_trace(s))
        return;
    LC_GROW(s->by_trace, s->by_trace_count, s->by_trace_room);
    s->by_trace[s->by_trace_count++] =
        (struct lci_of_trace){(uint32_t)(g->traces - 1), (float)s->trace_sum, (float)values};
}

static void end_trace(struct lci_tally *t)
{
    if (!t->open)
        return;
    struct group *g = &t->groups[t->group];
    if (g->traces <= LCI_BY_TRACE_MOST) {
        LC_GROW(g->beginnings, g->beginning_count, g->beginning_room);
        g->beginnings[g->beginning_count++] = (struct beginning){t->start, t->high, t->low, (uint32_t)(g->traces - 1)};
    }
    add(t, &t->in_whole, WHOLE, LCI_EXECUTION_TIME, ALL, (double)(t->end - t->start) / 1e9);
    end(t, &t->in_whole);
    /* Two rounds: how often an operation was executed is one of the series that end. */
    for (int requests = 0; requests < 2; requests++)
        for (size_t i = 0; i < t->in_trace.count; i++) {
            struct lci_series *s = &t->series.items[t->in_trace.items[i]];
            const enum lci_of of = lci_measured_kinds[s->key.measured].of;
            if ((s->key.measured == LCI_REQUESTS) != (requests == 1))
                continue;
            uint64_t n = of == LCI_OWN ? s->trace_count : 1;
            if (of == LCI_EACH && s->key.operation != WHOLE && requests == 0)
                n = (uint64_t)t->series.items[find(t, s->key.operation, LCI_REQUESTS, ALL)].trace_sum;
            keep_by_trace(g, s, n);
            lci_series_end_trace(s, n);
        }
    t->in_trace.count = 0;
    t->open = false;
}

static uint32_t group_of(struct lci_tally *t, const struct lci_belongs *b)
{
    const char *const release = lci_measure_table_name(t->kept, b->release);
    const char *const run = lci_measure_table_name(t->kept, b->run);
    const char *const activity = lci_measure_table_name(t->kept, b->activity);
    for (uint32_t i = 0; i < t->group_count; i++)
        if (t->groups[i].release == release && t->groups[i].run == run && t->groups[i].activity == activity)
            return i;
    LC_GROW(t->groups, t->group_count, t->group_room);
    t->groups[t->group_count] =
        (struct group){.release = release, .run = run, .activity = activity, .first = INT64_MAX, .last = INT64_MIN};
    t->group = (uint32_t)t->group_count++;
    /* What an activity never does is a row, too: the history of releases compares it. */
    for (int m = LCI_DB_READS; m <= LCI_ASYNC_CALLS; m++)
        find(t, WHOLE, (enum lci_counted)m, ALL);
    return t->group;
}

static void begin_trace(struct lci_tally *t, const struct lc_tree *tree, const struct lci_belongs *belongs)
{
    const struct lc_trace *trace = tree->trace;
    if (!t->open || t->high != trace->high || t->low != trace->low) {
        end_trace(t);
        t->group = group_of(t, belongs);
        t->groups[t->group].traces++;
        t->high = trace->high;
        t->low = trace->low;
        t->open = true;
        t->first_span = 0;
        t->start = INT64_MAX;
        t->end = INT64_MIN;
    }
    if (t->first_span == trace->spans[0].id) /* another tree of the same spans */
        return;
    t->first_span = trace->spans[0].id;
    add(t, &t->in_whole, WHOLE, LCI_SPANS, ALL, (double)trace->span_count);
}

static uint32_t operation_of(struct lci_tally *t, const struct lc_tree_node *n)
{
    const uint32_t hash = lci_hash_pair(n->task, n->entry);
    uint32_t at;
    LCI_TABLE_FIND(&t->operation_table, hash, at,
                   t->operations[at].service == n->task && t->operations[at].operation == n->entry);
    if (at == LCI_ABSENT) {
        at = (uint32_t)t->operation_count;
        lci_table_add(&t->operation_table, hash, at);
        LC_GROW(t->operations, t->operation_count, t->operation_room);
        t->operations[t->operation_count++] = (struct operation){n->task, n->entry};
    }
    return at;
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

static void count_database(struct lci_tally *t, uint32_t operation, const struct lc_tree_node *call, int table,
                           int64_t time)
{
    if (call->access == LC_ACCESS_NONE) /* connect, SET, BEGIN, COMMIT */
        return;
    const bool reads = call->access == LC_ACCESS_READ;
    count(t, operation, reads ? LCI_DB_READS : LCI_DB_WRITES, table);
    spend(t, operation, reads ? LCI_DB_READ_TIME : LCI_DB_WRITE_TIME, table, time);
}

static void count_call(struct lci_tally *t, uint32_t operation, const struct lc_tree_node *call,
                       const struct lci_call_name *name)
{
    const bool job = call->edge == LC_EDGE_FORGET;
    const int64_t time = job ? call->end - call->start : call->response - call->request;
    /* A command by which a library queues a job is not awaited either: the job is what counts. */
    const bool command = call->class_ == LC_CLASS_DATABASE || call->class_ == LC_CLASS_CACHE;
    if (job && !call->forwarded && !command)
        count(t, operation, LCI_ASYNC_CALLS, ALL);
    switch ((enum lc_class)call->class_) {
    case LC_CLASS_DATABASE: count_database(t, operation, call, name->object, time); break;
    case LC_CLASS_CACHE:
        count(t, operation, LCI_CACHE_OPERATIONS, name->object);
        if (call->access != LC_ACCESS_NONE)
            count(t, operation, call->access == LC_ACCESS_READ ? LCI_CACHE_READS : LCI_CACHE_WRITES, name->object);
        spend(t, operation, LCI_CACHE_TIME, name->object, time);
        break;
    case LC_CLASS_MESSAGING:
        if (!job) /* asks a queue for a message */
            break;
        count(t, operation, LCI_QUEUE_DISPATCHES, name->object);
        if (call->message_size > 0)
            note_value(t, operation, LCI_QUEUE_DATA, name->object, (double)call->message_size);
        if (call->queue_delay >= 0)
            spend(t, operation, LCI_QUEUE_DELAY, name->object, call->queue_delay);
        break;
    default:
        if (call->external) {
            count(t, operation, LCI_API_CALLS, name->object);
            spend(t, operation, LCI_API_CALL_TIME, name->object, time);
        }
    }
}

/* The k-th call to an operation in this execution, from 1. */
static uint32_t tell(struct lci_tally *t, int callee)
{
    const size_t old = t->told_room;
    if ((size_t)callee >= old) {
        t->told_room = 2 * (size_t)callee + 16;
        t->told = lc_realloc(t->told, t->told_room, sizeof *t->told);
        memset(t->told + old, 0, (t->told_room - old) * sizeof *t->told);
    }
    return ++t->told[callee];
}

static void dispatch(struct lci_tally *t, uint32_t operation, const struct lc_tree_node *call, int callee, uint32_t k)
{
    if (k > DISPATCHES)
        return;
    int subject = callee;
    if (k > 1) {
        char *text = lc_format("%s #%" PRIu32, t->names.texts.items[callee].name, k);
        subject = lci_call_text(&t->names, text);
        free(text);
    }
    push(t, operation, LCI_DISPATCH_TIME, subject, (double)call->relative / 1e9);
}

static void count_calls(struct lci_tally *t, const struct lc_tree *tree, const struct lc_tree_node *n,
                        uint32_t operation)
{
    lci_variant_begin(&t->variants);
    for (uint32_t i = 0; i < n->child_count; i++) {
        const struct lc_tree_node *call = &tree->nodes[n->first_child + i];
        if (call->acquire) /* waits for a connection of a pool of its own */
            continue;
        const struct lci_call_name name = lci_call_name(&t->names, tree, call);
        count_call(t, operation, call, &name);
        add(t, &t->in_execution, operation, LCI_CALLS, ALL, 1);
        add(t, &t->in_execution, operation, LCI_CALLS, name.callee, 1);
        dispatch(t, operation, call, name.callee, tell(t, name.callee));
        lci_variant_call(&t->variants, call, t->names.texts.items[name.callee].name);
    }
    for (uint32_t i = 0; i < n->child_count; i++) {
        const struct lc_tree_node *call = &tree->nodes[n->first_child + i];
        if (!call->acquire)
            t->told[lci_call_name(&t->names, tree, call).callee] = 0;
    }
    add(t, &t->in_execution, operation, LCI_VARIANT,
        lci_call_text(&t->names, lci_variant_text(&t->variants, t->group, operation)), 1);
}

void lci_tally_add(struct lci_tally *t, const struct lc_tree *tree, const struct lci_belongs *belongs)
{
    begin_trace(t, tree, belongs);
    struct group *g = &t->groups[t->group];
    const struct lc_tree_node *root = &tree->nodes[0];
    push(t, WHOLE, LCI_RESPONSE_TIME, ALL, (double)(root->end - root->start) / 1e9);
    t->nodes += tree->node_count;
    for (const struct lc_tree_node *n = root; (size_t)(n - root) < tree->node_count; n++) {
        t->start = n->start < t->start ? n->start : t->start;
        t->end = n->end > t->end ? n->end : t->end;
        if (n->external && n->parent >= 0) {
            g->external++;
            continue;
        }
        g->executions++;
        const uint32_t operation = operation_of(t, n);
        const double process = (double)(n->end - n->start) / 1e9, own = (double)n->self / 1e9;
        add(t, &t->in_whole, operation, LCI_REQUESTS, ALL, 1);
        push(t, operation, LCI_PROCESS_TIME, ALL, process);
        push(t, operation, LCI_OWN_TIME, ALL, own);
        add(t, &t->in_whole, WHOLE, LCI_PROCESS_TIME, ALL, process);
        add(t, &t->in_whole, WHOLE, LCI_OWN_TIME, ALL, own);
        count_calls(t, tree, n, operation);
        end(t, &t->in_execution);
    }
    g->first = t->start < g->first ? t->start : g->first;
    g->last = t->end > g->last ? t->end : g->last;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

/* Ten digits: what the order of additions leaves beyond them is no difference between two outputs. */
static double rounded(double x)
{
    char text[32];
    snprintf(text, sizeof text, "%.10g", x);
    return isfinite(x) ? strtod(text, NULL) : x;
}

static struct lci_measure_row row_of(const struct lci_tally *t, const struct group *g, const struct operation *o,
                                     enum lci_counted measured, int subject)
{
    return (struct lci_measure_row){
        .release = g->release,
        .run = g->run,
        .activity = g->activity,
        .service = lci_symbol_text(t->symbols, o->service),
        .operation = lci_symbol_text(t->symbols, o->operation),
        .name = lci_measured_kinds[measured].name,
        .subject = t->names.texts.items[subject].name,
        .unit = lci_measured_kinds[measured].unit,
    };
}

/* Of a run: a single value. */
static void add_once(const struct lci_tally *t, struct lci_measure_table *table, const struct group *g,
                     enum lci_counted measured, double value)
{
    struct lci_measure_row row = row_of(t, g, &t->operations[WHOLE], measured, ALL);
    row.count = 1;
    row.mean = row.median = row.mode = row.p95 = rounded(value);
    row.sd = NAN;
    lci_measure_table_add(table, &row);
}

/* `from` of a bin: 1 ns · 10^(k/10) to three digits, and 0 below. */
static double bin_edge(int k)
{
    char text[32];
    snprintf(text, sizeof text, "%.3g", k < 0 ? 0 : pow(10, k / 10.0 - 9));
    return strtod(text, NULL);
}

static int bin_of(double seconds)
{
    if (seconds < bin_edge(0))
        return -1;
    int k = (int)floor(10 * (log10(seconds) + 9));
    while (seconds < bin_edge(k)) /* the edges are rounded */
        k--;
    while (seconds >= bin_edge(k + 1))
        k++;
    return k;
}

/* The values of a series, which are sorted by now. */
static void add_histogram(const struct lci_tally *t, struct lci_measure_table *table, const struct lci_series *s,
                          const double *sorted)
{
    const struct lci_measure_row row =
        row_of(t, &t->groups[s->key.group], &t->operations[s->key.operation], (enum lci_counted)s->key.measured, ALL);
    for (size_t i = 0, end; i < s->count; i = end) {
        const int k = bin_of(sorted[i]);
        for (end = i + 1; end < s->count && sorted[end] < bin_edge(k + 1);)
            end++;
        lci_measure_table_add_bin(table,
                                  &(struct lci_measure_bin){row.release, row.run, row.activity, row.service,
                                                            row.operation, bin_edge(k), bin_edge(k + 1), end - i});
    }
}

/* The values by trace, in the order in which the traces began; to be freed. NULL where they were not kept. */
static struct lci_in_trace *by_trace_of(const struct group *g, const struct lci_series *s)
{
    if (g->traces > LCI_BY_TRACE_MOST || s->by_trace_count == 0)
        return NULL;
    uint32_t *ranks = lc_calloc(g->beginning_count, sizeof *ranks);
    for (uint32_t i = 0; i < g->beginning_count; i++)
        ranks[g->beginnings[i].trace] = i;
    struct lci_in_trace *by_trace = lc_calloc(g->beginning_count, sizeof *by_trace);
    for (size_t i = 0; i < s->by_trace_count; i++)
        by_trace[ranks[s->by_trace[i].trace]] = (struct lci_in_trace){s->by_trace[i].sum, s->by_trace[i].count};
    free(ranks);
    return by_trace;
}

static void add_series(struct lci_tally *t, struct lci_measure_table *table, const struct lci_series *s)
{
    const struct group *g = &t->groups[s->key.group];
    const struct lci_measured_kind *kind = &lci_measured_kinds[s->key.measured];
    uint64_t n = s->count, traces = s->traces;
    double count_squares = s->count_squares;
    if (kind->of == LCI_EACH) {
        traces = n = g->traces;
        count_squares = (double)traces;
    }
    if (kind->of == LCI_EACH && s->key.operation != WHOLE && s->key.measured != LCI_REQUESTS) {
        t->group = s->key.group;
        const struct lci_series *base = &t->series.items[find(t, s->key.operation, LCI_REQUESTS, ALL)];
        n = (uint64_t)base->sum;
        traces = base->count;
        count_squares = base->squares;
    }
    double *values = lc_calloc(n > 0 ? n : 1, sizeof *values); /* zeros where nothing was counted */
    if (s->count > 0)
        memcpy(values, s->values, s->count * sizeof *values);
    const struct lci_spread spread = lci_spread_of(values, n, *kind->unit != 's');
    if (s->key.measured == LCI_OWN_TIME && s->key.operation != WHOLE)
        add_histogram(t, table, s, values);
    free(values);
    struct lci_measure_row row =
        row_of(t, g, &t->operations[s->key.operation], (enum lci_counted)s->key.measured, (int)s->key.subject);
    row.count = n;
    row.mean = rounded(spread.mean);
    row.median = rounded(spread.median);
    row.mode = rounded(spread.mode);
    row.p95 = rounded(spread.p95);
    row.sd = rounded(lci_series_sd(s, n, traces, count_squares));
    row.by_trace = by_trace_of(g, s);
    row.trace_count = row.by_trace != NULL ? g->beginning_count : 0;
    lci_measure_table_add(table, &row);
    free(row.by_trace);
}

/* The sum over operations of what the whole counts, and over subjects of what all count. */
static bool adds_up(struct lci_tally *t, uint32_t group, enum lci_counted measured, const double *by_operation,
                    const double *by_subject)
{
    t->group = group;
    const struct lci_series *s = &t->series.items[find(t, WHOLE, measured, ALL)];
    const double slack = 1e-9 * (1 + fabs(s->sum));
    const bool has_subjects = measured >= LCI_DB_READS && measured <= LCI_QUEUE_DISPATCHES;
    return fabs(by_operation[measured] - s->sum) <= slack &&
           (!has_subjects || fabs(by_subject[measured] - s->sum) <= slack);
}

static bool group_adds_up(struct lci_tally *t, uint32_t group, const double *by_operation, const double *by_subject)
{
    bool right = true;
    for (int m = LCI_PROCESS_TIME; m <= LCI_ASYNC_CALLS; m++)
        right &= adds_up(t, group, (enum lci_counted)m, by_operation, by_subject);
    t->group = group;
    const double own = t->series.items[find(t, WHOLE, LCI_OWN_TIME, ALL)].sum;
    const double process = t->series.items[find(t, WHOLE, LCI_PROCESS_TIME, ALL)].sum;
    const double cache = t->series.items[find(t, WHOLE, LCI_CACHE_OPERATIONS, ALL)].sum;
    const double keyed = t->series.items[find(t, WHOLE, LCI_CACHE_READS, ALL)].sum +
                         t->series.items[find(t, WHOLE, LCI_CACHE_WRITES, ALL)].sum;
    return right && own >= 0 && own <= process * (1 + 1e-9) && keyed <= cache;
}

static int by_beginning(const void *a, const void *b)
{
    const struct beginning *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->high != y->high ? (x->high < y->high ? -1 : 1) : (x->low > y->low) - (x->low < y->low);
}

/* Every node is an execution or a call to what has no spans; what operations do adds up to what the activity does. */
static int check(struct lci_tally *t, struct lc_diag *diag)
{
    double(*by_operation)[LCI_MEASURED_COUNT] = lc_calloc(t->group_count + 1, sizeof *by_operation);
    double(*by_subject)[LCI_MEASURED_COUNT] = lc_calloc(t->group_count + 1, sizeof *by_subject);
    for (const struct lci_series *s = t->series.items; (size_t)(s - t->series.items) < t->series.count; s++)
        if (s->key.operation != WHOLE && s->key.subject == ALL)
            by_operation[s->key.group][s->key.measured] += s->sum;
        else if (s->key.operation == WHOLE && s->key.subject != ALL)
            by_subject[s->key.group][s->key.measured] += s->sum;
    uint64_t nodes = 0;
    bool right = true;
    for (uint32_t g = 0; g < t->group_count; g++) {
        nodes += t->groups[g].executions + t->groups[g].external;
        right &= group_adds_up(t, g, by_operation[g], by_subject[g]);
    }
    free(by_operation);
    free(by_subject);
    if (right && nodes == t->nodes)
        return 0;
    lc_error(diag, LC_UNDECIDED, NULL,
             "internal error: the measures do not add up: what operations did is not what activities did");
    return -1;
}

int lci_tally_finish(struct lci_tally *t, struct lci_measure_table *table, struct lc_diag *diag)
{
    end_trace(t);
    if (check(t, diag) != 0)
        return -1;
    for (size_t g = 0; g < t->group_count; g++) {
        struct group *group = &t->groups[g];
        if (group->beginning_count > 1)
            qsort(group->beginnings, group->beginning_count, sizeof *group->beginnings, by_beginning);
        add_once(t, table, group, LCI_TRACES, (double)group->traces);
        add_once(t, table, group, LCI_DURATION, (double)(group->last - group->first) / 1e9);
    }
    for (size_t i = 0; i < t->series.count; i++)
        add_series(t, table, &t->series.items[i]);
    lci_measure_table_sort(table);
    return 0;
}
