/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a server's span begins with its thread, and not with the arrival of the request, the waiting lies between the
 * client's span and the server's. Calls that found a free thread tell the network latency; what others took more is
 * waiting. Who was there is told by both sides: spans of the server, and calls that were not answered, because the
 * next request may need a moment to get the thread that became free.
 */
#include "network/patterns/waiting.h"

#include "base/sort.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct interval {
    int64_t begin, end; /* ns */
    lc_symbol instance;
};

struct intervals {
    struct interval *items;
    size_t count, capacity;
};

static void add(struct intervals *intervals, int64_t begin, int64_t end, lc_symbol instance)
{
    if (end <= begin)
        return;
    LC_GROW(intervals->items, intervals->count, intervals->capacity);
    intervals->items[intervals->count++] = (struct interval){begin, end, instance};
}

/* Of a call that tells how long it took to the callee and back. */
static bool tells(const struct lci_visits *visits, const struct lci_call *call, lc_symbol task)
{
    return call->paired && !call->forget && visits->operations[call->operation].task == task &&
           visits->operations[call->operation].inside == 0;
}

static int64_t after(const struct lci_visit *visit, double seconds)
{
    return visit->start + llround(seconds * 1e9);
}

/* ---- visits of the service, and calls of it ---------------------------------------------------------------------- */

static struct intervals spans_of(const struct lci_visits *visits, const struct lci_task *task)
{
    struct intervals spans = {0};
    for (uint32_t o = task->first_operation; o < task->end_operation; o++) {
        const struct lci_operation *operation = &visits->operations[o];
        for (size_t c = 0; operation->inside == 0 && !operation->around && c < visits->class_count; c++)
            for (size_t v = 0; v < operation->variants[c].visit_count; v++) {
                const struct lci_visit *visit = &operation->variants[c].visits[v];
                add(&spans, visit->start, after(visit, visit->duration), visit->instance);
            }
    }
    return spans;
}

/* Calls of the service, which are going to be changed. */
struct asked {
    const struct lci_visit *visit;
    struct lci_call *call;
};

struct asks {
    struct asked *items;
    size_t count, capacity;
};

static bool calls_any(const struct lci_visits *visits, const struct lci_variant *variant, lc_symbol task)
{
    for (size_t i = 0; i < variant->call_count; i++)
        if (tells(visits, &variant->calls[i], task))
            return true;
    return false;
}

static struct asks calls_of(struct lci_visits *visits, lc_symbol task)
{
    struct asks asks = {0};
    for (size_t o = 0; o < visits->operation_count; o++)
        for (size_t c = 0; c < visits->class_count; c++) {
            struct lci_variant *variant = &visits->operations[o].variants[c];
            if (!calls_any(visits, variant, task))
                continue;
            lci_variant_own(variant);
            for (size_t v = 0; v < variant->visit_count; v++)
                for (uint32_t i = 0; i < variant->visits[v].call_count; i++) {
                    struct lci_call *call = &variant->calls[variant->visits[v].first_call + i];
                    if (!tells(visits, call, task))
                        continue;
                    LC_GROW(asks.items, asks.count, asks.capacity);
                    asks.items[asks.count++] = (struct asked){&variant->visits[v], call};
                }
        }
    return asks;
}

static struct intervals times_of(const struct asks *asks)
{
    struct intervals times = {0};
    for (size_t i = 0; i < asks->count; i++) {
        const struct asked *asked = &asks->items[i];
        add(&times, after(asked->visit, asked->call->sent), after(asked->visit, asked->call->answered), 0);
    }
    return times;
}

/* ---- when every thread was busy ---------------------------------------------------------------------------------- */

