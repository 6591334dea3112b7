/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who uses a component: the busy time of its servers or threads, in parts by source of load, by entry and by the way of
 * calls that leads there. From the flow alone: visits × demand, or × the time that a thread is held without queueing.
 */
#ifndef LOADCAST_ATTRIBUTION_H
#define LOADCAST_ATTRIBUTION_H

#include "lqn.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lc_use {
    char *name;   /* of the source; of the entry; "source → entry → … → entry", helpers left out */
    double share; /* of all use of the component by open sources; 0 to 1 */
};
struct lc_uses { /* largest first */
    struct lc_use *items;
    size_t count, capacity;
};

struct lc_attribution {
    struct lc_uses sources, entries, paths; /* each sums to 1, the paths together with `rest` */
    double rest;                            /* of paths with less than a thousandth each */
};

/* Of a processor or of a task; the other is LC_NONE. Closed sources count nothing: make them open ones at the rate they
 * reach. Without any use all lists are empty. 0, or −1 with an error (a cycle of calls). Free in both cases. */
int lc_attribute(const struct lc_model *model, int processor, int task, struct lc_attribution *attribution,
                 struct lc_diag *diag);
void lc_attribution_free(struct lc_attribution *attribution);

#ifdef __cplusplus
}
#endif

#endif
