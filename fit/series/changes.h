/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * At which values of a series its level changes: the divisive search for the largest energy distance (E-divisive means,
 * Matteson & James 2014) in windows that overlap, candidates judged by Student's t-test instead of permutations, weak
 * ones kept until the merge (Fleming et al. 2023, "Hunter", now Apache Otava). The answer is the same each time.
 *
 * Beyond the published method, each for what it gets wrong there (tests/bench/bench_series.c has the numbers): lone
 * outliers are drawn in before the search; a steady drift is not cut into stairs; what is left is moved to where it
 * splits best.
 */
#ifndef LCI_SERIES_CHANGES_H
#define LCI_SERIES_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

struct lci_change_options {
    size_t window;      /* values that are looked at together; at least 4 */
    size_t least;       /* values on each side of a change; at least 1 */
    double level;       /* of the test */
    double magnitude;   /* changes of the mean that are smaller, relative to the one before, are none */
    const bool *border; /* [value]: a change may begin there; NULL: everywhere */
    bool published;     /* the published method as it is */
};
/* Window 50, at least 2 values, level 0.001, any magnitude. */
extern const struct lci_change_options lci_change_defaults;

struct lci_level_change {
    size_t at;            /* the first value after it */
    double before, after; /* means from the change before it, and up to the next one */
    double p;             /* of the t-test, two-sided; 0 where neither side varies */
};

/* The changes of a series, in its order, into `changes`, which has room for `count`. Returns how many. Values are
 * finite. */
size_t lci_changes(const double *values, size_t count, const struct lci_change_options *options,
                   struct lci_level_change *changes);

struct lci_energy {
    size_t at, end; /* X = [0, at), Y = [at, end); 0: there is no way to split */
    double q;
};
/* The largest energy statistic Q over all ways to split a part of the values, with end ≤ count (α = 1). `offset`: where
 * they stand in the series that the borders are of. */
struct lci_energy lci_energy_split(const double *values, size_t count, const struct lci_change_options *options,
                                   size_t offset);

/* The values with lone ones drawn in to their neighbours: at most 3 times the local noise beyond both of them. */
void lci_draw_in(const double *values, size_t count, double *drawn);

#endif
