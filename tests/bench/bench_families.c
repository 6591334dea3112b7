/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How well the chosen family tells what waiting depends on: bench_families [SAMPLES] (20) of each kind. Per true
 * distribution and sample size the ratio of 1 + c² of the choice to the truth's — the wait at a given load is
 * proportional to it —: median, 95 % point, greatest, root of the mean square of its logarithm; and that of the 99th
 * percentile. Then how often samples of 30 are called uniform; and how often intervals of 95 % hold the truth, for the
 * family that is true and for the average over those that the data do not tell apart.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadcast/fit.h"

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void choose(const struct lc_dist *truth, double *x, size_t n, uint64_t seed, struct lc_choice *choice)
{
    struct lc_random r;
    lc_random_init(&r, seed, 0, truth->family->name, "families");
    for (size_t i = 0; i < n; i++)
        x[i] = lc_dist_sample(truth, &r);
    lc_choose(&(struct lc_sample){.low = x, .count = n}, NULL, choice);
}

static void measure(const char *name, struct lc_dist truth, size_t n, size_t samples)
{
    double *x = malloc(n * sizeof *x), *ratio = malloc(samples * sizeof *ratio), squares = 0, p99 = 0;
    for (size_t k = 0; k < samples; k++) {
        struct lc_choice choice;
        choose(&truth, x, n, k, &choice);
        const struct lc_dist *best = &choice.fits[choice.best].dist;
        ratio[k] = (1 + lc_dist_cv2(best)) / (1 + lc_dist_cv2(&truth));
        squares += log(ratio[k]) * log(ratio[k]);
        p99 += pow(lc_dist_quantile(best, 0.99) / lc_dist_quantile(&truth, 0.99) - 1, 2);
        lc_choice_free(&choice);
    }
    qsort(ratio, samples, sizeof *ratio, by_value);
    printf("%-24s %5zu %8.2f %8.2f %8.2f %8.2f %8.0f %%\n", name, n, ratio[samples / 2], ratio[samples * 19 / 20],
           ratio[samples - 1], sqrt(squares / (double)samples), 100 * sqrt(p99 / (double)samples));
    fflush(stdout);
    free(x);
    free(ratio);
    lc_dist_free(&truth);
}

static void count_uniform(struct lc_dist truth, size_t samples)
{
    enum { N = 30 };
    double x[N];
    size_t uniform = 0;
    for (size_t k = 0; k < samples; k++) {
        struct lc_choice choice;
        choose(&truth, x, N, k, &choice);
        uniform += strcmp(choice.fits[choice.best].dist.family->name, "uniform") == 0;
        lc_choice_free(&choice);
    }
    printf("%-24s called uniform: %.0f %%\n", truth.family->name, 100 * (double)uniform / (double)samples);
    lc_dist_free(&truth);
}

/* In %: how often the true family is kept; where it is (else the empirical distribution is, which has no interval), its
 * intervals of the deviation and of the 99th percentile; that of the chosen family, and the average. */
static void cover(const char *name, struct lc_dist truth, size_t n, size_t samples)
{
    double *x = malloc(n * sizeof *x);
    const double sd = sqrt(lc_dist_variance(&truth)), p99 = lc_dist_quantile(&truth, 0.99);
    size_t kept = 0, own_sd = 0, own_p99 = 0, chosen = 0, averaged = 0;
    const char *const families[] = {truth.family->name, NULL};
    static const char *const simple[] = {"exponential",  "erlang",           "gamma", "lognormal", "normal", "weibull",
                                         "log_logistic", "inverse_gaussian", "lomax", NULL}; /* the others take long */
    for (size_t k = 0; k < samples; k++) {
        struct lc_choice choice;
        choose(&truth, x, n, 1000 + k, &choice);
        lc_choice_free(&choice);
        const struct lc_sample sample = {.low = x, .count = n};
        lc_choose(&sample, &(struct lc_choice_options){.families = families, .intervals = true}, &choice);
        const struct lc_fit *fit = &choice.fits[choice.best];
        kept += !choice.empirical;
        own_sd += fit->characteristic_low[LC_SD] <= sd && sd <= fit->characteristic_high[LC_SD];
        own_p99 += fit->characteristic_low[LC_P99] <= p99 && p99 <= fit->characteristic_high[LC_P99];
        lc_choice_free(&choice);
        lc_choose(&sample, &(struct lc_choice_options){.families = simple, .exhaustive = true, .intervals = true},
                  &choice);
        fit = &choice.fits[choice.best];
        const bool one = fit->characteristic_low[LC_P99] <= p99 && p99 <= fit->characteristic_high[LC_P99];
        chosen += one;
        averaged += choice.averaged_families > 1
                        ? choice.averaged_low[LC_P99] <= p99 && p99 <= choice.averaged_high[LC_P99]
                        : one;
        lc_choice_free(&choice);
    }
    const double share = 100 / (double)samples, of_kept = 100 / (double)kept;
    printf("%-24s %5zu %12.0f %12.0f %12.0f %12.0f %12.0f\n", name, n, share * (double)kept, of_kept * (double)own_sd,
           of_kept * (double)own_p99, share * (double)chosen, share * (double)averaged);
    fflush(stdout);
    free(x);
    lc_dist_free(&truth);
}

int main(int argc, char **argv)
{
    const size_t samples = argc > 1 ? strtoull(argv[1], NULL, 10) : 20;
    if (samples < 1)
        return 2;
    printf("%-24s %5s %8s %8s %8s %8s %10s\n", "truth", "n", "median", "95 %", "greatest", "rms log", "p99 rms");
    static const size_t sizes[] = {30, 100, 300};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        measure("hyperexponential, c² 4.6", lc_dist_named("hyperexponential", 4, 0.1, 5.05, 0.9, 0.55), sizes[i],
                samples);
        measure("coxian, c² 2.2", lc_dist_named("coxian", 3, 2.0, 0.2, 0.4), sizes[i], samples);
        measure("lognormal, c² 3", lc_dist_named("lognormal", 2, 0.0, 1.1774), sizes[i], samples);
        measure("weibull, heavy", lc_dist_named("weibull", 2, 0.6, 1.0), sizes[i], samples);
    }
    count_uniform(lc_dist_named("normal", 2, 10.0, 2.0), samples);
    count_uniform(lc_dist_named("weibull", 2, 1.6, 3.0), samples);
    count_uniform(lc_dist_named("gamma", 2, 3.0, 2.0), samples);
    count_uniform(lc_dist_named("uniform", 2, 2.0, 5.0), samples);
    printf("%-24s %5s %12s %12s %12s %12s %12s\n", "held by 95 % intervals", "n", "kept", "sd, own", "p99, own",
           "p99, chosen", "p99, average");
    static const size_t few[] = {30, 50, 100};
    for (size_t i = 0; i < sizeof few / sizeof *few; i++) {
        cover("lognormal, c² 3", lc_dist_named("lognormal", 2, 0.0, 1.1774), few[i], samples);
        cover("gamma", lc_dist_named("gamma", 2, 3.0, 2.0), few[i], samples);
        cover("weibull", lc_dist_named("weibull", 2, 1.6, 3.0), few[i], samples);
        cover("erlang", lc_dist_named("erlang", 2, 4.0, 2.0), few[i], samples);
        cover("lomax", lc_dist_named("lomax", 2, 3.0, 2.0), few[i], samples);
    }
    return 0;
}
