/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finite mixtures by expectation–maximisation (Dempster, Laird & Rubin 1977; hyper-Erlang: Thümmler, Buchholz & Telek
 * 2006). The components here are exponential families in (x, log x, log² x): a component's log density is a linear form
 * of them, and its maximum follows from their weighted sums, in which an interval stands with its expectations
 * (truncated.c). The iteration runs on about a thousand groups of neighbouring values at the most (groups.c), which
 * makes it independent of the number of values; likelihood, AIC and BIC of the result are those of the values
 * themselves.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "estimate.h"
#include "groups.h"
#include "model/dist/dist.h"
#include "truncated.h"

enum { COMPONENTS = 8, WIDTH = 3, GROUPS = 1000 };

/* Least spread of a component's logarithm: a component must not shrink onto one value. */
#define LEAST_SIGMA 0.01

struct sums {
    double weight, x, log_x, log2_x;
};

/* A component kind: its parameters (after the probability) as a linear form c[0] + c[1] x + c[2] log x + c[3] log² x,
 * and from weighted sums. `free` parameters of each component are estimated, the probability not counted. Neither mean
 * nor deviation of a component goes below `grain`: the likelihood of a quantised clock's readings would rise until
 * every component stands for one reading, that of a shifted mixture until one of them stands for the least values. */
struct kind {
    const char *family;
    size_t width; /* with the probability */
    size_t free;
    void (*form)(const double *p, double *c);
    void (*truncated)(const double *p, double low, double high, struct lci_truncated *t);
    void (*maximise)(const struct sums *s, double grain, double *p);
    double (*order)(const double *p); /* the mean of a component, or what grows with it: components are in its order */
};

static void exponential_form(const double *p, double *c)
{
    c[0] = -log(p[0]);
    c[1] = -1 / p[0];
    c[2] = c[3] = 0;
}
static void exponential_truncated(const double *p, double low, double high, struct lci_truncated *t)
{
    lci_truncated_erlang(1, p[0], low, high, t);
}
static void exponential_maximise(const struct sums *s, double grain, double *p)
{
    p[0] = fmax(s->x / s->weight, grain);
}
static void gamma_form(const double *p, double *c)
{
    int sign;
    c[0] = -p[0] * log(p[1]) - lgamma_r(p[0], &sign);
    c[1] = -1 / p[1];
    c[2] = p[0] - 1;
    c[3] = 0;
}
static void gamma_truncated(const double *p, double low, double high, struct lci_truncated *t)
{
    lci_truncated_gamma(p[0], p[1], low, high, t);
}
static void gamma_maximise(const struct sums *s, double grain, double *p)
{
    const double own = s->x / s->weight, gap = log(own) - s->log_x / s->weight, mean = fmax(own, grain);
    p[0] = lci_gamma_shape(fmax(gap, LEAST_SIGMA * LEAST_SIGMA / 2));
    if (p[0] * grain * grain > mean * mean)
        p[0] = mean * mean / (grain * grain);
    p[1] = mean / p[0];
}
static void erlang_form(const double *p, double *c)
{
    gamma_form((const double[]){p[0], p[1] / p[0]}, c);
}
static void erlang_truncated(const double *p, double low, double high, struct lci_truncated *t)
{
    lci_truncated_erlang(p[0], p[1] / p[0], low, high, t);
}
static void erlang_maximise(const struct sums *s, double grain, double *p)
{
    p[1] = fmax(s->x / s->weight, grain * sqrt(p[0]));
}
static void lognormal_form(const double *p, double *c)
{
    const double precision = 1 / (p[1] * p[1]);
    c[0] = -0.91893853320467274178 - log(p[1]) - p[0] * p[0] * precision / 2;
    c[1] = 0;
    c[2] = p[0] * precision - 1;
    c[3] = -precision / 2;
}
static void lognormal_truncated(const double *p, double low, double high, struct lci_truncated *t)
{
    lci_truncated_lognormal(p[0], p[1], low, high, t);
}
static void lognormal_maximise(const struct sums *s, double grain, double *p)
{
    const double mu = s->log_x / s->weight, variance = s->log2_x / s->weight - mu * mu;
    p[0] = grain > 0 ? fmax(mu, log(grain)) : mu;
    const double narrow = grain * exp(-p[0]), least = log1p(narrow * narrow);
    p[1] = sqrt(fmax(variance, fmax(least, LEAST_SIGMA * LEAST_SIGMA)));
}

static double first(const double *p)
{
    return p[0];
}
static double second(const double *p)
{
    return p[1];
}
static double product(const double *p)
{
    return p[0] * p[1];
}
static double lognormal_order(const double *p)
{
    return p[0] + p[1] * p[1] / 2;
}

