/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Phase-type distributions: the time to absorption of a Markov chain with n transient states, initial probabilities
 * alpha and sub-generator T (n × n by rows).
 */
#ifndef PHASES_H
#define PHASES_H

#include "families.h"

enum { LCI_PHASES_MAXIMUM = 64 };

struct lci_phases {
    size_t n;
    const double *alpha, *generator;
};

bool lci_phases_valid(const struct lci_phases *ph);
void lci_phases_moments(const struct lci_phases *ph, double *mean, double *variance);

double lci_phases_log_density(const struct lci_phases *ph, double x);
double lci_phases_cdf(const struct lci_phases *ph, double x);
double lci_phases_survival(const struct lci_phases *ph, double x);

#endif
