/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can overload a model although its flow does not: requests that make more of themselves when they are late
 * (retries, copies), and replicas that come and go. Elsewhere queues that grow are load that is too much, and the flow
 * says so.
 */
#include "experiment.h"
#include "model/elastic.h"
#include "model/policy.h"

#include <math.h>

static double told(double value)
{
    return isfinite(value) ? value : 0;
}

static double mean_of(const struct lc_dist *dist)
{
    return dist->family != NULL ? told(lc_dist_mean(dist)) : 0;
}

static double longest_of_replicas(const struct lc_elastic *e)
{
    const double scaling = fmax(fmax(e->period, e->cooldown), fmax(e->down_delay, mean_of(&e->keep_alive)));
    return fmax(fmax(scaling, mean_of(&e->start_up)), fmax(mean_of(&e->up), mean_of(&e->down)));
}

static double longest_of_policy(const struct lc_policy *p)
{
    const double retries = fmax(fmax(told(p->timeout), told(p->backoff)), told(p->cap));
    return fmax(fmax(retries, told(p->hedge_after)), fmax(told(p->breaker_window), told(p->breaker_open)));
}

bool lci_feeds_back(const struct lc_model *model, double *longest)
{
    bool found = false;
    *longest = 0;
    for (size_t i = 0; i < model->task_count; i++) {
        const struct lc_task *t = &model->tasks[i];
        found |= t->policy_count > 0 || t->decision_count > 0 || lci_elastic_changes(&t->elastic);
        *longest = fmax(*longest, longest_of_replicas(&t->elastic));
        for (size_t k = 0; k < t->policy_count; k++)
            *longest = fmax(*longest, longest_of_policy(&t->policies[k]));
        for (size_t k = 0; k < t->decision_count; k++)
            *longest = fmax(*longest, t->decisions[k].timeout + t->decisions[k].sleep);
    }
    return found;
}
