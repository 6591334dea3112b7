/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standard errors of what a distribution says — mean, deviation, quantiles — by the delta method: the variance of g is
 * ∇gᵀ C ∇g with the covariances C of the parameters. Where different parameters give the same distribution (phase-type)
 * or the likelihood is flat in some direction, C is the inverse of the information restricted to its other directions.
 * What the distribution determines does not change along the flat ones, so nothing is lost by that. Which they are is
 * told by the products of the rows' scores; of second differences, which serve elsewhere, they would not come out flat.
 */
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/dist/dist.h"
#include "problem.h"

#define STEP 1e-4 /* of the logarithms of parameters, for derivatives */
#define FLAT 1e-7 /* of the greatest eigenvalue of the information scaled to correlations */

static const double levels[LC_CHARACTERISTICS] = {[LC_MEDIAN] = 0.5, [LC_P95] = 0.95, [LC_P99] = 0.99};

const char *lc_characteristic_name(enum lc_characteristic which)
{
    static const char *const names[] = {"mean", "sd", "median", "p95", "p99"};
    return names[which];
}

/* In units of the mean where the variance is too great or too small for a number. */
static double deviation(const struct lc_dist *dist)
{
    const double variance = lc_dist_variance(dist), mean = lc_dist_mean(dist);
    if ((variance > 0 && isfinite(variance)) || !(mean > 0) || isinf(mean) || isinf(1 / mean))
        return sqrt(variance);
    struct lc_dist unit = lci_dist_copy(dist);
    lci_dist_scale(&unit, 1 / mean);
    const double relative = sqrt(lc_dist_variance(&unit));
    lc_dist_free(&unit);
    return relative * mean;
}

void lci_characteristics(const struct lc_dist *dist, double *values)
{
    for (int i = 0; i < LC_CHARACTERISTICS; i++)
        values[i] = i == LC_MEAN ? lc_dist_mean(dist)
                    : i == LC_SD ? deviation(dist)
                                 : lc_dist_quantile(dist, levels[i]);
}

/* ---- phase-type distributions as free numbers -------------------------------------------------------------------- */

/* Logarithms of initial probabilities, rates between states and exit rates; those that are as good as 0 stay as they
 * are. `at`: which entry of the parameters, a diagonal one for an exit rate. Returns how many vary. */
static size_t chain_theta(const struct lc_dist *dist, double *theta, size_t *at)
{
    const size_t n = (size_t)dist->parameters[0];
    const double *p = dist->parameters, *m = p + 1 + n;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        double values[LCI_PARAMETERS_MAXIMUM];
        double exit = 0;
        if (p[1 + i] > 1e-6) {
            theta[count] = log(p[1 + i]);
            at[count++] = 1 + i;
        }
        for (size_t j = 0; j < n; j++)
            exit -= m[i * n + j];
        for (size_t j = 0; j < n; j++)
            values[j] = j == i ? exit : m[i * n + j];
        for (size_t j = 0; j < n; j++)
            if (values[j] > -1e-6 * m[i * n + i]) {
                theta[count] = log(values[j]);
                at[count++] = 1 + n + i * n + j;
            }
    }
    return count;
}

static void chain_set(struct lc_dist *dist, const struct lc_dist *base, const double *theta, const size_t *at,
                      size_t count)
{
    const size_t n = (size_t)base->parameters[0];
    double *p = dist->parameters, *m = p + 1 + n, sum = 0;
    memcpy(p, base->parameters, base->count * sizeof *p);
    for (size_t i = 0; i < n; i++) /* for now exit rates on the diagonal */
        for (size_t j = 0; j < n; j++)
            if (j != i)
                m[i * n + i] += m[i * n + j];
    for (size_t i = 0; i < n; i++)
        m[i * n + i] = fmax(-m[i * n + i], 0);
    for (size_t k = 0; k < count; k++)
        p[at[k]] = exp(theta[k]);
    for (size_t i = 0; i < n; i++)
        sum += p[1 + i];
    for (size_t i = 0; i < n; i++) {
        p[1 + i] /= sum;
        for (size_t j = 0; j < n; j++)
            if (j != i)
                m[i * n + i] += m[i * n + j];
        m[i * n + i] = -m[i * n + i];
    }
}

/* ---- a fit as a function of free numbers ------------------------------------------------------------------------- */

struct freedom {
    struct lci_problem *problem; /* its dist is set to what is asked for */
    struct lc_dist base;         /* the maximum */
    bool chain;
    size_t n, at[LCI_PARAMETERS_MAXIMUM];
    double theta[LCI_PARAMETERS_MAXIMUM], step[LCI_PARAMETERS_MAXIMUM];
};

