/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "estimate.h"
#include "goodness.h"

/* A family fits when its Kolmogorov–Smirnov distance is below LIMIT / √n, about the 1 % point when the mean is
 * estimated (Stephens 1974: 1.09 at 5 %, 1.31 at 1 % for the exponential, less for two parameters), or when it is so
 * small that no prediction would notice, however many values prove that no family is exactly true. */
#define LIMIT          1.25
#define SMALL_DISTANCE 0.03
#define LEAST_P        0.05

static const char *const usual[] = {
    "deterministic", "exponential",      "erlang", "gamma",   "lognormal", "normal", "weibull",
    "log_logistic",  "inverse_gaussian", "lomax",  "uniform", "pareto",    NULL};
static const char *const everything[] = {"deterministic",
                                         "exponential",
                                         "erlang",
                                         "gamma",
                                         "lognormal",
                                         "normal",
                                         "weibull",
                                         "log_logistic",
                                         "inverse_gaussian",
                                         "lomax",
                                         "burr",
                                         "uniform",
                                         "pareto",
                                         "hyperexponential",
                                         "hyper_erlang",
                                         "coxian",
                                         "phase_type",
                                         "lognormal_mixture",
                                         "gamma_mixture",
                                         NULL};

void lc_choice_free(struct lc_choice *choice)
{
    for (size_t i = 0; i < choice->count; i++)
        lc_fit_free(&choice->fits[i]);
    free(choice->fits);
    free(choice->reason);
    *choice = (struct lc_choice){0};
}

/* Insertion keeps families of equal BIC in the order of the list. */
static void insert(struct lc_choice *choice, struct lc_fit fit)
{
    size_t i = choice->count++;
    for (; i > 0 && choice->fits[i - 1].bic > fit.bic; i--)
        choice->fits[i] = choice->fits[i - 1];
    choice->fits[i] = fit;
}

/* The part of samples drawn from the fit, and fitted anew, that lie at least as far from their fit (Stute, González
 * Manteiga & Presedo Quindimil 1993). Censored samples have no such p value: how they were cut off is not known. */
static double bootstrap(const struct lc_fit *fit, const struct lci_data *data, int samples, uint64_t seed)
{
    if (isnan(fit->ks) || (data->high != NULL && data->unit == 0))
        return NAN;
    const size_t n = (size_t)data->total;
    double *x = lc_alloc(n * sizeof *x);
    struct lc_random r;
    lc_random_init(&r, seed, 0, fit->dist.family->name, "bootstrap");
    int farther = 0, done = 0;
    for (int b = 0; b < samples; b++) {
        for (size_t i = 0; i < n; i++) {
            x[i] = lc_dist_sample(&fit->dist, &r);
            if (data->unit > 0)
                x[i] = data->unit * nearbyint(x[i] / data->unit);
        }
        struct lci_data again;
        struct lc_fit other;
        lci_data_init(&again, &(struct lc_sample){.low = x, .count = n});
        if (lci_fit(fit->dist.family, &again, &other) == 0) {
            farther += lci_ks(&again, &other.dist) >= fit->ks;
            done++;
        }
        lc_fit_free(&other);
        lci_data_free(&again);
    }
    free(x);
    return done > 0 ? (farther + 1.0) / (done + 1.0) : NAN;
}

/* From few values only families of at most two parameters are chosen, and none whose support ends at the least or
 * greatest value: their likelihood gains more from few values than BIC's penalty takes away. */
static bool too_free_for_few(const struct lc_fit *fit)
{
    const char *name = fit->dist.family->name;
    return fit->free_parameters > 2 || strcmp(name, "uniform") == 0 || strcmp(name, "pareto") == 0;
}

static bool fits(const struct lc_fit *fit, double n, bool few)
{
    if (few && too_free_for_few(fit))
        return false;
    if (isnan(fit->ks)) /* overlapping intervals: nothing to measure, BIC decides alone */
        return true;
    if (fit->ks <= SMALL_DISTANCE)
        return true;
    return isnan(fit->p_value) ? fit->ks * sqrt(n) <= LIMIT : fit->p_value >= LEAST_P;
}

