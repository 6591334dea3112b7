/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lomax: for a given scale s the best shape is 1/L, L = mean(log(1 + x/s)); what is left is a function of t = log s
 * alone, ℓ = −n (log L + t + 1 + L). With B = −dL/dt = mean(x / (s + x)) its derivative is n (B/L − 1 + B).
 */
#include <math.h>

#include "estimate.h"

/* Beyond this many means the scale changes nothing: an exponential within 1e-6. */
#define GREATEST_SCALE 1e6

struct profile {
    double l, b, c; /* c = −dB/dt = mean(x s / (s + x)²) */
};

static struct profile profile(const struct lci_data *data, double t)
{
    const double s = exp(t);
    struct profile sum = {0};
    for (size_t i = 0; i < data->n; i++) {
        const double w = lci_weight(data, i) / data->total, r = data->x[i] / (s + data->x[i]);
        sum.l += w * log1p(data->x[i] / s);
        sum.b += w * r;
        sum.c += w * r * (1 - r);
    }
    return sum;
}

static double value(struct profile at, double t)
{
    return -(log(at.l) + t + 1 + at.l);
}

/* The best of a grid: the function may have a second, lower top. */
static double search(const struct lci_data *data)
{
    double best = -INFINITY, found = 0;
    const double from = log(data->mean) - 14;
    const int steps = (int)((14 + log(GREATEST_SCALE)) / 0.5);
    for (int i = 0; i <= steps; i++) {
        const double t = from + 0.5 * i;
        const double here = value(profile(data, t), t);
        if (here > best) {
            best = here;
            found = t;
        }
    }
    return found;
}

/* Newton on the derivative within 0.6 of the grid's best point. */
static double solve(const struct lci_data *data, double t)
{
    double low = t - 0.6, high = t + 0.6;
    for (int i = 0; i < 60; i++) {
        const struct profile at = profile(data, t);
        const double slope = at.b / at.l - 1 + at.b;
        if (slope > 0)
            low = t;
        else
            high = t;
        double next = t - slope / ((at.b * at.b / at.l - at.c) / at.l - at.c);
        if (!(next > low && next < high))
            next = (low + high) / 2;
        const double change = fabs(next - t);
        t = next;
        if (change < 1e-9)
            break;
    }
    return t;
}

static const char *lomax_exact(struct lci_data *data, double *p, const char **note)
{
    const double farthest = log(data->mean * GREATEST_SCALE);
    struct lci_data thin;
    double t;
    if (lci_data_thin(&thin, data)) {
        t = solve(&thin, search(&thin));
        lci_data_free(&thin);
    } else {
        t = search(data);
    }
    if (t < farthest - 1)
        t = solve(data, t);
    if (t >= farthest - 1) {
        t = farthest;
        *note = "no maximum: the likelihood rises towards an exponential";
    }
    p[1] = exp(t);
    p[0] = 1 / profile(data, t).l;
    return NULL;
}

static double lomax_log_likelihood(struct lci_data *data, const double *p)
{
    return data->total * (log(p[0] / p[1]) - (p[0] + 1) * profile(data, log(p[1])).l);
}

const struct lci_estimator lci_estimator_lomax = {
    .family = "lomax",
    .variation = "ll",
    .origin = LCI_FALLING,
    .exact = lomax_exact,
    .log_likelihood = lomax_log_likelihood,
    .sums = true,
};
