/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * With the observed distribution function c (a step function) and the fitted one u, and n observations:
 *   D  = sup |c − u|,   W² = n ∫ (c − u)² du,   A² = n ∫ (c − u)² / (u (1 − u)) du,
 * integrated piece by piece in closed form. For distinct values these are the textbook sums over order statistics
 * (Stephens 1974), which R's fitdistrplus prints.
 */
#include "goodness.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The observed curve: at x[i] it rises from c[i − 1] to c[i]; c[−1] = 0. */
struct curve {
    size_t count;
    double *x, *c;
    bool linear; /* intervals: the curve is known at their ends only and joined by straight lines in u */
    double n;    /* sum of the weights */
};

static void curve_free(struct curve *curve)
{
    free(curve->x);
    free(curve->c);
}

static struct curve curve_of(size_t count, double n)
{
    return (struct curve){
        .x = lc_alloc((count + 1) * sizeof(double)), .c = lc_alloc((count + 1) * sizeof(double)), .n = n};
}

static struct curve exact_curve(struct lci_data *data)
{
    lci_data_sort(data);
    struct curve curve = curve_of(data->distinct, data->total);
    for (size_t i = 0; i < data->distinct; i++) {
        curve.x[i] = data->sorted[i];
        curve.c[i] = data->cumulated[i] / data->total;
    }
    curve.count = data->distinct;
    return curve;
}

/* Rows are sorted by (low, high) and merged, exact ones have high == low, censored ones high == ∞; a value that is cut
 * off at the same time as another ends stays at risk for it. */
static struct curve kaplan_meier(const struct lci_data *data)
{
    struct curve curve = curve_of(data->n, data->total);
    double at_risk = data->total, survival = 1;
    for (size_t i = 0; i < data->n; i++) {
        assert(i == 0 || data->x[i - 1] < data->x[i] ||
               (data->x[i - 1] == data->x[i] && data->high[i - 1] <= data->high[i]));
        if (!isinf(data->high[i])) {
            survival *= 1 - data->weight[i] / at_risk;
            curve.x[curve.count] = data->x[i];
            curve.c[curve.count++] = 1 - survival;
        }
        at_risk -= data->weight[i];
    }
    return curve;
}

static struct curve interval_curve(const struct lci_data *data)
{
    struct curve curve = curve_of(2 * data->n, data->total);
    double sum = 0;
    curve.linear = true;
    for (size_t i = 0; i < data->n; i++) {
        if (curve.count == 0 || data->x[i] > curve.x[curve.count - 1]) {
            curve.x[curve.count] = data->x[i];
            curve.c[curve.count++] = sum / data->total;
        }
        sum += data->weight[i];
        curve.x[curve.count] = data->high[i];
        curve.c[curve.count++] = sum / data->total;
    }
    return curve;
}

/* Returns a curve of count 0 where the sample has none. */
static struct curve observed(struct lci_data *data)
{
    if (data->high == NULL)
        return exact_curve(data);
    bool right = true, disjoint = true;
    for (size_t i = 0; i < data->n; i++) {
        right = right && (data->high[i] == data->x[i] || isinf(data->high[i]));
        disjoint = disjoint && !isinf(data->high[i]) &&
                   (i == 0 || data->x[i] >= data->high[i - 1] - 1e-9 * (data->high[i - 1] - data->x[i - 1]));
    }
    if (right)
        return kaplan_meier(data);
    return disjoint ? interval_curve(data) : (struct curve){0};
}

/* ∫ (c − u)² / (u (1 − u)) du over a piece where c is linear in u, from (u0, c0) to (u1, c1), by Gauss's 5 points. */
static double linear_piece(double u0, double c0, double u1, double c1)
{
    static const double at[] = {0.0469100770306680, 0.2307653449471585, 0.5, 0.7692346550528415, 0.9530899229693320};
    static const double weight[] = {0.1184634425280945, 0.2393143352496832, 0.2844444444444444, 0.2393143352496832,
                                    0.1184634425280945};
    double sum = 0;
    for (int i = 0; i < 5; i++) {
        const double u = u0 + at[i] * (u1 - u0), d = c0 + at[i] * (c1 - c0) - u;
        sum += weight[i] * d * d / (u * (1 - u));
    }
    return sum * (u1 - u0);
}

static void linear_statistics(const struct curve *curve, const struct lc_dist *dist, struct lc_fit *fit)
{
    double u0 = 0, c0 = 0, ks = 0, cvm = 0, ad = 0;
    for (size_t i = 0; i <= curve->count; i++) {
        const double u1 = i < curve->count ? lc_dist_cdf(dist, curve->x[i]) : 1,
                     c1 = i < curve->count ? curve->c[i] : 1;
        const double d0 = c0 - u0, d1 = c1 - u1;
        ks = fmax(ks, fabs(d1));
        cvm += (u1 - u0) * (d0 * d0 + d0 * d1 + d1 * d1) / 3;
        ad += u1 > u0 ? linear_piece(u0, c0, u1, c1) : 0;
        u0 = u1;
        c0 = c1;
    }
    fit->ks = ks;
    fit->cvm = curve->n * cvm;
    fit->ad = curve->n * ad;
}

static double cube(double x)
{
    return x * x * x;
}

/* A²: (c − u)² / (u (1 − u)) = c²/u + (1 − c)²/(1 − u) − 1; the sum by parts puts each logarithm once, with the small
 * differences of c² as its factor. */
static void step_statistics(const struct curve *curve, const struct lc_dist *dist, struct lc_fit *fit)
{
    const size_t count = curve->count;
    const bool whole = curve->c[count - 1] > 1 - 1e-12; /* otherwise the last values are censored: integrate up to u */
    double ks = 0, cvm = 0, logs = 0, before = 0, u0 = 0, u1 = 0, survival = 1;
    for (size_t i = 0; i < count; i++) {
        const double after = curve->c[i];
        u1 = lc_dist_cdf(dist, curve->x[i]);
        survival = u1 < 0.5 ? 1 - u1 : lc_dist_survival(dist, curve->x[i]);
        ks = fmax(ks, fmax(fabs(after - u1), fabs(u1 - before)));
        cvm += (cube(u1 - before) - cube(u0 - before)) / 3;
        const double rise = after - before;
        logs += rise * (after + before) * log(u1) + rise * (2 - after - before) * log(survival);
        before = after;
        u0 = u1;
    }
    if (whole) {
        cvm += cube(1 - u0) / 3; /* c = 1 from here to u = 1 */
        logs += 1;
    } else {
        logs += u1 - before * before * log(u1) + (1 - before) * (1 - before) * log(survival);
    }
    fit->ks = ks;
    fit->cvm = curve->n * cvm;
    fit->ad = -curve->n * logs;
}

void lci_goodness(struct lci_data *data, struct lc_fit *fit)
{
    if (strcmp(fit->dist.family->name, "deterministic") == 0) {
        fit->ks = fit->ad = fit->cvm = 0; /* it was fitted because nothing differs from it */
        return;
    }
    struct curve curve = observed(data);
    fit->ks = fit->ad = fit->cvm = NAN;
    if (curve.count > 0) {
        if (curve.linear)
            linear_statistics(&curve, &fit->dist, fit);
        else
            step_statistics(&curve, &fit->dist, fit);
    }
    curve_free(&curve);
}