static const struct kind hyperexponential = {"hyperexponential",   2,    1, exponential_form, exponential_truncated,
                                             exponential_maximise, first};
static const struct kind hyper_erlang = {"hyper_erlang", 3, 1, erlang_form, erlang_truncated, erlang_maximise, second};
static const struct kind lognormal_mixture = {
    "lognormal_mixture", 3, 2, lognormal_form, lognormal_truncated, lognormal_maximise, lognormal_order};
static const struct kind gamma_mixture = {"gamma_mixture", 3, 2, gamma_form, gamma_truncated, gamma_maximise, product};

/* ---- the iteration ----------------------------------------------------------------------------------------------- */

static void add(struct sums *sums, double w, double x, double log_x, double log2_x)
{
    sums->weight += w;
    sums->x += w * x;
    sums->log_x += w * log_x;
    sums->log2_x += w * log2_x;
}

/* The middle of a row, in place of the row. */
static void add_middle(struct sums *sums, const struct lci_data_group *row)
{
    add(sums, row->weight, lci_group_middle(row), row->log_x, row->log2_x);
}

/* Of one row: the logarithm of each component's part in its density, and the expectations within an interval. Returns
 * the greatest. */
static double parts_of(const struct lci_data_group *row, const struct kind *kind, size_t count, const double *p,
                       double (*form)[4], double *log_part, struct lci_truncated *within)
{
    double greatest = -INFINITY;
    for (size_t k = 0; k < count; k++) {
        const double *c = form[k];
        if (row->high > row->low) {
            kind->truncated(p + k * kind->width + 1, row->low, row->high, &within[k]);
            log_part[k] = log(p[k * kind->width]) + within[k].log_mass;
        } else {
            within[k] = (struct lci_truncated){0, row->low, row->log_x, row->log2_x};
            log_part[k] = c[0] + c[1] * row->low + c[2] * row->log_x + c[3] * row->log2_x;
        }
        greatest = fmax(greatest, log_part[k]);
    }
    return greatest;
}

/* One expectation step: the sums of each component, and the log-likelihood of the parameters they came from. */
static double expectation(const struct lci_groups *groups, const struct kind *kind, size_t count, const double *p,
                          struct sums *sums)
{
    double form[COMPONENTS][4], part[COMPONENTS], value = 0;
    struct lci_truncated within[COMPONENTS];
    for (size_t k = 0; k < count; k++) {
        kind->form(p + k * kind->width + 1, form[k]);
        form[k][0] += log(p[k * kind->width]);
        sums[k] = (struct sums){0};
    }
    for (size_t i = 0; i < groups->count; i++) {
        const struct lci_data_group *row = &groups->row[i];
        const double greatest = parts_of(row, kind, count, p, form, part, within);
        double sum = 0; /* at least the 1 of the greatest */
        for (size_t k = 0; k < count; k++) {
            part[k] = part[k] - greatest < -40 ? 0 : exp(part[k] - greatest);
            sum += part[k];
        }
        /* cppcheck-suppress invalidFunctionArg */
        value += row->weight * (greatest + log(sum));
        for (size_t k = 0; k < count; k++)
            if (part[k] > 0)
                add(&sums[k], row->weight * part[k] / sum, within[k].x, within[k].log_x, within[k].log2_x);
    }
    return value;
}

/* Iterates until the likelihood gains less than `gain` a value in a round; returns it, −∞ when a component dies out. */
static double iterate(const struct lci_groups *groups, const struct kind *kind, size_t count, double *p, int rounds,
                      double gain)
{
    struct sums sums[COMPONENTS];
    double value = -INFINITY;
    for (int round = 0; round < rounds; round++) {
        const double now = expectation(groups, kind, count, p, sums);
        if (!isfinite(now))
            return -INFINITY;
        const bool still = now - value < gain * groups->total;
        value = now;
        if (still)
            break;
        for (size_t k = 0; k < count; k++) {
            if (!(sums[k].weight > 1e-9 * groups->total))
                return -INFINITY;
            p[k * kind->width] = sums[k].weight / groups->total;
            kind->maximise(&sums[k], groups->grain, p + k * kind->width + 1);
        }
    }
    return value;
}

