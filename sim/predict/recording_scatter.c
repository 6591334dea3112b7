/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * By how much what is recorded in a given time scatters, if the model is right. The batches of a recording tell too
 * little of it at high loads, where queues last longer than a batch, and nothing of the bursts that it did not have.
 * The replications of the simulation are long: each is a recording of the model, and variances of means and of
 * percentiles are inversely proportional to the time (Glynn & Whitt 1991). Logarithms, because what waits is skewed: on
 * this scale a burst adds as much as its absence takes away. */
#include <math.h>

#include "predict.h"

void lcp_add_each(const struct lc_result *result, const struct lc_estimate *estimate, double factor, double *each)
{
    const struct lc_samples *s = &result->samples;
    for (size_t i = 0; i < s->count; i++)
        if (s->of[i] == estimate) {
            for (size_t r = 0; r < s->replications; r++)
                each[r] += factor * s->values[r * s->count + i];
            return;
        }
    for (size_t r = 0; r < s->replications; r++)
        each[r] = NAN;
}

/* A model is asked about the rate that came, so what a line over the rates explains is no scatter. */
double lcp_recording_scatter(const struct lc_result *result, const double *each, const double *rates, double time)
{
    const size_t count = result->samples.replications;
    const double n = (double)count;
    double x = 0, y = 0, xx = 0, xy = 0, yy = 0;
    for (size_t r = 0; r < count; r++) {
        x += rates[r] / n;
        y += log(each[r]) / n;
    }
    for (size_t r = 0; r < count; r++) {
        const double from_x = rates[r] - x, from_y = log(each[r]) - y;
        xx += from_x * from_x;
        xy += from_x * from_y;
        yy += from_y * from_y;
    }
    const double left = xx > 0 ? yy - xy * xy / xx : yy;
    return count > 2 && time > 0 ? sqrt(fmax(left, 0) / (n - 2) * result->simulated_time / time) : NAN;
}
