/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Little's law over the estimates of workloads with a source task: customers under way = throughput × response time,
 * which is N = X (R + Z) for closed ones. Each sample path of a closed workload obeys it but for what it cuts off at
 * its ends, so that a gap tells replications that are too short for the responses in them: those that are seen to end
 * are the short ones. (Open ones may also have more and more under way.)
 */
#ifndef LCI_BALANCE_H
#define LCI_BALANCE_H

#include "measure.h"

struct lci_balance { /* places among the measures */
    size_t throughput, response, under_way;
    int task;    /* of the model */
    bool closed; /* N is known */
};

struct lci_balances {
    struct lci_balance *items;
    size_t count;
};

struct lci_balances lci_balances_new(const struct lci_program *program, const struct lci_measures *measures,
                                     const struct lc_result *result);
/* The widest gap, relative to the customers under way; `*at`: where (NULL with no workload). */
double lci_balance_gap(const struct lci_balances *balances, const struct lci_measures *measures,
                       const struct lci_balance **at);
/* The longest mean response time, by Little's law: of all responses, whether they are seen to end or not. */
double lci_balance_response(const struct lci_balances *balances, const struct lci_measures *measures);

#endif
