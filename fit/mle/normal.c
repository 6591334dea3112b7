/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The normal distribution truncated at 0, an exponential family in x and x²: with a = −mean/sd and the hazard h(a) of
 * the standard normal, the maximum has E(X) = sd (h − a) and E(X²) = sd² (1 − a (h − a)) equal to the sample's, which
 * is one equation for a (Cohen 1950).
 */
#include <gsl/gsl_sf_erf.h>
#include <math.h>

#include "estimate.h"

#define LOG_SQRT_2PI 0.91893853320467274178

/* Beyond this the truncated normal is an exponential within 0.1 % and the equation flat. */
#define FARTHEST 30.0

/* E(X²) / E(X)², rising from 1 to 2. */
static double ratio(double a)
{
    const double mean = gsl_sf_hazard(a) - a;
    return (1 - a * mean) / (mean * mean);
}

static const char *normal_exact(struct lci_data *data, double *p, const char **note)
{
    const double m = data->mean, second = data->variance + m * m;
    double low = -8, high = FARTHEST;
    if (m * m > 64 * data->variance) { /* what is cut off is below 1e-15 */
        p[0] = m;
        p[1] = sqrt(data->variance);
        return NULL;
    }
    if (second / (m * m) >= ratio(FARTHEST)) {
        p[1] = (FARTHEST * m + sqrt(FARTHEST * FARTHEST * m * m + 4 * second)) / 2; /* the best for this a */
        p[0] = -FARTHEST * p[1];
        *note = "no maximum: the likelihood rises towards an exponential";
        return NULL;
    }
    for (int i = 0; i < 200 && high - low > 1e-15 * (1 + fabs(low)); i++) {
        const double middle = (low + high) / 2;
        if (ratio(middle) < second / (m * m))
            low = middle;
        else
            high = middle;
    }
    const double a = (low + high) / 2;
    p[1] = m / (gsl_sf_hazard(a) - a);
    p[0] = -a * p[1];
    return NULL;
}

static double normal_log_likelihood(struct lci_data *data, const double *p)
{
    const double d = data->mean - p[0], z = p[0] / p[1];
    const double kept = z > 0 ? log1p(-erfc(z * M_SQRT1_2) / 2) : gsl_sf_log_erfc(-z * M_SQRT1_2) - M_LN2;
    return -data->total * (log(p[1]) + LOG_SQRT_2PI + (data->variance + d * d) / (2 * p[1] * p[1]) + kept);
}

const struct lci_estimator lci_estimator_normal = {
    .family = "normal",
    .variation = "il",
    .origin = LCI_RISING,
    .exact = normal_exact,
    .log_likelihood = normal_log_likelihood,
};
