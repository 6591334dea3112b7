/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an observation lasted besides what it waited for: its duration less the union of the times of those below it.
 * The same request at the next point on its way compares by its duration alone, whatever the clocks say. What nobody
 * waits for does not count.
 */
#include "assembly/flow.h"

#include <stdlib.h>

struct window {
    uint32_t parent;
    int64_t from, to;
};

static int by_parent(const void *left, const void *right)
{
    const struct window *a = left, *b = right;
    if (a->parent != b->parent)
        return a->parent < b->parent ? -1 : 1;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return (a->to > b->to) - (a->to < b->to);
}

/* The part of a child's time that lies in its parent's. */
static struct window window_of(const struct lci_rows *r, uint32_t i)
{
    const struct lci_flow_tree *c = &r->trees[i], *p = &r->trees[c->parent];
    const int64_t begin = p->start + p->shift, end = p->end + p->shift;
    struct window w = {c->parent, c->start + c->shift, c->end + c->shift};
    if (c->chained) {
        const int64_t length = c->end - c->start < end - begin ? c->end - c->start : end - begin;
        w.from = w.from < begin ? begin : w.from > end - length ? end - length : w.from;
        w.to = w.from + length;
    }
    w.from = w.from < begin ? begin : w.from > end ? end : w.from;
    w.to = w.to < w.from ? w.from : w.to > end ? end : w.to;
    return w;
}

void lci_find_self_times(struct lci_rows *r)
{
    struct window *windows = lc_alloc((r->count + 1) * sizeof *windows);
    size_t count = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        r->trees[i].self = r->trees[i].end - r->trees[i].start;
        if (r->trees[i].parent != LCI_NO_FLOW && !r->trees[i].async)
            windows[count++] = window_of(r, i);
    }
    if (count > 1)
        qsort(windows, count, sizeof *windows, by_parent);
    int64_t reached = 0; /* up to where the parent's time is taken */
    for (size_t k = 0; k < count; k++) {
        const struct window *w = &windows[k];
        if (k == 0 || windows[k - 1].parent != w->parent)
            reached = w->from;
        const int64_t from = w->from > reached ? w->from : reached;
        if (w->to > from) {
            r->trees[w->parent].self -= w->to - from;
            reached = w->to;
        }
    }
    free(windows);
}
