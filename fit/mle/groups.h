/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sample as a few hundred rows for iterations that look at each of them very often. Neighbouring exact values form
 * one row, at their mean x, mean log x and mean log² x; intervals form one with others of which both ends are near.
 * Everything is relative to the sample's mean, so that log² x does not cancel.
 */
#ifndef MLE_GROUPS_H
#define MLE_GROUPS_H

#include <math.h>

#include "data.h"

struct lci_data_group {
    double low, high; /* equal: exact; high infinite: cut off */
    double log_x, log2_x;
    double weight;
};

struct lci_groups {
    size_t count;
    struct lci_data_group *row; /* in the order of their middles */
    double total;
    double grain; /* of the data (data.h) */
};

/* About `limit` rows at the most, twice as many where intervals of all widths overlap. */
struct lci_groups lci_groups_make(struct lci_data *data, size_t limit);
void lci_groups_free(struct lci_groups *groups);

/* The point that stands for a row. */
static inline double lci_group_middle(const struct lci_data_group *row)
{
    return row->high > row->low && row->high < INFINITY ? row->low + (row->high - row->low) / 2 : row->low;
}

#endif
