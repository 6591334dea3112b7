/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Joins that depend on data: of several requests that work for one trace at the same time, whichever brings the last
 * part makes the next call, as services do that gather parts. Each of these requests then seems to call by chance. That
 * exactly one does in every trace, when all the others have ended, tells what it is.
 */
#include "network/facts/facts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALWAYS     0.98 /* share of visits: no choice */
#define FEW_TRACES 10
#define NEARLY_ALL 0.95 /* share of traces: clocks may put two ends in the wrong order */

struct arrival { /* of a request that might have made the call */
    uint64_t trace;
    int64_t start, end, sent; /* sent: the first call */
    uint32_t calls;
};

struct arrivals {
    struct arrival *items;
    size_t count, capacity;
};

static int compare(const void *a, const void *b)
{
    const struct arrival *x = a, *y = b;
    if (x->trace != y->trace)
        return x->trace < y->trace ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return (x->calls > y->calls) - (x->calls < y->calls); /* whoever calls may be the last */
}

static struct arrival arrival_of(const struct lci_variant *variant, const struct lci_visit *visit, uint32_t callee)
{
    struct arrival arrival = {
        .trace = visit->trace, .start = visit->start, .end = visit->start + llround(visit->duration * 1e9)};
    for (uint32_t i = 0; i < visit->call_count; i++) { /* by the time of sending */
        const struct lci_call *call = &variant->calls[visit->first_call + i];
        if (call->operation == callee && arrival.calls++ == 0)
            arrival.sent = visit->start + llround(call->sent * 1e9);
    }
    return arrival;
}

/* Who calls an operation, in which share of the visits. */
struct caller {
    uint32_t callee, operation;
    double share;
};

struct callers {
    struct caller *items; /* by callee */
    size_t count, capacity;
};

static int by_callee(const void *a, const void *b)
{
    const struct caller *x = a, *y = b;
    return x->callee != y->callee ? (x->callee < y->callee ? -1 : 1)
                                  : (x->operation > y->operation) - (x->operation < y->operation);
}

/* In one pass over all calls, however many operations there are. */
static struct callers callers_of(const struct lci_visits *visits)
{
    struct callers callers = {0};
    const size_t count = visits->operation_count;
    uint64_t *seen = lc_calloc(count + 1, sizeof *seen), *calling = lc_calloc(count + 1, sizeof *calling), number = 0;
    uint32_t *callees = lc_alloc((count + 1) * sizeof *callees);
    for (uint32_t o = 0; o < count; o++) {
        size_t callee_count = 0;
        const uint64_t before = number;
        for (size_t c = 0; c < visits->class_count; c++) {
            const struct lci_variant *variant = &visits->operations[o].variants[c];
            for (size_t v = 0; v < variant->visit_count; v++) {
                const struct lci_visit *visit = &variant->visits[v];
                number++;
                for (uint32_t i = 0; i < visit->call_count; i++) {
                    const uint32_t callee = variant->calls[visit->first_call + i].operation;
                    if (seen[callee] == number)
                        continue;
                    seen[callee] = number;
                    if (calling[callee]++ == 0)
                        callees[callee_count++] = callee;
                }
            }
        }
        for (size_t i = 0; i < callee_count; i++) {
            LC_GROW(callers.items, callers.count, callers.capacity);
            callers.items[callers.count++] =
                (struct caller){callees[i], o, (double)calling[callees[i]] / (double)(number - before)};
            calling[callees[i]] = 0;
        }
    }
    free(seen);
    free(calling);
    free(callees);
    if (callers.count > 1)
        qsort(callers.items, callers.count, sizeof *callers.items, by_callee);
    return callers;
}

/* The caller's visits of traces up to `last`. */
static void gather(const struct lci_visits *visits, const struct lci_operation *caller, uint32_t callee, uint64_t last,
                   struct arrivals *list)
{
    for (size_t c = 0; c < visits->class_count; c++) {
        const struct lci_variant *variant = &caller->variants[c];
        for (size_t v = 0; v < variant->visit_count; v++) {
            if (variant->visits[v].trace > last)
                continue;
            LC_GROW(list->items, list->count, list->capacity);
            list->items[list->count++] = arrival_of(variant, &variant->visits[v], callee);
        }
    }
}

static uint64_t kept_up_to(const struct lci_visits *visits, const struct lci_operation *operation)
{
    uint64_t last = UINT64_MAX;
    for (size_t c = 0; c < visits->class_count; c++)
        last = operation->variants[c].last < last ? operation->variants[c].last : last;
    return last;
}

