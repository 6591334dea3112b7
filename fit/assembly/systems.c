/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Calls of a process hang below the request of the process that made them, where no instrumentation says so. The kernel
 * gives every message that comes into a thread an id, which the thread's next message out takes with it:
 *
 *     request in 1 | call out 1, answer in 2 | call out 2, answer in 3 | answer out 3
 *
 * so that a call has an id in common with the request, or with another call of it. Otherwise X-Request-ID and native
 * trace ids tell. A call that is not within any request of its trace, but began after one, is one that nobody waits
 * for.
 */
#include "assembly/flow.h"

#include <stdlib.h>

static bool same_process(const struct lci_flow *a, const struct lci_flow *b)
{
    if (a->agent != b->agent)
        return false;
    if (a->process != 0 && b->process != 0 && a->process == b->process)
        return true;
    if (a->instance != 0 && b->instance != 0)
        return a->instance == b->instance && ((a->pod && b->pod) || a->process == 0 || b->process == 0);
    return a->process == 0 && b->process == 0 && a->service == b->service;
}

enum how { BY_SYSCALL, BY_X_REQUEST, BY_TRACE };
static const unsigned trait[] = {LCI_HAS_SYSCALL, LCI_HAS_REQUEST, LCI_HAS_TRACE};

struct systems {
    struct lci_rows *r;
    struct lci_index servers[3], clients[3]; /* by what they have in common */
    uint32_t *server_of;                     /* per client that hangs below a server of its process: that one */
    uint32_t *queue;
    size_t queued, taken;
};

/* What a row may have in common with another one of its process: keys in `keys`. */
static size_t keys_of(const struct lci_flow *f, enum how how, uint64_t keys[2])
{
    size_t count = 0;
    for (int side = 0; side < 2; side++) {
        const uint64_t id = how == BY_SYSCALL     ? f->syscall[side]
                            : how == BY_X_REQUEST ? f->x_request[side]
                                                  : f->traces[side];
        if (id != 0 && (how != BY_SYSCALL || f->syscall[0] != f->syscall[1]) && (count == 0 || keys[0] != id))
            keys[count++] = id;
    }
    for (size_t k = 0; k < count; k++)
        keys[k] = lci_key(keys[k], f->agent);
    return count;
}

static void fill(struct systems *s)
{
    const struct lci_rows *r = s->r;
    for (uint32_t i = 0; i < r->count; i++) {
        const struct lci_flow *f = &r->flows[i];
        if (!lci_has(r, i, LCI_IS_CLIENT | LCI_IS_SERVER))
            continue;
        for (int how = 0; how < 3; how++) {
            uint64_t keys[2];
            const size_t count = lci_has(r, i, trait[how]) ? keys_of(f, (enum how)how, keys) : 0;
            for (size_t k = 0; k < count; k++)
                lci_index_add(lci_has(r, i, LCI_IS_SERVER) ? &s->servers[how] : &s->clients[how], keys[k],
                              r->trees[i].start, i);
        }
    }
    for (int how = 0; how < 3; how++) {
        lci_index_sort(&s->servers[how]);
        lci_index_sort(&s->clients[how]);
    }
}

/* X-Request-ID is the same on one side, or was put in by the server that sends it on. */
static bool same_request(const struct lci_flow *server, const struct lci_flow *client)
{
    const uint64_t *s = server->x_request, *c = client->x_request;
    return (s[0] != 0 && s[0] == c[0]) || (s[1] != 0 && (s[1] == c[0] || s[1] == c[1]));
}

static void attach(struct systems *s, uint32_t client, uint32_t server, const char *reason, bool async)
{
    lci_hang(s->r, client, server, reason, async);
    s->server_of[client] = server;
    s->queue[s->queued++] = client;
}

