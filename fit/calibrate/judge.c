/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calibrate/judge.h"

#include "base/sort.h"
#include "calibrate/pauses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST     50   /* requests at a component */
#define CLEAR     5    /* log likelihood by which a limit must be ahead of none, beside what its parameters cost */
#define INTERVAL  1.92 /* half of the 95 % quantile of χ² with one degree of freedom */
#define TICKS     2    /* of the clock that a request is there at the least: in shorter times the order is chance */
#define GROWS     1.1  /* factor from which times are said to grow */
#define ALL       0.97 /* part of a handler from which a lock covers all of it */
#define WAITED    10   /* requests that waited before their spans, for threads to be the reason */
#define POSITIONS 9    /* of what lies behind a lock: 0, 10, … 80 % */

enum { EVERY = 40, MOST_CORES = 16, MOST_BEFORE = 12, KINDS = LC_LIMIT_UNKNOWN + 1 };

struct candidate {
    enum lc_limit_kind kind;
    double size, likelihood;
    size_t threads; /* from which requests come to it; 0: from outside */
    struct lci_calibrated_lock lock;
};

struct trial {
    const struct lci_stays *stays;
    enum lc_limit_kind queue;
    double *times, *factors;
    double inside, before; /* log likelihood of the pieces, and of the times before spans, without a limit */
    struct candidate *items;
    size_t count, capacity;
};

static void add(struct trial *t, enum lc_limit_kind kind, double size, double likelihood)
{
    LC_GROW(t->items, t->count, t->capacity);
    t->items[t->count++] = (struct candidate){.kind = kind, .size = size, .likelihood = likelihood};
}

/* Half of what BIC charges, in log likelihood. */
static double cost(const struct trial *t, enum lc_limit_kind kind)
{
    const double parameters = kind == LC_LIMIT_NONE     ? 0
                              : kind == LC_LIMIT_LOCK   ? 3 /* hold, place, and that there are two distributions */
                              : kind == LC_LIMIT_GROWTH ? (double)t->stays->levels - 1
                                                        : 1;
    return parameters * log((double)t->stays->count) / 2;
}

/* ---- candidates -------------------------------------------------------------------------------------------------- */

static size_t next_size(size_t size)
{
    return size < EVERY ? size + 1 : size + 1 + size / 10;
}

static void try_threads(struct trial *t, size_t peak)
{
    for (size_t c = 1; c < peak; c = next_size(c)) {
        lci_times_threads(t->stays, c, t->times);
        add(t, t->queue, (double)c, lci_pieces_likelihood(t->stays, t->times) + t->before);
    }
}

/* How many stays would have waited, if `times` are what is left of the time before their spans. */
static size_t waited_before(const struct lci_stays *stays, const double *times)
{
    size_t count = 0;
    for (size_t i = 0; i < stays->count; i++)
        count += times[i] < stays->items[i].begin - stays->items[i].asked - stays->unit;
    return count;
}

static void try_before(struct trial *t, size_t peak)
{
    for (size_t c = 1; c <= peak; c = next_size(c)) {
        lci_times_before(t->stays, c, t->times);
        if (waited_before(t->stays, t->times) >= WAITED)
            add(t, LC_LIMIT_BEFORE, (double)c, t->inside + lci_before_likelihood(t->stays, t->times));
    }
}

/* From so many cores to below so many. */
static void try_cores(struct trial *t, size_t least, size_t below)
{
    for (size_t m = least; m < below && m <= MOST_CORES; m++) {
        const double change = lci_times_cores(t->stays, (double)m, t->times);
        add(t, LC_LIMIT_CORES, (double)m, lci_pieces_likelihood(t->stays, t->times) + change + t->before);
    }
}

/* In the last piece of a stay, and in the first where that is another one. */
static void try_locks(struct trial *t)
{
    for (int last = 1; last >= (t->stays->piece_count > t->stays->count ? 0 : 1); last--)
        for (int k = 0; k < POSITIONS; k++) {
            struct lci_calibrated_lock lock = {.last_pieces = last == 1, .behind = (double)k / 10};
            lci_try_lock(t->stays, &lock);
            if (!(lock.hold > 0) || !isfinite(lock.likelihood) || lock.piece < TICKS * t->stays->unit)
                continue;
            add(t, LC_LIMIT_LOCK, lock.hold, lock.likelihood + t->before);
            t->items[t->count - 1].lock = lock;
        }
}

