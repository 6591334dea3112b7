/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "network/patterns/demand_estimators.h"

#include "base/sort.h"
#include "loadcast/base.h"

#include <gsl/gsl_multifit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOPELESS 1e8 /* condition beyond which the classes are the same to the regression */

/* ---- arrivals and departures ------------------------------------------------------------------------------------- */

static size_t up_to(const double *sorted, size_t count, double value)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (sorted[middle] <= value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double lci_regressed_demand(const double *begin, const double *end, size_t count, double servers)
{
    double *begins = lc_alloc((2 * count + 1) * sizeof *begins), *ends = begins + count, product = 0, squares = 0;
    size_t jobs = 0;
    for (size_t i = 0; i < count; i++)
        if (end[i] > begin[i]) {
            begins[jobs] = begin[i];
            ends[jobs++] = end[i];
        }
    lci_sort_doubles(begins, jobs);
    lci_sort_doubles(ends, jobs);
    for (size_t i = 0; i < count; i++) {
        if (!(end[i] > begin[i]))
            continue;
        /* Departures at the same instant are gone. */
        const double present = (double)up_to(begins, jobs, begin[i]) - (double)up_to(ends, jobs, begin[i]);
        const double slowed = fmax(1, present / servers);
        product += (end[i] - begin[i]) * slowed;
        squares += slowed * slowed;
    }
    free(begins);
    return squares > 0 ? product / squares : NAN;
}

/* ---- least squares ----------------------------------------------------------------------------------------------- */

/* Least squares over the columns in `free_`, 0 elsewhere. */
static void solve(const double *a, const double *b, size_t rows, size_t columns, const bool *free_, double *x)
{
    size_t used = 0;
    for (size_t k = 0; k < columns; k++) {
        x[k] = 0;
        used += free_[k];
    }
    if (used == 0)
        return;
    gsl_matrix *m = gsl_matrix_alloc(rows, used), *covariance = gsl_matrix_alloc(used, used);
    gsl_vector *y = gsl_vector_alloc(rows), *c = gsl_vector_alloc(used);
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(rows, used);
    for (size_t i = 0; i < rows; i++) {
        gsl_vector_set(y, i, b[i]);
        for (size_t k = 0, column = 0; k < columns; k++)
            if (free_[k])
                gsl_matrix_set(m, i, column++, a[i * columns + k]);
    }
    double chisq;
    gsl_multifit_linear(m, y, c, covariance, &chisq, work);
    for (size_t k = 0, column = 0; k < columns; k++)
        if (free_[k])
            x[k] = gsl_vector_get(c, column++);
    gsl_multifit_linear_free(work);
    gsl_matrix_free(m);
    gsl_matrix_free(covariance);
    gsl_vector_free(y);
    gsl_vector_free(c);
}

static double residual(const double *a, const double *b, size_t row, size_t columns, const double *x)
{
    double r = b[row];
    for (size_t k = 0; k < columns; k++)
        r -= a[row * columns + k] * x[k];
    return r;
}

/* The column at 0 whose growth helps most; `columns` when none helps by more than rounding. */
static size_t steepest(const double *a, const double *b, size_t rows, size_t columns, const double *x,
                       const bool *free_)
{
    size_t best = columns;
    double most = 0;
    for (size_t k = 0; k < columns; k++) {
        double gradient = 0, scale = 0, target = 0;
        for (size_t i = 0; i < rows && !free_[k]; i++) {
            gradient += a[i * columns + k] * residual(a, b, i, columns, x);
            scale += a[i * columns + k] * a[i * columns + k];
            target += b[i] * b[i];
        }
        const double cosine = gradient / sqrt(scale * target);
        if (scale > 0 && target > 0 && cosine > 1e-12 && cosine > most) {
            most = cosine;
            best = k;
        }
    }
    return best;
}

double lci_nnls(const double *a, const double *b, size_t rows, size_t columns, double *x, bool *free_)
{
    double *trial = lc_alloc((columns + 1) * sizeof *trial);
    for (size_t k = 0; k < columns; k++) {
        x[k] = 0;
        free_[k] = false;
    }
    for (size_t rounds = 0; rounds < 3 * columns; rounds++) { /* it ends long before; rounding must not prevent it */
        const size_t next = steepest(a, b, rows, columns, x, free_);
        if (next == columns)
            break;
        free_[next] = true;
        for (;;) {
            solve(a, b, rows, columns, free_, trial);
            double step = 1;
            for (size_t k = 0; k < columns; k++)
                if (free_[k] && trial[k] <= 0)
                    step = fmin(step, x[k] / (x[k] - trial[k]));
            for (size_t k = 0; k < columns; k++) {
                const bool leaves = free_[k] && trial[k] <= 0 && x[k] / (x[k] - trial[k]) <= step * (1 + 1e-12);
                x[k] = leaves || !free_[k] ? 0 : x[k] + step * (trial[k] - x[k]);
                free_[k] = free_[k] && !leaves;
            }
            if (step >= 1)
                break;
        }
    }
    double sum = 0;
    for (size_t i = 0; i < rows; i++)
        sum += pow(residual(a, b, i, columns, x), 2);
    free(trial);
    return sum;
}

/* ---- utilization law --------------------------------------------------------------------------------------------- */

/* Throughputs with a last column for the background. */
static double *design(const double *throughput, size_t windows, size_t classes)
{
    double *a = lc_alloc(windows * (classes + 1) * sizeof *a);
    for (size_t w = 0; w < windows; w++) {
        memcpy(a + w * (classes + 1), throughput + w * classes, classes * sizeof *a);
        a[w * (classes + 1) + classes] = 1;
    }
    return a;
}

/* Condition number and, scaled by the variance of the residuals, standard errors. False: the columns are dependent. */
static bool judge(const double *a, const double *b, size_t rows, size_t columns, const bool *free_, double variance,
                  struct lci_regression *r)
{
    size_t used = 0;
    for (size_t k = 0; k < columns; k++)
        used += free_[k];
    gsl_matrix *m = gsl_matrix_alloc(rows, columns), *part = gsl_matrix_alloc(rows, used > 0 ? used : 1);
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0, column = 0; k < columns; k++) {
            gsl_matrix_set(m, i, k, a[i * columns + k]);
            if (free_[k])
                gsl_matrix_set(part, i, column++, a[i * columns + k]);
        }
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(rows, columns);
    gsl_multifit_linear_bsvd(m, work); /* columns balanced: units do not matter */
    r->condition = 1 / gsl_multifit_linear_rcond(work);
    gsl_multifit_linear_free(work);
    const bool good = r->condition < HOPELESS;
    if (good && used > 0) {
        gsl_matrix *covariance = gsl_matrix_alloc(used, used);
        gsl_vector *y = gsl_vector_alloc(rows), *c = gsl_vector_alloc(used);
        double chisq;
        for (size_t i = 0; i < rows; i++)
            gsl_vector_set(y, i, b[i]);
        work = gsl_multifit_linear_alloc(rows, used);
        gsl_multifit_linear(part, y, c, covariance, &chisq, work);
        /* GSL scales by its own estimate of the variance, with as many degrees of freedom as columns in `part`. */
        const double own = chisq / (double)(rows - used);
        for (size_t k = 0, column = 0; k < columns; k++) {
            if (!free_[k])
                continue;
            if (k + 1 < columns)
                r->standard_error[k] = own > 0 ? sqrt(gsl_matrix_get(covariance, column, column) * variance / own) : 0;
            column++;
        }
        gsl_multifit_linear_free(work);
        gsl_matrix_free(covariance);
        gsl_vector_free(y);
        gsl_vector_free(c);
    }
    gsl_matrix_free(m);
    gsl_matrix_free(part);
    return good;
}

