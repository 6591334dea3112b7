/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "estimate.h"
#include "goodness.h"
#include "model/dist/dist.h"
#include "problem.h"

void lc_fit_free(struct lc_fit *fit)
{
    lc_dist_free(&fit->dist);
    free(fit->standard_errors);
    free(fit->bootstrap_errors);
    free(fit->interval_low);
    free(fit->interval_high);
    *fit = (struct lc_fit){0};
}

char *lc_fit_name(const struct lc_fit *fit, const char *unit)
{
    const char *name = fit->dist.family->name, *space = unit[0] != 0 ? " " : "";
    return fit->dist.shift > 0 ? lc_format("%s + %.4g%s%s", name, fit->dist.shift, space, unit) : lc_strdup(name);
}

/* ---- the likelihood by rows -------------------------------------------------------------------------------------- */

/* The distribution at one point; NaN: not known yet. */
struct point {
    double x, below, above;
};

static double below(const struct lc_dist *dist, struct point *p)
{
    if (isnan(p->below))
        p->below = p->x <= 0 ? 0 : lc_dist_cdf(dist, p->x);
    return p->below;
}

static double above(const struct lc_dist *dist, struct point *p)
{
    if (isnan(p->above))
        p->above = lc_dist_survival(dist, p->x);
    return p->above;
}

/* log P(low < X ≤ high), from the end of the distribution where the difference keeps its digits. `last` is the upper
 * end of the interval before, where this one often begins; it becomes this one's. */
static double log_probability(const struct lc_dist *dist, double low, double high, struct point *last)
{
    if (isinf(high))
        return low <= 0 ? 0 : log(lc_dist_survival(dist, low));
    struct point from = last->x == low ? *last : (struct point){low, NAN, NAN};
    *last = (struct point){high, NAN, NAN};
    const double mass =
        below(dist, &from) < 0.5 ? below(dist, last) - below(dist, &from) : above(dist, &from) - above(dist, last);
    return log(fmax(mass, 0));
}

static double row_log_likelihood(const struct lci_data *data, const struct lc_dist *dist, size_t row,
                                 struct point *last)
{
    return data->high == NULL || data->high[row] == data->x[row]
               ? lc_dist_log_density(dist, data->x[row])
               : log_probability(dist, data->x[row], data->high[row], last);
}

double lci_row_log_likelihood(const struct lci_data *data, const struct lc_dist *dist, size_t row)
{
    return row_log_likelihood(data, dist, row, &(struct point){-1, NAN, NAN});
}

double lci_log_likelihood(const struct lci_data *data, const struct lc_dist *dist)
{
    struct point last = {-1, NAN, NAN};
    double sum = 0;
    for (size_t i = 0; i < data->n; i++) {
        const double w = lci_weight(data, i);
        if (w > 0)
            sum += w * row_log_likelihood(data, dist, i, &last);
    }
    return sum;
}

/* ---- families of fixed size ------------------------------------------------------------------------------------- */

const char *lci_climb(struct lci_problem *problem, double *best)
{
    double theta[LCI_PARAMETERS_MAXIMUM], step[LCI_PARAMETERS_MAXIMUM], center[LCI_PARAMETERS_MAXIMUM];
    const struct lci_estimator *e = problem->estimator;
    const size_t n = lci_problem_theta(problem, theta);
    memcpy(center, problem->dist.parameters, problem->dist.count * sizeof *center);
    problem->center = center;
    for (size_t i = 0, k = 0; e->variation[i] != 0; i++)
        if (e->variation[i] != 'f') /* a location moves by a fifth of the spread, the parameter behind it */
            step[k++] = e->variation[i] == 'l' ? 0.2 : 0.2 * problem->dist.parameters[i + 1];
    *best = lci_maximise(lci_problem_value, problem, theta, step, n);
    lci_problem_set(problem, theta);
    problem->center = NULL;
    return isfinite(*best) ? NULL : "the likelihood has no finite maximum";
}

/* The maximum where all intervals are as good as points; false where they are not. */
static bool fit_points(struct lci_problem *problem, double *best, const char **note, const char **failure)
{
    const struct lci_split *split = lci_data_split(problem->data);
    if (split == NULL || split->near.n > 0)
        return false;
    *failure = problem->estimator->exact(&problem->data->split->points, problem->dist.parameters, note);
    if (*failure == NULL)
        *best = lci_quick_likelihood(problem->estimator, problem->data, &problem->dist);
    return *failure != NULL || isfinite(*best);
}

