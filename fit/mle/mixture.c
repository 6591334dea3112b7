/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finite mixtures by expectation–maximisation (Dempster, Laird & Rubin 1977; hyper-Erlang: Thümmler, Buchholz & Telek
 * 2006). The components here are exponential families in (x, log x, log² x): a component's log density is a linear form
 * of them, and its maximum follows from their weighted sums. The iteration runs on at most a thousand groups of
 * neighbouring values, each at its mean x, mean log x and mean log² x, which makes it independent of the number of
 * values; likelihood, AIC and BIC of the result are those of the values themselves.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "estimate.h"

enum { COMPONENTS = 8, WIDTH = 3, GROUPS = 1000 };

/* Least spread of a component's logarithm: a component must not shrink onto one value. */
#define LEAST_SIGMA 0.01

struct points {
    size_t n;
    double *weight, *x, *log_x, *log2_x;
    double total;
};

struct sums {
    double weight, x, log_x, log2_x;
};

/* A component kind: its parameters (after the probability) as a linear form c[0] + c[1] x + c[2] log x + c[3] log² x,
 * and from weighted sums. `free` parameters of each component are estimated, the probability not counted. */
struct kind {
    const char *family;
    size_t width; /* with the probability */
    size_t free;
    const char *variation; /* as in struct lci_estimator */
    void (*form)(const double *p, double *c);
    void (*maximise)(const struct sums *s, double *p);
};

static void exponential_form(const double *p, double *c)
{
    c[0] = -log(p[0]);
    c[1] = -1 / p[0];
    c[2] = c[3] = 0;
}
static void exponential_maximise(const struct sums *s, double *p)
{
    p[0] = s->x / s->weight;
}
static void gamma_form(const double *p, double *c)
{
    int sign;
    c[0] = -p[0] * log(p[1]) - lgamma_r(p[0], &sign);
    c[1] = -1 / p[1];
    c[2] = p[0] - 1;
    c[3] = 0;
}
static void gamma_maximise(const struct sums *s, double *p)
{
    const double mean = s->x / s->weight, gap = log(mean) - s->log_x / s->weight;
    p[0] = lci_gamma_shape(fmax(gap, LEAST_SIGMA * LEAST_SIGMA / 2));
    p[1] = mean / p[0];
}
static void erlang_form(const double *p, double *c)
{
    gamma_form((const double[]){p[0], p[1] / p[0]}, c);
}
static void erlang_maximise(const struct sums *s, double *p)
{
    p[1] = s->x / s->weight;
}
static void lognormal_form(const double *p, double *c)
{
    const double precision = 1 / (p[1] * p[1]);
    c[0] = -0.91893853320467274178 - log(p[1]) - p[0] * p[0] * precision / 2;
    c[1] = 0;
    c[2] = p[0] * precision - 1;
    c[3] = -precision / 2;
}
static void lognormal_maximise(const struct sums *s, double *p)
{
    p[0] = s->log_x / s->weight;
    p[1] = sqrt(fmax(s->log2_x / s->weight - p[0] * p[0], LEAST_SIGMA * LEAST_SIGMA));
}

static const struct kind hyperexponential = {"hyperexponential", 2, 1, "l", exponential_form, exponential_maximise};
static const struct kind hyper_erlang = {"hyper_erlang", 3, 1, "fl", erlang_form, erlang_maximise};
static const struct kind lognormal_mixture = {"lognormal_mixture", 3, 2, "il", lognormal_form, lognormal_maximise};
static const struct kind gamma_mixture = {"gamma_mixture", 3, 2, "ll", gamma_form, gamma_maximise};

/* ---- groups of values -------------------------------------------------------------------------------------------- */

static void points_free(struct points *points)
{
    free(points->weight);
}

/* Values of each of `groups` equal steps of the logarithm, in order; all values where they are few. Values are divided
 * by the sample's mean, so that log² x does not cancel. */
static struct points group(struct lci_data *data, size_t groups)
{
    lci_data_sort(data);
    const size_t n = data->distinct < groups ? data->distinct : groups;
    struct points points = {.weight = lc_calloc(4 * (n + 1), sizeof(double))};
    points.x = points.weight + n + 1;
    points.log_x = points.x + n + 1;
    points.log2_x = points.log_x + n + 1;
    double least = data->sorted[0];
    if (least <= 0) /* a stand-in for exact zeros, which only families with a density there see */
        least = data->distinct > 1 ? data->sorted[1] / 2 : 1;
    const double low = log(least), step = (log(data->sorted[data->distinct - 1]) - low) / (double)groups;
    double bound = -INFINITY, before = 0;
    for (size_t i = 0; i < data->distinct; i++) {
        const double x = fmax(data->sorted[i], least), log_x = log(x), w = data->cumulated[i] - before;
        before = data->cumulated[i];
        if (points.n == 0 || data->distinct <= groups || log_x >= bound) {
            bound = low + step * (floor((log_x - low) / step) + 1);
            points.n += points.n < n;
        }
        const double relative = log_x - log(data->mean);
        points.weight[points.n - 1] += w;
        points.x[points.n - 1] += w * x / data->mean;
        points.log_x[points.n - 1] += w * relative;
        points.log2_x[points.n - 1] += w * relative * relative;
    }
    for (size_t i = 0; i < points.n; i++) {
        points.x[i] /= points.weight[i];
        points.log_x[i] /= points.weight[i];
        points.log2_x[i] /= points.weight[i];
        points.total += points.weight[i];
    }
    return points;
}

