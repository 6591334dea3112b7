/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two results side by side: which figures they share, how far these are apart, and what it comes to per statistic. */
#ifndef COMPARISON_H
#define COMPARISON_H

#include "model/figures/figures.h"

struct compared {
    const struct lci_figure *a, *b;
    double relative;  /* (b − a) / |a|; infinite where only a is 0 */
    bool significant; /* |b − a| > √(ha² + hb²), the half-widths at 95 %; never when neither has one */
};

/* All figures of one kind and metric: root mean square, and largest, of the relative differences that are finite. */
struct statistic {
    enum lci_figure_kind kind;
    const char *metric;
    size_t count, significant;
    double sum, rms, largest; /* sum of squares */
};

/* An element that only one of the two has. */
struct lonely {
    const struct lci_figure *figure;
    bool in_a;
};

struct comparison {
    const char *a, *b;        /* names of the files */
    double threshold;         /* NaN: none */
    struct compared *figures; /* ordered by kind; within one as in A */
    size_t figure_count, figure_capacity;
    struct statistic *statistics;
    size_t statistic_count, statistic_capacity;
    struct lonely *lonely;
    size_t lonely_count, lonely_capacity;
};

/* Borrows the figures; the names of the files and the threshold are the caller's to set. */
void compare_figures(const struct lci_figures *a, const struct lci_figures *b, struct comparison *comparison);
void comparison_free(struct comparison *comparison);
/* Is a statistic's rms, or a significant difference, above the threshold, or an element in one result only? Never
 * without a threshold. */
bool comparison_exceeds(const struct comparison *comparison);

#endif
