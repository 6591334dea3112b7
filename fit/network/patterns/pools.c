/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Waiting for a connection lies within the client's span. With c connections of each instance of the caller, which
 * requests get in the order in which they ask, begins and ends of the calls tell when each had one, as they do for
 * threads. What a server without spans is seen to do is the client's span: it begins later then. Of a server with
 * spans, it is no network latency.
 */
#include "network/patterns/waiting.h"
#include "network/patterns/waiting_estimators.h"

#include <math.h>
#include <stdlib.h>

struct use { /* a call, and the connection that it waits for */
    struct lci_variant *variant;
    size_t call, operation, class_;
    uint64_t trace;
    lc_symbol instance;
    int64_t begin, end; /* ns */
};

struct uses {
    struct use *items;
    size_t count, capacity;
};

static int by_instance(const void *a, const void *b)
{
    const struct use *x = a, *y = b;
    if (x->instance != y->instance)
        return x->instance < y->instance ? -1 : 1;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end != y->end ? (x->end > y->end) - (x->end < y->end) : (x->trace > y->trace) - (x->trace < y->trace);
}

static struct uses find_uses(const struct lci_visits *visits, const struct lci_task *caller,
                             const struct lci_task *server)
{
    struct uses uses = {0};
    for (size_t o = caller->first_operation; o < caller->end_operation; o++)
        for (size_t c = 0; c < visits->class_count; c++) {
            struct lci_variant *variant = &visits->operations[o].variants[c];
            lci_variant_own(variant);
            for (size_t v = 0; v < variant->visit_count; v++)
                for (uint32_t i = 0; i < variant->visits[v].call_count; i++) {
                    const struct lci_visit *visit = &variant->visits[v];
                    const struct lci_call *call = &variant->calls[visit->first_call + i];
                    if (call->forget || visits->operations[call->operation].task != server->name)
                        continue;
                    const int64_t begin = visit->start + llround(call->sent * 1e9);
                    const int64_t end = begin + llround((call->answered - call->sent) * 1e9);
                    LC_GROW(uses.items, uses.count, uses.capacity);
                    uses.items[uses.count++] = (struct use){.variant = variant,
                                                            .call = visit->first_call + i,
                                                            .operation = call->operation,
                                                            .class_ = c,
                                                            .trace = visit->trace,
                                                            .instance = visit->instance,
                                                            .begin = begin,
                                                            .end = end > begin ? end : begin};
                }
        }
    if (uses.count > 1)
        qsort(uses.items, uses.count, sizeof *uses.items, by_instance);
    return uses;
}

/* ---- spans of a server that writes none -------------------------------------------------------------------------- */

struct seen {
    uint64_t trace;
    size_t operation, class_;
    struct lci_visit *visit; /* NULL: another call was it */
};

static int by_trace(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    if (x->trace != y->trace)
        return x->trace < y->trace ? -1 : 1;
    return (x->visit > y->visit) - (x->visit < y->visit);
}

static struct seen *find_seen(struct lci_visits *visits, const struct lci_task *server, size_t *count)
{
    struct seen *seen = NULL;
    size_t capacity = 0;
    *count = 0;
    for (size_t o = server->first_operation; server->external && o < server->end_operation; o++)
        for (size_t c = 0; c < visits->class_count; c++) {
            struct lci_variant *variant = &visits->operations[o].variants[c];
            lci_variant_own(variant);
            for (size_t v = 0; v < variant->visit_count; v++) {
                LC_GROW(seen, *count, capacity);
                seen[(*count)++] = (struct seen){variant->visits[v].trace, o, c, &variant->visits[v]};
            }
        }
    if (*count > 1)
        qsort(seen, *count, sizeof *seen, by_trace);
    return seen;
}

/* The span that is this call; NULL when there is none that has not been taken. */
static struct lci_visit *take_seen(struct seen *seen, size_t count, const struct use *use)
{
    const double same = 3e-6; /* s: durations are rounded to microseconds */
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (seen[middle].trace < use->trace)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < count && seen[low].trace == use->trace; low++) {
        struct lci_visit *visit = seen[low].visit;
        if (visit == NULL || seen[low].operation != use->operation || seen[low].class_ != use->class_ ||
            fabs((double)(visit->start - use->begin) * 1e-9) > same ||
            fabs(visit->duration - (double)(use->end - use->begin) * 1e-9) > same)
            continue;
        seen[low].visit = NULL;
        return visit;
    }
    return NULL;
}

/* ---- the waiting ------------------------------------------------------------------------------------------------- */

static void take(const struct uses *uses, size_t first, size_t count, struct seen *seen, size_t seen_count,
                 uint32_t connections, struct lci_waited *taken)
{
    double *begin = lc_alloc(3 * count * sizeof *begin), *end = begin + count, *start = end + count;
    for (size_t i = 0; i < count; i++) {
        begin[i] = (double)(uses->items[first + i].begin - uses->items[0].begin) * 1e-9;
        end[i] = (double)(uses->items[first + i].end - uses->items[0].begin) * 1e-9;
    }
    taken->contradictions += lci_fifo_starts(begin, end, NULL, NULL, count, connections, start);
    const double unhindered = lci_response_time_approximation(begin, end, count, connections);
    for (size_t i = 0; i < count; i++) {
        const struct use *use = &uses->items[first + i];
        const double waited = fmax(0, start[i] - begin[i]);
        struct lci_call *call = &use->variant->calls[use->call];
        struct lci_visit *visit = seen_count > 0 ? take_seen(seen, seen_count, use) : NULL;
        taken->before += end[i] - begin[i];
        taken->after += end[i] - begin[i] - waited;
        taken->waited += waited > 0;
        if (visit != NULL) {
            visit->start += llround(waited * 1e9);
            visit->duration -= waited;
        } else if (call->paired) {
            call->outside -= waited;
        }
    }
    taken->servers += connections;
    taken->visits += count;
    taken->unhindered += isnan(unhindered) ? 0 : (double)count * unhindered;
    free(begin);
}

struct lci_waited lci_take_pool_waiting(struct lci_visits *visits, const struct lci_task *caller,
                                        const struct lci_task *server, uint32_t connections)
{
    struct lci_waited taken = {.share = 1};
    const struct uses uses = find_uses(visits, caller, server);
    size_t seen_count;
    struct seen *seen = find_seen(visits, server, &seen_count);
    for (size_t first = 0, next; first < uses.count; first = next) {
        for (next = first; next < uses.count && uses.items[next].instance == uses.items[first].instance; next++)
            ;
        take(&uses, first, next - first, seen, seen_count, connections, &taken);
    }
    free(uses.items);
    free(seen);
    return taken;
}
