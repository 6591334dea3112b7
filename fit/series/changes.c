/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "changes.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "loadcast/base.h"

const struct lci_change_options lci_change_defaults = {.window = 50, .least = 2, .level = 0.001};

/* ---- two sides --------------------------------------------------------------------------------------------------- */

struct side {
    double n, mean, squares; /* squares: of the deviations */
};

static struct side side_of(const double *x, size_t from, size_t to)
{
    struct side s = {.n = (double)(to - from)};
    for (size_t i = from; i < to; i++)
        s.mean += x[i] / s.n;
    for (size_t i = from; i < to; i++)
        s.squares += (x[i] - s.mean) * (x[i] - s.mean);
    return s;
}

static double p_of(double difference, double variance, double freedom)
{
    if (!(freedom > 0))
        return 1;
    if (!(variance > 0))
        return difference != 0 ? 0 : 1;
    return fmin(2 * gsl_cdf_tdist_Q(fabs(difference) / sqrt(variance), freedom), 1);
}

/* Student's test, with one variance for both sides. */
static double p_of_split(const double *x, size_t from, size_t at, size_t to, struct lci_level_change *change)
{
    const struct side a = side_of(x, from, at), b = side_of(x, at, to);
    const double freedom = a.n + b.n - 2;
    change->before = a.mean;
    change->after = b.mean;
    change->p = p_of(a.mean - b.mean, (a.squares + b.squares) / freedom * (1 / a.n + 1 / b.n), freedom);
    return change->p;
}

/* ---- the search -------------------------------------------------------------------------------------------------- */

#define LARGEST_WINDOW 256

/* Sums of distances of a part of the values: between X and Y they are `whole` − x − y. The statistic is
 * 2 / (n + m) × (between − m / (n − 1) × x − n / (m − 1) × y), where a side of one value has no distances. */
struct sums {
    double first[LARGEST_WINDOW + 1];   /* [k] within z[0, k) */
    double within[LARGEST_WINDOW + 1];  /* [k] within z[at, k) */
    double inverse[LARGEST_WINDOW + 1]; /* [k] 1 / k, 0 for 0 */
};

static void start_sums(struct sums *s, const double *z, size_t count)
{
    *s = (struct sums){0};
    for (size_t k = 1; k <= count; k++)
        s->inverse[k] = 1 / (double)k;
    for (size_t k = 1; k < count; k++) {
        double even = 0, odd = 0; /* two sums, which do not wait for each other */
        size_t i = 0;
        for (; i + 1 < k; i += 2) {
            even += fabs(z[i] - z[k]);
            odd += fabs(z[i + 1] - z[k]);
        }
        s->first[k + 1] = s->first[k] + even + odd + (i < k ? fabs(z[i] - z[k]) : 0);
    }
}

struct lci_energy lci_energy_split(const double *z, size_t count, const struct lci_change_options *o, size_t offset)
{
    struct sums s;
    struct lci_energy best = {.q = -INFINITY};
    start_sums(&s, z, count);
    for (size_t at = count - 1; at >= 1; at--) {
        double sum = 0;
        for (size_t k = at + 1; k < count; k++) {
            sum += fabs(z[at] - z[k]);
            s.within[k + 1] += sum;
        }
        if (at < o->least || (o->border != NULL && !o->border[offset + at]))
            continue;
        const double n = (double)at, x = s.first[at], spread = x * s.inverse[at - 1];
        for (size_t end = at + o->least; end <= count; end++) {
            const double m = (double)(end - at), y = s.within[end];
            const double value =
                2 * s.inverse[end] * (s.first[end] - x - y - m * spread - n * y * s.inverse[end - at - 1]);
            if (value >= best.q) /* of equal ones the first split, and the longest */
                best = (struct lci_energy){at, end, value};
        }
    }
    return best;
}

/* A part of a window between two changes, and its best split. */
struct part {
    size_t from, to;
    struct lci_energy split; /* its places in the series; at 0: none */
};

static struct part part_of(const double *z, size_t from, size_t to, const struct lci_change_options *o)
{
    struct part p = {from, to, {.q = -INFINITY}};
    if (to - from >= 2 * o->least)
        p.split = lci_energy_split(z + from, to - from, o, from);
    if (p.split.at > 0) {
        p.split.at += from;
        p.split.end += from;
    }
    return p;
}

/* Whether the two sides of a split differ. What follows its second side may hide that, where it is another level; the
 * published method looks at all that follows nevertheless. The end was chosen as well, so that less is taken for
 * chance; a few values alone may be outliers, unless borders say that they belong together. */
static bool differs(const double *z, const struct part *p, double level, const struct lci_change_options *o)
{
    enum { FEW = 4 };
    struct lci_level_change change;
    if (p_of_split(z, p->from, p->split.at, p->to, &change) < level)
        return true;
    return !o->published && (o->border != NULL || p->split.end >= p->split.at + FEW) &&
           p_of_split(z, p->from, p->split.at, p->split.end, &change) < level / 100;
}

