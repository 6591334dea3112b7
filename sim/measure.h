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

enum lci_watched {
    LCI_SEEN,       /* no */
    LCI_ROW,        /* a row of the result's tables */
    LCI_ANSWER,     /* of a workload */
    LCI_LOAD,       /* part of a whole */
    LCI_PERCENTILE, /* of a workload */
};

struct lci_measures {
    size_t count, capacity;
    size_t percentiles; /* the first of the measures that are percentiles: percentile_list of the result, for each
                           sketch */
    struct lc_estimate **targets;
    struct lci_moments *moments;
    unsigned char *watched;    /* enum lci_watched: whether the stopping rule waits for it */
    struct lci_sketch *merged; /* sketches of all replications together */
    size_t merged_count;
};

/* What every task of the program received, over all arcs; owned by the caller. */
struct lci_call_tally *lci_received(const struct lci_engine *engine);

/* The list of what is measured for `result`; `engine` is one of the program's, in any state. */
struct lci_measures *lci_measures_new(struct lci_engine *engine, struct lc_result *result);
void lci_measures_free(struct lci_measures *measures);
/* Values of one replication, `measures->count` of them; NaN where nothing was seen. `result` is only walked over, not
 * written. */
void lci_measure(struct lci_engine *engine, struct lc_result *result, double *values);
/* Adds the values of one replication. The order of calls decides the last bits of the result. */
void lci_measures_add(struct lci_measures *measures, const double *values);
/* Writes estimates to the result. */
void lci_measures_report(const struct lci_measures *measures, const struct lci_program *program,
                         struct lc_result *result);

#endif
