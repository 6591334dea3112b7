/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stretches of time in which traces were recorded. Several recordings, at several loads perhaps, lie apart: between
 * them is a pause that is far longer than the gaps between requests on both of its sides, or the rate changes
 * (rates.c). A rate over several of them would be nobody's. Where one file ends before another begins, less evidence is
 * enough: that is where a recording may end, wherever else it did not.
 */
#include "network/visits/visits.h"

#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

#define NEIGHBOURS 10 /* gaps on each side that a pause is compared with */
#define LONGER     30 /* times their median: 20.8 times the mean of a Poisson process, exp(-20.8) = 1e-9 */
#define PAUSE      INT64_C(1000000000) /* ns: the shortest one */
#define FILES      10   /* times the median gap between two files: 6.9 times the mean, exp(-6.9) = 0.001 */
#define LEAST      10   /* requests of a recording; a few between two pauses are strays */
#define MOST_RATES 12   /* without a pause; more are a load that varies */
#define STRAYS     0.05 /* of all requests at the most: else they come in bursts, with no pauses between recordings */

/* When the traces that were kept began, in order. */
static int64_t *root_starts(const struct lci_visits *visits, size_t *count)
{
    int64_t *starts = NULL;
    size_t capacity = 0;
    *count = 0;
    for (size_t o = 0; o < visits->operation_count; o++)
        for (size_t c = 0; c < visits->class_count; c++) {
            const struct lci_variant *variant = &visits->operations[o].variants[c];
            for (size_t v = 0; variant->roots > 0 && v < variant->visit_count; v++) {
                if (!variant->visits[v].root)
                    continue;
                LC_GROW(starts, *count, capacity);
                starts[(*count)++] = variant->visits[v].start;
            }
        }
    lci_sort_int64(starts, *count);
    return starts;
}

/* The median of up to NEIGHBOURS gaps between starts[from] and starts[to]; 0 where there is none. */
static int64_t usual_gap(const int64_t *starts, size_t from, size_t to)
{
    int64_t gaps[NEIGHBOURS];
    size_t count = 0;
    for (size_t i = from; i < to && count < NEIGHBOURS; i++)
        gaps[count++] = starts[i + 1] - starts[i];
    lci_sort_int64(gaps, count);
    return count == 0 ? 0 : gaps[count / 2];
}

/* Whether the time between starts[at] and the next one is a pause. */
static bool is_pause(const int64_t *starts, size_t count, size_t at)
{
    const int64_t gap = starts[at + 1] - starts[at];
    if (gap < PAUSE)
        return false;
    const size_t from = at < NEIGHBOURS ? 0 : at - NEIGHBOURS;
    const int64_t before = usual_gap(starts, from, at), after = usual_gap(starts, at + 1, count - 1);
    return gap / LONGER > (before > after ? before : after);
}

/* Whether one recording ends and another one begins between starts[at] and the next one, which are in two files whose
 * times do not touch. */
static bool is_between_files(const struct lci_visits *visits, const int64_t *starts, size_t count, size_t at)
{
    const size_t before = lci_file_at(visits, starts[at]), after = lci_file_at(visits, starts[at + 1]);
    if (before == after)
        return false;
    size_t from = at, to = at + 1;
    while (from > 0 && lci_file_at(visits, starts[from - 1]) == before)
        from--;
    while (to + 1 < count && lci_file_at(visits, starts[to + 1]) == after)
        to++;
    const int64_t usual[] = {usual_gap(starts, at > from + NEIGHBOURS ? at - NEIGHBOURS : from, at),
                             usual_gap(starts, at + 1, to)};
    return (starts[at + 1] - starts[at]) / FILES > (usual[0] > usual[1] ? usual[0] : usual[1]) ||
           lci_rates_differ(starts + from, at + 1 - from, starts + at + 1, to - at);
}

struct stretches {
    struct lci_stretch *items;
    size_t count, capacity;
};

static void add(struct stretches *stretches, const int64_t *starts, size_t count)
{
    LC_GROW(stretches->items, stretches->count, stretches->capacity);
    stretches->items[stretches->count++] = (struct lci_stretch){starts[0], starts[count - 1], count};
}

/* Requests without a pause, by their rates; as one, where these are so many that the load itself varies. */
static void add_rates(struct stretches *stretches, const int64_t *starts, size_t count)
{
    size_t ends[MOST_RATES] = {count}, rates = 1, from = 0; /* those still to be looked at, the last one first */
    const size_t before = stretches->count;
    while (rates > 0) {
        const size_t change = lci_rate_change(starts + from, ends[rates - 1] - from);
        if (change > 0 && stretches->count - before + rates == MOST_RATES) {
            stretches->count = before;
            add(stretches, starts, count);
            return;
        }
        if (change > 0) {
            ends[rates++] = from + change;
            continue;
        }
        add(stretches, starts + from, ends[rates - 1] - from);
        from = ends[--rates];
    }
}

struct lci_stretch *lci_stretches_of(const struct lci_visits *visits, size_t *count)
{
    size_t all;
    int64_t *starts = root_starts(visits, &all);
    struct stretches stretches = {0};
    size_t strays = 0;
    for (size_t first = 0, next; first < all; first = next) {
        for (next = first + 1;
             next < all && !is_pause(starts, all, next - 1) && !is_between_files(visits, starts, all, next - 1); next++)
            ;
        if (next - first < LEAST || starts[next - 1] - starts[first] < PAUSE) {
            strays += next - first;
            continue;
        }
        add_rates(&stretches, starts + first, next - first);
    }
    if (all > 0 && (double)strays > STRAYS * (double)all) {
        stretches.count = 0;
        add(&stretches, starts, all);
    }
    free(starts);
    *count = stretches.count;
    return stretches.items;
}

double lci_stretch_seconds(const struct lci_stretch *stretch)
{
    return (double)(stretch->end - stretch->begin) * 1e-9;
}