/* The request of the process that began last among those that cover the call and have something in common with it. */
static uint32_t find_server(const struct systems *s, uint32_t client, enum how how)
{
    struct lci_rows *r = s->r;
    const struct lci_flow *f = &r->flows[client];
    uint64_t keys[2];
    uint32_t best = LCI_NO_FLOW;
    for (size_t n = keys_of(f, how, keys); n-- > 0;) {
        size_t count = 0;
        const struct lci_keyed *k = lci_index_until(&s->servers[how], keys[n], r->trees[client].start, &count);
        while (count-- > 0) {
            const uint32_t at = k[count].row;
            if (!same_process(&r->flows[at], f) || !lci_covers(r, at, client) ||
                (how == BY_X_REQUEST && !same_request(&r->flows[at], f)) || !lci_may_hang(r, client, at))
                continue;
            if (best == LCI_NO_FLOW || at > best)
                best = at;
            break;
        }
    }
    return best;
}

/* Hangs those of the calls with the key, up to a time, that belong to the server of their brother. */
static void hang_beside(struct systems *s, uint32_t brother, enum how how, uint64_t key, int64_t until)
{
    struct lci_rows *r = s->r;
    static const char *const reasons[] = {"system call of a call beside it", "X-Request-ID of a call beside it",
                                          "trace id of a call beside it"};
    const uint32_t server = s->server_of[brother];
    const struct lci_flow *b = &r->flows[brother];
    size_t count = 0;
    const struct lci_keyed *k = lci_index_until(&s->clients[how], key, until, &count);
    for (size_t i = 0; i < count; i++) {
        const uint32_t at = k[i].row;
        const struct lci_flow *f = &r->flows[at];
        const bool crossed = how != BY_SYSCALL || f->syscall[0] == b->syscall[1] || f->syscall[1] == b->syscall[0];
        if (lci_is_root(r, at) && crossed && same_process(f, b) && lci_covers(r, server, at) &&
            lci_may_hang(r, at, server))
            attach(s, at, server, reasons[how], false);
    }
}

/* Calls that share something with one that hangs already go where that one hangs. */
static void hang_brothers(struct systems *s)
{
    const struct lci_rows *r = s->r;
    for (; s->taken < s->queued; s->taken++) {
        const uint32_t brother = s->queue[s->taken];
        uint64_t keys[2];
        if (r->trees[brother].async)
            continue;
        for (size_t n = keys_of(&r->flows[brother], BY_SYSCALL, keys); n-- > 0;)
            hang_beside(s, brother, BY_SYSCALL, keys[n], r->trees[s->server_of[brother]].end);
        for (size_t n = keys_of(&r->flows[brother], BY_TRACE, keys); n-- > 0;) {
            hang_beside(s, brother, BY_TRACE, keys[n], r->trees[s->server_of[brother]].end);
            hang_beside(s, brother, BY_TRACE, keys[n], r->trees[brother].start);
        }
    }
}

static bool is_free_client(const struct lci_rows *r, uint32_t i)
{
    return lci_has(r, i, LCI_IS_CLIENT) && lci_is_root(r, i);
}

static void hang_clients(struct systems *s, enum how how, const char *reason)
{
    struct lci_rows *r = s->r;
    for (uint32_t i = 0; i < r->count; i++) {
        if (!lci_has(r, i, trait[how]) || !is_free_client(r, i))
            continue;
        const uint32_t server = find_server(s, i, how);
        if (server != LCI_NO_FLOW)
            attach(s, i, server, reason, false);
    }
    hang_brothers(s);
}

/* A call that ends after the request of its trace, or begins after its end. */
static void hang_late_clients(struct systems *s)
{
    struct lci_rows *r = s->r;
    for (uint32_t i = 0; i < r->count; i++) {
        const struct lci_flow *f = &r->flows[i];
        uint64_t keys[2];
        if (!lci_has(r, i, LCI_HAS_TRACE) || !is_free_client(r, i))
            continue;
        for (size_t n = keys_of(f, BY_TRACE, keys); n-- > 0 && lci_is_root(r, i);) {
            size_t count = 0;
            const struct lci_keyed *k = lci_index_until(&s->servers[BY_TRACE], keys[n], r->trees[i].start, &count);
            while (count-- > 0) {
                const uint32_t at = k[count].row;
                if (!same_process(&r->flows[at], f) || r->trees[at].end >= r->trees[i].end || !lci_may_hang(r, i, at))
                    continue;
                attach(s, i, at, "trace id; ends after the request (async)", true);
                break;
            }
        }
    }
}

