/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * 95 % intervals of what a distribution says — mean, deviation, quantiles — that hold for few values too: all that a
 * likelihood ratio test at 5 % does not reject. Every family here can be scaled, so that the distribution in which a
 * characteristic has a given value follows from the shape alone: the profile is a search along one number.
 */
#include <math.h>
#include <string.h>

#include "model/dist/dist.h"
#include "problem.h"

/* Half the 95 % point of chi-squared with one degree of freedom; that of the normal distribution. */
#define DROP   1.9207294103470620
#define NORMAL 1.9599639845400545

enum { SMALL = 300 /* values; more have parabolas of the logarithm */ };

struct held {
    struct lci_problem *problem;
    double base[2];
    size_t shape; /* which parameter is varied, by its logarithm */
    bool alone;   /* there is no shape */
    int which;
    double value; /* of the characteristic, counted from the shift */
    double theta;
};

static double at_shape(const double *theta, void *context)
{
    struct held *held = context;
    struct lc_dist *dist = &held->problem->dist;
    double values[LC_CHARACTERISTICS];
    memcpy(dist->parameters, held->base, dist->count * sizeof *held->base);
    if (!held->alone)
        dist->parameters[held->shape] = exp(theta[0]);
    if (!dist->family->valid(dist->parameters, dist->count))
        return -INFINITY;
    lci_characteristics(dist, values);
    const double factor = held->value / values[held->which];
    if (!(values[held->which] > 0) || !(factor > 0) ||
        !isfinite(factor)) /* an infinite one would leave a shift of NaN */
        return -INFINITY;
    lci_dist_scale(dist, factor);
    return lci_quick_likelihood(held->problem->estimator, held->problem->data, dist);
}

/* The greatest likelihood over shapes: the best of a few, from near to far where it is flat, as towards an exponential,
 * then the golden section around it. */
static double profile(struct held *held, double value)
{
    static const double away[] = {0, 0.25, -0.25, 0.5, -0.5, 1, -1, 2, -2, 4, -4, 8, -8};
    enum { SECTIONS = 9 };
    const double golden = 0.61803398874989485, from = held->theta;
    double best = -INFINITY, width = 0.25;
    held->value = value;
    if (held->alone)
        return at_shape(NULL, held);
    for (size_t i = 0; i < sizeof away / sizeof *away; i++) {
        const double theta = from + away[i], here = at_shape(&theta, held);
        if (here > best) {
            best = here;
            held->theta = theta;
            width = fmax(0.25, fabs(away[i]) / 2);
        }
    }
    double low = held->theta - width, high = held->theta + width;
    for (int i = 0; i < SECTIONS; i++) {
        const double a = high - golden * (high - low), b = low + golden * (high - low);
        const double at_a = at_shape(&a, held), at_b = at_shape(&b, held);
        *(at_a > at_b ? &high : &low) = at_a > at_b ? b : a;
        if (fmax(at_a, at_b) > best) {
            best = fmax(at_a, at_b);
            held->theta = at_a > at_b ? a : b;
        }
    }
    return best;
}

/* Where the profile has fallen by DROP, along the logarithm of the value; 0 or infinite where it never does. */
static double end_of(struct held *held, double value, double step, double top)
{
    enum { STEPS = 12, HALVINGS = 8 };
    double inside = log(value), outside = inside;
    held->theta = log(held->base[held->shape]);
    for (int i = 0;; i++) {
        if (i == STEPS)
            return step > 0 ? INFINITY : 0;
        outside += step;
        if (!(profile(held, exp(outside)) > top - DROP))
            break;
        inside = outside;
        step *= 1.5;
    }
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = (inside + outside) / 2;
        *(profile(held, exp(middle)) > top - DROP ? &inside : &outside) = middle;
    }
    return exp((inside + outside) / 2);
}

/* The lower bound of what is infinite at the maximum: from so great a value that it is not rejected; 0 where none is
 * found. */
static double least_of_infinite(struct held *held, double top)
{
    enum { DOUBLINGS = 40 };
    double value = held->which == LC_SD ? sqrt(held->problem->data->variance) : held->problem->data->mean;
    held->theta = log(held->base[held->shape]);
    for (int i = 0; i < DOUBLINGS; i++) {
        if (profile(held, value) > top - DROP)
            return end_of(held, value, -0.1, top);
        value *= 2;
    }
    return 0;
}

static void by_profile(struct lci_problem *problem, double shift, struct lc_fit *fit)
{
    const struct lci_estimator *e = problem->estimator;
    struct held held = {.problem = problem, .shape = e->variation[0] == 'l' ? 0 : 1, .alone = problem->dist.count == 1};
    memcpy(held.base, problem->dist.parameters, problem->dist.count * sizeof *held.base);
    const double top = lci_quick_likelihood(e, problem->data, &problem->dist);
    for (held.which = 0; held.which < LC_CHARACTERISTICS; held.which++) {
        const double from = held.which == LC_SD ? 0 : shift, value = fit->characteristics[held.which] - from;
        const double error = fit->characteristic_errors[held.which];
        const double step = isfinite(error) ? fmin(fmax(error / value, 1e-3), 0.5) : 0.1;
        if (isinf(value)) {
            fit->characteristic_low[held.which] = from + least_of_infinite(&held, top);
            fit->characteristic_high[held.which] = INFINITY;
        } else if (value > 0) {
            fit->characteristic_low[held.which] = from + end_of(&held, value, -step, top);
            fit->characteristic_high[held.which] = from + end_of(&held, value, step, top);
        }
    }
}

void lci_characteristic_intervals(struct lci_data *data, struct lc_fit *fit)
{
    for (int i = 0; i < LC_CHARACTERISTICS; i++) { /* on the logarithmic scale */
        const double value = fit->characteristics[i], factor = exp(NORMAL * fit->characteristic_errors[i] / value);
        fit->characteristic_low[i] = value / factor;
        fit->characteristic_high[i] = value * factor;
    }
    struct lci_problem problem = {lci_estimator_find(fit->dist.family->name), data, lci_dist_copy(&fit->dist), NULL};
    if (problem.estimator != NULL && problem.estimator->continuous != NULL) {
        lc_dist_free(&problem.dist);
        problem.dist = problem.estimator->continuous(&fit->dist);
        problem.estimator = lci_estimator_find(problem.dist.family->name);
    }
    const struct lci_estimator *e = problem.estimator;
    struct lci_data shifted = {0};
    if (e != NULL && e->whole == NULL && e->ends == 0 && problem.dist.count <= 2 && data->total <= SMALL) {
        if (fit->dist.shift > 0) {
            lci_data_shifted(&shifted, data, fit->dist.shift);
            if (shifted.high == NULL)
                lci_data_logs(&shifted);
            problem.data = &shifted;
        }
        problem.dist.shift = 0;
        by_profile(&problem, fit->dist.shift, fit);
    }
    lc_dist_free(&problem.dist);
    lci_data_free(&shifted);
}
