/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"
#include "model/random/generator.h"

#include <math.h>

#include "model/random/variates.h"
#include "phases.h"

/* The same chain as a phase-type distribution; `memory` holds n + n² numbers. */
static struct lci_phases phases(const double *p, size_t count, double *memory)
{
    const size_t n = (count + 1) / 2;
    for (size_t i = 0; i < n + n * n; i++)
        memory[i] = 0;
    memory[0] = 1;
    double *generator = memory + n;
    for (size_t i = 0; i < n; i++) {
        generator[i * n + i] = -p[2 * i];
        if (i + 1 < n)
            generator[i * n + i + 1] = p[2 * i] * p[2 * i + 1];
    }
    return (struct lci_phases){n, memory, generator};
}

enum { MEMORY = LCI_PHASES_MAXIMUM * (LCI_PHASES_MAXIMUM + 1) };

static bool valid(const double *p, size_t n)
{
    if (n % 2 == 0 || n > 2 * LCI_PHASES_MAXIMUM - 1)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!(p[i] > 0) || !isfinite(p[i]) || (i % 2 == 1 && p[i] > 1))
            return false;
    return true;
}

static double log_density(const double *p, size_t n, double x)
{
    double memory[MEMORY];
    const struct lci_phases ph = phases(p, n, memory);
    return lci_phases_log_density(&ph, x);
}

static double cdf(const double *p, size_t n, double x)
{
    double memory[MEMORY];
    const struct lci_phases ph = phases(p, n, memory);
    return lci_phases_cdf(&ph, x);
}

static double survival(const double *p, size_t n, double x)
{
    double memory[MEMORY];
    const struct lci_phases ph = phases(p, n, memory);
    return lci_phases_survival(&ph, x);
}

static double quantile(const double *p, size_t n, double u)
{
    return lci_quantile_search(&lci_family_coxian, p, n, u);
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    double memory[MEMORY];
    const struct lci_phases ph = phases(p, n, memory);
    lci_phases_moments(&ph, mean, variance);
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    double time = lci_ziggurat_exponential(r) / p[0];
    for (size_t i = 1; i < n && lci_random_uniform(r) < p[i]; i += 2)
        time += lci_ziggurat_exponential(r) / p[i + 1];
    return time;
}

static void scale(double *p, size_t n, double factor)
{
    for (size_t i = 0; i < n; i += 2)
        p[i] /= factor;
}

const struct lc_family lci_family_coxian = {
    .name = "coxian",
    .parameter_names = (const char *const[]){"rate", "q", NULL},
    .minimum_count = 1,
    .fixed = false,
    .valid = valid,
    .log_density = log_density,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .moments = moments,
    .sample = sample,
    .scale = scale,
    .range = "rate1, q1, rate2, q2, … raten with rates > 0 and 0 < q ≤ 1, at most 64 rates",
};