static void try_growth(struct trial *t)
{
    const double change = lci_times_grown(t->stays, t->factors, t->times);
    const double growth = t->factors[t->stays->levels - 1];
    if (growth >= GROWS)
        add(t, LC_LIMIT_GROWTH, growth, lci_pieces_likelihood(t->stays, t->times) + change + t->before);
}

static const struct candidate *best_of(const struct trial *t, enum lc_limit_kind kind)
{
    const struct candidate *best = NULL;
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i].kind == kind && t->items[i].threads == 0 &&
            (best == NULL || t->items[i].likelihood > best->likelihood))
            best = &t->items[i];
    return best;
}

/* Cores behind threads: what they leave explains more than either alone. (Of a lock's times the likelihood is too rough
 * for that: it would find threads before locks where there are none.) */
static void try_pairs(struct trial *t, size_t peak)
{
    const struct candidate *alone = best_of(t, LC_LIMIT_CORES);
    const size_t near = alone != NULL ? (size_t)alone->size : 1; /* so many cores, or one more or less */
    for (size_t c = 2; c < peak && c <= MOST_BEFORE; c++) {
        bool contradicted;
        struct lci_stays admitted = lci_stays_admitted(t->stays, c, &contradicted);
        struct trial behind = *t;
        behind.stays = &admitted;
        behind.items = NULL;
        behind.count = behind.capacity = 0;
        if (!contradicted)
            try_cores(&behind, near > 1 ? near - 1 : 1, near + 2 < c ? near + 2 : c);
        for (size_t i = 0; i < behind.count; i++) {
            LC_GROW(t->items, t->count, t->capacity);
            t->items[t->count] = behind.items[i];
            t->items[t->count++].threads = c;
        }
        free(behind.items);
        lci_stays_free(&admitted);
    }
}

/* ---- the choice -------------------------------------------------------------------------------------------------- */

static double score(const struct trial *t, const struct candidate *c)
{
    return c->likelihood - cost(t, c->kind) - (c->threads > 0 ? cost(t, t->queue) : 0);
}

/* Sizes that the data hardly tell from the best one. */
static void find_interval(const struct trial *t, const struct candidate *best, struct lc_calibrated *found)
{
    found->low = found->high = best->size;
    if (best->kind == LC_LIMIT_LOCK) {
        found->low = best->lock.low;
        found->high = best->lock.high;
        found->cv2 = best->lock.variance / (best->size * best->size);
        return;
    }
    for (size_t i = 0; i < t->count && best->kind != LC_LIMIT_GROWTH; i++)
        if (t->items[i].kind == best->kind && t->items[i].threads == best->threads &&
            t->items[i].likelihood >= best->likelihood - INTERVAL) {
            found->low = fmin(found->low, t->items[i].size);
            found->high = fmax(found->high, t->items[i].size);
        }
}

/* The same for the threads before another limit. */
static void find_threads_interval(const struct trial *t, const struct candidate *best, struct lc_calibrated *found)
{
    found->low = found->high = (double)best->threads;
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i].kind == best->kind && t->items[i].threads > 0 &&
            t->items[i].likelihood >= best->likelihood - INTERVAL) {
            found->low = fmin(found->low, (double)t->items[i].threads);
            found->high = fmax(found->high, (double)t->items[i].threads);
        }
}

/* ---- what is left ------------------------------------------------------------------------------------------------ */

/* The times that the chosen limit leaves, per piece. */
static void rebuild(struct trial *t, const struct candidate *best)
{
    lci_times_recorded(t->stays, t->times);
    if (best->kind == t->queue)
        lci_times_threads(t->stays, (size_t)best->size, t->times);
    else if (best->kind == LC_LIMIT_CORES)
        lci_times_cores(t->stays, best->size, t->times);
    else if (best->kind == LC_LIMIT_GROWTH)
        lci_times_grown(t->stays, t->factors, t->times);
}

