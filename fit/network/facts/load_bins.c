/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "network/facts/load_bins.h"

#include "network/facts/facts.h"

#include "base/sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WARM_UP     10 /* a recording's first part of so many is left out */
#define EACH_TESTED 20 /* requests of a window, to test whether the load varies */
#define LEAST_TEST  10 /* such windows at the least */
#define MOST_TEST   60
#define SLOW        4.0  /* standard deviations of von Neumann's ratio below that of independent counts */
#define EACH_CUT    100  /* requests of a window, on the average, where the load varies */
#define MOST_CUT    240  /* windows of a recording */
#define ALIKE       1.25 /* ratio of loads within a bin */
#define LEAST_BIN   200  /* requests; a smaller bin joins its neighbour */
#define LEAST_QUIET 300  /* requests to learn from */
#define LEAST_KIND  20   /* of each kind of which there are so many at all */
#define ONE_BY_ONE  30   /* requests, none of which met another one: somebody sends one when he has the answer */

bool lci_varies_slowly(const double *counts, size_t count)
{
    double mean = 0, squares = 0, successive = 0;
    if (count < LEAST_TEST)
        return false;
    for (size_t i = 0; i < count; i++)
        mean += counts[i] / (double)count;
    for (size_t i = 0; i < count; i++) {
        squares += pow(counts[i] - mean, 2);
        successive += i > 0 ? pow(counts[i] - counts[i - 1], 2) : 0;
    }
    if (!(squares > 0))
        return false;
    const double n = (double)count; /* 1 − ratio / 2 has mean 0 and variance (n − 2) / (n² − 1) when nothing depends */
    return (1 - successive / squares / 2) * sqrt((n * n - 1) / (n - 2)) > SLOW;
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

struct making {
    const struct lci_request *requests;
    size_t count, kinds;
    struct lc_load_bins bins;
    size_t window_capacity;
};

static size_t first_from(const struct making *m, int64_t time)
{
    size_t low = 0, high = m->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (m->requests[middle].begin < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool met_nobody(const struct lci_request *r, size_t count)
{
    bool alone = count >= ONE_BY_ONE;
    for (size_t i = 1; i < count && alone; i++)
        alone = r[i].begin >= r[i - 1].begin + llround(r[i - 1].duration * 1e9);
    return alone;
}

/* From `begin` until before `end`. One at a time is no load: nobody waits for another one, however fast they come. */
static void add_window(struct making *m, int64_t begin, int64_t end, bool one_by_one)
{
    const size_t from = first_from(m, begin), to = first_from(m, end);
    const double seconds = (double)(end - begin) * LCI_NANOSECOND;
    if (to == from || !(seconds > 0))
        return;
    struct lc_load_window window = {.time = {begin, end}, .requests = to - from, .one_by_one = one_by_one};
    for (size_t i = from; i < to; i++) {
        window.rate += m->requests[i].weight / seconds;
        window.load += one_by_one ? 0 : m->requests[i].weight * m->requests[i].work / seconds;
    }
    LC_GROW(m->bins.windows, m->bins.window_count, m->window_capacity);
    m->bins.windows[m->bins.window_count++] = window;
}

static bool load_varies(const struct making *m, size_t from, size_t to, int64_t begin, int64_t end)
{
    double counts[MOST_TEST] = {0};
    const size_t wanted = (to - from) / EACH_TESTED, windows = wanted < MOST_TEST ? wanted : MOST_TEST;
    const double length = (double)(end - begin);
    for (size_t i = from; i < to && windows > 0; i++) {
        const size_t w = (size_t)((double)(m->requests[i].begin - begin) / length * (double)windows);
        counts[w < windows ? w : windows - 1] += 1;
    }
    return lci_varies_slowly(counts, windows);
}

static void cut(struct making *m, const struct lci_stretch *stretch)
{
    const int64_t begin = stretch->begin, end = stretch->end + 1;
    const size_t from = first_from(m, begin), to = first_from(m, end);
    const bool alone = met_nobody(m->requests + from, to - from); /* then the rate varies with the answers */
    if (alone || !load_varies(m, from, to, begin, end)) {
        add_window(m, begin + (end - begin) / WARM_UP, end, alone);
        return;
    }
    const size_t wanted = (to - from) / EACH_CUT, windows = wanted < MOST_CUT ? wanted : MOST_CUT;
    for (size_t w = 0; w < windows; w++)
        add_window(m, begin + (int64_t)((double)(end - begin) * (double)w / (double)windows),
                   begin + (int64_t)((double)(end - begin) * (double)(w + 1) / (double)windows), false);
}

/* ---- bins -------------------------------------------------------------------------------------------------------- */

static int by_load(const void *a, const void *b)
{
    const struct lc_load_window *x = *(const struct lc_load_window *const *)a,
                                *y = *(const struct lc_load_window *const *)b;
    if (x->load != y->load)
        return x->load < y->load ? -1 : 1;
    return (x->time.begin > y->time.begin) - (x->time.begin < y->time.begin);
}

static void join(struct lc_load_bin *bin, const struct lc_load_bin *other)
{
    const double seconds = bin->seconds + other->seconds;
    bin->rate = (bin->rate * bin->seconds + other->rate * other->seconds) / seconds;
    bin->load = (bin->load * bin->seconds + other->load * other->seconds) / seconds;
    bin->seconds = seconds;
    bin->requests += other->requests;
    bin->one_by_one = bin->one_by_one && other->one_by_one;
}

static struct lc_load_bin bin_of(const struct lc_load_window *window)
{
    return (struct lc_load_bin){.rate = window->rate,
                                .load = window->load,
                                .seconds = (double)(window->time.end - window->time.begin) * LCI_NANOSECOND,
                                .requests = window->requests,
                                .one_by_one = window->one_by_one};
}

/* Joins the bin at `at` with the one before or after it, whichever is nearer; `sorted` are the windows by load. */
static void join_nearest(struct lc_load_bins *bins, struct lc_load_window **sorted, size_t at)
{
    const double load = bins->bins[at].load;
    const bool up =
        at == 0 || (at + 1 < bins->count && bins->bins[at + 1].load * bins->bins[at - 1].load < load * load);
    const size_t low = up ? at : at - 1;
    join(&bins->bins[low], &bins->bins[low + 1]);
    memmove(bins->bins + low + 1, bins->bins + low + 2, (bins->count - low - 2) * sizeof *bins->bins);
    bins->count--;
    for (size_t i = 0; i < bins->window_count; i++)
        sorted[i]->bin -= sorted[i]->bin > low;
}

static void make_bins(struct making *m)
{
    struct lc_load_bins *bins = &m->bins;
    struct lc_load_window **sorted = lc_calloc(bins->window_count + 1, sizeof *sorted);
    bins->bins = lc_calloc(bins->window_count + 1, sizeof *bins->bins);
    for (size_t i = 0; i < bins->window_count; i++)
        sorted[i] = &bins->windows[i];
    if (bins->window_count > 1)
        qsort(sorted, bins->window_count, sizeof *sorted, by_load);
    double first = 0;
    for (size_t i = 0; i < bins->window_count; i++) {
        const struct lc_load_bin here = bin_of(sorted[i]);
        if (bins->count > 0 && sorted[i]->load <= ALIKE * first) {
            join(&bins->bins[bins->count - 1], &here);
        } else {
            first = sorted[i]->load;
            bins->bins[bins->count++] = here;
        }
        sorted[i]->bin = bins->count - 1;
    }
    while (bins->count > 1) {
        size_t least = 0;
        for (size_t b = 1; b < bins->count; b++)
            least = bins->bins[b].requests < bins->bins[least].requests ? b : least;
        if (bins->bins[least].requests >= LEAST_BIN)
            break;
        join_nearest(bins, sorted, least);
    }
    free(sorted);
}

/* ---- quiet ------------------------------------------------------------------------------------------------------- */

/* Requests of each kind, [bin][kind]. */
static size_t *count_kinds(const struct making *m)
{
    size_t *counts = lc_calloc((m->bins.count + 1) * (m->kinds + 1), sizeof *counts);
    for (size_t w = 0; w < m->bins.window_count; w++) {
        const struct lc_load_window *window = &m->bins.windows[w];
        for (size_t i = first_from(m, window->time.begin); i < first_from(m, window->time.end); i++)
            counts[window->bin * m->kinds + m->requests[i].kind]++;
    }
    return counts;
}

/* The quietest bin, and as many more as it takes to know every kind of request; one that is busier is left. */
static size_t quiet_of(const struct making *m)
{
    size_t *counts = count_kinds(m), *here = lc_calloc(m->kinds + 1, sizeof *here), quiet = 0, requests = 0;
    bool enough = false;
    while (quiet < m->bins.count && !enough && (quiet == 0 || quiet + 1 < m->bins.count)) {
        requests += m->bins.bins[quiet].requests;
        enough = requests >= LEAST_QUIET;
        for (size_t k = 0; k < m->kinds; k++) {
            size_t all = 0;
            here[k] += counts[quiet * m->kinds + k];
            for (size_t b = 0; b < m->bins.count; b++)
                all += counts[b * m->kinds + k];
            enough = enough && (here[k] >= LEAST_KIND || all < LEAST_KIND);
        }
        quiet++;
    }
    free(counts);
    free(here);
    return quiet;
}

struct lc_load_bins lci_load_bins_cut(const struct lci_request *requests, size_t count, size_t kinds,
                                      const struct lci_stretch *stretches, size_t stretch_count)
{
    struct making m = {.requests = requests, .count = count, .kinds = kinds};
    for (size_t s = 0; s < stretch_count; s++)
        cut(&m, &stretches[s]);
    make_bins(&m);
    m.bins.quiet = quiet_of(&m);
    return m.bins;
}

/* ---- from visits ------------------------------------------------------------------------------------------------- */

static int by_begin(const void *a, const void *b)
{
    const struct lci_request *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->kind > y->kind) - (x->kind < y->kind);
}

/* Of successive requests of one kind. */
static double median_duration(const struct lci_request *requests, size_t count)
{
    double *durations = lc_calloc(count + 1, sizeof *durations);
    for (size_t i = 0; i < count; i++)
        durations[i] = requests[i].duration;
    lci_sort_doubles(durations, count);
    const double median = durations[count / 2];
    free(durations);
    return median;
}

bool lci_enters(const struct lci_visits *visits, uint32_t operation, size_t class_)
{
    const size_t classes = visits->options.class_count;
    const bool asked_for = classes == 0 || class_ < classes; /* else timers are not rare among what is left */
    return lci_is_root(visits, operation, class_) && (asked_for || !visits->operations[operation].internal);
}

static struct lci_request *requests_of(const struct lci_visits *visits, size_t *count, size_t *kinds)
{
    struct lci_request *requests = NULL;
    size_t capacity = 0;
    *count = *kinds = 0;
    for (uint32_t o = 0; o < visits->operation_count; o++)
        for (size_t c = 0; c < visits->class_count; c++) {
            const struct lci_variant *variant = &visits->operations[o].variants[c];
            const size_t first = *count;
            if (!lci_enters(visits, o, c))
                continue;
            for (size_t v = 0; v < variant->visit_count; v++) {
                const struct lci_visit *visit = &variant->visits[v];
                if (!visit->root)
                    continue;
                LC_GROW(requests, *count, capacity);
                requests[(*count)++] = (struct lci_request){
                    .begin = visit->start,
                    .duration = visit->duration,
                    .weight = lci_requests_each(visits, variant),
                    .kind = *kinds,
                };
            }
            if (*count == first)
                continue;
            const double work = median_duration(requests + first, *count - first);
            for (size_t i = first; i < *count; i++)
                requests[i].work = work;
            (*kinds)++;
        }
    if (*count > 1)
        qsort(requests, *count, sizeof *requests, by_begin);
    return requests;
}

struct lc_load_bins lci_load_bins_of(const struct lci_visits *visits, const struct lci_stretch *stretches,
                                     size_t stretch_count)
{
    size_t count, kinds;
    struct lci_request *requests = requests_of(visits, &count, &kinds);
    struct lc_load_bins bins = lci_load_bins_cut(requests, count, kinds, stretches, stretch_count);
    free(requests);
    return bins;
}

void lci_load_bins_free(struct lc_load_bins *bins)
{
    free(bins->windows);
    free(bins->bins);
    *bins = (struct lc_load_bins){0};
}
