/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A family above a minimum: the shift s in [0, least value) of the greatest profile likelihood, max over p of ℓ(p; x −
 * s). Where densities grow without bound towards their origin, or where a family can be squeezed between s and the
 * least value (Cheng & Amin 1983), that likelihood has no maximum. Two rules make it one: s stays so far below the
 * least value as is to be expected of n values, and members whose density is unbounded at the origin (a gamma or
 * Weibull shape below 1, say) are left out.
 */
#include <math.h>

#include "estimate.h"

struct search {
    const struct lc_family *family;
    const struct lci_data *data; /* counted from `origin` */
    double origin;
    double distance; /* of a shift from the least value, at least */
    const struct lci_estimator *estimator;
};

/* (m − least) / n (m: mean), the distance an exponential has on the average, or where the density is steeper at its
 * origin than that of an exponential the mean distance between the √n least values. */
static double least_distance(struct lci_data *data)
{
    const double usual = (data->mean - data->minimum) / data->total, many = sqrt(data->total);
    size_t i = 0;
    lci_data_sort(data);
    while (i + 1 < data->distinct && data->cumulated[i] < many)
        i++;
    const double gap = i > 0 ? (data->sorted[i] - data->sorted[0]) / (data->cumulated[i] - data->cumulated[0]) : usual;
    return fmin(gap, usual);
}

/* Whether the density is bounded at the origin. */
static bool bounded(const struct lc_dist *dist, const struct lci_estimator *e)
{
    for (size_t i = e->shape; e->stride > 0 && i < dist->count; i += e->stride)
        if (dist->parameters[i] < 1)
            return false;
    return true;
}

/* The data from a shift on; components of mixtures get no nearer to it than the shift may get to the least value. */
static void shift_data(struct lci_data *shifted, const struct lci_data *data, double shift, double distance)
{
    lci_data_shifted(shifted, data, shift);
    shifted->grain = fmax(data->grain, distance);
}

/* The profile likelihood of a shift. */
static double profile(const struct search *search, double shift)
{
    struct lci_data data;
    struct lc_fit fit;
    shift_data(&data, search->data, shift - search->origin, search->distance);
    data.rough = search->estimator->origin == LCI_RISING_DEARLY;
    const int status = lci_fit(search->family, &data, &fit);
    const double value = status == 0 && bounded(&fit.dist, search->estimator) ? fit.log_likelihood : -INFINITY;
    lc_fit_free(&fit);
    lci_data_free(&data);
    return value;
}

/* Over the logarithm of the distance of the shift from the least value: a grid, then the golden section around its best
 * point. Returns 0 where nothing on the grid is better than no shift. */
static double best_shift(const struct search *search, double least, double greatest)
{
    const bool dear = search->estimator->origin == LCI_RISING_DEARLY;
    const int grid = dear ? 5 : 8, rounds = dear ? 6 : 18;
    const double golden = 0.61803398874989485, far = log(least), step = (log(least - greatest) - far) / grid;
    double best = profile(search, 0);
    int found = 0;
    for (int i = 1; i <= grid; i++) {
        const double value = profile(search, i == grid ? greatest : least - exp(far + step * i));
        if (value > best) {
            best = value;
            found = i;
        }
    }
    if (found == 0)
        return 0;
    double a = far + step * (found - 1), b = far + step * fmin(found + 1, grid);
    double c = b - golden * (b - a), d = a + golden * (b - a);
    double at_c = profile(search, least - exp(c)), at_d = profile(search, least - exp(d));
    for (int i = 0; i < rounds; i++) {
        if (at_c > at_d) {
            b = d;
            d = c;
            at_d = at_c;
            c = b - golden * (b - a);
            at_c = profile(search, least - exp(c));
        } else {
            a = c;
            c = d;
            at_c = at_d;
            d = a + golden * (b - a);
            at_d = profile(search, least - exp(d));
        }
    }
    if (best >= fmax(at_c, at_d)) /* the grid's own point, at the end of the range */
        return found == grid ? greatest : least - exp(far + step * found);
    return fmax(least - exp(at_c > at_d ? c : d), 0);
}

/* Searches on bins where there are many values — they are fine where the logarithm of x − greatest is — and on the
 * middles of intervals, whose own likelihood takes a climb for every shift. */
static double search_shift(const struct lc_family *family, const struct lci_estimator *e, struct lci_data *data,
                           double distance)
{
    enum { BINS = 2048 };
    struct lci_data middles = {0}, near, bins;
    struct search search = {family, data, 0, distance, e};
    const double greatest = data->minimum - distance;
    if (data->high != NULL) {
        lci_data_middles(&middles, data);
        search.data = &middles;
    }
    lci_data_shifted(&near, search.data, greatest);
    const bool binned = lci_data_binned(&bins, &near, BINS);
    if (binned) {
        search.data = &bins;
        search.origin = greatest;
    }
    const double shift = best_shift(&search, data->minimum, greatest);
    if (binned)
        lci_data_free(&bins);
    lci_data_free(&near);
    lci_data_free(&middles);
    return shift;
}

int lci_fit_shifted(const struct lc_family *family, struct lci_data *data, struct lc_fit *fit)
{
    *fit = (struct lc_fit){.log_likelihood = NAN};
    const struct lci_estimator *e = lci_estimator_find(family->name);
    if (e == NULL || e->origin == LCI_FIXED || !(data->minimum > 1e-3 * data->mean))
        return -1;
    const double distance = least_distance(data), greatest = data->minimum - distance;
    /* A shift that vanishes beside the rest of a value tells nothing, and one without a rest loses all digits. */
    if (!(greatest > 1e-3 * data->mean) || !(data->mean - greatest > 1e-9 * data->mean))
        return -1;
    const double shift = e->origin == LCI_FALLING ? greatest : search_shift(family, e, data, distance);
    if (!(shift > 0))
        return -1;
    struct lci_data shifted;
    shift_data(&shifted, data, shift, distance);
    const int status = lci_fit(family, &shifted, fit);
    lci_data_free(&shifted);
    if (status != 0)
        return status;
    if (!bounded(&fit->dist, e)) { /* where the whole iteration ends, but the rough one did not */
        lc_fit_free(fit);
        return -1;
    }
    fit->dist.shift = shift;
    fit->free_parameters++;
    lci_criteria(fit, data->total);
    return 0;
}
