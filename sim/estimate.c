/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

void lci_moments_add(struct lci_moments *m, double value)
{
    const double difference = value - m->mean;
    m->mean += difference / ++m->count;
    m->squares += difference * (value - m->mean);
}

double lci_half_width(const struct lci_moments *m, double confidence)
{
    if (m->count < 2)
        return NAN;
    const double error = sqrt(m->squares / (m->count - 1) / m->count);
    return error > 0 ? error * gsl_cdf_tdist_Pinv(0.5 + confidence / 2, m->count - 1) : 0;
}

struct lc_estimate lci_estimate(const struct lci_moments *m)
{
    if (m->count == 0)
        return (struct lc_estimate){NAN, NAN, NAN};
    return (struct lc_estimate){m->mean, lci_half_width(m, 0.95), lci_half_width(m, 0.99)};
}
