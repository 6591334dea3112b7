/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/edges.h"
#include "fit/trace/symbols.h"

#include "base/table.h"

#include <stdlib.h>
#include <string.h>

enum verdict { AWAITED, FORGOTTEN, FORWARDED, ASSUMED_ASYNC, ASSUMED_SYNC };

/* A number of samples as clocks were known, and the least and the most that it is if they are known at best exactly and
 * at worst half as well. */
enum { LEAST, AS_KNOWN, MOST, COUNTS };

struct fact {
    struct lci_edge edge;
    enum verdict verdict;
    uint64_t samples, follows;
    uint64_t outlived[COUNTS], late[COUNTS];     /* late: began after the caller's end */
    uint64_t answers[COUNTS], forwarded[COUNTS]; /* caller's callers that tell; those answered by this call */
    uint64_t beside;                             /* calls made for something that nobody waits for */
    bool used;                                   /* asked about while making trees */
    unsigned verdicts;                           /* bit 1 << verdict: a part was decided so */
    const char *reason;
};

struct lci_edges {
    struct fact *facts;
    size_t count, capacity;
    struct lci_table table;
};

struct lci_edges *lci_edges_new(void)
{
    return lc_calloc(1, sizeof(struct lci_edges));
}

void lci_edges_free(struct lci_edges *e)
{
    if (e == NULL)
        return;
    free(e->facts);
    lci_table_free(&e->table);
    free(e);
}

static struct fact *find(const struct lci_edges *e, const struct lci_edge *edge)
{
    uint32_t at;
    LCI_TABLE_FIND(&e->table, lci_hash_bytes(edge, sizeof *edge), at,
                   memcmp(&e->facts[at].edge, edge, sizeof *edge) == 0);
    return at != LCI_ABSENT ? &e->facts[at] : NULL;
}

static struct fact *fact_of(struct lci_edges *e, const struct lci_edge *edge)
{
    struct fact *known = find(e, edge);
    if (known != NULL)
        return known;
    LC_GROW(e->facts, e->count, e->capacity);
    e->facts[e->count] = (struct fact){.edge = *edge};
    lci_table_add(&e->table, lci_hash_bytes(edge, sizeof *edge), e->count);
    return &e->facts[e->count++];
}

/* Spans are closed in some order: a caller's often a few µs before that of its synchronous call. */
#define TOLERANCE 100000 /* ns */

/* Doubt with which a sample counts in LEAST, AS_KNOWN and MOST: calls that outlive their callers by more. */
static int64_t uncertainty_in(struct lci_uncertainty uncertainty, int count)
{
    return uncertainty.ticks + (MOST - count) * uncertainty.clocks;
}

void lci_edges_observe(struct lci_edges *e, const struct lci_edge *edge, int64_t request, int64_t response, int64_t end,
                       struct lci_uncertainty uncertainty, bool follows)
{
    struct fact *f = fact_of(e, edge);
    int64_t tolerance = (response - request) / 20;
    if (tolerance < TOLERANCE)
        tolerance = TOLERANCE;
    f->samples++;
    f->follows += follows;
    for (int k = 0; k < COUNTS; k++) {
        f->outlived[k] += response - end > tolerance + uncertainty_in(uncertainty, k);
        f->late[k] += request - end > TOLERANCE + uncertainty_in(uncertainty, k);
    }
}

#define FEW_ANSWERS 5

/* The answer came at `end`, or soon after: within a tenth of the time since the caller's end. */
static bool answers(const struct lci_answer *t, int64_t end, int64_t uncertainty)
{
    const int64_t gap = t->answered - end;
    return gap >= -uncertainty && gap <= (end - t->caller_end) / 10;
}

/* Passed on: begun by the caller's end, and who waits has the answer at the end of this call, or of the last one to
 * whom it was passed on in turn. Half of the time since the caller's end is left to networks and to clocks, which are
 * not well known where no client's span tells. Calls that end soon after their caller, and coarse clocks, tell nothing.
 */
void lci_edges_observe_answer(struct lci_edges *e, const struct lci_edge *edge, const struct lci_answer *t,
                              struct lci_uncertainty uncertainty)
{
    const int64_t after = t->end - t->caller_end;
    if (after <= 10 * uncertainty_in(uncertainty, MOST))
        return;
    struct fact *f = fact_of(e, edge);
    const bool in_time = t->request - t->caller_end <= after / 2;
    for (int k = 0; k < COUNTS; k++) {
        f->answers[k] += after > 10 * uncertainty_in(uncertainty, k);
        /* Better known clocks make more samples tell, and fewer of them tell this. */
        const int64_t told = uncertainty_in(uncertainty, k), allowed = uncertainty_in(uncertainty, MOST - k);
        f->forwarded[k] +=
            in_time && after > 10 * told && (answers(t, t->end, allowed) || answers(t, t->last_end, allowed));
    }
}

