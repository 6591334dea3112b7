/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What times leave open, the other visits tell. Where calls touch within the clock's unit, a visit may be read in
 * several ways: as calls at the same time or one after the other, sends before a call or after it. Of visits that make
 * the same calls, each takes the first reading that its times allow, in an order of readings in which each explains the
 * most visits that those before it leave (the greedy cover; Johnson, "Approximation algorithms for combinatorial
 * problems", JCSS 9, 1974). So a reading stands only if some visits can be read in no other way.
 */
#include "network/patterns/timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP LCI_STEP_TOKEN

enum { MOST_READINGS = 64 }; /* of the same calls, bits of a mask; one that many visits have is among the first */

/* ---- signatures -------------------------------------------------------------------------------------------------- */

void lci_token_add(struct lci_tokens *tokens, uint32_t token)
{
    LC_GROW(tokens->items, tokens->count, tokens->capacity);
    tokens->items[tokens->count++] = token;
}

bool lci_tokens_equal(const struct lci_tokens *a, const struct lci_tokens *b)
{
    return a->count == b->count && (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof *a->items) == 0);
}

uint32_t lci_tokens_hash(const struct lci_tokens *tokens)
{
    return tokens->count > 0 ? lci_hash_bytes(tokens->items, tokens->count * sizeof *tokens->items) : 0;
}

void lci_timeline_sign(const struct lci_timeline *timeline, struct lci_tokens *tokens)
{
    tokens->count = 0;
    for (size_t s = 0; s < timeline->step_count; s++) {
        const struct lci_step *step = &timeline->steps[s];
        lci_token_add(tokens, STEP | (uint32_t)step->kind);
        for (size_t i = 0; i < step->count; i++) {
            const struct lci_call *call = &timeline->calls[step->first + i];
            if (step->kind == LCI_STEP_CALLS || i == 0 || call[-1].operation != call->operation)
                lci_token_add(tokens, call->operation);
        }
    }
}

/* ---- the calls of a visit ---------------------------------------------------------------------------------------- */

struct piece { /* a call, in the order of time */
    const struct lci_call *call;
    size_t place; /* among the calls that are waited for, by operation and then time: the same in all visits alike */
    size_t step;
};

struct pieces {
    struct piece *items;
    struct piece **sorted;
    size_t count, capacity;
    struct lci_tokens key; /* what visits alike have in common: calls, and operations of sends */
    struct lci_step *steps;
    size_t step_capacity;
};

static void pieces_free(struct pieces *pieces)
{
    free(pieces->items);
    free(pieces->sorted);
    free(pieces->key.items);
    free(pieces->steps);
}

static int by_operation(const void *a, const void *b)
{
    const struct piece *p = *(struct piece *const *)a, *q = *(struct piece *const *)b;
    const struct lci_call *x = p->call, *y = q->call;
    if (x->forget != y->forget)
        return x->forget ? 1 : -1;
    if (x->operation != y->operation)
        return x->operation < y->operation ? -1 : 1;
    if (x->sent != y->sent)
        return x->sent < y->sent ? -1 : 1;
    if (x->answered != y->answered)
        return x->answered < y->answered ? -1 : 1;
    return (p > q) - (p < q);
}

static void take_pieces(struct pieces *pieces, const struct lci_variant *variant, const struct lci_visit *visit)
{
    if (visit->call_count > pieces->capacity) {
        pieces->capacity = 2 * (size_t)visit->call_count;
        pieces->items = lc_realloc(pieces->items, pieces->capacity, sizeof *pieces->items);
        pieces->sorted = lc_realloc(pieces->sorted, pieces->capacity, sizeof(struct piece *));
    }
    pieces->count = pieces->key.count = 0;
    for (uint32_t i = 0; i < visit->call_count; i++) {
        const struct lci_call *call = &variant->calls[visit->first_call + i];
        if (call->forget && call->forwarded)
            continue;
        pieces->sorted[pieces->count] = &pieces->items[pieces->count];
        pieces->items[pieces->count++] = (struct piece){.call = call};
    }
    if (pieces->count > 1)
        qsort(pieces->sorted, pieces->count, sizeof(struct piece *), by_operation);
    for (size_t i = 0; i < pieces->count; i++) {
        const struct lci_call *call = pieces->sorted[i]->call, *before = i > 0 ? pieces->sorted[i - 1]->call : NULL;
        pieces->sorted[i]->place = i;
        if (call->forget && (before == NULL || !before->forget))
            lci_token_add(&pieces->key, STEP);
        else if (call->forget && before->operation == call->operation)
            continue;
        lci_token_add(&pieces->key, call->operation);
    }
}

