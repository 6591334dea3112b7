/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calibrate/candidates.h"

#include "base/sort.h"
#include "calibrate/density.h"
#include "network/patterns/waiting_estimators.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- likelihood -------------------------------------------------------------------------------------------------- */

double lci_pieces_likelihood(const struct lci_stays *stays, const double *times)
{
    size_t *first = lc_calloc(stays->kinds + 2, sizeof *first);
    double *sorted = lc_alloc((stays->piece_count + 1) * sizeof *sorted), sum = 0;
    for (size_t i = 0; i < stays->piece_count; i++)
        first[stays->pieces[i].kind + 2]++;
    for (size_t k = 2; k < stays->kinds + 2; k++)
        first[k] += first[k - 1];
    for (size_t i = 0; i < stays->piece_count; i++)
        sorted[first[stays->pieces[i].kind + 1]++] = times[i];
    for (size_t k = 0; k < stays->kinds; k++)
        if (first[k + 1] - first[k] >= LCI_LEAST_OF_KIND)
            sum += lci_density_likelihood(sorted + first[k], first[k + 1] - first[k], stays->unit, stays->longest);
    free(sorted);
    free(first);
    return sum;
}

void lci_times_recorded(const struct lci_stays *stays, double *times)
{
    for (size_t i = 0; i < stays->piece_count; i++)
        times[i] = stays->pieces[i].end - stays->pieces[i].begin;
}

/* ---- threads ----------------------------------------------------------------------------------------------------- */

/* When each thread is free again: the earliest is the root of a heap. */
static void replace_root(double *heap, size_t count, double value)
{
    size_t at = 0;
    for (size_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= value)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = value;
}

/* When each of the stays is taken by one of `threads`. */
static void admit(const struct lci_stays *stays, size_t threads, double *admitted)
{
    double *heap = lc_alloc(threads * sizeof *heap);
    for (size_t i = 0; i < stays->count; i++) {
        const struct lci_stay *stay = &stays->items[i];
        if (i == 0 || stay[-1].instance != stay->instance)
            for (size_t t = 0; t < threads; t++)
                heap[t] = -INFINITY;
        admitted[i] = fmax(stay->begin, heap[0]);
        replace_root(heap, threads, stay->end);
    }
    free(heap);
}

void lci_times_threads(const struct lci_stays *stays, size_t threads, double *times)
{
    double *admitted = lc_alloc((stays->count + 1) * sizeof *admitted);
    admit(stays, threads, admitted);
    lci_times_recorded(stays, times);
    for (size_t i = 0; i < stays->count; i++)
        times[stays->items[i].first_piece] -= admitted[i] - stays->items[i].begin;
    free(admitted);
}

struct lci_stays lci_stays_admitted(const struct lci_stays *stays, size_t threads, bool *contradicted)
{
    struct lci_stays copy = *stays;
    double *admitted = lc_alloc((stays->count + 1) * sizeof *admitted);
    admit(stays, threads, admitted);
    copy.items = lc_alloc((stays->count + 1) * sizeof *copy.items);
    copy.pieces = lc_alloc((stays->piece_count + 1) * sizeof *copy.pieces);
    memcpy(copy.items, stays->items, stays->count * sizeof *copy.items);
    memcpy(copy.pieces, stays->pieces, stays->piece_count * sizeof *copy.pieces);
    *contradicted = false;
    for (size_t i = 0; i < copy.count; i++) {
        struct lci_stay *stay = &copy.items[i];
        struct lci_piece *first = &copy.pieces[stay->first_piece];
        *contradicted |= admitted[i] > first->end + stays->unit;
        first->begin = fmin(admitted[i], first->end);
        stay->begin = first->begin;
    }
    free(admitted);
    return copy;
}

/* ---- cores ------------------------------------------------------------------------------------------------------- */

struct instance { /* the pieces of one instance */
    double *begin, *end, *demand, *begins, *ends;
    size_t count;
};