/* Of those who waited for a lock the own time cannot be rebuilt; those who found nobody had it. */
static bool found_nobody(const struct lci_stays *s, size_t stay)
{
    for (size_t k = stay; k > 0 && s->items[k - 1].instance == s->items[stay].instance && stay - k < 64; k--)
        if (s->items[k - 1].end > s->items[stay].begin)
            return false;
    return true;
}

static void add_load(struct lc_calibrated_load *load, double recorded, double unhindered, double *rebuilt)
{
    load->visits++;
    load->recorded += (recorded - load->recorded) / (double)load->visits;
    if (isnan(unhindered))
        return;
    const double step = unhindered - load->unhindered;
    load->unhindered += step / ++*rebuilt;
    load->error += step * (unhindered - load->unhindered); /* a sum of squares, until all are there */
}

/* Own time, or the time before the span where that is what waits. */
static void tell_loads(const struct trial *t, const struct candidate *best, struct lc_calibrated *found)
{
    const struct lci_stays *s = t->stays;
    double *rebuilt = lc_calloc(s->levels + 1, sizeof *rebuilt);
    memset(found->loads, 0, s->levels * sizeof *found->loads);
    for (size_t i = 0; i < s->count; i++) {
        const struct lci_stay *stay = &s->items[i];
        double recorded = 0, own = 0;
        for (uint32_t k = stay->first_piece; k < stay->first_piece + stay->piece_count; k++) {
            recorded += s->pieces[k].end - s->pieces[k].begin;
            own += t->times[k];
        }
        if (best->kind == LC_LIMIT_LOCK && !found_nobody(s, i))
            own = NAN;
        if (best->kind == LC_LIMIT_BEFORE) {
            recorded = stay->begin - stay->asked;
            own = t->times[i];
        }
        if (!isnan(recorded))
            add_load(&found->loads[stay->level], recorded, own, &rebuilt[stay->level]);
    }
    for (size_t l = 0; l < s->levels; l++) {
        if (rebuilt[l] > 1)
            found->loads[l].error = sqrt(found->loads[l].error / (rebuilt[l] - 1) / rebuilt[l]);
        else
            found->loads[l].unhindered = found->loads[l].error = NAN;
        if (found->loads[l].visits == 0)
            found->loads[l].recorded = NAN;
    }
    free(rebuilt);
}

/* How long one of them is held, and how many requests it can serve. */
static void find_capacity(const struct trial *t, const struct candidate *best, struct lc_calibrated *found)
{
    const struct lci_stays *s = t->stays;
    double own = 0, recorded = 0, whole = 0, around = 0; /* around: of the lock's pieces */
    for (size_t i = 0; i < s->piece_count; i++) {
        const double time = s->pieces[i].end - s->pieces[i].begin;
        own += t->times[i];
        recorded += time;
        around += (best->lock.last_pieces ? s->pieces[i].last : s->pieces[i].first) ? time : 0;
    }
    for (size_t i = 0; i < s->count; i++)
        whole += s->items[i].end - s->items[i].begin;
    const double n = (double)s->count;
    found->capacity = NAN;
    found->held = found->own = own / n;
    if (best->kind == t->queue || best->kind == LC_LIMIT_BEFORE) /* a thread is held while callees work */
        found->held = (whole - recorded + own) / n;
    if (best->kind == LC_LIMIT_LOCK) {
        found->held = best->size;
        found->own += best->lock.piece - around / n; /* where the lock is, nobody waited for it */
        found->capacity = 1 / best->size;
    }
    if (best->kind != LC_LIMIT_LOCK && best->kind != LC_LIMIT_GROWTH && best->kind != LC_LIMIT_NONE)
        found->capacity = best->size / found->held;
}

static struct candidate best_above_none(const struct trial *t)
{
    const struct candidate *best = best_of(t, LC_LIMIT_NONE);
    const double none = score(t, best);
    for (int kind = LC_LIMIT_NONE + 1; kind < KINDS; kind++) {
        const struct candidate *c = best_of(t, (enum lc_limit_kind)kind);
        if (c != NULL && score(t, c) > none + CLEAR && score(t, c) > score(t, best))
            best = c;
    }
    return *best;
}

