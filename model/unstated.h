/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model that was written by hand leaves to a default that matters. */
#ifndef LCI_MODEL_UNSTATED_H
#define LCI_MODEL_UNSTATED_H

#include "loadcast/lqn.h"

/* The entries and activities whose demand is exponential only because nothing but its mean was stated, in a list for
 * people ("page, read and 3 more"); NULL: there are none. Owned by the caller. */
char *lci_unstated_demands(const struct lc_model *model);
/* What follows from that, in a sentence without its full stop. */
extern const char *const lci_unstated_consequence;

#endif