/* The changes within a window: the best split of all parts, again and again, until it is not significant. Returns the
 * last one, 0 for none. */
static size_t search(const double *z, size_t from, size_t to, double level, const struct lci_change_options *o,
                     bool *found)
{
    struct part parts[LARGEST_WINDOW];
    size_t count = 1, last = 0;
    parts[0] = part_of(z, from, to, o);
    while (count < LARGEST_WINDOW) {
        size_t best = 0;
        for (size_t i = 1; i < count; i++)
            best = parts[i].split.q > parts[best].split.q ? i : best;
        const struct part p = parts[best];
        if (p.split.at == 0 || !differs(z, &p, level, o))
            break;
        found[p.split.at] = true;
        last = p.split.at > last ? p.split.at : last;
        parts[best] = part_of(z, p.from, p.split.at, o);
        parts[count++] = part_of(z, p.split.at, p.to, o);
    }
    return last;
}

/* ---- the merge --------------------------------------------------------------------------------------------------- */

struct changes {
    struct lci_level_change *items;
    size_t count;
    const double *x;
    size_t length;
};

static size_t start_of(const struct changes *c, size_t i)
{
    return i > 0 ? c->items[i - 1].at : 0;
}

static size_t end_of(const struct changes *c, size_t i)
{
    return i + 1 < c->count ? c->items[i + 1].at : c->length;
}

static void judge(struct changes *c, size_t i)
{
    if (i < c->count)
        p_of_split(c->x, start_of(c, i), c->items[i].at, end_of(c, i), &c->items[i]);
}

static double magnitude(const struct lci_level_change *c)
{
    return c->before != 0 ? fabs(c->after / c->before - 1) : c->after != 0 ? INFINITY : 0;
}

static void drop(struct changes *c, size_t i)
{
    memmove(&c->items[i], &c->items[i + 1], (c->count - i - 1) * sizeof *c->items);
    c->count--;
}

/* Takes the weakest away until all are strong enough, and large enough. */
static void merge(struct changes *c, const struct lci_change_options *o)
{
    while (c->count > 0) {
        size_t weakest = 0;
        for (size_t i = 1; i < c->count; i++)
            weakest = c->items[i].p > c->items[weakest].p ? i : weakest;
        if (c->items[weakest].p < o->level) {
            for (size_t i = 0; i < c->count; i++)
                weakest = magnitude(&c->items[i]) < magnitude(&c->items[weakest]) ? i : weakest;
            if (!(magnitude(&c->items[weakest]) < o->magnitude))
                return;
        }
        drop(c, weakest);
        judge(c, weakest);
        if (weakest > 0)
            judge(c, weakest - 1);
    }
}

/* ---- what the published method gets wrong ------------------------------------------------------------------------ */

enum { STRETCH = 8, REACH = 8 };

/* The median absolute difference of neighbours in a stretch and REACH values on both sides of it, as a standard
 * deviation. */
static double noise_about(const double *x, size_t count, size_t from)
{
    double steps[STRETCH + 2 * REACH];
    size_t n = 0;
    for (size_t k = from > REACH ? from - REACH : 1; k < count && k < from + STRETCH + REACH; k++)
        steps[n++] = fabs(x[k] - x[k - 1]);
    lci_sort_doubles(steps, n);
    return n > 0 ? steps[n / 2] / 0.6745 / sqrt(2) : 0;
}

void lci_draw_in(const double *x, size_t count, double *drawn)
{
    double noise = 0;
    memcpy(drawn, x, count * sizeof *x);
    for (size_t i = 0; i + 1 < count; i++) {
        if (i % STRETCH == 0)
            noise = 3 * noise_about(x, count, i);
        if (i > 0 && noise > 0)
            drawn[i] = fmin(fmax(x[i], fmin(x[i - 1], x[i + 1]) - noise), fmax(x[i - 1], x[i + 1]) + noise);
    }
}

/* Moves each change to where the two sides about it vary least. */
static void settle(struct changes *c, const struct lci_change_options *o)
{
    for (size_t i = 0; i < c->count; i++) {
        const size_t from = start_of(c, i), to = end_of(c, i);
        double least = INFINITY, sum = 0, squares = 0, all = 0;
        size_t best = c->items[i].at;
        const double shift = c->items[i].before;
        for (size_t k = from; k < to; k++)
            all += c->x[k] - shift;
        for (size_t at = from + 1; at < to; at++) {
            sum += c->x[at - 1] - shift;
            const double n = (double)(at - from), m = (double)(to - at);
            squares = -sum * sum / n - (all - sum) * (all - sum) / m; /* but for what no split changes */
            if (at >= from + o->least && at + o->least <= to && (o->border == NULL || o->border[at]) &&
                squares < least) {
                least = squares;
                best = at;
            }
        }
        c->items[i].at = best;
    }
    for (size_t i = 0; i < c->count; i++)
        judge(c, i);
}