/* ---- may a visit be read so? ------------------------------------------------------------------------------------- */

struct send { /* a step that sends to an operation */
    uint32_t operation;
    size_t step;
};

struct reading {
    struct lci_tokens signature;
    uint64_t visits; /* at first sight */
    enum lci_step_kind *kinds;
    size_t step_count;
    size_t *step_of; /* per place */
    size_t place_count;
    struct send *sends; /* by operation and step */
    size_t send_count;
};

/* Calls that are waited for: those of a step touch, those of the next one do not begin before its end. */
static bool calls_fit(const struct reading *reading, struct pieces *pieces, double tolerance, double duration)
{
    for (size_t s = 0; s < reading->step_count; s++)
        pieces->steps[s] = (struct lci_step){.kind = reading->kinds[s]};
    for (size_t i = 0; i < pieces->count; i++) {
        struct piece *piece = &pieces->items[i];
        if (piece->call->forget)
            continue;
        piece->step = reading->step_of[piece->place];
        struct lci_step *step = &pieces->steps[piece->step];
        if (step->count++ == 0)
            step->begin = step->end = fmax(piece->call->sent, -tolerance);
        else if (piece->call->sent > step->end + tolerance)
            return false;
        step->end = fmax(step->end, fmin(piece->call->answered, duration + tolerance));
    }
    double last = -INFINITY;
    for (size_t s = 0; s < reading->step_count; s++) {
        if (reading->kinds[s] != LCI_STEP_CALLS)
            continue;
        if (pieces->steps[s].begin < last - tolerance)
            return false;
        last = fmax(last, pieces->steps[s].end);
    }
    return true;
}

/* After the calls before the step were sent, before those after it are. */
static bool in_gap(const struct reading *reading, const struct pieces *pieces, size_t step, double sent,
                   double tolerance)
{
    return (step == 0 || sent >= pieces->steps[step - 1].begin - tolerance) &&
           (step + 1 == reading->step_count || sent <= pieces->steps[step + 1].begin + tolerance);
}

/* Sends to one operation, each in the earliest of the steps that it may be in, so that none of these stays empty. */
static bool sends_fit(const struct reading *reading, struct piece **piece, size_t count, const struct send *send,
                      size_t step_count, const struct pieces *pieces, double tolerance)
{
    size_t s = 0;
    for (size_t i = 0; i < count; i++) {
        const double sent = piece[i]->call->sent;
        const bool rest_is_due = count - i < step_count - s; /* a send for each of the steps that come after */
        if (i > 0 && s + 1 < step_count && (rest_is_due || !in_gap(reading, pieces, send[s].step, sent, tolerance)))
            s++;
        if (!in_gap(reading, pieces, send[s].step, sent, tolerance))
            return false;
        piece[i]->step = send[s].step;
    }
    return s + 1 == step_count;
}

static bool fits(const struct reading *reading, struct pieces *pieces, double tolerance, double duration)
{
    if (reading->step_count > pieces->step_capacity) {
        pieces->step_capacity = 2 * reading->step_count;
        pieces->steps = lc_realloc(pieces->steps, pieces->step_capacity, sizeof *pieces->steps);
    }
    if (!calls_fit(reading, pieces, tolerance, duration))
        return false;
    for (size_t i = reading->place_count, s = 0, next_i, next_s; i < pieces->count; i = next_i, s = next_s) {
        const uint32_t operation = reading->sends[s].operation;
        for (next_i = i; next_i < pieces->count && pieces->sorted[next_i]->call->operation == operation;)
            next_i++;
        for (next_s = s; next_s < reading->send_count && reading->sends[next_s].operation == operation;)
            next_s++;
        if (!sends_fit(reading, pieces->sorted + i, next_i - i, reading->sends + s, next_s - s, pieces, tolerance))
            return false;
    }
    return true;
}

