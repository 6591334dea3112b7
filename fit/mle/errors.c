/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How well parameters are known: standard errors from the observed information, and for small samples, where the
 * likelihood is far from a parabola, the parameters that a likelihood ratio test does not reject.
 */
#include <math.h>
#include <stdlib.h>

#include "model/dist/dist.h"
#include "problem.h"

/* ---- standard errors --------------------------------------------------------------------------------------------- */

/* Of a probability p_i that is exp(theta_i) by the sum of them all: its derivative to theta_k is p_i (δ_ik − p_k). */
static double probability_error(const struct lci_problem *problem, size_t which, const double *covariance, size_t n)
{
    const double *p = problem->dist.parameters;
    double gradient[LCI_PARAMETERS_MAXIMUM] = {0}, sum = 0;
    for (size_t i = 0, k = 0; i < problem->dist.count && k < n; i++) {
        if (!lci_varies(problem, i))
            continue;
        if (lci_variation(problem->estimator, i) == 'p')
            gradient[k] = p[which] * ((i == which) - p[i]);
        k++;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            sum += gradient[i] * covariance[i * n + k] * gradient[k];
    return sqrt(sum);
}

static double parameter_error(const struct lci_problem *problem, size_t i, size_t k, const double *covariance, size_t n)
{
    const double p = problem->dist.parameters[i];
    switch (lci_variation(problem->estimator, i)) {
    case 'l': return p * sqrt(covariance[k * n + k]);
    case 'i': return sqrt(covariance[k * n + k]);
    case 'o': return p * (1 - p) * sqrt(covariance[k * n + k]);
    case 'p': return probability_error(problem, i, covariance, n);
    default: return NAN;
    }
}

/* From problem->dist, the maximum; returns false where the information is singular, or a probability at its edge. */
static bool errors_of(struct lci_problem *problem, struct lc_fit *fit, double *covariance)
{
    double theta[LCI_PARAMETERS_MAXIMUM];
    const size_t n = lci_problem_theta(problem, theta);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(theta[i])) /* a probability of 0 or 1: the edge of what can be */
            return false;
    const bool regular = n > 0 && lci_covariance(lci_problem_value, problem, theta, n, covariance);
    lci_problem_set(problem, theta);
    if (!regular)
        return false;
    fit->standard_errors = lc_alloc(fit->dist.count * sizeof(double));
    for (size_t i = 0, k = 0; i < fit->dist.count; i++) {
        fit->standard_errors[i] = parameter_error(problem, i, k, covariance, n);
        k += lci_varies(problem, i);
    }
    return true;
}

/* The data as seen from the shift, fewer where many are evaluated often; `own` holds what is made. */
static struct lci_data *seen_from(struct lci_data *data, double shift, size_t bins, struct lci_data own[2])
{
    struct lci_data *seen = data;
    own[0] = own[1] = (struct lci_data){0};
    if (shift > 0) {
        lci_data_shifted(&own[0], data, shift);
        seen = &own[0];
        if (seen->high == NULL)
            lci_data_logs(seen); /* closed forms of the likelihood rely on them */
    }
    return bins > 0 && lci_data_binned(&own[1], seen, bins) ? &own[1] : seen;
}

/* The errors of the characteristics by the same distribution in a family of a continuous shape, which is taken. */
static void allow_for_shape(const struct lci_problem *problem, struct lc_dist dist, struct lc_fit *fit)
{
    double theta[LCI_PARAMETERS_MAXIMUM], covariance[LCI_PARAMETERS_MAXIMUM * LCI_PARAMETERS_MAXIMUM];
    struct lci_problem wider = {lci_estimator_find(dist.family->name), problem->data, dist, NULL};
    wider.dist.shift = 0;
    const size_t n = lci_problem_theta(&wider, theta);
    const bool regular = lci_covariance(lci_problem_value, &wider, theta, n, covariance);
    lci_problem_set(&wider, theta);
    lci_characteristic_errors(&wider, regular ? covariance : NULL, fit);
    lc_dist_free(&wider.dist);
}