/* One of ten samples of five or more; of fewer, any. A call that begins after its caller's end is awaited by nobody:
 * one such sample decides, or one in a thousand where there are many, because clocks have outliers. */
static enum verdict verdict_of(const struct fact *f, int count, bool forwards, const char **reason)
{
    const uint64_t outlived = f->outlived[count], began_late = f->late[count];
    const bool outlives = f->samples >= 5 ? 10 * outlived >= f->samples : outlived > 0;
    const bool late = began_late > 0 && 1000 * began_late >= f->samples;
    if (f->edge.role == LCI_JOB) {
        *reason = "job of a queue";
        return FORGOTTEN;
    }
    if (f->follows > 0 && 2 * f->follows >= f->samples) {
        *reason = "recorded as following from its caller";
        return FORGOTTEN;
    }
    if (f->edge.role == LCI_STORE) {
        const bool after = 10 * began_late >= f->samples;
        *reason = after ? "starts after the end of its caller" : "database or cache";
        return after ? FORGOTTEN : AWAITED;
    }
    if (outlives && forwards) {
        *reason = "answers for its caller: forwarded";
        return FORWARDED;
    }
    *reason = late ? "starts after the end of its caller" : outlives ? "outlives its caller" : "ends with its caller";
    return late || outlives ? FORGOTTEN : AWAITED;
}

/* `forwarded` of `told` samples. */
static bool forwards(uint64_t forwarded, uint64_t told, uint64_t least_told)
{
    return least_told >= FEW_ANSWERS && 10 * forwarded >= 9 * told;
}

static void decide(struct fact *f)
{
    f->verdict = verdict_of(f, AS_KNOWN, forwards(f->forwarded[AS_KNOWN], f->answers[AS_KNOWN], f->answers[AS_KNOWN]),
                            &f->reason);
}

/* Whether the verdict is the same however well clocks are known, within the bounds of what was counted. */
static bool is_sure(const struct fact *f)
{
    const bool surely = forwards(f->forwarded[LEAST], f->answers[MOST], f->answers[LEAST]);
    const bool perhaps = forwards(f->forwarded[MOST], f->answers[LEAST], f->answers[MOST]);
    const char *unheard;
    bool sure = true;
    for (int k = LEAST; k < COUNTS; k += MOST - LEAST)
        sure &= verdict_of(f, k, surely, &unheard) == f->verdict && verdict_of(f, k, perhaps, &unheard) == f->verdict;
    return sure;
}

/* Whether the list names the callee; `used` marks the names that matched something. */
static bool is_listed(const char *const *list, bool *used, const struct lc_symbols *symbols,
                      const struct lci_edge *edge)
{
    if (list == NULL)
        return false;
    const char *task = lci_symbol_text(symbols, edge->task), *entry = lci_symbol_text(symbols, edge->entry);
    const size_t length = strlen(task);
    bool found = false;
    for (size_t i = 0; list[i] != NULL; i++)
        if (strncmp(list[i], task, length) == 0 && list[i][length] == ':' && strcmp(list[i] + length + 1, entry) == 0) {
            used[i] = true;
            found = true;
        }
    return found;
}

static bool *marks_of(const char *const *list)
{
    size_t count = 0;
    while (list != NULL && list[count] != NULL)
        count++;
    return lc_calloc(count + 1, sizeof(bool));
}

static void warn_unused(const char *const *list, const bool *used, struct lc_diag *diag)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++)
        if (!used[i])
            lc_warn(diag, NULL, "no call goes to '%s'; expected a service and an operation of the traces", list[i]);
}

void lci_edges_settle(struct lci_edges *e)
{
    for (size_t i = 0; i < e->count; i++)
        decide(&e->facts[i]);
}

