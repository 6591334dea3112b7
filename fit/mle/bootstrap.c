/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parametric bootstrap: samples are drawn from the fit, quantised like the data, and fitted anew. The part of them
 * that lie at least as far from their own fit as the data from theirs is a p value that allows for the estimated
 * parameters (Stute, González Manteiga & Presedo Quindimil 1993); the spread of their parameters is a standard error.
 */
#include <math.h>
#include <stdlib.h>

#include "estimate.h"
#include "goodness.h"

struct tally {
    int fitted, ks, ad, cvm; /* how many samples were fitted, and how many of them lie at least as far */
    int alike;               /* how many have as many parameters as the fit */
    double *sum, *squares;   /* of the differences of their parameters from the fit's */
};

static void count(struct tally *tally, const struct lc_fit *fit, const struct lc_fit *other)
{
    tally->fitted++;
    tally->ks += other->ks >= fit->ks;
    tally->ad += other->ad >= fit->ad;
    tally->cvm += other->cvm >= fit->cvm;
    if (other->dist.count != fit->dist.count)
        return;
    tally->alike++;
    for (size_t i = 0; i < fit->dist.count; i++) {
        const double d = other->dist.parameters[i] - fit->dist.parameters[i];
        tally->sum[i] += d;
        tally->squares[i] += d * d;
    }
}

static void one_sample(struct tally *tally, const struct lc_fit *fit, double unit, double *x, size_t n,
                       struct lc_random *r)
{
    for (size_t i = 0; i < n; i++) {
        x[i] = lc_dist_sample(&fit->dist, r);
        if (unit > 0)
            x[i] = unit * nearbyint(x[i] / unit);
    }
    struct lci_data data;
    struct lc_fit other;
    lci_data_init(&data, &(struct lc_sample){.low = x, .count = n});
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

void lci_bootstrap(struct lc_fit *fit, const struct lci_data *data, int samples, uint64_t seed)
{
    /* How values were cut off is not known, so censored samples cannot be drawn. */
    if (isnan(fit->ks) || (data->high != NULL && data->unit == 0))
        return;
    const size_t n = (size_t)data->total, parameters = fit->dist.count;
    struct tally tally = {.sum = lc_calloc(parameters, sizeof(double)),
                          .squares = lc_calloc(parameters, sizeof(double))};
    double *x = lc_alloc(n * sizeof *x);
    struct lc_random r;
    lc_random_init(&r, seed, 0, fit->dist.family->name, fit->dist.shift > 0 ? "bootstrap with shift" : "bootstrap");
    for (int b = 0; b < samples; b++)
        one_sample(&tally, fit, data->unit, x, n, &r);
    if (tally.fitted > 0) {
        const double all = tally.fitted + 1.0;
        fit->p_value = (tally.ks + 1.0) / all;
        fit->p_ad = isfinite(fit->ad) ? (tally.ad + 1.0) / all : NAN; /* infinite where the support ends at a value */
        fit->p_cvm = (tally.cvm + 1.0) / all;
    }
    if (tally.alike > 1) {
        fit->bootstrap_errors = lc_alloc(parameters * sizeof(double));
        for (size_t i = 0; i < parameters; i++) {
            const double mean = tally.sum[i] / tally.alike;
            fit->bootstrap_errors[i] = sqrt(fmax(tally.squares[i] - tally.alike * mean * mean, 0) / (tally.alike - 1));
        }
    }
    free(tally.sum);
    free(tally.squares);
    free(x);
}
