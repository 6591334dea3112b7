/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Log-logistic: the logarithms are logistic with location log(scale) and spread b = 1/shape. Newton on (location, log
 * b) with one hyperbolic tangent a value: with z = (y − location) / b and t = tanh(z / 2), log f = −log b − log(2 + 2
 * cosh z), its derivative by z −t, the second −(1 − t²)/2.
 */
#include <math.h>

#include "estimate.h"

struct sums {
    double gradient[2], hessian[3]; /* (a, a), (a, log b), (log b, log b) */
};

static struct sums derivatives(const struct lci_data *data, double a, double b)
{
    double t1 = 0, tz = 0, q0 = 0, q1 = 0, q2 = 0;
    for (size_t i = 0; i < data->n; i++) {
        const double w = lci_weight(data, i), z = (data->logs[i] - a) / b, e = exp(-fabs(z));
        const double t = copysign((1 - e) / (1 + e), z), q = w * (1 - t * t) / 2;
        t1 += w * t;
        tz += w * t * z;
        q0 += q;
        q1 += q * z;
        q2 += q * z * z;
    }
    /* dz/da = −1/b, dz/dlog b = −z. */
    return (struct sums){.gradient = {t1 / b, tz - data->total},
                         .hessian = {-q0 / (b * b), -(t1 + q1) / b, -(tz + q2)}};
}

static void solve(struct lci_data *data, double *a, double *b)
{
    lci_data_logs(data);
    for (int i = 0; i < 100; i++) {
        const struct sums s = derivatives(data, *a, *b);
        const double *g = s.gradient, *h = s.hessian, det = h[0] * h[2] - h[1] * h[1];
        double da = -g[0] / h[0], db = -g[1] / h[2];
        if (det > 0) { /* the Hessian is negative definite: a full Newton step */
            da = -(h[2] * g[0] - h[1] * g[1]) / det;
            db = -(h[0] * g[1] - h[1] * g[0]) / det;
        }
        db = fmin(fmax(db, -1), 1);
        da = fmin(fmax(da, -3 * *b), 3 * *b);
        *a += da;
        *b *= exp(db);
        if (fabs(da) <= 1e-9 * *b && fabs(db) <= 1e-9)
            break;
    }
}

const char *lci_log_logistic_exact(struct lci_data *data, double *p, const char **note)
{
    (void)note;
    struct lci_data thin;
    lci_data_logs(data);
    if (!(data->variance_log > 0) || data->variance_log < 1e-20)
        return "the values are too near to each other";
    double a = data->mean_log, b = sqrt(3 * data->variance_log) / M_PI;
    if (lci_data_thin(&thin, data)) {
        solve(&thin, &a, &b);
        lci_data_free(&thin);
    }
    solve(data, &a, &b);
    p[0] = 1 / b;
    p[1] = exp(a);
    return NULL;
}

static double log_logistic_log_likelihood(struct lci_data *data, const double *p)
{
    const double a = log(p[1]);
    double sum = 0;
    for (size_t i = 0; i < data->n; i++) {
        const double z = fabs(p[0] * (data->logs[i] - a));
        sum += lci_weight(data, i) * (z + 2 * log1p(exp(-z)));
    }
    return data->total * (log(p[0]) - data->mean_log) - sum;
}

const struct lci_estimator lci_estimator_log_logistic = {
    .family = "log_logistic",
    .variation = "ll",
    .origin = LCI_RISING,
    .stride = 2,
    .exact = lci_log_logistic_exact,
    .log_likelihood = log_logistic_log_likelihood,
    .sums = true,
};
