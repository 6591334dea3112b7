/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What differs between two tables of measures, and whether chance explains it.
 */
#ifndef LCI_FIT_DIFFERENCES_H
#define LCI_FIT_DIFFERENCES_H

#include "measures.h"

#define LCI_LEVEL 0.05 /* of all tests of a family together */
#define LCI_SEEN  0.05 /* the change for which `needed` is told */

struct lci_difference {
    struct lci_measure_row a, b; /* all runs of each side; what one side never did has the mean 0 there */
    double change, low, high;    /* (b − a) / a with its 95 % interval; infinite from 0 on, NaN when both are 0 */
    double effect;               /* (b − a) / standard deviation (Cohen's d); NaN without one */
    bool pairs;                  /* tested as pairs of requests; else as two samples */
    double variance;             /* of the difference of the means, times the values of side a; NaN: not tested */
    double p, adjusted;          /* two-sided; as it is, and of its family. NaN: not tested */
    double requests;             /* traces of side a that it rests on */
    double needed;               /* traces a side with which a change by 5 % is seen nine times of ten */
};
/* Whether the difference is more than chance in its family. */
bool lci_is_significant(const struct lci_difference *difference);
/* Whether the row exists on one side only: an operation ("requests"), a call ("calls") or a variant. */
bool lci_is_gained(const struct lci_difference *difference);
bool lci_is_lost(const struct lci_difference *difference);

struct lci_differences {
    struct lci_difference *items; /* in the order of rows */
    size_t count, room;
    struct lci_measure_table a, b; /* own the rows' texts */
};

/* Compares all rows but those of a run (`traces`, `duration`): release and run are left out of account, runs of a side
 * are added up. Tested by Welch's test (1947) on means, deviations and counts; where both sides made the same requests
 * in the same order (pairs.h), by Student's test of pairs. */
void lci_differences_of(const struct lci_measure_table *a, const struct lci_measure_table *b,
                        struct lci_differences *differences);
void lci_differences_free(struct lci_differences *differences);

/* Fills `adjusted` (Holm 1979) and `needed` of a family: those of the items that `chosen` says (an array of `count`),
 * are tested, and vary at all. Returns how many. */
size_t lci_differences_adjust(struct lci_differences *differences, const bool *chosen);

#endif
