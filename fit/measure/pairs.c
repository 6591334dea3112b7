/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pairs.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#define LEAST 20     /* traces of which a correlation can be told */
#define LEVEL 0.0005 /* of the test that there is one */

struct side {
    const struct lci_in_trace *traces;
    double mean, executions; /* of a value; values of a trace, in the mean */
};

/* False when the traces are not those of the row. */
static bool side_of(const struct lci_measure_row *row, struct side *side)
{
    double sum = 0, count = 0;
    for (size_t i = 0; i < row->trace_count; i++) {
        sum += (double)row->by_trace[i].sum;
        count += (double)row->by_trace[i].count;
    }
    *side = (struct side){row->by_trace, sum / count, count / (double)row->trace_count};
    return count > 0 && fabs(count - (double)row->count) < 0.5;
}

/* What the i-th trace adds to the error of the mean, times the number of traces. */
static double residual(const struct side *side, size_t i)
{
    return ((double)side->traces[i].sum - side->mean * (double)side->traces[i].count) / side->executions;
}

bool lci_are_pairs(const struct lci_measure_row *a, const struct lci_measure_row *b, struct lci_pairs *pairs)
{
    struct side before, after;
    if (a->trace_count != b->trace_count || a->trace_count < LEAST || !side_of(a, &before) || !side_of(b, &after) ||
        before.mean == 0)
        return false;
    const double n = (double)a->trace_count, ratio = after.mean / before.mean;
    double aa = 0, ab = 0, bb = 0;
    for (size_t i = 0; i < a->trace_count; i++) {
        const double x = residual(&before, i), y = residual(&after, i);
        aa += x * x;
        ab += x * y;
        bb += y * y;
    }
    const double r = aa > 0 && bb > 0 ? fmin(ab / sqrt(aa * bb), 1) : 0;
    if (!(r > 0) || (r < 1 && gsl_cdf_tdist_Q(r * sqrt((n - 2) / (1 - r * r)), n - 2) > LEVEL))
        return false;
    const double scale = n * (n - 1);
    *pairs = (struct lci_pairs){
        .variance = fmax(aa - 2 * ab + bb, 0) / scale,
        .ratio_variance = fmax(bb - 2 * ratio * ab + ratio * ratio * aa, 0) / scale / (before.mean * before.mean),
        .freedom = n - 1,
    };
    return true;
}
