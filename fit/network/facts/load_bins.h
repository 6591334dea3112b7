/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bins by load: which parts of the recorded time were quiet, which were busy. Recordings at one rate are a window each,
 * without their first tenth (systems warm up, and queues start empty); where the load varies within a recording it is
 * cut into windows of equal length. Windows of about the same load are a bin.
 *
 *     struct lc_load_bins bins = lci_load_bins_of(visits, stretches, count);
 *     ... bins.windows[i].bin, bins.bins[b].rate, the first bins.quiet of them to learn from ...
 *     lci_load_bins_free(&bins);
 *
 * Outside of fit/ the same is lc_learned.bins; lc_learn_options.within then learns from the windows of some bins alone.
 */
#ifndef LCI_NETWORK_LOAD_BINS_H
#define LCI_NETWORK_LOAD_BINS_H

#include "network/visits/visits.h"

struct lci_request { /* that enters the system */
    int64_t begin;   /* ns */
    double duration; /* s, as recorded */
    double work;     /* s that such a request usually takes */
    double weight;   /* requests that it stands for */
    size_t kind;     /* requests of one kind begin with the same operation and are of the same class */
};

/* Requests in the order of their beginnings; `kinds` of them. Windows are in time order, bins from the quietest on. */
struct lc_load_bins lci_load_bins_cut(const struct lci_request *requests, size_t count, size_t kinds,
                                      const struct lci_stretch *stretches, size_t stretch_count);
struct lc_load_bins lci_load_bins_of(const struct lci_visits *visits, const struct lci_stretch *stretches,
                                     size_t stretch_count);
/* Whether requests of the class, or of none, enter the system at the operation: timers' work does not. */
bool lci_enters(const struct lci_visits *visits, uint32_t operation, size_t class_);
void lci_load_bins_free(struct lc_load_bins *bins);

/* Whether counts of successive windows of equal length vary slowly: their mean square successive difference is smaller
 * than that of independent ones (von Neumann 1941), by more than chance explains. Bursts alone do not vary slowly. */
bool lci_varies_slowly(const double *counts, size_t count);

#endif
