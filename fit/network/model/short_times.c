/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Self times that are shorter than the unit u of the clock. Of such a time x alone the clock tells only the mean: a
 * reading m is 0 or u, and its variance that of a coin. What lies beside it in the same visit, a call or all that
 * follows, B, shares a reading with it, and errs by as much in the other direction. So with the phase of the clock at
 * random, and x independent of B,
 *
 *   Var(m + B) = Var(x) + Var(B) with the errors of the two outer readings alone, hence Var(x) = Var(m) + 2 Cov(m, B),
 *
 * whatever the distributions, as long as B spreads over a unit or more: its other end falls anywhere in the unit then.
 * (For x the constant d u with d < 1: Var(m) = d (1 − d) u², Cov(m, B) = −d (1 − d) u² / 2.) Both sides of x tell it,
 * and are weighed by their variances. The short times of an entry together have one c², each a part of the sum in
 * proportion to its squared mean. It is used where its standard error tells it apart from that of an exponential.
 */
#include "network/model/build.h"

#include <math.h>
#include <stdlib.h>

#define SPREAD      1    /* of the clock's unit: deviation of what lies beside a short time, at the least */
#define WHOLE       1e-3 /* of the unit: readings are multiples of it within this, */
#define MOST        0.9  /* so many of them */
#define LEAST_TIMES 30   /* visits */
#define COARSEST    1    /* s */

struct beside { /* what lies on one side of a segment, per visit */
    double *values;
    double mean, variance; /* variance 0: it does not spread far enough */
};

static void take_moments(struct beside *b, size_t n)
{
    double squares = 0;
    b->mean = 0;
    for (size_t v = 0; v < n; v++)
        b->mean += b->values[v] / (double)n;
    for (size_t v = 0; v < n; v++)
        squares += (b->values[v] - b->mean) * (b->values[v] - b->mean);
    b->variance = squares / (double)(n - 1);
}

/* From segment `s` on to the left or right, as little as spreads far enough. */
static struct beside look_beside(const struct lci_pattern *pattern, size_t s, bool right, double unit)
{
    const size_t n = pattern->timed;
    struct beside b = {.values = lc_calloc(n, sizeof(double))};
    size_t at = s;
    while (right ? at < pattern->step_count : at > 0) {
        const struct lci_samples *took = &pattern->steps[right ? at : at - 1].took;
        for (size_t v = 0; v < n; v++)
            b.values[v] += took->values[v] + (at != s ? pattern->segments[at].values[v] : 0);
        at = right ? at + 1 : at - 1;
        take_moments(&b, n);
        if (b.variance >= SPREAD * SPREAD * unit * unit)
            return b;
    }
    b.variance = 0;
    return b;
}

static bool read_in_units(const struct lci_samples *samples, size_t n, double unit)
{
    size_t whole = 0;
    for (size_t v = 0; v < n; v++)
        whole += fabs(remainder(samples->values[v], unit)) <= WHOLE * unit;
    return (double)whole >= MOST * (double)n;
}

/* Adds what each visit says of the variance of segment `s`; false: nothing beside it tells. */
static bool add_segment(const struct lci_pattern *pattern, size_t s, double unit, double *told)
{
    const size_t n = pattern->timed;
    const double *m = pattern->segments[s].values;
    struct beside left = look_beside(pattern, s, false, unit), right = look_beside(pattern, s, true, unit);
    const bool known = left.variance > 0 || right.variance > 0;
    double mean = 0;
    for (size_t v = 0; v < n; v++)
        mean += m[v] / (double)n;
    if (known) {
        const double both = left.variance + right.variance;
        const double on_left = right.variance == 0 ? 2 : left.variance == 0 ? 0 : 2 * right.variance / both;
        for (size_t v = 0; v < n; v++)
            told[v] += (m[v] - mean) * (m[v] - mean + on_left * (left.values[v] - left.mean) +
                                        (2 - on_left) * (right.values[v] - right.mean));
    }
    free(left.values);
    free(right.values);
    return known;
}

struct sums {
    double variance, error, squares; /* of all visits: short times, its squared standard error, squared means */
    size_t unclear;
    bool fractions;
};

static void add_pattern(const struct lci_pattern *pattern, double unit, struct sums *sums)
{
    const size_t n = pattern->timed;
    if (n < LEAST_TIMES)
        return;
    double *told = lc_calloc(n, sizeof *told);
    double squares = 0, mean = 0, error = 0;
    for (size_t s = 0; s <= pattern->step_count; s++) {
        const struct lci_samples *segment = &pattern->segments[s];
        const double own = (segment->sum - segment->others_sum) / (double)n;
        if (!(own > 0 && own < unit))
            continue;
        if (!read_in_units(segment, n, unit))
            sums->fractions = true;
        else if (add_segment(pattern, s, unit, told))
            squares += own * own;
        else
            sums->unclear++;
    }
    for (size_t v = 0; v < n; v++)
        mean += told[v] / (double)n;
    for (size_t v = 0; v < n; v++)
        error += (told[v] - mean) * (told[v] - mean) / (double)(n - 1);
    sums->variance += mean * (double)n * (double)n / (double)(n - 1);
    sums->squares += squares * (double)n;
    sums->error += error * (double)n;
    free(told);
}

struct lci_clock lci_see_clock(const struct lci_patterns *patterns, double unit)
{
    struct sums sums = {0};
    for (size_t i = 0; i < patterns->count; i++)
        add_pattern(&patterns->items[i], unit, &sums);
    /* Starts at whole seconds, of times that are no such multiples, are somebody's timetable and tell no clock. */
    const bool timetable = sums.fractions && unit >= COARSEST;
    struct lci_clock clock = {.unit = timetable ? 0 : unit, .fractions = sums.fractions};
    if (sums.squares > 0) {
        clock.known = true;
        clock.cv2 = fmax(0, sums.variance / sums.squares);
        clock.error = sqrt(sums.error) / sums.squares;
        clock.apart = fabs(sums.variance / sums.squares - 1) > 2 * clock.error;
    } else {
        clock.why = sums.fractions     ? "not all times are multiples of it"
                    : sums.unclear > 0 ? "nothing beside them spreads over a unit"
                                       : "too few visits";
    }
    return clock;
}

struct lci_clock lci_latency_clock(const struct lci_visits *visits, uint32_t caller, uint32_t callee,
                                   const struct lci_samples *samples, double mean)
{
    const double unit = fmax(lci_clock_unit(visits, caller), lci_clock_unit(visits, callee));
    const bool brief = unit < COARSEST && mean < unit && read_in_units(samples, samples->count, unit);
    return (struct lci_clock){.unit = brief ? unit : 0, .why = "it is a difference of two durations"};
}
