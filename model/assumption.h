/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Assumptions of an evidence, where they are passed on. */
#ifndef ASSUMPTION_H
#define ASSUMPTION_H

#include "loadcast/evidence.h"

struct lc_assumption lci_assumption_copy(const struct lc_assumption *assumption);
/* The array and what it holds; takes NULL. */
void lci_assumptions_free(struct lc_assumption *assumptions, size_t count);

#endif
