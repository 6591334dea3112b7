/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "groups.h"
#include "base/ascending.h"

#include <assert.h>
#include <stdlib.h>

/* Where a row belongs, and sums over what is in it. */
struct row {
    long low_bin, high_bin; /* of the logarithms of the ends; equal ones share a row */
    double order;           /* logarithm of the middle, to sort by */
    struct lci_data_group sum;
};

struct rows {
    struct row *row;
    size_t count, capacity;
};

enum { CUT_OFF = -1 }; /* high_bin of what is cut off */

/* The least value above 0 halved: what stands in for exact zeros. */
static double least_of(const struct lci_data *data, const double *x, size_t n, double *greatest)
{
    double least = INFINITY;
    *greatest = 0;
    for (size_t i = 0; i < n; i++) {
        const double middle = data->high != NULL ? lci_middle(data, i) : x[i];
        least = middle > 0 ? fmin(least, middle) : least;
        *greatest = fmax(*greatest, middle);
    }
    return least / 2;
}

/* Adds row `next` to the one before where it belongs there. */
static void add(struct rows *rows, const struct row *next, bool merge)
{
    if (!merge || rows->count == 0 || rows->row[rows->count - 1].low_bin != next->low_bin ||
        rows->row[rows->count - 1].high_bin != next->high_bin) {
        LC_GROW(rows->row, rows->count, rows->capacity);
        rows->row[rows->count++] = *next;
        return;
    }
    struct lci_data_group *sum = &rows->row[rows->count - 1].sum;
    sum->low += next->sum.low;
    sum->high += next->sum.high;
    sum->log_x += next->sum.log_x;
    sum->log2_x += next->sum.log2_x;
    sum->weight += next->sum.weight;
}

static int by_bins(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->high_bin != y->high_bin)
        return x->high_bin < y->high_bin ? -1 : 1;
    return (x->low_bin > y->low_bin) - (x->low_bin < y->low_bin);
}

static int by_order(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return by_bins(a, b);
}

/* One value as a row: weighted, relative to the mean. Bins are `step` wide, those of exact values odd. */
static struct row row_of(const struct lci_data *data, double low, double high, double w, double least, double step)
{
    const double mean = data->mean, middle = high > low && high < INFINITY ? low + (high - low) / 2 : low;
    const double order = log(fmax(middle, least) / mean);
    struct row row = {.order = order, .sum = {w * low / mean, w * high / mean, w * order, w * order * order, w}};
    if (!(step > 0))
        return row;
    row.low_bin = 2 * (long)floor(log(fmax(low, least) / mean) / step) + (low == high);
    row.high_bin = isinf(high) ? CUT_OFF : 2 + 2 * (long)floor(log(fmax(high, least) / least) / step);
    return row;
}

/* Exact values come in ascending order, so what belongs together is together; intervals are sorted first. */
static struct rows collect(struct lci_data *data, const double *x, size_t n, double least, double step)
{
    const bool exact = data->high == NULL;
    assert(!exact || lci_ascending(x, n));
    struct rows rows = {0};
    struct row *all = lc_alloc((exact ? 1 : n) * sizeof *all);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        const double w = exact ? data->cumulated[i] - (i > 0 ? data->cumulated[i - 1] : 0) : lci_weight(data, i);
        double low = x[i], high = exact ? x[i] : data->high[i];
        if (!(w > 0) || (isinf(high) && low <= 0)) /* says nothing */
            continue;
        if (!exact && lci_is_point(data, i))
            low = high = lci_middle(data, i);
        all[count] = row_of(data, low, high, w, least, step);
        if (exact)
            add(&rows, &all[count], step > 0);
        else
            count++;
    }
    if (count > 1)
        qsort(all, count, sizeof *all, by_bins);
    for (size_t i = 0; i < count; i++)
        add(&rows, &all[i], step > 0);
    free(all);
    return rows;
}

struct lci_groups lci_groups_make(struct lci_data *data, size_t limit)
{
    const bool exact = data->high == NULL;
    if (exact)
        lci_data_sort(data);
    const double *x = exact ? data->sorted : data->x;
    const size_t n = exact ? data->distinct : data->n;
    double greatest;
    const double least = least_of(data, x, n, &greatest);
    double step = n > limit ? log(greatest / least) / (double)limit : 0;
    struct rows rows = collect(data, x, n, least, step);
    while (rows.count > 2 * limit) { /* pairs of ends */
        free(rows.row);
        step *= 2;
        rows = collect(data, x, n, least, step);
    }
    if (rows.count > 1)
        qsort(rows.row, rows.count, sizeof *rows.row, by_order);
    struct lci_groups groups = {.count = rows.count, .grain = data->grain / data->mean};
    groups.row = lc_alloc(rows.count * sizeof *groups.row);
    for (size_t i = 0; i < rows.count; i++) {
        const struct lci_data_group *sum = &rows.row[i].sum;
        const double w = sum->weight, low = sum->low / w;
        const bool point = sum->low == sum->high; /* the same sum of the same numbers */
        groups.row[i] = (struct lci_data_group){low, point ? low : sum->high / w, sum->log_x / w, sum->log2_x / w, w};
        groups.total += w;
    }
    free(rows.row);
    return groups;
}

void lci_groups_free(struct lci_groups *groups)
{
    free(groups->row);
    *groups = (struct lci_groups){0};
}
