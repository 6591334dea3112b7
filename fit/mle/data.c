/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "data.h"

#include "base/sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void lci_moments(const double *x, const double *weight, size_t n, double *mean, double *variance)
{
    double total = 0, sum = 0, rest = 0, squares = 0;
    *mean = *variance = 0;
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        const double w = weight == NULL ? 1 : weight[i];
        total += w;
        sum += w * (x[i] - x[0]);
    }
    *mean = x[0] + sum / total;
    for (size_t i = 0; i < n; i++) {
        const double w = weight == NULL ? 1 : weight[i], d = x[i] - *mean;
        rest += w * d;
        squares += w * d * d;
    }
    *variance = fmax(squares - rest * rest / total, 0) / total;
    *mean += rest / total;
}

double lci_middle(const struct lci_data *data, size_t i)
{
    if (data->high == NULL || isinf(data->high[i]))
        return data->x[i];
    return data->x[i] + (data->high[i] - data->x[i]) / 2;
}

bool lci_all_cut_off(const struct lci_data *data)
{
    for (size_t i = 0; i < data->n; i++)
        if (data->high == NULL || !isinf(data->high[i]))
            return false;
    return true;
}

void lci_data_logs(struct lci_data *data)
{
    if (data->logs != NULL)
        return;
    data->logs = lc_alloc(data->n * sizeof *data->logs);
    for (size_t i = 0; i < data->n; i++)
        data->logs[i] = log(data->x[i]);
    lci_moments(data->logs, data->weight, data->n, &data->mean_log, &data->variance_log);
}

/* ---- order ------------------------------------------------------------------------------------------------------- */

enum { BITS = 11, DIGITS = 1 << BITS, PASSES = 6 };

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Radix sort, 11 bits at a time: the bit patterns of non-negative doubles are in the order of the numbers. The passes
 * go to and fro, an even number of them. */
static void radix_pass(const double *from, double *to, size_t n, size_t *place, int shift)
{
    for (size_t i = 0; i < n; i++)
        to[place[bits_of(from[i]) >> shift & (DIGITS - 1)]++] = from[i];
}

static void radix_sort(double *x, size_t n)
{
    double *other = lc_alloc(n * sizeof *other);
    size_t(*count)[DIGITS] = lc_calloc(PASSES, sizeof *count);
    for (size_t i = 0; i < n; i++) {
        x[i] += 0.0; /* −0 becomes 0 */
        for (int pass = 0; pass < PASSES; pass++)
            count[pass][bits_of(x[i]) >> (BITS * pass) & (DIGITS - 1)]++;
    }
    for (int pass = 0; pass < PASSES; pass++) {
        size_t start = 0;
        for (int digit = 0; digit < DIGITS; digit++) {
            const size_t here = count[pass][digit];
            count[pass][digit] = start;
            start += here;
        }
        radix_pass(pass % 2 == 0 ? x : other, pass % 2 == 0 ? other : x, n, count[pass], BITS * pass);
    }
    free(other);
    free(count);
}

void lci_sort(double *x, size_t n)
{
    if (n < 4096)
        lci_sort_doubles(x, n);
    else
        radix_sort(x, n);
}

struct row {
    double low, high, weight;
};

static int by_ends(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->low != y->low)
        return x->low < y->low ? -1 : 1;
    return (x->high > y->high) - (x->high < y->high);
}

static void sort_weighted(struct lci_data *data)
{
    struct row *rows = lc_alloc(data->n * sizeof *rows);
    for (size_t i = 0; i < data->n; i++)
        rows[i] = (struct row){lci_middle(data, i), 0, lci_weight(data, i)};
    qsort(rows, data->n, sizeof *rows, by_ends);
    double sum = 0;
    for (size_t i = 0; i < data->n; i++) {
        sum += rows[i].weight;
        if (data->distinct == 0 || rows[i].low != data->sorted[data->distinct - 1])
            data->sorted[data->distinct++] = rows[i].low;
        data->cumulated[data->distinct - 1] = sum;
    }
    free(rows);
}

