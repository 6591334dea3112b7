/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How what was measured is put together. */
#ifndef LCI_MODEL_MEASURED_H
#define LCI_MODEL_MEASURED_H

#include "loadcast/measured.h"

struct lc_measured_level *lci_measured_add(struct lc_measured *measured, char *name); /* takes the name */
/* Takes the texts; the interval is the value itself. */
struct lc_measured_cell *lci_measured_cell_add(struct lc_measured_level *level, enum lc_measure measure, char *subject,
                                               double value);
/* Gives levels without a load the requests a second that the throughputs of these subjects sum to, and joins levels
 * whose rates are within a factor of 1.25 into one: means of their figures, with the interval that their scatter
 * leaves. Levels with a load stay as they are; those that remain without are left out and counted. */
size_t lci_measured_settle(struct lc_measured *measured, const char *const *entrances, size_t entrance_count);

#endif
