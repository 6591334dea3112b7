/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Activities that stand for a part of the way of a call, where the network was observed between the two processes: what
 * learning names them, and what results know them by.
 */
#ifndef HOPS_H
#define HOPS_H

#include "model/networks.h"

#include <string.h>

#define LCI_CLIENT_STACK "client_stack_" /* from the client's process to its network interface */
#define LCI_SERVER_QUEUE "server_queue_" /* from the server's network interface to its process */

/* Whether an activity of this name is one, and which. */
static inline bool lci_hop_part(const char *name, enum lci_network_part *part)
{
    const bool client = strstr(name, LCI_CLIENT_STACK) != NULL;
    *part = client ? LCI_NETWORK_CLIENT : LCI_NETWORK_SERVER;
    return client || strstr(name, LCI_SERVER_QUEUE) != NULL;
}

#endif