/* A lock gets its size. One that may cover all of a handler without calls is a thread: clocks that make the order of
 * requests doubtful speak for the lock, whose model allows them to overtake. */
static bool size_lock(const struct trial *t, struct candidate *chosen)
{
    lci_size_lock(t->stays, &chosen->lock);
    chosen->size = chosen->lock.hold;
    if (chosen->lock.high + t->stays->unit < ALL * chosen->lock.piece || t->stays->piece_count > t->stays->count)
        return false;
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i].kind == t->queue && t->items[i].size == 1 &&
            score(t, &t->items[i]) > score(t, best_of(t, LC_LIMIT_NONE)) + CLEAR) {
            *chosen = t->items[i];
            return true;
        }
    return false;
}

static size_t count_operations(const struct lci_stays *stays)
{
    uint32_t *operations = lc_alloc((stays->count + 1) * sizeof *operations);
    size_t count = 0;
    for (size_t i = 0; i < stays->count; i++)
        operations[i] = stays->items[i].operation;
    lci_sort_uint32(operations, stays->count);
    for (size_t i = 0; i < stays->count; i++)
        count += i == 0 || operations[i] != operations[i - 1];
    free(operations);
    return count;
}

/* Nothing is known yet. */
static void begin(const struct lci_stays *stays, size_t most, struct lc_calibrated *found)
{
    found->most = most;
    found->visits = stays->count;
    found->operations = count_operations(stays);
    found->kind = LC_LIMIT_UNKNOWN;
    found->load_count = stays->levels;
    found->loads = lc_calloc(stays->levels + 1, sizeof *found->loads);
    for (size_t l = 0; l < stays->levels; l++)
        found->loads[l].recorded = found->loads[l].unhindered = found->loads[l].error = NAN;
    found->size = found->low = found->high = found->capacity = found->held = found->own = NAN;
    found->pauses = (struct lc_calibrated_pauses){NAN, NAN};
}

/* The best kind but for one or two. */
static void find_second(const struct trial *t, const struct candidate *chosen, enum lc_limit_kind beside,
                        struct lc_calibrated *found)
{
    double second = -INFINITY;
    for (int kind = LC_LIMIT_NONE; kind < KINDS; kind++) {
        const struct candidate *c = best_of(t, (enum lc_limit_kind)kind);
        if (c == NULL || (c->kind == chosen->kind && chosen->threads == 0) || c->kind == beside ||
            score(t, c) <= second)
            continue;
        second = score(t, c);
        found->second = c->kind;
    }
    found->ahead = score(t, chosen) - second;
}

static void tell(struct trial *t, const struct candidate *chosen, struct lc_calibrated *found)
{
    found->kind = chosen->kind;
    found->size = chosen->size;
    find_interval(t, chosen, found);
    rebuild(t, chosen);
    find_capacity(t, chosen, found);
    if (chosen->kind == LC_LIMIT_BEFORE)
        lci_times_before(t->stays, (size_t)chosen->size, t->times);
    tell_loads(t, chosen, found);
}

/* Where both of two limits have left their signs. */
static bool tell_pair(struct trial *t, const struct candidate *single, struct lc_calibrated *found,
                      struct lc_calibrated *inner)
{
    const struct candidate *pair = NULL;
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i].threads > 0 && (pair == NULL || score(t, &t->items[i]) > score(t, pair)))
            pair = &t->items[i];
    if (pair == NULL || score(t, pair) <= score(t, single) + CLEAR)
        return false;
    bool contradicted;
    struct lci_stays admitted = lci_stays_admitted(t->stays, pair->threads, &contradicted);
    struct trial behind = *t;
    const struct candidate cores = *pair;
    behind.stays = &admitted;
    begin(&admitted, found->most, inner);
    find_second(t, pair, LC_LIMIT_UNKNOWN, inner);
    tell(&behind, &cores, inner);
    const struct candidate first = {.kind = t->queue, .size = (double)cores.threads};
    found->kind = first.kind;
    found->size = first.size;
    found->ahead = inner->ahead;
    found->second = inner->second;
    find_threads_interval(t, pair, found);
    find_capacity(t, &first, found); /* of the times that both leave */
    tell_loads(t, &first, found);
    lci_stays_free(&admitted);
    return true;
}

