/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The networks between services, as rows of a result. */
#ifndef LCI_MODEL_NETWORKS_H
#define LCI_MODEL_NETWORKS_H

#include "loadcast/result.h"

/* The time on the way of calls from one service to another, or a part of it that was observed by itself. It waits for
 * nothing and so never saturates. Times are those of the model, of one call, both directions together. */
enum lci_network_part {
    LCI_NETWORK_CLIENT, /* from the client's process to its network interface */
    LCI_NETWORK_WAY,    /* what is not told by itself */
    LCI_NETWORK_SERVER, /* from the server's network interface to its process: where requests queue for it */
};
struct lci_network {
    int from, to; /* tasks */
    enum lci_network_part part;
    double rate; /* calls per time unit */
    double mean, p95;
    double share; /* time on this way / response times of all workloads; calls at the same time count each */
};
/* Those of a result, in the order of the tasks; the caller frees the array. */
struct lci_network *lci_networks(const struct lc_result *result, size_t *count);
/* "client stack", "network", "server queue". */
const char *lci_network_part_name(enum lci_network_part part);
/* "network shop→stock"; the caller frees it. */
char *lci_network_name(const struct lc_model *model, const struct lci_network *network);

#endif
