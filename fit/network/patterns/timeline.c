/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A visit → steps. The official OpenTelemetry SDK for JavaScript writes start times in whole milliseconds and durations
 * in microseconds, so that calls made one after the other seem to overlap by up to one unit of the clock. Whether two
 * operations run at the same time is therefore decided per pair, over all visits: they do when they overlap by more
 * than that in at least half of the cases. An overlap by more is believed in any case.
 *
 * Segments are differences of such times: their errors cancel in the mean, as long as they keep their sign.
 */
#include "network/patterns/timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SLACK    2e-6       /* s; durations and starts are rounded separately */
#define COARSEST 1000000000 /* ns */
#define SELDOM   0.1        /* operations that overlap in fewer cases are called one after the other */

/* More calls of one operation one after the other are counted, and are no step each; of a visit with more steps, all
 * calls one after the other are, whatever their order. */
enum { MANY_EQUAL = 32, MANY_STEPS = 256 };

/* ---- which operations run at the same time ----------------------------------------------------------------------- */

static uint32_t pair_of(const struct lci_overlaps *overlaps, uint32_t a, uint32_t b)
{
    uint32_t at;
    LCI_TABLE_FIND(&overlaps->table, lci_hash_pair(a, b), at, overlaps->pairs[at].a == a && overlaps->pairs[at].b == b);
    return at;
}

static void observe(struct lci_overlaps *overlaps, uint32_t a, uint32_t b, bool overlapping)
{
    uint32_t at = pair_of(overlaps, a, b);
    if (at == LCI_ABSENT) {
        at = (uint32_t)overlaps->count;
        lci_table_add(&overlaps->table, lci_hash_pair(a, b), at);
        LC_GROW(overlaps->pairs, overlaps->count, overlaps->capacity);
        overlaps->pairs[overlaps->count++] = (struct lci_overlap){.a = a, .b = b};
    }
    overlaps->pairs[at].count++;
    overlaps->pairs[at].overlapping += overlapping;
}

static struct lci_overlap overlap_of(const struct lci_overlaps *overlaps, uint32_t a, uint32_t b)
{
    const uint32_t at = pair_of(overlaps, a, b);
    return at != LCI_ABSENT ? overlaps->pairs[at] : (struct lci_overlap){0};
}

static uint64_t followed(const struct lci_overlaps *overlaps, uint32_t a, uint32_t b)
{
    return overlap_of(overlaps, a, b).count;
}

/* The share of cases in which the two, called one after the other in either order, overlapped; 0 if they never were. */
static double overlapping(const struct lci_overlaps *overlaps, uint32_t a, uint32_t b)
{
    const struct lci_overlap one = overlap_of(overlaps, a, b), other = overlap_of(overlaps, b, a);
    const uint64_t count = one.count + other.count;
    return count == 0 ? 0 : (double)(one.overlapping + other.overlapping) / (double)count;
}

/* Whether `next`, which seems to come after `call`, came before it: their starts are equal as far as the clock tells.
 * The order that makes them overlap less is right; if both make them follow each other, the one that is usual after
 * whatever came before. */
static bool swapped(const struct lci_overlaps *overlaps, const struct lci_call *before, const struct lci_call *call,
                    const struct lci_call *next)
{
    if (next->sent - call->sent > overlaps->tolerance)
        return false;
    const double kept = call->answered - next->sent, turned = next->answered - call->sent;
    if (fmax(kept, turned) > 2 * overlaps->tolerance) /* both starts may err by a unit */
        return turned < kept;
    const uint32_t last = before != NULL ? before->operation : LCI_NO_OPERATION;
    return followed(overlaps, last, next->operation) * followed(overlaps, next->operation, call->operation) >
           followed(overlaps, last, call->operation) * followed(overlaps, call->operation, next->operation);
}

/* The calls that are waited for, in order. `calls` has room for all of the visit's. */
static size_t ordered_calls(const struct lci_variant *variant, const struct lci_visit *visit,
                            const struct lci_overlaps *overlaps, const struct lci_call **calls)
{
    size_t count = 0;
    for (uint32_t i = 0; i < visit->call_count; i++) {
        const struct lci_call *call = &variant->calls[visit->first_call + i];
        if (call->forget)
            continue;
        size_t place = count++;
        for (; place > 0 && swapped(overlaps, place > 1 ? calls[place - 2] : NULL, calls[place - 1], call); place--)
            calls[place] = calls[place - 1];
        calls[place] = call;
    }
    return count;
}