static const char *fit_intervals(struct lci_problem *problem, double *best, const char **note)
{
    struct lci_data plain;
    const char *failed;
    if (problem->estimator->ends == 0 && fit_points(problem, best, note, &failed))
        return failed;
    lci_data_middles(&plain, problem->data);
    const char *failure = plain.variance > 0 || strcmp(problem->estimator->variation, "l") == 0
                              ? problem->estimator->exact(&plain, problem->dist.parameters, note)
                              : "all values are equal";
    lci_data_free(&plain);
    if (failure != NULL)
        return failure;
    return problem->estimator->intervals != NULL ? problem->estimator->intervals(problem, best)
                                                 : lci_climb(problem, best);
}

static const char *fit_fixed(struct lci_problem *problem, struct lc_fit *fit)
{
    struct lci_data *data = problem->data;
    if (data->high != NULL) {
        const char *failure = fit_intervals(problem, &fit->log_likelihood, &fit->note);
        if (failure == NULL && lci_data_split(data) != NULL) /* the search took points for intervals */
            fit->log_likelihood = lci_log_likelihood(data, &problem->dist);
        return failure;
    }
    if (data->maximum <= 0)
        return "all values are 0";
    if (!(data->maximum > data->minimum) && strcmp(problem->estimator->variation, "l") != 0)
        return "all values are equal";
    const char *failure = problem->estimator->exact(data, problem->dist.parameters, &fit->note);
    if (failure != NULL)
        return failure;
    if (!problem->dist.family->valid(problem->dist.parameters, problem->dist.count))
        return "the maximum lies outside the range of the parameters";
    fit->log_likelihood = lci_quick_likelihood(problem->estimator, data, &problem->dist);
    return isfinite(fit->log_likelihood) ? NULL : "the likelihood has no finite maximum";
}

/* ---- the families without a likelihood to climb ------------------------------------------------------------------ */

/* Equal up to rounding, or intervals that have a point in common. */
static const char *fit_deterministic(const struct lci_data *data, struct lc_fit *fit)
{
    double low = 0, high = INFINITY;
    for (size_t i = 0; i < data->n; i++) {
        low = fmax(low, data->x[i]);
        high = fmin(high, data->high == NULL ? data->x[i] : data->high[i]);
    }
    if (low > high * (1 + 1e-12) || data->censored_zeros) /* a zero is below the others */
        return "the values differ";
    for (size_t i = 0; i < data->n && data->high != NULL; i++)
        if (isinf(data->high[i]) && data->x[i] >= high) /* cut off there: it is greater */
            return "the values differ";
    fit->dist = lc_dist_deterministic(isinf(high) ? low : low + (high - low) / 2);
    fit->log_likelihood = 0;
    fit->free_parameters = 1;
    fit->note = data->high != NULL ? "one value can be all of them: nothing tells them apart" : NULL;
    return NULL;
}

/* At most 1000 values are kept: means of groups of equal weight, so that the mean stays what it is. */
static const char *fit_empirical(struct lci_data *data, struct lc_fit *fit)
{
    enum { KEPT = 1000 };
    lci_data_sort(data);
    if ((data->unit > 0 || data->censored_zeros) && data->x[0] == 0)
        data->sorted[0] = 0; /* the reading: readings have the right mean, middles of the first interval have not */
    const size_t whole = (size_t)fmin(data->total, KEPT + 1);
    const bool ones = data->weight == NULL && data->high == NULL && data->n <= KEPT;
    const size_t n = ones ? data->n : whole <= KEPT && data->total == floor(data->total) ? whole : KEPT;
    double *values = lc_calloc(n, sizeof *values);
    const double share = data->total / (double)n;
    size_t row = 0;
    for (size_t i = 0; i < n; i++) {
        double from = share * (double)i, sum = 0;
        const double to = share * (double)(i + 1);
        while (row < data->distinct) {
            const double end = fmin(data->cumulated[row], to);
            sum += (end - from) / share * data->sorted[row];
            from = end;
            if (data->cumulated[row] > to * (1 - 1e-12))
                break;
            row++;
        }
        values[i] = fmin(sum, data->maximum);   /* not above it by rounding */
        if (i > 0 && values[i] < values[i - 1]) /* rounding of the last digit */
            values[i] = values[i - 1];
        if (row < data->distinct && data->cumulated[row] <= to * (1 + 1e-12))
            row++;
    }
    fit->dist = lc_dist_make(lc_family_find("empirical"), 0, values, n);
    fit->log_likelihood = NAN;
    fit->note = lci_all_cut_off(data) ? "every value is cut off: the true ones are greater"
                : n < data->n         ? "thinned to 1000 values"
                                      : NULL;
    free(values);
    return NULL;
}

