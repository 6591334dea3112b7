/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Service times of infinite variance: in front of servers that serve one
 * request at a time to its end, the mean wait of an open load is infinite as
 * well, whatever a simulation of finite length says (Pollaczek–Khinchine; for
 * several servers, of which all but one have work all the time, Scheller-Wolf
 * 2003).
 */
#ifndef LCI_HEAVY_H
#define LCI_HEAVY_H

#include "loadcast/flow.h"

/* Appends a warning for each place where the mean wait is infinite; returns whether there is one. */
bool lci_say_infinite_waits(const struct lc_model *model, const struct lc_flow *flow, struct lc_diag *diag);

#endif