void lci_data_sort(struct lci_data *data)
{
    if (data->sorted != NULL)
        return;
    data->sorted = lc_alloc(data->n * sizeof *data->sorted);
    data->cumulated = lc_alloc(data->n * sizeof *data->cumulated);
    if (data->weight != NULL || data->high != NULL) {
        sort_weighted(data);
        return;
    }
    memcpy(data->sorted, data->x, data->n * sizeof *data->x);
    lci_sort(data->sorted, data->n);
    for (size_t i = 0; i < data->n; i++) {
        if (data->distinct == 0 || data->sorted[i] != data->sorted[data->distinct - 1])
            data->sorted[data->distinct++] = data->sorted[i];
        data->cumulated[data->distinct - 1] = (double)(i + 1);
    }
}

/* ---- quantised clocks -------------------------------------------------------------------------------------------- */

/* Drops what was computed from the rows as they were. */
static void forget(struct lci_data *data)
{
    free(data->sorted);
    free(data->cumulated);
    data->sorted = data->cumulated = NULL;
    data->distinct = 0;
    data->widest = 0;
    if (data->split == NULL)
        return;
    free(data->split->points.logs);
    free(data->split->points.own_x);
    free(data->split);
    data->split = NULL;
}

/* Takes over rows of our own in place of those there are. */
static void own_rows(struct lci_data *data, size_t n, double *x, double *high, double *weight)
{
    forget(data);
    free(data->own_x);
    free(data->own_high);
    free(data->own_weight);
    data->n = n;
    data->x = data->own_x = x;
    data->high = data->own_high = high;
    data->weight = data->own_weight = weight;
}

/* Each reading stands for all values that round to it: the difference of two truncated time stamps has the same middle,
 * so this holds for clocks that truncate as well. What is no multiple of the unit is rounded to one. */
static void quantised_to_intervals(struct lci_data *data, double unit)
{
    size_t n = 0;
    double *x = lc_alloc(data->distinct * sizeof *x), *high = lc_alloc(data->distinct * sizeof *high);
    double *weight = lc_alloc(data->distinct * sizeof *weight), before = 0, steps = -1, odd = 0;
    for (size_t i = 0; i < data->distinct; i++) {
        const double w = data->cumulated[i] - before, reading = data->sorted[i], here = nearbyint(reading / unit);
        const bool multiple = lci_is_multiple(reading, unit);
        before = data->cumulated[i];
        odd += multiple ? 0 : w;
        if (here == steps) {
            weight[n - 1] += w;
            continue;
        }
        steps = here;
        const double middle = multiple ? reading : here * unit; /* the digits of the reading, where it has them */
        x[n] = fmax(middle - unit / 2, 0);
        high[n] = middle + unit / 2;
        weight[n++] = w;
    }
    data->unit = unit;
    data->odd = odd / data->total;
    data->grain = unit / 4;
    own_rows(data, n, x, high, weight);
}

static void zeros_to_intervals(struct lci_data *data)
{
    double *x = lc_alloc(data->n * sizeof *x), *high = lc_alloc(data->n * sizeof *high);
    double *weight = lc_alloc(data->n * sizeof *weight);
    for (size_t i = 0; i < data->n; i++) {
        x[i] = data->x[i];
        high[i] = data->x[i] == 0 ? data->sorted[1] : data->x[i];
        weight[i] = lci_weight(data, i);
    }
    data->censored_zeros = true;
    own_rows(data, data->n, x, high, weight);
}

static void merge_equal_rows(struct lci_data *data)
{
    struct row *rows = lc_alloc(data->n * sizeof *rows);
    for (size_t i = 0; i < data->n; i++)
        rows[i] = (struct row){data->x[i], data->high[i], lci_weight(data, i)};
    qsort(rows, data->n, sizeof *rows, by_ends);
    double *x = lc_alloc(data->n * sizeof *x), *high = lc_alloc(data->n * sizeof *high);
    double *weight = lc_alloc(data->n * sizeof *weight);
    size_t n = 0;
    for (size_t i = 0; i < data->n; i++) {
        if (n > 0 && rows[i].low == x[n - 1] && rows[i].high == high[n - 1]) {
            weight[n - 1] += rows[i].weight;
            continue;
        }
        x[n] = rows[i].low;
        high[n] = rows[i].high;
        weight[n++] = rows[i].weight;
    }
    free(rows);
    own_rows(data, n, x, high, weight);
}