static size_t below(const double *sorted, size_t count, double value)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (sorted[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The speed at which each piece ended: a little more work would have taken 1/speed times as long. */
static double log_speeds(struct instance *all, double cores)
{
    double sum = 0;
    lci_sort_doubles(all->begins, all->count);
    lci_sort_doubles(all->ends, all->count);
    for (size_t i = 0; i < all->count; i++) {
        if (all->end[i] <= all->begin[i])
            continue;
        const size_t present = below(all->begins, all->count, all->end[i]) - below(all->ends, all->count, all->end[i]);
        if ((double)present > cores)
            sum += log(cores / (double)present);
    }
    return sum;
}

double lci_times_cores(const struct lci_stays *stays, double cores, double *times)
{
    double *room = lc_alloc(5 * (stays->piece_count + 1) * sizeof *room), sum = 0;
    for (size_t first = 0, next, from = 0; first < stays->count; first = next) {
        size_t count = 0;
        for (next = first; next < stays->count && stays->items[next].instance == stays->items[first].instance; next++)
            count += stays->items[next].piece_count;
        struct instance all = {room, room + count, room + 2 * count, room + 3 * count, room + 4 * count, count};
        for (size_t i = 0; i < count; i++) {
            all.begin[i] = all.begins[i] = stays->pieces[from + i].begin;
            all.end[i] = all.ends[i] = stays->pieces[from + i].end;
        }
        const double share = 1;
        lci_complete_information(all.begin, all.end, NULL, count, cores, &share, 1, all.demand);
        for (size_t i = 0; i < count; i++)
            times[from + i] = all.end[i] > all.begin[i] ? all.demand[i] : 0;
        sum += log_speeds(&all, cores);
        from += count;
    }
    free(room);
    return sum;
}

/* ---- growth ------------------------------------------------------------------------------------------------------ */

double lci_times_grown(const struct lci_stays *stays, double *factors, double *times)
{
    double *sum = lc_calloc(2 * stays->levels * stays->kinds + 1, sizeof *sum), contribution = 0;
    double *number = sum + stays->levels * stays->kinds;
    lci_times_recorded(stays, times);
    for (size_t i = 0; i < stays->piece_count; i++) {
        const size_t at = stays->items[stays->pieces[i].stay].level * stays->kinds + stays->pieces[i].kind;
        sum[at] += times[i];
        number[at]++;
    }
    for (size_t l = 0; l < stays->levels; l++) { /* against the first level, weighted by how often kinds occur */
        double mean = 0, base = 0;
        for (size_t k = 0; k < stays->kinds; k++) {
            const size_t at = l * stays->kinds + k;
            if (!(number[k] > 0) || !(number[at] > 0))
                continue;
            mean += sum[at];
            base += sum[k] / number[k] * number[at];
        }
        factors[l] = base > 0 && mean > 0 ? mean / base : 1;
    }
    for (size_t i = 0; i < stays->piece_count; i++) {
        const double factor = factors[stays->items[stays->pieces[i].stay].level];
        times[i] /= factor;
        contribution -= log(factor);
    }
    free(sum);
    return contribution;
}

/* ---- before the span --------------------------------------------------------------------------------------------- */

void lci_times_before(const struct lci_stays *stays, size_t threads, double *times)
{
    double *heap = lc_alloc((threads + 1) * sizeof *heap);
    for (size_t i = 0; i < stays->count; i++) {
        const struct lci_stay *stay = &stays->items[i];
        times[i] = stay->begin - stay->asked;
        if (threads == 0)
            continue;
        if (i == 0 || stay[-1].instance != stay->instance)
            for (size_t t = 0; t < threads; t++)
                heap[t] = -INFINITY;
        /* A span that begins before a thread is free contradicts it, by more than clocks tell. */
        times[i] -= fmax(0, heap[0] - stay->asked);
        replace_root(heap, threads, stay->end);
    }
    free(heap);
}

double lci_before_likelihood(const struct lci_stays *stays, const double *times)
{
    double *known = lc_alloc((stays->count + 1) * sizeof *known), longest = 0;
    size_t count = 0;
    for (size_t i = 0; i < stays->count; i++)
        if (!isnan(stays->items[i].asked)) {
            longest = fmax(longest, stays->items[i].begin - stays->items[i].asked);
            known[count++] = times[i];
        }
    const double sum = count >= LCI_LEAST_OF_KIND ? lci_density_likelihood(known, count, stays->unit, longest) : 0;
    free(known);
    return sum;
}
