/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parametric bootstrap: samples are drawn from the fit, observed like the data — quantised, with zeros, cut off —
 * and fitted anew. The part of them that lie at least as far from their own fit as the data from theirs is a p value
 * that allows for the estimated parameters (Stute, González Manteiga & Presedo Quindimil 1993); the spread of their
 * parameters is a standard error. When values are cut off is drawn from the Kaplan–Meier estimate of the times of
 * cutting off, for which what ended before is censored in turn.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "estimate.h"
#include "goodness.h"
#include "model/random/generator.h"

struct tally {
    int fitted, ks, ad, cvm; /* how many samples were fitted, and how many of them lie at least as far */
    int alike;               /* how many have as many parameters as the fit */
    double *sum, *squares;   /* of the differences of their parameters from the fit's */
    double sums[LC_CHARACTERISTICS], squared[LC_CHARACTERISTICS]; /* of all of them, of their characteristics' */
};

static void count(struct tally *tally, const struct lc_fit *fit, const struct lc_fit *other)
{
    tally->fitted++;
    tally->ks += other->ks >= fit->ks;
    tally->ad += other->ad >= fit->ad;
    tally->cvm += other->cvm >= fit->cvm;
    double values[LC_CHARACTERISTICS];
    lci_characteristics(&other->dist, values);
    for (int i = 0; i < LC_CHARACTERISTICS; i++) {
        const double d = values[i] - fit->characteristics[i];
        tally->sums[i] += d;
        tally->squared[i] += d * d;
    }
    if (other->dist.count != fit->dist.count)
        return;
    tally->alike++;
    for (size_t i = 0; i < fit->dist.count; i++) {
        const double d = other->dist.parameters[i] - fit->dist.parameters[i];
        tally->sum[i] += d;
        tally->squares[i] += d * d;
    }
}

/* How times become observations. */
struct scheme {
    double unit;                /* of a quantised clock; 0: none */
    double least;               /* what is below is read as 0; 0: nothing */
    size_t count;               /* cuts; 0: nothing is cut off */
    double *cut, *distribution; /* the times at which values are cut off, and the probability of each or a lesser one */
};

/* Rows are sorted by their lower ends, values that ended before those that are cut off at the same time. */
static void find_cuts(struct scheme *scheme, const struct lci_data *data)
{
    double at_risk = data->total, survival = 1;
    scheme->cut = lc_alloc(data->n * sizeof(double));
    scheme->distribution = lc_alloc(data->n * sizeof(double));
    for (size_t i = 0; i < data->n; i++) {
        assert(i == 0 || data->x[i - 1] < data->x[i] ||
               (data->x[i - 1] == data->x[i] && data->high[i - 1] <= data->high[i]));
        if (isinf(data->high[i])) {
            survival *= 1 - data->weight[i] / at_risk;
            scheme->cut[scheme->count] = data->x[i];
            scheme->distribution[scheme->count++] = 1 - survival;
        }
        at_risk -= data->weight[i];
    }
}

/* False where it is not known how the observations came about: intervals of any kind. */
static bool find_scheme(struct scheme *scheme, const struct lci_data *data)
{
    *scheme = (struct scheme){.unit = data->unit};
    if (data->high == NULL || data->unit > 0)
        return true;
    for (size_t i = 0; i < data->n; i++) {
        const bool zero = data->censored_zeros && data->x[i] == 0;
        if (zero)
            scheme->least = data->high[i];
        else if (data->high[i] != data->x[i] && !isinf(data->high[i]))
            return false;
    }
    if (!data->censored_zeros)
        find_cuts(scheme, data);
    return true;
}

/* When a value is cut off; infinite: never. */
static double draw_cut(const struct scheme *scheme, struct lc_random *r)
{
    const double u = lci_random_uniform(r);
    size_t low = 0, high = scheme->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (scheme->distribution[middle] > u)
            high = middle;
        else
            low = middle + 1;
    }
    return low < scheme->count ? scheme->cut[low] : INFINITY;
}

static void observe(const struct scheme *scheme, double time, struct lc_random *r, double *low, double *high)
{
    *low = scheme->unit > 0 ? scheme->unit * nearbyint(time / scheme->unit) : time < scheme->least ? 0 : time;
    *high = *low;
    const double cut = scheme->count > 0 ? draw_cut(scheme, r) : INFINITY;
    if (time > cut) {
        *low = cut;
        *high = INFINITY;
    }
}

/* `x` has room for 2 n numbers. */
static void one_sample(struct tally *tally, const struct lc_fit *fit, const struct scheme *scheme, double *x, size_t n,
                       struct lc_random *r)
{
    for (size_t i = 0; i < n; i++)
        observe(scheme, lc_dist_sample(&fit->dist, r), r, &x[i], &x[n + i]);
    struct lci_data data;
    struct lc_fit other;
    lci_data_read(&data, &(struct lc_sample){.low = x, .high = scheme->count > 0 ? x + n : NULL, .count = n},
                  scheme->unit > 0 ? scheme->unit : LC_UNIT_NONE);
    int status = fit->dist.shift > 0 ? lci_fit_shifted(fit->dist.family, &data, &other) : -1;
    if (status != 0)
        status = lci_fit(fit->dist.family, &data, &other);
    if (status == 0) {
        lci_goodness(&data, &other);
        count(tally, fit, &other);
    }
    lc_fit_free(&other);
    lci_data_free(&data);
}

/* The standard deviation of n numbers; NaN where there are too few, or not all are finite. */
static double spread(double sum, double squares, int n)
{
    return n > 1 && isfinite(squares) ? sqrt(fmax(squares - sum * sum / n, 0) / (n - 1)) : NAN;
}

void lci_bootstrap(struct lc_fit *fit, const struct lci_data *data, int samples, uint64_t seed)
{
    struct scheme scheme;
    if (isnan(fit->ks) || !find_scheme(&scheme, data))
        return;
    lci_characteristics(&fit->dist, fit->characteristics);
    const size_t n = (size_t)data->total, parameters = fit->dist.count;
    struct tally tally = {.sum = lc_calloc(parameters, sizeof(double)),
                          .squares = lc_calloc(parameters, sizeof(double))};
    double *x = lc_alloc(2 * n * sizeof *x);
    struct lc_random r;
    lc_random_init(&r, seed, 0, fit->dist.family->name, fit->dist.shift > 0 ? "bootstrap with shift" : "bootstrap");
    for (int b = 0; b < samples; b++)
        one_sample(&tally, fit, &scheme, x, n, &r);
    if (tally.fitted > 0) {
        const double all = tally.fitted + 1.0;
        fit->p_value = (tally.ks + 1.0) / all;
        fit->p_ad = isfinite(fit->ad) ? (tally.ad + 1.0) / all : NAN; /* infinite where the support ends at a value */
        fit->p_cvm = (tally.cvm + 1.0) / all;
    }
    for (int i = 0; i < LC_CHARACTERISTICS; i++)
        fit->characteristic_bootstrap[i] = spread(tally.sums[i], tally.squared[i], tally.fitted);
    if (tally.alike > 1) {
        fit->bootstrap_errors = lc_alloc(parameters * sizeof(double));
        for (size_t i = 0; i < parameters; i++)
            fit->bootstrap_errors[i] = spread(tally.sum[i], tally.squares[i], tally.alike);
    }
    free(scheme.cut);
    free(scheme.distribution);
    free(tally.sum);
    free(tally.squares);
    free(x);
}
