/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who uses a component: the busy time of its servers or threads, in parts by source of load, by entry and by the way of
 * calls that leads there. From the traffic equations alone: visits × demand, or × the time that a thread is held
 * without queueing.
 */
#ifndef LCI_MODEL_ATTRIBUTION_H
#define LCI_MODEL_ATTRIBUTION_H

#include "loadcast/lqn.h"

struct lci_load_use {
    char *name;   /* of the source; of the entry; "source → entry → … → entry", helpers left out */
    double share; /* of all use of the component by open sources; 0 to 1 */
};
struct lci_load_uses { /* largest first */
    struct lci_load_use *items;
    size_t count, capacity;
};

struct lci_attribution {
    struct lci_load_uses sources, entries, paths; /* each sums to 1, the paths together with `rest` */
    double rest;                                  /* of paths with less than a thousandth each */
};

/* Of a processor or of a task; the other is LC_NONE. Closed sources count nothing: make them open ones at the rate they
 * reach. Without any use all lists are empty. 0, or −1 with an error (a cycle of calls). Free in both cases. */
int lci_attribute_uses(const struct lc_model *model, int processor, int task, struct lci_attribution *attribution,
                       struct lc_diag *diag);
void lci_attribution_free(struct lci_attribution *attribution);

#endif
