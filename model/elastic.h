/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an elastic task does, read from its fields. */
#ifndef LCI_MODEL_ELASTIC_H
#define LCI_MODEL_ELASTIC_H

#include "loadcast/elastic.h"

static inline bool lci_elastic_scales(const struct lc_elastic *e)
{
    return e->maximum > 0;
}
static inline bool lci_elastic_on_demand(const struct lc_elastic *e)
{
    return e->keep_alive.family != NULL;
}
/* Replicas at the least. */
static inline uint32_t lci_elastic_least(const struct lc_elastic *e)
{
    return e->minimum == 0 && !lci_elastic_on_demand(e) ? 1 : e->minimum;
}
static inline bool lci_elastic_fails(const struct lc_elastic *e)
{
    return e->up.family != NULL && e->down.family != NULL;
}
static inline bool lci_elastic_disturbed(const struct lc_elastic *e)
{
    return e->outage.length > 0 || e->slow_down.length > 0;
}
static inline bool lci_elastic_changes(const struct lc_elastic *e)
{
    return lci_elastic_scales(e) || lci_elastic_fails(e) || lci_elastic_disturbed(e);
}
/* The replicas that a task can have at the most, and so the pools of its connections. */
uint32_t lci_elastic_most(const struct lc_model *model, int task);
/* The task that takes this processor along when it scales, fails or slows down, or −1. */
int lci_elastic_owner(const struct lc_model *model, int processor);
/* Mean capacity at the most, as a multiple of what `replicas` tells: replicas that can be added, less those that are
 * down. */
double lci_elastic_growth(const struct lc_model *model, int task);
/* The same of every processor; the caller frees the array. */
int *lci_elastic_owners(const struct lc_model *model);

#endif
