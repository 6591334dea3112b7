/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Trees of different processes, or of different connections, joined by native span ids, X-Request-ID, streams and
 * messages: for what neither sequence numbers nor system calls connect (gateways, load balancers, queues).
 */
#include "assembly/flow.h"

#include <stdlib.h>

struct joins {
    struct lci_rows *r;
    struct lci_index spans;    /* applications and the last points of ways, by native span id */
    struct lci_index requests; /* last points, by X-Request-ID with its side; by stream */
    struct lci_index messages; /* of queues, by trace id */
    bool *passed;              /* per row: the request was seen at a further point */
};

enum { REQUEST_SIDE, RESPONSE_SIDE, STREAM };

static bool is_application(const struct lci_flow *f)
{
    return lci_points[f->point].place == LCI_AT_APPLICATION;
}

#define JOINED (LCI_HAS_SPAN | LCI_HAS_REQUEST | LCI_HAS_STREAM) /* by one of these */

static uint64_t stream_key(const struct lci_flow *f)
{
    return lci_key(lci_key(f->connection, f->request), lci_key(f->agent, STREAM));
}

static void fill(struct joins *j)
{
    const struct lci_rows *r = j->r;
    for (uint32_t i = 0; i < r->count; i++) {
        const struct lci_flow *f = &r->flows[i];
        const int64_t start = r->trees[i].start;
        if (!lci_has(r, i, JOINED | LCI_IS_MESSAGE))
            continue;
        const bool last = !is_application(f) && !j->passed[i];
        if (f->span_id != 0 && (is_application(f) || last))
            lci_index_add(&j->spans, lci_key(f->span_id, 0), start, i);
        for (unsigned side = 0; last && side < 2; side++)
            if (f->x_request[side] != 0)
                lci_index_add(&j->requests, lci_key(f->x_request[side], side), start, i);
        if (last && lci_has(r, i, LCI_HAS_STREAM))
            lci_index_add(&j->requests, stream_key(f), start, i);
        for (int t = 0; lci_has(r, i, LCI_IS_MESSAGE) && t < 2; t++)
            if (f->traces[t] != 0 && (t == 0 || f->traces[1] != f->traces[0]))
                lci_index_add(&j->messages, lci_key(f->traces[t], 0), start, i);
    }
    lci_index_sort(&j->spans);
    lci_index_sort(&j->requests);
    lci_index_sort(&j->messages);
}

/* Whether the parent's time allows it. Clocks of different agents do not compare; between points of the network the
 * child's answer may still be on its way. */
static bool time_allows(const struct lci_rows *r, uint32_t parent, uint32_t child)
{
    const struct lci_flow_tree *p = &r->trees[parent], *c = &r->trees[child];
    if (p->end - p->start < c->end - c->start)
        return false;
    if (r->flows[parent].agent != r->flows[child].agent)
        return true;
    const bool network = !is_application(&r->flows[parent]) && !is_application(&r->flows[child]);
    return network ? p->start <= c->start : lci_covers(r, parent, child);
}

static bool may_join(const struct joins *j, uint32_t child, uint32_t parent)
{
    struct lci_rows *r = j->r;
    return parent != child && lci_union_find(r->set, parent) != lci_union_find(r->set, child) &&
           lci_may_hang(r, child, parent) && time_allows(r, parent, child);
}

/* By native span id: the shortest that may be the parent. `applications`: only spans of these. */
static uint32_t by_span(const struct joins *j, uint32_t child, uint64_t id, bool applications, bool network)
{
    const struct lci_rows *r = j->r;
    size_t count = 0;
    const struct lci_keyed *k = id != 0 ? lci_index_until(&j->spans, lci_key(id, 0), INT64_MAX, &count) : NULL;
    uint32_t best = LCI_NO_FLOW;
    for (size_t i = 0; i < count; i++) {
        const uint32_t at = k[i].row;
        const struct lci_flow *f = &r->flows[at];
        if (!(is_application(f) ? applications : network) || !lci_share_trace(f, &r->flows[child]) ||
            !may_join(j, child, at))
            continue;
        if (best == LCI_NO_FLOW || r->trees[at].end - r->trees[at].start < r->trees[best].end - r->trees[best].start)
            best = at;
    }
    return best;
}

