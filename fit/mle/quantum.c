/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The unit in which a sample was read, decided by the majority of its values: single ones that another instrument read
 * must neither hide a unit nor make a finer one. Candidates are the greatest common divisors of three values each, as
 * three random multiples have no greater one than the unit in 83 % (1/ζ(3)) of all cases.
 */
#include <assert.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdlib.h>

#include "base/ascending.h"
#include "data.h"
#include "model/random/generator.h"

enum {
    LOOK = 4096,     /* values that are looked at, evenly spread over the sorted sample */
    TRIPLES = 96,    /* of them */
    CANDIDATES = 97, /* units: one of each triple, and one that divides everything */
    FEW = 3,         /* a coincidence of a few values is no unit: so many different ones, without gaps, */
    MANY = 8,        /* or so many with gaps */
    FINEST = 1 << 20 /* units in most values: finer ones are as good as none */
};

#define OFF     1e-4 /* units: how far decimal fractions and differences of times may be from a multiple */
#define TIED    0.875
#define BULK    0.9
#define MAJOR   0.5
#define ROUNDED 1e-9 /* of the greatest of a few values: rounding, to Euclid's algorithm */

bool lci_is_multiple(double x, double unit)
{
    const double steps = x / unit;
    return fabs(steps - nearbyint(steps)) <= OFF + 1e-12 * steps;
}

/* The values above 0 that are looked at, sorted. */
struct look {
    double x[LOOK];
    size_t n;
};

/* Continuous values hardly ever coincide: whether these do. */
static bool ties_are_common(const struct look *look)
{
    size_t distinct = look->n > 0;
    for (size_t i = 1; i < look->n; i++)
        distinct += look->x[i] != look->x[i - 1];
    return (double)distinct < TIED * (double)look->n;
}

/* In steps of equal weight; before the whole sample is sorted, in steps of its order. */
static void look_at(const struct lci_data *data, struct look *look)
{
    const bool sorted = data->sorted != NULL;
    const size_t n = data->n < LOOK ? data->n : LOOK;
    look->n = 0;
    for (size_t i = 0, row = 0; i < n; i++) {
        double x = data->x[i * (data->n / n)];
        if (sorted) {
            const double weight = data->total * ((double)i + 0.5) / (double)n;
            while (row + 1 < data->distinct && data->cumulated[row] < weight)
                row++;
            x = data->sorted[row];
        }
        if (x > 0)
            look->x[look->n++] = x;
    }
    if (!sorted)
        lci_sort(look->x, look->n);
    assert(lci_ascending(look->x, look->n));
}

static double divisor(double a, double b, double slack)
{
    while (b > slack) {
        const double rest = fabs(a - b * nearbyint(a / b));
        a = b;
        b = rest;
    }
    return a;
}

static double share_of_multiples(const struct look *look, double unit)
{
    size_t count = 0;
    for (size_t i = 0; i < look->n; i++)
        count += lci_is_multiple(look->x[i], unit);
    return (double)count / (double)look->n;
}

struct candidate {
    double unit, share;
};

static void consider(const struct look *look, double unit, struct candidate *all, size_t *count)
{
    if (!(unit > 0) || unit * FINEST < look->x[(size_t)(BULK * (double)(look->n - 1))])
        return;
    for (size_t i = 0; i < *count; i++)
        if (fabs(all[i].unit - unit) <= OFF * unit)
            return;
    const double share = share_of_multiples(look, unit);
    if (share > MAJOR)
        all[(*count)++] = (struct candidate){unit, share};
}

static size_t find_candidates(const struct look *look, struct candidate *all)
{
    size_t count = 0;
    double every = 0;
    const double greatest = look->x[look->n - 1];
    for (size_t i = 0; i < look->n; i++)
        every = divisor(look->x[i], every, ROUNDED * greatest);
    consider(look, every, all, &count);
    struct lc_random r;
    lc_random_init(&r, 0, 0, "unit", "triples");
    for (int i = 0; i < TRIPLES; i++) {
        double unit = 0, most = 0;
        for (int k = 0; k < 3; k++) {
            const double x = look->x[(size_t)(lci_random_uniform(&r) * (double)look->n)];
            most = fmax(most, x);
            unit = divisor(x, unit, ROUNDED * most);
        }
        consider(look, unit, all, &count);
    }
    return count;
}

/* Whether more than half of the values that a finer unit explains were read in this one: of those read in 1/k of it,
 * one in k is a multiple of it by chance. */
static bool holds_against(const struct candidate *c, const struct candidate *finer)
{
    const double chance = finer->unit / c->unit;
    return (c->share / finer->share - chance) / (1 - chance) > MAJOR;
}

/* Whether enough different multiples are among the values: many, or a few that are neighbours, but for the greatest
 * tenth. `zero`: the sample has zeros, which are not looked at. */
static bool enough_readings(const struct look *look, double unit, bool zero)
{
    double steps[LOOK + 1];
    size_t n = 0, distinct = 0, neighbours = 0;
    if (zero)
        steps[n++] = 0;
    for (size_t i = 0; i < look->n; i++)
        if (lci_is_multiple(look->x[i], unit))
            steps[n++] = nearbyint(look->x[i] / unit);
    const double last = steps[(size_t)(BULK * (double)(n - 1))];
    for (size_t i = 0; i < n; i++) {
        const bool new = i == 0 || steps[i] != steps[i - 1];
        distinct += new;
        neighbours += new &&steps[i] <= last;
    }
    return distinct >= MANY || (distinct >= FEW && last - steps[0] + 1 == (double)neighbours);
}

double lci_find_unit(struct lci_data *data)
{
    struct look look;
    struct candidate all[CANDIDATES];
    look_at(data, &look);
    if (look.n < FEW || !(ties_are_common(&look) || data->minimum == 0))
        return 0;
    lci_data_sort(data);
    look_at(data, &look);
    if (look.n < FEW)
        return 0;
    const size_t count = find_candidates(&look, all);
    double unit = 0;
    for (size_t i = 0; i < count; i++) {
        bool good = all[i].unit > unit && enough_readings(&look, all[i].unit, data->minimum == 0);
        for (size_t k = 0; k < count && good; k++)
            good = !(all[k].unit < all[i].unit * (1 - OFF) && all[k].share > all[i].share) ||
                   holds_against(&all[i], &all[k]);
        unit = good ? all[i].unit : unit;
    }
    return unit;
}