/* ---- readings ---------------------------------------------------------------------------------------------------- */

struct lci_alike { /* visits that make the same calls */
    struct lci_tokens key;
    struct reading *readings; /* in the order in which they are tried */
    size_t reading_count, reading_capacity;
    uint64_t *masks; /* per visit: the readings that its times allow */
    size_t mask_count, mask_capacity;
};

static void reading_free(struct reading *reading)
{
    free(reading->signature.items);
    free(reading->kinds);
    free(reading->step_of);
    free(reading->sends);
}

static int by_step(const void *a, const void *b)
{
    const struct send *x = a, *y = b;
    if (x->operation != y->operation)
        return x->operation < y->operation ? -1 : 1;
    return (x->step > y->step) - (x->step < y->step);
}

/* The first place of a call of the operation that is waited for. */
static size_t first_place(const struct pieces *pieces, size_t count, uint32_t operation)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (pieces->sorted[middle]->call->operation < operation)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* `pieces`: of any visit alike. A call's place is the next one of its operation. */
static struct reading reading_of(const struct lci_tokens *signature, const struct pieces *pieces)
{
    struct reading reading = {0};
    size_t *next = lc_calloc(pieces->count, sizeof *next);
    for (size_t t = 0; t < signature->count; t++)
        lci_token_add(&reading.signature, signature->items[t]);
    while (reading.place_count < pieces->count && !pieces->sorted[reading.place_count]->call->forget)
        reading.place_count++;
    reading.kinds = lc_alloc(signature->count * sizeof *reading.kinds);
    reading.step_of = lc_alloc(signature->count * sizeof *reading.step_of);
    reading.sends = lc_alloc(signature->count * sizeof *reading.sends);
    for (size_t t = 0; t < signature->count; t++) {
        const uint32_t token = signature->items[t];
        if ((token & STEP) != 0) {
            reading.kinds[reading.step_count++] = (enum lci_step_kind)(token & ~STEP);
        } else if (reading.kinds[reading.step_count - 1] == LCI_STEP_SENDS) {
            reading.sends[reading.send_count++] = (struct send){token, reading.step_count - 1};
        } else {
            const size_t first = first_place(pieces, reading.place_count, token);
            reading.step_of[first + next[first]++] = reading.step_count - 1;
        }
    }
    if (reading.send_count > 1)
        qsort(reading.sends, reading.send_count, sizeof *reading.sends, by_step);
    free(next);
    return reading;
}

static uint32_t find_alike(const struct lci_alignment *alignment, const struct lci_tokens *key)
{
    uint32_t at;
    LCI_TABLE_FIND(&alignment->table, lci_tokens_hash(key), at, lci_tokens_equal(&alignment->items[at].key, key));
    return at;
}

static struct lci_alike *alike_of(struct lci_alignment *alignment, const struct lci_tokens *key)
{
    const uint32_t known = find_alike(alignment, key);
    if (known != LCI_ABSENT)
        return &alignment->items[known];
    lci_table_add(&alignment->table, lci_tokens_hash(key), alignment->count);
    LC_GROW(alignment->items, alignment->count, alignment->capacity);
    struct lci_alike *alike = &alignment->items[alignment->count++];
    *alike = (struct lci_alike){0};
    for (size_t t = 0; t < key->count; t++)
        lci_token_add(&alike->key, key->items[t]);
    return alike;
}

static size_t find_reading(const struct lci_alike *alike, const struct lci_tokens *signature)
{
    size_t r = 0;
    while (r < alike->reading_count && !lci_tokens_equal(&alike->readings[r].signature, signature))
        r++;
    return r;
}