void lci_standard_errors(struct lci_data *data, struct lc_fit *fit)
{
    enum { BINS = 4096, FEW_BINS = 256 };
    const struct lci_estimator *e = lci_estimator_find(fit->dist.family->name);
    lci_characteristics(&fit->dist, fit->characteristics);
    if (e == NULL || fit->dist.count > LCI_PARAMETERS_MAXIMUM)
        return;
    struct lci_data own[2];
    double covariance[LCI_PARAMETERS_MAXIMUM * LCI_PARAMETERS_MAXIMUM];
    const bool letters = e->variation[0] != 0;
    /* Sums over values that closed forms do not replace. */
    const bool slow = e->whole != NULL || e->sums;
    struct lci_problem problem = {e,
                                  seen_from(data, fit->dist.shift,
                                            !letters ? FEW_BINS
                                            : slow   ? BINS
                                                     : 0,
                                            own),
                                  lci_dist_copy(&fit->dist), NULL};
    problem.dist.shift = 0;
    const bool regular = letters && errors_of(&problem, fit, covariance);
    if (e->continuous != NULL) /* a whole shape is estimated too */
        allow_for_shape(&problem, e->continuous(&fit->dist), fit);
    else
        lci_characteristic_errors(&problem, regular ? covariance : NULL, fit);
    lc_dist_free(&problem.dist);
    lci_data_free(&own[0]);
    lci_data_free(&own[1]);
    if (fit->standard_errors == NULL && fit->note == NULL)
        fit->note = letters
                        ? "no standard errors of parameters: the likelihood is flat in some direction (those of the "
                          "mean and of quantiles hold; the bootstrap gives some)"
                        : "no standard errors of parameters: different ones give the same distribution";
}

/* ---- profile intervals ------------------------------------------------------------------------------------------- */

/* Half the 95 % point of chi-squared with one degree of freedom. */
#define DROP 1.9207294103470620

struct profile {
    struct lci_problem *problem;
    size_t n, which; /* which of the one or two numbers is held */
    double held, other, step;
};

static double with_other(const double *theta, void *context)
{
    const struct profile *profile = context;
    double both[2];
    both[profile->which] = profile->held;
    both[1 - profile->which] = theta[0];
    return lci_problem_value(both, profile->problem);
}

/* The greatest likelihood where number `which` is `held`; the other one follows along. */
static double profile_value(struct profile *profile, double held)
{
    profile->held = held;
    if (profile->n == 1)
        return lci_problem_value(&held, profile->problem);
    return lci_maximise(with_other, profile, &profile->other, &profile->step, 1);
}

/* Where the profile has fallen by DROP, from the maximum in steps of `step` and then by halving; an infinity where it
 * does not fall so far. */
static double end_of(struct profile *profile, double at, double step, double top)
{
    double inside = at, outside = at;
    for (int i = 0;; i++) {
        outside += step;
        if (i == 40)
            return copysign(INFINITY, step);
        if (!(profile_value(profile, outside) > top - DROP))
            break;
        inside = outside;
        step *= 1.5;
    }
    for (int i = 0; i < 30 && fabs(outside - inside) > 1e-6 * fabs(step); i++) {
        const double middle = (inside + outside) / 2;
        if (profile_value(profile, middle) > top - DROP)
            inside = middle;
        else
            outside = middle;
    }
    return (inside + outside) / 2;
}

static void intervals_of(struct lci_problem *problem, struct lc_fit *fit)
{
    double theta[LCI_PARAMETERS_MAXIMUM];
    const size_t n = lci_problem_theta(problem, theta), count = fit->dist.count;
    if (n == 0 || n > 2)
        return;
    const double top = lci_problem_value(theta, problem);
    fit->interval_low = lc_alloc(count * sizeof(double));
    fit->interval_high = lc_alloc(count * sizeof(double));
    for (size_t i = 0, k = 0; i < count; i++) {
        const char variation = lci_variation(problem->estimator, i);
        fit->interval_low[i] = fit->interval_high[i] = NAN;
        if (variation == 'f')
            continue;
        const double sd = fit->standard_errors[i] / (variation == 'l' ? fit->dist.parameters[i] : 1);
        for (int side = -1; side <= 1; side += 2) {
            struct profile profile = {problem, n, k, theta[k], theta[1 - k], 0};
            profile.step = 0.1 * fmax(sd, 1e-6);
            const double end = isfinite(sd) && sd > 0 ? end_of(&profile, theta[k], side * sd, top) : NAN;
            *(side < 0 ? &fit->interval_low[i] : &fit->interval_high[i]) = variation == 'l' ? exp(end) : end;
        }
        k++;
    }
}

void lci_profile_intervals(struct lci_data *data, struct lc_fit *fit)
{
    enum { SMALL = 50 };
    const struct lci_estimator *e = lci_estimator_find(fit->dist.family->name);
    if (e == NULL || e->whole != NULL || !(data->total < SMALL) || fit->standard_errors == NULL)
        return;
    struct lci_data own[2];
    struct lci_problem problem = {e, seen_from(data, fit->dist.shift, 0, own), lci_dist_copy(&fit->dist), NULL};
    problem.dist.shift = 0;
    intervals_of(&problem, fit);
    lc_dist_free(&problem.dist);
    lci_data_free(&own[0]);
    lci_data_free(&own[1]);
}
