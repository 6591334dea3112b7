/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A visit → steps. The official OpenTelemetry SDK for JavaScript writes start times in whole milliseconds and durations
 * in microseconds, so that calls made one after the other seem to overlap by up to one unit of the clock. Whether two
 * operations run at the same time is therefore decided per pair, over all visits: they do when they overlap by more
 * than that in at least half of the cases. An overlap by more is believed in any case.
 *
 * Segments are differences of such times: their errors cancel in the mean, as long as they keep their sign.
 */
#include "learner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SLACK 2e-6 /* s; durations and starts are rounded separately */

/* ---- which operations run at the same time ----------------------------------------------------------------------- */

static struct lci_overlap *pair_of(struct lci_overlaps *overlaps, uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < overlaps->count; i++)
        if (overlaps->pairs[i].a == a && overlaps->pairs[i].b == b)
            return &overlaps->pairs[i];
    LC_GROW(overlaps->pairs, overlaps->count, overlaps->capacity);
    overlaps->pairs[overlaps->count] = (struct lci_overlap){.a = a, .b = b};
    return &overlaps->pairs[overlaps->count++];
}

static void gather_visit(const struct lci_variant *variant, const struct lci_visit *visit,
                         struct lci_overlaps *overlaps)
{
    const struct lci_call *before = NULL;
    for (uint32_t i = 0; i < visit->call_count; i++) {
        const struct lci_call *call = &variant->calls[visit->first_call + i];
        if (call->forget)
            continue;
        if (before != NULL) {
            const bool ordered = before->operation <= call->operation;
            struct lci_overlap *pair = pair_of(overlaps, ordered ? before->operation : call->operation,
                                               ordered ? call->operation : before->operation);
            pair->count++;
            pair->overlapping += call->sent < before->answered - overlaps->tolerance;
        }
        before = call;
    }
}

void lci_overlaps_gather(const struct lc_learner *learner, const struct lci_operation *operation,
                         struct lci_overlaps *overlaps)
{
    const struct lci_task *task = lci_task_find(learner, operation->task);
    *overlaps = (struct lci_overlaps){.tolerance = (double)task->resolution * 1e-9 + SLACK};
    if (task->resolution >= 1000000000) /* one span at a whole second tells nothing about the clock */
        overlaps->tolerance = SLACK;
    for (size_t c = 0; c < learner->class_count; c++)
        for (size_t v = 0; v < operation->variants[c].visit_count; v++)
            gather_visit(&operation->variants[c], &operation->variants[c].visits[v], overlaps);
}

void lci_overlaps_free(struct lci_overlaps *overlaps)
{
    free(overlaps->pairs);
    overlaps->pairs = NULL;
    overlaps->count = overlaps->capacity = 0;
}

static bool concurrent(const struct lci_overlaps *overlaps, uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < overlaps->count; i++)
        if (overlaps->pairs[i].a == (a < b ? a : b) && overlaps->pairs[i].b == (a < b ? b : a))
            return 2 * overlaps->pairs[i].overlapping >= overlaps->pairs[i].count;
    return false;
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
    if (call->sent < group->end - overlaps->tolerance)
        return true;
    return call->sent <= group->end + overlaps->tolerance && concurrent(overlaps, last->operation, call->operation);
}

static void make_groups(const struct lci_variant *variant, const struct lci_visit *visit,
                        const struct lci_overlaps *overlaps, struct lci_timeline *timeline)
{
    const double late = visit->duration + overlaps->tolerance;
    const struct lci_call *last = NULL;
    struct lci_step *group = NULL;
    for (uint32_t i = 0; i < visit->call_count; i++) {
        const struct lci_call *call = &variant->calls[visit->first_call + i];
        if (call->forget)
            continue;
        if (group == NULL || !joins(overlaps, group, last, call))
            group = add_step(timeline, LCI_STEP_CALLS, fmax(call->sent, -overlaps->tolerance));
        add_call(timeline, group, call);
        group->end = fmax(group->end, fmin(call->answered, late));
        last = call;
    }
}

/* The next call that nobody waits for, from index *i on; NULL at the end. */
static const struct lci_call *next_send(const struct lci_variant *variant, const struct lci_visit *visit, uint32_t *i)
{
    for (; *i < visit->call_count; (*i)++)
        if (variant->calls[visit->first_call + *i].forget)
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

/* Gathers single calls that follow each other. Their calls stand side by side in the timeline already. */
static void make_runs(struct lci_timeline *timeline)
{
    size_t kept = 0;
    for (size_t s = 0; s < timeline->step_count; s++) {
        struct lci_step *step = &timeline->steps[s];
        struct lci_step *before = kept > 0 ? &timeline->steps[kept - 1] : NULL;
        if (!single(step)) {
            timeline->steps[kept++] = *step;
            continue;
        }
        if (before == NULL || before->kind != LCI_STEP_RUN || before->first + before->count != step->first) {
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

void lci_timeline_make(const struct lci_variant *variant, const struct lci_visit *visit,
                       const struct lci_overlaps *overlaps, bool runs, struct lci_timeline *timeline)
{
    timeline->step_count = timeline->call_count = 0;
    make_groups(variant, visit, overlaps, timeline);
    weave_sends(variant, visit, overlaps, timeline);
    if (runs)
        make_runs(timeline);
    if (timeline->step_count + 1 > timeline->segment_capacity) {
        timeline->segment_capacity = 2 * (timeline->step_count + 1);
        timeline->segments = lc_realloc(timeline->segments, timeline->segment_capacity, sizeof(double));
    }
    double time = 0;
    for (size_t s = 0; s < timeline->step_count; s++) {
        const struct lci_step *step = &timeline->steps[s];
        if (step->count > 1)
            qsort(timeline->calls + step->first, step->count, sizeof *timeline->calls, canonical);
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