static void see(struct lci_alike *alike, const struct lci_tokens *signature, const struct pieces *pieces)
{
    const size_t r = find_reading(alike, signature);
    if (r == MOST_READINGS)
        return;
    if (r == alike->reading_count) {
        LC_GROW(alike->readings, alike->reading_count, alike->reading_capacity);
        alike->readings[alike->reading_count++] = reading_of(signature, pieces);
    }
    alike->readings[r].visits++;
}

/* A visit's reading at first sight is allowed, whatever the tolerance. */
static void allow(struct lci_alike *alike, const struct lci_tokens *signature, struct pieces *pieces, double tolerance,
                  double duration)
{
    uint64_t mask = 0;
    for (size_t r = 0; r < alike->reading_count; r++)
        if (lci_tokens_equal(&alike->readings[r].signature, signature) ||
            fits(&alike->readings[r], pieces, tolerance, duration))
            mask |= UINT64_C(1) << r;
    LC_GROW(alike->masks, alike->mask_count, alike->mask_capacity);
    alike->masks[alike->mask_count++] = mask;
}

/* The reading that explains most of the visits whose masks are left; of several, that of more visits at first sight. */
static size_t best_reading(const struct lci_alike *alike, uint64_t *explained)
{
    uint64_t counts[MOST_READINGS] = {0};
    size_t best = 0;
    for (size_t v = 0; v < alike->mask_count; v++)
        for (uint64_t mask = alike->masks[v]; mask != 0; mask &= mask - 1)
            counts[__builtin_ctzll(mask)]++;
    for (size_t r = 1; r < alike->reading_count; r++)
        if (counts[r] > counts[best] ||
            (counts[r] == counts[best] && alike->readings[r].visits > alike->readings[best].visits))
            best = r;
    *explained = counts[best];
    return best;
}

static void rank(struct lci_alike *alike)
{
    struct reading *ranked = lc_alloc(alike->reading_count * sizeof *ranked);
    uint64_t taken = 0, explained;
    size_t count = 0;
    for (size_t best; best = best_reading(alike, &explained), explained > 0; taken |= UINT64_C(1) << best) {
        ranked[count++] = alike->readings[best];
        for (size_t v = 0; v < alike->mask_count; v++)
            if ((alike->masks[v] >> best & 1) != 0)
                alike->masks[v] = 0;
    }
    for (size_t r = 0; r < alike->reading_count; r++)
        if ((taken >> r & 1) == 0)
            reading_free(&alike->readings[r]);
    free(alike->readings);
    alike->readings = ranked;
    alike->reading_count = count;
}

/* ---- all visits of an operation ---------------------------------------------------------------------------------- */

struct pass {
    const struct lci_readings *readings;
    struct lci_timeline timeline;
    struct lci_tokens signature;
    struct pieces pieces;
};

static void take_visit(struct pass *pass, const struct lci_variant *variant, const struct lci_visit *visit)
{
    lci_timeline_read(variant, visit, &pass->readings->overlaps, &pass->timeline);
    lci_timeline_sign(&pass->timeline, &pass->signature);
    take_pieces(&pass->pieces, variant, visit);
}

static void see_visits(struct pass *pass, struct lci_readings *readings, const struct lci_variant *variant)
{
    for (size_t v = 0; v < variant->visit_count; v++) {
        take_visit(pass, variant, &variant->visits[v]);
        lci_note_length(readings, &pass->timeline);
        see(alike_of(&readings->alignment, &pass->pieces.key), &pass->signature, &pass->pieces);
    }
}

static void allow_visits(struct pass *pass, struct lci_alignment *alignment, const struct lci_variant *variant)
{
    for (size_t v = 0; v < variant->visit_count; v++) {
        const struct lci_visit *visit = &variant->visits[v];
        take_visit(pass, variant, visit);
        struct lci_alike *alike = alike_of(alignment, &pass->pieces.key);
        if (alike->reading_count > 1)
            allow(alike, &pass->signature, &pass->pieces, pass->readings->overlaps.tolerance, visit->duration);
    }
}