void lci_summarise(struct lci_data *data)
{
    data->minimum = INFINITY;
    data->maximum = 0;
    data->total = 0;
    for (size_t i = 0; i < data->n; i++) {
        data->minimum = fmin(data->minimum, data->x[i]);
        data->maximum = fmax(data->maximum, data->high == NULL || isinf(data->high[i]) ? data->x[i] : data->high[i]);
        data->total += lci_weight(data, i);
    }
    if (data->high == NULL) {
        lci_moments(data->x, data->weight, data->n, &data->mean, &data->variance);
        return;
    }
    double *middles = lc_alloc(data->n * sizeof *middles);
    for (size_t i = 0; i < data->n; i++)
        middles[i] = lci_middle(data, i);
    lci_moments(middles, data->weight, data->n, &data->mean, &data->variance);
    free(middles);
}

static bool all_exact(const struct lc_sample *sample)
{
    for (size_t i = 0; sample->high != NULL && i < sample->count; i++)
        if (sample->high[i] != sample->low[i])
            return false;
    return true;
}

/* Rows of weight 0 say nothing, not even about the least value: they go. A sample of nothing else stays as it is. */
static void drop_weightless(struct lci_data *data)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < data->n; i++)
        n += lci_weight(data, i) > 0;
    if (n == data->n || n == 0)
        return;
    data->own_x = lc_alloc(n * sizeof(double));
    data->own_weight = lc_alloc(n * sizeof(double));
    data->own_high = data->high != NULL ? lc_alloc(n * sizeof(double)) : NULL;
    for (size_t i = 0; i < data->n; i++) {
        if (!(data->weight[i] > 0))
            continue;
        data->own_x[kept] = data->x[i];
        data->own_weight[kept] = data->weight[i];
        if (data->high != NULL)
            data->own_high[kept] = data->high[i];
        kept++;
    }
    data->n = n;
    data->x = data->own_x;
    data->weight = data->own_weight;
    data->high = data->own_high;
}

void lci_data_init(struct lci_data *data, const struct lc_sample *sample)
{
    lci_data_read(data, sample, LC_UNIT_FOUND);
}

void lci_data_read(struct lci_data *data, const struct lc_sample *sample, double unit)
{
    const bool exact = all_exact(sample);
    *data = (struct lci_data){
        .n = sample->count, .x = sample->low, .weight = sample->weight, .high = exact ? NULL : sample->high};
    drop_weightless(data);
    lci_summarise(data);
    if (exact && data->maximum > data->minimum) {
        const double found = unit == LC_UNIT_FOUND ? lci_find_unit(data) : unit;
        if (found > 0 || data->minimum == 0)
            lci_data_sort(data);
        if (found > 0)
            quantised_to_intervals(data, found);
        else if (data->minimum == 0)
            zeros_to_intervals(data);
    }
    if (data->high != NULL) {
        merge_equal_rows(data);
        lci_summarise(data);
    }
}

void lci_data_middles(struct lci_data *plain, const struct lci_data *data)
{
    double *x = lc_alloc(data->n * sizeof *x), positive = INFINITY;
    for (size_t i = 0; i < data->n; i++) {
        x[i] = lci_middle(data, i);
        positive = x[i] > 0 ? fmin(positive, x[i]) : positive;
    }
    for (size_t i = 0; i < data->n; i++)
        x[i] = x[i] > 0 || isinf(positive) ? x[i] : positive / 2;
    *plain = (struct lci_data){.n = data->n, .x = x, .own_x = x, .weight = data->weight};
    lci_summarise(plain);
}

bool lci_data_thin(struct lci_data *thin, const struct lci_data *data)
{
    enum { ENOUGH = 8192 };
    if (data->n < 4 * ENOUGH)
        return false;
    const size_t step = data->n / ENOUGH, n = data->n / step;
    double *x = lc_alloc(n * sizeof *x), *weight = data->weight != NULL ? lc_alloc(n * sizeof *weight) : NULL;
    for (size_t i = 0; i < n; i++) {
        x[i] = data->x[i * step];
        if (weight != NULL)
            weight[i] = data->weight[i * step];
    }
    *thin = (struct lci_data){.n = n, .x = x, .own_x = x, .weight = weight, .own_weight = weight};
    lci_summarise(thin);
    if (thin->variance > 0 && thin->total > 0)
        return true;
    lci_data_free(thin);
    return false;
}

void lci_data_free(struct lci_data *data)
{
    forget(data);
    free(data->logs);
    free(data->own_x);
    free(data->own_high);
    free(data->own_weight);
    *data = (struct lci_data){0};
}
