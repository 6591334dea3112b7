/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What instrumentation saw: spans of one process hang by their ids. Above and below them hangs what the kernel saw of
 * the same process: a client's system call is inside the span that has its id, a server's is around the outermost span.
 */
#include "assembly/flow.h"

#include <stdlib.h>

static bool is_application(const struct lci_flow *f)
{
    return lci_points[f->point].place == LCI_AT_APPLICATION;
}

/* One process, or one of its kind where instances are no pods. */
static bool same_process(const struct lci_flow *a, const struct lci_flow *b)
{
    if (a->instance != 0 && b->instance != 0 && (a->pod || b->pod || a->instance == b->instance))
        return a->instance == b->instance;
    return a->service == b->service;
}

static int64_t distance(const struct lci_rows *r, uint32_t around, uint32_t within)
{
    const struct lci_flow_tree *a = &r->trees[around], *w = &r->trees[within];
    const int64_t before = a->start > w->start ? a->start - w->start : 0, after = w->end > a->end ? w->end - a->end : 0;
    return before + after;
}

struct spans {
    struct lci_rows *r;
    struct lci_index applications, servers, clients; /* by native span id; the last two of what the kernel saw */
};

static void by_span_id(struct spans *s)
{
    for (uint32_t i = 0; i < s->r->count; i++) {
        const struct lci_flow *f = &s->r->flows[i];
        struct lci_index *into = lci_has(s->r, i, LCI_AT_APP)      ? &s->applications
                                 : lci_has(s->r, i, LCI_IS_SERVER) ? &s->servers
                                 : lci_has(s->r, i, LCI_IS_CLIENT) ? &s->clients
                                                                   : NULL;
        if (into != NULL && f->span_id != 0)
            lci_index_add(into, lci_key(f->span_id, 0), s->r->trees[i].start, i);
    }
    lci_index_sort(&s->applications);
    lci_index_sort(&s->servers);
    lci_index_sort(&s->clients);
}

/* The one of those with the native span id that belongs to the row's trace and lies nearest around it (or within it,
 * for `inside`); those of its own process go before others, which count only if `elsewhere`. */
static uint32_t nearest(const struct spans *s, const struct lci_index *index, uint64_t id, uint32_t row, bool inside,
                        bool elsewhere)
{
    const struct lci_rows *r = s->r;
    const struct lci_flow *f = &r->flows[row];
    size_t count = 0;
    const struct lci_keyed *k = id != 0 ? lci_index_until(index, lci_key(id, 0), INT64_MAX, &count) : NULL;
    uint32_t found = LCI_NO_FLOW;
    int64_t best = INT64_MAX;
    bool own = false;
    for (size_t i = 0; i < count; i++) {
        const uint32_t at = k[i].row;
        const bool here = same_process(&r->flows[at], f);
        if (at == row || !lci_share_trace(&r->flows[at], f) || (!here && (own || !elsewhere)))
            continue;
        const int64_t away = inside ? distance(r, row, at) : distance(r, at, row);
        if (found != LCI_NO_FLOW && here == own && away >= best)
            continue;
        found = at;
        best = away;
        own = here;
    }
    return found;
}

static void hang_within(struct spans *s)
{
    struct lci_rows *r = s->r;
    for (uint32_t i = 0; i < r->count; i++) {
        if (!lci_has(r, i, LCI_AT_APP))
            continue;
        const uint32_t up = nearest(s, &s->applications, r->flows[i].parent_span_id, i, false, false);
        if (up != LCI_NO_FLOW && lci_may_hang(r, i, up))
            lci_hang(r, i, up, "parent span id", false);
    }
}

static void hang_clients(struct spans *s)
{
    struct lci_rows *r = s->r;
    for (size_t k = 0; k < s->clients.count; k++) {
        const uint32_t i = s->clients.items[k].row;
        const uint32_t up = nearest(s, &s->applications, r->flows[i].span_id, i, false, true);
        if (up != LCI_NO_FLOW && lci_may_hang(r, i, up))
            lci_hang(r, i, up, "span id of the client's span", false);
    }
}

/* A server's system call around the process's outermost span. Several outermost spans with one parent hang below one.
 */
static void hang_roots(struct spans *s)
{
    struct lci_rows *r = s->r;
    for (uint32_t i = 0; i < r->count; i++) {
        const struct lci_flow *f = &r->flows[i];
        if (!lci_has(r, i, LCI_AT_APP) || !lci_is_root(r, i))
            continue;
        const uint32_t up = nearest(s, &s->servers, f->parent_span_id, i, false, true);
        if (up != LCI_NO_FLOW && lci_may_hang(r, i, up))
            lci_hang(r, i, up, "span id of the server's system call", false);
    }
}

/* ---- by what the kernel saw of their calls ----------------------------------------------------------------------- */

/* A root span whose client's system call below shares something with a server's system call of the same agent. */
static void hang_by(struct lci_rows *r, const struct lci_index *servers, uint32_t client, uint64_t key, bool covered,
                    const char *reason)
{
    uint32_t top = client;
    while (!lci_is_root(r, top)) {
        top = r->trees[top].parent;
        if (!is_application(&r->flows[top]))
            return;
    }
    if (top == client)
        return;
    size_t count = 0;
    const struct lci_keyed *k = lci_index_until(servers, key, r->trees[top].start, &count);
    while (count-- > 0) {
        const uint32_t at = k[count].row;
        if ((covered && !lci_covers(r, at, client)) || !lci_may_hang(r, top, at))
            continue;
        lci_hang(r, top, at, reason, false);
        return;
    }
}

static void hang_by_calls(struct spans *s)
{
    struct lci_rows *r = s->r;
    struct lci_index servers = {0};
    for (uint32_t i = 0; i < r->count; i++) {
        const struct lci_flow *f = &r->flows[i];
        if (!lci_has(r, i, LCI_IS_SERVER))
            continue;
        for (unsigned side = 0; side < 2; side++) {
            if (f->syscall[side] != 0 && f->syscall[0] != f->syscall[1])
                lci_index_add(&servers, lci_key(lci_key(f->syscall[side], side), f->agent), r->trees[i].start, i);
            if (f->x_request[side] != 0)
                lci_index_add(&servers, lci_key(lci_key(f->x_request[side], 2), f->agent), r->trees[i].start, i);
        }
    }
    lci_index_sort(&servers);
    for (int by_request = 0; by_request < 2; by_request++)
        for (uint32_t i = 0; i < r->count && servers.count > 0; i++) {
            const struct lci_flow *f = &r->flows[i];
            if (!lci_has(r, i, LCI_IS_CLIENT) || lci_is_root(r, i))
                continue;
            for (unsigned side = 0; side < 2; side++) {
                const uint64_t id = by_request ? f->x_request[side] : f->syscall[side];
                if (id != 0)
                    hang_by(r, &servers, i, lci_key(lci_key(id, by_request ? 2 : side), f->agent), by_request,
                            by_request ? "X-Request-ID of a call of the process"
                                       : "system call of a call of the process");
            }
        }
    lci_index_free(&servers);
}

void lci_hang_applications(struct lci_rows *r)
{
    struct spans s = {.r = r};
    if (!(r->any & LCI_AT_APP))
        return;
    by_span_id(&s);
    hang_within(&s);
    hang_clients(&s);
    hang_roots(&s);
    hang_by_calls(&s);
    lci_index_free(&s.applications);
    lci_index_free(&s.servers);
    lci_index_free(&s.clients);
}
