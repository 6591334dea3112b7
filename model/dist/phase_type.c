/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "families.h"
#include "model/random/generator.h"

#include <math.h>

#include "model/random/variates.h"
#include "phases.h"

static struct lci_phases phases(const double *p)
{
    const size_t n = (size_t)p[0];
    return (struct lci_phases){n, p + 1, p + 1 + n};
}

/* An index drawn with the weights w[0 … n−1], which sum to `total`; n: none of them, the rest of the probability. */
static size_t choose(const double *w, size_t n, size_t skipped, double total, struct lc_random *r)
{
    double u = total * lci_random_uniform(r);
    for (size_t i = 0; i < n; i++) {
        if (i == skipped)
            continue;
        if (u < w[i])
            return i;
        u -= w[i];
    }
    return n;
}

static bool valid(const double *p, size_t n)
{
    if (!(p[0] >= 1) || p[0] > LCI_PHASES_MAXIMUM || p[0] != floor(p[0]))
        return false;
    const struct lci_phases ph = phases(p);
    return n == 1 + ph.n + ph.n * ph.n && lci_phases_valid(&ph);
}

static double log_density(const double *p, size_t n, double x)
{
    (void)n;
    const struct lci_phases ph = phases(p);
    return lci_phases_log_density(&ph, x);
}

static double cdf(const double *p, size_t n, double x)
{
    (void)n;
    const struct lci_phases ph = phases(p);
    return lci_phases_cdf(&ph, x);
}

static double survival(const double *p, size_t n, double x)
{
    (void)n;
    const struct lci_phases ph = phases(p);
    return lci_phases_survival(&ph, x);
}

static double quantile(const double *p, size_t n, double u)
{
    return lci_quantile_search(&lci_family_phase_type, p, n, u);
}

static void moments(const double *p, size_t n, double *mean, double *variance)
{
    (void)n;
    const struct lci_phases ph = phases(p);
    lci_phases_moments(&ph, mean, variance);
}

static double sample(const double *p, size_t n, struct lc_random *r)
{
    (void)n;
    const struct lci_phases ph = phases(p);
    double time = 0;
    size_t state = choose(ph.alpha, ph.n, ph.n, 1, r);
    while (state < ph.n) {
        const double *row = ph.generator + state * ph.n;
        time += lci_ziggurat_exponential(r) / -row[state];
        state = choose(row, ph.n, state, -row[state], r);
    }
    return time;
}

static void scale(double *p, size_t n, double factor)
{
    for (size_t i = 1 + (size_t)p[0]; i < n; i++)
        p[i] /= factor;
}

const struct lc_family lci_family_phase_type = {
    .name = "phase_type",
    .parameter_names = (const char *const[]){"n", "alpha", "T", NULL},
    .minimum_count = 3,
    .fixed = false,
    .valid = valid,
    .log_density = log_density,
    .cdf = cdf,
    .survival = survival,
    .quantile = quantile,
    .moments = moments,
    .sample = sample,
    .scale = scale,
    .range = "n ≤ 64 states, alpha sums to 1, T a sub-generator from which every state is left",
};