bool lci_utilization_regression(const double *busy, const double *throughput, size_t windows, size_t classes,
                                struct lci_regression *regression)
{
    *regression = (struct lci_regression){0};
    if (classes == 0 || windows < classes + 2)
        return false;
    const size_t columns = classes + 1;
    double *a = design(throughput, windows, classes), *x = lc_alloc(columns * sizeof *x), mean = 0, total = 0;
    bool *free_ = lc_alloc(columns * sizeof *free_);
    regression->demand = lc_alloc(classes * sizeof(double));
    regression->standard_error = lc_alloc(classes * sizeof(double));
    const double squares = lci_nnls(a, busy, windows, columns, x, free_);
    for (size_t w = 0; w < windows; w++)
        mean += busy[w] / (double)windows;
    for (size_t w = 0; w < windows; w++)
        total += (busy[w] - mean) * (busy[w] - mean);
    for (size_t k = 0; k < classes; k++) {
        regression->demand[k] = x[k];
        regression->standard_error[k] = NAN;
    }
    regression->background = x[classes];
    regression->explained = total > 0 ? 1 - squares / total : 1;
    const bool good = judge(a, busy, windows, columns, free_, squares / (double)(windows - columns), regression);
    free(a);
    free(x);
    free(free_);
    if (!good)
        lci_regression_free(regression);
    return good;
}

void lci_regression_free(struct lci_regression *regression)
{
    free(regression->demand);
    free(regression->standard_error);
    *regression = (struct lci_regression){0};
}

void lci_demand_law(double busy, const double *throughput, const double *residence, size_t classes, double *demand)
{
    double present = 0;
    for (size_t r = 0; r < classes; r++)
        present += throughput[r] * residence[r];
    for (size_t r = 0; r < classes; r++)
        demand[r] = throughput[r] > 0 && present > 0 ? busy * residence[r] / present : 0;
}
