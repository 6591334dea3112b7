/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Under which mix of workloads a load test was made. */
#ifndef MEASURED_MIX_H
#define MEASURED_MIX_H

#include "loadcast/measured.h"
#include "loadcast/scenario.h"

/* Gives every level the rate that the throughputs of the workloads, or of the services that they enter, sum to, where
 * none is stated. Levels without either are left out; their number is returned. */
size_t measured_leave_out_unknown(const struct lc_scenario *s, struct lc_measured *measured);

/* The mix that was on, into `workloads` of every level: each workload at the throughput that was measured of it. Those
 * of which none was share what is left of the rate of all; where that is not known, they stand to the others as in the
 * scenario. Throughputs of closed workloads are the model's to predict: where there are some, the mix stays the
 * scenario's. A warning is appended where something was assumed, or where the rate of all contradicts the workloads'.
 */
void measured_find_mixes(const struct lc_scenario *s, struct lc_measured *measured, struct lc_diag *diag);

#endif