/* Starting parameters: component k from the k-th part of the rows in order, cut at fractions ((k + 1)/count)^bend. */
static void start(const struct lci_groups *groups, const struct kind *kind, size_t count, double bend, double *p)
{
    size_t row = 0;
    double seen = 0;
    for (size_t k = 0; k < count; k++) {
        struct sums sums = {0};
        const double to = groups->total * pow((double)(k + 1) / (double)count, bend);
        while (row < groups->count && (seen < to || sums.weight == 0 || k + 1 == count)) {
            seen += groups->row[row].weight;
            add_middle(&sums, &groups->row[row++]);
        }
        if (sums.weight == 0) /* fewer rows than components: the last one again */
            add_middle(&sums, &groups->row[groups->count - 1]);
        p[k * kind->width] = 1 / (double)count;
        kind->maximise(&sums, groups->grain, p + k * kind->width + 1);
    }
}

/* ---- numbers of components --------------------------------------------------------------------------------------- */

struct best {
    double score; /* BIC of the grouped values, the constant of the groups apart */
    size_t count;
    double p[COMPONENTS * WIDTH];
};

/* Drops components that stand for less than half a value, unless only one would be left: that is no mixture. Returns
 * how many are left. */
static size_t prune(const struct lci_groups *groups, const struct kind *kind, size_t count, double *p)
{
    size_t left = 0, heavy = 0;
    for (size_t k = 0; k < count; k++)
        heavy += p[k * kind->width] * groups->total >= 0.5;
    for (size_t k = 0; k < count; k++)
        if (heavy < 2 || p[k * kind->width] * groups->total >= 0.5)
            memmove(p + left++ * kind->width, p + k * kind->width, kind->width * sizeof *p);
    return left;
}

static void consider(struct best *best, const struct lci_groups *groups, const struct kind *kind, size_t count,
                     double *p, double value)
{
    if (isfinite(value))
        count = prune(groups, kind, count, p);
    const double free_count = (double)(count * (kind->free + 1) - 1);
    const double score = free_count * log(groups->total) - 2 * value;
    if (!isfinite(value) || !(score < best->score - 1e-9 * fabs(score)))
        return;
    best->score = score;
    best->count = count;
    memcpy(best->p, p, count * kind->width * sizeof *p);
}

/* Makes the distribution; components in the order of their means. */
static const char *finish(struct lci_data *data, const struct kind *kind, const struct best *best, struct lc_dist *dist,
                          size_t *free_parameters)
{
    const size_t width = kind->width, count = best->count;
    double sorted[COMPONENTS * WIDTH], total = 0;
    if (count == 0)
        return "the iteration found no mixture";
    for (size_t k = 0; k < count; k++) {
        const double *p = best->p + k * width;
        size_t at = k;
        for (; at > 0 && kind->order(sorted + (at - 1) * width + 1) > kind->order(p + 1); at--)
            memcpy(sorted + at * width, sorted + (at - 1) * width, width * sizeof *p);
        memcpy(sorted + at * width, p, width * sizeof *p);
        total += p[0];
    }
    for (size_t k = 0; k < count; k++)
        sorted[k * width] /= total;
    *dist = lc_dist_make(lc_family_find(kind->family), 0, sorted, count * width);
    lci_dist_scale(dist, data->mean);
    *free_parameters = count * (kind->free + 1) - 1;
    return NULL;
}

/* The best of several starts: all of them for some rounds, then the most likely one to the end. */
static double from_best_start(const struct lci_groups *groups, const struct kind *kind, size_t count, bool rough,
                              double *best)
{
    static const double bends[] = {1, 3, 0.3, 0.1};
    double greatest = -INFINITY;
    for (size_t i = 0; i < sizeof bends / sizeof *bends; i++) {
        double p[COMPONENTS * WIDTH];
        start(groups, kind, count, bends[i], p);
        const double value = iterate(groups, kind, count, p, rough ? 30 : 60, 1e-7);
        if (value > greatest) {
            greatest = value;
            memcpy(best, p, sizeof p);
        }
    }
    return isfinite(greatest) ? iterate(groups, kind, count, best, rough ? 100 : 2000, 1e-9) : greatest;
}

/* Two components, and more as long as BIC gains by each. */
static const char *by_number(struct lci_data *data, const struct kind *kind, struct lc_dist *dist,
                             size_t *free_parameters)
{
    enum { MOST = 4 };
    struct lci_groups groups = lci_groups_make(data, data->rough ? GROUPS / 5 : GROUPS);
    struct best best = {.score = INFINITY};
    for (size_t count = 2; count <= MOST && count <= groups.count && (count == 2 || best.count == count - 1); count++) {
        double p[COMPONENTS * WIDTH] = {0};
        const double value = from_best_start(&groups, kind, count, data->rough, p);
        consider(&best, &groups, kind, count, p, value);
    }
    lci_groups_free(&groups);
    return finish(data, kind, &best, dist, free_parameters);
}

static const char *hyperexponential_whole(struct lci_data *data, struct lc_dist *dist, size_t *free_parameters)
{
    return by_number(data, &hyperexponential, dist, free_parameters);
}

