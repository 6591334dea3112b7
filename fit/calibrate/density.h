/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The distribution of times of which nothing is known beforehand: a kernel density on the logarithmic scale.
 */
#ifndef LCI_CALIBRATE_DENSITY_H
#define LCI_CALIBRATE_DENSITY_H

#include <stddef.h>

/* Of at least one time. Times are not told apart by less than `unit`; those below 0 by more than that, which no
 * distribution has, count as strays: of one in a hundred nothing is known but that it lies within `range`. The
 * bandwidth is the one, of several, under which each time is most likely given the others. Any unit of time. */
struct lci_density;
struct lci_density *lci_density_new(const double *times, size_t count, double unit, double range);
/* The logarithm of the density at a time. */
double lci_density_log(const struct lci_density *density, double time);
/* The same for one of the times that it was made from, by the others alone: so candidates can be compared whatever
 * their distributions look like. */
double lci_density_log_own(const struct lci_density *density, double time);
void lci_density_free(struct lci_density *density);

/* Σ lci_density_log_own() over all times; 0 of fewer than two. */
double lci_density_likelihood(const double *times, size_t count, double unit, double range);

#endif