static void freedom_init(struct freedom *f, struct lci_problem *problem)
{
    *f = (struct freedom){.problem = problem, .base = lci_dist_copy(&problem->dist)};
    f->chain = strcmp(f->base.family->name, "phase_type") == 0;
    f->n = f->chain ? chain_theta(&f->base, f->theta, f->at) : lci_problem_theta(problem, f->theta);
    for (size_t i = 0, k = 0; i < f->n; i++) {
        f->step[i] = STEP;
        if (f->chain)
            continue;
        while (!lci_varies(problem, k))
            k++;
        if (lci_variation(problem->estimator, k) == 'i') /* a location: of its spread, the parameter behind it */
            f->step[i] *= f->base.parameters[k + 1];
        k++;
    }
}

static void set(struct freedom *f, const double *theta)
{
    if (f->chain)
        chain_set(&f->problem->dist, &f->base, theta, f->at, f->n);
    else
        lci_problem_set(f->problem, theta);
}

/* Moves number k by `steps` of its steps from the maximum. */
static void move(struct freedom *f, size_t k, int steps)
{
    double theta[LCI_PARAMETERS_MAXIMUM];
    memcpy(theta, f->theta, sizeof theta);
    theta[k] += steps * f->step[k];
    set(f, theta);
}

/* The derivatives of the characteristics to number k; those of quantiles from F(q) = u. */
static void gradient(struct freedom *f, size_t k, const double *values, double *derivatives)
{
    double end[2][LC_CHARACTERISTICS];
    for (int side = 0; side < 2; side++) {
        move(f, k, side == 0 ? -1 : 1);
        const struct lc_dist *dist = &f->problem->dist;
        end[side][LC_MEAN] = lc_dist_mean(dist);
        end[side][LC_SD] = sqrt(lc_dist_variance(dist));
        for (int i = LC_MEDIAN; i < LC_CHARACTERISTICS; i++)
            end[side][i] = lc_dist_survival(dist, values[i]);
    }
    for (int i = 0; i < LC_CHARACTERISTICS; i++) {
        derivatives[i] = (end[1][i] - end[0][i]) / (2 * f->step[k]);
        if (i >= LC_MEDIAN)
            derivatives[i] /= exp(lc_dist_log_density(&f->base, values[i]));
    }
}

/* ---- the restricted information ---------------------------------------------------------------------------------- */

/* Σ weight s sᵀ over the rows' scores s, n × n. Returns false where a row has none. */
static bool products_of_scores(struct freedom *f, double *products)
{
    const struct lci_data *data = f->problem->data;
    const size_t n = f->n;
    double *scores = lc_calloc(data->n * n, sizeof *scores);
    bool good = true;
    for (size_t k = 0; k < n; k++)
        for (int side = -1; side <= 1; side += 2) {
            move(f, k, side);
            for (size_t row = 0; row < data->n; row++)
                scores[row * n + k] += side * lci_row_log_likelihood(data, &f->problem->dist, row) / (2 * f->step[k]);
        }
    memset(products, 0, n * n * sizeof *products);
    for (size_t row = 0; row < data->n; row++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                products[i * n + j] += lci_weight(data, row) * scores[row * n + i] * scores[row * n + j];
    for (size_t i = 0; i < n * n; i++)
        good = good && isfinite(products[i]);
    free(scores);
    return good;
}

/* The eigenvectors of `matrix` after scaling to a unit diagonal, those that are not flat: r columns of n × r, divided
 * by the roots of their eigenvalues and scaled back, so that a step of 1 along one is about a standard error. Numbers
 * that the sample says nothing of — a step of e changes the likelihood by less than 0.001 — count as flat. */
static size_t steep_directions(const double *matrix, size_t n, double *directions)
{
    gsl_matrix *scaled = gsl_matrix_calloc(n, n), *vectors = gsl_matrix_alloc(n, n);
    gsl_vector *values = gsl_vector_alloc(n);
    gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(n);
    double scale[LCI_PARAMETERS_MAXIMUM];
    for (size_t i = 0; i < n; i++)
        scale[i] = matrix[i * n + i] > 1e-3 ? 1 / sqrt(matrix[i * n + i]) : 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            gsl_matrix_set(scaled, i, j, matrix[i * n + j] * scale[i] * scale[j]);
    gsl_eigen_symmv(scaled, values, vectors, work);
    gsl_eigen_symmv_sort(values, vectors, GSL_EIGEN_SORT_VAL_DESC);
    size_t r = 0;
    while (r < n && gsl_vector_get(values, r) > FLAT * gsl_vector_get(values, 0))
        r++;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < r; k++)
            directions[i * r + k] = scale[i] * gsl_matrix_get(vectors, i, k) / sqrt(gsl_vector_get(values, k));
    gsl_eigen_symmv_free(work);
    gsl_vector_free(values);
    gsl_matrix_free(vectors);
    gsl_matrix_free(scaled);
    return r;
}

