/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A value in [low, high] has the likelihood (min(high, b) − max(low, a)) / (b − a) under a uniform distribution on
 * [a, b]: a lies between the least lower end and the least upper end, b between the greatest lower end and the greatest
 * upper end, or anywhere above where values are cut off. A Pareto distribution's minimum lies where a does. Within
 * these bounds the likelihood of an end may have several tops: a grid finds the one, the golden section its place.
 */
#include "support.h"

#include <math.h>

struct bounds {
    double least_low, least_high;       /* of exact values both ends are the value */
    double greatest_low, greatest_high; /* infinite: some are cut off */
};

static struct bounds bounds_of(const struct lci_data *data)
{
    struct bounds b = {INFINITY, INFINITY, 0, 0};
    for (size_t i = 0; i < data->n; i++) {
        if (lci_weight(data, i) == 0)
            continue;
        b.least_low = fmin(b.least_low, data->x[i]);
        b.least_high = fmin(b.least_high, data->high[i]);
        b.greatest_low = fmax(b.greatest_low, data->x[i]);
        b.greatest_high = fmax(b.greatest_high, data->high[i]);
    }
    return b;
}

/* The likelihood along parameter `index` of the problem, which is `origin` + t, or + exp t. */
struct line {
    struct lci_problem *problem;
    size_t index;
    double origin;
    bool exponential;
    bool profile; /* at the best shape, parameter 0, of a Pareto distribution */
};

static double search_shape(struct lci_problem *problem);

static double value_at(const struct line *line, double t)
{
    struct lci_problem *problem = line->problem;
    double *p = problem->dist.parameters;
    p[line->index] = line->origin + (line->exponential ? exp(t) : t);
    if (line->profile)
        return search_shape(problem);
    if (!problem->dist.family->valid(p, problem->dist.count))
        return -INFINITY;
    return lci_log_likelihood(problem->data, &problem->dist);
}

#define NARROW 1e-7 /* errors of the likelihood go with its square */

/* Leaves the parameter at its best place in [from, to] and returns the likelihood there. */
static double search(const struct line *line, int grid, double from, double to)
{
    const double golden = 0.61803398874989485, step = fmax(to - from, 0) / grid;
    double best = -INFINITY, place = to;
    for (int i = step > 0 ? 0 : grid; i <= grid; i++) {
        const double t = i == grid ? to : from + step * i, value = value_at(line, t);
        if (value > best) {
            best = value;
            place = t;
        }
    }
    double a = fmax(from, place - step), b = fmin(to, place + step);
    double c = b - golden * (b - a), d = a + golden * (b - a), low = value_at(line, c), high = value_at(line, d);
    while (b - a > NARROW * (to - from)) {
        if (low > high) {
            b = d;
            d = c;
            high = low;
            low = value_at(line, c = b - golden * (b - a));
        } else {
            a = c;
            c = d;
            low = high;
            high = value_at(line, d = a + golden * (b - a));
        }
    }
    if (fmax(low, high) > best) {
        best = fmax(low, high);
        place = low > high ? c : d;
    }
    value_at(line, place); /* leaves the parameter there */
    return best;
}

/* The likelihood has one top over the shape. */
static double search_shape(struct lci_problem *problem)
{
    const struct line shape = {problem, 0, 0, true, false};
    return search(&shape, 1, log(1e-3), log(1e4));
}

enum { GRID = 24 };

/* The upper end: without bound where values are cut off, but beyond n times the range what these gain is less than what
 * the others lose. */
static double search_top(struct lci_problem *problem, const struct bounds *b)
{
    const double range = b->greatest_low - b->least_low;
    struct line line = {problem, 1, b->greatest_low, isinf(b->greatest_high), false};
    if (line.exponential)
        return search(&line, GRID, log(1e-6 * range), log((problem->data->total + 1) * range));
    return search(&line, GRID, 0, b->greatest_high - b->greatest_low);
}

/* Alternates between the two parameters from that minimum on, while the likelihood grows. */
enum { ROUNDS = 20 };
#define SETTLED 1e-9

static double climb_ends(struct lci_problem *problem, const struct bounds *b, double minimum)
{
    const struct line bottom = {problem, 0, 0, false, false};
    double best = -INFINITY;
    problem->dist.parameters[0] = minimum;
    for (int i = 0; i < ROUNDS; i++) {
        search_top(problem, b);
        const double now = search(&bottom, GRID, b->least_low, fmin(b->least_high, problem->dist.parameters[1]));
        if (!(now > best + SETTLED * fabs(best)))
            return fmax(best, now);
        best = now;
    }
    return best;
}

/* From several minima: where kinks of both ends meet, no step along one of them alone leads up. */
const char *lci_uniform_support(struct lci_problem *problem, double *best)
{
    enum { STARTS = 6 };
    const struct bounds b = bounds_of(problem->data);
    if (isinf(b.least_high))
        return "all values are cut off";
    if (!(b.greatest_low > b.least_low))
        return "the values may all be equal";
    const double least = fmin(b.least_high, b.greatest_low);
    const int starts = least > b.least_low ? STARTS : 1;
    double kept[2] = {0};
    *best = -INFINITY;
    for (int i = 0; i < starts; i++) {
        const double value = climb_ends(problem, &b, b.least_low + (least - b.least_low) * i / STARTS);
        if (value > *best) {
            *best = value;
            kept[0] = problem->dist.parameters[0];
            kept[1] = problem->dist.parameters[1];
        }
    }
    problem->dist.parameters[0] = kept[0];
    problem->dist.parameters[1] = kept[1];
    return isfinite(*best) ? NULL : "the likelihood has no finite maximum";
}

const char *lci_pareto_support(struct lci_problem *problem, double *best)
{
    const struct bounds b = bounds_of(problem->data);
    if (isinf(b.least_high))
        return "all values are cut off";
    const struct line minimum = {problem, 1, 0, false, true};
    /* A value that may be 0 leaves the minimum no lower bound of its own. */
    const double least = b.least_low > 0 ? fmin(b.least_low, b.least_high) : 1e-3 * b.least_high;
    *best = search(&minimum, GRID, least, b.least_high);
    return isfinite(*best) ? NULL : "the likelihood has no finite maximum";
}
