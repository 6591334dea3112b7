/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "problem.h"

#include <math.h>
#include <string.h>

/* Where the likelihood rises towards a limit of the family, climbing ends here instead of at the greatest number. */
#define REACH 14

char lci_variation(const struct lci_estimator *estimator, size_t i)
{
    return estimator->whole != NULL ? estimator->variation[i % strlen(estimator->variation)] : estimator->variation[i];
}

/* The last of the probabilities that sum to 1: the others are varied relative to it. */
static size_t reference(const struct lci_problem *problem)
{
    size_t i = problem->dist.count;
    while (i > 0 && lci_variation(problem->estimator, i - 1) != 'p')
        i--;
    return i - 1; /* no such parameter where there is none */
}

bool lci_varies(const struct lci_problem *problem, size_t i)
{
    return lci_variation(problem->estimator, i) != 'f' && i != reference(problem);
}

size_t lci_problem_theta(const struct lci_problem *problem, double *theta)
{
    const double *p = problem->dist.parameters;
    const size_t last = reference(problem);
    size_t n = 0;
    for (size_t i = 0; i < problem->dist.count; i++)
        switch (lci_variation(problem->estimator, i)) {
        case 'l': theta[n++] = log(p[i]); break;
        case 'i': theta[n++] = p[i]; break;
        case 'o': theta[n++] = log(p[i] / (1 - p[i])); break;
        case 'p':
            if (i != last)
                theta[n++] = log(p[i] / p[last]);
            break;
        default: break;
        }
    return n;
}

void lci_problem_set(struct lci_problem *problem, const double *theta)
{
    double *p = problem->dist.parameters, sum = 0;
    const size_t last = reference(problem), count = problem->dist.count;
    for (size_t i = 0, n = 0; i < count; i++)
        switch (lci_variation(problem->estimator, i)) {
        case 'l': p[i] = exp(theta[n++]); break;
        case 'i': p[i] = theta[n++]; break;
        case 'o': p[i] = 1 / (1 + exp(-theta[n++])); break;
        case 'p':
            p[i] = i == last ? 1 : exp(theta[n++]);
            sum += p[i];
            break;
        default: break;
        }
    for (size_t i = 0; sum > 0 && i < count; i++)
        if (lci_variation(problem->estimator, i) == 'p')
            p[i] /= sum;
}

double lci_quick_likelihood(const struct lci_estimator *e, struct lci_data *data, const struct lc_dist *dist)
{
    const struct lci_split *split = lci_data_split(data);
    if (split == NULL && (data->high != NULL || e->log_likelihood == NULL))
        return lci_log_likelihood(data, dist);
    if (split == NULL)
        return e->log_likelihood(data, dist->parameters);
    struct lci_data *points = &data->split->points;
    return split->log_widths + lci_log_likelihood(&split->near, dist) +
           (e->log_likelihood != NULL ? e->log_likelihood(points, dist->parameters) : lci_log_likelihood(points, dist));
}

double lci_problem_value(const double *theta, void *context)
{
    struct lci_problem *problem = context;
    const struct lc_dist *dist = &problem->dist;
    lci_problem_set(problem, theta);
    for (size_t i = 0; problem->center != NULL && i < dist->count; i++)
        if (lci_variation(problem->estimator, i) == 'l' && fabs(log(dist->parameters[i] / problem->center[i])) > REACH)
            return -INFINITY;
    if (!dist->family->valid(dist->parameters, dist->count))
        return -INFINITY;
    return lci_quick_likelihood(problem->estimator, problem->data, dist);
}
