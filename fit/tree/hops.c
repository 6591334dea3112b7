/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A request lasted longer at a point nearer to its client: the difference is what passed between the points, in both
 * directions together, and no clocks are involved (Shen et al., "Network-Centric Distributed Tracing with DeepFlow",
 * SIGCOMM 2023, measure spans at such points; the differences are derived here).
 */
#include "tree/hops.h"

#include "fit/trace/symbols.h"

#include <stdlib.h>
#include <string.h>

struct lci_hop_point {
    lc_symbol name;
    int64_t lasted;
    uint32_t place; /* of its event: of two that lasted as long, as they were recorded */
};

static int by_length(const void *left, const void *right)
{
    const struct lci_hop_point *a = left, *b = right;
    if (a->lasted != b->lasted)
        return a->lasted > b->lasted ? -1 : 1;
    return (a->place < b->place) - (a->place > b->place);
}

/* The points are told by pairs of events: when the request passed, and when the answer did. */
static void gather(struct lci_hops *h, const struct lc_symbols *symbols, const struct lc_trace *trace,
                   const struct lc_span *client)
{
    const lc_symbol request = lci_symbol_find(symbols, LCI_NETWORK_REQUEST),
                    answer = lci_symbol_find(symbols, LCI_NETWORK_ANSWER);
    const struct lc_event *events = trace->events + client->first_event;
    h->point_count = 0;
    for (uint32_t i = 0; request != 0 && i + 1u < client->event_count; i++) {
        if (events[i].name != request || events[i + 1].name != answer || events[i].type != events[i + 1].type)
            continue;
        LC_GROW(h->points, h->point_count, h->point_capacity);
        h->points[h->point_count++] = (struct lci_hop_point){events[i].type, events[i + 1].time - events[i].time, i};
    }
    if (h->point_count > 1)
        qsort(h->points, h->point_count, sizeof *h->points, by_length);
}

uint32_t lci_hops_add(struct lci_hops *h, const struct lc_symbols *symbols, const struct lc_trace *trace,
                      const struct lc_span *client, const struct lc_span *server)
{
    if (client->event_count < 2)
        return 0;
    gather(h, symbols, trace, client);
    if (h->point_count == 0)
        return 0;
    const int64_t whole = client->end - client->start, inner = server->end - server->start;
    lc_symbol from = lci_symbol_find(symbols, "c-p");
    int64_t before = whole > inner ? whole : inner; /* a server that goes on after its answer leaves no time between */
    for (size_t i = 0; i <= h->point_count; i++) {
        const bool last = i == h->point_count;
        int64_t lasted = last ? inner : h->points[i].lasted;
        lasted = lasted > before ? before : lasted < inner ? inner : lasted;
        const lc_symbol to = last ? lci_symbol_find(symbols, "s-p") : h->points[i].name;
        LC_GROW(h->items, h->count, h->capacity);
        h->items[h->count++] = (struct lc_hop){from, to, before - lasted};
        before = lasted;
        from = to;
    }
    return (uint32_t)h->point_count + 1;
}

void lci_hops_free(struct lci_hops *h)
{
    free(h->items);
    free(h->points);
    *h = (struct lci_hops){0};
}
