/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of lc_simulate_transient() share.
 */
#ifndef LCI_TRANSIENT_H
#define LCI_TRANSIENT_H

#include "loadcast/transient.h"

/* The curves of all runs, before they become means: a curve is a value, or a ratio of two (sum and count of what ended
 * in a bin). */
struct lci_curves {
    const struct lc_transient *transient;
    unsigned runs;
    float *values; /* [run][curve][bin]; NaN: nothing was seen. Halves the memory; 7 digits are more than a curve has */
    float *weights; /* the same; of ratios how many there were, of others 1 */
};

static inline size_t lci_curve_at(const struct lci_curves *c, unsigned run, size_t curve, size_t bin)
{
    return (run * c->transient->count + curve) * c->transient->bins + bin;
}

/* Means, intervals and ranges of single runs; percentiles have their mean already. */
void lci_curves_summarise(const struct lci_curves *curves, struct lc_transient *to);

/* One line about fewer runs than the `asked` ones, for a warning; NULL: there are as many. Allocated. */
char *lci_curves_short(const struct lc_transient *curves, unsigned asked);

/* Finds what disturbs the model and whether the model comes back from it: recovery.c. */
void lci_find_recovery(const struct lci_curves *curves, struct lc_transient *to);

#endif
