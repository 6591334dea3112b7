/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "differences.h"

#include "pairs.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POWER 0.9 /* with which `needed` requests show a change */

void lci_differences_free(struct lci_differences *d)
{
    free(d->items);
    lci_measure_table_free(&d->a);
    lci_measure_table_free(&d->b);
    *d = (struct lci_differences){0};
}

/* ---- the sides --------------------------------------------------------------------------------------------------- */

static bool is_of_run(const struct lci_measure_row *m)
{
    return *m->service == 0 && (strcmp(m->name, "traces") == 0 || strcmp(m->name, "duration") == 0);
}

/* The i-th request of all runs is one when each of them made as many. */
static void add_up_traces(struct lci_measure_row *to, const struct lci_measure_row *m)
{
    if (to->trace_count == 0 || to->trace_count != m->trace_count) {
        to->trace_count = 0;
        to->by_trace = NULL;
        return;
    }
    assert(to->by_trace != NULL && m->by_trace != NULL);
    for (size_t i = 0; i < to->trace_count; i++) {
        to->by_trace[i].sum += m->by_trace[i].sum;
        to->by_trace[i].count += m->by_trace[i].count;
    }
}

/* Adds a row of another run: what lies between the runs is part of the deviation. */
static void add_up(struct lci_measure_row *to, const struct lci_measure_row *m)
{
    const double n = (double)to->count, k = (double)m->count;
    if (m->count == 0)
        return;
    if (to->count == 0) {
        const struct lci_measure_row names = *to;
        *to = *m;
        to->release = names.release;
        to->run = names.run;
        to->by_trace = NULL;
        to->trace_count = 0;
        return;
    }
    const double mean = (n * to->mean + k * m->mean) / (n + k);
    const double within =
        fmax(n - 1, 0) * (isnan(to->sd) ? 0 : to->sd * to->sd) + fmax(k - 1, 0) * (isnan(m->sd) ? 0 : m->sd * m->sd);
    const double between = n * (to->mean - mean) * (to->mean - mean) + k * (m->mean - mean) * (m->mean - mean);
    to->sd = sqrt((within + between) / (n + k - 1));
    to->mean = mean;
    to->count += m->count;
    add_up_traces(to, m);
}

/* All runs as one, sorted by what rows are about. */
static void merge(const struct lci_measure_table *from, struct lci_measure_table *to)
{
    struct lci_measure_table all = {0};
    for (size_t i = 0; i < from->count; i++) {
        struct lci_measure_row row = from->items[i];
        row.release = row.run = "";
        if (!is_of_run(&row))
            lci_measure_table_add(&all, &row);
    }
    lci_measure_table_sort(&all);
    for (size_t i = 0; i < all.count; i++)
        if (to->count > 0 && lci_measure_row_order(&to->items[to->count - 1], &all.items[i]) == 0)
            add_up(&to->items[to->count - 1], &all.items[i]);
        else
            lci_measure_table_add(to, &all.items[i]);
    lci_measure_table_free(&all);
}

