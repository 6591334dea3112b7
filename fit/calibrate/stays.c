/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calibrate/stays.h"

#include <math.h>
#include <stdlib.h>

/* The bin at a time; what lies between windows belongs to the one before. */
static uint32_t level_at(const struct lc_load_bins *bins, int64_t time)
{
    size_t low = 0, high = bins->window_count; /* windows from `low` on begin later */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (bins->windows[middle].time.begin <= time)
            low = middle + 1;
        else
            high = middle;
    }
    /* A recording's first requests are before its window. */
    if (low < bins->window_count &&
        (low == 0 || bins->windows[low].time.begin - time < time - bins->windows[low - 1].time.end))
        low++;
    return low > 0 ? (uint32_t)bins->windows[low - 1].bin : 0;
}

static double seconds(const struct lci_stays *stays, int64_t time)
{
    return (double)(time - stays->origin) * 1e-9;
}

/* ---- pieces ------------------------------------------------------------------------------------------------------ */

struct kinds { /* operation and class, the operation called before and the one called after the piece */
    struct kind {
        size_t of;
        uint32_t before, after;
    } * items;
    size_t count, capacity;
};

static uint32_t kind_of(struct kinds *kinds, size_t of, uint32_t before, uint32_t after)
{
    for (size_t i = 0; i < kinds->count; i++)
        if (kinds->items[i].of == of && kinds->items[i].before == before && kinds->items[i].after == after)
            return (uint32_t)i;
    LC_GROW(kinds->items, kinds->count, kinds->capacity);
    kinds->items[kinds->count] = (struct kind){of, before, after};
    return (uint32_t)kinds->count++;
}

static void add_piece(struct lci_stays *stays, double begin, double end, uint32_t kind)
{
    LC_GROW(stays->pieces, stays->piece_count, stays->piece_capacity);
    stays->pieces[stays->piece_count++] = (struct lci_piece){.begin = begin, .end = fmax(begin, end), .kind = kind};
}

/* A visit's own time, between the calls that it waits for. */
static void add_pieces(struct lci_stays *stays, struct kinds *kinds, size_t of, const struct lci_variant *variant,
                       const struct lci_visit *visit, double origin)
{
    const struct lci_call *calls = lci_calls_of(variant, visit);
    double time = 0;
    uint32_t before = LCI_NO_OPERATION;
    for (uint32_t i = 0; i < visit->call_count; i++) {
        if (calls[i].forget)
            continue;
        if (calls[i].sent >= time)
            add_piece(stays, origin + time, origin + fmin(calls[i].sent, visit->duration),
                      kind_of(kinds, of, before, calls[i].operation));
        time = fmax(time, fmin(calls[i].answered, visit->duration));
        before = calls[i].operation;
    }
    add_piece(stays, origin + time, origin + visit->duration, kind_of(kinds, of, before, LCI_NO_OPERATION));
}

/* ---- stays ------------------------------------------------------------------------------------------------------- */

static struct lci_stay *add_stay(struct lci_stays *stays, const struct lci_visit *visit, double begin, double end,
                                 uint32_t level)
{
    LC_GROW(stays->items, stays->count, stays->capacity);
    struct lci_stay *stay = &stays->items[stays->count++];
    *stay = (struct lci_stay){.begin = begin,
                              .end = end,
                              .asked = NAN,
                              .instance = visit->instance,
                              .level = level,
                              .first_piece = (uint32_t)stays->piece_count,
                              .trace = visit->trace};
    return stay;
}

static int by_instance(const void *a, const void *b)
{
    const struct lci_stay *x = a, *y = b;
    if (x->instance != y->instance)
        return x->instance < y->instance ? -1 : 1;
    if (x->begin < y->begin || x->begin > y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->first_piece > y->first_piece) - (x->first_piece < y->first_piece);
}

