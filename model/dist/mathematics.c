/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"
#include "model/random/generator.h"

#include "base/memory.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_erf.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_log.h>
#include <math.h>

#include "model/random/variates.h"

bool lci_all_positive(const double *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(p[i] > 0) || !isfinite(p[i]))
            return false;
    return true;
}

double lci_quantile_search(const struct lc_family *family, const double *p, size_t n, double u)
{
    if (u <= 0)
        return 0;
    if (u >= 1)
        return INFINITY;
    double mean, variance;
    family->moments(p, n, &mean, &variance);
    double high = mean > 0 && isfinite(mean) ? mean : 1;
    while (family->cdf(p, n, high) < u && high < 1e300)
        high *= 2;
    double low = high / 2;
    while (low > 1e-300 && family->cdf(p, n, low) >= u) {
        high = low;
        low /= 2;
    }
    double x = sqrt(low) * sqrt(high);
    for (int i = 0; i < 200 && high - low > 2e-16 * high; i++) {
        /* Upper quantiles by the survival function, which keeps its digits there. */
        const double excess = u <= 0.5 ? family->cdf(p, n, x) - u : (1 - u) - family->survival(p, n, x);
        if (excess == 0)
            return x;
        if (excess > 0)
            high = x;
        else
            low = x;
        const double step = excess / exp(family->log_density(p, n, x));
        const double newton = x - step;
        if (fabs(step) <= 2e-16 * x)
            return x;
        /* Towards 0 the quantile may be many magnitudes away: halve the exponent then. */
        x = newton > low && newton < high ? newton : low < high / 4 ? sqrt(low) * sqrt(high) : (low + high) / 2;
    }
    return x;
}

#define LARGE 1e4 /* shape from which on three terms are exact to 1e-11 */

/* The part of a gamma distribution of a large shape above x, or with `sign` −1 below it: Temme's uniform expansion
 * (SIAM Journal on Mathematical Analysis 10, 1979; DLMF 8.12). GSL's series take √shape steps, and lose their digits
 * from shapes of 10^5 on. */
static double gamma_tail(double shape, double x, double sign)
{
    static const double c0[] = {-1.0 / 3,        1.0 / 12,    -2.0 / 135,         1.0 / 864,         1.0 / 2835,
                                -139.0 / 777600, 1.0 / 25515, -571.0 / 261273600, -281.0 / 151559100};
    static const double c1[] = {-1.0 / 540, -1.0 / 288, 1.0 / 378, -77.0 / 77760, 1.0 / 4860};
    const double mu = (x - shape) / shape, eta = copysign(sqrt(-2 * gsl_sf_log_1plusx_mx(mu)), mu);
    double first = 0, second = 0;
    if (fabs(eta) < 0.3) { /* where the closed forms lose their digits */
        for (size_t i = sizeof c0 / sizeof *c0; i-- > 0;)
            first = first * eta + c0[i];
        for (size_t i = sizeof c1 / sizeof *c1; i-- > 0;)
            second = second * eta + c1[i];
    } else {
        first = 1 / mu - 1 / eta;
        second = 1 / pow(eta, 3) - 1 / pow(mu, 3) - 1 / (mu * mu) - 1 / (12 * mu);
    }
    const double half = eta * sqrt(shape / 2);
    return erfc(sign * half) / 2 + sign * exp(-half * half) / sqrt(2 * M_PI * shape) * (first + second / shape);
}

double lci_gamma_p(double shape, double x)
{
    if (!(x > 0))
        return 0;
    if (isinf(x))
        return 1;
    if (shape >= LARGE)
        return gamma_tail(shape, x, -1);
    lci_quiet_gsl();
    gsl_sf_result result;
    gsl_sf_gamma_inc_P_e(shape, x, &result);
    return fmin(result.val, 1);
}

double lci_gamma_q(double shape, double x)
{
    if (!(x > 0))
        return 1;
    if (isinf(x))
        return 0;
    if (shape >= LARGE)
        return gamma_tail(shape, x, 1);
    lci_quiet_gsl();
    gsl_sf_result result;
    gsl_sf_gamma_inc_Q_e(shape, x, &result);
    return fmin(result.val, 1);
}

double lci_log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

double lci_gamma_sample(double shape, struct lc_random *r)
{
    /* Γ(a) = Γ(a + 1) U^(1/a) for small shapes. */
    const double a = shape < 1 ? shape + 1 : shape;
    const double d = a - 1.0 / 3, c = 1 / sqrt(9 * d);
    while (true) {
        const double z = lci_ziggurat_normal(r), t = 1 + c * z;
        if (t <= 0)
            continue;
        const double v = t * t * t, u = lci_random_positive(r), z2 = z * z;
        if (u < 1 - 0.0331 * z2 * z2 || log(u) < z2 / 2 + d * (1 - v + log(v)))
            return shape < 1 ? d * v * exp(-lci_ziggurat_exponential(r) / shape) : d * v;
    }
}

double lci_normal_cdf(double z)
{
    return erfc(-z * M_SQRT1_2) / 2;
}

double lci_log_normal_cdf(double z)
{
    if (z > 0)
        return log1p(-erfc(z * M_SQRT1_2) / 2);
    if (z > -10)
        return log(erfc(-z * M_SQRT1_2) / 2);
    lci_quiet_gsl();
    return isinf(z) ? -INFINITY : gsl_sf_log_erfc(-z * M_SQRT1_2) - M_LN2;
}

double lci_normal_hazard(double z)
{
    if (z > 1e8) /* z + 1/z − … */
        return z;
    lci_quiet_gsl();
    return gsl_sf_hazard(z);
}

double lci_normal_quantile(double u)
{
    return u > 0.5 ? gsl_cdf_ugaussian_Qinv(1 - u) : gsl_cdf_ugaussian_Pinv(u);
}

double lci_log1p_exp(double t)
{
    return t > 0 ? t + log1p(exp(-t)) : log1p(exp(t));
}