/* ---- the iteration ----------------------------------------------------------------------------------------------- */

static void add(struct sums *sums, const struct points *points, size_t i, double w)
{
    sums->weight += w;
    sums->x += w * points->x[i];
    sums->log_x += w * points->log_x[i];
    sums->log2_x += w * points->log2_x[i];
}

/* One expectation step: the sums of each component, and the log-likelihood of the parameters they came from. */
static double expectation(const struct points *points, const struct kind *kind, size_t count, const double *p,
                          struct sums *sums)
{
    double form[COMPONENTS][4], term[COMPONENTS], value = 0;
    for (size_t k = 0; k < count; k++) {
        kind->form(p + k * kind->width + 1, form[k]);
        form[k][0] += log(p[k * kind->width]);
        sums[k] = (struct sums){0};
    }
    for (size_t i = 0; i < points->n; i++) {
        double greatest = -INFINITY, sum = 0;
        for (size_t k = 0; k < count; k++) {
            const double *c = form[k];
            term[k] = c[0] + c[1] * points->x[i] + c[2] * points->log_x[i] + c[3] * points->log2_x[i];
            greatest = fmax(greatest, term[k]);
        }
        for (size_t k = 0; k < count; k++)
            sum += term[k] = term[k] - greatest < -40 ? 0 : exp(term[k] - greatest);
        value += points->weight[i] * (greatest + log(sum));
        for (size_t k = 0; k < count; k++)
            if (term[k] > 0)
                add(&sums[k], points, i, points->weight[i] * term[k] / sum);
    }
    return value;
}

/* Iterates until the likelihood gains less than `gain` a value in a round; returns it, −∞ when a component dies out. */
static double iterate(const struct points *points, const struct kind *kind, size_t count, double *p, int rounds,
                      double gain)
{
    struct sums sums[COMPONENTS];
    double value = -INFINITY;
    for (int round = 0; round < rounds; round++) {
        const double now = expectation(points, kind, count, p, sums);
        if (!isfinite(now))
            return -INFINITY;
        const bool still = now - value < gain * points->total;
        value = now;
        if (still)
            break;
        for (size_t k = 0; k < count; k++) {
            if (!(sums[k].weight > 1e-9 * points->total))
                return -INFINITY;
            p[k * kind->width] = sums[k].weight / points->total;
            kind->maximise(&sums[k], p + k * kind->width + 1);
        }
    }
    return value;
}

/* Starting parameters: component k from the k-th part of the values in order, cut at fractions ((k + 1)/count)^bend. */
static void start(const struct points *points, const struct kind *kind, size_t count, double bend, double *p)
{
    size_t i = 0;
    double seen = 0;
    for (size_t k = 0; k < count; k++) {
        struct sums sums = {0};
        const double to = points->total * pow((double)(k + 1) / (double)count, bend);
        while (i < points->n && (seen < to || sums.weight == 0 || k + 1 == count)) {
            seen += points->weight[i];
            add(&sums, points, i, points->weight[i]);
            i++;
        }
        if (sums.weight == 0) /* fewer points than components: the last one again */
            add(&sums, points, points->n - 1, points->weight[points->n - 1]);
        p[k * kind->width] = 1 / (double)count;
        kind->maximise(&sums, p + k * kind->width + 1);
    }
}

/* ---- censored values --------------------------------------------------------------------------------------------- */

struct polish {
    const struct kind *kind;
    struct lci_data *data;
    struct lc_dist dist;
};

/* Probabilities as logarithms of their ratio to the first; the components' parameters as their `variation` says. */
static double polish_value(const double *theta, void *context)
{
    struct polish *polish = context;
    const struct kind *kind = polish->kind;
    double *p = polish->dist.parameters, total = 1;
    const size_t count = polish->dist.count / kind->width;
    size_t n = 0;
    p[0] = 1;
    for (size_t k = 1; k < count; k++)
        total += p[k * kind->width] = exp(fmin(theta[n++], 30));
    for (size_t k = 0; k < count; k++) {
        p[k * kind->width] /= total;
        for (size_t i = 0; kind->variation[i] != 0; i++)
            if (kind->variation[i] != 'f')
                p[k * kind->width + 1 + i] = kind->variation[i] == 'l' ? exp(theta[n++]) : theta[n++];
        if (kind == &lognormal_mixture && p[k * kind->width + 2] < LEAST_SIGMA)
            return -INFINITY;
    }
    if (!polish->dist.family->valid(p, polish->dist.count))
        return -INFINITY;
    return lci_log_likelihood(polish->data, &polish->dist);
}