/* ---- one family -------------------------------------------------------------------------------------------------- */

static const char *fit_by_name(const struct lc_family *family, struct lci_data *data, struct lc_fit *fit)
{
    if (strcmp(family->name, "empirical") == 0)
        return fit_empirical(data, fit);
    if (lci_all_cut_off(data))
        return "all values are cut off";
    if (data->censored_zeros && data->n == 2)
        return "zeros and one other value tell no shape";
    if (strcmp(family->name, "deterministic") == 0)
        return fit_deterministic(data, fit);
    const struct lci_estimator *e = lci_estimator_find(family->name);
    if (e == NULL)
        return "there is no estimator for this family";
    if (e->whole != NULL) {
        if (!(data->maximum > data->minimum) || !(data->variance > 0))
            return "all values are equal";
        const char *failure = e->whole(data, &fit->dist, &fit->free_parameters);
        if (failure == NULL)
            fit->log_likelihood = lci_log_likelihood(data, &fit->dist);
        return failure != NULL || isfinite(fit->log_likelihood) ? failure : "the likelihood has no finite maximum";
    }
    const double zeros[LCI_PARAMETERS_MAXIMUM] = {0};
    struct lci_problem problem = {e, data, lc_dist_make(family, 0, zeros, strlen(e->variation)), NULL};
    const char *failure = fit_fixed(&problem, fit);
    fit->dist = problem.dist;
    fit->free_parameters = strlen(e->variation);
    return failure;
}

void lci_criteria(struct lc_fit *fit, double n)
{
    const double k = (double)fit->free_parameters;
    fit->aic = 2 * k - 2 * fit->log_likelihood;
    fit->aicc = n > k + 1 ? fit->aic + 2 * k * (k + 1) / (n - k - 1) : INFINITY;
    /* An end of the support is known to 1/n, not 1/√n: it costs log n in the log-likelihood, twice what others do. */
    const struct lci_estimator *e = fit->dist.family != NULL ? lci_estimator_find(fit->dist.family->name) : NULL;
    fit->bic = (k + (e != NULL ? (double)e->ends : 0)) * log(n) - 2 * fit->log_likelihood;
}

int lci_fit(const struct lc_family *family, struct lci_data *data, struct lc_fit *fit)
{
    lci_quiet_gsl();
    *fit = (struct lc_fit){
        .ks = NAN, .ad = NAN, .cvm = NAN, .p_value = NAN, .p_ad = NAN, .p_cvm = NAN, .log_likelihood = NAN};
    for (int i = 0; i < LC_CHARACTERISTICS; i++)
        fit->characteristics[i] = fit->characteristic_errors[i] = fit->characteristic_bootstrap[i] =
            fit->characteristic_low[i] = fit->characteristic_high[i] = NAN;
    const char *failure = fit_by_name(family, data, fit);
    if (failure == NULL && lci_dist_check(&fit->dist, NULL, NULL) != 0)
        failure = "the values are too great for a number of this machine";
    if (failure != NULL) {
        lc_dist_free(&fit->dist);
        fit->note = failure;
        return -1;
    }
    lci_criteria(fit, data->total);
    if (fit->note == NULL && data->unit > 0)
        fit->note = "values are multiples of a unit: each stands for an interval of that width";
    if (fit->note == NULL && data->censored_zeros)
        fit->note = "zeros stand for anything below the smallest positive value";
    return 0;
}

void lci_fit_statistics(struct lci_data *data, struct lc_fit *fit)
{
    lci_standard_errors(data, fit);
    lci_goodness(data, fit);
}

int lc_fit_family(const struct lc_family *family, const struct lc_sample *sample, struct lc_fit *fit)
{
    struct lci_data data;
    lci_data_init(&data, sample);
    const int status = lci_fit(family, &data, fit);
    if (status == 0) {
        lci_fit_statistics(&data, fit);
        lci_profile_intervals(&data, fit);
    }
    lci_data_free(&data);
    return status;
}
