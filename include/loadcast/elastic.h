/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Capacity that changes: the replicas of a task that are started and stopped as the load asks for (autoscaling, or on
 * demand as functions are), and that fail and are repaired. A task whose processor no other service uses takes that
 * along. docs/policies.md says what is done when.
 */
#ifndef LOADCAST_ELASTIC_H
#define LOADCAST_ELASTIC_H

#include "dist.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lc_model;
struct lc_task;

/* What happens once, at a given time after the beginning of the curves over time (transient.h). */
struct lc_disturbance {
    double at, length; /* length 0: does not happen */
    uint32_t replicas; /* the first ones of those that are there; 0: all */
    double speed;      /* of a slow-down: of the processor meanwhile, above 0 and below 1 */
};

struct lc_elastic {            /* lqn.h: `elastic` of a task; nothing but zeros: its replicas stay as they are */
    uint32_t minimum, maximum; /* replicas; maximum 0: not scaled. minimum 0 by a target: 1 */
    double target_load;        /* of threads or servers, 0 to 1; 0: does not count */
    double target_queue;       /* waiting requests of a replica; 0: does not count */
    double period;             /* between two looks at it */
    double cooldown;           /* no replica is stopped earlier than this after the last change … */
    double down_delay;         /* … and before fewer have been wanted for so long */
    struct lc_dist keep_alive; /* set: on demand instead; a replica is stopped when it has idled for so long */
    struct lc_dist start_up;   /* from the decision to the first request; family NULL: at once */
    struct lc_dist up, down;   /* until a failure, and until it is repaired; family NULL: none */
    struct lc_disturbance outage, slow_down;
};

#ifdef __cplusplus
}
#endif

#endif