/* The iteration has taken intervals for their middles; the likelihood of the intervals is climbed from there. */
static void polish_intervals(const struct kind *kind, struct lci_data *data, struct lc_dist *dist)
{
    double theta[COMPONENTS * WIDTH], step[COMPONENTS * WIDTH];
    struct polish polish = {kind, data, lc_dist_copy(dist)};
    const double *p = dist->parameters;
    const size_t count = dist->count / kind->width;
    size_t n = 0;
    for (size_t k = 1; k < count; k++)
        theta[n++] = log(p[k * kind->width] / p[0]);
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; kind->variation[i] != 0; i++)
            if (kind->variation[i] != 'f')
                theta[n++] = kind->variation[i] == 'l' ? log(p[k * kind->width + 1 + i]) : p[k * kind->width + 1 + i];
    for (size_t i = 0; i < n; i++)
        step[i] = 0.1;
    const double before = lci_log_likelihood(data, dist);
    if (lci_maximise(polish_value, &polish, theta, step, n) > before) {
        polish_value(theta, &polish);
        memcpy(dist->parameters, polish.dist.parameters, dist->count * sizeof(double));
    }
    lc_dist_free(&polish.dist);
}

/* ---- numbers of components --------------------------------------------------------------------------------------- */

struct best {
    double score; /* BIC of the grouped values, the constant of the groups apart */
    size_t count;
    double p[COMPONENTS * WIDTH];
};

static void consider(struct best *best, const struct points *points, const struct kind *kind, size_t count,
                     const double *p, double value)
{
    const double free_count = (double)(count * (kind->free + 1) - 1);
    const double score = free_count * log(points->total) - 2 * value;
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
    if (best->count == 0)
        return "the iteration found no mixture";
    *dist = lc_dist_make(lc_family_find(kind->family), 0, best->p, best->count * kind->width);
    double total = 0;
    for (size_t k = 0; k < best->count; k++)
        total += dist->parameters[k * kind->width];
    for (size_t k = 0; k < best->count; k++)
        dist->parameters[k * kind->width] /= total;
    lc_dist_scale(dist, data->mean);
    if (data->high != NULL)
        polish_intervals(kind, data, dist);
    *free_parameters = best->count * (kind->free + 1) - 1;
    return NULL;
}

/* Two components, three where BIC says so; several starts. */
static const char *by_number(struct lci_data *data, const struct kind *kind, struct lc_dist *dist,
                             size_t *free_parameters)
{
    static const double bends[] = {1, 3, 0.3, 0.1};
    struct points points = group(data, GROUPS);
    struct best best = {.score = INFINITY};
    for (size_t count = 2; count <= 3 && count <= points.n; count++)
        for (size_t i = 0; i < sizeof bends / sizeof *bends; i++) {
            double p[COMPONENTS * WIDTH];
            start(&points, kind, count, bends[i], p);
            consider(&best, &points, kind, count, p, iterate(&points, kind, count, p, 2000, 1e-9));
        }
    points_free(&points);
    return finish(data, kind, &best, dist, free_parameters);
}

const char *lci_hyperexponential_whole(struct lci_data *data, struct lc_dist *dist, size_t *free_parameters)
{
    return by_number(data, &hyperexponential, dist, free_parameters);
}

const char *lci_lognormal_mixture_whole(struct lci_data *data, struct lc_dist *dist, size_t *free_parameters)
{
    return by_number(data, &lognormal_mixture, dist, free_parameters);
}

const char *lci_gamma_mixture_whole(struct lci_data *data, struct lc_dist *dist, size_t *free_parameters)
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
static void first_rounds(const struct points *points, struct structure *s)
{
    double p[2][COMPONENTS * WIDTH], value[2];
    for (int way = 0; way < 2; way++) {
        for (size_t k = 0; k < s->count; k++)
            p[way][3 * k + 1] = s->p[3 * (way == 0 ? k : s->count - 1 - k) + 1];
        start(points, &hyper_erlang, s->count, 1, p[way]);
        value[way] = iterate(points, &hyper_erlang, s->count, p[way], 40, 1e-6);
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
const char *lci_hyper_erlang_whole(struct lci_data *data, struct lc_dist *dist, size_t *free_parameters)
{
    struct structure list[STRUCTURES];
    double shapes[ORDER];
    size_t n = 0;
    memset(list, 0, sizeof list);
    structures(ORDER, ORDER, 0, shapes, list, &n);
    struct points coarse = group(data, GROUPS / 5), points = group(data, GROUPS);
    for (size_t i = 0; i < n; i++)
        first_rounds(&coarse, &list[i]);
    qsort(list, n, sizeof *list, by_value_down);
    struct best best = {.score = INFINITY};
    for (size_t i = 0; i < FINALISTS && i < n; i++)
        consider(&best, &points, &hyper_erlang, list[i].count, list[i].p,
                 iterate(&points, &hyper_erlang, list[i].count, list[i].p, 1000, 1e-9));
    points_free(&coarse);
    points_free(&points);
    return finish(data, &hyper_erlang, &best, dist, free_parameters);
}
