/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tree/timing.h"

#include <stdlib.h>

struct bounds {
    int64_t start, end;
};

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static int64_t largest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Length of the part of the window within the caller; negative when it lies wholly outside, and for fire-and-forget. */
static int64_t inner_length(const struct lci_span_window *w, struct bounds caller)
{
    if (!w->blocking)
        return -1;
    const int64_t from = largest(w->request, caller.start);
    return (w->response < caller.end ? w->response : caller.end) - from;
}

/* The order of the sweep: by time of the request within the caller; a window of no length before one that begins where
 * it lies, because it is not inside that one; then as the requests really were, longer first, and by id. */
static int compare(const struct lci_span_window *a, const struct lci_span_window *b, struct bounds caller)
{
    const int64_t qa = clamp(a->request, caller.start, caller.end), qb = clamp(b->request, caller.start, caller.end);
    if (qa != qb)
        return qa < qb ? -1 : 1;
    const int64_t la = inner_length(a, caller), lb = inner_length(b, caller);
    if ((la > 0) != (lb > 0))
        return la > 0 ? 1 : -1;
    if (a->request != b->request)
        return a->request < b->request ? -1 : 1;
    if (la != lb)
        return la > lb ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

struct sorting {
    const struct lci_span_window *windows;
    struct bounds caller;
};

static int compare_indices(const void *a, const void *b, void *context)
{
    const struct sorting *s = context;
    const uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const int c = compare(&s->windows[i], &s->windows[j], s->caller);
    return c != 0 ? c : (i > j) - (i < j);
}

/* Calls nearly always come sorted and are few; insertion then costs one comparison each. */
static void sort_windows(const struct lci_span_window *windows, size_t count, struct bounds caller, uint32_t *order)
{
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    if (count > 24) {
        struct sorting sorting = {windows, caller};
        qsort_r(order, count, sizeof *order, compare_indices, &sorting);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        const uint32_t moving = order[i];
        size_t j = i;
        for (; j > 0 && compare(&windows[moving], &windows[order[j - 1]], caller) < 0; j--)
            order[j] = order[j - 1];
        order[j] = moving;
    }
}

/* One sweep in the order of requests. All windows before the current one began no later, so that the union of them,
 * as far as it matters from here on, is known by its length and its end. */
struct lci_timing lci_timing(int64_t start, int64_t end, struct lci_span_window *windows, size_t count, uint32_t *order,
                             int64_t *segments)
{
    const struct bounds caller = {start, end};
    struct lci_timing t = {.self = end - start};
    int64_t reach = start;        /* end of the union so far */
    int64_t group_reach = start;  /* end of the group's windows that began before `group_from` */
    int64_t group_from = start;   /* latest request in the group */
    int64_t group_latest = start; /* end of all of the group's windows */
    sort_windows(windows, count, caller, order);
    for (size_t i = 0; i < count; i++) {
        struct lci_span_window *w = &windows[order[i]];
        const int64_t q = clamp(w->request, start, end), length = inner_length(w, caller);
        const int64_t ahead = reach > q ? reach - q : 0;
        w->relative = q - start - (t.blocked - ahead);
        w->own = length > 0 ? length : 0;
        w->marginal = w->own > ahead ? w->own - ahead : 0;
        w->group = -1;
        if (length < 0)
            continue;
        if (q > group_from) {
            group_from = q;
            group_reach = group_latest;
        }
        /* A window with a length overlaps what began with it or before it and still lasts; a point must lie strictly
         * inside something. */
        if (t.group_count == 0 || (length > 0 ? group_latest : group_reach) <= q) {
            segments[t.group_count++] = q - reach;
            group_from = group_reach = q;
            group_latest = q;
        }
        w->group = (int32_t)t.group_count - 1;
        group_latest = largest(group_latest, q + length);
        t.blocked += w->marginal;
        reach = largest(reach, q + length);
    }
    segments[t.group_count] = end - reach;
    t.self -= t.blocked;
    return t;
}
