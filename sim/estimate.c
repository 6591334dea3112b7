/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#define LEAST 15 /* values from which a skewness is estimated: from ten it is hardly more than noise */

void lci_moments_add(struct lci_moments *m, double value)
{
    const double difference = value - m->mean, n = ++m->count, step = difference / n;
    m->mean += step;
    m->cubes += step * (difference * step * (n - 1) * (n - 2) - 3 * m->squares);
    m->squares += difference * step * (n - 1);
}

double lci_student(double count, double confidence)
{
    enum { KEPT = 4 };
    static _Thread_local struct {
        double count, confidence, quantile;
    } kept[KEPT]; /* all rows of a result ask for the same two */
    static _Thread_local unsigned next;
    for (unsigned i = 0; i < KEPT; i++)
        if (kept[i].count == count && kept[i].confidence == confidence)
            return kept[i].quantile;
    next = (next + 1) % KEPT;
    kept[next].count = count;
    kept[next].confidence = confidence;
    kept[next].quantile = gsl_cdf_tdist_Pinv(0.5 + confidence / 2, count - 1);
    return kept[next].quantile;
}

double lci_half_width(const struct lci_moments *m, double confidence)
{
    if (m->count < 2)
        return NAN;
    const double n = m->count, variance = m->squares / (n - 1);
    if (!(variance > 0))
        return 0;
    const double student = sqrt(variance / n) * lci_student(n, confidence);
    if (n < LEAST || !(m->cubes > 0))
        return student;
    const double skewness = m->cubes * n / ((n - 1) * (n - 2)) / (variance * sqrt(variance));
    const double low = -student / sqrt(variance) - skewness / (6 * n), root = cbrt(1 + skewness * low);
    const double longer = -3 * low / (root * root + root + 1); /* (1 − root) 3 / skewness, also where that is 0 */
    return fmax(student, longer * sqrt(variance));
}

struct lc_estimate lci_estimate(const struct lci_moments *m)
{
    if (m->count == 0)
        return (struct lc_estimate){NAN, NAN, NAN};
    return (struct lc_estimate){m->mean, lci_half_width(m, 0.95), lci_half_width(m, 0.99)};
}
