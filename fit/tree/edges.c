/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/edges.h"

#include <stdlib.h>
#include <string.h>

enum verdict { AWAITED, FORGOTTEN, FORWARDED, ASSUMED_ASYNC, ASSUMED_SYNC };

struct fact {
    struct lci_edge edge;
    enum verdict verdict;
    uint64_t samples, follows, outlived, late; /* late: began after the caller's end */
    uint64_t answers, forwarded;               /* caller's callers that tell; those answered by this call */
    uint64_t beside;                           /* calls made for something that nobody waits for */
    bool used;                                 /* asked about while making trees */
    const char *reason;
};

struct lci_edges {
    struct fact *facts;
    size_t count, capacity;
    uint32_t *table; /* fact + 1; 0: free */
    size_t mask;
};

struct lci_edges *lci_edges_new(void)
{
    struct lci_edges *e = lc_calloc(1, sizeof *e);
    e->mask = 255;
    e->table = lc_calloc(e->mask + 1, sizeof *e->table);
    return e;
}

void lci_edges_free(struct lci_edges *e)
{
    if (e == NULL)
        return;
    free(e->facts);
    free(e->table);
    free(e);
}

static size_t slot_of(const struct lci_edges *e, const struct lci_edge *edge)
{
    uint64_t h = ((uint64_t)edge->caller_task << 32 | edge->caller_entry) * 0x9E3779B97F4A7C15u;
    h = (h ^ h >> 29 ^ ((uint64_t)edge->task << 32 | edge->entry) ^ (uint64_t)edge->role << 28 ^ edge->from_part) *
        0xFF51AFD7ED558CCDu;
    size_t slot = (h >> 24) & e->mask;
    while (e->table[slot] != 0 && memcmp(&e->facts[e->table[slot] - 1].edge, edge, sizeof *edge) != 0)
        slot = (slot + 1) & e->mask;
    return slot;
}

static struct fact *fact_of(struct lci_edges *e, const struct lci_edge *edge)
{
    const size_t slot = slot_of(e, edge);
    if (e->table[slot] != 0)
        return &e->facts[e->table[slot] - 1];
    LC_GROW(e->facts, e->count, e->capacity);
    e->facts[e->count] = (struct fact){.edge = *edge};
    e->count++;
    e->table[slot] = (uint32_t)e->count;
    if (2 * e->count > e->mask) {
        free(e->table);
        e->mask = 2 * e->mask + 1;
        e->table = lc_calloc(e->mask + 1, sizeof *e->table);
        for (size_t i = 0; i < e->count; i++)
            e->table[slot_of(e, &e->facts[i].edge)] = (uint32_t)i + 1;
    }
    return &e->facts[e->count - 1];
}

/* Spans are closed in some order: a caller's often a few µs before that of its synchronous call. */
#define TOLERANCE 100000 /* ns */

void lci_edges_observe(struct lci_edges *e, const struct lci_edge *edge, int64_t request, int64_t response, int64_t end,
                       int64_t doubt, bool follows)
{
    struct fact *f = fact_of(e, edge);
    int64_t tolerance = (response - request) / 20;
    if (tolerance < TOLERANCE)
        tolerance = TOLERANCE;
    f->samples++;
    f->follows += follows;
    f->outlived += response - end > tolerance + doubt;
    f->late += request - end > TOLERANCE + doubt;
}

#define FEW_ANSWERS 5

/* The answer came at `end`, or soon after: within a tenth of the time since the caller's end. */
static bool answers(const struct lci_answer *t, int64_t end, int64_t doubt)
{
    const int64_t gap = t->answered - end;
    return gap >= -doubt && gap <= (end - t->caller_end) / 10;
}

/* Passed on: begun by the caller's end, and who waits has the answer at the end of this call, or of the last one to
 * whom it was passed on in turn. Half of the time since the caller's end is left to networks and to clocks, which are
 * not well known where no client's span tells. Calls that end soon after their caller, and coarse clocks, tell nothing.
 */
void lci_edges_observe_answer(struct lci_edges *e, const struct lci_edge *edge, const struct lci_answer *t,
                              int64_t doubt)
{
    if (t->end - t->caller_end <= 10 * doubt)
        return;
    struct fact *f = fact_of(e, edge);
    f->answers++;
    f->forwarded += t->request - t->caller_end <= (t->end - t->caller_end) / 2 &&
                    (answers(t, t->end, doubt) || answers(t, t->last_end, doubt));
}

