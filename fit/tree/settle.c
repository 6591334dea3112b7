/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A clock that ticks every millisecond writes each start up to one tick too early, while durations are often measured
 * finely. Two calls that followed each other then seem to overlap, and a call seems to end after its caller. Real times
 * lie in [written, written + tick); among the times that this allows we take ones in which calls that can follow each
 * other do, and calls end within their caller if they can.
 */
#include "tree/timing.h"

#include <stdlib.h>

struct sorting {
    const struct lci_span_window *windows;
};

/* Of two calls written in the same tick the one whose span was written first is put first, because processes write
 * spans as they end; without that knowledge the shorter one: it is the one the other can follow. */
static int compare(const void *a, const void *b, void *context)
{
    const struct sorting *s = context;
    const uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const struct lci_span_window *x = &s->windows[i], *y = &s->windows[j];
    if (x->request != y->request)
        return x->request < y->request ? -1 : 1;
    if (x->blocking != y->blocking)
        return x->blocking ? -1 : 1;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->response != y->response)
        return x->response < y->response ? -1 : 1;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return (i > j) - (i < j);
}

/* A heap of ends, the earliest on top. */
static void push(int64_t *ends, size_t *count, int64_t end)
{
    size_t i = (*count)++;
    for (; i > 0 && ends[(i - 1) / 2] > end; i = (i - 1) / 2)
        ends[i] = ends[(i - 1) / 2];
    ends[i] = end;
}

static int64_t pop(int64_t *ends, size_t *count)
{
    const int64_t top = ends[0], last = ends[--*count];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= *count)
            break;
        if (child + 1 < *count && ends[child + 1] < ends[child])
            child++;
        if (ends[child] >= last)
            break;
        ends[i] = ends[child];
        i = child;
    }
    if (*count > 0)
        ends[i] = last;
    return top;
}

/* Where each call begins at the earliest when the caller began at `start`, and by how much the last awaited one then
 * ends after `end`. With `move` the windows are moved there. */
static int64_t place(int64_t start, int64_t end, int64_t tick, struct lci_span_window *windows, size_t count,
                     const uint32_t *order, int64_t *ends, bool move)
{
    size_t pending = 0;
    int64_t reach = start, overrun = 0;
    for (size_t i = 0; i < count; i++) {
        struct lci_span_window *w = &windows[order[i]];
        const int64_t written = w->request, length = w->response - w->request;
        while (pending > 0 && ends[0] < written + tick) {
            const int64_t done = pop(ends, &pending);
            if (done > reach)
                reach = done;
        }
        /* `reach` may lie a tick or more ahead only where the caller itself began late: then the call stays. */
        const int64_t begin = reach > written && reach < written + tick ? reach : written;
        if (w->blocking) {
            push(ends, &pending, begin + length);
            if (begin + length - end > overrun)
                overrun = begin + length - end;
        }
        if (move) {
            w->request = begin;
            w->response = begin + length;
        }
    }
    return overrun;
}

void lci_settle(int64_t start, int64_t end, int64_t tick, struct lci_span_window *windows, size_t count,
                uint32_t *order, int64_t *ends)
{
    if (tick <= 1 || count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    struct sorting sorting = {windows};
    qsort_r(order, count, sizeof *order, compare, &sorting);
    /* The caller's own start was written too early as well: let it begin as late as its calls need. Beginning later can
     * push calls later again, by less each time. */
    int64_t shift = 0;
    for (int round = 0; round < 4; round++) {
        const int64_t overrun = place(start + shift, end + shift, tick, windows, count, order, ends, false);
        if (overrun == 0 || shift + overrun >= tick)
            break;
        shift += overrun;
    }
    place(start + shift, end + shift, tick, windows, count, order, ends, true);
    for (size_t i = 0; i < count; i++) {
        windows[i].request -= shift;
        windows[i].response -= shift;
    }
}
