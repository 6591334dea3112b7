/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Observations of one request on its way. TCP's sequence numbers stay what they are on the way, so that rows which have
 * the same at nearly the same time, and do not contradict each other, are one set. Within a set the request goes from
 * the client's process by the network to the server's.
 */
#include "assembly/flow.h"

#include <stdlib.h>

static bool near(int64_t a, int64_t b, int64_t most)
{
    return (a > b ? a - b : b - a) <= most;
}

static int64_t most_apart(const struct lci_flow *a, const struct lci_flow *b)
{
    return a->agent == b->agent ? LCI_DELAY : LCI_DELAY + LCI_CLOCKS;
}

static bool same_message_pair(const struct lci_rows *r, uint32_t i, uint32_t k)
{
    const struct lci_flow *a = &r->flows[i], *b = &r->flows[k];
    const struct lci_flow_tree *s = &r->trees[i], *t = &r->trees[k];
    const int64_t most = most_apart(a, b);
    const bool starts = near(s->start, t->start, most), ends = near(s->end, t->end, most);
    if (a->type == LCI_FLOW_SESSION && b->type == LCI_FLOW_SESSION)
        return starts && ends && a->seq[0] == b->seq[0] && a->seq[1] == b->seq[1] && !lci_flows_conflict(a, b);
    if (a->type != LCI_FLOW_RESPONSE && b->type != LCI_FLOW_RESPONSE)
        return starts && a->seq[0] != 0 && a->seq[0] == b->seq[0] && !lci_flows_conflict(a, b);
    if (a->type != LCI_FLOW_REQUEST && b->type != LCI_FLOW_REQUEST)
        return ends && a->seq[1] != 0 && a->seq[1] == b->seq[1] && !lci_flows_conflict(a, b);
    return false;
}

/* One of the two numbers is the same, at nearly the same time: more than chance, and too little to be one request. */
static bool share_a_number(const struct lci_rows *r, uint32_t i, uint32_t k)
{
    const struct lci_flow *a = &r->flows[i], *b = &r->flows[k];
    const int64_t most = most_apart(a, b);
    const bool requests = a->seq[0] != 0 && a->seq[0] == b->seq[0] && near(r->trees[i].start, r->trees[k].start, most),
               answers = a->seq[1] != 0 && a->seq[1] == b->seq[1] && near(r->trees[i].end, r->trees[k].end, most);
    return (requests || answers) && !lci_flows_conflict(a, b);
}

/* Joins rows of one key that belong together. Such are near in time, so that each is compared with those just before.
 */
static void join_near(struct lci_rows *r, const struct lci_index *index, bool weakly)
{
    uint32_t *up = weakly ? r->group : r->set;
    const struct lci_keyed *items = index->items;
    for (size_t k = 1; k < index->count; k++) {
        const struct lci_keyed *at = &items[k];
        if (items[k - 1].key != at->key)
            continue;
        const size_t from = k > LCI_LOOK ? k - LCI_LOOK : 0;
        uint32_t own = lci_union_find(up, at->row);
        for (size_t j = k; j-- > from && items[j].key == at->key;) {
            if (at->time - items[j].time > LCI_DELAY + LCI_CLOCKS)
                break;
            const uint32_t i = items[j].row;
            if (lci_union_find(up, i) == own)
                continue;
            if (weakly ? share_a_number(r, i, at->row) : same_message_pair(r, i, at->row)) {
                lci_union_join(up, i, at->row);
                own = lci_union_find(up, at->row);
            }
        }
    }
}

void lci_find_sets(struct lci_rows *r)
{
    for (unsigned side = 0; side < 2 && r->any & LCI_HAS_NUMBERS; side++)
        lci_index_expect(&r->numbers[side], r->count);
    for (uint32_t i = 0; i < r->count; i++)
        for (unsigned side = 0; lci_has(r, i, LCI_HAS_NUMBERS) && side < 2; side++)
            if (r->flows[i].seq[side] != 0)
                lci_index_add(&r->numbers[side], lci_key(r->flows[i].seq[side], side),
                              side == 0 ? r->trees[i].start : r->trees[i].end, i);
    for (unsigned side = 0; side < 2; side++) {
        lci_index_sort(&r->numbers[side]);
        join_near(r, &r->numbers[side], false);
    }
}

void lci_find_weak_sets(struct lci_rows *r)
{
    for (unsigned side = 0; side < 2; side++)
        join_near(r, &r->numbers[side], true);
}

/* ---- chains ------------------------------------------------------------------------------------------------------ */

