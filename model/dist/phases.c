/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "phases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rate of absorption from state i. */
static double exit_rate(const struct lci_phases *ph, size_t i)
{
    double sum = 0;
    for (size_t k = 0; k < ph->n; k++)
        sum += ph->generator[i * ph->n + k];
    return -sum > 1e-12 * -ph->generator[i * ph->n + i] ? -sum : 0;
}

/* Every state must lead to absorption, or the time would be infinite. */
static bool absorbing(const struct lci_phases *ph)
{
    bool leads[LCI_PHASES_MAXIMUM] = {false};
    for (size_t round = 0; round < ph->n; round++)
        for (size_t i = 0; i < ph->n; i++) {
            leads[i] = leads[i] || exit_rate(ph, i) > 0;
            for (size_t k = 0; k < ph->n; k++)
                leads[i] = leads[i] || (k != i && ph->generator[i * ph->n + k] > 0 && leads[k]);
        }
    for (size_t i = 0; i < ph->n; i++)
        if (!leads[i])
            return false;
    return true;
}

bool lci_phases_valid(const struct lci_phases *ph)
{
    double total = 0;
    for (size_t i = 0; i < ph->n; i++) {
        const double *row = ph->generator + i * ph->n;
        double sum = 0;
        for (size_t k = 0; k < ph->n; k++) {
            if (k != i && row[k] < 0)
                return false;
            sum += row[k];
        }
        if (!(row[i] < 0) || sum > 1e-9 * -row[i] || ph->alpha[i] < 0)
            return false;
        total += ph->alpha[i];
    }
    return fabs(total - 1) <= 1e-9 && absorbing(ph);
}

/* The chain with its absorbing state, uniformised: P = I + Q / rate, (n + 1)². Returns the rate. */
static double uniformise(const struct lci_phases *ph, double *jumps)
{
    const size_t n = ph->n, m = n + 1;
    double rate = 0;
    for (size_t i = 0; i < n; i++)
        rate = fmax(rate, -ph->generator[i * n + i]);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++)
            jumps[i * m + k] = fmax((double)(i == k) + ph->generator[i * n + k] / rate, 0);
        jumps[i * m + n] = exit_rate(ph, i) / rate;
    }
    for (size_t k = 0; k < m; k++)
        jumps[n * m + k] = (double)(k == n);
    return rate;
}

/* rows × m times m × m. */
static void multiply(size_t rows, size_t m, const double *a, const double *b, double *product)
{
    memset(product, 0, rows * m * sizeof *product);
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < m; k++) {
            const double factor = a[i * m + k];
            if (factor == 0)
                continue;
            for (size_t j = 0; j < m; j++)
                product[i * m + j] += factor * b[k * m + j];
        }
}

/* start · exp(Q t) with qt = rate · t ≤ 500, for several start vectors, as a Poisson mixture of powers of the jumps:
 * sums of positive terms only. */
static void poisson_mixture(size_t rows, size_t m, const double *jumps, double qt, double *start, double *result)
{
    double *next = lc_alloc(rows * m * sizeof *next);
    double weight = exp(-qt), left = 1;
    memset(result, 0, rows * m * sizeof *result);
    for (int k = 0; left > 0; k++) {
        for (size_t i = 0; i < rows * m; i++)
            result[i] += weight * start[i];
        left -= weight;
        weight *= qt / (k + 1);
        if (k > qt && weight < 1e-17)
            break;
        multiply(rows, m, start, jumps, next);
        memcpy(start, next, rows * m * sizeof *next);
    }
    free(next);
}

/* Beyond the reach of one Poisson mixture: exp(Q t) = exp(Q t / 2^k)^(2^k). */
static void by_squaring(size_t m, const double *jumps, double qt, const double *start, double *state)
{
    const int squarings = (int)ceil(log2(qt));
    double *unit = lc_calloc(m * m, sizeof *unit), *power = lc_alloc(m * m * sizeof *power);
    for (size_t i = 0; i < m; i++)
        unit[i * m + i] = 1;
    poisson_mixture(m, m, jumps, ldexp(qt, -squarings), unit, power);
    for (int k = 0; k < squarings; k++) {
        multiply(m, m, power, power, unit);
        memcpy(power, unit, m * m * sizeof *power);
    }
    multiply(1, m, start, power, state);
    free(unit);
    free(power);
}

/* The state probabilities at time x in state[0 … n−1] and the probability of absorption in state[n]. */
static void transient(const struct lci_phases *ph, double x, double *state)
{
    const size_t m = ph->n + 1;
    double start[LCI_PHASES_MAXIMUM + 1] = {0};
    double *jumps = lc_alloc(m * m * sizeof *jumps);
    const double qt = uniformise(ph, jumps) * fmin(x, 1e300);
    memcpy(start, ph->alpha, ph->n * sizeof *start);
    if (qt <= 500) {
        poisson_mixture(1, m, jumps, qt, start, state);
    } else if (qt < 1e18) {
        by_squaring(m, jumps, qt, start, state);
    } else { /* absorbed for certain */
        memset(state, 0, m * sizeof *state);
        state[ph->n] = 1;
    }
    free(jumps);
}

/* Solves −T y = b in place; −T is an M-matrix, for which elimination without pivoting is stable. */
static void solve(const struct lci_phases *ph, double *b)
{
    const size_t n = ph->n;
    double *a = lc_alloc(n * n * sizeof *a);
    for (size_t i = 0; i < n * n; i++)
        a[i] = -ph->generator[i];
    for (size_t k = 0; k < n; k++)
        for (size_t i = k + 1; i < n; i++) {
            const double factor = a[i * n + k] / a[k * n + k];
            for (size_t j = k; j < n; j++)
                a[i * n + j] -= factor * a[k * n + j];
            b[i] -= factor * b[k];
        }
    for (size_t i = n; i-- > 0;) {
        for (size_t j = i + 1; j < n; j++)
            b[i] -= a[i * n + j] * b[j];
        b[i] /= a[i * n + i];
    }
    free(a);
}

void lci_phases_moments(const struct lci_phases *ph, double *mean, double *variance)
{
    double y[LCI_PHASES_MAXIMUM], first = 0, second = 0;
    for (size_t i = 0; i < ph->n; i++)
        y[i] = 1;
    solve(ph, y);
    for (size_t i = 0; i < ph->n; i++)
        first += ph->alpha[i] * y[i];
    solve(ph, y);
    for (size_t i = 0; i < ph->n; i++)
        second += 2 * ph->alpha[i] * y[i];
    *mean = first;
    *variance = fmax(second - first * first, 0);
}

double lci_phases_log_density(const struct lci_phases *ph, double x)
{
    if (x < 0 || isinf(x))
        return -INFINITY;
    double state[LCI_PHASES_MAXIMUM + 1], sum = 0;
    transient(ph, x, state);
    for (size_t i = 0; i < ph->n; i++)
        sum += state[i] * exit_rate(ph, i);
    return sum > 0 ? log(sum) : -INFINITY;
}

double lci_phases_cdf(const struct lci_phases *ph, double x)
{
    if (x <= 0)
        return 0;
    double state[LCI_PHASES_MAXIMUM + 1];
    transient(ph, x, state);
    return fmin(state[ph->n], 1);
}

double lci_phases_survival(const struct lci_phases *ph, double x)
{
    if (x <= 0)
        return 1;
    double state[LCI_PHASES_MAXIMUM + 1], sum = 0;
    transient(ph, x, state);
    for (size_t i = 0; i < ph->n; i++)
        sum += state[i];
    return fmin(sum, 1);
}