/* Segments between the changes about one slope, that of all of them together. */
struct drift {
    double slope, spread; /* spread: squared distances of the places from their segment's mean */
    double variance, freedom;
};

static struct drift drift_of(const struct changes *c)
{
    struct drift d = {.freedom = (double)c->length - (double)c->count - 2};
    double products = 0, squares = 0;
    for (size_t i = 0; i <= c->count; i++) {
        const size_t from = start_of(c, i), to = i < c->count ? c->items[i].at : c->length;
        const struct side y = side_of(c->x, from, to);
        const double middle = (double)(from + to - 1) / 2;
        for (size_t k = from; k < to; k++)
            products += ((double)k - middle) * (c->x[k] - y.mean);
        d.spread += y.n * (y.n * y.n - 1) / 12;
        squares += y.squares;
    }
    d.slope = d.spread > 0 ? products / d.spread : 0;
    d.variance = (squares - d.slope * products) / d.freedom;
    return d;
}

/* The step that is left of a change when both sides drift, as an analysis of covariance has it. */
static double p_beside_drift(const struct changes *c, size_t i, const struct drift *d)
{
    const size_t from = start_of(c, i), at = c->items[i].at, to = end_of(c, i);
    const double n = (double)(at - from), m = (double)(to - at), apart = (n + m) / 2;
    const double step = c->items[i].after - c->items[i].before - d->slope * apart;
    return p_of(step, d->variance * (1 / n + 1 / m + apart * apart / d->spread), d->freedom);
}

/* Schwarz's criterion of a number of parameters. */
static double criterion(double squares, double length, double parameters)
{
    return length * log(fmax(squares, 1e-300) / length) + parameters * log(length);
}

/* A steady drift is no change, although stairs describe it, too: a line with the steps that are left beside it is
 * taken where it says more. */
static void leave_drift(struct changes *c, const struct lci_change_options *o)
{
    struct changes beside = *c;
    double squares = 0;
    for (size_t i = 0; i <= c->count; i++)
        squares += side_of(c->x, start_of(c, i), i < c->count ? c->items[i].at : c->length).squares;
    beside.items = lc_calloc(c->count + 1, sizeof *beside.items);
    memcpy(beside.items, c->items, c->count * sizeof *c->items);
    struct drift d = drift_of(&beside);
    for (; beside.count > 0 && d.freedom > 0 && d.spread > 0; d = drift_of(&beside)) {
        size_t weakest = 0;
        double p = -1;
        for (size_t i = 0; i < beside.count; i++) {
            const double own = p_beside_drift(&beside, i, &d);
            weakest = own > p ? i : weakest;
            p = own > p ? own : p;
        }
        if (p < o->level)
            break;
        drop(&beside, weakest);
        judge(&beside, weakest);
        if (weakest > 0)
            judge(&beside, weakest - 1);
    }
    const double n = (double)c->length;
    if (beside.count < c->count && d.freedom > 0 && p_of(d.slope, d.variance / d.spread, d.freedom) < o->level &&
        criterion(d.variance * d.freedom, n, 2 * (double)beside.count + 2) <
            criterion(squares, n, 2 * (double)c->count + 1)) {
        memcpy(c->items, beside.items, beside.count * sizeof *c->items);
        c->count = beside.count;
    }
    free(beside.items);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static double weak_level(double level)
{
    return level < 0.05 ? 10 * level : level < 0.5 ? 2 * level : level;
}

size_t lci_changes(const double *values, size_t count, const struct lci_change_options *options,
                   struct lci_level_change *changes)
{
    struct lci_change_options o = *options;
    o.window = o.window < 4 ? 4 : o.window > LARGEST_WINDOW ? LARGEST_WINDOW : o.window;
    o.least = o.least < 1 ? 1 : o.least;
    struct changes c = {.items = changes, .length = count};
    double *x = lc_calloc(count + 1, sizeof *x);
    bool *found = lc_calloc(count + 1, sizeof *found);
    if (o.published)
        memcpy(x, values, count * sizeof *x);
    else
        lci_draw_in(values, count, x);
    c.x = x;
    for (size_t start = 0; start < count;) {
        const size_t end = start + o.window < count ? start + o.window : count;
        const size_t last = search(x, start, end, weak_level(o.level), &o, found), next = start + o.window / 2;
        start = last > next ? last : next;
    }
    for (size_t i = 1; i < count; i++)
        if (found[i])
            changes[c.count++] = (struct lci_level_change){.at = i};
    for (size_t i = 0; i < c.count; i++)
        judge(&c, i);
    merge(&c, &o);
    if (!o.published) {
        settle(&c, &o);
        leave_drift(&c, &o);
        merge(&c, &o);
    }
    free(found);
    free(x);
    return c.count;
}
