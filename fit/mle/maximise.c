/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stdlib.h>

struct objective {
    double (*f)(const double *theta, void *context);
    void *context;
};

/* GSL minimises; points where the likelihood is not finite are far worse than any other. */
static double negative(const gsl_vector *v, void *parameters)
{
    const struct objective *o = parameters;
    const double value = o->f(v->data, o->context);
    return isfinite(value) ? -value : 1e300;
}

/* One descent from theta, until the simplex is small in every direction. */
static double descend(struct objective *o, double *theta, const double *step, size_t n)
{
    gsl_multimin_fminimizer *m = gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, n);
    gsl_multimin_function function = {negative, n, o};
    gsl_vector_const_view start = gsl_vector_const_view_array(theta, n), steps = gsl_vector_const_view_array(step, n);
    double value = negative(&start.vector, o);
    if (gsl_multimin_fminimizer_set(m, &function, &start.vector, &steps.vector) == GSL_SUCCESS) {
        for (size_t i = 0; i < 400 * n; i++)
            if (gsl_multimin_fminimizer_iterate(m) != GSL_SUCCESS || gsl_multimin_fminimizer_size(m) < 1e-9)
                break;
        value = gsl_multimin_fminimizer_minimum(m);
        for (size_t i = 0; i < n; i++)
            theta[i] = gsl_vector_get(gsl_multimin_fminimizer_x(m), i);
    }
    gsl_multimin_fminimizer_free(m);
    return -value;
}

double lci_maximise(double (*f)(const double *theta, void *context), void *context, double *theta, const double *step,
                    size_t n)
{
    struct objective o = {f, context};
    if (n == 0)
        return f(theta, context);
    double best = -INFINITY;
    /* A simplex can collapse away from the maximum; a fresh one from where it stopped shows it. */
    for (int restart = 0; restart < 6; restart++) {
        const double value = descend(&o, theta, step, n);
        if (value - best <= 1e-10 * (1 + fabs(value)))
            return fmax(value, best);
        best = value;
    }
    return best;
}

/* A step over which the log-likelihood falls by about 0.05: far above its rounding, near enough to be quadratic. */
static double curvature_step(const struct objective *o, double *theta, size_t i, double top)
{
    const double middle = theta[i];
    double h = 1e-3 * fmax(fabs(middle), 1e-3);
    for (int k = 0; k < 60; k++) {
        theta[i] = middle + h;
        const double up = top - o->f(theta, o->context);
        theta[i] = middle - h;
        const double drop = fmax(up, top - o->f(theta, o->context));
        theta[i] = middle;
        if (drop > 0.01 && drop < 0.2)
            break;
        h *= drop > 0 && isfinite(drop) ? fmin(fmax(sqrt(0.05 / drop), 1e-3), 1e3) : isfinite(drop) ? 10 : 0.1;
    }
    return h;
}

/* Cholesky's factor of a (n × n) in place, lower triangle; false when a is not positive definite. */
static bool cholesky(double *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = a[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= a[i * n + k] * a[j * n + k];
            if (i == j && !(sum > 0))
                return false;
            a[i * n + j] = i == j ? sqrt(sum) : sum / a[j * n + j];
        }
    return true;
}

/* Minus the second derivatives at theta, lower triangle, by central differences over the steps h. */
static void information(const struct objective *o, double *theta, size_t n, const double *h, double *matrix)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (int corner = 0; corner < 4; corner++) { /* (+,+) (−,−) count up, (+,−) (−,+) down */
                const double si = corner & 1 ? -1 : 1, sj = corner & 2 ? -1 : 1, ti = theta[i], tj = theta[j];
                theta[i] += si * h[i] / 2;
                theta[j] += sj * h[j] / 2;
                sum += si * sj * o->f(theta, o->context);
                theta[j] = tj;
                theta[i] = ti;
            }
            matrix[i * n + j] = -sum / (h[i] * h[j]);
        }
}

bool lci_covariance(double (*f)(const double *theta, void *context), void *context, const double *theta, size_t n,
                    double *covariance)
{
    const struct objective o = {f, context};
    double at[LCI_PARAMETERS_MAXIMUM] = {0}, h[LCI_PARAMETERS_MAXIMUM] = {0};
    double l[LCI_PARAMETERS_MAXIMUM * LCI_PARAMETERS_MAXIMUM], inverse[LCI_PARAMETERS_MAXIMUM * LCI_PARAMETERS_MAXIMUM];
    for (size_t i = 0; i < n; i++)
        at[i] = theta[i];
    const double top = f(at, context);
    for (size_t i = 0; i < n; i++)
        h[i] = curvature_step(&o, at, i, top);
    information(&o, at, n, h, l);
    if (!cholesky(l, n))
        return false;
    for (size_t c = 0; c < n; c++) /* the columns of L⁻¹ */
        for (size_t i = c; i < n; i++) {
            double sum = i == c;
            for (size_t k = c; k < i; k++)
                sum -= l[i * n + k] * inverse[k * n + c];
            inverse[i * n + c] = sum / l[i * n + i];
        }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t k = i; k < n; k++)
                sum += inverse[k * n + i] * inverse[k * n + j];
            covariance[i * n + j] = covariance[j * n + i] = sum;
        }
    return true;
}