static char *why(const struct lc_choice *choice)
{
    const struct lc_fit *best = &choice->fits[choice->best];
    const char *name = best->dist.family->name;
    const size_t families = choice->count;
    if (strcmp(name, "deterministic") == 0)
        return lc_format("all values are equal, n = %zu", choice->n);
    char *few = choice->few ? lc_strdup("; too few values to tell families apart") : lc_strdup("");
    char *next = choice->best + 1 < families
                     ? lc_format("; next %s, BIC +%.1f", choice->fits[choice->best + 1].dist.family->name,
                                 choice->fits[choice->best + 1].bic - best->bic)
                     : lc_strdup("");
    const struct lc_fit *first = &choice->fits[0];
    char *passed = choice->best == 0 ? lc_strdup("")
                   : choice->few && too_free_for_few(first)
                       ? lc_format(" leaving out %s (BIC %.1f), which few values cannot tell,",
                                   first->dist.family->name, first->bic)
                       : lc_format(" among those that fit (%s, BIC %.1f, does not: KS %.3f),", first->dist.family->name,
                                   first->bic, first->ks);
    char *ks = isnan(best->ks) ? lc_strdup("") : lc_format(" KS %.3f,", best->ks);
    char *text = lc_format("%s has the lowest BIC, %.1f,%s of %zu families,%s n = %zu%s%s", name, best->bic, passed,
                           families, ks, choice->n, next, few);
    free(ks);
    free(few);
    free(next);
    free(passed);
    return text;
}

/* The empirical distribution takes its place at the end of the list. */
static void keep_empirical(struct lc_choice *choice, struct lci_data *data)
{
    struct lc_fit fit;
    lci_fit(lc_family_find("empirical"), data, &fit);
    fit.ks = fit.ad = fit.cvm = NAN;
    choice->empirical = true;
    if (choice->count == 0) {
        choice->reason = lc_format("no family can be fitted: empirical kept, n = %zu", choice->n);
    } else {
        size_t nearest = 0;
        for (size_t i = 1; i < choice->count; i++)
            if (choice->fits[i].ks < choice->fits[nearest].ks)
                nearest = i;
        choice->reason = lc_format("no family fits: empirical kept, KS %.2f at best (%s), n = %zu",
                                   choice->fits[nearest].ks, choice->fits[nearest].dist.family->name, choice->n);
    }
    choice->best = choice->count;
    choice->fits[choice->count++] = fit;
}

void lc_choose(const struct lc_sample *sample, const struct lc_choice_options *options, struct lc_choice *choice)
{
    static const struct lc_choice_options defaults = {0};
    if (options == NULL)
        options = &defaults;
    const char *const *names = options->families != NULL ? options->families : options->exhaustive ? everything : usual;
    size_t count = 0;
    while (names[count] != NULL)
        count++;
    struct lci_data data;
    lci_data_init(&data, sample);
    *choice = (struct lc_choice){.n = sample->count, .few = sample->count < 30};
    choice->lag1 = lci_lag1(sample->low, sample->count);
    choice->fits = lc_calloc(count + 1, sizeof *choice->fits);
    for (size_t i = 0; i < count; i++) {
        const struct lc_family *family = lc_family_find(names[i]);
        struct lc_fit fit;
        if (family == NULL || strcmp(names[i], "empirical") == 0 || lci_fit(family, &data, &fit) != 0)
            continue;
        lci_fit_statistics(&data, &fit);
        if (options->bootstrap > 0)
            fit.p_value = bootstrap(&fit, &data, options->bootstrap, options->seed);
        insert(choice, fit);
        if (strcmp(names[i], "deterministic") == 0) /* nothing varies: there is nothing else to tell */
            break;
    }
    while (choice->best < choice->count && !fits(&choice->fits[choice->best], data.total, choice->few))
        choice->best++;
    if (choice->best == choice->count)
        keep_empirical(choice, &data);
    else
        choice->reason = why(choice);
    lci_data_free(&data);
}
