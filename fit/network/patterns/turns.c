/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests that came at the same time and had to wait got their threads one after the other, and nothing tells in which
 * order: only who showed work before the next thread was free must have had one. To take the one for the first that was
 * done first would make slow operations faster than they are. Instead the order is drawn with the probabilities that it
 * has given how long every kind of request works until it shows it, which all other requests of its kind tell: a Gibbs
 * sampler over exchanges of neighbours (Geman and Geman, IEEE PAMI 6, 1984), with densities by nearest neighbours
 * (Loftsgaarden and Quesenberry, Annals of Mathematical Statistics 36, 1965).
 */
#include "network/patterns/waiting_estimators.h"

#include "loadcast/base.h"
#include "loadcast/random.h"
#include "model/random/generator.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum {
    SWEEPS = 8, /* over the requests that came together; of two, one is enough */
    FEWEST = 20 /* samples of a kind that make a density */
};

struct work { /* of one request, up to what it showed first */
    size_t kind;
    double time;
};

struct turn {
    size_t request;
    double begin, start;
};

static int by_kind(const void *a, const void *b)
{
    const struct work *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return (x->time > y->time) - (x->time < y->time);
}

static int by_turn(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->request > y->request) - (x->request < y->request);
}

/* The first of the sorted samples that does not come before the key. */
static size_t lower_bound(const struct work *work, size_t count, const struct work *key)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (by_kind(&work[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    assert((low == 0 || by_kind(&work[low - 1], key) < 0) && (low == count || by_kind(&work[low], key) >= 0));
    return low;
}

/* Of the times of a kind at `key`, from the √n nearest ones; negative when there are too few. */
static double density(const struct work *work, size_t count, const struct work *key)
{
    const size_t first = lower_bound(work, count, &(struct work){key->kind, -INFINITY});
    const size_t last = lower_bound(work, count, &(struct work){key->kind, INFINITY}), n = last - first;
    if (n < FEWEST)
        return -1;
    const size_t nearest = (size_t)ceil(sqrt((double)n));
    size_t low = lower_bound(work, count, key), high = low;
    while (high - low < nearest)
        if (high == last || (low > first && key->time - work[low - 1].time <= work[high].time - key->time))
            low--;
        else
            high++;
    const double reach = fmax(fmax(key->time - work[low].time, work[high - 1].time - key->time), 1e-9);
    return (double)nearest / (double)n / (reach + fmin(reach, key->time)); /* no time is below 0 */
}

struct drawing {
    const struct work *work; /* of the requests whose turn is known, by kind and time */
    size_t work_count;
    const double *shown;
    const size_t *kind;
    struct lc_random random;
};

static double likelihood(const struct drawing *drawing, size_t request, double start)
{
    const struct work key = {drawing->kind[request], drawing->shown[request] - start};
    return density(drawing->work, drawing->work_count, &key);
}

/* Two requests exchange their threads with the probability that this has. */
static void draw_exchange(struct drawing *drawing, struct turn *a, struct turn *b)
{
    if (a->start == b->start || drawing->shown[a->request] <= b->start) /* nothing takes no time */
        return;
    const double a_kept = likelihood(drawing, a->request, a->start), b_kept = likelihood(drawing, b->request, b->start);
    const double a_late = likelihood(drawing, a->request, b->start), b_soon = likelihood(drawing, b->request, a->start);
    if (a_kept < 0 || b_kept < 0) /* nothing is known: as it was */
        return;
    const double exchanged = a_late * b_soon, kept = a_kept * b_kept;
    if (lci_random_uniform(&drawing->random) * (exchanged + kept) < exchanged) {
        const size_t request = a->request;
        a->request = b->request;
        b->request = request;
    }
}

/* The turns of requests that came together end where the next begin. */
static size_t end_of_group(const struct turn *turns, size_t count, size_t first)
{
    size_t last = first + 1;
    while (last < count && turns[last].begin == turns[first].begin)
        last++;
    return last;
}

void lci_draw_turns(const double *begin, const double *shown, const size_t *kind, const bool *taken, size_t count,
                    double *start)
{
    struct turn *turns = lc_alloc((count + 1) * sizeof *turns);
    struct work *work = lc_alloc((count + 1) * sizeof *work);
    struct drawing drawing = {.work = work, .shown = shown, .kind = kind};
    size_t turn_count = 0;
    for (size_t i = 0; i < count; i++)
        if (taken == NULL || !taken[i])
            turns[turn_count++] = (struct turn){i, begin[i], start[i]};
    if (turn_count > 1)
        qsort(turns, turn_count, sizeof *turns, by_turn);
    for (size_t first = 0, next; first < turn_count; first = next) {
        next = end_of_group(turns, turn_count, first);
        for (size_t t = first; t < next && turns[first].start == turns[next - 1].start; t++)
            work[drawing.work_count++] =
                (struct work){kind[turns[t].request], shown[turns[t].request] - turns[t].start};
    }
    if (drawing.work_count > 1)
        qsort(work, drawing.work_count, sizeof *work, by_kind);
    lc_random_init(&drawing.random, 1, 0, "turns", "waiting");
    for (size_t first = 0, next; first < turn_count; first = next) {
        next = end_of_group(turns, turn_count, first);
        for (int sweep = 0; sweep < SWEEPS; sweep++)
            for (size_t t = first; t + 1 < next; t++)
                draw_exchange(&drawing, &turns[t], &turns[t + 1]);
    }
    for (size_t t = 0; t < turn_count; t++)
        start[turns[t].request] = turns[t].start;
    free(turns);
    free(work);
}
