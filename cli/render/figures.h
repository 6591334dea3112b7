/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the figures of a report are drawn from, as one JSON document: each part fills in keys of it. Estimates are
 * [mean, low, high] or null; times are in seconds, rates per second, loads parts of 1. */
#ifndef FIGURES_H
#define FIGURES_H

#include <jansson.h>

#include "summary.h"

/* "components", "workloads", "levels", "goals", "changes", "dates": of steady states. */
void figures_add_levels(const struct lc_verdict *verdict, json_t *document);
/* "curves": over time, those of changes beside those of the base. */
void figures_add_curves(const struct lc_verdict *verdict, json_t *document);
/* "fits": of each learned time, quantiles of its samples beside those of the distribution that stands for them. */
void figures_add_fits(const struct lc_learned *learned, json_t *document);

/* "requests": to each operation, a typical and a slow one as they were recorded. The traces are read a second time. */
void figures_add_requests(const struct lc_scenario *scenario, const struct lc_reading *reading, json_t *document);

/* The system as a picture: services, workloads, and who calls whom how often at the first level that was simulated.
 * Writes nothing where no level was. 0, or −1 with an error appended. */
int figures_map(const struct lc_verdict *verdict, FILE *out, struct lc_diag *diag);

#endif