/* One of ten samples of five or more; of fewer, any. A call that begins after its caller's end is awaited by nobody:
 * one such sample decides, or one in a thousand where there are many, because clocks have outliers. */
static void decide(struct fact *f)
{
    const bool outlives = f->samples >= 5 ? 10 * f->outlived >= f->samples : f->outlived > 0;
    const bool late = f->late > 0 && 1000 * f->late >= f->samples;
    f->verdict = AWAITED;
    f->reason = "ends with its caller";
    if (f->edge.role == LCI_JOB) {
        f->verdict = FORGOTTEN;
        f->reason = "job of a queue";
    } else if (f->follows > 0 && 2 * f->follows >= f->samples) {
        f->verdict = FORGOTTEN;
        f->reason = "recorded as following from its caller";
    } else if (f->edge.role == LCI_STORE) {
        f->reason = "database or cache";
        if (10 * f->late >= f->samples) {
            f->verdict = FORGOTTEN;
            f->reason = "starts after the end of its caller";
        }
    } else if (outlives && f->answers >= FEW_ANSWERS && 10 * f->forwarded >= 9 * f->answers) {
        f->verdict = FORWARDED;
        f->reason = "answers for its caller: forwarded";
    } else if (late || outlives) {
        f->verdict = FORGOTTEN;
        f->reason = late ? "starts after the end of its caller" : "outlives its caller";
    }
}

/* Whether the list names the callee; `used` marks the names that matched something. */
static bool is_listed(const char *const *list, bool *used, const struct lc_symbols *symbols,
                      const struct lci_edge *edge)
{
    if (list == NULL)
        return false;
    const char *task = lc_symbol_text(symbols, edge->task), *entry = lc_symbol_text(symbols, edge->entry);
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
            lc_warn(diag, NULL, "no call goes to '%s'; a service and an operation of the traces would be right",
                    list[i]);
}

void lci_edges_decide(struct lci_edges *e, const char *const *assume_async, const char *const *assume_sync,
                      const struct lc_symbols *symbols, struct lc_diag *diag)
{
    bool *async = marks_of(assume_async), *sync = marks_of(assume_sync);
    for (size_t i = 0; i < e->count; i++) {
        struct fact *f = &e->facts[i];
        decide(f);
        if (is_listed(assume_async, async, symbols, &f->edge)) {
            f->verdict = ASSUMED_ASYNC;
            f->reason = "assumed asynchronous";
        } else if (is_listed(assume_sync, sync, symbols, &f->edge)) {
            f->verdict = ASSUMED_SYNC;
            f->reason = "assumed synchronous";
        }
    }
    warn_unused(assume_async, async, diag);
    warn_unused(assume_sync, sync, diag);
    free(async);
    free(sync);
}

bool lci_edges_forget(struct lci_edges *e, const struct lci_edge *edge, bool follows)
{
    const uint32_t index = e->table[slot_of(e, edge)];
    if (index == 0)
        return follows || edge->role == LCI_JOB;
    e->facts[index - 1].used = true;
    switch (e->facts[index - 1].verdict) {
    case ASSUMED_SYNC: return false;
    case AWAITED: return follows;
    default: return true;
    }
}

bool lci_edges_forwarded(const struct lci_edges *e, const struct lci_edge *edge)
{
    const uint32_t index = e->table[slot_of(e, edge)];
    return index != 0 && e->facts[index - 1].verdict == FORWARDED;
}

void lci_edges_beside(struct lci_edges *e, const struct lci_edge *edge)
{
    const uint32_t index = e->table[slot_of(e, edge)];
    if (index == 0)
        return;
    e->facts[index - 1].beside++;
    e->facts[index - 1].used = true;
}

struct lc_edge_fact *lci_edges_list(const struct lci_edges *e, size_t *count)
{
    struct lc_edge_fact *list = lc_calloc(e->count + 1, sizeof *list);
    *count = 0;
    for (size_t i = 0; i < e->count; i++) {
        const struct fact *f = &e->facts[i];
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
                                  .outlived = f->outlived,
                                  .forget = forget,
                                  .reason = beside ? "part of sending a job that nobody waits for" : f->reason};
    }
    return list;
}
