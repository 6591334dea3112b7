/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a scenario's file to a verdict: what it names is read, or learned from its traces, and asked. */
#ifndef PREPARE_H
#define PREPARE_H

#include "cli.h"
#include "loadcast/learn.h"
#include "loadcast/predict.h"

struct prepared {
    const struct cli_common *common;
    bool strict;                      /* damaged lines of traces are errors */
    const char *folder;               /* of the cache; NULL: none */
    const struct lc_interval *within; /* learn from what was recorded in these alone; NULL: from all */
    size_t within_count;
    double started; /* lci_seconds() */
    struct lc_scenario *scenario;
    /* From here on it is filled in. */
    struct lc_verdict *verdict;
    bool has_learned; /* of what follows, all is there */
    struct lc_cache *cache;
    struct lc_symbols *symbols;
    struct lc_learned learned;
    struct lc_extraction extraction;
    uint64_t *samples, *entry_samples; /* lc_evidence */
    struct cli_progress progress;
    double seconds; /* from `started` to the end of lc_predict() */
};

/* These traces take the place of those that the scenario names. 0, or −1 with an error appended: it names a model. */
int take_traces(struct lc_scenario *scenario, const char *const *traces, size_t count, struct lc_diag *diag);
/* cli_check_outputs(): the inputs are `file`, what the scenario (NULL: none) names, and `more` (ends with NULL; may be
 * NULL). 0, or −1 with errors appended. */
int check_scenario_outputs(const struct cli_output *outputs, size_t count, const char *file,
                           const struct lc_scenario *scenario, const char *const *more, struct lc_diag *diag);
/* That what the scenario tells of the traces can be read more than once. 0, or −1 with an error. */
int check_read_again(const struct lc_scenario *scenario, struct lc_diag *diag);
/* What the scenario's traces tell without a model: bins of load, and what was recorded in each. `symbols`, `cache` and
 * the extraction are used up: before prepare(). 0, or −1 with errors appended. */
int prepare_learned(struct prepared *prepared, struct lc_learned *learned, struct lc_diag *diag);
/* Fills in `verdict`, with which nothing is predicted yet. 0, or −1 with errors appended. */
int prepare(struct prepared *prepared, struct lc_diag *diag);
/* lc_predict() with a progress bar. */
int prepared_predict(struct prepared *prepared, struct lc_diag *diag);
/* lc_advise() likewise. */
int prepared_advise(struct prepared *prepared, struct lc_advice *advice, struct lc_diag *diag);
void prepared_free(struct prepared *prepared);

#endif