/* Threads before the span, and what else there is inside: each has a time of its own. */
static bool tell_both_sides(struct trial *t, const struct candidate *chosen, struct lc_calibrated *found,
                            struct lc_calibrated *inner)
{
    const struct candidate *before = best_of(t, LC_LIMIT_BEFORE), *inside = chosen;
    const double clear = score(t, best_of(t, LC_LIMIT_NONE)) + CLEAR;
    if (chosen->kind == LC_LIMIT_BEFORE) {
        inside = best_of(t, LC_LIMIT_NONE);
        for (int kind = LC_LIMIT_NONE + 1; kind < LC_LIMIT_GROWTH; kind++) {
            const struct candidate *c = best_of(t, (enum lc_limit_kind)kind);
            if (c != NULL && kind != LC_LIMIT_BEFORE && score(t, c) > score(t, inside))
                inside = c;
        }
    }
    if (before == NULL || score(t, before) <= clear || inside->kind == LC_LIMIT_GROWTH || score(t, inside) <= clear)
        return false;
    struct candidate last = *inside;
    if (last.kind == LC_LIMIT_LOCK && chosen->kind == LC_LIMIT_BEFORE)
        size_lock(t, &last);
    begin(t->stays, found->most, inner);
    find_second(t, &last, LC_LIMIT_BEFORE, inner);
    tell(t, &last, inner);
    find_second(t, before, inside->kind, found);
    tell(t, before, found);
    return true;
}

static void choose(struct trial *t, struct lc_calibrated *found, struct lc_calibrated *inner)
{
    struct candidate chosen = best_above_none(t);
    if (chosen.kind == t->queue || chosen.kind == LC_LIMIT_CORES) {
        try_pairs(t, found->most);
        if (tell_pair(t, &chosen, found, inner))
            return;
    }
    const bool covers_all = chosen.kind == LC_LIMIT_LOCK && size_lock(t, &chosen);
    if (chosen.kind != LC_LIMIT_NONE && tell_both_sides(t, &chosen, found, inner))
        return;
    find_second(t, &chosen, covers_all ? LC_LIMIT_LOCK : LC_LIMIT_UNKNOWN, found);
    tell(t, &chosen, found);
}

/* Of the time that a request is there. */
static double mean_time(const struct lci_stays *stays)
{
    double sum = 0;
    for (size_t i = 0; i < stays->count; i++)
        sum += (stays->items[i].end - stays->items[i].begin) / (double)stays->count;
    return sum;
}

void lci_judge(const struct lci_stays *stays, enum lc_limit_kind queue, size_t loads, struct lc_calibrated *found,
               struct lc_calibrated *inner)
{
    const size_t room = stays->piece_count > stays->count ? stays->piece_count : stays->count;
    struct trial t = {.stays = stays,
                      .queue = queue,
                      .times = lc_alloc((room + 1) * sizeof(double)),
                      .factors = lc_calloc(stays->levels + 1, sizeof(double))};
    const size_t peak = lci_stays_peak(stays);
    begin(stays, peak, found);
    inner->kind = LC_LIMIT_UNKNOWN;
    inner->load_count = 0;
    if (stays->count >= LEAST && stays->levels >= loads && mean_time(stays) >= TICKS * stays->unit) {
        lci_times_before(stays, 0, t.times);
        t.before = lci_before_likelihood(stays, t.times);
        lci_times_recorded(stays, t.times);
        t.inside = lci_pieces_likelihood(stays, t.times);
        add(&t, LC_LIMIT_NONE, INFINITY, t.inside + t.before);
        found->pauses = lci_find_pauses(stays, t.times);
        try_threads(&t, peak);
        try_cores(&t, 1, peak);
        try_locks(&t);
        try_growth(&t);
        if (t.before != 0)
            try_before(&t, peak);
        choose(&t, found, inner);
    }
    free(t.items);
    free(t.times);
    free(t.factors);
}