void lci_edges_decide(struct lci_edges *e, const struct lci_edges *given, const char *const *assume_async,
                      const char *const *assume_sync, const struct lc_symbols *symbols, struct lc_diag *diag)
{
    bool *async = marks_of(assume_async), *sync = marks_of(assume_sync);
    for (size_t i = 0; i < e->count; i++) {
        struct fact *f = &e->facts[i];
        const struct fact *known = given != NULL ? find(given, &f->edge) : NULL;
        decide(f);
        if (known != NULL) {
            f->verdict = known->verdict;
            f->reason = known->reason;
        }
        if (is_listed(assume_async, async, symbols, &f->edge)) {
            f->verdict = ASSUMED_ASYNC;
            f->reason = "assumed asynchronous";
        } else if (is_listed(assume_sync, sync, symbols, &f->edge)) {
            f->verdict = ASSUMED_SYNC;
            f->reason = "assumed synchronous";
        }
        f->verdicts = 1u << f->verdict;
    }
    warn_unused(assume_async, async, diag);
    warn_unused(assume_sync, sync, diag);
    free(async);
    free(sync);
}

bool lci_edges_forget(struct lci_edges *e, const struct lci_edge *edge, bool follows)
{
    struct fact *f = find(e, edge);
    if (f == NULL)
        return follows || edge->role == LCI_JOB;
    f->used = true;
    switch (f->verdict) {
    case ASSUMED_SYNC: return false;
    case AWAITED: return follows;
    default: return true;
    }
}

bool lci_edges_forwarded(const struct lci_edges *e, const struct lci_edge *edge)
{
    const struct fact *f = find(e, edge);
    return f != NULL && f->verdict == FORWARDED;
}

void lci_edges_beside(struct lci_edges *e, const struct lci_edge *edge)
{
    struct fact *f = find(e, edge);
    if (f == NULL)
        return;
    f->beside++;
    f->used = true;
}

#define NAMES 4

struct by_names {
    const struct lci_edges *edges;
    const struct lc_symbols *symbols;
};

static int named(const void *a, const void *b, void *context)
{
    const struct by_names *by = context;
    const struct lci_edge *x = &by->edges->facts[*(const size_t *)a].edge;
    const struct lci_edge *y = &by->edges->facts[*(const size_t *)b].edge;
    const lc_symbol p[NAMES] = {x->caller_task, x->caller_entry, x->task, x->entry};
    const lc_symbol q[NAMES] = {y->caller_task, y->caller_entry, y->task, y->entry};
    int order = 0;
    for (size_t i = 0; i < NAMES && order == 0; i++)
        order = strcmp(lci_symbol_text(by->symbols, p[i]), lci_symbol_text(by->symbols, q[i]));
    order = order != 0 ? order : (int)x->role - (int)y->role;
    return order != 0 ? order : (int)x->from_part - (int)y->from_part;
}

/* The kinds of calls in the order of their names; owned by the caller. */
static size_t *in_order(const struct lci_edges *e, const struct lc_symbols *symbols)
{
    size_t *order = lc_calloc(e->count + 1, sizeof *order);
    for (size_t i = 0; i < e->count; i++)
        order[i] = i;
    qsort_r(order, e->count, sizeof *order, named, &(struct by_names){e, symbols});
    return order;
}

struct lc_edge_fact *lci_edges_list(const struct lci_edges *e, const struct lc_symbols *symbols, size_t *count)
{
    struct lc_edge_fact *list = lc_calloc(e->count + 1, sizeof *list);
    size_t *order = in_order(e, symbols);
    *count = 0;
    for (size_t i = 0; i < e->count; i++) {
        const struct fact *f = &e->facts[order[i]];
        const bool within = f->edge.role == LCI_INTERNAL || f->edge.role == LCI_PRODUCER;
        const bool beside = 2 * f->beside > f->samples;
        const bool forget = beside || f->verdict == FORGOTTEN || f->verdict == FORWARDED || f->verdict == ASSUMED_ASYNC;
        if ((within && !forget) || !f->used)
            continue;
        list[(*count)++] =
            (struct lc_edge_fact){.caller_task = f->edge.caller_task,
                                  .caller_entry = f->edge.caller_entry,
                                  .task = f->edge.task,
                                  .entry = f->edge.entry,
                                  .samples = f->samples,
                                  .outlived = f->outlived[AS_KNOWN],
                                  .forget = forget,
                                  .reason = beside ? "part of sending a job that nobody waits for" : f->reason};
    }
    free(order);
    return list;
}

/* ---- parts of the traces ----------------------------------------------------------------------------------------- */

#define NUMBERS (5 + 4 * COUNTS) /* of a line, after the names */

static void add_numbers(json_t *line, const uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_array_append_new(line, json_integer((json_int_t)numbers[i]));
}

