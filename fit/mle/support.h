/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Families whose support ends at a parameter, for observations that are known by intervals: the likelihood has kinks in
 * such an end, and is searched along it.
 */
#ifndef MLE_SUPPORT_H
#define MLE_SUPPORT_H

#include "problem.h"

/* From a start in problem->dist to the maximum, whose likelihood is stored. NULL, or why there is none. */
const char *lci_uniform_support(struct lci_problem *problem, double *best);
const char *lci_pareto_support(struct lci_problem *problem, double *best);

#endif
