/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the learner needs to know of a deployment: what each service can do at a time.
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
void cli_capacities_free(struct cli_capacities *capacities);

#endif