/* In how many traces there were several, in how many of these the last one, and no other, called when all others had
 * ended, and of how many. */
static void judge(const struct arrivals *list, struct lci_join_found *found)
{
    for (size_t first = 0, next; first < list->count; first = next) {
        uint64_t calls = 0;
        for (next = first; next < list->count && list->items[next].trace == list->items[first].trace; next++)
            calls += list->items[next].calls;
        if (next - first < 2) {
            found->alone++;
            continue;
        }
        found->traces++;
        const struct arrival *end = &list->items[next];
        if (calls == 1 && end[-1].calls == 1 && end[-1].sent >= end[-2].end) {
            found->by_last++;
            LC_GROW(found->waits, found->wait_count, found->wait_capacity);
            found->waits[found->wait_count++] =
                (struct lci_join_wait){end[-1].trace, (double)(end[-2].end - end[-1].start) * 1e-9};
        }
        found->fewest = found->fewest == 0 || next - first < found->fewest ? next - first : found->fewest;
        found->most = next - first > found->most ? next - first : found->most;
    }
}

static int by_half(const void *a, const void *b)
{
    const uint32_t x = (uint32_t)((const struct lci_join_wait *)a)->trace,
                   y = (uint32_t)((const struct lci_join_wait *)b)->trace;
    return (x > y) - (x < y);
}

/* Whether the last of several requests makes the calls to the operation that all of `callers` call; `found` is freed by
 * the caller then. */
static bool find(const struct lci_visits *visits, const struct caller *callers, size_t count,
                 struct lci_join_found *found)
{
    struct arrivals list = {0};
    uint64_t last = UINT64_MAX;
    *found = (struct lci_join_found){0};
    for (size_t i = 0; i < count; i++)
        if (callers[i].share > ALWAYS)
            return false;
    found->callers = lc_alloc(count * sizeof *found->callers);
    found->shares = lc_alloc(count * sizeof *found->shares);
    for (size_t i = 0; i < count; i++) {
        const uint64_t kept = kept_up_to(visits, &visits->operations[callers[i].operation]);
        last = kept < last ? kept : last;
        found->callers[found->caller_count] = callers[i].operation;
        found->shares[found->caller_count++] = callers[i].share;
    }
    for (size_t i = 0; i < found->caller_count; i++)
        gather(visits, &visits->operations[found->callers[i]], callers->callee, last, &list);
    if (list.count > 1)
        qsort(list.items, list.count, sizeof *list.items, compare);
    judge(&list, found);
    if (found->wait_count > 1)
        qsort(found->waits, found->wait_count, sizeof *found->waits, by_half);
    free(list.items);
    if (found->traces >= FEW_TRACES && (double)found->by_last >= NEARLY_ALL * (double)found->traces)
        return true;
    lci_join_free(found);
    return false;
}

static bool same_callers(const struct lci_join_found *a, const struct lci_join_found *b)
{
    return a->caller_count == b->caller_count &&
           memcmp(a->callers, b->callers, a->caller_count * sizeof *a->callers) == 0;
}

struct lci_join_found *lci_joins_of(const struct lci_visits *visits, size_t *count)
{
    struct lci_join_found *joins = NULL;
    size_t capacity = 0;
    *count = 0;
    struct callers callers = callers_of(visits);
    for (size_t first = 0, next; first < callers.count; first = next) {
        struct lci_join_found found;
        const uint32_t callee = callers.items[first].callee;
        for (next = first; next < callers.count && callers.items[next].callee == callee;)
            next++;
        if (!find(visits, &callers.items[first], next - first, &found))
            continue;
        size_t k = 0;
        while (k < *count && !same_callers(&joins[k], &found))
            k++;
        if (k == *count) {
            LC_GROW(joins, *count, capacity);
            joins[(*count)++] = found;
        } else {
            joins[k].by_last = found.by_last < joins[k].by_last ? found.by_last : joins[k].by_last;
            lci_join_free(&found);
        }
        struct lci_join_found *join = &joins[k];
        join->callees = lc_realloc(join->callees, join->callee_count + 1, sizeof *join->callees);
        join->callees[join->callee_count++] = callee;
    }
    free(callers.items);
    return joins;
}

void lci_join_free(struct lci_join_found *join)
{
    free(join->callers);
    free(join->shares);
    free(join->callees);
    free(join->waits);
    *join = (struct lci_join_found){0};
}
