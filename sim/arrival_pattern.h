/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sources of load whose arrivals are more than independent times: where each of them is in its pattern, and what
 * happens at its times. Plain sources know nothing of this.
 */
#ifndef LCI_PATTERN_H
#define LCI_PATTERN_H

#include "loadcast/pattern.h"
#include "model/pattern.h"
#include "program.h"

struct lci_engine;

struct lci_pattern_source {           /* of the program */
    const struct lc_pattern *pattern; /* borrowed from the model */
    uint32_t task, replica;
    double factor;            /* arrivals are so many times as frequent as the pattern says; users: so many times */
    double turn;              /* rates: arrivals in a period, or in all up to the last point */
    struct lc_script *script; /* owned */
    double *stationary;       /* mmpp: probabilities of its states; owned */
    uint32_t sampler;         /* independent times between batches */
    uint32_t stream, batch_stream;
};

struct lci_pattern_state { /* of the engine */
    double start;          /* of the present period, in the pattern's time */
    double offset;         /* in the period */
    size_t at;             /* segment, state or time that comes next */
    struct lc_script_run run;
    uint32_t present, wanted; /* customers */
    uint32_t alarm;
};

/* Compiles the source; `replica` of `task` (the program's). */
void lci_add_pattern_source(struct lci_program *p, const struct lc_task *from, uint32_t task, uint32_t replica);
void lci_pattern_sources_free(struct lci_program *p);

void lci_patterns_new(struct lci_engine *e);
/* At time 0: schedules the first arrivals. */
void lci_patterns_start(struct lci_engine *e);
/* Whether a customer that has finished a cycle goes on: there are not more than the pattern of its task wants. */
bool lci_customer_stays(struct lci_engine *e, uint32_t task, uint32_t instance);

#endif
