/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLE_GOODNESS_H
#define MLE_GOODNESS_H

#include "data.h"

/* Fills ks, ad and cvm of a fit: exact data against their step function, right-censored ones against the Kaplan–Meier
 * estimate, disjoint intervals at their ends. NaN for samples of overlapping intervals, which have no such curve. */
void lci_goodness(struct lci_data *data, struct lc_fit *fit);

#endif