void lci_overlaps_gather(const struct lci_visits *visits, const struct lci_operation *operation,
                         struct lci_overlaps *overlaps)
{
    const struct lci_task *task = lci_task_find(visits, operation->task);
    *overlaps = (struct lci_overlaps){.tolerance = (double)lci_resolution(task) * 1e-9 + SLACK};
    if (lci_resolution(task) >= COARSEST) /* few spans, all at whole seconds, tell nothing about the clock */
        overlaps->tolerance = SLACK;
    const struct lci_overlaps nothing = {.tolerance = overlaps->tolerance};
    const struct lci_call **calls = NULL;
    for (size_t c = 0; c < visits->class_count; c++) {
        const struct lci_variant *variant = &operation->variants[c];
        for (size_t v = 0; v < variant->visit_count; v++) {
            if (variant->visits[v].call_count == 0)
                continue;
            calls = lc_realloc(calls, variant->visits[v].call_count, sizeof(const struct lci_call *));
            const size_t count = ordered_calls(variant, &variant->visits[v], &nothing, calls);
            for (size_t i = 0; i < count; i++)
                observe(overlaps, i > 0 ? calls[i - 1]->operation : LCI_NO_OPERATION, calls[i]->operation,
                        i > 0 && calls[i]->sent < calls[i - 1]->answered - overlaps->tolerance);
        }
    }
    free(calls);
}

