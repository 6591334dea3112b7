/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests that are under way when a process stops are longer than others, and those of one pause are so together. Were
 * they long by chance, their times would be those of a Poisson process, and |Σ exp(2πi t/T)|²/n exponential with mean 1
 * for every period T (Rayleigh); under pauses every T it is about n. Sums over the recordings are gamma distributed.
 */
#include "calibrate/pauses.h"

#include "base/sort.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#define LONGEST  0.01 /* part of the times of a kind that is looked at */
#define LEAST    200  /* times of a kind, for those to be known */
#define MOST     1000 /* of them, of a kind */
#define EVENTS   8    /* pauses in a recording, to tell when they come */
#define CHANCE   1e-5 /* that no period looks like this, whichever of all */
#define IN_PHASE 0.15 /* of a period: what comes so near to a pause is one */

struct event {
    double time, longer; /* s: longer than the median of its kind */
    uint32_t level;
};

struct events {
    struct event *items;
    size_t count, capacity;
    double seconds; /* of the longest recording */
};

static int by_time(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    return (x->time > y->time) - (x->time < y->time);
}

/* Values of one kind, sorted, and the kind's place among all. */
static double *sorted_by_kind(const struct lci_stays *stays, const double *times, size_t *first)
{
    double *sorted = lc_alloc((stays->piece_count + 1) * sizeof *sorted);
    for (size_t i = 0; i < stays->piece_count; i++)
        first[stays->pieces[i].kind + 2]++;
    for (size_t k = 2; k < stays->kinds + 2; k++)
        first[k] += first[k - 1];
    for (size_t i = 0; i < stays->piece_count; i++)
        sorted[first[stays->pieces[i].kind + 1]++] = times[i];
    for (size_t k = 0; k < stays->kinds; k++)
        lci_sort_doubles(sorted + first[k], first[k + 1] - first[k]);
    return sorted;
}

/* The longest times, of which those that overlap are one event. */
static struct events find_events(const struct lci_stays *stays, const double *times)
{
    struct events events = {0};
    size_t *first = lc_calloc(stays->kinds + 2, sizeof *first), kept = 0;
    double *sorted = sorted_by_kind(stays, times, first);
    for (size_t i = 0; i < stays->piece_count; i++) {
        const struct lci_piece *piece = &stays->pieces[i];
        const double *own = sorted + first[piece->kind];
        const size_t count = first[piece->kind + 1] - first[piece->kind];
        const double part = fmin(LONGEST, MOST / ((double)count + 1));
        if (count < LEAST || times[i] < own[(size_t)((1 - part) * (double)count)])
            continue;
        LC_GROW(events.items, events.count, events.capacity);
        events.items[events.count++] =
            (struct event){piece->end, times[i] - own[count / 2], stays->items[piece->stay].level};
    }
    free(sorted);
    free(first);
    if (events.count > 1)
        qsort(events.items, events.count, sizeof *events.items, by_time);
    for (size_t i = 0; i < events.count; i++) {
        struct event *last = kept > 0 ? &events.items[kept - 1] : NULL;
        if (last != NULL && events.items[i].time - events.items[i].longer < last->time)
            last->longer = fmax(last->longer, events.items[i].longer);
        else
            events.items[kept++] = events.items[i];
    }
    events.count = kept;
    return events;
}

struct phase {
    double cosine, sine, count;
};

/* Per level with enough events; returns the sum of the statistics. */
static double phases_of(const struct events *events, size_t levels, double period, struct phase *phases)
{
    double sum = 0;
    for (size_t l = 0; l < levels; l++)
        phases[l] = (struct phase){0};
    for (size_t i = 0; i < events->count; i++) {
        struct phase *p = &phases[events->items[i].level];
        p->cosine += cos(2 * M_PI * events->items[i].time / period);
        p->sine += sin(2 * M_PI * events->items[i].time / period);
        p->count++;
    }
    for (size_t l = 0; l < levels; l++)
        if (phases[l].count >= EVENTS)
            sum += (phases[l].cosine * phases[l].cosine + phases[l].sine * phases[l].sine) / phases[l].count;
    return sum;
}

/* The median of what events at the time of a pause are longer. */
static double length_of(const struct events *events, const struct phase *phases, double period)
{
    double *longer = lc_alloc((events->count + 1) * sizeof *longer);
    size_t count = 0;
    for (size_t i = 0; i < events->count; i++) {
        const struct phase *p = &phases[events->items[i].level];
        const double at = events->items[i].time / period - atan2(p->sine, p->cosine) / (2 * M_PI);
        if (fabs(at - round(at)) < IN_PHASE)
            longer[count++] = events->items[i].longer;
    }
    lci_sort_doubles(longer, count);
    const double median = count > 0 ? longer[count / 2] : NAN;
    free(longer);
    return median;
}

/* The longest recording, and how many have enough events. */
static size_t measure(struct events *events, size_t levels)
{
    size_t enough = 0;
    for (size_t l = 0; l < levels; l++) {
        double begin = INFINITY, end = -INFINITY;
        size_t count = 0;
        for (size_t i = 0; i < events->count; i++)
            if (events->items[i].level == l) {
                begin = fmin(begin, events->items[i].time);
                end = fmax(end, events->items[i].time);
                count++;
            }
        enough += count >= EVENTS;
        if (count >= EVENTS)
            events->seconds = fmax(events->seconds, end - begin);
    }
    return enough;
}

struct lc_calibrated_pauses lci_find_pauses(const struct lci_stays *stays, const double *times)
{
    struct lc_calibrated_pauses pauses = {NAN, NAN};
    struct events events = find_events(stays, times);
    struct phase *phases = lc_calloc(stays->levels + 1, sizeof *phases);
    const size_t levels = measure(&events, stays->levels);
    const double step = 1 / (4 * events.seconds), highest = (double)events.count / events.seconds;
    double most = 0, best = 0, tried = 0, frequency = EVENTS / events.seconds;
    while (levels > 0 && frequency < highest) {
        const double sum = phases_of(&events, stays->levels, 1 / frequency, phases);
        if (sum > most) {
            most = sum;
            best = frequency;
        }
        frequency += step;
        tried++;
    }
    if (most > 0 && tried * gsl_cdf_gamma_Q(most, (double)levels, 1) < CHANCE) {
        phases_of(&events, stays->levels, 1 / best, phases);
        pauses.every = 1 / best;
        pauses.length = length_of(&events, phases, 1 / best);
    }
    free(phases);
    free(events.items);
    return pauses;
}