void lci_edges_write(const struct lci_edges *e, const struct lc_symbols *symbols, lci_put_line put, void *sink)
{
    size_t *order = in_order(e, symbols);
    for (size_t i = 0; i < e->count; i++) {
        const struct fact *f = &e->facts[order[i]];
        json_t *line = json_pack("[s, s, s, s, i, i]", lci_symbol_text(symbols, f->edge.caller_task),
                                 lci_symbol_text(symbols, f->edge.caller_entry), lci_symbol_text(symbols, f->edge.task),
                                 lci_symbol_text(symbols, f->edge.entry), (int)f->edge.role, (int)f->edge.from_part);
        const uint64_t numbers[] = {f->samples, f->follows, f->beside, f->used, f->used ? f->verdicts : 0};
        add_numbers(line, numbers, sizeof numbers / sizeof *numbers);
        add_numbers(line, f->outlived, COUNTS);
        add_numbers(line, f->late, COUNTS);
        add_numbers(line, f->answers, COUNTS);
        add_numbers(line, f->forwarded, COUNTS);
        put(sink, json_pack("{s:o}", "edge", line));
    }
    free(order);
}

static bool add_counts(uint64_t *counts, const uint64_t *more, uint64_t samples)
{
    for (int k = 0; k < COUNTS; k++) {
        if (more[k] > samples || (k > 0 && more[k] < more[k - 1]))
            return false;
        counts[k] += more[k];
    }
    return true;
}

bool lci_edges_read(struct lci_edges *e, struct lc_symbols *symbols, const json_t *line)
{
    struct lci_edge edge = {0};
    lc_symbol *const names[NAMES] = {&edge.caller_task, &edge.caller_entry, &edge.task, &edge.entry};
    uint64_t numbers[2 + NUMBERS];
    if (json_array_size(line) != NAMES + 2 + NUMBERS)
        return false;
    for (size_t i = 0; i < NAMES; i++) {
        const char *name = json_string_value(json_array_get(line, i));
        if (name == NULL)
            return false;
        *names[i] = *name != 0 ? lci_symbol_of(symbols, name, strlen(name)) : 0;
    }
    for (size_t i = 0; i < 2 + NUMBERS; i++) {
        const json_t *number = json_array_get(line, NAMES + i);
        if (!json_is_integer(number) || json_integer_value(number) < 0)
            return false;
        numbers[i] = (uint64_t)json_integer_value(number);
    }
    edge.role = (uint16_t)numbers[0];
    edge.from_part = (uint16_t)numbers[1];
    if (numbers[0] > LCI_INTERNAL || numbers[1] > 1 || numbers[5] > 1 || numbers[6] >= 2u << ASSUMED_SYNC)
        return false;
    struct fact *f = fact_of(e, &edge);
    f->samples += numbers[2];
    f->follows += numbers[3];
    f->beside += numbers[4];
    f->used |= numbers[5] != 0;
    f->verdicts |= numbers[5] != 0 ? (unsigned)numbers[6] : 0; /* what nobody asked about shaped nothing */
    return numbers[3] <= numbers[2] && add_counts(f->outlived, numbers + 7, numbers[2]) &&
           add_counts(f->late, numbers + 7 + COUNTS, numbers[2]) &&
           add_counts(f->answers, numbers + 7 + 2 * COUNTS, numbers[2]) &&
           add_counts(f->forwarded, numbers + 7 + 3 * COUNTS, numbers[2]);
}

void lci_edges_agree(const struct lci_edges *e, bool exact, const struct lc_symbols *symbols, struct lc_diag *diag)
{
    size_t differ = 0;
    for (size_t i = 0; i < e->count; i++) {
        const struct fact *f = &e->facts[i];
        const bool same = f->verdicts == 1u << f->verdict;
        if (f->verdicts == 0 || (same && (exact || is_sure(f))) || differ++ >= LCI_MOST_TOLD)
            continue;
        const char *waits = f->verdict == AWAITED     ? "waits for"
                            : f->verdict == FORWARDED ? "passes its requests on to"
                                                      : "does not wait for";
        lc_error(diag, LC_INPUT, NULL,
                 same ? "that '%s/%s' %s '%s/%s' is not certain: parts know the clocks less well than all traces do"
                      : "'%s/%s' %s '%s/%s' by all traces together, but not in every part",
                 lci_symbol_text(symbols, f->edge.caller_task), lci_symbol_text(symbols, f->edge.caller_entry), waits,
                 lci_symbol_text(symbols, f->edge.task), lci_symbol_text(symbols, f->edge.entry));
    }
    if (differ > LCI_MOST_TOLD)
        lc_error(diag, LC_INPUT, NULL, "and %zu more kinds of calls", differ - LCI_MOST_TOLD);
}