void lci_overlaps_free(struct lci_overlaps *overlaps)
{
    free(overlaps->pairs);
    lci_table_free(&overlaps->table);
    *overlaps = (struct lci_overlaps){0};
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

static struct lci_step *add_step(struct lci_timeline *timeline, enum lci_step_kind kind, double begin)
{
    LC_GROW(timeline->steps, timeline->step_count, timeline->step_capacity);
    struct lci_step *step = &timeline->steps[timeline->step_count++];
    *step = (struct lci_step){.kind = kind, .first = timeline->call_count, .begin = begin, .end = begin};
    return step;
}

static void add_call(struct lci_timeline *timeline, struct lci_step *step, const struct lci_call *call)
{
    LC_GROW(timeline->calls, timeline->call_count, timeline->call_capacity);
    timeline->calls[timeline->call_count++] = *call;
    step->count++;
}

static int canonical(const void *a, const void *b)
{
    const struct lci_call *x = a, *y = b;
    if (x->operation != y->operation)
        return x->operation < y->operation ? -1 : 1;
    return (x->sent > y->sent) - (x->sent < y->sent);
}

/* Does the call belong to the group that is open? */
static bool joins(const struct lci_overlaps *overlaps, const struct lci_step *group, const struct lci_call *last,
                  const struct lci_call *call)
{
    const double usual = overlapping(overlaps, last->operation, call->operation);
    if (call->sent < group->end - overlaps->tolerance) /* two times that were put in the wrong order err by two units */
        return group->count > 1 || usual >= SELDOM || call->sent < group->end - 2 * overlaps->tolerance;
    return call->sent <= group->end + overlaps->tolerance && usual >= 0.5;
}

static void make_groups(const struct lci_variant *variant, const struct lci_visit *visit,
                        const struct lci_overlaps *overlaps, struct lci_timeline *timeline)
{
    const double late = visit->duration + overlaps->tolerance;
    const struct lci_call **calls = lc_alloc((visit->call_count + (size_t)1) * sizeof(const struct lci_call *));
    const size_t count = ordered_calls(variant, visit, overlaps, calls);
    struct lci_step *group = NULL;
    for (size_t i = 0; i < count; i++) {
        if (group == NULL || !joins(overlaps, group, calls[i - 1], calls[i]))
            group = add_step(timeline, LCI_STEP_CALLS, fmax(calls[i]->sent, -overlaps->tolerance));
        add_call(timeline, group, calls[i]);
        group->end = fmax(group->end, fmin(calls[i]->answered, late));
    }
    free(calls);
}

/* The next call that nobody waits for, from index *i on; NULL at the end. */
static const struct lci_call *next_send(const struct lci_variant *variant, const struct lci_visit *visit, uint32_t *i)
{
    for (; *i < visit->call_count; (*i)++)
        if (variant->calls[visit->first_call + *i].forget && !variant->calls[visit->first_call + *i].forwarded)
            return &variant->calls[visit->first_call + *i];
    return NULL;
}

/* Weaves sends into the groups. A send belongs to the gap after the groups that were dispatched before it; all sends of
 * a gap are one step, at the time of the first. */
static void weave_sends(const struct lci_variant *variant, const struct lci_visit *visit,
                        const struct lci_overlaps *overlaps, struct lci_timeline *timeline)
{
    const size_t groups = timeline->step_count;
    struct lci_step *group = lc_alloc((groups + 1) * sizeof *group);
    if (groups > 0)
        memcpy(group, timeline->steps, groups * sizeof *group);
    timeline->step_count = 0;
    uint32_t i = 0;
    for (size_t g = 0; g <= groups; g++) {
        const double earliest = (g > 0 ? group[g - 1].end : 0) - overlaps->tolerance;
        const double latest = fmax(earliest, g < groups ? group[g].begin : visit->duration);
        struct lci_step *sends = NULL;
        for (const struct lci_call *call; (call = next_send(variant, visit, &i)) != NULL; i++) {
            if (g < groups && call->sent > group[g].begin + overlaps->tolerance)
                break;
            if (sends == NULL)
                sends = add_step(timeline, LCI_STEP_SENDS, fmin(fmax(call->sent, earliest), latest));
            add_call(timeline, sends, call);
        }
        if (g < groups) {
            LC_GROW(timeline->steps, timeline->step_count, timeline->step_capacity);
            timeline->steps[timeline->step_count++] = group[g];
        }
    }
    free(group);
}

static bool single(const struct lci_step *step)
{
    return step->kind == LCI_STEP_CALLS && step->count == 1;
}

/* Whether single calls of the operation one after the other are one step in every visit. */
static bool is_repeated(const struct lci_readings *readings, uint32_t operation)
{
    for (size_t i = 0; i < readings->repeated.count; i++)
        if (readings->repeated.items[i] == operation)
            return true;
    return false;
}

void lci_note_length(struct lci_readings *readings, const struct lci_timeline *timeline)
{
    size_t equal = 0, steps = 0;
    for (size_t s = 0; s < timeline->step_count; s++) {
        const struct lci_step *step = &timeline->steps[s];
        const uint32_t operation = timeline->calls[step->first].operation;
        const bool same =
            s > 0 && single(step) && single(step - 1) && timeline->calls[step[-1].first].operation == operation;
        equal = same ? equal + 1 : 1;
        steps += equal <= MANY_EQUAL;
        if (equal > MANY_EQUAL && !is_repeated(readings, operation))
            lci_token_add(&readings->repeated, operation);
    }
    readings->long_ |= steps > MANY_STEPS;
}

/* Gathers single calls that follow each other: all of them, or those of one operation that is repeated. Their calls
 * stand side by side in the timeline already. */
static void make_runs(struct lci_timeline *timeline, const struct lci_readings *readings, bool all)
{
    size_t kept = 0;
    for (size_t s = 0; s < timeline->step_count; s++) {
        struct lci_step *step = &timeline->steps[s];
        struct lci_step *before = kept > 0 ? &timeline->steps[kept - 1] : NULL;
        const uint32_t operation = timeline->calls[step->first].operation;
        if (!single(step) || (!all && !is_repeated(readings, operation))) {
            timeline->steps[kept++] = *step;
            continue;
        }
        if (before == NULL || before->kind != LCI_STEP_RUN || before->first + before->count != step->first ||
            (!all && timeline->calls[before->first].operation != operation)) {
            timeline->steps[kept] = *step;
            timeline->steps[kept++].kind = LCI_STEP_RUN;
            continue;
        }
        before->inner += step->begin - before->end;
        before->end = step->end;
        before->count++;
    }
    timeline->step_count = kept;
}

static void sort_calls(struct lci_timeline *timeline)
{
    for (size_t s = 0; s < timeline->step_count; s++)
        if (timeline->steps[s].count > 1)
            qsort(timeline->calls + timeline->steps[s].first, timeline->steps[s].count, sizeof *timeline->calls,
                  canonical);
}

void lci_timeline_read(const struct lci_variant *variant, const struct lci_visit *visit,
                       const struct lci_overlaps *overlaps, struct lci_timeline *timeline)
{
    timeline->step_count = timeline->call_count = 0;
    make_groups(variant, visit, overlaps, timeline);
    weave_sends(variant, visit, overlaps, timeline);
    sort_calls(timeline);
}

void lci_timeline_make(const struct lci_variant *variant, const struct lci_visit *visit,
                       const struct lci_readings *readings, bool runs, struct lci_timeline *timeline)
{
    lci_timeline_read(variant, visit, &readings->overlaps, timeline);
    lci_align(readings, variant, visit, timeline);
    if (runs || readings->long_ || readings->repeated.count > 0)
        make_runs(timeline, readings, runs || readings->long_);
    sort_calls(timeline);
    if (timeline->step_count + 1 > timeline->segment_capacity) {
        timeline->segment_capacity = 2 * (timeline->step_count + 1);
        timeline->segments = lc_realloc(timeline->segments, timeline->segment_capacity, sizeof(double));
    }
    double time = 0;
    for (size_t s = 0; s < timeline->step_count; s++) {
        const struct lci_step *step = &timeline->steps[s];
        timeline->segments[s] = step->begin - time;
        time = step->end;
    }
    timeline->segments[timeline->step_count] = visit->duration - time;
}

void lci_timeline_free(struct lci_timeline *timeline)
{
    free(timeline->steps);
    free(timeline->calls);
    free(timeline->segments);
    *timeline = (struct lci_timeline){0};
}
