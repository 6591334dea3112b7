/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finite mixtures: the parameters are, for each component, its probability and the parameters of its family.
 */
#ifndef MIXTURE_H
#define MIXTURE_H

#include "families.h"

bool lci_mixture_valid(const struct lc_family *component, const double *p, size_t n);
double lci_mixture_log_density(const struct lc_family *component, const double *p, size_t n, double x);
double lci_mixture_cdf(const struct lc_family *component, const double *p, size_t n, double x);
double lci_mixture_survival(const struct lc_family *component, const double *p, size_t n, double x);
void lci_mixture_moments(const struct lc_family *component, const double *p, size_t n, double *mean, double *variance);
double lci_mixture_sample(const struct lc_family *component, const double *p, size_t n, struct lc_random *r);
void lci_mixture_scale(const struct lc_family *component, double *p, size_t n, double factor);

/* Defines lci_family_NAME as the mixture of a family; the rest are the names of one component's parameters. */
#define MIXTURE_FAMILY(NAME, COMPONENT, RANGE, ...)                                                                    \
    static bool valid(const double *p, size_t n)                                                                       \
    {                                                                                                                  \
        return lci_mixture_valid(&lci_family_##COMPONENT, p, n);                                                       \
    }                                                                                                                  \
    static double log_density(const double *p, size_t n, double x)                                                     \
    {                                                                                                                  \
        return lci_mixture_log_density(&lci_family_##COMPONENT, p, n, x);                                              \
    }                                                                                                                  \
    static double cdf(const double *p, size_t n, double x)                                                             \
    {                                                                                                                  \
        return lci_mixture_cdf(&lci_family_##COMPONENT, p, n, x);                                                      \
    }                                                                                                                  \
    static double survival(const double *p, size_t n, double x)                                                        \
    {                                                                                                                  \
        return lci_mixture_survival(&lci_family_##COMPONENT, p, n, x);                                                 \
    }                                                                                                                  \
    static double quantile(const double *p, size_t n, double u)                                                        \
    {                                                                                                                  \
        return lci_quantile_search(&lci_family_##NAME, p, n, u);                                                       \
    }                                                                                                                  \
    static void moments(const double *p, size_t n, double *mean, double *variance)                                     \
    {                                                                                                                  \
        lci_mixture_moments(&lci_family_##COMPONENT, p, n, mean, variance);                                            \
    }                                                                                                                  \
    static double sample(const double *p, size_t n, struct lc_random *r)                                               \
    {                                                                                                                  \
        return lci_mixture_sample(&lci_family_##COMPONENT, p, n, r);                                                   \
    }                                                                                                                  \
    static void scale(double *p, size_t n, double factor)                                                              \
    {                                                                                                                  \
        lci_mixture_scale(&lci_family_##COMPONENT, p, n, factor);                                                      \
    }                                                                                                                  \
    const struct lc_family lci_family_##NAME = {                                                                       \
        .name = #NAME,                                                                                                 \
        .parameter_names = (const char *const[]){__VA_ARGS__, NULL},                                                   \
        .minimum_count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *),                                  \
        .valid = valid,                                                                                                \
        .log_density = log_density,                                                                                    \
        .cdf = cdf,                                                                                                    \
        .survival = survival,                                                                                          \
        .quantile = quantile,                                                                                          \
        .moments = moments,                                                                                            \
        .sample = sample,                                                                                              \
        .scale = scale,                                                                                                \
        .range = RANGE,                                                                                                \
    }

#endif
