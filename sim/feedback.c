/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can overload a model although its traffic equations do not: requests that make more of themselves when they are
 * late (retries, copies), replicas that come and go, and work that customers of closed classes hand over without
 * waiting for it, at a rate that only the simulation tells. Elsewhere queues that grow are load that is too much, and
 * the traffic equations say so.
 */
#include "experiment.h"
#include "model/elastic.h"
#include "model/policy.h"

#include <math.h>

static double set(double value)
{
    return isfinite(value) ? value : 0;
}

static double mean_of(const struct lc_dist *dist)
{
    return dist->family != NULL ? set(lc_dist_mean(dist)) : 0;
}

static double longest_of_replicas(const struct lc_elastic *e)
{
    const double scaling = fmax(fmax(e->period, e->cooldown), fmax(e->down_delay, mean_of(&e->keep_alive)));
    return fmax(fmax(scaling, mean_of(&e->start_up)), fmax(mean_of(&e->up), mean_of(&e->down)));
}

static double longest_of_policy(const struct lc_policy *p)
{
    const double retries = fmax(fmax(set(p->timeout), set(p->backoff)), set(p->cap));
    return fmax(fmax(retries, set(p->hedge_after)), fmax(set(p->breaker_window), set(p->breaker_open)));
}

static bool hands_over(const struct lc_activity *a)
{
    for (size_t i = 0; i < a->call_count; i++)
        if (a->calls[i].kind == LC_CALL_ASYNC)
            return true;
    return false;
}

static bool has_asynchronous_calls(const struct lc_model *model)
{
    for (size_t i = 0; i < model->entry_count; i++)
        for (int k = 0; k < LC_PHASES; k++)
            if (hands_over(&model->entries[i].phases[k]))
                return true;
    for (size_t i = 0; i < model->task_count; i++)
        for (size_t k = 0; k < model->tasks[i].activity_count; k++)
            if (hands_over(&model->tasks[i].activities[k]))
                return true;
    return false;
}

bool lci_feeds_back(const struct lc_model *model, double *longest)
{
    const bool asynchronous = has_asynchronous_calls(model);
    bool found = false;
    *longest = 0;
    for (size_t i = 0; i < model->task_count; i++) {
        const struct lc_task *t = &model->tasks[i];
        found |= asynchronous && lc_is_source(t) && t->scheduling != LC_OPEN;
        found |= t->policy_count > 0 || t->decision_count > 0 || lci_elastic_changes(&t->elastic);
        *longest = fmax(*longest, longest_of_replicas(&t->elastic));
        for (size_t k = 0; k < t->policy_count; k++)
            *longest = fmax(*longest, longest_of_policy(&t->policies[k]));
        for (size_t k = 0; k < t->decision_count; k++)
            *longest = fmax(*longest, t->decisions[k].timeout + t->decisions[k].sleep);
    }
    return found;
}
