/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A history of load: a CSV file with a header, and in it a column of dates and one of rates. */
#ifndef HISTORY_H
#define HISTORY_H

#include "loadcast/base.h"
#include "loadcast/growth.h"

struct lci_history {
    double *days, *rates; /* in the order of time */
    size_t count, capacity;
};

/* Separators are commas, semicolons or tabs; a time behind a date is left out. 0, or −1 with all errors by line. */
int lci_history_read(const char *file, const char *date, const char *rate, struct lci_history *history,
                     struct lc_diag *diag);
/* shape −1: the one with the lower AICc. −1 with an error where the points are too few for that. */
int lci_history_fit(const struct lci_history *history, const char *file, int shape, struct lc_trend *trend,
                    struct lc_diag *diag);
void lci_history_free(struct lci_history *history);

#endif