static const struct lci_measure_row *find(const struct lci_measure_table *table, const struct lci_measure_row *like,
                                          const char *name)
{
    struct lci_measure_row key = *like;
    key.name = name;
    key.subject = "";
    size_t low = 0, high = table->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (lci_measure_row_order(&table->items[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < table->count && lci_measure_row_order(&table->items[low], &key) == 0 ? &table->items[low] : NULL;
}

/* How many values side `table` has of what it never did; 0: it cannot be told, or the row is none of traces. */
static uint64_t zeros(const struct lci_measure_table *table, const struct lci_measure_row *row)
{
    const struct lci_measure_row whole = {
        .release = "", .run = "", .activity = row->activity, .service = "", .operation = ""};
    const bool counted = strcmp(row->unit, "1") == 0;
    const struct lci_measure_row *base = NULL;
    if (strcmp(row->name, "requests") == 0 || *row->service == 0)
        base = find(table, &whole, "spans");
    else
        base = find(table, row, "total_process_time");
    return base != NULL && counted ? base->count : 0;
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

/* Traces behind the values of a row. */
static double traces_of(const struct lci_measure_table *table, const struct lci_measure_row *row)
{
    const struct lci_measure_row whole = {
        .release = "", .run = "", .activity = row->activity, .service = "", .operation = ""};
    const struct lci_measure_row *spans = find(table, &whole, "spans");
    return spans != NULL ? (double)spans->count : (double)row->count;
}

/* What is there on one side only, k times among n values and never among m: by chance each would fall to either side.
 */
static double only_one(double k, double n, double m)
{
    return fmin(1, 2 * pow(n / (n + m), k));
}

static void test(struct lci_difference *d)
{
    const double n = (double)d->a.count, m = (double)d->b.count;
    const double difference = d->b.mean - d->a.mean;
    d->change = difference == 0 ? (d->a.mean == 0 ? NAN : 0) : difference / fabs(d->a.mean);
    d->low = d->high = d->effect = d->p = d->adjusted = d->needed = d->variance = NAN;
    d->pairs = false;
    if (n < 2 || m < 2 || isnan(d->a.sd) || isnan(d->b.sd))
        return;
    struct lci_pairs pairs;
    const double va = d->a.sd * d->a.sd / n, vb = d->b.sd * d->b.sd / m;
    d->pairs = va > 0 && vb > 0 && lci_are_pairs(&d->a, &d->b, &pairs);
    const double v = d->pairs ? pairs.variance : va + vb;
    d->variance = d->pairs ? v * n : d->a.sd * d->a.sd + d->b.sd * d->b.sd;
    if (v == 0) { /* the same each time */
        d->p = difference == 0 ? 1 : 0;
        d->low = d->high = d->change;
        return;
    }
    const double freedom = d->pairs ? pairs.freedom : v * v / (va * va / (n - 1) + vb * vb / (m - 1));
    d->p = 2 * gsl_cdf_tdist_Q(fabs(difference) / sqrt(v), freedom);
    if (d->a.mean == 0)
        d->p = fmax(d->p, only_one(d->b.mean * m, m, n));
    if (d->b.mean == 0)
        d->p = fmax(d->p, only_one(d->a.mean * n, n, m));
    d->effect = difference / sqrt((d->a.sd * d->a.sd + d->b.sd * d->b.sd) / 2);
    if (d->a.mean != 0) { /* of a ratio: its relative errors add up */
        const double ratio = d->b.mean / d->a.mean, t = gsl_cdf_tdist_Qinv(0.025, freedom);
        const double error = d->pairs ? sqrt(pairs.ratio_variance) : sqrt(vb + ratio * ratio * va) / fabs(d->a.mean);
        d->low = d->change - t * error;
        d->high = d->change + t * error;
    }
}

bool lci_is_significant(const struct lci_difference *d)
{
    return d->adjusted <= LCI_LEVEL && d->b.mean != d->a.mean;
}

static bool is_structure(const struct lci_difference *d)
{
    const char *name = d->a.name;
    return strcmp(name, "requests") == 0 || strcmp(name, "variant") == 0 ||
           (strcmp(name, "calls") == 0 && *d->a.subject != 0);
}

bool lci_is_gained(const struct lci_difference *d)
{
    return is_structure(d) && d->a.mean == 0 && d->b.mean > 0;
}

bool lci_is_lost(const struct lci_difference *d)
{
    return is_structure(d) && d->b.mean == 0 && d->a.mean > 0;
}

/* ---- all rows ---------------------------------------------------------------------------------------------------- */

/* A row that one side lacks: its counts are 0 there. */
static bool never(const struct lci_measure_table *table, const struct lci_measure_row *row,
                  struct lci_measure_row *made)
{
    *made = *row;
    made->count = zeros(table, row);
    made->mean = made->median = made->mode = made->p95 = made->sd = 0;
    return made->count > 0;
}

static void add(struct lci_differences *d, const struct lci_measure_row *a, const struct lci_measure_row *b)
{
    struct lci_difference made = {0};
    assert(a != NULL || b != NULL);
    if (a != NULL)
        made.a = *a;
    else if (zeros(&d->b, b) == 0 || !never(&d->a, b, &made.a))
        return;
    if (b != NULL)
        made.b = *b;
    else if (zeros(&d->a, a) == 0 || !never(&d->b, a, &made.b))
        return;
    test(&made);
    made.requests = traces_of(&d->a, &made.a);
    LC_GROW(d->items, d->count, d->room);
    d->items[d->count++] = made;
}

void lci_differences_of(const struct lci_measure_table *a, const struct lci_measure_table *b, struct lci_differences *d)
{
    *d = (struct lci_differences){0};
    merge(a, &d->a);
    merge(b, &d->b);
    for (size_t i = 0, k = 0; i < d->a.count || k < d->b.count;) {
        const int order = i == d->a.count   ? 1
                          : k == d->b.count ? -1
                                            : lci_measure_row_order(&d->a.items[i], &d->b.items[k]);
        add(d, order <= 0 ? &d->a.items[i] : NULL, order >= 0 ? &d->b.items[k] : NULL);
        i += order <= 0;
        k += order >= 0;
    }
}

/* ---- families ---------------------------------------------------------------------------------------------------- */

static int by_p(const void *a, const void *b)
{
    const struct lci_difference *x = *(struct lci_difference *const *)a, *y = *(struct lci_difference *const *)b;
    return (x->p > y->p) - (x->p < y->p);
}

/* Values a side, as many traces a side, with which a change by LCI_SEEN is found at the level of the whole family. */
static double needed(const struct lci_difference *d, size_t family)
{
    const double z = gsl_cdf_ugaussian_Qinv(LCI_LEVEL / 2 / (double)family) + gsl_cdf_ugaussian_Pinv(POWER);
    const double seen = LCI_SEEN * d->a.mean;
    const double values = z * z * d->variance / (seen * seen);
    return d->a.mean != 0 ? ceil(values * d->requests / (double)d->a.count) : NAN;
}

size_t lci_differences_adjust(struct lci_differences *d, const bool *chosen)
{
    struct lci_difference **family = lc_calloc(d->count + 1, sizeof *family);
    size_t count = 0;
    for (size_t i = 0; i < d->count; i++)
        /* What is the same each time on both sides can give no false alarm. */
        if (chosen[i] && !isnan(d->items[i].p) && !(d->items[i].p == 1 && isnan(d->items[i].effect)))
            family[count++] = &d->items[i];
    if (count > 1)
        qsort(family, count, sizeof(struct lci_difference *), by_p);
    double last = 0;
    for (size_t i = 0; i < count; i++) {
        last = fmax(last, fmin(1, family[i]->p * (double)(count - i)));
        family[i]->adjusted = last;
        family[i]->needed = needed(family[i], count);
    }
    free(family);
    return count;
}