static void pass_free(struct pass *pass)
{
    lci_timeline_free(&pass->timeline);
    free(pass->signature.items);
    pieces_free(&pass->pieces);
}

void lci_readings_make(const struct lci_visits *visits, const struct lci_operation *operation,
                       struct lci_readings *readings)
{
    *readings = (struct lci_readings){0};
    lci_overlaps_gather(visits, operation, &readings->overlaps);
    struct pass pass = {.readings = readings};
    for (size_t c = 0; c < visits->class_count; c++)
        see_visits(&pass, readings, &operation->variants[c]);
    for (size_t c = 0; c < visits->class_count; c++)
        allow_visits(&pass, &readings->alignment, &operation->variants[c]);
    for (size_t i = 0; i < readings->alignment.count; i++)
        if (readings->alignment.items[i].reading_count > 1) {
            rank(&readings->alignment.items[i]);
            readings->doubtful = true;
        }
    pass_free(&pass);
}

void lci_readings_free(struct lci_readings *readings)
{
    for (size_t i = 0; i < readings->alignment.count; i++) {
        struct lci_alike *alike = &readings->alignment.items[i];
        for (size_t r = 0; r < alike->reading_count; r++)
            reading_free(&alike->readings[r]);
        free(alike->key.items);
        free(alike->readings);
        free(alike->masks);
    }
    free(readings->alignment.items);
    lci_table_free(&readings->alignment.table);
    free(readings->repeated.items);
    lci_overlaps_free(&readings->overlaps);
    *readings = (struct lci_readings){0};
}

/* ---- a visit as the others tell it --------------------------------------------------------------------------------
 */

/* The timeline's steps become those that `fits` found. */
static void rebuild(const struct reading *reading, const struct pieces *pieces, double tolerance, double duration,
                    struct lci_timeline *timeline)
{
    timeline->step_count = timeline->call_count = 0;
    for (size_t s = 0; s < reading->step_count; s++) {
        struct lci_step step = pieces->steps[s];
        step.first = timeline->call_count;
        step.count = 0;
        for (size_t i = 0; i < pieces->count; i++) {
            if (pieces->items[i].step != s)
                continue;
            if (step.kind == LCI_STEP_SENDS && step.count == 0) {
                const double earliest = (s > 0 ? pieces->steps[s - 1].end : 0) - tolerance;
                const double next = s + 1 < reading->step_count ? pieces->steps[s + 1].begin : duration;
                step.begin = step.end = fmin(fmax(pieces->items[i].call->sent, earliest), fmax(earliest, next));
            }
            LC_GROW(timeline->calls, timeline->call_count, timeline->call_capacity);
            timeline->calls[timeline->call_count++] = *pieces->items[i].call;
            step.count++;
        }
        LC_GROW(timeline->steps, timeline->step_count, timeline->step_capacity);
        timeline->steps[timeline->step_count++] = step;
    }
}

void lci_align(const struct lci_readings *readings, const struct lci_variant *variant, const struct lci_visit *visit,
               struct lci_timeline *timeline)
{
    if (!readings->doubtful)
        return;
    const double tolerance = readings->overlaps.tolerance;
    struct pieces pieces = {0};
    struct lci_tokens signature = {0};
    take_pieces(&pieces, variant, visit);
    lci_timeline_sign(timeline, &signature);
    const uint32_t at = find_alike(&readings->alignment, &pieces.key);
    const struct lci_alike *alike = at != LCI_ABSENT ? &readings->alignment.items[at] : NULL;
    for (size_t r = 0; alike != NULL && r < alike->reading_count; r++) {
        if (lci_tokens_equal(&alike->readings[r].signature, &signature))
            break;
        if (!fits(&alike->readings[r], &pieces, tolerance, visit->duration))
            continue;
        rebuild(&alike->readings[r], &pieces, tolerance, visit->duration, timeline);
        break;
    }
    free(signature.items);
    pieces_free(&pieces);
}
