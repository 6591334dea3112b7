/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A value in [low, high] has the likelihood (min(high, b) − max(low, a)) / (b − a) under a uniform distribution on
 * [a, b]: a lies between the least lower end and the least upper end, b between the greatest lower end and the greatest
 * upper end, or anywhere above where values are cut off. A Pareto distribution's minimum lies where a does. Within
 * these bounds the likelihood of an end may have several tops: a grid finds the one, the golden section its place.
 *
 * Where rows do not overlap, as readings of a clock do not, the ends concern the first and the last row alone, and the
 * rest is looked at once for each shape, or not at all.
 */
#include "support.h"

#include <math.h>
#include <stdlib.h>

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

#define LEAST_SHAPE 1e-3
#define MOST_SHAPE  1e4

/* The likelihood has one top over the shape. */
static double search_shape(struct lci_problem *problem)
{
    const struct line shape = {problem, 0, 0, true, false};
    return search(&shape, 1, log(LEAST_SHAPE), log(MOST_SHAPE));
}

enum { GRID = 24 };
#define ROUNDING 1e-6

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

/* Whether each row is an interval that begins where the one before ends, up to rounding, or later. */
static bool is_disjoint(const struct lci_data *data)
{
    if (data->high == NULL)
        return false;
    for (size_t i = 0; i < data->n; i++) {
        const double width = data->high[i] - data->x[i];
        if (!(width > 0) || !(lci_weight(data, i) > 0) ||
            (i > 0 && data->x[i] < data->high[i - 1] - ROUNDING * fmin(width, data->high[i - 1] - data->x[i - 1])))
            return false;
    }
    return true;
}

/* From several minima: where kinks of both ends meet, no step along one of them alone leads up. */
static const char *search_ends(struct lci_problem *problem, double *best)
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

/* The rows between the first and the last one are as likely as one that holds all of them, whatever the ends, but for a
 * constant. */
const char *lci_uniform_support(struct lci_problem *problem, double *best)
{
    struct lci_data *data = problem->data;
    const size_t n = data->n;
    if (!is_disjoint(data) || n < 4 || isinf(data->high[n - 1]))
        return search_ends(problem, best);
    const double x[] = {data->x[0], data->high[0], data->x[n - 1]};
    const double high[] = {data->high[0], data->x[n - 1], data->high[n - 1]};
    const double first = lci_weight(data, 0), last = lci_weight(data, n - 1);
    const double weight[] = {first, data->total - first - last, last};
    struct lci_data three = {.n = 3, .x = x, .high = high, .weight = weight, .total = data->total};
    problem->data = &three;
    const char *failure = search_ends(problem, best);
    problem->data = data;
    if (failure == NULL)
        *best = lci_log_likelihood(data, &problem->dist);
    return failure;
}

/* ---- Pareto, disjoint rows --------------------------------------------------------------------------------------- */

/* A row [l, h] above the first one has the likelihood (m/l)^a − (m/h)^a. The first one, to h₀, of weight w₀, is the
 * likeliest beside the others' W with (m/h₀)^a = W / (W + w₀): that is the minimum m for a shape a. */
struct pareto {
    const struct lci_data *data;
    double *start, *length;     /* of each row but the first: log l, log(h/l) */
    double first, rest, lowest; /* w₀, W; the least m */
};

static double minimum_for(const struct pareto *p, double shape)
{
    const double top = p->data->high[0];
    return fmax(p->lowest, top * exp(log(p->rest / (p->rest + p->first)) / shape));
}

static double pareto_value(const struct pareto *p, double shape)
{
    const double m = minimum_for(p, shape), before = -shape * log(p->data->high[0] / m);
    double sum = p->first * log(-expm1(before)) + p->rest * shape * log(m);
    for (size_t i = 1; i < p->data->n; i++)
        sum += lci_weight(p->data, i) * (log(-expm1(-shape * p->length[i])) - shape * p->start[i]);
    return sum;
}

static double search_disjoint(struct lci_problem *problem, const struct bounds *b, double lowest)
{
    const struct lci_data *data = problem->data;
    double *memory = lc_alloc(2 * data->n * sizeof *memory);
    struct pareto p = {data, memory, memory + data->n, lci_weight(data, 0), data->total - lci_weight(data, 0), lowest};
    for (size_t i = 1; i < data->n; i++) {
        p.start[i] = log(data->x[i]);
        p.length[i] = log(data->high[i]) - p.start[i];
    }
    const double golden = 0.61803398874989485, from = LEAST_SHAPE, to = MOST_SHAPE;
    double low = log(from), high = log(to), c = high - golden * (high - low), d = low + golden * (high - low);
    double at_c = pareto_value(&p, exp(c)), at_d = pareto_value(&p, exp(d));
    while (high - low > NARROW * log(to / from)) {
        if (at_c > at_d) {
            high = d;
            d = c;
            at_d = at_c;
            at_c = pareto_value(&p, exp(c = high - golden * (high - low)));
        } else {
            low = c;
            c = d;
            at_c = at_d;
            at_d = pareto_value(&p, exp(d = low + golden * (high - low)));
        }
    }
    problem->dist.parameters[0] = exp((low + high) / 2);
    problem->dist.parameters[1] = fmin(minimum_for(&p, problem->dist.parameters[0]), b->least_high);
    free(memory);
    return lci_log_likelihood(data, &problem->dist);
}

const char *lci_pareto_support(struct lci_problem *problem, double *best)
{
    const struct bounds b = bounds_of(problem->data);
    if (isinf(b.least_high))
        return "all values are cut off";
    const struct line minimum = {problem, 1, 0, false, true};
    /* A value that may be 0 leaves the minimum no lower bound of its own. */
    const double least = b.least_low > 0 ? fmin(b.least_low, b.least_high) : 1e-3 * b.least_high;
    *best = is_disjoint(problem->data) && problem->data->n > 1 ? search_disjoint(problem, &b, least)
                                                               : search(&minimum, GRID, least, b.least_high);
    return isfinite(*best) ? NULL : "the likelihood has no finite maximum";
}
