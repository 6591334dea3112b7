/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the learner needs to know of a deployment: what each service can do at a time.
 */
#ifndef CLI_CAPACITY_H
#define CLI_CAPACITY_H

#include "loadcast/learn.h"
#include "loadcast/scenario.h"

/* Replicas, threads and cores of every service for which the deployment states them. The array and its texts are freed
 * with cli_capacities_free(). */
struct lc_capacity *cli_capacities(const struct lc_deployment *deployment, size_t *count);
void cli_capacities_free(struct lc_capacity *capacities, size_t count);

#endif