struct steep {
    struct freedom *f;
    size_t r;
    double directions[LCI_PARAMETERS_MAXIMUM * LCI_PARAMETERS_MAXIMUM];
};

/* The log-likelihood `at` so far along the directions. */
static double along(const double *at, void *context)
{
    const struct steep *steep = context;
    double theta[LCI_PARAMETERS_MAXIMUM];
    memcpy(theta, steep->f->theta, sizeof theta);
    for (size_t i = 0; i < steep->f->n; i++)
        for (size_t k = 0; k < steep->r; k++)
            theta[i] += steep->directions[i * steep->r + k] * at[k];
    set(steep->f, theta);
    const struct lc_dist *dist = &steep->f->problem->dist;
    return dist->family->valid(dist->parameters, dist->count) ? lci_log_likelihood(steep->f->problem->data, dist)
                                                              : -INFINITY;
}

/* The inverse of the information on the directions that are not flat: of the observed one, or where that has no
 * positive inverse — the maximum is not quite reached — of the products of scores. */
static bool restricted_covariance(struct freedom *f, double *covariance)
{
    const size_t n = f->n;
    struct steep steep = {.f = f};
    double inner[LCI_PARAMETERS_MAXIMUM * LCI_PARAMETERS_MAXIMUM];
    const double maximum[LCI_PARAMETERS_MAXIMUM] = {0};
    if (!products_of_scores(f, inner))
        return false;
    const size_t r = steep.r = steep_directions(inner, n, steep.directions);
    const bool observed = r > 0 && lci_covariance(along, &steep, maximum, r, inner);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t k = 0; k < r; k++)
                for (size_t l = 0; l < r; l++)
                    sum += steep.directions[i * r + k] * (observed ? inner[k * r + l] : k == l) *
                           steep.directions[j * r + l];
            covariance[i * n + j] = sum;
        }
    return r > 0;
}

/* ---- the errors -------------------------------------------------------------------------------------------------- */

void lci_characteristic_errors(struct lci_problem *problem, const double *covariance, struct lc_fit *fit)
{
    double own[LCI_PARAMETERS_MAXIMUM * LCI_PARAMETERS_MAXIMUM] = {0}, values[LC_CHARACTERISTICS];
    double slopes[LCI_PARAMETERS_MAXIMUM][LC_CHARACTERISTICS] = {0};
    struct freedom f;
    freedom_init(&f, problem);
    bool known = f.n > 0;
    if (known && covariance == NULL) {
        known = restricted_covariance(&f, own);
        covariance = own;
    }
    lci_characteristics(&f.base, values);
    for (size_t k = 0; known && k < f.n; k++)
        gradient(&f, k, values, slopes[k]);
    for (int which = 0; known && which < LC_CHARACTERISTICS; which++) {
        double variance = 0;
        for (size_t i = 0; i < f.n; i++)
            for (size_t j = 0; j < f.n; j++)
                variance += slopes[i][which] * covariance[i * f.n + j] * slopes[j][which];
        fit->characteristic_errors[which] = variance > 0 && isfinite(variance) ? sqrt(variance) : NAN;
    }
    lc_dist_free(&f.base);
}

void lci_empirical_errors(struct lci_data *data, struct lc_fit *fit)
{
    const struct lc_dist *dist = &fit->dist;
    double fourth = 0;
    lci_characteristics(dist, fit->characteristics);
    const double mean = fit->characteristics[LC_MEAN], sd = fit->characteristics[LC_SD];
    for (size_t i = 0; i < dist->count; i++) {
        const double d = dist->parameters[i] - mean;
        fourth += d * d * d * d / (double)dist->count;
    }
    fit->characteristic_errors[LC_MEAN] = sd / sqrt(data->total);
    fit->characteristic_errors[LC_SD] = sqrt(fmax(fourth / (sd * sd) - sd * sd, 0) / (4 * data->total));
    for (int i = LC_MEDIAN; i < LC_CHARACTERISTICS; i++) {
        const double u = levels[i], half_width = sqrt(u * (1 - u) / data->total);
        const double low = lc_dist_quantile(dist, u - half_width),
                     high = lc_dist_quantile(dist, fmin(u + half_width, 1));
        fit->characteristic_errors[i] = u + half_width < 1 ? (high - low) / 2 : NAN;
    }
}