/* Stays by instance and time, pieces in their order. */
static void put_in_order(struct lci_stays *stays)
{
    if (stays->count > 1)
        qsort(stays->items, stays->count, sizeof *stays->items, by_instance);
    struct lci_piece *pieces = lc_alloc((stays->piece_count + 1) * sizeof *pieces);
    size_t count = 0;
    for (size_t i = 0; i < stays->count; i++) {
        struct lci_stay *stay = &stays->items[i];
        const uint32_t from = stay->first_piece;
        stay->first_piece = (uint32_t)count;
        for (uint32_t k = 0; k < stay->piece_count; k++) {
            struct lci_piece *piece = &pieces[count++];
            *piece = stays->pieces[from + k];
            piece->stay = (uint32_t)i;
            piece->first = k == 0;
            piece->last = k + 1 == stay->piece_count;
            stays->longest = fmax(stays->longest, piece->end - piece->begin);
        }
    }
    free(stays->pieces);
    stays->pieces = pieces;
    stays->piece_capacity = stays->piece_count + 1;
}

static int64_t first_start(const struct lci_visits *visits)
{
    int64_t first = INT64_MAX;
    for (size_t o = 0; o < visits->operation_count; o++)
        for (size_t c = 0; c < visits->class_count; c++) {
            const struct lci_variant *variant = &visits->operations[o].variants[c];
            for (size_t v = 0; v < variant->visit_count; v++)
                first = variant->visits[v].start < first ? variant->visits[v].start : first;
        }
    return first == INT64_MAX ? 0 : first;
}

struct lci_stays lci_stays_in(const struct lci_visits *visits, const struct lc_load_bins *bins,
                              const struct lci_task *task)
{
    struct lci_stays stays = {.origin = first_start(visits), .levels = bins->count};
    struct kinds kinds = {0};
    for (uint32_t o = task->first_operation; o < task->end_operation; o++)
        for (size_t c = 0;
             visits->operations[o].inside == 0 && !visits->operations[o].around && c < visits->class_count; c++) {
            const struct lci_variant *variant = &visits->operations[o].variants[c];
            for (size_t v = 0; v < variant->visit_count; v++) {
                const struct lci_visit *visit = &variant->visits[v];
                const double begin = seconds(&stays, visit->start);
                struct lci_stay *stay =
                    add_stay(&stays, visit, begin, begin + visit->duration, level_at(bins, visit->start));
                stay->operation = o;
                add_pieces(&stays, &kinds, o * visits->class_count + c, variant, visit, begin);
                stay->piece_count = (uint32_t)stays.piece_count - stay->first_piece;
                stays.unit = fmax(stays.unit, lci_clock_unit(visits, o));
            }
        }
    stays.kinds = kinds.count;
    free(kinds.items);
    put_in_order(&stays);
    return stays;
}

struct lci_stays lci_stays_on(const struct lci_visits *visits, const struct lc_load_bins *bins,
                              const struct lci_task *server, const struct lci_task *caller)
{
    struct lci_stays stays = {.origin = first_start(visits), .levels = bins->count};
    struct kinds kinds = {0};
    const size_t from = caller != NULL ? caller->first_operation : 0;
    const size_t to = caller != NULL ? caller->end_operation : visits->operation_count;
    for (size_t o = from; o < to; o++)
        for (size_t c = 0; c < visits->class_count; c++) {
            const struct lci_variant *variant = &visits->operations[o].variants[c];
            for (size_t v = 0; v < variant->visit_count; v++)
                for (uint32_t i = 0; i < variant->visits[v].call_count; i++) {
                    const struct lci_visit *visit = &variant->visits[v];
                    const struct lci_call *call = &variant->calls[visit->first_call + i];
                    if (call->forget || visits->operations[call->operation].task != server->name)
                        continue;
                    const double origin = seconds(&stays, visit->start), begin = origin + call->sent;
                    const double end = fmax(begin, origin + call->answered);
                    struct lci_stay *stay = add_stay(&stays, visit, begin, end, level_at(bins, visit->start));
                    stay->operation = call->operation;
                    stay->instance = caller != NULL ? visit->instance : 0;
                    stay->piece_count = 1;
                    add_piece(&stays, begin, end, kind_of(&kinds, call->operation, 0, 0));
                    stays.unit = fmax(stays.unit, lci_clock_unit(visits, (uint32_t)o));
                }
        }
    stays.kinds = kinds.count;
    free(kinds.items);
    put_in_order(&stays);
    return stays;
}

