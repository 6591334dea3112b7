/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From what an engine counted to the values of one replication, and from the values of many to estimates.
 *
 * One walk over the result visits every estimate in a fixed order; the first visit notes where each belongs, later ones
 * only compute values. So there is one list of what is measured, and it cannot get out of step with itself.
 */
#ifndef LCI_MEASURE_H
#define LCI_MEASURE_H

#include "engine.h"
#include "estimate.h"
#include "loadcast/result.h"

struct lci_measures {
    size_t count, capacity;
    size_t percentiles; /* the first of the measures that are percentiles: LC_PERCENTILES for each sketch */
    struct lc_estimate **targets;
    struct lci_moments *moments;
    bool *watched;    /* the stopping rule waits for it */
    double *rates;    /* how often per time unit what it is about happens; summed over replications */
    uint64_t *merged; /* sketches of all replications together */
};

/* What every task of the program received, over all arcs; owned by the caller. */
struct lci_call_tally *lci_received(const struct lci_engine *engine);

/* The list of what is measured for `result`; `engine` is one of the program's, in any state. */
struct lci_measures *lci_measures_new(struct lci_engine *engine, struct lc_result *result);
void lci_measures_clear(struct lci_measures *measures, const struct lci_program *program); /* nothing added yet */
void lci_measures_free(struct lci_measures *measures);
/* Values and rates of one replication, `measures->count` of each; NaN where nothing was seen. `result` is only walked
 * over, not written. */
void lci_measure(struct lci_engine *engine, struct lc_result *result, double *values, double *rates);
/* Adds the values of one replication. The order of calls decides the last bits of the result. */
void lci_measures_add(struct lci_measures *measures, const double *values, const double *rates);
/* Writes estimates to the result. */
void lci_measures_report(const struct lci_measures *measures, const struct lci_program *program,
                         struct lc_result *result);

#endif