struct member { /* of a set */
    uint32_t row;
    unsigned part; /* 0: client's process, 1: network, 2: server's process */
    unsigned rank; /* of the agent: where the request enters, between, where it ends */
    unsigned point;
    int64_t length, start, end;
};

#define ORDER(a, b)                                                                                                    \
    if ((a) != (b))                                                                                                    \
    return (a) < (b) ? -1 : 1

static int by_way(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    ORDER(a->part, b->part);
    ORDER(a->rank, b->rank);
    ORDER(b->length, a->length);
    ORDER(a->start, b->start);
    ORDER(b->end, a->end);
    ORDER(a->point, b->point);
    ORDER(a->row, b->row);
    return 0;
}

static unsigned part_of(unsigned point)
{
    return point == LCI_POINT_C_P ? 0 : point == LCI_POINT_S_P ? 2 : 1;
}

/* The agent where the request enters (first) or ends: that of the process, else of the point nearest to it. */
static lc_symbol end_agent(const struct lci_rows *r, const struct member *m, size_t count, bool first)
{
    lc_symbol agent = 0;
    unsigned best = first ? LCI_POINTS : 0;
    for (size_t i = 0; i < count; i++) {
        const unsigned point = m[i].point;
        const unsigned side = first ? LCI_CLIENT_SIDE : LCI_SERVER_SIDE;
        if (lci_points[point].side == side && (first ? point < best : point > best)) {
            best = point;
            agent = r->flows[m[i].row].agent;
        }
    }
    return agent;
}

static void rank(const struct lci_rows *r, struct member *m, size_t count)
{
    const lc_symbol in = end_agent(r, m, count, true), out = end_agent(r, m, count, false);
    for (size_t i = 0; i < count; i++) {
        const lc_symbol agent = r->flows[m[i].row].agent;
        if (m[i].part != 1)
            continue;
        if (in != 0 && in == out) /* one host: the server's points come last */
            m[i].rank = agent == in ? lci_points[m[i].point].side == LCI_SERVER_SIDE ? 2 : 0 : 1;
        else
            m[i].rank = in != 0 && agent == in ? 0 : out != 0 && agent == out ? 2 : 1;
    }
}

/* Whether a request may have gone from one point to the next. */
static bool may_follow(const struct lci_rows *r, const struct member *a, const struct member *b)
{
    if (a->part == b->part && a->part != 1)
        return false;
    if (r->flows[a->row].agent == r->flows[b->row].agent)
        return true;
    const int64_t most = LCI_CLOCKS + LCI_DELAY;
    return a->start <= b->end + most && b->start <= a->end + most;
}

static void chain(struct lci_rows *r, const struct member *m, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct lci_flow_tree *t = &r->trees[m[i].row];
        if (!may_follow(r, &m[i - 1], &m[i]) || !lci_may_hang(r, m[i].row, m[i - 1].row))
            continue;
        lci_hang(r, m[i].row, m[i - 1].row, "same TCP sequence numbers", false);
        t->chained = true;
    }
}

static struct member member_of(const struct lci_rows *r, uint32_t i)
{
    const struct lci_flow_tree *t = &r->trees[i];
    return (struct member){.row = i,
                           .part = part_of(r->flows[i].point),
                           .point = r->flows[i].point,
                           .length = t->end - t->start,
                           .start = t->start,
                           .end = t->end};
}

void lci_hang_sets(struct lci_rows *r)
{
    uint32_t *sets = lc_alloc(((size_t)r->count + 1) * sizeof *sets), most = 0;
    for (uint32_t i = 0; i < r->count; i++) /* the last one is of those that take no part */
        sets[i] = lci_has(r, i, LCI_HAS_NUMBERS) ? lci_union_find(r->set, i) : r->count;
    uint32_t *order = lci_order_by_key(sets, r->count, r->count + 1);
    struct member *members = NULL;
    for (uint32_t first = 0, next; first < r->count && sets[order[first]] < r->count; first = next) {
        for (next = first + 1; next < r->count && sets[order[next]] == sets[order[first]]; next++)
            ;
        const uint32_t count = next - first;
        if (count > most)
            members = lc_realloc(members, most = 2 * count, sizeof *members);
        for (uint32_t k = 0; k < count; k++)
            members[k] = member_of(r, order[first + k]);
        lci_sort_few(members, count, sizeof *members, by_way);
        rank(r, members, count);
        lci_sort_few(members, count, sizeof *members, by_way);
        chain(r, members, count);
    }
    free(members);
    free(order);
    free(sets);
}