/* A process that took a message from a queue, as a client of the queue, goes on with what it brought: the answer's id
 * is that of the next call. */
static void hang_on_messages(struct systems *s)
{
    struct lci_rows *r = s->r;
    for (uint32_t i = 0; i < r->count; i++) {
        const struct lci_flow *f = &r->flows[i];
        if (!(r->any & LCI_IS_MESSAGE) || !lci_has(r, i, LCI_HAS_SYSCALL) || !is_free_client(r, i))
            continue;
        size_t count = 0;
        const struct lci_keyed *k =
            f->syscall[0] != 0
                ? lci_index_until(&s->clients[BY_SYSCALL], lci_key(f->syscall[0], f->agent), r->trees[i].start, &count)
                : NULL;
        while (count-- > 0) {
            const uint32_t at = k[count].row;
            const struct lci_flow *before = &r->flows[at];
            uint32_t message = at; /* the call before may itself have hung on the message */
            if (!lci_has(r, at, LCI_IS_MESSAGE))
                message = r->trees[at].async && r->trees[at].parent != LCI_NO_FLOW &&
                                  lci_has(r, r->trees[at].parent, LCI_IS_MESSAGE)
                              ? r->trees[at].parent
                              : LCI_NO_FLOW;
            if (at == i || message == LCI_NO_FLOW || before->syscall[1] != f->syscall[0] || !same_process(before, f) ||
                r->trees[at].end > r->trees[i].start || !lci_may_hang(r, i, message))
                continue;
            lci_hang(r, i, message, "system call after a message was taken (async)", true);
            break;
        }
    }
}

/* Through a Unix socket there are no sequence numbers: the caller's call covers the server's request. */
static void hang_unix_sockets(struct systems *s)
{
    struct lci_rows *r = s->r;
    for (uint32_t i = 0; i < r->count; i++) {
        const struct lci_flow *f = &r->flows[i];
        if (!lci_has(r, i, LCI_IS_LOCAL) || !lci_has(r, i, LCI_IS_SERVER) || !lci_is_root(r, i))
            continue;
        for (int how = BY_X_REQUEST; how <= BY_TRACE && lci_is_root(r, i); how++) {
            uint64_t keys[2];
            for (size_t n = keys_of(f, (enum how)how, keys); n-- > 0 && lci_is_root(r, i);) {
                size_t count = 0;
                const struct lci_keyed *k = lci_index_until(&s->clients[how], keys[n], r->trees[i].start, &count);
                while (count-- > 0 && lci_is_root(r, i))
                    if (r->flows[k[count].row].port == LCI_UNIX_SOCKET && lci_covers(r, k[count].row, i) &&
                        lci_may_hang(r, i, k[count].row))
                        lci_hang(r, i, k[count].row, "Unix socket", false);
            }
        }
    }
}

void lci_hang_systems(struct lci_rows *r)
{
    struct systems s = {.r = r,
                        .server_of = lc_alloc((r->count + 1) * sizeof *s.server_of),
                        .queue = lc_alloc((r->count + 1) * sizeof *s.queue)};
    fill(&s);
    hang_clients(&s, BY_SYSCALL, "system call of the request");
    hang_clients(&s, BY_X_REQUEST, "X-Request-ID of the request");
    hang_clients(&s, BY_TRACE, "trace id of the request");
    hang_late_clients(&s);
    hang_on_messages(&s);
    hang_unix_sockets(&s);
    for (int how = 0; how < 3; how++) {
        lci_index_free(&s.servers[how]);
        lci_index_free(&s.clients[how]);
    }
    free(s.server_of);
    free(s.queue);
}
