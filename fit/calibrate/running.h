/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mean and variance of values that come one by one (Welford 1962). All zero: none came yet.
 */
#ifndef CALIBRATE_RUNNING_H
#define CALIBRATE_RUNNING_H

struct lci_running {
    double count, mean, squares;
};

static inline void lci_running_add(struct lci_running *m, double value)
{
    const double step = value - m->mean;
    m->mean += step / ++m->count;
    m->squares += step * (value - m->mean);
}

/* Of the values as a sample; 0 for less than two. */
static inline double lci_running_variance(const struct lci_running *m)
{
    return m->count > 1 ? m->squares / (m->count - 1) : 0;
}

#endif
