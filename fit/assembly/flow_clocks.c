/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Differences of agents' clocks within a trace: children lie inside of their parents. Each pair of rows on two agents
 * bounds what is added to the child's clock; the bounds of all such pairs are intersected, and the smallest correction
 * that they allow is made. Extraction compares clocks over all traces besides (docs/extraction.md).
 */
#include "assembly/flow.h"

#include <stdlib.h>

#define TICK INT64_C(1000000) /* instrumentation may write whole ms */

struct pair { /* of agents, in one trace */
    uint32_t trace;
    lc_symbol parent, child;
    int64_t low, high;
};

static int by_agents(const void *left, const void *right)
{
    const struct pair *a = left, *b = right;
    const int64_t order[][2] = {
        {a->trace, b->trace}, {a->parent, b->parent}, {a->child, b->child}, {a->low, b->low}, {a->high, b->high}};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (order[i][0] != order[i][1])
            return order[i][0] < order[i][1] ? -1 : 1;
    return 0;
}

static int64_t whole(int64_t ns)
{
    const int64_t rest = ns % TICK;
    return rest < 0 ? ns - rest - TICK : ns - rest;
}

static size_t gather(const struct lci_rows *r, struct pair *pairs)
{
    size_t count = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        const struct lci_flow_tree *t = &r->trees[i];
        if (t->parent == LCI_NO_FLOW || t->async || t->into != LCI_NO_FLOW)
            continue;
        const struct lci_flow *c = &r->flows[i], *p = &r->flows[t->parent];
        const struct lci_flow_tree *up = &r->trees[t->parent];
        const bool mixed =
            (lci_points[c->point].place == LCI_AT_APPLICATION) != (lci_points[p->point].place == LCI_AT_APPLICATION);
        if (c->agent == p->agent || up->end == up->start || t->end == t->start ||
            (mixed && c->instance != 0 && c->instance == p->instance))
            continue;
        int64_t a = up->start - t->start, b = up->end - t->end;
        if (mixed) {
            a = whole(a);
            b = whole(b);
        }
        pairs[count++] = (struct pair){t->trace, p->agent, c->agent, a < b ? a : b, a < b ? b : a};
    }
    return count;
}

static void sort_pairs(struct pair **pairs, size_t count, uint32_t rows)
{
    struct pair *sorted = lc_alloc((count + 1) * sizeof *sorted);
    uint32_t *traces = lc_alloc((count + 1) * sizeof *traces);
    for (size_t i = 0; i < count; i++)
        traces[i] = (*pairs)[i].trace;
    uint32_t *order = lci_order_by_key(traces, (uint32_t)count, rows);
    for (size_t i = 0; i < count; i++)
        sorted[i] = (*pairs)[order[i]];
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first + 1; next < count && sorted[next].trace == sorted[first].trace; next++)
            ;
        lci_sort_few(sorted + first, next - first, sizeof *sorted, by_agents);
    }
    free(order);
    free(traces);
    free(*pairs);
    *pairs = sorted;
}

/* The bounds of equal agents become one; what contradicts the ones before is passed over. */
static size_t intersect(struct pair *pairs, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct pair *k = kept > 0 ? &pairs[kept - 1] : NULL;
        if (k == NULL || k->trace != pairs[i].trace || k->parent != pairs[i].parent || k->child != pairs[i].child) {
            pairs[kept++] = pairs[i];
            continue;
        }
        const int64_t low = pairs[i].low > k->low ? pairs[i].low : k->low,
                      high = pairs[i].high < k->high ? pairs[i].high : k->high;
        if (low <= high) {
            k->low = low;
            k->high = high;
        }
    }
    return kept;
}

static int64_t correction(const struct pair *p)
{
    return p->low > 0 ? p->low : p->high < 0 ? p->high : 0;
}

struct clock { /* of an agent */
    lc_symbol agent;
    bool known;
    int64_t shift;
};

static struct clock *clock_of(struct clock *clocks, size_t *count, lc_symbol agent)
{
    for (size_t i = 0; i < *count; i++)
        if (clocks[i].agent == agent)
            return &clocks[i];
    clocks[*count] = (struct clock){.agent = agent};
    return &clocks[(*count)++];
}

/* Of one trace: agents that are nobody's child are right; the others follow from their parents', each once. */
static size_t settle(const struct pair *pairs, size_t count, struct clock *clocks)
{
    size_t agents = 0;
    for (size_t i = 0; i < count; i++)
        clock_of(clocks, &agents, pairs[i].parent)->known = true;
    for (size_t i = 0; i < count; i++)
        clock_of(clocks, &agents, pairs[i].child)->known = false;
    bool more = true, any = false;
    for (size_t i = 0; i < agents; i++)
        any |= clocks[i].known;
    if (!any && agents > 0) /* a circle: the first parent is right */
        clock_of(clocks, &agents, pairs[0].parent)->known = true;
    for (size_t round = 0; more && round <= agents; round++) {
        more = false;
        for (size_t i = 0; i < count; i++) {
            const struct clock *p = clock_of(clocks, &agents, pairs[i].parent);
            struct clock *c = clock_of(clocks, &agents, pairs[i].child);
            if (!p->known || c->known)
                continue;
            c->known = more = true;
            c->shift = p->shift + correction(&pairs[i]);
        }
    }
    return agents;
}

/* More pairs of agents in one trace than this are left as they are: it is no trace. */
#define MOST_PAIRS 512

void lci_correct_clocks(struct lci_rows *r)
{
    struct pair *pairs = lc_alloc((r->count + 1) * sizeof *pairs);
    struct clock clocks[2 * MOST_PAIRS];
    size_t count = gather(r, pairs);
    sort_pairs(&pairs, count, r->count);
    count = intersect(pairs, count);
    struct lci_index shifts = {0}; /* by trace and agent; the row is the place in `values` */
    int64_t *values = lc_alloc((2 * count + 1) * sizeof *values);
    uint32_t value_count = 0;
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first + 1; next < count && pairs[next].trace == pairs[first].trace; next++)
            ;
        if (next - first > MOST_PAIRS)
            continue;
        const size_t agents = settle(pairs + first, next - first, clocks);
        for (size_t a = 0; a < agents; a++) {
            lci_index_add(&shifts, lci_key(pairs[first].trace, clocks[a].agent), 0, value_count);
            values[value_count++] = clocks[a].shift;
        }
    }
    lci_index_sort(&shifts);
    for (uint32_t i = 0; i < r->count && shifts.count > 0; i++) {
        size_t found = 0;
        const struct lci_keyed *k = lci_index_until(&shifts, lci_key(r->trees[i].trace, r->flows[i].agent), 0, &found);
        if (found > 0)
            r->trees[i].shift = values[k->row];
    }
    lci_index_free(&shifts);
    free(values);
    free(pairs);
}
