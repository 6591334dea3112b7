/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "groups.h"

#include <math.h>
#include <stdlib.h>

/* Sums over the values of a row. */
struct row {
    double low, high, weight;    /* weighted sums of the ends, relative to the mean */
    double log_x, log2_x, order; /* order: log of the middle, to sort by */
};

struct rows {
    struct row *row;
    size_t count, capacity;
};

enum sort { EXACT, INTERVAL, CUT_OFF, SORTS };

static enum sort sort_of(const struct lci_data *data, size_t i)
{
    if (data->high == NULL || data->high[i] == data->x[i])
        return EXACT;
    return isinf(data->high[i]) ? CUT_OFF : INTERVAL;
}

/* A place on the axis of logarithms; 0 counts as far below everything else. */
static double order_of(const struct lci_data *data, double x, double least)
{
    return log(fmax(x, least) / data->mean);
}

/* Rows of one sort, from values that come in ascending order: one for each of `limit` equal steps of the logarithm. */
static void add_value(struct rows *rows, size_t first, double step, double low, double high, double order, double w)
{
    if (rows->count == first || order >= rows->row[rows->count - 1].order + step) {
        LC_GROW(rows->row, rows->count, rows->capacity);
        rows->row[rows->count++] = (struct row){.order = order};
    }
    struct row *row = &rows->row[rows->count - 1];
    row->weight += w;
    row->low += w * low;
    row->high += w * high;
    row->log_x += w * order;
    row->log2_x += w * order * order;
}

static int by_order(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return (x->high > y->high) - (x->high < y->high);
}

/* The values of intervals come sorted by their lower ends (data.c merges equal rows that way), exact ones by
 * themselves.
 */
static struct rows collect(struct lci_data *data, size_t limit)
{
    struct rows rows = {0};
    double least = INFINITY, greatest = 0;
    const bool exact = data->high == NULL;
    if (exact)
        lci_data_sort(data);
    const size_t n = exact ? data->distinct : data->n;
    for (size_t i = 0; i < n; i++) {
        const double x = exact ? data->sorted[i] : lci_middle(data, i);
        least = x > 0 ? fmin(least, x) : least;
        greatest = fmax(greatest, x);
    }
    least /= 2; /* what stands in for exact zeros */
    const double range = log(greatest / least);
    for (enum sort sort = EXACT; sort < SORTS; sort++) {
        const size_t first = rows.count;
        for (size_t i = 0; i < n; i++) {
            if (sort_of(data, i) != sort && !(exact && sort == EXACT))
                continue;
            if (exact && sort != EXACT)
                break;
            const double low = exact ? data->sorted[i] : data->x[i], high = exact ? low : data->high[i];
            const double w = exact ? data->cumulated[i] - (i > 0 ? data->cumulated[i - 1] : 0) : data->weight[i];
            if (!(w > 0) || (sort == CUT_OFF && low <= 0)) /* says nothing */
                continue;
            const double order = order_of(data, exact ? low : lci_middle(data, i), least);
            add_value(&rows, first, n > limit ? range / (double)limit : 0, low / data->mean, high / data->mean, order,
                      w);
        }
    }
    if (rows.count > 1)
        qsort(rows.row, rows.count, sizeof *rows.row, by_order);
    return rows;
}

/* The middle rule over `n` equal steps of x, or of log x where the interval spans magnitudes. */
static size_t nodes(double low, double high, struct lci_point *points)
{
    const bool narrow = high < 2 * low;
    if (isinf(high))
        high = fmax(low, 1) * 1e3;
    if (low < 1e-4 * high)
        low = 1e-4 * high;
    const size_t n = narrow ? 6 : LCI_NODES;
    const double step = (narrow ? high - low : log(high / low)) / (double)n;
    for (size_t i = 0; i < n; i++) {
        const double at = ((double)i + 0.5) * step, x = narrow ? low + at : low * exp(at), log_x = log(x);
        points[i] = (struct lci_point){x, log_x, log_x * log_x, log(step) + (narrow ? 0 : log_x)};
    }
    return n;
}

struct lci_groups lci_groups_make(struct lci_data *data, size_t limit)
{
    struct rows rows = collect(data, limit);
    struct lci_groups groups = {.rows = rows.count, .grain = data->grain / data->mean};
    groups.first = lc_alloc((rows.count + 1) * sizeof *groups.first);
    groups.weight = lc_alloc(rows.count * sizeof *groups.weight);
    groups.points = lc_alloc(rows.count * (data->high == NULL ? 1 : LCI_NODES) * sizeof *groups.points);
    size_t count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        const struct row *row = &rows.row[i];
        const double w = row->weight, low = row->low / w, high = row->high / w;
        groups.first[i] = count;
        groups.weight[i] = w;
        groups.total += w;
        if (low == high)
            groups.points[count++] = (struct lci_point){low, row->log_x / w, row->log2_x / w, 0};
        else
            count += nodes(low, high, groups.points + count);
    }
    groups.first[rows.count] = count;
    free(rows.row);
    return groups;
}

void lci_groups_free(struct lci_groups *groups)
{
    free(groups->first);
    free(groups->weight);
    free(groups->points);
    *groups = (struct lci_groups){0};
}