static int by_instance(const void *a, const void *b)
{
    const struct interval *x = a, *y = b;
    if (x->instance != y->instance)
        return x->instance < y->instance ? -1 : 1;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

/* Adds the times at which `most` or more of `count` intervals, sorted by their beginnings, overlapped. */
static void add_full(const struct interval *intervals, size_t count, size_t most, struct intervals *full)
{
    for (size_t i = 0; i + 1 < count; i++)
        assert(intervals[i].begin <= intervals[i + 1].begin);
    int64_t *ends = lc_alloc((count + 1) * sizeof *ends), since = 0;
    size_t begun = 0, ended = 0;
    for (size_t i = 0; i < count; i++)
        ends[i] = intervals[i].end;
    lci_sort_int64(ends, count);
    while (ended < count) {
        const bool begins = begun < count && intervals[begun].begin < ends[ended];
        if (begins && ++begun - ended == most)
            since = intervals[begun - 1].begin;
        else if (!begins && begun - ended++ == most)
            add(full, since, ends[ended - 1], 0);
    }
    free(ends);
}

/* The times at which an instance was full, each on its own, joined and in order. */
static struct intervals full_times(struct intervals *intervals, size_t most)
{
    struct intervals full = {0};
    if (intervals->count > 1)
        qsort(intervals->items, intervals->count, sizeof *intervals->items, by_instance);
    for (size_t first = 0, next; first < intervals->count; first = next) {
        for (next = first; next < intervals->count; next++)
            if (intervals->items[next].instance != intervals->items[first].instance)
                break;
        add_full(intervals->items + first, next - first, most, &full);
    }
    if (full.count > 1)
        qsort(full.items, full.count, sizeof *full.items, by_instance);
    size_t kept = 0;
    for (size_t i = 0; i < full.count; i++) {
        if (kept > 0 && full.items[i].begin < full.items[kept - 1].end)
            full.items[kept - 1].end =
                full.items[i].end > full.items[kept - 1].end ? full.items[i].end : full.items[kept - 1].end;
        else
            full.items[kept++] = full.items[i];
    }
    full.count = kept;
    return full;
}

/* At the ends of such a time somebody came, or left. */
static bool lies_within(const struct intervals *full, int64_t time)
{
    size_t low = 0, high = full->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (full->items[middle].end <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return low < full->count && full->items[low].begin < time;
}

/* ---- the calls --------------------------------------------------------------------------------------------------- */

struct marking {
    struct intervals served, asked; /* times at which the server's spans, or the calls, held every thread */
    double free_sum, full_sum, response;
    size_t calls, full;
};

static void mark(struct marking *m, const struct asks *asks)
{
    for (size_t i = 0; i < asks->count; i++) {
        struct lci_call *call = asks->items[i].call;
        const int64_t sent = after(asks->items[i].visit, call->sent);
        call->full = lies_within(&m->served, sent) || lies_within(&m->asked, sent);
        m->calls++;
        m->full += call->full;
        m->response += call->answered - call->sent;
        *(call->full ? &m->full_sum : &m->free_sum) += call->outside;
    }
}

/* Of an operation that never found a thread free when it called another one, the latency of the other calls of the
 * service is the best that is known. */
static void set_latency(const struct lci_visits *visits, lc_symbol task, struct lci_variant *variant, double latency)
{
    bool *known = lc_calloc(visits->operation_count, sizeof *known);
    for (size_t i = 0; i < variant->call_count; i++)
        known[variant->calls[i].operation] |= tells(visits, &variant->calls[i], task) && !variant->calls[i].full;
    for (size_t i = 0; i < variant->call_count; i++) {
        struct lci_call *call = &variant->calls[i];
        if (!call->full || known[call->operation] || !tells(visits, call, task))
            continue;
        call->full = false;
        call->outside = fmin(call->outside, latency);
    }
    free(known);
}

struct lci_before lci_mark_full(struct lci_visits *visits, lc_symbol task, size_t threads)
{
    const struct lci_task *known = lci_task_find(visits, task);
    const size_t instances = known->instance_count > 1 ? known->instance_count : 1;
    const struct asks asks = calls_of(visits, task);
    struct intervals spans = spans_of(visits, known), calls = times_of(&asks);
    struct marking m = {.served = full_times(&spans, threads), .asked = full_times(&calls, threads * instances)};
    mark(&m, &asks);
    struct lci_before before = {.calls = m.calls, .full = m.full};
    if (m.calls > 0) {
        before.response = m.response / (double)m.calls;
        const double latency = m.full < m.calls ? m.free_sum / (double)(m.calls - m.full) : NAN;
        before.waited = m.full == 0 ? 0 : (m.full_sum - (double)m.full * latency) / (double)m.calls;
    }
    for (size_t i = 0; m.full == m.calls && i < asks.count; i++) /* nothing tells them apart */
        asks.items[i].call->full = false;
    for (size_t o = 0; m.full > 0 && m.full < m.calls && o < visits->operation_count; o++)
        for (size_t c = 0; c < visits->class_count; c++)
            set_latency(visits, task, &visits->operations[o].variants[c], m.free_sum / (double)(m.calls - m.full));
    free(m.served.items);
    free(m.asked.items);
    free(spans.items);
    free(calls.items);
    free(asks.items);
    return before;
}
