/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes the spans of one trace a forest: ids unique, parents there, no cycle, times in order. A span that is left out
 * gets the id 0 and goes in the end, so that indices stay valid on the way.
 */
#include "normalise.h"

#include <stdlib.h>
#include <string.h>

#define EARLIEST (INT64_C(631152000) * 1000000000) /* 1990-01-01 */

void lci_scratch_free(struct lci_scratch *s)
{
    lci_table_free(&s->table);
    free(s->parents);
    free(s->orders.items);
    *s = (struct lci_scratch){0};
}

static void prepare(struct lci_work *w)
{
    struct lci_scratch *s = w->scratch;
    lci_table_clear(&s->table, w->count);
    if (w->count > s->capacity) {
        s->capacity = 2 * (size_t)w->count;
        free(s->parents);
        s->parents = lc_alloc(4 * s->capacity * sizeof *s->parents);
    }
    w->table = &s->table;
    w->parents = s->parents;
    w->next = s->parents + s->capacity;
    w->twins = s->parents + 2 * s->capacity;
    for (uint32_t i = 0; i < w->count; i++)
        w->parents[i] = w->next[i] = LCI_NO_SPAN;
}

/* ---- times, first part ------------------------------------------------------------------------------------------- */

/* Files made by hand or by a simulator count from 0: then all of a trace lies before 1990, and that is right. In a
 * trace of today a start of 0 means that there is none, and another time before 1990 is impossible. */
static void check_starts(struct lci_work *w)
{
    bool today = false;
    for (uint32_t i = 0; i < w->count; i++)
        today |= w->spans[i].start >= EARLIEST;
    for (uint32_t i = 0; i < w->count; i++) {
        struct lc_span *span = &w->spans[i];
        if (today && span->start == 0)
            span->flags |= LCI_SPAN_NO_START;
        w->any_no_start |= (span->flags & LCI_SPAN_NO_START) != 0;
        w->any_no_duration |= (span->flags & LC_SPAN_NO_DURATION) != 0;
        if (today && span->start < EARLIEST && !(span->flags & LCI_SPAN_NO_START)) {
            w->repairs->count[LC_REPAIR_ABSURD_TIME]++;
            lci_leave_out(w, i);
        }
    }
}

/* ---- parents ----------------------------------------------------------------------------------------------------- */

static const struct lci_alternative *alternatives_of(const struct lci_work *w, uint32_t span)
{
    size_t low = 0, high = w->open->alternative_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (w->open->alternatives[middle].span < span)
            low = middle + 1;
        else
            high = middle;
    }
    return w->open->alternatives + low;
}

/* The parent's index, from the first choice or an alternative. LCI_NO_SPAN: a root. */
static uint32_t parent_of(struct lci_work *w, uint32_t i)
{
    struct lc_span *span = &w->spans[i];
    if (span->parent == 0)
        return LCI_NO_SPAN;
    if (span->parent == span->id) {
        w->repairs->count[LC_REPAIR_SELF_PARENT]++;
        return LCI_NO_SPAN;
    }
    uint32_t parent = lci_find_id(w, span->parent);
    if (parent == LCI_NO_SPAN && w->open->alternative_count > 0) {
        const struct lci_alternative *at = alternatives_of(w, i),
                                     *end = w->open->alternatives + w->open->alternative_count;
        for (; at < end && at->span == i && parent == LCI_NO_SPAN; at++) {
            parent = lci_find_id(w, at->id);
            if (parent != LCI_NO_SPAN)
                span->flags = (uint16_t)((span->flags & ~LC_SPAN_FOLLOWS) | (at->follows ? LC_SPAN_FOLLOWS : 0));
        }
    }
    if (parent == LCI_NO_SPAN) {
        w->repairs->count[LC_REPAIR_ORPHAN]++;
        span->flags |= LC_SPAN_ORPHAN;
        return LCI_NO_SPAN;
    }
    return lci_twin_for(w, parent, span);
}

static void find_parents(struct lci_work *w)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (w->spans[i].id != 0 && w->parents[i] == LCI_NO_SPAN)
            w->parents[i] = parent_of(w, i);
}

static bool started_before(const struct lci_work *w, uint32_t a, uint32_t b)
{
    const int64_t first = w->spans[a].start, second = w->spans[b].start;
    return first != second ? first < second : a < b;
}

/* Walks up from every span; `next` now says in which walk a span was met. A walk that meets itself found a cycle. */
static void cut_cycles(struct lci_work *w)
{
    uint32_t *walk = w->next;
    for (uint32_t i = 0; i < w->count; i++)
        walk[i] = LCI_NO_SPAN;
    for (uint32_t i = 0; i < w->count; i++) {
        uint32_t at = i;
        while (at != LCI_NO_SPAN && walk[at] == LCI_NO_SPAN) {
            walk[at] = i;
            at = w->parents[at];
        }
        if (at == LCI_NO_SPAN || walk[at] != i)
            continue;
        uint32_t earliest = at;
        for (uint32_t on = w->parents[at]; on != at; on = w->parents[on])
            if (started_before(w, on, earliest))
                earliest = on;
        w->parents[earliest] = LCI_NO_SPAN;
        w->repairs->count[LC_REPAIR_CYCLE]++;
    }
}