static const char *lognormal_mixture_whole(struct lci_data *data, struct lc_dist *dist, size_t *free_parameters)
{
    return by_number(data, &lognormal_mixture, dist, free_parameters);
}

static const char *gamma_mixture_whole(struct lci_data *data, struct lc_dist *dist, size_t *free_parameters)
{
    return by_number(data, &gamma_mixture, dist, free_parameters);
}

/* ---- hyper-Erlang ------------------------------------------------------------------------------------------------ */

enum { ORDER = 8, STRUCTURES = 64, FINALISTS = 4 };

struct structure {
    size_t count;
    double value, p[COMPONENTS * WIDTH];
};

/* All ways to write `order` as a sum of at least two shapes, none greater than the one before. */
static void structures(size_t left, size_t greatest, size_t count, double *shapes, struct structure *list, size_t *n)
{
    if (left == 0) {
        if (count < 2 || *n == STRUCTURES)
            return;
        list[*n].count = count;
        for (size_t k = 0; k < count; k++)
            list[*n].p[3 * k + 1] = shapes[k];
        ++*n;
        return;
    }
    for (size_t shape = left < greatest ? left : greatest; shape >= 1; shape--) {
        shapes[count] = (double)shape;
        structures(left - shape, shape, count + 1, shapes, list, n);
    }
}

/* The better of two starts: great shapes on the small values or on the great ones. */
static void first_rounds(const struct lci_groups *groups, struct structure *s)
{
    double p[2][COMPONENTS * WIDTH], value[2];
    for (int way = 0; way < 2; way++) {
        for (size_t k = 0; k < s->count; k++)
            p[way][3 * k + 1] = s->p[3 * (way == 0 ? k : s->count - 1 - k) + 1];
        start(groups, &hyper_erlang, s->count, 1, p[way]);
        value[way] = iterate(groups, &hyper_erlang, s->count, p[way], 40, 1e-6);
    }
    const int way = value[1] > value[0];
    s->value = value[way];
    memcpy(s->p, p[way], sizeof s->p);
}

static int by_value_down(const void *a, const void *b)
{
    const struct structure *x = a, *y = b;
    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return (x->count > y->count) - (x->count < y->count);
}

/* All structures of a total of eight phases are tried for some rounds on coarse groups; the most likely are iterated to
 * the end, and BIC chooses among them. */
static const char *hyper_erlang_whole(struct lci_data *data, struct lc_dist *dist, size_t *free_parameters)
{
    struct structure list[STRUCTURES];
    double shapes[ORDER];
    size_t n = 0;
    memset(list, 0, sizeof list);
    structures(ORDER, ORDER, 0, shapes, list, &n);
    struct lci_groups coarse = lci_groups_make(data, GROUPS / 5);
    struct lci_groups groups = lci_groups_make(data, data->rough ? GROUPS / 5 : GROUPS);
    for (size_t i = 0; i < n; i++)
        first_rounds(&coarse, &list[i]);
    qsort(list, n, sizeof *list, by_value_down);
    struct best best = {.score = INFINITY};
    for (size_t i = 0; i < FINALISTS && i < n; i++)
        consider(&best, &groups, &hyper_erlang, list[i].count, list[i].p,
                 iterate(&groups, &hyper_erlang, list[i].count, list[i].p, data->rough ? 100 : 1000, 1e-9));
    lci_groups_free(&coarse);
    lci_groups_free(&groups);
    return finish(data, &hyper_erlang, &best, dist, free_parameters);
}

const struct lci_estimator lci_estimator_hyperexponential = {
    .family = "hyperexponential",
    .variation = "pl",
    .stage = LCI_SCATTERED,
    .origin = LCI_FALLING,
    .whole = hyperexponential_whole,
};

const struct lci_estimator lci_estimator_hyper_erlang = {
    .family = "hyper_erlang",
    .variation = "pfl",
    .stage = LCI_MIXTURE,
    .origin = LCI_RISING_DEARLY,
    .whole = hyper_erlang_whole,
};

const struct lci_estimator lci_estimator_lognormal_mixture = {
    .family = "lognormal_mixture",
    .variation = "pil",
    .stage = LCI_MIXTURE,
    .origin = LCI_RISING_DEARLY,
    .whole = lognormal_mixture_whole,
};

const struct lci_estimator lci_estimator_gamma_mixture = {
    .family = "gamma_mixture",
    .variation = "pll",
    .stage = LCI_MIXTURE,
    .origin = LCI_RISING_DEARLY,
    .shape = 1,
    .stride = 3,
    .whole = gamma_mixture_whole,
};
