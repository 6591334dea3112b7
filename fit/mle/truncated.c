/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "truncated.h"

#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdbool.h>

#define LOG_SQRT_2PI 0.91893853320467274178
#define TINY         1e-290 /* probabilities below are taken for the density at the nearer end */

/* ---- lognormal --------------------------------------------------------------------------------------------------- */

/* P(a < Z ≤ b) of a standard normal, from the nearer tail. */
static double normal_mass(double a, double b)
{
    if (a > 0) {
        const double other = a;
        a = -b;
        b = -other;
    }
    return (erfc(-b * M_SQRT1_2) - erfc(-a * M_SQRT1_2)) / 2;
}

static double normal_density(double z)
{
    return exp(-z * z / 2 - LOG_SQRT_2PI);
}

void lci_truncated_lognormal(double mu, double sigma, double low, double high, struct lci_truncated *t)
{
    const double a = low > 0 ? (log(low) - mu) / sigma : -INFINITY, b = (log(high) - mu) / sigma;
    const double mass = normal_mass(a, b);
    /* Too narrow for differences to keep their digits, or too far away: a point. */
    if (!(mass > TINY) || b - a < 1e-6) {
        const double z = a > 0 ? a : b < 0 ? b : 0;
        const double width = fmin(b - a, 1 / fmax(fabs(z), 1)); /* over which the density falls */
        t->log_mass = -z * z / 2 - LOG_SQRT_2PI + log(width);
        t->log_x = mu + sigma * z;
        t->log2_x = t->log_x * t->log_x;
        return;
    }
    const double at_a = normal_density(a), at_b = normal_density(b);
    const double first = (at_a - at_b) / mass;
    const double second = 1 + ((isinf(a) ? 0 : a * at_a) - (isinf(b) ? 0 : b * at_b)) / mass;
    t->log_mass = log(mass);
    t->log_x = mu + sigma * first;
    t->log2_x = mu * mu + 2 * mu * sigma * first + sigma * sigma * second;
}

/* ---- gamma ------------------------------------------------------------------------------------------------------- */

/* Distribution function P and survival function Q of the gamma distribution of that shape and scale 1, whichever is
 * asked for. Whole shapes up to that of hyper-Erlang components: sums of few terms. */
static double tail(double shape, double z, bool upper)
{
    enum { WHOLE = 9 };
    if (!(z > 0) || isinf(z))
        return upper == !(z > 0);
    if (shape > WHOLE || shape != floor(shape)) {
        gsl_sf_result result = {0};
        if (upper)
            gsl_sf_gamma_inc_Q_e(shape, z, &result);
        else
            gsl_sf_gamma_inc_P_e(shape, z, &result);
        return result.val;
    }
    double term = exp(-z), sum = term;
    for (int i = 1; i < shape; i++)
        sum += term *= z / i;
    if (upper)
        return sum;
    if (z > shape) /* the greater part: no digits are lost */
        return 1 - sum;
    sum = 0;
    for (int i = (int)shape; term > 1e-17 * sum; i++)
        sum += term *= z / i;
    return sum;
}

/* The logarithm of the probability of (low, high], −∞ where it is too small for a number. */
static double log_mass(double shape, double low, double high)
{
    double mass;
    if (low >= shape)
        mass = tail(shape, low, true) - tail(shape, high, true);
    else if (high <= shape)
        mass = tail(shape, high, false) - tail(shape, low, false);
    else
        mass = 1 - tail(shape, low, false) - tail(shape, high, true);
    return mass > TINY ? log(mass) : -INFINITY;
}

static double log_density(double shape, double z)
{
    int sign;
    return (shape - 1) * log(z) - z - lgamma_r(shape, &sign);
}

/* Narrow against the distribution and away from 0: Gauss and Legendre's rule of six points. False where it is not. */
static bool by_quadrature(double shape, double low, double high, struct lci_truncated *t)
{
    static const double at[] = {0.2386191860831969, 0.6612093864662645, 0.9324695142031521};
    static const double weight[] = {0.4679139345726910, 0.3607615730481386, 0.1713244923791704};
    if (!(high < 2 * low) || high - low > sqrt(shape))
        return false;
    const double middle = low + (high - low) / 2, half = (high - low) / 2, top = log_density(shape, middle);
    double sum = 0, x = 0, log_x = 0;
    for (int i = 0; i < 6; i++) {
        const double z = middle + (i < 3 ? -half : half) * at[i % 3], log_z = log(z);
        const double w = weight[i % 3] * exp((shape - 1) * log(z / middle) - (z - middle));
        sum += w;
        x += w * z;
        log_x += w * log_z;
    }
    *t = (struct lci_truncated){top + log(half * sum), x / sum, log_x / sum, 0};
    return true;
}

/* As far away as this, all is at the end that is nearer to the mode. */
static void at_an_end(double shape, double low, double high, struct lci_truncated *t)
{
    const double z = low > shape ? low : high, slope = fabs((shape - 1) / z - 1);
    *t = (struct lci_truncated){log_density(shape, z) + log(fmin(high - low, 1 / fmax(slope, 1e-3))), z, log(z), 0};
}

static void unscale(double scale, struct lci_truncated *t)
{
    t->x *= scale;
    t->log_x += log(scale);
}

/* E(X; low < X ≤ high) is shape times the probability of the same interval at a shape one greater. */
void lci_truncated_erlang(double shape, double scale, double low, double high, struct lci_truncated *t)
{
    const double a = low / scale, b = high / scale;
    if (!by_quadrature(shape, a, b, t)) {
        const double mass = log_mass(shape, a, b), more = log_mass(shape + 1, a, b);
        if (isinf(mass) || isinf(more))
            at_an_end(shape, a, b, t);
        else
            *t = (struct lci_truncated){mass, shape * exp(more - mass), 0, 0};
    }
    unscale(scale, t);
}

/* Γ(k) m(k) = ∫ z^(k−1) e^−z dz over the interval, whose derivative with respect to k brings in log z: E(log z) = ψ(k)
 * + d log m/dk, by a central difference. */
void lci_truncated_gamma(double shape, double scale, double low, double high, struct lci_truncated *t)
{
    const double a = low / scale, b = high / scale, h = 1e-3 * fmin(shape, sqrt(shape));
    if (!by_quadrature(shape, a, b, t)) {
        const double mass = log_mass(shape, a, b), more = log_mass(shape + 1, a, b);
        const double up = log_mass(shape + h, a, b), down = log_mass(shape - h, a, b);
        if (isinf(mass + more + up + down))
            at_an_end(shape, a, b, t);
        else
            *t = (struct lci_truncated){mass, shape * exp(more - mass), gsl_sf_psi(shape) + (up - down) / (2 * h), 0};
    }
    unscale(scale, t);
}