/* ---- times, second part ------------------------------------------------------------------------------------------ */

static void give_start(struct lc_span *span, int64_t start)
{
    span->end = start + (span->end > span->start ? span->end - span->start : 0);
    span->start = start;
    span->flags &= (uint16_t)~LCI_SPAN_NO_START;
}

/* A missing start is that of the nearest ancestor that has one, or the earliest of the trace. */
static void find_starts(struct lci_work *w)
{
    int64_t earliest = INT64_MAX;
    for (uint32_t i = 0; i < w->count; i++)
        if (w->spans[i].id != 0 && !(w->spans[i].flags & LCI_SPAN_NO_START) && w->spans[i].start < earliest)
            earliest = w->spans[i].start;
    if (earliest == INT64_MAX)
        earliest = 0;
    for (uint32_t i = 0; i < w->count; i++) {
        uint32_t above = i;
        while (above != LCI_NO_SPAN && w->spans[above].flags & LCI_SPAN_NO_START)
            above = w->parents[above];
        const int64_t start = above != LCI_NO_SPAN ? w->spans[above].start : earliest;
        for (uint32_t at = i; at != above; at = w->parents[at]) {
            w->repairs->count[LC_REPAIR_NO_START] += w->spans[at].id != 0;
            give_start(&w->spans[at], start);
        }
    }
}

/* A missing end is that of the last event (done by the reader) or of the last child that the span waited for. Leaves
 * first: `left` counts the children not yet seen. */
static void find_ends(struct lci_work *w)
{
    uint32_t *left = lc_calloc(w->count, sizeof *left), *queue = w->next, tail = 0;
    for (uint32_t i = 0; i < w->count; i++)
        if (w->parents[i] != LCI_NO_SPAN)
            left[w->parents[i]]++;
    for (uint32_t i = 0; i < w->count; i++)
        if (left[i] == 0)
            queue[tail++] = i;
    for (uint32_t head = 0; head < tail; head++) {
        struct lc_span *span = &w->spans[queue[head]];
        const uint32_t up = w->parents[queue[head]];
        if (span->flags & LC_SPAN_NO_DURATION && span->id != 0) {
            w->repairs->count[LC_REPAIR_NO_DURATION]++;
            if (span->end > span->start)
                span->flags &= (uint16_t)~LC_SPAN_NO_DURATION;
        }
        if (up == LCI_NO_SPAN)
            continue;
        struct lc_span *parent = &w->spans[up];
        const bool waited = !(span->flags & LC_SPAN_FOLLOWS) && span->kind != LC_KIND_CONSUMER;
        if (parent->flags & LC_SPAN_NO_DURATION && waited && span->end > parent->end)
            parent->end = span->end;
        if (--left[up] == 0)
            queue[tail++] = up;
    }
    free(left);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void finish(struct lci_work *w, lc_symbol unknown_service)
{
    for (uint32_t i = 0; i < w->count; i++) {
        struct lc_span *span = &w->spans[i];
        span->parent = w->parents[i] != LCI_NO_SPAN ? w->spans[w->parents[i]].id : 0;
        if (span->parent == 0)
            span->flags &= (uint16_t)~LC_SPAN_FOLLOWS;
        if (span->id == 0)
            continue;
        w->repairs->count[LC_REPAIR_SKEW_ADJUSTED] += (span->flags & LC_SPAN_SKEW_ADJUSTED) != 0;
        if (span->service == 0) {
            span->service = unknown_service;
            w->repairs->count[LC_REPAIR_NO_SERVICE]++;
        }
    }
    if (!w->any_left_out)
        return;
    size_t kept = 0;
    for (uint32_t i = 0; i < w->count; i++)
        if (w->spans[i].id != 0)
            w->spans[kept++] = w->spans[i];
    w->open->span_count = kept;
}

void lci_normalise(struct lci_open *open, lc_symbol unknown_service, struct lci_scratch *scratch,
                   struct lc_repairs *repairs)
{
    struct lci_work w = {.open = open,
                         .spans = open->spans,
                         .count = (uint32_t)open->span_count,
                         .scratch = scratch,
                         .repairs = repairs};
    prepare(&w);
    check_starts(&w);
    lci_index_ids(&w);
    if (open->pipeline)
        lci_link_steps(&w);
    find_parents(&w);
    lci_rename_twins(&w);
    cut_cycles(&w);
    if (w.any_no_start)
        find_starts(&w);
    if (w.any_no_duration)
        find_ends(&w);
    finish(&w, unknown_service);
}
