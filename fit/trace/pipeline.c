/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps of a pipeline that record when they ran, for which piece of data, and nothing of each other. The steps of a
 * trace are put in the order in which they began. How many records two neighbours have tells what lies between them: as
 * many each is a hop, more is a fan-out, fewer a join, whose record follows when the last of those before it has ended.
 */
#include "normalise.h"

#include <stdlib.h>

#define CLOCK 1000000 /* ns: starts are cut to whole ms */

struct record {
    uint32_t span;
    const struct lc_span *s;
};
struct step {               /* the records of one service */
    struct record *records; /* by start */
    uint32_t count;
};

/* ---- which step comes first -------------------------------------------------------------------------------------- */

enum { MOST_STEPS = 64 }; /* of a trace, beyond which nobody counts their orders */

static struct lci_step_order *order_of(const struct lci_step_orders *orders, lc_symbol before, lc_symbol after)
{
    for (size_t i = 0; i < orders->count; i++)
        if (orders->items[i].before == before && orders->items[i].after == after)
            return &orders->items[i];
    return NULL;
}

static void count_order(struct lci_step_orders *orders, lc_symbol before, lc_symbol after)
{
    struct lci_step_order *order = order_of(orders, before, after);
    if (order == NULL) {
        LC_GROW(orders->items, orders->count, orders->capacity);
        order = &orders->items[orders->count++];
        *order = (struct lci_step_order){before, after, 0};
    }
    order->traces++;
}

void lci_note_orders(struct lci_step_orders *orders, const struct lci_open *open)
{
    struct begin {
        lc_symbol service;
        int64_t start;
    } steps[MOST_STEPS];
    size_t count = 0;
    for (size_t i = 0; i < open->span_count; i++) {
        const struct lc_span *s = &open->spans[i];
        size_t k = 0;
        while (k < count && steps[k].service != s->service)
            k++;
        if (k == MOST_STEPS)
            return;
        if (k == count)
            steps[count++] = (struct begin){s->service, s->start};
        else if (s->start < steps[k].start)
            steps[k].start = s->start;
    }
    for (size_t i = 1; i < count; i++) { /* by start */
        const struct begin moving = steps[i];
        size_t k = i;
        for (; k > 0 && moving.start < steps[k - 1].start; k--)
            steps[k] = steps[k - 1];
        steps[k] = moving;
    }
    for (size_t i = 1; i < count; i++)
        if (steps[i - 1].start + CLOCK <= steps[i].start)
            count_order(orders, steps[i - 1].service, steps[i].service);
}

static int by_times(const struct lc_span *x, const struct lc_span *y)
{
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static int by_service(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    return x->s->service != y->s->service ? (x->s->service < y->s->service ? -1 : 1) : by_times(x->s, y->s);
}

/* Steps that began in the same unit of the clock come in the order that most other traces show. */
static bool is_before(const struct step *x, const struct step *y, const struct lci_step_orders *orders)
{
    const struct lc_span *a = x->records->s, *b = y->records->s;
    if (a->start == b->start) {
        const struct lci_step_order *first = order_of(orders, a->service, b->service),
                                    *second = order_of(orders, b->service, a->service);
        const uint64_t as = first != NULL ? first->traces : 0, against = second != NULL ? second->traces : 0;
        if (as != against)
            return as > against;
    }
    return by_times(a, b) < 0;
}

static void sort_steps(struct step *steps, uint32_t count, const struct lci_step_orders *orders)
{
    for (uint32_t i = 1; i < count; i++) {
        const struct step moving = steps[i];
        uint32_t k = i;
        for (; k > 0 && is_before(&moving, &steps[k - 1], orders); k--)
            steps[k] = steps[k - 1];
        steps[k] = moving;
    }
}

static int by_end(const void *a, const void *b)
{
    const struct lc_span *x = ((const struct record *)a)->s, *y = ((const struct record *)b)->s;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return by_times(x, y);
}

/* Few records mostly, and nearly in order: as they were written. */
static void sort(struct record *records, uint32_t count, int (*compare)(const void *, const void *))
{
    if (count > 32) {
        qsort(records, count, sizeof *records, compare);
        return;
    }
    for (uint32_t i = 1; i < count; i++) {
        const struct record moving = records[i];
        uint32_t j = i;
        for (; j > 0 && compare(&moving, &records[j - 1]) < 0; j--)
            records[j] = records[j - 1];
        records[j] = moving;
    }
}

/* The one before that the n-th record of a step follows: of its share of them the last one that ended, or the last one
 * that had ended when it began. `before` by end. */
static const struct record *followed(const struct step *before, uint64_t n, const struct step *step)
{
    const uint64_t many = before->count, count = step->count;
    const uint64_t at = count >= many ? n * many / count : (n + 1) * many / count - 1;
    const int64_t start = step->records[n].s->start + CLOCK;
    if (before->records[at].s->end <= start)
        return &before->records[at];
    uint64_t low = 0, high = at; /* the first that ended later */
    while (low < high) {
        const uint64_t middle = (low + high) / 2;
        if (before->records[middle].s->end <= start)
            low = middle + 1;
        else
            high = middle;
    }
    return &before->records[low > 0 ? low - 1 : at];
}

static void link(struct lci_work *w, struct step *before, const struct step *step)
{
    sort(before->records, before->count, by_end);
    for (uint32_t n = 0; n < step->count; n++) {
        struct lc_span *span = &w->spans[step->records[n].span];
        w->parents[step->records[n].span] = followed(before, n, step)->span;
        span->kind = LC_KIND_CONSUMER;
        span->flags |= LC_SPAN_FOLLOWS;
    }
}

void lci_link_steps(struct lci_work *w)
{
    struct record *records = lc_alloc(w->count * sizeof *records);
    uint32_t count = 0, steps = 0;
    for (uint32_t i = 0; i < w->count; i++)
        if (w->spans[i].id != 0 && w->spans[i].parent == 0 && w->parents[i] == LCI_NO_SPAN)
            records[count++] = (struct record){i, &w->spans[i]};
    sort(records, count, by_service);
    struct step *step = lc_alloc((count + 1) * sizeof *step);
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || records[i].s->service != records[i - 1].s->service)
            step[steps++] = (struct step){&records[i], 0};
        step[steps - 1].count++;
    }
    sort_steps(step, steps, &w->scratch->orders);
    for (uint32_t i = 1; i < steps; i++) /* the first first: what is before a step is sorted by end then */
        link(w, &step[i - 1], &step[i]);
    free(step);
    free(records);
}
