/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What learning needs to know of a deployment: what each service can do at a time, and which spans hold its threads.
 */
#ifndef CLI_CAPACITY_H
#define CLI_CAPACITY_H

#include "loadcast/learn.h"
#include "loadcast/scenario.h"

struct cli_capacities {
    struct lc_capacity *items; /* their texts are the names below */
    char **names;
    size_t count;
};

/* Replicas, threads and cores of every service for which the deployment states them. */
struct cli_capacities cli_capacities(const struct lc_deployment *deployment);
/* The deployment's slots, as the reading of trees takes them; texts are borrowed, the array is the caller's. */
struct lc_tree_slot *cli_slots(const struct lc_deployment *deployment);
void cli_capacities_free(struct cli_capacities *capacities);

#endif