/* ---- who asked --------------------------------------------------------------------------------------------------- */

struct asked { /* a call, and how long the server's span of it took */
    uint64_t trace;
    uint32_t operation;
    double sent, served;
    bool taken;
};

static int by_trace(const void *a, const void *b)
{
    const struct asked *x = a, *y = b;
    if (x->trace != y->trace)
        return x->trace < y->trace ? -1 : 1;
    if (x->operation != y->operation)
        return x->operation < y->operation ? -1 : 1;
    return (x->sent > y->sent) - (x->sent < y->sent);
}

static struct asked *calls_of(const struct lci_stays *stays, const struct lci_visits *visits,
                              const struct lci_task *task, size_t *count)
{
    struct asked *calls = NULL;
    size_t capacity = 0;
    *count = 0;
    for (size_t o = 0; o < visits->operation_count; o++)
        for (size_t c = 0; c < visits->class_count; c++) {
            const struct lci_variant *variant = &visits->operations[o].variants[c];
            for (size_t v = 0; v < variant->visit_count; v++)
                for (uint32_t i = 0; i < variant->visits[v].call_count; i++) {
                    const struct lci_visit *visit = &variant->visits[v];
                    const struct lci_call *call = &variant->calls[visit->first_call + i];
                    if (!call->paired || call->forget || visits->operations[call->operation].task != task->name)
                        continue;
                    LC_GROW(calls, *count, capacity);
                    calls[(*count)++] =
                        (struct asked){visit->trace, call->operation, seconds(stays, visit->start) + call->sent,
                                       call->answered - call->sent - call->outside, false};
                }
        }
    if (*count > 1)
        qsort(calls, *count, sizeof *calls, by_trace);
    return calls;
}

void lci_stays_ask(struct lci_stays *stays, const struct lci_visits *visits, const struct lci_task *task)
{
    const double same = 3e-6; /* s: durations are rounded to microseconds */
    size_t count;
    struct asked *calls = calls_of(stays, visits, task, &count);
    for (size_t i = 0; i < stays->count; i++) {
        struct lci_stay *stay = &stays->items[i];
        size_t low = 0, high = count;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (calls[middle].trace < stay->trace)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < count && calls[low].trace == stay->trace && isnan(stay->asked); low++)
            if (!calls[low].taken && calls[low].operation == stay->operation &&
                fabs(calls[low].served - (stay->end - stay->begin)) < same) {
                calls[low].taken = true;
                stay->asked = calls[low].sent;
            }
    }
    free(calls);
}

void lci_stays_free(struct lci_stays *stays)
{
    free(stays->items);
    free(stays->pieces);
    *stays = (struct lci_stays){0};
}

size_t lci_stays_peak(const struct lci_stays *stays)
{
    size_t most = 0;
    double *ends = lc_alloc((stays->count + 1) * sizeof *ends);
    for (size_t first = 0, next; first < stays->count; first = next) {
        size_t held = 0;
        for (next = first; next < stays->count && stays->items[next].instance == stays->items[first].instance; next++) {
            size_t kept = 0;
            for (size_t i = 0; i < held; i++)
                if (ends[i] > stays->items[next].begin)
                    ends[kept++] = ends[i];
            held = kept;
            ends[held++] = stays->items[next].end;
            most = held > most ? held : most;
        }
    }
    free(ends);
    return most;
}