static bool join_span(struct joins *j, uint32_t i)
{
    struct lci_rows *r = j->r;
    const struct lci_flow *f = &r->flows[i];
    uint32_t up = LCI_NO_FLOW;
    if (!is_application(f)) { /* what was seen of a span's call */
        up = by_span(j, i, f->span_id, true, false);
        if (up == LCI_NO_FLOW)
            up = by_span(j, i, f->parent_span_id, true, true);
    } else { /* the work that a call asked for, seen on its way or in its client */
        up = by_span(j, i, f->parent_span_id, false, true);
        if (up == LCI_NO_FLOW)
            up = by_span(j, i, f->span_id, false, true);
        if (up == LCI_NO_FLOW)
            up = by_span(j, i, f->parent_span_id, true, false);
    }
    if (up == LCI_NO_FLOW)
        return false;
    lci_hang(r, i, up, is_application(f) ? "parent span id" : "span id", false);
    return true;
}

/* Of the rows with the key, the shortest that may be the parent. */
static uint32_t by_request(const struct joins *j, uint32_t child, uint64_t key, uint32_t best)
{
    const struct lci_rows *r = j->r;
    size_t count = 0;
    const struct lci_keyed *k = lci_index_until(&j->requests, key, INT64_MAX, &count);
    for (size_t i = 0; i < count; i++) {
        const uint32_t at = k[i].row;
        if (!may_join(j, child, at))
            continue;
        if (best == LCI_NO_FLOW || r->trees[at].end - r->trees[at].start < r->trees[best].end - r->trees[best].start)
            best = at;
    }
    return best;
}

static void join_request(struct joins *j, uint32_t i)
{
    struct lci_rows *r = j->r;
    const struct lci_flow *f = &r->flows[i];
    if (is_application(f))
        return;
    uint32_t up = LCI_NO_FLOW;
    if (f->x_request[0] != 0) { /* put in by the parent's server, or passed on */
        up = by_request(j, i, lci_key(f->x_request[0], RESPONSE_SIDE), up);
        up = by_request(j, i, lci_key(f->x_request[0], REQUEST_SIDE), up);
    }
    if (f->x_request[1] != 0)
        up = by_request(j, i, lci_key(f->x_request[1], RESPONSE_SIDE), up);
    if (up != LCI_NO_FLOW) {
        lci_hang(r, i, up, "X-Request-ID", false);
        return;
    }
    up = by_span(j, i, f->span_id, false, true);
    if (up == LCI_NO_FLOW && lci_has(r, i, LCI_HAS_STREAM))
        up = by_request(j, i, stream_key(f), up);
    if (up != LCI_NO_FLOW)
        lci_hang(r, i, up, f->span_id != 0 ? "span id" : "stream", false);
}

/* What takes a message hangs on what sent it: the latest of the queue's trace, in another process. */
static void join_message(struct joins *j, uint32_t i)
{
    struct lci_rows *r = j->r;
    const struct lci_flow *f = &r->flows[i];
    for (int t = 0; t < 2; t++) {
        size_t count = 0;
        const struct lci_keyed *k =
            f->traces[t] != 0 ? lci_index_until(&j->messages, lci_key(f->traces[t], 0), r->trees[i].end, &count) : NULL;
        while (count-- > 0) {
            const uint32_t at = k[count].row;
            const struct lci_flow *sent = &r->flows[at];
            const bool process = lci_points[sent->point].place != LCI_AT_NETWORK;
            if (at == i || !process || lci_union_find(r->set, at) == lci_union_find(r->set, i) ||
                (sent->agent == f->agent && sent->process == f->process) ||
                r->trees[at].start > r->trees[i].start + LCI_CLOCKS || !lci_may_hang(r, i, at))
                continue;
            lci_hang(r, i, at, "message of the trace (async)", true);
            return;
        }
    }
}

void lci_join_trees(struct lci_rows *r)
{
    if (!(r->any & (JOINED | LCI_IS_MESSAGE)))
        return;
    struct joins j = {.r = r, .passed = lc_calloc(r->count + 1, sizeof *j.passed)};
    for (uint32_t i = 0; i < r->count; i++)
        if (r->trees[i].chained)
            j.passed[r->trees[i].parent] = true;
    fill(&j);
    for (uint32_t i = 0; i < r->count; i++)
        if (lci_has(r, i, JOINED) && lci_is_root(r, i) && !join_span(&j, i) && lci_is_root(r, i))
            join_request(&j, i);
    for (uint32_t i = 0; i < r->count; i++)
        if (lci_has(r, i, LCI_IS_MESSAGE) && lci_is_root(r, i))
            join_message(&j, i);
    lci_index_free(&j.spans);
    lci_index_free(&j.requests);
    lci_index_free(&j.messages);
    free(j.passed);
}
