/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calibrate/density.h"

#include "base/sort.h"
#include "loadcast/base.h"

#include <math.h>
#include <stdlib.h>

#define STRAYS     0.01 /* part of the times that any distribution may have, whatever its density says */
#define FLOOR      0.02 /* smallest bandwidth: times are not told apart by less than this part of them */
#define SHORT      0.02 /* part of the median that is added to each time, since the logarithm of 0 is none */
#define WIDE       4    /* bandwidths from a value at which its kernel ends */
#define GRID       1024
#define BANDWIDTHS 5

struct lci_density {
    double least, range;
    double low, step, own;   /* own: what a time adds to the density at itself */
    double count;            /* of the times that are no strays */
    double smooth[GRID + 1]; /* over the logarithms */
};

static double own_height(double bandwidth)
{
    return 1 / (bandwidth * sqrt(2 * M_PI));
}

/* The time as its logarithm has it. */
static double shifted(const struct lci_density *d, double time)
{
    return fmax(time, 0) + d->least;
}

/* On the logarithmic scale, over all times. */
static double height(const struct lci_density *d, double z)
{
    const double at = (z - d->low) / d->step;
    if (!(at >= 0 && at <= GRID))
        return 0;
    const size_t cell = (size_t)fmin(at, GRID - 1);
    const double part = at - (double)cell;
    return (1 - part) * d->smooth[cell] + part * d->smooth[cell + 1];
}

static double log_density(const struct lci_density *d, double time, double less, double count)
{
    double density = STRAYS / d->range;
    if (time >= -d->least && count > 0) {
        const double x = shifted(d, time);
        density += (1 - STRAYS) * fmax(height(d, log(x)) - less, 0) / count / x;
    }
    return log(density);
}

double lci_density_log(const struct lci_density *density, double time)
{
    return log_density(density, time, 0, density->count);
}

double lci_density_log_own(const struct lci_density *density, double time)
{
    return log_density(density, time, density->own, density->count - 1);
}

static void smoothe(struct lci_density *d, const double *weight, double bandwidth)
{
    const size_t reach = (size_t)ceil(WIDE * bandwidth / d->step);
    double *shape = lc_alloc((reach + 1) * sizeof *shape);
    for (size_t i = 0; i <= reach; i++) {
        const double x = (double)i * d->step / bandwidth;
        shape[i] = exp(-x * x / 2) * own_height(bandwidth);
    }
    for (size_t i = 0; i <= GRID; i++)
        d->smooth[i] = 0;
    for (size_t i = 0; i <= GRID; i++)
        for (size_t j = i > reach ? i - reach : 0; weight[i] > 0 && j <= GRID && j <= i + reach; j++)
            d->smooth[j] += weight[i] * shape[i > j ? i - j : j - i];
    d->own = own_height(bandwidth);
    free(shape);
}

static double sum_own(const struct lci_density *d, const double *times, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += lci_density_log_own(d, times[i]);
    return sum;
}

static double median_of(const double *times, size_t count)
{
    double *sorted = lc_alloc(count * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = times[i];
    lci_sort_doubles(sorted, count);
    const double median = sorted[count / 2];
    free(sorted);
    return median;
}

/* The grid, and the standard deviation of the logarithms. */
static double span(struct lci_density *d, const double *times, size_t count)
{
    double low = INFINITY, high = -INFINITY, mean = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        if (times[i] < -d->least)
            continue;
        const double z = log(shifted(d, times[i])), step = z - mean;
        low = fmin(low, z);
        high = fmax(high, z);
        mean += step / ++d->count;
        squares += step * (z - mean);
    }
    const double spread = d->count > 1 ? sqrt(squares / (d->count - 1)) : 0;
    const double margin = fmax(spread, FLOOR); /* beyond the times the density falls off, and is not cut */
    d->low = d->count > 0 ? low - margin : 0;
    d->step = d->count > 0 ? (high - low + 2 * margin) / GRID : 1;
    return spread;
}

struct lci_density *lci_density_new(const double *times, size_t count, double unit, double range)
{
    struct lci_density *d = lc_calloc(1, sizeof *d);
    double weight[GRID + 1] = {0}, best = -INFINITY, chosen = 0;
    d->range = range;
    d->least = fmax(fmax(unit, SHORT * median_of(times, count)), 1e-9 * range);
    const double spread = span(d, times, count);
    for (size_t i = 0; i < count; i++) {
        if (times[i] < -d->least)
            continue;
        const double at = (log(shifted(d, times[i])) - d->low) / d->step;
        const size_t cell = (size_t)fmin(at, GRID - 1);
        weight[cell] += 1 - (at - (double)cell);
        weight[cell + 1] += at - (double)cell;
    }
    for (int b = 0; d->count > 0 && b < BANDWIDTHS; b++) {
        const double bandwidth = fmax(fmax(FLOOR, d->step), spread * pow(d->count, -0.2) * ldexp(1, -b));
        smoothe(d, weight, bandwidth);
        const double sum = sum_own(d, times, count);
        chosen = sum > best ? bandwidth : chosen;
        best = fmax(best, sum);
    }
    if (chosen > 0)
        smoothe(d, weight, chosen);
    return d;
}

void lci_density_free(struct lci_density *density)
{
    free(density);
}

double lci_density_likelihood(const double *times, size_t count, double unit, double range)
{
    if (count < 2 || !(range > 0))
        return 0;
    struct lci_density *d = lci_density_new(times, count, unit, range);
    const double sum = sum_own(d, times, count);
    lci_density_free(d);
    return sum;
}
