/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Times of maximum likelihood fits on one core: the estimate alone and with all statistics (standard errors, KS, AD,
 * CvM), for a million values of each family; beside them the plain way, a simplex over the sum of log densities, on a
 * tenth of the values and scaled. CPU time, median of five.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mle/estimate.h"
#include "model/dist/dist.h"

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double *draw(const struct lc_dist *d, size_t n)
{
    struct lc_random r;
    lc_random_init(&r, 1, 0, d->family->name, "bench");
    double *x = malloc(n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = lc_dist_sample(d, &r);
    return x;
}

struct plain {
    struct lci_data *data;
    struct lc_dist dist;
};

static double plain_value(const double *theta, void *context)
{
    struct plain *plain = context;
    memcpy(plain->dist.parameters, theta, plain->dist.count * sizeof *theta);
    return plain->dist.family->valid(theta, plain->dist.count) ? lci_log_likelihood(plain->data, &plain->dist)
                                                               : -INFINITY;
}

/* Half a million values more or less do not change the number of steps: the time is proportional. */
static double plain_way(const struct lc_dist *d, const double *x, size_t n)
{
    const size_t part = n / 10;
    struct lci_data data;
    lci_data_init(&data, &(struct lc_sample){.low = x, .count = part});
    struct plain plain = {&data, lci_dist_copy(d)};
    double theta[8], step[8];
    for (size_t i = 0; i < d->count; i++) {
        theta[i] = 0.8 * d->parameters[i];
        step[i] = 0.2 * fabs(d->parameters[i]);
    }
    const double before = seconds();
    lci_maximise(plain_value, &plain, theta, step, d->count);
    const double time = (seconds() - before) * (double)n / (double)part;
    lc_dist_free(&plain.dist);
    lci_data_free(&data);
    return time;
}

static void measure(struct lc_dist d, size_t n)
{
    double *x = draw(&d, n), estimate[5], all[5];
    for (int i = 0; i < 5; i++) {
        struct lci_data data;
        struct lc_fit fit;
        const double start = seconds();
        lci_data_init(&data, &(struct lc_sample){.low = x, .count = n});
        if (lci_fit(d.family, &data, &fit) != 0)
            printf("%s: %s\n", d.family->name, fit.note);
        estimate[i] = seconds() - start;
        lci_fit_statistics(&data, &fit);
        all[i] = seconds() - start;
        lc_fit_free(&fit);
        lci_data_free(&data);
    }
    qsort(estimate, 5, sizeof *estimate, by_value);
    qsort(all, 5, sizeof *all, by_value);
    printf("%-18s %8zu %9.1f ms %9.1f ms", d.family->name, n, 1e3 * estimate[2], 1e3 * all[2]);
    if (d.family->fixed && strcmp(d.family->name, "uniform") != 0 && strcmp(d.family->name, "pareto") != 0 &&
        strcmp(d.family->name, "erlang") != 0) {
        const double plain = plain_way(&d, x, n);
        printf(" %9.0f ms %7.0f", 1e3 * plain, plain / estimate[2]);
    }
    printf("\n");
    lc_dist_free(&d);
    free(x);
}

int main(void)
{
    printf("%-18s %8s %12s %12s %12s %7s\n", "family", "n", "estimate", "all", "plain way", "ratio");
    const size_t million = 1000000;
    measure(lc_dist_exponential(3), million);
    measure(lc_dist_named("gamma", 2, 2.5, 3.0), million);
    measure(lc_dist_named("erlang", 2, 3.0, 3.0), million);
    measure(lc_dist_named("lognormal", 2, 1.0, 0.7), million);
    measure(lc_dist_named("normal", 2, 5.0, 2.0), million);
    measure(lc_dist_named("weibull", 2, 1.6, 3.0), million);
    measure(lc_dist_named("log_logistic", 2, 3.0, 3.0), million);
    measure(lc_dist_named("inverse_gaussian", 2, 3.0, 4.0), million);
    measure(lc_dist_named("lomax", 2, 3.0, 4.0), million);
    measure(lc_dist_named("uniform", 2, 3.0, 4.0), million);
    measure(lc_dist_named("pareto", 2, 3.0, 4.0), million);
    measure(lc_dist_named("burr", 3, 2.0, 3.0, 4.0), million);
    measure(lc_dist_named("hyperexponential", 4, 0.2, 10.0, 0.8, 1.0), million / 10);
    measure(lc_dist_named("hyper_erlang", 6, 0.25, 2.0, 3.0, 0.75, 6.0, 20.0), million / 10);
    measure(lc_dist_named("lognormal_mixture", 6, 0.6, 0.0, 0.3, 0.4, 3.0, 0.2), million / 10);
    measure(lc_dist_named("gamma_mixture", 6, 0.6, 2.0, 0.3, 0.4, 30.0, 0.5), million / 10);
    return 0;
}
