/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an observation lasted besides what it waited for: its duration less the union of the times of those below it.
 * The same request at the next point on its way compares by its duration alone, whatever the clocks say. What nobody
 * waits for does not count.
 */
#include "assembly/flow.h"

#include <stdlib.h>

struct window {
    int64_t from, to;
};

static int by_begin(const void *left, const void *right)
{
    const struct window *a = left, *b = right;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return (a->to > b->to) - (a->to < b->to);
}

/* The part of a child's time that lies in its parent's. */
static struct window window_of(const struct lci_rows *r, uint32_t i)
{
    const struct lci_flow_tree *c = &r->trees[i], *p = &r->trees[c->parent];
    const int64_t begin = p->start + p->shift, end = p->end + p->shift;
    struct window w = {c->start + c->shift, c->end + c->shift};
    if (c->chained) {
        const int64_t length = c->end - c->start < end - begin ? c->end - c->start : end - begin;
        w.from = w.from < begin ? begin : w.from > end - length ? end - length : w.from;
        w.to = w.from + length;
    }
    w.from = w.from < begin ? begin : w.from > end ? end : w.from;
    w.to = w.to < w.from ? w.from : w.to > end ? end : w.to;
    return w;
}

/* Takes the union of the windows from the parent's time. */
static void take(struct lci_flow_tree *parent, struct window *windows, size_t count)
{
    lci_sort_few(windows, count, sizeof *windows, by_begin);
    int64_t reached = windows[0].from; /* up to where the parent's time is taken */
    for (size_t k = 0; k < count; k++) {
        const struct window *w = &windows[k];
        const int64_t from = w->from > reached ? w->from : reached;
        if (w->to > from) {
            parent->self -= w->to - from;
            reached = w->to;
        }
    }
}

void lci_find_self_times(struct lci_rows *r)
{
    uint32_t *parents = lc_alloc(((size_t)r->count + 1) * sizeof *parents), most = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        struct lci_flow_tree *t = &r->trees[i];
        t->self = t->end - t->start;
        parents[i] = t->parent != LCI_NO_FLOW && !t->async ? t->parent : r->count;
    }
    uint32_t *order = lci_order_by_key(parents, r->count, r->count + 1);
    struct window *windows = NULL;
    for (uint32_t first = 0, next; first < r->count && parents[order[first]] < r->count; first = next) {
        for (next = first + 1; next < r->count && parents[order[next]] == parents[order[first]]; next++)
            ;
        if (next - first > most)
            windows = lc_realloc(windows, most = 2 * (next - first), sizeof *windows);
        for (uint32_t k = first; k < next; k++)
            windows[k - first] = window_of(r, order[k]);
        take(&r->trees[parents[order[first]]], windows, next - first);
    }
    free(windows);
    free(order);
    free(parents);
}
