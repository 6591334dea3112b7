/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Services of one name that differ in service.namespace or deployment.environment are different ones. Which names need
 * that is known only when all was read: until then the first one that comes has the name alone, and the others have
 * keys.
 */
#ifndef LCI_TRACE_SERVICES_H
#define LCI_TRACE_SERVICES_H

#include "loadcast/trace.h"

struct lci_services {
    struct lci_service {
        lc_symbol name, space, environment; /* as recorded; 0: not said */
        lc_symbol symbol;                   /* for spans until all is read */
        uint32_t next;                      /* 1 + index of the next one of this name, 0: none */
    } * items;
    size_t count, capacity;
    uint32_t *first; /* by name: 1 + index of its first one */
    uint8_t *bare;   /* by name: spans came that say neither */
    size_t name_capacity;
    uint32_t recent; /* 1 + index of the one asked for last */
};
void lci_services_free(struct lci_services *services);

/* The symbol for a span's service. One that says neither namespace nor environment goes to the first of its name. */
lc_symbol lci_service_of(struct lci_services *services, struct lc_symbols *symbols, lc_symbol name, lc_symbol space,
                         lc_symbol environment);
/* What the services are called in the end, where that differs from their symbols so far: "environment/namespace/name"
 * with the parts that differ. Warns of spans that cannot be told apart. The list is the caller's. */
struct lc_renamed *lci_services_settle(const struct lci_services *services, struct lc_symbols *symbols, size_t *count,
                                       struct lc_diag *diag);

/* The name of the deployment: without the hashes of replica set and pod ("-5b67c48447-mv5hb") or the number of a
 * stateful set's pod. */
size_t lci_pod_service_length(const char *pod, size_t length);

#endif
