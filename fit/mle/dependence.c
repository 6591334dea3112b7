/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Do successive values depend on each other? Likelihoods here are products over independent ones.
 */
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

#include "data.h"

/* Around `mean`, as a sum: not divided by anything. */
static double lagged(const double *x, size_t n, double mean, size_t lag)
{
    double sum = 0;
    for (size_t i = lag; i < n; i++)
        sum += (x[i] - mean) * (x[i - lag] - mean);
    return sum;
}

double lci_lag1(const double *x, size_t n)
{
    double mean, variance;
    if (n < 3)
        return 0;
    lci_moments(x, NULL, n, &mean, &variance);
    return variance > 0 ? lagged(x, n, mean, 1) / ((double)n * variance) : 0;
}

size_t lci_ljung_box(const double *x, size_t n, double *q, double *p)
{
    const size_t lags = n / 5 < 10 ? n / 5 : 10;
    double mean, variance, sum = 0;
    *q = *p = NAN;
    lci_moments(x, NULL, n, &mean, &variance);
    if (lags == 0 || !(variance > 0) || !isfinite(variance))
        return 0;
    for (size_t k = 1; k <= lags; k++) {
        const double r = lagged(x, n, mean, k) / ((double)n * variance);
        sum += r * r / (double)(n - k);
    }
    *q = (double)n * ((double)n + 2) * sum;
    *p = gsl_sf_gamma_inc_Q((double)lags / 2, *q / 2);
    return lags;
}

double lc_choice_independent(const struct lc_choice *choice)
{
    return fmax((double)choice->n * (1 - choice->lag1) / (1 + choice->lag1), 1);
}
