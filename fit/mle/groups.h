/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sample as a few hundred rows for iterations that look at each of them very often. Neighbouring exact values form
 * one row, at their mean x, mean log x and mean log² x. An interval is a row of several points: nodes of a quadrature,
 * whose densities times widths add up to its probability. Everything is relative to the sample's mean, so that log² x
 * does not cancel.
 */
#ifndef MLE_GROUPS_H
#define MLE_GROUPS_H

#include "data.h"

enum { LCI_NODES = 24 }; /* points of a row at the most */

struct lci_point {
    double x, log_x, log2_x;
    double log_width; /* logarithm of the quadrature's weight; 0 for exact rows */
};

struct lci_groups {
    size_t rows;
    size_t *first; /* rows + 1: the points of row i are first[i] … first[i + 1] − 1 */
    double *weight;
    struct lci_point *points;
    double total;
    double grain; /* of the data (data.h) */
};

/* At most `limit` rows each of exact values, intervals and values that are cut off; in the order of their middles. */
struct lci_groups lci_groups_make(struct lci_data *data, size_t limit);
void lci_groups_free(struct lci_groups *groups);

/* The point that stands for a row. */
static inline const struct lci_point *lci_groups_middle(const struct lci_groups *groups, size_t row)
{
    return &groups->points[(groups->first[row] + groups->first[row + 1]) / 2];
}

#endif
