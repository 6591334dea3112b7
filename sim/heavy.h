/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Service times of infinite variance: in front of servers that serve one request at a time to its end, the mean wait of
 * an open load is infinite as well, whatever a simulation of finite length says (Pollaczek and Khinchine). Of s servers
 * with a load of ρ (in servers) the mean wait is finite only with a finite moment of order (s − ⌊ρ⌋ + 1) / (s − ⌊ρ⌋) of
 * the service time, the second where all but one have work all the time (A. Scheller-Wolf, Necessary and Sufficient
 * Conditions for Delay Moments in FIFO Multiserver Queues, Operations Research, 2003).
 */
#ifndef LCI_HEAVY_H
#define LCI_HEAVY_H

#include "loadcast/traffic.h"

/* Appends a warning for each place where the mean wait is infinite; returns whether there is one. */
bool lci_say_infinite_waits(const struct lc_model *model, const struct lc_traffic *traffic, struct lc_diag *diag);

#endif
